/**
 * Pass 2: what is known of operands and locals, and for how long. Provers put knowledge in and draw conclusions; this file only keeps it.
 *
 * A value: i32 lo, i32 hi (unsigned bounds), and a word of Known flags with the number of its known low zero bits. The word 0: nothing is known.
 * An operand is 12 bytes (lo, hi, word), for the first Size.RANGES of the stack; a local 16 (lo, hi, word, u16 epoch, u16 place in the log), for the first
 * Size.FACTS; what lies beyond is not known. A local whose epoch is not the present one has what it began with: 0, or nothing for a parameter.
 *
 * Where control flow meets, every local that got a value on the way is forgotten: the log lists them, so that a block costs what was assigned in it.
 *   block, if: at `else`, and at `end` when a branch or the other arm meets there, all that was learnt since the block began is forgotten.
 *   loop: what the loop assigns (pass 1 noted it) is forgotten at its beginning; so all that is known in it holds in every turn.
 * What was known before and has not been assigned since holds on every way, since it held where the ways parted.
 * An entry of the log is u16 local, u16 the local's place further down. When the log is full, nothing more is learnt.
 */

import { facts, log, ranges, Size } from "./limits";
import { parameters } from "./locals";
import { fill, load16, load32, store16, store32 } from "./memory";

export const enum Known {
	/** lo and hi are bounds; else they are not to be read */
	RANGE = 1,
	/** the instruction before was a constant: P1 may use it */
	LITERAL = 2,
	/** low zero bits, 0 to 32 */
	ZEROS = 8,
	/** 32 zero bits: the value 0 */
	ZERO_VALUE = 0x2001,
}

/** Operands. */
export let height: i32 = 0;
/** Values in the log. */
export let logTop: i32 = 0;

const NO_PLACE: i32 = 0xffff;

/** A local with another epoch has not been touched in this function (nor since all was forgotten). */
let epoch: i32 = 0;
/** Untouched declared locals are 0. */
let zeros: boolean = false;

/** Before the first function: the memory of the locals has been used for something else. */
export function clearFacts(): void {
	fill(facts, 0, Size.FACTS * Size.FACT);
	epoch = 0;
}

/** A function begins. */
export function openFacts(): void {
	height = 0;
	logTop = 0;
	newEpoch();
	zeros = true;
}

function newEpoch(): void {
	// when the epochs have been used up, no local may bear an old one
	if (epoch == 0xffff) clearFacts();
	epoch++;
}

/* operands */

/** Address of operand `index`, which is tracked. */
function range(index: i32): i32 {
	return ranges + index * Size.RANGE;
}

/** What is known of operand `index`, counted from the bottom. */
export function knownOf(index: i32): i32 {
	return index < Size.RANGES ? load32(range(index) + 8) : 0;
}

export function lowOf(index: i32): i32 {
	return (knownOf(index) & Known.RANGE) != 0 ? load32(range(index)) : 0;
}

export function highOf(index: i32): i32 {
	return (knownOf(index) & Known.RANGE) != 0 ? load32(range(index) + 4) : -1;
}

export function zerosOf(index: i32): i32 {
	return knownOf(index) >> Known.ZEROS;
}

export function setHeight(value: i32): void {
	height = value;
}

export function pushUnknown(): void {
	if (height < Size.RANGES) store32(range(height) + 8, 0);
	height++;
}

export function pushUnknowns(count: i32): void {
	for (let i = 0; i < count; i++) pushUnknown();
}

/** Pushes a value in [low, high], unsigned, with so many low zero bits. */
export function pushRange(low: i32, high: i32, zeroBits: i32, flags: i32): void {
	if (height < Size.RANGES) {
		const address = range(height);
		store32(address, low);
		store32(address + 4, high);
		store32(address + 8, flags | Known.RANGE | (zeroBits << Known.ZEROS));
	}
	height++;
}

/* locals */

function fact(local: i32): i32 {
	return facts + local * Size.FACT;
}

function isTouched(address: i32): boolean {
	return load16(address + 12) == epoch;
}

export function getLocal(local: i32): void {
	if (local >= Size.FACTS) {
		pushUnknown();
		return;
	}
	const address = fact(local);
	if (!isTouched(address)) {
		if (zeros && local >= parameters) pushRange(0, 0, 32, 0);
		else pushUnknown();
		return;
	}
	const known = load32(address + 8);
	if ((known & Known.RANGE) != 0) pushRange(load32(address), load32(address + 4), known >> Known.ZEROS, 0);
	else pushUnknown();
}

function forgetLocal(local: i32): void {
	const address = fact(local);
	if (!isTouched(address)) touch(address, NO_PLACE);
	store32(address + 8, 0);
}

function touch(address: i32, place: i32): void {
	store16(address + 12, epoch);
	store16(address + 14, place);
}

/** Pops a value into a local. `mark` is the log's length when the innermost block began. */
export function setLocal(local: i32, mark: i32): void {
	height--;
	if (local >= Size.FACTS) return;
	const known = knownOf(height) & ~Known.LITERAL;
	const address = fact(local);
	const place = isTouched(address) ? load16(address + 14) : NO_PLACE;
	const isLogged = place != NO_PLACE && place >= mark;
	if (known == 0 || (!isLogged && logTop == Size.LOG)) {
		forgetLocal(local);
		return;
	}
	store32(address, lowOf(height));
	store32(address + 4, highOf(height));
	store32(address + 8, known);
	if (isLogged) return;
	touch(address, logTop);
	store16(log + (logTop << 2), local);
	store16(log + (logTop << 2) + 2, place);
	logTop++;
}

/** Forgets what was learnt of locals since the log was `mark` long. */
export function forgetSince(mark: i32): void {
	while (logTop > mark) {
		logTop--;
		const local = load16(log + (logTop << 2));
		forgetLocal(local);
		touch(fact(local), load16(log + (logTop << 2) + 2));
	}
}

/** Forgets the locals of half-word `index` of a bit set. */
export function forgetSet(index: i32, set: i32): void {
	let local = index << 4;
	for (let rest = set; rest != 0; rest >>>= 1) {
		if ((rest & 1) != 0) forgetLocal(local);
		local++;
	}
}

/** Forgets all locals. */
export function forgetAll(): void {
	newEpoch();
	zeros = false;
}
