/*
 * Every function of the device API, called from a module of each language, over the tests' own board. Prints a line of
 * JSON for each check; the last has the functions and codes that came by.
 * files: tour-LANGUAGE.wasm.
 */

import { parseGrants } from "../../src/iot-api/grants";
import { openModuleImports, type ModuleImports } from "../../src/iot-api/modules";
import { createSynchronousPlatform } from "../../src/iot-api/synchronous";
import { IS_NODE } from "../support/guest";
import { after, board, drive, levels, notes, overrun, pump, receive, writable } from "./guest-board";

type Exported = (...values: (number | bigint)[]) => number | bigint | Promise<number | bigint>;
type Open = (options: { grants: string[]; args: string[]; environment: string[]; device: unknown }) => ModuleImports;

declare const TextDecoder: new (name: string, options: { fatal: boolean }) => { decode(bytes: Uint8Array): string };

const out: (line: string) => void = IS_NODE ? (line) => console.log(line) : (line) => console.log(line);

export function open(grants: string[]): ModuleImports {
	const options = { grants, args: ["program"], environment: [] };
	if (!IS_NODE)
		return (native<(name: string) => unknown>("xs_compiler_import")("iot") as { openIot: Open }).openIot({
			...options,
			device: board,
		});
	const platform = createSynchronousPlatform({
		pump,
		decode: (bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
		write: () => {},
		trap: (message) => new WebAssembly.RuntimeError(message),
	});
	return openModuleImports(board, platform, options);
}

let language = "";
/** Functions of each language with the codes that they gave. */
const seen: Record<string, Map<string, Set<number>>> = {};

export function check(what: string, got: unknown, wanted: unknown): void {
	const a = JSON.stringify(got, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
	const b = JSON.stringify(wanted);
	out(JSON.stringify({ language, what, ok: a === b, ...(a === b ? {} : { got: a, wanted: b }) }));
}

const INVAL = -1;
const PERM = -2;
const NODEV = -3;
const BUSY = -4;
const TIMEDOUT = -5;
const IO = -6;
const NACK_ADDR = -7;
const NACK_DATA = -8;
const ARB = -9;
const OVERRUN = -10;
const NOSPC = -11;
const NOTSUP = -12;
const AGAIN = -13;
const BADF = -14;
const NOENT = -15;
const MFILE = -16;

const INPUT = 0;
const PULLUP = 1;
const OUTPUT = 3;
const OPEN_DRAIN = 4;

/* Texts by their number: tools/iot-api.mjs. */
const EMPTY = 0;
const LED = 1;
const ROOM = 2;
const OTHER = 3;
const KEY = 4;
const LONG = 5;
const TOO_LONG = 6;
const UNICODE = 7;
const LONGER = 8;
const MISSING = 9;
const WILDCARD = 10;

const suspends = new Set(["wait"]);

class Guest {
	readonly #exports: Record<string, Exported>;
	readonly imports: ModuleImports;
	readonly memory: WebAssembly.Memory;

	constructor(module: WebAssembly.Module, grants: string[]) {
		this.imports = open(grants);
		const instance = new WebAssembly.Instance(module, this.imports.imports as WebAssembly.Imports);
		this.imports.attach(instance.exports);
		this.#exports = instance.exports as unknown as Record<string, Exported>;
		this.memory = instance.exports["memory"] as WebAssembly.Memory;
	}
	async call(name: string, ...values: (number | bigint)[]): Promise<number> {
		const callee = this.#exports[name]!;
		const promising = (WebAssembly as unknown as { promising?: (callee: Exported) => Exported }).promising;
		const result = Number(
			await (suspends.has(name) && !IS_NODE ? promising!(callee)(...values) : callee(...values)),
		);
		const mine = (seen[language] ??= new Map());
		let codes = mine.get(name);
		if (!codes) mine.set(name, (codes = new Set()));
		codes.add(result < 0 ? result : 0);
		return result;
	}
	/** A call that is done at once. */
	now(name: string): number {
		return Number(this.#exports[name]!());
	}
	bytes(of: "input" | "output", count: number): Uint8Array {
		return new Uint8Array(this.memory.buffer, this.now(of), count);
	}
	events(count: number): number[][] {
		const view = new DataView(this.memory.buffer, this.now("events"), 24 * count);
		return Array.from({ length: count }, (_, i) => [
			view.getUint32(24 * i, true),
			view.getInt32(24 * i + 4, true),
			view.getInt32(24 * i + 8, true),
			view.getUint32(24 * i + 12, true),
		]);
	}
}

const everything = ["all", "storage:tour"];

async function pins(module: WebAssembly.Module): Promise<void> {
	const guest = new Guest(module, everything);
	check(
		"pin_find",
		[await guest.call("pin_find", LED), await guest.call("pin_find", MISSING), await guest.call("pin_find", EMPTY)],
		[2, NOENT, NOENT],
	);
	const led = await guest.call("gpio_open", 2, OUTPUT);
	check("gpio_open gives a handle", led > 0, true);
	check("of the provider's mode", notes.at(-1), "digital 2 8");
	check("gpio_open twice", await guest.call("gpio_open", 2, INPUT), BUSY);
	check("gpio_open, no such pin", await guest.call("gpio_open", 41, INPUT), NODEV);
	check(
		"gpio_open, no such mode",
		[await guest.call("gpio_open", 3, 5), await guest.call("gpio_open", 3, -1)],
		[INVAL, INVAL],
	);
	check("gpio_open, negative pin", await guest.call("gpio_open", -1, INPUT), INVAL);
	check("gpio_open, mode that the pin has not", await guest.call("gpio_open", 39, PULLUP), NOTSUP);
	check("gpio_write", [await guest.call("gpio_write", led, 1), levels[2]], [0, 1]);
	check("gpio_write, any level", [await guest.call("gpio_write", led, -8), levels[2]], [0, 1]);
	check("gpio_read of an output", await guest.call("gpio_read", led), 1);
	check("gpio_write low", [await guest.call("gpio_write", led, 0), levels[2]], [0, 0]);
	const drain = await guest.call("gpio_open", 6, OPEN_DRAIN);
	check("open drain", [await guest.call("gpio_write", drain, 1), levels[6]], [0, 1]);
	const button = await guest.call("gpio_open", 4, PULLUP);
	check("gpio_write to an input", await guest.call("gpio_write", button, 1), BADF);
	check("gpio_watch of an output", await guest.call("gpio_watch", led, 3), BADF);
	check("gpio_watch, no such edge", await guest.call("gpio_watch", button, 4), INVAL);
	levels[4] = 1;
	check("gpio_watch", await guest.call("gpio_watch", button, 2), 0);
	after(5000, () => drive(4, 0));
	after(6000, () => drive(4, 1));
	after(7000, () => drive(4, 0));
	check("wait", await guest.call("wait", 6_500n, 8), 1);
	check("the event", guest.events(1), [[1, button, 0, 0]]);
	check("wait for the next", await guest.call("wait", -1n, 8), 1);
	check("gpio_watch ends", await guest.call("gpio_watch", button, 0), 0);
	after(1000, () => drive(4, 1));
	check("wait with nothing to come", await guest.call("wait", -1n, 8), INVAL);
	check("wait for no event", await guest.call("wait", 2000n, 0), 0);
	check(
		"close",
		[await guest.call("close", led), await guest.call("close", led), await guest.call("gpio_write", led, 1)],
		[0, BADF, BADF],
	);
	const again = await guest.call("gpio_open", 2, OUTPUT);
	check(
		"a handle is never given twice",
		[again === led, await guest.call("gpio_write", led, 1), await guest.call("gpio_write", again, 1)],
		[false, BADF, 0],
	);
	check(
		"handles that nobody gave",
		await Promise.all([0, 1, -1, 32, 0x7fffffff, -0x80000000].map((handle) => guest.call("gpio_read", handle))),
		[BADF, BADF, BADF, BADF, BADF, BADF],
	);

	const voltage = await guest.call("adc_open", 34);
	check("adc", [await guest.call("adc_bits", voltage), await guest.call("adc_read", voltage)], [12, 3400]);
	check(
		"adc of another kind",
		[
			await guest.call("adc_bits", led),
			await guest.call("adc_read", again),
			await guest.call("gpio_read", voltage),
		],
		[BADF, BADF, BADF],
	);
	check(
		"adc_open",
		[await guest.call("adc_open", 34), await guest.call("adc_open", 41), await guest.call("adc_open", -5)],
		[BUSY, NODEV, INVAL],
	);
	const servo = await guest.call("pwm_open", 7, 50);
	check(
		"pwm",
		[await guest.call("pwm_bits", servo), await guest.call("pwm_write", servo, 1023), notes.at(-1)],
		[10, 0, "pwm 7 1023 at 50"],
	);
	check(
		"pwm_write out of range",
		[await guest.call("pwm_write", servo, 1024), await guest.call("pwm_write", servo, -1)],
		[INVAL, INVAL],
	);
	check(
		"pwm of another kind",
		[await guest.call("pwm_write", voltage, 1), await guest.call("pwm_bits", voltage)],
		[BADF, BADF],
	);
	check(
		"pwm_open",
		[
			await guest.call("pwm_open", 7, 50),
			await guest.call("pwm_open", 41, 50),
			await guest.call("pwm_open", 8, -1),
		],
		[BUSY, NODEV, INVAL],
	);
	guest.imports.close();
	const next = new Guest(module, everything);
	check("the end gives pins back", (await next.call("gpio_open", 7, OUTPUT)) > 0, true);
	next.imports.close();
}

async function buses(module: WebAssembly.Module): Promise<void> {
	const guest = new Guest(module, everything);
	guest.bytes("input", 4).set([9, 8, 7, 6]);
	const sensor = await guest.call("i2c_open", 0, 0x40, 400_000);
	check("i2c_open", notes.at(-1), "i2c 21 64 at 400000");
	await guest.call("i2c_open", 1, 0x40, 0);
	check("i2c_open, second bus, usual clock", notes.at(-1), "i2c 25 64 at 100000");
	check(
		"i2c_open, wrong",
		[
			await guest.call("i2c_open", 2, 0x40, 0),
			await guest.call("i2c_open", 0, 0x07, 0),
			await guest.call("i2c_open", 0, 0x78, 0),
			await guest.call("i2c_open", -1, 0x40, 0),
			await guest.call("i2c_open", 0, 0x40, -1),
			await guest.call("i2c_open", 0, 0x50, 0),
		],
		[NODEV, INVAL, INVAL, INVAL, INVAL, BUSY],
	);
	check("i2c_write", [await guest.call("i2c_write", sensor, 3), notes.at(-1)], [3, "write 9 8 7"]);
	check("i2c_read", [await guest.call("i2c_read", sensor, 4), [...guest.bytes("output", 4)]], [4, [9, 10, 11, 12]]);
	check("i2c_read of nothing", await guest.call("i2c_read", sensor, 0), 0);
	guest.bytes("input", 1).set([0x80]);
	check(
		"i2c_write_read",
		[await guest.call("i2c_write_read", sensor, 1, 2), notes.at(-1), [...guest.bytes("output", 2)]],
		[2, "write 128 no stop", [128, 129]],
	);
	for (const [address, code] of [
		[0x41, NACK_ADDR],
		[0x42, NACK_DATA],
		[0x43, TIMEDOUT],
		[0x44, ARB],
		[0x45, IO],
	] as const) {
		const broken = await guest.call("i2c_open", 0, address, 0);
		check(
			`i2c, failure at ${address}`,
			[
				await guest.call("i2c_write", broken, 1),
				await guest.call("i2c_read", broken, 1),
				await guest.call("i2c_write_read", broken, 1, 1),
			],
			[code, code, code],
		);
	}
	check(
		"i2c of another kind",
		[
			await guest.call("i2c_write", 5, 1),
			await guest.call("i2c_read", 5, 1),
			await guest.call("i2c_write_read", 5, 1, 1),
		],
		[BADF, BADF, BADF],
	);

	const display = await guest.call("spi_open", 0, 5, 8_000_000, 3);
	check("spi_open", notes.at(-1), "spi 5 8000000 3");
	check(
		"spi_open, wrong",
		[
			await guest.call("spi_open", 1, 5, 0, 0),
			await guest.call("spi_open", 0, 5, 0, 4),
			await guest.call("spi_open", 0, -2, 0, 0),
			await guest.call("spi_open", 0, 33, 0, 0),
		],
		[NODEV, INVAL, INVAL, NODEV],
	);
	guest.bytes("output", 2).set([0x0f, 0xaa]);
	check(
		"spi_transfer",
		[await guest.call("spi_transfer", display, 2), [...guest.bytes("output", 2)]],
		[2, [0xf0, 0x55]],
	);
	check("spi_write", [await guest.call("spi_write", display, 2), notes.at(-1)], [2, "spi write 128 8"]);
	check(
		"spi of another kind",
		[await guest.call("spi_write", sensor, 1), await guest.call("spi_transfer", sensor, 1)],
		[BADF, BADF],
	);

	const line = await guest.call("uart_open", 0, 9600);
	check(
		"uart_open, wrong",
		[
			await guest.call("uart_open", 1, 9600),
			await guest.call("uart_open", 0, 0),
			await guest.call("uart_open", 0, 1),
		],
		[NODEV, INVAL, INVAL],
	);
	check(
		"uart_read of nothing",
		[await guest.call("uart_read", line, 4), await guest.call("uart_read", line, 0)],
		[AGAIN, 0],
	);
	check("uart_write", [await guest.call("uart_write", line, 2), notes.at(-1)], [2, "serial 128 8"]);
	writable(1);
	check(
		"uart_write into a full buffer",
		[
			await guest.call("uart_write", line, 2),
			await guest.call("uart_write", line, 2),
			await guest.call("uart_write", line, 0),
		],
		[1, AGAIN, 0],
	);
	check("uart_watch", await guest.call("uart_watch", line, 1), 0);
	after(3000, () => receive([65, 66]));
	after(3000, () => receive([67]));
	check("wait", await guest.call("wait", 10_000n, 8), 1);
	check(
		"the event",
		guest.events(1).map(([type, source]) => [type, source]),
		[[3, line]],
	);
	await guest.call("wait", 1000n, 8);
	check("uart_read", [await guest.call("uart_read", line, 10), [...guest.bytes("output", 3)]], [3, [65, 66, 67]]);
	overrun();
	check(
		"uart_read after an overrun",
		[await guest.call("uart_read", line, 4), await guest.call("uart_read", line, 4)],
		[OVERRUN, AGAIN],
	);
	check("uart_watch ends", await guest.call("uart_watch", line, 0), 0);
	receive([1]);
	check("nothing comes then", await guest.call("wait", 0n, 8), 0);
	check(
		"uart of another kind",
		[
			await guest.call("uart_read", sensor, 1),
			await guest.call("uart_write", sensor, 1),
			await guest.call("uart_watch", sensor, 1),
		],
		[BADF, BADF, BADF],
	);
	guest.imports.close();
}

async function times(module: WebAssembly.Module): Promise<void> {
	const guest = new Guest(module, everything);
	const start = await guest.call("now_us");
	check("wait until the time is over", await guest.call("wait", 250_000n, 4), 0);
	const passed = (await guest.call("now_us")) - start;
	check("the time", passed >= 250_000 && passed < 2_000_000, true);
	check(
		"timer_start, wrong",
		[await guest.call("timer_start", -1n, 0n), await guest.call("timer_start", 0n, -1n)],
		[INVAL, INVAL],
	);
	const once = await guest.call("timer_start", 100_000n, 0n);
	const often = await guest.call("timer_start", 150_000n, 1_000_000n);
	check("timers", [await guest.call("wait", -1n, 4), guest.events(1)], [1, [[2, once, 1, 0]]]);
	check("the other", [await guest.call("wait", -1n, 4), guest.events(1)], [1, [[2, often, 1, 0]]]);
	check("and again", [await guest.call("wait", -1n, 4), guest.events(1)], [1, [[2, often, 1, 0]]]);
	check("close", [await guest.call("close", once), await guest.call("close", often)], [0, 0]);
	check("nothing is left", await guest.call("wait", -1n, 4), INVAL);
	check("wait for nothing", await guest.call("wait", 0n, 4), 0);
	levels[4] = 0;
	const button = await guest.call("gpio_open", 4, INPUT);
	await guest.call("gpio_watch", button, 3);
	for (let i = 0; i < 40; i++) drive(4, (i + 1) & 1);
	check("the queue is full at 32", [await guest.call("wait", 0n, 40), await guest.call("wait", 0n, 40)], [32, 0]);
	drive(4, 1);
	check("and says so", [await guest.call("wait", 0n, 40), guest.events(1)], [1, [[1, button, 1, 8]]]);
	check(
		"fewer than there are",
		[drive(4, 0), drive(4, 1), await guest.call("wait", 0n, 1), await guest.call("wait", 0n, 40)].slice(2),
		[1, 1],
	);
	const timers: number[] = [];
	for (let i = 0; i < 32; i++) timers.push(await guest.call("timer_start", 1_000_000n, 0n));
	check("handles end", [timers.filter((handle) => handle > 0).length, timers.at(-1)], [31, MFILE]);
	check(
		"everywhere",
		[
			await guest.call("gpio_open", 9, 0),
			await guest.call("adc_open", 9),
			await guest.call("pwm_open", 9, 0),
			await guest.call("i2c_open", 0, 0x40, 0),
			await guest.call("spi_open", 0, 5, 0, 0),
			await guest.call("uart_open", 0, 9600),
		],
		[MFILE, MFILE, MFILE, MFILE, MFILE, MFILE],
	);
	guest.imports.close();
	check("wake_reason", await guest.call("wake_reason"), 1);
	check(
		"deep_sleep, wrong",
		[await guest.call("deep_sleep", -1n, -1, 0), await guest.call("deep_sleep", 5n, button, 0)],
		[INVAL, BADF],
	);
	const sleeper = new Guest(module, everything);
	const wake = await sleeper.call("gpio_open", 4, INPUT);
	let ended = "";
	try {
		await sleeper.call("deep_sleep", 5_000_000n, wake, 3);
	} catch (error) {
		ended = (error as Error).name;
	}
	check("deep_sleep", [ended, notes.at(-1)], ["DeepSleep", "deep sleep 5000000 4 1"]);
	sleeper.imports.close();
}

async function cloud(module: WebAssembly.Module): Promise<void> {
	const guest = new Guest(module, everything);
	guest.bytes("input", 3).set([1, 2, 3]);
	check("kv_get of nothing", await guest.call("kv_get", KEY, 8), NOENT);
	check(
		"kv_set",
		[
			await guest.call("kv_set", KEY, 3),
			await guest.call("kv_set", LONG, 2),
			await guest.call("kv_set", UNICODE, 0),
		],
		[0, 0, 0],
	);
	check("kv_get", [await guest.call("kv_get", KEY, 8), [...guest.bytes("output", 3)]], [3, [1, 2, 3]]);
	guest.bytes("output", 3).fill(0);
	check(
		"kv_get of the beginning",
		[await guest.call("kv_get", KEY, 2), [...guest.bytes("output", 3)]],
		[3, [1, 2, 0]],
	);
	check(
		"kv, wrong keys",
		[
			await guest.call("kv_set", EMPTY, 1),
			await guest.call("kv_get", TOO_LONG, 1),
			await guest.call("kv_delete", EMPTY),
		],
		[INVAL, INVAL, INVAL],
	);
	check(
		"kv_set, too much",
		[await guest.call("kv_set", KEY, 1025), await guest.call("kv_set", KEY, 1024)],
		[INVAL, NOSPC],
	);
	check(
		"kv_delete",
		[await guest.call("kv_delete", KEY), await guest.call("kv_delete", KEY), await guest.call("kv_delete", LONG)],
		[0, NOENT, 0],
	);
	check("publish", [await guest.call("publish", ROOM, 3), notes.at(-1)], [0, "publish room/temperature 1 2 3"]);
	check(
		"publish, wrong",
		[
			await guest.call("publish", EMPTY, 1),
			await guest.call("publish", WILDCARD, 1),
			await guest.call("publish", ROOM, 1001),
		],
		[INVAL, INVAL, NOSPC],
	);
	check("confirm", [await guest.call("confirm"), notes.at(-1)], [0, "confirm"]);
	check("log", [await guest.call("log", UNICODE), notes.at(-1)], [0, "log grüße 世界 😀"]);
	check("log, a long line", [await guest.call("log", LONGER), notes.at(-1)?.length], [0, 304]);
	check("random", [await guest.call("random", 4), [...guest.bytes("output", 4)]], [0, [1, 8, 15, 22]]);
	guest.imports.close();
}

async function grants(module: WebAssembly.Module): Promise<void> {
	const none = new Guest(module, []);
	check(
		"without grants",
		[
			await none.call("gpio_open", 2, OUTPUT),
			await none.call("adc_open", 34),
			await none.call("pwm_open", 7, 0),
			await none.call("i2c_open", 0, 0x40, 0),
			await none.call("spi_open", 0, 5, 0, 0),
			await none.call("uart_open", 0, 9600),
			await none.call("kv_get", KEY, 1),
			await none.call("kv_set", KEY, 1),
			await none.call("kv_delete", KEY),
			await none.call("publish", ROOM, 1),
			await none.call("deep_sleep", 1n, -1, 0),
		],
		Array.from({ length: 11 }, () => PERM),
	);
	check(
		"what needs none",
		[
			await none.call("log", KEY),
			await none.call("random", 1),
			await none.call("wait", 0n, 1),
			await none.call("confirm"),
		],
		[0, 0, 0, 0],
	);
	const some = new Guest(module, ["gpio:led:out,4-6:in", "adc:voltage", "i2c:0@0x40", "spi:0@5", "publish:room/+"]);
	check(
		"what is granted",
		[
			(await some.call("gpio_open", 2, OUTPUT)) > 0,
			(await some.call("gpio_open", 5, INPUT)) > 0,
			(await some.call("adc_open", 34)) > 0,
			(await some.call("i2c_open", 0, 0x40, 0)) > 0,
			(await some.call("spi_open", 0, 5, 0, 0)) > 0,
			(await some.call("publish", ROOM, 1)) === 0,
		],
		[true, true, true, true, true, true],
	);
	check(
		"what is beside it",
		[
			await some.call("gpio_open", 4, OUTPUT),
			await some.call("gpio_open", 7, INPUT),
			await some.call("gpio_open", 3, INPUT),
			await some.call("adc_open", 33),
			await some.call("i2c_open", 0, 0x41, 0),
			await some.call("i2c_open", 1, 0x40, 0),
			await some.call("spi_open", 0, 6, 0, 0),
			await some.call("publish", OTHER, 1),
			await some.call("kv_set", KEY, 1),
		],
		Array.from({ length: 9 }, () => PERM),
	);
	some.imports.close();
	let message = "";
	try {
		open(["gpio:nowhere"]);
	} catch (error) {
		message = String(error);
	}
	check(
		"a pin that the board has not",
		message,
		'GrantError: grant: the board has no pin "nowhere"; it has led, button, voltage',
	);
	check("parseGrants", parseGrants(["i2c:*", "uart:0x2"]).uart, [{ port: 2, device: -1 }]);
}

for (const name of ["c", "as", "rust"]) {
	language = name;
	const module = new WebAssembly.Module(files.read(`tour-${name}.wasm`));
	await pins(module);
	await buses(module);
	await times(module);
	await cloud(module);
	await grants(module);
}
const all = Object.entries(seen).map(([of, mine]) => [of, [...mine].map(([name, codes]) => [name, [...codes]])]);
out(JSON.stringify({ seen: Object.fromEntries(all) as unknown }));
