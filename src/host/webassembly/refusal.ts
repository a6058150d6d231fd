/** A module that is refused: a CompileError that says where. */

import { errorClasses } from "./errors";

export interface Refusal extends Error {
	/** -1: it is not about a place */
	byteOffset: number;
	/** -1: not in a function */
	functionIndex: number;
}

const CONTEXT = "WebAssembly.Module()";

export function refusal(text: string, byteOffset: number, functionIndex: number): Refusal {
	let message = `${CONTEXT}: ${text}`;
	if (byteOffset >= 0) message += ` @+${byteOffset}`;
	if (functionIndex >= 0) message += ` (function #${functionIndex})`;
	const { CompileError } = errorClasses();
	const error = new CompileError(message) as Refusal;
	Object.defineProperty(error, "byteOffset", {
		value: byteOffset,
		writable: true,
		enumerable: false,
		configurable: true,
	});
	Object.defineProperty(error, "functionIndex", {
		value: functionIndex,
		writable: true,
		enumerable: false,
		configurable: true,
	});
	return error;
}
