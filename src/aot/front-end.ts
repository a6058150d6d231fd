/**
 * The front end: bytes of a module in, its plan out. The one interface, the same in TypeScript and in aot.wasm.
 *
 *     setLimit(...) ...; configure(flags)
 *     for (;;)
 *         switch (step())
 *             NEED_INPUT: put up to inputCapacity() bytes at inputAddress(), feed(how many); or finish() when there are
 *             no more
 *             PLAN:       take planLength() bytes at planAddress()
 *             DONE:       the module is valid and its plan complete
 *             ERROR:      errorCode(), errorOffset(), errorFunction(), errorDetail0(), errorDetail1()
 *     reset()             for the next module, with the same limits
 *
 * Addresses hold until the next call of step() or configure(), which may also replace the buffer of the memory.
 */

import { functionType, importedFunctions, resetEnvironment, typeAt, within } from "./decode/environment";
import { ErrorCode } from "./base/error-code";
import * as input from "./base/input";
import { Limit } from "./base/limit";
import { layOut, limit, planBuffer, setLimit as setLimitOf, window } from "./base/limits";
import { defineOpcodes } from "./base/opcodes";
import { validateBody } from "./validate/validator";
import { emptyPlan, openPlan, planAddress as planAt, planLength as planBytes } from "./base/plan-records";
import { openBodyPlan, planBody } from "./plan/planner";
import { openEntries } from "./provers/p6-versioned";
import { bodies, endBody, itemsLeft, openSections, Section, section, sectionItem } from "./decode/sections";
import { Status } from "./base/status";

let moduleFlags: i32 = 0;
let memoryBytes: i32 = 0;
/** The records have been handed over. */
let taken: boolean = false;
let planning: boolean = false;
/** Index of the function at hand, -1 none. */
let theFunction: i32 = -1;
/** Address of the next body's length when it has been read: its length, else -1. */
let bodyLength: i32 = -1;

/** Sets a limit (enum Limit) before configure(). */
export function setLimit(index: i32, value: i32): void {
	setLimitOf(index, value);
}

/**
 * Lays out the memory by the limits, and begins. Flags: 1 audit, 2 trim. Returns the bytes of memory, the input window
 * as it is at first included.
 */
export function configure(flags: i32): i32 {
	moduleFlags = flags;
	memoryBytes = layOut();
	defineOpcodes();
	reset();
	return memoryBytes;
}

/** Begins with another module. */
export function reset(): void {
	input.openInput(window, limit(Limit.WINDOW));
	openPlan(planBuffer, limit(Limit.PLAN));
	resetEnvironment();
	openEntries();
	openSections(moduleFlags);
	taken = false;
	planning = false;
	theFunction = -1;
	bodyLength = -1;
}

/** Where the next chunk goes, and how many bytes it may have. */
export function inputAddress(): i32 {
	return input.inputAddress();
}

export function inputCapacity(): i32 {
	return input.inputCapacity();
}

/** So many bytes have been put at inputAddress(). */
export function feed(length: i32): void {
	input.feed(length);
}

/** There are no more bytes. */
export function finish(): void {
	input.finish();
}

export function planAddress(): i32 {
	return planAt();
}

export function planLength(): i32 {
	return planBytes();
}

export function errorCode(): i32 {
	return input.errorCode;
}

/** Byte offset in the module. */
export function errorOffset(): i32 {
	return input.errorOffset;
}

/** Index of the function in whose body the error is, -1: in none. */
export function errorFunction(): i32 {
	return theFunction;
}

export function errorDetail0(): i32 {
	return input.errorDetail0;
}

export function errorDetail1(): i32 {
	return input.errorDetail1;
}

/** A function body: its length, then, when all of it is there, both passes. */
function bodyStep(): i32 {
	if (planning) return planStep();
	if (bodyLength < 0) return beginBody();
	if (!input.need(bodyLength)) return Status.NEED_INPUT;
	const end = input.position + bodyLength;
	validateBody(typeAt(functionType(theFunction)), bodyLength);
	if (input.errorCode != ErrorCode.NONE) return Status.CONTINUE;
	input.seek(end);
	openBodyPlan(theFunction, bodyLength);
	planning = true;
	return Status.CONTINUE;
}

function beginBody(): i32 {
	if (!input.need(5)) return Status.NEED_INPUT;
	theFunction = importedFunctions + bodies;
	const at = input.position;
	const length = input.readU32();
	if (input.errorCode != ErrorCode.NONE || !within(Limit.BODY, length)) return Status.CONTINUE;
	if (length > input.sectionLeft()) input.failAt(at, ErrorCode.SECTION_END, length, input.sectionLeft());
	bodyLength = length;
	return Status.CONTINUE;
}

function planStep(): i32 {
	if (!planBody()) return Status.PLAN;
	planning = false;
	bodyLength = -1;
	theFunction = -1;
	endBody();
	return Status.CONTINUE;
}

function unit(): i32 {
	if (section == Section.CODE && itemsLeft > 0) return bodyStep();
	if (section == Section.END) return planBytes() > 0 ? Status.PLAN : Status.DONE;
	return sectionItem();
}

/** Works until something is needed, ready, done or wrong. */
export function step(): i32 {
	if (input.errorCode != ErrorCode.NONE) return Status.ERROR;
	if (taken) emptyPlan();
	taken = false;
	let status: i32 = Status.CONTINUE;
	while (status == Status.CONTINUE) {
		status = unit();
		if (input.errorCode != ErrorCode.NONE) return Status.ERROR;
	}
	taken = status == Status.PLAN;
	return status;
}
