/** The errors of WebAssembly. They behave as ECMAScript's NativeErrors do: called without `new` they construct too. */

export interface WebAssemblyErrorConstructor {
	new (message?: unknown, options?: ErrorOptions): Error;
	(message?: unknown, options?: ErrorOptions): Error;
	readonly prototype: Error;
}

function defineError(name: string): WebAssemblyErrorConstructor {
	const constructor = function (message: unknown, options: unknown = undefined): Error {
		return Reflect.construct(Error, [message, options], new.target ?? constructor) as Error;
	} as WebAssemblyErrorConstructor;
	const prototype = Object.create(Error.prototype, {
		constructor: { value: constructor, writable: true, enumerable: false, configurable: true },
		name: { value: name, writable: true, enumerable: false, configurable: true },
		message: { value: "", writable: true, enumerable: false, configurable: true },
	}) as object;
	Object.defineProperty(constructor, "name", { value: name, writable: false, enumerable: false, configurable: true });
	Object.defineProperty(constructor, "prototype", { value: prototype, writable: false, enumerable: false, configurable: false });
	Object.setPrototypeOf(constructor, Error);
	return constructor;
}

export const CompileError = defineError("CompileError");
export const LinkError = defineError("LinkError");
export const RuntimeError = defineError("RuntimeError");
export const SuspendError = defineError("SuspendError");
