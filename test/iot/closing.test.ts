/* What a module has open is closed whatever fails on the way; grants mean what MQTT and file systems mean by names. */

import assert from "node:assert/strict";
import { createNodeBoard } from "../../src/cli/node/board";
import { matchesTopic, parseGrants } from "../../src/iot-api/grants";
import { createIot, type Iot } from "../../src/iot-api/iot";
import { createSynchronousPlatform } from "../../src/iot-api/synchronous";
import type { Device } from "../../src/iot-api/provider";

type Call = (...values: (number | bigint)[]) => number;

const EBUSY = -4;
const EIO = -6;
const EBADF = -14;
const [INPUT, OUTPUT] = [0, 3];

/** Devices that fail when they are told. */
class Failing {
	static readonly Input = 0;
	static readonly Output = 1;
	static readonly Rising = 1;
	static readonly Falling = 2;
	static opens = 0;
	static closes = false;
	readonly resolution = 10;
	constructor() {
		if (Failing.opens < 0) throw Object.assign(new Error("in use"), { code: "EBUSY" });
	}
	read(): number {
		return 1;
	}
	write(): void {}
	close(): void {
		if (Failing.closes) throw new Error("the line is stuck");
	}
}

/** The device API over them, and the slots that compiled code finds open. */
function open(directFails = false): { call: Record<string, Call>; slots: Set<number>; iot: Iot } {
	const slots = new Set<number>();
	const services = createNodeBoard({ costs: {}, seed: 1, onLog: () => {} }).board.system;
	const platform = createSynchronousPlatform({
		pump: () => {},
		decode: String,
		write: () => {},
		trap: (message) => new WebAssembly.RuntimeError(message),
	});
	const io = { Digital: Failing, Analog: Failing, PWM: Failing };
	const iot = createIot({
		device: { io } as unknown as Device,
		services,
		platform: {
			...platform,
			direct: {
				imports: {},
				open(index): number {
					slots.add(index);
					if (directFails) throw new RangeError("direct pins: out of range");
					return 0;
				},
				close: (index) => void slots.delete(index),
			},
		},
		grants: ["all"],
	});
	return { call: iot.imports as Record<string, Call>, slots, iot };
}

const opened: readonly (readonly [opener: string, values: number[], use: string, useValues: number[]])[] = [
	["gpio_open", [2, INPUT], "gpio_read", []],
	["gpio_open", [2, OUTPUT], "gpio_write", [1]],
	["adc_open", [34], "adc_read", []],
	["pwm_open", [4, 0], "pwm_write", [1]],
];

describe("closing", () => {
	beforeEach(() => {
		Failing.closes = false;
		Failing.opens = 0;
	});

	for (const [opener, values, use, useValues] of opened) {
		it(`ends ${use} of a handle of ${opener}(${values.join()}) though the device's close throws`, () => {
			const { call, slots } = open();
			const handle = call[opener]!(...values);
			assert.ok(handle > 0 && call[use]!(handle, ...useValues) >= 0);
			assert.equal(slots.size, 1);
			Failing.closes = true;
			assert.equal(call["close"]!(handle), EIO);
			assert.equal(slots.size, 0);
			assert.equal(call[use]!(handle, ...useValues), EBADF);
			assert.equal(call["close"]!(handle), EBADF);
		});

		it(`leaves nothing open where ${opener}(${values.join()}) fails at its last step`, () => {
			const { call, slots, iot } = open(true);
			assert.equal(call[opener]!(...values), EIO);
			assert.equal(slots.size, 0);
			assert.deepEqual(iot.context.handles.all(), []);
		});
	}

	it("of all that a module has open goes on where one fails", () => {
		const { call, slots, iot } = open();
		for (const [opener, values] of opened) assert.ok(call[opener]!(...values) > 0);
		Failing.closes = true;
		iot.close();
		assert.equal(slots.size, 0);
		assert.deepEqual(iot.context.handles.all(), []);
	});

	it("an input that cannot be opened anew to be watched is closed", () => {
		const { call, slots } = open();
		const handle = call["gpio_open"]!(2, INPUT);
		Failing.opens = -1;
		assert.equal(call["gpio_watch"]!(handle, 3), EBUSY);
		assert.equal(slots.size, 0);
		assert.equal(call["gpio_read"]!(handle), EBADF);
	});

	it("an input whose close throws when it is to be watched stays as it was", () => {
		const { call, slots } = open();
		const handle = call["gpio_open"]!(2, INPUT);
		Failing.closes = true;
		assert.equal(call["gpio_watch"]!(handle, 3), EIO);
		assert.equal(slots.size, 1);
		assert.equal(call["gpio_read"]!(handle), 1);
	});
});

describe("names in grants", () => {
	const topics: readonly (readonly [filter: string, topic: string, matches: boolean])[] = [
		["#", "$SYS/uptime", false],
		["#", "$SYS", false],
		["+/uptime", "$SYS/uptime", false],
		["+", "$SYS", false],
		["+/#", "$SYS/uptime", false],
		["$SYS/#", "$SYS/uptime", true],
		["$SYS/+", "$SYS/uptime", true],
		["$SYS/#", "$SYS", true],
		["#", "room/$x", true],
		["room/+", "room/$x", true],
		["room/#", "room", true],
		["#", "room/1/temperature", true],
		["+", "/room", false],
		["+/+", "/room", true],
		["/+", "/room", true],
	];
	for (const [filter, topic, matches] of topics)
		it(`"${filter}" ${matches ? "is" : "is not"} for ${topic}`, () =>
			assert.equal(matchesTopic(filter, topic), matches));

	for (const name of ["", ".", "..", "a/b", "../x", "a\\b", "a\0", "a\n", "a b", "ü", "x".repeat(33)])
		it(`storage ${JSON.stringify(name)} is refused`, () =>
			assert.throws(() => parseGrants([`storage:${name}`]), { name: "GrantError" }));
	for (const name of ["a", "...", "..a", ".a", "a.", "-", "x".repeat(32)])
		it(`storage ${JSON.stringify(name)} is a name`, () =>
			assert.equal(parseGrants([`storage:${name}`]).storage, name));
});
