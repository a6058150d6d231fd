/**
 * How what a module has open begins and ends. Closing makes it unusable first, and what can fail comes last: nothing
 * that goes wrong on the way leaves a device that is closed for one part, and open for another.
 */

import type { Context } from "./context";
import { codeOf } from "./failures";
import type { Entry } from "./handles";

/** Throws what the device's close throws; the handle is closed all the same. */
export function closeHandle({ events, handles, platform }: Context, entry: Entry): void {
	platform.direct?.close(entry.index);
	handles.remove(entry);
	events.forget(entry.handle);
	entry.device.close();
}

export function closeQuietly(context: Context, entry: Entry): void {
	try {
		closeHandle(context, entry);
	} catch {
		/* It is gone all the same. */
	}
}

/** Puts an entry where compiled code finds its pin. A negative code: it cannot, and the entry is closed. */
export function openDirectly(context: Context, entry: Entry, bits: number, hertz: number): number {
	const { index, handle, kind, pin } = entry;
	let problem: number;
	try {
		problem = context.platform.direct?.open(index, handle, kind, pin, bits, hertz) ?? 0;
	} catch (error) {
		problem = codeOf(error);
	}
	if (problem === 0) return handle;
	closeQuietly(context, entry);
	return problem;
}
