/**
 * Values of WebAssembly on the command line. To a board they go as strings: integers as the decimal digits of the
 * signed number, floating point as what JavaScript's Number() reads; null for
 * references.
 */

import { CommandError, Status } from "./errors";

export interface Value {
	readonly type: string;
	readonly text: string;
}

/**
 * What JSON and people get: integers as decimal strings, floating point as numbers, "nan", "inf", "-inf", and "-0",
 * which JSON gets as a number.
 */
export type Result = string | number;

const integer = /^([+-]?)(0x[0-9a-f]+(?:_[0-9a-f]+)*|\d+(?:_\d+)*)$/i;
const float = /^([+-]?)(?:(nan)|(inf(?:inity)?)|(\d[\d_]*\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|0x[0-9a-f]+))$/i;

function parseInteger(text: string, bits: number): string | null {
	const parts = integer.exec(text);
	if (!parts) return null;
	const magnitude = BigInt((parts[2] as string).replaceAll("_", ""));
	const value = parts[1] === "-" ? -magnitude : magnitude;
	const half = 1n << BigInt(bits - 1);
	if (value < -half || value >= 2n * half) return null;
	return BigInt.asIntN(bits, value).toString();
}

function parseFloating(text: string): string | null {
	const parts = float.exec(text);
	if (!parts) return null;
	const [, sign, nan, infinity, digits] = parts;
	if (nan) return "NaN";
	if (infinity) return sign === "-" ? "-Infinity" : "Infinity";
	const value = Number((digits as string).replaceAll("_", ""));
	if (!Number.isFinite(value)) return null;
	return sign === "-" ? `-${value}` : String(value);
}

const expectations: Record<string, string> = {
	i32: "a number from -2147483648 to 4294967295, decimal or 0x...",
	i64: "a number from -9223372036854775808 to 18446744073709551615, decimal or 0x...",
	f32: "a number, nan, inf or -inf",
	f64: "a number, nan, inf or -inf",
	funcref: "null: other references cannot be given here",
	externref: "null: other references cannot be given here",
};

function parse(text: string, type: string): string | null {
	if (type === "i32") return parseInteger(text, 32);
	if (type === "i64") return parseInteger(text, 64);
	if (type === "f32" || type === "f64") return parseFloating(text);
	return text === "null" ? text : null;
}

/** How much of a wrong argument a message shows. */
const SHOWN = 40;

/** Arguments of an exported function, by its parameters. */
export function parseArguments(name: string, parameters: readonly string[], texts: readonly string[]): Value[] {
	if (texts.length !== parameters.length) {
		const takes = parameters.length === 0 ? "no arguments" : `${parameters.length} (${parameters.join(" ")})`;
		throw new CommandError(`${name} takes ${takes}, ${texts.length} given`, Status.USAGE);
	}
	return parameters.map((type, i) => {
		const given = texts[i] as string;
		const text = parse(given, type);
		if (text === null) {
			const shown = given.length > SHOWN ? `${given.slice(0, SHOWN)}...` : given;
			throw new CommandError(
				`argument ${i + 1} of ${name}: "${shown}" is no ${type}: give ${expectations[type] ?? "a value"}`,
				Status.USAGE,
			);
		}
		return { type, text };
	});
}
