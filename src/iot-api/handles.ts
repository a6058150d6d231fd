/**
 * Handles: what a module has open. A handle is a slot's number and how often the slot was used, so that one that was
 * closed is never valid again, and one that was never given cannot be guessed into validity: all that a forged number
 * can name is a device of the module's own.
 */

import { Code } from "./errors";
import type { Closable } from "./provider";

export const enum Kind {
	INPUT = 1,
	OUTPUT,
	ADC,
	PWM,
	I2C,
	SPI,
	UART,
	TIMER,
}

export interface Entry {
	readonly kind: Kind;
	/** Replaced when a pin is opened anew to be watched. */
	device: Closable;
	/** The slot: native/io has the same. */
	index: number;
	handle: number;
	readonly pin: number;
}

/** At most so many at a time; native/io/direct.h has as many slots. */
export const HANDLES = 32;
/**
 * A slot is 32, as native/io/direct.h has it, so that compiled code finds it without a multiplication; a generation
 * 1024.
 */
const SLOT = 32;
const GENERATION = SLOT * HANDLES;
/** Generations go from 1 to this, then begin anew. */
const GENERATIONS = 0x1f_ffff;

export class Handles {
	readonly #entries: (Entry | undefined)[] = [];
	readonly #generations: number[] = [];
	#open = 0;

	get full(): boolean {
		return this.#open === HANDLES;
	}

	/** The handle, or EMFILE: ask `full` before what is to be in it is opened. */
	add<E extends Entry>(entry: E): number {
		if (this.full) return Code.EMFILE;
		let index = 0;
		while (this.#entries[index]) index++;
		const generation = ((this.#generations[index] ?? 0) % GENERATIONS) + 1;
		this.#generations[index] = generation;
		this.#entries[index] = entry;
		this.#open++;
		entry.index = index;
		entry.handle = generation * GENERATION + index * SLOT;
		return entry.handle;
	}

	find(handle: number): Entry | undefined {
		const entry = this.#entries[(handle >>> 5) & (HANDLES - 1)];
		return entry && entry.handle === handle ? entry : undefined;
	}

	get<E extends Entry>(handle: number, kind: Kind): E | undefined {
		const entry = this.find(handle);
		return entry && entry.kind === kind ? (entry as E) : undefined;
	}

	remove(entry: Entry): void {
		this.#entries[entry.index] = undefined;
		this.#open--;
	}

	all(): Entry[] {
		return this.#entries.filter((entry) => entry !== undefined);
	}
}
