/**
 * What the device API needs of where it runs: XS on a board (src/host/board/iot.ts), or Node (src/cli/node/engine.ts).
 */

/** Pins that compiled code reaches without JavaScript: native/io. */
export interface DirectPins {
	/** The imports that do so. */
	readonly imports: Record<string, unknown>;
	/** Puts an open pin where compiled code finds it. A negative code: it cannot. */
	open(index: number, handle: number, kind: number, pin: number, bits: number, hertz: number): number;
	close(index: number): void;
}

export interface Platform {
	/**
	 * Passes time until `until` (microseconds; Infinity), or until wake() is called or `ready()` holds. A promise, or
	 * undefined when that has happened already, as where time is simulated.
	 */
	sleep(until: number, ready: () => boolean): Promise<void> | undefined;
	/** An event has come. */
	wake(): void;
	/** Makes an import of a function that may give a promise. */
	suspending(callee: (...values: never[]) => unknown): unknown;
	/** Can the module that called be suspended now? Without it: always. */
	suspendable?(): boolean;
	/**
	 * Is the time of the call that runs over? What works for long asks now and then, and gives up. Without it: never.
	 */
	isLate?(): boolean;
	/** Throws what is a trap: memory access out of bounds. */
	trap(): never;
	/** UTF-8; throws where it is ill-formed. */
	decode(bytes: Uint8Array): string;
	/** Bytes of a program's standard output (1) or standard error (2). */
	write(stream: number, bytes: Uint8Array): void;
	readonly direct?: DirectPins;
}

/**
 * What the device's firmware does for a module, beside ECMA-419: its log, its connection, updates, power. The
 * provider's `system`. Results are codes of the API.
 */
export interface Services {
	/** Microseconds since the device started. */
	now(): number;
	log(text: string): void;
	publish(topic: string, payload: ArrayBuffer): number;
	/** The module says that it works. */
	confirm(): number;
	random(bytes: Uint8Array): void;
	/**
	 * Microseconds (below 0: no limit); a pin (below 0: none) and its level. A negative code, or never returns; where
	 * it cannot but return it throws an error of the name DeepSleep.
	 */
	deepSleep(time: number, pin: number, level: number): number;
	wakeReason(): number;
}
