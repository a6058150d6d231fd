/* The sources of the repository, as text: what the tests of its structure look at. */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { ROOT } from "../support/paths";

/** Text by path from the root. */
export type Tree = ReadonlyMap<string, string>;

/** One thing that is wrong. */
export interface Finding {
	readonly path: string;
	/** From 1. */
	readonly line: number;
	readonly text: string;
}

const FOLDERS = ["bench", "boards", "native", "src", "test", "tools"];
const NOT_OURS = new Set(["build", "node_modules"]);

/** Paths of the files in a folder and below, from the root. */
export function filesOf(folder: string): string[] {
	return readdirSync(join(ROOT, folder)).flatMap((name) => {
		if (NOT_OURS.has(name) || (name.startsWith(".") && name !== ".ci")) return [];
		const path = join(folder, name);
		return statSync(join(ROOT, path)).isDirectory() ? filesOf(path) : [path];
	});
}

export function readTree(): Tree {
	const paths = FOLDERS.flatMap(filesOf).filter((path) => /\.(c|h|inc|S|ts|mjs)$/.test(path));
	return new Map(paths.map((path) => [path, readFileSync(join(ROOT, path), "utf8")]));
}

/** The tree with files added, or in place of those it has: what is wrong on purpose. */
export function withFiles(tree: Tree, files: Readonly<Record<string, string>>): Tree {
	return new Map([...tree, ...Object.entries(files)]);
}

export interface Arrow {
	readonly line: number;
	/** As it stands there. */
	readonly name: string;
	/** From the root; undefined: no file of the tree beside this one. */
	readonly target: string | undefined;
}

function lines(text: string): string[] {
	return text.split("\n");
}

/** The includes of a C or assembly file, but those in angle brackets. */
export function includesOf(tree: Tree, path: string): Arrow[] {
	return lines(tree.get(path)!).flatMap((text, i) => {
		const name = /^\s*#\s*include\s+"([^"]+)"/.exec(text)?.[1];
		if (name === undefined) return [];
		const target = join(dirname(path), name);
		return [{ line: i + 1, name, target: tree.has(target) ? target : undefined }];
	});
}

const ENDINGS = ["", ".ts", ".d.ts", "/index.ts"];

/** The relative imports of a TypeScript file, of types too. */
export function importsOf(tree: Tree, path: string): Arrow[] {
	return lines(tree.get(path)!).flatMap((text, i) =>
		[...text.matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)"(\.[^"]*)"/g)].map((match) => {
			const name = match[1]!;
			const base = join(dirname(path), name);
			return { line: i + 1, name, target: ENDINGS.map((end) => base + end).find((file) => tree.has(file)) };
		}),
	);
}

export function isBelow(path: string, folder: string): boolean {
	return folder === "" || !relative(folder, path).startsWith("..");
}
