/**
 * The front end as JavaScript that XS interprets: for boards without a native one, and to make that. There is one, so
 * it compiles one module at a time.
 */

import { Status } from "../../aot/base/status";
import { emitterRefusal, type Emitter, type FrontEnd } from "./emitter";
import { loadFrontEnd, type Memory, type Program } from "./front-end-loader";
import { compileErrorText } from "./messages";
import { refusal } from "./refusal";

const emit = native<(emitter: Emitter, memory: Memory, address: number, length: number) => number>("xs_compiler_plan");
const copy =
	native<(memory: Memory, address: number, chunk: BufferSource, offset: number, count: number) => void>(
		"xs_compiler_copy",
	);
const collect = native<() => void>("xs_host_collect");

/**
 * Garbage is collected after so many bytes of a module: its chunks would fill the heap, and a board's heap grows to
 * what it is asked for.
 */
const COLLECT_BYTES = 4096;

class ScriptFrontEnd implements FrontEnd {
	readonly #program: Program;
	readonly #emitter: Emitter | undefined;
	#bytes = 0;

	/** Without an emitter it only validates. */
	constructor(made: Program, emitter: Emitter | undefined) {
		this.#program = made;
		this.#emitter = emitter;
	}

	push(chunk: BufferSource): boolean {
		const frontEnd = this.#program;
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
			if (this.#bytes >= COLLECT_BYTES) {
				this.#bytes = 0;
				collect();
			}
		}
		return false;
	}

	end(): boolean {
		this.#program.finish();
		this.#work();
		return false;
	}

	/** Until the front end wants more bytes, or is done. */
	#work(): void {
		const frontEnd = this.#program;
		const emitter = this.#emitter;
		for (;;) {
			const status: number = frontEnd.step();
			if (status === Status.PLAN) {
				if (emitter && emit(emitter, frontEnd.bytes(), frontEnd.planAddress(), frontEnd.planLength()) !== 0)
					throw emitterRefusal(emitter);
			} else if (status === Status.ERROR) {
				throw refusal(
					compileErrorText(frontEnd.errorCode(), frontEnd.errorDetail0(), frontEnd.errorDetail1()),
					frontEnd.errorOffset(),
					frontEnd.errorFunction(),
				);
			} else return;
		}
	}
}

export function openScriptFrontEnd(emitter: Emitter | undefined, flags: number): FrontEnd {
	const made = loadFrontEnd();
	made.configure(flags);
	return new ScriptFrontEnd(made, emitter);
}
