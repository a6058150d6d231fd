/**
 * Constant expressions: initializers of globals, offsets and items of segments. One instruction at a time; records go
 * to the plan as they come, and whoever began the expression writes their number into its header, which is why an
 * expression has to fit into one batch.
 */

import { checkFunction, checkGlobal, declareFunction, GlobalFlag, globalFlags, importedGlobals } from "./environment";
import { ErrorCode } from "../base/error-code";
import { fail, high, position, read32, read64, readByte, readS32, readS64, readU32 } from "../base/input";
import { Limit } from "../base/limit";
import { Place, Size } from "../base/limits";
import { load8, store8 } from "../base/memory";
import { extend, record } from "../base/plan-records";
import { readReferenceType } from "./value-types";
import { Immediate, Op, Prefix, row, Row, Type } from "../base/opcodes";

/** Records written, continuations included. */
export let expressionRecords: i32 = 0;
/** The expression is one i32.const, of this value. */
export let isLiteral: boolean = false;
export let literalValue: i32 = 0;

let expected: i32 = 0;
let height: i32 = 0;
let instructions: i32 = 0;

/**
 * Begins an expression that has to leave one value of `type`. There is room for Size.EXPRESSION records in the plan
 * buffer.
 */
export function beginExpression(type: i32): void {
	expected = type;
	expressionRecords = 0;
	instructions = 0;
	isLiteral = false;
	height = 0;
}

function push(type: i32): void {
	store8(Place.SCRATCH + height, type);
	height++;
}

function pop(type: i32): void {
	if (height == 0) {
		fail(ErrorCode.TYPE_MISMATCH, type, 7);
		return;
	}
	height--;
	const found = load8(Place.SCRATCH + height);
	if (found != type) fail(ErrorCode.TYPE_MISMATCH, type, found);
}

function append(op: i32, start: i32, a: i32, b: i32): void {
	record(op, position - start, a, b);
	expressionRecords++;
}

function appendHigh(): void {
	extend(0, high);
	expressionRecords++;
}

function constant(op: i32, start: i32): void {
	if (op == Op.I32_CONST) {
		literalValue = readS32();
		isLiteral = instructions == 1;
		append(op, start, 0, literalValue);
	} else if (op == Op.F32_CONST) {
		const bits = read32();
		append(op, start, 0, bits);
	} else {
		const low = op == Op.I64_CONST ? readS64() : read64();
		append(op, start, 0, low);
		appendHigh();
	}
	push((row(op) >> Row.PUSH) & 7);
}

/** Only imported globals exist for a constant expression, and only immutable ones are constant. */
function globalGet(start: i32): void {
	const index = readU32();
	if (!checkGlobal(index)) return;
	if (index >= importedGlobals) {
		fail(ErrorCode.UNKNOWN_GLOBAL, index, importedGlobals);
		return;
	}
	const flags = globalFlags(index);
	if ((flags & GlobalFlag.MUTABLE) != 0) fail(ErrorCode.CONSTANT_REQUIRED, Op.GLOBAL_GET, 0);
	append(Op.GLOBAL_GET, start, 0, index);
	push(flags & GlobalFlag.TYPE_MASK);
}

function refNull(start: i32): void {
	const type = readReferenceType();
	append(Op.REF_NULL, start, load8(Place.TYPE_BYTES + type), 0);
	push(type);
}

function refFunc(start: i32): void {
	const index = readU32();
	if (!checkFunction(index)) return;
	declareFunction(index);
	append(Op.REF_FUNC, start, 0, index);
	push(Type.FUNCREF);
}

function arithmetic(op: i32, start: i32): void {
	const type = (row(op) >> Row.PUSH) & 7;
	pop(type);
	pop(type);
	append(op, start, 0, 0);
	push(type);
}

function isArithmetic(op: i32): boolean {
	return (op >= Op.I32_ADD && op <= Op.I32_MUL) || (op >= Op.I64_ADD && op <= Op.I64_MUL);
}

function refuse(op: i32): void {
	if (op == Prefix.FC || (op < Prefix.FC_BASE && (row(op) & Row.IMMEDIATE_MASK) != Immediate.ILLEGAL))
		fail(ErrorCode.CONSTANT_REQUIRED, op, 0);
	else fail(ErrorCode.OPCODE, op, 0);
}

/** The records of an item of an element segment that names a function. */
export function functionItem(): void {
	const start = position;
	const index = readU32();
	if (!checkFunction(index)) return;
	declareFunction(index);
	record(Op.REF_FUNC, position - start, 0, index);
}

/** Reads the next instruction, which is in the window. True when it was the end. */
export function expressionInstruction(): boolean {
	const start = position;
	const op = readByte();
	if (op == Op.END) {
		if (height != 1) fail(ErrorCode.TYPE_MISMATCH, expected, height == 0 ? 7 : load8(Place.SCRATCH + height - 1));
		else pop(expected);
		isLiteral = isLiteral && instructions == 1;
		return true;
	}
	instructions++;
	if (expressionRecords + 2 > Size.EXPRESSION) {
		fail(ErrorCode.LIMIT + Limit.EXPRESSION, Size.EXPRESSION, instructions);
		return false;
	}
	if (op >= Op.I32_CONST && op <= Op.F64_CONST) constant(op, start);
	else if (op == Op.GLOBAL_GET) globalGet(start);
	else if (op == Op.REF_NULL) refNull(start);
	else if (op == Op.REF_FUNC) refFunc(start);
	else if (isArithmetic(op)) arithmetic(op, start);
	else refuse(op);
	return false;
}
