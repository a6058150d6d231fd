/**
 * Pass 1: what the whole body tells pass 2 and the register allocation. The validator (validator.ts) calls one of these
 * functions where it has found an instruction valid and reached; nothing here decides what is valid.
 *
 *     the branches to each label, what each loop assigns, calls and contains     base/side-table.ts
 *     the steps and tests of induction variables                                 provers/p5-steps.ts
 *     how often locals are used, the constants that loops use                    use-weights.ts, hoisted-constants.ts
 *     which locals may be read before they are assigned, which floats
 *     are results of arithmetic only                                             definite-assignment.ts
 *     the flags of FUNCTION                                                      here
 */

import {
	depth,
	frame,
	frameFirst,
	frameNote,
	frameOp,
	frameSecond,
	setFrameFirst,
	setFrameSecond,
} from "../decode/frames";
import {
	closeInductions,
	endLoopInductions,
	noteAssignment,
	noteLoopBranch,
	noteStart,
	noteTest,
	openInductions,
} from "../provers/p5-steps";
import { position } from "../base/input";
import { locals } from "../decode/locals";
import { load8, ltu } from "../base/memory";
import {
	addNote,
	assignLocal,
	countBranch,
	joinLoops,
	LoopFlag,
	NO_NOTE,
	openNotes,
	setLoopFlag,
} from "../base/side-table";
import { Op, row, Row, Type } from "../base/opcodes";
import { addPooled, openPooled } from "./hoisted-constants";
import { beginLoopUses, countUse, endFunctionUses, endLoopUses, openUses, uncountUse } from "./use-weights";
import {
	closeZeros,
	isRead,
	openZeros,
	zeroAssigned,
	zeroBits,
	zeroBlock,
	zeroCopies,
	zeroEnd,
	zeroRead,
} from "./definite-assignment";

/** What the emitter wants to know of a body before its first instruction: the flags of FUNCTION. */
export const enum BodyFlag {
	CALLS = 1,
	/** calls an import or indirectly */
	LEAVES = 2,
	/** handles i64 values */
	I64 = 4,
	/** contains a loop */
	LOOPS = 8,
	/** a block within gives a single result */
	RESULT = 16,
}
let bodyFlags: i32 = 0;
/** BodyFlag.I64 of the code before the loop that began or ended last; bodyFlags has that of the code since. */
let i64Before: i32 = 0;
/** Note of the innermost loop that has one. */
let loopNote: i32 = 0;

/**
 * The last local.tee: its local, and where it ends; and the local.set directly behind it, with where the gets and
 * constants behind that end, and their number.
 */
let teed: i32 = 0;
let teeEnd: i32 = 0;
let twin: i32 = 0;
let twinEnd: i32 = 0;
let twinAge: i32 = 0;

/** Where a float comes from that is no local's. */
const enum Source {
	ARITHMETIC = -1,
	/** its NaNs keep their bits */
	BITS = -2,
}
/** Of what the last local.tee pushed, if a float: a local, or Source. */
let teeSource: i32 = 0;
/** Behind the last get of a float local, and which that reads. */
let floatGetEnd: i32 = 0;
let floatGot: i32 = 0;
/** Behind the last constant that is a floating-point number. */
let numberEnd: i32 = 0;

/** A function begins; its locals are known. */
export function openObserver(): void {
	openNotes(locals);
	openUses();
	openZeros();
	openInductions();
	openPooled();
	bodyFlags = 0;
	i64Before = 0;
	teeEnd = 0;
	numberEnd = 0;
	floatGetEnd = 0;
	twinEnd = 0;
	loopNote = NO_NOTE;
}

/** The body is valid. */
export function closeObserver(): void {
	endFunctionUses();
	closeZeros();
}

/** Flags of FUNCTION, once the body is validated. */
export function functionFlags(): i32 {
	return bodyFlags | i64Before;
}

/** An instruction begins at `at`. */
export function observeStart(at: i32): void {
	if (loopNote != NO_NOTE) noteStart(at);
}

/** An i64 is pushed. */
export function observeI64(): void {
	bodyFlags |= BodyFlag.I64;
}

/* blocks */

/** A block of that type begins. Its note; NO_NOTE for one that is not `live`. */
export function observeBlock(op: i32, results: i32, live: boolean): i32 {
	if (results == 1) bodyFlags |= BodyFlag.RESULT;
	return live ? addNote(op == Op.LOOP) : NO_NOTE;
}

/** Its frame is the innermost one now. `at`: of the instruction. */
export function observeBlockStart(op: i32, note: i32, live: boolean, at: i32): void {
	zeroBlock();
	if (!live) return;
	if (op == Op.LOOP) beginLoop(note, at);
	else if (op == Op.IF) noteTest(true, false, loopNote, depth);
}

/** The first arm of the innermost block ends, and the second one begins. */
export function observeElse(): void {
	zeroEnd();
	zeroBlock();
	closeInductions(depth);
}

/** The innermost block ends; `reached`: it began in live code. */
export function observeBlockEnd(reached: boolean): void {
	closeInductions(depth);
	if (reached && frameOp(frame) == Op.LOOP) endLoop();
	if (depth > 0) zeroEnd();
}

/** A loop begins or ends: the innermost loop so far has the i64 values since the last time. */
function noteI64(): void {
	if ((bodyFlags & BodyFlag.I64) == 0) return;
	setLoopFlag(loopNote, LoopFlag.I64);
	bodyFlags ^= BodyFlag.I64;
	i64Before = BodyFlag.I64;
}

function beginLoop(note: i32, at: i32): void {
	noteI64();
	setFrameFirst(frame, loopNote);
	bodyFlags |= BodyFlag.LOOPS;
	setFrameSecond(frame, beginLoopUses());
	// what stands before a loop tells nothing of it
	if (loopNote == NO_NOTE) noteStart(at);
	setLoopFlag(loopNote, LoopFlag.LOOP);
	if (note != NO_NOTE) loopNote = note;
}

function endLoop(): void {
	const note = frameNote(frame);
	noteI64();
	endLoopUses(note, frameSecond(frame));
	loopNote = frameFirst(frame);
	joinLoops(loopNote, note);
	endLoopInductions(note, loopNote);
}

/* branches and calls */

/** A branch to the label of the frame at `at`. */
export function observeLabel(at: i32): void {
	countBranch(frameNote(at));
	if (frameOp(at) == Op.LOOP) noteLoopBranch(frameNote(at));
}

/** A br_if to that label, which observeLabel has seen. */
export function observeCondition(at: i32): void {
	const isEdge = frameOp(at) == Op.LOOP && frameNote(at) == loopNote;
	noteTest(isEdge, isEdge, loopNote, depth);
}

/** A call; `leaves`: of an import or indirect. Those that return are noted in dead code, too. */
export function observeCall(leaves: boolean, noted: boolean): void {
	bodyFlags |= leaves ? BodyFlag.CALLS | BodyFlag.LEAVES : BodyFlag.CALLS;
	if (noted) setLoopFlag(loopNote, LoopFlag.CALL);
}

/* locals */

/** A get, which began at `at`, of a local whose state is `state` (definite-assignment.ts). */
export function observeGet(index: i32, type: i32, state: i32, at: i32): void {
	if (type >= Type.F32) {
		if (type <= Type.F64) {
			floatGetEnd = position;
			floatGot = at == twinEnd && index == teed ? twin : index;
		}
	}
	if (at != twinEnd) {
		if (!isRead(state)) zeroRead(index, state);
		countUse(index);
	} else getBehindTwin(index, state);
}

function getBehindTwin(index: i32, state: i32): void {
	if (index == teed) {
		uncountUse(index);
		countUse(twin);
	} else {
		zeroRead(index, state);
		countUse(index);
	}
	goOnWithTwin();
}

/** Gets and constants may stand between `tee x; set y` and a get of x that reads y. */
function goOnWithTwin(): void {
	twinEnd = twinAge < 3 ? position : 0;
	twinAge++;
}

/** A set or tee, as observeGet. */
export function observeAssignment(op: i32, index: i32, type: i32, state: i32, at: i32): void {
	noteAssigned(op, index, state, at);
	if (type >= Type.F32) {
		if (type <= Type.F64) noteFloat(op, index, state, at);
	}
}

function noteAssigned(op: i32, index: i32, state: i32, at: i32): void {
	if (op == Op.LOCAL_TEE) {
		teed = index;
		teeEnd = position;
	} else if (at == teeEnd) {
		twin = index;
		twinEnd = position;
		twinAge = 0;
	}
	countUse(index);
	zeroAssigned(index, state);
	if (loopNote == NO_NOTE) return;
	noteAssignment(index, loopNote, depth);
	assignLocal(loopNote, index);
}

/** A float local is assigned. What is set behind a tee is what the tee has. */
function noteFloat(op: i32, index: i32, state: i32, at: i32): void {
	const source =
		at == teeEnd
			? teeSource
			: at == floatGetEnd
				? floatGot
				: isArithmeticBehind(at)
					? Source.ARITHMETIC
					: Source.BITS;
	if (source >= 0) zeroCopies(index, state, source);
	else if (source == Source.BITS) zeroBits(index, state);
	if (op == Op.LOCAL_TEE) teeSource = source;
}

/**
 * Is the float just pushed, by the instruction that ends at `at`, the result of arithmetic, or a constant that is a
 * number? Of the instructions that push a float, only those of a byte and constants end in one above 0x7f, and
 * constants of numbers count as well; no arithmetic has an opcode below.
 */
function isArithmeticBehind(at: i32): boolean {
	return at == numberEnd || (row(load8(at - 1)) & Row.ARITHMETIC) != 0;
}

/* constants */

/** A constant of a float: of a loop, it may be kept in a local. */
export function observeFloat(type: i32, low: i32, highWord: i32): void {
	const exponent = type == Type.F32 ? 0x7f800000 : 0x7ff00000;
	if (((type == Type.F32 ? low : highWord) & exponent) != exponent) numberEnd = position;
	if (loopNote == NO_NOTE) return;
	const index = addPooled(type, low, highWord);
	if (index >= 0) countUse(locals + index);
}

/** One bit pattern of at most 8 bits, or 1s up to some bit: instructions hold that as it is. */
function isSimple(value: i32): boolean {
	const lowest = value & -value;
	return (value & (value + 1)) == 0 || lowest >>> 24 != 0 || ltu(value, lowest << 8);
}

/**
 * An i32.const of more than a byte. Of a loop, it may be kept in a local where it takes two instructions: it counts
 * twice.
 */
export function observeInteger(value: i32): void {
	if (loopNote == NO_NOTE || ltu(value + 4095, 8191) || isSimple(value) || isSimple(~value)) return;
	const index = addPooled(Type.I32, value, 0);
	if (index < 0) return;
	countUse(locals + index);
	countUse(locals + index);
}

/** An i32.const, which began at `at`. */
export function observeConstant(at: i32): void {
	if (at == twinEnd) goOnWithTwin();
}
