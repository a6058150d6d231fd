/**
 * The bench: a scenario's peripherals on their pins and buses, their properties with waveforms, faults, storage, and
 * what they take from the supply.
 */

import { IoError } from "../../../src/shared/numbers";
import type { Bytes } from "../bank";
import { peripheralTypes } from "../peripherals/index";
import { ENACK_ADDRESS, ENACK_DATA, type Peripheral, type PeripheralType, type Place } from "../peripherals/peripheral";
import type { Chip } from "./chip";
import type { Events } from "./events";
import type { Fault, PeripheralSpec, Value, Waveform } from "./scenario";
import { isSteady, valueOf } from "./waveforms";

/** A fault that is in force. */
interface Trouble {
	readonly kind: string;
	count: number;
	readonly until: number;
	readonly rate: number;
}

interface Seated {
	readonly spec: PeripheralSpec;
	readonly type: PeripheralType;
	readonly values: Record<string, Value>;
	/** When each was set. */
	readonly since: Record<string, number>;
	/** What the trace last said of them. */
	readonly told: Record<string, number | string>;
	readonly troubles: Trouble[];
	model: Peripheral;
	current: number;
	/** Microampere microseconds. */
	charge: number;
	drawn: number;
}

export interface Bench {
	set(peripheral: string, property: string, value: Value): void;
	reading(peripheral: string, reading: string): number | string;
	inject(target: string, fault: Fault): void;
	level(pin: number, level: number): void;
	pwm(pin: number, duty: number, hertz: number): void;
	/** Volts. */
	analog(pin: number): number;
	i2c(bus: number, address: number, write: number, read: number): number;
	spi(bus: number, select: number, count: number): number;
	serialWrite(port: number, bytes: Uint8Array): void;
	serialRead(port: number, count: number): number;
	send(port: number, bytes: Bytes): void;
	key(operation: number, size: number, domain: string, key: string): number;
	stored(domain: string, key: string): Uint8Array | undefined;
	/** The chip was without supply, and they too. */
	powered(): void;
	/** Microampere hours, with the name of what took them. */
	charges(): [string, number][];
	/** Microampere microseconds of all. */
	charge(): number;
}

/** Noise is uniform in +- its size. */
function withNoise(value: number, waveform: Waveform, chip: Chip): number {
	return waveform.noise ? value + waveform.noise * (chip.random() / 2147483648 - 1) : value;
}

/** A key-value store holds so many bytes of keys and values. */
const STORAGE = 65536;

interface Store {
	readonly values: Map<string, Uint8Array>;
	used: number;
}

export function createBench(chip: Chip, events: Events, specs: readonly PeripheralSpec[], changed: () => void): Bench {
	const seats = new Map<string, Seated>();
	const all: Seated[] = [];
	const busTroubles = new Map<string, Trouble[]>();
	const observers: ((level: number) => void)[][] = [];
	const pwmObservers: ((duty: number, hertz: number) => void)[][] = [];
	const analogAt: (Seated | undefined)[] = [];
	const received: number[][] = [];
	const stores = new Map<string, Store>();

	function settle(seat: Seated): void {
		const now = chip.now();
		seat.charge += seat.current * (now - seat.drawn);
		seat.drawn = now;
	}

	/** Is that trouble there? One that is counted is used up by it. */
	function troubled(list: Trouble[], kind: string): Trouble | undefined {
		for (let i = 0; i < list.length; i++) {
			const trouble = list[i]!;
			if (trouble.kind !== kind) continue;
			if (chip.now() >= trouble.until) {
				list.splice(i--, 1);
				continue;
			}
			if (trouble.count > 0 && --trouble.count === 0) list.splice(i, 1);
			return trouble;
		}
		return undefined;
	}

	function placeOf(seat: Seated): Place {
		return {
			now: () => chip.now(),
			at(time, action) {
				events.add(Math.max(time, chip.now()), action);
				chip.alarm(events.next());
			},
			number(property) {
				const value = seat.values[property];
				if (typeof value !== "object") return Number(value);
				const limits = seat.type.properties[property]!;
				let result = withNoise(valueOf(value, chip.now() - seat.since[property]!), value, chip);
				if (limits.minimum !== undefined && result < limits.minimum) result = limits.minimum;
				if (limits.maximum !== undefined && result > limits.maximum) result = limits.maximum;
				tell(seat, property, result);
				return result;
			},
			text: (property) => String(seat.values[property]),
			drive: (pin, level) => chip.drive(pin, level),
			level: (pin) => chip.level(pin),
			observe(pin, callback) {
				(observers[pin] ??= []).push(callback);
				chip.observe(pin);
			},
			observePWM(pin, callback) {
				(pwmObservers[pin] ??= []).push(callback);
				chip.observe(pin);
			},
			random: () => chip.random() / 4294967296,
			changed,
			send,
			fault: (kind) => troubled(seat.troubles, kind) !== undefined,
			draw(microamperes) {
				settle(seat);
				if (seat.current === microamperes) return;
				seat.current = microamperes;
				chip.trace(`[${Math.round(chip.now() * 1000)},"draw","${seat.spec.name}",${microamperes}]`);
			},
		};
	}

	function tell(seat: Seated, property: string, value: number | string, again = false): void {
		if (seat.told[property] === value && !again) return;
		seat.told[property] = value;
		chip.trace(
			`[${Math.round(chip.now() * 1000)},"value","${seat.spec.name}.${property}",${JSON.stringify(value)}]`,
		);
	}

	function send(port: number, bytes: Bytes): void {
		const queue = (received[port] ??= []);
		const view = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
		for (let i = 0; i < view.length; i++) queue.push(view[i]!);
		chip.serialReady(port);
	}

	/** What a fault does to a transfer; 0: nothing. */
	function spoiled(lists: Trouble[][]): number {
		for (let i = 0; i < lists.length; i++) {
			if (troubled(lists[i]!, "stuck") || troubled(lists[i]!, "timeout")) return IoError.ETIMEDOUT;
			if (troubled(lists[i]!, "nack") || troubled(lists[i]!, "disconnect")) return ENACK_ADDRESS;
			if (troubled(lists[i]!, "nack-data")) return ENACK_DATA;
		}
		return 0;
	}

	function disturb(bytes: Uint8Array, lists: Trouble[][]): void {
		for (let i = 0; i < lists.length; i++) {
			const trouble = troubled(lists[i]!, "noise");
			if (!trouble) continue;
			for (let at = 0; at < bytes.length; at++)
				for (let bit = 0; bit < 8; bit++)
					if (chip.random() < trouble.rate * 4294967296) bytes[at] = bytes[at]! ^ (1 << bit);
		}
	}

	function busOf(seat: Seated, name: string, bus: number): boolean {
		return seat.spec.parameters[name] === bus;
	}

	function hand(bytes: Uint8Array): number {
		chip.give(bytes);
		return bytes.length;
	}

	function troublesOf(bus: string): Trouble[] {
		let list = busTroubles.get(bus);
		if (!list) busTroubles.set(bus, (list = []));
		return list;
	}

	for (const spec of specs) {
		const type = peripheralTypes.find((candidate) => candidate.name === spec.type)!;
		const seat: Seated = {
			spec,
			type,
			values: {},
			since: {},
			told: {},
			troubles: [],
			model: {},
			current: 0,
			charge: 0,
			drawn: 0,
		};
		for (const name of Object.keys(type.properties)) {
			const initial = type.properties[name]!.initial;
			seat.values[name] =
				spec.properties[name] ?? (typeof initial === "number" ? { kind: "constant", value: initial } : initial);
			seat.since[name] = 0;
		}
		seats.set(spec.name, seat);
		all.push(seat);
		seat.model = type.create(placeOf(seat), spec.parameters);
		if (seat.model.analog) analogAt[Number(spec.parameters["pin"])] = seat;
		for (const name of Object.keys(spec.properties)) seat.model.changed?.(name);
	}

	return {
		set(peripheral, property, value) {
			const seat = seats.get(peripheral)!;
			const before = seat.values[property];
			// Where a number jumps, plots need both ends.
			if (typeof before === "object")
				tell(seat, property, valueOf(before, chip.now() - seat.since[property]!), true);
			seat.values[property] = value;
			seat.since[property] = chip.now();
			tell(seat, property, typeof value === "object" ? valueOf(value, 0) : String(value));
			// The end of a ramp is told too, so that plots have it.
			if (typeof value === "object" && value.kind === "ramp" && isSteady(value, value.over))
				events.add(chip.now() + value.over, () => {
					if (seat.values[property] === value) tell(seat, property, value.to);
				});
			seat.model.changed?.(property);
			changed();
		},
		reading: (peripheral, reading) => seats.get(peripheral)!.model.reading?.(reading) ?? "",
		inject(target, fault) {
			const trouble: Trouble = {
				kind: fault.kind,
				count: fault.count,
				until: fault.time > 0 ? chip.now() + fault.time : Infinity,
				rate: fault.rate,
			};
			const seat = seats.get(target);
			(seat ? seat.troubles : troublesOf(target)).push(trouble);
		},
		level(pin, level) {
			const list = observers[pin];
			if (list) for (let i = 0; i < list.length; i++) list[i]!(level);
		},
		pwm(pin, duty, hertz) {
			const list = pwmObservers[pin];
			if (list) for (let i = 0; i < list.length; i++) list[i]!(duty, hertz);
		},
		analog: (pin) => analogAt[pin]?.model.analog?.() ?? 0,
		i2c(bus, address, write, read) {
			const bytes = write >= 0 ? chip.take(write) : null;
			const troubles = troublesOf(`i2c${bus}`);
			let seat: Seated | undefined;
			for (let i = 0; i < all.length; i++)
				if (all[i]!.model.i2c && busOf(all[i]!, "bus", bus) && all[i]!.spec.parameters["address"] === address)
					seat = all[i];
			let result: Uint8Array | number = spoiled(seat ? [troubles, seat.troubles] : [troubles]);
			if (result === 0) {
				if (!seat) result = ENACK_ADDRESS;
				else if (bytes) {
					disturb(bytes, [troubles]);
					result = seat.model.i2c!.write(bytes);
				} else {
					const answer = seat.model.i2c!.read(read);
					if (typeof answer !== "number") {
						disturb(answer, [troubles, seat.troubles]);
						chip.give(answer);
						result = answer.length;
					} else result = answer;
				}
			}
			chip.trace(
				`[${Math.round(chip.now() * 1000)},"i2c",${bus},${address},"${bytes ? "write" : "read"}",${bytes ? write : read},${Math.min(0, result)}]`,
			);
			return result;
		},
		spi(bus, select, count) {
			const bytes = chip.take(count);
			const troubles = troublesOf(`spi${bus}`);
			let seat: Seated | undefined;
			for (let i = 0; i < all.length; i++)
				if (all[i]!.model.spi && busOf(all[i]!, "bus", bus) && all[i]!.spec.parameters["select"] === select)
					seat = all[i];
			const gone = !seat || troubled(seat.troubles, "disconnect");
			const answer = gone ? new Uint8Array(count).fill(255) : seat!.model.spi!(bytes);
			disturb(answer, seat ? [troubles, seat.troubles] : [troubles]);
			chip.give(answer);
			chip.trace(`[${Math.round(chip.now() * 1000)},"spi",${bus},${select},${count}]`);
			return 0;
		},
		serialWrite(port, bytes) {
			for (let i = 0; i < all.length; i++)
				if (all[i]!.model.serial && busOf(all[i]!, "port", port)) all[i]!.model.serial!(bytes);
		},
		serialRead(port, count) {
			const queue = (received[port] ??= []);
			if (count === 0) return queue.length;
			const taken = queue.splice(0, count);
			chip.give(new Uint8Array(taken));
			return taken.length;
		},
		send,
		key(operation, size, domain, key) {
			let store = stores.get(domain);
			if (!store) stores.set(domain, (store = { values: new Map(), used: 0 }));
			const { values } = store;
			const value = values.get(key);
			const used = store.used - (value ? key.length + value.length : 0);
			if (operation === 1) {
				if (used + key.length + size > STORAGE) return IoError.ENOSPC;
				values.set(key, chip.take(size));
				store.used = used + key.length + size;
				return 0;
			}
			if (operation === 2) {
				values.delete(key);
				store.used = used;
				return 0;
			}
			if (operation === 3) {
				const name = [...values.keys()][size];
				return name === undefined ? IoError.ENODEV : hand(chip.encode(name));
			}
			return value ? hand(value) : IoError.ENODEV;
		},
		stored: (domain, key) => stores.get(domain)?.values.get(key),
		powered() {
			received.length = 0;
			for (let i = 0; i < all.length; i++) all[i]!.model.powered?.();
		},
		charges() {
			const result: [string, number][] = [];
			for (let i = 0; i < all.length; i++) {
				settle(all[i]!);
				if (all[i]!.charge > 0) result.push([all[i]!.spec.name, all[i]!.charge / 3.6e9]);
			}
			return result;
		},
		charge() {
			let sum = 0;
			for (let i = 0; i < all.length; i++) {
				settle(all[i]!);
				sum += all[i]!.charge;
			}
			return sum;
		},
	};
}
