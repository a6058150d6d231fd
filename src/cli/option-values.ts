/** Numbers that options take. */

import { InvalidArgumentError } from "commander";

export function parsePositive(text: string): number {
	const value = Number(text);
	if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError("not a positive number");
	return value;
}

/** Seconds of a timer. */
export function parseSeconds(text: string): number {
	const value = parsePositive(text);
	if (value > 2_000_000) throw new InvalidArgumentError("at most 2000000 seconds");
	return value;
}

export function parseCount(text: string): number {
	const value = parsePositive(text);
	if (!Number.isInteger(value) || value > 0x7fffffff)
		throw new InvalidArgumentError("not a whole number from 1 to 2147483647");
	return value;
}
