/*
 * The states of a call (docs/ARCHITECTURE.md): each way that a call comes to be meets each event, and what comes out of
 * it is looked at. Afterwards other calls go as ever, nothing is left of it in memory, and a call that was suspended
 * all the time goes on. Boards only; under sanitizers nothing is used after it was freed.
 */

import { tests, later, module, equal, ok, rejects, throws } from "./guest-support";
import type { Callable } from "./guest-support";
import { DO_HOST, DO_LOOP, DO_OVERFLOW, DO_RETURN, DO_TRAP, events, GO, OUTER, SUBJECT, ways } from "./states";
import type { Event, Way } from "./states";
import { clock, passTime, watch } from "./guest-watchdog";

interface Suspension {
	readonly brand?: "suspension";
}

const collectOnce = native<() => void>("xs_host_collect");
const memory = native<() => { native: number }>("xs_host_memory");
const guard = native<(action: () => unknown) => unknown>("xs_host_guard");
const nativeCall = native<(callee: Callable, ...values: unknown[]) => unknown>("xs_promising_call");
const nativeResume = native<(suspension: unknown, failed: boolean, value: unknown) => unknown>("xs_promising_resume");
const isSuspension = native<(value: unknown) => value is Suspension>("xs_suspension_is");
const isInterrupted = native<(suspension: Suspension) => boolean>("xs_suspension_interrupted");
const takePromise = native<(suspension: Suspension) => Promise<unknown>>("xs_suspension_promise");

const { Instance, Memory, Suspending, SuspendError, promising } = WebAssembly;

function collect(): void {
	collectOnce();
	collectOnce();
}

/** A loop that plainly has no end would be left out of the bundle. */
function exhaust(): unknown {
	const all: object[] = [];
	while (clock() > 0) all.push({});
	return all;
}

function overflow(depth: number): number {
	return overflow(depth + 1) + 1;
}

const taken: unknown[] = [];

/** All native memory but a few bytes. */
function takeMemory(): void {
	let last: WebAssembly.Memory | undefined;
	for (let size = 1 << 24; size >= 1; size >>= 1) {
		try {
			for (;;) taken.push((last = new Memory({ initial: size, pageSize: 1 } as WebAssembly.MemoryDescriptor)));
		} catch {
			// then a smaller one, or less more of the last
		}
		try {
			while (last) last.grow(size);
		} catch {
			// as above
		}
	}
}

function giveMemory(): void {
	if (!taken.length) return;
	taken.length = 0;
	collect();
}

function own(): EvalError {
	return new EvalError("own");
}

/** How an error shows: a trap by its kind. */
function describe(error: unknown): string {
	const { kind } = error as { kind?: string };
	return kind ?? (error instanceof SuspendError ? "SuspendError" : String(error));
}

const never = (): Promise<never> => new Promise(() => undefined);
const settled = (value: unknown): Promise<unknown> => later(5).then(() => value);
const rejected = (): Promise<never> =>
	later(5).then(() => {
		throw own();
	});

/** A value that is converted by that. */
function converted(action: () => unknown): Promise<unknown> {
	return settled({ valueOf: action });
}

function suspend(event: Event): unknown {
	switch (event) {
		case "suspension, settled before":
			return Promise.resolve(DO_RETURN);
		case "suspension, rejected":
		case "interrupt, suspension, rejected":
			return rejected();
		case "suspension, dropped":
		case "interrupt, suspension, dropped":
			return never();
		case "suspension, constructor throws":
			return Object.defineProperty(settled(DO_RETURN), "constructor", {
				get() {
					throw own();
				},
			});
		case "suspension, conversion throws":
			return converted(() => {
				throw own();
			});
		case "suspension, conversion overflows":
			return converted(() => overflow(0));
		case "suspension, conversion exhausts":
			return converted(exhaust);
		case "suspension, conversion collects":
			return converted(() => {
				collect();
				equal(instance((): number => DO_RETURN)(GO), 6);
				return DO_RETURN;
			});
		case "suspension, time passes":
			return settled(DO_RETURN).then((value) => {
				passTime();
				return value;
			});
		case "suspension, another is interrupted":
			return settled(DO_RETURN).then((value) => {
				const run = instance((): number => DO_LOOP);
				watch(1);
				equal(
					outcomeOf(() => run(GO)),
					"interrupted",
				);
				watch(0);
				return value;
			});
		default:
			return settled(DO_RETURN);
	}
}

/** In the host function, while the call that the event meets waits for it. */
function meet(event: Event): unknown {
	switch (event) {
		case "exception":
			throw own();
		case "trap":
			return instance((): number => DO_TRAP)(GO);
		case "overflow":
			return overflow(0);
		case "exhaustion":
			return exhaust();
		case "interrupt":
			passTime();
			return DO_RETURN;
		case "interrupt, exception":
			passTime();
			throw own();
		case "interrupt, exhaustion":
			passTime();
			return exhaust();
		case "collection":
			collect();
			return DO_RETURN;
		case "exhaustion before suspension":
			settled(DO_RETURN);
			return exhaust();
		case "no native memory for suspension": {
			const promise = Promise.resolve(DO_RETURN);
			takeMemory();
			return promise;
		}
		case "return":
			return DO_RETURN;
		default:
			if (event.startsWith("interrupt")) passTime();
			return suspend(event);
	}
}

/** What code does that runs. */
function act(event: Event): number {
	switch (event) {
		case "runs: return":
			return DO_RETURN;
		case "runs: trap":
			return DO_TRAP;
		case "runs: overflow":
			return DO_OVERFLOW;
		case "runs: interrupt":
			watch(1);
			return DO_LOOP;
		default:
			return DO_HOST;
	}
}

const isSuspendable = (way: Way): boolean =>
	way === "promising" || way === "resumed" || way === "nested promising" || way === "resumed nested";

function expected(way: Way, event: Event): string {
	switch (event) {
		case "runs: trap":
		case "trap":
			return "unreachable";
		case "runs: overflow":
			return "stack";
		case "overflow":
			return "RangeError: stack overflow";
		case "exception":
			return "EvalError: own";
		case "exhaustion":
		case "exhaustion before suspension":
			return "RangeError: out of memory: JavaScript slots";
	}
	if (event.includes("interrupt") && event !== "suspension, another is interrupted") return "interrupted";
	if (!event.includes("suspension")) return "6";
	if (!isSuspendable(way)) return "SuspendError";
	switch (event) {
		case "suspension, dropped":
			return "nothing";
		case "suspension, rejected":
		case "suspension, constructor throws":
		case "suspension, conversion throws":
			return "EvalError: own";
		case "suspension, conversion overflows":
			return "RangeError: stack overflow";
		case "suspension, conversion exhausts":
			return "RangeError: out of memory: JavaScript slots";
		case "suspension, time passes":
			return "interrupted";
		case "no native memory for suspension":
			return "RangeError: out of memory: native";
		default:
			return "6";
	}
}

function importsOf(host: (x: number) => unknown, many: () => unknown = () => []): WebAssembly.Imports {
	return { m: { host: new Suspending(host), many: new Suspending(many) } } as unknown as WebAssembly.Imports;
}

/** The exported function of a new instance with that host function. */
function instance(host: (x: number) => unknown): Callable {
	return new Instance(module("states"), importsOf(host)).exports["run"] as Callable;
}

function outcomeOf(action: () => unknown): string {
	try {
		return String(action());
	} catch (error) {
		return describe(error);
	}
}

/** What a promise comes to by the time that all of these tests' promises have settled. */
async function outcomeLater(promise: Promise<unknown>): Promise<string> {
	giveMemory();
	return Promise.race([promise.then(String, describe), later(50).then(() => "nothing")]);
}

/** What promise-integration.ts does, for calls that are resumed in a host function. */
async function follow(outcome: unknown): Promise<unknown> {
	if (!isSuspension(outcome)) return outcome;
	let result: unknown;
	const promise = takePromise(outcome);
	if (isInterrupted(outcome)) {
		promise.catch(() => undefined);
		return nativeResume(outcome, true, undefined);
	}
	try {
		result = await promise;
	} catch (error) {
		return nativeResume(outcome, true, error);
	}
	return nativeResume(outcome, false, result);
}

/** The outcomes of the call that meets the event, and of the one that it is nested in. */
async function meetAs(way: Way, event: Event): Promise<[string, string]> {
	let begun: Suspension | undefined;
	let inner: string | Promise<string> = "not called";
	const run = way === "start function" ? undefined : instance(host);
	let outer = "6";

	function host(x: number): unknown {
		if (x === SUBJECT) {
			const given = meet(event);
			// who cannot wait for it does not look at it
			if (event.endsWith("rejected") && !isSuspendable(way)) (given as Promise<unknown>).catch(() => undefined);
			return given;
		}
		if (x === OUTER) {
			inner = begin();
			return DO_RETURN;
		}
		if (way === "resumed") return later(5).then(() => act(event));
		if (way === "resumed nested") return never();
		return act(event);
	}

	function begin(): string | Promise<string> {
		switch (way) {
			case "plain":
			case "nested":
				return outcomeOf(() => run!(GO));
			case "promising":
			case "nested promising":
			case "resumed":
				return outcomeLater(promising(run!)(GO));
			case "resumed nested":
				try {
					return outcomeLater(follow(nativeResume(begun, false, act(event))));
				} catch (error) {
					return describe(error);
				}
			default:
				return outcomeOf(() => (new Instance(module("statesStart"), importsOf(host)), 6));
		}
	}

	if (way === "nested") outer = await outcomeLater(promising(run!)(OUTER));
	else if (way === "nested promising") outer = outcomeOf(() => run!(OUTER));
	else if (way === "resumed nested") {
		begun = nativeCall(run!, GO) as Suspension;
		outer = outcomeOf(() => run!(OUTER));
	} else inner = begin();
	const result = await inner;
	giveMemory();
	await later(50);
	watch(0);
	return [result, outer];
}

/** Calls that have nothing to do with it. */
async function othersGo(): Promise<void> {
	equal(
		outcomeOf(() => instance(() => DO_RETURN)(GO)),
		"6",
	);
	const throwing = instance(() => {
		throw new EvalError("another");
	});
	equal(
		outcomeOf(() => throwing(GO)),
		"EvalError: another",
	);
	equal(await outcomeLater(promising(instance(() => settled(DO_RETURN)))(GO)), "6");
	equal(await outcomeLater(promising(throwing)(GO)), "EvalError: another");
}

/** What is in use, after all garbage has gone. */
async function inUse(): Promise<number> {
	await later(100);
	collect();
	return memory().native;
}

async function pair(way: Way, event: Event): Promise<void> {
	let wake: (value: number) => void = () => undefined;
	const bystander = promising(
		instance(
			() =>
				new Promise((resolve) => {
					wake = resolve;
				}),
		),
	)(GO);
	const interrupts = event.startsWith("interrupt") || event === "runs: interrupt";
	const used: number[] = [];
	for (let round = 0; round < 3; round++) {
		const [inner, outer] = await meetAs(way, event);
		equal(inner, expected(way, event), "the call");
		equal(outer, interrupts && way.includes("nested") ? "interrupted" : "6", "the outer call");
		await othersGo();
		used.push(await inUse());
	}
	ok(used[2]! <= used[1]!, `native memory: ${used.join()}`);
	wake(DO_RETURN);
	equal(await bystander, 6);
}

function test(name: string, run: () => unknown): void {
	tests.push({ name, run });
}

export function stateTests(): void {
	for (const way of ways) for (const event of events) test(`${way}, ${event}`, () => pair(way, event));

	test("a suspension is resumed once", () => {
		const run = instance(() => never());
		const one = nativeCall(run, GO) as Suspension;
		ok(isSuspension(one), "no suspension");
		equal(nativeResume(one, false, DO_RETURN), 6);
		throws(() => nativeResume(one, false, DO_RETURN), TypeError, /nothing to resume/);
		throws(() => nativeResume(one, true, DO_RETURN), TypeError, /nothing to resume/);
		equal(isInterrupted(one), false);
		collect();
		for (const none of [undefined, 1, {}, run]) throws(() => nativeResume(none, false, 1), TypeError);
		const failed = nativeCall(run, GO) as Suspension;
		throws(() => nativeResume(failed, true, own()), EvalError);
		throws(() => nativeResume(failed, false, DO_RETURN), TypeError, /nothing to resume/);
	});

	test("a conversion cannot resume what it is for", () => {
		const one = nativeCall(
			instance(() => never()),
			GO,
		) as Suspension;
		let tries = 0;
		const value = {
			valueOf(): number {
				for (const failed of [false, true])
					throws(() => nativeResume(one, failed, DO_RETURN), TypeError, /nothing to resume/);
				collect();
				tries++;
				return DO_RETURN;
			},
		};
		equal(nativeResume(one, false, value), 6);
		equal(tries, 1);
	});

	test("a script's own then gets at nothing", async () => {
		/* Firmware freezes it: nobody has an own one. */
		if (Object.isFrozen(Promise.prototype)) return;
		const { then } = Promise.prototype;
		let called = 0;
		Promise.prototype.then = function (this: Promise<unknown>, ...callbacks: unknown[]) {
			called++;
			return Reflect.apply(then, this, callbacks) as Promise<unknown>;
		} as typeof then;
		try {
			const promise = promising(instance(() => never()))(GO);
			equal(called, 0);
			ok(promise instanceof Promise, "promise");
		} finally {
			Promise.prototype.then = then;
		}
	});

	test("many values: what a resumption takes is given back", async () => {
		const values = Array.from({ length: 20 }, (_, i) => BigInt(i) << 40n);
		const ways: [() => unknown, string][] = [
			[() => values, "20"],
			[() => [...values.slice(1), { valueOf: exhaust }], "RangeError: out of memory: JavaScript slots"],
			[() => [...values.slice(1), 1.5], "TypeError"],
			[() => values.slice(1), "TypeError"],
		];
		const used: number[] = [];
		for (let round = 0; round < 4; round++) {
			for (const [outcome, result] of ways) {
				const imports = importsOf(
					() => 0,
					() => later(1).then(outcome),
				);
				const many = new Instance(module("states"), imports).exports["many"] as Callable;
				const ended = await outcomeLater(promising(many)().then((list) => (list as unknown[]).length));
				ok(ended.startsWith(result), ended);
			}
			used.push(await inUse());
		}
		equal(used[3], used[1], "native memory");
	});

	test("many values: results that exhaust the heap are given back", async () => {
		const { constants } = new Instance(
			module("states"),
			importsOf(() => 0),
		).exports as Record<string, Callable>;
		const used: number[] = [];
		for (let round = 0; round < 4; round++) {
			for (let i = 0; i < 5; i++)
				throws(() => {
					guard(() => {
						let all: unknown;
						while (clock() > 0) all = { values: constants!(), all };
						return all;
					});
				}, RangeError);
			used.push(await inUse());
		}
		equal(used[3], used[1], "native memory");
	});

	test("calls whose promises are dropped leave their stacks to others", async () => {
		const run = promising(instance(() => never()));
		for (let i = 0; i < 100; i++) {
			void run(GO);
			if (i % 3 === 2) await inUse();
		}
		await rejects(() => promising(instance(() => DO_TRAP))(GO), WebAssembly.RuntimeError, /^unreachable$/);
	});
}
