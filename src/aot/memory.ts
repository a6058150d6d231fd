/**
 * The one flat memory of the front end.
 *
 * Under asc an address is an address of the module's linear memory, and an access is one instruction. Under JavaScript it is an index into one
 * ArrayBuffer. ASC_TARGET is asc's constant: 1 there, replaced by 0 in the JavaScript build, so that only one side of each accessor remains.
 *
 * Contract of callers: the addresses of load16/store16 are even, those of load32/store32 divisible by 4. Values are 32 bits wide, `| 0`.
 */

declare const ASC_TARGET: i32;
declare const __heap_base: i32;
declare function load<T>(address: i32): T;
declare function store<T>(address: i32, value: T): void;
declare namespace memory {
	function size(): i32;
	function grow(pages: i32): i32;
	function copy(to: i32, from: i32, length: i32): void;
	function fill(to: i32, value: i32, length: i32): void;
}

let U8!: Uint8Array;
let U16!: Uint16Array;
let I32!: Int32Array;
