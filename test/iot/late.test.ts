import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitXs, writeModule } from "../cli/support";
import { boardsToTest, exec } from "../support/boards";
import { bundleGuest } from "../support/bundle";
import { outputFolder } from "../support/paths";
import { encodeModule, op, type Bytes, type ValueType } from "../support/wasm";
import { iotFunctions, wasiFunctions, type Imported } from "./raw-module";

/** They end the program. */
const last = ["deep_sleep", "proc_exit"];
const functions = [...iotFunctions, ...wasiFunctions].filter(({ name }) => !last.includes(name));

const PAGES = 64;
/** Bytes of the lists at the memory's begin, and of what their entries name. */
const LISTED = 2 << 20;
const NAMED = (PAGES << 16) - LISTED;

/** What opens a handle for a function of that name; and its arguments. */
const openers: readonly (readonly [prefix: string, opener: string, ...values: number[]])[] = [
	["gpio_", "gpio_open", 2, 0],
	["adc_", "adc_open", 36],
	["pwm_", "pwm_open", 4, 0],
	["i2c_", "i2c_open", 0, 0x44, 0],
	["spi_", "spi_open", 0, 5, 0, 0],
	["uart_", "uart_open", 0, 115200],
];

/** Iovecs, or subscriptions of a clock, from 0 on; as many as there is room for. */
const fillLists = (words: readonly number[]): Bytes => [
	op("loop", [0x40]),
	words.map((word, i) => [op("local.get", 0), op("i32.const", word), op("i32.store", 4 * i)]),
	op("local.get", 0),
	op("i32.const", 4 * words.length),
	op("i32.add"),
	op("local.tee", 0),
	op("i32.const", LISTED - 4 * words.length),
	op("i32.lt_u"),
	op("br_if", 0),
	op("end"),
];

/**
 * "run" fills memory with "a", lists at its begin, opens what the function needs, and calls it for ever. Arguments are,
 * i32 by i32: the handle, else 0 and the most that there is, by turns, as addresses and sizes come.
 */
function endless(callee: Imported, entry: readonly number[], count: number, address = 0): Uint8Array {
	const opener = openers.find(([prefix, name]) => callee.name.startsWith(prefix) && callee.name !== name);
	const imports = [callee, ...(opener ? [iotFunctions.find(({ name }) => name === opener[1])!] : [])];
	const takesHandle = opener !== undefined;
	const stream = /^fd_/.test(callee.name);
	let range = 0;
	const argument = (type: ValueType, i: number): Bytes => {
		if (type === "i64") return op("i64.const", 0);
		if (i === 0 && takesHandle) return op("local.get", 1);
		if (i === 0 && stream) return op("i32.const", callee.name === "fd_read" ? 0 : 1);
		return op("i32.const", range++ % 2 === 0 ? (range === 1 ? address : 0) : count);
	};
	return encodeModule({
		types: [...imports.map(({ type }) => type), { params: [], results: [] }],
		imports: imports.map(({ module, name }, i) => ({ module, name, kind: "func", type: i })),
		functions: [
			{
				type: imports.length,
				export: "run",
				locals: ["i32", "i32"],
				code: [
					op("i32.const", LISTED),
					op("i32.const", 0x61),
					op("i32.const", NAMED),
					op("memory.fill", 0),
					fillLists(entry),
					...(opener
						? [
								opener.slice(2).map((value) => op("i32.const", Number(value))),
								op("call", 1),
								op("local.set", 1),
							]
						: []),
					op("loop", [0x40]),
					callee.type.params.map(argument),
					op("call", 0),
					callee.type.results.map(() => op("drop")),
					op("br", 0),
					op("end"),
				],
			},
		],
		memories: [{ minimum: PAGES }],
		exports: [{ name: "memory", kind: "memory", index: 0 }],
	});
}

const EVENT_SIZE = 24;
const IOVEC = [LISTED, NAMED];
/* userdata, a monotonic clock, a timeout of 1 ns, no flags */
const SUBSCRIPTION = [0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0];

/** Each function with ranges of 1 byte, or a list of one entry, and the largest ones. */
function cases(): { name: string; suspends: boolean; bytes: Uint8Array }[] {
	const list: { name: string; suspends: boolean; bytes: Uint8Array }[] = [];
	for (const callee of functions) {
		const { name, suspends } = callee;
		const entry = name === "poll_oneoff" ? SUBSCRIPTION : IOVEC;
		const add = (what: string, count: number, address = 0): void => {
			list.push({ name: `${name}-${what}`, suspends, bytes: endless(callee, entry, count, address) });
		};
		if (name === "fd_write" || name === "fd_read") {
			add("one", 1);
			add("most", LISTED / 8);
			continue;
		}
		if (name === "poll_oneoff") add("list", 64);
		add("one", 1, LISTED);
		add("most", name === "wait" ? Math.floor(NAMED / EVENT_SIZE) : NAMED, LISTED);
	}
	return list;
}

describe("host calls", function () {
	this.timeout(300_000);
	const planned = cases();
	for (const board of boardsToTest())
		it(`end when their time is over, on ${board}`, async () => {
			const folder = outputFolder("late");
			const files: Record<string, string> = { "late.json": join(folder, "late.json") };
			writeFileSync(
				files["late.json"]!,
				JSON.stringify(planned.map(({ name, suspends }) => ({ name, suspends }))),
			);
			for (const { name, bytes } of planned) {
				files[`${name}.wasm`] = join(folder, `${name}.wasm`);
				writeFileSync(files[`${name}.wasm`]!, bytes);
			}
			const output: string[] = [];
			const result = await exec(await bundleGuest("test/iot/guest-late.ts"), {
				board,
				files,
				limit: 120,
				onLine: (line) => output.push(line),
			});
			assert.equal(result.status, 0, result.stderr + output.slice(-3).join("\n").slice(0, 500));
			assert.deepEqual(
				output.filter((line) => line.startsWith("problem: ")),
				[],
			);
			assert.equal(output.at(-1), String(planned.length));
		});

	for (const board of boardsToTest())
		it(`a program that sleeps deeply again and again ends when its time is over, on ${board}`, () => {
			const sleeper = encodeModule({
				types: [
					{ params: ["i64", "i32", "i32"], results: ["i32"] },
					{ params: [], results: [] },
				],
				imports: [{ module: "iot1", name: "deep_sleep", kind: "func", type: 0 }],
				functions: [
					{
						type: 1,
						export: "run",
						code: [
							op("i64.const", 600_000_000),
							op("i32.const", -1),
							op("i32.const", 0),
							op("call", 0),
							op("drop"),
						],
					},
				],
			});
			const path = writeModule("sleeper.wasm", sleeper);
			const result = waitXs("run", path, "--board", board, "--grant", "sleep", "--timeout", "1");
			assert.equal(result.status, 1, result.stderr);
			assert.match(result.stderr, /: trap: interrupted \(interrupted\)/);
		});
});
