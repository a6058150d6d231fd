/**
 * The sections of a module other than code: decoded and validated item by item, each into records of the plan.
 *
 * sectionItem() is called until no item is left. An item is decoded when all its bytes are in the window; what is
 * longer than an item, names apart, is streamed.
 */

import {
	beginExpression,
	expressionInstruction,
	expressionRecords,
	functionItem,
	isLiteral,
	literalValue,
} from "./constant-expression";
import {
	addElement,
	addFunction,
	addGlobal,
	addMemory,
	addName,
	addTable,
	addType,
	backed,
	checkFunction,
	checkGlobal,
	checkMemory,
	checkTable,
	clearNames,
	dataCount,
	declareFunction,
	elementCount,
	endImportedFunctions,
	functions,
	functionType,
	globalFlags,
	globalCount,
	GlobalFlag,
	importedFunctions,
	literal,
	memories,
	setBacked,
	setDataCount,
	setLiteral,
	tableCount,
	tableType,
	typeAt,
	types,
	within,
} from "./environment";
import { ErrorCode, Feature } from "../base/error-code";
import {
	blame,
	errorCode,
	fail,
	failAt,
	isFinished,
	need,
	needOrEnd,
	offsetOf,
	OPEN_END,
	position,
	read32,
	readByte,
	readU32,
	seek,
	sectionLeft,
	setSectionEnd,
	skip,
} from "../base/input";
import { Limit } from "../base/limit";
import {
	exportSlots,
	Place,
	roomForElements,
	roomForFunctions,
	roomForGlobals,
	roomForTables,
	roomForTypes,
	Size,
} from "../base/limits";
import { load8, ltu, store8 } from "../base/memory";
import { findMalformed, hashName, isDataEnd, isHeapBase } from "./names";
import {
	beginPayload,
	extend,
	fits,
	flushPayload,
	nextRecord,
	padPlan,
	patchA,
	patchB,
	planByte,
	PLAN_VERSION,
	record,
} from "../base/plan-records";
import { Op, Type } from "../base/opcodes";
import { SegmentMode } from "../base/segment-mode";
import { Status } from "../base/status";
import { readReferenceType, refuseValueType, typeOfByte } from "./value-types";

export const enum Section {
	CUSTOM = 0,
	TYPE = 1,
	IMPORT = 2,
	FUNCTION = 3,
	TABLE = 4,
	MEMORY = 5,
	GLOBAL = 6,
	EXPORT = 7,
	START = 8,
	ELEMENT = 9,
	CODE = 10,
	DATA = 11,
	DATA_COUNT = 12,
	/** no section is open */
	NONE = -1,
	/** the eight bytes before the first */
	HEADER = -2,
	/** nothing is left */
	END = -3,
}

/** What the next unit within a section is. */
const enum Phase {
	ITEM = 0,
	/** an instruction of a constant expression */
	EXPRESSION = 1,
	/** behind the offset of an active segment */
	SEGMENT = 2,
	/** an item of an element segment */
	ELEMENT_ITEM = 3,
	/** a piece of a data segment or custom section */
	PIECE = 4,
}

export const enum Flag {
	AUDIT = 1,
	TRIM = 2,
}

export let section: i32 = Section.HEADER;
/** Items of the section still to come. */
export let itemsLeft: i32 = 0;
/** Function bodies seen. */
export let bodies: i32 = 0;

let phase: i32 = Phase.ITEM;
let rank: i32 = 0;
let flags: i32 = 0;
let codeSeen: boolean = false;
let dataSeen: boolean = false;
let payloadPending: boolean = false;
/** The header record of the global or segment being decoded. */
let header: i32 = 0;
/** Flags byte, table type and value type of the segment. */
let segmentFlags: i32 = 0;
let segmentTable: i32 = 0;
let segmentType: i32 = 0;
let segmentItems: i32 = 0;
let itemsAreExpressions: boolean = false;
/** Bytes of the data segment or custom section still to come. */
let bytesLeft: i32 = 0;
let heapBase: i32 = 0;
let dataEnd: i32 = 0;

export function openSections(moduleFlags: i32): void {
	section = Section.HEADER;
	phase = Phase.ITEM;
	itemsLeft = 0;
	bodies = 0;
	rank = 0;
	flags = moduleFlags;
	codeSeen = false;
	dataSeen = false;
	payloadPending = false;
	heapBase = 0;
	dataEnd = 0;
}

/* between sections */

function header8(): i32 {
	if (!needOrEnd(8)) return Status.NEED_INPUT;
	const start = position;
	const magic = read32();
	if (errorCode == ErrorCode.NONE && magic != 0x6d736100) failAt(start, ErrorCode.MAGIC, 0, 0);
	const version = read32();
	if (errorCode == ErrorCode.NONE && version != 1)
		failAt(
			start + 4,
			version >>> 16 == 1 ? ErrorCode.UNSUPPORTED : ErrorCode.VERSION,
			version >>> 16 == 1 ? Feature.COMPONENT : version,
			0,
		);
	record(Op.PLAN_MODULE, 0, PLAN_VERSION, flags);
	section = Section.NONE;
	return Status.CONTINUE;
}

/** Place of a section in the order. */
function rankOf(id: i32): i32 {
	if (id == Section.DATA_COUNT) return 10;
	return id >= Section.CODE ? id + 1 : id;
}

function openSection(): i32 {
	if (!needOrEnd(6)) return Status.NEED_INPUT;
	if (isFinished()) return endModule();
	const start = position;
	const id = readByte();
	if (id > Section.DATA_COUNT) {
		fail(ErrorCode.SECTION_ID, id, 0);
		return Status.CONTINUE;
	}
	const at = position;
	const size = readU32();
	const end = (offsetOf(position) + size) | 0;
	if (size < 0 || end < 0) failAt(at, ErrorCode.LENGTH, size, 0);
	if (id != Section.CUSTOM) {
		if (rankOf(id) <= rank) failAt(start, ErrorCode.SECTION_ORDER, id, 0);
		leaveSections(rankOf(id));
	}
	if (errorCode != ErrorCode.NONE) return Status.CONTINUE;
	setSectionEnd(end);
	section = id;
	itemsLeft = -1;
	return Status.CONTINUE;
}

/** What holds once the sections up to the next one have passed. */
function leaveSections(next: i32): void {
	if (rank <= Section.IMPORT && next > Section.IMPORT) endImportedFunctions();
	if (!codeSeen && next >= rankOf(Section.CODE)) beginCode(next == rankOf(Section.CODE) ? -1 : 0);
	rank = next;
}

/** The CODE record, when the number of bodies is known: there is one in every plan. */
function beginCode(count: i32): void {
	if (count < 0) return;
	codeSeen = true;
	if (count != functions - importedFunctions) fail(ErrorCode.FUNCTION_COUNT, functions - importedFunctions, count);
	record(Op.PLAN_CODE, 0, 0, count);
}

function endModule(): i32 {
	leaveSections(rankOf(Section.DATA) + 1);
	if (dataCount > 0 && !dataSeen) fail(ErrorCode.DATA_COUNT, dataCount, 0);
	record(Op.PLAN_END_MODULE, 0, 0, offsetOf(position));
	section = Section.END;
	return Status.CONTINUE;
}

function closeSection(): i32 {
	if (sectionLeft() != 0) {
		blame(position);
		fail(ErrorCode.SECTION_SIZE, section, sectionLeft());
	}
	if (section == Section.EXPORT) trim();
	setSectionEnd(OPEN_END);
	section = Section.NONE;
	return Status.CONTINUE;
}

/** The number of items, or the whole of a section that is no vector. */
function beginItems(): i32 {
	if (section == Section.CUSTOM) return customName();
	if (section == Section.START) return start();
	if (!need(5)) return Status.NEED_INPUT;
	const at = position;
	itemsLeft = readU32();
	if (errorCode != ErrorCode.NONE) return Status.CONTINUE;
	if (section == Section.DATA_COUNT) return countData();
	// an item has at least one byte
	if (ltu(sectionLeft(), itemsLeft)) failAt(at, ErrorCode.LENGTH, itemsLeft, sectionLeft());
	makeRoom(itemsLeft);
	if (section == Section.CODE) {
		bodies = 0;
		beginCode(itemsLeft);
	}
	if (section == Section.EXPORT) {
		if (within(Limit.EXPORTS, itemsLeft)) clearNames(Place.SCRATCH, exportSlots());
	}
	if (section == Section.DATA) beginData();
	return Status.CONTINUE;
}

/** For the tables that the items go into. */
function makeRoom(count: i32): void {
	if (errorCode != ErrorCode.NONE) return;
	if (section == Section.TYPE) roomForTypes(count, sectionLeft());
	else if (section == Section.FUNCTION) roomForFunctions(count, functions, types);
	else if (section == Section.TABLE) roomForTables(count, tableCount);
	else if (section == Section.GLOBAL) roomForGlobals(count, globalCount);
	else if (section == Section.ELEMENT) roomForElements(count);
	else if (section == Section.IMPORT) {
		roomForFunctions(count, 0, types);
		roomForTables(count, 0);
		roomForGlobals(count, 0);
	}
}

/* types */

function readValueTypes(count: i32, to: i32): void {
	for (let i = 0; i < count; i++) {
		const at = position;
		const byte = readByte();
		const type = typeOfByte(byte);
		if (type == Type.BOTTOM) refuseValueType(at, byte);
		if (errorCode != ErrorCode.NONE) return;
		store8(to + i, type);
		planByte(byte);
	}
}

/** Limits say how many; they are below 256, so that a type is one item. */
function typeItem(): i32 {
	if (!need(530)) return Status.NEED_INPUT;
	if (!fits(66)) return Status.PLAN;
	const form = readByte();
	if (form != 0x60) {
		const gc = form == 0x5f || form == 0x5e || form == 0x50 || form == 0x4f || form == 0x4e;
		fail(gc ? ErrorCode.UNSUPPORTED : ErrorCode.TYPE_FORM, gc ? Feature.GC : form, 0);
		return Status.CONTINUE;
	}
	const parameters = readU32();
	if (!within(Limit.PARAMETERS, parameters)) return Status.CONTINUE;
	const before = position;
	skip(parameters);
	const results = readU32();
	seek(before);
	if (errorCode != ErrorCode.NONE || !within(Limit.RESULTS, results)) return Status.CONTINUE;
	const type = addType(parameters, results);
	if (type == 0 || errorCode != ErrorCode.NONE) return Status.CONTINUE;
	record(Op.PLAN_TYPE, 0, parameters, results);
	readValueTypes(parameters, type + 2);
	if (errorCode != ErrorCode.NONE) return Status.CONTINUE;
	readU32();
	readValueTypes(results, type + 2 + parameters);
	padPlan();
	itemsLeft--;
	return Status.CONTINUE;
}

/* descriptions, of imports and of sections */

function tableDescription(): void {
	const at = position;
	if (section == Section.TABLE && load8(position) == 0x40) {
		failAt(at, ErrorCode.UNSUPPORTED, Feature.TABLE_INITIALIZER, 0);
		return;
	}
	const type = readReferenceType();
	const flagsAt = position;
	const limitsFlags = readByte();
	if (limitsFlags > 1) refuseLimits(flagsAt, limitsFlags);
	const minimum = readU32();
	const maximum = limitsFlags == 1 ? readU32() : 0;
	if (errorCode != ErrorCode.NONE) return;
	if (limitsFlags == 1 && ltu(maximum, minimum)) failAt(at, ErrorCode.LIMITS_ORDER, minimum, maximum);
	addTable(type);
	record(Op.PLAN_TABLE, 0, load8(Place.TYPE_BYTES + type), minimum);
	extend(limitsFlags, maximum);
}

function refuseLimits(address: i32, byte: i32): void {
	if (byte == 2 || byte == 3) failAt(address, ErrorCode.UNSUPPORTED, Feature.THREADS, 0);
	else if (byte >= 4 && byte <= 7) failAt(address, ErrorCode.UNSUPPORTED, Feature.MEMORY64, 0);
	else failAt(address, ErrorCode.LIMITS_FLAGS, byte, 0);
}

/** Custom page sizes: 1 or 65536. Returns log2, -1 when refused. */
function readPageSize(): i32 {
	const at = position;
	const size = readU32();
	if (size == 0 || size == 16) return size;
	failAt(at, ErrorCode.PAGE_SIZE, size, 0);
	return -1;
}

/** The bytes of a memory with pages of 64 KB have so many low zero bits, also where it is trimmed. */
const SIZE_ZEROS: i32 = 6;

function memoryDescription(): void {
	const at = position;
	const limitsFlags = readByte();
	if ((limitsFlags & ~9) != 0) {
		refuseLimits(at, limitsFlags);
		return;
	}
	const minimum = readU32();
	const bounded = limitsFlags & 1;
	const maximum = bounded != 0 ? readU32() : 0;
	const pageSize = (limitsFlags & 8) != 0 ? readPageSize() : 16;
	if (errorCode != ErrorCode.NONE) return;
	if (pageSize == 16) {
		if (ltu(65536, minimum)) failAt(at, ErrorCode.MEMORY_SIZE, minimum, 0);
		if (ltu(65536, maximum)) failAt(at, ErrorCode.MEMORY_SIZE, maximum, 0);
	}
	if (bounded != 0 && ltu(maximum, minimum)) failAt(at, ErrorCode.LIMITS_ORDER, minimum, maximum);
	const bytes = pageSize == 0 ? minimum : minimum == 65536 ? -1 : minimum << 16;
	addMemory(bytes, pageSize == 0 ? 0 : SIZE_ZEROS);
	record(Op.PLAN_MEMORY, 0, bounded | (pageSize << 8), minimum);
	extend(0, maximum);
	extend(0, bytes);
}

/** Value type and mutability. Returns the flags of the environment. */
function readGlobalType(): i32 {
	const at = position;
	const byte = readByte();
	const type = typeOfByte(byte);
	if (type == Type.BOTTOM) refuseValueType(at, byte);
	const mutableAt = position;
	const mutable = readByte();
	if (mutable > 1) failAt(mutableAt, ErrorCode.MUTABILITY, mutable, 0);
	return type | (mutable << 3);
}

function globalRecord(global: i32): void {
	const mutable = (global & GlobalFlag.MUTABLE) != 0 ? 256 : 0;
	record(Op.PLAN_GLOBAL_TYPE, 0, load8(Place.TYPE_BYTES + (global & GlobalFlag.TYPE_MASK)) | mutable, 0);
}

/* imports */

/** Length of the name at `position`, which is then behind the length. -1: refused. */
function nameLength(): i32 {
	const at = position;
	const length = readU32();
	if (errorCode == ErrorCode.NONE && ltu(sectionLeft(), length)) failAt(at, ErrorCode.LENGTH, length, sectionLeft());
	if (errorCode != ErrorCode.NONE || !within(Limit.NAME, length)) return -1;
	return length;
}

function checkName(address: i32, length: i32): void {
	const malformed = findMalformed(address, length);
	if (malformed >= 0) failAt(malformed, ErrorCode.UTF8, 0, 0);
}

/** Makes `length` bytes of the item at `item` available. The position is `item` again when they are not. */
function needItem(item: i32, length: i32): boolean {
	const at = position;
	seek(item);
	if (!need(length)) return false;
	seek(at);
	return true;
}

function importItem(): i32 {
	if (!need(5)) return Status.NEED_INPUT;
	if (!fits(5)) return Status.PLAN;
	const item = position;
	const moduleLength = nameLength();
	if (moduleLength < 0) return Status.CONTINUE;
	const moduleName = position;
	if (!needItem(item, moduleName - item + moduleLength + 5)) return Status.NEED_INPUT;
	skip(moduleLength);
	const fieldLength = nameLength();
	if (fieldLength < 0) return Status.CONTINUE;
	const fieldName = position;
	if (!needItem(item, fieldName - item + fieldLength + 32)) return Status.NEED_INPUT;
	checkName(moduleName, moduleLength);
	checkName(fieldName, fieldLength);
	skip(fieldLength);
	importDescription(moduleLength | (fieldLength << 16));
	if (errorCode != ErrorCode.NONE) return Status.CONTINUE;
	itemsLeft--;
	// the names are moved together, to be one payload
	for (let i = moduleLength - 1; i >= 0; i--) store8(fieldName - moduleLength + i, load8(moduleName + i));
	return payload(fieldName - moduleLength, moduleLength + fieldLength);
}

function payload(address: i32, length: i32): i32 {
	beginPayload(address, length);
	payloadPending = !flushPayload();
	return Status.CONTINUE;
}

function importDescription(lengths: i32): void {
	const at = position;
	const kind = readByte();
	blame(at);
	record(Op.PLAN_IMPORT, 0, kind, lengths);
	if (kind == 0) {
		const type = readU32();
		addFunction(type);
		record(Op.PLAN_FUNCTION_TYPE, 0, 0, type);
	} else if (kind == 1) tableDescription();
	else if (kind == 2) memoryDescription();
	else if (kind == 3) {
		const global = readGlobalType();
		addGlobal(global);
		globalRecord(global);
	} else
		failAt(at, kind == 4 ? ErrorCode.UNSUPPORTED : ErrorCode.IMPORT_KIND, kind == 4 ? Feature.EXCEPTIONS : kind, 0);
}

/* functions, tables, memory, globals */

function functionItems(): i32 {
	if (!need(5)) return Status.NEED_INPUT;
	if (!fits(1)) return Status.PLAN;
	const type = readU32();
	addFunction(type);
	record(Op.PLAN_FUNCTION_TYPE, 0, 1, type);
	itemsLeft--;
	return Status.CONTINUE;
}

function tableItem(): i32 {
	if (!need(16)) return Status.NEED_INPUT;
	if (!fits(2)) return Status.PLAN;
	tableDescription();
	itemsLeft--;
	return Status.CONTINUE;
}

function memoryItem(): i32 {
	if (!need(20)) return Status.NEED_INPUT;
	if (!fits(3)) return Status.PLAN;
	memoryDescription();
	itemsLeft--;
	return Status.CONTINUE;
}

function globalItem(): i32 {
	if (!need(2)) return Status.NEED_INPUT;
	if (!fits(Size.EXPRESSION + 8)) return Status.PLAN;
	header = nextRecord();
	const global = readGlobalType();
	globalRecord(global);
	segmentType = global;
	return expression(global & GlobalFlag.TYPE_MASK);
}

function expression(type: i32): i32 {
	beginExpression(type);
	phase = Phase.EXPRESSION;
	return Status.CONTINUE;
}

function expressionStep(): i32 {
	if (!need(12)) return Status.NEED_INPUT;
	if (!expressionInstruction()) return Status.CONTINUE;
	if (section == Section.GLOBAL) endGlobal();
	else if (phase == Phase.EXPRESSION && segmentItems < 0) phase = Phase.SEGMENT;
	else endElementItem();
	return Status.CONTINUE;
}

function endGlobal(): void {
	patchB(header, expressionRecords);
	addGlobal(segmentType);
	if (isLiteral) setLiteral(literalValue);
	phase = Phase.ITEM;
	itemsLeft--;
}

/* exports */

function exportItem(): i32 {
	if (!need(5)) return Status.NEED_INPUT;
	if (!fits(2)) return Status.PLAN;
	const item = position;
	const length = nameLength();
	if (length < 0) return Status.CONTINUE;
	const name = position;
	if (!needItem(item, name - item + length + 6)) return Status.NEED_INPUT;
	checkName(name, length);
	skip(length);
	const kindAt = position;
	const kind = readByte();
	const index = readU32();
	if (errorCode != ErrorCode.NONE) return Status.CONTINUE;
	if (kind > 3) failAt(kindAt, ErrorCode.EXPORT_KIND, kind, 0);
	else exportIndex(kind, index);
	if (!addName(Place.SCRATCH, exportSlots(), hashName(name, length, 0x1505), hashName(name, length, -0x61c88647)))
		fail(ErrorCode.DUPLICATE_EXPORT, 0, 0);
	if (errorCode != ErrorCode.NONE) return Status.CONTINUE;
	if (kind == 3) noteGlobal(name, length, index);
	itemsLeft--;
	record(Op.PLAN_EXPORT, 0, kind, index);
	extend(0, length);
	return payload(name, length);
}

function exportIndex(kind: i32, index: i32): void {
	if (kind == 0) {
		if (checkFunction(index)) declareFunction(index);
	} else if (kind == 1) checkTable(index);
	else if (kind == 2) checkMemory(index);
	else checkGlobal(index);
}

/* trimming: the linker's symbols say how much of the memory is used at the start */

function noteGlobal(name: i32, length: i32, index: i32): void {
	const global = globalFlags(index);
	if ((global & ~GlobalFlag.LITERAL) != Type.I32 || (global & GlobalFlag.LITERAL) == 0) return;
	if (isHeapBase(name, length)) heapBase = literal(index);
	else if (isDataEnd(name, length)) dataEnd = literal(index);
}

/** The largest value that a mutable i32 global begins with: the stack pointer is among them. */
function stackTop(): i32 {
	let most = 0;
	for (let i = 0; i < globalCount && i < Size.LITERALS; i++) {
		if (globalFlags(i) != (Type.I32 | GlobalFlag.MUTABLE | GlobalFlag.LITERAL)) continue;
		if (ltu(most, literal(i))) most = literal(i);
	}
	return most;
}

function trim(): void {
	if ((flags & Flag.TRIM) == 0 || memories == 0) return;
	let used = heapBase;
	if (used == 0) {
		if (dataEnd == 0) return;
		const stack = stackTop();
		used = ltu(dataEnd, stack) ? stack : dataEnd;
	}
	used = (used + (1 << SIZE_ZEROS) - 1) & (-1 << SIZE_ZEROS);
	if (used == 0 || !ltu(used, backed)) return;
	setBacked(used);
	record(Op.PLAN_BACKED, 0, 0, used);
}

/* start */

/** CC-7. */
function start(): i32 {
	if (!need(5)) return Status.NEED_INPUT;
	const index = readU32();
	itemsLeft = 0;
	if (!checkFunction(index)) return Status.CONTINUE;
	const type = typeAt(functionType(index));
	if (load8(type) != 0 || load8(type + 1) != 0) fail(ErrorCode.START_FUNCTION, load8(type), load8(type + 1));
	record(Op.PLAN_START, 0, 0, index);
	return Status.CONTINUE;
}

/* element segments */

const enum SegmentFlag {
	/** passive or declarative */
	NOT_ACTIVE = 1,
	/** active: a table is given; else: declarative */
	EXPLICIT = 2,
	/** items are expressions */
	EXPRESSIONS = 4,
}

function elementHead(): i32 {
	if (!need(10)) return Status.NEED_INPUT;
	if (!fits(Size.EXPRESSION + 8)) return Status.PLAN;
	if (!within(Limit.ELEMENTS, elementCount + 1)) return Status.CONTINUE;
	const segment = readU32();
	if (ltu(7, segment)) {
		fail(ErrorCode.ELEMENT_FLAGS, segment, 0);
		return Status.CONTINUE;
	}
	segmentFlags = segment;
	segmentItems = -1;
	header = nextRecord();
	const active = (segment & SegmentFlag.NOT_ACTIVE) == 0;
	const table = active && (segment & SegmentFlag.EXPLICIT) != 0 ? readU32() : 0;
	record(Op.PLAN_ELEMENT, 0, 0, 0);
	extend(0, table);
	beginExpression(0);
	if (!active) {
		phase = Phase.SEGMENT;
		return Status.CONTINUE;
	}
	if (!checkTable(table)) return Status.CONTINUE;
	segmentTable = tableType(table);
	return expression(Type.I32);
}

/** Type and number of the items: behind the offset, which is in the same batch as the header. */
function elementBody(): i32 {
	if (!need(6)) return Status.NEED_INPUT;
	let type: i32 = Type.FUNCREF;
	itemsAreExpressions = (segmentFlags & SegmentFlag.EXPRESSIONS) != 0;
	if ((segmentFlags & 3) != 0) {
		if (itemsAreExpressions) type = readReferenceType();
		else {
			const at = position;
			const kind = readByte();
			if (kind != 0) failAt(at, ErrorCode.ELEMENT_KIND, kind, 0);
		}
	}
	const at = position;
	segmentItems = readU32();
	if (errorCode != ErrorCode.NONE) return Status.CONTINUE;
	if (ltu(sectionLeft(), segmentItems)) failAt(at, ErrorCode.LENGTH, segmentItems, sectionLeft());
	const active = (segmentFlags & SegmentFlag.NOT_ACTIVE) == 0;
	if (active && type != segmentTable) fail(ErrorCode.TYPE_MISMATCH, segmentTable, type);
	segmentType = type;
	const explicit = (segmentFlags & SegmentFlag.EXPLICIT) != 0;
	const mode = active ? SegmentMode.ACTIVE : explicit ? SegmentMode.DECLARATIVE : SegmentMode.PASSIVE;
	patchA(header, mode | (load8(Place.TYPE_BYTES + type) << 8));
	patchB(header, segmentItems);
	patchA(header + 8, expressionRecords);
	phase = Phase.ELEMENT_ITEM;
	return Status.CONTINUE;
}

function elementItem(): i32 {
	if (segmentItems == 0) {
		addElement(segmentType);
		phase = Phase.ITEM;
		itemsLeft--;
		return Status.CONTINUE;
	}
	if (itemsAreExpressions) {
		if (!fits(Size.EXPRESSION + 8)) return Status.PLAN;
		return expression(segmentType);
	}
	if (!need(5)) return Status.NEED_INPUT;
	if (!fits(1)) return Status.PLAN;
	functionItem();
	segmentItems--;
	return Status.CONTINUE;
}

function endElementItem(): void {
	segmentItems--;
	phase = Phase.ELEMENT_ITEM;
}

/* data */

function countData(): i32 {
	within(Limit.DATA, itemsLeft);
	setDataCount(itemsLeft);
	record(Op.PLAN_DATA_COUNT, 0, 0, itemsLeft);
	itemsLeft = 0;
	return Status.CONTINUE;
}

function beginData(): void {
	dataSeen = true;
	if (dataCount >= 0 && dataCount != itemsLeft) fail(ErrorCode.DATA_COUNT, dataCount, itemsLeft);
	within(Limit.DATA, itemsLeft);
}

function dataHead(): i32 {
	if (!need(10)) return Status.NEED_INPUT;
	if (!fits(Size.EXPRESSION + 8)) return Status.PLAN;
	const segment = readU32();
	if (ltu(2, segment)) {
		fail(ErrorCode.DATA_FLAGS, segment, 0);
		return Status.CONTINUE;
	}
	segmentItems = -1;
	header = nextRecord();
	const memory = segment == 2 ? readU32() : 0;
	record(Op.PLAN_DATA, 0, segment == 1 ? SegmentMode.PASSIVE : SegmentMode.ACTIVE, 0);
	extend(0, memory);
	beginExpression(0);
	if (segment == 1) {
		phase = Phase.SEGMENT;
		return Status.CONTINUE;
	}
	// CM-1. Whether the segment fits (CM-2) is known when its memory is there: see docs/SANDBOX.md
	if (!checkMemory(memory)) return Status.CONTINUE;
	return expression(Type.I32);
}

function dataBody(): i32 {
	if (!need(5)) return Status.NEED_INPUT;
	const at = position;
	bytesLeft = readU32();
	if (errorCode != ErrorCode.NONE) return Status.CONTINUE;
	if (ltu(sectionLeft(), bytesLeft)) failAt(at, ErrorCode.LENGTH, bytesLeft, sectionLeft());
	patchB(header, bytesLeft);
	patchA(header + 8, expressionRecords);
	phase = Phase.PIECE;
	return Status.CONTINUE;
}

/** Pieces have a length of their own, so that a plan does not depend on the chunks that came. */
function piece(): i32 {
	if (bytesLeft == 0) {
		phase = Phase.ITEM;
		itemsLeft--;
		return Status.CONTINUE;
	}
	const length = bytesLeft < Size.PIECE ? bytesLeft : Size.PIECE;
	if (!need(length)) return Status.NEED_INPUT;
	if (!fits(1 + (Size.PIECE >> 3))) return Status.PLAN;
	record(Op.PLAN_BYTES, 0, 0, length);
	const at = position;
	skip(length);
	bytesLeft -= length;
	return payload(at, length);
}

/* custom sections */

function customName(): i32 {
	if (!need(5)) return Status.NEED_INPUT;
	if (!fits(1)) return Status.PLAN;
	const item = position;
	const length = nameLength();
	if (length < 0) return Status.CONTINUE;
	const name = position;
	if (!needItem(item, name - item + length)) return Status.NEED_INPUT;
	checkName(name, length);
	if (errorCode != ErrorCode.NONE) return Status.CONTINUE;
	skip(length);
	bytesLeft = sectionLeft();
	record(Op.PLAN_CUSTOM, 0, length, bytesLeft);
	itemsLeft = 1;
	phase = Phase.PIECE;
	return payload(name, length);
}

/* one unit of work */

function item(): i32 {
	switch (section) {
		case Section.TYPE:
			return typeItem();
		case Section.IMPORT:
			return importItem();
		case Section.FUNCTION:
			return functionItems();
		case Section.TABLE:
			return tableItem();
		case Section.MEMORY:
			return memoryItem();
		case Section.GLOBAL:
			return globalItem();
		case Section.EXPORT:
			return exportItem();
		case Section.ELEMENT:
			return elementHead();
		default:
			return dataHead();
	}
}

/** Decodes the next unit of a section other than the bodies of code. */
export function sectionItem(): i32 {
	if (!fits(4)) return Status.PLAN;
	if (payloadPending) {
		payloadPending = !flushPayload();
		return payloadPending ? Status.PLAN : Status.CONTINUE;
	}
	if (section == Section.HEADER) return header8();
	if (section == Section.NONE) return openSection();
	if (itemsLeft < 0) return beginItems();
	if (phase == Phase.EXPRESSION) return expressionStep();
	if (phase == Phase.SEGMENT) return section == Section.DATA ? dataBody() : elementBody();
	if (phase == Phase.ELEMENT_ITEM) return elementItem();
	if (phase == Phase.PIECE) return piece();
	if (itemsLeft == 0) return closeSection();
	return item();
}

/** A function body has been dealt with. */
export function endBody(): void {
	bodies++;
	itemsLeft--;
}
