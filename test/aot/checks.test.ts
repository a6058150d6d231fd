/*
 * The compile-time checks of WAIT's Table 2 (CC-1..8, CM-1..5), each with a module that only it refuses, and the place
 * of the error; plans of small modules, record by record; the board's limits; trimming and page sizes.
 */

import assert from "node:assert/strict";
import { ErrorCode } from "../../src/aot/base/error-code";
import { Limit } from "../../src/aot/base/limit";
import { compileErrorText } from "../../src/host/webassembly/messages";
import {
	encodeModule,
	op,
	PREAMBLE,
	s,
	section,
	u,
	vector,
	type Bytes,
	type FunctionBody,
	type ModuleParts,
	flatten,
} from "../support/wasm";
import { compile, configureFresh, typescript, type Outcome } from "./driver";
import { describe as text, readPlan } from "./plan";

const types: ModuleParts["types"] = [
	{ params: [], results: [] },
	{ params: ["i32"], results: ["i32"] },
	{ params: [], results: ["i32", "i64"] },
];

function moduleOf(code: Bytes, parts: Partial<ModuleParts> = {}, body: Partial<FunctionBody> = {}): Uint8Array {
	return encodeModule({ types, functions: [{ type: 0, code, ...body }], ...parts });
}

function outcomeOf(module: Uint8Array): Outcome {
	return compile(typescript, module);
}

/** Byte offset of the body's code in the module: the code section comes last here. */
function codeAt(module: Uint8Array, code: Bytes): number {
	return module.length - flatten(code).length - 1;
}

const i32 = (value: number): Bytes => op("i32.const", value);
const block = (code: Bytes, type: Bytes = [0x40]): Bytes => [op("block"), type, code, op("end")];

/**
 * name, code before the offending instruction, that instruction and what follows, error, its details, other parts, the
 * body's type
 */
const CHECKS: [string, Bytes, Bytes, number, [number, number]?, Partial<ModuleParts>?, Partial<FunctionBody>?][] = [
	["CC-1 operand count", i32(1), [op("i32.add"), op("drop")], ErrorCode.TYPE_MISMATCH, [1, 7]],
	["CC-2 operand types", [i32(1), op("i64.const", 2)], [op("i32.add"), op("drop")], ErrorCode.TYPE_MISMATCH, [1, 2]],
	["CC-4 type of a block", [], block([], s(9)), ErrorCode.UNKNOWN_TYPE, [9, 3]],
	[
		"CC-4 type of an indirect call",
		i32(0),
		[op("call_indirect", 7, 0)],
		ErrorCode.UNKNOWN_TYPE,
		[7, 3],
		{ tables: [{ type: "funcref", minimum: 1 }] },
	],
	[
		"CC-5 an outer block's operands",
		[i32(1), i32(2), op("block"), [0x40]],
		[op("i32.add"), op("end"), op("drop")],
		ErrorCode.TYPE_MISMATCH,
		[1, 7],
	],
	["CC-6 too many operands at the end", [op("block"), [0x40], i32(1)], op("end"), ErrorCode.OPERANDS_LEFT, [1, 0]],
	["CC-6 too few", [op("block"), [0x7f]], [op("end"), op("drop")], ErrorCode.TYPE_MISMATCH, [1, 7]],
	["CC-8 branch depth", block([]), op("br", 1), ErrorCode.UNKNOWN_LABEL, [1, 1]],
	["CM-1 no memory", i32(0), [op("i32.load", 0, 2), op("drop")], ErrorCode.UNKNOWN_MEMORY, [0, 0]],
	[
		"CM-3 local index",
		[],
		[op("local.get", 3), op("drop")],
		ErrorCode.UNKNOWN_LOCAL,
		[3, 2],
		{},
		{ locals: ["i32", "i64"] },
	],
	[
		"CM-3 global index",
		[],
		[op("global.get", 1), op("drop")],
		ErrorCode.UNKNOWN_GLOBAL,
		[1, 1],
		{ globals: [{ type: "i32", mutable: false, init: i32(1) }] },
	],
	[
		"CM-4 immutable global",
		i32(2),
		op("global.set", 0),
		ErrorCode.IMMUTABLE,
		[0, 0],
		{ globals: [{ type: "i32", mutable: false, init: i32(1) }] },
	],
];

describe("compile-time checks", () => {
	before(() => configureFresh(typescript, 0));

	for (const [name, before, offending, code, details, parts, body] of CHECKS)
		it(name, () => {
			const module = moduleOf([before, offending], parts, body);
			const outcome = outcomeOf(module);
			assert.deepEqual(
				[outcome.code, ...outcome.details],
				[code, ...(details ?? [0, 0])],
				compileErrorText(outcome.code, ...outcome.details),
			);
			assert.equal(outcome.function, 0);
			assert.equal(outcome.offset, codeAt(module, offending), "offset");
		});

	it("CC-3 block terminators", () => {
		assert.equal(outcomeOf(moduleOf([op("block"), 0x40])).code, ErrorCode.SECTION_END);
		assert.equal(outcomeOf(moduleOf([op("else")])).code, ErrorCode.ELSE_WITHOUT_IF);
		assert.equal(outcomeOf(moduleOf([op("end")])).code, ErrorCode.END_EXPECTED);
	});

	it("CC-7 start function", () => {
		assert.deepEqual(
			[outcomeOf(moduleOf([], { start: 1 })).code, outcomeOf(moduleOf([], { start: 0 })).code],
			[ErrorCode.UNKNOWN_FUNCTION, 0],
		);
		assert.equal(outcomeOf(moduleOf(op("local.get", 0), { start: 0 }, { type: 1 })).code, ErrorCode.START_FUNCTION);
	});

	it("CM-2 data segments: a memory and a constant offset; the bounds are the instance's to check", () => {
		const data: ModuleParts["data"] = [{ mode: "active", offset: i32(70000), bytes: [1] }];
		assert.equal(outcomeOf(moduleOf([], { data })).code, ErrorCode.UNKNOWN_MEMORY);
		assert.equal(outcomeOf(moduleOf([], { data, memories: [{ minimum: 1 }] })).code, 0);
		const other: ModuleParts["data"] = [{ mode: "active", offset: op("local.get", 0), bytes: [1] }];
		assert.equal(
			outcomeOf(moduleOf([], { data: other, memories: [{ minimum: 1 }] })).code,
			ErrorCode.CONSTANT_REQUIRED,
		);
	});

	it("CM-5 mutability of imported globals goes into the plan, for the linker to compare", () => {
		for (const mutable of [false, true]) {
			const outcome = outcomeOf(
				encodeModule({ imports: [{ module: "m", name: "g", kind: "global", type: "i32", mutable }] }),
			);
			assert.ok(
				readPlan(outcome.plan!).some((record) => record.op === 0xda && record.a === (mutable ? 0x17f : 0x7f)),
			);
		}
	});

	it("names the function and the place behind it too", () => {
		const good: FunctionBody = { type: 0, code: op("nop") };
		const module = encodeModule({ types, functions: [good, good, { type: 0, code: [i32(1)] }, good] });
		const outcome = outcomeOf(module);
		assert.deepEqual([outcome.code, outcome.function], [ErrorCode.OPERANDS_LEFT, 2]);
		assert.equal(
			compileErrorText(outcome.code, ...outcome.details),
			"type mismatch: 1 operand too many at the end of the block",
		);
	});
});

/** Records of the only body. */
function bodyPlan(module: Uint8Array): string[] {
	const outcome = outcomeOf(module);
	assert.ok(outcome.plan, compileErrorText(outcome.code, ...outcome.details));
	const records = readPlan(outcome.plan).map(text);
	return records.slice(
		records.findIndex((line) => line.startsWith("FUNCTION ")),
		-1,
	);
}

describe("plans", () => {
	before(() => configureFresh(typescript, 0));

	it("of a module with one of each", () => {
		const module = encodeModule({
			types,
			imports: [{ module: "env", name: "f", kind: "func", type: 1 }],
			functions: [{ type: 0, code: [], export: "run" }],
			tables: [{ type: "funcref", minimum: 2, maximum: 3 }],
			memories: [{ minimum: 1 }],
			globals: [{ type: "i64", mutable: true, init: op("i64.const", 5) }],
			start: 1,
			elements: [{ type: "funcref", mode: "active", offset: i32(0), functions: [1] }],
			data: [{ mode: "active", offset: i32(8), bytes: [1, 2, 3] }],
			custom: [{ name: "note", bytes: [9] }],
		});
		const records = readPlan(outcomeOf(module).plan!).map(text);
		assert.deepEqual(records, [
			"MODULE 0 1 0",
			"TYPE 0 0 0 ",
			"TYPE 0 1 1 7f7f",
			"TYPE 0 0 2 7f7e",
			"IMPORT 0 0 65539",
			"FUNCTION_TYPE 0 0 1 656e7666",
			"FUNCTION_TYPE 0 1 0",
			"TABLE 0 112 2",
			"EXT 0 1 3",
			"MEMORY 0 4096 1",
			"EXT 0 0 0",
			"EXT 0 0 65536",
			"GLOBAL_TYPE 0 382 2",
			"i64.const 2 0 5",
			"EXT 0 0 0",
			"EXPORT 0 0 1",
			"EXT 0 0 3 72756e",
			"START 0 0 1",
			"ELEMENT 0 28672 1",
			"EXT 0 1 0",
			"i32.const 2 0 0",
			"ref.func 1 0 1",
			"CODE 0 0 1",
			"FUNCTION 0 0 1",
			"INFO 0 0 85",
			"end 1 0 0",
			"DATA 0 0 3",
			"EXT 0 1 0",
			"i32.const 2 0 8",
			"BYTES 0 0 3 010203",
			"CUSTOM 0 4 1 6e6f7465",
			"BYTES 0 0 1 09",
			`END_MODULE 0 0 ${module.length}`,
		]);
	});

	it("of a loop: uses, branches, flags; the proved and the kept check", () => {
		const code = [
			op("loop"),
			[0x40],
			op("local.get", 0),
			i32(255),
			op("i32.and"),
			op("i32.load8_u", 0, 0),
			op("local.set", 0),
			i32(8),
			op("local.get", 0),
			op("i32.store", 16, 2),
			op("local.get", 1),
			op("i32.load", 0, 2),
			op("br_if", 0),
			op("end"),
			op("local.get", 0),
		];
		const module = moduleOf(code, { memories: [{ minimum: 1 }] }, { type: 1, locals: ["i32"] });
		assert.deepEqual(bodyPlan(module), [
			"FUNCTION 8 1 0",
			`INFO 0 2 ${codeAt(module, code)}`,
			"LOCALS 0 127 1",
			"LOCAL_USE 1 25 0",
			"LOCAL_USE 1 8 1",
			"ZERO 0 1 1",
			"loop 2 64 33554433",
			"LOCAL_USE 1 3 0",
			"LOCAL_USE 0 1 1",
			"local.get 2 0 0",
			"i32.const 3 0 255",
			"i32.and 1 0 0",
			"i32.load8_u 3 258 0",
			"local.set 2 0 0",
			"i32.const 2 0 8",
			"local.get 2 0 0",
			"i32.store 3 257 16",
			"local.get 2 0 1",
			// local 1 is never assigned, so it is 0
			"i32.load 3 258 0",
			"br_if 2 0 0",
			"end 1 0 0",
			"local.get 2 0 0",
			"end 1 0 0",
		]);
	});

	it("of constants in loops: integers of two instructions stay, floats are read from locals, each set once", () => {
		const use = (value: Bytes): Bytes => [op("local.get", 0), value, op("i32.xor"), op("local.set", 0)];
		const float: Bytes = [0x43, 0, 0, 0x20, 0x41];
		const code = [
			use(i32(0x1000193)),
			op("loop"),
			[0x40],
			[use(i32(0x1000193)), use(i32(-0x12345678)), use(i32(0x1000193))],
			// a single instruction holds these
			[
				use(i32(4095)),
				use(i32(0xff0000)),
				use(i32(0xfffff)),
				use(i32(-0x10000)),
				use(i32(-4095)),
				use(i32(0x1000)),
			],
			[float, op("drop")],
			op("end"),
			use(i32(0x7654321)),
			op("local.get", 0),
		];
		const module = moduleOf(code, {}, { type: 1 });
		const plan = bodyPlan(module);
		assert.deepEqual(plan.slice(2, 12), [
			`LOCALS 0 ${0x17f} ${0x1000193}`,
			`LOCALS 0 ${0x17f} ${-0x12345678 >>> 0}`,
			"LOCALS 0 125 1",
			"LOCAL_USE 1 149 0",
			"LOCAL_USE 0 32 1",
			"LOCAL_USE 0 16 2",
			"LOCAL_USE 0 8 3",
			`f32.const 0 0 ${0x41200000}`,
			"local.set 0 0 3",
			"local.get 2 0 0",
		]);
		assert.equal(plan.filter((record) => record === `i32.const 5 0 ${0x1000193}`).length, 3);
		assert.equal(plan.filter((record) => record.startsWith("local.get") && record.endsWith(" 3")).length, 1);
	});

	it("leaves dead code out, and says where the next instruction is", () => {
		const code = [block([op("br", 0), i32(1), op("drop"), block([])]), op("nop"), i32(7), op("drop")];
		const module = moduleOf(code);
		const at = codeAt(module, code);
		assert.deepEqual(bodyPlan(module), [
			"FUNCTION 0 0 0",
			`INFO 0 1 ${at}`,
			"block 2 64 1",
			"br 2 0 0",
			`OFFSET 0 0 ${at + 10}`,
			"end 1 0 0",
			`OFFSET 0 0 ${at + 12}`,
			"i32.const 2 0 7",
			"drop 1 0 0",
			"end 1 0 0",
		]);
	});

	it("of select and br_table", () => {
		const code = [block([i32(1), i32(2), op("local.get", 0), op("select"), i32(3), [0x0e, 2, 0, 1, 0]], [0x7f])];
		assert.deepEqual(bodyPlan(moduleOf(code, {}, { type: 1 })).slice(3), [
			"block 2 127 2",
			"i32.const 2 0 1",
			"i32.const 2 0 2",
			"local.get 2 0 0",
			"select 1 127 0",
			"i32.const 2 0 3",
			"br_table 5 0 2",
			"EXT 0 0 0",
			"EXT 0 0 1",
			"EXT 0 0 0",
			"end 1 0 0",
			"end 1 0 0",
		]);
	});
});

describe("limits", () => {
	afterEach(() => configureFresh(typescript, 0));

	function refusal(limit: number, value: number, module: Uint8Array): [number, number, number] {
		configureFresh(typescript, 0);
		typescript.setLimit(limit, value);
		typescript.configure(0);
		const outcome = outcomeOf(module);
		return [outcome.code, ...outcome.details];
	}

	const cases: [string, number, number, (n: number) => Uint8Array][] = [
		[
			"types",
			Limit.TYPES,
			20,
			(n) => encodeModule({ types: Array.from({ length: n }, () => ({ params: [], results: [] })) }),
		],
		[
			"functions",
			Limit.FUNCTIONS,
			20,
			(n) => encodeModule({ types, functions: Array.from({ length: n }, () => ({ type: 0, code: [] })) }),
		],
		[
			"globals",
			Limit.GLOBALS,
			8,
			(n) =>
				encodeModule({
					globals: Array.from({ length: n }, () => ({ type: "i32", mutable: false, init: i32(1) })),
				}),
		],
		[
			"tables",
			Limit.TABLES,
			4,
			(n) => encodeModule({ tables: Array.from({ length: n }, () => ({ type: "funcref", minimum: 0 })) }),
		],
		[
			"element segments",
			Limit.ELEMENTS,
			4,
			(n) =>
				encodeModule({
					types,
					elements: Array.from({ length: n }, () => ({ type: "funcref", mode: "passive", functions: [] })),
				}),
		],
		[
			"exports",
			Limit.EXPORTS,
			10,
			(n) =>
				encodeModule({
					types,
					functions: [{ type: 0, code: [] }],
					exports: Array.from({ length: n }, (_, i) => ({ name: `e${i}`, kind: "func", index: 0 })),
				}),
		],
		[
			"parameters",
			Limit.PARAMETERS,
			5,
			(n) => encodeModule({ types: [{ params: Array.from({ length: n }, () => "i32"), results: [] }] }),
		],
		[
			"results",
			Limit.RESULTS,
			5,
			(n) => encodeModule({ types: [{ params: [], results: Array.from({ length: n }, () => "i32") }] }),
		],
		["locals", Limit.LOCALS, 5, (n) => moduleOf([], {}, { locals: [u(1), u(n), 0x7f] })],
		[
			"runs of locals",
			Limit.LOCAL_RUNS,
			5,
			(n) => moduleOf([], {}, { locals: [u(n), Array.from({ length: n }, (_, i) => [1, i & 1 ? 0x7e : 0x7f])] }),
		],
		[
			"nesting",
			Limit.NESTING,
			6,
			(n) =>
				moduleOf([
					Array.from({ length: n }, () => [op("block"), 0x40]),
					Array.from({ length: n }, () => op("end")),
				]),
		],
		[
			"operands",
			Limit.OPERANDS,
			6,
			(n) => moduleOf([Array.from({ length: n }, () => i32(1)), Array.from({ length: n }, () => op("drop"))]),
		],
		["bytes of a body", Limit.BODY, 50, (n) => moduleOf(Array.from({ length: n - 2 }, () => op("nop")))],
		["bytes of a name", Limit.NAME, 9, (n) => encodeModule({ custom: [{ name: "x".repeat(n), bytes: [] }] })],
	];
	for (const [name, limit, value, module] of cases)
		it(`of ${name}: ${value} pass, ${value + 1} do not`, () => {
			assert.deepEqual(refusal(limit, value, module(value)), [0, 0, 0]);
			const [code, most, asked] = refusal(limit, value, module(value + 1));
			assert.deepEqual([code, most, asked], [ErrorCode.LIMIT + limit, value, value + 1]);
			assert.match(compileErrorText(code, most, asked), /^too large for this board: /);
		});

	it("of notes: a body with more blocks and loops has a coarser plan, no error", () => {
		const code = Array.from({ length: 2000 }, () => [
			op("loop"),
			[0x40],
			op("local.get", 0),
			op("drop"),
			block(op("br", 0)),
			op("end"),
		]);
		const records = readPlan(outcomeOf(moduleOf(code, {}, { locals: ["i32"] })).plan!);
		const loops = records.filter((record) => record.op === 0x03);
		assert.equal(loops.length, 2000);
		assert.equal(loops[0]!.b, 1 << 24);
		assert.equal(loops.at(-1)!.b, 0x7ffff);
	});

	it("memory for modules of 500 KB stays within 44 KB; only the window grows, to the largest body", () => {
		const bytes = typescript.configure(0);
		assert.ok(bytes <= 44 * 1024, `${bytes} bytes`);
		const length = typescript.memoryBytes().length;
		outcomeOf(moduleOf(Array.from({ length: 20000 }, () => [i32(1), op("drop")])));
		const grown = typescript.memoryBytes().length - length;
		assert.ok(grown >= 0 && grown <= 60000 - 4096 + 2048, `${grown} bytes more`);
	});
});

describe("backed memory", () => {
	const heap = (name: string, value: number, mutable = false): Partial<ModuleParts> => ({
		memories: [{ minimum: 1 }],
		globals: [
			{ type: "i32", mutable: true, init: i32(2000) },
			{ type: "i32", mutable, init: i32(value) },
		],
		exports: [{ name, kind: "global", index: 1 }],
	});
	const access = (address: number): Bytes => [i32(address), op("i32.load", 0, 2), op("drop")];

	function checks(flags: number, parts: Partial<ModuleParts>, ...addresses: number[]): number[] {
		configureFresh(typescript, flags);
		const outcome = outcomeOf(moduleOf(addresses.map(access), parts));
		assert.ok(outcome.plan, compileErrorText(outcome.code, ...outcome.details));
		return readPlan(outcome.plan)
			.filter((record) => record.op === 0x28)
			.map((record) => record.a & 0xff);
	}

	it("is the minimum", () => {
		assert.deepEqual(checks(0, { memories: [{ minimum: 1 }] }, 65532, 65533, -4), [1, 0, 0]);
		assert.deepEqual(checks(0, { memories: [{ minimum: 65536 }] }, 65533, -5, -4), [1, 1, 0]);
		assert.deepEqual(checks(0, { memories: [{ minimum: 0 }] }, 0), [0]);
	});

	it("is __heap_base, rounded up to 64, when trimming", () => {
		assert.deepEqual(checks(2, heap("__heap_base", 4000), 4028, 4029), [1, 0]);
		assert.deepEqual(checks(0, heap("__heap_base", 4000), 4029), [1]);
		assert.deepEqual(checks(2, heap("__heap_base", 4000, true), 4029), [1], "a mutable global says nothing");
		assert.deepEqual(checks(2, heap("__data_end", 1000), 2044, 2045), [1, 0], "the stack above the data");
		assert.deepEqual(checks(2, heap("__heap_base", 70000), 65532, 65533), [1, 0], "not more than the memory");
	});

	it("follows the page size", () => {
		configureFresh(typescript, 0);
		const memory = (flags: number, ...rest: Bytes): Uint8Array =>
			Uint8Array.from(
				flatten([
					PREAMBLE,
					section(1, vector([[0x60, 0, 0]])),
					section(3, [1, 0]),
					section(5, [1, flags, rest]),
					section(10, vector([[u(10), 0, access(100), [op("nop"), op("end")]]])),
				]),
			);
		const small = outcomeOf(memory(8, u(104), 0));
		assert.ok(small.plan, compileErrorText(small.code, ...small.details));
		const records = readPlan(small.plan);
		assert.deepEqual(
			records.filter((record) => record.op === 0xd9).map((record) => [record.a, record.b]),
			[[0, 104]],
		);
		assert.equal(records.find((record) => record.op === 0x28)!.a, 0x101);
		assert.equal(outcomeOf(memory(8, u(104), 3)).code, ErrorCode.PAGE_SIZE);
		assert.equal(outcomeOf(memory(9, u(104), u(200), 0)).code, 0);
		assert.equal(outcomeOf(memory(2, u(1))).code, ErrorCode.UNSUPPORTED);
	});
});
