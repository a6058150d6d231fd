/** The WebAssembly namespace: https://webassembly.github.io/spec/js-api/ with promise integration. */

import { isBufferSource } from "./buffers";
import { errorClasses } from "./errors";
import { Global } from "./global";
import { checkImports, Instance, instantiateModule } from "./instance";
import { defineTag } from "./interface";
import { Memory } from "./memory";
import {
	attemptToCompile,
	compileAfter,
	compileSource,
	isModule,
	Module,
	toCompileOptions,
	validateModule,
} from "./module";
import { promising, Suspending } from "./promise-integration";
import { Table } from "./table";

interface ModuleAndInstance {
	module: Module;
	instance: Instance;
}

function both(module: Module, importObject: unknown): ModuleAndInstance {
	return { module, instance: instantiateModule(module, importObject) };
}

const operations = {
	validate(bytes: BufferSource): boolean {
		return validateModule(bytes);
	},
	/*
	 * What these throw rejects the promise. Bytes are compiled at once: whoever changes them later changes nothing. All
	 * else waits until this turn has ended, since until then the engine holds what the caller awaited last, which may
	 * be what is to be replaced.
	 */
	async compile(bytes: BufferSource, options: unknown = undefined): Promise<Module> {
		const context = "WebAssembly.compile()";
		const compileOptions = toCompileOptions(options, context);
		const attempt = attemptToCompile(bytes, context, compileOptions);
		if (attempt.module) return attempt.module;
		await undefined;
		return compileAfter(attempt, bytes, context, compileOptions);
	},
	async instantiate(
		source: BufferSource | Module,
		importObject: unknown = undefined,
		options: unknown = undefined,
	): Promise<Instance | ModuleAndInstance> {
		const context = "WebAssembly.instantiate()";
		if (isModule(source)) {
			checkImports(importObject, context);
			await undefined;
			return instantiateModule(source, importObject);
		}
		if (!isBufferSource(source))
			throw new TypeError(`${context}: Argument 0 must be a buffer source or a WebAssembly.Module`);
		checkImports(importObject, context);
		const compileOptions = toCompileOptions(options, context);
		const attempt = attemptToCompile(source, context, compileOptions);
		await undefined;
		return both(compileAfter(attempt, source, context, compileOptions), importObject);
	},
	async compileStreaming(source: unknown, options: unknown = undefined): Promise<Module> {
		const compileOptions = toCompileOptions(options, "WebAssembly.compileStreaming()");
		await undefined;
		return compileSource(source, compileOptions);
	},
	async instantiateStreaming(
		source: unknown,
		importObject: unknown = undefined,
		options: unknown = undefined,
	): Promise<ModuleAndInstance> {
		const context = "WebAssembly.instantiateStreaming()";
		checkImports(importObject, context);
		const compileOptions = toCompileOptions(options, context);
		await undefined;
		return both(await compileSource(source, compileOptions), importObject);
	},
	promising,
};

const namespace = { ...operations };

function defineClass(name: string, value: unknown): void {
	Object.defineProperty(namespace, name, { value, writable: true, enumerable: false, configurable: true });
}

defineClass("Module", Module);
defineClass("Instance", Instance);
defineClass("Memory", Memory);
defineClass("Table", Table);
defineClass("Global", Global);
defineClass("Suspending", Suspending);
defineTag(namespace, "WebAssembly");

/** Makes the namespace complete, and the global variable of it. Once, when the machine runs. */
export function installWebAssembly(): void {
	const { CompileError, LinkError, RuntimeError, SuspendError } = errorClasses();
	defineClass("CompileError", CompileError);
	defineClass("LinkError", LinkError);
	defineClass("RuntimeError", RuntimeError);
	defineClass("SuspendError", SuspendError);
	Object.defineProperty(globalThis, "WebAssembly", {
		value: namespace,
		writable: true,
		enumerable: false,
		configurable: true,
	});
}
