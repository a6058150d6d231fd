/*
 * Runs generated modules inside an engine and prints, for every case, one line of all that can be seen: results, traps,
 * calls of imports, memory after every step, globals and tables at the end. Files: "pack".
 */

import { IS_NODE, Pack, trapClass } from "../support/guest";
import type { CaseHeader, HostFunction, HostImports, PackedCase, PackedModule, Step } from "./format";

declare const native: (name: string) => (module: WebAssembly.Module) => number;

type Callable = (...args: unknown[]) => unknown;
type Exports = Record<string, unknown>;

const pack = new Pack<CaseHeader>(files.read("pack"));
const { header } = pack;
const hashModule = new WebAssembly.Module(pack.bytes(...header.hasher));

const hostObjects: object[] = [];
function hostValue(number: number): unknown {
	return number % 2 === 0 ? number : (hostObjects[number] ??= { number });
}

const view = new DataView(new ArrayBuffer(8));

function show(value: unknown): string {
	switch (typeof value) {
		case "bigint":
			return `${value}n`;
		case "number":
			return String(value);
		case "undefined":
			return "";
		case "function":
			return `f${value.name}`;
		default:
			if (value === null) return "null";
			if (Array.isArray(value)) return `[${value.map(show).join()}]`;
			return `r${String((value as { number?: unknown }).number)}`;
	}
}

/** An argument of an import, by its type: the bits of floats, but for NaNs. */
function showTyped(value: unknown, type: string): string {
	if (type === "f32" || type === "f64") {
		const number = value as number;
		if (number !== number) return "nan";
		view.setFloat64(0, number);
		return `${view.getInt32(0)}:${view.getInt32(4)}`;
	}
	return show(value);
}

function argument(text: string): unknown {
	const rest = text.slice(1);
	switch (text[0]) {
		case "i":
			return Number(rest) | 0;
		case "I":
			return BigInt.asIntN(64, BigInt(rest));
		case "d":
			return Number(rest);
		case "r":
			return hostValue(Number(rest));
		default:
			return null;
	}
}

class Thrown extends Error {}

function mix(a: number, b: number): number {
	let h = Math.imul(a ^ (b + 0x7f4a7c15), 0x9e3779b1);
	h ^= h >>> 15;
	h = Math.imul(h, 0x85ebca6b);
	return h ^ (h >>> 13);
}

class Run {
	readonly trace: string[] = [];
	private hostDepth = 0;
	private readonly memories = new Map<unknown, () => unknown>();

	hostFunction(
		name: string,
		f: HostFunction,
		module: PackedModule,
		exports: () => Exports | undefined,
		memory: () => WebAssembly.Memory | undefined,
	): Callable {
		let calls = 0;
		const result = (type: string, index: number): unknown => {
			const bits = mix(f.seed + index, calls);
			switch (type) {
				case "i32":
					return bits;
				case "i64":
					return BigInt.asIntN(64, BigInt(bits) * 0x1_0000_0001n + BigInt(index));
				case "f32":
				case "f64":
					return (bits % 4000) / 8;
				case "externref":
					return bits % 3 === 0 ? null : hostValue((bits >>> 8) % 9);
				default: {
					const reentry = module.reentry === undefined ? undefined : exports()?.[module.reentry];
					return bits % 2 === 0 && reentry ? reentry : null;
				}
			}
		};
		return (...args) => {
			calls++;
			this.trace.push(`${name}(${args.map((arg, i) => showTyped(arg, f.params[i]!)).join()})`);
			if (calls % 3 === 1) {
				switch (f.effect) {
					case "grow":
						try {
							memory()?.grow(1);
						} catch {
							this.trace.push("full");
						}
						break;
					case "write": {
						const object = memory();
						if (object) {
							const bytes = new Uint8Array(object.buffer);
							const at = (mix(f.seed, calls) >>> 0) % 5000;
							if (at < bytes.length) bytes[at] = (bytes[at]! + calls) & 0xff;
						}
						break;
					}
					case "call": {
						const target =
							module.reentry === undefined
								? undefined
								: (exports()?.[module.reentry] as Callable | undefined);
						if (target && this.hostDepth < 2) {
							this.hostDepth++;
							try {
								target();
							} finally {
								this.hostDepth--;
							}
						}
						break;
					}
					case "throw":
						throw new Thrown(name);
					default:
				}
			}
			const { results } = f;
			return results.length === 0
				? undefined
				: results.length === 1
					? result(results[0]!, 0)
					: results.map(result);
		};
	}

	makeImports(
		module: PackedModule,
		before: Exports | undefined,
		exports: () => Exports | undefined,
	): WebAssembly.Imports {
		const host: HostImports = module.host;
		const h: Exports = {};
		const memory = host.memory ? new WebAssembly.Memory(host.memory) : undefined;
		if (memory) h["memory"] = memory;
		for (const name in host.tables)
			h[name] = new WebAssembly.Table(host.tables[name] as unknown as WebAssembly.TableDescriptor, null);
		for (const name in host.globals) {
			const { value, mutable, init } = host.globals[name]!;
			h[name] = new WebAssembly.Global(
				{ value, mutable } as unknown as WebAssembly.GlobalDescriptor,
				argument(init),
			);
		}
		for (const name in host.functions)
			h[name] = this.hostFunction(
				name,
				host.functions[name]!,
				module,
				exports,
				() => memory ?? (exports()?.["memory"] as WebAssembly.Memory | undefined),
			);
		return { h, p: before ?? {} } as WebAssembly.Imports;
	}

	fail(error: unknown): string {
		return error instanceof Thrown ? `thrown ${error.message}` : `!${trapClass(error)}`;
	}

	hash(memory: unknown): string {
		if (!memory) return "";
		let hash = this.memories.get(memory);
		if (!hash)
			this.memories.set(
				memory,
				(hash = new WebAssembly.Instance(hashModule, { m: { memory: memory as WebAssembly.Memory } }).exports[
					"hash"
				] as () => unknown),
			);
		return ` ${String(hash())}`;
	}

	step(exports: Exports, step: Step): string {
		try {
			switch (step[0]) {
				case "call":
					return show(
						(exports[step[1] as string] as Callable)(
							...step.slice(2).map((arg) => argument(arg as string)),
						),
					);
				case "grow":
					return show((exports["memory"] as WebAssembly.Memory).grow(step[1] as number));
				default:
					(exports[step[1] as string] as WebAssembly.Table).set(
						step[2] as number,
						step[3] === null ? null : exports[step[3] as string],
					);
					return "set";
			}
		} catch (error) {
			/* What is not a trap comes from the JavaScript interface, in words of its own. */
			return step[0] === "call" ? this.fail(error) : error instanceof RangeError ? "!range" : String(error);
		}
	}

	end(module: PackedModule, exports: Exports): void {
		for (const name of module.exports.globals) {
			const { value } = exports[name] as WebAssembly.Global;
			/* Floats are read by functions, bit for bit. */
			if (!module.exports.getters.some(([getter]) => getter === `get${name.slice(1)}`))
				this.trace.push(`${name}=${show(value)}`);
		}
		for (const [name] of module.exports.getters) this.trace.push(`${name}=${show((exports[name] as Callable)())}`);
		for (const name of module.exports.tables) {
			const table = exports[name] as WebAssembly.Table;
			const entries: string[] = [];
			for (let i = 0; i < table.length && i < 40; i++) entries.push(show(table.get(i)));
			this.trace.push(`${name}[${table.length}]=${entries.join()}`);
		}
		const memory = exports["memory"] as WebAssembly.Memory | undefined;
		if (memory) this.trace.push(`${memory.buffer.byteLength}${this.hash(memory)}`);
	}

	run(packed: PackedCase): void {
		const instances: (Exports | undefined)[] = [];
		packed.modules.forEach((module, index) => {
			let exports: Exports | undefined;
			if (index > 0 && !instances[index - 1]) {
				this.trace.push("left out");
				instances.push(undefined);
				return;
			}
			try {
				const imports = this.makeImports(module, instances[index - 1], () => exports);
				const compiled = new WebAssembly.Module(pack.bytes(...module.bytes));
				exports = new WebAssembly.Instance(compiled, imports).exports;
				this.trace.push("ready");
			} catch (error) {
				this.trace.push(this.fail(error));
			}
			instances.push(exports);
		});
		for (const { module, step } of packed.steps) {
			const exports = instances[module];
			if (exports)
				this.trace.push(
					`${module}.${step.join(" ")} -> ${this.step(exports, step)}${this.hash(exports["memory"])}`,
				);
		}
		packed.modules.forEach((module, index) => {
			const exports = instances[index];
			if (exports) this.end(module, exports);
		});
	}
}

/** Modules that come in chunks must give the same image as those that come at once. */
async function checkChunks(module: PackedModule, sizes: number[]): Promise<string> {
	const hash = native("xs_module_hash");
	const bytes = pack.bytes(...module.bytes);
	const whole = hash(new WebAssembly.Module(bytes));
	const different: number[] = [];
	for (const size of sizes) {
		const chunks = (function* () {
			for (let at = 0; at < bytes.byteLength; at += size)
				yield bytes.slice(at, Math.min(at + size, bytes.byteLength));
		})();
		if (hash(await WebAssembly.compileStreaming(chunks)) !== whole) different.push(size);
	}
	return different.length ? `another image in chunks of ${different.join()}` : "same images";
}

for (let i = header.options.from; i < header.cases.length; i++) {
	const packed = pack.json(...header.cases[i]!) as PackedCase;
	const run = new Run();
	run.run(packed);
	if (!IS_NODE && header.options.chunks) {
		for (const module of packed.modules) {
			const outcome = await checkChunks(module, header.options.chunks).catch(String);
			if (outcome !== "same images") run.trace.push(outcome);
		}
	}
	console.log(`${packed.seed}|${run.trace.join("; ")}`);
}
console.log("done");
