/* Generates a module but for the code of its functions (function-generator.ts), and what to call in it. */

import type { GeneratedModule, HostFunction, HostImports, Step } from "../differential/format";
import type { FunctionBody, FunctionType, ModuleParts, ValueType } from "../support/wasm";
import { encodeModule, VALUE_TYPES } from "../support/wasm";
import { FunctionGenerator } from "./function-generator";
import type { Profile } from "./profiles";
import { Random } from "./random";
import type { Label, Node } from "./tree";
import { encodeNode, i32, sameTypes, zero } from "./tree";
import { F32_LIMITS, F64_LIMITS, I32_LIMITS, I64_LIMITS, REPEATED } from "./values";

export interface GeneratorOptions {
	/** Only one module, without what a host has to give: for the tests of the compiler alone. */
	alone?: boolean;
	/** Larger functions. */
	size?: number;
}

export interface GlobalInfo {
	type: ValueType;
	mutable: boolean;
	imported: boolean;
	/** Not for generated code to set. */
	reserved?: boolean;
	name?: string;
}

export interface TableInfo {
	type: "funcref" | "externref";
	minimum: number;
	maximum?: number;
	/** Nobody changes it: no instruction, and nobody else knows it. */
	fixed?: boolean;
	slots: (number | undefined)[];
}

export interface FunctionInfo {
	type: FunctionType;
	imported: boolean;
	/** Consumes no fuel, calls nothing but leaves after it. */
	leaf: boolean;
	/** A leaf of few instructions, without control; all others may call it. */
	small?: boolean;
	/** Not called by generated code. */
	hidden?: boolean;
}

export class ModuleGenerator {
	readonly random: Random;
	readonly types: FunctionType[] = [];
	readonly globals: GlobalInfo[] = [];
	readonly tables: TableInfo[] = [];
	readonly functions: FunctionInfo[] = [];
	readonly bodies: { info: FunctionInfo; locals: ValueType[]; nodes: Node[]; label: Label }[] = [];
	readonly elements: NonNullable<ModuleParts["elements"]> = [];
	readonly data: NonNullable<ModuleParts["data"]> = [];
	memory: { minimum: number; maximum?: number; imported: boolean } | undefined;
	readonly profile: Profile;
	readonly clean: boolean;
	readonly floats: boolean;
	fuel = 0;
	/**
	 * Counts calls from outside; only so many get fuel, since a loop may call the host, and the host the module again.
	 */
	entries = 0;
	entriesWithFuel = 100;
	depth = 0;
	maximumDepth = 6;
	fuelPerCall = 400;
	dataCount = false;
	readonly host: HostImports = { functions: {}, tables: {}, globals: {} };
	readonly imports: NonNullable<ModuleParts["imports"]> = [];
	readonly exported: GeneratedModule["exports"] = {
		functions: [],
		memory: false,
		tables: [],
		globals: [],
		getters: [],
	};
	readonly exports: NonNullable<ModuleParts["exports"]> = [];
	steps: Step[] = [];

	constructor(
		seed: Random,
		readonly options: GeneratorOptions,
		readonly before: ModuleGenerator | undefined,
	) {
		this.random = seed;
		this.profile = seed.weighted<Profile>({
			mixed: 20,
			memory: 16,
			numeric: 8,
			control: 10,
			calls: 8,
			tables: 6,
			floats: 7,
			loops: 14,
			pressure: 8,
			wide: 3,
		});
		this.floats = this.profile === "floats" || seed.chance(0.7);
		this.clean = before ? before.clean : seed.chance(0.45);
	}

	typeIndex(type: FunctionType): number {
		const found = this.types.findIndex(
			(t) => sameTypes(t.params, type.params) && sameTypes(t.results, type.results),
		);
		return found >= 0 ? found : this.types.push({ params: [...type.params], results: [...type.results] }) - 1;
	}

	valueType(references = true): ValueType {
		if (references && this.random.chance(0.04)) return this.random.pick<ValueType>(["funcref", "externref"]);
		return this.random.weighted<ValueType>(
			this.profile === "floats"
				? { i32: 20, i64: 8, f32: 35, f64: 35 }
				: { i32: 60, i64: 22, f32: this.floats ? 9 : 0, f64: this.floats ? 9 : 0 },
		);
	}

	someTypes(limit: number): ValueType[] {
		return Array.from({ length: this.random.small(limit) }, () => this.valueType());
	}

	constantI32(): number {
		const r = this.random;
		switch (r.weighted({ small: 40, limit: 30, edge: 10, random: 10, repeated: 10 })) {
			case "small":
				return r.between(-2, 40);
			case "limit":
				return (r.pick(I32_LIMITS) + (r.chance(0.15) ? r.between(-2, 2) : 0)) | 0;
			case "edge":
				return ((this.memory?.minimum ?? 1) * 65536 - r.between(-2, 10)) | 0;
			case "repeated":
				return r.pick(REPEATED);
			default:
				return r.bits() | 0;
		}
	}

	constantI64(): bigint {
		const r = this.random;
		if (r.chance(0.55)) return BigInt(this.constantI32());
		if (r.chance(0.3)) return r.bits64();
		return r.pick(I64_LIMITS) + BigInt(r.chance(0.2) ? r.between(-2, 2) : 0);
	}

	constant(type: ValueType): Node {
		const r = this.random;
		switch (type) {
			case "i32":
				return i32(this.constantI32());
			case "i64":
				return {
					op: "i64.const",
					results: ["i64"],
					children: [],
					value: BigInt.asIntN(64, this.constantI64()),
				};
			case "f32":
				return {
					op: "f32.const",
					results: ["f32"],
					children: [],
					value: r.chance(0.75) ? r.pick(F32_LIMITS) : r.bits(),
				};
			case "f64":
				return {
					op: "f64.const",
					results: ["f64"],
					children: [],
					value: r.chance(0.75) ? r.pick(F64_LIMITS) : r.bits64(),
				};
			case "funcref": {
				const count = this.functions.length;
				if (count && r.chance(0.7))
					return { op: "ref.func", results: ["funcref"], children: [], index: r.below(count) };
				return zero(type);
			}
			default:
				return zero(type);
		}
	}

	generate(): void {
		const r = this.random;
		const from = this.before;
		/* Imports come first in every index space. */
		const functionImports: [string, string, FunctionType, boolean][] = [];
		if (!this.options.alone) {
			if (from) {
				for (let i = r.between(1, 3); i > 0 && from.exported.functions.length; i--) {
					const name = r.pick(from.exported.functions);
					const info = from.functions[from.exports.find((e) => e.name === name)!.index]!;
					functionImports.push(["p", name, info.type, false]);
				}
			}
			for (let i = r.small(3); i > 0; i--) {
				const type: FunctionType = {
					params: Array.from({ length: r.small(6) }, () => this.valueType()),
					results: r.chance(0.7)
						? [this.valueType()]
						: r.chance(0.5)
							? []
							: [this.valueType(), this.valueType()],
				};
				const name = `h${Object.keys(this.host.functions).length}`;
				this.host.functions[name] = {
					...type,
					effect: r.weighted<HostFunction["effect"]>({ none: 60, grow: 12, write: 12, call: 12, throw: 4 }),
					seed: r.bits(),
				};
				functionImports.push(["h", name, type, false]);
			}
		}
		for (const [module, name, type] of functionImports) {
			this.imports.push({ module, name, kind: "func", type: this.typeIndex(type) });
			this.functions.push({ type, imported: true, leaf: false });
		}
		this.generateMemory();
		this.generateTables();
		this.generateGlobals();
		this.generateFunctions();
		this.generateSegments();
		this.generateBodies();
		this.generateSteps();
	}

	private generateMemory(): void {
		const r = this.random;
		if (!(this.profile === "memory" || this.profile === "loops" || r.chance(0.88))) return;
		const minimum = r.weighted({ "0": 8, "1": 70, "2": 18, "3": 4 });
		const maximum = r.chance(0.6) ? Number(minimum) + r.below(4) : undefined;
		this.memory = { minimum: Number(minimum), maximum, imported: false };
		const from = this.before;
		if (from?.exported.memory && r.chance(0.6)) {
			/* A memory that may have grown since: only the minimum is sure. */
			this.memory = {
				minimum: r.between(0, from.memory!.minimum),
				maximum: from.memory!.maximum,
				imported: true,
			};
			this.imports.push({
				module: "p",
				name: "memory",
				kind: "memory",
				minimum: this.memory.minimum,
				maximum: this.memory.maximum,
			});
		} else if (!this.options.alone && r.chance(0.15)) {
			this.memory.imported = true;
			this.host.memory = {
				initial:
					this.memory.minimum +
					(r.chance(0.2) && (maximum === undefined || maximum > this.memory.minimum) ? 1 : 0),
				maximum: maximum,
			};
			this.imports.push({ module: "h", name: "memory", kind: "memory", minimum: this.memory.minimum, maximum });
		}
		this.exported.memory = true;
		this.exports.push({ name: "memory", kind: "memory", index: 0 });
	}

	private generateTables(): void {
		const r = this.random;
		const count = r.weighted({ "0": 15, "1": 50, "2": 25, "3": 10 });
		for (let i = 0; i < Number(count); i++) {
			const type = i === 0 || r.chance(0.6) ? "funcref" : "externref";
			const minimum = r.chance(0.1) ? 0 : r.between(1, 12);
			const maximum = r.chance(0.6) ? minimum + r.below(6) : undefined;
			const table: TableInfo = {
				type,
				minimum,
				maximum,
				slots: Array.from({ length: minimum }, () => undefined),
			};
			const name = `t${i}`;
			const from = this.before;
			const shared =
				from && r.chance(0.6) ? from.tables.findIndex((theirs) => !theirs.fixed && theirs.type === type) : -1;
			/* All imports precede all definitions. */
			const importing = i === 0 || this.tables.length === this.imports.filter((e) => e.kind === "table").length;
			if (from && shared >= 0 && importing) {
				const theirs = from.tables[shared]!;
				table.minimum = theirs.minimum;
				table.maximum = theirs.maximum;
				table.slots = Array.from({ length: theirs.minimum }, () => undefined);
				this.imports.push({
					module: "p",
					name: `t${shared}`,
					kind: "table",
					type,
					minimum: theirs.minimum,
					maximum: theirs.maximum,
				});
			} else if (importing && !this.options.alone && r.chance(0.15)) {
				this.host.tables[name] = {
					initial: minimum,
					maximum,
					element: type === "funcref" ? "anyfunc" : "externref",
				};
				this.imports.push({ module: "h", name, kind: "table", type, minimum, maximum });
			} else {
				table.fixed = r.chance(0.45);
			}
			this.tables.push(table);
			if (table.fixed) continue;
			this.exported.tables.push(name);
			this.exports.push({ name, kind: "table", index: i });
		}
	}

	/** Indices of the tables that may be changed. */
	changingTables(): number[] {
		return this.tables.map((_, i) => i).filter((i) => !this.tables[i]!.fixed);
	}

	private generateGlobals(): void {
		const r = this.random;
		if (!this.options.alone) {
			for (let i = r.small(2); i > 0; i--) {
				const from = this.before;
				if (from && from.exported.globals.length && r.chance(0.6)) {
					const name = r.pick(from.exported.globals);
					const info = from.globals[from.exports.find((e) => e.name === name)!.index]!;
					this.imports.push({ module: "p", name, kind: "global", type: info.type, mutable: info.mutable });
					this.globals.push({ type: info.type, mutable: info.mutable, imported: true });
				} else {
					/* JavaScript would change NaNs: integers, and references. */
					const type = r.pick<ValueType>(["i32", "i32", "i64", "externref", "f64", "f32"]);
					const mutable = r.chance(0.4);
					const name = `g${Object.keys(this.host.globals).length}`;
					this.host.globals[name] = {
						value: type,
						mutable,
						init:
							type === "i32"
								? `i${this.constantI32()}`
								: type === "i64"
									? `I${BigInt.asIntN(64, this.constantI64())}`
									: type === "externref"
										? "r6"
										: `d${r.between(-100, 100) / 4}`,
					};
					this.imports.push({ module: "h", name, kind: "global", type, mutable });
					this.globals.push({ type, mutable, imported: true });
				}
			}
		}
		for (let i = r.between(0, 6); i > 0; i--)
			this.globals.push({ type: this.valueType(), mutable: r.chance(0.75), imported: false });
		this.fuel = this.globals.push({ type: "i32", mutable: true, imported: false, reserved: true }) - 1;
		this.depth = this.globals.push({ type: "i32", mutable: true, imported: false, reserved: true }) - 1;
		this.entries = this.globals.push({ type: "i32", mutable: true, imported: false, reserved: true }) - 1;
		this.globals.forEach((global, index) => {
			if (!global.reserved) {
				const name = `v${index}`;
				this.exported.globals.push(name);
				this.exports.push({ name, kind: "global", index });
			}
		});
	}

	/** A constant expression of the type; extended constants among them. */
	private initializer(type: ValueType, before: number): Node {
		const r = this.random;
		const candidates = this.globals
			.map((g, i) => [g, i] as const)
			.filter(([g, i]) => g.imported && !g.mutable && g.type === type && i < before);
		if (candidates.length && r.chance(0.3))
			return { op: "global.get", results: [type], children: [], index: r.pick(candidates)[1] };
		if ((type === "i32" || type === "i64") && r.chance(0.2))
			return {
				op: `${type}.${r.pick(["add", "sub", "mul"])}`,
				results: [type],
				children: [this.initializer(type, before), this.initializer(type, before)],
			};
		return this.constant(type);
	}

	private encodeConstant(node: Node): number[] {
		const out: number[] = [];
		encodeNode(node, [], { typeIndex: () => 0, canonical: false }, out);
		return out;
	}

	private generateFunctions(): void {
		const r = this.random;
		const large = this.profile === "wide";
		const count = large ? r.between(1, 4) : r.between(1, 7);
		/* Before those that call them, and after. */
		this.generateSmallFunctions();
		for (let i = 0; i < count; i++) {
			const results = r.chance(0.75)
				? [this.valueType()]
				: Array.from({ length: r.small(4) }, () => this.valueType());
			const params = r.chance(0.05)
				? Array.from({ length: r.between(8, 20) }, () => this.valueType())
				: this.someTypes(6);
			this.functions.push({ type: { params, results }, imported: false, leaf: r.chance(0.45) });
		}
		if (r.chance(0.5)) this.generateSmallFunctions();
		/* Entries: integers only, so that no bits are lost in JavaScript. */
		for (let i = r.between(2, 4); i > 0; i--) {
			const integer = (): ValueType => (r.chance(0.05) ? "externref" : r.chance(0.7) ? "i32" : "i64");
			const params = Array.from({ length: r.small(5) }, integer);
			const results = r.chance(0.1) ? [] : Array.from({ length: r.chance(0.8) ? 1 : r.between(2, 3) }, integer);
			this.functions.push({ type: { params, results }, imported: false, leaf: false, hidden: true });
		}
	}

	private generateSmallFunctions(): void {
		const r = this.random;
		for (let i = r.chance(0.6) ? r.between(1, 5) : 0; i > 0; i--) {
			const results = r.chance(0.8)
				? [this.valueType()]
				: Array.from({ length: r.small(3) }, () => this.valueType());
			const params = Array.from({ length: r.chance(0.1) ? r.between(4, 9) : r.below(4) }, () => this.valueType());
			this.functions.push({ type: { params, results }, imported: false, leaf: true, small: true });
		}
	}

	private generateSegments(): void {
		const r = this.random;
		const defined = this.functions.map((f, i) => i).filter((i) => !this.functions[i]!.hidden);
		this.tables.forEach((table, index) => {
			/*
			 * Often what tables of compilers are like: functions of the module itself, or of one type; no null but the
			 * first.
			 */
			const usual = table.fixed && r.chance(0.7);
			const own = usual ? defined.filter((f) => !this.functions[f]!.imported) : defined;
			const like = own.length && usual && r.chance(0.5) ? this.functions[r.pick(own)]!.type : undefined;
			const candidates = like
				? own.filter((f) => this.typeIndex(this.functions[f]!.type) === this.typeIndex(like))
				: own;
			for (let i = r.between(usual ? 1 : 0, 2); i > 0; i--) {
				const wild = r.chance(0.02);
				const offset = wild
					? r.below(table.minimum + 4)
					: usual
						? Math.min(r.below(2), table.minimum)
						: r.below(table.minimum + 1);
				const length = wild
					? r.below(8)
					: usual
						? table.minimum - offset
						: r.between(0, table.minimum - offset);
				const nulls = usual && r.chance(0.8) ? 0 : 0.1;
				const list = Array.from({ length }, () =>
					table.type === "externref" || !candidates.length || r.chance(nulls)
						? undefined
						: r.pick(candidates),
				);
				list.forEach((f, k) => {
					if (offset + k < table.slots.length) table.slots[offset + k] = f;
				});
				const plain = table.type === "funcref" && list.every((f) => f !== undefined) && r.chance(0.6);
				const nullCode = [0xd0, VALUE_TYPES[table.type]];
				const offsetNode = r.chance(0.2)
					? { op: "i32.sub", results: ["i32" as ValueType], children: [i32(offset + 3), i32(3)] }
					: i32(offset);
				this.elements.push({
					mode: "active",
					index,
					type: table.type,
					offset: this.encodeConstant(offsetNode),
					...(plain
						? { functions: list as number[] }
						: {
								items: list.map((f) =>
									f === undefined
										? nullCode
										: this.encodeConstant({
												op: "ref.func",
												results: ["funcref"],
												children: [],
												index: f,
											}),
								),
							}),
				});
			}
		});
		for (let i = r.between(0, 2); i > 0; i--) {
			const type = r.chance(0.8) ? "funcref" : "externref";
			const list = Array.from({ length: r.between(0, 6) }, () =>
				type === "externref" || !defined.length || r.chance(0.2) ? undefined : r.pick(defined),
			);
			this.elements.push({
				mode: "passive",
				type,
				items: list.map((f) =>
					f === undefined
						? [0xd0, VALUE_TYPES[type]]
						: this.encodeConstant({ op: "ref.func", results: ["funcref"], children: [], index: f }),
				),
			});
		}
		/* ref.func in code needs a declaration. */
		if (this.functions.length)
			this.elements.push({ mode: "declarative", type: "funcref", functions: this.functions.map((_, i) => i) });
		if (this.memory) {
			const bytes = this.memory.minimum * 65536;
			for (let i = r.between(0, 3); i > 0; i--) {
				const length = r.chance(0.1) ? r.between(100, 700) : r.below(40);
				const content = Array.from({ length }, () =>
					r.chance(0.2) ? r.pick([0, 255, 127, 128]) : r.below(256),
				);
				if (r.chance(0.6)) {
					const at = r.chance(0.02)
						? bytes - r.below(8)
						: bytes < length
							? 0
							: r.chance(0.3)
								? bytes - length
								: r.below(Math.min(bytes - length, 1024) + 1);
					if (at + length <= bytes || r.chance(0.05))
						this.data.push({ mode: "active", offset: this.encodeConstant(i32(at)), bytes: content });
				} else {
					this.data.push({ mode: "passive", bytes: content });
				}
			}
		}
		this.dataCount = this.data.length > 0;
	}

	private generateBodies(): void {
		const r = this.random;
		const budget =
			this.options.size ?? (this.profile === "wide" ? r.pick([200, 500, 2000]) : r.pick([15, 30, 60, 100, 200]));
		let entries = 0;
		this.functions.forEach((info, index) => {
			if (info.imported) return;
			const generator = new FunctionGenerator(
				this,
				info,
				index,
				Math.max(15, Math.floor(budget * (0.3 + r.below(100) / 80))),
			);
			const nodes = generator.generate();
			const name = info.hidden ? `e${entries++}` : `f${index}`;
			if (info.hidden || r.chance(0.5)) {
				this.exports.push({ name, kind: "func", index });
				if (!info.hidden) this.exported.functions.push(name);
			}
			this.bodies.push({
				info,
				locals: generator.locals.slice(info.type.params.length),
				nodes,
				label: generator.outer,
			});
		});
		/* Readers of floating-point globals. */
		this.globals.forEach((global, index) => {
			if (global.reserved || (global.type !== "f32" && global.type !== "f64")) return;
			const type: ValueType = global.type === "f32" ? "i32" : "i64";
			const info: FunctionInfo = {
				type: { params: [], results: [type] },
				imported: false,
				leaf: true,
				hidden: true,
			};
			const canon: Node = {
				op: "canon",
				results: [global.type],
				children: [{ op: "global.get", results: [global.type], children: [], index }],
				index: 0,
			};
			this.exports.push({ name: `get${index}`, kind: "func", index: this.functions.push(info) - 1 });
			this.exported.getters.push([`get${index}`, type]);
			this.bodies.push({
				info,
				locals: [global.type],
				label: { types: [type] },
				nodes: [
					{
						op: `${type}.reinterpret_${global.type}`,
						results: [type],
						children: [this.clean ? canon.children[0]! : canon],
					},
				],
			});
		});
	}

	private generateSteps(): void {
		const r = this.random;
		const entries = this.exports.filter((e) => e.kind === "func" && /^e/.test(e.name));
		for (let i = r.between(4, 14); i > 0; i--) {
			const special = r.below(100);
			if (special < 3 && this.memory) {
				this.steps.push(["grow", r.between(0, 2)]);
			} else if (special < 6 && this.changingTables().length) {
				const table = r.pick(this.changingTables());
				this.steps.push([
					"set",
					`t${table}`,
					r.below(this.tables[table]!.minimum + 2),
					this.tables[table]!.type === "funcref" && this.exported.functions.length && r.chance(0.7)
						? r.pick(this.exported.functions)
						: null,
				]);
			} else {
				const entry = r.pick(entries);
				const type = this.functions[entry.index]!.type;
				this.steps.push([
					"call",
					entry.name,
					...type.params.map((t) =>
						t === "i32"
							? `i${this.constantI32()}`
							: t === "i64"
								? `I${BigInt.asIntN(64, this.constantI64())}`
								: r.chance(0.2)
									? "N"
									: `r${r.below(9)}`,
					),
				]);
			}
		}
	}

	encode(canonical: boolean): Uint8Array {
		const context = { typeIndex: (type: FunctionType) => this.typeIndex(type), canonical };
		const functions: FunctionBody[] = this.bodies.map((body) => {
			const out: number[] = [];
			for (const node of body.nodes) encodeNode(node, [body.label], context, out);
			return { type: this.typeIndex(body.info.type), locals: body.locals, code: out };
		});
		return encodeModule({
			types: this.types,
			imports: this.imports,
			functions,
			tables: this.tables.filter((_, i) => i >= this.imports.filter((e) => e.kind === "table").length),
			memories: this.memory && !this.memory.imported ? [this.memory] : [],
			globals: this.globals
				.filter((g) => !g.imported)
				.map((g) => ({ type: g.type, mutable: g.mutable, init: this.initializers.get(g)! })),
			exports: this.exports,
			start: this.start,
			elements: this.elements,
			data: this.data,
			dataCount: this.dataCount,
		});
	}

	readonly initializers = new Map<GlobalInfo, number[]>();
	start: number | undefined;

	finish(): GeneratedModule {
		const r = this.random;
		this.globals.forEach((global, index) => {
			if (!global.imported)
				this.initializers.set(
					global,
					this.encodeConstant(global.reserved ? zero("i32") : this.initializer(global.type, index)),
				);
		});
		const starts = this.bodies
			.map((b, i) => i)
			.filter(
				(i) => this.bodies[i]!.info.type.params.length === 0 && this.bodies[i]!.info.type.results.length === 0,
			);
		if (starts.length && r.chance(0.5)) this.start = this.functions.indexOf(this.bodies[r.pick(starts)]!.info);
		const callable = this.exported.functions.filter((name) => {
			const index = this.exports.find((e) => e.name === name)!.index;
			return this.functions[index]!.type.params.length === 0;
		});
		return {
			canonical: this.encode(true),
			plain: this.encode(false),
			host: this.host,
			exports: this.exported,
			reentry: callable[0],
		};
	}
}
