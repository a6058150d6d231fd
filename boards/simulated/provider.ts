/**
 * The provider of simulated boards: the classes of ECMA-419 (2nd edition, clauses 9 to 11) over a bank, as they are
 * found on the global `device`.
 *
 * Errors are thrown as Error (RangeError for what cannot be, as clause 8 says) with a `code`, one of `ioErrorNames` in
 * bank.ts.
 */

import { ioErrorNames } from "../../src/shared/io-error-names";
import { PinMode, PinOwner } from "../../src/shared/numbers";
import { PINS, type Bank, type Bytes, type Claim, type Listener } from "./bank";
import { i2cBuses, pins, serialPorts, spiBuses, type Bus } from "./pin-table/pins";

export interface IOError extends Error {
	code: string;
}

function fail(code: number, what: string): never {
	const name = ioErrorNames[-code - 1] ?? "EIO";
	const text = name === "EBUSY" ? `${what}: in use` : `${what}: ${name}`;
	const error = (name === "EINVAL" ? new RangeError(text) : new Error(text)) as IOError;
	error.code = name;
	throw error;
}

function check(result: number, what: string): number {
	return result < 0 ? fail(result, what) : result;
}

function closed(): never {
	const error = new Error("closed") as IOError;
	error.code = "EINVAL";
	throw error;
}

function integer(value: unknown, what: string, least: number, most: number): number {
	const number = Number(value);
	if (!Number.isInteger(number) || number < least || number > most) {
		const error = new RangeError(
			`${what}: ${String(value)} is no integer from ${least} to ${most}`,
		) as unknown as IOError;
		error.code = "EINVAL";
		throw error;
	}
	return number;
}

interface Options {
	[name: string]: unknown;
	target?: unknown;
}

type Callback = (this: unknown, count?: number) => void;

function callback(options: Options, name: string): Callback | undefined {
	const value = options[name];
	if (value !== undefined && typeof value !== "function") throw new TypeError(`${name}: no function`);
	return value as Callback | undefined;
}

/** Bytes of a transfer at most, and of a serial port's buffers. */
const BUFFER = 4096;

/** By pin, and by PINS + serial port: those that their callbacks keep. */
type Listeners = (Listener | undefined)[];

function take(bank: Bank, source: number, owner: PinOwner, mode: number, what: string): Claim {
	const claim = bank.claim();
	check(claim.open(source, owner, mode), what);
	return claim;
}

/** What has callbacks is kept until it is closed, but where its owner says by `weak` that it keeps it. */
function listenerOf(bank: Bank, listeners: Listeners, source: number): Listener | undefined {
	return listeners[source] ?? bank.listener?.(source);
}

/**
 * What is written has been sent when the call returns: the buffer is empty. Nothing here has the port's object, which
 * may be garbage before its turn comes.
 */
function promiseRoom(bank: Bank, listeners: Listeners, source: number): void {
	void Promise.resolve().then(() => listenerOf(bank, listeners, source)?.writable?.());
}

function listen(listeners: Listeners, source: number, listener: Listener, claim: Claim, options: Options): void {
	if (options["weak"] && claim.listen) claim.listen(listener);
	else listeners[source] = listener;
}

function digitalClass(bank: Bank, listeners: Listeners): unknown {
	return class Digital {
		static readonly Input = PinMode.INPUT;
		static readonly InputPullUp = PinMode.INPUT_PULL_UP;
		static readonly InputPullDown = PinMode.INPUT_PULL_DOWN;
		static readonly InputPullUpDown = PinMode.INPUT_PULL_UP_DOWN;
		static readonly Output = PinMode.OUTPUT;
		static readonly OutputOpenDrain = PinMode.OUTPUT_OPEN_DRAIN;
		static readonly Rising = 1;
		static readonly Falling = 2;
		/** "native": the pins are those of native/io, by the same numbers. */
		static readonly bank = bank.kind;
		readonly target: unknown;
		#pin = -1;
		readonly #claim: Claim;
		#onReadable: Callback | undefined;
		constructor(options: Options) {
			const pin = integer(options["pin"], "pin", 0, PINS - 1);
			const onReadable = callback(options, "onReadable");
			const edges = onReadable ? integer(options["edge"] ?? 0, "edge", 1, 3) : 0;
			const mode = integer(options["mode"], "mode", 0, PinMode.OUTPUT_OPEN_DRAIN);
			if (options["format"] !== undefined && options["format"] !== "number") throw new RangeError("format");
			this.#claim = take(bank, pin, PinOwner.DIGITAL, mode, `pin ${pin}`);
			this.target = options.target;
			this.#pin = pin;
			if (options["initialValue"] !== undefined) this.write(Number(options["initialValue"]));
			if (onReadable) {
				this.#onReadable = onReadable;
				listen(listeners, pin, this, this.#claim, options);
				bank.watch(pin, edges);
			}
		}
		read(): number {
			if (this.#pin < 0) closed();
			return check(bank.digitalRead(this.#pin), `pin ${this.#pin}`);
		}
		write(value: number): void {
			if (this.#pin < 0) closed();
			check(bank.digitalWrite(this.#pin, value ? 1 : 0), `pin ${this.#pin} is no output`);
		}
		close(): void {
			if (this.#pin < 0) return;
			listeners[this.#pin] = undefined;
			this.#pin = -1;
			this.#claim.close();
		}
		notify(): void {
			this.#onReadable?.call(this);
		}
		get format(): string {
			return "number";
		}
		set format(value: string) {
			if (value !== "number") throw new RangeError("format");
		}
	};
}

function analogClass(bank: Bank): unknown {
	return class Analog {
		readonly resolution: number;
		readonly target: unknown;
		#pin = -1;
		readonly #claim: Claim;
		constructor(options: Options) {
			const pin = integer(options["pin"], "pin", 0, PINS - 1);
			const bits = bank.analogBits();
			if (options["resolution"] !== undefined && options["resolution"] !== bits)
				throw new RangeError(`resolution: ${bits} bits`);
			this.#claim = take(bank, pin, PinOwner.ANALOG, 0, `pin ${pin}`);
			this.#pin = pin;
			this.resolution = bits;
			this.target = options.target;
		}
		read(): number {
			if (this.#pin < 0) closed();
			return check(bank.analogRead(this.#pin), `pin ${this.#pin}`);
		}
		close(): void {
			this.#pin = -1;
			this.#claim.close();
		}
		get format(): string {
			return "number";
		}
	};
}

/** Bits of a duty. */
const PWM_BITS = 10;

function pwmClass(bank: Bank): unknown {
	return class PWM {
		readonly hz: number;
		readonly resolution = PWM_BITS;
		readonly target: unknown;
		#pin = -1;
		readonly #claim: Claim;
		constructor(options: Options) {
			const pin = integer(options["pin"], "pin", 0, PINS - 1);
			const hz = options["hz"] === undefined ? 1000 : integer(options["hz"], "hz", 1, 40_000_000);
			this.#claim = take(bank, pin, PinOwner.PWM, PinMode.INPUT, `pin ${pin}`);
			this.#pin = pin;
			this.hz = hz;
			this.target = options.target;
		}
		write(value: number): void {
			if (this.#pin < 0) closed();
			const top = (1 << PWM_BITS) - 1;
			const duty = integer(value, "duty", 0, top);
			check(bank.pwmWrite(this.#pin, Math.round((duty * 65536) / top), this.hz), `pin ${this.#pin}`);
		}
		close(): void {
			this.#pin = -1;
			this.#claim.close();
		}
		get format(): string {
			return "number";
		}
	};
}

function buffer(value: unknown): Bytes {
	if (value instanceof ArrayBuffer || value instanceof Uint8Array) return value;
	if (ArrayBuffer.isView(value))
		return new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
	// Linear memory of a module lies outside of the heap: its bytes are copied.
	if (value !== null && typeof value === "object") return new Uint8Array(value as ArrayBuffer);
	throw new TypeError("no buffer");
}

/** read(count) gives a new buffer, read(buffer) fills one. */
function readInto(target: unknown, bytes: ArrayBuffer): ArrayBuffer {
	if (typeof target === "number") return bytes;
	const view = buffer(target);
	(view instanceof Uint8Array ? view : new Uint8Array(view)).set(new Uint8Array(bytes));
	return target as ArrayBuffer;
}

function sizeOf(target: unknown, most: number): number {
	return typeof target === "number" ? integer(target, "count", 0, most) : buffer(target).byteLength;
}

function portOf(options: Options, buses: Bus[], pin: string): number {
	if (options["port"] !== undefined) return integer(options["port"], "port", 0, buses.length - 1);
	for (let i = 0; i < buses.length; i++) if (buses[i]!.pins[pin] === options[pin]) return buses[i]!.port;
	return fail(-3, `no bus has ${pin} at pin ${String(options[pin])}`);
}

function addressName(address: number): string {
	return `I2C address 0x${address.toString(16)}`;
}

function i2cClass(bank: Bank): unknown {
	return class I2C {
		readonly target: unknown;
		#bus: number;
		#address: number;
		#hz: number;
		constructor(options: Options) {
			this.#bus = portOf(options, i2cBuses, "data");
			this.#address = integer(options["address"], "address", 0, 127);
			this.#hz = integer(options["hz"] ?? 100_000, "hz", 1, 5_000_000);
			this.target = options.target;
		}
		write(bytes: unknown, stop = true): void {
			if (this.#bus < 0) closed();
			check(bank.i2cWrite(this.#bus, this.#address, buffer(bytes), stop, this.#hz), addressName(this.#address));
		}
		read(target: unknown, stop = true): ArrayBuffer {
			if (this.#bus < 0) closed();
			const result = bank.i2cRead(this.#bus, this.#address, sizeOf(target, BUFFER), stop, this.#hz);
			return typeof result === "number" ? fail(result, addressName(this.#address)) : readInto(target, result);
		}
		close(): void {
			this.#bus = -1;
		}
		get format(): string {
			return "buffer";
		}
	};
}

function spiTransfer(bank: Bank, bus: number, select: number, bytes: Bytes, hz: number): ArrayBuffer {
	if (bus < 0) closed();
	const result = bank.spiTransfer(bus, select, bytes, hz, true);
	return typeof result === "number" ? fail(result, "SPI") : result;
}

function spiClass(bank: Bank): unknown {
	return class SPI {
		readonly target: unknown;
		#bus: number;
		#select: number;
		#hz: number;
		readonly #claim: Claim;
		constructor(options: Options) {
			this.#bus = portOf(options, spiBuses, "clock");
			this.#select = integer(options["select"] ?? spiBuses[this.#bus]!.pins["select"], "select", 0, PINS - 1);
			this.#hz = integer(options["hz"] ?? 1_000_000, "hz", 1, 80_000_000);
			integer(options["mode"] ?? 0, "mode", 0, 3);
			this.#claim = take(bank, this.#select, PinOwner.BUS, PinMode.INPUT, `pin ${this.#select}`);
			this.target = options.target;
		}
		read(target: unknown): ArrayBuffer {
			const bytes = new Uint8Array(sizeOf(target, BUFFER)).fill(255);
			return readInto(target, spiTransfer(bank, this.#bus, this.#select, bytes, this.#hz));
		}
		write(bytes: unknown): void {
			spiTransfer(bank, this.#bus, this.#select, buffer(bytes), this.#hz);
		}
		/** Both at once; what came back is also in the buffer. */
		transfer(bytes: unknown): ArrayBuffer {
			const result = spiTransfer(bank, this.#bus, this.#select, buffer(bytes), this.#hz);
			readInto(bytes, result);
			return result;
		}
		flush(_deselect?: boolean): void {}
		close(): void {
			this.#bus = -1;
			this.#claim.close();
		}
		get format(): string {
			return "buffer";
		}
	};
}

function serialClass(bank: Bank, listeners: Listeners): unknown {
	return class Serial {
		readonly target: unknown;
		#port: number;
		#baud: number;
		#format: string;
		readonly #claim: Claim;
		#onReadable: Callback | undefined;
		#onWritable: Callback | undefined;
		constructor(options: Options) {
			const port = portOf(options, serialPorts, "receive");
			this.#baud = integer(options["baud"], "baud", 1, 5_000_000);
			this.#format = "number";
			this.format = String(options["format"] ?? "number");
			this.#onReadable = callback(options, "onReadable");
			this.#onWritable = callback(options, "onWritable");
			this.#claim = take(bank, PINS + port, PinOwner.BUS, PinMode.INPUT, `serial port ${port}`);
			this.#port = port;
			this.target = options.target;
			if (this.#onReadable || this.#onWritable) listen(listeners, PINS + port, this, this.#claim, options);
			if (this.#onWritable) promiseRoom(bank, listeners, PINS + port);
		}
		/** A number, or with format "buffer" a buffer; undefined when there is nothing. */
		read(target?: unknown): number | ArrayBuffer | undefined {
			if (this.#port < 0) closed();
			const count =
				this.#format === "number"
					? 1
					: target === undefined
						? BUFFER
						: Math.min(sizeOf(target, Infinity), BUFFER);
			if (count === 0) return undefined;
			const result = bank.serialRead(this.#port, count);
			if (typeof result === "number") return fail(result, "serial");
			if (result.byteLength === 0) return undefined;
			if (this.#format === "number") return new Uint8Array(result)[0];
			if (target === undefined || typeof target === "number") return result;
			readInto(target, result);
			return result.byteLength;
		}
		write(value: unknown): void {
			if (this.#port < 0) closed();
			const bytes = typeof value === "number" ? new Uint8Array([integer(value, "byte", 0, 255)]) : buffer(value);
			check(bank.serialWrite(this.#port, bytes, this.#baud), "serial");
			if (this.#onWritable) promiseRoom(bank, listeners, PINS + this.#port);
		}
		flush(): void {
			while (Number(bank.serialRead(this.#port, 0)) > 0) bank.serialRead(this.#port, BUFFER);
		}
		set(_options: Options): void {}
		close(): void {
			if (this.#port < 0) return;
			listeners[PINS + this.#port] = undefined;
			this.#port = -1;
			this.#claim.close();
		}
		notify(): void {
			const count = Number(bank.serialRead(this.#port, 0));
			if (count > 0) this.#onReadable?.call(this, count);
		}
		writable(): void {
			if (this.#port >= 0) this.#onWritable?.call(this, BUFFER);
		}
		get format(): string {
			return this.#format;
		}
		set format(value: string) {
			if (value !== "number" && value !== "buffer") throw new RangeError("format");
			this.#format = value;
		}
	};
}

type Value = ArrayBuffer | string | number | boolean;

/** ECMA-419 key-value storage. */
function keyValue(bank: Bank): unknown {
	class Storage {
		#path: string;
		#format: string;
		constructor(path: string, format: string) {
			this.#path = path;
			this.#format = format;
		}
		read(key: string): Value | undefined {
			const bytes = bank.keyRead(this.#path, key);
			return bytes === undefined || this.#format === "buffer" ? bytes : bank.decode(bytes);
		}
		write(key: string, value: unknown): void {
			const bytes =
				typeof value === "string" || typeof value === "number" ? bank.encode(String(value)) : buffer(value);
			check(bank.keyWrite(this.#path, key, bytes), `key ${key}`);
		}
		delete(key: string): void {
			bank.keyDelete(this.#path, key);
		}
		*[Symbol.iterator](): IterableIterator<string> {
			for (let i = 0; ; i++) {
				const key = bank.keyAt(this.#path, i);
				if (key === undefined) return;
				yield bank.decode(key);
			}
		}
		close(): void {}
	}
	return {
		open(options: Options): Storage {
			const format = String(options["format"] ?? "buffer");
			if (format !== "buffer" && format !== "string") throw new RangeError("format");
			return new Storage(String(options["path"]), format);
		},
	};
}

/** What the chip does beside I/O. Not part of ECMA-419. */
export interface System {
	/** Microseconds since power-on. */
	now(): number;
	/** 0, or an error code below zero. */
	publish(topic: string, payload: Bytes): number;
	confirm(): number;
	log(text: string): void;
	random(bytes: Uint8Array): Uint8Array;
	/**
	 * RAM is lost, key-value storage stays. For so many microseconds (-1: for ever), or until the pin has that level.
	 * Does not return.
	 */
	deepSleep(microseconds: number, pin?: number, level?: number): void;
	restart(): void;
	/** 0 power-on, 1 timer, 2 pin, 3 reset, 4 watchdog. */
	wakeReason(): number;
}

function system(bank: Bank): System {
	return {
		now: () => bank.now(),
		publish: (topic, payload) => bank.publish(topic, buffer(payload)),
		confirm: () => 0,
		log: (text) => bank.log(text),
		random(bytes) {
			bank.random(bytes);
			return bytes;
		},
		deepSleep(microseconds, pin = -1, level = 1) {
			bank.deepSleep(microseconds, pin, level);
		},
		restart: () => bank.restart(),
		wakeReason: () => bank.wakeReason(),
	};
}

function busTable(io: unknown, buses: Bus[]): Record<string, object> {
	const table: Record<string, object> = {};
	for (const bus of buses) table[bus.name] = { io, port: bus.port, ...bus.pins };
	return table;
}

export interface Device {
	io: Record<string, unknown>;
	pin: Record<string, number>;
	keyValue: unknown;
	system: System;
	[name: string]: unknown;
}

export function createDevice(bank: Bank): Device {
	const listeners: Listeners = [];
	bank.begin(() => {
		for (let source = bank.next(); source >= 0; source = bank.next()) listenerOf(bank, listeners, source)?.notify();
	});
	const io = {
		Digital: digitalClass(bank, listeners),
		Analog: analogClass(bank),
		PWM: pwmClass(bank),
		I2C: i2cClass(bank),
		SPI: spiClass(bank),
		Serial: serialClass(bank, listeners),
	};
	return {
		io,
		pin: { ...pins },
		Digital: { default: { io: io.Digital, pin: pins["button"] } },
		Analog: { default: { io: io.Analog, pin: pins["battery"] } },
		PWM: { default: { io: io.PWM, pin: pins["servo"] } },
		I2C: busTable(io.I2C, i2cBuses),
		SPI: busTable(io.SPI, spiBuses),
		Serial: busTable(io.Serial, serialPorts),
		keyValue: keyValue(bank),
		system: system(bank),
	};
}
