/*
 * Calls of the device API, by the right types, with the values that nobody thinks of: each function with all of them,
 * or with a sample where they are many. Every call must come back with a result, or with the trap of a range outside of
 * memory. It runs in engines and in Node's tests.
 */

import type { ModuleImports } from "../../src/iot-api/modules";
import { Random } from "../fuzz/random";

/** A function, as raw-module.ts exports it. */
export interface Callee {
	readonly name: string;
	readonly params: readonly string[];
	readonly suspends: boolean;
}

type Value = number | bigint;
type Exported = (...values: Value[]) => Value | undefined | Promise<Value | undefined>;

export interface Attempt {
	readonly module: WebAssembly.Module;
	readonly callees: readonly Callee[];
	readonly open: () => ModuleImports;
	/** Of a function that suspends. */
	readonly promising: (callee: Exported) => Exported;
	readonly seed: number;
	/** Calls of one function at most. */
	readonly limit: number;
	readonly onProblem: (text: string) => void;
	/** What became of all calls of a function, as one number. */
	readonly onDone?: (name: string, digest: number) => void;
}

const PAGE = 65536;
const SUBSCRIPTIONS = 1024;
const SUBSCRIPTION_SIZE = 48;
const VECTORS = 4096;
const TEXTS = 8192;

/** Numbers, pins, modes, addresses, sizes. */
const words = [
	...[
		0,
		1,
		-1,
		2,
		3,
		4,
		5,
		7,
		8,
		16,
		24,
		33,
		63,
		64,
		127,
		128,
		1000,
		4096,
		4097,
		PAGE - 48,
		PAGE - 8,
		PAGE - 4,
		PAGE - 1,
		PAGE,
		PAGE + 1,
	],
	...[
		SUBSCRIPTIONS,
		VECTORS,
		TEXTS,
		TEXTS + 1,
		TEXTS + 2,
		0x10000000,
		0x2aaaaaab,
		0x7ffffff8,
		0x7fffffff,
		-0x80000000,
		-0x7fffffff,
		-8,
		-24,
	],
];

const longs = [
	...[
		0n,
		1n,
		-1n,
		999n,
		1000n,
		1_000_000n,
		0x7fffffffn,
		0x80000000n,
		0xffffffffn,
		0x100000000n,
		1n << 52n,
		(1n << 53n) - 1n,
		1n << 53n,
	],
	...[(1n << 53n) + 1n, (1n << 62n) - 1n, (1n << 63n) - 1n, -(1n << 63n), 1n - (1n << 63n), -(1n << 31n)],
];

/** Nanoseconds of subscriptions: none that no clock comes to, since that call ends with the program only. */
const timeouts = [0n, 1n, 999n, 1000n, 1_000_000_000n, 1n << 32n, 1n << 53n, 1n << 62n];

/** Subscriptions of all clocks and kinds, vectors, texts that are well-formed and not. */
function fillMemory(random: Random): Uint8Array {
	const bytes = new Uint8Array(TEXTS + 16);
	const view = new DataView(bytes.buffer);
	for (let at = SUBSCRIPTIONS; at < VECTORS - SUBSCRIPTION_SIZE; at += SUBSCRIPTION_SIZE) {
		view.setBigUint64(at, random.bits64(), true);
		view.setUint8(at + 8, random.pick([0, 0, 0, 1, 2, 3, 255]));
		view.setUint32(at + 16, random.pick([0, 1, 1, 2, 3, 0xffffffff]), true);
		view.setBigUint64(at + 24, random.pick(timeouts), true);
		view.setUint16(at + 40, random.pick([0, 0, 1, 0xffff]), true);
	}
	for (let at = VECTORS; at < VECTORS + 64; at += 8) {
		view.setUint32(at, random.pick([0, 1, VECTORS, PAGE - 8, PAGE, 0xffffffff]), true);
		view.setUint32(at + 4, random.pick([0, 0, 1, 8, 8, 9, 0xffffffff]), true);
	}
	/* "key", a character of four bytes, one of none */
	bytes.set([0x6b, 0x65, 0x79, 0xf0, 0x9f, 0x98, 0x80, 0xff], TEXTS);
	return bytes;
}

/** Something of every kind, with a timer, so that there is always something to wait for. */
const opens: readonly [name: string, values: Value[]][] = [
	["gpio_open", [4, 0]],
	["gpio_open", [15, 3]],
	["adc_open", [34]],
	["pwm_open", [13, 1000]],
	["i2c_open", [0, 0x40, 0]],
	["spi_open", [0, 14, 0, 0]],
	["uart_open", [0, 9600]],
	["timer_start", [1_000_000n, 1_000_000n]],
];

function* productOf(choices: readonly (readonly Value[])[]): Generator<Value[]> {
	const [first, ...others] = choices;
	if (!first) yield [];
	else for (const value of first) for (const rest of productOf(others)) yield [value, ...rest];
}

function* argumentLists(choices: readonly (readonly Value[])[], random: Random, limit: number): Generator<Value[]> {
	if (choices.reduce((product, { length }) => product * length, 1) <= limit) yield* productOf(choices);
	else for (let i = 0; i < limit; i++) yield choices.map((values) => random.pick(values));
}

/** Returns the number of calls. */
export async function attempt({
	module,
	callees,
	open,
	promising,
	seed,
	limit,
	onProblem,
	onDone,
}: Attempt): Promise<number> {
	const random = new Random(seed);
	const filling = fillMemory(random);
	let calls = 0;
	for (const { name, params, suspends } of callees) {
		const opened = open();
		const instance = new WebAssembly.Instance(module, opened.imports as WebAssembly.Imports);
		opened.attach(instance.exports);
		const exported = instance.exports as unknown as Record<string, Exported>;
		const memory = instance.exports["memory"] as WebAssembly.Memory;
		const handles = opens.map(([opener, values]) => Number(exported[opener]!(...values)));
		handles.forEach((handle, i) => {
			if (handle <= 0) onProblem(`${opens[i]![0]}: ${handle}`);
		});
		const choices = params.map((type) => (type === "i64" ? longs : [...words, ...handles]));
		if (name === "poll_oneoff")
			choices[0] = [0, 1, 2, 3]
				.map((i) => SUBSCRIPTIONS + i * SUBSCRIPTION_SIZE)
				.concat(PAGE, PAGE - 47, -1, -SUBSCRIPTION_SIZE);
		const callee = suspends ? promising(exported[name]!) : exported[name]!;
		let digest = 0;
		for (const values of argumentLists(choices, random, limit)) {
			calls++;
			new Uint8Array(memory.buffer).set(filling);
			let outcome: string;
			try {
				outcome = String(await callee(...values));
			} catch (error) {
				outcome = `${(error as Error).name}: ${(error as Error).message}`;
				if (!allowed.includes(outcome) && !(name === "proc_exit" && outcome.startsWith("ModuleExit")))
					onProblem(`${name}(${values.join(", ")}): ${outcome}`);
			}
			for (let i = 0; i < outcome.length; i++) digest = (Math.imul(digest, 31) + outcome.charCodeAt(i)) | 0;
		}
		onDone?.(name, digest);
		opened.close();
	}
	return calls;
}

const allowed = ["RuntimeError: out of bounds memory access", "DeepSleep: deep sleep"];
