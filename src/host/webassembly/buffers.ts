/**
 * The buffers of memories. Linear memory lies outside the JavaScript heap, so its buffer is a host buffer: an object
 * whose bytes belong to C. Views over it work as they are; the members of ArrayBuffer.prototype do not know it, so
 * those that must are replaced by ones which know both. Where ArrayBuffer.prototype is frozen (in a firmware's flash),
 * the buffers get a prototype of their own with these members, which inherits from it.
 */

/*
 * Where the engine binds C when it is linked, a native can be called but is no object: Object() makes one of it.
 */
const isBuffer = native<(value: unknown) => boolean>("xs_buffer_is");
const getByteLength = Object(native("xs_buffer_get_byteLength")) as (this: ArrayBuffer) => number;
const getMaxByteLength = Object(native("xs_buffer_get_maxByteLength")) as (this: ArrayBuffer) => number;
const getResizable = Object(native("xs_buffer_get_resizable")) as (this: ArrayBuffer) => boolean;
const slice = Object(native("xs_buffer_slice")) as (this: ArrayBuffer, start?: number, end?: number) => ArrayBuffer;

/** An ArrayBuffer, a buffer of a memory, or a view of one of them. */
export function isBufferSource(value: unknown): value is BufferSource {
	return isBuffer(value);
}

function defineName(callee: (...values: never[]) => unknown, name: string, length: number): void {
	Object.defineProperty(callee, "name", { value: name, configurable: true });
	Object.defineProperty(callee, "length", { value: length, configurable: true });
}

function defineMembers(prototype: object): void {
	Object.defineProperty(prototype, "byteLength", {
		get: getByteLength,
		set: undefined,
		enumerable: false,
		configurable: true,
	});
	Object.defineProperty(prototype, "maxByteLength", {
		get: getMaxByteLength,
		set: undefined,
		enumerable: false,
		configurable: true,
	});
	Object.defineProperty(prototype, "resizable", {
		get: getResizable,
		set: undefined,
		enumerable: false,
		configurable: true,
	});
	Object.defineProperty(prototype, "slice", { value: slice, writable: true, enumerable: false, configurable: true });
}

function makePrototype(): object {
	defineName(getByteLength, "get byteLength", 0);
	defineName(getMaxByteLength, "get maxByteLength", 0);
	defineName(getResizable, "get resizable", 0);
	defineName(slice, "slice", 2);
	let prototype: object = ArrayBuffer.prototype;
	const byteLength = Object.getOwnPropertyDescriptor(prototype, "byteLength");
	if (!byteLength || !byteLength.configurable) prototype = Object.create(prototype) as object;
	defineMembers(prototype);
	return prototype;
}

/** The prototype of buffers of memories: ArrayBuffer.prototype where that may be. */
export const bufferPrototype = makePrototype();
