/**
 * What a module's function bodies can refer to: types, functions, tables, memory, globals, segments. Filled section by
 * section, read by the validator.
 */

import { ErrorCode } from "../base/error-code";
import { fail } from "../base/input";
import { Limit } from "../base/limit";
import {
	declared,
	elements,
	functionTypes,
	globals,
	limit,
	Place,
	Size,
	tables,
	typeBits,
	typeIndex,
	typePool,
} from "../base/limits";
import { fill, load16, load32, load8, ltu, store16, store32, store8 } from "../base/memory";

export let types: i32 = 0;
/** Bytes of the type pool in use. */
let typeTop: i32 = 0;
export let functions: i32 = 0;
export let importedFunctions: i32 = 0;
export let tableCount: i32 = 0;
export let globalCount: i32 = 0;
export let importedGlobals: i32 = 0;
export let elementCount: i32 = 0;
/** -1: there is no data count section. */
export let dataCount: i32 = -1;
export let memories: i32 = 0;
/**
 * Bytes of memory 0 that are surely backed, for every execution (unsigned; 4 GiB is held as 4 GiB - 1). The provers
 * lean on it.
 */
export let backed: i32 = 0;
/**
 * At any time, memory 0 has a multiple of 1 << sizeZeros bytes (WX_MEMORY_UNIT in native/abi/context.h): the provers
 * lean on that, too.
 */
export let sizeZeros: i32 = 0;

export const enum GlobalFlag {
	TYPE_MASK = 7,
	MUTABLE = 8,
	/** its value is in `literals` */
	LITERAL = 16,
}

export function resetEnvironment(): void {
	types = 0;
	typeTop = 0;
	functions = 0;
	importedFunctions = 0;
	tableCount = 0;
	globalCount = 0;
	importedGlobals = 0;
	elementCount = 0;
	dataCount = -1;
	memories = 0;
	backed = 0;
}

/** Refuses when `asked` is above the limit (both unsigned). True when it is within. */
export function within(index: i32, asked: i32): boolean {
	const most = limit(index);
	if (!ltu(most, asked)) return true;
	fail(ErrorCode.LIMIT + index, most, asked);
	return false;
}

/*
 * A type in the pool: number of parameters, number of results, the types of the parameters, those of the results; 1
 * byte each.
 */

/** Room for a type. Its address, or 0 when refused. */
export function addType(parameters: i32, results: i32): i32 {
	if (!within(Limit.TYPES, types + 1)) return 0;
	const address = typePool + typeTop;
	store16(typeIndex + (types << 1), typeTop);
	typeTop += 2 + parameters + results;
	if (!within(Limit.TYPE_BYTES, typeTop)) return 0;
	types++;
	store8(address, parameters);
	store8(address + 1, results);
	return address;
}

/** Address of a type that exists. */
export function typeAt(index: i32): i32 {
	return typePool + load16(typeIndex + (index << 1));
}

/** CC-4. */
export function checkType(index: i32): boolean {
	if (ltu(index, types)) return true;
	fail(ErrorCode.UNKNOWN_TYPE, index, types);
	return false;
}

export function checkFunction(index: i32): boolean {
	if (ltu(index, functions)) return true;
	fail(ErrorCode.UNKNOWN_FUNCTION, index, functions);
	return false;
}

export function checkTable(index: i32): boolean {
	if (ltu(index, tableCount)) return true;
	fail(ErrorCode.UNKNOWN_TABLE, index, tableCount);
	return false;
}

/** CM-1. */
export function checkMemory(index: i32): boolean {
	if (ltu(index, memories)) return true;
	fail(ErrorCode.UNKNOWN_MEMORY, index, memories);
	return false;
}

/** CM-3, of globals. */
export function checkGlobal(index: i32): boolean {
	if (ltu(index, globalCount)) return true;
	fail(ErrorCode.UNKNOWN_GLOBAL, index, globalCount);
	return false;
}

export function addFunction(type: i32): void {
	if (!checkType(type) || !within(Limit.FUNCTIONS, functions + 1)) return;
	if ((functions & 7) == 0) store8(declared + (functions >> 3), 0);
	const at = functions * typeBits;
	const address = functionTypes + ((at >> 4) << 1);
	const word = (load16(address) | (load16(address + 2) << 16)) & ~(((1 << typeBits) - 1) << (at & 15));
	store16(address, (word | (type << (at & 15))) & 0xffff);
	store16(address + 2, (word | (type << (at & 15))) >>> 16);
	functions++;
}

export function endImportedFunctions(): void {
	importedFunctions = functions;
	importedGlobals = globalCount;
}

export function functionType(index: i32): i32 {
	const at = index * typeBits;
	const address = functionTypes + ((at >> 4) << 1);
	return ((load16(address) | (load16(address + 2) << 16)) >>> (at & 15)) & ((1 << typeBits) - 1);
}

/** ref.func in a function body may name this function. */
export function declareFunction(index: i32): void {
	const address = declared + (index >> 3);
	store8(address, load8(address) | (1 << (index & 7)));
}

export function isDeclared(index: i32): boolean {
	return ((load8(declared + (index >> 3)) >> (index & 7)) & 1) != 0;
}

export function addTable(type: i32): void {
	if (!within(Limit.TABLES, tableCount + 1)) return;
	store8(tables + tableCount, type);
	tableCount++;
}

export function tableType(index: i32): i32 {
	return load8(tables + index);
}

export function addElement(type: i32): void {
	store8(elements + elementCount, type);
	elementCount++;
}

export function elementType(index: i32): i32 {
	return load8(elements + index);
}

export function addGlobal(flags: i32): void {
	if (!within(Limit.GLOBALS, globalCount + 1)) return;
	store8(globals + globalCount, flags);
	globalCount++;
}

export function globalFlags(index: i32): i32 {
	return load8(globals + index);
}

/** The last global begins with a value known now. */
export function setLiteral(value: i32): void {
	const index = globalCount - 1;
	if (index >= Size.LITERALS) return;
	store8(globals + index, load8(globals + index) | GlobalFlag.LITERAL);
	store32(Place.LITERALS + (index << 2), value);
}

export function literal(index: i32): i32 {
	return load32(Place.LITERALS + (index << 2));
}

export function addMemory(bytes: i32, zeroBits: i32): void {
	if (memories > 0) {
		fail(ErrorCode.MULTIPLE_MEMORIES, 0, 0);
		return;
	}
	memories = 1;
	backed = bytes;
	sizeZeros = zeroBits;
}

export function setBacked(bytes: i32): void {
	backed = bytes;
}

export function setDataCount(count: i32): void {
	dataCount = count;
}

/* Names of exports: a hash table of 64-bit hashes, in scratch. */

export function clearNames(address: i32, slots: i32): void {
	fill(address, 0, slots << 3);
}

/** Enters a name's hash, neither half 0. False when it is there already. */
export function addName(address: i32, slots: i32, first: i32, second: i32): boolean {
	let entry = address + ((first & (slots - 1)) << 3);
	while (load32(entry) != 0) {
		if (load32(entry) == first && load32(entry + 4) == second) return false;
		entry += 8;
		if (entry == address + (slots << 3)) entry = address;
	}
	store32(entry, first);
	store32(entry + 4, second);
	return true;
}
