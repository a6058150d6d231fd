/* Numbers that have names: rows of src/shared/rows say them once, and sources say the names. */

import type { Finding, Tree } from "./tree";

/** Numbers of foreign formats and of machine code stand in hexadecimal, as their documents have them. */
const DECIMAL = /\bcase\s+-?\d+\s*:/;

/** Branches on numbers without a name, in what is not for tests. */
export function checkCases(tree: Tree): Finding[] {
	const findings: Finding[] = [];
	for (const [path, text] of tree) {
		if (!/\.(c|h|ts|mjs)$/.test(path) || !/^(bench|boards|native|src|tools)\//.test(path)) continue;
		// guest code is another's
		if (/^bench\/(kernels|io)\//.test(path)) continue;
		text.split("\n").forEach((line, i) => {
			const found = DECIMAL.exec(line.replace(/"(?:[^"\\]|\\.)*"/g, '""').replace(/\/[/*].*/, ""));
			if (found)
				findings.push({
					path,
					line: i + 1,
					text: `${found[0]} what has a number has a name (src/shared/rows)`,
				});
		});
	}
	return findings;
}
