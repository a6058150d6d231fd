/**
 * Pass 1: which locals each loop changes by a constant step, and what its turns are tested by. Pass 2 (prover-loop.ts)
 * makes ranges of it.
 *
 * A step: `local.get i; i32.const s; i32.add; local.set i` (or tee, sub, or the operands exchanged) in the loop itself,
 * not in one within it, and no other assignment of i in the loop. So it happens at most once a turn. It is regular when
 * every way round passes it: it is followed by all branches to the loop, and these stand within the innermost block
 * that it stands in (for a way past it would have to lead behind the end of such a block).
 * A test: a comparison of i with a constant or a local, consumed by br_if or `if`, that holds at every way round. It is
 * at the branch to the loop itself, when that is the only one; or a br_if to elsewhere that was not taken, or an `if`
 * whose first arm was, that all branches to the loop follow, as for a step.
 * It is late when the step stands before it, so that i has been stepped, else early.
 * Counting up to 0, as clang does: `get i; const s; add; tee x; get i; ge_u; set c; get x; set i` is a step of i, and a
 * test of `c` behind it one of `i ne 0`, late: x is
 * i + s modulo 2^32 and s is not 0; were x 0, i would not be, and x >= i would not hold.
 * Stepped in between: in `compare i; set c; get i; const s; add; set i; get c`, the test of c is an early one, for it
 * is of i before the step.
 *
 * What is collected, while the loop is open, 16 bytes each, at most Size.INDUCTIONS at a time: u8 kind, u8 flags, u8
 * local, u8 comparison, i32 step or bound, u16 depth of the block, u16 note of the loop, u32 0. A loop that ends leaves
 * what holds in the notes, 8 bytes each (notes.ts):
 *     u8 Kind, u8 local, u8 comparison, u8 flags; i32 step, bound, or the bound's local
 * Locals beyond Size.FACTS are not looked at, nor anything once the notes are full.
 */

import { Place, Size } from "../base/limits";
import { load16, load32, load8, ltu, store16, store32, store8 } from "../base/memory";
import { addWord, assigned, assignedWords, branches, isFull, NO_NOTE, setInductions, usesAt } from "../base/side-table";
import { Op } from "../base/opcodes";
import { position, readS32, readU32, seek } from "../base/input";
import { mirrored, opposite } from "./p2-comparisons";

export const enum Induction {
	/** kinds */
	STEP = 0,
	TEST = 1,
	/** flags: a step that some way round leaves out; a test that tells nothing */
	IRREGULAR = 1,
	/** i is assigned otherwise, too */
	DEAD = 2,
	/** the block that it stood in has ended */
	CLOSED = 4,
	/** a test at the branch to the loop */
	EDGE = 8,
	/** a late test */
	LATE = 16,
	/** the bound is a local */
	LOCAL = 32,
	/** bytes of one in the notes */
	NOTED = 8,
	/** instructions remembered: a power of 2 */
	STARTS = 16,
}

let top: i32 = 0;
/** Instructions seen. */
let count: i32 = 0;

/** A function begins. */
export function openInductions(): void {
	top = 0;
	count = Induction.STARTS;
	for (let i = 0; i < Induction.STARTS; i++) store32(Place.STARTS + (i << 2), 0);
}

/** An instruction begins at `at`. */
export function noteStart(at: i32): void {
	store32(Place.STARTS + ((count & (Induction.STARTS - 1)) << 2), at);
	count++;
}

/** Where the instruction `back` before the present one begins; 0: not known. */
function startOf(back: i32): i32 {
	return load32(Place.STARTS + (((count - 1 - back) & (Induction.STARTS - 1)) << 2));
}

function opOf(back: i32): i32 {
	const at = startOf(back);
	return at == 0 ? Op.NOP : load8(at);
}

/** The immediate of an instruction: i32.const, or one with an index. */
function immediateOf(back: i32): i32 {
	const here = position;
	const at = startOf(back);
	const op = load8(at);
	seek(at + 1);
	const value = op == Op.I32_CONST ? readS32() : readU32();
	seek(here);
	return value;
}

function entry(index: i32): i32 {
	return Place.INDUCTIONS + (index << 4);
}

/** Appends an entry. Returns its address, 0 when there is no room. */
function enter(kind: i32, flags: i32, local: i32, value: i32, depth: i32, note: i32): i32 {
	if (top == Size.INDUCTIONS) return 0;
	const address = entry(top);
	top++;
	store8(address, kind);
	store8(address + 1, flags);
	store8(address + 2, local);
	store8(address + 3, 0);
	store32(address + 4, value);
	store16(address + 8, depth);
	store16(address + 10, note);
	return address;
}

function setFlag(address: i32, flag: i32): void {
	store8(address + 1, load8(address + 1) | flag);
}

/** The step of `local` in the loop of that note, 0: none so far. */
function findStep(local: i32, note: i32): i32 {
	for (let i = top - 1; i >= 0; i--) {
		const address = entry(i);
		if (load16(address + 10) != note) break;
		if (load8(address) == Induction.STEP && load8(address + 2) == local) return address;
	}
	return 0;
}

/** Is `local`, which is one of the function's, assigned in the loop of that note? True when that is not known. */
export function isAssigned(local: i32, note: i32): boolean {
	const word = local >> 4;
	return word >= assignedWords() || ((assigned(note, word) >> (local & 15)) & 1) != 0;
}

/**
 * In `tee x; set y; get x`, the last one `back` instructions before the present one, with gets and constants between:
 * y, which has the value, too. Else -1.
 */
export function twinOf(local: i32, back: i32): i32 {
	let at = back + 1;
	while (at < back + 4 && isSimple(at)) at++;
	if (opOf(at) != Op.LOCAL_SET || opOf(at + 1) != Op.LOCAL_TEE || immediateOf(at + 1) != local) return -1;
	return immediateOf(at);
}

/**
 * Is `get x`, `back` instructions before the present one, behind `tee x; get i; ge_u (or lt_u); set c`, i being
 * `local`? Then it is what the tee has, and c says whether that is at least i.
 */
function isCountedUp(local: i32, back: i32): boolean {
	return (
		opOf(back) == Op.LOCAL_GET &&
		opOf(back + 1) == Op.LOCAL_SET &&
		(opOf(back + 2) == Op.I32_GE_U || opOf(back + 2) == Op.I32_LT_U) &&
		opOf(back + 3) == Op.LOCAL_GET &&
		opOf(back + 4) == Op.LOCAL_TEE &&
		immediateOf(back + 3) == local &&
		immediateOf(back + 4) == immediateOf(back) &&
		immediateOf(back + 1) != immediateOf(back)
	);
}

/** The step that the instruction at hand, which assigns `local`, makes; 0: it is none. */
function stepOf(local: i32): i32 {
	let back = 1;
	if (isCountedUp(local, 1)) back = 6;
	else while (back < 4 && opOf(back) == Op.LOCAL_TEE) back++;
	const op = opOf(back);
	if (op != Op.I32_ADD && op != Op.I32_SUB) return 0;
	let constant = back + 1;
	let variable = back + 2;
	if (op == Op.I32_ADD && opOf(constant) == Op.LOCAL_GET) {
		constant = back + 2;
		variable = back + 1;
	}
	if (opOf(constant) != Op.I32_CONST || opOf(variable) != Op.LOCAL_GET || immediateOf(variable) != local) return 0;
	const value = immediateOf(constant);
	return op == Op.I32_ADD ? value : -value | 0;
}

/** `local` is assigned in the loop of that note, which has not been told yet; `depth`: of the innermost block. */
export function noteAssignment(local: i32, note: i32, depth: i32): void {
	if (note == NO_NOTE || local >= Size.FACTS) return;
	if (isAssigned(local, note)) {
		const address = findStep(local, note);
		if (address != 0) setFlag(address, Induction.DEAD);
		return;
	}
	if (isFull()) return;
	const step = stepOf(local);
	if (step != 0) enter(Induction.STEP, branches(note) == 0 ? 0 : Induction.IRREGULAR, local, step, depth, note);
}

/** A branch to the loop of that note. */
export function noteLoopBranch(note: i32): void {
	for (let i = 0; i < top; i++) {
		const address = entry(i);
		if (load16(address + 10) == note && (load8(address + 1) & Induction.CLOSED) != 0)
			setFlag(address, Induction.IRREGULAR);
	}
}

/** The block of that depth ends, or its first arm does. */
export function closeInductions(depth: i32): void {
	for (let i = 0; i < top; i++) if (load16(entry(i) + 8) == depth) setFlag(entry(i), Induction.CLOSED);
}

/* tests */

/** What operandAt has found: a local (Op.LOCAL_GET) or a constant (Op.I32_CONST), and the instruction before. */
let operandValue: i32 = 0;
let operandBefore: i32 = 0;

function operandAt(back: i32): i32 {
	const op = opOf(back);
	operandBefore = back + 1;
	if (op == Op.I32_CONST) {
		operandValue = immediateOf(back);
		return op;
	}
	if (op != Op.LOCAL_GET && op != Op.LOCAL_TEE) return Op.NOP;
	operandValue = immediateOf(back);
	const twin = op == Op.LOCAL_GET ? twinOf(operandValue, back) : -1;
	if (twin >= 0) operandValue = twin;
	// behind tee, only a sum of two simple operands is seen through
	if (op == Op.LOCAL_TEE) {
		const sum = opOf(back + 1);
		operandBefore =
			(sum == Op.I32_ADD || sum == Op.I32_SUB) && isSimple(back + 2) && isSimple(back + 3) ? back + 4 : 0;
	}
	return Op.LOCAL_GET;
}

/** The local that is assigned between the comparison and the instruction that consumes it; -1: none. */
let stepped: i32 = -1;

function isSimple(back: i32): boolean {
	const op = opOf(back);
	return op == Op.I32_CONST || op == Op.LOCAL_GET;
}

/**
 * The instruction at hand consumes a condition. `truth`: where the test holds, the condition is not 0. `depth`: of the
 * block in which it holds;
 * `isEdge`: it holds at the branch that the instruction makes to the loop.
 */
export function noteTest(truth: boolean, isEdge: boolean, note: i32, depth: i32): void {
	if (note == NO_NOTE || isFull()) return;
	let back = 1;
	let isTrue = truth;
	while (opOf(back) == Op.I32_EQZ && back < 3) {
		isTrue = !isTrue;
		back++;
	}
	stepped = -1;
	if (opOf(back) == Op.LOCAL_GET && opOf(back + 1) == Op.LOCAL_SET) {
		const local = immediateOf(back + 1);
		const condition = immediateOf(back);
		if (isCountedUp(local, back + 2) && immediateOf(back + 3) == condition) {
			if (isTrue == (opOf(back + 4) == Op.I32_GE_U))
				addTest(Op.I32_NE, Op.LOCAL_GET, local, Op.I32_CONST, 0, isEdge, note, depth);
			return;
		}
		if (
			condition != local &&
			opOf(back + 2) == Op.I32_ADD &&
			isSimple(back + 3) &&
			isSimple(back + 4) &&
			opOf(back + 5) == Op.LOCAL_SET &&
			immediateOf(back + 5) == condition
		) {
			stepped = local;
			back += 6;
		}
	}
	let op = opOf(back);
	let rightKind: i32 = Op.I32_CONST;
	let right = 0;
	if (op >= Op.I32_EQ && op <= Op.I32_GE_U) {
		rightKind = operandAt(back + 1);
		right = operandValue;
		back = operandBefore;
		if (rightKind == Op.NOP || back == 0) return;
	} else op = Op.I32_NE;
	const leftKind = operandAt(back);
	if (leftKind == Op.NOP) return;
	if (!isTrue) op = opposite(op);
	addTest(op, leftKind, operandValue, rightKind, right, isEdge, note, depth);
}

function addTest(
	op: i32,
	leftKind: i32,
	left: i32,
	rightKind: i32,
	right: i32,
	isEdge: boolean,
	note: i32,
	depth: i32,
): void {
	const swap =
		leftKind == Op.I32_CONST ||
		(rightKind == Op.LOCAL_GET && findStep(left, note) == 0 && findStep(right, note) != 0);
	const local = swap ? right : left;
	const boundKind = swap ? leftKind : rightKind;
	if ((swap ? rightKind : leftKind) != Op.LOCAL_GET || !ltu(local, Size.FACTS)) return;
	const limitValue = swap ? left : right;
	if (boundKind == Op.LOCAL_GET && !ltu(limitValue, Size.FACTS)) return;
	let flags = boundKind == Op.LOCAL_GET ? Induction.LOCAL : 0;
	const step = findStep(local, note);
	if (step != 0) {
		if ((load8(step + 1) & Induction.CLOSED) != 0) return;
		if (local != stepped) flags |= Induction.LATE;
	}
	if (isEdge) flags |= Induction.EDGE;
	else if (branches(note) != 0) return;
	const address = enter(Induction.TEST, flags, local, limitValue, depth, note);
	if (address != 0) store8(address + 3, swap ? mirrored(op) : op);
}

/* the end of a loop */

function isValid(address: i32, note: i32): boolean {
	const flags = load8(address + 1);
	if (load8(address) == Induction.STEP) return (flags & Induction.DEAD) == 0;
	if ((flags & Induction.EDGE) != 0 ? branches(note) != 1 : (flags & Induction.IRREGULAR) != 0) return false;
	if ((flags & Induction.LOCAL) != 0 && isAssigned(load32(address + 4), note)) return false;
	const step = findStep(load8(address + 2), note);
	return step != 0 && (load8(step + 1) & (Induction.DEAD | Induction.IRREGULAR)) == 0;
}

/** The loop of that note ends. It has been told all that it assigns. `outer`: note of the loop around it. */
export function endLoopInductions(note: i32, outer: i32): void {
	if (note == NO_NOTE) return;
	let first = top;
	while (first > 0 && load16(entry(first - 1) + 10) == note) first--;
	const start = usesAt();
	let written = 0;
	for (let i = first; i < top; i++) {
		const address = entry(i);
		if (
			isValid(address, note) &&
			addWord(
				load8(address) | (load8(address + 2) << 8) | (load8(address + 3) << 16) | (load8(address + 1) << 24),
				load32(address + 4),
			)
		)
			written++;
	}
	setInductions(note, start, written);
	top = first;
	for (let i = 0; i < top; i++) {
		const address = entry(i);
		if (load16(address + 10) == outer && load8(address) == Induction.STEP && isAssigned(load8(address + 2), note))
			setFlag(address, Induction.DEAD);
	}
}
