/** Analog inputs: ECMA-419, clause 10.3. */

import { openDirectly } from "./closing";
import type { Context } from "./context";
import { Code } from "./errors";
import { openingCodeOf } from "./failures";
import { mayUsePin } from "./grants";
import { Kind, type Entry } from "./handles";
import type { AnalogObject } from "./provider";

interface Input extends Entry {
	device: AnalogObject;
}

export function open(context: Context, pin: number): number {
	const { device, grants, handles } = context;
	if (pin < 0) return Code.EINVAL;
	if (!grants.all && !mayUsePin(grants.adc, pin, "in")) return Code.EPERM;
	const Analog = device.io.Analog;
	if (!Analog) return Code.ENODEV;
	if (handles.full) return Code.EMFILE;
	let opened: AnalogObject;
	try {
		opened = new Analog({ pin });
	} catch (error) {
		return openingCodeOf(error);
	}
	const entry: Input = { kind: Kind.ADC, device: opened, index: 0, handle: 0, pin };
	handles.add(entry);
	return openDirectly(context, entry, opened.resolution, 0);
}

export function bits(context: Context, handle: number): number {
	return context.handles.get<Input>(handle, Kind.ADC)?.device.resolution ?? Code.EBADF;
}

export function read(context: Context, handle: number): number {
	return context.handles.get<Input>(handle, Kind.ADC)?.device.read() ?? Code.EBADF;
}
