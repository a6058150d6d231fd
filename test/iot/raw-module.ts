/*
 * Modules that hand what they are given to the device API as it is: every function with its WebAssembly parameters,
 * addresses and sizes among them.
 */

import { functions, moduleName, type ApiFunction } from "../../src/iot-api/table";
import { wasiModule, wasiTypes } from "../../src/iot-api/wasi-table";
import { encodeModule, op, type FunctionType, type ValueType } from "../support/wasm";

export interface Imported {
	readonly module: string;
	readonly name: string;
	readonly type: FunctionType;
	readonly suspends: boolean;
	readonly direct: boolean;
}

function typeOf(f: ApiFunction): FunctionType {
	const params = f.parameters.flatMap(({ kind }): ValueType[] =>
		kind === "i32" || kind === "i64" ? [kind] : ["i32", "i32"],
	);
	return { params, results: f.result === "none" ? [] : [f.result === "i64" ? "i64" : "i32"] };
}

/** "(i32 i64) -> (i32)" */
function parseType(text: string): FunctionType {
	const [params, results] = text
		.split(" -> ")
		.map((list) => list.slice(1, -1).split(" ").filter(Boolean) as ValueType[]);
	return { params: params!, results: results! };
}

export const iotFunctions: readonly Imported[] = functions.map((f) => ({
	module: moduleName,
	name: f.name,
	type: typeOf(f),
	suspends: f.suspends ?? false,
	direct: f.direct ?? false,
}));

export const wasiFunctions: readonly Imported[] = wasiTypes().flatMap(([type, names]) =>
	names.map((name) => ({
		module: wasiModule,
		name,
		type: parseType(type),
		suspends: name === "poll_oneoff",
		direct: false,
	})),
);

/** It imports them, and exports each by its name. One page of memory, exported, at most two. */
export function rawModule(imported: readonly Imported[] = iotFunctions): Uint8Array {
	return encodeModule({
		types: imported.map(({ type }) => type),
		imports: imported.map(({ module, name }, i) => ({ module, name, kind: "func", type: i })),
		functions: imported.map(({ name, type }, i) => ({
			type: i,
			export: name,
			code: [...type.params.map((_, parameter) => op("local.get", parameter)), op("call", i)],
		})),
		memories: [{ minimum: 1, maximum: 2 }],
		exports: [{ name: "memory", kind: "memory", index: 0 }],
	});
}

/**
 * Its ranges: function, then the parameters' places of address and size, and how many bytes one unit of the size is.
 */
export function rangesOf(f: ApiFunction): { address: number; unit: number }[] {
	const ranges: { address: number; unit: number }[] = [];
	let at = 0;
	for (const { kind } of f.parameters) {
		if (kind === "i32" || kind === "i64") at++;
		else {
			ranges.push({ address: at, unit: kind === "events" ? 24 : 1 });
			at += 2;
		}
	}
	return ranges;
}
