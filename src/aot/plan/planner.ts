/**
 * Pass 2: reads a body that pass 1 has found valid, and writes its plan (docs/PLAN.md), asking the provers at each load
 * and store.
 *
 * It works in batches: planBody() goes on until the plan buffer is full or the body is done. Dead code is read and left
 * out.
 */

import { functionType, typeAt } from "../decode/environment";
import { applyRule, applySelect, isUnwrapped, provesAlignment, provesRange, pushConstant } from "../provers/p2-range";
import {
	displacementOf,
	forgetAll,
	forgetSet,
	forgetSince,
	getLocal,
	height,
	Known,
	knownOf,
	logTop,
	openFacts,
	pushForeign,
	pushUnknown,
	pushUnknowns,
	Root,
	rootOf,
	setHeight,
	setLocal,
	zerosOf,
} from "../provers/facts";
import {
	blockForm,
	blockParameters,
	depth,
	frame,
	frameFirst,
	frameFlags,
	frameHeight,
	frameNote,
	frameOp,
	frameParameters,
	frameResults,
	frameSecond,
	openFrames,
	popFrame,
	pushFrame,
	readBlockType,
	setFrameFirst,
	setFrameFlags,
	setFrameOp,
	setFrameSecond,
	setFunctionType,
	FrameFlag,
} from "../decode/frames";
import { ErrorCode } from "../base/error-code";
import { isAssigned } from "../provers/p5-steps";
import {
	errorCode,
	high,
	nextByte,
	offsetOf,
	position,
	read32,
	read64,
	readByte,
	readS32,
	readS64,
	readU32,
	seek,
	skip,
} from "../base/input";
import { Place, Size } from "../base/limits";
import { locals, parameters, runLength, runs, runType } from "../decode/locals";
import { load8, ltu } from "../base/memory";
import {
	assigned,
	assignedWords,
	branches,
	loopFlags,
	LoopFlag,
	nextNote,
	NO_NOTE,
	rewindNotes,
	use,
	usesOf,
} from "../base/side-table";
import { Immediate, Op, Prefix, row, Row, Rule, SELECT_TYPED, Type } from "../base/opcodes";
import { extend, fits, nextRecord, record } from "../base/plan-records";
import { findPooled, pooled, pooledHigh, pooledLow, pooledType } from "../validate/hoisted-constants";
import {
	assume,
	boundsTop,
	forgetBounds,
	isCompared,
	narrow,
	narrowSelected,
	noteComparison,
	openBounds,
} from "../provers/p2-comparisons";
import {
	checkedTop,
	forgetChecked,
	learnChecked,
	openChecked,
	provesChecked,
	roundedUp,
} from "../provers/p3-dominated";
import { Prover } from "../base/prover";
import { provesConstant } from "../provers/p1-constant";
import { beginInductions, setInductionRanges } from "../provers/p5-counted";
import {
	endEntry,
	Entry,
	fundEntries,
	leaveEntry,
	mayEnter,
	noteEntry,
	noteLeaving,
	noteSum,
	watched,
	watchEntry,
} from "../provers/p6-versioned";
import { closeGroups, openGroup, provesWidened } from "../provers/p4-widened";
import { functionUseCount, functionUses } from "../validate/use-weights";
import { functionFlags } from "../validate/body-observer";
import { deepest, firstInstruction } from "../validate/validator";
import { beginsAsZero, isArithmetic, isNeeded } from "../validate/definite-assignment";

/** Of an access's record, above the prover's number: the address is a multiple of its size. */
const ALIGNED: i32 = 256;

/** The last local.tee: its local, and where it ends; and the local.set directly behind it. */
let teed: i32 = 0;
let teeEnd: i32 = 0;
let twin: i32 = 0;
let twinEnd: i32 = 0;

const enum Stage {
	HEADER = 0,
	LOCALS = 1,
	USES = 2,
	INSTRUCTIONS = 3,
	LABELS = 4,
	ZEROS = 5,
	POOLED = 6,
	/** a loop that may be written twice waits for room */
	ENTRY = 7,
}

/** The longest unit: OFFSET, LOOP, and 16 LOCAL_USE. */
const UNIT: i32 = 18;

let stage: i32 = 0;
/** Records that the next unit may need. */
let wanted: i32 = 0;
/** Where the loop of Stage.ENTRY begins; the most turns of the loop that begins, 0: not known. */
let loopStart: i32 = 0;
let turns: i32 = 0;
/** Runs of locals, uses or labels written or still to be written. */
let count: i32 = 0;
/** Length of the log, and number of P3's facts and of bounds, when the innermost block began. */
let mark: i32 = 0;
let checkedMark: i32 = 0;
let boundsMark: i32 = 0;
/** Address behind the last instruction that has a record with its length. */
let covered: i32 = 0;
/** Blocks begun in the dead code at hand; -1: the code is live. */
let deadBlocks: i32 = -1;
let theType: i32 = 0;
let theFunction: i32 = 0;

/** Begins the plan of the body of `length` bytes that validateBody has seen last. */
export function openBodyPlan(index: i32, length: i32): void {
	theFunction = index;
	theType = functionType(index);
	stage = Stage.HEADER;
	wanted = UNIT;
	fundEntries(length);
	seek(firstInstruction);
	covered = position;
	deadBlocks = -1;
	mark = 0;
	checkedMark = 0;
	boundsMark = 0;
	rewindNotes();
	openFacts();
	openChecked();
	openBounds();
	openFrames();
	setFunctionType(typeAt(theType));
	pushFrame(Op.END, 0, 0, NO_NOTE);
}

/* control */

function die(): void {
	setFrameFlags(frame, FrameFlag.DEAD);
	deadBlocks = 0;
}

/** The record of an instruction that began at `start`, and OFFSET when the one before it was left out. */
function emit(start: i32, op: i32, a: i32, b: i32): void {
	const end = position;
	if (start == covered) {
		if (end - start <= 255) {
			record(op, end - start, a, b);
			covered = end;
			return;
		}
	}
	emitApart(start, op, a, b);
}

/** The instruction does not follow the one that has the record before, or is too long for a length. */
function emitApart(start: i32, op: i32, a: i32, b: i32): void {
	if (start != covered) record(Op.PLAN_OFFSET, 0, 0, offsetOf(start));
	const length = position - start;
	record(op, length > 255 ? 0 : length, a, b);
	covered = length > 255 ? start : position;
}

function beginBlock(op: i32, start: i32): void {
	readBlockType();
	if (op == Op.IF) setHeight(height - 1);
	const condition = height;
	const note = nextNote(op == Op.LOOP);
	pushFrame(op, 0, height - blockParameters, note);
	setFrameFirst(frame, mark);
	setFrameSecond(frame, checkedMark | (boundsMark << 8));
	mark = logTop;
	checkedMark = checkedTop;
	boundsMark = boundsTop;
	if (op == Op.IF) assume(true, condition, start, boundsMark);
	if (op != Op.LOOP) {
		emit(start, op, blockForm, branches(note));
		return;
	}
	turns = beginInductions(note, mark);
	if (mayEnter(note, turns)) {
		loopStart = start;
		stage = Stage.ENTRY;
		wanted = Entry.ROOM;
	} else beginLoop(note, start);
}

function beginLoop(note: i32, start: i32): void {
	const flags = loopFlags(note);
	const uses = flags >> LoopFlag.USES_SHIFT;
	emit(start, Op.LOOP, blockForm, branches(note) | ((flags & 0xff) << 16) | (uses << 24));
	const first = nextRecord() - 8;
	if (uses > 0) emitUses(note, usesOf(note), uses);
	setHeight(frameHeight(frame));
	pushUnknowns(frameParameters(frame));
	if (note == NO_NOTE) {
		forgetAll();
		return;
	}
	for (let i = 0; i < assignedWords(); i++) forgetSet(i, assigned(note, i));
	setInductionRanges(note, turns, mark);
	if (stage == Stage.ENTRY) watchEntry(note, turns, start, first, mark);
}

function emitUses(note: i32, start: i32, uses: i32): void {
	for (let i = 0; i < uses; i++) {
		const value = use(start, i);
		const local = value & 0xffff;
		record(
			Op.PLAN_LOCAL_USE,
			(local < locals && (note == NO_NOTE || isAssigned(local, note)) ? 1 : 0) | (isArithmetic(local) ? 2 : 0),
			value >>> 16,
			local,
		);
	}
}

/** Forgets what was learnt since the innermost block began. */
function forgetLearnt(): void {
	forgetSince(mark);
	forgetChecked(checkedMark);
	forgetBounds(boundsMark);
}

function elseBlock(start: i32): void {
	setFrameOp(frame, Op.ELSE);
	setFrameFlags(frame, 0);
	forgetLearnt();
	setHeight(frameHeight(frame));
	pushUnknowns(frameParameters(frame));
	emit(start, Op.ELSE, 0, 0);
}

/** True when more than one way leads behind the end of the innermost block. */
function meets(): boolean {
	const op = frameOp(frame);
	if (op == Op.LOOP) return false;
	return op != Op.BLOCK || branches(frameNote(frame)) != 0;
}

function endBlock(start: i32): void {
	const results = frameResults(frame);
	const bottom = frameHeight(frame);
	emit(start, Op.END, 0, 0);
	endEntry();
	if (meets() || frameFlags(frame) != 0) {
		forgetLearnt();
		setHeight(bottom);
		pushUnknowns(results);
	}
	mark = frameFirst(frame);
	checkedMark = frameSecond(frame) & 0xff;
	boundsMark = frameSecond(frame) >> 8;
	popFrame();
}

function isEndOrElse(op: i32): boolean {
	return op == Op.END || op == Op.ELSE;
}

/** Reads an instruction of dead code. The `end` or `else` of a block that was reached makes the code live. */
function readDead(start: i32): void {
	const op = readOp();
	if (isEndOrElse(op) && deadBlocks == 0) {
		deadBlocks = -1;
		seek(start);
		return;
	}
	if (op == Op.END) deadBlocks--;
	if (op >= Op.BLOCK && op <= Op.IF) deadBlocks++;
	skipImmediates(op);
}

function skipImmediates(op: i32): void {
	const kind = row(op) & Row.IMMEDIATE_MASK;
	switch (kind) {
		case Immediate.NONE:
			break;
		case Immediate.F32:
			skip(4);
			break;
		case Immediate.F64:
			skip(8);
			break;
		case Immediate.I64:
			readS64();
			break;
		case Immediate.LABELS:
			for (let left = readU32(); left >= 0; left--) readU32();
			break;
		case Immediate.ACCESS:
		case Immediate.INDIRECT:
		case Immediate.TYPES:
		case Immediate.DATA_MEMORY:
		case Immediate.MEMORY_MEMORY:
		case Immediate.ELEMENT_TABLE:
		case Immediate.TABLE_TABLE:
			skipInteger();
			skipInteger();
			break;
		default:
			skipInteger();
			break;
	}
}

/** A block type may have 33 bits, an i32.const a sign: only the end counts. */
function skipInteger(): void {
	while (readByte() >= 0x80);
}

/* instructions */

function readOp(): i32 {
	const op = nextByte();
	if (op == Prefix.FC) return Prefix.FC_BASE + readU32();
	return op;
}

/** The prover that shows the check of an access needless by its address alone. */
function proveAlone(address: i32, offset: i32, size: i32): i32 {
	const known = knownOf(address);
	if ((known & Known.LITERAL) != 0 && provesConstant(address, offset, size)) return Prover.CONSTANT;
	if ((known & Known.RANGE) != 0 && provesRange(address, offset, size))
		return (known & Known.COUNTED) != 0 ? Prover.COUNTED : Prover.RANGE;
	return Prover.NONE;
}

/** An access that proveAlone() has not shown to be within: the provers that know other accesses through its root. */
function planRooted(op: i32, start: i32, address: i32, offset: i32, size: i32, flags: i32): void {
	const root = rootOf(address);
	const reach = (offset + size) | 0;
	let check: i32 = Prover.NONE;
	if (root == Root.NONE || ltu(reach, size)) {
		emit(start, op, flags, offset);
		return;
	}
	const at = displacementOf(address);
	const zeroBits = zerosOf(address);
	if (provesChecked(root, at, zeroBits, offset, size)) check = Prover.DOMINATED;
	else {
		if (provesWidened(root, at, zeroBits, reach)) check = Prover.WIDENED;
		learnChecked(root, at, roundedUp(reach, zeroBits), checkedMark);
	}
	emit(start, op, check | flags, offset);
	if (check != Prover.NONE) return;
	const written = nextRecord() - 8;
	noteEntry(root, at, reach, written);
	if (op < Op.I32_STORE) openGroup(root, at, reach, written);
}

function planAccess(op: i32, value: i32, start: i32): void {
	readU32();
	const offset = readU32();
	const log2 = (value >> Row.SIZE) & 7;
	const address = height - ((value >> Row.POPS) & 3);
	const check = proveAlone(address, offset, 1 << log2);
	const flags = provesAlignment(address, offset, log2) ? ALIGNED : 0;
	if (check != Prover.NONE) emit(start, op, check | flags, offset);
	else planRooted(op, start, address, offset, 1 << log2, flags);
	if (op >= Op.I32_STORE) closeGroups();
}

/** Pops and pushes what an instruction's row says. */
function applyRow(value: i32): void {
	const pops = (value >> Row.POPS) & 3;
	const rule = (value >> Row.RULE) & 31;
	if (rule != Rule.ANY) {
		applyRule(rule, pops);
		return;
	}
	setHeight(height - pops);
	const type = (value >> Row.PUSH) & 7;
	if (type == Type.I32) pushUnknown();
	else if (type != 0) pushForeign();
}

/** A sum in a loop that P6 looks at. */
function planSum(value: i32): void {
	const a = rootOf(height - 2);
	const b = rootOf(height - 1);
	const at = displacementOf(height - 2) + displacementOf(height - 1);
	applyRow(value);
	noteSum(height - 1, a, b, at);
}

/** An instruction typed by its row alone, without immediates. */
function planNumeric(op: i32, value: i32, start: i32): void {
	if (op == Op.NOP) return;
	if ((value & Row.EFFECT) != 0) closeGroups();
	if (op >= Op.I32_EQZ && op <= Op.I32_GE_U) noteComparison(op, height - (op == Op.I32_EQZ ? 1 : 2), start, position);
	if (op == Op.I32_ADD && watched >= 0) planSum(value);
	else applyRow(value);
	emit(start, op, (op == Op.I32_ADD || op == Op.I32_SHL) && isUnwrapped ? 1 : 0, 0);
}

function planConstant(start: i32, next: i32): void {
	let value = (next << 25) >> 25;
	if (next < 0x80) seek(start + 2);
	else value = readS32();
	if (start == twinEnd) twinEnd = position;
	emit(start, Op.I32_CONST, 0, value);
	pushConstant(value);
}

function planImmediates(op: i32, kind: i32, start: i32): void {
	let a = 0;
	let b = 0;
	if (kind == Immediate.F32) b = read32();
	else if (kind == Immediate.F64) b = read64();
	else if (kind == Immediate.I64) b = readS64();
	else if (kind == Immediate.MEMORY_MEMORY) skip(2);
	else if (kind == Immediate.MEMORY) skip(1);
	else b = readU32();
	if (kind == Immediate.DATA_MEMORY) skip(1);
	else if (kind == Immediate.ELEMENT_TABLE || kind == Immediate.TABLE_TABLE) a = readU32();
	const index =
		kind == Immediate.F32 ? findPooled(Type.F32, b, 0) : kind == Immediate.F64 ? findPooled(Type.F64, b, high) : -1;
	if (index >= 0) {
		emit(start, Op.LOCAL_GET, 0, locals + index);
		return;
	}
	emit(start, op, a, b);
	if (kind == Immediate.I64 || kind == Immediate.F64) extend(0, high);
}

function planLocal(op: i32, start: i32, next: i32): void {
	let local = next;
	if (next < 0x80) seek(start + 2);
	else local = readU32();
	// `tee x; set y; ... get x` reads y, and x is not assigned where nothing else reads it
	if (op == Op.LOCAL_GET && start == twinEnd) {
		twinEnd = position;
		if (local == teed) local = twin;
	} else if (op == Op.LOCAL_SET && start == teeEnd) {
		twin = local;
		twinEnd = position;
	} else if (op == Op.LOCAL_TEE) {
		teed = local;
		teeEnd = position;
		if (!isNeeded(local)) return;
	}
	emit(start, op, 0, local);
	if (op == Op.LOCAL_GET) {
		getLocal(local, mark);
		if (boundsTop > 0) narrow(height - 1);
	} else {
		setLocal(local, mark);
		if (op == Op.LOCAL_TEE) setHeight(height + 1);
	}
}

/** Pops the parameters of a type and pushes its results. */
function applyType(type: i32): void {
	const address = typeAt(type);
	setHeight(height - load8(address));
	pushUnknowns(load8(address + 1));
}

function planCall(op: i32, start: i32): void {
	const callee = readU32();
	emit(start, op, functionType(callee), callee);
	if (op == Op.RETURN_CALL) die();
	else applyType(functionType(callee));
}

function planIndirect(op: i32, start: i32): void {
	const type = readU32();
	const table = readU32();
	emit(start, op, type, table);
	setHeight(height - 1);
	if (op == Op.RETURN_CALL_INDIRECT) die();
	else applyType(type);
}

function planSelect(op: i32, start: i32): void {
	if (op == Op.SELECT_T) {
		skip(1);
		const type = readByte();
		emit(start, op, type, 0);
	} else emit(start, Op.SELECT, load8(Place.TYPE_BYTES + op - SELECT_TYPED), 0);
	if (isCompared(start)) {
		narrowSelected(true, height - 3, start);
		narrowSelected(false, height - 2, start);
	}
	applySelect();
}

function planTable(op: i32, start: i32): void {
	closeGroups();
	emit(start, op, 0, readU32());
	if (op == Op.TABLE_GET) {
		setHeight(height - 1);
		pushUnknown();
	} else if (op == Op.TABLE_SET) setHeight(height - 2);
	else if (op == Op.TABLE_FILL) setHeight(height - 3);
	else {
		setHeight(height - 2);
		pushUnknown();
	}
}

function planBranchTable(start: i32): void {
	const labels = readU32();
	leaveEntry();
	const first = position;
	for (let i = 0; i <= labels; i++) readU32();
	emit(start, Op.BR_TABLE, 0, labels);
	// the labels are read again, one record each
	seek(first);
	count = labels + 1;
	stage = Stage.LABELS;
}

function endLabels(): void {
	stage = Stage.INSTRUCTIONS;
	die();
}

function planGlobal(op: i32, start: i32): void {
	emit(start, op, 0, readU32());
	if (op == Op.GLOBAL_GET) pushUnknown();
	else {
		closeGroups();
		setHeight(height - 1);
	}
}

function planReference(op: i32, start: i32): void {
	if (op == Op.REF_NULL) emit(start, op, readByte(), 0);
	else if (op == Op.REF_FUNC) {
		// memory may run out
		closeGroups();
		emit(start, op, 0, readU32());
	} else {
		emit(start, op, 0, 0);
		setHeight(height - 1);
	}
	pushUnknown();
}

function planBranch(op: i32, start: i32): void {
	const label = readU32();
	noteLeaving(label);
	emit(start, op, 0, label);
	if (op == Op.BR) die();
	else {
		setHeight(height - 1);
		assume(false, height, start, boundsMark);
	}
}

function planSpecial(op: i32, start: i32): void {
	// control, calls
	if (op < Op.DROP) closeGroups();
	switch (op) {
		case Op.END:
			endBlock(start);
			break;
		case Op.BLOCK:
		case Op.LOOP:
		case Op.IF:
			beginBlock(op, start);
			break;
		case Op.BR:
		case Op.BR_IF:
			planBranch(op, start);
			break;
		case Op.GLOBAL_GET:
		case Op.GLOBAL_SET:
			planGlobal(op, start);
			break;
		case Op.CALL:
		case Op.RETURN_CALL:
			planCall(op, start);
			break;
		case Op.DROP:
			emit(start, op, 0, 0);
			setHeight(height - 1);
			break;
		case Op.ELSE:
			elseBlock(start);
			break;
		case Op.UNREACHABLE:
		case Op.RETURN:
			leaveEntry();
			emit(start, op, 0, 0);
			die();
			break;
		case Op.BR_TABLE:
			planBranchTable(start);
			break;
		case Op.CALL_INDIRECT:
		case Op.RETURN_CALL_INDIRECT:
			planIndirect(op, start);
			break;
		case Op.SELECT_T:
			planSelect(op, start);
			break;
		case Op.REF_NULL:
		case Op.REF_IS_NULL:
		case Op.REF_FUNC:
			planReference(op, start);
			break;
		default:
			if (op < Op.PLAN_EXT || op > Op.REF_FUNC) planTable(op, start);
			else planSelect(op, start);
			break;
	}
}

/** An instruction without a case of its own in planInstruction(). Its opcode has been read. */
function planOp(op: i32, start: i32): void {
	const value = row(op);
	const kind = value & Row.IMMEDIATE_MASK;
	if ((value & Row.SPECIAL) != 0) planSpecial(op, start);
	else if (kind == Immediate.NONE) planNumeric(op, value, start);
	else {
		if ((value & Row.EFFECT) != 0) closeGroups();
		planImmediates(op, kind, start);
		applyRow(value);
	}
}

function planInstruction(): void {
	const start = position;
	if (deadBlocks >= 0) {
		readDead(start);
		return;
	}
	// behind the body's last byte lie the frames
	const next = load8(start + 1);
	const op = load8(start);
	seek(start + 1);
	if (op == Prefix.FC) {
		planOp(Prefix.FC_BASE + readU32(), start);
		return;
	}
	const value = row(op);
	switch (value & Row.IMMEDIATE_MASK) {
		case Immediate.NONE:
			if ((value & Row.SPECIAL) == 0) planNumeric(op, value, start);
			else planSpecial(op, start);
			break;
		case Immediate.LOCAL:
			planLocal(op, start, next);
			break;
		case Immediate.I32:
			planConstant(start, next);
			break;
		case Immediate.ACCESS:
			planAccess(op, value, start);
			applyRow(value);
			break;
		default:
			planOp(op, start);
			break;
	}
}

/* the header of a function, and the whole */

function planHeader(): void {
	record(Op.PLAN_FUNCTION, functionFlags(), theType, theFunction);
	record(Op.PLAN_INFO, 0, deepest, offsetOf(firstInstruction));
	stage = Stage.LOCALS;
	count = 0;
	teeEnd = 0;
	twinEnd = 0;
}

function planRun(): void {
	if (count == runs) {
		for (let i = 0; i < pooled; i++) {
			const type = load8(Place.TYPE_BYTES + pooledType(i));
			if (pooledType(i) == Type.I32) record(Op.PLAN_LOCALS, 0, type | 0x100, pooledLow(i));
			else record(Op.PLAN_LOCALS, 0, type, 1);
		}
		stage = Stage.USES;
		return;
	}
	record(Op.PLAN_LOCALS, 0, load8(Place.TYPE_BYTES + runType(count)), runLength(count));
	count++;
}

function planUses(): void {
	emitUses(NO_NOTE, functionUses, functionUseCount);
	stage = Stage.ZEROS;
	count = parameters;
}

/** The next run of declared locals that begin as zero. */
function planZeros(): void {
	while (count < locals && !beginsAsZero(count)) count++;
	if (count >= locals) {
		stage = pooled > 0 ? Stage.POOLED : Stage.INSTRUCTIONS;
		count = 0;
		return;
	}
	const first = count;
	// those beyond what is kept track of all do
	if (count >= Size.ZEROS) count = locals;
	else while (count < locals && count < Size.ZEROS && beginsAsZero(count)) count++;
	record(Op.PLAN_ZERO, 0, count - first, first);
}

/** Sets the local of the next floating-point constant that is kept in one. */
function planPooled(): void {
	const wide = pooledType(count) == Type.F64;
	if (pooledType(count) != Type.I32) {
		record(wide ? Op.F64_CONST : Op.F32_CONST, 0, 0, pooledLow(count));
		if (wide) extend(0, pooledHigh(count));
		record(Op.LOCAL_SET, 0, 0, locals + count);
	}
	count++;
	if (count == pooled) stage = Stage.INSTRUCTIONS;
}

function planLabel(): void {
	extend(0, readU32());
	count--;
	if (count == 0) endLabels();
}

/** Goes on with what is not an instruction. */
function planOther(): void {
	if (stage == Stage.ENTRY) {
		beginLoop(frameNote(frame), loopStart);
		stage = Stage.INSTRUCTIONS;
		wanted = UNIT;
	} else if (stage == Stage.LABELS) planLabel();
	else if (stage == Stage.HEADER) planHeader();
	else if (stage == Stage.LOCALS) planRun();
	else if (stage == Stage.ZEROS) planZeros();
	else if (stage == Stage.POOLED) planPooled();
	else planUses();
}

/** Goes on with the plan of the body. True when it is complete, false when the plan buffer is full. */
export function planBody(): boolean {
	// their records are gone
	closeGroups();
	leaveEntry();
	while (fits(wanted) && errorCode == ErrorCode.NONE) {
		if (stage != Stage.INSTRUCTIONS) planOther();
		else {
			planInstruction();
			if (depth < 0) return true;
		}
	}
	return false;
}
