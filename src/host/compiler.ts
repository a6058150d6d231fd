/**
 * The compiler of the device: chunks of a module go into the front end's memory, its plan goes to the emitter in batches, the image comes out. No byte passes
 * through JavaScript.
 */

import { Status } from "../aot/status";
import { isBufferSource } from "./buffers";
import { CompileError } from "./errors";
import { loadFrontEnd, type FrontEnd } from "./front-end-loader";
import { compileErrorText } from "./messages";
import { theStore, type Store } from "./store";

/** An object whose data only C knows. */
interface Emitter {
	readonly brand?: "emitter";
}

type Memory = ArrayBufferLike | ArrayBufferView;

const newEmitter = native<(emitter: Emitter, store: Store, audit: boolean) => void>("xs_compiler_new");
const emit = native<(emitter: Emitter, memory: Memory, address: number, length: number) => number>("xs_compiler_plan");
const finishEmitter = native<(emitter: Emitter, module: object) => number>("xs_compiler_finish");
const emitterError = native<(emitter: Emitter) => string>("xs_compiler_error");
const emitterErrorFunction = native<(emitter: Emitter) => number>("xs_compiler_error_function");
const closeEmitter = native<(emitter: Emitter) => void>("xs_compiler_close");
const copy = native<(memory: Memory, address: number, chunk: BufferSource, offset: number, count: number) => void>("xs_compiler_copy");
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

/** A CompileError that says where. */
export interface Refusal extends Error {
	byteOffset: number;
	/** -1: not in a function */
	functionIndex: number;
}

/** Garbage is collected after so many bytes of a module: its chunks would fill the heap, and a board's heap grows to what it is asked for. */
const COLLECT_BYTES = 4096;

const CONTEXT = "WebAssembly.Module()";

function refusal(text: string, byteOffset: number, functionIndex: number): Refusal {
	let message = `${CONTEXT}: ${text}`;
	if (byteOffset >= 0) message += ` @+${byteOffset}`;
	if (functionIndex >= 0) message += ` (function #${functionIndex})`;
	const error = new CompileError(message) as Refusal;
	Object.defineProperty(error, "byteOffset", { value: byteOffset, writable: true, enumerable: false, configurable: true });
	Object.defineProperty(error, "functionIndex", { value: functionIndex, writable: true, enumerable: false, configurable: true });
	return error;
}

/** There is one front end, so one module is compiled at a time. */
let current: Compiler | undefined;

/** Those who wait for it. */
const waiting: (() => void)[] = [];

export class Compiler {
	readonly #frontEnd: FrontEnd;
	readonly #emitter: Emitter | undefined;
	#ended = false;
	#bytes = 0;
	#collected = 0;

	/** Throws when another module is being compiled: see `begin`. */
	constructor(options: CompileOptions = {}) {
		if (current) throw refusal("another module is being compiled", -1, -1);
		// eslint-disable-next-line @typescript-eslint/no-this-alias -- there is one at a time
		current = this;
		const audit = options.audit ?? auditAll;
		try {
			this.#frontEnd = loadFrontEnd();
			guard(() => {
				this.#frontEnd.configure((audit ? 1 : 0) | (options.trim ? 2 : 0));
			});
			if (!options.validateOnly) {
				this.#emitter = {};
				newEmitter(this.#emitter, theStore(), audit);
			}
		} catch (error) {
			throw this.#fail(error);
		}
	}

	/** Begins as soon as no other module is being compiled. */
	static async begin(options?: CompileOptions): Promise<Compiler> {
		while (current) await new Promise<void>((resolve) => waiting.push(resolve));
		return new Compiler(options);
	}

	/** Bytes taken so far. */
	get bytes(): number {
		return this.#bytes;
	}

	push(chunk: BufferSource): void {
		if (this.#ended) throw new TypeError("WebAssembly: compilation has ended");
		if (!isBufferSource(chunk)) throw new TypeError(`${CONTEXT}: Argument 0 must be a buffer source`);
		try {
			guard(() => this.#take(chunk));
		} catch (error) {
			throw this.#fail(error);
		}
	}

	/** All bytes have come: gives the object its image, that of a WebAssembly.Module. */
	finish(module?: object): void {
		if (this.#ended) throw new TypeError("WebAssembly: compilation has ended");
		try {
			guard(() => this.#complete(module));
		} catch (error) {
			throw this.#fail(error);
		}
		this.abandon();
	}

	/** Gives everything back. */
	abandon(): void {
		if (this.#ended) return;
		this.#ended = true;
		if (this.#emitter) closeEmitter(this.#emitter);
		current = undefined;
		const next = waiting.shift();
		if (next) next();
	}

	#take(chunk: BufferSource): void {
		const frontEnd = this.#frontEnd;
		const length = chunk.byteLength;
		let offset = 0;
		while (offset < length) {
			const capacity = frontEnd.inputCapacity();
			const count = capacity < length - offset ? capacity : length - offset;
			if (count > 0) {
				copy(frontEnd.bytes(), frontEnd.inputAddress(), chunk, offset, count);
				frontEnd.feed(count);
				offset += count;
				this.#bytes += count;
			}
			this.#work();
			if (this.#bytes - this.#collected >= COLLECT_BYTES) {
				this.#collected = this.#bytes;
				collect();
			}
		}
	}

	#complete(module: object | undefined): void {
		this.#frontEnd.finish();
		this.#work();
		const emitter = this.#emitter;
		if (!emitter || !module) return;
		const status = finishEmitter(emitter, module);
		if (status !== 0) throw this.#emitterRefusal(emitter);
	}

	/** Until the front end wants more bytes, or is done. */
	#work(): void {
		const frontEnd = this.#frontEnd;
		const emitter = this.#emitter;
		for (;;) {
			const status: number = frontEnd.step();
			if (status === Status.PLAN) {
				if (emitter && emit(emitter, frontEnd.bytes(), frontEnd.planAddress(), frontEnd.planLength()) !== 0) throw this.#emitterRefusal(emitter);
			} else if (status === Status.ERROR) {
				throw refusal(
					compileErrorText(frontEnd.errorCode(), frontEnd.errorDetail0(), frontEnd.errorDetail1()),
					frontEnd.errorOffset(),
					frontEnd.errorFunction(),
				);
			} else return;
		}
	}

	#emitterRefusal(emitter: Emitter): Refusal {
		return refusal(emitterError(emitter), -1, emitterErrorFunction(emitter));
	}

	/** Ends the compilation. Memory that ran out is the module's fault here. */
	#fail(error: unknown): unknown {
		this.abandon();
		return error instanceof RangeError ? refusal(error.message, -1, -1) : error;
	}
}
