/** Serial ports: ECMA-419, clause 10.7. */

import { Event } from "./bindings";
import type { Context } from "./context";
import { Code } from "./errors";
import { openingCodeOf } from "./failures";
import { mayUsePort } from "./grants";
import { Kind, type Entry } from "./handles";
import { classOf, portOf, type SerialClass, type SerialObject } from "./provider";

/** Bytes of one call at most, since a provider may not have said yet how many it has room for. */
const BUFFER = 4096;

interface Line extends Entry {
	device: SerialObject;
	watched: boolean;
	/** Bytes that can be read, at least. */
	readable: number;
	/** Bytes that can be written, as the provider said last. */
	writable: number;
	overrun: boolean;
}

export function open(context: Context, number: number, baud: number): number {
	const { device, events, grants, handles } = context;
	if (number < 0 || baud <= 0) return Code.EINVAL;
	if (!grants.all && !mayUsePort(grants.uart, number, -1)) return Code.EPERM;
	const port = portOf(device.Serial, number);
	const Serial = port && classOf<SerialClass>(port, device.io.Serial);
	if (!Serial) return Code.ENODEV;
	if (handles.full) return Code.EMFILE;
	const entry: Omit<Line, "device"> & { device: SerialObject | undefined } = {
		kind: Kind.UART,
		device: undefined,
		index: 0,
		handle: 0,
		pin: -1,
		watched: false,
		readable: 0,
		writable: Infinity,
		overrun: false,
	};
	try {
		entry.device = new Serial({
			...port,
			baud,
			format: "buffer",
			weak: true,
			onReadable: (count: number): void => {
				entry.readable = count;
				if (entry.watched) events.push(Event.UART, entry.handle, count);
			},
			onWritable: (count: number): void => {
				entry.writable = count;
			},
			onError: (): void => {
				entry.overrun = true;
			},
		});
	} catch (error) {
		return openingCodeOf(error);
	}
	return handles.add(entry as Line);
}

export function read(context: Context, handle: number, data: Uint8Array): number {
	const entry = context.handles.get<Line>(handle, Kind.UART);
	if (!entry) return Code.EBADF;
	if (entry.overrun) {
		entry.overrun = false;
		return Code.EOVERRUN;
	}
	if (data.length === 0) return 0;
	const came = entry.device.read(Math.min(data.length, BUFFER));
	if (!came || came.byteLength === 0) {
		entry.readable = 0;
		return Code.EAGAIN;
	}
	data.set(new Uint8Array(came));
	entry.readable = Math.max(0, entry.readable - came.byteLength);
	return came.byteLength;
}

export function write(context: Context, handle: number, data: Uint8Array): number {
	const entry = context.handles.get<Line>(handle, Kind.UART);
	if (!entry) return Code.EBADF;
	const count = Math.min(data.length, entry.writable, BUFFER);
	if (count === 0) return data.length === 0 ? 0 : Code.EAGAIN;
	entry.device.write(data.slice(0, count));
	entry.writable -= count;
	return count;
}

export function watch(context: Context, handle: number, on: number): number {
	const entry = context.handles.get<Line>(handle, Kind.UART);
	if (!entry) return Code.EBADF;
	entry.watched = on !== 0;
	if (entry.watched && entry.readable > 0) context.events.push(Event.UART, handle, entry.readable);
	return 0;
}
