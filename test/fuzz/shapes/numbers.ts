/* Arithmetic, comparisons and NaNs. */

import type { ValueType } from "../../support/wasm";
import { NUMERIC_TYPES } from "../../support/wasm";
import type { FunctionGenerator } from "../function-generator";
import type { Node } from "../tree";
import { getLocal, i32, instruction, setLocal } from "../tree";
import { makesNan, nonZero, OPS_BY_RESULT } from "../values";

export function canon(g: FunctionGenerator, node: Node): Node {
	const type = node.results[0]!;
	g.scratch[type] ??= g.newLocal(type);
	/* The runtime itself makes NaNs canonical, but only those that an operation made. */
	return instruction("canon", [type], [node], { index: g.scratch[type], value: makesNan(node.op) ? 1 : 0 });
}

export function isDetermined(g: FunctionGenerator, node: Node): boolean {
	return g.module.clean || /\.(load|const|reinterpret_|convert_)/.test(node.op) || node.op === "canon";
}

/** The value as something that may look at its bits takes it. */
export function seen(g: FunctionGenerator, node: Node): Node {
	const type = node.results[0]!;
	return (type === "f32" || type === "f64") && !isDetermined(g, node) ? canon(g, node) : node;
}

export function someCondition(g: FunctionGenerator, depth: number): Node {
	const r = g.random;
	if (depth <= 0 || r.chance(0.15)) return g.leaf("i32");
	if (r.chance(0.7)) {
		const type = r.weighted<ValueType>({
			i32: 60,
			i64: 20,
			f32: g.module.floats ? 10 : 0,
			f64: g.module.floats ? 10 : 0,
		});
		const comparisons = OPS_BY_RESULT.get("i32")!.filter(
			(op) => op.startsWith(type) && /\.(eq|ne|lt|gt|le|ge|eqz)/.test(op),
		);
		return applyOp(g, r.pick(comparisons), depth);
	}
	return g.expression("i32", depth - 1);
}

export function someNumeric(g: FunctionGenerator, type: ValueType, depth: number): Node {
	const ops = OPS_BY_RESULT.get(type);
	if (!ops) return g.leaf(type);
	const r = g.random;
	for (;;) {
		const op = r.pick(ops);
		if (!g.module.floats && (type === "i32" || type === "i64") && /f32|f64/.test(op)) continue;
		/* Traps end a call: rather seldom. */
		if (/\.trunc_f/.test(op) && !r.chance(0.15)) continue;
		return applyOp(g, op, depth);
	}
}

export function applyOp(g: FunctionGenerator, op: string, depth: number): Node {
	const r = g.random;
	const { params, result } = NUMERIC_TYPES.get(op)!;
	const children = params.map((type, i) =>
		i === 1 && r.chance(0.35) ? g.module.constant(type) : g.expression(type, depth - 1),
	);
	if (params.length === 2 && r.chance(0.05)) children[1] = g.leaf(params[1]!);
	if (/\.(div|rem)_/.test(op) && !r.chance(0.08)) {
		/* A divisor that is not zero; constants of all kinds among them. */
		const type = params[1]!;
		children[1] = r.chance(0.4)
			? nonZero(g.module.constant(type))
			: instruction(
					`${type}.or`,
					[type],
					[children[1]!, type === "i64" ? instruction("i64.const", ["i64"], [], { value: 1n }) : i32(1)],
				);
	}
	if (/copysign/.test(op)) children[1] = seen(g, children[1]!);
	if (/reinterpret_f/.test(op)) children[0] = seen(g, children[0]!);
	const node = instruction(op, [result], children);
	return g.module.clean && makesNan(op) ? canon(g, node) : node;
}

/** Many operands alive at once. */
export function nestedOperands(g: FunctionGenerator, type: ValueType, count: number): Node {
	const r = g.random;
	if (type === "funcref" || type === "externref") return g.leaf(type);
	const ops =
		type === "i32" || type === "i64"
			? ["add", "sub", "xor", "mul", "and", "or"]
			: ["add", "sub", "mul", "min", "max"];
	let node = g.expression(type, 3);
	for (let i = 0; i < count; i++) {
		const outer = instruction(
			`${type}.${r.pick(ops)}`,
			[type],
			[r.chance(0.7) ? g.leaf(type) : g.expression(type, 1), node],
		);
		node = g.module.clean && makesNan(outer.op) ? canon(g, outer) : outer;
	}
	return node;
}

/** Straight code of many small statements. */
export function straightCode(g: FunctionGenerator, count: number): Node[] {
	const r = g.random;
	const nodes: Node[] = [];
	for (let i = 0; i < count && g.budget > -1000; i++) {
		g.budget--;
		const type = r.pick<ValueType>(["i32", "i32", "i64", g.module.floats ? "f64" : "i32"]);
		const index = g.settable(type);
		if (g.frozen.has(index)) continue;
		const node = instruction(
			`${type}.${r.pick(["add", "sub", "mul"])}`,
			[type],
			[getLocal(index, type), g.module.constant(type)],
		);
		nodes.push(setLocal(index, g.module.clean && makesNan(node.op) ? canon(g, node) : node));
	}
	return nodes;
}

/** Locals handed round: copies and parallel moves. */
export function swapLocals(g: FunctionGenerator): Node {
	const r = g.random;
	const type = r.pick(g.locals.length ? g.locals : (["i32"] as ValueType[]));
	const a = g.settable(type);
	const b = g.settable(type);
	if (g.frozen.has(a) || g.frozen.has(b)) return instruction("nop", [], []);
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
export function sumsOfProducts(g: FunctionGenerator): Node {
	const r = g.random;
	const type = r.pick<ValueType>(g.module.floats ? ["i32", "f32", "f64", "f64"] : ["i32"]);
	const product = (): Node => instruction(`${type}.mul`, [type], [g.leaf(type), g.leaf(type)]);
	const nodes: Node[] = [];
	for (let n = r.between(2, 6); n > 0; n--) {
		const children = r.pick([
			[product(), g.leaf(type)],
			[g.leaf(type), product()],
			[product(), product()],
		]);
		const sum = instruction(`${type}.${r.pick(["add", "add", "sub"])}`, [type], children);
		const value = g.module.clean && type !== "i32" ? canon(g, sum) : sum;
		const index = g.settable(type);
		nodes.push(g.frozen.has(index) ? instruction("drop", [], [value]) : setLocal(index, value));
	}
	return instruction("seq", [], nodes);
}
