/*
 * The machine is left by a longjmp, for deep sleep, while calls are in each of their states: it is deleted with all
 * that it has, and the next one begins. Each sleeps an hour, so the hour says which state is next. In virtual time
 * only.
 */

import { module } from "./guest-support";
import { passTime } from "./guest-watchdog";
import { abandonments, DO_HOST } from "./states";
import type { Abandonment } from "./states";

const deepSleep = native<(microseconds: number, pin: number, level: number) => void>("xs_io_deep_sleep");
const nativeCall = native<(callee: unknown, ...values: unknown[]) => unknown>("xs_promising_call");
const nativeResume = native<(suspension: unknown, failed: boolean, value: unknown) => unknown>("xs_promising_resume");

const { Instance, promising, Suspending } = WebAssembly;

function leave(): never {
	deepSleep(3600e6, -1, 0);
	throw new Error("it did not leave");
}

function never(): Promise<unknown> {
	return new Promise(() => undefined);
}

type Run = (x: number) => unknown;

function instance(name: string, host: (x: number) => unknown): Run {
	const m = { host: new Suspending(host), many: () => [] };
	return new Instance(module(name), { m } as unknown as WebAssembly.Imports).exports["run"] as Run;
}

/** Some that wait, whatever else is. */
const wait = instance("states", never);
for (let i = 0; i < 3; i++) void promising(wait)(0);

const leaving = (): Run => instance("states", leave);

const leaves: Record<Abandonment, () => void> = {
	"in a host function": () => leaving()(0),
	"in a host function of a promising call": () => void promising(leaving())(0),
	"in a nested call": () => {
		const inner = leaving();
		void promising(instance("states", () => promising(inner)(0)))(0);
	},
	"in a resumed call": () => {
		let calls = 0;
		const run = instance("states", () => (calls++ ? leave() : Promise.resolve(DO_HOST)));
		void promising(run)(0);
	},
	"in a call that a host function resumed": () => {
		let calls = 0;
		const run = instance("states", () => (calls++ ? leave() : never()));
		const suspension = nativeCall(run, 0);
		instance("states", () => nativeResume(suspension, false, DO_HOST))(0);
	},
	"in a start function": () => void instance("statesStart", leave),
	"in a conversion": () => {
		nativeResume(nativeCall(wait, 0), false, { valueOf: leave });
	},
	"under an interrupt": () => {
		const run = instance("states", () => {
			passTime();
			return leave();
		});
		void promising(run)(0);
	},
	"while others wait": () => void setTimeout(leave, 1),
};

const hour = new Date().getUTCHours();
// the one before has been left, and here is another machine
if (hour) console.log(JSON.stringify({ name: abandonments[hour - 1] }));
if (hour < abandonments.length) {
	console.log(JSON.stringify({ begin: abandonments[hour] }));
	leaves[abandonments[hour]!]();
} else console.log(JSON.stringify({ done: true }));
