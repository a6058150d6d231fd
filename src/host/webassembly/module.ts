/** WebAssembly.Module */

import { isBufferSource } from "./buffers";
import { Compiler, optimizes, type CompileOptions } from "./compiler";
import { errorClasses } from "./errors";
import { defineInterface } from "./interface";
import type { Refusal } from "./refusal";
import { isReadableAgain, isThenable, pump } from "./sources";

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
const checksum = native<(bytes: BufferSource) => number>("xs_module_checksum");
const moduleCustomSections = native<(module: Module, name: string) => ArrayBuffer[]>("xs_module_customSections");

export class Module {
	constructor(bytes: BufferSource, options: unknown = undefined) {
		const context = "WebAssembly.Module()";
		compileBytes(bytes, context, this, toCompileOptions(options, context));
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

/** What scripts may ask for: see webassembly-api.d.ts. */
export function toCompileOptions(options: unknown, context: string): CompileOptions | undefined {
	if (options === undefined || options === null) return undefined;
	if (typeof options !== "object" && typeof options !== "function")
		throw new TypeError(`${context}: options must be an object`);
	const { optimize } = options as { optimize?: unknown };
	return optimize === undefined ? undefined : { optimize: !!optimize };
}

function compileBytes(
	bytes: BufferSource,
	context: string,
	module: object | undefined,
	options?: CompileOptions,
): void {
	if (!isBufferSource(bytes)) throw new TypeError(`${context}: Argument 0 must be a buffer source`);
	const first = compileOnce(bytes, module, options);
	if (!module || !optimizes(options)) return;
	try {
		compileOnce(bytes, module, options, first);
	} catch {
		// The first image stays.
	}
}

function compileOnce(
	bytes: BufferSource,
	module: object | undefined,
	options: CompileOptions | undefined,
	first?: Compiler,
): Compiler {
	const compiler = new Compiler(options, false, first);
	try {
		compiler.open();
		compiler.push(bytes);
		compiler.finish(module);
	} catch (error) {
		throw compiler.fail(error);
	}
	return compiler;
}

/** Compiles at once. */
function compileModule(bytes: BufferSource, context: string, options?: CompileOptions): Module {
	const module = Object.create(Module.prototype) as Module;
	compileBytes(bytes, context, module, options);
	return module;
}

/** For a promise: the module, or why there was no room for it yet. */
export interface Attempt {
	readonly module?: Module;
	readonly error?: unknown;
	/** Of the bytes. */
	readonly sum?: number;
}

/** Where there is no room, the second attempt is made after this turn: webassembly.ts. */
export function attemptToCompile(bytes: BufferSource, context: string, options?: CompileOptions): Attempt {
	try {
		return { module: compileModule(bytes, context, options) };
	} catch (error) {
		if (!(error instanceof errorClasses().CompileError) || (error as Refusal).byteOffset >= 0) throw error;
		return { error, sum: checksum(bytes) };
	}
}

/** The bytes must be those of the first attempt. */
export function compileAfter(
	{ module, error, sum }: Attempt,
	bytes: BufferSource,
	context: string,
	options?: CompileOptions,
): Module {
	if (module) return module;
	if (checksum(bytes) !== sum) throw error;
	return compileModule(bytes, context, options);
}

/** A module is there. `kept`: why the image of the first compilation has stayed, where there was to be a second one. */
type Done = (module: Module, kept?: unknown) => void;

/**
 * Compiles while the bytes come. What waits meanwhile is part of the memory that it takes: here nothing does but the
 * callbacks.
 */
export function startCompiling(
	source: unknown,
	options: CompileOptions | undefined,
	done: Done,
	failed: (error: unknown) => void,
): void {
	if (isThenable(source)) {
		source.then((given) => startCompiling(given, options, done, failed), failed);
		return;
	}
	const twice = optimizes(options);
	if (!twice || !isReadableAgain(source)) {
		if (twice && options?.optimize)
			failed(
				new TypeError("WebAssembly: a module that is to be optimized needs a source that can be read twice"),
			);
		else
			stream(
				source,
				options,
				undefined,
				Object.create(Module.prototype) as Module,
				(module) => done(module),
				failed,
			);
		return;
	}
	const second = (module: Module, first: Compiler): void =>
		stream(
			source,
			options,
			first,
			module,
			() => done(module),
			(error) => done(module, error),
		);
	stream(source, options, undefined, Object.create(Module.prototype) as Module, second, failed);
}

function stream(
	source: unknown,
	options: CompileOptions | undefined,
	first: Compiler | undefined,
	module: Module,
	done: (module: Module, compiler: Compiler) => void,
	failed: (error: unknown) => void,
): void {
	if (Compiler.isBusy) {
		void Compiler.wait().then(() => stream(source, options, first, module, done, failed));
		return;
	}
	const compiler = new Compiler(options, true, first);
	const end = (): Module => {
		compiler.finish(module);
		return module;
	};
	pump(source, compiler, end, () => done(module, compiler), failed);
}

/** As a promise. */
export function compileSource(source: unknown, options?: CompileOptions): Promise<Module> {
	return new Promise((resolve, reject) => startCompiling(source, options, (module) => resolve(module), reject));
}

/**
 * Is it a valid module? Only what is wrong with the module itself makes it invalid: a board without memory for it
 * throws.
 */
export function validateModule(bytes: BufferSource): boolean {
	try {
		compileBytes(bytes, "WebAssembly.validate()", undefined, { validateOnly: true });
	} catch (error) {
		if (!(error instanceof errorClasses().CompileError) || (error as Refusal).byteOffset < 0) throw error;
		return false;
	}
	return true;
}
