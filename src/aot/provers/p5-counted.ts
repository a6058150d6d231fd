/**
 * P5: locals that a loop changes by a constant step, in a loop whose turns are counted.
 *
 * A turn is a passing of the loop's beginning. h(0), h(1) ... are the values there of a local i with step s
 * (induction.ts): every turn adds s, at most once, and exactly once if the step is regular. All is modulo 2^32; t =
 * |s|.
 *
 * Statement. At the beginning of each turn, i is in the range that setInductions() gives it; and has the low zero bits
 * that its start and s have.
 * Proof. (1) Turns. A test holds at every way round, of h(k) (early) or h(k) + s (late, that is h(k + 1)). Let the
 * start be in [a, b], the bound n in
 * [nl, nh] (it does not change in the loop), all unsigned.
 *   ne: the distance D that i still has to go, n - h(0) or h(0) - n mod 2^32, is in [dl, dh], when that interval does
 *   not wrap. Where t divides D, i meets n
 *   after D / t steps and not before, since k * t < D < 2^32 for the steps before; it goes on without wrapping past n.
 *   So there are D / t turns, and
 *   one more if early. A late test does not see D = 0: then nothing is said. lt and gt fail where i = n, too: no more
 *   turns than with ne, if not fewer.
 *   lt (upwards): turn k > 0 is reached only if h(k) < n (late), so a + k * t < nh; early: h(k - 1) < n. le n is lt n +
 *   1. No sum may wrap, and none does:
 *   nh + t < 2^32, and late b + t < 2^32; signed: all of it stays below 2^31, where both orders agree.
 *   ge (downwards): turn k > 0 is reached only if h(k) >= n (late), so b - k * t >= nl; gt n is ge n + 1. No difference
 *   may wrap: nl >= t, and late a >= t;
 *   signed differences of values that are not negative do not wrap, and are below n when they are negative.
 * Turns of several tests: the least number counts. Ways out of the loop only make turns fewer.
 * (2) Ranges. With at most T turns, a local in [a, b] at first is in [a, b + (T - 1) * t], or [a - (T - 1) * t, b],
 * when that does not wrap. The local of a test has bounds of its own: where lt holds it is below nh, and so on; a value
 * between the last one that passes and n is not met.
 * (3) Low zero bits: sums of multiples of 2^z are multiples.
 * What the code in the loop makes of it is P2's. Its rules for sums hold the step, too.
 * State: 16 bytes for each of the first 8 steps of the loop that begins; in pass 1, induction.ts.
 */

import {
	height,
	highOf,
	Known,
	lowOf,
	pushRange,
	setHeight,
	setLocal,
	zerosOf,
	getLocal,
	isExact,
	rootOf,
} from "./facts";
import { narrow } from "./p2-comparisons";
import { Induction } from "./p5-steps";
import { Place, Size } from "../base/limits";
import { divu, greatest, least, load32, load8, lowZeros, ltu, mul, store32, store8 } from "../base/memory";
import { inductionAt, inductionsOf } from "../base/side-table";
import { Op } from "../base/opcodes";

/**
 * Steps of the loop that begins: i32 lo, i32 hi of the start; u8 local, u8 low zero bits, u8 StepFlag, u8 0; i32 bound
 * of the test.
 */
let count: i32 = 0;

const enum StepFlag {
	/** the last word bounds the values at the beginning of turns from above, or from below */
	BOUNDED = 1,
}

/** The step, and its amount. */
let step: i32 = 0;
let amount: i32 = 0;
/** Start and bound of a test. */
let startLow: i32 = 0;
let startHigh: i32 = 0;
let boundLow: i32 = 0;
let boundHigh: i32 = 0;
let commonZeros: i32 = 0;
/** A bound for the local of the test. */
let isBounded: boolean = false;
let tested: i32 = 0;
/**
 * For P6: of the loop that begins, a test that fails at its bound at the latest (its address in the notes, 0: none),
 * and the step of its local.
 */
export let countedTest: i32 = 0;
export let countedStep: i32 = 0;

function entry(index: i32): i32 {
	return Place.STEPS + (index << 4);
}

/** The step of the induction `index` of a loop. */
export function stepAt(note: i32, index: i32): i32 {
	return load32(inductionAt(note, index) - 4);
}

/** a + b wraps. */
function carries(a: i32, b: i32): boolean {
	return ltu((a + b) | 0, a);
}

/** Adds 1 to a number of turns. 0, not known, stays. */
function oneMore(turns: i32): i32 {
	return turns == 0 || turns == -1 ? 0 : turns + 1;
}

function bounded(value: i32): void {
	isBounded = true;
	tested = value;
}

/* Turns by each test, unsigned; 0: not known. */

function isMultiple(distance: i32, spread: i32): boolean {
	if (spread == 0) return mul(divu(distance, amount), amount) == distance;
	return amount == 1 || ((amount & (amount - 1)) == 0 && lowZeros(amount) <= commonZeros);
}

function turnsToMeet(isLate: boolean): i32 {
	const starts = (startHigh - startLow) | 0;
	const limits = (boundHigh - boundLow) | 0;
	const spread = (starts + limits) | 0;
	if (ltu(spread, starts)) return 0;
	const near = step > 0 ? (boundLow - startHigh) | 0 : (startLow - boundHigh) | 0;
	const far = (near + spread) | 0;
	if (ltu(far, near) || !isMultiple(far, spread) || (isLate && near == 0)) return 0;
	const last = isLate ? amount : 0;
	if (step > 0) {
		if (!ltu(boundLow, startHigh)) bounded(greatest(startHigh, (boundHigh - last) | 0));
	} else if (!ltu(startLow, boundHigh)) bounded(least(startLow, (boundLow + last) | 0));
	const turns = divu(far, amount);
	if (isLate) return turns;
	return turns == 0 ? 1 : oneMore(turns);
}

/** While i < bound, upwards. `most`: the largest value that i may have. */
function turnsBelow(isLate: boolean, most: i32): i32 {
	if (ltu(most, amount) || ltu(most - amount, boundHigh) || (isLate && ltu(most - amount, startHigh))) return 0;
	// no way round: the only turn
	if (boundHigh == 0) {
		bounded(startHigh);
		return 1;
	}
	bounded(greatest(startHigh, isLate ? boundHigh - 1 : boundHigh - 1 + amount));
	let turns = 1;
	if (ltu(startLow, boundHigh)) {
		turns = divu(boundHigh - 1 - startLow, amount) + 1;
		if (!isLate) turns = oneMore(turns);
	}
	return turns;
}

/** While i >= bound, downwards. */
function turnsAbove(isLate: boolean, isSigned: boolean): i32 {
	if (!isSigned && (ltu(boundLow, amount) || (isLate && ltu(startLow, amount)))) return 0;
	if (isLate) bounded(least(startLow, boundLow));
	else if (!ltu(boundLow, amount)) bounded(least(startLow, boundLow - amount));
	if (ltu(startHigh, boundLow)) return 1;
	const turns = oneMore(divu(startHigh - boundLow, amount));
	return isLate ? turns : oneMore(turns);
}

/** Adds 1 to the test's bound. False when that wraps. */
function raiseBound(most: i32): boolean {
	if (!ltu(boundHigh, most)) return false;
	boundLow++;
	boundHigh++;
	return true;
}

function areNonNegative(): boolean {
	return startHigh >= 0 && boundHigh >= 0;
}

function turnsOf(op: i32, isLate: boolean): i32 {
	const met = isMeeting(op) ? turnsToMeet(isLate) : 0;
	const turns = turnsInOrder(op, isLate);
	return turns == 0 || (met != 0 && ltu(met, turns)) ? met : turns;
}

/** ne, lt, gt: the test fails where the local is at its bound. */
function isMeeting(op: i32): boolean {
	return op >= Op.I32_NE && op <= Op.I32_GT_U;
}

function turnsInOrder(op: i32, isLate: boolean): i32 {
	switch (op) {
		case Op.I32_LT_U:
			return step > 0 ? turnsBelow(isLate, -1) : 0;
		case Op.I32_LE_U:
			return step > 0 && raiseBound(-1) ? turnsBelow(isLate, -1) : 0;
		case Op.I32_GE_U:
			return step < 0 ? turnsAbove(isLate, false) : 0;
		case Op.I32_GT_U:
			return step < 0 && raiseBound(-1) ? turnsAbove(isLate, false) : 0;
		case Op.I32_LT_S:
			return step > 0 && areNonNegative() ? turnsBelow(isLate, 0x7fffffff) : 0;
		case Op.I32_LE_S:
			return step > 0 && areNonNegative() && raiseBound(0x7fffffff) ? turnsBelow(isLate, 0x7fffffff) : 0;
		case Op.I32_GE_S:
			return step < 0 && areNonNegative() ? turnsAbove(isLate, true) : 0;
		case Op.I32_GT_S:
			if (step > 0 || startHigh < 0) return 0;
			if (boundLow == -1 && boundHigh == -1) {
				boundLow = 0;
				boundHigh = 0;
				return turnsAbove(isLate, true);
			}
			return boundHigh >= 0 && raiseBound(0x7fffffff) ? turnsAbove(isLate, true) : 0;
		default:
			return 0;
	}
}

/* the loop that begins */

/** Pushes the value of a local, at the place of the first operand of the loop, or higher. */
function pushLocal(local: i32, mark: i32): void {
	getLocal(local, mark);
	narrow(height - 1);
}

function findStart(local: i32): i32 {
	for (let i = 0; i < count; i++) if (load8(entry(i) + 8) == local) return entry(i);
	return 0;
}

function testTurns(address: i32, note: i32, mark: i32): i32 {
	const word = load32(address);
	const start = findStart((word >> 8) & 0xff);
	if (start == 0) return 0;
	const flags = word >>> 24;
	const value = load32(address - 4);
	let zeroBits = lowZeros(value);
	boundLow = value;
	boundHigh = value;
	if ((flags & Induction.LOCAL) != 0) {
		pushLocal(value, mark);
		boundLow = lowOf(height - 1);
		boundHigh = highOf(height - 1);
		zeroBits = isExact(height - 1) ? lowZeros(boundLow) : zerosOf(height - 1);
		setHeight(height - 1);
	}
	startLow = load32(start);
	startHigh = load32(start + 4);
	commonZeros = load8(start + 9) < zeroBits ? load8(start + 9) : zeroBits;
	step = stepAt(note, load8(start + 11));
	amount = step < 0 ? -step | 0 : step;
	isBounded = false;
	const op = (word >> 16) & 0xff;
	if (isMeeting(op) && ltu(amount, 128)) {
		countedTest = address;
		countedStep = step;
	}
	const turns = turnsOf(op, (flags & Induction.LATE) != 0);
	if (isBounded && load8(start + 10) == 0) {
		store8(start + 10, StepFlag.BOUNDED);
		store32(start + 12, tested);
	}
	return turns;
}

/** The most turns of the loop of that note that begins, 0: not known. Notes the starts of its steps. */
export function beginInductions(note: i32, mark: i32): i32 {
	const noted = inductionsOf(note);
	count = 0;
	countedTest = 0;
	for (let i = 0; i < noted && count < Size.STEPS; i++) {
		const word = load32(inductionAt(note, i));
		if ((word & 0xff) != Induction.STEP) continue;
		pushLocal((word >> 8) & 0xff, mark);
		const address = entry(count);
		store32(address, lowOf(height - 1));
		store32(address + 4, highOf(height - 1));
		store8(address + 8, (word >> 8) & 0xff);
		store8(address + 9, isExact(height - 1) ? lowZeros(lowOf(height - 1)) : zerosOf(height - 1));
		store8(address + 10, 0);
		store8(address + 11, i);
		setHeight(height - 1);
		count++;
	}
	let turns = 0;
	for (let i = 0; i < noted; i++) {
		const address = inductionAt(note, i);
		if ((load32(address) & 0xff) != Induction.TEST) continue;
		const found = testTurns(address, note, mark);
		if (found != 0 && (turns == 0 || ltu(found, turns))) turns = found;
	}
	return turns;
}

/** What the loop assigns has been forgotten: sets the locals that it steps to their ranges. */
export function setInductionRanges(note: i32, turns: i32, mark: i32): void {
	for (let i = 0; i < count; i++) setRange(entry(i), stepAt(note, load8(entry(i) + 11)), turns, mark);
}

function setRange(address: i32, by: i32, turns: i32, mark: i32): void {
	const size = by < 0 ? -by | 0 : by;
	let low = load32(address);
	let high = load32(address + 4);
	let isKnown = false;
	if (turns != 0 && (turns == 1 || !ltu(divu(-1, turns - 1), size))) {
		const way = mul(turns - 1, size);
		if (by > 0 && !carries(high, way)) {
			high = (high + way) | 0;
			isKnown = true;
		} else if (by < 0 && !ltu(low, way)) {
			low = (low - way) | 0;
			isKnown = true;
		}
	}
	if ((load8(address + 10) & StepFlag.BOUNDED) != 0) {
		const value = load32(address + 12);
		if (by > 0) high = isKnown ? least(high, value) : value;
		else low = isKnown ? greatest(low, value) : value;
		isKnown = true;
	}
	let zeroBits = lowZeros(size);
	if (load8(address + 9) < zeroBits) zeroBits = load8(address + 9);
	if (isKnown && !ltu(high, low)) {
		if (zeroBits > 0 && zeroBits < 32) high &= -1 << zeroBits;
		pushRange(low, high, zeroBits, Known.COUNTED);
	} else if (zeroBits > 0) pushRange(0, -1, zeroBits, 0);
	else return;
	setLocal(load8(address + 8), mark);
}

/** For P6: the values that the loop's steps add to get roots, in the place of their starts. */
export function nameSteps(mark: i32): void {
	for (let i = 0; i < count; i++) {
		pushLocal(load8(entry(i) + 8), mark);
		setHeight(height - 1);
		store32(entry(i), rootOf(height));
	}
}

/** For P6: the step of the local that has a value with that root when a turn begins, 0: none. */
export function findStep(root: i32): i32 {
	for (let i = 0; i < count; i++) if (load32(entry(i)) == root) return entry(i);
	return 0;
}
