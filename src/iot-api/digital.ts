/** Digital pins: ECMA-419, clause 10.2. */

import { Event, Gpio } from "./bindings";
import type { Context } from "./context";
import { Code } from "./errors";
import { openingCodeOf } from "./failures";
import { mayUsePin } from "./grants";
import { Kind, type Entry } from "./handles";
import type { DigitalClass, DigitalObject, DigitalOptions } from "./provider";

export interface Pin extends Entry {
	device: DigitalObject;
	readonly mode: number;
	watched: boolean;
}

/** The provider's number of a mode of the API. */
function modeOf(Digital: DigitalClass, mode: number): number | undefined {
	switch (mode) {
		case Gpio.INPUT:
			return Digital.Input;
		case Gpio.INPUT_PULLUP:
			return Digital.InputPullUp;
		case Gpio.INPUT_PULLDOWN:
			return Digital.InputPullDown;
		case Gpio.OUTPUT:
			return Digital.Output;
		case Gpio.OUTPUT_OPEN_DRAIN:
			return Digital.OutputOpenDrain;
		default:
			return undefined;
	}
}

export function open(context: Context, pin: number, mode: number): number {
	const { device, grants, handles, platform } = context;
	const output = mode === Gpio.OUTPUT || mode === Gpio.OUTPUT_OPEN_DRAIN;
	if (mode < Gpio.INPUT || mode > Gpio.OUTPUT_OPEN_DRAIN || pin < 0) return Code.EINVAL;
	if (!grants.all && !mayUsePin(grants.gpio, pin, output ? "out" : "in")) return Code.EPERM;
	const Digital = device.io.Digital;
	if (!Digital) return Code.ENODEV;
	const providerMode = modeOf(Digital, mode);
	if (providerMode === undefined) return Code.ENOTSUP;
	if (handles.full) return Code.EMFILE;
	const kind = output ? Kind.OUTPUT : Kind.INPUT;
	let opened: DigitalObject;
	try {
		opened = new Digital({ pin, mode: providerMode });
	} catch (error) {
		return openingCodeOf(error);
	}
	const entry: Pin = { kind, device: opened, index: 0, handle: 0, pin, mode: providerMode, watched: false };
	const handle = handles.add(entry);
	const problem = platform.direct?.open(entry.index, handle, kind, pin, 1, 0) ?? 0;
	if (problem === 0) return handle;
	handles.remove(entry);
	opened.close();
	return problem;
}

export function read(context: Context, handle: number): number {
	const entry = context.handles.find(handle);
	if (!entry || (entry.kind !== Kind.INPUT && entry.kind !== Kind.OUTPUT)) return Code.EBADF;
	return (entry as Pin).device.read() ? 1 : 0;
}

export function write(context: Context, handle: number, level: number): number {
	const entry = context.handles.get<Pin>(handle, Kind.OUTPUT);
	if (!entry) return Code.EBADF;
	entry.device.write(level === 0 ? 0 : 1);
	return 0;
}

/** A pin's edges are an option of its constructor, so it is opened anew. */
export function watch(context: Context, handle: number, edges: number): number {
	const { device, events, handles } = context;
	const entry = handles.get<Pin>(handle, Kind.INPUT);
	const Digital = device.io.Digital;
	if (!entry || !Digital) return Code.EBADF;
	if (edges < 0 || edges > Gpio.BOTH) return Code.EINVAL;
	const { pin, mode } = entry;
	const options: DigitalOptions = { pin, mode };
	if (edges !== 0) {
		options.weak = true;
		options.edge = (edges & Gpio.RISING ? Digital.Rising : 0) | (edges & Gpio.FALLING ? Digital.Falling : 0);
		options.onReadable = (): void => {
			if (entry.watched) events.push(Event.GPIO, handle, entry.device.read() ? 1 : 0);
		};
	}
	entry.watched = false;
	entry.device.close();
	try {
		entry.device = new Digital(options);
	} catch (error) {
		/* As it was before. */
		entry.device = new Digital({ pin, mode });
		return openingCodeOf(error);
	}
	entry.watched = edges !== 0;
	return 0;
}
