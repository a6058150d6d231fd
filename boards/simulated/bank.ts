/**
 * What the ECMA-419 classes of a simulated board stand on: pins, buses, storage, radio, clock. On XS the bank is C
 * (native-bank.ts over native/io), on Node TypeScript (src/cli/node/board.ts).
 *
 * Numbers below zero are errors: -1 EINVAL ... : enum IoError.
 */

import type { PinOwner } from "../../src/shared/numbers";

/** Serial ports follow the pins where callbacks are dispatched. */
export const PINS = 64;

export type Bytes = ArrayBuffer | Uint8Array;

/**
 * What an object has of a pin or a serial port (PINS + its number). That is free again when the claim is closed or,
 * where the bank can tell, when the claim is garbage and another wants it.
 */
export interface Claim {
	/** 0 or an error. */
	open(source: number, owner: PinOwner, mode: number): number;
	close(): void;
	/**
	 * Callbacks go to the listener, which has the claim in a field, as long as something else keeps it. It is not there
	 * where the bank cannot do that.
	 */
	listen?(listener: Listener): void;
}

/** Whose callbacks the event loop calls. */
export interface Listener {
	notify(): void;
	/** There is room for what it writes. */
	writable?(): void;
}

export interface Bank {
	/** "native": direct access to native/io is possible. */
	readonly kind: string;
	claim(): Claim;
	/** Of Claim.listen. */
	listener?(source: number): Listener | undefined;
	digitalRead(pin: number): number;
	digitalWrite(pin: number, value: number): number;
	/** 1 rising, 2 falling; `dispatch` of begin() is called when one was seen. */
	watch(pin: number, edges: number): number;
	analogRead(pin: number): number;
	analogBits(): number;
	/** Duty of 65536. */
	pwmWrite(pin: number, duty: number, hertz: number): number;
	begin(dispatch: () => void): void;
	/** A pin with edges, 64 + a serial port with bytes, or -1. */
	next(): number;
	i2cWrite(bus: number, address: number, bytes: Bytes, stop: boolean, hertz: number): number;
	i2cRead(bus: number, address: number, count: number, stop: boolean, hertz: number): ArrayBuffer | number;
	spiTransfer(bus: number, select: number, bytes: Bytes, hertz: number, deselect: boolean): ArrayBuffer | number;
	serialWrite(port: number, bytes: Bytes, baud: number): number;
	/** With a count of 0 how many bytes there are. */
	serialRead(port: number, count: number): ArrayBuffer | number;
	keyRead(domain: string, key: string): ArrayBuffer | undefined;
	keyWrite(domain: string, key: string, bytes: Bytes): number;
	keyDelete(domain: string, key: string): void;
	keyAt(domain: string, index: number): ArrayBuffer | undefined;
	publish(topic: string, bytes: Bytes): number;
	/** Microseconds since power-on. */
	now(): number;
	random(bytes: Uint8Array): void;
	/** Microseconds or -1, wake pin or -1, its level. Does not return. */
	deepSleep(microseconds: number, pin: number, level: number): void;
	restart(): void;
	/** 0 power-on, 1 timer, 2 pin, 3 reset, 4 watchdog. */
	wakeReason(): number;
	log(text: string): void;
	encode(text: string): ArrayBuffer;
	decode(bytes: ArrayBuffer): string;
}
