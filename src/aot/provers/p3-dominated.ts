/**
 * P3: an access within what a check before has covered, on every way to the access. (Copies and sums with constants of
 * an address share its root: facts.ts.)
 *
 * Let R be the value of a root, M the bytes of memory. A fact (root, d, t) says: v + t <= M, where v = (R + d) mod
 * 2^32, and the sum does not wrap.
 *
 * Statement. A load or store of `size` bytes at address + offset, where the address is (R + e) mod 2^32, needs no check
 * if there is a fact (root, d, t) with k + offset + size <= t, where k = (e - d) mod 2^32, the sums taken without
 * wrapping; or if the address has z low zero bits, l = (d - e) mod 2^32 is less than 2^z, and offset + size <= l + t.
 * Proof. (1) A check that is kept and has passed at address v = (R + d) mod 2^32 shows v + offset + size <= M: that is
 * the fact learnt from it. Only kept checks give facts, so no proof rests on itself. (2) R does not change: a root
 * names one value (facts.ts), and M never shrinks, not by a call either.
 * So the fact holds from the check on. It is forgotten where a way that did not pass the check joins: at `else`, and at
 * the end of a block that is branched to or has another arm, all facts since its beginning are. The way round a loop
 * brings none in: its beginning has been passed once without them, and what is read there was known before. (3) Since
 * size >= 1, k < t, so v + k < v + t <= M <= 2^32: v + k does not wrap and is the address, and v + k + offset + size <=
 * v + t <= M. (4) Below v: the address a is a multiple of 2^z, so a + l < a + 2^z <= 2^32 does not wrap and is v: a +
 * offset + size <= a + l + t = v + t <= M.
 * With 32 low zero bits a is 0, and only l = 0 is taken: 1 << 32 is 1. (5) A multiple of 2^z with a + t <= M, where M
 * is one, too, has a + t' <= M for the t' to which t is rounded up to a multiple of 2^z (roundedUp). What M always is a
 * multiple of, says environment.ts.
 * The wrap rule is in k: an address below v gives a k near 2^32, and no fact has such a t. It may have wrapped: that v
 * is within says nothing of v - 4, but for (4).
 * Joining. Facts (root, d, t) and (root, e, u), k = (e - d) mod 2^32 < t: as in (3) the second's point is v + k, so v +
 * max(t, k + u) <= M: one fact.
 * State: a stack of 16 facts of 12 bytes; of it each open block has the length at its beginning, in its frame.
 */

import { sizeZeros } from "../decode/environment";
import { Place, Size } from "../base/limits";
import { load32, ltu, store32 } from "../base/memory";

/** Facts. */
export let checkedTop: i32 = 0;
/** The next one to be given up when there is no room. */
let oldest: i32 = 0;

function entry(index: i32): i32 {
	return Place.CHECKED + index * Size.CHECK;
}

/** A function begins. */
export function openChecked(): void {
	checkedTop = 0;
	oldest = 0;
}

/** Forgets what was learnt since there were `mark` facts. */
export function forgetChecked(mark: i32): void {
	checkedTop = mark;
}

/** Is offset + size <= reach, no sum wrapping? */
function covers(reach: i32, offset: i32, size: i32): boolean {
	return !ltu(reach, size) && !ltu(reach - size, offset);
}

/** True when P3 shows that the access at a root + `at` needs no check. */
export function provesChecked(root: i32, at: i32, zeroBits: i32, offset: i32, size: i32): boolean {
	for (let i = checkedTop - 1; i >= 0; i--) {
		const address = entry(i);
		if (load32(address) != root) continue;
		const reach = load32(address + 8);
		const distance = (at - load32(address + 4)) | 0;
		if ((ltu(distance, reach) || ltu(-distance, 1 << zeroBits)) && covers((reach - distance) | 0, offset, size))
			return true;
	}
	return false;
}

/** Joins a check with the fact at `address`. False when they are too far apart. */
function join(address: i32, at: i32, reach: i32): boolean {
	const first = load32(address + 4);
	const firstReach = load32(address + 8);
	const above = (at - first) | 0;
	const below = (first - at) | 0;
	if (ltu(above, firstReach)) {
		const end = (above + reach) | 0;
		if (ltu(end, reach)) return false;
		if (ltu(firstReach, end)) store32(address + 8, end);
		return true;
	}
	if (!ltu(below, reach)) return false;
	const end = (below + firstReach) | 0;
	if (ltu(end, firstReach)) return false;
	store32(address + 4, at);
	store32(address + 8, ltu(end, reach) ? reach : end);
	return true;
}

/**
 * `reach`, from a multiple of 1 << `zeroBits` on: to where the memory, whose size is one of 1 << sizeZeros, cannot end
 * before.
 */
export function roundedUp(reach: i32, zeroBits: i32): i32 {
	const part = (1 << (zeroBits < sizeZeros ? zeroBits : sizeZeros)) - 1;
	const end = (reach + part) & ~part;
	return ltu(end, reach) ? reach : end;
}

/**
 * The check of the access at a root + `at` stays, of so many bytes with its offset. `mark`: facts when the innermost
 * block began.
 */
export function learnChecked(root: i32, at: i32, reach: i32, mark: i32): void {
	for (let i = checkedTop - 1; i >= mark; i--) if (load32(entry(i)) == root && join(entry(i), at, reach)) return;
	let place = checkedTop;
	if (place < Size.CHECKS) checkedTop++;
	else {
		if (mark == Size.CHECKS) return;
		if (oldest < mark || oldest >= Size.CHECKS) oldest = mark;
		place = oldest;
		oldest++;
	}
	store32(entry(place), root);
	store32(entry(place) + 4, at);
	store32(entry(place) + 8, reach);
}
