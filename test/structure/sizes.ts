/* Files of one concern, and lines that fit beside each other on a screen. */

import type { Finding, Tree } from "./tree";

const LINES = 900;
const COLUMNS = 120;
const TAB = 4;

/** May be longer: assemblers, which are one case an instruction, with their test; tables of cases. */
const LONG = [/^native\/isa\/[^/]+\/assembler\.c$/, /^test\/native\/assembler-test\.c$/, /^test\/security\/cases\.ts$/];

export function checkLengths(tree: Tree): Finding[] {
	const findings: Finding[] = [];
	for (const [path, text] of tree) {
		const count = text.split("\n").length - 1;
		if (count > LINES && !LONG.some((pattern) => pattern.test(path)))
			findings.push({ path, line: LINES + 1, text: `${count} lines; at most ${LINES}, one concern a file` });
	}
	return findings;
}

function width(line: string): number {
	let columns = 0;
	for (const c of line) columns = c === "\t" ? columns + TAB - (columns % TAB) : columns + 1;
	return columns;
}

/** C and assembly that the formatter cannot break, or does not read. TypeScript's lines are eslint's. */
export function checkColumns(tree: Tree): Finding[] {
	const findings: Finding[] = [];
	for (const [path, text] of tree) {
		// guest code is laid out for its reader
		if (!/\.(c|h|inc|S)$/.test(path) || !/^(native|test\/native|bench)\//.test(path)) continue;
		if (/^bench\/(kernels|io)\//.test(path)) continue;
		text.split("\n").forEach((line, i) => {
			const columns = width(line.replace(/"(?:[^"\\]|\\.)*"/g, '""'));
			if (columns > COLUMNS)
				findings.push({
					path,
					line: i + 1,
					text: `${columns} columns; at most ${COLUMNS}, with tabs of ${TAB}`,
				});
		});
	}
	return findings;
}
