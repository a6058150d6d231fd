/**
 * The platform of an engine that cannot suspend a module, over a board whose time is simulated: waiting passes
 * simulated time until something happens. So a module runs in the cloud as it does on the
 * device.
 */

import { Code } from "./errors";
import { Failure } from "./failures";
import type { Platform } from "./platform";

export interface SynchronousOptions {
	/**
	 * Passes simulated time, at most until then (microseconds of the board's `system.now`; Infinity), with what happens
	 * in it; ends early once `ready` holds.
	 */
	readonly pump: (until: number, ready: () => boolean) => void;
	/** UTF-8; throws where it is ill-formed. */
	readonly decode: (bytes: Uint8Array) => string;
	readonly write: (stream: number, bytes: Uint8Array) => void;
	/** The engine's error of a trap. */
	readonly trap: (message: string) => Error;
}

export function createSynchronousPlatform({ pump, decode, write, trap }: SynchronousOptions): Platform {
	return {
		sleep(until, ready): undefined {
			pump(until, ready);
			return undefined;
		},
		wake(): void {},
		suspending: (callee) => callee,
		trap(): never {
			throw trap("out of bounds memory access");
		},
		decode(bytes): string {
			try {
				return decode(bytes);
			} catch {
				throw new Failure(Code.EINVAL);
			}
		},
		write,
	};
}
