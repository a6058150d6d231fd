/**
 * The front end as JavaScript that XS interprets: for boards without a native one, and to make that. There is one, so
 * it compiles one module at a time.
 */

import { bytes } from "../../aot/base/memory";
import { Status } from "../../aot/base/status";
import * as frontEnd from "../../aot/front-end";
import { frontEndLimitKeys } from "../../shared/limit-keys";
import type * as Refusals from "./emitter";
import type { Emitter, FrontEnd } from "./emitter";

/** Of the front end: until the next call of step() or configure(), which may replace the buffer. */
type Memory = ArrayBufferLike | ArrayBufferView;

const limitOf = native<(name: string) => number | undefined>("xs_host_limit");
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

/** Of emitter.ts. It is not imported: what is shared by entries of the image is a module of its own at boot. */
export type Refuse = Pick<typeof Refusals, "emitterRefusal" | "moduleRefusal">;

class ScriptFrontEnd implements FrontEnd {
	readonly #emitter: Emitter | undefined;
	readonly #refuse: Refuse;
	#bytes = 0;

	/** Without an emitter it only validates. */
	constructor(emitter: Emitter | undefined, refuse: Refuse) {
		this.#emitter = emitter;
		this.#refuse = refuse;
	}

	push(chunk: BufferSource): boolean {
		const length = chunk.byteLength;
		let offset = 0;
		while (offset < length) {
			const capacity = frontEnd.inputCapacity();
			const count = capacity < length - offset ? capacity : length - offset;
			if (count > 0) {
				copy(bytes(), frontEnd.inputAddress(), chunk, offset, count);
				frontEnd.feed(count);
				offset += count;
				this.#bytes += count;
			}
			this.work();
			if (this.#bytes >= COLLECT_BYTES) {
				this.#bytes = 0;
				collect();
			}
		}
		return false;
	}

	end(): boolean {
		frontEnd.finish();
		this.work();
		return false;
	}

	/** Until the front end wants more bytes, or is done. */
	private work(): void {
		const emitter = this.#emitter;
		for (;;) {
			const status: number = frontEnd.step();
			if (status === Status.PLAN) {
				if (emitter && emit(emitter, bytes(), frontEnd.planAddress(), frontEnd.planLength()) !== 0)
					throw this.#refuse.emitterRefusal(emitter);
			} else if (status === Status.ERROR) {
				throw this.#refuse.moduleRefusal(
					frontEnd.errorCode(),
					frontEnd.errorDetail0(),
					frontEnd.errorDetail1(),
					frontEnd.errorOffset(),
					frontEnd.errorFunction(),
				);
			} else return;
		}
	}
}

let prepared = false;

/** Sets the board's limits. */
export function prepareFrontEnd(): void {
	if (prepared) return;
	prepared = true;
	for (let i = 0; i < frontEndLimitKeys.length; i++) {
		const value = limitOf(frontEndLimitKeys[i]!);
		if (value !== undefined) frontEnd.setLimit(i, value);
	}
}

export function openScriptFrontEnd(emitter: Emitter | undefined, flags: number, refuse: Refuse): FrontEnd {
	prepareFrontEnd();
	frontEnd.configure(flags);
	return new ScriptFrontEnd(emitter, refuse);
}
