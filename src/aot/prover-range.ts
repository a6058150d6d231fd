/**
 * P2: an access at an address whose range is known.
 *
 * Statement. A load or store of `size` bytes at address + offset needs no check if address <= hi in every execution, and
 * hi + offset + size <= backed, the sum taken without wrapping.
 * Proof. (1) Each rule below gives, for operands within their ranges, a range that holds the instruction's result, as an unsigned number: a rule whose
 * result could wrap gives no bound (the wrap rule: x + c of a bounded x is bounded only if hi + c does not pass 2^32, or lo + c does, too).
 * (2) facts.ts keeps a local's range only where it holds on every way there. (3) So the address is at most hi whenever the access is executed, and
 * hi + offset + size <= backed puts all of its bytes below `backed`.
 * Copies of a value and its sums with constants keep its root, too (facts.ts), modulo 2^32: no bound is needed for that.
 * The ranges are of i32 values. Operands of other types have none, but for 0, which a local begins with; no rule below reads them.
 * State: 16 bytes an operand, 20 a local (facts.ts). Low zero bits are kept beside, for the alignment flag.
 */

import {
	addFlags,
	displacementOf,
	height,
	highOf,
	isExact,
	Known,
	knownOf,
	lowOf,
	pushRange,
	pushUnknown,
	Root,
	rootOf,
	setHeight,
	setRoot,
	zerosOf,
} from "./facts";
import { divu, lowZeros, ltu, mul } from "./memory";
import { Rule } from "./opcodes";
import { isBacked } from "./prover-constant";

/** True when P2 shows that the access through operand `index` needs no check. */
export function provesRange(index: i32, offset: i32, size: i32): boolean {
	return (knownOf(index) & Known.RANGE) != 0 && isBacked(highOf(index), offset, size);
}

/** True when the address plus `offset` is a multiple of 1 << `log2`. */
export function provesAlignment(index: i32, offset: i32, log2: i32): boolean {
	return zerosOf(index) >= log2 && lowZeros(offset) >= log2;
}

export function pushConstant(value: i32): void {
	pushRange(value, value, lowZeros(value), Known.LITERAL);
}

function least(a: i32, b: i32): i32 {
	return ltu(a, b) ? a : b;
}

function greatest(a: i32, b: i32): i32 {
	return ltu(a, b) ? b : a;
}

function fewer(a: i32, b: i32): i32 {
	return a < b ? a : b;
}

/** All ones below and at the highest one of `value`. */
function ones(value: i32): i32 {
	let mask = value;
	mask |= mask >>> 1;
	mask |= mask >>> 2;
	mask |= mask >>> 4;
	mask |= mask >>> 8;
	return mask | (mask >>> 16);
}

/* Operands: a is operand `at`, b is the one above it. Each rule pushes its result in a's place. */

function add(at: i32): void {
	const low = (lowOf(at) + lowOf(at + 1)) | 0;
	const high = (highOf(at) + highOf(at + 1)) | 0;
	const zeroBits = fewer(zerosOf(at), zerosOf(at + 1));
	const lowWraps = ltu(low, lowOf(at));
	const highWraps = ltu(high, highOf(at));
	if (lowWraps == highWraps) pushRange(low, high, zeroBits, 0);
	else pushRange(0, -1, zeroBits, 0);
}

function subtract(at: i32): void {
	const zeroBits = fewer(zerosOf(at), zerosOf(at + 1));
	const low = (lowOf(at) - highOf(at + 1)) | 0;
	const high = (highOf(at) - lowOf(at + 1)) | 0;
	const lowWraps = ltu(lowOf(at), highOf(at + 1));
	const highWraps = ltu(highOf(at), lowOf(at + 1));
	if (lowWraps == highWraps) pushRange(low, high, zeroBits, 0);
	else pushRange(0, -1, zeroBits, 0);
}

function multiply(at: i32): void {
	let zeroBits = zerosOf(at) + zerosOf(at + 1);
	if (zeroBits > 32) zeroBits = 32;
	const a = highOf(at);
	const b = highOf(at + 1);
	if (b != 0 && ltu(divu(-1, b), a)) pushRange(0, -1, zeroBits, 0);
	else pushRange(mul(lowOf(at), lowOf(at + 1)), mul(a, b), zeroBits, 0);
}

/** A divisor of 0 traps: there is no result then. */
function divide(at: i32): void {
	const low = highOf(at + 1) == 0 ? 0 : divu(lowOf(at), highOf(at + 1));
	const divisor = lowOf(at + 1) == 0 ? 1 : lowOf(at + 1);
	pushRange(low, divu(highOf(at), divisor), 0, 0);
}

function remainder(at: i32): void {
	const most = highOf(at + 1) == 0 ? 0 : highOf(at + 1) - 1;
	pushRange(0, least(highOf(at), most), 0, 0);
}

function isNonNegative(index: i32): boolean {
	return highOf(index) >= 0;
}

function and(at: i32): void {
	const a = zerosOf(at);
	const b = zerosOf(at + 1);
	pushRange(0, least(highOf(at), highOf(at + 1)), a > b ? a : b, 0);
}

function or(at: i32): void {
	pushRange(greatest(lowOf(at), lowOf(at + 1)), ones(highOf(at) | highOf(at + 1)), fewer(zerosOf(at), zerosOf(at + 1)), 0);
}

function xor(at: i32): void {
	pushRange(0, ones(highOf(at) | highOf(at + 1)), fewer(zerosOf(at), zerosOf(at + 1)), 0);
}

function shiftLeft(at: i32): void {
	if (!isExact(at + 1)) {
		pushRange(0, -1, zerosOf(at), 0);
		return;
	}
	const count = lowOf(at + 1) & 31;
	let zeroBits = zerosOf(at) + count;
	if (zeroBits > 32) zeroBits = 32;
	if (ltu(-1 >>> count, highOf(at))) pushRange(0, -1, zeroBits, 0);
	else pushRange(lowOf(at) << count, highOf(at) << count, zeroBits, 0);
}

function shiftRight(at: i32): void {
	if (!isExact(at + 1)) {
		pushRange(0, highOf(at), 0, 0);
		return;
	}
	const count = lowOf(at + 1) & 31;
	const zeroBits = zerosOf(at) - count;
	pushRange(lowOf(at) >>> count, highOf(at) >>> count, zeroBits > 0 ? zeroBits : 0, 0);
}

/** Sign extension of a value that has no sign bit, of `most` at most, leaves it as it is. */
function extend(at: i32, most: i32): void {
	if (ltu(most, highOf(at))) pushRange(0, -1, 0, 0);
	else pushRange(lowOf(at), highOf(at), zerosOf(at), 0);
}

function applyBinary(rule: i32, at: i32): void {
	switch (rule) {
		case Rule.ADD:
			add(at);
			break;
		case Rule.SUB:
			subtract(at);
			break;
		case Rule.MUL:
			multiply(at);
			break;
		case Rule.AND:
			and(at);
			break;
		case Rule.OR:
			or(at);
			break;
		case Rule.XOR:
			xor(at);
			break;
		case Rule.SHL:
			shiftLeft(at);
			break;
		case Rule.SHR_U:
			shiftRight(at);
			break;
		case Rule.SHR_S:
			if (isNonNegative(at)) shiftRight(at);
			else pushUnknown();
			break;
		case Rule.DIV_U:
			divide(at);
			break;
		case Rule.DIV_S:
			if (isNonNegative(at) && isNonNegative(at + 1)) divide(at);
			else pushUnknown();
			break;
		case Rule.REM_U:
			remainder(at);
			break;
		case Rule.REM_S:
			if (isNonNegative(at) && isNonNegative(at + 1)) remainder(at);
			else pushUnknown();
			break;
	}
}

/** The root and displacement of a sum, or Root.NONE. */
let sumRoot: i32 = 0;
let sumDisplacement: i32 = 0;

function setSum(index: i32, constant: i32): void {
	sumRoot = rootOf(index);
	if (sumRoot != Root.NONE) sumDisplacement = (displacementOf(index) + constant) | 0;
}

/** A sum with a constant, or what comes to the same: a difference, and `or` of bits that are 0. */
function findSum(rule: i32, at: i32): void {
	sumRoot = Root.NONE;
	if (isExact(at + 1)) {
		const b = lowOf(at + 1);
		if (rule == Rule.ADD) setSum(at, b);
		else if (rule == Rule.SUB) setSum(at, -b | 0);
		else if (rule == Rule.OR && zerosOf(at) < 32 && (b & (-1 << zerosOf(at))) == 0) setSum(at, b);
	} else if (isExact(at) && rule == Rule.ADD) setSum(at + 1, lowOf(at));
}

function applyPair(rule: i32, at: i32): void {
	const flags = (knownOf(at) | knownOf(at + 1)) & Known.INHERITED;
	findSum(rule, at);
	applyBinary(rule, at);
	if (flags != 0) addFlags(at, flags);
	if (sumRoot != Root.NONE) setRoot(at, sumRoot, sumDisplacement);
}

/** Pops `pops` operands and pushes the result of an instruction with this rule, which is not Rule.ANY. */
export function applyRule(rule: i32, pops: i32): void {
	const at = height - pops;
	setHeight(at);
	if (rule >= Rule.ADD && rule <= Rule.SHR_U) {
		if ((knownOf(at) | knownOf(at + 1)) == 0) pushUnknown();
		else applyPair(rule, at);
	} else if (rule == Rule.BOOL) pushRange(0, 1, 0, 0);
	else if (rule == Rule.BYTE) pushRange(0, 0xff, 0, 0);
	else if (rule == Rule.HALF) pushRange(0, 0xffff, 0, 0);
	else if (rule == Rule.COUNT) pushRange(0, 32, 0, 0);
	else if (rule == Rule.EXTEND8) extend(at, 0x7f);
	else extend(at, 0x7fff);
}

/** `select`: one of two values. */
export function applySelect(): void {
	const at = height - 3;
	setHeight(at);
	const flags = (knownOf(at) | knownOf(at + 1)) & (Known.INHERITED | Known.FOREIGN);
	if (knownOf(at) == 0 || knownOf(at + 1) == 0) pushUnknown();
	else pushRange(least(lowOf(at), lowOf(at + 1)), greatest(highOf(at), highOf(at + 1)), fewer(zerosOf(at), zerosOf(at + 1)), flags);
}
