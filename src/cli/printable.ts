/**
 * Where text of modules, boards and scenarios leaves the command line: each end has its function here, and nothing goes
 * out but by one of them. What a program prints to its own standard output goes out as it is.
 */

import { oneLine } from "../iot-api/printable";

export { oneLine };

/** Half of a character; as an engine makes them of ill-formed text. */
function wellFormed(text: string): string {
	return text.replace(/\p{Surrogate}/gu, "\ufffd");
}

/** Text of several lines, with tabs. */
export function severalLines(text: string): string {
	return wellFormed(text)
		.split("\n")
		.map((line) => line.split("\t").map(oneLine).join("\t"))
		.join("\n");
}

/** To standard output, for people. What is of others in a line has been through `oneLine`. */
export function print(text: string): void {
	console.log(severalLines(text));
}

/** To standard error, for people. */
export function complain(text: string): void {
	console.error(`wait-xs: ${severalLines(text)}`);
}

/** JSON that is printable itself, and may stand in a script of a page. */
export function jsonText(value: unknown): string {
	return JSON.stringify(value).replace(
		/[<\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
		(character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
	);
}

export function htmlText(text: string): string {
	return severalLines(text)
		.replaceAll("&", "&amp;")
		.replaceAll("<", "&lt;")
		.replaceAll(">", "&gt;")
		.replaceAll('"', "&quot;");
}

/** Of an attribute or an element of XML 1.0, which has no control characters and no U+FFFE and U+FFFF. */
export function xmlText(text: string): string {
	return htmlText(text)
		.replaceAll("\n", "&#10;")
		.replaceAll("\t", "&#9;")
		.replace(/[\ufffe\uffff]/g, "\ufffd");
}

/** A word of a value change dump: it ends at a space, and "$" begins a command. */
export function vcdWord(text: string): string {
	return text.replace(/[^!-#%-~]/g, "_") || "_";
}
