/**
 * Where the bytes of a module come from: at once, or by chunks of any size.
 *
 * A chunk source is what the streaming forms of the API take: an object with `read(offset, count)` (an ArrayBuffer or a view of one, or a promise of it; empty at
 * the end; `length`, where it is known, ends it too), an iterable or asynchronous iterable of chunks, an object with `arrayBuffer()`, one with `body` that is any
 * of these, or a chunk itself. Or a promise of one.
 */

import { isBufferSource } from "./buffers";

/** Bytes that are asked for at a time of a source that is read. */
const CHUNK_BYTES = 512;

interface Reader {
	readonly length?: number;
	read(offset: number, count: number): BufferSource | undefined | Promise<BufferSource | undefined>;
}

export interface ChunkSink {
	push(chunk: BufferSource): void;
}

function isObject(value: unknown): value is Record<PropertyKey, unknown> {
	return (typeof value === "object" && value !== null) || typeof value === "function";
}

function isReader(value: Record<PropertyKey, unknown>): boolean {
	return typeof value["read"] === "function";
}

function toChunk(value: unknown): BufferSource {
	if (!isBufferSource(value)) throw new TypeError("WebAssembly: a chunk is neither an ArrayBuffer nor a view of one");
	return value;
}

async function readAll(reader: Reader, sink: ChunkSink): Promise<void> {
	const length = reader.length ?? Infinity;
	let offset = 0;
	while (offset < length) {
		const given = await reader.read(offset, Math.min(CHUNK_BYTES, length - offset));
		if (given === undefined || given === null) return;
		const chunk = toChunk(given);
		if (chunk.byteLength === 0) return;
		sink.push(chunk);
		offset += chunk.byteLength;
	}
}

export async function pump(given: unknown, sink: ChunkSink): Promise<void> {
	const source = await given;
	if (isBufferSource(source)) return sink.push(source);
	if (!isObject(source)) throw new TypeError("WebAssembly: not a source of chunks");
	if (isReader(source)) return readAll(source as unknown as Reader, sink);
	if (typeof source[Symbol.asyncIterator] === "function" || typeof source[Symbol.iterator] === "function") {
		for await (const chunk of source as unknown as AsyncIterable<unknown>) sink.push(toChunk(chunk));
		return;
	}
	if (isObject(source["body"])) return pump(source["body"], sink);
	if (typeof source["arrayBuffer"] === "function") return sink.push(toChunk(await (source["arrayBuffer"] as () => unknown).call(source)));
	throw new TypeError("WebAssembly: not a source of chunks");
}
