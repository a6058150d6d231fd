/**
 * Names: UTF-8, and the hashes by which two exports of one name are found out.
 */

import { load8, mul } from "../base/memory";

/** Length of the sequence that begins with `byte`; 0: none does. */
function sequenceLength(byte: i32): i32 {
	if (byte < 0x80) return 1;
	if (byte < 0xc2) return 0;
	if (byte < 0xe0) return 2;
	if (byte < 0xf0) return 3;
	return byte < 0xf5 ? 4 : 0;
}

/** True when a second byte may follow the first: neither overlong, nor a surrogate, nor above U+10FFFF. */
function secondFits(first: i32, second: i32): boolean {
	if (second < 0x80 || second > 0xbf) return false;
	if (first == 0xe0) return second >= 0xa0;
	if (first == 0xed) return second < 0xa0;
	if (first == 0xf0) return second >= 0x90;
	if (first == 0xf4) return second < 0x90;
	return true;
}

/** Address of the first byte that is not UTF-8, or -1. */
export function findMalformed(address: i32, length: i32): i32 {
	const end = address + length;
	let at = address;
	while (at < end) {
		const first = load8(at);
		const count = sequenceLength(first);
		if (count == 0 || at + count > end) return at;
		if (count > 1 && !secondFits(first, load8(at + 1))) return at;
		if (count > 2 && (load8(at + 2) & 0xc0) != 0x80) return at;
		if (count > 3 && (load8(at + 3) & 0xc0) != 0x80) return at;
		at += count;
	}
	return -1;
}

/** FNV-1a with a final mix; never 0. */
export function hashName(address: i32, length: i32, seed: i32): i32 {
	let hash = seed ^ length;
	for (let i = 0; i < length; i++) hash = mul(hash ^ load8(address + i), 0x01000193);
	hash ^= hash >>> 15;
	hash = mul(hash, -0x7a143589);
	hash ^= hash >>> 13;
	return hash == 0 ? 1 : hash;
}

function word(address: i32): i32 {
	return load8(address) | (load8(address + 1) << 8) | (load8(address + 2) << 16) | (load8(address + 3) << 24);
}

/** True for `__heap_base`. */
export function isHeapBase(address: i32, length: i32): boolean {
	return (
		length == 11 &&
		word(address) == 0x65685f5f &&
		word(address + 4) == 0x625f7061 &&
		word(address + 7) == 0x65736162
	);
}

/** True for `__data_end`. */
export function isDataEnd(address: i32, length: i32): boolean {
	return (
		length == 10 &&
		word(address) == 0x61645f5f &&
		word(address + 4) == 0x655f6174 &&
		word(address + 6) == 0x646e655f
	);
}
