/**
 * The compiler of the device: chunks of a module go through the front end to the emitter, the image comes out. No byte
 * passes through JavaScript where the front end is native.
 */

import { isBufferSource } from "./buffers";
import type { Emitter, FrontEnd } from "./emitter";
import { emitterRefusal, moduleRefusal } from "./emitter";
import { loadScriptFrontEnd } from "./front-end-loader";
import { openNativeFrontEnd } from "./native-front-end";
import { refusal } from "./refusal";
import { theStore, type Store } from "./store";

const newEmitter =
	native<
		(
			emitter: Emitter,
			store: Store,
			audit: boolean,
			validateOnly: boolean,
			direct: boolean,
			mapped: number | undefined,
			learns: boolean,
			first: Emitter | undefined,
			streams: boolean,
		) => void
	>("xs_compiler_new");
/** Is there a compilation that streams? One that is garbage is not. */
const isStreaming = native<(store: Store) => boolean>("xs_compiler_streams");
const mapOf = native<(emitter: Emitter) => ArrayBuffer>("xs_compiler_map");
const finishEmitter = native<(emitter: Emitter, module: object) => number>("xs_compiler_finish");
const closeEmitter = native<(emitter: Emitter) => void>("xs_compiler_close");
const hasNativeFrontEnd = native<() => boolean>("xs_compiler_native");
const collect = native<() => void>("xs_host_collect");
const guard = native<(callee: () => void) => void>("xs_host_guard");

const limitOf = native<(name: string) => number | undefined>("xs_host_limit");

/** `exec --audit`, `exec --optimize`: every module is compiled so, or twice where it can be. */
function isForAll(name: "audit" | "optimize"): boolean {
	return limitOf(name) === 1;
}

/**
 * Asks which code came of which instruction: of one function, by its index, or of all (-1). `words` is set when the
 * module is done: native/emit/code-map.h.
 */
export interface CodeMap {
	function: number;
	words?: ArrayBuffer;
}

export interface CompileOptions {
	map?: CodeMap;
	/** keep proved checks as traps of the kind planner-bug */
	audit?: boolean;
	/** a memory begins no larger than the module's __heap_base or __data_end says it needs */
	trim?: boolean;
	/** check only: no code is made */
	validateOnly?: boolean;
	/** compiled a second time, with what the first compilation learned of the whole module: native/emit/summary.h */
	optimize?: boolean;
	/**
	 * digital pins of the device API by the chip's registers, in line: such a module links to the board's own functions
	 * only
	 */
	directPins?: boolean;
}

/** Is the module to be compiled twice? */
export function optimizes(options: CompileOptions | undefined): boolean {
	return (options?.optimize ?? isForAll("optimize")) && !options?.validateOnly;
}

/**
 * A stream's compilation lets timers and events in after so many batches of the plan: by the work done, not by the
 * clock, so that simulated time stays repeatable.
 */
const SLICE = 8;

/** Chunks of a stream are garbage, collected after so many bytes: a board's heap grows to what it is asked for. */
const COLLECT_BYTES = 8192;

/** Those who wait: one stream at a time is compiled, since each takes memory for the largest function. */
const waiting: (() => void)[] = [];

/** The interpreted front end compiles one module at a time. */
let interpreting = false;

/** Has all there that a board takes before it compiles. */
export function prepareCompiler(): void {
	if (!hasNativeFrontEnd()) loadScriptFrontEnd().prepareFrontEnd();
}

/**
 * The compilation of one module: open(), push() for each chunk, finish(). What one of them throws goes to fail(), which
 * ends the compilation and says what to throw on:
 * so whoever drives it catches, and no `try` of its own, each a block of the engine's memory, is open while it works.
 */
export class Compiler {
	readonly #emitter: Emitter = {};
	readonly #options: CompileOptions;
	readonly #first: Compiler | undefined;
	#frontEnd: FrontEnd | undefined;
	#interprets = false;
	readonly #streams: boolean;
	/** There is something to give back. */
	#opened = false;
	#ended = false;
	#garbage = 0;
	/** The one at hand, and whether there is more to do with it. */
	#chunk: BufferSource | undefined;
	#more = false;
	#before: BufferSource | undefined;
	readonly #work = (): void => {
		if (this.#frontEnd) this.#more = this.#frontEnd.push(this.#chunk!, this.#streams ? SLICE : 0);
		else this.#frontEnd = this.openFrontEnd();
	};

	/**
	 * `streams`: the module is compiled while it comes. `first`: of the same module, finished; the image of that is
	 * replaced.
	 */
	constructor(options: CompileOptions = {}, streams = false, first?: Compiler) {
		this.#options = options;
		this.#first = first;
		this.#streams = streams;
	}

	/** Until no other module is being compiled while it comes. */
	static async wait(): Promise<void> {
		while (Compiler.isBusy) await new Promise<void>((resolve) => waiting.push(resolve));
	}

	/** Is another module being compiled while it comes? */
	static get isBusy(): boolean {
		return interpreting || isStreaming(theStore());
	}

	/** Takes the memory that it needs, if it has not. */
	open(): void {
		if (!this.#frontEnd) guard(this.#work);
	}

	/**
	 * Takes a chunk. True, of a stream's: it is time for a pause; the chunk must stay, and goOn() be called until that
	 * gives false.
	 */
	push(chunk: BufferSource): boolean {
		if (!isBufferSource(chunk)) throw new TypeError("WebAssembly: a chunk must be a buffer source");
		this.#chunk = chunk;
		return this.goOn();
	}

	/** Goes on with the chunk at hand. */
	goOn(): boolean {
		if (this.#ended) throw new TypeError("WebAssembly: compilation has ended");
		guard(this.#work);
		if (!this.#more) this.chunkDone();
		return this.#more;
	}

	/** All bytes have come: gives the object its image, that of a WebAssembly.Module. */
	finish(module?: object): void {
		if (this.#ended) throw new TypeError("WebAssembly: compilation has ended");
		const { map, validateOnly } = this.#options;
		guard(() => {
			this.#frontEnd!.end(0);
			if (map) map.words = mapOf(this.#emitter);
			if (!validateOnly && module && finishEmitter(this.#emitter, module) !== 0)
				throw emitterRefusal(this.#emitter);
		});
		this.abandon();
	}

	/** Gives everything back. */
	abandon(): void {
		if (this.#ended) return;
		this.#ended = true;
		if (this.#interprets) interpreting = false;
		if (this.#opened) closeEmitter(this.#emitter);
		const next = waiting.shift();
		if (next) next();
	}

	/**
	 * Ends the compilation for what it has thrown, and gives what to throw. Memory that ran out is the module's fault
	 * here.
	 */
	fail(error: unknown): unknown {
		this.abandon();
		return error instanceof RangeError ? refusal(error.message, -1, -1) : error;
	}

	private openFrontEnd(): FrontEnd {
		const options = this.#options;
		const audit = options.audit ?? isForAll("audit");
		const validateOnly = options.validateOnly ?? false;
		const flags = (audit ? 1 : 0) | (options.trim ? 2 : 0);
		newEmitter(
			this.#emitter,
			theStore(),
			audit,
			validateOnly,
			options.directPins ?? false,
			options.map?.function,
			!this.#first && optimizes(options),
			this.#first && this.#first.#emitter,
			this.#streams,
		);
		this.#opened = true;
		const frontEnd = openNativeFrontEnd(this.#emitter, flags);
		if (frontEnd) return frontEnd;
		if (interpreting) throw refusal("another module is being compiled", -1, -1);
		this.#interprets = interpreting = true;
		return loadScriptFrontEnd().openScriptFrontEnd(validateOnly ? undefined : this.#emitter, flags, {
			emitterRefusal,
			moduleRefusal,
		});
	}

	private chunkDone(): void {
		// a source that fills the same buffer again leaves none
		if (this.#chunk !== this.#before) this.#garbage += this.#chunk!.byteLength;
		this.#before = this.#chunk;
		if (!this.#streams || this.#garbage < COLLECT_BYTES) return;
		this.#garbage = 0;
		collect();
	}
}
