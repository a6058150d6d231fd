/**
 * JavaScript promise integration: a function that suspends its caller until a promise settles, and an exported function
 * that returns a promise because it may be suspended.
 */

import { defineTag } from "./interface";

/** A suspended call: an object whose data only C knows. */
interface Suspension {
	readonly brand?: "suspension";
}

type Callee = (...values: unknown[]) => unknown;
type Resolve = (value: unknown) => void;

const newSuspending = native<(object: Suspending, callee: Callee) => void>("xs_suspending_new");
const isExportedFunction = native<(value: unknown) => value is Callee>("xs_function_is");
const isSuspension = native<(value: unknown) => value is Suspension>("xs_suspension_is");
const isInterrupted = native<(suspension: Suspension) => boolean>("xs_suspension_interrupted");
const takePromise = native<(suspension: Suspension) => Promise<unknown>>("xs_suspension_promise");
const call = native<(callee: Callee, ...values: unknown[]) => unknown>("xs_promising_call");
const resume = native<(suspension: Suspension, failed: boolean, value: unknown) => unknown>("xs_promising_resume");

export class Suspending {
	constructor(callee: Callee) {
		newSuspending(this, callee);
	}
}

defineTag(Suspending.prototype, "WebAssembly.Suspending");

/* As it is now: a script's own `then` would get at what resumes a call. */
const { then } = Promise.prototype;

/**
 * What a call, or its continuation, came to: its results, or a suspension that goes on when its promise has settled.
 */
function settle(outcome: unknown, resolve: Resolve, reject: Resolve): void {
	if (!isSuspension(outcome)) return resolve(outcome);
	try {
		void then.call(
			takePromise(outcome),
			(value: unknown) => advance(outcome, false, value, resolve, reject),
			(reason: unknown) => advance(outcome, true, reason, resolve, reject),
		);
	} catch (error) {
		return advance(outcome, true, error, resolve, reject);
	}
	// the watchdog's time came while the host function ran: the call ends now, whenever the promise settles
	if (isInterrupted(outcome)) advance(outcome, true, undefined, resolve, reject);
}

function advance(suspension: Suspension, failed: boolean, value: unknown, resolve: Resolve, reject: Resolve): void {
	let outcome: unknown;
	try {
		outcome = resume(suspension, failed, value);
	} catch (error) {
		return reject(error);
	}
	settle(outcome, resolve, reject);
}

export function promising(callee: Callee): (...values: unknown[]) => Promise<unknown> {
	if (!isExportedFunction(callee))
		throw new TypeError("WebAssembly.promising(): Argument 0 must be a WebAssembly exported function");
	const wrapper = (...values: unknown[]): Promise<unknown> =>
		new Promise((resolve, reject) => settle(call(callee, ...values), resolve, reject));
	Object.defineProperty(wrapper, "name", { value: callee.name, configurable: true });
	Object.defineProperty(wrapper, "length", { value: callee.length, configurable: true });
	return wrapper;
}
