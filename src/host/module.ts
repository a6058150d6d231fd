/** WebAssembly.Module */

import { isBufferSource } from "./buffers";
import { Compiler, type CompileOptions } from "./compiler";
import { CompileError } from "./errors";
import { defineInterface } from "./interface";
import type { Refusal } from "./refusal";
import { isThenable, pump } from "./sources";

export interface ModuleExportDescriptor {
	name: string;
	kind: string;
}

export interface ModuleImportDescriptor extends ModuleExportDescriptor {
	module: string;
}

export const isModule = native<(value: unknown) => value is Module>("xs_module_is");
const moduleExports = native<(module: Module) => ModuleExportDescriptor[]>("xs_module_exports");
const moduleImports = native<(module: Module) => ModuleImportDescriptor[]>("xs_module_imports");
const moduleCustomSections = native<(module: Module, name: string) => ArrayBuffer[]>("xs_module_customSections");

export class Module {
	constructor(bytes: BufferSource) {
		compileBytes(bytes, "WebAssembly.Module()", this);
	}
	static exports(module: Module): ModuleExportDescriptor[] {
		return moduleExports(module);
	}
	static imports(module: Module): ModuleImportDescriptor[] {
		return moduleImports(module);
	}
	static customSections(module: Module, sectionName: string): ArrayBuffer[] {
		/* Its brand is checked before the name is converted. */
		if (!isModule(module)) return moduleCustomSections(module, "");
		if (arguments.length < 2) throw new TypeError("WebAssembly.Module.customSections(): Argument 1 is required");
		return moduleCustomSections(module, String(sectionName));
	}
}

defineInterface(Module, "Module");

function compileBytes(bytes: BufferSource, context: string, module: object | undefined, options?: CompileOptions): void {
	if (!isBufferSource(bytes)) throw new TypeError(`${context}: Argument 0 must be a buffer source`);
	const compiler = new Compiler(options);
	try {
		compiler.open();
		compiler.push(bytes);
		compiler.finish(module);
	} catch (error) {
		throw compiler.fail(error);
	}
}

/** Compiles at once. */
export function compileModule(bytes: BufferSource, context: string, options?: CompileOptions): Module {
	const module = Object.create(Module.prototype) as Module;
	compileBytes(bytes, context, module, options);
	return module;
}

/** Compiles while the bytes come. What waits meanwhile is part of the memory that it takes: here nothing does but the callbacks. */
export function startCompiling(
	source: unknown,
	options: CompileOptions | undefined,
	done: (module: Module) => void,
	failed: (error: unknown) => void,
): void {
	if (isThenable(source)) {
		source.then((given) => startCompiling(given, options, done, failed), failed);
		return;
	}
	if (Compiler.isBusy) {
		void Compiler.wait().then(() => startCompiling(source, options, done, failed));
		return;
	}
	const compiler = new Compiler(options, true);
	const end = (): Module => {
		const module = Object.create(Module.prototype) as Module;
		compiler.finish(module);
		return module;
	};
	pump(source, compiler, end, done, failed);
}

/** As a promise. */
export function compileSource(source: unknown, options?: CompileOptions): Promise<Module> {
	return new Promise((resolve, reject) => startCompiling(source, options, resolve, reject));
}

/** Is it a valid module? Only what is wrong with the module itself makes it invalid: a board without memory for it throws. */
export function validateModule(bytes: BufferSource): boolean {
	try {
		compileBytes(bytes, "WebAssembly.validate()", undefined, { validateOnly: true });
	} catch (error) {
		if (!(error instanceof CompileError) || (error as Refusal).byteOffset < 0) throw error;
		return false;
	}
	return true;
}
