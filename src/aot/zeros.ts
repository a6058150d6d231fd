/**
 * Pass 1: which locals may be read before they are assigned, and so have to begin as zero.
 *
 * A local is definitely assigned from its first set or tee to the end of the block that this is in. A byte for each of the first locals says whether it is so now, and whether
 * it was ever read while it was not; the rest are taken to be read. The log names the locals assigned in the open blocks, with a mark where each block begins, so that a
 * body of n bytes takes O(n).
 */

import { Size, zeroLog, zeroStates } from "./limits";
import { fill, load16, load8, ltu, store16, store8 } from "./memory";

const enum Zero {
	ASSIGNED = 1,
	READ = 2,
	MARK = 0xffff,
}

let top: i32 = 0;

/** A function with so many locals begins. */
export function openZeros(locals: i32): void {
	fill(zeroStates, 0, locals < Size.ZEROS ? locals : Size.ZEROS);
	top = zeroLog;
}

export function zeroRead(local: i32): void {
	if (!ltu(local, Size.ZEROS)) return;
	const state = load8(zeroStates + local);
	if (state == 0) store8(zeroStates + local, Zero.READ);
}

export function zeroAssigned(local: i32): void {
	if (!ltu(local, Size.ZEROS)) return;
	const state = load8(zeroStates + local);
	if (state != 0) return;
	store8(zeroStates + local, Zero.ASSIGNED);
	store16(top, local);
	top += 2;
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
		store8(zeroStates + local, load8(zeroStates + local) & Zero.READ);
		top -= 2;
	}
}

/** After pass 1. */
export function beginsAsZero(local: i32): boolean {
	return !ltu(local, Size.ZEROS) || (load8(zeroStates + local) & Zero.READ) != 0;
}
