/**
 * A simulated board on Node: pins, clock and chip in TypeScript, as native/io and native/xs/{io,world}.c have them on
 * XS, under the same ECMA-419 classes and the same world of a scenario. For
 * `run --engine node`: the clock moves by what calls cost and by waiting only.
 */

import { PINS, type Bank, type Bytes, type Claim } from "../../../boards/simulated/bank";
import { createDevice } from "../../../boards/simulated/provider";
import { chipStateNames } from "../../shared/chip-names";
import { ChipState, Edge, IoError, PinMode, PinOwner, Question, WakeReason } from "../../shared/numbers";
import type { Chip } from "../../../boards/simulated/world/chip";
import { createEngine, type Engine } from "../../../boards/simulated/world/engine";
import type { Report, Scenario } from "../../../boards/simulated/world/scenario";
import type { Board } from "../../iot-api/modules";
import { NothingComes, ScenarioOver, type NodeBoard } from "./engine";

const TRACE_LINES = 2_000_000;
const SERIAL_PORTS = 4;
const EXCHANGE = 4096;

interface Pin {
	owner: PinOwner;
	mode: PinMode;
	output: number;
	/** -1: nothing drives it. */
	external: number;
	level: number;
	watch: number;
	pending: boolean;
	observed: boolean;
}

export interface NodeBoardOptions {
	readonly scenario?: Scenario;
	/** Nanoseconds by name, as "costDigitalWrite"; missing ones are 0. */
	readonly costs: Readonly<Record<string, number>>;
	readonly seed: number;
	readonly onLog: (stream: number, text: string) => void;
	readonly onReport?: (report: Report) => void;
}

export interface SimulatedNodeBoard extends NodeBoard {
	/** What a program prints: lines of its log. */
	print(text: string): void;
	/** What happened at pins and in the world, as native/port/linux/world.c writes it: lines of JSON. */
	trace(): string;
	/** The program has ended: what the scenario has left goes on. */
	end(status: number, message: string): void;
}

/** Ends the module; the board wakes as what it was put to sleep for says. */
function deepSleepError(): Error {
	const error = new Error("deep sleep");
	error.name = "DeepSleep";
	return error;
}

/** Of microseconds; large numbers are rounded, but never to an earlier microsecond. */
function nanoseconds(time: number): number {
	const product = time * 1000;
	return Math.floor(product / 1000) < time ? product * (1 + Number.EPSILON) : product;
}

function toBytes(bytes: Bytes): Uint8Array {
	return bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
}

/** xoshiro128** 1.1, seeded by splitmix32: the numbers of native/io/io.c. */
function createRandom(seed: number): () => number {
	let z = seed;
	const s = new Uint32Array(4).map(() => {
		z = (z + 0x9e3779b9) >>> 0;
		let x = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
		x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
		return x ^ (x >>> 15);
	});
	s[0]! |= 1;
	const rotate = (x: number, k: number): number => ((x << k) | (x >>> (32 - k))) >>> 0;
	return () => {
		const result = Math.imul(rotate(Math.imul(s[1]!, 5) >>> 0, 7), 9) >>> 0;
		const t = s[1]! << 9;
		s[2]! ^= s[0]!;
		s[3]! ^= s[1]!;
		s[1]! ^= s[2]!;
		s[0]! ^= s[3]!;
		s[2]! ^= t;
		s[3] = rotate(s[3]!, 11);
		return result;
	};
}

export function createNodeBoard({ scenario, costs, seed, onLog, onReport }: NodeBoardOptions): SimulatedNodeBoard {
	const pins: Pin[] = Array.from({ length: PINS }, () => ({
		owner: PinOwner.FREE,
		mode: PinMode.INPUT,
		output: 0,
		external: -1,
		level: 0,
		watch: 0,
		pending: false,
		observed: false,
	}));
	const trace: string[] = [];
	const serial: boolean[] = Array.from({ length: SERIAL_PORTS }, () => false);
	const stateTimes: number[] = chipStateNames.map(() => 0);
	const random = createRandom(seed);
	const encoder = new TextEncoder();
	const decoder = new TextDecoder();
	/* Nanoseconds. */
	let time = 0;
	let alarm = Infinity;
	let since = 0;
	let state = ChipState.ACTIVE;
	let inWorld = false;
	let over = false;
	let exchange = new Uint8Array(0);
	let engine: Engine | undefined;
	let dispatch: (() => void) | undefined;
	let wakeReason = WakeReason.POWER;
	const cost = (name: string): number => (scenario ? (costs[name] ?? 0) : 0);

	function ask(question: Question, a = 0, b = 0, c = 0, d = 0, s?: string, t?: string): number {
		if (!engine) return 0;
		const before = inWorld;
		inWorld = true;
		try {
			return engine.answer(question, a, b, c, d, s, t);
		} finally {
			inWorld = before;
			if (over && !inWorld) {
				over = false;
				engine = undefined;
				alarm = Infinity;
				// eslint-disable-next-line no-unsafe-finally -- what the world answered does not matter any more
				throw new ScenarioOver();
			}
		}
	}

	function advanceTo(until: number): void {
		if (inWorld) return;
		while (alarm <= until) {
			time = Math.max(time, alarm);
			alarm = Infinity;
			ask(Question.ALARM);
		}
		time = Math.max(time, until);
	}

	const spend = (name: string): void => advanceTo(time + cost(name));

	function setState(next: number): void {
		if (next === state) return;
		stateTimes[state]! += time - since;
		since = time;
		state = next;
		ask(Question.STATE, next);
	}

	function spendBits(bits: number, hertz: number): void {
		spend("costBus");
		if (engine && hertz > 0) advanceTo(time + Math.floor((bits * 1e9) / hertz + 0.5));
	}

	function spendFlash(bytes: number): void {
		if (!engine) return;
		const before = state;
		setState(ChipState.FLASH);
		advanceTo(time + cost("costFlashWrite") + bytes * cost("costFlashByte"));
		setState(before);
	}

	function settle(index: number): void {
		const pin = pins[index]!;
		const digital = pin.owner === PinOwner.DIGITAL;
		let level: number;
		if (digital && (pin.mode === PinMode.OUTPUT || (pin.mode === PinMode.OUTPUT_OPEN_DRAIN && !pin.output)))
			level = pin.output;
		else if (pin.external >= 0) level = pin.external;
		else level = digital && (pin.mode === PinMode.INPUT_PULL_UP || pin.mode === PinMode.OUTPUT_OPEN_DRAIN) ? 1 : 0;
		if (level === pin.level) return;
		pin.level = level;
		chip.trace(`[${time},"pin",${index},${level}]`);
		if (pin.watch & (level ? Edge.RISING : Edge.FALLING)) pin.pending = true;
		if (pin.observed && !inWorld) ask(Question.LEVEL, index, level);
	}

	function release(pin: Pin): void {
		pin.owner = PinOwner.FREE;
		pin.mode = PinMode.INPUT;
		pin.output = 0;
		pin.watch = 0;
		pin.pending = false;
	}

	const isPending = (): boolean => pins.some((pin) => pin.pending) || serial.includes(true);
	/** The bytes of an exchange with the world. */
	const taken = (count: number): ArrayBuffer => {
		const bytes = new Uint8Array(count).fill(0xff);
		bytes.set(exchange.subarray(0, count));
		return bytes.buffer;
	};

	/** Pins, and serial ports after them. */
	const open = new Set<number>();

	function openPin(index: number, owner: PinOwner, mode: number): number {
		const pin = pins[index]!;
		release(pin);
		pin.owner = owner;
		pin.mode = mode;
		if (mode === PinMode.OUTPUT_OPEN_DRAIN) pin.output = 1;
		spend("costOpen");
		settle(index);
		return 0;
	}

	function closeSource(source: number): void {
		if (!open.delete(source) || source >= PINS) return;
		release(pins[source]!);
		settle(source);
	}

	function createClaim(): Claim {
		let claimed = -1;
		return {
			open(source, owner, mode): number {
				const known =
					mode <= PinMode.INPUT_PULL_UP_DOWN || mode === PinMode.OUTPUT || mode === PinMode.OUTPUT_OPEN_DRAIN;
				if (source < 0 || source >= PINS + SERIAL_PORTS || !known) return IoError.EINVAL;
				if (open.has(source)) return IoError.EBUSY;
				open.add(source);
				claimed = source;
				return source < PINS ? openPin(source, owner, mode) : 0;
			},
			close(): void {
				closeSource(claimed);
				claimed = -1;
			},
		};
	}

	const bank: Bank = {
		kind: "node",
		claim: createClaim,
		digitalRead(index): number {
			if (pins[index]?.owner !== PinOwner.DIGITAL) return IoError.EINVAL;
			spend("costDigitalRead");
			return pins[index].level;
		},
		digitalWrite(index, value): number {
			const pin = pins[index];
			if (!pin || pin.owner !== PinOwner.DIGITAL || pin.mode < PinMode.OUTPUT) return IoError.EINVAL;
			spend("costDigitalWrite");
			pin.output = value ? 1 : 0;
			settle(index);
			return 0;
		},
		watch(index, edges): number {
			const pin = pins[index];
			if (!pin || pin.owner !== PinOwner.DIGITAL || edges > (Edge.RISING | Edge.FALLING)) return IoError.EINVAL;
			pin.watch = edges;
			pin.pending = false;
			return 0;
		},
		analogRead(index): number {
			if (pins[index]?.owner !== PinOwner.ANALOG) return IoError.EINVAL;
			spend("costAnalogRead");
			const reference = costs["analogReference"] ?? 3_300_000;
			const microvolts = Math.min(Math.max(Math.trunc(ask(Question.ANALOG, index)), 0), reference);
			return Math.floor((microvolts * (2 ** bank.analogBits() - 1) + Math.floor(reference / 2)) / reference);
		},
		analogBits: () => costs["analogBits"] ?? 12,
		pwmWrite(index, duty, hertz): number {
			if (pins[index]?.owner !== PinOwner.PWM || duty > 65536) return IoError.EINVAL;
			spend("costPWMWrite");
			chip.trace(`[${time},"pwm",${index},${duty}]`);
			ask(Question.PWM, index, duty / 65536, hertz);
			return 0;
		},
		begin(callback): void {
			dispatch = callback;
		},
		next(): number {
			const pin = pins.findIndex(({ pending }) => pending);
			if (pin >= 0) {
				pins[pin]!.pending = false;
				return pin;
			}
			const port = serial.indexOf(true);
			if (port < 0) return -1;
			serial[port] = false;
			return PINS + port;
		},
		i2cWrite(bus, address, bytes, stop, hertz): number {
			const data = toBytes(bytes);
			if (data.length > EXCHANGE) return IoError.EOVERRUN;
			spendBits(9 * (data.length + 1) + 2, hertz);
			exchange = data.slice();
			return Math.min(
				engine ? ask(Question.I2C, bus, address, data.length, stop ? 1 : 0) : IoError.ENACK_ADDR,
				0,
			);
		},
		i2cRead(bus, address, count, _stop, hertz): ArrayBuffer | number {
			if (count > EXCHANGE) return IoError.EOVERRUN;
			spendBits(9 * (count + 1) + 2, hertz);
			exchange = new Uint8Array(0);
			const result = engine ? ask(Question.I2C, bus, address, -1, count) : IoError.ENACK_ADDR;
			return result < 0 ? result : taken(count);
		},
		spiTransfer(bus, select, bytes, hertz, deselect): ArrayBuffer | number {
			const data = toBytes(bytes);
			if (data.length > EXCHANGE) return IoError.EOVERRUN;
			spendBits(8 * data.length, hertz);
			exchange = engine ? data.slice() : new Uint8Array(0);
			const result = ask(Question.SPI, bus, select, data.length, deselect ? 1 : 0);
			return result < 0 ? result : taken(data.length);
		},
		serialWrite(port, bytes, baud): number {
			const data = toBytes(bytes);
			if (data.length > EXCHANGE) return IoError.EOVERRUN;
			spendBits(10 * data.length, baud);
			exchange = data.slice();
			return Math.min(ask(Question.SERIAL, port, data.length, baud), 0);
		},
		serialRead(port, count): ArrayBuffer | number {
			spend("costBus");
			const result = ask(Question.SERIAL, port, -Math.min(count, EXCHANGE));
			return count === 0 || result < 0 ? result : taken(result);
		},
		keyRead(domain, key): ArrayBuffer | undefined {
			spend("costStorage");
			const size = ask(Question.KEY, 0, 0, 0, 0, domain, key);
			return size >= 0 && engine ? taken(size) : undefined;
		},
		keyWrite(domain, key, bytes): number {
			const data = toBytes(bytes);
			spendFlash(data.length);
			exchange = data.slice();
			return Math.min(engine ? ask(Question.KEY, 1, data.length, 0, 0, domain, key) : IoError.ENOTSUP, 0);
		},
		keyDelete(domain, key): void {
			spendFlash(0);
			ask(Question.KEY, 2, 0, 0, 0, domain, key);
		},
		keyAt(domain, index): ArrayBuffer | undefined {
			spend("costStorage");
			const size = ask(Question.KEY, 3, index, 0, 0, domain);
			return size >= 0 && engine ? taken(size) : undefined;
		},
		publish(topic, bytes): number {
			if (!engine) return IoError.ENOTSUP;
			const data = toBytes(bytes);
			if (data.length > EXCHANGE) return IoError.ENOSPC;
			const before = state;
			setState(ChipState.RADIO);
			advanceTo(
				time + cost("costRadioWake") + (data.length + encoder.encode(topic).length) * cost("costRadioByte"),
			);
			setState(before);
			exchange = data.slice();
			return ask(Question.PUBLISH, data.length, 0, 0, 0, topic);
		},
		now(): number {
			spend("costTime");
			return Math.floor(time / 1000);
		},
		random(bytes): void {
			for (let i = 0; i < bytes.length; i++) bytes[i] = random() >>> 24;
		},
		deepSleep(microseconds, pin, level): void {
			const wake = microseconds >= 0 ? time + nanoseconds(microseconds) : Infinity;
			for (let i = 0; i < PINS + SERIAL_PORTS; i++) closeSource(i);
			setState(ChipState.DEEP);
			for (;;) {
				wakeReason = pin >= 0 && pins[pin]!.level === level ? WakeReason.PIN : WakeReason.TIMER;
				if (wakeReason === WakeReason.PIN || wake <= time) break;
				if (wake === Infinity && alarm === Infinity) throw deepSleepError();
				advanceTo(Math.min(alarm, wake));
			}
			setState(ChipState.ACTIVE);
			spend("costBoot");
			throw deepSleepError();
		},
		restart(): void {
			wakeReason = WakeReason.RESET;
			throw deepSleepError();
		},
		wakeReason: () => wakeReason,
		log(text): void {
			if (!engine) return onLog(1, text);
			spend("costLog");
			ask(Question.LOG, 1, 0, 0, 0, text);
		},
		encode: (text) => encoder.encode(text).slice().buffer,
		decode: (bytes) => decoder.decode(bytes),
	};

	const chip: Chip = {
		now: () => time / 1000,
		alarm(at): void {
			alarm = at >= 0 && at <= 9e15 ? Math.floor(at * 1000 + 0.5) : Infinity;
		},
		drive(index, level): void {
			pins[index]!.external = level < 0 ? -1 : level ? 1 : 0;
			settle(index);
		},
		observe(index): void {
			pins[index]!.observed = true;
		},
		level: (index) => pins[index]!.level,
		serialReady(port): void {
			serial[port] = true;
		},
		timeIn: (which) => (stateTimes[which]! + (which === state ? time - since : 0)) / 1000,
		random,
		trace(line): void {
			if (trace.length < TRACE_LINES) trace.push(line);
		},
		reply: (line) => onReport?.(JSON.parse(line) as Report),
		reset(): void {
			over = true;
		},
		end(): void {
			over = true;
		},
		take(count): Uint8Array {
			return new Uint8Array(taken(count));
		},
		give(bytes): void {
			exchange = bytes.slice();
		},
		encode: (text) => encoder.encode(text),
		decode: (bytes) => decoder.decode(bytes),
	};
	if (scenario) {
		inWorld = true;
		engine = createEngine(chip, scenario);
		inWorld = false;
		spend("costBoot");
	}

	/** What waits is told. */
	function turn(): void {
		if (!isPending()) return;
		if (!dispatch) return void (pins.forEach((pin) => (pin.pending = false)), serial.fill(false));
		spend("costTurn");
		dispatch();
	}

	return {
		board: createDevice(bank) as unknown as Board,
		pump(until, ready): void {
			const end = nanoseconds(until);
			turn();
			while (!ready() && time < end) {
				if (end === Infinity && alarm === Infinity) throw new NothingComes();
				setState(ChipState.SLEEP);
				advanceTo(Math.min(end, alarm));
				if (!isPending() && time < end) continue;
				setState(ChipState.ACTIVE);
				spend("costWake");
				turn();
			}
			setState(ChipState.ACTIVE);
		},
		restarts: scenario !== undefined,
		trace: () => trace.map((line) => `${line}\n`).join(""),
		print(text): void {
			const lines = text.split("\n");
			if (lines.at(-1) === "") lines.pop();
			for (const line of lines) bank.log(line);
		},
		end(status, message): void {
			if (!engine) return;
			try {
				ask(Question.SCRIPT_END, status, 0, 0, 0, message);
				setState(ChipState.SLEEP);
				while (alarm !== Infinity) advanceTo(alarm);
			} catch (error) {
				if (!(error instanceof ScenarioOver)) throw error;
			}
		},
	};
}
