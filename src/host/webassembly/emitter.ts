/**
 * The emitter: takes plans, makes images. An object whose data only C knows, and which also runs the native front end.
 */

import { compileErrorText } from "./messages";
import { refusal, type Refusal } from "./refusal";

export interface Emitter {
	readonly brand?: "emitter";
}

const getError = native<(emitter: Emitter) => string>("xs_compiler_error");
const getErrorFunction = native<(emitter: Emitter) => number>("xs_compiler_error_function");

/** Why it could not go on. */
export function emitterRefusal(emitter: Emitter): Refusal {
	return refusal(getError(emitter), -1, getErrorFunction(emitter));
}

/** What is wrong with the module, by the front end's errorCode(), errorDetail0() and so on. */
export function moduleRefusal(
	code: number,
	detail0: number,
	detail1: number,
	byteOffset: number,
	functionIndex: number,
): Refusal {
	return refusal(compileErrorText(code, detail0, detail1), byteOffset, functionIndex);
}

/** What brings a module's plan to its emitter. What is wrong with the module, it throws. */
export interface FrontEnd {
	/**
	 * Works through the chunk, or until it has given so many batches of the plan in all (0: any number). True: it is to
	 * be called again, with the same chunk.
	 */
	push(chunk: BufferSource, batches: number): boolean;
	/** There are no more bytes. True: it is to be called again. */
	end(batches: number): boolean;
}
