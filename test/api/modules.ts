/* The modules that the tests of the API use, by name. */

import { DO_HOST, DO_LOOP, DO_OVERFLOW, DO_TRAP, GO, SUBJECT } from "./states";
import type { Bytes, FunctionType, ModuleParts, ValueType } from "../support/wasm";
import { blockType, encodeModule, op, text, u } from "../support/wasm";

/** Of the pack that the guest reads: where in it each module is. */
export interface Header {
	modules: Record<string, [number, number]>;
	/** How many times the long loops go round. */
	rounds: number;
}

const TYPES: ValueType[] = ["i32", "i64", "f32", "f64", "externref", "funcref"];
const PAGE = 65536;

function identity(type: ValueType): FunctionType {
	return { params: [type], results: [type] };
}

const get = (index: number): Bytes => op("local.get", index);

/** A "name" section: the functions' names. */
function functionNames(names: Record<number, string>): { name: string; bytes: number[] } {
	const entries = Object.entries(names).map(([index, name]) => [...u(Number(index)), ...text(name)]);
	const content = [...u(entries.length), ...entries.flat()];
	return { name: "name", bytes: [1, ...u(content.length), ...content] };
}

/** if (local 0 is that) */
function when(value: number, code: Bytes): Bytes {
	return [get(0), op("i32.const", value), op("i32.eq"), op("if", blockType()), code, op("end")];
}

/** The host function says what the code does: states.ts. */
const states: ModuleParts = {
	types: [
		{ params: ["i32"], results: ["i32"] },
		{ params: [], results: Array.from({ length: 20 }, () => "i64" as const) },
		{ params: [], results: [] },
	],
	imports: [
		{ module: "m", name: "host", kind: "func", type: 0 },
		{ module: "m", name: "many", kind: "func", type: 1 },
	],
	functions: [
		{
			type: 0,
			export: "run",
			code: [
				[get(0), op("call", 0), op("local.set", 0)],
				when(DO_HOST, [op("i32.const", SUBJECT), op("call", 0), op("local.set", 0)]),
				[get(0), op("call", 3), op("i32.const", 1), op("i32.add")],
			],
		},
		{
			type: 0,
			code: [
				when(DO_TRAP, op("unreachable")),
				when(DO_OVERFLOW, [get(0), op("call", 4), op("drop")]),
				when(DO_LOOP, [op("loop", blockType()), op("br", 0), op("end")]),
				op("i32.const", 5),
			],
		},
		{ type: 0, code: [get(0), op("call", 4), op("i32.const", 1), op("i32.add")] },
		{ type: 1, code: op("call", 1), export: "many" },
		{ type: 1, code: Array.from({ length: 20 }, (_, i) => op("i64.const", 2n ** BigInt(i))), export: "constants" },
		{ type: 2, code: [op("i32.const", GO), op("call", 2), op("drop")] },
	],
};

const parts: Record<string, ModuleParts> = {
	empty: {},

	add: {
		types: [{ params: ["i32", "i32"], results: ["i32"] }],
		functions: [{ type: 0, code: [get(0), get(1), op("i32.add")], export: "add" }],
	},

	/** A value of each type comes back as it went. */
	identities: {
		types: TYPES.map(identity),
		functions: TYPES.map((type, index) => ({ type: index, code: get(0), export: type })),
	},

	/** The same by way of an import. */
	echoes: {
		types: TYPES.map(identity),
		imports: TYPES.map((type, index) => ({ module: "host", name: type, kind: "func", type: index })),
		functions: TYPES.map((type, index) => ({ type: index, code: [get(0), op("call", index)], export: type })),
	},

	multi: {
		types: [
			{ params: ["i32", "i64", "f32", "f64"], results: ["f64", "f32", "i64", "i32"] },
			{ params: [], results: ["i32", "i64", "f64", "externref"] },
			{ params: [], results: [] },
		],
		imports: [{ module: "host", name: "many", kind: "func", type: 1 }],
		functions: [
			{ type: 0, code: [get(3), get(2), get(1), get(0)], export: "reverse" },
			{ type: 1, code: op("call", 0), export: "many" },
			{ type: 2, code: [], export: "nothing" },
		],
	},

	/** More parameters and results than registers. */
	wide: {
		types: [
			{
				params: Array.from({ length: 40 }, (_, i) => TYPES[i % 4]!),
				results: Array.from({ length: 40 }, (_, i) => TYPES[i % 4]!),
			},
		],
		imports: [{ module: "host", name: "wide", kind: "func", type: 0 }],
		functions: [
			{ type: 0, code: Array.from({ length: 40 }, (_, i) => get(i)), export: "here" },
			{ type: 0, code: [...Array.from({ length: 40 }, (_, i) => get(i)), op("call", 0)], export: "there" },
		],
	},

	/** One import of each kind. */
	imports: {
		types: [
			{ params: ["i32"], results: ["i32"] },
			{ params: [], results: ["i32"] },
		],
		imports: [
			{ module: "a", name: "function", kind: "func", type: 0 },
			{ module: "a", name: "table", kind: "table", type: "funcref", minimum: 2, maximum: 10 },
			{ module: "b", name: "memory", kind: "memory", minimum: 1, maximum: 4 },
			{ module: "b", name: "global", kind: "global", type: "i32", mutable: false },
		],
		functions: [
			{ type: 0, code: [get(0), op("call", 0)], export: "call" },
			{ type: 1, code: op("global.get", 0), export: "global" },
			{ type: 1, code: [op("i32.const", 0), op("i32.load")], export: "load" },
		],
		exports: [
			{ name: "function", kind: "func", index: 0 },
			{ name: "table", kind: "table", index: 0 },
			{ name: "memory", kind: "memory", index: 0 },
			{ name: "constant", kind: "global", index: 0 },
		],
	},

	/** Names that no property has: one is an array index, one has a zero in it. */
	strangeImports: {
		types: [{ params: [], results: ["i32"] }],
		imports: ["only a proxy has it", "7", "a\0b"].map((name) => ({
			module: "nobody has it",
			name,
			kind: "func",
			type: 0,
		})),
		functions: [
			{
				type: 0,
				code: [op("call", 0), op("call", 1), op("i32.add"), op("call", 2), op("i32.add")],
				export: "sum",
			},
		],
	},

	/** Imported globals of each type, immutable; exported again. */
	globalImports: {
		imports: TYPES.map((type) => ({ module: "m", name: type, kind: "global", type, mutable: false })),
		exports: TYPES.map((type, index) => ({ name: type, kind: "global", index })),
	},

	mutableImport: {
		types: [
			{ params: [], results: ["i64"] },
			{ params: ["i64"], results: [] },
		],
		imports: [{ module: "m", name: "g", kind: "global", type: "i64", mutable: true }],
		functions: [
			{ type: 0, code: op("global.get", 0), export: "get" },
			{ type: 1, code: [get(0), op("global.set", 0)], export: "set" },
		],
		exports: [{ name: "g", kind: "global", index: 0 }],
	},

	globals: {
		types: [
			{ params: [], results: ["i32"] },
			{ params: ["externref"], results: [] },
		],
		globals: [
			{ type: "i32", mutable: true, init: op("i32.const", -7) },
			{ type: "i64", mutable: false, init: op("i64.const", -9_223_372_036_854_775_808n) },
			{ type: "f32", mutable: true, init: op("f32.const", 1.5) },
			{ type: "f64", mutable: false, init: op("f64.const", -0) },
			{ type: "externref", mutable: true, init: op("ref.null", [0x6f]) },
			{ type: "funcref", mutable: true, init: op("ref.func", 0) },
		],
		functions: [
			{ type: 0, code: op("global.get", 0), export: "read" },
			{ type: 1, code: [get(0), op("global.set", 4)], export: "keep" },
		],
		exports: TYPES.map((type) => ({
			name: type,
			kind: "global" as const,
			index: ["i32", "i64", "f32", "f64", "externref", "funcref"].indexOf(type),
		})),
	},

	memory: {
		types: [
			{ params: ["i32"], results: ["i32"] },
			{ params: ["i32", "i32"], results: [] },
			{ params: [], results: ["i32"] },
		],
		memories: [{ minimum: 1, maximum: 3 }],
		functions: [
			{ type: 0, code: [get(0), op("i32.load")], export: "load" },
			{ type: 1, code: [get(0), get(1), op("i32.store")], export: "store" },
			{ type: 0, code: [get(0), op("memory.grow", [0])], export: "grow" },
			{ type: 2, code: op("memory.size", [0]), export: "size" },
		],
		exports: [{ name: "memory", kind: "memory", index: 0 }],
		data: [{ mode: "active", bytes: [1, 2, 3, 4] }],
	},

	/** Grows its memory, then asks the host. */
	growing: {
		types: [{ params: [], results: [] }],
		imports: [
			{ module: "m", name: "memory", kind: "memory", minimum: 1 },
			{ module: "m", name: "look", kind: "func", type: 0 },
		],
		functions: [
			{ type: 0, code: [op("i32.const", 1), op("memory.grow", [0]), op("drop"), op("call", 0)], export: "run" },
		],
	},

	table: {
		types: [
			{ params: ["i32"], results: ["i32"] },
			{ params: [], results: ["i32"] },
			{ params: ["i32", "i32"], results: ["i32"] },
		],
		tables: [
			{ type: "funcref", minimum: 4, maximum: 8 },
			{ type: "externref", minimum: 2 },
		],
		functions: [
			{ type: 1, code: op("i32.const", 10), export: "ten" },
			{ type: 1, code: op("i32.const", 20) },
			{ type: 0, code: [get(0), op("call_indirect", 1, 0)], export: "call" },
			{ type: 2, code: [get(0), get(1), op("call_indirect", 0, 0)], export: "call1" },
		],
		exports: [
			{ name: "table", kind: "table", index: 0 },
			{ name: "objects", kind: "table", index: 1 },
		],
		elements: [{ mode: "active", type: "funcref", offset: op("i32.const", 1), functions: [0, 1] }],
	},

	/** Calls through an imported table. */
	tableUser: {
		types: [
			{ params: ["i32"], results: ["i32"] },
			{ params: [], results: ["i32"] },
		],
		imports: [{ module: "m", name: "table", kind: "table", type: "funcref", minimum: 1 }],
		functions: [
			{ type: 0, code: [get(0), op("call_indirect", 1, 0)], export: "call" },
			{ type: 1, code: op("i32.const", 77), export: "own" },
		],
		elements: [{ mode: "active", type: "funcref", offset: op("i32.const", 0), functions: [1] }],
	},

	/** Writes a table, then traps in its start function. */
	startTraps: {
		types: [
			{ params: [], results: [] },
			{ params: [], results: ["i32"] },
		],
		imports: [{ module: "m", name: "table", kind: "table", type: "funcref", minimum: 1 }],
		functions: [
			{ type: 0, code: op("unreachable") },
			{ type: 1, code: op("i32.const", 99) },
		],
		elements: [{ mode: "active", type: "funcref", offset: op("i32.const", 0), functions: [1] }],
		start: 0,
	},

	start: {
		types: [{ params: [], results: [] }],
		imports: [{ module: "m", name: "f", kind: "func", type: 0 }],
		start: 0,
	},

	/** Function references from and to JavaScript. */
	references: {
		types: [
			{ params: [], results: ["funcref"] },
			{ params: ["funcref"], results: ["funcref"] },
			{ params: [], results: ["i32"] },
		],
		imports: [
			{ module: "m", name: "f", kind: "func", type: 2 },
			{ module: "m", name: "g", kind: "func", type: 1 },
		],
		functions: [
			{ type: 0, code: op("ref.func", 0), export: "imported" },
			{ type: 0, code: op("ref.func", 4), export: "own" },
			{ type: 2, code: op("i32.const", 5) },
			{ type: 1, code: [get(0), op("call", 1)], export: "through" },
		],
		exports: [{ name: "again", kind: "func", index: 0 }],
		elements: [{ mode: "declarative", type: "funcref", functions: [0, 4] }],
	},

	traps: {
		types: [
			{ params: [], results: [] },
			{ params: ["i32"], results: ["i32"] },
			{ params: ["f64"], results: ["i32"] },
		],
		memories: [{ minimum: 1 }],
		tables: [{ type: "funcref", minimum: 2 }],
		functions: [
			{ type: 0, code: op("unreachable"), export: "unreachable" },
			{ type: 1, code: [op("i32.const", 1), get(0), op("i32.div_s")], export: "divide" },
			{ type: 1, code: [op("i32.const", -2147483648), get(0), op("i32.div_s")], export: "overflow" },
			{ type: 2, code: [get(0), op("i32.trunc_f64_s")], export: "truncate" },
			{ type: 1, code: [get(0), op("i32.load", PAGE - 4)], export: "load" },
			{ type: 1, code: [get(0), get(0), op("call_indirect", 1, 0)], export: "indirect" },
			{ type: 0, code: op("call", 6), export: "recurse" },
			{ type: 0, code: [op("nop"), op("call", 8)], export: "outer" },
			{ type: 0, code: [op("nop"), op("nop"), op("call", 0)] },
		],
		elements: [{ mode: "active", type: "funcref", offset: op("i32.const", 0), functions: [0] }],
		custom: [functionNames({ 0: "fail", 7: "outer", 8: "middle" })],
	},

	custom: {
		custom: [
			{ name: "one", bytes: [1, 2, 3] },
			{ name: "two", bytes: [] },
			{ name: "one", bytes: Array.from({ length: 1000 }, (_, i) => i & 0xff) },
			{ name: "ü\u{1f600}", bytes: [9] },
			{ name: "", bytes: [8] },
		],
	},

	names: {
		types: [{ params: [], results: ["i32"] }],
		functions: [
			{ type: 0, code: op("i32.const", 0), export: "" },
			{ type: 0, code: op("i32.const", 1), export: "0" },
			{ type: 0, code: op("i32.const", 2), export: "a\0b" },
			{ type: 0, code: op("i32.const", 3), export: "\u{1f600}é" },
			{ type: 0, code: op("i32.const", 4), export: "__proto__" },
			{ type: 0, code: op("i32.const", 5), export: "7" },
		],
	},

	/** Calls the host n times, with what it gives: f(previous) => next. */
	externrefLoop: {
		types: [
			{ params: ["externref"], results: ["externref"] },
			{ params: ["i32", "externref"], results: ["externref"] },
		],
		imports: [{ module: "m", name: "next", kind: "func", type: 0 }],
		functions: [
			{
				type: 1,
				export: "loop",
				code: [
					op("loop", blockType()),
					get(1),
					op("call", 0),
					op("local.set", 1),
					get(0),
					op("i32.const", 1),
					op("i32.sub"),
					op("local.tee", 0),
					op("br_if", 0),
					op("end"),
					get(1),
				],
			},
		],
	},

	/** run(x) = wait(x) + 1, with a local kept over the suspension; twice waits twice. */
	waiting: {
		types: [
			{ params: ["i32"], results: ["i32"] },
			{ params: ["externref"], results: ["externref"] },
			{ params: [], results: ["i32"] },
			{ params: [], results: ["i32", "i64"] },
		],
		imports: [
			{ module: "m", name: "wait", kind: "func", type: 0 },
			{ module: "m", name: "get", kind: "func", type: 1 },
			{ module: "m", name: "pair", kind: "func", type: 3 },
		],
		globals: [{ type: "i32", mutable: true, init: op("i32.const", 0) }],
		functions: [
			{ type: 0, code: [get(0), op("call", 0), op("i32.const", 1), op("i32.add")], export: "run" },
			{
				type: 0,
				code: [get(0), get(0), op("call", 0), op("i32.add"), op("call", 0), get(0), op("i32.add")],
				export: "twice",
			},
			{ type: 1, code: [get(0), op("call", 1)], export: "object" },
			{
				type: 2,
				code: [
					op("global.get", 0),
					op("i32.const", 1),
					op("i32.add"),
					op("global.set", 0),
					op("global.get", 0),
				],
				export: "count",
			},
			{ type: 3, code: op("call", 2), export: "pair" },
		],
	},

	states,
	statesStart: { ...states, start: 7 },

	/** Something of everything, exported. */
	everything: {
		types: [{ params: [], results: ["i32"] }],
		functions: [{ type: 0, code: op("i32.const", 1), export: "function" }],
		tables: [{ type: "funcref", minimum: 1 }],
		memories: [{ minimum: 1, maximum: 1 }],
		globals: [{ type: "externref", mutable: true, init: op("ref.null", [0x6f]) }],
		exports: [
			{ name: "table", kind: "table", index: 0 },
			{ name: "memory", kind: "memory", index: 0 },
			{ name: "global", kind: "global", index: 0 },
		],
		elements: [{ mode: "active", type: "funcref", functions: [0] }],
	},

	invalid: {
		types: [{ params: [], results: ["i32"] }],
		functions: [
			{ type: 0, code: op("i32.const", 1) },
			{ type: 0, code: op("i64.const", 1) },
		],
	},

	/** A body of about 20 KB. */
	large: {
		types: [{ params: ["i32"], results: ["i32"] }],
		functions: [
			{
				type: 0,
				code: [get(0), ...Array.from({ length: 4000 }, (_, i) => [op("i32.const", i), op("i32.add")])],
				export: "sum",
			},
		],
	},
};

export const modules: ReadonlyMap<string, Uint8Array> = new Map(
	Object.entries(parts).map(([name, module]) => [name, encodeModule(module)]),
);
