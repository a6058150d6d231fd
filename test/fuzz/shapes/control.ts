/* Blocks, ifs, branches through tables, and code that does not go on. */

import type { ValueType } from "../../support/wasm";
import type { FunctionGenerator } from "../function-generator";
import type { Label, Node } from "../tree";
import { instruction, sameTypes } from "../tree";
import { makesNan } from "../values";
import { bounded } from "./addresses";
import { canon, someCondition } from "./numbers";

/** Parameters for a block: operands before it, statements that take them at its beginning. */
export function blockParameters(
	g: FunctionGenerator,
	depth: number,
): { params: ValueType[]; operands: Node[]; takers: Node[] } {
	const r = g.random;
	if (!r.chance(0.2)) return { params: [], operands: [], takers: [] };
	const params = Array.from({ length: r.between(1, 3) }, () => g.module.valueType());
	return { params, operands: g.operands(params, depth - 1), takers: [] };
}

export function takeParameters(g: FunctionGenerator, params: ValueType[], depth: number): Node[] {
	const r = g.random;
	return [...params].reverse().map((type) => {
		const pending: Node = { op: "pending", results: [type], children: [] };
		if (r.chance(0.3)) return { op: "drop", results: [], children: [pending], fixed: true };
		let value = pending;
		if (type !== "funcref" && type !== "externref" && r.chance(0.5)) {
			const node = instruction(
				`${type}.${r.pick(["add", "mul", "sub"])}`,
				[type],
				[pending, g.expression(type, depth - 2)],
			);
			value = g.module.clean && makesNan(node.op) ? canon(g, node) : node;
		}
		return { op: "local.set", results: [], children: [value], index: g.settable(type), fixed: true };
	});
}

export function someBlock(g: FunctionGenerator, results: ValueType[], depth: number): Node {
	const r = g.random;
	const { params, operands } = blockParameters(g, depth);
	const label: Label = { types: results };
	/* Parameters may stay where they are and become the first results. */
	const stay =
		params.length > 0 &&
		params.length <= results.length &&
		sameTypes(params, results.slice(0, params.length)) &&
		r.chance(0.5);
	const body = g.within(label, () => {
		const takers = stay
			? params.map((type): Node => ({ op: "pending", results: [type], children: [], fixed: true }))
			: takeParameters(g, params, depth);
		return [
			...takers,
			...g.statements(r.small(4), depth - 1),
			...g.operands(stay ? results.slice(params.length) : results, depth - 1),
		];
	});
	return instruction("block", results, operands, { label, params, body });
}

export function someIf(g: FunctionGenerator, results: ValueType[], depth: number): Node {
	const r = g.random;
	const { params, operands } = blockParameters(g, depth);
	const label: Label = { types: results };
	const condition = someCondition(g, depth - 1);
	const arm = (): Node[] =>
		g.within(label, () => [
			...takeParameters(g, params, depth),
			...g.statements(r.small(3), depth - 1),
			...g.operands(results, depth - 1),
		]);
	const body = arm();
	const otherwise = results.length || params.length || r.chance(0.5) ? arm() : undefined;
	return instruction("if", results, [...operands, condition], { label, params, body, otherwise });
}

export function divergent(g: FunctionGenerator, type: ValueType, depth: number): Node {
	const r = g.random;
	const labels = g.labels.filter((label) => g.mayLeave(label));
	if (!labels.length || r.chance(0.1)) return instruction("unreachable", [type], []);
	const label = r.pick(labels);
	return instruction("br", [type], g.operands(label.types, depth - 1), { targets: [label] });
}

export function branchTable(g: FunctionGenerator, depth: number): Node {
	const r = g.random;
	/* Nested blocks with a br_table inside, or one to any labels with the same types. */
	if (r.chance(0.5)) {
		const label = r.pick(g.labels.filter((l) => g.mayLeave(l)).concat([{ types: [] }]));
		const own: Label = { types: label.types };
		const targets = [own, ...g.labels.filter((l) => g.mayLeave(l) && sameTypes(l.types, own.types))];
		const count = r.chance(0.05) ? r.pick([200, 600]) : r.below(8);
		const body = g.within(own, () => [
			instruction(
				"br_table",
				[],
				[
					...g.operands(own.types, depth - 2),
					r.chance(0.5) ? bounded(g, count + 2, 2) : g.expression("i32", depth - 2),
				],
				{
					targets: Array.from({ length: count + 1 }, () => r.pick(targets)),
				},
			),
		]);
		return g.keep(instruction("block", [...own.types], [], { label: own, params: [], body }));
	}
	const arms = r.between(2, 5);
	const labels = Array.from({ length: arms }, (): Label => ({ types: [] }));
	const end: Label = { types: [] };
	const build = (k: number): Node[] => {
		if (k === arms)
			return [
				instruction("br_table", [], [bounded(g, arms + 1, 2)], {
					targets: [...Array.from({ length: r.between(0, 9) }, () => r.pick(labels)), r.pick(labels)],
				}),
			];
		const label = labels[k]!;
		const inner = g.within(label, () => build(k + 1));
		return [
			instruction("block", [], [], { label, params: [], body: inner }),
			...g.statements(1, depth - 2),
			...(r.chance(0.6) ? [instruction("br", [], [], { targets: [end] })] : []),
		];
	};
	return instruction("block", [], [], { label: end, params: [], body: g.within(end, () => build(0)) });
}
