/**
 * Pass 1: validates a function body completely, by the algorithm of the specification's appendix, and nothing else.
 * What the body tells pass 2 besides goes to body-observer.ts, at the calls of observe...().
 *
 * The comments CC and CM name the compile-time checks of WAIT, Table 2; docs/SANDBOX.md lists them.
 * One byte of the body is rewritten: `select` without a type becomes SELECT_TYPED + type, so that pass 2 needs no
 * types.
 */

import { growOperands, openAreas, openRuns, operands, operandsEnd } from "../base/function-arena";
import {
	checkFunction,
	checkGlobal,
	checkMemory,
	checkTable,
	checkType,
	dataCount,
	elementCount,
	elementType,
	functionType,
	GlobalFlag,
	globalFlags,
	isDeclared,
	memories,
	tableType,
	typeAt,
	within,
	importedFunctions,
} from "../decode/environment";
import { ErrorCode, Feature } from "../base/error-code";
import {
	blockParameters,
	blockResults,
	blockTypes,
	depth,
	frame,
	FrameFlag,
	frameFlags,
	frameHeight,
	frameOp,
	frameParameters,
	frameResults,
	frameTypes,
	labelFrame,
	openFrames,
	popFrame,
	pushFrame,
	readBlockType,
	setFrameFlags,
	setFrameOp,
	setFunctionType,
} from "../decode/frames";
import {
	blame,
	bound,
	errorCode,
	fail,
	failAt,
	high,
	position,
	read32,
	read64,
	readByte,
	readS32,
	readS64,
	readU32,
	seek,
	setBound,
} from "../base/input";
import { Limit } from "../base/limit";
import { limit } from "../base/limits";
import { addLocals, localType, openLocals, runs } from "../decode/locals";
import { load8, ltu, store8 } from "../base/memory";
import {
	closeObserver,
	observeAssignment,
	observeBlock,
	observeBlockEnd,
	observeBlockStart,
	observeCall,
	observeCondition,
	observeConstant,
	observeElse,
	observeFloat,
	observeGet,
	observeI64,
	observeInteger,
	observeLabel,
	observeStart,
	openObserver,
} from "./body-observer";
import { ZERO_TYPE, ZERO_TYPE_MASK, zeroState } from "./definite-assignment";
import { NO_NOTE } from "../base/side-table";
import { Immediate, Op, Prefix, row, Row, SELECT_TYPED, Type } from "../base/opcodes";
import { isReference, readReferenceType, refuseValueType, typeOfByte } from "../decode/value-types";

/** Detail of a type mismatch: there is no operand. */
const NOTHING: i32 = 7;

/** Deepest operand stack. */
export let deepest: i32 = 0;
/** Address of the first instruction. */
export let firstInstruction: i32 = 0;

/*
 * Types of operands, a byte each. Addresses: behind the topmost, of the innermost block's first, behind the highest
 * there has been.
 */
let top: i32 = 0;
let floor: i32 = 0;
let peak: i32 = 0;
/** Flags of the innermost frame: 0, the code is live. */
let dead: i32 = 0;
/* operands */

function push(type: i32): void {
	const at = top;
	if (at >= peak) {
		if (!rise()) return;
	}
	store8(at, type);
	top = at + 1;
	if (type == Type.I64) observeI64();
}

/** There are more operands than ever before. False when refused. */
function rise(): boolean {
	if (!within(Limit.OPERANDS, top + 1 - operands)) return false;
	if (top == operandsEnd) growOperands();
	peak = top + 1;
	return true;
}

/** CC-1, CC-2, CC-5. Pops an operand of `type` (BOTTOM: of any) and returns its type. */
function pop(type: i32): i32 {
	const at = top - 1;
	if (at < floor) {
		if ((dead & FrameFlag.DEAD) == 0) fail(ErrorCode.TYPE_MISMATCH, type, NOTHING);
		return type;
	}
	top = at;
	const found = load8(at);
	if (found != type && found != Type.BOTTOM && type != Type.BOTTOM) fail(ErrorCode.TYPE_MISMATCH, type, found);
	return found;
}

function pushTypes(types: i32, count: i32): void {
	for (let i = 0; i < count; i++) push(load8(types + i));
}

function popTypes(types: i32, count: i32): void {
	for (let i = count - 1; i >= 0; i--) pop(load8(types + i));
}

/**
 * Pops `count` operands of these types, which the stack then has again: as popTypes, without losing what is known of
 * them.
 */
function checkTypes(types: i32, count: i32): void {
	let at = top;
	for (let i = count - 1; i >= 0; i--) {
		const type = load8(types + i);
		if (at == floor) {
			if ((dead & FrameFlag.DEAD) == 0) fail(ErrorCode.TYPE_MISMATCH, type, NOTHING);
			return;
		}
		at--;
		const found = load8(at);
		if (found != type && found != Type.BOTTOM) fail(ErrorCode.TYPE_MISMATCH, type, found);
	}
}

/* blocks */

function makeDead(): void {
	top = floor;
	dead |= FrameFlag.DEAD;
	setFrameFlags(frame, dead);
}

/** What is cached of the innermost frame. */
function enterFrame(): void {
	dead = frameFlags(frame);
	floor = operands + frameHeight(frame);
}

function block(op: i32, at: i32): void {
	if (!readBlockType()) return;
	if (op == Op.IF) pop(Type.I32);
	popTypes(blockTypes, blockParameters);
	const live = dead == 0;
	const note = observeBlock(op, blockResults, live);
	const before = operands;
	pushFrame(op, live ? 0 : FrameFlag.UNREACHED, top - before, note);
	top += operands - before;
	peak += operands - before;
	if (errorCode != ErrorCode.NONE) return;
	enterFrame();
	observeBlockStart(op, note, live, at);
	// in the loop: parameters are its operands
	pushTypes(frameTypes(frame), frameParameters(frame));
}

/** CC-6: the operands at the end of a block are its results, and nothing else. */
function popResults(): void {
	popTypes(frameTypes(frame) + frameParameters(frame), frameResults(frame));
	if (top != floor) fail(ErrorCode.OPERANDS_LEFT, top - floor, 0);
}

function elseBlock(): void {
	if (frameOp(frame) != Op.IF) {
		fail(ErrorCode.ELSE_WITHOUT_IF, 0, 0);
		return;
	}
	popResults();
	observeElse();
	setFrameOp(frame, Op.ELSE);
	dead &= FrameFlag.UNREACHED;
	setFrameFlags(frame, dead);
	pushTypes(frameTypes(frame), frameParameters(frame));
}

/** An `if` without `else` hands its parameters on: they have to be its results. */
function checkIfWithoutElse(): void {
	const types = frameTypes(frame);
	const count = frameParameters(frame);
	if (count != frameResults(frame)) {
		fail(
			ErrorCode.TYPE_MISMATCH,
			count < frameResults(frame) ? load8(types + count + count) : NOTHING,
			count < frameResults(frame) ? NOTHING : load8(types),
		);
		return;
	}
	for (let i = 0; i < count; i++) {
		const found = load8(types + i);
		const type = load8(types + count + i);
		if (found != type) fail(ErrorCode.TYPE_MISMATCH, type, found);
	}
}

/** CC-3. */
function endBlock(): void {
	popResults();
	if (frameOp(frame) == Op.IF) checkIfWithoutElse();
	observeBlockEnd((dead & FrameFlag.UNREACHED) == 0);
	const types = frameTypes(frame) + frameParameters(frame);
	const count = frameResults(frame);
	popFrame();
	if (depth < 0) return;
	enterFrame();
	pushTypes(types, count);
}

/* branches */

function labelTypes(at: i32): i32 {
	return frameTypes(at) + (frameOp(at) == Op.LOOP ? 0 : frameParameters(at));
}

function labelArity(at: i32): i32 {
	return frameOp(at) == Op.LOOP ? frameParameters(at) : frameResults(at);
}

/** CC-8. The frame of the label that comes next, 0 when refused. */
function readLabel(): i32 {
	const label = readU32();
	if (ltu(depth, label)) {
		fail(ErrorCode.UNKNOWN_LABEL, label, depth + 1);
		return 0;
	}
	const at = labelFrame(label);
	if (dead == 0) observeLabel(at);
	return at;
}

function branch(op: i32): void {
	const at = readLabel();
	if (at == 0) return;
	if (op == Op.BR_IF) {
		if (dead == 0) observeCondition(at);
		pop(Type.I32);
	}
	const types = labelTypes(at);
	const count = labelArity(at);
	popTypes(types, count);
	if (op == Op.BR) makeDead();
	else pushTypes(types, count);
}

/** Labels that follow one another and are the same are checked once. */
function branchTable(): void {
	const at = position;
	const count = readU32();
	if (errorCode != ErrorCode.NONE) return;
	if (ltu(bound - position, count)) {
		failAt(at, ErrorCode.LENGTH, count, bound - position);
		return;
	}
	pop(Type.I32);
	let arity = -1;
	let last = 0;
	for (let i = 0; i <= count && errorCode == ErrorCode.NONE; i++) {
		const label = readLabel();
		if (label == 0) return;
		if (label == last) continue;
		last = label;
		if (arity < 0) arity = labelArity(label);
		if (labelArity(label) != arity) fail(ErrorCode.LABEL_ARITY, labelArity(label), arity);
		checkTypes(labelTypes(label), arity);
	}
	makeDead();
}

function returnResults(): void {
	const body = labelFrame(depth);
	popTypes(frameTypes(body), frameResults(body));
	makeDead();
}

/* calls */

/** Pops the parameters of a type and pushes its results, or returns them. */
function invoke(type: i32, returns: boolean): void {
	const parameters = load8(type);
	const results = load8(type + 1);
	popTypes(type + 2, parameters);
	if (returns) returnFrom(type + 2 + parameters, results);
	else pushTypes(type + 2 + parameters, results);
}

/** A tail call's results have to be those of the function. */
function returnFrom(types: i32, count: i32): void {
	const body = labelFrame(depth);
	if (frameResults(body) != count) {
		const more = count > frameResults(body);
		fail(
			ErrorCode.TYPE_MISMATCH,
			more ? NOTHING : load8(frameTypes(body) + count),
			more ? load8(types + frameResults(body)) : NOTHING,
		);
		return;
	}
	for (let i = 0; i < count; i++) {
		const found = load8(types + i);
		const type = load8(frameTypes(body) + i);
		if (found != type) fail(ErrorCode.TYPE_MISMATCH, type, found);
	}
	makeDead();
}

function callFunction(op: i32): void {
	const index = readU32();
	if (!checkFunction(index)) return;
	const returns = op == Op.RETURN_CALL;
	observeCall(index < importedFunctions, dead == 0 || returns);
	invoke(typeAt(functionType(index)), returns);
}

function callIndirect(op: i32): void {
	const type = readU32();
	const table = readU32();
	if (!checkTable(table) || !checkType(type)) return;
	if (tableType(table) != Type.FUNCREF) fail(ErrorCode.TYPE_MISMATCH, Type.FUNCREF, tableType(table));
	pop(Type.I32);
	const returns = op == Op.RETURN_CALL_INDIRECT;
	observeCall(true, dead == 0 || returns);
	invoke(typeAt(type), returns);
}

function refFunc(): void {
	const index = readU32();
	if (!checkFunction(index)) return;
	if (!isDeclared(index)) fail(ErrorCode.UNDECLARED_REFERENCE, index, 0);
	push(Type.FUNCREF);
}

/* variables */

/**
 * CM-3, CC-2. `at`: of the instruction, `next`: the byte after its opcode. The types of the first locals are in their
 * states, which are one load away.
 */
function localInstruction(op: i32, at: i32, next: i32): void {
	let index = next;
	if (next < 0x80) seek(at + 2);
	else {
		seek(at + 1);
		index = readU32();
	}
	const state = zeroState(index);
	let type = (state >> ZERO_TYPE) & ZERO_TYPE_MASK;
	if (state == 0) {
		type = localType(index);
		if (type == 0) return;
	}
	if (op == Op.LOCAL_GET) {
		push(type);
		if (dead == 0) observeGet(index, type, state, at);
		return;
	}
	const operand = top - 1;
	if (operand < floor) assignOther(op, type);
	else if (load8(operand) != type) assignOther(op, type);
	else if (op == Op.LOCAL_SET) top = operand;
	if (dead == 0) observeAssignment(op, index, type, state, at);
}

/** The operand of a set or tee is not simply there. */
function assignOther(op: i32, type: i32): void {
	pop(type);
	if (op == Op.LOCAL_TEE) push(type);
}

/** CM-3, CM-4. */
function globalInstruction(op: i32): void {
	const index = readU32();
	if (!checkGlobal(index)) return;
	const flags = globalFlags(index);
	if (op == Op.GLOBAL_GET) {
		push(flags & GlobalFlag.TYPE_MASK);
		return;
	}
	if ((flags & GlobalFlag.MUTABLE) == 0) fail(ErrorCode.IMMUTABLE, index, 0);
	pop(flags & GlobalFlag.TYPE_MASK);
}

function tableInstruction(op: i32): void {
	const index = readU32();
	if (!checkTable(index)) return;
	const type = tableType(index);
	if (op == Op.TABLE_SIZE) push(Type.I32);
	else if (op == Op.TABLE_GET) {
		pop(Type.I32);
		push(type);
	} else if (op == Op.TABLE_SET) {
		pop(type);
		pop(Type.I32);
	} else {
		pop(Type.I32);
		pop(type);
		if (op == Op.TABLE_GROW) push(Type.I32);
		else pop(Type.I32);
	}
}

/* parametric */

function selectUntyped(at: i32): void {
	pop(Type.I32);
	const second = pop(Type.BOTTOM);
	const first = pop(Type.BOTTOM);
	const type = first == Type.BOTTOM ? second : first;
	if (isReference(first) || isReference(second))
		fail(ErrorCode.TYPE_MISMATCH, Type.BOTTOM, isReference(first) ? first : second);
	else if (first != second && first != Type.BOTTOM && second != Type.BOTTOM)
		fail(ErrorCode.TYPE_MISMATCH, first, second);
	push(type);
	if (dead == 0) store8(at, SELECT_TYPED + type);
}

function selectTyped(): void {
	const count = readU32();
	if (errorCode != ErrorCode.NONE) return;
	if (count != 1) {
		fail(ErrorCode.RESULT_ARITY, count, 0);
		return;
	}
	const at = position;
	const byte = readByte();
	const type = typeOfByte(byte);
	if (type == Type.BOTTOM) {
		refuseValueType(at, byte);
		return;
	}
	pop(Type.I32);
	pop(type);
	pop(type);
	push(type);
}

function isNull(): void {
	const type = pop(Type.BOTTOM);
	if (type != Type.BOTTOM && !isReference(type)) fail(ErrorCode.TYPE_MISMATCH, Type.FUNCREF, type);
	push(Type.I32);
}

/* immediates of instructions whose type is in their row */

/** CM-1; alignment at most natural. */
function readAccess(value: i32): void {
	const at = position;
	const alignment = readU32();
	readU32();
	const size = (value >> Row.SIZE) & 7;
	if (memories == 0 || ltu(size, alignment)) refuseAccess(at, alignment, size);
}

function refuseAccess(at: i32, alignment: i32, size: i32): void {
	if ((alignment & ~0x3f) != 0) {
		if ((alignment & 0x40) != 0 && ltu(alignment, 0x80)) failAt(at, ErrorCode.UNSUPPORTED, Feature.MULTI_MEMORY, 0);
		else failAt(at, ErrorCode.ACCESS_FLAGS, alignment, 0);
	}
	checkMemory(0);
	if (alignment > size) fail(ErrorCode.ALIGNMENT, alignment, size);
}

function readZero(): void {
	const at = position;
	const byte = readByte();
	if (byte != 0) failAt(at, ErrorCode.ZERO_BYTE, byte, 0);
}

function readData(): void {
	const index = readU32();
	if (dataCount < 0) fail(ErrorCode.DATA_COUNT_REQUIRED, 0, 0);
	else if (!ltu(index, dataCount)) fail(ErrorCode.UNKNOWN_DATA, index, dataCount);
}

/** The index of an element segment; -1 when refused. */
function readElement(): i32 {
	const index = readU32();
	if (ltu(index, elementCount)) return index;
	fail(ErrorCode.UNKNOWN_ELEMENT, index, elementCount);
	return -1;
}

function readElementTable(): void {
	const element = readElement();
	const index = readU32();
	if (element < 0 || !checkTable(index)) return;
	if (elementType(element) != tableType(index)) fail(ErrorCode.TYPE_MISMATCH, tableType(index), elementType(element));
}

function readTables(): void {
	const to = readU32();
	const from = readU32();
	if (!checkTable(to) || !checkTable(from)) return;
	if (tableType(to) != tableType(from)) fail(ErrorCode.TYPE_MISMATCH, tableType(to), tableType(from));
}

function readI32(): void {
	const value = readS32();
	if (dead == 0) observeInteger(value);
}

function readFloat(type: i32): void {
	const low = type == Type.F32 ? read32() : read64();
	if (dead == 0) observeFloat(type, low, type == Type.F32 ? 0 : high);
}

function readImmediate(kind: i32, value: i32): void {
	switch (kind) {
		case Immediate.ACCESS:
			readAccess(value);
			break;
		case Immediate.I32:
			readS32();
			break;
		case Immediate.I64:
			readS64();
			break;
		case Immediate.F32:
			readFloat(Type.F32);
			break;
		case Immediate.F64:
			readFloat(Type.F64);
			break;
		case Immediate.MEMORY:
			readZero();
			checkMemory(0);
			break;
		case Immediate.DATA:
			readData();
			break;
		case Immediate.DATA_MEMORY:
			readData();
			readZero();
			checkMemory(0);
			break;
		case Immediate.MEMORY_MEMORY:
			readZero();
			readZero();
			checkMemory(0);
			break;
		case Immediate.ELEMENT:
			readElement();
			break;
		case Immediate.ELEMENT_TABLE:
			readElementTable();
			break;
		case Immediate.TABLE_TABLE:
			readTables();
			break;
		case Immediate.TABLE:
			checkTable(readU32());
			break;
	}
}

/** Pops and pushes what an instruction's row says. */
function applyRow(value: i32): void {
	const pops = (value >> Row.POPS) & 3;
	const type = (value >> Row.PUSH) & 7;
	if (pops != 0) {
		const at = top - pops;
		if (at < floor) popRow(value, pops);
		else if (pops == 1) {
			if (load8(at) == ((value >> Row.POP0) & 7)) top = at;
			else popRow(value, pops);
		} else if (load8(at + 1) != ((value >> Row.POP0) & 7)) popRow(value, pops);
		else if (load8(at) != ((value >> Row.POP1) & 7)) popRow(value, pops);
		else if (pops == 2) top = at;
		else popRow(value, pops);
	}
	if (type != 0) push(type);
}

function popRow(value: i32, pops: i32): void {
	if (pops > 0) pop((value >> Row.POP0) & 7);
	if (pops > 1) pop((value >> Row.POP1) & 7);
	if (pops > 2) pop((value >> Row.POP2) & 7);
}

function special(op: i32, at: i32): void {
	switch (op) {
		case Op.END:
			endBlock();
			break;
		case Op.GLOBAL_GET:
		case Op.GLOBAL_SET:
			globalInstruction(op);
			break;
		case Op.CALL:
		case Op.RETURN_CALL:
			callFunction(op);
			break;
		case Op.DROP:
			pop(Type.BOTTOM);
			break;
		case Op.SELECT:
			selectUntyped(at);
			break;
		case Op.ELSE:
			elseBlock();
			break;
		case Op.UNREACHABLE:
			makeDead();
			break;
		case Op.RETURN:
			returnResults();
			break;
		case Op.BR_TABLE:
			branchTable();
			break;
		case Op.CALL_INDIRECT:
		case Op.RETURN_CALL_INDIRECT:
			callIndirect(op);
			break;
		case Op.SELECT_T:
			selectTyped();
			break;
		case Op.REF_NULL:
			push(readReferenceType());
			break;
		case Op.REF_IS_NULL:
			isNull();
			break;
		case Op.REF_FUNC:
			refFunc();
			break;
		default:
			tableInstruction(op);
			break;
	}
}

/** The feature that an opcode beyond this runtime belongs to, 0: none. */
function featureOf(op: i32): i32 {
	if (op == 0xfd) return Feature.SIMD;
	if (op == 0xfe) return Feature.THREADS;
	if (op == 0xfb || (op >= 0xd3 && op <= 0xd6))
		return op == 0xfb || op == 0xd3 ? Feature.GC : Feature.TYPED_REFERENCES;
	if ((op >= 0x06 && op <= 0x0a) || op == 0x18 || op == 0x19 || op == 0x1f) return Feature.EXCEPTIONS;
	return op == 0x14 || op == 0x15 ? Feature.TYPED_REFERENCES : 0;
}

/** An opcode that no row is for: one behind the prefix, or refused. */
function unusualOp(op: i32, at: i32): void {
	if (op == Prefix.FC) {
		const second = readU32();
		if (ltu(second, Prefix.FC_COUNT)) dispatch(Prefix.FC_BASE + second, at);
		else fail(ErrorCode.OPCODE, second, 1);
		return;
	}
	const feature = featureOf(op);
	if (feature != 0) fail(ErrorCode.UNSUPPORTED, feature, op);
	else fail(ErrorCode.OPCODE, op, 0);
}

/** An instruction without a case of its own in instruction(). Its opcode has been read. */
function dispatch(op: i32, at: i32): void {
	const value = row(op);
	if ((value & Row.SPECIAL) != 0) {
		special(op, at);
		return;
	}
	readImmediate(value & Row.IMMEDIATE_MASK, value);
	applyRow(value);
}

function instruction(): void {
	const at = position;
	blame(at);
	if (at >= bound) {
		readByte();
		return;
	}
	observeStart(at);
	const next = at + 1 < bound ? load8(at + 1) : 0x80;
	const op = load8(at);
	seek(at + 1);
	if (op >= Prefix.FC_BASE) {
		unusualOp(op, at);
		return;
	}
	const value = row(op);
	switch (value & Row.IMMEDIATE_MASK) {
		case Immediate.NONE:
			if ((value & Row.SPECIAL) == 0) applyRow(value);
			else special(op, at);
			break;
		case Immediate.LOCAL:
			localInstruction(op, at, next);
			break;
		case Immediate.ACCESS:
			readAccess(value);
			applyRow(value);
			break;
		case Immediate.I32:
			if (next < 0x80) seek(at + 2);
			else readI32();
			if (dead == 0) observeConstant(at);
			push(Type.I32);
			break;
		case Immediate.BLOCK:
			block(op, at);
			break;
		case Immediate.LABEL:
			branch(op);
			break;
		case Immediate.ILLEGAL:
			unusualOp(op, at);
			break;
		default:
			dispatch(op, at);
			break;
	}
}

function readLocals(): void {
	const groups = readU32();
	openRuns(ltu(groups, limit(Limit.LOCAL_RUNS)) ? groups : limit(Limit.LOCAL_RUNS));
	for (let i = 0; ltu(i, groups) && errorCode == ErrorCode.NONE; i++) {
		blame(position);
		const count = readU32();
		const at = position;
		const byte = readByte();
		if (errorCode != ErrorCode.NONE) return;
		const type = typeOfByte(byte);
		if (type == Type.BOTTOM) refuseValueType(at, byte);
		else addLocals(count, type);
	}
}

function openBody(type: i32): void {
	openLocals(type);
	readLocals();
	if (errorCode != ErrorCode.NONE) return;
	firstInstruction = position;
	openAreas(runs);
	openObserver();
	openFrames();
	top = operands;
	peak = operands;
	setFunctionType(type);
	pushFrame(Op.END, 0, 0, NO_NOTE);
	enterFrame();
}

/**
 * Validates the body of `length` bytes at `position`, of a function of the type at `type`. All of it is in the window.
 */
export function validateBody(type: i32, length: i32): void {
	setBound(length);
	openBody(type);
	while (depth >= 0) {
		instruction();
		if (errorCode != ErrorCode.NONE) return;
	}
	if (position < bound) failAt(position, ErrorCode.END_EXPECTED, 0, 0);
	deepest = peak - operands;
	closeObserver();
}
