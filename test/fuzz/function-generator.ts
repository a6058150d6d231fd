/*
 * Generates a function's body: which expressions and statements there are, and the state that they share. What they
 * are made of is in shapes.
 */

import type { ValueType } from "../support/wasm";
import { accessSize, VALUE_TYPES } from "../support/wasm";
import type { FunctionInfo, ModuleGenerator } from "./module-generator";
import type { Expression, Statement } from "./profiles";
import {
	EXPRESSION_WEIGHTS,
	only,
	PROFILES,
	STATEMENT_WEIGHTS,
	STRAIGHT_EXPRESSIONS,
	STRAIGHT_STATEMENTS,
} from "./profiles";
import type { Random } from "./random";
import { bounded, pickAddress } from "./shapes/addresses";
import { calleesOf, callOf, indirectCall, mayCall, tableIndex, tableStatement, tailCall } from "./shapes/calls";
import { branchTable, divergent, someBlock, someIf } from "./shapes/control";
import { copyLoop, countedLoop, fuelLoop, sweep } from "./shapes/loops";
import { accessCluster, bulkOperation, guardedAccesses, pickStore, someGrow, someLoad, storeAt } from "./shapes/memory";
import {
	nestedOperands,
	seen,
	someCondition,
	someNumeric,
	straightCode,
	sumsOfProducts,
	swapLocals,
} from "./shapes/numbers";
import type { Label, Node } from "./tree";
import { FIXED_DROP, getLocal, i32, i32op, instruction, sameTypes, setLocal, zeros } from "./tree";

export class FunctionGenerator {
	readonly random: Random;
	readonly locals: ValueType[];
	readonly labels: Label[] = [];
	/** Locals that loops count with: not set by other code. */
	readonly frozen = new Set<number>();
	/** Locals that hold a small, non-negative number while frozen. */
	readonly inductions: number[] = [];
	private readonly expressionWeights: Record<Expression, number>;
	private readonly statementWeights: Record<Statement, number>;
	readonly scratch: Partial<Record<ValueType, number>> = {};
	/** The function's own label. */
	readonly outer: Label;
	loopDepth = 0;

	constructor(
		readonly module: ModuleGenerator,
		readonly info: FunctionInfo,
		readonly index: number,
		public budget: number,
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

	getGlobal(index: number): Node {
		return instruction("global.get", [this.module.globals[index]!.type], [], { index });
	}

	burn(): Node {
		const { fuel } = this.module;
		return instruction("global.set", [], [i32op("sub", this.getGlobal(fuel), i32(1))], { index: fuel });
	}

	leaveDepth(): Node {
		const { depth } = this.module;
		return instruction("global.set", [], [i32op("sub", this.getGlobal(depth), i32(1))], { index: depth });
	}

	/* ---------- locals ---------- */

	newLocal(type: ValueType): number {
		return this.locals.push(type) - 1;
	}

	localOf(type: ValueType, settable: boolean): number | undefined {
		const list: number[] = [];
		const reserved = [this.scratch.f32, this.scratch.f64];
		for (let i = 0; i < this.locals.length; i++) {
			if (this.locals[i] === type && !(settable && this.frozen.has(i)) && !reserved.includes(i)) list.push(i);
		}
		if (!list.length) return undefined;
		/* The first few often, so that values flow. */
		return this.random.chance(0.5) ? list[this.random.below(Math.min(3, list.length))] : this.random.pick(list);
	}

	settable(type: ValueType): number {
		return this.localOf(type, true) ?? this.newLocal(type);
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
	group(types: readonly ValueType[], depth: number): Node | undefined {
		if (depth <= 0 || this.budget <= 0) return undefined;
		switch (this.random.weighted({ block: 4, if: 3, loop: 1, call: 2, branch: 3 })) {
			case "block":
				return someBlock(this, [...types], depth);
			case "if":
				return someIf(this, [...types], depth);
			case "loop":
				return fuelLoop(this, [...types], depth);
			case "call": {
				const callees = calleesOf(this, types);
				return callees.length ? callOf(this, this.random.pick(callees), depth) : undefined;
			}
			default: {
				const labels = this.labels.filter((label) => sameTypes(label.types, types) && this.mayLeave(label));
				if (!labels.length) return undefined;
				const label = this.random.pick(labels);
				return instruction(
					"br_if",
					[...types],
					[...this.operands(types, depth - 1), someCondition(this, depth - 1)],
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
					return bounded(this, m.memory ? m.memory.minimum * 65536 : 1000, depth - 1);
				return this.leaf(type);
			case "global": {
				const list = m.globals
					.map((g, i) => i)
					.filter((i) => m.globals[i]!.type === type && (!m.globals[i]!.reserved || r.chance(0.02)));
				return list.length ? this.getGlobal(r.pick(list)) : this.leaf(type);
			}
			case "numeric":
				return someNumeric(this, type, depth);
			case "load":
				return someLoad(this, type, depth) ?? this.leaf(type);
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
					[
						this.expression(type, depth - 1),
						this.expression(type, depth - 1),
						someCondition(this, depth - 1),
					],
					reference || r.chance(0.1) ? { type: VALUE_TYPES[type] } : {},
				);
			}
			case "block":
				return someBlock(this, [type], depth);
			case "if":
				return someIf(this, [type], depth);
			case "loop":
				return fuelLoop(this, [type], depth);
			case "call": {
				const callees = calleesOf(this, [type]);
				return callees.length ? callOf(this, r.pick(callees), depth) : someNumeric(this, type, depth);
			}
			case "indirect":
				return indirectCall(this, [type], depth) ?? someNumeric(this, type, depth);
			case "branch": {
				const labels = this.labels.filter((label) => sameTypes(label.types, [type]) && this.mayLeave(label));
				if (!labels.length) return someNumeric(this, type, depth);
				return instruction(
					"br_if",
					[type],
					[this.expression(type, depth - 1), someCondition(this, depth - 1)],
					{
						targets: [r.pick(labels)],
					},
				);
			}
			case "sequence":
				return r.chance(0.5)
					? instruction("seq", [type], [this.statement(depth - 1), this.expression(type, depth - 1)])
					: instruction("seq", [type], [this.expression(type, depth - 1), this.statement(depth - 1)]);
			case "nest":
				return nestedOperands(this, type, r.between(3, m.profile === "pressure" ? 30 : 10));
			case "size":
				if (type !== "i32") return this.leaf(type);
				if (m.tables.length && (!m.memory || r.chance(0.4)))
					return instruction("table.size", ["i32"], [], { index: r.below(m.tables.length) });
				return m.memory ? instruction("memory.size", ["i32"], []) : this.leaf(type);
			case "grow":
				if (type !== "i32") return this.leaf(type);
				return someGrow(this, depth) ?? this.leaf(type);
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
				return instruction("table.get", [type], [tableIndex(this, index, depth - 1)], { index });
			}
			case "divergent":
				return divergent(this, type, depth);
			default:
				return this.leaf(type);
		}
	}

	leaf(type: ValueType): Node {
		const index = this.random.chance(0.7) ? this.localOf(type, false) : undefined;
		return index === undefined ? this.module.constant(type) : getLocal(index, type);
	}

	/* ---------- control ---------- */

	/**
	 * Whether any code may branch to the label: not back where a loop counts without fuel, nor past the end of a
	 * function that calls.
	 */
	mayLeave(label: Label): boolean {
		return !label.closed && (label !== this.outer || this.info.leaf);
	}

	within<T>(label: Label, action: () => T): T {
		this.labels.push(label);
		const result = action();
		this.labels.pop();
		return result;
	}

	dropAll(node: Node): Node {
		return node.results.length ? instruction("seq", [], [node, ...node.results.map(() => FIXED_DROP)]) : node;
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
				return instruction("global.set", [], [seen(this, this.expression(m.globals[index]!.type, depth - 1))], {
					index,
				});
			}
			case "store": {
				if (!m.memory) return this.simple();
				const op = pickStore(this);
				const [address, offset] = pickAddress(this, accessSize(op), depth);
				return storeAt(this, op, address, offset, depth);
			}
			case "products":
				return sumsOfProducts(this);
			case "cluster":
				return m.memory ? accessCluster(this, depth) : this.simple();
			case "guard":
				return m.memory ? guardedAccesses(this, depth) : this.simple();
			case "counted":
				return countedLoop(this, depth);
			case "copy":
				return m.memory ? copyLoop(this) : countedLoop(this, depth);
			case "sweep":
				return m.memory ? sweep(this) : this.simple();
			case "fuel":
				return fuelLoop(this, [], depth);
			case "if":
				return someIf(this, [], depth);
			case "block": {
				const types = m.someTypes(2);
				return this.keep(someBlock(this, types, depth));
			}
			case "branch": {
				const labels = this.labels.filter((label) => this.mayLeave(label));
				if (!labels.length) return this.simple();
				const label = r.pick(labels);
				return this.dropAll(
					instruction(
						"br_if",
						[...label.types],
						[...this.operands(label.types, depth - 1), someCondition(this, depth - 1)],
						{ targets: [label] },
					),
				);
			}
			case "switch":
				return branchTable(this, depth);
			case "table":
				return tableStatement(this, depth);
			case "call": {
				const list = m.functions.map((f, i) => i).filter((i) => mayCall(this, m.functions[i]!, i));
				if (r.chance(0.3)) {
					const node = indirectCall(this, undefined, depth);
					if (node) return this.keep(node);
				}
				return list.length ? this.keep(callOf(this, r.pick(list), depth)) : this.simple();
			}
			case "bulk":
				return bulkOperation(this, depth);
			case "drop":
				return instruction("drop", [], [this.expression(m.valueType(), depth)]);
			case "grow": {
				const node = someGrow(this, depth);
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
					: instruction("if", [], [someCondition(this, depth - 1)], {
							label: { types: [] },
							params: [],
							body: [leave, ...(r.chance(0.2) ? this.statements(1, 1) : [])],
						});
			}
			case "tail":
				return tailCall(this, depth);
			case "chain":
				return swapLocals(this);
			case "long":
				/* Code enough between here and there to pass the range of short branches and literals. */
				return instruction("if", [], [someCondition(this, 2)], {
					label: { types: [] },
					params: [],
					body: straightCode(this, r.pick([20, 60, 250, m.profile === "wide" ? 1200 : 100])),
				});
			default:
				return instruction("nop", [], []);
		}
	}

	simple(): Node {
		const type = this.random.pick<ValueType>(["i32", "i32", "i64"]);
		const index = this.settable(type);
		return this.frozen.has(index) ? instruction("nop", [], []) : setLocal(index, this.leaf(type));
	}

	/** Statement out of a node with results: dropped, or into locals. */
	keep(node: Node): Node {
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
}
