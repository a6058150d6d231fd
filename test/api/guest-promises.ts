/* Promise integration. V8 has it behind a flag, so these run on boards only. */

import { equal, equalList, instantiate, later, module, ok, ownTest, rejects, throws, unique } from "./guest-support";
import type { Callable } from "./guest-support";

function waiting(
	wait: unknown,
	get: unknown = () => undefined,
	pair: unknown = () => [1, 2n],
): Record<string, Callable> {
	return instantiate("waiting", { m: { wait, get, pair } });
}

export function promiseTests(): void {
	ownTest("Suspending and promising check their arguments", () => {
		for (const value of [undefined, null, 1, {}])
			throws(() => new WebAssembly.Suspending(value as () => void), TypeError);
		throws(() => (WebAssembly.Suspending as unknown as (f: () => void) => void)(() => undefined), TypeError);
		for (const value of [undefined, 1, {}, () => 1, Math.sin])
			throws(() => WebAssembly.promising(value as () => void), TypeError);
		equal(Object.prototype.toString.call(new WebAssembly.Suspending(() => 1)), "[object WebAssembly.Suspending]");
		const { run } = waiting(() => 1) as { run: Callable };
		const promised = WebAssembly.promising(run);
		equal(typeof promised, "function");
		equal(promised.name, run.name);
		equal(promised.length, 1);
	});

	ownTest("a module waits while JavaScript goes on", async () => {
		const log: string[] = [];
		const { run } = waiting(
			new WebAssembly.Suspending(async (x: number) => {
				log.push(`wait ${x}`);
				await later(5);
				log.push("waited");
				return x * 10;
			}),
		) as { run: Callable };
		const promise = WebAssembly.promising(run)(4);
		ok(promise instanceof Promise, "promise");
		log.push("going on");
		equal(await promise, 41);
		equal(log.join(), "wait 4,going on,waited");
	});

	ownTest("a value that is no promise does not suspend", async () => {
		const { run } = waiting(new WebAssembly.Suspending((x: number) => x * 10)) as { run: Callable };
		equal(await WebAssembly.promising(run)(4), 41);
		equal(run(4), 41, "also without promising");
		const plain = waiting((x: number) => x + 1) as { run: Callable };
		equal(await WebAssembly.promising(plain["run"])(1), 3);
	});

	ownTest("several calls are suspended at once and end in any order", async () => {
		const exports = waiting(
			new WebAssembly.Suspending(async (x: number) => {
				await later((50 - x) * 100);
				return x;
			}),
		);
		const run = WebAssembly.promising(exports["run"]!);
		const ended: number[] = [];
		const all = [10, 20, 30, 40].map(async (x) => {
			const result = (await run(x)) as number;
			ended.push(result);
			return result;
		});
		equal(exports["count"]!(), 1, "other functions of the instance can be called");
		equalList(await Promise.all(all), [11, 21, 31, 41]);
		equalList(ended, [41, 31, 21, 11]);
	});

	ownTest("a call is suspended again and again", async () => {
		let count = 0;
		const exports = waiting(
			new WebAssembly.Suspending(async (x: number) => {
				count++;
				await later(1);
				return x + 1;
			}),
		);
		equal(await WebAssembly.promising(exports["twice"]!)(5), 5 + (5 + 1) + 1 + 5);
		equal(count, 2);
	});

	ownTest("a rejection is thrown where the module waits", async () => {
		const error = new EvalError("no");
		const { run } = waiting(
			new WebAssembly.Suspending(async () => {
				await later(1);
				throw error;
			}),
		) as { run: Callable };
		equal(await rejects(() => WebAssembly.promising(run)(1), EvalError), error);
		const thrower = waiting(
			new WebAssembly.Suspending(() => {
				throw error;
			}),
		) as { run: Callable };
		equal(await rejects(() => WebAssembly.promising(thrower["run"])(1), EvalError), error);
		const bad = waiting(new WebAssembly.Suspending(async () => 1n)) as { run: Callable };
		await rejects(() => WebAssembly.promising(bad["run"])(1), TypeError);
		await rejects(() => WebAssembly.promising(bad["run"])(1n), TypeError);
		const traps = instantiate("traps");
		await rejects(() => WebAssembly.promising(traps["unreachable"]!)(), WebAssembly.RuntimeError, /^unreachable$/);
	});

	ownTest("references and several values survive a suspension", async () => {
		const object = unique();
		const exports = waiting(
			() => 0,
			new WebAssembly.Suspending(async (x: unknown) => {
				await later(1);
				return [x];
			}),
			new WebAssembly.Suspending(async () => {
				await later(1);
				return [7, -8n];
			}),
		);
		const result = (await WebAssembly.promising(exports["object"]!)(object)) as unknown[];
		equal(result[0], object);
		equalList(await WebAssembly.promising(exports["pair"]!)(), [7, -8n]);
	});

	ownTest("without promising, or with JavaScript in between, suspending is refused", async () => {
		let exports: Record<string, Callable> = {};
		exports = waiting(new WebAssembly.Suspending(async () => 1), () => exports["run"]!(1));
		throws(() => exports["run"]!(1), WebAssembly.SuspendError);
		equal(exports["count"]!(), 1);
		await rejects(
			() => WebAssembly.promising(exports["object"]!)(1),
			WebAssembly.SuspendError,
			/trying to suspend JS frames/,
		);
		await rejects(
			async () =>
				new WebAssembly.Instance(module("start"), {
					m: { f: new WebAssembly.Suspending(async () => undefined) },
				}),
			WebAssembly.SuspendError,
		);
		equal(new WebAssembly.SuspendError("x") instanceof Error, true);
	});

	ownTest("calls that nobody will resume are given back", async () => {
		const exports = waiting(new WebAssembly.Suspending(() => new Promise(() => undefined)));
		const run = WebAssembly.promising(exports["run"]!);
		for (let i = 0; i < 100; i++) {
			void run(i);
			if (i % 10 === 9) {
				collect();
				await later(1);
			}
		}
		equal(exports["count"]!(), 1);
	});
}

function collect(): void {
	if (typeof native === "function") native<() => void>("xs_host_collect")();
}
