/**
 * What the world can do to the chip, and ask of it. On XS: natives of native/port/linux/world.c; on Node:
 * src/cli/node/board.ts. Times in microseconds since power-on.
 */
export interface Chip {
	now(): number;
	/** When the world wants to be called; Infinity: not again. */
	alarm(time: number): void;
	/** 0, 1, or -1: nothing drives the pin. */
	drive(pin: number, level: number): void;
	/** Changes by the chip are to be told. */
	observe(pin: number): void;
	level(pin: number): number;
	/** Bytes wait at that port. */
	serialReady(port: number): void;
	/** Microseconds in a state. */
	timeIn(state: number): number;
	/** 0 to 2^32 - 1, by the seed. */
	random(): number;
	/** A line of JSON into the trace. */
	trace(line: string): void;
	/** A line of JSON to the command line. */
	reply(line: string): void;
	/** The chip starts anew, after so long without supply. */
	reset(reason: number, off: number): void;
	/** The scenario is over. */
	end(): void;
	/** Bytes of a transfer. */
	take(count: number): Uint8Array;
	give(bytes: Uint8Array): void;
	encode(text: string): Uint8Array;
	decode(bytes: Uint8Array): string;
}
