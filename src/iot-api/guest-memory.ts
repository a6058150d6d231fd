/** The memory of a module, as its imports get at it. */

import { Code } from "./errors";
import { Failure } from "./failures";
import type { Platform, Services } from "./platform";

/** Of a text, at most. */
const TEXT_BYTES = 4096;
/** Of what is copied for a transfer or a message, at most. */
const COPIED_BYTES = 65536;

export interface GuestMemory {
	/** Before that, there is none: every range but an empty one at 0 is outside. */
	attach(memory: { readonly buffer: ArrayBuffer }): void;
	/**
	 * The range, read and written in place; valid until the module runs again. Traps when it is not inside the memory.
	 */
	bytes(address: number, size: number): Uint8Array;
	check(address: number, size: number): void;
	/** UTF-8; what is ill-formed or above 4096 bytes is EINVAL. `cut`: only as much is taken. */
	decode(bytes: Uint8Array, cut?: boolean): string;
}

/** How many of the first TEXT_BYTES are whole characters. */
function wholeCharacters(bytes: Uint8Array): number {
	let end = TEXT_BYTES;
	while (end > TEXT_BYTES - 4 && (bytes[end]! & 0xc0) === 0x80) end--;
	return end;
}

/** A copy that outlives the call; of more than 65536 bytes there is none: `otherwise`. */
export function copyOf(bytes: Uint8Array, otherwise: Code = Code.EINVAL): Uint8Array {
	if (bytes.length > COPIED_BYTES) throw new Failure(otherwise);
	return bytes.slice();
}

/** Bytes that are taken at a time between two looks at the clock. */
const PIECE_BYTES = 4096;

/** Random bytes; a call whose time is over ends before it has them all. */
export function fillRandomly(bytes: Uint8Array, services: Services, platform: Platform): void {
	for (let at = 0; at < bytes.length && !platform.isLate?.(); at += PIECE_BYTES)
		services.random(bytes.subarray(at, at + PIECE_BYTES));
}

export function createGuestMemory(platform: Platform): GuestMemory {
	let memory: { readonly buffer: ArrayBuffer } | undefined;
	return {
		attach(given): void {
			memory = given;
		},
		bytes(address, size): Uint8Array {
			const start = address >>> 0;
			const count = size >>> 0;
			const buffer = memory?.buffer;
			if (start + count > (buffer?.byteLength ?? 0)) return platform.trap();
			return buffer ? new Uint8Array(buffer, start, count) : new Uint8Array(0);
		},
		check(address, size): void {
			/* `size` may be above 2^32 here. */
			if ((address >>> 0) + size > (memory?.buffer.byteLength ?? 0)) platform.trap();
		},
		decode(bytes, cut = false): string {
			if (bytes.length <= TEXT_BYTES) return platform.decode(bytes);
			if (!cut) throw new Failure(Code.EINVAL);
			return platform.decode(bytes.subarray(0, wholeCharacters(bytes)));
		},
	};
}
