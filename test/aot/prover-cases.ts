/*
 * Small functions, and what the plan says of each of their accesses: 0 kept, else the prover, + 256 when aligned, + 512
 * for each byte more that a check covers. Those that are kept are near misses.
 */

import assert from "node:assert/strict";
import { encodeModule, op, u, type Bytes } from "../support/wasm";
import { compile, type FrontEnd } from "./driver";
import { readPlan } from "./plan";

const get = (local: number): Bytes => op("local.get", local);
const set = (local: number): Bytes => op("local.set", local);
const tee = (local: number): Bytes => op("local.tee", local);
const i32 = (value: number): Bytes => op("i32.const", value | 0);
const add = op("i32.add");
const end = op("end");
const load = (offset = 0, name = "i32.load8_u"): Bytes => [op(name, offset, 0), op("drop")];
const store = (offset = 0, name = "i32.store"): Bytes => op(name, offset, 0);
const word = (offset = 0): Bytes => load(offset, "i32.load");
const use = (local: number, offset = 0): Bytes => [get(local), word(offset)];
const sum = (local: number, by: number): Bytes => [get(local), i32(by), add];
const step = (local: number, by: number): Bytes => [sum(local, by), set(local)];
const block = (...code: Bytes[]): Bytes => [op("block"), [0x40], code, end];
const loop = (...code: Bytes[]): Bytes => [op("loop"), [0x40], code, end];
/** Local I: where the record begins that parameter 0 is the number of, of 1 << `log2` bytes. */
const records = (log2: number): Bytes => [get(0), i32(log2), op("i32.shl"), set(I)];
/** Parameter 0 without its low `log2` bits. */
const multiple = (log2: number): Bytes => [get(0), i32(-1 << log2), op("i32.and")];
/** What no check is moved across. */
const fence = block();
const when = (condition: Bytes, ...code: Bytes[]): Bytes => [condition, op("if"), [0x40], code, end];
/** P6 does not look at a loop that may be left early. */
const leave = [get(1), op("i32.popcnt"), op("br_if", 1)];
const again = op("br_if", 0);

const I = 2;
const P = 3;
const N = 4;
/** Local I from `start`, tested at the end. */
const counted = (start: number, by: number, compare: string, bound: number, ...body: Bytes[]): Bytes => [
	[i32(start), set(I)],
	loop(body, sum(I, by), tee(I), i32(bound), op("i32." + compare), again),
];
/** As clang counts up to 0: local I from below 0, whether the sum is at least I in local 5. */
const upToZero = (start: number, by: number, ...body: Bytes[]): Bytes => [
	[i32(start), set(I)],
	loop(body, sum(I, by), tee(N), get(I), op("i32.ge_u"), set(5), get(N), set(I), get(5), again),
];
/** P from parameter 0; local I from parameter 1 until it is 0. */
const toZero = (by: number, ...body: Bytes[]): Bytes => [
	[get(0), set(P), get(1), set(I)],
	loop(body, sum(I, by), tee(I), again),
];
/**
 * Local I from 0; the body is run, and I stepped, while I and parameter 1 compare so; P is parameter 0. `before` is run
 * once more.
 */
const early = (compare: string, by: number, before: Bytes, ...body: Bytes[]): Bytes => [
	[get(0), set(P)],
	loop(before, when([get(I), get(1), op("i32." + compare)], body, step(I, by), op("br", 1))),
];
/** Local I from 0 by 4, tested before the step. */
const steppedBetween = (bound: number, condition: Bytes, ...body: Bytes[]): Bytes => [
	[i32(0), set(I)],
	loop(body, get(I), i32(bound), op("i32.lt_u"), set(5), step(I, 4), condition, again),
];
/** Where 400 bytes end at the end of memory. */
const EDGE = 65536 - 400;

/** Loops that differ from upToZero() in one instruction behind the sum. */
const COUNTED_OTHERWISE = (
	[
		["of another local", [tee(N), get(1), op("i32.ge_u"), set(5), get(N), set(I), get(5)]],
		["the other way round", [tee(N), get(I), op("i32.lt_u"), set(5), get(N), set(I), get(5)]],
		["by lt_u, not so", [tee(N), get(I), op("i32.lt_u"), set(5), get(N), set(I), get(5), op("i32.eqz")]],
		["by eq, not so", [tee(N), get(I), op("i32.eq"), set(5), get(N), set(I), get(5), op("i32.eqz")]],
		["not so", [tee(N), get(I), op("i32.ge_u"), set(5), get(N), set(I), get(5), op("i32.eqz")]],
		["another condition", [tee(N), get(I), op("i32.ge_u"), set(5), get(N), set(I), get(1)]],
		["another sum", [tee(N), get(I), op("i32.ge_u"), set(5), get(P), set(I), get(5)]],
		["the sum lost", [tee(N), get(I), op("i32.ge_u"), set(N), get(N), set(I), get(N)]],
		["of the sum", [tee(I), get(I), op("i32.ge_u"), set(5), get(I), set(I), get(5)]],
	] as [string, Bytes][]
).map(([name, code]): [string, Bytes, number[]] => [
	`P5: ge_u, up to 0: ${name}`,
	[i32(-400), set(I), loop(sum(I, 65536), word(), sum(I, 4), code, again)],
	[
		name === "by lt_u, not so"
			? 261
			: ["not so", "another condition", "the other way round"].includes(name)
				? 256
				: 0,
	],
]);

/** Parameters 0 and 1, locals 2 to 5, all i32; 64 KB, in pages of so many bytes if not of as many. */
export const CASES: [string, Bytes, number[], 1?][] = [
	["P3: below in the same access", [use(0, 8), use(0, 4), use(0, 8)], [0, 3, 3]],
	["P3: beyond", [use(0, 4), fence, use(0, 5)], [0, 0]],
	["P3: a sum above, as far as it goes", [use(0, 8), sum(0, 4), word(4), fence, sum(0, 4), word(5)], [0, 3, 0]],
	["P3: the wrap rule", [use(0, 8), sum(0, -4), word()], [0, 0]],
	["P3: the wrap rule, from a lower point", [sum(0, -16), tee(I), word(), fence, use(0), use(I, 16)], [0, 0, 0]],
	["P3: from a lower point that reaches", [sum(0, -16), tee(I), word(16), use(0), sum(0, -1), load()], [0, 3, 259]],
	["P3: copies", [get(0), set(I), use(0, 4), use(I)], [0, 3]],
	["P3: a copy of another value", [get(0), set(I), get(1), set(0), use(0), use(I)], [0, 0]],
	["P3: x = x + c", [use(0, 8), step(0, 4), use(0, 4), fence, use(0, 8)], [0, 3, 0]],
	["P3: joined", [use(0), fence, sum(0, 2), word(), get(0), load(5)], [0, 0, 259]],
	[
		"P3: not joined, only adjacent: the second may be at 0",
		[use(0), fence, sum(0, 4), word(), fence, use(0, 4)],
		[0, 0, 0],
	],
	[
		"P3: or of free bits",
		[get(0), i32(-8), op("i32.and"), tee(I), word(4), get(I), i32(4), op("i32.or"), word()],
		[256, 259],
	],
	["P3: or of others", [use(0, 4), get(0), i32(4), op("i32.or"), word()], [0, 0]],
	[
		"P3: the rest of a record",
		[records(2), get(I), load(), fence, get(I), load(3), fence, get(I), load(4)],
		[256, 259, 256],
	],
	[
		"P3: the rest of a record, of memories of any size",
		[records(2), get(I), load(), fence, get(I), load(3)],
		[256, 256],
		1,
	],
	[
		"P3: the record's first field",
		[records(3), sum(I, 12), load(), fence, sum(I, 8), word(), fence, sum(I, 4), word()],
		[256, 259, 256],
	],
	[
		"P3: a field below, and what lies behind it",
		[records(2), sum(I, 10), load(), fence, sum(I, 8), load(2), fence, sum(I, 8), load(4)],
		[256, 259, 256],
	],
	["P3: both arms", [get(1), op("if"), [0x40], use(0), op("else"), use(0), end, use(0)], [0, 0, 0]],
	["P3: before an if", [use(0), when(get(1), use(0)), use(0)], [0, 3, 3]],
	["P3: past a branch", [block(get(1), again, use(0)), use(0)], [0, 0]],
	["P3: no branch", [block(use(0)), use(0)], [0, 3]],
	["P3: br_table", [block(block(use(0), get(1), [0x0e, u(1), u(0), u(1)]), use(0)), use(0)], [0, 0, 0]],
	["P3: loop", [use(0), loop(use(0), get(1), again), use(0)], [0, 3, 3]],
	["P3: loop that assigns", [use(0), loop(use(0), get(1), set(0), get(1), again)], [0, 0]],
	[
		"P3: grow and calls",
		[use(0), i32(1), op("memory.grow", 0), op("drop"), use(0), get(1), get(1), op("call", 0), use(0)],
		[0, 3, 3],
	],
	["P3: a constant beyond the minimum", [i32(70000), word(4), i32(70004), word()], [256, 259]],
	[
		"W: a field below",
		[records(3), sum(I, 13), load(), sum(I, 8), word(2), sum(I, 8), word(6)],
		[256 + 512 * 4, 3, 4],
	],
	["W: a field below, of the record before", [records(2), sum(I, 9), load(), sum(I, 4), word(6)], [256, 0]],
	["W: higher offsets", [use(0), use(0, 4), use(0, 12), use(0, 8)], [12 * 512, 4, 4, 3]],
	["W: as many bytes as fit", [use(0), get(0), load(130), get(0), load(131), use(0, 4)], [127 * 512, 260, 256, 3]],
	["W: a sum above, that overlaps", [use(0), sum(0, 2), word(), sum(0, 5), load(1)], [3 * 512, 4, 260]],
	["W: the wrap rule, below", [use(0), sum(0, -4), word()], [0, 0]],
	[
		"W: sums above, up to 127 bytes more",
		[use(0), sum(0, 127), word(), sum(0, 128), word(), sum(0, 1024), word()],
		[127 * 512, 4, 0, 0],
	],
	["W: above a sum", [sum(0, -4), word(), use(0), use(0, 4)], [8 * 512, 4, 4]],
	["W: an offset that would carry", [use(0), sum(0, 3), load(-4 >>> 0)], [0, 256]],
	["W: a store is the last", [use(0), get(0), i32(1), store(4), use(0, 8)], [4 * 512, 4, 0]],
	["W: a store is not the first", [get(0), i32(1), store(), use(0, 4)], [0, 0]],
	["W: two roots", [use(0), use(1), use(0, 4), use(1, 4)], [4 * 512, 4 * 512, 4, 4]],
	[
		"W: arithmetic and globals between",
		[use(0), get(1), get(1), op("i32.mul"), op("memory.size", 0), add, op("drop"), use(0, 4)],
		[4 * 512, 4],
	],
	["W: div", [use(0), get(1), get(1), op("i32.div_u"), op("drop"), use(0, 4)], [0, 0]],
	["W: div of i64", [use(0), op("i64.const", 1), op("i64.const", 0), op("i64.rem_s"), op("drop"), use(0, 4)], [0, 0]],
	["W: trunc", [use(0), op("f32.const", 0), op("i32.trunc_f32_s"), op("drop"), use(0, 4)], [0, 0]],
	["W: trunc_sat", [use(0), op("f32.const", 0), op("i32.trunc_sat_f32_s"), op("drop"), use(0, 4)], [4 * 512, 4]],
	["W: grow", [use(0), i32(1), op("memory.grow", 0), op("drop"), use(0, 4)], [0, 0]],
	["W: fill", [use(0), i32(0), i32(0), i32(0), op("memory.fill", 0), use(0, 4)], [0, 0]],
	["W: call", [use(0), get(1), get(1), op("call", 0), use(0, 4)], [0, 0]],
	["W: if", [use(0), when(get(1), use(0, 4)), use(0, 4)], [0, 0, 0]],
	["W: br_if", [block(use(0), get(1), again, use(0, 4))], [0, 0]],
	["W: loop", [use(0), loop(use(0, 4), get(1), again)], [0, 0]],
	["W: in a loop", [loop(use(0), use(0, 4), get(1), again, use(0, 8))], [4 * 512, 4, 0]],
	["P2: less than", [when([get(0), i32(100), op("i32.lt_u")], use(0)), use(0)], [2, 0]],
	["P2: to the edge", [block(get(0), i32(65532), op("i32.gt_u"), again, use(0))], [2]],
	["P2: past the edge", [block(get(0), i32(65533), op("i32.gt_u"), again, use(0))], [0]],
	["P2: less than, signed", [when([get(0), i32(100), op("i32.lt_s")], use(0))], [0]],
	[
		"P2: not negative, and less than",
		[block(get(0), i32(0), op("i32.lt_s"), again, get(0), i32(100), op("i32.ge_s"), again, use(0))],
		[2],
	],
	["P2: the lesser of two", [get(0), i32(99), get(0), i32(99), op("i32.lt_u"), op("select"), word()], [2]],
	["P2: the greater of two", [get(0), i32(99), get(0), i32(99), op("i32.gt_u"), op("select"), word()], [0]],
	["P5: ne", counted(0, 4, "ne", 400, use(I, EDGE)), [261]],
	["P5: ne, one byte too far", counted(0, 4, "ne", 400, use(I, EDGE + 1)), [0]],
	["P5: ne, a stride that misses", counted(0, 4, "ne", 402, use(I), leave), [256]],
	["P5: ne, the other way", counted(400, 4, "ne", 0, use(I), leave), [256]],
	["P5: ne, no distance", counted(0, 4, "ne", 0, use(I), leave), [256]],
	["P5: ne, from below 0", counted(-400, 4, "ne", 0, sum(I, 65536), word()), [261]],
	[
		"P5: ne, no distance from one of the starts",
		[get(0), i32(12), op("i32.and"), set(I), loop(use(I), leave, sum(I, 4), tee(I), i32(12), op("i32.ne"), again)],
		[256],
	],
	["P5: ge_u, up to 0", upToZero(-400, 4, sum(I, 65536), word()), [261]],
	["P5: ge_u, up to 0, one byte too far", upToZero(-400, 4, sum(I, 65537), word()), [0]],
	["P5: ge_u, up to 0, a stride that misses", upToZero(-402, 4, sum(I, 65536), word()), [0]],
	["P5: ge_u, up to 0, from 0", upToZero(0, 4, use(I), leave), [256]],
	["P5: ge_u, down", upToZero(400, -4, use(I, EDGE - 4)), [261]],
	...COUNTED_OTHERWISE,
	["P5: stepped in between", steppedBetween(396, get(5), use(I, EDGE)), [261]],
	["P5: stepped in between, one step too far", steppedBetween(396, get(5), use(I, EDGE + 4)), [256]],
	[
		"P5: the condition stepped in between",
		[
			i32(0),
			set(I),
			loop(use(I, EDGE), step(I, 4), get(I), i32(400), op("i32.lt_u"), set(P), step(P, 4), get(P), again),
		],
		[256],
	],
	["P5: stepped in between, another condition", steppedBetween(396, get(P), use(I, EDGE)), [256]],
	["P5: down", counted(400, -4, "ne", 0, use(I, EDGE - 4)), [261]],
	["P5: down while it is not 0", [i32(99), set(I), loop(use(I), sum(I, -1), tee(I), again)], [5]],
	["P5: lt_u", counted(0, 1, "lt_u", 400, get(I), load(EDGE)), [261]],
	[
		"P5: lt_u, a sum that wraps",
		[i32(0), set(P), counted(0, 0x40000000, "lt_u", 0xc0000001, use(P), step(P, 4))],
		[256],
	],
	[
		"P5: lt_s, a sum that wraps",
		[i32(0), set(P), counted(0, 0x20000000, "lt_s", 0x70000000, use(P), step(P, 4))],
		[256],
	],
	["P5: le_u, always", [i32(0), set(P), counted(0, 1, "le_u", -1, use(P), step(P, 4))], [256]],
	["P5: ge_s", counted(100, -1, "ge_s", 0, use(I)), [5]],
	["P5: gt_s -1", counted(100, -1, "gt_s", -1, use(I)), [5]],
	["P5: ge_u, always", counted(100, -1, "ge_u", 0, use(I)), [0]],
	[
		"P5: from below 0 to a bound above",
		[i32(EDGE), set(P), counted(-4, 4, "lt_u", 396, use(P), leave, step(P, 4))],
		[261],
	],
	[
		"P5: from below 0, one turn more",
		[i32(EDGE), set(P), counted(-4, 4, "lt_u", 400, use(P), leave, step(P, 4))],
		[256],
	],
	["P5: the wrong way", counted(100, -1, "lt_u", 200, use(I), leave), [0]],
	["P5: another pointer", [i32(EDGE), set(P), counted(0, 1, "ne", 100, use(P), step(P, 4))], [261]],
	[
		"P5: another pointer, two steps a turn",
		[i32(EDGE), set(P), counted(0, 1, "ne", 100, use(P), step(P, 4), step(P, 4))],
		[0],
	],
	["P5: another pointer, of unknown start", [get(0), set(P), counted(0, 1, "ne", 4, use(P), leave, step(P, 4))], [0]],
	[
		"P5: another pointer, stepped at times",
		[i32(EDGE), set(P), counted(0, 1, "ne", 100, use(P), when(get(1), step(P, 4)))],
		[261],
	],
	[
		"P5: a bound in a local",
		[
			get(0),
			i32(255),
			op("i32.and"),
			set(N),
			i32(0),
			set(I),
			loop(use(I), sum(I, 1), tee(I), get(N), op("i32.lt_s"), again),
		],
		[5],
	],
	[
		"P5: a bound that changes",
		[i32(9), set(N), i32(0), set(I), loop(use(I), step(N, 1), sum(I, 1), tee(I), get(N), op("i32.lt_s"), again)],
		[0],
	],
	[
		"P5: a bound that is not known",
		[i32(0), set(I), loop(use(I), leave, sum(I, 1), tee(I), get(0), op("i32.lt_u"), again)],
		[0],
	],
	[
		"P5: early",
		[
			i32(0),
			set(I),
			block(loop(get(I), i32(400), op("i32.eq"), op("br_if", 1), use(I, EDGE), step(I, 4), op("br", 0))),
		],
		[261],
	],
	[
		"P5: early, before the test",
		[
			[i32(0), set(I), i32(0), set(P)],
			block(
				loop(use(P, EDGE), get(I), i32(100), op("i32.eq"), op("br_if", 1), step(P, 4), step(I, 1), op("br", 0)),
			),
		],
		[256],
	],
	[
		"P5: early, in an if",
		[i32(0), set(I), loop(when([get(I), i32(400), op("i32.lt_s")], use(I, EDGE), step(I, 4), op("br", 1)))],
		[261],
	],
	["P5: early exits", counted(0, 4, "ne", 400, use(I, EDGE), when(get(1), op("return"))), [261]],
	[
		"P5: a branch around the step",
		[
			[i32(0), set(I), i32(0), set(P)],
			loop(use(P), step(P, 4), get(1), again, sum(I, 1), tee(I), i32(100), op("i32.ne"), again),
		],
		[256],
	],
	[
		"P5: a branch around the test",
		[
			i32(0),
			set(I),
			block(loop(use(I), step(I, 4), get(1), again, get(I), i32(400), op("i32.eq"), op("br_if", 1), op("br", 0))),
		],
		[256],
	],
	[
		"P5: a branch besides the test's",
		[
			[i32(0), set(I), i32(0), set(P)],
			loop(use(P), step(P, 4), step(I, 1), get(1), again, get(I), i32(100), op("i32.ne"), again),
		],
		[256],
	],
	[
		"P5: a step in a block",
		[
			[i32(0), set(I), i32(0), set(P)],
			loop(use(P), step(P, 4), block(get(1), again, step(I, 1)), get(I), i32(100), op("i32.ne"), again),
		],
		[256],
	],
	[
		"P5: a test in a block",
		[
			i32(0),
			set(I),
			block(
				loop(
					use(I),
					step(I, 4),
					block(get(1), again, get(I), i32(400), op("i32.eq"), op("br_if", 2)),
					op("br", 0),
				),
			),
		],
		[256],
	],
	["P5: assigned otherwise", counted(0, 4, "ne", 400, use(I), when(get(1), get(0), set(I))), [0]],
	[
		"P5: assigned in an inner loop",
		[
			i32(0),
			set(I),
			loop(use(I), step(I, 4), loop(get(0), set(I), get(1), again), get(I), i32(400), op("i32.ne"), again),
		],
		[0],
	],
	[
		"P5: stepped in an inner loop",
		[i32(0), set(I), loop(use(I), loop(step(I, 4), get(1), again), get(I), i32(400), op("i32.ne"), again)],
		[0],
	],
	[
		"P5: loops in one another",
		[
			i32(0),
			set(P),
			loop(
				counted(0, 4, "ne", 40, [get(P), get(I), add, word(EDGE)]),
				sum(P, 40),
				tee(P),
				i32(400),
				op("i32.ne"),
				again,
			),
		],
		[261],
	],
	[
		"P5: a byte that wraps is no step",
		[i32(0), set(I), loop(get(I), load(), sum(I, 1), op("i32.extend8_s"), tee(I), i32(400), op("i32.ne"), again)],
		[256],
	],
	["P6: a pointer and a count", toZero(-1, use(P), step(P, 4)), [6, 0]],
	["P6: what W has widened", toZero(-1, use(P), use(P, 60), step(P, 4)), [6, 4, 60 * 512, 4]],
	["P6: two pointers", toZero(-1, use(0), get(P), i32(0), store(), step(P, 4), step(0, 1)), [6, 6, 0, 0]],
	["P6: a pointer to an end", [loop(use(0), sum(0, 4), tee(0), get(1), op("i32.ne"), again)], [6, 0]],
	["P6: of high offsets", toZero(-1, use(P, 100), step(P, 4)), [6, 0]],
	["P6: of high offsets, an early test", early("ne", 1, use(P, 100), step(P, 40)), [6, 0]],
	["P6: of high offsets, downwards", toZero(-1, use(P, 100), step(P, -40)), [6, 0]],
	["P6: less than", [loop(use(0), sum(0, 4), tee(0), get(1), op("i32.lt_u"), again)], [6, 0]],
	["P6: at most", [loop(use(0), sum(0, 4), tee(0), get(1), op("i32.le_u"), again)], [0]],
	["P6: a step of 12", [loop(use(0), sum(0, 12), tee(0), get(1), op("i32.ne"), again)], [6, 0]],
	["P6: a large step", toZero(-1, use(P), step(P, 512)), [0]],
	["P6: an early test", early("ne", 1, use(P), step(P, 4)), [6, 0]],
	["P6: an early test, less than", early("lt_s", 4, [get(0), get(I), add, word()]), [6, 0]],
	[
		"P6: an early test, of the access's address",
		[loop(use(0), when([get(0), get(1), op("i32.ne")], step(0, 4), op("br", 1)))],
		[6, 0],
	],
	["P6: another step than the test's", toZero(-2, use(P), step(P, 12)), [6, 0]],
	["P6: another step, no multiple", toZero(-8, use(P), step(P, 12)), [6, 0]],
	[
		"P6: pointers of two steps",
		[
			get(0),
			i32(255),
			op("i32.and"),
			set(P),
			get(1),
			set(I),
			loop(use(0), get(P), load(), step(0, 4), step(P, 1), sum(I, -1), tee(I), again),
		],
		[6, 262, 0, 256],
	],
	["P6: downwards", toZero(-1, use(P), step(P, -4)), [6, 0]],
	["P6: points below", toZero(-1, sum(P, -8), word(), fence, use(P, 60), step(P, 4)), [6, 6, 0, 0]],
	["P6: the step first", toZero(-1, step(P, 4), use(P), sum(P, -4), load()), [6, 262, 0, 256]],
	[
		"P6: sums below",
		[
			get(0),
			i32(-80),
			add,
			set(N),
			loop(use(N), get(N), get(0), add, load(), step(0, 4), sum(1, -1), tee(1), again),
		],
		[6, 262, 0, 256],
	],
	[
		"P6: a sum of a value below",
		[
			get(0),
			i32(-80),
			add,
			set(N),
			loop(get(N), get(I), add, word(), step(0, 4), step(I, 1), sum(1, -1), tee(1), again),
		],
		[6, 0],
	],
	[
		"P6: copies below",
		[get(0), i32(-80), add, set(N), toZero(-1, use(N), get(N), get(I), add, load(4)), use(0)],
		[6, 262, 0, 256, 0],
	],
	["P6: an index", [loop(get(0), get(I), add, word(), sum(I, 4), tee(I), get(1), op("i32.ne"), again)], [6, 0]],
	[
		"P6: an index of an index",
		[loop(get(I), get(P), add, word(), step(P, 4), sum(I, 4), tee(I), get(1), op("i32.ne"), again)],
		[256],
	],
	["P6: a pointer that stays", toZero(-1, use(P)), [6, 0]],
	["P6: a value from elsewhere", toZero(-1, get(P), op("i32.load", 0, 0), word(), step(P, 4)), [6, 0, 0, 0]],
	["P6: a pointer assigned otherwise", toZero(-1, use(P), get(P), op("i32.load", 0, 0), set(P)), [0, 3]],
	["P6: a bound that changes", [loop(use(0), step(1, 1), sum(0, 4), tee(0), get(1), op("i32.ne"), again)], [0]],
	["P6: a far offset", toZero(-1, use(P, 32768), step(P, 4)), [0]],
	["P6: a call", toZero(-1, use(P), step(P, 4), get(P), get(P), op("call", 0)), [0]],
	["P6: it may be left early", [block(toZero(-1, use(P), leave, step(P, 4)))], [0]],
	[
		"P6: it may be left early, by br_table",
		[block(toZero(-1, use(P), block(get(1), [0x0e, u(1), u(0), u(2), u(0)]), step(P, 4)))],
		[0],
	],
	["P6: an outer loop", toZero(-1, use(P), step(P, 4), loop(get(0), again)), [0]],
	["P6: two ways round", toZero(-1, use(P), step(P, 4), get(0), again), [0]],
	[
		"P6: turns known, and not too many",
		[get(0), set(P), counted(0, 1, "ne", 99, sum(P, -396), word(), step(P, 4))],
		[6, 0],
	],
	["P6: turns known, and too many", [get(0), set(P), counted(0, 1, "ne", 0xc0000001, use(P), step(P, 4))], [6, 0]],
	[
		"P6: turns known, and a long step",
		[sum(0, -9700), set(P), counted(0, 1, "ne", 99, use(P), step(P, 100))],
		[6, 0],
	],
	["P6: turns known, downwards", [sum(0, 4 * 99), set(P), counted(0, 1, "ne", 99, use(P), step(P, -4))], [6, 0]],
	[
		"P6: for the room in memory, turns known, and too many",
		[get(0), set(P), counted(0, 1, "ne", 20000, use(P), step(P, 4))],
		[6, 0],
	],
	["P6: few turns", [get(0), set(P), counted(0, 1, "ne", 9, use(P), step(P, 4))], [0]],
	["aligned: a step of 2", [block(loop(use(I), leave, sum(I, 2), tee(I), get(1), op("i32.ne"), again))], [0]],
	["aligned: sub", [multiple(3), get(1), op("i32.sub"), word()], [0]],
	["aligned: mul", [multiple(1), get(1), op("i32.mul"), word()], [0]],
	["aligned: and", [multiple(1), get(1), i32(-2), op("i32.and"), op("i32.and"), word()], [0]],
	["aligned: or", [multiple(3), get(1), op("i32.or"), word()], [0]],
	["aligned: xor", [multiple(3), get(1), op("i32.xor"), word()], [0]],
	["aligned: shl", [get(0), i32(1), op("i32.shl"), word()], [0]],
	["aligned: shl by a variable", [multiple(1), get(1), op("i32.shl"), word()], [0]],
	["aligned: shr_u", [multiple(3), i32(2), op("i32.shr_u"), word()], [0]],
	["aligned: select", [multiple(3), get(1), get(1), op("select"), word()], [0]],
	["aligned: f64 by 8", counted(0, 8, "ne", 800, get(I), load(16, "f64.load")), [261]],
	["aligned: f64 by 4", counted(0, 4, "ne", 800, get(I), load(16, "f64.load")), [5]],
	["aligned: the offset counts", counted(0, 8, "ne", 800, get(I), load(4, "i64.load")), [5]],
];

/** The plan of a module with that function. */
export function planOf(frontEnd: FrontEnd, code: Bytes, page?: 1): Uint8Array {
	const module = encodeModule({
		types: [{ params: ["i32", "i32"], results: [] }],
		memories: [page ? { minimum: 65536, bytes: true } : { minimum: 1 }],
		functions: [{ type: 0, locals: [u(1), u(4), 0x7f], code }],
	});
	const outcome = compile(frontEnd, module);
	assert.ok(outcome.plan, `code ${outcome.code} at ${outcome.offset}`);
	return outcome.plan;
}

export function checksOf(frontEnd: FrontEnd, code: Bytes, page?: 1): number[] {
	return readPlan(planOf(frontEnd, code, page))
		.filter(({ op }) => op >= 0x28 && op <= 0x3e)
		.map(({ a }) => a);
}
