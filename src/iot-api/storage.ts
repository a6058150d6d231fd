/** Values that outlive deep sleep: ECMA-419, key-value storage. A module has the area that its grant names. */

import type { Context } from "./context";
import { Code } from "./errors";
import { codeOf } from "./failures";
import type { KeyValueObject } from "./provider";

const KEY_BYTES = 64;
const VALUE_BYTES = 1024;
/** The area of a module that may do all. */
const COMMON = "common";

export interface Storage {
	get(key: string, value: Uint8Array): number;
	set(key: string, value: Uint8Array): number;
	remove(key: string): number;
	close(): void;
}

/** At most three bytes a character, so only long keys are looked at. */
function isKey(key: string): boolean {
	if (key.length === 0 || key.length > KEY_BYTES) return false;
	let bytes = 0;
	for (let i = 0; i < key.length; i++) {
		const unit = key.charCodeAt(i);
		if (unit === 0) return false;
		bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3;
	}
	return bytes <= KEY_BYTES;
}

export function createStorage({ device, grants }: Context): Storage {
	let opened: KeyValueObject | undefined;
	/** The area, or why there is none. */
	function area(key: string): KeyValueObject | Code {
		const name = grants.storage ?? (grants.all ? COMMON : undefined);
		if (name === undefined) return Code.EPERM;
		if (!isKey(key)) return Code.EINVAL;
		if (opened) return opened;
		if (!device.keyValue) return Code.ENOTSUP;
		try {
			return (opened = device.keyValue.open({ path: `iot/${name}`, format: "buffer" }));
		} catch (error) {
			return codeOf(error);
		}
	}
	return {
		get(key, value): number {
			const from = area(key);
			if (typeof from === "number") return from;
			const kept = from.read(key);
			if (kept === undefined) return Code.ENOENT;
			const bytes = new Uint8Array(kept);
			value.set(bytes.length > value.length ? bytes.subarray(0, value.length) : bytes);
			return bytes.length;
		},
		set(key, value): number {
			const to = area(key);
			if (typeof to === "number") return to;
			if (value.length > VALUE_BYTES) return Code.EINVAL;
			to.write(key, value.slice().buffer as ArrayBuffer);
			return 0;
		},
		remove(key): number {
			const from = area(key);
			if (typeof from === "number") return from;
			if (from.read(key) === undefined) return Code.ENOENT;
			from.delete(key);
			return 0;
		},
		close(): void {
			const left = opened;
			opened = undefined;
			left?.close();
		},
	};
}
