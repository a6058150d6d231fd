/*
 * A module that hands what it is given to the device API as it is: every function with its WebAssembly parameters,
 * addresses and sizes among them.
 */

import { functions, moduleName, type ApiFunction } from "../../src/iot-api/table";
import { encodeModule, op, type ValueType } from "../support/wasm";

function typeOf(f: ApiFunction): { params: ValueType[]; results: ValueType[] } {
	const params = f.parameters.flatMap(({ kind }): ValueType[] =>
		kind === "i32" || kind === "i64" ? [kind] : ["i32", "i32"],
	);
	return { params, results: f.result === "none" ? [] : [f.result === "i64" ? "i64" : "i32"] };
}

/** One page of memory, exported, at most two. `instead` replaces types, to declare what the host does not have. */
export function rawModule(instead: Record<string, { params: ValueType[]; results: ValueType[] }> = {}): Uint8Array {
	const types = functions.map((f) => instead[f.name] ?? typeOf(f));
	return encodeModule({
		types,
		imports: functions.map((f, i) => ({ module: moduleName, name: f.name, kind: "func", type: i })),
		functions: functions.map((f, i) => ({
			type: i,
			export: f.name,
			code: [...types[i]!.params.map((_, parameter) => op("local.get", parameter)), op("call", i)],
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
