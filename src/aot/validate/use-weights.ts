/**
 * Pass 1: how much each local is used, per loop and per function. A use counts 8^d, d being the depth of loops between
 * the use and the loop asked about.
 *
 * Entries (u16 local, u16 the local's entry further out, u32 weight) form a stack: those of the innermost open loop are
 * on top. A loop that ends hands its 16 heaviest locals to the notes, and its entries, times 8, to the loop around it:
 * at most 64 of them, so that a body of n bytes takes O(n).
 * Uses are hints for the register allocation: what finds no room is not counted.
 */

import { Limit } from "../base/limit";
import { limit, useEntries, useSlots } from "../base/limits";
import { load16, load32, ltu, store16, store32 } from "../base/memory";
import { insertUse, NO_NOTE, roomForUses, setUses, takeUses, usesAt, useWeight } from "../base/side-table";

const enum Uses {
	/** reported */
	HEAVIEST = 16,
	/** handed on to the loop around */
	HANDED = 64,
	MOST = 0x0fffffff,
	NONE = 0xffff,
}

/** Entries. */
let top: i32 = 0;
/** First entry of the innermost loop. */
let segment: i32 = 0;
let most: i32 = 0;
/** Uses of the function itself. */
export let functionUses: i32 = 0;
export let functionUseCount: i32 = 0;

function entry(index: i32): i32 {
	return useEntries + (index << 3);
}

function slotOf(local: i32): i32 {
	return load16(useSlots + (local << 1));
}

export function openUses(): void {
	top = 0;
	segment = 0;
	most = limit(Limit.USES);
}

/** True when entry `index` exists and is that of `local`. */
function isEntryOf(index: i32, local: i32): boolean {
	return index < top && load16(entry(index)) == local;
}

/** Appends an entry on top. */
function enter(local: i32, weight: i32): void {
	const address = entry(top);
	const outer = slotOf(local);
	store16(address, local);
	store16(address + 2, isEntryOf(outer, local) ? outer : Uses.NONE);
	store32(address + 4, weight);
	store16(useSlots + (local << 1), top);
	top++;
}

/** A get, set or tee. */
export function countUse(local: i32): void {
	if (!ltu(local, most)) return;
	const slot = slotOf(local);
	if (slot >= segment) {
		if (slot < top) {
			const address = entry(slot);
			const weight = load32(address + 4);
			if (load16(address) == local) {
				store32(address + 4, weight + 1);
				return;
			}
		}
	}
	if (top < most) enter(local, 1);
}

/** Takes back a use of the innermost loop. */
export function uncountUse(local: i32): void {
	if (!ltu(local, most)) return;
	const slot = slotOf(local);
	if (slot < segment || !isEntryOf(slot, local)) return;
	const address = entry(slot) + 4;
	if (load32(address) > 0) store32(address, load32(address) - 1);
}

/** A loop begins. Returns what endLoopUses needs. */
export function beginLoopUses(): i32 {
	const outer = segment;
	segment = top;
	return outer;
}

/** Notes the heaviest entries of the innermost loop, heaviest first. Returns their number. */
function report(): i32 {
	const most = roomForUses(Uses.HEAVIEST);
	if (most == 0) return 0;
	let count = 0;
	let least = 0;
	// heavier ones, of loops within, were entered later
	for (let i = top - 1; i >= segment; i--) {
		const address = entry(i);
		let weight = load32(address + 4);
		// taken back
		if (weight == 0) continue;
		if (weight > 0xffff) weight = 0xffff;
		if (count == most) {
			if (weight < least) continue;
			count--;
		}
		insertUse(load16(address), weight, count);
		count++;
		least = useWeight(count);
	}
	takeUses(count);
	return count;
}

/** The innermost loop, of this note, ends; `outer` is what beginLoopUses returned. */
export function endLoopUses(note: i32, outer: i32): void {
	const start = usesAt();
	if (note != NO_NOTE) setUses(note, start, report());
	const end = top;
	const first = segment;
	segment = outer;
	top = first;
	for (let i = first; i < end; i++) handOn(i, i - first < Uses.HANDED);
}

/** Entry `index` of the loop that ended joins those of the loop around it. Its own place is at or above the new top. */
function handOn(index: i32, counted: boolean): void {
	const local = load16(entry(index));
	const outer = load16(entry(index) + 2);
	const weight = load32(entry(index) + 4);
	const scaled = weight > Uses.MOST >> 3 ? Uses.MOST : weight << 3;
	store16(useSlots + (local << 1), outer);
	if (!counted) return;
	if (outer >= segment && isEntryOf(outer, local)) {
		const address = entry(outer) + 4;
		const sum = load32(address) + scaled;
		store32(address, sum > Uses.MOST ? Uses.MOST : sum);
	} else enter(local, scaled);
}

/** The function ends. */
export function endFunctionUses(): void {
	functionUses = usesAt();
	functionUseCount = report();
}
