/**
 * P2: an access at an address whose range is known.
 *
 * Statement. A load or store of `size` bytes at address + offset needs no check if address <= hi in every execution,
 * and hi + offset + size <= backed, the sum taken without wrapping.
 * Proof. (1) Each rule below gives, for operands within their ranges, a range that holds the instruction's result, as
 * an unsigned number: a rule whose result could wrap gives no bound (the wrap rule: x + c of a bounded x is bounded
 * only if hi + c does not pass 2^32, or lo + c does, too).
 * (2) facts.ts keeps a local's range only where it holds on every way there. (3) So the address is at most hi whenever
 * the access is executed, and hi + offset + size <= backed puts all of its bytes below `backed`.
 * Copies of a value and its sums with constants keep its root, too (facts.ts), modulo 2^32: no bound is needed for
 * that.
 * (4) For an access that needs no check, a sum or a shift that the rules show not to wrap is the address itself, not
 * modulo 2^32 (isUnwrapped).
 * (5) Low zero bits, z: a value that has z of them is a multiple of 2^z, also modulo 2^32. A sum, a difference, `or`
 * and `xor` of two are multiples of what both are; a product has those of both factors, `and` those of each operand, a
 * shift to the left by n has n more, one to the right n less. One of two values (select) has what both have; other
 * results have none that are known. The alignment flag, the `or` that is a sum (findSum), and what lies below a checked
 * address (prover-checked.ts) rest on that.
 * The ranges are of i32 values. Operands of other types have none, but for 0, which a local begins with; no rule below
 * reads them.
 * State: 16 bytes an operand, 20 a local (facts.ts). Low zero bits are kept beside.
 */

import {
	addFlags,
	displacementOf,
	height,
	highA,
	highB,
	highOf,
	Known,
	knownOf,
	lowA,
	lowB,
	pushRange,
	pushUnknown,
	readPair,
	Root,
	rootOf,
	setHeight,
	setRoot,
	wordA,
	wordB,
	zerosA,
	zerosB,
	zerosOf,
} from "./facts";
import { divu, greatest, least, lowZeros, ltu, mul } from "../base/memory";
import { Rule } from "../base/opcodes";
import { isBacked } from "./p1-constant";

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

/**
 * Of the last sum or shift to the left: is its result the true one, not one modulo 2^32? The ranges of the operands
 * show it, so an access may use the operands themselves in its address, on machines that compute addresses in more than
 * 32 bits.
 */
export let isUnwrapped: bool = false;

/* The operands are those of readPair: a, and b above it. Each rule pushes its result in a's place. */

function add(): void {
	const low = (lowA + lowB) | 0;
	const high = (highA + highB) | 0;
	const zeroBits = fewer(zerosA, zerosB);
	const lowWraps = ltu(low, lowA);
	const highWraps = ltu(high, highA);
	isUnwrapped = !highWraps;
	if (lowWraps == highWraps) pushRange(low, high, zeroBits, 0);
	else pushRange(0, -1, zeroBits, 0);
}

function subtract(): void {
	const zeroBits = fewer(zerosA, zerosB);
	const low = (lowA - highB) | 0;
	const high = (highA - lowB) | 0;
	const lowWraps = ltu(lowA, highB);
	const highWraps = ltu(highA, lowB);
	if (lowWraps == highWraps) pushRange(low, high, zeroBits, 0);
	else pushRange(0, -1, zeroBits, 0);
}

function multiply(): void {
	let zeroBits = zerosA + zerosB;
	if (zeroBits > 32) zeroBits = 32;
	const a = highA;
	const b = highB;
	if (b != 0 && ltu(divu(-1, b), a)) pushRange(0, -1, zeroBits, 0);
	else pushRange(mul(lowA, lowB), mul(a, b), zeroBits, 0);
}

/** A divisor of 0 traps: there is no result then. */
function divide(): void {
	const low = highB == 0 ? 0 : divu(lowA, highB);
	const divisor = lowB == 0 ? 1 : lowB;
	pushRange(low, divu(highA, divisor), 0, 0);
}

function remainder(): void {
	const most = highB == 0 ? 0 : highB - 1;
	pushRange(0, least(highA, most), 0, 0);
}

function and(): void {
	const a = zerosA;
	const b = zerosB;
	pushRange(0, least(highA, highB), a > b ? a : b, 0);
}

function or(): void {
	pushRange(greatest(lowA, lowB), ones(highA | highB), fewer(zerosA, zerosB), 0);
}

function xor(): void {
	pushRange(0, ones(highA | highB), fewer(zerosA, zerosB), 0);
}

function isExactB(): boolean {
	return (wordB & Known.RANGE) != 0 && lowB == highB;
}

function shiftLeft(): void {
	if (!isExactB()) {
		pushRange(0, -1, zerosA, 0);
		return;
	}
	const count = lowB & 31;
	let zeroBits = zerosA + count;
	if (zeroBits > 32) zeroBits = 32;
	isUnwrapped = !ltu(-1 >>> count, highA);
	if (isUnwrapped) pushRange(lowA << count, highA << count, zeroBits, 0);
	else pushRange(0, -1, zeroBits, 0);
}

function shiftRight(): void {
	if (!isExactB()) {
		pushRange(0, highA, 0, 0);
		return;
	}
	const count = lowB & 31;
	const zeroBits = zerosA - count;
	pushRange(lowA >>> count, highA >>> count, zeroBits > 0 ? zeroBits : 0, 0);
}

/** Sign extension of a value that has no sign bit, of `most` at most, leaves it as it is. */
function extend(most: i32): void {
	if (ltu(most, highA)) pushRange(0, -1, 0, 0);
	else pushRange(lowA, highA, zerosA, 0);
}

function applyBinary(rule: i32): void {
	switch (rule) {
		case Rule.ADD:
			add();
			break;
		case Rule.SUB:
			subtract();
			break;
		case Rule.MUL:
			multiply();
			break;
		case Rule.AND:
			and();
			break;
		case Rule.OR:
			or();
			break;
		case Rule.XOR:
			xor();
			break;
		case Rule.SHL:
			shiftLeft();
			break;
		case Rule.SHR_U:
			shiftRight();
			break;
		case Rule.SHR_S:
			if (highA >= 0) shiftRight();
			else pushUnknown();
			break;
		case Rule.DIV_U:
			divide();
			break;
		case Rule.DIV_S:
			if (highA >= 0 && highB >= 0) divide();
			else pushUnknown();
			break;
		case Rule.REM_U:
			remainder();
			break;
		case Rule.REM_S:
			if (highA >= 0 && highB >= 0) remainder();
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
	if (isExactB()) {
		if (rule == Rule.ADD) setSum(at, lowB);
		else if (rule == Rule.SUB) setSum(at, -lowB | 0);
		else if (rule == Rule.OR && zerosA < 32 && (lowB & (-1 << zerosA)) == 0) setSum(at, lowB);
	} else if (rule == Rule.ADD && (wordA & Known.RANGE) != 0 && lowA == highA) setSum(at + 1, lowA);
}

function applyPair(rule: i32, at: i32): void {
	const flags = (wordA | wordB) & Known.INHERITED;
	findSum(rule, at);
	applyBinary(rule);
	if (flags != 0) addFlags(at, flags);
	if (sumRoot != Root.NONE) setRoot(at, sumRoot, sumDisplacement);
}

/** Pops `pops` operands and pushes the result of an instruction with this rule, which is not Rule.ANY. */
export function applyRule(rule: i32, pops: i32): void {
	isUnwrapped = false;
	const at = height - pops;
	setHeight(at);
	if (rule >= Rule.ADD && rule <= Rule.SHR_U) {
		if ((knownOf(at) | knownOf(at + 1)) == 0) pushUnknown();
		else {
			readPair(at);
			applyPair(rule, at);
		}
	} else if (rule == Rule.BOOL) pushRange(0, 1, 0, 0);
	else if (rule == Rule.BYTE) pushRange(0, 0xff, 0, 0);
	else if (rule == Rule.HALF) pushRange(0, 0xffff, 0, 0);
	else if (rule == Rule.COUNT) pushRange(0, 32, 0, 0);
	else {
		readPair(at);
		extend(rule == Rule.EXTEND8 ? 0x7f : 0x7fff);
	}
}

/** `select`: one of two values. */
export function applySelect(): void {
	const at = height - 3;
	setHeight(at);
	readPair(at);
	const flags = (wordA | wordB) & (Known.INHERITED | Known.FOREIGN);
	if ((wordA & Known.MASK) == 0 || (wordB & Known.MASK) == 0) pushUnknown();
	else pushRange(least(lowA, lowB), greatest(highA, highB), fewer(zerosA, zerosB), flags);
}
