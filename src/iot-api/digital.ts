/** Digital pins: ECMA-419, clause 10.2. */

import { Event, Gpio } from "./bindings";
import { closeQuietly, openDirectly } from "./closing";
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
	/** Its device is. */
	closed: boolean;
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
	const { device, grants, handles } = context;
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
	const entry: Pin = {
		kind,
		device: opened,
		index: 0,
		handle: 0,
		pin,
		mode: providerMode,
		watched: false,
		closed: false,
	};
	handles.add(entry);
	return openDirectly(context, entry, 1, 0);
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

/** 0, or why it is open as it was before, or, if that fails too, closed. */
function reopen(entry: Pin, Digital: DigitalClass, options: DigitalOptions): number {
	entry.closed = true;
	try {
		entry.device.close();
		entry.device = new Digital(options);
		entry.closed = false;
		return 0;
	} catch (error) {
		const problem = openingCodeOf(error);
		try {
			entry.device = new Digital({ pin: entry.pin, mode: entry.mode });
			entry.closed = false;
		} catch {
			/* The pin is somebody else's now. */
		}
		return problem;
	}
}

/** A pin's edges are an option of its constructor, so it is opened anew. */
export function watch(context: Context, handle: number, edges: number): number {
	const { device, events, handles, platform } = context;
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
	platform.direct?.close(entry.index);
	const problem = reopen(entry, Digital, options);
	if (entry.closed) {
		closeQuietly(context, entry);
		return problem;
	}
	const opened = openDirectly(context, entry, 1, 0);
	if (opened < 0) return opened;
	entry.watched = problem === 0 && edges !== 0;
	return problem;
}
