/* Runs hand-written attacks and prints what came of them. */

import { IS_NODE, Pack, trapClass } from "../support/guest";
import type { PackedCase, SecurityHeader, SecurityLine } from "./format";

type Callable = (...args: unknown[]) => unknown;
type Exports = Record<string, unknown>;

const pack = new Pack<SecurityHeader>(files.read("pack"));

function show(value: unknown): string {
	if (value === undefined) return "";
	if (Array.isArray(value)) return value.map(show).join();
	return typeof value === "bigint" ? `${value}n` : typeof value === "function" ? "function" : String(value);
}

function fail(error: unknown): string {
	return error instanceof WebAssembly.RuntimeError || error instanceof RangeError
		? `!${IS_NODE ? trapClass(error) : error.message}`
		: `!${String(error)}`;
}

function argument(text: string): unknown {
	return text[0] === "I" ? BigInt(text.slice(1)) : text === "null" ? null : Number(text.slice(1)) | 0;
}

function run(index: number, packed: PackedCase): SecurityLine {
	const line: SecurityLine = { index, verdict: "ready", results: [] };
	let exports: Exports = {};
	let p: Exports = {};
	const memory = (): WebAssembly.Memory => (exports["memory"] ?? p["memory"]) as WebAssembly.Memory;
	/* What "h" gives to modules. */
	const h: Exports = {
		grow: (pages: number) => memory().grow(pages),
		/* Calls back into the module, and says how that went. */
		again: (depth: number) => (exports["again"] as Callable)(depth),
		caught: (argument: number) => {
			try {
				(exports["inner"] as Callable)(argument);
				return 0;
			} catch {
				return 1;
			}
		},
		throws: () => {
			throw new Error("host");
		},
		poke: (address: number, value: number) => {
			new Uint8Array(memory().buffer)[address] = value;
		},
		/* A result of the wrong kind, as JavaScript converts it. */
		odd: () => "7",
	};
	try {
		for (const bytes of packed.modules) {
			const module = new WebAssembly.Module(pack.bytes(...bytes));
			p = exports;
			exports = {};
			exports = new WebAssembly.Instance(module, { h, p } as WebAssembly.Imports).exports;
		}
	} catch (error) {
		line.verdict = error instanceof WebAssembly.CompileError ? `invalid: ${error.message}` : fail(error);
		return line;
	}
	for (const { invoke, args } of packed.calls) {
		try {
			if (invoke.startsWith("@grow")) {
				line.results.push(show(memory().grow(Number(invoke.slice(6)))));
			} else if (invoke.startsWith("@set")) {
				const [, table, at, name] = invoke.split(" ");
				((exports[table!] ?? p[table!]) as WebAssembly.Table).set(
					Number(at),
					name === "null" ? null : (exports[name!] as Callable),
				);
				line.results.push("");
			} else {
				line.results.push(show((exports[invoke] as Callable)(...args.map(argument))));
			}
		} catch (error) {
			line.results.push(fail(error));
		}
	}
	return line;
}

for (let index = pack.header.from; index < pack.header.cases.length; index++)
	console.log(JSON.stringify(run(index, pack.header.cases[index]!)));
console.log(JSON.stringify({ done: true }));
