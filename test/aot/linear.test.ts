/*
 * The front end's work is linear in the size of a module, whatever its shape: accesses to its memory, counted in
 * aot.wasm with counters added, at most double (with a margin) when a module doubles. Its memory does not grow but for
 * the input window.
 */

import assert from "node:assert/strict";
import { compile, compileFrontEnd, instantiate, raiseLimits, type FrontEnd } from "./driver";
import { encodeModule, op, s, section, u, type Bytes, type FunctionBody } from "../support/wasm";

interface Counting extends FrontEnd {
	steps(): number;
}

/** Adds counters to the accessors. */
function count(name: string, text: string): string {
	if (name === "base/memory.ts")
		return (
			text
				.replace(/^(export function (?:load|store)\d+\(.*\{)$/gm, "$1\n\tcounted++;")
				.replace(/^(export function (?:copy|fill)\(.*\{)$/gm, "$1\n\tcounted += length >> 2;") +
			"\nlet counted: i32 = 0;\nexport function countedSteps(): i32 {\n\treturn counted;\n}\n"
		);
	if (name === "front-end.ts")
		return (
			text +
			'\nimport { countedSteps } from "./base/memory";\nexport function steps(): i32 {\n\treturn countedSteps();\n}\n'
		);
	return text;
}

const repeat = (times: number, code: Bytes): Bytes => Array.from({ length: times }, () => code);
const moduleOf = (functions: FunctionBody[]): Uint8Array =>
	encodeModule({
		types: [
			{ params: [], results: [] },
			{ params: ["i32"], results: ["i32"] },
			{ params: ["i32", "i32", "i32", "i32"], results: ["i32", "i32", "i32", "i32"] },
		],
		memories: [{ minimum: 1 }],
		functions,
	});
const body = (code: Bytes, locals: Bytes = [u(1), u(200), 0x7f]): Uint8Array => moduleOf([{ type: 0, locals, code }]);
const set = (local: number): Bytes => [op("i32.const", local), op("local.set", local)];
const block = (kind: string, code: Bytes): Bytes => [op(kind), 0x40, code, op("end")];
const nest = (times: number, kind: string, inner: Bytes): Bytes => {
	const head = kind === "if" ? [op("i32.const", 1), op("if"), 0x40] : [op(kind), 0x40];
	return [repeat(times, head), inner, repeat(times, op("end"))];
};

const SHAPES: Record<string, (n: number) => Uint8Array> = {
	"straight code": (n) =>
		body(repeat(n, [op("local.get", 0), op("i32.const", 7), op("i32.add"), op("local.set", 1)])),
	"loads and stores": (n) =>
		body(repeat(n, [op("local.get", 0), op("local.get", 1), op("i32.load", 4, 2), op("i32.store", 8, 2)])),
	"blocks in one another": (n) => body(nest(n, "block", op("br", 0))),
	"loops in one another": (n) => body(nest(n, "loop", [op("i32.const", 0), op("br_if", 0)])),
	"ifs in one another": (n) => body(nest(n, "if", op("nop"))),
	"loops in one another around many locals": (n) =>
		body(
			nest(
				n,
				"loop",
				Array.from({ length: 200 }, (_, i) => set(i)),
			),
		),
	"loops one after the other with many locals known": (n) =>
		body([
			Array.from({ length: 128 }, (_, i) => set(i)),
			repeat(n, block("loop", [op("local.get", 5), op("local.set", 6)])),
		]),
	"a loop with many locals, many loops in it": (n) =>
		body(
			block("loop", [
				Array.from({ length: 200 }, (_, i) => set(i)),
				repeat(n, block("loop", [op("local.get", 5), op("local.set", 6)])),
			]),
		),
	"branches out of a deep nest": (n) => body(nest(500, "block", repeat(n, [op("i32.const", 0), op("br_if", 499)]))),
	"a long br_table": (n) =>
		body([
			op("block"),
			0x40,
			op("block"),
			0x40,
			op("i32.const", 0),
			[0x0e, u(n), Array.from({ length: n + 1 }, (_, i) => i & 1)],
			op("end"),
			op("end"),
		]),
	"br_tables to labels of many values": (n) =>
		body(
			repeat(n, [
				repeat(4, op("i32.const", 0)),
				op("block"),
				s(2),
				op("block"),
				s(2),
				op("i32.const", 0),
				[0x0e, 15, Array.from({ length: 16 }, (_, i) => i & 1)],
				op("end"),
				op("end"),
				repeat(4, op("drop")),
			]),
		),
	"blocks that forget": (n) =>
		body(repeat(n, [block("block", [set(3), op("i32.const", 0), op("br_if", 0)]), set(3)])),
	"dead code": (n) =>
		body([op("unreachable"), repeat(n, [op("i32.add"), op("drop"), op("block"), 0x40, op("nop"), op("end")])]),
	"runs of locals": (n) =>
		body(repeat(n, [op("local.get", 900), op("drop")]), [
			u(1000),
			Array.from({ length: 1000 }, (_, i) => [1, i & 1 ? 0x7e : 0x7f]),
		]),
	"many functions with 50,000 locals": (n) =>
		moduleOf(Array.from({ length: n }, () => ({ type: 0, locals: [u(1), u(50000), 0x7f], code: op("nop") }))),
	"many functions that know 128 locals": (n) =>
		moduleOf(
			Array.from({ length: n / 40 }, () => ({
				type: 0,
				locals: [u(1), u(128), 0x7f],
				code: Array.from({ length: 128 }, (_, i) => set(i)),
			})),
		),
	"a custom section": (n) =>
		Uint8Array.from([
			0,
			0x61,
			0x73,
			0x6d,
			1,
			0,
			0,
			0,
			...(section(0, [1, 0x61, repeat(n, [7])]).flat(9) as number[]),
		]),
};

describe("front end", function () {
	this.timeout(0);
	let frontEnd: Counting;

	before(async () => {
		frontEnd = (await instantiate(await compileFrontEnd([], count))) as Counting;
		raiseLimits(frontEnd);
		frontEnd.setLimit(12, 20000);
		frontEnd.configure(0);
	});

	function steps(module: Uint8Array, chunk: number): number {
		const before = frontEnd.steps();
		const outcome = compile(frontEnd, module, chunk);
		assert.ok(outcome.plan, `code ${outcome.code} at ${outcome.offset}, ${outcome.details.join(" ")}`);
		return frontEnd.steps() - before;
	}

	for (const [name, shape] of Object.entries(SHAPES))
		it(`takes linear time: ${name}`, () => {
			const [small, large] = [shape(2000), shape(4000)];
			for (const chunk of [0, 5]) {
				const growth = (steps(large, chunk) - 1000) / steps(small, chunk);
				const size = large.length / small.length;
				assert.ok(
					growth < size * 1.1,
					`${growth.toFixed(2)} times the steps for ${size.toFixed(2)} times the bytes`,
				);
			}
			assert.ok(
				steps(large, 0) / large.length < 400,
				`${(steps(large, 0) / large.length).toFixed(0)} steps a byte`,
			);
		});
});
