/*
 * Calls of small straight-line functions, whose bodies take the calls' places: the same results, traps and effects as
 * on Node, wherever the functions lie in the module, and the same places of traps.
 */

import assert from "node:assert/strict";
import { waitXs, writeModule } from "../cli/support";
import { runSource } from "../host/support";
import { boardsToTest } from "../support/boards";
import {
	blockType,
	encodeModule,
	op,
	type Bytes,
	type FunctionType,
	type ModuleParts,
	type ValueType,
} from "../support/wasm";

interface Body extends FunctionType {
	locals?: ValueType[];
	/** `call` is the call of a leaf. */
	code: (call: (leaf: string) => Bytes) => Bytes;
}

const get = (index: number): Bytes => op("local.get", index);
const set = (index: number): Bytes => op("local.set", index);
const i32 = (value: number): Bytes => op("i32.const", value);
const i64 = (value: number): Bytes => op("i64.const", value);

function body(types: string, code: Bytes | Body["code"], locals: ValueType[] = []): Body {
	const [params = [], results = []] = types.split(">").map((list) => list.split(" ").filter(Boolean) as ValueType[]);
	return { params, results, locals, code: typeof code === "function" ? code : () => code };
}

const leaves: Record<string, Body> = {
	field: body("i32 > i32", [get(0), op("i32.load", 8)]),
	setField: body("i32 i32 >", [get(0), get(1), op("i32.store", 8)]),
	bump: body("i32 >", [get(0), get(0), op("i32.load", 8), i32(1), op("i32.add"), op("i32.store", 8)]),
	/* Stores, then gives what it got. */
	clobber: body("i32 i32 > i32", [get(0), i32(77), op("i32.store", 8), get(1)]),
	/* Effects, then perhaps a trap. */
	storeTwice: body("i32 i32 >", [i32(16), get(0), op("i32.store"), get(1), get(0), op("i32.store", 4)]),
	greatest: body("i32 i32 > i32", [get(0), get(1), get(0), get(1), op("i32.gt_s"), op("select")]),
	rotate: body("i32 > i32", [get(0), i32(13), op("i32.rotl")]),
	digit: body("i32 > i32", [get(0), i32(48), op("i32.sub"), i32(10), op("i32.lt_u")]),
	notDigit: body("i32 > i32", [get(0), i32(48), op("i32.sub"), i32(10), op("i32.lt_u"), op("i32.eqz")]),
	same: body("i32 > i32", get(0)),
	second: body("i32 i32 i32 > i32", get(1)),
	constant: body("> i32", i32(42)),
	wide: body("> i64", i64(0x1234567890)),
	nothing: body("i32 f32 i64 >", []),
	swap: body("i32 i64 > i64 i32", [get(1), get(0)]),
	double: body("i32 > i32 i32 i32", [get(0), get(0), get(0), i32(1), op("i32.add")]),
	product: body("i32 i32 > i32", [
		get(0),
		op("i64.extend_i32_s"),
		get(1),
		op("i64.extend_i32_s"),
		op("i64.mul"),
		i64(16),
		op("i64.shr_s"),
		op("i32.wrap_i64"),
	]),
	sum64: body("i64 i64 > i64", [get(0), get(1), op("i64.add")]),
	twice64: body("i64 > i64", [get(0), get(0), op("i64.add")]),
	greatest64: body("i64 i64 > i64", [get(0), get(1), get(0), get(1), op("i64.gt_s"), op("select")]),
	square: body("f32 > f32", [get(0), get(0), op("f32.mul")]),
	blend: body("f64 f64 f64 > f64", [get(0), get(1), get(0), op("f64.sub"), get(2), op("f64.mul"), op("f64.add")]),
	bits: body("f32 > i32", [get(0), op("i32.reinterpret_f32")]),
	negative: body("f64 > f64", [get(0), op("f64.neg")]),
	/* Sets its parameter, and a local. */
	magnitude: body(
		"i32 > i32",
		[get(0), i32(31), op("i32.shr_s"), op("local.tee", 1), get(0), op("i32.xor"), get(1), op("i32.sub")],
		["i32"],
	),
	step: body("i32 > i32", [
		get(0),
		i32(3),
		op("i32.mul"),
		set(0),
		get(0),
		get(0),
		i32(1),
		op("i32.add"),
		op("i32.mul"),
	]),
	untouched: body("i32 > i64 i32", [get(1), get(0), op("i64.extend_i32_u"), op("i64.add"), get(2)], ["i64", "i32"]),
	returns: body("i32 > i32", [i32(5), get(0), i32(9), op("i32.xor"), op("return")]),
	counter: body("i32 > i32", [op("global.get", 0), get(0), op("i32.add"), op("global.set", 0), op("global.get", 0)]),
	eight: body("i32 i32 i32 i32 i32 i32 i32 i32 > i32", [get(7), get(0), op("i32.sub"), get(3), op("i32.xor")]),
	quotient: body("i32 i32 > i32", [get(0), get(1), op("i32.div_u")]),
	truncate: body("f32 > i32", [get(0), op("i32.trunc_f32_s")]),
	isNull: body("externref > i32", [get(0), op("ref.is_null")]),
	pages: body("> i32", op("memory.size", [0])),
};

/** n times over: local 1 counts, locals from 2 on are the body's. */
const loop = (...code: Bytes[]): Bytes => [
	op("loop", blockType()),
	code,
	get(1),
	i32(1),
	op("i32.sub"),
	op("local.tee", 1),
	op("br_if", 0),
	op("end"),
];

const callers: Record<string, Body> = {
	/* Plain uses, in a loop, so that all bodies fit. */
	fields: body(
		"i32 i32 > i32",
		(call) => [
			loop(
				get(0),
				call("bump"),
				get(0),
				get(0),
				call("field"),
				call("greatest"),
				set(2),
				get(0),
				get(2),
				call("setField"),
			),
			get(2),
		],
		["i32"],
	),
	outside: body("i32 i32 > i32", (call) => [get(0), call("rotate"), call("same"), get(1), call("greatest")]),
	constants: body(
		"i32 i32 > i32",
		(call) => [
			loop(
				i32(-7),
				i32(12),
				call("greatest"),
				get(2),
				op("i32.add"),
				i32(-9),
				call("magnitude"),
				op("i32.add"),
				call("constant"),
				op("i32.xor"),
				set(2),
			),
			get(2),
		],
		["i32"],
	),
	/* What an argument is does not change with the local it came of, nor does a result. */
	before: body("i32 i32 > i32", (call) => [
		loop(get(0), get(0), i32(5), op("i32.add"), set(0), call("rotate"), get(0), op("i32.xor"), set(0)),
		get(0),
	]),
	after: body("i32 i32 > i32", (call) => [
		loop(get(0), call("same"), get(0), i32(3), op("i32.mul"), set(0), get(0), op("i32.sub"), set(0)),
		get(0),
	]),
	self: body("i32 i32 > i32", (call) => [
		loop(
			get(0),
			get(0),
			call("greatest"),
			set(0),
			get(0),
			get(0),
			call("rotate"),
			op("local.tee", 0),
			op("i32.add"),
			set(0),
		),
		get(0),
	]),
	several: body("i32 i32 > i32", (call) => [
		loop(get(0), call("double"), set(0), get(0), i32(9), set(0), op("i32.mul"), op("i32.add"), set(0)),
		get(0),
	]),
	swapped: body(
		"i32 i32 > i64",
		(call) => [loop(get(0), get(2), call("swap"), set(0), i64(3), op("i64.add"), set(2)), get(2)],
		["i64"],
	),
	/* A load is done before the body stores. */
	loads: body(
		"i32 i32 > i32",
		(call) => [
			loop(
				[get(0), call("field"), get(0), i32(3), call("setField"), set(2)],
				[get(0), get(0), op("i32.load", 8), call("clobber"), get(2), op("i32.add"), set(2)],
			),
			get(2),
		],
		["i32"],
	),
	/* A condition that waits. */
	conditions: body(
		"i32 i32 > i32",
		(call) => [
			loop(
				get(0),
				call("digit"),
				op("if", blockType()),
				get(2),
				i32(1),
				op("i32.add"),
				set(2),
				op("end"),
				op("block", blockType()),
				get(0),
				call("notDigit"),
				op("br_if", 0),
				get(2),
				i32(16),
				op("i32.add"),
				set(2),
				op("end"),
				i32(3),
				i32(4),
				get(0),
				call("digit"),
				op("select"),
				get(2),
				op("i32.add"),
				set(2),
				get(0),
				call("digit"),
				op("i32.eqz"),
				get(2),
				op("i32.add"),
				set(2),
				get(0),
				i32(1),
				op("i32.add"),
				set(0),
			),
			get(2),
		],
		["i32"],
	),
	/* Many operands at once, of all kinds. */
	pressure: body("i32 i32 > i32", (call) => [
		loop(
			Array.from({ length: 14 }, (_, k) => [get(0), i32(k), op("i32.mul"), call("rotate")]),
			get(0),
			get(1),
			call("greatest"),
			get(0),
			get(0),
			get(0),
			i32(7),
			op("i32.xor"),
			call("second"),
			op("i32.sub"),
			get(0),
			i32(1),
			op("i32.shl"),
			call("magnitude"),
			Array.from({ length: 15 }, () => op("i32.add")),
			set(0),
		),
		get(0),
	]),
	pressure64: body(
		"i32 i32 > i64",
		(call) => [
			loop(
				Array.from({ length: 8 }, (_, k) => [get(2), i64(k + 1), op("i64.mul"), call("twice64")]),
				get(2),
				get(0),
				op("i64.extend_i32_s"),
				call("greatest64"),
				get(0),
				i32(99),
				call("product"),
				op("i64.extend_i32_s"),
				call("sum64"),
				Array.from({ length: 8 }, () => op("i64.sub")),
				set(2),
			),
			get(2),
		],
		["i64"],
	),
	pressure32: body(
		"i32 i32 > i32",
		(call) => [
			loop(
				Array.from({ length: 18 }, (_, k) => [get(2), op("f32.const", k / 2), op("f32.sub"), call("square")]),
				Array.from({ length: 17 }, () => op("f32.add")),
				op("f32.const", 1e-3),
				op("f32.mul"),
				set(2),
			),
			get(2),
			call("bits"),
		],
		["f32"],
	),
	/* i64 only in the body. */
	hidden: body("i32 i32 > i32", (call) => [loop(get(0), i32(0x18000), call("product"), set(0)), get(0)]),
	floats: body(
		"i32 i32 > i64",
		(call) => [
			loop(
				get(2),
				get(1),
				op("f64.convert_i32_s"),
				op("f64.const", 0.25),
				call("blend"),
				call("negative"),
				set(2),
			),
			get(2),
			op("i64.reinterpret_f64"),
		],
		["f64"],
	),
	locals: body(
		"i32 i32 > i32",
		(call) => [
			loop(
				[get(0), call("untouched"), set(2), op("i32.wrap_i64"), get(2), op("i32.add"), set(0)],
				[get(0), call("step"), get(0), call("magnitude"), op("i32.add"), set(0)],
			),
			get(0),
		],
		["i32"],
	),
	returned: body("i32 i32 > i32", (call) => [loop(get(0), call("returns"), set(0)), get(0)]),
	globals: body("i32 i32 > i32", (call) => [
		loop(op("global.get", 0), get(0), call("counter"), op("i32.sub"), get(0), op("i32.add"), set(0)),
		get(0),
	]),
	unused: body("i32 i32 > i32", (call) => [
		loop(
			get(0),
			op("f32.const", 2),
			get(0),
			op("i64.extend_i32_s"),
			call("nothing"),
			get(0),
			i32(1),
			op("i32.add"),
			get(0),
			get(1),
			call("second"),
			set(0),
		),
		get(0),
	]),
	eights: body("i32 i32 > i32", (call) => [
		loop(
			Array.from({ length: 8 }, (_, k) => [get(0), i32(k * k), op("i32.add")]),
			call("eight"),
			set(0),
		),
		get(0),
	]),
	references: body("i32 i32 > i32", (call) => [
		loop(op("ref.null", 0x6f), call("isNull"), get(0), op("i32.add"), set(0)),
		get(0),
	]),
	sizes: body("i32 i32 > i32", (call) => [
		loop(get(0), call("pages"), op("i32.add"), i32(1), op("memory.grow", [0]), op("drop"), set(0)),
		get(0),
	]),
	dropped: body(
		"i32 i32 > i64",
		(call) => [loop(get(0), call("constant"), op("drop"), call("digit"), op("drop"), call("wide"), set(2)), get(2)],
		["i64"],
	),
	/* Traps. */
	divides: body(
		"i32 i32 > i32",
		(call) => [
			loop(i32(1000), get(0), i32(1), op("i32.sub"), op("local.tee", 0), call("quotient"), set(2)),
			get(2),
		],
		["i32"],
	),
	truncates: body(
		"i32 i32 > i32",
		(call) => [
			loop(get(0), op("f32.convert_i32_s"), op("f32.const", 1e6), op("f32.mul"), call("truncate"), set(2)),
			get(2),
		],
		["i32"],
	),
	stores: body("i32 i32 > i32", (call) => [
		loop(get(1), get(0), call("storeTwice"), get(0), i32(30000), op("i32.add"), set(0)),
		get(1),
	]),
};

/** NaNs, whose bits the specification leaves open, and the board does not. */
const nans: Record<string, Body> = {
	nans: body(
		"i32 i32 > i32",
		(call) => [
			loop(get(2), get(2), op("f32.div"), call("square"), op("local.tee", 2), call("bits"), set(0)),
			get(0),
		],
		["f32"],
	),
	negated: body(
		"i32 i32 > i64",
		(call) => [
			loop(
				op("f64.const", 0),
				op("f64.const", 0),
				op("f64.div"),
				call("negative"),
				op("i64.reinterpret_f64"),
				set(2),
			),
			get(2),
		],
		["i64"],
	),
};

const GUARD: Body = body("> i32", [i32(16), op("i32.load")]);

/** A caller with the leaves that it calls, before or behind it. */
function build(name: string, leavesFirst: boolean): { parts: ModuleParts; indexOf: (name: string) => number } {
	const used = new Set<string>();
	const caller = callers[name] ?? nans[name]!;
	caller.code((leaf) => {
		used.add(leaf);
		return [];
	});
	const names = leavesFirst ? [...used, name, "stored"] : [name, "stored", ...used];
	const indexOf = (function_: string): number => names.indexOf(function_);
	const bodies = names.map((each) => leaves[each] ?? (each === "stored" ? GUARD : caller));
	return {
		indexOf,
		parts: {
			types: bodies.map(({ params, results }) => ({ params, results })),
			functions: bodies.map(({ code, locals }, type) => ({
				type,
				locals: locals ?? [],
				code: code((leaf) => op("call", indexOf(leaf))),
				...(used.has(names[type]!) ? {} : { export: names[type]! }),
			})),
			globals: [{ type: "i32", mutable: true, init: i32(0) }],
			memories: [{ minimum: 1, maximum: 3 }],
		},
	};
}

function bothWays(some: Record<string, Body>): Record<string, ModuleParts> {
	const names = Object.keys(some);
	return Object.fromEntries(
		names.flatMap((name) =>
			[true, false].map((first) => [`${name}_${first ? "before" : "behind"}`, build(name, first).parts]),
		),
	);
}

const NUMBERS = [
	[0, 1],
	[48, 12],
	[5, 7],
	[-1, 3],
	[65520, 4],
	[65532, 2],
	[4, 9],
	[2147483647, 2],
	[-2147483648, 5],
	[1000000, 3],
];

/** Calls everything with all kinds of numbers. */
const CALLS = `
	const message = (error) => /memory|bounds/.test(error.message) ? "memory" : /zero/.test(error.message) ? "zero" : /overflow|unrepresentable|conversion/.test(error.message) ? "range" : error.message;
	const attempt = (callee) => { try { return String(callee()); } catch (error) { return message(error); } };
	for (const which in modules) {
		const { exports } = new WebAssembly.Instance(new WebAssembly.Module(modules[which], /behind/.test(which) ? { optimize: true } : undefined));
		for (const name in exports) {
			if (name === "stored") continue;
			for (const [x, n] of ${JSON.stringify(NUMBERS)})
				console.log(name, x, n, attempt(() => exports[name](x, n)), exports.stored());
		}
	}
`;

async function onBoard(board: string, modules: Record<string, ModuleParts>, source: string): Promise<string> {
	const buffers = Object.entries(modules).map(
		([name, parts]) => `${name}: new Uint8Array([${encodeModule(parts).join()}]).buffer`,
	);
	const reply = await runSource(board, `const modules = { ${buffers.join()} };\n${source}`);
	assert.equal(reply.status, 0, reply.stderr + reply.failure);
	return reply.stdout;
}

function onNode(modules: Record<string, ModuleParts>, source: string): string {
	const lines: string[] = [];
	const run = new Function("console", "modules", source) as (
		console: unknown,
		modules: Record<string, Uint8Array>,
	) => void;
	run(
		{ log: (...words: unknown[]) => lines.push(words.join(" ")) },
		Object.fromEntries(Object.entries(modules).map(([name, parts]) => [name, encodeModule(parts)])),
	);
	return `${lines.join("\n")}\n`;
}

describe("calls of small functions", function () {
	this.timeout(0);

	for (const board of boardsToTest()) {
		it(`do what they do on Node, on ${board}`, async () => {
			const modules = bothWays(callers);
			assert.deepEqual((await onBoard(board, modules, CALLS)).split("\n"), onNode(modules, CALLS).split("\n"));
			const printed = (await onBoard(board, bothWays(nans), CALLS)).trimEnd().split("\n");
			assert.equal(printed.length, 4 * NUMBERS.length);
			for (const line of printed) assert.match(line, /^(nans .* 2143289344|negated .* -2251799813685248) 0$/);
		});

		it(`are inlined in loops, and trap where they did, on ${board}`, async () => {
			for (const leavesFirst of [true, false]) {
				const options = leavesFirst ? [] : ["--optimize"];
				const pathOf = (name: string): string =>
					writeModule(`${name}-${leavesFirst}.wasm`, encodeModule(build(name, leavesFirst).parts));
				for (const name of ["conditions", "self", "divides"]) {
					const { stdout } = waitXs(
						"inspect",
						pathOf(name),
						"--disassemble",
						"--function",
						name,
						"--board",
						board,
						...options,
					);
					const calls = stdout.split("\n").filter((line) => /^0x[\da-f]+ +call /.test(line));
					assert.ok(calls.length && calls.every((line) => line.endsWith("; inlined")), `${name}: ${stdout}`);
				}
				const { parts, indexOf } = build("stores", leavesFirst);
				const path = pathOf("stores");
				const { run } = JSON.parse(
					waitXs("run", path, "--board", board, "--json", ...options, "--invoke", "stores", "65500", "2")
						.stdout,
				) as {
					run: { trap: { kind: string; functionIndex: number; byteOffset: number; wasmStack: string[] } };
				};
				const bytes = encodeModule(parts);
				assert.equal(run.trap.kind, "memory");
				assert.equal(run.trap.functionIndex, indexOf("storeTwice"));
				assert.deepEqual(
					[...bytes.subarray(run.trap.byteOffset, run.trap.byteOffset + 3)],
					op("i32.store", 4).flat(),
				);
				const places = run.trap.wasmStack.map((line) => /wasm-function\[(\d+)\]:0x([\da-f]+)/.exec(line)!);
				assert.deepEqual(
					places.map((place) => Number(place[1])),
					[indexOf("storeTwice"), indexOf("stores")],
				);
				const call = parseInt(places[1]![2]!, 16);
				assert.deepEqual([...bytes.subarray(call, call + 2)], op("call", indexOf("storeTwice")).flat());
			}
		});

		it(`are of the module at hand, whatever the first compilation read, on ${board}`, async () => {
			/*
			 * What the leaf reads is in the memory of one alone. The first image stays where they differ: its pages are
			 * what f gives.
			 */
			const leaf = (at: number): ModuleParts => ({
				types: [
					{ params: ["i32", "i32"], results: ["i32"] },
					{ params: [], results: ["i32"] },
				],
				functions: [
					{
						type: 0,
						export: "f",
						code: [loop(op("call", 1), set(0)), get(0), op("memory.size", [0]), op("i32.add")],
					},
					{ type: 1, code: [i32(at), op("i32.load")] },
				],
				memories: [{ minimum: at ? 3 : 1 }],
			});
			const source = `
				const between = (first, second) => {
					let readings = 0;
					return { read(offset, count) { if (offset === 0) readings++; return (readings < 2 ? first : second).slice(offset, offset + count); } };
				};
				(async () => {
					for (const [first, second] of [[modules.far, modules.near], [modules.near, modules.far], [modules.far, modules.far]]) {
						const module = await WebAssembly.compileStreaming(between(first, second), { optimize: true });
						const { f } = new WebAssembly.Instance(module).exports;
						console.log(f(1, 2));
					}
				})();
			`;
			assert.equal(await onBoard(board, { near: leaf(0), far: leaf(0x1fffc) }, source), "3\n1\n3\n");
		});

		it(`are as many as there is room for, on ${board}`, async () => {
			const count = 120;
			const many = (leavesFirst: boolean): ModuleParts => {
				const first = leavesFirst ? 0 : 1;
				const small = Array.from({ length: count }, (_, k) => ({
					type: 0,
					code: [get(0), i32(k * 77), op("i32.xor")],
				}));
				const caller = {
					type: 1,
					export: "f",
					code: [
						loop(Array.from({ length: count }, (_, k) => [get(0), op("call", first + k), set(0)])),
						get(0),
					],
				};
				return {
					types: [
						{ params: ["i32"], results: ["i32"] },
						{ params: ["i32", "i32"], results: ["i32"] },
					],
					functions: leavesFirst ? [...small, caller] : [caller, ...small],
				};
			};
			const source = `for (const which in modules) console.log(new WebAssembly.Instance(new WebAssembly.Module(modules[which], which === "behind" ? { optimize: true } : undefined)).exports.f(5, 3));`;
			const modules = { before: many(true), behind: many(false) };
			assert.equal(await onBoard(board, modules, source), onNode(modules, source));
		});
	}
});
