/**
 * The limits of a board, and the layout of the front end's memory that follows from them.
 *
 * What has a fixed size comes first, at constant addresses (Place). The tables of a module get the room that its
 * sections ask for, within the limits, before the window, which moves up. The window grows to the largest function
 * body. Behind it lies what a function needs (areas.ts).
 *
 *     limits | types | opcode rows | locals and constants | scratch | plan buffer | types, functions, globals, tables,
 *     segments | input window | areas
 */

import { insertRoom } from "./input";
import { leastLimit, Limit, mostLimit, standardLimit } from "./limit";
import { copy, least, load32, reserve, store32, store8 } from "./memory";

/** Sizes that are not a board's choice. */
export const enum Size {
	/**
	 * locals of which it is known whether they begin as zero: 1 byte each, and 2 in scratch, and 2 for each open block
	 */
	ZEROS = 256,
	FRAME = 16,
	/** locals that provers know, and bytes for each */
	FACTS = 128,
	FACT = 20,
	/** operands that provers know, and bytes for each */
	RANGES = 64,
	RANGE = 16,
	/** constants of a function's loops that have locals: 12 bytes each; integers among them */
	POOLED = 16,
	POOLED_INTEGERS = 8,
	/** assignments of one float local to another that are kept track of: 2 bytes each */
	COPIES = 8,
	/** locals in the log of what was learnt, 4 bytes each */
	LOG = 256,
	/** checks that P3 remembers, and bytes for each */
	CHECKS = 16,
	CHECK = 12,
	/** checks that W may still widen, a power of 2: 16 bytes each */
	GROUPS = 4,
	/** accesses of a loop that P6 looks at, 12 bytes each; and pointers, 28 bytes each */
	ACCESSES = 8,
	POINTERS = 8,
	/** comparisons that P2 remembers, and bytes for each */
	BOUNDS = 12,
	BOUND = 16,
	/** what pass 1 knows of induction variables at a time, 16 bytes each; of one loop pass 2 takes */
	INDUCTIONS = 24,
	STEPS = 8,
	/** records of a constant expression */
	EXPRESSION = 64,
	/** globals whose value may give the memory's backed size */
	LITERALS = 32,
	/** bytes of a BYTES record */
	PIECE = 256,
}

/**
 * Addresses of what has a fixed size: constants, so that compiled accesses need no checks. Nothing lies at 0, which
 * stands for none.
 */
export const enum Place {
	LIMITS = 16,
	TYPE_BYTES = LIMITS + (Limit.COUNT << 2),
	SINGLES = TYPE_BYTES + 8,
	ROWS = SINGLES + 8,
	ZERO_STATES = ROWS + 1024,
	COPIES = ZERO_STATES + Size.ZEROS,
	LITERALS = COPIES + (Size.COPIES << 1),
	POOLED = LITERALS + (Size.LITERALS << 2),
	/**
	 * the names of the exports; operands of constant expressions; by turns what pass 1 counts and what the provers know
	 */
	SCRATCH = POOLED + Size.POOLED * 12,
	STARTS = SCRATCH,
	INDUCTIONS = STARTS + 64,
	/** the rest of pass 1's, whose sizes are limits */
	PASS_1 = INDUCTIONS + (Size.INDUCTIONS << 4),
	BOUNDS = SCRATCH,
	CHECKED = BOUNDS + Size.BOUNDS * Size.BOUND,
	GROUPS = CHECKED + Size.CHECKS * Size.CHECK,
	ENTRY_ACCESSES = GROUPS + (Size.GROUPS << 4),
	ENTRY_POINTERS = ENTRY_ACCESSES + Size.ACCESSES * 12,
	RANGES = ENTRY_POINTERS + Size.POINTERS * 28,
	STEPS = RANGES + Size.RANGES * Size.RANGE,
	FACTS = STEPS + (Size.STEPS << 4),
	LOG = FACTS + Size.FACTS * Size.FACT,
	/** of the provers */
	END = LOG + (Size.LOG << 2),
}

/** The defaults have been set. */
let isSet: boolean = false;

/** Addresses. */
export let typeIndex: i32 = 0;
export let typePool: i32 = 0;
/** Type indices, of `typeBits` bits each, from the low bits of half-words on. */
export let functionTypes: i32 = 0;
export let typeBits: i32 = 0;
export let declared: i32 = 0;
export let globals: i32 = 0;
export let tables: i32 = 0;
export let elements: i32 = 0;
export let planBuffer: i32 = 0;
export let window: i32 = 0;
/** In scratch. */
export let useSlots: i32 = 0;
export let useEntries: i32 = 0;
export let zeroLog: i32 = 0;

let top: i32 = 0;

function take(bytes: i32): i32 {
	const address = top;
	top = (top + bytes + 3) & ~3;
	return address;
}

export function limit(index: i32): i32 {
	return load32(Place.LIMITS + (index << 2));
}

/** Entries of the table of export names: a power of 2 above the limit of exports. */
export function exportSlots(): i32 {
	let slots = 8;
	while (slots <= limit(Limit.EXPORTS)) slots <<= 1;
	return slots;
}

function layOutScratch(): void {
	top = Place.PASS_1;
	useSlots = take(limit(Limit.USES) << 1);
	useEntries = take(limit(Limit.USES) << 3);
	zeroLog = take((Size.ZEROS + limit(Limit.NESTING) + 2) << 1);
	const names = Place.SCRATCH + (exportSlots() << 3);
	if (top < names) top = names;
	if (top < Place.END) top = Place.END;
}

/** What the widths of fields allow, and what the front end needs at least. */
function clampLimits(): void {
	for (let index = 0; index < Limit.EXPRESSION; index++) {
		if (limit(index) < leastLimit(index)) setLimit(index, leastLimit(index));
		if (limit(index) > mostLimit(index)) setLimit(index, mostLimit(index));
	}
	setLimit(Limit.EXPRESSION, Size.EXPRESSION);
}

/** Lays out the memory. Returns its size, the window included. */
export function layOut(): i32 {
	if (!isSet) setDefaults();
	clampLimits();
	layOutScratch();
	planBuffer = take(limit(Limit.PLAN));
	window = take(0);
	reserve(window + limit(Limit.WINDOW));
	fillTypes();
	return window + limit(Limit.WINDOW);
}

/**
 * Room for a table of so many bytes, before the window; what is at `old` and has `used` bytes is copied to it. Its
 * address.
 */
function makeTable(bytes: i32, old: i32, used: i32): i32 {
	const address = insertRoom((bytes + 3) & ~3);
	if (used > 0) copy(address, old, used);
	return address;
}

/** `count` types come, in so many bytes. */
export function roomForTypes(count: i32, bytes: i32): void {
	typeIndex = makeTable(least(count, limit(Limit.TYPES)) << 1, 0, 0);
	typePool = makeTable(least(bytes, limit(Limit.TYPE_BYTES)), 0, 0);
}

/** `count` functions of `types` types come after `there` ones. */
export function roomForFunctions(count: i32, there: i32, types: i32): void {
	const all = there + least(count, limit(Limit.FUNCTIONS) - there);
	typeBits = 1;
	while (1 << typeBits < types) typeBits++;
	// two half-words are read at a time
	functionTypes = makeTable((((all * typeBits) >> 4) << 1) + 4, functionTypes, (there * typeBits + 7) >> 3);
	declared = makeTable((all + 7) >> 3, declared, (there + 7) >> 3);
}

export function roomForTables(count: i32, there: i32): void {
	tables = makeTable(there + least(count, limit(Limit.TABLES) - there), tables, there);
}

export function roomForGlobals(count: i32, there: i32): void {
	globals = makeTable(there + least(count, limit(Limit.GLOBALS) - there), globals, there);
}

export function roomForElements(count: i32): void {
	elements = makeTable(least(count, limit(Limit.ELEMENTS)), 0, 0);
}

function fillTypes(): void {
	for (let type = 0; type < 8; type++) store8(Place.SINGLES + type, type);
	store8(Place.TYPE_BYTES, 0x40);
	for (let type = 1; type < 5; type++) store8(Place.TYPE_BYTES + type, 0x80 - type);
	store8(Place.TYPE_BYTES + 5, 0x70);
	store8(Place.TYPE_BYTES + 6, 0x6f);
	store8(Place.TYPE_BYTES + 7, 0x40);
}

export function setLimit(index: i32, value: i32): void {
	if (!isSet) setDefaults();
	store32(Place.LIMITS + (index << 2), value);
}

/** Without a board's. */
function setDefaults(): void {
	isSet = true;
	reserve(Place.END);
	for (let index = 0; index < Limit.COUNT; index++) setLimit(index, standardLimit(index));
}
