/**
 * The plan encoder: records of 8 bytes into the plan buffer (docs/PLAN.md), and payloads behind them.
 *
 * A payload that does not fit is written in parts: flushPayload() goes on with it after the consumer has taken the
 * batch.
 */

import { copy, load16, load32, store16, store32, store8 } from "./memory";
import { Op } from "./opcodes";

export const PLAN_VERSION: i32 = 1;

let base: i32 = 0;
let at: i32 = 0;
let end: i32 = 0;
/** The payload still to be written: address, bytes, bytes of padding behind them. */
let payloadAt: i32 = 0;
let payloadLeft: i32 = 0;
let padding: i32 = 0;

export function openPlan(address: i32, bytes: i32): void {
	base = address;
	end = address + (bytes & ~7);
	at = address;
	payloadLeft = 0;
	padding = 0;
}

export function emptyPlan(): void {
	at = base;
}

export function planAddress(): i32 {
	return base;
}

export function planLength(): i32 {
	return at - base;
}

/** True when `count` more records fit. */
export function fits(count: i32): boolean {
	return at + (count << 3) <= end;
}

/** Would `count` records fit if there were no others? */
export function holds(count: i32): boolean {
	return base + (count << 3) <= end;
}

/** Appends a record. */
export function record(op: i32, length: i32, a: i32, b: i32): void {
	const address = at;
	store32(address + 4, b);
	store32(address, op | (length << 8) | (a << 16));
	at = address + 8;
}

/** Appends a continuation. */
export function extend(a: i32, b: i32): void {
	record(Op.PLAN_EXT, 0, a, b);
}

/** Address of the next record, for patching it later in the same batch. */
export function nextRecord(): i32 {
	return at;
}

/** The next record goes to `address`. */
export function seekRecord(address: i32): void {
	at = address;
}

export function patchA(address: i32, a: i32): void {
	store16(address + 2, a);
}

export function patchB(address: i32, b: i32): void {
	store32(address + 4, b);
}

/** Value of field a of the record at `address`. */
export function recordA(address: i32): i32 {
	return load16(address + 2);
}

/** Value of field b of the record at `address`. */
export function recordB(address: i32): i32 {
	return load32(address + 4);
}

/** Begins a payload of `length` bytes that stand at `address` until flushPayload returns true. */
export function beginPayload(address: i32, length: i32): void {
	payloadAt = address;
	payloadLeft = length;
	padding = -length & 7;
}

/** Writes what fits of the payload. True when nothing is left. */
export function flushPayload(): boolean {
	let part = payloadLeft;
	if (part > end - at) part = end - at;
	if (part > 0) {
		copy(at, payloadAt, part);
		at += part;
		payloadAt += part;
		payloadLeft -= part;
	}
	if (payloadLeft > 0) return false;
	while (padding > 0) {
		if (at >= end) return false;
		store8(at, 0);
		at++;
		padding--;
	}
	return true;
}

/** Appends one byte of a payload that the caller ends with padPlan. It must fit. */
export function planByte(value: i32): void {
	store8(at, value);
	at++;
}

export function padPlan(): void {
	while (((at - base) & 7) != 0) planByte(0);
}
