/** Traps of Node's engine, V8, in the words of boards (native/run/runtime.c). */

import { readFileSync } from "node:fs";
import type { ModuleFile } from "../module-file";
import type { Trap } from "../run-module";

const words: Record<string, readonly [kind: string, message: string]> = {
	unreachable: ["unreachable", "unreachable"],
	"memory access out of bounds": ["memory", "out of bounds memory access"],
	"out of bounds memory access": ["memory", "out of bounds memory access"],
	"data segment out of bounds": ["memory", "out of bounds memory access"],
	"divide by zero": ["divide-by-zero", "integer divide by zero"],
	"remainder by zero": ["divide-by-zero", "integer divide by zero"],
	"divide result unrepresentable": ["overflow", "integer overflow"],
	"table index is out of bounds": ["table", "out of bounds table access"],
	"element segment out of bounds": ["table", "out of bounds table access"],
	/* Of a NaN; of a number that is too large V8 says the same. */
	"float unrepresentable in integer range": ["conversion", "invalid conversion to integer"],
	/* Of a function of another type; of none V8 says the same. */
	"null function or function signature mismatch": ["indirect-type", "indirect call type mismatch"],
	"Maximum call stack size exceeded": ["stack", "call stack exhausted"],
};

const CALL_INDIRECT = 0x11;
const RETURN_CALL_INDIRECT = 0x13;
interface Frame {
	readonly name: string;
	readonly index: number;
	readonly offset: number;
}

function framesOf(stack: string): Frame[] {
	return [...stack.matchAll(/^ +at (?:(\S+) \()?wasm:\/\/\S*?wasm-function\[(\d+)\]:0x([0-9a-f]+)\)?$/gm)].map(
		([, name = "", index, offset]) => ({
			name: name.replace(/^[^.]*\./, ""),
			index: Number(index),
			offset: parseInt(offset!, 16),
		}),
	);
}

/**
 * Functions without a name have that of an export, as on boards. undefined: no trap, but an error of a host function.
 */
export function trapOf(error: Error, file: ModuleFile): Trap | undefined {
	const stack = error instanceof RangeError && error.message in words;
	if (!(error instanceof WebAssembly.RuntimeError) && !stack) return undefined;
	const exports = file.view?.exports ?? [];
	const exportedAs = (index: number): string =>
		exports.find((item) => item.kind === "function" && item.index === index)?.name ?? "";
	const frames = framesOf(error.stack ?? "").map((frame) =>
		frame.name ? frame : { ...frame, name: exportedAs(frame.index) },
	);
	const top = frames[0];
	const op = top ? readFileSync(file.path)[top.offset] : undefined;
	let [kind, message] = words[error.message] ?? ["trap", error.message];
	if (kind === "table" && (op === CALL_INDIRECT || op === RETURN_CALL_INDIRECT))
		[kind, message] = ["undefined-element", "undefined element"];
	return {
		kind,
		message,
		functionIndex: top?.index ?? -1,
		functionName: top?.name ?? "",
		byteOffset: top?.offset ?? -1,
		wasmStack: frames.map(({ name, index, offset }) => {
			const place = `wasm-function[${index}]:0x${offset.toString(16)}`;
			return name ? `at ${name} (${place})` : `at ${place}`;
		}),
	};
}
