/*
 * The global WebAssembly, as scripts of the boards see it: the standard's JavaScript API with streaming from sources of
 * chunks, promise integration, and what RuntimeErrors and CompileErrors tell more than the standard's.
 */

type BufferSource = ArrayBufferView | ArrayBufferLike;

declare namespace WebAssembly {
	type ImportExportKind = "function" | "global" | "memory" | "table";
	type ValueType = "anyfunc" | "externref" | "f32" | "f64" | "funcref" | "i32" | "i64";
	type TableKind = "anyfunc" | "externref" | "funcref";
	type ExportValue = ExportedFunction | Global | Memory | Table;
	type Exports = Record<string, ExportValue>;
	type Imports = Record<string, Record<string, unknown>>;
	type ExportedFunction = (...values: unknown[]) => unknown;

	/** A source of chunks: see src/host/webassembly/sources.ts. */
	type Source =
		| BufferSource
		| {
				readonly length?: number;
				read(offset: number, count: number): BufferSource | undefined | Promise<BufferSource | undefined>;
		  }
		| AsyncIterable<BufferSource>
		| Iterable<BufferSource>
		| { arrayBuffer(): ArrayBuffer | Promise<ArrayBuffer> }
		| { readonly body: Source };

	interface CompileOptions {
		/**
		 * The module is compiled a second time, with what the first compilation has learned of the whole of it, which
		 * takes code flash for both images until the second is complete;
		 * when that fails, the first one stays. Streaming forms need a source with `read` or `readInto`, or bytes:
		 * others are a TypeError.
		 */
		optimize?: boolean;
	}

	interface ModuleExportDescriptor {
		name: string;
		kind: ImportExportKind;
	}
	interface ModuleImportDescriptor {
		module: string;
		name: string;
		kind: ImportExportKind;
	}
	interface WebAssemblyInstantiatedSource {
		module: Module;
		instance: Instance;
	}
	interface GlobalDescriptor {
		value: ValueType;
		mutable?: boolean;
	}
	interface MemoryDescriptor {
		initial: number;
		maximum?: number;
		pageSize?: number;
	}
	interface TableDescriptor {
		element: TableKind;
		initial: number;
		maximum?: number;
	}

	class Module {
		constructor(bytes: BufferSource, options?: CompileOptions);
		static exports(module: Module): ModuleExportDescriptor[];
		static imports(module: Module): ModuleImportDescriptor[];
		static customSections(module: Module, sectionName: string): ArrayBuffer[];
	}
	class Instance {
		constructor(module: Module, importObject?: Imports);
		readonly exports: Exports;
	}
	class Memory {
		constructor(descriptor: MemoryDescriptor);
		readonly buffer: ArrayBuffer;
		grow(delta: number): number;
	}
	class Table {
		constructor(descriptor: TableDescriptor, value?: unknown);
		readonly length: number;
		get(index: number): unknown;
		set(index: number, value?: unknown): void;
		grow(delta: number, value?: unknown): number;
	}
	class Global {
		constructor(descriptor: GlobalDescriptor, value?: unknown);
		value: unknown;
		valueOf(): unknown;
	}
	class Suspending {
		constructor(callee: (...values: never[]) => unknown);
	}

	interface CompileError extends Error {
		readonly byteOffset: number;
		readonly functionIndex: number;
	}
	type LinkError = Error;
	type SuspendError = Error;
	interface RuntimeError extends Error {
		/** e.g. "divide-by-zero" */
		readonly kind: string;
		readonly functionIndex: number;
		readonly functionName: string;
		readonly byteOffset: number;
		readonly wasmStack: string[];
	}
	interface ErrorClass<E extends Error> {
		new (message?: string, options?: ErrorOptions): E;
		(message?: string, options?: ErrorOptions): E;
		readonly prototype: E;
	}
	const CompileError: ErrorClass<CompileError>;
	const LinkError: ErrorClass<LinkError>;
	const RuntimeError: ErrorClass<RuntimeError>;
	const SuspendError: ErrorClass<SuspendError>;

	function validate(bytes: BufferSource): boolean;
	function compile(bytes: BufferSource, options?: CompileOptions): Promise<Module>;
	function instantiate(
		bytes: BufferSource,
		importObject?: Imports,
		options?: CompileOptions,
	): Promise<WebAssemblyInstantiatedSource>;
	function instantiate(module: Module, importObject?: Imports): Promise<Instance>;
	function compileStreaming(source: Source | Promise<Source>, options?: CompileOptions): Promise<Module>;
	function instantiateStreaming(
		source: Source | Promise<Source>,
		importObject?: Imports,
		options?: CompileOptions,
	): Promise<WebAssemblyInstantiatedSource>;
	function promising(callee: (...values: never[]) => unknown): (...values: unknown[]) => Promise<unknown>;
}
