/*
 * Runs the specification's tests inside an engine. Files: "pack" (see format.ts) and "config", JSON: { files: indices
 * to run,
 * verbose: prints every command before it runs, strict: NaNs that the specification leaves open must be the positive
 * canonical one }.
 * Prints a line of JSON for every file when it begins, {"begin"}, and when it ends, {"end", "passed", "failures":
 * [[line, kind, what]]}.
 */

import { IS_NODE, isTrapOf, Pack } from "../support/guest";
import type { Command, SpecHeader } from "./format";

interface Config {
	files: number[];
	verbose?: boolean;
	strict?: boolean;
}

type Exports = Record<string, unknown>;
type Callable = (...args: unknown[]) => unknown;

const pack = new Pack<SpecHeader>(files.read("pack"));
const config = new Pack<Config>(files.read("config")).header;
const wrappers = new Map<string, WebAssembly.Module>();

/* A host value for each number, found again by identity: even ones are numbers, odd ones objects. */
const hostValues: unknown[] = [];
function hostValue(number: number): unknown {
	if (number % 2 === 0) return number;
	return (hostValues[number] ??= { number });
}

function describe(error: unknown): string {
	return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

const nothing = (): void => undefined;

class Runner {
	readonly failures: [number, string, string][] = [];
	passed = 0;
	readonly registered: Record<string, Exports> = {};
	readonly named: Record<string, WebAssembly.Instance> = {};
	current: WebAssembly.Instance | undefined;
	wrapped = new Map<unknown, Map<string, Callable>>();

	constructor() {
		this.registered["spectest"] = {
			global_i32: new WebAssembly.Global({ value: "i32", mutable: false }, 666),
			global_i64: new WebAssembly.Global({ value: "i64", mutable: false }, 666n),
			global_f32: new WebAssembly.Global({ value: "f32", mutable: false }, 666.6),
			global_f64: new WebAssembly.Global({ value: "f64", mutable: false }, 666.6),
			table: new WebAssembly.Table({ initial: 10, maximum: 20, element: "anyfunc" }),
			memory: new WebAssembly.Memory({ initial: 1, maximum: 2 }),
			print: nothing,
			print_i32: nothing,
			print_i64: nothing,
			print_f32: nothing,
			print_f64: nothing,
			print_i32_f32: nothing,
			print_f64_f64: nothing,
		};
	}

	instantiate(bytes: ArrayBuffer): WebAssembly.Instance {
		const module = new WebAssembly.Module(bytes);
		const imports: Record<string, Exports> = {};
		for (const entry of WebAssembly.Module.imports(module))
			imports[entry.module] = this.registered[entry.module] ?? {};
		return new WebAssembly.Instance(module, imports as WebAssembly.Imports);
	}

	instance(name: string): WebAssembly.Instance {
		const instance = name === "" ? this.current : this.named[name];
		if (!instance) throw new Error(`no instance ${name}`);
		return instance;
	}

	callable(target: unknown, type: string): Callable {
		if (type === "") return target as Callable;
		let byType = this.wrapped.get(target);
		if (!byType) this.wrapped.set(target, (byType = new Map()));
		let callable = byType.get(type);
		if (!callable) {
			let module = wrappers.get(type);
			if (!module)
				wrappers.set(type, (module = new WebAssembly.Module(pack.bytes(...pack.header.wrappers[type]!))));
			callable = new WebAssembly.Instance(module, { m: { f: target as Callable } }).exports["f"] as Callable;
			byType.set(type, callable);
		}
		return callable;
	}

	act(command: Command): unknown[] {
		const exported = this.instance(command[2]).exports[command[3]];
		if (command[10]) return [(exported as WebAssembly.Global).value];
		if (typeof exported !== "function") throw new Error(`no function ${command[3]}`);
		const result = this.callable(exported, command[7])(...command[4].map(argument));
		return result === undefined ? [] : Array.isArray(result) ? (result as unknown[]) : [result];
	}

	/** Returns what is wrong, undefined if nothing is. */
	run(command: Command): string | undefined {
		const bytes = pack.bytes(command[8], command[9]);
		switch (command[0]) {
			case "module":
				this.current = undefined;
				if (!WebAssembly.validate(bytes)) return "validate is false";
				this.current = this.instantiate(bytes);
				if (command[2]) this.named[command[2]] = this.current;
				return undefined;
			case "register":
				this.registered[command[3]] = this.instance(command[2]).exports;
				return undefined;
			case "return": {
				const results = this.act(command);
				const expected = command[5];
				if (results.length !== expected.length) return `${results.length} results, expected ${expected.length}`;
				for (let i = 0; i < expected.length; i++) {
					if (!matches(results[i], expected[i]!))
						return `result ${i} is ${String(results[i])}, expected ${expected[i]}`;
				}
				return undefined;
			}
			case "action":
				this.act(command);
				return undefined;
			case "trap":
			case "exhaustion":
				return expectThrow(
					() => this.act(command),
					(error) => isTrapOf(error, command[6]),
					command[6],
				);
			case "uninstantiable":
				return expectThrow(
					() => this.instantiate(bytes),
					(error) => isTrapOf(error, command[6]),
					command[6],
				);
			case "unlinkable":
				if (!WebAssembly.validate(bytes)) return "validate is false";
				return expectThrow(
					() => this.instantiate(bytes),
					(error) => error instanceof WebAssembly.LinkError,
					"LinkError",
				);
			case "invalid":
				if (WebAssembly.validate(bytes)) return "validate is true";
				return expectThrow(
					() => new WebAssembly.Module(bytes),
					(error) => error instanceof WebAssembly.CompileError,
					"CompileError",
				);
			default:
				return `unknown command ${command[0]}`;
		}
	}
}

function expectThrow(action: () => unknown, accept: (error: unknown) => boolean, what: string): string | undefined {
	try {
		action();
	} catch (error) {
		return accept(error) ? undefined : `${describe(error)}, expected ${what}`;
	}
	return `nothing thrown, expected ${what}`;
}

function argument(value: string): unknown {
	const rest = value.slice(1);
	switch (value[0]) {
		case "i":
		case "f":
			return Number(rest) | 0;
		case "I":
		case "F":
			return BigInt.asIntN(64, BigInt(rest));
		case "r":
			return hostValue(Number(rest));
		default:
			return null;
	}
}

function matches(result: unknown, expected: string): boolean {
	const rest = expected.slice(1);
	switch (expected[0]) {
		case "f":
			if (rest === "c" || rest === "a") {
				if (typeof result !== "number") return false;
				if (config.strict) return result === 0x7fc00000;
				return rest === "c" ? (result & 0x7fffffff) === 0x7fc00000 : (result & 0x7fc00000) === 0x7fc00000;
			}
			return result === (Number(rest) | 0);
		case "i":
			return result === (Number(rest) | 0);
		case "F":
			if (rest === "c" || rest === "a") {
				if (typeof result !== "bigint") return false;
				const bits = BigInt.asUintN(64, result);
				if (config.strict) return bits === 0x7ff8000000000000n;
				const mask = rest === "c" ? 0x7fffffffffffffffn : 0x7ff8000000000000n;
				return (bits & mask) === 0x7ff8000000000000n;
			}
			return result === BigInt.asIntN(64, BigInt(rest));
		case "I":
			return result === BigInt.asIntN(64, BigInt(rest));
		case "r":
			return result === hostValue(Number(rest));
		case "x":
			return typeof result === "function";
		default:
			return result === null;
	}
}

for (const index of config.files) {
	const file = pack.header.files[index]!;
	console.log(JSON.stringify({ begin: index }));
	const runner = new Runner();
	for (const command of pack.json(file.offset, file.length) as Command[]) {
		if (config.verbose) console.log(JSON.stringify({ at: command[1], kind: command[0] }));
		let wrong: string | undefined;
		try {
			wrong = runner.run(command);
		} catch (error) {
			wrong = describe(error);
		}
		if (wrong === undefined) runner.passed++;
		else runner.failures.push([command[1], command[0], wrong]);
	}
	console.log(JSON.stringify({ end: index, passed: runner.passed, failures: runner.failures }));
}
console.log(JSON.stringify({ done: true, node: IS_NODE }));
