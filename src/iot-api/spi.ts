/** SPI: ECMA-419, clause 10.8. */

import type { Context } from "./context";
import { Code } from "./errors";
import { openingCodeOf } from "./failures";
import { mayUsePort } from "./grants";
import { copyOf } from "./guest-memory";
import { Kind, type Entry } from "./handles";
import { classOf, portOf, type SpiClass, type SpiObject } from "./provider";

interface Target extends Entry {
	device: SpiObject;
}

const DEFAULT_HERTZ = 1_000_000;

export function open(context: Context, bus: number, select: number, hertz: number, mode: number): number {
	const { device, grants, handles } = context;
	if (bus < 0 || hertz < 0 || select < -1 || mode < 0 || mode > 3) return Code.EINVAL;
	if (!grants.all && !mayUsePort(grants.spi, bus, select)) return Code.EPERM;
	const port = portOf(device.SPI, bus);
	const SPI = port && classOf<SpiClass>(port, device.io.SPI);
	if (!SPI) return Code.ENODEV;
	if (handles.full) return Code.EMFILE;
	const options: Record<string, unknown> = { ...port, hz: hertz === 0 ? DEFAULT_HERTZ : hertz, mode };
	if (select >= 0) options["select"] = select;
	let opened: SpiObject;
	try {
		opened = new SPI(options);
	} catch (error) {
		return openingCodeOf(error);
	}
	return handles.add<Target>({ kind: Kind.SPI, device: opened, index: 0, handle: 0, pin: -1 });
}

export function transfer(context: Context, handle: number, data: Uint8Array): number {
	const entry = context.handles.get<Target>(handle, Kind.SPI);
	if (!entry) return Code.EBADF;
	const sent = copyOf(data);
	/* Providers give a buffer of their own, or leave what came in the one they got. */
	const received = entry.device.transfer(sent);
	data.set(received ? new Uint8Array(received, 0, data.length) : sent);
	return data.length;
}

export function write(context: Context, handle: number, data: Uint8Array): number {
	const entry = context.handles.get<Target>(handle, Kind.SPI);
	if (!entry) return Code.EBADF;
	entry.device.write(copyOf(data));
	return data.length;
}
