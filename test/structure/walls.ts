/* Folders know each other in one direction. */

import { relative } from "node:path";
import { importsOf, includesOf, isBelow, type Arrow, type Finding, type Tree } from "./tree";

export interface Wall {
	/** The folder that the order is of; "": the repository. */
	readonly root: string;
	/**
	 * Lowest first. A unit may know those of rows before its own; units of one row do not know each other. A unit is a
	 * folder with all below it, but for what is a unit itself; a file; "." for the files of the root alone; "isa/*" for
	 * each folder in isa.
	 */
	readonly order: readonly (readonly string[])[];
	/** Units that do not know each other though the order would allow it. */
	readonly apart?: readonly (readonly [string, string])[];
	/** Nothing outside the root is known. */
	readonly closed?: boolean;
}

const OF_C = /\.(c|h|inc|S)$/;

interface Unit {
	readonly name: string;
	readonly row: number;
}

/** The unit, of this entry of an order, that a path from the wall's root is in. */
function unitName(entry: string, path: string): string | undefined {
	if (entry === path) return path;
	if (entry === ".") return path.includes("/") ? undefined : ".";
	if (!entry.endsWith("/*")) return path.startsWith(entry + "/") ? entry : undefined;
	const folder = entry.slice(0, -1);
	if (!path.startsWith(folder)) return undefined;
	const inner = path.slice(folder.length).split("/");
	return inner.length > 1 ? folder + inner[0] : undefined;
}

function unitOf(wall: Wall, file: string): Unit | undefined {
	const path = relative(wall.root, file);
	let best: Unit | undefined;
	wall.order.forEach((entries, row) =>
		entries.forEach((entry) => {
			const name = unitName(entry, path);
			if (name !== undefined && (!best || best.name === "." || name.length > best.name.length))
				best = { name, row };
		}),
	);
	return best;
}

function isApart(wall: Wall, a: string, b: string): boolean {
	return (wall.apart ?? []).some(([one, other]) => (one === a && other === b) || (one === b && other === a));
}

function checkArrow(wall: Wall, from: Unit, { target, name }: Arrow & { target: string }): string | undefined {
	if (!isBelow(target, wall.root))
		return wall.closed ? `${name}: ${wall.root} knows nothing outside itself` : undefined;
	const to = unitOf(wall, target);
	if (!to) return undefined;
	if (to.name === from.name || (to.row < from.row && !isApart(wall, from.name, to.name))) return undefined;
	const order = wall.order.map((row) => row.join(", ")).join(" < ");
	return to.row === from.row || to.row < from.row
		? `${name}: ${from.name} -> ${to.name}, which do not know each other (${order})`
		: `${name}: ${from.name} -> ${to.name} runs back (${order})`;
}

/** Arrows of the files of the wall's root that it does not allow, and files that it has no place for. */
function checkWall(tree: Tree, wall: Wall, ending: RegExp, arrowsOf: (tree: Tree, path: string) => Arrow[]): Finding[] {
	const findings: Finding[] = [];
	for (const path of tree.keys()) {
		if (!ending.test(path) || !isBelow(path, wall.root)) continue;
		const from = unitOf(wall, path);
		if (!from) {
			if (wall.root !== "") findings.push({ path, line: 1, text: `no place in the order of ${wall.root}` });
			continue;
		}
		for (const arrow of arrowsOf(tree, path)) {
			if (arrow.target === undefined) continue;
			const text = checkArrow(wall, from, arrow as Arrow & { target: string });
			if (text !== undefined) findings.push({ path, line: arrow.line, text });
		}
	}
	return findings;
}

const NATIVE: Wall = {
	root: "native",
	order: [["base"], ["abi"], ["flash"], ["isa"], ["isa/*"], ["run", "emit"], ["io"], ["xs"], ["port/*"], ["tools"]],
	apart: [["io", "emit"]],
	closed: true,
};

const IMPORTS: readonly Wall[] = [
	{
		root: "src/aot",
		order: [["portable.d.ts"], ["base"], ["decode"], ["provers"], ["validate"], ["plan"], ["front-end.ts"]],
		closed: true,
	},
	{ root: "src/host", order: [["native.d.ts"], ["webassembly"], ["board"]] },
	{ root: "src/cli", order: [["."], ["inspect", "node"], ["scenario"], ["commands"], ["main.ts"]] },
	{
		root: "",
		order: [
			["src/shared"],
			["src/aot", "src/iot-api", "boards/simulated"],
			["src/host", "src/cli"],
			["test/support"],
			["bench"],
			["test"],
		],
	},
];

/** By -Inative/isa/<isa>: the folder of the ISA that is compiled for. */
const ISA_HEADERS = ["isa.h", "frame.h", "direct-call.h"];
/** The engine's, and what mcconfig makes for it of a manifest. */
const ENGINE_HEADER = /^(xs(mc|All|Script)?|mc\.defines)\.h$/;
/** Rows of NATIVE's order that know the engine, by their first unit. */
const ENGINE_UNITS = ["xs", "port/*", "tools"];

/** Includes that are found by path: the ISA's header, generated ones, and the engine's where it is known. */
function checkPaths(tree: Tree, generated: readonly string[]): Finding[] {
	const isa = NATIVE.order.findIndex(([unit]) => unit === "isa");
	const findings: Finding[] = [];
	for (const path of tree.keys()) {
		const unit = OF_C.test(path) && isBelow(path, "native") ? unitOf(NATIVE, path) : undefined;
		if (!unit) continue;
		for (const { line, name, target } of includesOf(tree, path)) {
			if (target !== undefined || generated.includes(name)) continue;
			if (ISA_HEADERS.includes(name) && unit.row >= isa) continue;
			if (ENGINE_HEADER.test(name)) {
				if (ENGINE_UNITS.includes(NATIVE.order[unit.row]![0]!)) continue;
				findings.push({ path, line, text: `${name}: only ${ENGINE_UNITS.join(", ")} know the engine` });
			} else
				findings.push({
					path,
					line,
					text: `"${name}" is no path from here, no generated header and none of ${ISA_HEADERS.join(", ")}`,
				});
		}
	}
	return findings;
}

/** `generated`: names of the headers in build/gen. */
export function checkIncludes(tree: Tree, generated: readonly string[]): Finding[] {
	return [...checkWall(tree, NATIVE, OF_C, includesOf), ...checkPaths(tree, generated)];
}

export function checkImports(tree: Tree): Finding[] {
	return IMPORTS.flatMap((wall) => checkWall(tree, wall, /\.ts$/, importsOf));
}

const WITHOUT_CIRCLES = ["src", "boards", "bench"];

/** Files that import each other, over others too: one finding a circle, at the import that closes it. */
export function checkCircles(tree: Tree): Finding[] {
	const findings: Finding[] = [];
	const done = new Set<string>();
	const open: string[] = [];
	const visit = (path: string): void => {
		open.push(path);
		for (const { line, name, target } of importsOf(tree, path)) {
			if (target === undefined || done.has(target)) continue;
			const start = open.indexOf(target);
			if (start < 0) visit(target);
			else {
				const circle = [...open.slice(start), target].join(" -> ");
				findings.push({ path, line, text: `${name} closes a circle: ${circle}` });
			}
		}
		open.pop();
		done.add(path);
	};
	for (const path of tree.keys())
		if (path.endsWith(".ts") && !done.has(path) && WITHOUT_CIRCLES.some((folder) => isBelow(path, folder)))
			visit(path);
	return findings;
}

/** Names of C and assembly files: each once among the shared ones and those of one ISA. */
export function checkNames(tree: Tree): Finding[] {
	const findings: Finding[] = [];
	const known = new Map<string, string[]>();
	const isaOf = (path: string): string | undefined => /^native\/isa\/([^/]+)\//.exec(path)?.[1];
	for (const path of tree.keys()) {
		if (!path.startsWith("native/") || !OF_C.test(path)) continue;
		const name = path.slice(path.lastIndexOf("/") + 1);
		const others = known.get(name) ?? [];
		const isa = isaOf(path);
		const other = others.find((candidate) => {
			const its = isaOf(candidate);
			return isa === undefined || its === undefined || isa === its;
		});
		if (other !== undefined) findings.push({ path, line: 1, text: `has the name of ${other}` });
		known.set(name, [...others, path]);
	}
	return findings;
}
