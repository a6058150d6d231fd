/**
 * P6: small loops, twice: one copy without the checks that a test at the loop's beginning shows needless, and one with
 * them, for when the test fails.
 *
 * It is for loops whose number of turns is known where they begin, though perhaps not before they run; steps and tests
 * are those of induction.ts. The plan of the loop is written as of any
 * other; when its end is reached, and there are accesses that no other prover could show, its records, which still
 * stand in the plan buffer, become
 *
 *     block                  block
 *       (conditions)           each: br_if 0 when it does not hold
 *       loop ... end           the accesses below have prover 6
 *       br 1
 *     end
 *     loop ... end           as it was
 *     end
 *
 * A turn is a passing of the loop's beginning. i is the local of the test, i0 its value where the loop begins, s its
 * step, n its bound. A pointer is p, a local that the loop steps by q, at most once a turn (or not at all: q = 0), or
 * the sum of two of which at most one is stepped; p0 is its value where the loop begins. M: bytes of memory, less than
 * 2^32. Integers, where not said to be modulo 2^32.
 *
 * Let late be 1 where the test sees the local as the step left it, else 0, and B the number of bytes that are backed in
 * every execution (environment.ts), not less than 32.
 *
 * Statement. In the first copy, an access of `size` bytes at address + offset, where the address is (value of p when
 * the turn began + c) mod 2^32, c0 <= c, c0 <= 0,
 * c + offset + size <= c1, is within memory, if these conditions hold where the loop begins:
 *     there are at most N + 1 turns by P5, N <= R; or, with D = n - i0 for s > 0, else i0 - n, mod 2^32:
 *     K = D / |s| without remainder, and N < R + 1 - late, where N = K - late mod 2^32;
 *     b <= (M - 32) - X, where X = w + e, w = N * |q| if N is known, else K * |q|, and b = p0 + c0 mod 2^32 for q >= 0,
 *     else p0 + c0 - w.
 * e is not negative, and at least c1 - c0 - 32, less |q| where w is K * |q|, the test is late, and q > 0. It and R, the
 * steps that there is room for, are chosen when the loop is written, so that
 * X <= B - 32 for all N that the conditions let pass; and R <= 2^24. So K <= 2^24, too: K is N, or N + 1 with N < R.
 * Proof. (1) Turns. The test is ne, lt or gt: it fails where i = n, whatever the order. It is passed on every way round
 * (induction.ts). In turn j + 1 it sees i0 + (j + 1) * s if late, i0 + j * s
 * if early, mod 2^32; and i0 + K * s = n. So there are at most K turns (late: K is not 0, since N would be 2^32 - 1),
 * or K + 1 (early): N + 1. Other ways out only make them fewer.
 * (2) Division. |s| = 2^z * d, d odd; K is computed as D * d^-1 mod 2^32, rotated right by z. Where that is k <= 2^24,
 * its upper z bits are 0 (z < 7), so that D * d^-1 = 2^z * k and D = k * |s|
 * modulo 2^32, and without wrapping since k * |s| < 2^32: k is the quotient, and there is no remainder. So where |q| =
 * r * |s|, K * |q| is D * r.
 * (3) Range. X <= B - 32 <= M - 32, so the difference does not wrap, and b + X + 32 <= M. When turn j + 1 begins, p is
 * p0 + m * q, 0 <= m <= j <= N. For q >= 0, the address is
 * b + (c - c0) + m * |q| mod 2^32, and m * |q| <= N * |q|, which is w, or w - |q| where K = N + 1; so (c - c0) + m *
 * |q| + offset + size <= N * |q| + c1 - c0 <= X + 32. For q < 0 it is
 * b + (c - c0) + (w - m * |q|) mod 2^32, where m * |q| <= w; again that, with offset + size, is at most w + c1 - c0 <=
 * X + 32. So both sums are at most M < 2^32: they do not wrap, they are the address,
 * and address + offset + size <= M. (4) M never shrinks.
 * The wrap rule: b is the lowest point, whatever p0 + c0 comes to modulo 2^32; all others are above it by no more than
 * X + 32.
 * What P3 and W know from a check in the loop holds in both copies: what the check would have shown, with its extra
 * bytes, is within (c1 counts them).
 * The conditions only read locals, as they are where the loop begins, and the register that checks compare with, which
 * holds M - 32 (docs/PLAN.md, MEMORY_ROOM); the copies differ in nothing but
 * those checks.
 * The copies stand two and one blocks deeper than the loop would: no branch in it goes further out than to its
 * beginning (noteLeaving, leaveEntry).
 * What may be written twice is bounded: loops of at most 120 bytes, with a check for each 64, a sixteenth of the
 * bodies' bytes so far (and 200 bytes). A loop that does not fit stays as it is.
 * State: 12 bytes for each of 8 accesses, 28 for each of 8 pointers; the loop's records, at most 60, and the room in
 * the plan buffer for them and the conditions, else it stays as it is.
 */

import { backed } from "../decode/environment";
import { factDisplacement, factRoot, newRoot, Root, setRoot } from "./facts";
import { blockForm, depth } from "../decode/frames";
import { Induction, isAssigned } from "./p5-steps";
import { offsetOf, position } from "../base/input";
import { Place, Size } from "../base/limits";
import { locals } from "../decode/locals";
import { copy, divu, load32, load8, lowZeros, ltu, mul, store32 } from "../base/memory";
import { branches, LoopFlag, loopFlags } from "../base/side-table";
import { Op } from "../base/opcodes";
import { countedStep, countedTest, findStep, nameSteps, stepAt } from "./p5-counted";
import { fits, holds, nextRecord, patchA, record, recordA, seekRecord } from "../base/plan-records";

export const enum Entry {
	/** the prover's number, and the other fields of a */
	CHECK = 6,
	ALIGNED = 256,
	EXTRA = 9,
	/** bytes of a loop, and of it for each check left out: with fewer checks it gains little */
	BYTES = 120,
	DENSITY = 64,
	/** records of a loop */
	RECORDS = 60,
	/** records of the conditions for one pointer, at most; for the number of turns and around it all */
	CONDITION = 30,
	FRAME = 18,
	/** pointers with conditions */
	CONDITIONS = 3,
	/** room in the plan that a loop needs that may be written twice */
	ROOM = 230,
	TURNS = 0x1000000,
	/** turns that the backed memory has to have room for */
	LEAST = 8,
	/**
	 * so many bytes less than the memory's are what the conditions compare with: WX_MEMORY_SLACK (native/emit), which
	 * the emitter makes sure of
	 */
	SLACK = 32,
	/** turns for which the test is not worth while, where they are known */
	FEW = 15,
	/** amount of steps; of displacements and offsets */
	STEP = 127,
	FAR = 0x8000,
	/** of the bytes of function bodies, one in so many (a power of 2) is written twice; and so many to begin with */
	SHARE = 4,
	BUDGET = 200,
}

/** Bytes of loops that may still be written twice. */
let budget: i32 = 0;
/** Depth of the loop's block, -1: none is being watched. Its first record, and where it begins. */
export let watched: i32 = -1;
let first: i32 = 0;
let start: i32 = 0;
let theNote: i32 = 0;
/** The most turns where they are known and not too many, else 0. */
let theTurns: i32 = 0;
let accesses: i32 = 0;
let pointers: i32 = 0;
/** Pointers with accesses. */
let conditions: i32 = 0;

/** i32 address of the record, pointer, where it ends (see c1). */
function accessEntry(index: i32): i32 {
	return Place.ENTRY_ACCESSES + index * 12;
}

/**
 * i32 root, by how much the pointer is above it, local, other local or -1, q, c0, c1 (see above; c0 is Entry.FAR where
 * there is no access).
 */
function pointerEntry(index: i32): i32 {
	return Place.ENTRY_POINTERS + index * 28;
}

const enum Pointer {
	AT = 4,
	LOCAL = 8,
	OTHER = 12,
	BY = 16,
	LOW = 20,
	END = 24,
}

/** A module begins. */
export function openEntries(): void {
	budget = Entry.BUDGET;
}

/** A body of so many bytes begins. */
export function fundEntries(bytes: i32): void {
	budget += bytes >> Entry.SHARE;
}

/** The loop cannot be written twice: its records are handed over, or they name labels outside of it. */
export function leaveEntry(): void {
	watched = -1;
}

/**
 * May the loop that begins be written twice? Its block type has been read; of the test and the turns see
 * prover-loop.ts.
 */
export function mayEnter(note: i32, turns: i32): boolean {
	if (countedTest == 0 || ltu(turns - 1, Entry.FEW) || budget <= 0 || blockForm != 0x40) return false;
	return (loopFlags(note) & (LoopFlag.CALL | LoopFlag.LOOP)) == 0 && branches(note) == 1 && holds(Entry.ROOM);
}

/** The loop begins, for which mayEnter() was true; its first record has been written, and what it assigns forgotten. */
export function watchEntry(note: i32, turns: i32, at: i32, record: i32, mark: i32): void {
	watched = depth;
	theNote = note;
	theTurns = turns;
	start = at;
	first = record;
	accesses = 0;
	pointers = 0;
	conditions = 0;
	nameSteps(mark);
}

/**
 * A branch out of so many blocks and the innermost one: a loop that may be left early, with few turns, is not worth the
 * test. Nor would its label be right in the copies, which stand deeper.
 */
export function noteLeaving(label: i32): void {
	if (depth - label < watched) watched = -1;
}

/* pointers: what the addresses are, when a turn begins, but for constants */

/** What find() has found: a local, its step, and by how much its value is above the root's. */
let foundLocal: i32 = 0;
let foundStep: i32 = 0;
let foundAt: i32 = 0;

/** Finds a local that has, when a turn begins, a value with that root: one that the loop steps or does not assign. */
function find(root: i32): boolean {
	if (root < Root.FIRST || position - start > Entry.BYTES) return false;
	const step = findStep(root);
	if (step != 0) {
		foundLocal = load8(step + 8);
		foundStep = stepAt(theNote, load8(step + 11));
		foundAt = 0;
		return ltu(foundStep + Entry.STEP, 2 * Entry.STEP + 1);
	}
	foundStep = 0;
	for (let local = 0; local < locals && local < Size.FACTS; local++) {
		if (factRoot(local) != root || isAssigned(local, theNote)) continue;
		foundLocal = local;
		foundAt = factDisplacement(local);
		return true;
	}
	return false;
}

/** The new pointer with that root, from what find() has found, and perhaps another local. 0: there are too many. */
function addPointer(root: i32, at: i32, other: i32, by: i32): i32 {
	if (pointers == Size.POINTERS) return 0;
	const entry = pointerEntry(pointers);
	pointers++;
	store32(entry, root);
	store32(entry + Pointer.AT, at);
	store32(entry + Pointer.LOCAL, foundLocal);
	store32(entry + Pointer.OTHER, other);
	store32(entry + Pointer.BY, by);
	store32(entry + Pointer.LOW, Entry.FAR);
	store32(entry + Pointer.END, -Entry.FAR);
	return entry;
}

/** The pointer of a root, 0: none. */
function pointerOf(root: i32): i32 {
	for (let i = 0; i < pointers; i++) if (load32(pointerEntry(i)) == root) return pointerEntry(i);
	return find(root) ? addPointer(root, foundAt, -1, foundStep) : 0;
}

/**
 * The sum of operands `index` and the next has been put in the place of the first, in a loop that is watched. Their
 * roots were `a` and `b`, their displacements together `at`.
 */
export function noteSum(index: i32, a: i32, b: i32, at: i32): void {
	if (b < Root.FIRST || !find(a)) return;
	const other = foundLocal;
	const by = foundStep;
	const above = foundAt;
	if (!find(b) || (by != 0 && foundStep != 0)) return;
	let entry = 0;
	for (let i = 0; i < pointers; i++)
		if (load32(pointerEntry(i) + Pointer.LOCAL) == foundLocal && load32(pointerEntry(i) + Pointer.OTHER) == other)
			entry = pointerEntry(i);
	if (entry == 0) entry = addPointer(newRoot(), 0, other, by + foundStep);
	if (entry != 0) setRoot(index, load32(entry), at - above - foundAt);
}

/** The access at a root + `at`, of so many bytes with its offset, whose record is at `record`, keeps its check. */
export function noteEntry(root: i32, at: i32, reach: i32, record: i32): void {
	if (watched < 0 || accesses == Size.ACCESSES || !ltu(reach, Entry.FAR)) return;
	const pointer = pointerOf(root);
	if (pointer == 0) return;
	const low = (at - load32(pointer + Pointer.AT)) | 0;
	const least = load32(pointer + Pointer.LOW);
	if (!ltu(low + Entry.FAR, 2 * Entry.FAR)) return;
	if (least == Entry.FAR) {
		if (conditions == Entry.CONDITIONS) return;
		conditions++;
	}
	if (low < least) store32(pointer + Pointer.LOW, low);
	const entry = accessEntry(accesses);
	accesses++;
	store32(entry, record);
	store32(entry + 4, pointer);
	store32(entry + 8, low + reach);
}

/* the conditions: records of length 0 */

function plain(op: i32, b: i32): void {
	record(op, 0, 0, b);
}

function binary(constant: i32, op: i32): void {
	plain(Op.I32_CONST, constant);
	plain(op, 0);
}

function addConstant(value: i32): void {
	if (value != 0) binary(value, Op.I32_ADD);
}

function isTested(flag: i32): boolean {
	return ((load32(countedTest) >>> 24) & flag) != 0;
}

function pushTested(): void {
	plain(Op.LOCAL_GET, (load32(countedTest) >> 8) & 0xff);
}

/** n */
function pushBound(): void {
	plain(isTested(Induction.LOCAL) ? Op.LOCAL_GET : Op.I32_CONST, load32(countedTest - 4));
}

/** D */
function pushDistance(): void {
	if (countedStep > 0) {
		pushBound();
		pushTested();
	} else {
		pushTested();
		if (!isTested(Induction.LOCAL) && load32(countedTest - 4) == 0) return;
		pushBound();
	}
	plain(Op.I32_SUB, 0);
}

function amount(value: i32): i32 {
	return value < 0 ? -value | 0 : value;
}

/** The odd number with a * odd = 1 modulo 2^32. */
function inverse(odd: i32): i32 {
	let a = odd;
	for (let i = 0; i < 4; i++) a = mul(a, 2 - mul(odd, a));
	return a;
}

/** K */
function pushQuotient(): void {
	const size = amount(countedStep);
	const shift = lowZeros(size);
	pushDistance();
	if (size >> shift != 1) binary(inverse(size >> shift), Op.I32_MUL);
	if (shift != 0) binary(shift, Op.I32_ROTR);
}

function isLate(): boolean {
	return isTested(Induction.LATE);
}

/** The lowest of a pointer's displacements, c0. */
function lowest(pointer: i32): i32 {
	const low = load32(pointer + Pointer.LOW);
	return low < 0 ? low : 0;
}

/** e */
function beyond(pointer: i32): i32 {
	const by = load32(pointer + Pointer.BY);
	const end =
		load32(pointer + Pointer.END) - lowest(pointer) - Entry.SLACK - (theTurns == 0 && isLate() && by > 0 ? by : 0);
	return end < 0 ? 0 : end;
}

/** How many steps of a pointer the backed memory surely has room for. */
function roomFor(pointer: i32): i32 {
	const taken = beyond(pointer) + Entry.SLACK;
	const by = amount(load32(pointer + Pointer.BY));
	if (ltu(backed, taken)) return 0;
	const most = by == 0 ? Entry.TURNS : divu(backed - taken, by);
	return ltu(Entry.TURNS, most) ? Entry.TURNS : most;
}

/** R: the steps that all pointers have room for. */
function roomForAll(): i32 {
	let most: i32 = Entry.TURNS;
	for (let i = 0; i < pointers; i++) {
		const entry = pointerEntry(i);
		const room = load32(entry + Pointer.LOW) == Entry.FAR ? most : roomFor(entry);
		if (room < most) most = room;
	}
	return most;
}

/** A number that is not above `value`, of 8 bits but for zeros behind them: instructions have such constants. */
function rounded(value: i32): i32 {
	let ones = value | (value >> 1);
	ones |= ones >> 2;
	ones |= ones >> 4;
	ones |= ones >> 8;
	ones |= ones >> 16;
	return value & ~(ones >> 8);
}

/** w of a pointer that is stepped, in loops whose turns are not known. */
function pushWay(pointer: i32): void {
	const by = amount(load32(pointer + Pointer.BY));
	const size = amount(countedStep);
	const times = divu(by, size);
	const isTimes = mul(times, size) == by;
	if (isTimes) pushDistance();
	else pushQuotient();
	const factor = isTimes ? times : by;
	if ((factor & (factor - 1)) != 0) binary(factor, Op.I32_MUL);
	else if (factor != 1) binary(lowZeros(factor), Op.I32_SHL);
}

/** b */
function pushLowest(pointer: i32): void {
	const by = load32(pointer + Pointer.BY);
	const low = lowest(pointer);
	plain(Op.LOCAL_GET, load32(pointer + Pointer.LOCAL));
	if (load32(pointer + Pointer.OTHER) >= 0) {
		plain(Op.LOCAL_GET, load32(pointer + Pointer.OTHER));
		plain(Op.I32_ADD, 0);
	}
	if (by >= 0) addConstant(low);
	else if (theTurns != 0) addConstant(low + mul(theTurns - 1, by));
	else {
		addConstant(low);
		pushWay(pointer);
		plain(Op.I32_SUB, 0);
	}
}

/** X */
function pushExtent(pointer: i32): void {
	const by = load32(pointer + Pointer.BY);
	if (theTurns != 0 || by == 0) plain(Op.I32_CONST, beyond(pointer) + mul(theTurns - 1, amount(by)));
	else {
		pushWay(pointer);
		addConstant(beyond(pointer));
	}
}

/** To the second copy when the comparison holds. */
function refuseIf(op: i32): void {
	plain(op, 0);
	plain(Op.BR_IF, 0);
}

function refusePointer(pointer: i32): void {
	pushLowest(pointer);
	pushExtent(pointer);
	plain(Op.PLAN_MEMORY_ROOM, Entry.SLACK);
	refuseIf(Op.I32_GT_U);
}

function block(branches: i32): void {
	record(Op.BLOCK, 0, 0x40, branches);
}

/** `room`: R */
function writeConditions(room: i32): void {
	block(1);
	if (theTurns != 0) block(conditions);
	else {
		block(1 + conditions);
		pushQuotient();
		addConstant(isLate() ? -1 : 0);
		plain(Op.I32_CONST, rounded(isLate() ? room : room + 1));
		refuseIf(Op.I32_GE_U);
	}
	for (let i = 0; i < pointers; i++)
		if (load32(pointerEntry(i) + Pointer.LOW) != Entry.FAR) refusePointer(pointerEntry(i));
}

/** A block ends, whose last record has been written. */
export function endEntry(): void {
	if (depth != watched) return;
	watched = -1;
	const bytes = nextRecord() - first;
	const length = position - start;
	if (length > Entry.DENSITY * accesses || length > Entry.BYTES || length > budget || bytes > Entry.RECORDS << 3)
		return;
	if (!fits((bytes >> 3) + Entry.FRAME + conditions * Entry.CONDITION)) return;
	for (let i = 0; i < accesses; i++) {
		const pointer = load32(accessEntry(i) + 4);
		const end = load32(accessEntry(i) + 8) + (recordA(load32(accessEntry(i))) >> Entry.EXTRA);
		if (end > load32(pointer + Pointer.END)) store32(pointer + Pointer.END, end);
	}
	let room = roomForAll();
	if (theTurns != 0 && ltu(room, theTurns - 1)) {
		// it may well have fewer
		theTurns = 0;
		room = roomForAll();
	}
	if (room < Entry.LEAST) return;
	budget -= length;
	writeTwice(bytes, room);
}

function writeTwice(bytes: i32, room: i32): void {
	const written = nextRecord();
	writeConditions(room);
	const before = nextRecord() - written;
	const copy1 = first + before;
	const copy2 = copy1 + bytes + 24;
	copy(copy2, first, bytes);
	copy(first, written, before);
	copy(copy1, copy2, bytes);
	for (let i = 0; i < accesses; i++) {
		const access = load32(accessEntry(i)) + before;
		patchA(access, (recordA(access) & Entry.ALIGNED) | Entry.CHECK);
	}
	seekRecord(copy1 + bytes);
	plain(Op.BR, 1);
	plain(Op.END, 0);
	plain(Op.PLAN_OFFSET, offsetOf(start));
	seekRecord(copy2 + bytes);
	plain(Op.END, 0);
}
