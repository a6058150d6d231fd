/**
 * What asc has beyond its portable types (assemblyscript/std/portable). Only tsc reads this file.
 */

declare function load<T>(address: i32): T;
declare function store<T>(address: i32, value: T): void;

declare namespace memory {
	function size(): i32;
	function grow(pages: i32): i32;
	function copy(to: i32, from: i32, length: i32): void;
	function fill(to: i32, value: i32, length: i32): void;
}
