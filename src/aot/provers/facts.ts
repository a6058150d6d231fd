/**
 * Pass 2: what is known of operands and locals, and for how long. Provers put knowledge in and draw conclusions; this
 * file only keeps it.
 *
 * A value: i32 lo, i32 hi (unsigned bounds), a word of Known flags with the number of its known low zero bits and, in
 * the upper half, its root, and i32 displacement. The word 0: nothing is known. An operand is these 16 bytes, for the
 * first Size.RANGES of the stack; a local 20 (u16 epoch, u16 place in the log more), for the first Size.FACTS; what
 * lies beyond is not known. A local whose epoch is not the present one has what it began with: 0, or nothing for a
 * parameter.
 *
 * A root is the name of one value of one moment: the value is (that of the root + displacement) mod 2^32. A local gets
 * a root of its own when it gets a value that has none, or is read while its value has none; copies and sums with
 * constants share it. A root is never given another value within one execution of the code that it was made in; what is
 * learnt of a root (prover-checked.ts, compares.ts) holds as long as that code's block.
 *
 * Where control flow meets, every local that got a value or root on the way is forgotten: the log lists them, so that a
 * block costs what was assigned in it.
 *   block, if: at `else`, and at `end` when a branch or the other arm meets there, all that was learnt since the block
 *   began is forgotten.
 *   loop: what the loop assigns (pass 1 noted it) is forgotten at its beginning; so all that is known in it holds in
 *   every turn.
 * What was known before and has not been assigned since holds on every way, since it held where the ways parted.
 * An entry of the log is u16 local, u16 the local's place further down. When the log is full, nothing more is learnt.
 */

import { Place, Size } from "../base/limits";
import { locals, parameters } from "../decode/locals";
import { fill, load16, load32, ltu, store32 } from "../base/memory";

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

/**
 * The two values that readPair has found: the word of what is known, the bounds (0 and -1 where there are none), low
 * zero bits.
 */
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
	let word = 0;
	let low = 0;
	let high = -1;
	if (ltu(index, Size.RANGES)) {
		word = load32(range(index) + 8);
		if ((word & Known.RANGE) != 0) {
			low = load32(range(index));
			high = load32(range(index) + 4);
		}
	}
	wordA = word;
	lowA = low;
	highA = high;
	zerosA = (word >> Known.ZEROS) & Known.ZEROS_MASK;
	const second = index + 1;
	word = 0;
	low = 0;
	high = -1;
	if (ltu(second, Size.RANGES)) {
		word = load32(range(second) + 8);
		if ((word & Known.RANGE) != 0) {
			low = load32(range(second));
			high = load32(range(second) + 4);
		}
	}
	wordB = word;
	lowB = low;
	highB = high;
	zerosB = (word >> Known.ZEROS) & Known.ZEROS_MASK;
}

/** Address of operand `index`, which is tracked. */
export function range(index: i32): i32 {
	return Place.RANGES + index * Size.RANGE;
}

/** What is known of operand `index`, counted from the bottom; not its root. */
export function knownOf(index: i32): i32 {
	return ltu(index, Size.RANGES) ? load32(range(index) + 8) & Known.MASK : 0;
}

/** What is known of operand `index`, with its root: 0, nothing. */
export function wordOf(index: i32): i32 {
	return ltu(index, Size.RANGES) ? load32(range(index) + 8) : 0;
}

/* Bounds of operand `index`: 0 and -1, unsigned, where none are known. */

export function lowOf(index: i32): i32 {
	return (knownOf(index) & Known.RANGE) != 0 ? load32(range(index & (Size.RANGES - 1))) : 0;
}

export function highOf(index: i32): i32 {
	return (knownOf(index) & Known.RANGE) != 0 ? load32(range(index & (Size.RANGES - 1)) + 4) : -1;
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
	const word = wordOf(index);
	return (word & Known.RANGE) != 0 && isExact(index) ? Root.ZERO : word >>> Known.ROOT;
}

/** Displacement of operand `index`, which has a root. */
export function displacementOf(index: i32): i32 {
	const address = range(index & (Size.RANGES - 1));
	if ((load32(address + 8) & Known.RANGE) != 0 && load32(address) == load32(address + 4)) return load32(address);
	return load32(address + 12);
}

export function setRoot(index: i32, root: i32, displacement: i32): void {
	if (!ltu(index, Size.RANGES)) return;
	const address = range(index);
	store32(address + 8, (load32(address + 8) & Known.MASK) | (root << Known.ROOT));
	store32(address + 12, displacement);
}

export function setHeight(value: i32): void {
	height = value;
}

function pushWord(word: i32): void {
	const at = height;
	if (ltu(at, Size.RANGES)) store32(range(at) + 8, word);
	height = at + 1;
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
	const at = height;
	height = at + 1;
	if (!ltu(at, Size.RANGES)) return;
	const address = range(at);
	store32(address, low);
	store32(address + 4, high);
	store32(address + 8, flags | Known.RANGE | (zeroBits << Known.ZEROS));
}

/** Operand `index` is known to be in [low, high]; what else is known of it stays. */
export function setBounds(index: i32, low: i32, high: i32): void {
	if (!ltu(index, Size.RANGES)) return;
	const address = range(index);
	store32(address, low);
	store32(address + 4, high);
	store32(address + 8, load32(address + 8) | Known.RANGE);
}

/** Adds flags to what is known of operand `index`. */
export function addFlags(index: i32, flags: i32): void {
	if (ltu(index, Size.RANGES)) store32(range(index) + 8, load32(range(index) + 8) | flags);
}

/* locals */

function fact(local: i32): i32 {
	return Place.FACTS + local * Size.FACT;
}

export function newRoot(): i32 {
	if (nextRoot == Root.END) return Root.NONE;
	nextRoot++;
	return nextRoot - 1;
}

/** Pushes the value of a local. `mark` is the log's length when the innermost block began. */
export function getLocal(local: i32, mark: i32): void {
	if (!ltu(local, Size.FACTS)) {
		pushUnknown();
		return;
	}
	const from = fact(local);
	if (load16(from + 16) != epoch) {
		if (zeros && local >= parameters) {
			pushRange(0, 0, 32, 0);
			return;
		}
		forgetLocal(local);
	}
	const at = height;
	height = at + 1;
	if (!ltu(at, Size.RANGES)) return;
	const to = range(at);
	let word = load32(from + 8);
	if (word == 0) {
		if (enterLog(local, mark)) {
			word = newRoot() << Known.ROOT;
			store32(from + 8, word);
			store32(from + 12, 0);
		}
	} else if ((word & Known.RANGE) != 0) {
		store32(to, load32(from));
		store32(to + 4, load32(from + 4));
	}
	store32(to + 8, word);
	store32(to + 12, load32(from + 12));
}

/** The root of what is known of a local, one of Size.FACTS; Root.NONE: none. */
export function factRoot(local: i32): i32 {
	return load16(fact(local) + 16) == epoch ? load32(fact(local) + 8) >>> Known.ROOT : Root.NONE;
}

/** Displacement of a local that has a root. */
export function factDisplacement(local: i32): i32 {
	return load32(fact(local) + 12);
}

function forgetLocal(local: i32): void {
	if (!ltu(local, Size.FACTS)) return;
	const address = fact(local);
	if (load16(address + 16) != epoch) store32(address + 16, epoch | (NO_PLACE << 16));
	store32(address + 8, 0);
}

/**
 * Has the log an entry of the local, one of Size.FACTS, since it was `mark` long? Makes one if not. False when there is
 * no room.
 */
function enterLog(local: i32, mark: i32): boolean {
	const state = load32(fact(local) + 16);
	const place = (state & 0xffff) == epoch ? state >>> 16 : NO_PLACE;
	return (place != NO_PLACE && place >= mark) || appendLog(local, place);
}

function appendLog(local: i32, place: i32): boolean {
	const at = logTop;
	if (!ltu(at, Size.LOG) || !ltu(local, Size.FACTS)) return false;
	store32(fact(local) + 16, epoch | (at << 16));
	store32(Place.LOG + (at << 2), local | (place << 16));
	logTop = at + 1;
	return true;
}

/** Pops a value into a local. The operand stays in its place, with its root, until another is pushed. */
export function setLocal(local: i32, mark: i32): void {
	const at = height - 1;
	height = at;
	if (!ltu(local, Size.FACTS)) return;
	const to = fact(local);
	if (!ltu(at, Size.RANGES)) {
		forgetLocal(local);
		return;
	}
	const from = range(at);
	let word = load32(from + 8);
	if ((word & Known.FOREIGN) != 0) {
		forgetLocal(local);
		store32(to + 8, Known.FOREIGN);
		return;
	}
	if (!enterLog(local, mark)) {
		forgetLocal(local);
		return;
	}
	let single = false;
	if ((word & Known.RANGE) != 0) {
		const low = load32(from);
		const high = load32(from + 4);
		single = low == high;
		store32(to, low);
		store32(to + 4, high);
	}
	if (!single && word >>> Known.ROOT == Root.NONE) {
		word |= newRoot() << Known.ROOT;
		store32(from + 8, word);
		store32(from + 12, 0);
	}
	store32(to + 8, word & ~Known.LITERAL);
	store32(to + 12, load32(from + 12));
}

/** Forgets what was learnt of locals since the log was `mark` long. */
export function forgetSince(mark: i32): void {
	for (let at = logTop - 1; at >= mark; at--) {
		const entry = load32(Place.LOG + ((at & (Size.LOG - 1)) << 2));
		const address = fact(entry & (Size.FACTS - 1));
		store32(address + 8, 0);
		store32(address + 16, epoch | (entry & (NO_PLACE << 16)));
	}
	if (logTop > mark) logTop = mark;
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
