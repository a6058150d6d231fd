/**
 * Where the bytes of a module come from: at once, or by chunks of any size.
 *
 * A chunk source is what the streaming forms of the API take: an object with `read(offset, count)` (an ArrayBuffer or a
 * view of one, or a promise of it; empty at the end; `length`, where it is known, ends it too), or with
 * `readInto(buffer, offset)`, which gives the number of bytes and lets all chunks share one buffer; an iterable or
 * asynchronous iterable of chunks, an object with `arrayBuffer()`, one with `body` that is any of these, or a chunk
 * itself. Or a promise of one.
 */

import { isBufferSource } from "./buffers";

/** Bytes that are asked for at a time of a source that is read. */
const CHUNK_BYTES = 1024;

interface Reader {
	readonly length?: number;
	read(offset: number, count: number): BufferSource | undefined | Promise<BufferSource | undefined>;
}

/** Reads into a buffer that is used again and again. */
interface BufferReader {
	readonly length?: number;
	readInto(buffer: ArrayBuffer, offset: number): number;
}

/** Whoever takes the chunks: see Compiler. */
export interface ChunkSink {
	open(): void;
	/** Takes a chunk. True: it wants a pause before it goes on with it, and goOn() called until that gives false. */
	push(chunk: BufferSource): boolean;
	goOn(): boolean;
	/** It has thrown this. Gives what to throw. */
	fail(error: unknown): unknown;
	abandon(): void;
}

const setTimer = native<(callback: () => void, milliseconds: number, repeats: boolean) => number>("xs_timer_set");
const clearTimer = native<(id: number) => void>("xs_timer_clear");

/** Events and timers are served. */
function pause(): Promise<void> {
	return new Promise((resolve) => setTimer(resolve, 0, false));
}

/** What `work` throws is the sink's. */
function inSink<T>(sink: ChunkSink, work: () => T): T {
	try {
		return work();
	} catch (error) {
		throw sink.fail(error);
	}
}

async function give(sink: ChunkSink, chunk: BufferSource): Promise<void> {
	let more = inSink(sink, () => sink.push(chunk));
	while (more) {
		await pause();
		more = inSink(sink, () => sink.goOn());
	}
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
	return isObject(value) && typeof value["then"] === "function";
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
		let given = reader.read(offset, Math.min(CHUNK_BYTES, length - offset));
		if (given instanceof Promise) given = await given;
		if (given === undefined || given === null) return;
		const chunk = toChunk(given);
		if (chunk.byteLength === 0) return;
		await give(sink, chunk);
		offset += chunk.byteLength;
	}
}

/** Without garbage for each chunk or pause, and without a promise: one buffer, one timer. */
function readBuffers<T>(
	reader: BufferReader,
	sink: ChunkSink,
	end: () => T,
	done: (result: T) => void,
	failed: (error: unknown) => void,
): void {
	const buffer = new ArrayBuffer(CHUNK_BYTES);
	let length = 0;
	let offset = 0;
	let more = false;
	let reading = true;
	let timer = 0;
	const work = (): void => {
		let result: T;
		try {
			if (!timer) {
				length = reader.length ?? Infinity;
				reading = false;
				timer = setTimer(work, 0, true);
				sink.open();
			}
			if (more) more = sink.goOn();
			while (!more && offset < length) {
				reading = true;
				const count = reader.readInto(buffer, offset);
				reading = false;
				if (!(count > 0 && count <= CHUNK_BYTES)) break;
				offset += count;
				more = sink.push(count === CHUNK_BYTES ? buffer : new Uint8Array(buffer, 0, count));
			}
			if (more) return;
			result = end();
		} catch (error) {
			if (timer) clearTimer(timer);
			if (reading) sink.abandon();
			failed(reading ? error : sink.fail(error));
			return;
		}
		clearTimer(timer);
		done(result);
	};
	work();
}

function fillsBuffers(source: object): source is BufferReader {
	return typeof (source as Partial<BufferReader>).readInto === "function";
}

/** Can it be read a second time, from its beginning? */
export function isReadableAgain(source: unknown): boolean {
	return isBufferSource(source) || (isObject(source) && (fillsBuffers(source) || isReader(source)));
}

async function deliver(source: unknown, sink: ChunkSink): Promise<void> {
	if (isBufferSource(source)) return give(sink, source);
	if (!isObject(source)) throw new TypeError("WebAssembly: not a source of chunks");
	if (fillsBuffers(source))
		return new Promise((resolve, reject) => readBuffers(source, sink, () => undefined, resolve, reject));
	if (isReader(source)) return readAll(source as unknown as Reader, sink);
	if (typeof source[Symbol.asyncIterator] === "function" || typeof source[Symbol.iterator] === "function") {
		for await (const chunk of source as unknown as AsyncIterable<unknown>) await give(sink, toChunk(chunk));
		return;
	}
	const body = await source["body"];
	if (isObject(body)) return deliver(body, sink);
	if (typeof source["arrayBuffer"] === "function")
		return give(sink, toChunk(await (source["arrayBuffer"] as () => unknown).call(source)));
	throw new TypeError("WebAssembly: not a source of chunks");
}

async function pumpSlowly<T>(source: unknown, sink: ChunkSink, end: () => T): Promise<T> {
	try {
		inSink(sink, () => sink.open());
		await deliver(source, sink);
		return inSink(sink, end);
	} finally {
		sink.abandon();
	}
}

/** All bytes of the source go to the sink, which is opened, and then ended: what `end` gives. */
export function pump<T>(
	source: unknown,
	sink: ChunkSink,
	end: () => T,
	done: (result: T) => void,
	failed: (error: unknown) => void,
): void {
	if (isObject(source) && !isBufferSource(source) && fillsBuffers(source))
		readBuffers(source, sink, end, done, failed);
	else void pumpSlowly(source, sink, end).then(done, failed);
}
