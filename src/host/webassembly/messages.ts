/** The texts of the compiler's errors: rows of src/shared/rows/compile-errors.ts with their details filled in. */

import { errorTexts, features, LIMIT_CODE, limitTexts } from "./error-texts";

const TYPES: readonly string[] = Object.freeze(["any", "i32", "i64", "f32", "f64", "funcref", "externref", "nothing"]);
const SECTIONS: readonly string[] = Object.freeze([
	"custom",
	"type",
	"import",
	"function",
	"table",
	"memory",
	"global",
	"export",
	"start",
	"element",
	"code",
	"data",
	"data count",
]);

const number = (value: number): string => String(value >>> 0);
const hex = (value: number): string => "0x" + (value >>> 0).toString(16).padStart(2, "0");
const type = (code: number): string => TYPES[code & 7]!;

/** How many there are of an index space; below 0: it does not matter. */
function thereAre(count: number): string {
	if (count < 0) return "";
	return count === 0 ? ": there is none" : `: there ${count === 1 ? "is 1" : "are " + number(count)}`;
}

function mismatch(expected: number, found: number): string {
	if (found === 7) return `type mismatch: expected ${type(expected)}, but there is no operand in this block`;
	if (expected === 7) return `type mismatch: ${type(found)} where nothing is expected`;
	if (expected === 0)
		return `type mismatch: ${type(found)} does not fit: select without a type takes numbers only, use select with a type`;
	return `type mismatch: expected ${type(expected)}, found ${type(found)}`;
}

/** A detail in the form that the text asks for. */
function detailText(form: string, detail: number): string {
	if (form === "i") return String(detail);
	if (form === "x") return hex(detail);
	if (form === "s") return SECTIONS[detail] ?? String(detail);
	if (form === "f") return features[detail] ?? "a feature";
	if (form === "p") return detail === 1 ? "" : "s";
	if (form === "n") return thereAre(detail);
	if (form === "o") return detail ? "0xfc " : "";
	return number(detail);
}

function filled(text: string, d0: number, d1: number): string {
	const parts = text.split("{");
	let result = parts[0]!;
	for (let i = 1; i < parts.length; i++) {
		const part = parts[i]!;
		const end = part.indexOf("}");
		result += part[0] === "m" ? mismatch(d0, d1) : detailText(part.slice(1, end), part[0] === "0" ? d0 : d1);
		result += part.slice(end + 1);
	}
	return result;
}

function limitText(index: number, most: number, asked: number): string {
	const what = limitTexts[index] ?? `limit ${index}`;
	return `too large for this board: ${number(asked)} ${what}, the limit is ${number(most)}; make the module smaller or raise the board's limit`;
}

/**
 * What is wrong with a module, by the front end's errorCode(), errorDetail0(), errorDetail1(). Without the place, which
 * the caller adds.
 */
export function compileErrorText(code: number, d0: number, d1: number): string {
	if (code >= LIMIT_CODE) return limitText(code - LIMIT_CODE, d0, d1);
	const text = errorTexts[code];
	return text ? filled(text, d0, d1) : `error ${code}`;
}
