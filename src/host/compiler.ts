/**
 * The compiler of the device: chunks of a module go through the front end to the emitter, the image comes out. No byte passes through JavaScript where the front end is native.
 */

import { isBufferSource } from "./buffers";
import type { Emitter, FrontEnd } from "./emitter";
import { emitterRefusal } from "./emitter";
import { loadFrontEnd } from "./front-end-loader";
import { openNativeFrontEnd } from "./native-front-end";
import { refusal } from "./refusal";
import { openScriptFrontEnd } from "./script-front-end";
import { theStore, type Store } from "./store";

const newEmitter = native<(emitter: Emitter, store: Store, audit: boolean, validateOnly: boolean) => void>("xs_compiler_new");
const finishEmitter = native<(emitter: Emitter, module: object) => number>("xs_compiler_finish");
const closeEmitter = native<(emitter: Emitter) => void>("xs_compiler_close");
const hasNativeFrontEnd = native<() => boolean>("xs_compiler_native");
const collect = native<() => void>("xs_host_collect");
const guard = native<(callee: () => void) => void>("xs_host_guard");

/** `exec --audit`: every module is compiled so. */
const auditAll = native<(name: string) => number | undefined>("xs_host_limit")("audit") === 1;

export interface CompileOptions {
	/** keep proved checks as traps of the kind planner-bug */
	audit?: boolean;
	/** a memory begins no larger than the module's __heap_base or __data_end says it needs */
	trim?: boolean;
	/** check only: no code is made */
	validateOnly?: boolean;
}

/** Chunks of a stream are garbage, collected after so many bytes: a board's heap grows to what it is asked for. */
const COLLECT_BYTES = 8192;

/** One stream at a time: each takes memory for the largest function. */
let streaming = false;

/** Those who wait for it. */
const waiting: (() => void)[] = [];

/** The interpreted front end compiles one module at a time. */
let interpreting = false;

/** Has all there that a board takes before it compiles. */
export function prepareCompiler(): void {
	if (!hasNativeFrontEnd()) loadFrontEnd();
}

export class Compiler {
	readonly #emitter: Emitter = {};
	readonly #frontEnd: FrontEnd;
	readonly #validateOnly: boolean;
	#interprets = false;
	#streams = false;
	#ended = false;
	#garbage = 0;

	constructor(options: CompileOptions = {}) {
		const audit = options.audit ?? auditAll;
		this.#validateOnly = options.validateOnly ?? false;
		let frontEnd: FrontEnd | undefined;
		try {
			guard(() => {
				frontEnd = this.#open(audit, (audit ? 1 : 0) | (options.trim ? 2 : 0));
			});
		} catch (error) {
			throw this.#fail(error);
		}
		this.#frontEnd = frontEnd!;
	}

	/** Begins as soon as no other module is being compiled while it comes. */
	static async begin(options?: CompileOptions): Promise<Compiler> {
		while (streaming || interpreting) await new Promise<void>((resolve) => waiting.push(resolve));
		const compiler = new Compiler(options);
		compiler.#streams = streaming = true;
		return compiler;
	}

	push(chunk: BufferSource): void {
		if (this.#ended) throw new TypeError("WebAssembly: compilation has ended");
		if (!isBufferSource(chunk)) throw new TypeError("WebAssembly: a chunk must be a buffer source");
		try {
			guard(() => this.#frontEnd.push(chunk));
			this.#garbage += chunk.byteLength;
			if (this.#streams && this.#garbage >= COLLECT_BYTES) {
				this.#garbage = 0;
				collect();
			}
		} catch (error) {
			throw this.#fail(error);
		}
	}

	/** All bytes have come: gives the object its image, that of a WebAssembly.Module. */
	finish(module?: object): void {
		if (this.#ended) throw new TypeError("WebAssembly: compilation has ended");
		try {
			guard(() => {
				this.#frontEnd.end();
				if (!this.#validateOnly && module && finishEmitter(this.#emitter, module) !== 0) throw emitterRefusal(this.#emitter);
			});
		} catch (error) {
			throw this.#fail(error);
		}
		this.abandon();
	}

	/** Gives everything back. */
	abandon(): void {
		if (this.#ended) return;
		this.#ended = true;
		if (this.#interprets) interpreting = false;
		if (this.#streams) streaming = false;
		closeEmitter(this.#emitter);
		const next = waiting.shift();
		if (next) next();
	}

	#open(audit: boolean, flags: number): FrontEnd {
		newEmitter(this.#emitter, theStore(), audit, this.#validateOnly);
		const frontEnd = openNativeFrontEnd(this.#emitter, flags);
		if (frontEnd) return frontEnd;
		if (interpreting) throw refusal("another module is being compiled", -1, -1);
		this.#interprets = interpreting = true;
		return openScriptFrontEnd(this.#validateOnly ? undefined : this.#emitter, flags);
	}

	/** Ends the compilation. Memory that ran out is the module's fault here. */
	#fail(error: unknown): unknown {
		this.abandon();
		return error instanceof RangeError ? refusal(error.message, -1, -1) : error;
	}
}
