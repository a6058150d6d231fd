/**
 * The front end as native code: aot.wasm, compiled by this project's own emitter when the firmware was built. It runs
 * in the sandbox as any module, in an instance of its own for each compilation, whose memory is given back with it.
 */

import { emitterRefusal, moduleRefusal, type Emitter, type FrontEnd } from "./emitter";
import { CompileOutcome, RefusalDetail } from "./outcome";
import { refusal, type Refusal } from "./refusal";

const openFrontEnd = native<(emitter: Emitter, flags: number) => boolean>("xs_compiler_front_end");
const pushChunk = native<(emitter: Emitter, chunk: BufferSource, batches: number) => number>("xs_compiler_push");
const endModule = native<(emitter: Emitter, batches: number) => number>("xs_compiler_end");
const detail = native<(emitter: Emitter, which: number) => number>("xs_compiler_refusal");
const trapText = native<(emitter: Emitter) => string>("xs_compiler_trap");

function toRefusal(emitter: Emitter, outcome: number): Refusal {
	if (outcome === CompileOutcome.NOT_EMITTED) return emitterRefusal(emitter);
	if (outcome !== CompileOutcome.REFUSED) return refusal(trapText(emitter), -1, -1);
	return moduleRefusal(
		detail(emitter, RefusalDetail.CODE),
		detail(emitter, RefusalDetail.DETAIL_0),
		detail(emitter, RefusalDetail.DETAIL_1),
		detail(emitter, RefusalDetail.OFFSET),
		detail(emitter, RefusalDetail.FUNCTION),
	);
}

function isMore(emitter: Emitter, outcome: number): boolean {
	if (outcome === CompileOutcome.GOING_ON || outcome === CompileOutcome.MORE) return outcome === CompileOutcome.MORE;
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
