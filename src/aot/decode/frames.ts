/**
 * The stack of control frames, one for each open block and one for the function body. Both passes use it.
 *
 *     offset  0   u32 address of the types: parameters, then results
 *             4   u8 parameters   5 u8 results   6 u8 operation (BLOCK, LOOP, IF, ELSE; END: the function)   7 u8
 *                 FrameFlag
 *             8   u16 operands below the block's   10 u16 note
 *            12   u16, u16: of the pass
 */

import { checkType, typeAt, within } from "./environment";
import { ErrorCode } from "../base/error-code";
import { frames, framesEnd, growFrames } from "../base/function-arena";
import { bound, errorCode, failAt, high, position, readByte, readS33 } from "../base/input";
import { Limit } from "../base/limit";
import { Place, Size } from "../base/limits";
import { load16, load32, load8, store16, store32, store8 } from "../base/memory";
import { refuseValueType, typeOfByte } from "./value-types";
import { Type } from "../base/opcodes";

export const enum FrameFlag {
	/** no instruction of it is reached from here to its end or else */
	DEAD = 1,
	/** it began in dead code */
	UNREACHED = 2,
}

/** Address of the innermost frame. */
export let frame: i32 = 0;
/** Frames but the function's own. */
export let depth: i32 = 0;

/** What readBlockType found: address of the types, their numbers, and the plan's form. */
export let blockTypes: i32 = 0;
export let blockParameters: i32 = 0;
export let blockResults: i32 = 0;
export let blockForm: i32 = 0;

export function openFrames(): void {
	frame = frames - Size.FRAME;
	depth = -1;
}

/** CC-4, of blocks. False when refused. */
export function readBlockType(): boolean {
	const at = position;
	if (at >= bound || (load8(at) & 0xc0) != 0x40) return readTypeIndex(at);
	const byte = readByte();
	blockParameters = 0;
	blockForm = byte;
	const type = typeOfByte(byte);
	blockTypes = Place.SINGLES + type;
	blockResults = byte == 0x40 ? 0 : 1;
	if (type == Type.BOTTOM && byte != 0x40) {
		refuseValueType(at, byte);
		return false;
	}
	return true;
}

function readTypeIndex(at: i32): boolean {
	const value = readS33();
	if (errorCode != ErrorCode.NONE) return false;
	if (high != 0) {
		failAt(at, ErrorCode.BLOCK_TYPE, value, 0);
		return false;
	}
	if (!checkType(value)) return false;
	const type = typeAt(value);
	blockTypes = type + 2;
	blockParameters = load8(type);
	blockResults = load8(type + 1);
	blockForm = value | 0x8000;
	return true;
}

/** Opens a frame with the block type read last. In pass 1 the operands may move. */
export function pushFrame(op: i32, flags: i32, height: i32, note: i32): void {
	if (!within(Limit.NESTING, depth + 1)) return;
	frame += Size.FRAME;
	depth++;
	if (frame >= framesEnd) growFrames();
	store32(frame, blockTypes);
	store8(frame + 4, blockParameters);
	store8(frame + 5, blockResults);
	store8(frame + 6, op);
	store8(frame + 7, flags);
	store16(frame + 8, height);
	store16(frame + 10, note);
}

export function setFunctionType(type: i32): void {
	blockTypes = type + 2 + load8(type);
	blockParameters = 0;
	blockResults = load8(type + 1);
}

export function popFrame(): void {
	frame -= Size.FRAME;
	depth--;
}

/** The frame that label `label` names. */
export function labelFrame(label: i32): i32 {
	return frame - label * Size.FRAME;
}

export function frameTypes(at: i32): i32 {
	return load32(at);
}

export function frameParameters(at: i32): i32 {
	return load8(at + 4);
}

export function frameResults(at: i32): i32 {
	return load8(at + 5);
}

export function frameOp(at: i32): i32 {
	return load8(at + 6);
}

export function setFrameOp(at: i32, op: i32): void {
	store8(at + 6, op);
}

export function frameFlags(at: i32): i32 {
	return load8(at + 7);
}

export function setFrameFlags(at: i32, flags: i32): void {
	store8(at + 7, flags);
}

export function frameHeight(at: i32): i32 {
	return load16(at + 8);
}

export function frameNote(at: i32): i32 {
	return load16(at + 10);
}

export function frameFirst(at: i32): i32 {
	return load16(at + 12);
}

export function setFrameFirst(at: i32, value: i32): void {
	store16(at + 12, value);
}

export function frameSecond(at: i32): i32 {
	return load16(at + 14);
}

export function setFrameSecond(at: i32, value: i32): void {
	store16(at + 14, value);
}
