/**
 * What pass 1 notes for pass 2.
 *
 * One area, used from both ends. From the low end, a note for each live block, in order of appearance:
 *
 *     block, if     u16 branches to the label
 *     loop          u16 branches, u16 flags and number of uses, u16 where its uses are, u16 where its inductions are,
 *                   u16 their number,
 *                   u16 ... bit set of the locals that the loop assigns
 *
 * From the high end, u32 for each use: weight in the high half, local in the low one; and two u32 for each induction
 * (induction.ts). When the area is full, later blocks have no note, and pass 2 takes
 * them for the worst: many branches, all locals assigned, no uses known.
 */

import { growNotes, notes, notesEnd } from "./function-arena";
import { Limit } from "./limit";
import { limit, Size } from "./limits";
import { load16, load32, ltu, store16, store32 } from "./memory";

/** No note. */
export const NO_NOTE: i32 = 0xffff;

export const enum LoopFlag {
	CALL = 1,
	LOOP = 2,
	/** handles i64 values */
	I64 = 4,
	USES_SHIFT = 8,
}

const enum NoteSize {
	/** of a loop, without the set */
	LOOP = 10,
	/** not for inductions */
	SPARE = 512,
}

/** Bytes that the area may have; those in use at its low end, and at its high one, which moves when the area grows. */
let most: i32 = 0;
let top: i32 = 0;
let used: i32 = 0;
let full: boolean = false;
let cursor: i32 = 0;
/** Half-words of a loop's bit set. */
let words: i32 = 0;

/** Begins the notes of a function with so many locals. */
export function openNotes(locals: i32): void {
	most = limit(Limit.NOTES) & ~3;
	top = 0;
	used = 0;
	full = false;
	words = locals > Size.FACTS ? Size.FACTS >> 4 : (locals + 15) >> 4;
}

/** Pass 2 begins. */
export function rewindNotes(): void {
	cursor = 0;
}

/** Makes so many bytes between the two ends exist, which the limit allows. */
function makeRoom(bytes: i32): void {
	while (notesEnd - notes - used - top < bytes) growNotes(notesEnd - used, most);
}

/** A note for the next live block. Its offset in the notes, or NO_NOTE. */
export function addNote(isLoop: boolean): i32 {
	const bytes = isLoop ? NoteSize.LOOP + (words << 1) : 2;
	if (full || top + bytes > most - used) {
		full = true;
		return NO_NOTE;
	}
	makeRoom(bytes);
	const note = top;
	for (let i = 0; i < bytes; i += 2) store16(notes + note + i, 0);
	top += bytes;
	return note;
}

/** The same note, in pass 2. */
export function nextNote(isLoop: boolean): i32 {
	if (cursor >= top) return NO_NOTE;
	const note = cursor;
	cursor += isLoop ? NoteSize.LOOP + (words << 1) : 2;
	return note;
}

export function countBranch(note: i32): void {
	if (note == NO_NOTE) return;
	const count = load16(notes + note);
	if (count < 0xffff) store16(notes + note, count + 1);
}

/** Branches to the label; 65535: or more. */
export function branches(note: i32): i32 {
	return note == NO_NOTE ? 0xffff : load16(notes + note);
}

export function setLoopFlag(note: i32, flag: i32): void {
	if (note != NO_NOTE) store16(notes + note + 2, load16(notes + note + 2) | flag);
}

/** Flags in the low byte, number of uses above. */
export function loopFlags(note: i32): i32 {
	return note == NO_NOTE ? LoopFlag.CALL | LoopFlag.LOOP | LoopFlag.I64 : load16(notes + note + 2);
}

export function assignLocal(note: i32, local: i32): void {
	if (note == NO_NOTE || local >= Size.FACTS) return;
	const address = notes + note + NoteSize.LOOP + ((local >> 4) << 1);
	store16(address, load16(address) | (1 << (local & 15)));
}

/** Half-words of a loop's set. */
export function assignedWords(): i32 {
	return words;
}

/** Half-word `index` of the set of locals that the loop assigns. */
export function assigned(note: i32, index: i32): i32 {
	return load16(notes + note + NoteSize.LOOP + (index << 1));
}

/** What the inner loop assigns, calls, contains and handles, the outer one does, too. */
export function joinLoops(outer: i32, inner: i32): void {
	if (outer == NO_NOTE) return;
	setLoopFlag(outer, LoopFlag.LOOP | (loopFlags(inner) & 0xff));
	// an inner loop without a note has marked the outer one's set itself
	if (inner == NO_NOTE) return;
	for (let i = 0; i < words; i++) {
		const address = notes + outer + NoteSize.LOOP + (i << 1);
		store16(address, load16(address) | assigned(inner, i));
	}
}

/** How many uses there is room for, at most `count`. */
export function roomForUses(count: i32): i32 {
	const room = (most - used - top) >> 2;
	const uses = room < count ? room : count;
	makeRoom(uses << 2);
	return uses;
}

/** Puts a use among the `count` new ones, which are in order of their weights. */
export function insertUse(local: i32, weight: i32, count: i32): void {
	const end = notesEnd - used;
	const least = weight << 16;
	const most = least | 0xffff;
	let at = end - (count << 2);
	while (at < end) {
		const word = load32(at);
		if (ltu(most, word)) break;
		store32(at - 4, word);
		at += 4;
	}
	store32(at - 4, local | least);
}

/** Weight of the last of `count` new uses. */
export function useWeight(count: i32): i32 {
	return load16(notesEnd - used - (count << 2) + 2);
}

/** Keeps the `count` new uses. */
export function takeUses(count: i32): void {
	used += count << 2;
}

/** Has a block been left without a note? */
export function isFull(): boolean {
	return full;
}

/** Appends an induction. False when there is little room: blocks and uses come first. */
export function addWord(first: i32, second: i32): boolean {
	if (most - used - NoteSize.SPARE < top) return false;
	makeRoom(8);
	used += 8;
	store32(notesEnd - used + 4, first);
	store32(notesEnd - used, second);
	return true;
}

/** The inductions of a loop are the `count` ones added since usesAt() was `start`. */
export function setInductions(note: i32, start: i32, count: i32): void {
	store16(notes + note + 6, start);
	store16(notes + note + 8, count);
}

export function inductionsOf(note: i32): i32 {
	return note == NO_NOTE ? 0 : load16(notes + note + 8);
}

/** First word of a loop's induction `index`: the second word is below it. */
export function inductionAt(note: i32, index: i32): i32 {
	return notesEnd - load16(notes + note + 6) - (index << 3) - 4;
}

/** Where the next use will be, counted from the end. */
export function usesAt(): i32 {
	return used;
}

/** The uses of a loop are the `count` ones added since usesAt() was `start`. */
export function setUses(note: i32, start: i32, count: i32): void {
	if (note == NO_NOTE) return;
	store16(notes + note + 2, load16(notes + note + 2) | (count << LoopFlag.USES_SHIFT));
	store16(notes + note + 4, start);
}

export function usesOf(note: i32): i32 {
	return load16(notes + note + 4);
}

/** Use `index` of those that began at `start`. */
export function use(start: i32, index: i32): i32 {
	return load32(notesEnd - start - ((index + 1) << 2));
}
