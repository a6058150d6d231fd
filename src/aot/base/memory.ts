/**
 * The one flat memory of the front end, and the unsigned and wrapping arithmetic that JavaScript has no operators for.
 *
 * Under asc an address is an address of the module's linear memory, and an access is one instruction. Under JavaScript
 * it is an index into one
 * ArrayBuffer. ASC_TARGET is asc's constant: 1 there, replaced by 0 in the JavaScript build, so that one side of each
 * function remains.
 *
 * Contract of callers: addresses of load16 and store16 are even, those of load32 and store32 are divisible by 4. Values
 * are 32 bits wide; unsigned ones are held as the signed number of the same bits.
 */

/* JavaScript only. tools/inline-memory.mjs makes uses of them out of calls of the accessors. */
export let U8!: Uint8Array;
export let U16!: Uint16Array;
export let I32!: Int32Array;

/** Bytes below `reserved` exist. */
let reserved: i32 = 0;

/** Pages of the memory have 2 ** PAGE_BITS bytes; tools/aot-wasm.mjs makes it 0 for boards (custom-page-sizes). */
const PAGE_BITS: i32 = 16;

export function load8(address: i32): i32 {
	if (ASC_TARGET) return load<u8>(address);
	else return U8[address]!;
}

export function load16(address: i32): i32 {
	if (ASC_TARGET) return load<u16>(address);
	else return U16[address >> 1]!;
}

export function load32(address: i32): i32 {
	if (ASC_TARGET) return load<i32>(address);
	else return I32[address >> 2]!;
}

export function store8(address: i32, value: i32): void {
	if (ASC_TARGET) store<u8>(address, <u8>value);
	else U8[address] = value;
}

export function store16(address: i32, value: i32): void {
	if (ASC_TARGET) store<u16>(address, <u16>value);
	else U16[address >> 1] = value;
}

export function store32(address: i32, value: i32): void {
	if (ASC_TARGET) store<i32>(address, value);
	else I32[address >> 2] = value;
}

export function copy(to: i32, from: i32, length: i32): void {
	if (ASC_TARGET) memory.copy(to, from, length);
	else U8.copyWithin(to, from, from + length);
}

export function fill(to: i32, value: i32, length: i32): void {
	if (ASC_TARGET) memory.fill(to, <u8>value, length);
	else U8.fill(value, to, to + length);
}

/** Unsigned a < b. */
export function ltu(a: i32, b: i32): boolean {
	if (ASC_TARGET) return <u32>a < <u32>b;
	else return (a ^ -0x80000000) < (b ^ -0x80000000);
}

/** The lesser of two unsigned numbers. */
export function least(a: i32, b: i32): i32 {
	return ltu(a, b) ? a : b;
}

/** The greater of two unsigned numbers. */
export function greatest(a: i32, b: i32): i32 {
	return ltu(a, b) ? b : a;
}

/** Unsigned quotient. `b` is not 0. */
export function divu(a: i32, b: i32): i32 {
	if (ASC_TARGET) return <i32>(<u32>a / <u32>b);
	else return ((a >>> 0) / (b >>> 0)) | 0;
}

/** Product, low 32 bits. */
export function mul(a: i32, b: i32): i32 {
	if (ASC_TARGET) return a * b;
	else return Math.imul(a, b);
}

/** Low zero bits of `a`: 32 for 0. */
export function lowZeros(a: i32): i32 {
	if (ASC_TARGET) return ctz<i32>(a);
	else return a == 0 ? 32 : 31 - Math.clz32(a & -a);
}

/** Makes all bytes below `end` exist; their contents stay. */
export function reserve(end: i32): void {
	if (ASC_TARGET) {
		const pages = ((end + (1 << PAGE_BITS) - 1) >>> PAGE_BITS) - memory.size();
		if (pages > 0 && memory.grow(pages) < 0) unreachable();
	} else {
		if (end <= reserved) return;
		// the old one stays until it is collected: so in steps of an eighth, but for the first
		reserved = (end + (U8 ? end >> 3 : 0) + 255) & ~255;
		const bytes = new Uint8Array(reserved);
		if (U8) bytes.set(U8);
		U8 = bytes;
		U16 = new Uint16Array(bytes.buffer);
		I32 = new Int32Array(bytes.buffer);
	}
}

/** JavaScript only: the memory, until the next call of the front end (which may replace it). */
export function bytes(): Uint8Array {
	return U8;
}
