/* The modules of the tests about garbage, by name. */

import { rawModule } from "../iot/raw-module";
import type { Bytes, FunctionType } from "../support/wasm";
import { encodeModule, op } from "../support/wasm";

const PAGE = 65536;
const get = (index: number): Bytes => op("local.get", index);

const RUN: FunctionType = { params: ["i32"], results: ["i32"] };

/** So many functions, each with some code: an image of some pages. */
function large(functions: number): Uint8Array {
	const body = (index: number): Bytes =>
		Array.from({ length: 30 }, (_, i) => [
			get(0),
			op("i32.const", index * 1000 + i),
			op("i32.xor"),
			op("i32.load", 4 * i),
			op("local.set", 0),
		]);
	return encodeModule({
		types: [RUN],
		memories: [{ minimum: 1, maximum: 1 }],
		functions: Array.from({ length: functions }, (_, i) => ({
			type: 0,
			code: [body(i), get(0)],
			...(i === 0 ? { export: "run" } : {}),
		})),
	});
}

/** Parameters beyond those that a host call keeps without memory of its own, in registers and behind them. */
const WIDE: FunctionType = { params: Array.from({ length: 20 }, () => "externref"), results: ["externref"] };

export const modules: Record<string, Uint8Array> = {
	large: large(16),
	small: large(1),

	/** An instance that is large and has one of everything. */
	instance: encodeModule({
		types: [RUN],
		imports: [{ module: "m", name: "f", kind: "func", type: 0 }],
		functions: [{ type: 0, export: "run", code: [get(0), op("call", 0)] }],
		memories: [{ minimum: 1, maximum: 100 }],
		tables: [
			{ type: "funcref", minimum: 1000 },
			{ type: "externref", minimum: 1000 },
		],
		exports: [{ name: "memory", kind: "memory", index: 0 }],
	}),

	/** What asks for memory from within. */
	grower: encodeModule({
		types: [
			RUN,
			{ params: ["externref", "i32"], results: ["externref"] },
			{ params: ["i32"], results: ["funcref"] },
			{ params: [], results: ["funcref"] },
		],
		imports: [{ module: "m", name: "give", kind: "func", type: 3 }],
		functions: [
			{ type: 0, export: "memory", code: [get(0), op("memory.grow", 0)] },
			{ type: 1, export: "table", code: [get(0), get(1), op("table.grow", 0), op("drop"), get(0)] },
			{ type: 0, export: "elements", code: [op("ref.null", 0x6f), get(0), op("table.grow", 0)] },
			/* nothing but its stack has the function while the memory grows */
			{ type: 2, export: "keep", code: [op("call", 0), get(0), op("memory.grow", 0), op("drop")] },
			/* grows by a page for ever */
			{
				type: 0,
				export: "insist",
				code: [
					op("loop", 0x40),
					op("i32.const", PAGE),
					op("memory.grow", 0),
					op("drop"),
					get(0),
					op("i32.const", 1),
					op("i32.sub"),
					op("local.tee", 0),
					op("br_if", 0),
					op("end"),
					get(0),
				],
			},
		],
		memories: [{ minimum: 1, maximum: PAGE }],
		tables: [{ type: "externref", minimum: 1 }],
		exports: [{ name: "t", kind: "table", index: 0 }],
	}),

	/** Leaves traces of itself on the stack; then asks for memory from a frame of which most is not written yet. */
	traces: encodeModule({
		types: [RUN],
		functions: [
			{
				type: 0,
				export: "deep",
				code: [
					[
						get(0),
						op("if", 0x40),
						get(0),
						op("i32.const", 1),
						op("i32.sub"),
						op("call", 0),
						op("local.set", 0),
						op("end"),
					],
					[op("i32.const", 0), op("memory.grow", 0)],
				],
			},
			{
				type: 0,
				export: "grow",
				code: [
					[get(0), op("memory.grow", 0)],
					Array.from({ length: 40 }, () => [op("i32.const", 0), op("call", 0)]),
					Array.from({ length: 40 }, () => op("drop")),
				],
			},
		],
		memories: [{ minimum: 1, maximum: PAGE }],
	}),

	identity: encodeModule({
		types: [{ params: ["externref"], results: ["externref"] }],
		functions: [{ type: 0, export: "f", code: get(0) }],
	}),

	wide: encodeModule({
		types: [WIDE],
		imports: [{ module: "m", name: "f", kind: "func", type: 0 }],
		functions: [{ type: 0, export: "run", code: [WIDE.params.map((_, i) => get(i)), op("call", 0)] }],
	}),

	/** A function that nothing else has is the last of many parameters. */
	wideFunctions: encodeModule({
		types: [
			{ params: WIDE.params.map(() => "funcref"), results: ["funcref"] },
			{ params: [], results: ["funcref"] },
		],
		imports: [
			{ module: "m", name: "f", kind: "func", type: 0 },
			{ module: "m", name: "give", kind: "func", type: 1 },
		],
		functions: [
			{
				type: 1,
				export: "run",
				code: [WIDE.params.slice(1).map(() => op("ref.null", 0x70)), op("call", 1), op("call", 0)],
			},
		],
	}),

	device: rawModule(),
};
