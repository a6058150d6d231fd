/*
 * Generates valid modules and what to call in them, from a seed. They end (loops and calls consume fuel), use what the
 * runtime supports, and lean to what its check planner, register allocation and encoders find hard.
 *
 * NaNs: the specification leaves bits of NaNs open, and engines differ. In the encoding for other engines, code makes
 * them
 * canonical: in the mode "clean" after every operation that may make a NaN, so that all bits of floats are determined;
 * in the
 * mode "open" only where bits could be seen (stores, reinterpretations, signs).
 */

import type { FunctionBody, FunctionType, ModuleParts, ValueType } from "../support/wasm";
import { accessSize, encodeModule, LOADS, NUMERIC_TYPES, STORES, VALUE_TYPES } from "../support/wasm";
import type { Case, GeneratedModule, HostFunction, HostImports, Step } from "../differential/format";
import { Random } from "./random";
import type { Label, Node } from "./tree";
import { encodeNode, sameTypes, zero, zeros } from "./tree";

const NUMBERS: ValueType[] = ["i32", "i64", "f32", "f64"];

const I32_LIMITS = [
	0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 24, 31, 32, 33, 63, 64, 100, 127, 128, 255, 256, 257, 0x7ff, 0x800, 0xffe, 0xfff,
	0x1000, 0x1001, 0x3fc, 0x400, 0x7fff, 0x8000, 0xfffe, 0xffff, 0x10000, 0x10001, 0x1fffe, 0x1ffff, 0x20000, 0xff00,
	0xff0000, 0xff000000, 0x00ff00ff, 0xff00ff00, 0x01010101, 0x12121212, 0x55555555, 0xaaaaaaaa, 0x7ffffffe,
	0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff, 0xfffff000, 0xffffff00, 0xfffff800, 0xfffff7ff,
	0xffff8000, 0xffff0000, 0x1fe00, 0x3fc00000,
];
/** That no single instruction makes; so few that one comes again in a loop. */
const REPEATED = [0x01000193, 0x9e3779b9, 0x12345678, 0x7ffeffff];
const I64_LIMITS = [
	0x100000000n,
	0xffffffffn,
	0x1ffffffffn,
	0x7fffffff00000000n,
	0x7fffffffffffffffn,
	0x8000000000000000n,
	0x8000000000000001n,
	0xffffffff00000000n,
	0xffffffff80000000n,
	0x80000000n,
	0x7fffffffn,
	0x00ff00ff00ff00ffn,
	0x5555555555555555n,
	0x0123456789abcdefn,
	0xffffffff7fffffffn,
	0xffff0000ffff0000n,
];
const F32_LIMITS = [
	0, 0x80000000, 0x3f800000, 0xbf800000, 0x3f000000, 0x3fc00000, 0x40200000, 0x7f800000, 0xff800000, 0x7fc00000,
	0xffc00000, 0x7fa00001, 0xff812345, 0x7f7fffff, 0xff7fffff, 1, 0x80000001, 0x007fffff, 0x00800000, 0x4b000000,
	0x4b000001, 0x4b7fffff, 0x4affffff, 0xcb000001, 0x4effffff, 0x4f000000, 0xcf000000, 0xcf000001, 0x4f7fffff,
	0x4f800000, 0x5f000000, 0xdf000000, 0xdf000001, 0x5effffff, 0x5f7fffff, 0x5f800000, 0xbf7fffff, 0xbf800001,
	0x41200000, 0x42c80000, 0x3dcccccd,
];
const F64_LIMITS = [
	0n,
	0x8000000000000000n,
	0x3ff0000000000000n,
	0xbff0000000000000n,
	0x3fe0000000000000n,
	0x3ff8000000000000n,
	0x7ff0000000000000n,
	0xfff0000000000000n,
	0x7ff8000000000000n,
	0xfff8000000000000n,
	0x7ff4000000000001n,
	0xfff0000000000001n,
	0x7fefffffffffffffn,
	0xffefffffffffffffn,
	1n,
	0x8000000000000001n,
	0x000fffffffffffffn,
	0x0010000000000000n,
	0x4330000000000000n,
	0x4330000000000001n,
	0xc330000000000001n,
	0x432fffffffffffffn,
	0x41dfffffffc00000n,
	0x41dfffffffe00000n,
	0x41e0000000000000n,
	0xc1e0000000000000n,
	0xc1e0000000200000n,
	0xc1e0000000100000n,
	0x41efffffffe00000n,
	0x41f0000000000000n,
	0x43dfffffffffffffn,
	0x43e0000000000000n,
	0xc3e0000000000000n,
	0xc3e0000000000001n,
	0x43efffffffffffffn,
	0x43f0000000000000n,
	0xbfefffffffffffffn,
	0x4024000000000000n,
	0x3fb999999999999an,
	0x47efffffe0000000n,
	0x47efffffefffffffn,
	0x47f0000000000000n,
	0x36a0000000000000n,
	0x3690000000000000n,
	0x3690000000000001n,
];

/** Operations whose result may be a NaN with open bits. */
function makesNan(op: string): boolean {
	return /^f(32|64)\.(ceil|floor|trunc|nearest|sqrt|add|sub|mul|div|min|max|demote_f64|promote_f32)$/.test(op);
}

const OPS_BY_RESULT = new Map<ValueType, string[]>(
	NUMBERS.map((type) => [type, [...NUMERIC_TYPES].filter(([, t]) => t.result === type).map(([name]) => name)]),
);

export interface GeneratorOptions {
	/** Only one module, without what a host has to give: for the tests of the compiler alone. */
	alone?: boolean;
	/** Larger functions. */
	size?: number;
}

interface GlobalInfo {
	type: ValueType;
	mutable: boolean;
	imported: boolean;
	/** Not for generated code to set. */
	reserved?: boolean;
	name?: string;
}

interface TableInfo {
	type: "funcref" | "externref";
	minimum: number;
	maximum?: number;
	/** Nobody changes it: no instruction, and nobody else knows it. */
	fixed?: boolean;
	slots: (number | undefined)[];
}

interface FunctionInfo {
	type: FunctionType;
	imported: boolean;
	/** Consumes no fuel, calls nothing but leaves after it. */
	leaf: boolean;
	/** A leaf of few instructions, without control; all others may call it. */
	small?: boolean;
	/** Not called by generated code. */
	hidden?: boolean;
}

type Profile =
	"mixed" | "memory" | "numeric" | "control" | "calls" | "tables" | "floats" | "loops" | "pressure" | "wide";

const EXPRESSION_WEIGHTS = {
	constant: 6,
	local: 14,
	global: 3,
	numeric: 34,
	load: 9,
	tee: 4,
	select: 4,
	block: 3,
	if: 3,
	loop: 1,
	call: 4,
	indirect: 2,
	branch: 2,
	sequence: 4,
	nest: 2,
	size: 1,
	grow: 0.3,
	table: 1,
	divergent: 0.4,
	bounded: 3,
};
const STATEMENT_WEIGHTS = {
	set: 20,
	global: 5,
	store: 12,
	cluster: 6,
	products: 3,
	guard: 4,
	counted: 4,
	copy: 2,
	sweep: 3,
	fuel: 2,
	if: 8,
	block: 4,
	branch: 4,
	table: 3,
	call: 5,
	bulk: 2,
	drop: 3,
	grow: 0.6,
	leave: 1,
	switch: 2,
	nop: 0.5,
	tail: 0.6,
	chain: 2,
	long: 0.3,
};
type Expression = keyof typeof EXPRESSION_WEIGHTS;
type Statement = keyof typeof STATEMENT_WEIGHTS;

/** Of small leaves. */
const STRAIGHT_EXPRESSIONS: Partial<Record<Expression, number>> = {
	constant: 6,
	local: 24,
	global: 2,
	numeric: 30,
	load: 9,
	tee: 3,
	select: 5,
	size: 0.5,
	bounded: 1,
};
const STRAIGHT_STATEMENTS: Partial<Record<Statement, number>> = { set: 12, global: 4, store: 12, drop: 3 };

function only<T extends string>(all: Record<T, number>, some: Partial<Record<T, number>>): Record<T, number> {
	return Object.fromEntries((Object.keys(all) as T[]).map((key) => [key, some[key] ?? 0])) as Record<T, number>;
}

const PROFILES: Record<
	Profile,
	{ expression: Partial<Record<Expression, number>>; statement: Partial<Record<Statement, number>> }
> = {
	mixed: { expression: {}, statement: {} },
	memory: {
		expression: { load: 20, bounded: 6 },
		statement: { store: 25, cluster: 25, guard: 12, bulk: 6, grow: 2 },
	},
	numeric: { expression: { numeric: 60, nest: 5 }, statement: { set: 40, products: 12 } },
	control: {
		expression: { block: 8, if: 8, loop: 4, branch: 8, divergent: 1.5 },
		statement: { if: 20, block: 12, branch: 14, switch: 8, leave: 3 },
	},
	calls: { expression: { call: 15, indirect: 10 }, statement: { call: 20, tail: 4 } },
	tables: { expression: { table: 8, indirect: 12 }, statement: { table: 25 } },
	floats: { expression: { numeric: 50 }, statement: { set: 30 } },
	loops: { expression: { loop: 4, load: 14 }, statement: { counted: 25, copy: 12, sweep: 16, fuel: 6, cluster: 8 } },
	pressure: { expression: { nest: 14, sequence: 12, tee: 8, local: 25 }, statement: { set: 40, chain: 8 } },
	wide: { expression: {}, statement: { long: 2, switch: 4 } },
};

class ModuleGenerator {
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

function i32(value: number): Node {
	return { op: "i32.const", results: ["i32"], children: [], value };
}

function instruction(op: string, results: ValueType[], children: Node[], rest: Partial<Node> = {}): Node {
	return { op, results, children, ...rest };
}

function getLocal(index: number, type: ValueType): Node {
	return instruction("local.get", [type], [], { index });
}

function setLocal(index: number, value: Node): Node {
	return instruction("local.set", [], [value], { index });
}

function i32op(op: string, a: Node, b?: Node): Node {
	return instruction(`i32.${op}`, ["i32"], b ? [a, b] : [a]);
}

const FIXED_DROP: Node = { op: "drop", results: [], children: [], fixed: true };

class FunctionGenerator {
	readonly random: Random;
	readonly locals: ValueType[];
	private readonly labels: Label[] = [];
	/** Locals that loops count with: not set by other code. */
	private readonly frozen = new Set<number>();
	/** Locals that hold a small, non-negative number while frozen. */
	private readonly inductions: number[] = [];
	private readonly expressionWeights: Record<Expression, number>;
	private readonly statementWeights: Record<Statement, number>;
	private readonly scratch: Partial<Record<ValueType, number>> = {};
	/** The function's own label. */
	readonly outer: Label;
	private loopDepth = 0;

	constructor(
		private readonly module: ModuleGenerator,
		private readonly info: FunctionInfo,
		private readonly index: number,
		private budget: number,
	) {
		this.random = module.random;
		this.locals = [...info.type.params];
		const r = this.random;
		const more =
			module.profile === "pressure" ? r.between(4, 24) : r.chance(0.04) ? r.pick([40, 120, 300]) : r.below(9);
		for (let i = 0; i < more; i++) this.locals.push(module.valueType());
		const { expression, statement } = PROFILES[module.profile];
		this.expressionWeights = { ...EXPRESSION_WEIGHTS, ...expression };
		this.statementWeights = { ...STATEMENT_WEIGHTS, ...statement };
		/* Boards limit how many runs of one type there may be. */
		if (more > 60) this.locals.push(...this.locals.splice(info.type.params.length).sort());
		this.outer = { types: info.type.results };
		if (info.small) {
			this.locals.length = info.type.params.length + (r.chance(0.7) ? 0 : Math.min(r.below(3), more));
			this.expressionWeights = only(EXPRESSION_WEIGHTS, STRAIGHT_EXPRESSIONS);
			this.statementWeights = only(STATEMENT_WEIGHTS, STRAIGHT_STATEMENTS);
			this.budget = r.between(1, 12);
		} else if (module.functions.some((f) => f.small)) {
			this.expressionWeights.call *= 2;
			this.statementWeights.call *= 2;
		}
	}

	generate(): Node[] {
		const { results } = this.info.type;
		const count = Math.max(1, Math.floor(this.budget / 22));
		if (this.info.small) {
			const before = Array.from({ length: this.random.pick([0, 0, 0, 1, 1, 2]) }, () => this.statement(3));
			const nodes = [...before, ...results.map((type) => this.expression(type, 3))];
			return this.random.chance(0.1) ? [instruction("return", [], nodes)] : nodes;
		}
		if (this.info.leaf) {
			this.labels.push(this.outer);
			return [...this.statements(Math.min(count, 400)), ...this.operands(results, 5)];
		}
		/* A function that calls: fuel and depth on entry, depth given back at the end. */
		const inner: Label = { types: results };
		this.labels.push(this.outer, inner);
		const m = this.module;
		const prologue: Node[] = [];
		if (this.info.hidden)
			prologue.push(
				instruction(
					"global.set",
					[],
					[
						instruction(
							"select",
							["i32"],
							[
								i32(m.fuelPerCall),
								i32(0),
								i32op("lt_u", this.getGlobal(m.entries), i32(m.entriesWithFuel)),
							],
						),
					],
					{ index: m.fuel },
				),
				instruction("global.set", [], [i32op("add", this.getGlobal(m.entries), i32(1))], { index: m.entries }),
				instruction("global.set", [], [i32(0)], { index: m.depth }),
			);
		else
			prologue.push(
				instruction(
					"if",
					[],
					[
						i32op(
							"or",
							i32op("eqz", this.getGlobal(m.fuel)),
							i32op("ge_u", this.getGlobal(m.depth), i32(m.maximumDepth)),
						),
					],
					{
						label: { types: [] },
						params: [],
						body: [instruction("return", [], zeros(results))],
					},
				),
				this.burn(),
			);
		const body = [...this.statements(Math.min(count, 400)), ...this.operands(results, 5)];
		return [
			...prologue,
			instruction("global.set", [], [i32op("add", this.getGlobal(m.depth), i32(1))], { index: m.depth }),
			instruction("block", results, [], { label: inner, params: [], body }),
			this.leaveDepth(),
		];
	}

	private getGlobal(index: number): Node {
		return instruction("global.get", [this.module.globals[index]!.type], [], { index });
	}

	private burn(): Node {
		const { fuel } = this.module;
		return instruction("global.set", [], [i32op("sub", this.getGlobal(fuel), i32(1))], { index: fuel });
	}

	private leaveDepth(): Node {
		const { depth } = this.module;
		return instruction("global.set", [], [i32op("sub", this.getGlobal(depth), i32(1))], { index: depth });
	}

	/* ---------- locals ---------- */

	private newLocal(type: ValueType): number {
		return this.locals.push(type) - 1;
	}

	private localOf(type: ValueType, settable: boolean): number | undefined {
		const list: number[] = [];
		const reserved = [this.scratch.f32, this.scratch.f64];
		for (let i = 0; i < this.locals.length; i++) {
			if (this.locals[i] === type && !(settable && this.frozen.has(i)) && !reserved.includes(i)) list.push(i);
		}
		if (!list.length) return undefined;
		/* The first few often, so that values flow. */
		return this.random.chance(0.5) ? list[this.random.below(Math.min(3, list.length))] : this.random.pick(list);
	}

	private settable(type: ValueType): number {
		return this.localOf(type, true) ?? this.newLocal(type);
	}

	/* ---------- NaNs ---------- */

	private canon(node: Node): Node {
		const type = node.results[0]!;
		this.scratch[type] ??= this.newLocal(type);
		/* The runtime itself makes NaNs canonical, but only those that an operation made. */
		return instruction("canon", [type], [node], { index: this.scratch[type], value: makesNan(node.op) ? 1 : 0 });
	}

	private isDetermined(node: Node): boolean {
		return this.module.clean || /\.(load|const|reinterpret_|convert_)/.test(node.op) || node.op === "canon";
	}

	/** The value as something that may look at its bits takes it. */
	private seen(node: Node): Node {
		const type = node.results[0]!;
		return (type === "f32" || type === "f64") && !this.isDetermined(node) ? this.canon(node) : node;
	}

	/* ---------- expressions ---------- */

	/** Nodes that leave values of these types, in order. */
	operands(types: readonly ValueType[], depth: number): Node[] {
		const nodes: Node[] = [];
		for (let i = 0; i < types.length;) {
			if (types.length - i >= 2 && this.random.chance(0.12)) {
				const count = this.random.between(2, types.length - i);
				const group = types.slice(i, i + count);
				const node = this.group(group, depth);
				if (node) {
					nodes.push(node);
					i += count;
					continue;
				}
			}
			nodes.push(this.expression(types[i]!, depth));
			i++;
		}
		return nodes;
	}

	/** One node that leaves several values. */
	private group(types: readonly ValueType[], depth: number): Node | undefined {
		if (depth <= 0 || this.budget <= 0) return undefined;
		switch (this.random.weighted({ block: 4, if: 3, loop: 1, call: 2, branch: 3 })) {
			case "block":
				return this.block([...types], depth);
			case "if":
				return this.conditional([...types], depth);
			case "loop":
				return this.loop([...types], depth);
			case "call": {
				const callees = this.callees(types);
				return callees.length ? this.call(this.random.pick(callees), depth) : undefined;
			}
			default: {
				const labels = this.labels.filter((label) => sameTypes(label.types, types) && this.mayLeave(label));
				if (!labels.length) return undefined;
				const label = this.random.pick(labels);
				return instruction(
					"br_if",
					[...types],
					[...this.operands(types, depth - 1), this.condition(depth - 1)],
					{ targets: [label] },
				);
			}
		}
	}

	expression(type: ValueType, depth: number): Node {
		const r = this.random;
		this.budget--;
		if (depth <= 0 || this.budget <= 0) return this.leaf(type);
		const m = this.module;
		switch (r.weighted<Expression>(this.expressionWeights)) {
			case "constant":
				return m.constant(type);
			case "local":
			case "bounded":
				if (type === "i32" && r.chance(0.3))
					return this.bounded(m.memory ? m.memory.minimum * 65536 : 1000, depth - 1);
				return this.leaf(type);
			case "global": {
				const list = m.globals
					.map((g, i) => i)
					.filter((i) => m.globals[i]!.type === type && (!m.globals[i]!.reserved || r.chance(0.02)));
				return list.length ? this.getGlobal(r.pick(list)) : this.leaf(type);
			}
			case "numeric":
				return this.numeric(type, depth);
			case "load":
				return this.load(type, depth) ?? this.leaf(type);
			case "tee": {
				const index = this.settable(type);
				const value = this.expression(type, depth - 1);
				return this.frozen.has(index) ? value : instruction("local.tee", [type], [value], { index });
			}
			case "select": {
				const reference = type === "funcref" || type === "externref";
				return instruction(
					"select",
					[type],
					[this.expression(type, depth - 1), this.expression(type, depth - 1), this.condition(depth - 1)],
					reference || r.chance(0.1) ? { type: VALUE_TYPES[type] } : {},
				);
			}
			case "block":
				return this.block([type], depth);
			case "if":
				return this.conditional([type], depth);
			case "loop":
				return this.loop([type], depth);
			case "call": {
				const callees = this.callees([type]);
				return callees.length ? this.call(r.pick(callees), depth) : this.numeric(type, depth);
			}
			case "indirect":
				return this.indirect([type], depth) ?? this.numeric(type, depth);
			case "branch": {
				const labels = this.labels.filter((label) => sameTypes(label.types, [type]) && this.mayLeave(label));
				if (!labels.length) return this.numeric(type, depth);
				return instruction("br_if", [type], [this.expression(type, depth - 1), this.condition(depth - 1)], {
					targets: [r.pick(labels)],
				});
			}
			case "sequence":
				return r.chance(0.5)
					? instruction("seq", [type], [this.statement(depth - 1), this.expression(type, depth - 1)])
					: instruction("seq", [type], [this.expression(type, depth - 1), this.statement(depth - 1)]);
			case "nest":
				return this.nest(type, r.between(3, m.profile === "pressure" ? 30 : 10));
			case "size":
				if (type !== "i32") return this.leaf(type);
				if (m.tables.length && (!m.memory || r.chance(0.4)))
					return instruction("table.size", ["i32"], [], { index: r.below(m.tables.length) });
				return m.memory ? instruction("memory.size", ["i32"], []) : this.leaf(type);
			case "grow":
				if (type !== "i32") return this.leaf(type);
				return this.grow(depth) ?? this.leaf(type);
			case "table": {
				if (type === "i32")
					return instruction(
						"ref.is_null",
						["i32"],
						[this.expression(r.chance(0.8) ? "funcref" : "externref", depth - 1)],
					);
				const tables = m.tables.map((t, i) => i).filter((i) => m.tables[i]!.type === type);
				if (!tables.length) return this.leaf(type);
				const index = r.pick(tables);
				return instruction("table.get", [type], [this.tableIndex(index, depth - 1)], { index });
			}
			case "divergent":
				return this.diverge(type, depth);
			default:
				return this.leaf(type);
		}
	}

	private leaf(type: ValueType): Node {
		const index = this.random.chance(0.7) ? this.localOf(type, false) : undefined;
		return index === undefined ? this.module.constant(type) : getLocal(index, type);
	}

	private condition(depth: number): Node {
		const r = this.random;
		if (depth <= 0 || r.chance(0.15)) return this.leaf("i32");
		if (r.chance(0.7)) {
			const type = r.weighted<ValueType>({
				i32: 60,
				i64: 20,
				f32: this.module.floats ? 10 : 0,
				f64: this.module.floats ? 10 : 0,
			});
			const comparisons = OPS_BY_RESULT.get("i32")!.filter(
				(op) => op.startsWith(type) && /\.(eq|ne|lt|gt|le|ge|eqz)/.test(op),
			);
			return this.apply(r.pick(comparisons), depth);
		}
		return this.expression("i32", depth - 1);
	}

	private numeric(type: ValueType, depth: number): Node {
		const ops = OPS_BY_RESULT.get(type);
		if (!ops) return this.leaf(type);
		const r = this.random;
		for (;;) {
			const op = r.pick(ops);
			if (!this.module.floats && (type === "i32" || type === "i64") && /f32|f64/.test(op)) continue;
			/* Traps end a call: rather seldom. */
			if (/\.trunc_f/.test(op) && !r.chance(0.15)) continue;
			return this.apply(op, depth);
		}
	}

	private apply(op: string, depth: number): Node {
		const r = this.random;
		const { params, result } = NUMERIC_TYPES.get(op)!;
		const children = params.map((type, i) =>
			i === 1 && r.chance(0.35) ? this.module.constant(type) : this.expression(type, depth - 1),
		);
		if (params.length === 2 && r.chance(0.05)) children[1] = this.leaf(params[1]!);
		if (/\.(div|rem)_/.test(op) && !r.chance(0.08)) {
			/* A divisor that is not zero; constants of all kinds among them. */
			const type = params[1]!;
			children[1] = r.chance(0.4)
				? nonZero(this.module.constant(type))
				: instruction(
						`${type}.or`,
						[type],
						[children[1]!, type === "i64" ? instruction("i64.const", ["i64"], [], { value: 1n }) : i32(1)],
					);
		}
		if (/copysign/.test(op)) children[1] = this.seen(children[1]!);
		if (/reinterpret_f/.test(op)) children[0] = this.seen(children[0]!);
		const node = instruction(op, [result], children);
		return this.module.clean && makesNan(op) ? this.canon(node) : node;
	}

	/** Many operands alive at once. */
	private nest(type: ValueType, count: number): Node {
		const r = this.random;
		if (type === "funcref" || type === "externref") return this.leaf(type);
		const ops =
			type === "i32" || type === "i64"
				? ["add", "sub", "xor", "mul", "and", "or"]
				: ["add", "sub", "mul", "min", "max"];
		let node = this.expression(type, 3);
		for (let i = 0; i < count; i++) {
			const outer = instruction(
				`${type}.${r.pick(ops)}`,
				[type],
				[r.chance(0.7) ? this.leaf(type) : this.expression(type, 1), node],
			);
			node = this.module.clean && makesNan(outer.op) ? this.canon(outer) : outer;
		}
		return node;
	}

	/** An i32 below the limit (mostly), as code that computes addresses bounds it. */
	private bounded(limit: number, depth: number): Node {
		const r = this.random;
		if (limit <= 0) return i32(0);
		if (depth <= 0 || this.budget-- <= 0)
			return r.chance(0.5)
				? i32(r.below(limit))
				: i32op("and", this.leaf("i32"), i32(2 ** Math.floor(Math.log2(limit)) - 1));
		const bits = Math.floor(Math.log2(limit));
		const any = (): Node => this.expression("i32", Math.min(depth - 1, 2));
		const mask = (): number => {
			const full = 2 ** r.between(0, bits) - 1;
			return r.chance(0.3) ? full & ~r.pick([1, 3, 7, 15]) : full;
		};
		switch (
			r.weighted({
				constant: 8,
				mask: 22,
				induction: this.inductions.length ? 20 : 0,
				load: this.module.memory ? 6 : 0,
				shift: 7,
				remainder: 6,
				select: 6,
				sum: 8,
				shl: 8,
				scale: 4,
				wrap: 5,
				local: 10,
				signed: 4,
				count: 3,
			})
		) {
			case "constant":
				return i32(r.below(limit));
			case "mask":
				return r.chance(0.8) ? i32op("and", any(), i32(mask())) : i32op("and", i32(mask()), any());
			case "induction": {
				const local = getLocal(r.pick(this.inductions), "i32");
				return r.chance(0.5)
					? local
					: r.chance(0.5)
						? i32op("shl", local, i32(r.between(0, 3)))
						: i32op("add", local, this.bounded(limit >> 1, depth - 1));
			}
			case "load": {
				const op = limit > 65536 ? "i32.load16_u" : "i32.load8_u";
				if (limit < 256) return i32(r.below(limit));
				return instruction(op, ["i32"], [this.bounded(Math.min(limit, 4096), depth - 2)], {
					offset: r.below(16),
					align: 0,
				});
			}
			case "shift":
				return i32op("shr_u", any(), i32(32 - r.between(0, bits)));
			case "remainder":
				return i32op("rem_u", any(), i32(r.between(1, limit)));
			case "select":
				return instruction(
					"select",
					["i32"],
					[this.bounded(limit, depth - 2), this.bounded(limit, depth - 2), this.condition(depth - 2)],
				);
			case "sum":
				return i32op("add", this.bounded(limit >> 1, depth - 1), this.bounded(limit >> 1, depth - 1));
			case "shl": {
				const by = r.between(1, 4);
				return i32op("shl", this.bounded(limit >> by, depth - 1), i32(by));
			}
			case "scale": {
				const by = r.between(2, 12);
				return i32op("mul", this.bounded(Math.floor(limit / by), depth - 1), i32(by));
			}
			case "wrap":
				return instruction(
					"i32.wrap_i64",
					["i32"],
					[
						instruction(
							"i64.and",
							["i64"],
							[
								this.expression("i64", 1),
								instruction("i64.const", ["i64"], [], { value: BigInt(mask()) }),
							],
						),
					],
				);
			case "local": {
				const index = this.settable("i32");
				return this.frozen.has(index)
					? i32(0)
					: instruction("local.tee", ["i32"], [i32op("and", any(), i32(mask()))], { index });
			}
			case "signed":
				return i32op("sub", this.bounded(limit, depth - 2), this.bounded(Math.min(limit, 16), depth - 2));
			default:
				return i32op(r.pick(["clz", "ctz", "popcnt"]), any());
		}
	}

	/* ---------- memory ---------- */

	/** Address operand and offset for an access of `size` bytes. */
	private address(size: number, depth: number): [Node, number] {
		const r = this.random;
		const bytes = this.module.memory!.minimum * 65536;
		const offset = r.chance(0.4)
			? 0
			: r.chance(0.7)
				? r.below(64)
				: r.chance(0.6)
					? r.pick([124, 128, 252, 255, 256, 1020, 1023, 1024, 4092, 4094, 4095, 4096, 0x7ff, 0x800])
					: r.below(bytes + 1);
		switch (r.weighted({ safe: 78, fixed: 10, edge: 5, wild: 0.8, huge: 0.4, wrap: 0.8, exact: 4 })) {
			case "safe": {
				const room = bytes - size - offset;
				return room > 0
					? [this.bounded(room, depth), offset]
					: [this.bounded(Math.max(1, bytes - size), depth), 0];
			}
			case "fixed":
				/* A static variable. */
				return [i32(this.staticAddress(bytes, size)), r.chance(0.5) ? 0 : r.below(8)];
			case "edge": {
				const at = bytes - size + r.pick([0, 0, 0, 0, -1, -1, -size, -4, -8, 0, 0, r.chance(0.4) ? 1 : 0]);
				const part = r.chance(0.5) ? Math.max(0, at - r.below(Math.max(1, Math.min(at, 5000)))) : at;
				if (at < 0) return [i32(at), 0];
				return r.chance(0.7) ? [i32(part), at - part] : [this.hidden(part), at - part];
			}
			case "wild":
				return [this.expression("i32", depth - 1), offset];
			case "huge":
				return [
					r.chance(0.5) ? this.expression("i32", depth - 1) : this.bounded(256, depth),
					r.pick([
						0xffffffff,
						0xfffffffc,
						0xfffffff8,
						0xffff0000,
						0x80000000,
						0x7fffffff,
						0xfffff000,
						0xffffff00,
						bytes,
						bytes + 1,
						0x10000000,
					]),
				];
			case "wrap":
				return [i32op(r.pick(["add", "sub"]), this.bounded(1024, depth), i32(-r.between(0, 1200))), offset];
			default: {
				/* A mask that just reaches the end, or one beyond. */
				const room = bytes - offset;
				const mask = room > 0 ? 2 ** Math.floor(Math.log2(room)) - 1 : 0;
				return [
					i32op("and", this.expression("i32", depth - 1), i32(mask)),
					Math.max(0, bytes - mask - size + (r.chance(0.08) ? 1 : 0)),
				];
			}
		}
	}

	/**
	 * An address of data that stands together on few pages of 4 KB, all of it inside the memory with 8 bytes to spare.
	 */
	private staticAddress(bytes: number, size: number): number {
		const r = this.random;
		const page = r.pick([0, 0x1000, 0x4000, 0x4000, 0x4400, 0xf000, 0x10000]);
		return Math.max(0, Math.min(page + r.pick([r.below(256), r.below(4096), 1020, 4092]), bytes - size - 8));
	}

	/** A constant that the compiler does not see as one (but may prove something about). */
	private hidden(value: number): Node {
		const r = this.random;
		const index = this.localOf("i32", true);
		if (index === undefined) return i32(value);
		return r.chance(0.5)
			? instruction("seq", ["i32"], [setLocal(index, i32(value)), getLocal(index, "i32")])
			: i32op("add", i32op("and", getLocal(index, "i32"), i32(0)), i32(value));
	}

	/** A constant that no planner sees. */
	private secret(value: number): Node {
		const { fuel } = this.module;
		return i32op("add", i32op("xor", this.getGlobal(fuel), this.getGlobal(fuel)), i32(value));
	}

	private align(op: string): number {
		return this.random.below(Math.log2(accessSize(op)) + 1);
	}

	private load(type: ValueType, depth: number): Node | undefined {
		if (!this.module.memory || type === "funcref" || type === "externref") return undefined;
		const op = this.random.pick(LOADS.filter((name) => name.startsWith(type)));
		const [address, offset] = this.address(accessSize(op), depth);
		return instruction(op, [type], [address], { offset, align: this.align(op) });
	}

	private storeAt(op: string, address: Node, offset: number, depth: number): Node {
		const type = op.slice(0, 3) as ValueType;
		return instruction(op, [], [address, this.seen(this.expression(type, depth - 1))], {
			offset,
			align: this.align(op),
		});
	}

	private pickStore(): string {
		return this.random.pick(this.module.floats ? STORES : STORES.filter((name) => name.startsWith("i")));
	}

	private grow(depth: number): Node | undefined {
		const r = this.random;
		const m = this.module;
		const changing = m.changingTables();
		if (changing.length && (!m.memory || r.chance(0.4))) {
			const index = r.pick(changing);
			return instruction(
				"table.grow",
				["i32"],
				/* Beyond every engine's limit, or far below. */
				[
					this.expression(m.tables[index]!.type, depth - 1),
					i32(r.chance(0.85) ? r.below(3) : r.pick([-1, 0x7fffffff, 20000000, 70, 300])),
				],
				{ index },
			);
		}
		return m.memory
			? instruction(
					"memory.grow",
					["i32"],
					[r.chance(0.85) ? i32(r.below(2)) : i32(r.pick([-1, 65536, 65535, 0x7fffffff, 70000]))],
				)
			: undefined;
	}

	/* ---------- control ---------- */

	/**
	 * Whether any code may branch to the label: not back where a loop counts without fuel, nor past the end of a
	 * function that calls.
	 */
	private mayLeave(label: Label): boolean {
		return !label.closed && (label !== this.outer || this.info.leaf);
	}

	/** Parameters for a block: operands before it, statements that take them at its beginning. */
	private blockParameters(depth: number): { params: ValueType[]; operands: Node[]; takers: Node[] } {
		const r = this.random;
		if (!r.chance(0.2)) return { params: [], operands: [], takers: [] };
		const params = Array.from({ length: r.between(1, 3) }, () => this.module.valueType());
		return { params, operands: this.operands(params, depth - 1), takers: [] };
	}

	private take(params: ValueType[], depth: number): Node[] {
		const r = this.random;
		return [...params].reverse().map((type) => {
			const pending: Node = { op: "pending", results: [type], children: [] };
			if (r.chance(0.3)) return { op: "drop", results: [], children: [pending], fixed: true };
			let value = pending;
			if (type !== "funcref" && type !== "externref" && r.chance(0.5)) {
				const node = instruction(
					`${type}.${r.pick(["add", "mul", "sub"])}`,
					[type],
					[pending, this.expression(type, depth - 2)],
				);
				value = this.module.clean && makesNan(node.op) ? this.canon(node) : node;
			}
			return { op: "local.set", results: [], children: [value], index: this.settable(type), fixed: true };
		});
	}

	private within<T>(label: Label, action: () => T): T {
		this.labels.push(label);
		const result = action();
		this.labels.pop();
		return result;
	}

	private block(results: ValueType[], depth: number): Node {
		const r = this.random;
		const { params, operands } = this.blockParameters(depth);
		const label: Label = { types: results };
		/* Parameters may stay where they are and become the first results. */
		const stay =
			params.length > 0 &&
			params.length <= results.length &&
			sameTypes(params, results.slice(0, params.length)) &&
			r.chance(0.5);
		const body = this.within(label, () => {
			const takers = stay
				? params.map((type): Node => ({ op: "pending", results: [type], children: [], fixed: true }))
				: this.take(params, depth);
			return [
				...takers,
				...this.statements(r.small(4), depth - 1),
				...this.operands(stay ? results.slice(params.length) : results, depth - 1),
			];
		});
		return instruction("block", results, operands, { label, params, body });
	}

	private conditional(results: ValueType[], depth: number): Node {
		const r = this.random;
		const { params, operands } = this.blockParameters(depth);
		const label: Label = { types: results };
		const condition = this.condition(depth - 1);
		const arm = (): Node[] =>
			this.within(label, () => [
				...this.take(params, depth),
				...this.statements(r.small(3), depth - 1),
				...this.operands(results, depth - 1),
			]);
		const body = arm();
		const otherwise = results.length || params.length || r.chance(0.5) ? arm() : undefined;
		return instruction("if", results, [...operands, condition], { label, params, body, otherwise });
	}

	/** A loop that ends by fuel. */
	private loop(results: ValueType[], depth: number): Node {
		if (this.info.leaf || this.loopDepth >= 3) return this.block(results, depth);
		const r = this.random;
		const m = this.module;
		const { params, operands } = this.blockParameters(depth);
		const out: Label = { types: results };
		const again: Label = { types: params };
		this.loopDepth++;
		const body = this.within(out, () => {
			const nodes = this.within(again, () => {
				/* Nothing may branch back before fuel is burnt. */
				again.closed = true;
				const taken = this.take(params, depth);
				again.closed = false;
				return [
					...taken,
					instruction("if", [], [i32op("eqz", this.getGlobal(m.fuel))], {
						label: { types: [] },
						params: [],
						body: [instruction("br", [], zeros(results), { targets: [out] })],
					}),
					this.burn(),
					...this.statements(r.between(1, 4), depth - 1),
					r.chance(0.7) ? this.backBranch(again, depth) : instruction("nop", [], []),
					...this.operands(results, depth - 1),
				];
			});
			return [
				instruction(
					"loop",
					results,
					params.map((type): Node => ({ op: "pending", results: [type], children: [], fixed: true })),
					{ label: again, params, body: nodes },
				),
			];
		});
		this.loopDepth--;
		return instruction("block", results, operands, { label: out, params, body });
	}

	private backBranch(again: Label, depth: number): Node {
		const children = [...this.operands(again.types, depth - 1), this.condition(depth - 1)];
		const branch = instruction("br_if", [...again.types], children, { targets: [again] });
		return this.dropAll(branch);
	}

	private dropAll(node: Node): Node {
		return node.results.length ? instruction("seq", [], [node, ...node.results.map(() => FIXED_DROP)]) : node;
	}

	private diverge(type: ValueType, depth: number): Node {
		const r = this.random;
		const labels = this.labels.filter((label) => this.mayLeave(label));
		if (!labels.length || r.chance(0.1)) return instruction("unreachable", [type], []);
		const label = r.pick(labels);
		return instruction("br", [type], this.operands(label.types, depth - 1), { targets: [label] });
	}

	/* ---------- calls ---------- */

	private mayCall(f: FunctionInfo, index: number): boolean {
		if (f.hidden || this.info.small) return false;
		if (!this.info.leaf || f.small) return true;
		/* Calls of leaves within loops of leaves would multiply. */
		return f.leaf && index > this.index && !this.loopDepth;
	}

	private callees(results: readonly ValueType[]): number[] {
		const m = this.module;
		const list: number[] = [];
		m.functions.forEach((f, i) => {
			if (sameTypes(f.type.results, results) && this.mayCall(f, i)) list.push(i);
		});
		return list;
	}

	private call(index: number, depth: number): Node {
		const type = this.module.functions[index]!.type;
		return instruction("call", [...type.results], this.hostOperands(index, type.params, depth), { index });
	}

	/** JavaScript sees arguments of imports. */
	private hostOperands(index: number, params: ValueType[], depth: number): Node[] {
		void index;
		return this.operands(params, depth - 2);
	}

	private tableIndex(table: number, depth: number): Node {
		const r = this.random;
		const { minimum } = this.module.tables[table]!;
		return r.chance(0.97) && minimum > 0
			? this.bounded(minimum, Math.min(depth, 2))
			: this.expression("i32", depth - 1);
	}

	private indirect(results: readonly ValueType[] | undefined, depth: number, tail = false): Node | undefined {
		const r = this.random;
		const m = this.module;
		if (this.info.leaf) return undefined;
		const choices: { table: number; slot: number; type: FunctionType }[] = [];
		m.tables.forEach((table, index) => {
			if (table.type === "funcref")
				table.slots.forEach((f, slot) => {
					const type = f === undefined ? undefined : m.functions[f]!.type;
					if (type && (!results || sameTypes(type.results, results)))
						choices.push({ table: index, slot, type });
				});
		});
		const tables = m.tables.map((t, i) => i).filter((i) => m.tables[i]!.type === "funcref");
		if (!tables.length) return undefined;
		const name = tail ? "return_call_indirect" : "call_indirect";
		if (choices.length && !r.chance(0.02)) {
			const { table, slot, type } = r.pick(choices);
			const index = r.chance(0.6)
				? i32(slot)
				: r.chance(0.5)
					? this.hidden(slot)
					: i32op("add", i32op("and", this.leaf("i32"), i32(1)), i32(slot));
			return instruction(
				name,
				tail ? [] : [...type.results],
				[...this.operands(type.params, depth - 2), ...(tail ? [this.leaveDepth()] : []), index],
				{ index: table, type: m.typeIndex(type) },
			);
		}
		if (!results || tail || !r.chance(0.1)) return undefined;
		const type: FunctionType = { params: m.someTypes(2), results: [...results] };
		const table = r.pick(tables);
		return instruction(
			name,
			[...results],
			[...this.operands(type.params, depth - 2), this.tableIndex(table, depth)],
			{
				index: table,
				type: m.typeIndex(type),
			},
		);
	}

	/* ---------- statements ---------- */

	statements(count: number, depth = 5): Node[] {
		const nodes: Node[] = [];
		for (let i = 0; i < count && this.budget > 0; i++) nodes.push(this.statement(depth));
		return nodes;
	}

	statement(depth: number): Node {
		const r = this.random;
		const m = this.module;
		this.budget--;
		if (depth <= 0 || this.budget <= 0) return this.simple();
		switch (r.weighted<Statement>(this.statementWeights)) {
			case "set": {
				const type = r.chance(0.5) && this.locals.length ? r.pick(this.locals) : m.valueType();
				const index = this.settable(type);
				const value = this.expression(type, depth);
				return this.frozen.has(index) ? instruction("drop", [], [value]) : setLocal(index, value);
			}
			case "global": {
				const list = m.globals.map((g, i) => i).filter((i) => m.globals[i]!.mutable && !m.globals[i]!.reserved);
				if (!list.length) return this.simple();
				const index = r.pick(list);
				/* JavaScript may read it where it is shared. */
				return instruction("global.set", [], [this.seen(this.expression(m.globals[index]!.type, depth - 1))], {
					index,
				});
			}
			case "store": {
				if (!m.memory) return this.simple();
				const op = this.pickStore();
				const [address, offset] = this.address(accessSize(op), depth);
				return this.storeAt(op, address, offset, depth);
			}
			case "products":
				return this.products();
			case "cluster":
				return m.memory ? this.cluster(depth) : this.simple();
			case "guard":
				return m.memory ? this.guard(depth) : this.simple();
			case "counted":
				return this.counted(depth);
			case "copy":
				return m.memory ? this.copyLoop() : this.counted(depth);
			case "sweep":
				return m.memory ? this.sweep() : this.simple();
			case "fuel":
				return this.loop([], depth);
			case "if":
				return this.conditional([], depth);
			case "block": {
				const types = m.someTypes(2);
				return this.keep(this.block(types, depth));
			}
			case "branch": {
				const labels = this.labels.filter((label) => this.mayLeave(label));
				if (!labels.length) return this.simple();
				const label = r.pick(labels);
				return this.dropAll(
					instruction(
						"br_if",
						[...label.types],
						[...this.operands(label.types, depth - 1), this.condition(depth - 1)],
						{ targets: [label] },
					),
				);
			}
			case "switch":
				return this.switch(depth);
			case "table":
				return this.tableStatement(depth);
			case "call": {
				const list = m.functions.map((f, i) => i).filter((i) => this.mayCall(m.functions[i]!, i));
				if (r.chance(0.3)) {
					const node = this.indirect(undefined, depth);
					if (node) return this.keep(node);
				}
				return list.length ? this.keep(this.call(r.pick(list), depth)) : this.simple();
			}
			case "bulk":
				return this.bulk(depth);
			case "drop":
				return instruction("drop", [], [this.expression(m.valueType(), depth)]);
			case "grow": {
				const node = this.grow(depth);
				return node ? this.keep(node) : this.simple();
			}
			case "leave": {
				const labels = this.labels.filter((label) => this.mayLeave(label));
				if (!labels.length) return this.simple();
				const label = r.pick(labels);
				/* Within an if, mostly; else all that follows is dead. */
				const operands = this.operands(label.types, depth - 1);
				const leave = r.chance(0.1)
					? instruction("unreachable", [], [])
					: this.info.leaf && r.chance(0.4)
						? instruction("return", [], this.operands(this.info.type.results, depth - 1))
						: instruction("br", [], operands, { targets: [label] });
				return r.chance(0.15)
					? leave
					: instruction("if", [], [this.condition(depth - 1)], {
							label: { types: [] },
							params: [],
							body: [leave, ...(r.chance(0.2) ? this.statements(1, 1) : [])],
						});
			}
			case "tail": {
				if (this.info.leaf) return this.simple();
				const results = this.info.type.results;
				let node: Node | undefined;
				if (r.chance(0.4)) {
					node = this.indirect(results, depth, true);
				} else {
					const callees = this.callees(results);
					if (callees.length) {
						const index = r.pick(callees);
						node = instruction(
							"return_call",
							[],
							[...this.operands(m.functions[index]!.type.params, depth - 2), this.leaveDepth()],
							{ index },
						);
					}
				}
				return node
					? instruction("if", [], [this.condition(depth - 1)], {
							label: { types: [] },
							params: [],
							body: [node],
						})
					: this.simple();
			}
			case "chain":
				return this.chain();
			case "long":
				/* Code enough between here and there to pass the range of short branches and literals. */
				return instruction("if", [], [this.condition(2)], {
					label: { types: [] },
					params: [],
					body: this.straight(r.pick([20, 60, 250, m.profile === "wide" ? 1200 : 100])),
				});
			default:
				return instruction("nop", [], []);
		}
	}

	private simple(): Node {
		const type = this.random.pick<ValueType>(["i32", "i32", "i64"]);
		const index = this.settable(type);
		return this.frozen.has(index) ? instruction("nop", [], []) : setLocal(index, this.leaf(type));
	}

	/** Statement out of a node with results: dropped, or into locals. */
	private keep(node: Node): Node {
		const types = node.results;
		if (!types.length) return node;
		return instruction(
			"seq",
			[],
			[
				node,
				...[...types].reverse().map((type): Node => {
					const index = this.random.chance(0.6) ? this.localOf(type, true) : undefined;
					return index === undefined
						? FIXED_DROP
						: { op: "local.set", results: [], children: [], index, fixed: true };
				}),
			],
		);
	}

	/** Straight code of many small statements. */
	private straight(count: number): Node[] {
		const r = this.random;
		const nodes: Node[] = [];
		for (let i = 0; i < count && this.budget > -1000; i++) {
			this.budget--;
			const type = r.pick<ValueType>(["i32", "i32", "i64", this.module.floats ? "f64" : "i32"]);
			const index = this.settable(type);
			if (this.frozen.has(index)) continue;
			const node = instruction(
				`${type}.${r.pick(["add", "sub", "mul"])}`,
				[type],
				[getLocal(index, type), this.module.constant(type)],
			);
			nodes.push(setLocal(index, this.module.clean && makesNan(node.op) ? this.canon(node) : node));
		}
		return nodes;
	}

	/** Locals handed round: copies and parallel moves. */
	private chain(): Node {
		const r = this.random;
		const type = r.pick(this.locals.length ? this.locals : (["i32"] as ValueType[]));
		const a = this.settable(type);
		const b = this.settable(type);
		if (this.frozen.has(a) || this.frozen.has(b)) return instruction("nop", [], []);
		/* a, b = b, a by the operand stack. */
		return instruction(
			"seq",
			[],
			[
				getLocal(a, type),
				getLocal(b, type),
				{ op: "local.set", results: [], children: [], index: a, fixed: true },
				{ op: "local.set", results: [], children: [], index: b, fixed: true },
			],
		);
	}

	/** Sums of products, of locals above all, one after the other. */
	private products(): Node {
		const r = this.random;
		const type = r.pick<ValueType>(this.module.floats ? ["i32", "f32", "f64", "f64"] : ["i32"]);
		const product = (): Node => instruction(`${type}.mul`, [type], [this.leaf(type), this.leaf(type)]);
		const nodes: Node[] = [];
		for (let n = r.between(2, 6); n > 0; n--) {
			const children = r.pick([
				[product(), this.leaf(type)],
				[this.leaf(type), product()],
				[product(), product()],
			]);
			const sum = instruction(`${type}.${r.pick(["add", "add", "sub"])}`, [type], children);
			const value = this.module.clean && type !== "i32" ? this.canon(sum) : sum;
			const index = this.settable(type);
			nodes.push(this.frozen.has(index) ? instruction("drop", [], [value]) : setLocal(index, value));
		}
		return instruction("seq", [], nodes);
	}

	/** Accesses around one address in a local: what "already checked" provers look at. */
	private cluster(depth: number): Node {
		const r = this.random;
		const p = this.settable("i32");
		const q = this.settable("i32");
		const bytes = this.module.memory!.minimum * 65536;
		const [address, extra] = this.address(8, depth);
		/* A record of a size that is a power of 2, around the end of memory. */
		const records = (size: number): Node =>
			i32op("shl", this.secret((bytes >> size) + r.between(-2, 1)), i32(size));
		const nodes: Node[] = [
			setLocal(
				p,
				r.chance(0.2) ? records(r.between(1, 4)) : extra ? i32op("add", address, i32(extra | 0)) : address,
			),
		];
		const fixed = r.chance(0.2) ? this.staticAddress(bytes, 80) : -1;
		const locate = (index: number): Node => (fixed >= 0 && r.chance(0.8) ? i32(fixed) : getLocal(index, "i32"));
		for (let i = r.between(2, 9); i > 0; i--) {
			const root = r.chance(0.75) ? p : q;
			const offset = r.chance(0.9)
				? r.pick([0, 0, 1, 2, 3, 4, 4, 5, 7, 8, 8, 12, 16, 24, 60])
				: r.chance(0.5)
					? Math.max(0, bytes - 16)
					: 0xfffffff0;
			switch (r.weighted({ load: 35, group: 15, store: 30, move: 12, copy: 8, other: 6, if: 6, block: 3 })) {
				case "group": {
					/* Loads with nothing but arithmetic between, whose checks may become one. */
					let sum: Node = i32(r.below(100));
					for (let k = r.between(2, 5); k > 0; k--) {
						const at = getLocal(r.chance(0.85) ? root : p, "i32");
						const from = r.chance(0.85) ? at : i32op("add", at, i32(r.pick([1, 2, 3, 4, -4])));
						const op = r.pick(LOADS.filter((name) => name.startsWith("i32")));
						const value = instruction(op, ["i32"], [from], {
							offset: r.chance(0.95) ? r.below(24) : offset,
							align: 0,
						});
						sum = i32op(r.chance(0.06) ? "div_u" : r.pick(["add", "xor", "sub"]), sum, value);
					}
					nodes.push(
						r.chance(0.5)
							? instruction("i32.store8", [], [getLocal(root, "i32"), sum], {
									offset: r.below(24),
									align: 0,
								})
							: setLocal(q, sum),
					);
					break;
				}
				case "load": {
					const type = r.pick<ValueType>(["i32", "i32", "i64"]);
					const op = r.pick(LOADS.filter((name) => name.startsWith(type)));
					const index = this.settable(type);
					const value = instruction(op, [type], [locate(root)], { offset, align: this.align(op) });
					nodes.push(index === p || index === q ? instruction("drop", [], [value]) : setLocal(index, value));
					break;
				}
				case "store":
					nodes.push(this.storeAt(this.pickStore(), locate(root), offset, 2));
					break;
				case "move":
					nodes.push(
						setLocal(
							p,
							i32op("add", getLocal(p, "i32"), i32(r.pick([1, 2, 4, 8, -1, -4, -8, 16, 0x7fffffff]))),
						),
					);
					break;
				case "copy":
					nodes.push(
						setLocal(
							q,
							r.chance(0.5)
								? getLocal(p, "i32")
								: i32op("add", getLocal(p, "i32"), i32(r.pick([4, 8, -4, -8, 1, -1]))),
						),
					);
					break;
				case "if":
					nodes.push(
						instruction("if", [], [this.condition(2)], {
							label: { types: [] },
							params: [],
							body: [
								r.chance(0.6)
									? this.storeAt(this.pickStore(), locate(root), offset, 1)
									: setLocal(p, this.expression("i32", 2)),
							],
							otherwise: r.chance(0.3)
								? [this.storeAt(this.pickStore(), locate(root), r.below(16), 1)]
								: undefined,
						}),
					);
					break;
				case "block": {
					const label: Label = { types: [] };
					const inner = this.within(label, () => [
						instruction("br_if", [], [this.condition(2)], { targets: [label] }),
						this.storeAt(this.pickStore(), locate(root), offset, 1),
					]);
					nodes.push(instruction("block", [], [], { label, params: [], body: inner }));
					break;
				}
				default:
					nodes.push(this.statement(1));
			}
		}
		return instruction("seq", [], nodes);
	}

	/** Accesses under a comparison of their address. */
	private guard(depth: number): Node {
		const r = this.random;
		const p = this.settable("i32");
		const bytes = this.module.memory!.minimum * 65536;
		const bound = r.chance(0.5) ? bytes - r.pick([0, 1, 2, 4, 8, 16]) : r.below(bytes + 1);
		const nodes: Node[] = [];
		if (!this.frozen.has(p) && r.chance(0.7))
			nodes.push(
				setLocal(
					p,
					r.chance(0.5) ? this.bounded(Math.max(1, bytes + 16), depth - 1) : this.expression("i32", 2),
				),
			);
		const offset = Math.max(0, bytes - bound - r.pick([1, 2, 4, 8]) + r.pick([0, 0, 1]));
		const accesses = (): Node[] =>
			Array.from({ length: r.between(1, 3) }, () => {
				const at = r.chance(0.6) ? offset : r.below(16);
				return r.chance(0.5)
					? this.storeAt(this.pickStore(), getLocal(p, "i32"), at, 1)
					: instruction(
							"drop",
							[],
							[instruction("i32.load8_u", ["i32"], [getLocal(p, "i32")], { offset: at, align: 0 })],
						);
			});
		const inside = r.pick(["lt_u", "lt_u", "le_u", "lt_s", "le_s", "gt_u", "ge_u"]);
		const test = r.chance(0.75)
			? i32op(inside, getLocal(p, "i32"), i32(bound))
			: i32op(
					inside.replace(/^[lg]/, (c) => (c === "l" ? "g" : "l")),
					i32(bound),
					getLocal(p, "i32"),
				);
		if (r.chance(0.6)) {
			nodes.push(
				instruction("if", [], [test], {
					label: { types: [] },
					params: [],
					body: accesses(),
					otherwise: r.chance(0.2) ? accesses() : undefined,
				}),
			);
		} else {
			const label: Label = { types: [] };
			const negated = r.chance(0.5) ? i32op("eqz", test) : test;
			nodes.push(
				instruction("block", [], [], {
					label,
					params: [],
					body: this.within(label, () => [
						instruction("br_if", [], [negated], { targets: [label] }),
						...accesses(),
					]),
				}),
			);
		}
		return instruction("seq", [], nodes);
	}

	/** A loop that counts a local from a constant to a constant, with accesses at it. */
	private counted(depth: number): Node {
		const r = this.random;
		if (this.loopDepth >= 2) return this.simple();
		const memory = this.module.memory;
		const bytes = (memory?.minimum ?? 1) * 65536;
		const i = this.newLocal("i32");
		const trips = r.pick([1, 2, 3, 4, 5, 8, 13]);
		const step = r.pick([1, 1, 1, 2, 4, 8, 3, 256, -1, -1, -4, 4096]);
		const low = r.chance(0.5)
			? r.below(32)
			: r.chance(0.4)
				? bytes - trips * Math.abs(step) - r.pick([0, 0, 1, 4, 8, -1, -4])
				: r.below(1024);
		const start = step > 0 ? low : low + trips * -step;
		const end = start + trips * step;
		/* As clang counts: from a negative constant while the sum is at least what it was. */
		const upToZero = step > 0 && r.chance(0.25);
		const at = (): Node => (upToZero ? i32op("add", getLocal(i, "i32"), i32(end)) : getLocal(i, "i32"));
		const nodes: Node[] = [setLocal(i, i32(upToZero ? start - end : start))];
		this.frozen.add(i);
		this.inductions.push(i);
		this.loopDepth++;
		const out: Label = { types: [] };
		const again: Label = { types: [], closed: true };
		const body = (): Node[] => {
			const inner: Node[] = [];
			for (let k = r.between(1, 3); k > 0; k--) {
				if (memory && r.chance(0.75)) {
					const offset = r.pick([0, 0, 0, 1, 4, 8, 16, 100]);
					const shift = r.chance(0.2) ? r.between(1, 3) : 0;
					const base = shift
						? i32op("shl", at(), i32(shift))
						: r.chance(0.15)
							? i32op("add", at(), this.bounded(64, 1))
							: at();
					if (r.chance(0.5)) {
						inner.push(this.storeAt(this.pickStore(), base, offset, 2));
					} else {
						const type = r.pick<ValueType>(["i32", "i64"]);
						const op = r.pick(LOADS.filter((name) => name.startsWith(type)));
						const index = this.settable(type);
						const sum = instruction(
							`${type}.add`,
							[type],
							[getLocal(index, type), instruction(op, [type], [base], { offset, align: this.align(op) })],
						);
						inner.push(this.frozen.has(index) ? instruction("drop", [], [sum]) : setLocal(index, sum));
					}
				} else {
					inner.push(this.statement(Math.min(depth - 1, 3)));
				}
			}
			return inner;
		};
		const next = setLocal(
			i,
			r.chance(0.8) ? i32op("add", getLocal(i, "i32"), i32(step)) : i32op("sub", getLocal(i, "i32"), i32(-step)),
		);
		const more = (): Node => {
			const compare = step > 0 ? r.pick(["ne", "lt_s", "lt_u"]) : "ne";
			return i32op(compare, getLocal(i, "i32"), i32(end));
		};
		const done = (): Node => {
			const compare = step > 0 ? r.pick(["eq", "ge_s", "ge_u"]) : "eq";
			return i32op(compare, getLocal(i, "i32"), i32(end));
		};
		if (upToZero) {
			const sum = this.newLocal("i32");
			const grown = this.newLocal("i32");
			const wraps = r.chance(0.3);
			const raised = instruction("local.tee", ["i32"], [i32op("add", getLocal(i, "i32"), i32(step))], {
				index: sum,
			});
			const test = wraps ? i32op("eqz", getLocal(grown, "i32")) : getLocal(grown, "i32");
			const content = this.within(again, () => [
				...body(),
				setLocal(grown, i32op(wraps ? "lt_u" : "ge_u", raised, getLocal(i, "i32"))),
				setLocal(i, getLocal(sum, "i32")),
				instruction("br_if", [], [test], { targets: [again] }),
			]);
			nodes.push(instruction("loop", [], [], { label: again, params: [], body: content }));
		} else if (step > 0 && r.chance(0.2)) {
			/* Tested before the step. */
			const left = this.newLocal("i32");
			const content = this.within(again, () => [
				...body(),
				setLocal(left, i32op(r.pick(["ne", "lt_s", "lt_u"]), getLocal(i, "i32"), i32(end - step))),
				setLocal(i, i32op("add", getLocal(i, "i32"), i32(step))),
				instruction("br_if", [], [getLocal(left, "i32")], { targets: [again] }),
			]);
			nodes.push(instruction("loop", [], [], { label: again, params: [], body: content }));
		} else if (r.chance(0.5)) {
			/* Test at the bottom. */
			const content = this.within(again, () => [
				...body(),
				next,
				instruction("br_if", [], [more()], { targets: [again] }),
			]);
			nodes.push(instruction("loop", [], [], { label: again, params: [], body: content }));
		} else {
			const content = this.within(out, () =>
				this.within(again, () => [
					instruction("br_if", [], [done()], { targets: [out] }),
					...body(),
					next,
					instruction("br", [], [], { targets: [again] }),
				]),
			);
			nodes.push(
				instruction("block", [], [], {
					label: out,
					params: [],
					body: [instruction("loop", [], [], { label: again, params: [], body: content })],
				}),
			);
		}
		this.loopDepth--;
		this.inductions.pop();
		this.frozen.delete(i);
		return instruction("seq", [], nodes);
	}

	/** Copy and fill loops with pointers in locals and a count that is known only at run time. */
	private copyLoop(): Node {
		const r = this.random;
		if (this.loopDepth >= 2) return this.simple();
		const p = this.newLocal("i32");
		const q = this.newLocal("i32");
		const n = this.newLocal("i32");
		const wide = r.chance(0.3);
		const step = wide ? 4 : 1;
		const count = i32op("add", i32op("and", this.leaf("i32"), i32(r.pick([3, 7, 15, 31]))), i32(1));
		const at = (): Node => {
			const [address, offset] = this.address(step, 3);
			return offset ? i32op("add", address, i32(offset | 0)) : address;
		};
		const again: Label = { types: [] };
		const out: Label = { types: [] };
		const value = r.chance(0.6)
			? instruction(wide ? "i32.load" : "i32.load8_u", ["i32"], [getLocal(q, "i32")], {
					offset: r.chance(0.8) ? 0 : 4,
					align: 0,
				})
			: this.leaf("i32");
		const store = instruction(wide ? "i32.store" : "i32.store8", [], [getLocal(p, "i32"), value], {
			offset: r.chance(0.8) ? 0 : 4,
			align: 0,
		});
		const advance = [
			setLocal(p, i32op("add", getLocal(p, "i32"), i32(r.chance(0.9) ? step : -step))),
			setLocal(q, i32op("add", getLocal(q, "i32"), i32(step))),
		];
		const init = [setLocal(p, at()), setLocal(q, at()), setLocal(n, count)];
		if (r.chance(0.5)) {
			const left = instruction("local.tee", ["i32"], [i32op("sub", getLocal(n, "i32"), i32(1))], { index: n });
			return instruction(
				"seq",
				[],
				[
					...init,
					instruction("loop", [], [], {
						label: again,
						params: [],
						body: [store, ...advance, instruction("br_if", [], [left], { targets: [again] })],
					}),
				],
			);
		}
		const body = [
			instruction("br_if", [], [i32op("eqz", getLocal(n, "i32"))], { targets: [out] }),
			store,
			...advance,
			setLocal(n, i32op("add", getLocal(n, "i32"), i32(-1))),
			instruction("br", [], [], { targets: [again] }),
		];
		return instruction(
			"seq",
			[],
			[
				...init,
				instruction("block", [], [], {
					label: out,
					params: [],
					body: [instruction("loop", [], [], { label: again, params: [], body })],
				}),
			],
		);
	}

	/**
	 * Loops whose turns are known where they begin, though not to a compiler, with accesses that may leave memory on
	 * the way, at either end: what is decided once, before the loop, must
	 * be right for each turn.
	 */
	private sweep(): Node {
		const r = this.random;
		if (this.loopDepth >= 2) return this.simple();
		const bytes = this.module.memory!.minimum * 65536;
		const get = (local: number): Node => getLocal(local, "i32");
		const add = (local: number, by: number): Node =>
			by < 0 && r.chance(0.3) ? i32op("sub", get(local), i32(-by)) : i32op("add", get(local), i32(by));
		const [i, p, q, k, n] = Array.from({ length: 5 }, () => this.newLocal("i32")) as [
			number,
			number,
			number,
			number,
			number,
		];
		/* Seldom more than memory has room for. */
		const turns = this.loopDepth === 0 && r.chance(0.01) ? 17000 : r.pick([1, 2, 3, 5, 16, 17, 20, 31, 40]);
		const by = r.pick([1, 1, 1, -1, -1, 4, 2, -4, 3, 12, -12]);
		const steps = [r.pick([1, 2, 4, 4, 8, 12, -1, -4, 0, by, -by]), r.pick([1, 4, 4, 8, -8, 0, by])];
		/*
		 * Where the first access is, so that one before the last, at it, or behind it is the first beyond an end of
		 * memory; or none.
		 */
		const place = (step: number): number => {
			const way = step * (turns - 1);
			const slack = r.pick([0, 0, 0, -1, -4, 1, 4, -step, step, -2 * step, 5 * step]);
			return r.weighted({ within: 50, top: 40, bottom: 12, middle: 6 }) === "within"
				? Math.max(0, -way) + r.below(1024)
				: r.pick([bytes - 4 - Math.max(0, way) - slack, Math.max(0, -way) + slack, bytes - 4 - (way >> 1)]);
		};
		/* A stride that misses the bound ends by a trap, or not at all: only where an access moves along. */
		const missed = by !== 1 && by !== -1 && r.chance(0.04) ? 1 : 0;
		const first = r.pick([0, 0, 1, 100, -by * turns, 0x7ffffff0, -3 * by]);
		const bound = first + by * turns + missed;
		const access = (): Node => {
			const offset = r.pick([0, 0, 0, 1, 4, 8, 100]);
			const address = r.pick([
				get(p),
				get(p),
				add(p, r.pick([1, 2, 4, 8, -4, -8])),
				get(q),
				i32op("add", get(k), get(i)),
				i32op("add", get(k), get(p)),
			]);
			if (r.chance(0.4)) return this.storeAt(this.pickStore(), address, offset, 1);
			const op = r.pick(["i32.load", "i32.load", "i32.load8_u", "i32.load16_s"]);
			const value = instruction(op, ["i32"], [address], { offset, align: this.align(op) });
			return setLocal(n, i32op(r.pick(["add", "xor"]), get(n), value));
		};
		const moves = [setLocal(p, add(p, missed ? 4 : steps[0]!)), setLocal(q, add(q, steps[1]!))].filter(
			(_, at) => (at === 0 && missed) || r.chance(0.85),
		);
		const others = (): Node[] => {
			const grow = r.chance(0.1)
				? [this.keep(instruction("memory.grow", ["i32"], [i32(turns <= 5 && !missed ? r.below(2) : 0)]))]
				: [];
			return [
				...grow,
				...Array.from({ length: r.between(0, 2) }, access),
				...(r.chance(0.15) ? [this.simple()] : []),
			];
		};
		const end = r.chance(0.5) ? i32(bound) : get(this.newLocal("i32"));
		const setup = [
			/* First, for it may assign any local. */
			...(r.chance(0.1) ? [this.keep(instruction("memory.grow", ["i32"], [i32(r.below(2))]))] : []),
			setLocal(p, this.secret(place(missed ? 4 : steps[0]!))),
			setLocal(q, this.secret(place(steps[1]!))),
			setLocal(k, this.secret(place(by) - first)),
			setLocal(i, r.chance(0.7) ? this.secret(first) : i32(first)),
			...(end.op === "local.get" ? [setLocal(end.index!, this.secret(bound))] : []),
		];
		const compare = missed
			? "ne"
			: r.pick(["ne", "ne", by > 0 ? "lt_s" : "gt_s", by > 0 && first >= 0 ? "lt_u" : "ne"]);
		const locals = [i, p, q, k, n, ...(end.op === "local.get" ? [end.index!] : [])];
		for (const local of locals) this.frozen.add(local);
		this.loopDepth++;
		const again: Label = { types: [], closed: true };
		const inner: Label = { types: [] };
		const always = missed ? [instruction("i32.store8", [], [get(p), get(i)], { offset: 0, align: 0 })] : [];
		const content = this.within(again, () => {
			const before = [...always, ...others(), ...(r.chance(0.5) ? moves : []), access()];
			const rest = before.includes(moves[0]!) ? [] : moves;
			const next = add(i, by);
			if (r.chance(0.65)) {
				const test = r.chance(0.7)
					? i32op(compare, instruction("local.tee", ["i32"], [next], { index: i }), end)
					: i32op(compare, get(i), end);
				const stepped = test.children[0]!.op === "local.tee" ? [] : [setLocal(i, next)];
				return [
					...before,
					...rest,
					...stepped,
					...others(),
					instruction("br_if", [], [test], { targets: [again] }),
				];
			}
			const test = i32op(compare, get(i), end);
			const body = this.within(inner, () => [
				...others(),
				...rest,
				setLocal(i, next),
				...others(),
				instruction("br", [], [], { targets: [again] }),
			]);
			return [...before, instruction("if", [], [test], { label: inner, params: [], body, otherwise: [] })];
		});
		this.loopDepth--;
		for (const local of locals) this.frozen.delete(local);
		return instruction(
			"seq",
			[],
			[...setup, instruction("loop", [], [], { label: again, params: [], body: content }), this.simple()],
		);
	}

	private switch(depth: number): Node {
		const r = this.random;
		/* Nested blocks with a br_table inside, or one to any labels with the same types. */
		if (r.chance(0.5)) {
			const label = r.pick(this.labels.filter((l) => this.mayLeave(l)).concat([{ types: [] }]));
			const own: Label = { types: label.types };
			const targets = [own, ...this.labels.filter((l) => this.mayLeave(l) && sameTypes(l.types, own.types))];
			const count = r.chance(0.05) ? r.pick([200, 600]) : r.below(8);
			const body = this.within(own, () => [
				instruction(
					"br_table",
					[],
					[
						...this.operands(own.types, depth - 2),
						r.chance(0.5) ? this.bounded(count + 2, 2) : this.expression("i32", depth - 2),
					],
					{
						targets: Array.from({ length: count + 1 }, () => r.pick(targets)),
					},
				),
			]);
			return this.keep(instruction("block", [...own.types], [], { label: own, params: [], body }));
		}
		const arms = r.between(2, 5);
		const labels = Array.from({ length: arms }, (): Label => ({ types: [] }));
		const end: Label = { types: [] };
		const build = (k: number): Node[] => {
			if (k === arms)
				return [
					instruction("br_table", [], [this.bounded(arms + 1, 2)], {
						targets: [...Array.from({ length: r.between(0, 9) }, () => r.pick(labels)), r.pick(labels)],
					}),
				];
			const label = labels[k]!;
			const inner = this.within(label, () => build(k + 1));
			return [
				instruction("block", [], [], { label, params: [], body: inner }),
				...this.statements(1, depth - 2),
				...(r.chance(0.6) ? [instruction("br", [], [], { targets: [end] })] : []),
			];
		};
		return instruction("block", [], [], { label: end, params: [], body: this.within(end, () => build(0)) });
	}

	private tableStatement(depth: number): Node {
		const r = this.random;
		const m = this.module;
		const changing = m.changingTables();
		if (!changing.length) return this.simple();
		const index = r.pick(changing);
		const { type, minimum } = m.tables[index]!;
		const count = (): Node => (r.chance(0.97) ? i32(r.below(3)) : this.expression("i32", depth - 1));
		const elements = m.elements.map((e, i) => i).filter((i) => m.elements[i]!.type === type);
		switch (
			r.weighted({
				set: 40,
				fill: 15,
				copy: 20,
				init: elements.length ? 15 : 0,
				drop: m.elements.length ? 4 : 0,
				grow: 6,
			})
		) {
			case "set":
				return instruction(
					"table.set",
					[],
					[this.tableIndex(index, depth - 1), this.expression(type, depth - 1)],
					{ index },
				);
			case "fill":
				return instruction(
					"table.fill",
					[],
					[this.tableIndex(index, depth - 1), this.expression(type, depth - 1), count()],
					{ index },
				);
			case "copy": {
				const others = m.tables.map((t, i) => i).filter((i) => m.tables[i]!.type === type);
				const source = r.pick(others);
				return instruction(
					"table.copy",
					[],
					[this.tableIndex(index, depth - 1), this.tableIndex(source, depth - 1), count()],
					{
						index,
						index2: source,
					},
				);
			}
			case "init": {
				const element = r.pick(elements);
				return instruction("table.init", [], [this.tableIndex(index, depth - 1), i32(r.below(3)), count()], {
					index: element,
					index2: index,
				});
			}
			case "drop":
				return instruction("elem.drop", [], [], { index: r.below(m.elements.length) });
			default:
				return this.keep(
					instruction("table.grow", ["i32"], [this.expression(type, 2), i32(r.below(minimum + 2))], {
						index,
					}),
				);
		}
	}

	private bulk(depth: number): Node {
		const r = this.random;
		const m = this.module;
		if (!m.memory) return this.simple();
		const count = (): Node =>
			r.chance(0.95) ? this.bounded(r.pick([4, 17, 64, 300]), 2) : this.expression("i32", depth - 1);
		const at = (): Node => {
			const [address, offset] = this.address(r.pick([1, 16, 64]), depth - 1);
			return r.chance(0.3) && offset ? i32op("add", address, i32(offset | 0)) : address;
		};
		switch (r.weighted({ fill: 30, copy: 40, init: m.data.length ? 20 : 0, drop: m.data.length ? 5 : 0 })) {
			case "fill":
				return instruction("memory.fill", [], [at(), this.expression("i32", 2), count()]);
			case "copy":
				return instruction("memory.copy", [], [at(), at(), count()]);
			case "init":
				return instruction("memory.init", [], [at(), i32(r.below(12)), count()], {
					index: r.below(m.data.length),
				});
			default:
				return instruction("data.drop", [], [], { index: r.below(m.data.length) });
		}
	}
}

function nonZero(node: Node): Node {
	if (node.value === 0) node.value = 7;
	else if (node.value === 0n) node.value = 7n;
	return node;
}

/** What the seed stands for. */
export class GeneratedCase {
	readonly generators: ModuleGenerator[] = [];

	constructor(
		readonly seed: number,
		options: GeneratorOptions = {},
	) {
		const random = new Random(seed);
		const count = options.alone ? 1 : random.weighted({ "1": 80, "2": 17, "3": 3 });
		for (let i = 0; i < Number(count); i++) {
			const generator = new ModuleGenerator(random, options, this.generators[i - 1]);
			generator.generate();
			this.generators.push(generator);
		}
		this.modules = this.generators.map((generator) => generator.finish());
		const steps = this.generators.flatMap((generator, module) => generator.steps.map((step) => ({ module, step })));
		if (this.generators.length > 1) steps.sort((a, b) => hash(seed, a.step) - hash(seed, b.step));
		this.steps = steps;
	}
	modules: GeneratedModule[];
	readonly steps: Case["steps"];

	/** After the trees were changed. */
	encodeAgain(): void {
		this.generators.forEach((generator, i) => {
			this.modules[i]!.canonical = generator.encode(true);
			this.modules[i]!.plain = generator.encode(false);
		});
	}
}

function hash(seed: number, step: Step): number {
	let h = seed | 0;
	for (const c of step.join()) h = Math.imul(h ^ c.charCodeAt(0), 0x01000193);
	return h;
}

export function generateCase(seed: number, options: GeneratorOptions = {}): GeneratedCase {
	return new GeneratedCase(seed, options);
}

/** One module without imports. */
export function generateModule(seed: number, options: GeneratorOptions = {}): Uint8Array {
	return new GeneratedCase(seed, { ...options, alone: true }).modules[0]!.plain;
}
