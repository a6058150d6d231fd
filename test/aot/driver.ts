/* Drives the front end under Node: the TypeScript itself, or aot.wasm. */

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bytes } from "../../src/aot/base/memory";
import * as plain from "../../src/aot/front-end";
import { Status } from "../../src/aot/base/status";
import { ROOT } from "../support/paths";

declare const WebAssembly: {
	instantiate(binary: Uint8Array, imports: object): Promise<{ instance: { exports: object } }>;
};

type Interface = Omit<typeof plain, never>;

/** A front end and the memory that its addresses are of. */
export interface FrontEnd extends Interface {
	memoryBytes(): Uint8Array;
}

export interface Outcome {
	/** null: refused */
	plan: Uint8Array | null;
	code: number;
	offset: number;
	function: number;
	details: [number, number];
	/** bytes of the largest batch */
	batch: number;
}

export const typescript: FrontEnd = { ...plain, memoryBytes: bytes };

export async function instantiate(binary: Uint8Array): Promise<FrontEnd> {
	const { instance } = await WebAssembly.instantiate(binary, {});
	const exports = instance.exports as unknown as Interface & { memory: { buffer: ArrayBuffer } };
	return { ...exports, memoryBytes: () => new Uint8Array(exports.memory.buffer) };
}

/**
 * Feeds a module in chunks of `chunk` bytes (all that fits if 0). Limits and flags are those of the last configure().
 */
export function compile(frontEnd: FrontEnd, module: Uint8Array, chunk = 0): Outcome {
	frontEnd.reset();
	const batches: Uint8Array[] = [];
	let at = 0;
	let batch = 0;
	for (;;) {
		const status: number = frontEnd.step();
		if (status === Status.NEED_INPUT) {
			const left = module.length - at;
			if (left === 0) {
				frontEnd.finish();
				continue;
			}
			const length = Math.min(left, frontEnd.inputCapacity(), chunk || left);
			if (length <= 0) throw new Error(`no room for input at ${at}`);
			frontEnd.memoryBytes().set(module.subarray(at, at + length), frontEnd.inputAddress());
			frontEnd.feed(length);
			at += length;
		} else if (status === Status.PLAN) {
			const start = frontEnd.planAddress();
			const length = frontEnd.planLength();
			if (length === 0 || length % 8 !== 0) throw new Error(`a batch of ${length} bytes`);
			batches.push(frontEnd.memoryBytes().slice(start, start + length));
			batch = Math.max(batch, length);
		} else if (status === Status.DONE)
			return { plan: Buffer.concat(batches), code: 0, offset: 0, function: -1, details: [0, 0], batch };
		else if (status === Status.ERROR)
			return {
				plan: null,
				code: frontEnd.errorCode(),
				offset: frontEnd.errorOffset(),
				function: frontEnd.errorFunction(),
				details: [frontEnd.errorDetail0(), frontEnd.errorDetail1()],
				batch,
			};
		else throw new Error(`status ${status}`);
	}
}

/** The bytes of aot.wasm. `patch` may change a source on its way to asc. */
export async function compileFrontEnd(
	options?: string[],
	patch?: (name: string, text: string) => string,
): Promise<Uint8Array> {
	const tool = (await import(pathToFileURL(join(ROOT, "tools/aot-wasm.mjs")).href)) as {
		compileFrontEnd: typeof compileFrontEnd;
	};
	return tool.compileFrontEnd(options, patch);
}

/** Limits under which only WebAssembly's own rules refuse. */
export function raiseLimits(frontEnd: FrontEnd): void {
	const limits = [40000, 4000, 60000, 4000, 100, 2000, 65535, 4000, 255, 255, 60000, 2000, 2000, 4000, 1 << 21, 8192];
	limits.forEach((value, index) => frontEnd.setLimit(index, value));
}

/** Configures with the default limits, whatever other tests have set. */
export function configureFresh(frontEnd: FrontEnd, flags: number): void {
	const limits = [8192, 1024, 4096, 512, 32, 128, 65535, 500, 255, 255, 50000, 128, 256, 512, 131072, 1024];
	limits.forEach((value, index) => frontEnd.setLimit(index, value));
	frontEnd.configure(flags);
}
