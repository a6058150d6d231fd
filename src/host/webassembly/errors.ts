/** The errors of WebAssembly. They behave as ECMAScript's NativeErrors do: called without `new` they construct too. */

export interface WebAssemblyErrorConstructor {
	new (message?: unknown, options?: ErrorOptions): Error;
	(message?: unknown, options?: ErrorOptions): Error;
	readonly prototype: Error;
}

const defineError = native<(name: string) => WebAssemblyErrorConstructor>("xs_error_class");

export const CompileError = defineError("CompileError");
export const LinkError = defineError("LinkError");
export const RuntimeError = defineError("RuntimeError");
export const SuspendError = defineError("SuspendError");
