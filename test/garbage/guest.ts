/*
 * Runs in a board's XS. What is dropped must be there for who comes next: of each resource there is room for one and a
 * half, and a program that drops one and makes the next goes on for ever. Prints a line of JSON for each test.
 */

export interface Request {
	/** Bytes of native memory that the board has. */
	native: number;
	/** How often one is dropped and the next made. */
	rounds: number;
}

type Callable = (...values: unknown[]) => unknown;
type Exports = Record<string, Callable>;
type Imports = ConstructorParameters<typeof WebAssembly.Instance>[1];

declare const device: unknown;

const { native: budget, rounds } = JSON.parse(native<() => string>("xs_host_request")()) as Request;
const collect = native<() => void>("xs_host_collect");
const figures = native<() => { native: number; nativePeak: number }>("xs_host_memory");
const resetPeaks = native<() => void>("xs_host_peaks");

const ByteMemory = WebAssembly.Memory as unknown as new (descriptor: {
	initial: number;
	pageSize: 1;
}) => WebAssembly.Memory;
const { promising, Suspending } = WebAssembly as unknown as {
	promising(callee: Callable): (...values: unknown[]) => Promise<unknown>;
	Suspending: new (callee: Callable) => Callable;
};

const bytes = (name: string): ArrayBuffer => files.read(name);
const compile = (name: string): WebAssembly.Module => new WebAssembly.Module(bytes(name));
const instantiate = (module: WebAssembly.Module, imports?: object): Exports =>
	new WebAssembly.Instance(module, imports as Imports).exports as unknown as Exports;

function ok(value: unknown, what: string): void {
	if (!value) throw new Error(what);
}

/** Why it is refused. */
function refusal(action: () => unknown): string {
	try {
		action();
	} catch (error) {
		return String(error);
	}
	throw new Error("not refused");
}

async function test(name: string, action: () => unknown): Promise<void> {
	let error: string | undefined;
	try {
		await action();
	} catch (thrown) {
		error = String(thrown);
	}
	collect();
	console.log(JSON.stringify({ name, error }));
}

/* ---- room ---- */

function inUse(): number {
	collect();
	return figures().native;
}

/** What a memory takes beside its bytes. */
function overheadOf(): number {
	const before = inUse();
	const one = new ByteMemory({ initial: 8, pageSize: 1 });
	const after = figures().native;
	ok(one.buffer, "no memory");
	return after - before - 8;
}
const overhead = overheadOf();

/** Takes all native memory but so many bytes. */
function leave(free: number): WebAssembly.Memory {
	return new ByteMemory({ initial: Math.floor((budget - inUse() - overhead - free) / 8) * 8, pageSize: 1 });
}

/** Garbage has all native memory: whatever is asked for next has to be asked back. */
function fillWithGarbage(): void {
	ok(leave(0).buffer, "no memory");
}

function after(rounds: number, error: unknown): Error {
	return new Error(`after ${rounds}: ${String(error)}`);
}

const handle = new WebAssembly.Global({ value: "externref", mutable: true });

/** A handle that was given up by mistake gets another value. */
function useHandles(): void {
	for (let i = 0; i < 8; i++) handle.value = { name: "handle" };
}

/** Drops one and makes the next in room for one and a half; where `alone`, a second one does not fit. */
function endless(make: () => unknown, alone = true): void {
	make();
	const before = inUse();
	resetPeaks();
	make();
	const rest = leave(Math.ceil((figures().nativePeak - before) * 1.5));
	const held: { current?: unknown } = {};
	for (let i = 0; i < rounds; i++) {
		held.current = undefined;
		try {
			held.current = make();
		} catch (error) {
			throw after(i, error);
		}
	}
	if (alone) ok(/out of memory|cannot grow/.test(refusal(make)), "refused for another reason");
	ok(held.current && rest.buffer, "dropped");
}

/** The same where one has to be waited for. */
async function endlessly(make: () => Promise<unknown>): Promise<void> {
	await make();
	const before = inUse();
	resetPeaks();
	await make();
	const rest = leave(Math.ceil((figures().nativePeak - before) * 1.5));
	const held: { current?: unknown } = {};
	for (let i = 0; i < rounds; i++) {
		held.current = undefined;
		try {
			held.current = await make();
		} catch (error) {
			throw after(i, error);
		}
	}
	ok(held.current && rest.buffer, "dropped");
}

/* ---- what a machine takes when it first calls: so this comes first ---- */

const identity = compile("identity");
const grower = compile("grower");

await test("the first call keeps its arguments while it takes a stack", () => {
	const { f } = instantiate(identity) as { f: Callable };
	fillWithGarbage();
	ok((f({ name: "argument" }) as { name: string }).name === "argument", "another value");
});

/* ---- native memory ---- */

await test("memories", () => endless(() => new WebAssembly.Memory({ initial: 3 })));
await test("memories that grow", () =>
	endless(() => {
		const memory = new WebAssembly.Memory({ initial: 1 });
		memory.grow(2);
		return memory;
	}));
await test("tables", () => endless(() => new WebAssembly.Table({ element: "anyfunc", initial: 20000 })));
await test("tables that grow, filled with something new", () =>
	endless(() => {
		const table = new WebAssembly.Table({ element: "externref", initial: 1 });
		table.grow(10000, { name: "filling" });
		useHandles();
		ok((table.get(10000) as { name: string }).name === "filling", "another value");
		return table;
	}));
await test("tables of something new", () =>
	endless(() => {
		const table = new WebAssembly.Table({ element: "externref", initial: 10000 }, { name: "filling" });
		useHandles();
		ok((table.get(9999) as { name: string }).name === "filling", "another value");
		return table;
	}));
await test("globals of something new", () =>
	endless(() => {
		const global = new WebAssembly.Global({ value: "externref" }, { name: "value" });
		useHandles();
		ok((global.value as { name: string }).name === "value", "another value");
		return global;
	}, false));
{
	const module = compile("instance");
	await test("instances", () =>
		endless(() => {
			const exports = instantiate(module, { m: { f: (x: number) => x + 1 } });
			ok(exports["run"]!(1) === 2, "another result");
			return exports;
		}));
	await test("instances in cycles", () =>
		endless(() => {
			const cycle: { exports?: Exports } = {};
			cycle.exports = instantiate(module, { m: { f: (x: number) => (x ? cycle.exports!["run"]!(x - 1) : 5) } });
			ok(cycle.exports["run"]!(3) === 5, "another result");
			return cycle;
		}));
	await test("instances of modules of their own", () =>
		endless(() => instantiate(compile("instance"), { m: { f: (x: number) => x } })));
	await test("instances that are waited for", () =>
		endlessly(() => WebAssembly.instantiate(bytes("instance"), { m: { f: (x: number) => x } })));
	await test("instances of streams", () =>
		endlessly(() =>
			WebAssembly.instantiateStreaming(files.open("instance") as never, { m: { f: (x: number) => x } }),
		));
}
await test("compilations", () => endless(() => compile("small"), false));
await test("second compilations", () =>
	endless(
		() =>
			new (WebAssembly.Module as unknown as new (source: ArrayBuffer, options: object) => unknown)(
				bytes("small"),
				{ optimize: true },
			),
		false,
	));
await test("compilations that are waited for", () => endlessly(() => WebAssembly.compile(bytes("small"))));
await test("compilations of streams", () =>
	endlessly(() => WebAssembly.compileStreaming(files.open("small") as never)));
await test("streams that never end, for which nobody waits", async () => {
	for (let i = 0; i < 5; i++) {
		void WebAssembly.compileStreaming({ read: () => new Promise(() => {}) } as never);
		for (let k = 0; k < 5; k++) await undefined;
	}
	const end = new Promise((resolve) => setTimeout(() => resolve("waits"), 1000));
	const compiled = WebAssembly.compileStreaming(files.open("small") as never).then(() => "compiled");
	ok((await Promise.race([compiled, end])) === "compiled", "waits for ever");
});
await test("a second attempt compiles what the first one got", async () => {
	const source = bytes("small");
	const compiled = async (change: boolean): Promise<string> => {
		/* Garbage as soon as this turn is over. */
		const held: { filling?: WebAssembly.Memory } = { filling: leave(0) };
		const promise = WebAssembly.compile(source);
		if (change) new Uint8Array(source)[8] = 99;
		ok(held.filling!.buffer, "no memory");
		delete held.filling;
		return promise.then(() => "compiled", String);
	};
	ok((await compiled(false)) === "compiled", "not compiled");
	ok(/out of memory/.test(await compiled(true)), "other bytes were compiled");
});

await test("what is dropped after many refusals is there", () => {
	const held: { kept?: WebAssembly.Memory } = { kept: leave(100_000) };
	for (let i = 0; i < rounds; i++)
		ok(/out of memory/.test(refusal(() => new WebAssembly.Memory({ initial: 2 }))), "not refused");
	ok(held.kept!.buffer, "dropped");
	delete held.kept;
	ok(new WebAssembly.Memory({ initial: 2 }).buffer, "no memory");
});

/* ---- memory that wasm asks for ---- */

const give = { m: { give: () => null } };

await test("memory.grow", () =>
	endless(() => {
		const exports = instantiate(grower, give);
		if (exports["memory"]!(2) !== 1) throw new Error("out of memory");
		return exports;
	}));
{
	const module = compile("traces");
	await test("memory.grow, where others have been on the stack", () =>
		endless(() => {
			const exports = instantiate(module);
			if (exports["grow"]!(2) !== 1) throw new Error("out of memory");
			for (let k = 0; k < 20; k++) exports["deep"]!(k);
			return exports;
		}));
	await test("instances that replace one another while wasm runs", () => {
		const outer = compile("wide");
		let number = 0;
		const replace = (): unknown => {
			const exports = instantiate(module);
			if (exports["grow"]!(2) !== 1) throw new Error("out of memory");
			for (let k = 0; k < 20; k++) exports["deep"]!(k);
			number++;
			return null;
		};
		const { run } = instantiate(outer, { m: { f: replace } }) as { run: Callable };
		endless(() => run() ?? true, false);
		ok(number > rounds, "not called");
	});
}
await test("table.grow, with what wasm alone holds", () =>
	endless(() => {
		const exports = instantiate(grower, give) as Exports & { t: WebAssembly.Table };
		const filling = exports["table"]!({ name: "filling" }, 10000) as { name: string };
		if (exports.t.length !== 10001) throw new Error("out of memory");
		ok(
			filling.name === "filling" && exports.t.get(10000) === filling && exports.t.get(1) === filling,
			"another value",
		);
		return exports;
	}));
await test("what the stack of wasm alone holds is kept when wasm asks", () => {
	const other = compile("identity");
	const exports = instantiate(grower, { m: { give: () => instantiate(other)["f"] } });
	exports["memory"]!(1);
	fillWithGarbage();
	const f = exports["keep"]!(3) as Callable;
	ok(exports["memory"]!(0) === 5, "did not grow");
	ok((f({ name: "argument" }) as { name: string }).name === "argument", "another value");
});
await test("a loop that asks for too much ends", () => {
	const exports = instantiate(grower, give);
	fillWithGarbage();
	ok(exports["insist"]!(200_000) === 0, "another result");
});

/* ---- calls ---- */

await test("parameters of a call that takes memory for them", () => {
	const objects = Array.from({ length: 20 }, (_, index) => ({ index }));
	const exports = instantiate(compile("wide"), { m: { f: (...values: { index: number }[]) => values } });
	exports["run"]!(...objects);
	for (let i = 0; i < 20; i++) {
		fillWithGarbage();
		const values = exports["run"]!(...Array.from({ length: 20 }, (_, index) => ({ index }))) as { index: number }[];
		for (let k = 0; k < 20; k++) ok(values[k]!.index === k, `another value for ${k}`);
	}
});
await test("a function among many parameters of a host call", () => {
	const other = compile("identity");
	const give = (): unknown => {
		const exports = instantiate(other);
		fillWithGarbage();
		return exports["f"];
	};
	const exports = instantiate(compile("wideFunctions"), { m: { f: (...values: unknown[]) => values[19], give } });
	for (let i = 0; i < 5; i++) {
		const passed = exports["run"]!() as Callable;
		ok((passed({ name: "argument" }) as { name: string }).name === "argument", "another value");
	}
});

/* Of promise stacks the board has two here. */
const never = new Suspending(() => new Promise(() => {}));
{
	const module = compile("wide");
	/* Handles of externrefs would be asked for garbage first. */
	const { run } = instantiate(compile("instance"), { m: { f: never } }) as { run: Callable };
	const abandon = (): Promise<unknown> => promising(run)(1);
	await test("promising calls that are abandoned", async () => {
		let failed: unknown;
		for (let i = 0; i < rounds; i++) {
			abandon().catch((error: unknown) => (failed = after(i, error)));
			if (i % 10 === 0) await undefined;
			if (failed) throw failed as Error;
		}
	});
	await test("promising calls keep their arguments while they take a stack", async () => {
		const exports = instantiate(identity);
		for (let i = 0; i < 10; i++) {
			void abandon();
			void abandon();
			fillWithGarbage();
			ok(
				((await promising(exports["f"]!)({ name: "argument" })) as { name: string }).name === "argument",
				"another value",
			);
		}
	});
	await test("promising calls that wait are not garbage", async () => {
		const goOn: ((value: unknown) => void)[] = [];
		const wait = new Suspending(() => new Promise((resolve) => goOn.push(resolve)));
		const results = [1, 2].map((number) => promising(instantiate(module, { m: { f: wait } })["run"]!)({ number }));
		ok(/call stack exhausted/.test(await abandon().then(String, String)), "a third stack");
		fillWithGarbage();
		ok(new WebAssembly.Memory({ initial: 4 }).buffer.byteLength === 4 * 65536, "no memory");
		for (let i = 0; i < 2; i++) goOn[i]!({ result: i });
		const values = (await Promise.all(results)) as { result: number }[];
		ok(values[0]!.result === 0 && values[1]!.result === 1, "another value");
	});
}

/* ---- limits ---- */

await test("instances beyond the board's number", () => {
	const kept: Exports[] = [];
	const more = (): string =>
		refusal(() => {
			for (;;) kept.push(instantiate(identity));
		});
	ok(/too many instances/.test(more()) && kept.length > 1, "refused for another reason");
	kept.pop();
	for (let i = 0; i < rounds; i++) instantiate(identity);
	const before = kept.length;
	ok(/too many instances/.test(more()) && kept.length === before + 1, `${kept.length} in place of ${before + 1}`);
});

await test("externrefs beyond the board's number", () => {
	/* 64 here. */
	let globals: WebAssembly.Global[] = [];
	for (let i = 0; i < rounds; i++) {
		globals = [];
		for (let k = 0; k < 40; k++) globals.push(new WebAssembly.Global({ value: "externref" }, { number: k }));
		for (let k = 0; k < 40; k++) ok((globals[k]!.value as { number: number }).number === k, "another value");
	}
	ok(
		/out of memory/.test(
			refusal(() =>
				globals.push(...globals.map((_, k) => new WebAssembly.Global({ value: "externref" }, { k }))),
			),
		),
		"for another reason",
	);
});

/* ---- the board's own ---- */

{
	interface Opened {
		close(): void;
	}
	type Opens = Record<string, new (options: object) => Opened>;
	const { io } = device as unknown as { io: Opens };
	const { Digital, Analog, PWM, SPI, Serial } = io as Record<
		"Digital" | "Analog" | "PWM" | "SPI" | "Serial",
		Opens[string]
	>;
	const ports = device as unknown as { SPI: Record<string, object>; Serial: Record<string, object> };

	await test("pins, buses and ports that are dropped", () => {
		for (let i = 0; i < rounds; i++) {
			const opened = [
				new Digital({ pin: 2, mode: 8 }),
				new SPI(ports.SPI["default"]!),
				new Serial({ ...ports.Serial["default"], baud: 9600 }),
			];
			opened.push(i % 2 ? new Analog({ pin: 3 }) : new PWM({ pin: 3 }));
		}
	});
	await test("pins in use stay so", () => {
		const led = new Digital({ pin: 2, mode: 8 });
		const held: { port?: Opened } = { port: new Serial({ ...ports.Serial["default"], baud: 9600 }) };
		ok(/in use/.test(refusal(() => new Digital({ pin: 2, mode: 0 }))), "two of a pin");
		ok(/in use/.test(refusal(() => new Serial({ ...ports.Serial["default"], baud: 9600 }))), "two of a port");
		led.close();
		led.close();
		held.port!.close();
		const other = new Digital({ pin: 2, mode: 0 });
		/* one that was closed does not take away what another has now */
		delete held.port;
		collect();
		ok(/in use/.test(refusal(() => new Digital({ pin: 2, mode: 0 }))), "two of a pin");
		other.close();
		/* callbacks keep what they belong to */
		new Digital({ pin: 7, mode: 0, edge: 3, onReadable() {} });
		ok(/in use/.test(refusal(() => new Digital({ pin: 7, mode: 0 }))), "two of a pin");
	});

	interface Iot {
		readonly imports: object;
		attach(exports: object): void;
	}
	const { openIot } = native<(name: string) => { openIot(options: object): Iot }>("xs_compiler_import")("iot");
	const module = compile("device");
	const open = (): Exports => {
		const iot = openIot({ grants: ["all"], args: [], environment: [] });
		const exports = instantiate(module, iot.imports);
		iot.attach(exports);
		return exports;
	};
	await test("what modules have open when they are dropped, watched or not", async () => {
		for (let i = 0; i < rounds / 5; i++) {
			/* serial ports promise to say when there is room */
			if (i % 10 === 0) await undefined;
			const exports = open();
			const pin = exports["gpio_open"]!(8, 0);
			const results = [
				pin,
				exports["gpio_watch"]!(pin, 3),
				exports["uart_open"]!(0, 9600),
				exports["adc_open"]!(9),
				exports["pwm_open"]!(10, 0),
			];
			for (const result of results) ok((result as number) >= 0, `after ${i}: ${results.join()}`);
		}
	});
	await test("what a module that waits has open", async () => {
		{
			const exports = open();
			ok(exports["gpio_watch"]!(exports["gpio_open"]!(8, 0), 3) === 0, "not watched");
			void promising(exports["wait"]!)(1000n, 0, 4);
		}
		await undefined;
		ok(open()["gpio_open"]!(8, 0) === -4, "two of a pin");
		/* until it has waited */
		await new Promise((resolve) => setTimeout(() => resolve(0), 10));
		ok((open()["gpio_open"]!(8, 0) as number) > 0, "still in use");
	});
}

console.log(JSON.stringify({ done: true }));
