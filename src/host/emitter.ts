/** The emitter: takes plans, makes images. An object whose data only C knows, and which also runs the native front end. */

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

/** What brings a module's plan to its emitter. What is wrong with the module, it throws. */
export interface FrontEnd {
	push(chunk: BufferSource): void;
	/** There are no more bytes. */
	end(): void;
}
