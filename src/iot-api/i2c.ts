/** I2C: ECMA-419, clause 10.6. */

import type { Context } from "./context";
import { Code } from "./errors";
import { openingCodeOf } from "./failures";
import { mayUsePort } from "./grants";
import { copyOf } from "./guest-memory";
import { Kind, type Entry } from "./handles";
import { classOf, portOf, type I2cClass, type I2cObject } from "./provider";

interface Target extends Entry {
	device: I2cObject;
}

const DEFAULT_HERTZ = 100_000;
/** Of one transfer, at most: a provider makes a buffer of so many. */
const READ_BYTES = 65536;
/* The specification reserves what is below and above. */
const FIRST_ADDRESS = 0x08;
const LAST_ADDRESS = 0x77;

export function open(context: Context, bus: number, address: number, hertz: number): number {
	const { device, grants, handles } = context;
	if (bus < 0 || hertz < 0 || address < FIRST_ADDRESS || address > LAST_ADDRESS) return Code.EINVAL;
	if (!grants.all && !mayUsePort(grants.i2c, bus, address)) return Code.EPERM;
	const port = portOf(device.I2C, bus);
	const I2C = port && classOf<I2cClass>(port, device.io.I2C);
	if (!I2C) return Code.ENODEV;
	if (handles.full) return Code.EMFILE;
	let opened: I2cObject;
	try {
		opened = new I2C({ ...port, address, hz: hertz === 0 ? DEFAULT_HERTZ : hertz });
	} catch (error) {
		return openingCodeOf(error);
	}
	return handles.add<Target>({ kind: Kind.I2C, device: opened, index: 0, handle: 0, pin: -1 });
}

export function write(context: Context, handle: number, data: Uint8Array): number {
	const entry = context.handles.get<Target>(handle, Kind.I2C);
	if (!entry) return Code.EBADF;
	entry.device.write(copyOf(data), true);
	return data.length;
}

function readInto(device: I2cObject, data: Uint8Array): number {
	if (data.length === 0) return 0;
	if (data.length > READ_BYTES) return Code.EINVAL;
	let read = new Uint8Array(device.read(data.length, true));
	if (read.length > data.length) read = read.subarray(0, data.length);
	data.set(read);
	return read.length;
}

export function read(context: Context, handle: number, data: Uint8Array): number {
	const entry = context.handles.get<Target>(handle, Kind.I2C);
	return entry ? readInto(entry.device, data) : Code.EBADF;
}

export function writeRead(context: Context, handle: number, command: Uint8Array, data: Uint8Array): number {
	const entry = context.handles.get<Target>(handle, Kind.I2C);
	if (!entry) return Code.EBADF;
	entry.device.write(copyOf(command), data.length === 0);
	return readInto(entry.device, data);
}
