/**
 * WASI preview 1, as far as a program of a sensor node needs it: standard streams, clocks, random bytes, arguments,
 * environment, exit, sleep. What concerns files and sockets is there and says
 * ENOSYS; descriptors beyond the three streams are EBADF.
 * https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
 */

import { ModuleExit } from "./failures";
import { fillRandomly, type GuestMemory } from "./guest-memory";
import type { Platform, Services } from "./platform";
import { dueAt, takeSteps } from "./sleep";
import { wasiTypes } from "./wasi-table";

export interface WasiOptions {
	readonly platform: Platform;
	readonly services: Services;
	readonly guest: GuestMemory;
	/** The program's name first. */
	readonly args: readonly string[];
	/** NAME=VALUE */
	readonly environment: readonly string[];
}

const enum Errno {
	SUCCESS = 0,
	BADF = 8,
	INVAL = 28,
	NOSYS = 52,
	NOTSUP = 58,
	SPIPE = 70,
}

const enum Clock {
	REALTIME,
	MONOTONIC,
}

const STREAMS = 3;
const CHARACTER_DEVICE = 2;
const RIGHT_READ = 2;
const RIGHT_WRITE = 64;

/** What one call takes at most: a program goes on with the rest, as after any short write. */
const VECTORS = 1024;
const WRITTEN_BYTES = 65536;
const SUBSCRIPTIONS = 64;

const SUBSCRIPTION_SIZE = 48;
const EVENT_SIZE = 32;
const ABSOLUTE = 1;

type Imported = (...values: never[]) => unknown;

/** UTF-8 with a zero at the end. */
function toBytes(text: string): Uint8Array {
	const bytes: number[] = [];
	for (const character of text) {
		const point = character.codePointAt(0)!;
		if (point < 0x80) bytes.push(point);
		else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 63));
		else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
		else
			bytes.push(
				0xf0 | (point >> 18),
				0x80 | ((point >> 12) & 63),
				0x80 | ((point >> 6) & 63),
				0x80 | (point & 63),
			);
	}
	bytes.push(0);
	return new Uint8Array(bytes);
}

/** Of the strings of one list; made when they are first asked for. */
interface Strings {
	readonly texts: readonly string[];
	bytes?: Uint8Array[];
}

function bytesOf(strings: Strings): Uint8Array[] {
	return (strings.bytes ??= strings.texts.map(toBytes));
}

export function createWasi({ platform, services, guest, args, environment }: WasiOptions): Record<string, unknown> {
	const argumentStrings: Strings = { texts: args };
	const variableStrings: Strings = { texts: environment };
	function view(address: number, size: number): DataView {
		const bytes = guest.bytes(address, size);
		return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	}

	function sizeOf(list: readonly Uint8Array[]): number {
		let bytes = 0;
		for (let i = 0; i < list.length; i++) bytes += list[i]!.length;
		return bytes;
	}

	/** Pointers to the strings, and the strings themselves. */
	function putStrings(strings: Strings, pointers: number, buffer: number): Errno {
		const list = bytesOf(strings);
		const table = view(pointers, list.length * 4);
		let at = buffer >>> 0;
		guest.check(at, sizeOf(list));
		for (let i = 0; i < list.length; i++) {
			const bytes = list[i]!;
			guest.bytes(at, bytes.length).set(bytes);
			table.setUint32(i * 4, at, true);
			at += bytes.length;
		}
		return Errno.SUCCESS;
	}

	function putSizes(strings: Strings, count: number, size: number): Errno {
		const list = bytesOf(strings);
		guest.check(size, 4);
		view(count, 4).setUint32(0, list.length, true);
		view(size, 4).setUint32(0, sizeOf(list), true);
		return Errno.SUCCESS;
	}

	/** Nanoseconds. */
	function time(clock: number): bigint {
		return clock === Clock.REALTIME
			? BigInt(Math.floor(Date.now())) * 1_000_000n
			: BigInt(Math.floor(services.now())) * 1000n;
	}

	interface Subscription {
		readonly userdata: bigint;
		readonly type: number;
		readonly error: Errno;
		/** Microseconds, by services.now(); 0: ready, Infinity: never. */
		readonly due: number;
	}

	function readSubscription(address: number): Subscription {
		const fields = view(address, SUBSCRIPTION_SIZE);
		const userdata = fields.getBigUint64(0, true);
		const type = fields.getUint8(8);
		if (type > 2) return { userdata, type, error: Errno.INVAL, due: 0 };
		if (type !== 0)
			return { userdata, type, error: fields.getUint32(16, true) < STREAMS ? Errno.SUCCESS : Errno.BADF, due: 0 };
		const clock = fields.getUint32(16, true);
		if (clock > Clock.MONOTONIC) return { userdata, type, error: Errno.INVAL, due: 0 };
		const timeout = fields.getBigUint64(24, true);
		const now = services.now();
		const microseconds = Number(fields.getUint16(40, true) & ABSOLUTE ? timeout - time(clock) : timeout) / 1000;
		return {
			userdata,
			type,
			error: Errno.SUCCESS,
			due: microseconds > 0 ? dueAt(now, Math.ceil(microseconds)) : 0,
		};
	}

	function writeEvent(address: number, { userdata, type, error }: Subscription): void {
		guest.bytes(address, EVENT_SIZE).fill(0);
		const fields = view(address, EVENT_SIZE);
		fields.setBigUint64(0, userdata, true);
		fields.setUint16(8, error, true);
		fields.setUint8(10, type);
		/* There is room for output always; input is at its end. */
		if (type === 2) fields.setBigUint64(16, 4096n, true);
	}

	function finishPoll(subscriptions: readonly Subscription[], events: number, written: number): Errno {
		const now = services.now();
		let count = 0;
		for (let i = 0; i < subscriptions.length; i++) {
			const subscription = subscriptions[i]!;
			if (subscription.due <= now) writeEvent(events + EVENT_SIZE * count++, subscription);
		}
		view(written, 4).setUint32(0, count, true);
		return Errno.SUCCESS;
	}

	function poll(from: number, events: number, count: number, written: number): number | Promise<number> {
		const number = count >>> 0;
		if (number === 0 || number > SUBSCRIPTIONS) return Errno.INVAL;
		guest.check(from, number * SUBSCRIPTION_SIZE);
		guest.check(events, number * EVENT_SIZE);
		guest.check(written, 4);
		const subscriptions: Subscription[] = [];
		let due = Infinity;
		for (let i = 0; i < number; i++) {
			const subscription = readSubscription(from + i * SUBSCRIPTION_SIZE);
			subscriptions.push(subscription);
			if (subscription.due < due) due = subscription.due;
		}
		return takeSteps(() => {
			while (services.now() < due) {
				const passed = platform.sleep(due, () => false);
				if (passed) return passed;
			}
			return finishPoll(subscriptions, events, written);
		});
	}

	const functions: Record<string, Imported> = {
		args_get: (pointers: number, buffer: number) => putStrings(argumentStrings, pointers, buffer),
		args_sizes_get: (count: number, size: number) => putSizes(argumentStrings, count, size),
		environ_get: (pointers: number, buffer: number) => putStrings(variableStrings, pointers, buffer),
		environ_sizes_get: (count: number, size: number) => putSizes(variableStrings, count, size),
		clock_res_get(clock: number, result: number) {
			if (clock >>> 0 > Clock.MONOTONIC) return Errno.INVAL;
			view(result, 8).setBigUint64(0, clock === Clock.REALTIME ? 1_000_000n : 1000n, true);
			return Errno.SUCCESS;
		},
		clock_time_get(clock: number, _precision: bigint, result: number) {
			if (clock >>> 0 > Clock.MONOTONIC) return Errno.INVAL;
			view(result, 8).setBigUint64(0, time(clock), true);
			return Errno.SUCCESS;
		},
		fd_close: (descriptor: number) => (descriptor >>> 0 < STREAMS ? Errno.SUCCESS : Errno.BADF),
		fd_fdstat_get(descriptor: number, result: number) {
			if (descriptor >>> 0 >= STREAMS) return Errno.BADF;
			const status = view(result, 24);
			status.setUint8(0, CHARACTER_DEVICE);
			status.setUint8(1, 0);
			status.setUint16(2, 0, true);
			status.setUint32(4, 0, true);
			status.setBigUint64(8, BigInt(descriptor === 0 ? RIGHT_READ : RIGHT_WRITE), true);
			status.setBigUint64(16, 0n, true);
			return Errno.SUCCESS;
		},
		fd_fdstat_set_flags: (descriptor: number) => (descriptor >>> 0 < STREAMS ? Errno.SUCCESS : Errno.BADF),
		fd_filestat_get(descriptor: number, result: number) {
			if (descriptor >>> 0 >= STREAMS) return Errno.BADF;
			guest.bytes(result, 64).fill(0);
			view(result, 64).setUint8(16, CHARACTER_DEVICE);
			return Errno.SUCCESS;
		},
		fd_prestat_get: () => Errno.BADF,
		fd_prestat_dir_name: () => Errno.BADF,
		fd_read(descriptor: number, vectors: number, count: number, read: number) {
			if (descriptor !== 0) return descriptor >>> 0 < STREAMS ? Errno.NOTSUP : Errno.BADF;
			guest.check(vectors, (count >>> 0) * 8);
			view(read, 4).setUint32(0, 0, true);
			return Errno.SUCCESS;
		},
		fd_seek: (descriptor: number) => (descriptor >>> 0 < STREAMS ? Errno.SPIPE : Errno.BADF),
		fd_tell: (descriptor: number) => (descriptor >>> 0 < STREAMS ? Errno.SPIPE : Errno.BADF),
		fd_write(descriptor: number, vectors: number, count: number, written: number) {
			if (descriptor !== 1 && descriptor !== 2) return descriptor === 0 ? Errno.NOTSUP : Errno.BADF;
			const number = count >>> 0;
			guest.check(vectors, number * 8);
			guest.check(written, 4);
			const taken = Math.min(number, VECTORS);
			const table = view(vectors, taken * 8);
			let total = 0;
			for (let i = 0; i < taken && total < WRITTEN_BYTES; i++) {
				let bytes = guest.bytes(table.getUint32(i * 8, true), table.getUint32(i * 8 + 4, true));
				if (total + bytes.length > WRITTEN_BYTES) bytes = bytes.subarray(0, WRITTEN_BYTES - total);
				if (bytes.length > 0) platform.write(descriptor, bytes);
				total += bytes.length;
			}
			view(written, 4).setUint32(0, total, true);
			return Errno.SUCCESS;
		},
		proc_exit(status: number) {
			throw new ModuleExit(status >>> 0);
		},
		random_get(buffer: number, size: number) {
			fillRandomly(guest.bytes(buffer, size), services, platform);
			return Errno.SUCCESS;
		},
		sched_yield: () => Errno.SUCCESS,
	};
	const imports: Record<string, unknown> = functions;
	imports["poll_oneoff"] = platform.suspending(poll);
	/* Those that are not supported share one for each line of the table, since a function has one type. */
	const types = wasiTypes();
	for (let i = 0; i < types.length; i++) {
		const names = types[i]![1];
		const unsupported = (): Errno => Errno.NOSYS;
		for (let j = 0; j < names.length; j++) imports[names[j]!] ??= unsupported;
	}
	return imports;
}
