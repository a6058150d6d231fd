/**
 * Constants that loops use: pass 1 gathers them, and the plan has a local for each, behind the function's locals. So
 * the register allocation weighs them like locals, and no loop makes them anew.
 * That of a floating-point constant is set where the function begins, and read in the constant's place. Integers stay
 * constants in the plan: the emitter takes the local's register where it has one and the instruction cannot hold the
 * constant.
 *
 * An entry is u32 type, u32 low word, u32 high word. What finds no room stays a constant.
 */

import { Place, Size } from "../base/limits";
import { load32, store32 } from "../base/memory";
import { Type } from "../base/opcodes";

/** Entries of the function at hand. */
export let pooled: i32 = 0;
let integers: i32 = 0;

export function openPooled(): void {
	pooled = 0;
	integers = 0;
}

function entry(index: i32): i32 {
	return Place.POOLED + index * 12;
}

export function pooledType(index: i32): i32 {
	return load32(entry(index));
}

export function pooledLow(index: i32): i32 {
	return load32(entry(index) + 4);
}

export function pooledHigh(index: i32): i32 {
	return load32(entry(index) + 8);
}

/** The entry of a constant, or -1. */
export function findPooled(type: i32, low: i32, high: i32): i32 {
	for (let i = 0; i < pooled; i++)
		if (pooledLow(i) == low && pooledHigh(i) == high && pooledType(i) == type) return i;
	return -1;
}

/** Makes an entry where there is none. Its index, or -1. */
export function addPooled(type: i32, low: i32, high: i32): i32 {
	const found = findPooled(type, low, high);
	if (found >= 0 || pooled == Size.POOLED) return found;
	if (type == Type.I32) {
		if (integers == Size.POOLED_INTEGERS) return -1;
		integers++;
	}
	store32(entry(pooled), type);
	store32(entry(pooled) + 4, low);
	store32(entry(pooled) + 8, high);
	pooled++;
	return pooled - 1;
}
