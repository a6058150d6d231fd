/** Traps of Node's engine, V8, in the words of boards (native/run/runtime.c). */

import { readFileSync } from "node:fs";
import { trapKindNames, trapTexts } from "../../shared/report-names";
import { TrapKind } from "../../shared/numbers";
import type { ModuleFile } from "../module-file";
import type { Trap } from "../run-module";

const kinds: ReadonlyMap<string, TrapKind> = new Map([
	["unreachable", TrapKind.UNREACHABLE],
	["memory access out of bounds", TrapKind.MEMORY],
	["out of bounds memory access", TrapKind.MEMORY],
	["data segment out of bounds", TrapKind.MEMORY],
	["divide by zero", TrapKind.DIVIDE_BY_ZERO],
	["remainder by zero", TrapKind.DIVIDE_BY_ZERO],
	["divide result unrepresentable", TrapKind.OVERFLOW],
	["table index is out of bounds", TrapKind.TABLE],
	["element segment out of bounds", TrapKind.TABLE],
	/* Of a NaN; of a number that is too large V8 says the same. */
	["float unrepresentable in integer range", TrapKind.CONVERSION],
	/* Of a function of another type; of none V8 says the same. */
	["null function or function signature mismatch", TrapKind.INDIRECT_TYPE],
	["Maximum call stack size exceeded", TrapKind.STACK],
]);

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
	const stack = error instanceof RangeError && kinds.has(error.message);
	if (!(error instanceof WebAssembly.RuntimeError) && !stack) return undefined;
	const exports = file.view?.exports ?? [];
	const exportedAs = (index: number): string =>
		exports.find((item) => item.kind === "function" && item.index === index)?.name ?? "";
	const frames = framesOf(error.stack ?? "").map((frame) =>
		frame.name ? frame : { ...frame, name: exportedAs(frame.index) },
	);
	const top = frames[0];
	const op = top ? readFileSync(file.path)[top.offset] : undefined;
	let kind = kinds.get(error.message);
	if (kind === TrapKind.TABLE && (op === CALL_INDIRECT || op === RETURN_CALL_INDIRECT))
		kind = TrapKind.UNDEFINED_ELEMENT;
	return {
		kind: kind === undefined ? "trap" : trapKindNames[kind]!,
		message: kind === undefined ? error.message : trapTexts[kind]!,
		functionIndex: top?.index ?? -1,
		functionName: top?.name ?? "",
		byteOffset: top?.offset ?? -1,
		wasmStack: frames.map(({ name, index, offset }) => {
			const place = `wasm-function[${index}]:0x${offset.toString(16)}`;
			return name ? `at ${name} (${place})` : `at ${place}`;
		}),
	};
}
