/**
 * What a model of a peripheral is: see docs/PERIPHERALS.md. A model is one file that exports a PeripheralType, and a
 * line in index.ts. The command line reads the tables (to check scenarios), the world of a
 * board calls `create`. Runs on XS and on Node.
 */

import { IoError } from "../../../src/shared/numbers";

/** A parameter is fixed for a scenario: where it is connected, and what does not change. */
export interface Parameter {
	/** "pin" also takes a pin's name; "current" takes 2mA, "time" 5ms; in microamperes and microseconds. */
	readonly kind: "pin" | "bus" | "serial" | "address" | "number" | "current" | "time" | "choice";
	/** Without it the scenario must say it. */
	readonly initial?: number | string;
	readonly minimum?: number;
	readonly maximum?: number;
	readonly choices?: readonly string[];
	readonly doc: string;
}

/** A property is what a scenario sets: a number (with waveforms), or one of `choices`. */
export interface Property {
	readonly initial: number | string;
	readonly unit?: string;
	readonly minimum?: number;
	readonly maximum?: number;
	readonly choices?: readonly string[];
	readonly doc: string;
}

/** What a scenario can wait for and expect. */
export interface Reading {
	readonly unit?: string;
	/** Else it is a number. */
	readonly choices?: readonly string[];
	readonly doc: string;
}

/** What a model has of its world. */
export interface Place {
	/** Microseconds since power-on. */
	now(): number;
	/** Calls `action` then; a time that has passed is now. */
	at(time: number, action: () => void): void;
	/** A property's value at this moment. */
	number(property: string): number;
	text(property: string): string;
	/** From outside onto the wire: 0, 1, or -1 to let go. */
	drive(pin: number, level: number): void;
	/** What is on the wire. */
	level(pin: number): number;
	/** Tells of each change that the chip makes. */
	observe(pin: number, changed: (level: number) => void): void;
	/** Tells of each duty (0 to 1) that the chip sets. */
	observePWM(pin: number, changed: (duty: number, hertz: number) => void): void;
	/** 0 to 1, by the seed. */
	random(): number;
	/** A reading has changed: who waits for it looks again. */
	changed(): void;
	/** Bytes for the chip to receive. */
	send(port: number, bytes: Uint8Array): void;
	/** Is that fault there now? Takes one off its count. */
	fault(kind: string): boolean;
	/** What it takes from the supply from now on, in microamperes. */
	draw(microamperes: number): void;
}

/** Results below zero are errors as in bank.ts. */
export interface I2CDevice {
	/** 0, or an error. */
	write(bytes: Uint8Array): number;
	/** Exactly `count` bytes, or an error. */
	read(count: number): Uint8Array | number;
}

export const ENACK_ADDRESS = IoError.ENACK_ADDR;
export const ENACK_DATA = IoError.ENACK_DATA;

export interface Peripheral {
	/** A property was set. */
	changed?(property: string): void;
	reading?(name: string): number | string;
	i2c?: I2CDevice;
	/** One transaction, from select to deselect: what comes back, as long as what went out. */
	spi?(bytes: Uint8Array): Uint8Array;
	/** Volts on the pin that the parameter `pin` names. */
	analog?(): number;
	/** The chip sent bytes to the port that the parameter `port` names. */
	serial?(bytes: Uint8Array): void;
	/** The supply was off. */
	powered?(): void;
}

export type Parameters = Readonly<Record<string, number | string>>;

export interface PeripheralType {
	readonly name: string;
	/** One line, with the datasheet. */
	readonly doc: string;
	readonly parameters: Readonly<Record<string, Parameter>>;
	readonly properties: Readonly<Record<string, Property>>;
	readonly readings: Readonly<Record<string, Reading>>;
	/** `set: {NAME: value}` and `expect: {NAME: value}` mean these. */
	readonly property?: string;
	readonly reading?: string;
	readonly faults?: readonly string[];
	create(place: Place, parameters: Parameters): Peripheral;
}

export function limit(value: number, least: number, most: number): number {
	return value < least ? least : value > most ? most : value;
}

/** Where an I2C device is: its bus and, by the level of a pin of its, one of two addresses, the usual one first. */
export function i2cPlace(usual: number, other: number, doc: string): PeripheralType["parameters"] {
	const choices = [usual, other].sort((a, b) => a - b).map(String);
	return {
		bus: { kind: "bus", initial: 0, doc: "default or second" },
		address: {
			kind: "address",
			initial: usual,
			choices,
			doc: `0x${Number(choices[0]).toString(16)} or 0x${Number(choices[1]).toString(16)} by its ${doc}`,
		},
	};
}
