/** WebAssembly.Memory */

import { bufferPrototype } from "./buffers";
import { defineInterface, toDictionary, toIndex } from "./interface";
import { theStore, type Store } from "./store";

export interface MemoryDescriptor {
	initial: number;
	maximum?: number;
	/** custom-page-sizes: 1 or 65536 */
	pageSize?: number;
}

const newMemory =
	native<(memory: Memory, store: Store, initial: number, maximum: number | undefined, pageLog2: number) => void>(
		"xs_memory_new",
	);
const getBuffer = native<(memory: Memory, prototype: object) => ArrayBuffer>("xs_memory_get_buffer");
const growMemory = native<(memory: Memory, delta: number) => number>("xs_memory_grow");

/** All addresses. */
const MAXIMUM_BYTES = 4_294_967_296;

export class Memory {
	constructor(descriptor: MemoryDescriptor) {
		const context = "WebAssembly.Memory()";
		const dictionary = toDictionary(descriptor, context);
		const initial = toIndex(dictionary["initial"], `${context}: Property 'initial'`);
		const given = dictionary["maximum"];
		const maximum = given === undefined ? undefined : toIndex(given, `${context}: Property 'maximum'`);
		const givenSize = dictionary["pageSize"];
		const pageSize = givenSize === undefined ? 65536 : toIndex(givenSize, `${context}: Property 'pageSize'`);
		if (pageSize !== 1 && pageSize !== 65536)
			throw new TypeError(`${context}: Property 'pageSize' must be 1 or 65536`);
		if (maximum !== undefined && maximum < initial)
			throw new RangeError(`${context}: Property 'maximum' must not be below 'initial'`);
		if (initial * pageSize > MAXIMUM_BYTES || (maximum ?? 0) * pageSize > MAXIMUM_BYTES)
			throw new RangeError(`${context}: more than 4 GiB`);
		newMemory(this, theStore(), initial, maximum, pageSize === 1 ? 0 : 16);
	}
	grow(delta: number): number {
		return growMemory(this, delta);
	}
	get buffer(): ArrayBuffer {
		return getBuffer(this, bufferPrototype);
	}
}

defineInterface(Memory, "Memory");
