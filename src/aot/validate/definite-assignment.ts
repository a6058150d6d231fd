/**
 * Pass 1: which locals may be read before they are assigned, and so have to begin as zero; which ones of floats are
 * never given a NaN that is to keep its bits.
 *
 * A local is definitely assigned from its first set or tee to the end of the block that this is in. A byte for each of
 * the first locals says whether it is so now, whether it was ever read while it was not, and its type; the rest are
 * taken to be read. The log names the locals assigned in the open blocks, with a mark where each block begins, so that
 * a body of n bytes takes O(n).
 */

import { Place, Size, zeroLog } from "../base/limits";
import { parameters, parameterType, runLength, runs, runType } from "../decode/locals";
import { fill, load16, load8, ltu, store16, store8 } from "../base/memory";
import { Type } from "../base/opcodes";

const enum Zero {
	ASSIGNED = 1,
	READ = 2,
	/** by a get that no set or tee of another local's could stand for (isNeeded) */
	NEEDED = 0x20,
	/** a float assigned by other than arithmetic or a number's constant: a NaN in it keeps its bits */
	BITS = 0x40,
	MARK = 0xffff,
}

/** The type of a local is above its first two flags, 3 bits. */
export const ZERO_TYPE: i32 = 2;
export const ZERO_TYPE_MASK: i32 = 7;

let top: i32 = 0;
/** Entries of Place.COPIES: u16, local | from << 8. */
let copies: i32 = 0;
/** States of the function before that are not 0: of its first so many locals. */
let used: i32 = 0;

/** A function with these locals begins. */
export function openZeros(): void {
	top = zeroLog;
	copies = 0;
	let local = 0;
	while (local < parameters) {
		store8(Place.ZERO_STATES + local, parameterType(local) << ZERO_TYPE);
		local++;
	}
	for (let i = 0; i < runs && local < Size.ZEROS; i++) {
		const length = runLength(i);
		const room = Size.ZEROS - local;
		fill(Place.ZERO_STATES + local, runType(i) << ZERO_TYPE, length < room ? length : room);
		local += length;
	}
	if (local < used) fill(Place.ZERO_STATES + local, 0, used - local);
	used = local < Size.ZEROS ? local : Size.ZEROS;
}

/** What is known of a local, 0: nothing, it is beyond those that there are or that are kept track of. */
export function zeroState(local: i32): i32 {
	return ltu(local, Size.ZEROS) ? load8(Place.ZERO_STATES + local) : 0;
}

/** Does the state of a local that is read say so? */
export function isRead(state: i32): boolean {
	if ((state & Zero.NEEDED) == 0) return false;
	return (state & (Zero.ASSIGNED | Zero.READ)) != 0;
}

export function zeroRead(local: i32, state: i32): void {
	const read = (state & (Zero.ASSIGNED | Zero.READ)) == 0 ? Zero.NEEDED | Zero.READ : Zero.NEEDED;
	if ((state & read) != read && state != 0) store8(Place.ZERO_STATES + local, state | read);
}

/** Is the local read at all, but in `tee x; set y; get x`, where y has its value? Known when pass 1 is over. */
export function isNeeded(local: i32): boolean {
	return !ltu(local, Size.ZEROS) || (load8(Place.ZERO_STATES + local) & Zero.NEEDED) != 0;
}

export function zeroAssigned(local: i32, state: i32): void {
	if (state == 0 || (state & (Zero.ASSIGNED | Zero.READ)) != 0) return;
	store8(Place.ZERO_STATES + local, state | Zero.ASSIGNED);
	store16(top, local);
	top += 2;
}

/** Assigned something that is not the result of arithmetic. */
export function zeroBits(local: i32, state: i32): void {
	if (state != 0) store8(Place.ZERO_STATES + local, load8(Place.ZERO_STATES + local) | Zero.BITS);
}

/** A float local is given what another has. */
export function zeroCopies(local: i32, state: i32, from: i32): void {
	if (copies == Size.COPIES || !ltu(local, Size.ZEROS) || !ltu(from, Size.ZEROS) || ltu(from, parameters)) {
		zeroBits(local, state);
		return;
	}
	store16(Place.COPIES + (copies << 1), local | (from << 8));
	copies++;
}

/** Pass 1 is over: bits go where they are copied to, which may be a copy's source in turn. */
export function closeZeros(): void {
	for (let round = copies; round > 0; round--) {
		for (let i = 0; i < copies; i++) {
			const copied = load16(Place.COPIES + (i << 1));
			const local = copied & 0xff;
			const bits = load8(Place.ZERO_STATES + (copied >> 8)) & Zero.BITS;
			store8(Place.ZERO_STATES + local, load8(Place.ZERO_STATES + local) | bits);
		}
	}
}

/**
 * A float that only gets numbers and results of arithmetic, whose NaNs the specification leaves open (4.3.3): they may
 * be made canonical at any time. Known when pass 1 is over.
 */
export function isArithmetic(local: i32): boolean {
	if (!ltu(local, Size.ZEROS) || ltu(local, parameters)) return false;
	const state = load8(Place.ZERO_STATES + local);
	const type = (state >> ZERO_TYPE) & ZERO_TYPE_MASK;
	return (type == Type.F32 || type == Type.F64) && (state & Zero.BITS) == 0;
}

/** A block begins. */
export function zeroBlock(): void {
	store16(top, Zero.MARK);
	top += 2;
}

/** It ends: what was assigned within need not have been. */
export function zeroEnd(): void {
	top -= 2;
	for (let local = load16(top); local != Zero.MARK; local = load16(top)) {
		store8(Place.ZERO_STATES + local, load8(Place.ZERO_STATES + local) & ~Zero.ASSIGNED);
		top -= 2;
	}
}

/** After pass 1. */
export function beginsAsZero(local: i32): boolean {
	return !ltu(local, Size.ZEROS) || (load8(Place.ZERO_STATES + local) & Zero.READ) != 0;
}
