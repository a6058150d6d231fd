/** The store: the run time of this machine. There is one. */

import { errorClasses } from "./errors";

/** An object whose data only C knows. */
export interface Store {
	readonly brand?: "store";
}

/** Properties of a RuntimeError that a trap threw. */
export interface Trap extends Error {
	/** e.g. "divide-by-zero" */
	kind: string;
	/** -1: not in a function */
	functionIndex: number;
	functionName: string;
	byteOffset: number;
	/** "at name (wasm-function[i]:0xoffset)", the trap itself first */
	wasmStack: string[];
}

type MakeError = (kind: number, message: string) => Error;
type MakeTrap = (
	kind: string,
	message: string,
	functionIndex: number,
	functionName: string,
	byteOffset: number,
	wasmStack: string[],
) => Error;

const newStore = native<(object: Store, makeError: MakeError, makeTrap: MakeTrap) => void>("xs_store_new");

/* enum wx_api_error */
const COMPILE_ERROR = 0;
const LINK_ERROR = 1;

function makeError(kind: number, message: string): Error {
	const { CompileError, LinkError, SuspendError } = errorClasses();
	if (kind === COMPILE_ERROR) return new CompileError(message);
	return kind === LINK_ERROR ? new LinkError(message) : new SuspendError(message);
}

function hide(error: object, name: string, value: unknown): void {
	Object.defineProperty(error, name, { value, writable: true, enumerable: false, configurable: true });
}

function makeTrap(
	kind: string,
	message: string,
	functionIndex: number,
	functionName: string,
	byteOffset: number,
	wasmStack: string[],
): Error {
	const error = new (errorClasses().RuntimeError)(message);
	const stack = error.stack ?? "";
	const end = stack.indexOf("\n");
	let text = `RuntimeError: ${message}`;
	for (let i = 0; i < wasmStack.length; i++) text += `\n ${wasmStack[i]}`;
	if (end >= 0) text += stack.slice(end);
	hide(error, "stack", text);
	hide(error, "kind", kind);
	hide(error, "functionIndex", functionIndex);
	hide(error, "functionName", functionName);
	hide(error, "byteOffset", byteOffset);
	hide(error, "wasmStack", wasmStack);
	return error;
}

let store: Store | undefined;

/** Nothing is taken before WebAssembly is used. */
export function theStore(): Store {
	if (!store) {
		const object: Store = {};
		newStore(object, makeError, makeTrap);
		store = object;
	}
	return store;
}
