/*
 * A board of the tests' own: an ECMA-419 provider that notes what was done with it, and whose devices fail as they are
 * told. It runs on XS, where time is the host's, and on Node, where it
 * is passed by `pump`. No simulation: that is boards/simulated.
 */

import type { Board } from "../../src/iot-api/modules";
import { IS_NODE } from "../support/guest";

const now: () => number = IS_NODE ? () => time : native<() => number>("xs_iot_now");
let time = 0;
let agenda: { due: number; action: () => void }[] = [];

/** Does it after so many microseconds. */
export function after(delay: number, action: () => void): void {
	if (IS_NODE) agenda.push({ due: time + delay, action });
	else setTimeout(action, delay / 1000);
}

export function pump(until: number, ready: () => boolean): void {
	for (;;) {
		if (ready()) return;
		const next = agenda.reduce((least, { due }) => Math.min(least, due), Infinity);
		if (next > until || next === Infinity) {
			if (until !== Infinity) time = Math.max(time, until);
			return;
		}
		time = Math.max(time, next);
		const due = agenda.filter((item) => item.due <= time);
		agenda = agenda.filter((item) => item.due > time);
		for (const { action } of due) action();
	}
}

function failure(code: string): Error {
	return Object.assign(new Error(code), { code });
}

/** What was done. */
export const notes: string[] = [];
export const levels: Record<number, number> = {};
const watchers: Record<number, { edge: number; onReadable: () => void }> = {};
const used = new Set<number>();

/** An input changes. */
export function drive(pin: number, level: number): void {
	const before = levels[pin] ?? 0;
	levels[pin] = level;
	const watcher = watchers[pin];
	if (watcher && level !== before && watcher.edge & (level ? 1 : 2)) watcher.onReadable();
}

const LAST_PIN = 40;

function take(pin: number): void {
	if (pin > LAST_PIN) throw new RangeError("no such pin");
	if (used.has(pin)) throw failure("EBUSY");
	used.add(pin);
}

class Digital {
	static readonly Input = 0;
	static readonly InputPullUp = 1;
	static readonly InputPullDown = 2;
	static readonly Output = 8;
	static readonly OutputOpenDrain = 9;
	static readonly Rising = 1;
	static readonly Falling = 2;
	readonly #pin: number;
	constructor({
		pin,
		mode,
		edge,
		onReadable,
	}: {
		pin: number;
		mode: number;
		edge?: number;
		onReadable?: () => void;
	}) {
		if (pin === 39 && mode === Digital.InputPullUp) throw failure("ENOTSUP");
		take(pin);
		this.#pin = pin;
		notes.push(`digital ${pin} ${mode}`);
		if (edge && onReadable) watchers[pin] = { edge, onReadable };
	}
	read(): number {
		return levels[this.#pin] ?? 0;
	}
	write(level: number): void {
		levels[this.#pin] = level;
	}
	close(): void {
		used.delete(this.#pin);
		delete watchers[this.#pin];
		notes.push(`close ${this.#pin}`);
	}
}

class Analog {
	readonly #pin: number;
	readonly resolution = 12;
	constructor({ pin }: { pin: number }) {
		take(pin);
		this.#pin = pin;
	}
	read(): number {
		return 100 * this.#pin;
	}
	close(): void {
		used.delete(this.#pin);
	}
}

class PWM {
	readonly #pin: number;
	readonly resolution = 10;
	readonly hz: number;
	constructor({ pin, hz = 1000 }: { pin: number; hz?: number }) {
		take(pin);
		this.#pin = pin;
		this.hz = hz;
	}
	write(duty: number): void {
		notes.push(`pwm ${this.#pin} ${duty} at ${this.hz}`);
	}
	close(): void {
		used.delete(this.#pin);
	}
}

const i2cFailures: Record<number, string> = {
	0x41: "ENACK_ADDR",
	0x42: "ENACK_DATA",
	0x43: "ETIMEDOUT",
	0x44: "EARB",
	0x45: "",
};

class I2C {
	readonly #address: number;
	#register = 0;
	constructor(options: Record<string, unknown>) {
		this.#address = Number(options["address"]);
		if (this.#address === 0x50) throw failure("EBUSY");
		notes.push(`i2c ${String(options["data"])} ${this.#address} at ${String(options["hz"])}`);
	}
	#fail(): void {
		const code = i2cFailures[this.#address];
		if (code !== undefined) throw code === "" ? new Error("something") : failure(code);
	}
	write(bytes: Uint8Array, stop = true): void {
		this.#fail();
		this.#register = bytes[0] ?? 0;
		notes.push(`write ${[...bytes].join(" ")}${stop ? "" : " no stop"}`);
	}
	read(count: number): ArrayBuffer {
		this.#fail();
		return Uint8Array.from({ length: count }, (_, i) => this.#register + i).buffer;
	}
	close(): void {}
}

class SPI {
	constructor(options: Record<string, unknown>) {
		if (options["select"] === 33) throw new RangeError("no such pin");
		notes.push(`spi ${String(options["select"])} ${String(options["hz"])} ${String(options["mode"])}`);
	}
	transfer(bytes: Uint8Array): ArrayBuffer {
		return bytes.map((byte) => byte ^ 0xff).buffer as ArrayBuffer;
	}
	write(bytes: Uint8Array): void {
		notes.push(`spi write ${[...bytes].join(" ")}`);
	}
	close(): void {}
}

let serial: { options: Record<string, unknown>; input: number[] } | undefined;

/** Bytes come in. */
export function receive(bytes: number[]): void {
	if (!serial) return;
	serial.input.push(...bytes);
	(serial.options["onReadable"] as (count: number) => void)(serial.input.length);
}

export function overrun(): void {
	(serial?.options["onError"] as () => void)();
}

export function writable(count: number): void {
	(serial?.options["onWritable"] as (count: number) => void)(count);
}

class Serial {
	constructor(options: Record<string, unknown>) {
		if (options["baud"] === 1) throw failure("EINVAL");
		serial = { options, input: [] };
	}
	read(count: number): ArrayBuffer | undefined {
		return serial?.input.length ? new Uint8Array(serial.input.splice(0, count)).buffer : undefined;
	}
	write(bytes: Uint8Array): void {
		notes.push(`serial ${[...bytes].join(" ")}`);
	}
	close(): void {
		serial = undefined;
	}
}

const kept: Record<string, ArrayBuffer> = {};

const keyValue = {
	open({ path }: { path: string }) {
		return {
			read: (key: string): ArrayBuffer | undefined => kept[`${path}/${key}`],
			write(key: string, value: ArrayBuffer): void {
				if (value.byteLength > 1000) throw failure("ENOSPC");
				kept[`${path}/${key}`] = value;
			},
			delete(key: string): void {
				delete kept[`${path}/${key}`];
			},
			close(): void {},
		};
	},
};

export const board: Board = {
	pin: { led: 2, button: 4, voltage: 34 },
	io: { Digital, Analog, PWM, I2C, SPI, Serial } as unknown as Board["io"],
	I2C: { default: { data: 21, clock: 22 }, second: { data: 25, clock: 26 } },
	SPI: { default: { clock: 18 } },
	Serial: { default: { port: 1 } },
	keyValue,
	system: {
		now,
		log: (text) => void notes.push(`log ${text}`),
		publish(topic, payload): number {
			notes.push(`publish ${topic} ${[...new Uint8Array(payload)].join(" ")}`);
			return payload.byteLength > 1000 ? -11 : 0;
		},
		confirm(): number {
			notes.push("confirm");
			return 0;
		},
		random(bytes): void {
			for (let i = 0; i < bytes.length; i++) bytes[i] = 7 * i + 1;
		},
		deepSleep(time, pin, level): number {
			notes.push(`deep sleep ${time} ${pin} ${level}`);
			const error = new Error("deep sleep");
			error.name = "DeepSleep";
			throw error;
		},
		wakeReason: () => 1,
	},
};
