/** Pulse width modulation: ECMA-419, clause 10.5. */

import { openDirectly } from "./closing";
import type { Context } from "./context";
import { Code } from "./errors";
import { openingCodeOf } from "./failures";
import { mayUsePin } from "./grants";
import { Kind, type Entry } from "./handles";
import type { PwmObject } from "./provider";

interface Output extends Entry {
	device: PwmObject;
	readonly maximum: number;
}

export function open(context: Context, pin: number, hertz: number): number {
	const { device, grants, handles } = context;
	if (pin < 0 || hertz < 0) return Code.EINVAL;
	if (!grants.all && !mayUsePin(grants.pwm, pin, "out")) return Code.EPERM;
	const PWM = device.io.PWM;
	if (!PWM) return Code.ENODEV;
	if (handles.full) return Code.EMFILE;
	let opened: PwmObject;
	try {
		opened = new PWM(hertz === 0 ? { pin } : { pin, hz: hertz });
	} catch (error) {
		return openingCodeOf(error);
	}
	const resolution = opened.resolution;
	const entry: Output = { kind: Kind.PWM, device: opened, index: 0, handle: 0, pin, maximum: 2 ** resolution - 1 };
	handles.add(entry);
	return openDirectly(context, entry, resolution, opened.hz ?? hertz);
}

export function bits(context: Context, handle: number): number {
	return context.handles.get<Output>(handle, Kind.PWM)?.device.resolution ?? Code.EBADF;
}

export function write(context: Context, handle: number, duty: number): number {
	const entry = context.handles.get<Output>(handle, Kind.PWM);
	if (!entry) return Code.EBADF;
	if (duty < 0 || duty > entry.maximum) return Code.EINVAL;
	entry.device.write(duty);
	return 0;
}
