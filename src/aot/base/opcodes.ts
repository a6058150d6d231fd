/**
 * The opcode table: WebAssembly 2.0 without SIMD, tail calls, and the operations that only the plan has. The one list
 * of the project.
 *
 * A row gives name, plan operation, immediates, signature and the range rule of prover P2. The name in the text format
 * follows from the member of
 * Op: lower case, the first underscore a dot behind i32 i64 f32 f64 local global table memory ref elem data. The plan
 * operation is the opcode where
 * one byte holds it, and 0xE0 + n for the opcode 0xFC n. `tools/opcodes.mjs` makes the C header from this file.
 */

import { Place } from "./limits";
import { load32, store32 } from "./memory";

/** Plan operations. PLAN_ marks those that are not instructions. */
export const enum Op {
	UNREACHABLE = 0x00,
	NOP = 0x01,
	BLOCK = 0x02,
	LOOP = 0x03,
	IF = 0x04,
	ELSE = 0x05,
	END = 0x0b,
	BR = 0x0c,
	BR_IF = 0x0d,
	BR_TABLE = 0x0e,
	RETURN = 0x0f,
	CALL = 0x10,
	CALL_INDIRECT = 0x11,
	RETURN_CALL = 0x12,
	RETURN_CALL_INDIRECT = 0x13,
	DROP = 0x1a,
	SELECT = 0x1b,
	SELECT_T = 0x1c,
	LOCAL_GET = 0x20,
	LOCAL_SET = 0x21,
	LOCAL_TEE = 0x22,
	GLOBAL_GET = 0x23,
	GLOBAL_SET = 0x24,
	TABLE_GET = 0x25,
	TABLE_SET = 0x26,
	I32_LOAD = 0x28,
	I64_LOAD = 0x29,
	F32_LOAD = 0x2a,
	F64_LOAD = 0x2b,
	I32_LOAD8_S = 0x2c,
	I32_LOAD8_U = 0x2d,
	I32_LOAD16_S = 0x2e,
	I32_LOAD16_U = 0x2f,
	I64_LOAD8_S = 0x30,
	I64_LOAD8_U = 0x31,
	I64_LOAD16_S = 0x32,
	I64_LOAD16_U = 0x33,
	I64_LOAD32_S = 0x34,
	I64_LOAD32_U = 0x35,
	I32_STORE = 0x36,
	I64_STORE = 0x37,
	F32_STORE = 0x38,
	F64_STORE = 0x39,
	I32_STORE8 = 0x3a,
	I32_STORE16 = 0x3b,
	I64_STORE8 = 0x3c,
	I64_STORE16 = 0x3d,
	I64_STORE32 = 0x3e,
	MEMORY_SIZE = 0x3f,
	MEMORY_GROW = 0x40,
	I32_CONST = 0x41,
	I64_CONST = 0x42,
	F32_CONST = 0x43,
	F64_CONST = 0x44,
	I32_EQZ = 0x45,
	I32_EQ = 0x46,
	I32_NE = 0x47,
	I32_LT_S = 0x48,
	I32_LT_U = 0x49,
	I32_GT_S = 0x4a,
	I32_GT_U = 0x4b,
	I32_LE_S = 0x4c,
	I32_LE_U = 0x4d,
	I32_GE_S = 0x4e,
	I32_GE_U = 0x4f,
	I64_EQZ = 0x50,
	I64_EQ = 0x51,
	I64_NE = 0x52,
	I64_LT_S = 0x53,
	I64_LT_U = 0x54,
	I64_GT_S = 0x55,
	I64_GT_U = 0x56,
	I64_LE_S = 0x57,
	I64_LE_U = 0x58,
	I64_GE_S = 0x59,
	I64_GE_U = 0x5a,
	F32_EQ = 0x5b,
	F32_NE = 0x5c,
	F32_LT = 0x5d,
	F32_GT = 0x5e,
	F32_LE = 0x5f,
	F32_GE = 0x60,
	F64_EQ = 0x61,
	F64_NE = 0x62,
	F64_LT = 0x63,
	F64_GT = 0x64,
	F64_LE = 0x65,
	F64_GE = 0x66,
	I32_CLZ = 0x67,
	I32_CTZ = 0x68,
	I32_POPCNT = 0x69,
	I32_ADD = 0x6a,
	I32_SUB = 0x6b,
	I32_MUL = 0x6c,
	I32_DIV_S = 0x6d,
	I32_DIV_U = 0x6e,
	I32_REM_S = 0x6f,
	I32_REM_U = 0x70,
	I32_AND = 0x71,
	I32_OR = 0x72,
	I32_XOR = 0x73,
	I32_SHL = 0x74,
	I32_SHR_S = 0x75,
	I32_SHR_U = 0x76,
	I32_ROTL = 0x77,
	I32_ROTR = 0x78,
	I64_CLZ = 0x79,
	I64_CTZ = 0x7a,
	I64_POPCNT = 0x7b,
	I64_ADD = 0x7c,
	I64_SUB = 0x7d,
	I64_MUL = 0x7e,
	I64_DIV_S = 0x7f,
	I64_DIV_U = 0x80,
	I64_REM_S = 0x81,
	I64_REM_U = 0x82,
	I64_AND = 0x83,
	I64_OR = 0x84,
	I64_XOR = 0x85,
	I64_SHL = 0x86,
	I64_SHR_S = 0x87,
	I64_SHR_U = 0x88,
	I64_ROTL = 0x89,
	I64_ROTR = 0x8a,
	F32_ABS = 0x8b,
	F32_NEG = 0x8c,
	F32_CEIL = 0x8d,
	F32_FLOOR = 0x8e,
	F32_TRUNC = 0x8f,
	F32_NEAREST = 0x90,
	F32_SQRT = 0x91,
	F32_ADD = 0x92,
	F32_SUB = 0x93,
	F32_MUL = 0x94,
	F32_DIV = 0x95,
	F32_MIN = 0x96,
	F32_MAX = 0x97,
	F32_COPYSIGN = 0x98,
	F64_ABS = 0x99,
	F64_NEG = 0x9a,
	F64_CEIL = 0x9b,
	F64_FLOOR = 0x9c,
	F64_TRUNC = 0x9d,
	F64_NEAREST = 0x9e,
	F64_SQRT = 0x9f,
	F64_ADD = 0xa0,
	F64_SUB = 0xa1,
	F64_MUL = 0xa2,
	F64_DIV = 0xa3,
	F64_MIN = 0xa4,
	F64_MAX = 0xa5,
	F64_COPYSIGN = 0xa6,
	I32_WRAP_I64 = 0xa7,
	I32_TRUNC_F32_S = 0xa8,
	I32_TRUNC_F32_U = 0xa9,
	I32_TRUNC_F64_S = 0xaa,
	I32_TRUNC_F64_U = 0xab,
	I64_EXTEND_I32_S = 0xac,
	I64_EXTEND_I32_U = 0xad,
	I64_TRUNC_F32_S = 0xae,
	I64_TRUNC_F32_U = 0xaf,
	I64_TRUNC_F64_S = 0xb0,
	I64_TRUNC_F64_U = 0xb1,
	F32_CONVERT_I32_S = 0xb2,
	F32_CONVERT_I32_U = 0xb3,
	F32_CONVERT_I64_S = 0xb4,
	F32_CONVERT_I64_U = 0xb5,
	F32_DEMOTE_F64 = 0xb6,
	F64_CONVERT_I32_S = 0xb7,
	F64_CONVERT_I32_U = 0xb8,
	F64_CONVERT_I64_S = 0xb9,
	F64_CONVERT_I64_U = 0xba,
	F64_PROMOTE_F32 = 0xbb,
	I32_REINTERPRET_F32 = 0xbc,
	I64_REINTERPRET_F64 = 0xbd,
	F32_REINTERPRET_I32 = 0xbe,
	F64_REINTERPRET_I64 = 0xbf,
	I32_EXTEND8_S = 0xc0,
	I32_EXTEND16_S = 0xc1,
	I64_EXTEND8_S = 0xc2,
	I64_EXTEND16_S = 0xc3,
	I64_EXTEND32_S = 0xc4,
	REF_NULL = 0xd0,
	REF_IS_NULL = 0xd1,
	REF_FUNC = 0xd2,
	I32_TRUNC_SAT_F32_S = 0xe0,
	I32_TRUNC_SAT_F32_U = 0xe1,
	I32_TRUNC_SAT_F64_S = 0xe2,
	I32_TRUNC_SAT_F64_U = 0xe3,
	I64_TRUNC_SAT_F32_S = 0xe4,
	I64_TRUNC_SAT_F32_U = 0xe5,
	I64_TRUNC_SAT_F64_S = 0xe6,
	I64_TRUNC_SAT_F64_U = 0xe7,
	MEMORY_INIT = 0xe8,
	DATA_DROP = 0xe9,
	MEMORY_COPY = 0xea,
	MEMORY_FILL = 0xeb,
	TABLE_INIT = 0xec,
	ELEM_DROP = 0xed,
	TABLE_COPY = 0xee,
	TABLE_GROW = 0xef,
	TABLE_SIZE = 0xf0,
	TABLE_FILL = 0xf1,

	PLAN_EXT = 0xc5,
	PLAN_FUNCTION = 0xc6,
	PLAN_INFO = 0xc7,
	PLAN_LOCALS = 0xc8,
	PLAN_LOCAL_USE = 0xc9,
	PLAN_OFFSET = 0xca,
	PLAN_BACKED = 0xcb,
	PLAN_ZERO = 0xcc,
	PLAN_DATA_COUNT = 0xcd,
	PLAN_END_MODULE = 0xce,
	PLAN_CODE = 0xcf,
	PLAN_CUSTOM = 0xd3,
	PLAN_MODULE = 0xd4,
	PLAN_TYPE = 0xd5,
	PLAN_IMPORT = 0xd6,
	PLAN_FUNCTION_TYPE = 0xd7,
	PLAN_TABLE = 0xd8,
	PLAN_MEMORY = 0xd9,
	PLAN_GLOBAL_TYPE = 0xda,
	PLAN_EXPORT = 0xdb,
	PLAN_START = 0xdc,
	PLAN_ELEMENT = 0xdd,
	PLAN_DATA = 0xde,
	PLAN_BYTES = 0xdf,
	PLAN_MEMORY_ROOM = 0xf2,
}

/** The byte before the opcodes 0xFC n, and where their rows start. */
export const enum Prefix {
	FC = 0xfc,
	FC_BASE = 0xe0,
	FC_COUNT = 18,
}

/** Value types as the front end holds them, 3 bits wide. BOTTOM is a value of any type, in unreachable code. */
export const enum Type {
	BOTTOM = 0,
	I32 = 1,
	I64 = 2,
	F32 = 3,
	F64 = 4,
	FUNCREF = 5,
	EXTERNREF = 6,
}

/** What follows the opcode. */
export const enum Immediate {
	NONE = 0,
	/** block type */
	BLOCK = 1,
	/** label */
	LABEL = 2,
	/** vector of labels, label */
	LABELS = 3,
	/** function */
	FUNCTION = 4,
	/** type, table */
	INDIRECT = 5,
	/** local */
	LOCAL = 6,
	/** global */
	GLOBAL = 7,
	/** table */
	TABLE = 8,
	/** alignment, offset */
	ACCESS = 9,
	/** zero byte */
	MEMORY = 10,
	I32 = 11,
	I64 = 12,
	F32 = 13,
	F64 = 14,
	/** reference type */
	REFERENCE = 15,
	/** vector of value types */
	TYPES = 16,
	/** data segment */
	DATA = 17,
	/** data segment, zero byte */
	DATA_MEMORY = 18,
	/** zero byte, zero byte */
	MEMORY_MEMORY = 19,
	/** element segment */
	ELEMENT = 20,
	/** element segment, table */
	ELEMENT_TABLE = 21,
	/** table, table */
	TABLE_TABLE = 22,
	/** no such instruction */
	ILLEGAL = 31,
}

/** What prover P2 knows of an instruction's result. */
export const enum Rule {
	/** nothing */
	ANY = 0,
	/** 0 or 1 */
	BOOL = 1,
	/** 0 to 32 */
	COUNT = 2,
	/** 0 to 255 */
	BYTE = 3,
	/** 0 to 65535 */
	HALF = 4,
	ADD = 5,
	SUB = 6,
	MUL = 7,
	DIV_S = 8,
	DIV_U = 9,
	REM_S = 10,
	REM_U = 11,
	AND = 12,
	OR = 13,
	XOR = 14,
	SHL = 15,
	SHR_S = 16,
	SHR_U = 17,
	EXTEND8 = 18,
	EXTEND16 = 19,
}

/** Fields of a row, packed into 32 bits. Operands are numbered as they are popped. */
export const enum Row {
	IMMEDIATE_MASK = 31,
	PUSH = 5,
	POPS = 8,
	POP0 = 10,
	POP1 = 13,
	POP2 = 16,
	SIZE = 19,
	RULE = 24,
	/** the type is not in the signature alone: the validator has code for this instruction */
	SPECIAL = 0x00400000,
	/** a load or store */
	ACCESS = 0x00800000,
	/** may trap, or is seen outside; control instructions and stores, of which that is clear, apart */
	EFFECT = 0x20000000,
}

/** Not an opcode: pass 1 rewrites `select` of a known type to this + the type, for pass 2. */
export const SELECT_TYPED: i32 = 0xc5;

/** The row of operation `op`. */
export function row(op: i32): i32 {
	return load32(Place.ROWS + (op << 2));
}

function define(op: i32, value: i32): void {
	store32(Place.ROWS + (op << 2), value);
}

function special(op: i32, immediate: i32): void {
	define(op, immediate | Row.SPECIAL);
}

function signature(op: i32, immediate: i32, pops: i32, pop0: i32, pop1: i32, pop2: i32, push: i32, rule: i32): void {
	define(
		op,
		immediate |
			(push << Row.PUSH) |
			(pops << Row.POPS) |
			(pop0 << Row.POP0) |
			(pop1 << Row.POP1) |
			(pop2 << Row.POP2) |
			(rule << Row.RULE),
	);
}

function unary(op: i32, from: i32, to: i32, rule: i32): void {
	signature(op, Immediate.NONE, 1, from, 0, 0, to, rule);
}

function binary(op: i32, from: i32, to: i32, rule: i32): void {
	signature(op, Immediate.NONE, 2, from, from, 0, to, rule);
}

/** Rows `first` to `last`, all of one signature. */
function unaries(first: i32, last: i32, from: i32, to: i32, rule: i32): void {
	for (let op = first; op <= last; op++) unary(op, from, to, rule);
}

function binaries(first: i32, last: i32, from: i32, to: i32, rule: i32): void {
	for (let op = first; op <= last; op++) binary(op, from, to, rule);
}

function loads(op: i32, type: i32, size: i32, rule: i32): void {
	signature(op, Immediate.ACCESS, 1, Type.I32, 0, 0, type, rule);
	define(op, row(op) | (size << Row.SIZE) | Row.ACCESS);
}

function stores(op: i32, type: i32, size: i32): void {
	signature(op, Immediate.ACCESS, 2, type, Type.I32, 0, 0, Rule.ANY);
	define(op, row(op) | (size << Row.SIZE) | Row.ACCESS);
}

function defineControl(): void {
	special(Op.UNREACHABLE, Immediate.NONE);
	signature(Op.NOP, Immediate.NONE, 0, 0, 0, 0, 0, Rule.ANY);
	special(Op.BLOCK, Immediate.BLOCK);
	special(Op.LOOP, Immediate.BLOCK);
	special(Op.IF, Immediate.BLOCK);
	special(Op.ELSE, Immediate.NONE);
	special(Op.END, Immediate.NONE);
	special(Op.BR, Immediate.LABEL);
	special(Op.BR_IF, Immediate.LABEL);
	special(Op.BR_TABLE, Immediate.LABELS);
	special(Op.RETURN, Immediate.NONE);
	special(Op.CALL, Immediate.FUNCTION);
	special(Op.CALL_INDIRECT, Immediate.INDIRECT);
	special(Op.RETURN_CALL, Immediate.FUNCTION);
	special(Op.RETURN_CALL_INDIRECT, Immediate.INDIRECT);
	special(Op.DROP, Immediate.NONE);
	special(Op.SELECT, Immediate.NONE);
	special(Op.SELECT_T, Immediate.TYPES);
	special(Op.LOCAL_GET, Immediate.LOCAL);
	special(Op.LOCAL_SET, Immediate.LOCAL);
	special(Op.LOCAL_TEE, Immediate.LOCAL);
	special(Op.GLOBAL_GET, Immediate.GLOBAL);
	special(Op.GLOBAL_SET, Immediate.GLOBAL);
	special(Op.TABLE_GET, Immediate.TABLE);
	special(Op.TABLE_SET, Immediate.TABLE);
	special(Op.REF_NULL, Immediate.REFERENCE);
	special(Op.REF_IS_NULL, Immediate.NONE);
	special(Op.REF_FUNC, Immediate.FUNCTION);
}

function defineMemory(): void {
	loads(Op.I32_LOAD, Type.I32, 2, Rule.ANY);
	loads(Op.I64_LOAD, Type.I64, 3, Rule.ANY);
	loads(Op.F32_LOAD, Type.F32, 2, Rule.ANY);
	loads(Op.F64_LOAD, Type.F64, 3, Rule.ANY);
	loads(Op.I32_LOAD8_S, Type.I32, 0, Rule.ANY);
	loads(Op.I32_LOAD8_U, Type.I32, 0, Rule.BYTE);
	loads(Op.I32_LOAD16_S, Type.I32, 1, Rule.ANY);
	loads(Op.I32_LOAD16_U, Type.I32, 1, Rule.HALF);
	loads(Op.I64_LOAD8_S, Type.I64, 0, Rule.ANY);
	loads(Op.I64_LOAD8_U, Type.I64, 0, Rule.ANY);
	loads(Op.I64_LOAD16_S, Type.I64, 1, Rule.ANY);
	loads(Op.I64_LOAD16_U, Type.I64, 1, Rule.ANY);
	loads(Op.I64_LOAD32_S, Type.I64, 2, Rule.ANY);
	loads(Op.I64_LOAD32_U, Type.I64, 2, Rule.ANY);
	stores(Op.I32_STORE, Type.I32, 2);
	stores(Op.I64_STORE, Type.I64, 3);
	stores(Op.F32_STORE, Type.F32, 2);
	stores(Op.F64_STORE, Type.F64, 3);
	stores(Op.I32_STORE8, Type.I32, 0);
	stores(Op.I32_STORE16, Type.I32, 1);
	stores(Op.I64_STORE8, Type.I64, 0);
	stores(Op.I64_STORE16, Type.I64, 1);
	stores(Op.I64_STORE32, Type.I64, 2);
	signature(Op.MEMORY_SIZE, Immediate.MEMORY, 0, 0, 0, 0, Type.I32, Rule.ANY);
	signature(Op.MEMORY_GROW, Immediate.MEMORY, 1, Type.I32, 0, 0, Type.I32, Rule.ANY);
	signature(Op.MEMORY_INIT, Immediate.DATA_MEMORY, 3, Type.I32, Type.I32, Type.I32, 0, Rule.ANY);
	signature(Op.DATA_DROP, Immediate.DATA, 0, 0, 0, 0, 0, Rule.ANY);
	signature(Op.MEMORY_COPY, Immediate.MEMORY_MEMORY, 3, Type.I32, Type.I32, Type.I32, 0, Rule.ANY);
	signature(Op.MEMORY_FILL, Immediate.MEMORY, 3, Type.I32, Type.I32, Type.I32, 0, Rule.ANY);
	signature(Op.TABLE_INIT, Immediate.ELEMENT_TABLE, 3, Type.I32, Type.I32, Type.I32, 0, Rule.ANY);
	signature(Op.ELEM_DROP, Immediate.ELEMENT, 0, 0, 0, 0, 0, Rule.ANY);
	signature(Op.TABLE_COPY, Immediate.TABLE_TABLE, 3, Type.I32, Type.I32, Type.I32, 0, Rule.ANY);
	special(Op.TABLE_GROW, Immediate.TABLE);
	signature(Op.TABLE_SIZE, Immediate.TABLE, 0, 0, 0, 0, Type.I32, Rule.ANY);
	special(Op.TABLE_FILL, Immediate.TABLE);
}

function defineI32(): void {
	signature(Op.I32_CONST, Immediate.I32, 0, 0, 0, 0, Type.I32, Rule.ANY);
	unary(Op.I32_EQZ, Type.I32, Type.I32, Rule.BOOL);
	binaries(Op.I32_EQ, Op.I32_GE_U, Type.I32, Type.I32, Rule.BOOL);
	unaries(Op.I32_CLZ, Op.I32_POPCNT, Type.I32, Type.I32, Rule.COUNT);
	binary(Op.I32_ADD, Type.I32, Type.I32, Rule.ADD);
	binary(Op.I32_SUB, Type.I32, Type.I32, Rule.SUB);
	binary(Op.I32_MUL, Type.I32, Type.I32, Rule.MUL);
	binary(Op.I32_DIV_S, Type.I32, Type.I32, Rule.DIV_S);
	binary(Op.I32_DIV_U, Type.I32, Type.I32, Rule.DIV_U);
	binary(Op.I32_REM_S, Type.I32, Type.I32, Rule.REM_S);
	binary(Op.I32_REM_U, Type.I32, Type.I32, Rule.REM_U);
	binary(Op.I32_AND, Type.I32, Type.I32, Rule.AND);
	binary(Op.I32_OR, Type.I32, Type.I32, Rule.OR);
	binary(Op.I32_XOR, Type.I32, Type.I32, Rule.XOR);
	binary(Op.I32_SHL, Type.I32, Type.I32, Rule.SHL);
	binary(Op.I32_SHR_S, Type.I32, Type.I32, Rule.SHR_S);
	binary(Op.I32_SHR_U, Type.I32, Type.I32, Rule.SHR_U);
	binaries(Op.I32_ROTL, Op.I32_ROTR, Type.I32, Type.I32, Rule.ANY);
	unary(Op.I32_EXTEND8_S, Type.I32, Type.I32, Rule.EXTEND8);
	unary(Op.I32_EXTEND16_S, Type.I32, Type.I32, Rule.EXTEND16);
	unary(Op.I32_WRAP_I64, Type.I64, Type.I32, Rule.ANY);
	unaries(Op.I32_TRUNC_F32_S, Op.I32_TRUNC_F32_U, Type.F32, Type.I32, Rule.ANY);
	unaries(Op.I32_TRUNC_F64_S, Op.I32_TRUNC_F64_U, Type.F64, Type.I32, Rule.ANY);
	unary(Op.I32_REINTERPRET_F32, Type.F32, Type.I32, Rule.ANY);
	unaries(Op.I32_TRUNC_SAT_F32_S, Op.I32_TRUNC_SAT_F32_U, Type.F32, Type.I32, Rule.ANY);
	unaries(Op.I32_TRUNC_SAT_F64_S, Op.I32_TRUNC_SAT_F64_U, Type.F64, Type.I32, Rule.ANY);
}

function defineI64(): void {
	signature(Op.I64_CONST, Immediate.I64, 0, 0, 0, 0, Type.I64, Rule.ANY);
	unary(Op.I64_EQZ, Type.I64, Type.I32, Rule.BOOL);
	binaries(Op.I64_EQ, Op.I64_GE_U, Type.I64, Type.I32, Rule.BOOL);
	unaries(Op.I64_CLZ, Op.I64_POPCNT, Type.I64, Type.I64, Rule.ANY);
	binaries(Op.I64_ADD, Op.I64_ROTR, Type.I64, Type.I64, Rule.ANY);
	unaries(Op.I64_EXTEND8_S, Op.I64_EXTEND32_S, Type.I64, Type.I64, Rule.ANY);
	unaries(Op.I64_EXTEND_I32_S, Op.I64_EXTEND_I32_U, Type.I32, Type.I64, Rule.ANY);
	unaries(Op.I64_TRUNC_F32_S, Op.I64_TRUNC_F32_U, Type.F32, Type.I64, Rule.ANY);
	unaries(Op.I64_TRUNC_F64_S, Op.I64_TRUNC_F64_U, Type.F64, Type.I64, Rule.ANY);
	unary(Op.I64_REINTERPRET_F64, Type.F64, Type.I64, Rule.ANY);
	unaries(Op.I64_TRUNC_SAT_F32_S, Op.I64_TRUNC_SAT_F32_U, Type.F32, Type.I64, Rule.ANY);
	unaries(Op.I64_TRUNC_SAT_F64_S, Op.I64_TRUNC_SAT_F64_U, Type.F64, Type.I64, Rule.ANY);
}

function defineFloats(): void {
	signature(Op.F32_CONST, Immediate.F32, 0, 0, 0, 0, Type.F32, Rule.ANY);
	binaries(Op.F32_EQ, Op.F32_GE, Type.F32, Type.I32, Rule.BOOL);
	unaries(Op.F32_ABS, Op.F32_SQRT, Type.F32, Type.F32, Rule.ANY);
	binaries(Op.F32_ADD, Op.F32_COPYSIGN, Type.F32, Type.F32, Rule.ANY);
	unaries(Op.F32_CONVERT_I32_S, Op.F32_CONVERT_I32_U, Type.I32, Type.F32, Rule.ANY);
	unaries(Op.F32_CONVERT_I64_S, Op.F32_CONVERT_I64_U, Type.I64, Type.F32, Rule.ANY);
	unary(Op.F32_DEMOTE_F64, Type.F64, Type.F32, Rule.ANY);
	unary(Op.F32_REINTERPRET_I32, Type.I32, Type.F32, Rule.ANY);
	signature(Op.F64_CONST, Immediate.F64, 0, 0, 0, 0, Type.F64, Rule.ANY);
	binaries(Op.F64_EQ, Op.F64_GE, Type.F64, Type.I32, Rule.BOOL);
	unaries(Op.F64_ABS, Op.F64_SQRT, Type.F64, Type.F64, Rule.ANY);
	binaries(Op.F64_ADD, Op.F64_COPYSIGN, Type.F64, Type.F64, Rule.ANY);
	unaries(Op.F64_CONVERT_I32_S, Op.F64_CONVERT_I32_U, Type.I32, Type.F64, Rule.ANY);
	unaries(Op.F64_CONVERT_I64_S, Op.F64_CONVERT_I64_U, Type.I64, Type.F64, Rule.ANY);
	unary(Op.F64_PROMOTE_F32, Type.F32, Type.F64, Rule.ANY);
	unary(Op.F64_REINTERPRET_I64, Type.I64, Type.F64, Rule.ANY);
}

function defineEffects(first: i32, last: i32): void {
	for (let op = first; op <= last; op++) define(op, row(op) | Row.EFFECT);
}

/** Writes the 256 rows, 4 bytes each. */
export function defineOpcodes(): void {
	for (let op = 0; op < 256; op++) define(op, Immediate.ILLEGAL);
	for (let type = 1; type < 7; type++) define(SELECT_TYPED + type, Immediate.ILLEGAL | Row.SPECIAL);
	defineControl();
	defineMemory();
	defineI32();
	defineI64();
	defineFloats();
	defineEffects(Op.MEMORY_GROW, Op.MEMORY_GROW);
	defineEffects(Op.I32_DIV_S, Op.I32_REM_U);
	defineEffects(Op.I64_DIV_S, Op.I64_REM_U);
	defineEffects(Op.I32_TRUNC_F32_S, Op.I32_TRUNC_F64_U);
	defineEffects(Op.I64_TRUNC_F32_S, Op.I64_TRUNC_F64_U);
	defineEffects(Op.MEMORY_INIT, Op.TABLE_FILL);
}
