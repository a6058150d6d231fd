/**
 * The input window: the part of the module that is in RAM, and the readers of the binary format's integers.
 *
 * Bytes come in at its end, are consumed at `position`, and move to its start before more are asked for. need() is
 * called before an item is decoded: it waits until the item, or all that its section has left, is there, so that
 * readers never meet the end of the input, only that of the section.
 */

import { ErrorCode } from "./error-code";
import { copy, load8, reserve } from "./memory";

/** Address of the next byte. */
export let position: i32 = 0;
/** Readers stop here: the end of the section, of the function body, or of what is in the window. */
export let bound: i32 = 0;
/** The high word that readS64 and read64 found. */
export let high: i32 = 0;

let base: i32 = 0;
let capacity: i32 = 0;
let filled: i32 = 0;
/** Byte offset in the module = address + bias. */
let bias: i32 = 0;
let finished: boolean = false;
/** Byte offset at which the section ends. */
let sectionEnd: i32 = 0;
/** Address to blame: start of the item or instruction. */
let blamed: i32 = 0;

export let errorCode: i32 = 0;
export let errorOffset: i32 = 0;
export let errorDetail0: i32 = 0;
export let errorDetail1: i32 = 0;

/** No section is open. */
export const OPEN_END: i32 = 0x7fffffff;

export function openInput(address: i32, bytes: i32): void {
	if (capacity < bytes || base != address) capacity = bytes;
	base = address;
	position = address;
	filled = address;
	bound = address;
	bias = -address;
	finished = false;
	sectionEnd = OPEN_END;
	blamed = address;
	errorCode = ErrorCode.NONE;
	errorOffset = 0;
	errorDetail0 = 0;
	errorDetail1 = 0;
}

export function inputAddress(): i32 {
	return filled;
}

export function inputCapacity(): i32 {
	return base + capacity - filled;
}

export function feed(length: i32): void {
	filled += length;
}

export function finish(): void {
	finished = true;
}

export function isFinished(): boolean {
	return finished && position == filled;
}

export function offsetOf(address: i32): i32 {
	return address + bias;
}

export function failAt(address: i32, code: i32, detail0: i32, detail1: i32): void {
	if (errorCode != ErrorCode.NONE) return;
	errorCode = code;
	errorOffset = address + bias;
	errorDetail0 = detail0;
	errorDetail1 = detail1;
}

/** Refuses the module at the start of the item or instruction. */
export function fail(code: i32, detail0: i32, detail1: i32): void {
	failAt(blamed, code, detail0, detail1);
}

/** Errors from here on are the fault of the bytes at `address`. */
export function blame(address: i32): void {
	blamed = address;
}

export function setSectionEnd(offset: i32): void {
	sectionEnd = offset;
}

/** Bytes between `position` and the end of the section. */
export function sectionLeft(): i32 {
	return sectionEnd - (position + bias);
}

/** Makes the window hold `want` bytes from `position` on. */
function makeRoom(want: i32): void {
	if (position > base) {
		const shift = position - base;
		copy(base, position, filled - position);
		position = base;
		filled -= shift;
		bias += shift;
	}
	if (capacity < want) {
		capacity = (want + 63) & ~63;
		reserve(base + capacity);
	}
}

/**
 * Moves the window up by so many bytes, a multiple of 4. The address of the room. Nobody may hold an address in the
 * window.
 */
export function insertRoom(bytes: i32): i32 {
	const room = base;
	reserve(base + bytes + capacity);
	copy(base + bytes, base, filled - base);
	base += bytes;
	position += bytes;
	bound += bytes;
	filled += bytes;
	blamed += bytes;
	bias -= bytes;
	return room;
}

/** The first address behind the window, divisible by 4, until need() is called. */
export function windowEnd(): i32 {
	return (base + capacity + 3) & ~3;
}

/**
 * True when `length` bytes, or all that is left of the section, are in the window. Else room is made for them, or it is
 * an error.
 */
export function need(length: i32): boolean {
	const left = sectionLeft();
	const want = length < left ? length : left;
	const there = filled - position;
	if (there >= want) {
		bound = position + (there < left ? there : left);
		blamed = position;
		return true;
	}
	if (finished) failAt(filled, ErrorCode.UNEXPECTED_END, 0, 0);
	else makeRoom(want);
	return false;
}

/** As need, but the module may end before. */
export function needOrEnd(length: i32): boolean {
	if (filled - position < length && !finished) {
		makeRoom(length);
		return false;
	}
	bound = filled;
	blamed = position;
	return true;
}

/** Readers stop `length` bytes from here. */
export function setBound(length: i32): void {
	bound = position + length;
}

export function skip(length: i32): void {
	position += length;
}

export function seek(address: i32): void {
	position = address;
}

function failEnd(): void {
	failAt(bound, sectionEnd == OPEN_END ? ErrorCode.UNEXPECTED_END : ErrorCode.SECTION_END, 0, 0);
}

export function readByte(): i32 {
	if (position >= bound) {
		failEnd();
		return 0;
	}
	const byte = load8(position);
	position++;
	return byte;
}

/** As readByte, of bytes known to be there. */
export function nextByte(): i32 {
	const byte = load8(position);
	position++;
	return byte;
}

/** Four bytes, little-endian. */
export function read32(): i32 {
	const first = readByte();
	const second = readByte();
	const third = readByte();
	return first | (second << 8) | (third << 16) | (readByte() << 24);
}

/** Eight bytes: the low word, and the high one in `high`. */
export function read64(): i32 {
	const low = read32();
	high = read32();
	return low;
}

export function readU32(): i32 {
	if (position < bound) {
		const byte = load8(position);
		if (byte < 0x80) {
			position++;
			return byte;
		}
	}
	return readShort(false);
}

export function readS32(): i32 {
	if (position < bound) {
		const byte = load8(position);
		if (byte < 0x80) {
			position++;
			return (byte << 25) >> 25;
		}
	}
	return readShort(true);
}

/** An integer of 32 bits: with four bytes there and no more of it, none can be wrong. */
function readShort(signed: boolean): i32 {
	let at = position;
	if (bound - at >= 4) {
		let low = load8(at) & 0x7f;
		let shift = 7;
		while (shift < 28) {
			at++;
			const byte = load8(at);
			low |= (byte & 0x7f) << shift;
			shift += 7;
			if (byte < 0x80) {
				position = at + 1;
				return signed ? (low << (32 - shift)) >> (32 - shift) : low;
			}
		}
	}
	return readLong(32, signed);
}

/** A block type: `high` is the sign. */
export function readS33(): i32 {
	const value = readLong(33, true);
	return value;
}

/** The low word; the high one in `high`. */
export function readS64(): i32 {
	return readLong(64, true);
}

/** LEB128 of at most `bits` bits: the low word, and the high one in `high`. */
function readLong(bits: i32, signed: boolean): i32 {
	let low = 0;
	let shift = 0;
	let byte: i32;
	high = 0;
	do {
		byte = readByte();
		if (shift + 7 > bits && !lastByteFits(byte, bits - shift, signed)) return 0;
		if (shift < 32) low |= (byte & 0x7f) << shift;
		if (shift == 28) high |= (byte & 0x7f) >> 4;
		else if (shift > 28) high |= (byte & 0x7f) << (shift - 32);
		shift += 7;
	} while (byte >= 0x80);
	if (signed && (byte & 0x40) != 0) {
		if (shift < 32) {
			low |= -1 << shift;
			high = -1;
		} else if (shift < 64) high |= -1 << (shift - 32);
	}
	return low;
}

/** The last byte that an integer may have holds `used` bits: no continuation, and the other bits repeat the sign. */
function lastByteFits(byte: i32, used: i32, signed: boolean): boolean {
	if (byte >= 0x80) {
		failAt(position - 1, ErrorCode.INTEGER_LONG, 0, 0);
		return false;
	}
	const rest = signed ? byte >> (used - 1) : byte >> used;
	const ones = signed ? 0x7f >> (used - 1) : 0;
	if (rest != 0 && rest != ones) {
		failAt(position - 1, ErrorCode.INTEGER_LARGE, 0, 0);
		return false;
	}
	return true;
}
