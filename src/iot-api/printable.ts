/**
 * Text of modules and scripts, made safe for whoever reads it: a terminal obeys no escape sequence of it, and a line
 * stays one line. What is not printed as itself is printed as \n, \x1b, \u202e.
 */

/* Controls of ASCII and Latin-1, ends of lines, marks that change the direction of writing. */
const UNSAFE = "[\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]";

function escapeOf(character: string): string {
	if (character === "\n") return "\\n";
	if (character === "\r") return "\\r";
	if (character === "\t") return "\\t";
	const digits = character.charCodeAt(0).toString(16);
	return digits.length > 2 ? `\\u${digits.padStart(4, "0")}` : `\\x${digits.padStart(2, "0")}`;
}

/** A name, a message, a line of a log. */
export function oneLine(text: string): string {
	return text.replace(new RegExp(UNSAFE, "g"), escapeOf);
}
