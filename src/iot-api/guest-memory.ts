/** The memory of a module, as its imports get at it. */

import type { Platform } from "./platform";

export interface GuestMemory {
	/** Before that, there is none: every range but an empty one at 0 is outside. */
	attach(memory: { readonly buffer: ArrayBuffer }): void;
	/**
	 * The range, read and written in place; valid until the module runs again. Traps when it is not inside the memory.
	 */
	bytes(address: number, size: number): Uint8Array;
	check(address: number, size: number): void;
	/** UTF-8; what is ill-formed is EINVAL. */
	decode(bytes: Uint8Array): string;
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
		decode: (bytes) => platform.decode(bytes),
	};
}
