/*
 * What docs name exists: files between backquotes, and the symbols on a line with a file. `<isa>`, `*`, a word in
 * capitals (`NAME.ts`, `addNAME`) and `pN` stand for any name.
 */

import type { Finding, Tree } from "./tree";

const ENDING = /\.(c|h|inc|S|ts|mjs|cjs|js|json|mk|yaml|md|wasm|wat)$/;

/** What each instruction set defines: macros of isa.h, external functions of C and of assembly. */
const DEFINITIONS = [
	/^#define (ISA_\w+)/gm,
	/^(?!static|typedef)[a-z][\w ]*[ *](wx_\w+)\([^;]*$/gm,
	/^\t?(?:\.globl|function) (wx_\w+)$/gm,
];

/** Names that are defined in every ISA's folder: what the next one has to define. */
export function isaNamesOf(tree: Tree): string[] {
	const folders = new Map<string, Set<string>>();
	for (const [path, text] of tree) {
		const folder = /^native\/isa\/(\w+)\/[\w-]+\.(c|S|h)$/.exec(path)?.[1];
		if (folder === undefined) continue;
		const names = folders.get(folder) ?? new Set();
		folders.set(folder, names);
		for (const pattern of DEFINITIONS) for (const match of text.matchAll(pattern)) names.add(match[1]!);
	}
	const [first, ...others] = folders.values();
	return [...(first ?? [])].filter((name) => others.every((names) => names.has(name)));
}

/** Names that the doc leaves out. */
export function checkNamed(path: string, text: string, names: readonly string[]): Finding[] {
	return names
		.filter((name) => !new RegExp(`\`${name}\\b`).test(text))
		.map((name) => ({ path, line: 1, text: `says nothing about \`${name}\`` }));
}

/** A regular expression for a name with its wildcards. */
function pattern(name: string): string {
	return name
		.split(/(<\w+>|\*|pN|[A-Z]{3,}(?![a-z_]))/)
		.map((part, i) => (i % 2 ? "[\\w.-]*" : part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")))
		.join("");
}

/** A path, or a file's name: it ends as one, or begins with a folder of the repository. */
function isPath(name: string, folders: ReadonlySet<string>): boolean {
	if (!/^[\w.<>*/-]+$/.test(name) || name.startsWith("-")) return false;
	return ENDING.test(name) || folders.has(name.split("/")[0]!);
}

/** Looks like one of code: call_fixed, playScenario, main(). Other words are for people. */
function isSymbol(name: string): boolean {
	return /^[A-Za-z_]\w*(\(.*\))?$/.test(name) && (/_|\(/.test(name) || /[a-z][A-Z]/.test(name));
}

/**
 * Names in `text`, the file `path`, that do not exist among `files`, paths from the root. `read` returns the text of
 * one of them.
 */
export function checkDoc(
	path: string,
	text: string,
	files: readonly string[],
	read: (file: string) => string,
): Finding[] {
	const folders = new Set(files.filter((file) => file.includes("/")).map((file) => file.split("/")[0]!));
	const findings: Finding[] = [];
	text.split("\n").forEach((line, i) => {
		const names = [...line.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
		const named: string[] = [];
		for (const name of names) {
			if (!isPath(name, folders)) continue;
			const anchor = name.includes("/") && folders.has(name.split("/")[0]!) ? "^" : "(^|/)";
			const expression = new RegExp(`${anchor}${pattern(name.replace(/\/$/, ""))}(/|$)`);
			const found = files.filter((file) => expression.test(file));
			if (found.length) named.push(...found);
			else findings.push({ path, line: i + 1, text: `there is no \`${name}\`` });
		}
		if (!named.length) return;
		for (const name of names) {
			if (isPath(name, folders) || !isSymbol(name)) continue;
			const expression = new RegExp(`\\b${pattern(name.replace(/\(.*/, ""))}\\b`);
			if (!named.some((file) => expression.test(read(file))))
				findings.push({ path, line: i + 1, text: `no \`${name}\` in the files that the line names` });
		}
	});
	return findings;
}
