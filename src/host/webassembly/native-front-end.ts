/**
 * The front end as native code: aot.wasm, compiled by this project's own emitter when the firmware was built. It runs
 * in the sandbox as any module, in an instance of its
 * own for each compilation, whose memory is given back with it.
 */

import { emitterRefusal, moduleRefusal, type Emitter, type FrontEnd } from "./emitter";
import { refusal, type Refusal } from "./refusal";

const openFrontEnd = native<(emitter: Emitter, flags: number) => boolean>("xs_compiler_front_end");
const pushChunk = native<(emitter: Emitter, chunk: BufferSource, batches: number) => number>("xs_compiler_push");
const endModule = native<(emitter: Emitter, batches: number) => number>("xs_compiler_end");
const detail = native<(emitter: Emitter, which: number) => number>("xs_compiler_refusal");
const trapText = native<(emitter: Emitter) => string>("xs_compiler_trap");

/* enum outcome in native/xs/api-compiler.c */
const GOING_ON = 0;
const REFUSED = 1;
const NOT_EMITTED = 2;
const MORE = 4;

/* Of `detail`. */
const CODE = 0;
const OFFSET = 1;
const FUNCTION = 2;
const DETAIL_0 = 3;
const DETAIL_1 = 4;

function toRefusal(emitter: Emitter, outcome: number): Refusal {
	if (outcome === NOT_EMITTED) return emitterRefusal(emitter);
	if (outcome !== REFUSED) return refusal(trapText(emitter), -1, -1);
	return moduleRefusal(
		detail(emitter, CODE),
		detail(emitter, DETAIL_0),
		detail(emitter, DETAIL_1),
		detail(emitter, OFFSET),
		detail(emitter, FUNCTION),
	);
}

function isMore(emitter: Emitter, outcome: number): boolean {
	if (outcome === GOING_ON || outcome === MORE) return outcome === MORE;
	throw toRefusal(emitter, outcome);
}

class NativeFrontEnd implements FrontEnd {
	readonly #emitter: Emitter;

	constructor(emitter: Emitter) {
		this.#emitter = emitter;
	}
	push(chunk: BufferSource, batches: number): boolean {
		return isMore(this.#emitter, pushChunk(this.#emitter, chunk, batches));
	}
	end(batches: number): boolean {
		return isMore(this.#emitter, endModule(this.#emitter, batches));
	}
}

/** undefined: this board has none. */
export function openNativeFrontEnd(emitter: Emitter, flags: number): FrontEnd | undefined {
	return openFrontEnd(emitter, flags) ? new NativeFrontEnd(emitter) : undefined;
}
