/** Reads YAML with its places, so that each error says the file, the line, and what may have been meant. */

import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type Pair, type YAMLMap } from "yaml";
import { CommandError, Status } from "../errors";
import { suggestion } from "../suggest";

export interface Entry {
	readonly key: string;
	readonly keyNode: Node;
	readonly value: Node | null;
}

export interface Reader {
	readonly root: Node | null;
	line(node: Node | null): number;
	fail(node: Node | null, message: string): never;
	/** The entries of a map. */
	entries(node: Node | null, what: string): Entry[];
	items(node: Node | null, what: string): (Node | null)[];
	scalar(node: Node | null, what: string): string | number | boolean;
	text(node: Node | null, what: string): string;
	/** As it stands in the file, on one line. */
	source(node: Node | null): string;
	oneOf(node: Node | null, what: string, names: readonly string[]): string;
	number(node: Node | null, what: string, least?: number, most?: number): number;
	integer(node: Node | null, what: string, least: number, most: number): number;
	/** 250us, 10ms, 1.5s, 2m, 1h, 1d, 1h30m: microseconds. */
	time(node: Node | null, what: string): number;
	/** With a unit of a table; the table's value of one. */
	quantity(node: Node | null, what: string, units: Readonly<Record<string, number>>, bare: boolean): number;
}

/** What the table has under a name that a file gave: no name of Object.prototype is one of a table. */
export function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
	return Object.hasOwn(table, name) ? table[name] : undefined;
}

const timeUnits = { us: 1, µs: 1, ms: 1e3, s: 1e6, m: 60e6, min: 60e6, h: 3600e6, d: 86400e6 };

export function readYaml(file: string, source: string): Reader {
	const lines = new LineCounter();
	const document = parseDocument(source, { lineCounter: lines, uniqueKeys: true });

	function line(node: Node | null): number {
		return node?.range ? lines.linePos(node.range[0]).line : 1;
	}
	function fail(node: Node | null, message: string): never {
		throw new CommandError(`${file}:${line(node)}: ${message}`, Status.REFUSED);
	}
	const problem = document.errors[0];
	if (problem)
		throw new CommandError(
			`${file}:${problem.linePos?.[0].line ?? 1}: ${problem.message.split("\n")[0]!.replace(/ at line .*$/, "")}`,
			Status.REFUSED,
		);

	/** An alias is what it stands for. */
	function resolved(node: Node | null): Node | null {
		if (node && "resolve" in node && typeof node.resolve === "function")
			return (node.resolve as (d: unknown) => Node | undefined)(document) ?? null;
		return node;
	}
	function source_(node: Node | null): string {
		return node?.range ? source.slice(node.range[0], node.range[1]).trim().replace(/\s+/g, " ") : "";
	}
	const reader: Reader = {
		root: document.contents as Node | null,
		line,
		fail,
		entries(node, what) {
			const map = resolved(node);
			if (!isMap(map)) return fail(node, `${what}: a map is needed (name: value)`);
			return (map as YAMLMap<Node, Node | null>).items.map((pair: Pair<Node, Node | null>) => {
				const key = isScalar(pair.key) ? String(pair.key.value) : fail(pair.key, `${what}: a name is needed`);
				return { key, keyNode: pair.key, value: resolved(pair.value) };
			});
		},
		items(node, what) {
			const list = resolved(node);
			if (!isSeq(list)) return fail(node, `${what}: a list is needed ("- ..." on each line)`);
			return list.items.map((item) => resolved(item as Node | null));
		},
		scalar(node, what) {
			const value = isScalar(node) ? node.value : undefined;
			if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean")
				return fail(node, `${what}: a value is needed`);
			return value;
		},
		text(node, what) {
			return isScalar(node) && typeof node.value !== "string" ? source_(node) : String(reader.scalar(node, what));
		},
		source: source_,
		oneOf(node, what, names) {
			// YAML 1.2 core has yes, no, on and off as texts; true and false are no choices of anything here.
			const text = String(reader.scalar(node, what));
			if (!names.includes(text)) fail(node, `${what}: no "${text}"${suggestion(text, names)}`);
			return text;
		},
		number(node, what, least = -Infinity, most = Infinity) {
			const value = reader.scalar(node, what);
			if (typeof value !== "number" || !Number.isFinite(value))
				return fail(node, `${what}: "${String(value)}" is no number`);
			if (value < least || value > most) fail(node, `${what}: ${value} is not from ${least} to ${most}`);
			return value;
		},
		integer(node, what, least, most) {
			const value = reader.number(node, what, least, most);
			if (!Number.isInteger(value)) fail(node, `${what}: ${value} is no integer`);
			return value;
		},
		time(node, what) {
			// 1h30m is the sum of its parts.
			const parts =
				isScalar(node) && typeof node.value === "string"
					? node.value.match(/^(?:[0-9.]+(?:d|h|min|ms|us|µs|m|s)\s*){2,}$/)
					: null;
			if (!parts) return reader.quantity(node, what, timeUnits, false);
			let sum = 0;
			for (const [, number, unit] of parts[0].matchAll(/([0-9.]+)([a-zµ]+)/g))
				sum += Number(number) * timeUnits[unit as keyof typeof timeUnits];
			return Number.isFinite(sum) ? sum : fail(node, `${what}: "${parts[0]}" is no time`);
		},
		quantity(node, what, units, bare) {
			const value = reader.scalar(node, what);
			const names = Object.keys(units);
			if (typeof value === "number" && (bare || value === 0)) return value;
			const match = /^([-+]?[0-9]*\.?[0-9]+(?:e[-+]?[0-9]+)?)\s*([^\s0-9]*)$/i.exec(String(value));
			if (!match) return fail(node, `${what}: "${String(value)}" is no number with a unit (${names.join(", ")})`);
			const unit = own(units, match[2]!);
			if (match[2] === "" || unit === undefined)
				return fail(
					node,
					match[2] === ""
						? `${what}: ${match[1]} of which unit? ${names.map((name) => match[1] + name).join(", ")}`
						: `${what}: no unit "${match[2]}"${suggestion(match[2]!, names)}`,
				);
			if (Number(match[1]) < 0) fail(node, `${what}: ${String(value)} is below zero`);
			return Number(match[1]) * unit;
		},
	};
	return reader;
}
