/** The errors of WebAssembly. They behave as ECMAScript's NativeErrors do: called without `new` they construct too. */

export interface WebAssemblyErrorConstructor {
	new (message?: unknown, options?: ErrorOptions): Error;
	(message?: unknown, options?: ErrorOptions): Error;
	readonly prototype: Error;
}

export interface ErrorClasses {
	readonly CompileError: WebAssemblyErrorConstructor;
	readonly LinkError: WebAssemblyErrorConstructor;
	readonly RuntimeError: WebAssemblyErrorConstructor;
	readonly SuspendError: WebAssemblyErrorConstructor;
}

const defineError = native<(name: string) => WebAssemblyErrorConstructor>("xs_error_class");

let classes: ErrorClasses | undefined;

/** Made when they are first asked for: while a module is preloaded into a firmware, no native can be called. */
export function errorClasses(): ErrorClasses {
	if (!classes)
		classes = {
			CompileError: defineError("CompileError"),
			LinkError: defineError("LinkError"),
			RuntimeError: defineError("RuntimeError"),
			SuspendError: defineError("SuspendError"),
		};
	return classes;
}
