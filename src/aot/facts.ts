/**
 * Pass 2: what is known of operands and locals, and for how long. Provers put knowledge in and draw conclusions; this file only keeps it.
 *
 * A value: i32 lo, i32 hi (unsigned bounds), a word of Known flags with the number of its known low zero bits and, in the upper half, its root, and
 * i32 displacement. The word 0: nothing is known. An operand is these 16 bytes, for the first Size.RANGES of the stack; a local 20 (u16 epoch, u16 place
 * in the log more), for the first Size.FACTS; what lies beyond is not known. A local whose epoch is not the present one has what it began with: 0, or
 * nothing for a parameter.
 *
 * A root is the name of one value of one moment: the value is (that of the root + displacement) mod 2^32. A local gets a root of its own when it gets a
 * value that has none, or is read while its value has none; copies and sums with constants share it. A root is never given another value within one
 * execution of the code that it was made in; what is learnt of a root (prover-checked.ts, compares.ts) holds as long as that code's block.
 *
 * Where control flow meets, every local that got a value or root on the way is forgotten: the log lists them, so that a block costs what was assigned in it.
 *   block, if: at `else`, and at `end` when a branch or the other arm meets there, all that was learnt since the block began is forgotten.
 *   loop: what the loop assigns (pass 1 noted it) is forgotten at its beginning; so all that is known in it holds in every turn.
 * What was known before and has not been assigned since holds on every way, since it held where the ways parted.
 * An entry of the log is u16 local, u16 the local's place further down. When the log is full, nothing more is learnt.
 */

import { Place, Size } from "./limits";
import { locals, parameters } from "./locals";
import { fill, load16, load32, store16, store32 } from "./memory";

export const enum Known {
	/** lo and hi are bounds; else they are not to be read */
	RANGE = 1,
	/** the instruction before was a constant: P1 may use it */
	LITERAL = 2,
	/** of a type that no prover asks about */
	FOREIGN = 4,
	/** the range stands on a counted loop */
	COUNTED = 8,
	/** flags that the result of a computation inherits */
	INHERITED = 8,
	/** low zero bits, 0 to 32 */
	ZEROS = 8,
	ZEROS_MASK = 0xff,
	ROOT = 16,
	MASK = 0xffff,
}

/** Roots: 0 none, 1 the number 0. */
export const enum Root {
	NONE = 0,
	ZERO = 1,
	FIRST = 2,
	END = 0xffff,
}

/** Operands. */
export let height: i32 = 0;
/** Values in the log. */
export let logTop: i32 = 0;

const NO_PLACE: i32 = 0xffff;

/** A local with another epoch has not been touched in this function (nor since all was forgotten). */
let epoch: i32 = 0;
/** Untouched declared locals are 0. */
let zeros: boolean = false;
let nextRoot: i32 = 0;

/** A function begins. */
export function openFacts(): void {
	height = 0;
	logTop = 0;
	epoch = 0xffff;
	newEpoch();
	zeros = true;
	nextRoot = Root.FIRST;
}

function newEpoch(): void {
	// a new function, or the epochs have been used up: no local may bear an old one
	if (epoch == 0xffff) {
		fill(Place.FACTS, 0, (locals < Size.FACTS ? locals : Size.FACTS) * Size.FACT);
		epoch = 0;
	}
	epoch++;
}

/* operands */

/** The two values that readPair has found: the word of what is known, the bounds (0 and -1 where there are none), low zero bits. */
export let wordA: i32 = 0;
export let lowA: i32 = 0;
export let highA: i32 = 0;
export let zerosA: i32 = 0;
export let wordB: i32 = 0;
export let lowB: i32 = 0;
export let highB: i32 = 0;
export let zerosB: i32 = 0;

/** Reads all that is known of operands `index` and `index` + 1, once. */
export function readPair(index: i32): void {
	lowA = 0;
	highA = -1;
	lowB = 0;
	highB = -1;
	wordA = 0;
	wordB = 0;
	if (index < Size.RANGES) {
		const address = range(index);
		wordA = load32(address + 8);
		if ((wordA & Known.RANGE) != 0) {
			lowA = load32(address);
			highA = load32(address + 4);
		}
		if (index + 1 < Size.RANGES) {
			wordB = load32(address + Size.RANGE + 8);
			if ((wordB & Known.RANGE) != 0) {
				lowB = load32(address + Size.RANGE);
				highB = load32(address + Size.RANGE + 4);
			}
		}
	}
	zerosA = (wordA >> Known.ZEROS) & Known.ZEROS_MASK;
	zerosB = (wordB >> Known.ZEROS) & Known.ZEROS_MASK;
}

/** Address of operand `index`, which is tracked. */
function range(index: i32): i32 {
	return Place.RANGES + index * Size.RANGE;
}

/** What is known of operand `index`, counted from the bottom; not its root. */
export function knownOf(index: i32): i32 {
	return index < Size.RANGES ? load32(range(index) + 8) & Known.MASK : 0;
}

export function lowOf(index: i32): i32 {
	return (knownOf(index) & Known.RANGE) != 0 ? load32(range(index)) : 0;
}

export function highOf(index: i32): i32 {
	return (knownOf(index) & Known.RANGE) != 0 ? load32(range(index) + 4) : -1;
}

export function zerosOf(index: i32): i32 {
	return (knownOf(index) >> Known.ZEROS) & Known.ZEROS_MASK;
}

/** True when operand `index` is one value. */
export function isExact(index: i32): boolean {
	return (knownOf(index) & Known.RANGE) != 0 && lowOf(index) == highOf(index);
}

/** Root of operand `index`, Root.NONE: it has none. */
export function rootOf(index: i32): i32 {
	if (isExact(index)) return Root.ZERO;
	return index < Size.RANGES ? load32(range(index) + 8) >>> Known.ROOT : Root.NONE;
}

/** Displacement of operand `index`, which has a root. */
export function displacementOf(index: i32): i32 {
	return isExact(index) ? lowOf(index) : load32(range(index) + 12);
}

export function setRoot(index: i32, root: i32, displacement: i32): void {
	if (index >= Size.RANGES) return;
	const address = range(index);
	store32(address + 8, (load32(address + 8) & Known.MASK) | (root << Known.ROOT));
	store32(address + 12, displacement);
}

export function setHeight(value: i32): void {
	height = value;
}

function pushWord(word: i32): void {
	if (height < Size.RANGES) store32(range(height) + 8, word);
	height++;
}

export function pushUnknown(): void {
	pushWord(0);
}

/** Pushes a value that is not an i32. */
export function pushForeign(): void {
	pushWord(Known.FOREIGN);
}

export function pushUnknowns(count: i32): void {
	for (let i = 0; i < count; i++) pushUnknown();
}

/** Pushes a value in [low, high], unsigned, with so many low zero bits, and no root. */
export function pushRange(low: i32, high: i32, zeroBits: i32, flags: i32): void {
	if (height < Size.RANGES) {
		const address = range(height);
		store32(address, low);
		store32(address + 4, high);
	}
	pushWord(flags | Known.RANGE | (zeroBits << Known.ZEROS));
}

/** Operand `index` is known to be in [low, high]; what else is known of it stays. */
export function setBounds(index: i32, low: i32, high: i32): void {
	if (index >= Size.RANGES) return;
	store32(range(index), low);
	store32(range(index) + 4, high);
	addFlags(index, Known.RANGE);
}

/** Adds flags to what is known of operand `index`. */
export function addFlags(index: i32, flags: i32): void {
	if (index < Size.RANGES) store32(range(index) + 8, load32(range(index) + 8) | flags);
}

/* locals */

function copyValue(to: i32, from: i32): void {
	store32(to, load32(from));
	store32(to + 4, load32(from + 4));
	store32(to + 8, load32(from + 8));
	store32(to + 12, load32(from + 12));
}

function fact(local: i32): i32 {
	return Place.FACTS + local * Size.FACT;
}

function isTouched(address: i32): boolean {
	return load16(address + 16) == epoch;
}

function newRoot(): i32 {
	if (nextRoot == Root.END) return Root.NONE;
	nextRoot++;
	return nextRoot - 1;
}

/** Pushes the value of a local. `mark` is the log's length when the innermost block began. */
export function getLocal(local: i32, mark: i32): void {
	if (local >= Size.FACTS) {
		pushUnknown();
		return;
	}
	const address = fact(local);
	if (!isTouched(address)) {
		if (zeros && local >= parameters) {
			pushRange(0, 0, 32, 0);
			return;
		}
		forgetLocal(local);
	}
	if (height >= Size.RANGES) {
		height++;
		return;
	}
	if (load32(address + 8) == 0 && enterLog(local, mark)) {
		store32(address + 8, newRoot() << Known.ROOT);
		store32(address + 12, 0);
	}
	copyValue(range(height), address);
	height++;
}

function forgetLocal(local: i32): void {
	const address = fact(local);
	if (!isTouched(address)) touch(address, NO_PLACE);
	store32(address + 8, 0);
}

function touch(address: i32, place: i32): void {
	store16(address + 16, epoch);
	store16(address + 18, place);
}

/** Has the log an entry of the local since it was `mark` long? Makes one if not. False when there is no room. */
function enterLog(local: i32, mark: i32): boolean {
	const address = fact(local);
	const place = isTouched(address) ? load16(address + 18) : NO_PLACE;
	if (place != NO_PLACE && place >= mark) return true;
	if (logTop == Size.LOG) return false;
	touch(address, logTop);
	store16(Place.LOG + (logTop << 2), local);
	store16(Place.LOG + (logTop << 2) + 2, place);
	logTop++;
	return true;
}

/** Pops a value into a local. The operand stays in its place, with its root, until another is pushed. */
export function setLocal(local: i32, mark: i32): void {
	height--;
	if (local >= Size.FACTS) return;
	const address = fact(local);
	if ((knownOf(height) & Known.FOREIGN) != 0) {
		forgetLocal(local);
		store32(address + 8, Known.FOREIGN);
		return;
	}
	if (height >= Size.RANGES || !enterLog(local, mark)) {
		forgetLocal(local);
		return;
	}
	if (rootOf(height) == Root.NONE) setRoot(height, newRoot(), 0);
	copyValue(address, range(height));
	store32(address + 8, load32(address + 8) & ~Known.LITERAL);
}

/** Forgets what was learnt of locals since the log was `mark` long. */
export function forgetSince(mark: i32): void {
	while (logTop > mark) {
		logTop--;
		const local = load16(Place.LOG + (logTop << 2));
		forgetLocal(local);
		touch(fact(local), load16(Place.LOG + (logTop << 2) + 2));
	}
}

/** Forgets the locals of half-word `index` of a bit set. */
export function forgetSet(index: i32, set: i32): void {
	let local = index << 4;
	for (let rest = set; rest != 0; rest >>>= 1) {
		if ((rest & 1) != 0) forgetLocal(local);
		local++;
	}
}

/** Forgets all locals. */
export function forgetAll(): void {
	newEpoch();
	zeros = false;
}
