/**
 * What the passes keep of the function at hand, in the memory behind the window: as much as this function needs. Each
 * area begins small and grows; whoever grows one moves those behind it, so that no address in them may be held
 * meanwhile.
 *
 *     runs of locals | frames | operands | notes
 *
 * The notes grow in their middle (notes.ts). Pass 2 finds frames and notes as large as pass 1 has made them, and needs
 * no more.
 */

import { windowEnd } from "./input";
import { Size } from "./limits";
import { copy, ltu, reserve } from "./memory";

/** At first, and the least that an area grows by. */
const enum Room {
	FRAMES = 16 * Size.FRAME,
	OPERANDS = 64,
	NOTES = 256,
}

/** Addresses: where an area begins, and behind its end. */
export let localRuns: i32 = 0;
export let frames: i32 = 0;
export let framesEnd: i32 = 0;
export let operands: i32 = 0;
export let operandsEnd: i32 = 0;
export let notes: i32 = 0;
export let notesEnd: i32 = 0;

/** A function begins whose locals are in at most `count` runs. */
export function openRuns(count: i32): void {
	localRuns = windowEnd();
	reserve(localRuns + (count << 2));
}

/** Its locals are in `count` runs. */
export function openAreas(count: i32): void {
	frames = localRuns + (count << 2);
	framesEnd = frames + Room.FRAMES;
	operands = framesEnd;
	operandsEnd = operands + Room.OPERANDS;
	notes = operandsEnd;
	notesEnd = notes + Room.NOTES;
	reserve(notesEnd);
}

/** By how much an area of so many bytes grows: in proportion, so that all moves together cost no more than its size. */
function growth(bytes: i32, least: i32): i32 {
	return ((bytes >> 2) + least) & ~15;
}

/** What is at `at` and behind moves up. */
function insert(at: i32, bytes: i32): void {
	reserve(notesEnd + bytes);
	copy(at + bytes, at, notesEnd - at);
	notesEnd += bytes;
}

/** Returns by how much the operands have moved. */
export function growFrames(): i32 {
	const bytes = growth(framesEnd - frames, Room.FRAMES);
	insert(framesEnd, bytes);
	framesEnd += bytes;
	operands += bytes;
	operandsEnd += bytes;
	notes += bytes;
	return bytes;
}

export function growOperands(): void {
	const bytes = growth(operandsEnd - operands, Room.OPERANDS);
	insert(operandsEnd, bytes);
	operandsEnd += bytes;
	notes += bytes;
}

/** What is in the notes from `at` on moves up. They may have at most `most` bytes, which they have not. */
export function growNotes(at: i32, most: i32): void {
	const bytes = notesEnd - notes;
	const more = growth(bytes, Room.NOTES);
	insert(at, ltu(most - bytes, more) ? most - bytes : more);
}
