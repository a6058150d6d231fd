/**
 * P2, continued: what a comparison tells of the values compared, where its outcome is known.
 *
 * A bound (root, d, lo, hi) says: (R + d) mod 2^32 is in [lo, hi], unsigned, R being the value of the root.
 *
 * Statement. Bounds hold wherever they are applied.
 * Proof. (1) A bound is made by assume(): behind a br_if that was not taken the condition was 0, in the first arm of an
 * `if` it was not; the condition is the comparison just before (position tells: nothing lies between), or an operand
 * itself, which is compared with 0. The rules of restrict() are those of unsigned and signed order on the operands'
 * ranges; a signed comparison counts only where the lesser side is known not to be negative, since the greater one is
 * not then, either, and on such values both orders agree. (2) R does not change (facts.ts). Bounds are forgotten where
 * ways meet, as P3's facts.
 * (3) narrow() applies a bound to a value (R + e) mod 2^32: that is the bounded value + k, k = e - d, and lies in [lo +
 * k, hi + k] if both sums wrap or neither does; else nothing is said. A value that has z low zero bits is a multiple of
 * 2^z: its bounds are rounded inwards.
 * State: a stack of 12 bounds of 16 bytes; of it each open block has the length at its beginning, in its frame. And the
 * comparison just before.
 */

import {
	displacementOf,
	highA,
	highB,
	Known,
	lowA,
	lowB,
	range,
	readPair,
	Root,
	setBounds,
	wordA,
	wordB,
} from "./facts";
import { Place, Size } from "../base/limits";
import { greatest, least, load32, ltu, store32 } from "../base/memory";
import { Op } from "../base/opcodes";

/** Bounds. */
export let boundsTop: i32 = 0;
let oldest: i32 = 0;

/** The comparison that ended at this address, or 0. */
let comparedAt: i32 = 0;
let negated: boolean = false;
let comparison: i32 = 0;
/** Its sides: root (Root.NONE: none to learn of), displacement, range. */
let leftRoot: i32 = 0;
let leftAt: i32 = 0;
let leftLow: i32 = 0;
let leftHigh: i32 = 0;
let rightRoot: i32 = 0;
let rightAt: i32 = 0;
let rightLow: i32 = 0;
let rightHigh: i32 = 0;

function bound(index: i32): i32 {
	return Place.BOUNDS + index * Size.BOUND;
}

/** A function begins. */
export function openBounds(): void {
	boundsTop = 0;
	oldest = 0;
	comparedAt = 0;
}

/** Forgets what was learnt since there were `mark` bounds. */
export function forgetBounds(mark: i32): void {
	boundsTop = mark;
}

/** The sides are the operands that readPair has read; `index`: of the first. */
function setLeft(index: i32): void {
	leftRoot = lowA == highA ? Root.NONE : wordA >>> Known.ROOT;
	if (leftRoot != Root.NONE) leftAt = displacementOf(index);
	leftLow = lowA;
	leftHigh = highA;
}

function setRight(index: i32): void {
	rightRoot = lowB == highB ? Root.NONE : wordB >>> Known.ROOT;
	if (rightRoot != Root.NONE) rightAt = displacementOf(index + 1);
	rightLow = lowB;
	rightHigh = highB;
}

function compareWithZero(index: i32, op: i32): void {
	readPair(index);
	setLeft(index);
	rightRoot = Root.NONE;
	rightLow = 0;
	rightHigh = 0;
	comparison = op;
	negated = false;
}

/** An i32 comparison or eqz from `start` to `end`, whose first operand is operand `index`. */
export function noteComparison(op: i32, index: i32, start: i32, end: i32): void {
	if (op == Op.I32_EQZ) {
		if (comparedAt == start) negated = !negated;
		else compareWithZero(index, Op.I32_EQ);
	} else {
		readPair(index);
		setLeft(index);
		setRight(index);
		comparison = op;
		negated = false;
	}
	comparedAt = end;
}

/** Is the operand that an instruction at `start` pops the outcome of a comparison just before? */
export function isCompared(start: i32): boolean {
	return comparedAt == start;
}

/** The comparison that is true when `op` is not. */
export function opposite(op: i32): i32 {
	if (op <= Op.I32_NE) return op ^ 1;
	return ((op & 1) != 0 ? Op.I32_LT_U + Op.I32_GE_U : Op.I32_LT_S + Op.I32_GE_S) - op;
}

/** The comparison with the sides exchanged. */
export function mirrored(op: i32): i32 {
	if (op <= Op.I32_NE) return op;
	if (op <= Op.I32_LT_U) return op + 2;
	if (op <= Op.I32_GT_U) return op - 2;
	return op <= Op.I32_LE_U ? op + 2 : op - 2;
}

/** Keeps a bound, unless it is empty (the code is not reached then). */
function learn(root: i32, at: i32, low: i32, high: i32, mark: i32): void {
	if (root == Root.NONE || ltu(high, low) || (low == 0 && high == -1)) return;
	let place = boundsTop;
	for (let i = mark; i < boundsTop; i++) if (load32(bound(i)) == root && load32(bound(i) + 4) == at) place = i;
	if (place == boundsTop) {
		if (place < Size.BOUNDS) boundsTop++;
		else {
			if (mark == Size.BOUNDS) return;
			if (oldest < mark || oldest >= Size.BOUNDS) oldest = mark;
			place = oldest;
			oldest++;
		}
	}
	const address = bound(place);
	store32(address, root);
	store32(address + 4, at);
	store32(address + 8, low);
	store32(address + 12, high);
}

function restrictEqual(mark: i32): void {
	const low = greatest(leftLow, rightLow);
	const high = least(leftHigh, rightHigh);
	learn(leftRoot, leftAt, low, high, mark);
	learn(rightRoot, rightAt, low, high, mark);
}

/** x in [low, high] is not `value`. */
function exclude(root: i32, at: i32, low: i32, high: i32, value: i32, mark: i32): void {
	if (low == high) return;
	if (value == low) learn(root, at, low + 1, high, mark);
	else if (value == high) learn(root, at, low, high - 1, mark);
}

function restrictDifferent(mark: i32): void {
	if (rightLow == rightHigh) exclude(leftRoot, leftAt, leftLow, leftHigh, rightLow, mark);
	if (leftLow == leftHigh) exclude(rightRoot, rightAt, rightLow, rightHigh, leftLow, mark);
}

/** left < right, or left <= right, as unsigned numbers. */
function restrictOrdered(strict: boolean, mark: i32): void {
	const one = strict ? 1 : 0;
	if (strict && (rightHigh == 0 || leftLow == -1)) return;
	learn(leftRoot, leftAt, leftLow, least(leftHigh, rightHigh - one), mark);
	learn(rightRoot, rightAt, greatest(rightLow, leftLow + one), rightHigh, mark);
}

/** The same, as signed numbers. */
function restrictSigned(strict: boolean, mark: i32): void {
	let isStrict = strict;
	if (strict && leftLow == leftHigh && leftLow != 0x7fffffff) {
		// c < x is c + 1 <= x; the left side is a constant, nothing is learnt of it
		leftLow = (leftLow + 1) | 0;
		leftHigh = leftLow;
		isStrict = false;
	}
	if (leftHigh < 0) return;
	rightHigh = least(rightHigh, 0x7fffffff);
	restrictOrdered(isStrict, mark);
}

function exchange(): void {
	const root = leftRoot;
	const at = leftAt;
	const low = leftLow;
	const high = leftHigh;
	leftRoot = rightRoot;
	leftAt = rightAt;
	leftLow = rightLow;
	leftHigh = rightHigh;
	rightRoot = root;
	rightAt = at;
	rightLow = low;
	rightHigh = high;
}

function restrict(op: i32, mark: i32): void {
	let order = op;
	const swap = op >= Op.I32_GE_S || op == Op.I32_GT_S || op == Op.I32_GT_U;
	if (swap) {
		order = mirrored(op);
		exchange();
	}
	const low = leftLow;
	const high = leftHigh;
	const right = rightHigh;
	switch (order) {
		case Op.I32_EQ:
			restrictEqual(mark);
			break;
		case Op.I32_NE:
			restrictDifferent(mark);
			break;
		case Op.I32_LT_U:
		case Op.I32_LE_U:
			restrictOrdered(order == Op.I32_LT_U, mark);
			break;
		default:
			restrictSigned(order == Op.I32_LT_S, mark);
			break;
	}
	leftLow = low;
	leftHigh = high;
	rightHigh = right;
	if (swap) exchange();
}

/**
 * From here on operand `index`, popped by the instruction at `start`, is known to have been 0 (or not to). `mark`:
 * bounds when the block began.
 */
export function assume(truth: boolean, index: i32, start: i32, mark: i32): void {
	if (comparedAt != start) compareWithZero(index, Op.I32_NE);
	restrict(truth == negated ? opposite(comparison) : comparison, mark);
	comparedAt = 0;
}

/** As assume(), for a moment only: operand `index` is what a `select` at `start` gives if the condition is `truth`. */
export function narrowSelected(truth: boolean, index: i32, start: i32): void {
	if (comparedAt != start || boundsTop > Size.BOUNDS - 2) return;
	const top = boundsTop;
	restrict(truth == negated ? opposite(comparison) : comparison, top);
	narrow(index);
	boundsTop = top;
}

/** Applies the bounds to operand `index`. */
export function narrow(index: i32): void {
	if (!ltu(index, Size.RANGES)) return;
	const operand = range(index);
	const word = load32(operand + 8);
	const root = word >>> Known.ROOT;
	if (root == Root.NONE) return;
	let low = 0;
	let high = -1;
	if ((word & Known.RANGE) != 0) {
		low = load32(operand);
		high = load32(operand + 4);
		if (low == high) return;
	}
	const at = load32(operand + 12);
	for (let i = boundsTop - 1; i >= 0; i--) {
		// of 12, so that the access needs no check
		const address = bound(i & 15);
		if (load32(address) != root) continue;
		const distance = (at - load32(address + 4)) | 0;
		const first = (load32(address + 8) + distance) | 0;
		const last = (load32(address + 12) + distance) | 0;
		if (ltu(last, first)) continue;
		low = greatest(low, first);
		high = least(high, last);
	}
	if (low == 0) {
		if (high == -1) return;
	}
	const zeroBits = (word >> Known.ZEROS) & Known.ZEROS_MASK;
	if (zeroBits > 0 && zeroBits < 32) {
		const mask = -1 << zeroBits;
		high &= mask;
		const up = (low + ~mask) & mask;
		if (!ltu(up, low)) low = up;
	}
	if (!ltu(high, low)) setBounds(index, low, high);
}
