/*
 * Calls that no honest module makes: ranges outside of memory, handles that nobody gave, 10,000 opens. Every one must
 * trap or give a code, and no byte outside of what was named may change. Prints
 * problems; the last line is the number of calls. files: raw.wasm, plan.json (functions, and their parameters).
 */

import { openModuleImports, type ModuleImports } from "../../src/iot-api/modules";
import { createSynchronousPlatform } from "../../src/iot-api/synchronous";
import { decodeAscii, IS_NODE } from "../support/guest";
import { board, pump } from "./guest-board";

interface Planned {
	name: string;
	params: string[];
	ranges: { address: number; unit: number }[];
	suspends: boolean;
}

type Exported = (...values: (number | bigint)[]) => number | bigint | Promise<number | bigint>;

const options = { grants: ["all"], args: [], environment: [] };

function open(): ModuleImports {
	if (!IS_NODE)
		return (
			native<(name: string) => unknown>("xs_compiler_import")("iot") as {
				openIot: (options: object) => ModuleImports;
			}
		).openIot({
			...options,
			device: board,
		});
	const platform = createSynchronousPlatform({
		pump,
		decode: decodeAscii,
		write: () => {},
		trap: (message) => new WebAssembly.RuntimeError(message),
	});
	return openModuleImports(board, platform, options);
}

const plan = JSON.parse(decodeAscii(new Uint8Array(files.read("plan.json")))) as Planned[];
const module = new WebAssembly.Module(files.read("raw.wasm"));
const opened = open();
const instance = new WebAssembly.Instance(module, opened.imports as WebAssembly.Imports);
opened.attach(instance.exports);
const memory = instance.exports["memory"] as WebAssembly.Memory;
const exported = instance.exports as unknown as Record<string, Exported>;
const PAGE = 65536;
let calls = 0;

function problem(text: string): void {
	console.log(text);
}

async function outcome(planned: Planned, values: (number | bigint)[]): Promise<number | string> {
	calls++;
	try {
		const callee = exported[planned.name]!;
		const promising = (WebAssembly as unknown as { promising?: (callee: Exported) => Exported }).promising;
		return Number(await (planned.suspends && !IS_NODE ? promising!(callee)(...values) : callee(...values)));
	} catch (error) {
		return error instanceof WebAssembly.RuntimeError
			? `trap ${error.message}`
			: `${(error as Error).name}: ${(error as Error).message}`;
	}
}

function place(values: (number | bigint)[], range: { address: number }, address: number, size: number): void {
	values[range.address] = address;
	values[range.address + 1] = size;
}

/* Ranges: just outside, far outside, wrapping around, negative sizes. */
const outside: [number, number][] = [
	[PAGE, 1],
	[PAGE - 1, 2],
	[0, PAGE + 1],
	[-1, 1],
	[-1, 2],
	[-4, 8],
	[1, -1],
	[0, -1],
	[PAGE - 8, -8],
	[-0x80000000, -0x80000000],
	[0x7fffffff, 0x7fffffff],
	[8, -0x80000000],
];
const filling = new Uint8Array(PAGE);
for (let i = 0; i < PAGE; i++) filling[i] = (i * 7 + 1) & 0x7f;

for (const planned of plan) {
	for (const { address, unit } of planned.ranges) {
		for (const [at, size] of outside) {
			if (unit > 1 && ((size >>> 0) * unit) % 4294967296 !== (size >>> 0) * unit && (size | 0) >= 0) continue;
			const values: (number | bigint)[] = planned.params.map((type) => (type === "i64" ? 1n : 1));
			values[address] = at;
			values[address + 1] = size;
			/* The other range is a good one. */
			for (const other of planned.ranges) if (other.address !== address) place(values, other, 16, 4);
			new Uint8Array(memory.buffer).set(filling);
			const got = await outcome(planned, values);
			if (got !== "trap out of bounds memory access") problem(`${planned.name} of ${at}, ${size}: ${got}`);
			const bytes = new Uint8Array(memory.buffer);
			let changed = 0;
			for (let i = 0; i < PAGE; i += 61) if (bytes[i] !== filling[i]) changed++;
			if (changed) problem(`${planned.name} of ${at}, ${size} changed memory`);
		}
		/* The whole memory, and nothing at its end, are inside. */
		const values: (number | bigint)[] = planned.params.map((type) => (type === "i64" ? 1n : 1));
		for (const other of planned.ranges) place(values, other, 16, 0);
		values[address] = PAGE;
		values[address + 1] = 0;
		const got = await outcome(planned, values);
		if (typeof got === "string") problem(`${planned.name} of nothing at the end: ${got}`);
	}
	/* Handles, pins and ports that are none; numbers of every size. */
	for (const number of [0, 1, 31, 32, 33, 1023, 1024, 1055, 0x7fffffff, -1, -32, -0x80000000, 0x12345678]) {
		const values: (number | bigint)[] = planned.params.map((type) => (type === "i64" ? 0n : number));
		for (const range of planned.ranges) place(values, range, 0, 0);
		const got = await outcome(planned, values);
		if (typeof got === "string" && got !== "DeepSleep: deep sleep") problem(`${planned.name} of ${number}: ${got}`);
	}
	opened.close();
}

const open1 = exported["gpio_open"]!;
const close1 = exported["close"]!;
const write1 = exported["gpio_write"]!;
const given = new Set<number>();
let last = 0;
for (let i = 0; i < 10_000; i++) {
	calls++;
	last = Number(open1(i % 41, 3));
	if (last > 0) given.add(last);
}
if (given.size !== 32) problem(`${given.size} handles open`);
if (last !== -16 && last !== -4) problem(`the last open gave ${last}`);
for (const handle of given) if (Number(close1(handle)) !== 0) problem(`close of ${handle}`);
const before = new Set<number>();
for (let i = 0; i < 3_000; i++) {
	calls += 2;
	const handle = Number(open1(3, 3));
	if (handle <= 0 || before.has(handle)) problem(`open ${i} gave ${handle}`);
	before.add(handle);
	close1(handle);
	if (Number(write1(handle, 1)) !== -14) problem(`a stale handle ${handle} writes`);
}
/* A wait that cannot be: afterwards the module waits as before. */
if (!IS_NODE) {
	const wait = plan.find(({ name }) => name === "wait")!;
	for (let i = 0; i < 3; i++) {
		calls += 2;
		try {
			problem(`a wait without promising gave ${String(exported["wait"]!(1000n, 0, 0))}`);
		} catch (error) {
			if ((error as Error).name !== "SuspendError") problem(`a wait without promising: ${String(error)}`);
		}
		const again = await outcome(wait, [1000n, 0, 0]);
		if (again !== 0) problem(`the wait after it gave ${again}`);
	}
}
opened.close();
console.log(String(calls));
