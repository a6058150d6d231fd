/** How calls of the device API end that give no value. */

import { Code, codeNames } from "./errors";

/**
 * Ends the module from within an import: a program that exits. It passes through the module and comes out of the call.
 */
export class ModuleExit extends Error {
	readonly status: number;
	constructor(status: number) {
		super(`exit ${status}`);
		this.name = "ModuleExit";
		this.status = status;
	}
}

/** What a provider throws where deep sleep cannot simply not return. */
export function isDeepSleep(error: unknown): boolean {
	return error instanceof Error && error.name === "DeepSleep";
}

/** A code of its own, thrown where returning one is in the way. */
export class Failure extends Error {
	readonly code: string;
	constructor(code: Code) {
		super(codeNames[-1 - code]);
		this.code = codeNames[-1 - code]!;
	}
}

/**
 * Providers say what failed by an error's `code`, one of the names; a RangeError of a constructor is a device that is
 * not there.
 */
export function codeOf(error: unknown, otherwise: Code = Code.EIO): number {
	if (error instanceof ModuleExit || isDeepSleep(error)) throw error;
	const at = codeNames.indexOf(String((error as { code?: unknown } | undefined)?.code));
	return at < 0 ? otherwise : -1 - at;
}

/** The same where a device is opened. */
export function openingCodeOf(error: unknown): number {
	return codeOf(error, error instanceof RangeError ? Code.ENODEV : Code.EIO);
}
