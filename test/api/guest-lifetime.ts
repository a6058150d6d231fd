/* What is reachable lives, what is not is given back: by the figures of the board, so these run on boards only. */

import { equal, instantiate, module, ok, ownTest, rounds, throws, throwsValue, unique } from "./guest-support";
import type { Callable } from "./guest-support";

interface Figures {
	native: number;
	slotsLive: number;
	chunksLive: number;
}

function figures(): Figures {
	native<() => void>("xs_host_collect")();
	native<() => void>("xs_host_collect")();
	return native<() => Figures>("xs_host_memory")();
}

/** After a first round the action leaves the heaps as they were. */
function flat(action: () => void, slack = 256): void {
	action();
	action();
	const before = figures();
	for (let i = 0; i < 3; i++) action();
	const after = figures();
	ok(after.native <= before.native + slack, `native memory grew from ${before.native} to ${after.native}`);
	ok(after.slotsLive <= before.slotsLive + 1024, `slots grew from ${before.slotsLive} to ${after.slotsLive}`);
	ok(after.chunksLive <= before.chunksLive + 1024, `chunks grew from ${before.chunksLive} to ${after.chunksLive}`);
}

/** Lies before the values of movable in memory. */
let ballast: string[] = [];

function valueOf(index: number): string | bigint {
	return index % 2 ? `string number ${index}` : 10n ** 20n + BigInt(index);
}

/** A value whose bytes the engine moves when `move` is called. */
function movable(index: number): string | bigint {
	ballast.push(String(index).padStart(200, "x"));
	return valueOf(index);
}

function move(): void {
	ballast = [];
	figures();
}

export function lifetimeTests(): void {
	ownTest("modules and instances that nobody reaches are given back", () => {
		flat(() => {
			for (let i = 0; i < 20; i++) {
				const exports = instantiateAnew("everything");
				equal((exports["function"] as Callable)(), 1);
				(exports["table"] as WebAssembly.Table).get(0);
				(exports["global"] as WebAssembly.Global).value = exports;
				new Uint8Array((exports["memory"] as WebAssembly.Memory).buffer)[0] = 1;
			}
		});
	});

	ownTest("cycles between instances are given back", () => {
		flat(() => {
			for (let i = 0; i < 10; i++) {
				const table = new WebAssembly.Table({ element: "anyfunc", initial: 4 });
				const global = new WebAssembly.Global({ value: "externref", mutable: true }, table);
				const one = instantiate("tableUser", { m: { table } });
				const other = instantiate("tableUser", { m: { table } });
				table.set(1, one["own"]);
				table.set(2, other["call"]);
				one as { back?: unknown } satisfies object;
				global.value = [one, other, global];
			}
		});
	});

	ownTest("memories, tables, globals of JavaScript are given back", () => {
		flat(() => {
			for (let i = 0; i < 20; i++) {
				const memory = new WebAssembly.Memory({ initial: 1 });
				memory.grow(1);
				new Uint8Array(memory.buffer);
				new WebAssembly.Table({ element: "externref", initial: 100 }, unique());
				new WebAssembly.Global({ value: "externref" }, unique());
			}
		});
	});

	ownTest("refused modules leave nothing", () => {
		flat(() => {
			for (let i = 0; i < 5; i++) {
				throws(
					() => new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5])),
					WebAssembly.CompileError,
				);
				throws(
					() => new WebAssembly.Instance(module("imports"), { a: { function: 1 } } as WebAssembly.Imports),
					WebAssembly.LinkError,
				);
				throws(() => instantiate("traps")["unreachable"]!(), WebAssembly.RuntimeError);
			}
		});
	});

	ownTest("externrefs of a hundred thousand calls leave nothing", () => {
		const { externref } = instantiate("identities") as { externref: Callable };
		const objects = [unique(), "text", 5n];
		flat(() => {
			for (let i = 0; i < rounds / 50; i++) {
				if (externref(objects[i % 3]) !== objects[i % 3]) throw new Error("another value");
			}
		});
	});

	ownTest("objects by the hundred thousand pass through a loop of wasm", () => {
		let count = 0;
		const { loop } = instantiate("externrefLoop", {
			m: {
				next: (previous: { count: number }) => {
					if (previous.count !== count) throw new Error("another value");
					return { count: ++count };
				},
			},
		}) as { loop: Callable };
		const before = figures();
		const last = loop(rounds, { count: 0 }) as { count: number };
		equal(last.count, rounds);
		const after = figures();
		ok(after.native <= before.native + 300_000, `native memory grew from ${before.native} to ${after.native}`);
		ok(after.slotsLive <= before.slotsLive + 2048, `slots grew from ${before.slotsLive} to ${after.slotsLive}`);
	});

	ownTest("strings and integers held by wasm survive collections that move memory", () => {
		const table = new WebAssembly.Table({ element: "externref", initial: 50 });
		for (let i = 0; i < 50; i++) table.set(i, movable(i));
		for (let round = 0; round < 5; round++) {
			for (let i = 0; i < 100; i++) String(i).padStart(500, "x");
			move();
			for (let i = 0; i < 50; i++) equal(table.get(i), valueOf(i));
		}
	});

	ownTest("strings and integers move in memory while globals, locals and callers hold them", () => {
		const globals: WebAssembly.Global[] = [];
		for (let i = 0; i < 10; i++) globals.push(new WebAssembly.Global({ value: "externref" }, movable(i)));
		const { global } = instantiateAnew("everything") as unknown as { global: WebAssembly.Global };
		global.value = movable(10);
		move();
		for (let i = 0; i < 10; i++) equal(globals[i]!.value, valueOf(i));
		equal(global.value, valueOf(10));
		let calls = 0;
		const { loop } = instantiate("externrefLoop", {
			m: {
				next: (previous: unknown) => {
					move();
					equal(previous, valueOf(calls));
					return movable(++calls);
				},
			},
		}) as { loop: Callable };
		equal(loop(20, movable(0)), valueOf(20));
	});

	ownTest("strings and integers that host functions throw come out", () => {
		for (let i = 0; i < 10; i++) {
			const { loop } = instantiate("externrefLoop", {
				m: {
					next: (previous: unknown) => {
						try {
							throw previous;
						} finally {
							move();
						}
					},
				},
			}) as { loop: Callable };
			throwsValue(() => loop(1, movable(i)), valueOf(i));
		}
	});

	ownTest("collections during a call of wasm keep what it holds", () => {
		let calls = 0;
		const { loop } = instantiate("externrefLoop", {
			m: {
				next: (previous: unknown) => {
					if (++calls % 10 === 0) figures();
					return { previous, name: `object ${calls}` };
				},
			},
		}) as { loop: Callable };
		let last = loop(50, null) as { previous: unknown; name: string } | null;
		for (let i = 50; i > 0; i--) {
			equal(last!.name, `object ${i}`);
			last = last!.previous as typeof last;
		}
		equal(last, null);
	});

	ownTest("functions keep their identity though nobody holds them", () => {
		const exports = instantiateAnew("table") as unknown as { table: WebAssembly.Table };
		const marks = new WeakMap<object, string>();
		marks.set(exports.table.get(2) as object, "mark");
		figures();
		equal(marks.get(exports.table.get(2) as object), "mark");
	});
}

function instantiateAnew(name: string): Record<string, unknown> {
	return instantiate(name);
}
