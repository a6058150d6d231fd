/* Calls, direct and through tables, and what else concerns tables. */

import type { FunctionType, ValueType } from "../../support/wasm";
import type { FunctionGenerator } from "../function-generator";
import type { FunctionInfo } from "../module-generator";
import type { Node } from "../tree";
import { i32, i32op, instruction, sameTypes } from "../tree";
import { bounded, hiddenConstant } from "./addresses";
import { someCondition } from "./numbers";

export function mayCall(g: FunctionGenerator, f: FunctionInfo, index: number): boolean {
	if (f.hidden || g.info.small) return false;
	if (!g.info.leaf || f.small) return true;
	/* Calls of leaves within loops of leaves would multiply. */
	return f.leaf && index > g.index && !g.loopDepth;
}

export function calleesOf(g: FunctionGenerator, results: readonly ValueType[]): number[] {
	const m = g.module;
	const list: number[] = [];
	m.functions.forEach((f, i) => {
		if (sameTypes(f.type.results, results) && mayCall(g, f, i)) list.push(i);
	});
	return list;
}

export function callOf(g: FunctionGenerator, index: number, depth: number): Node {
	const type = g.module.functions[index]!.type;
	return instruction("call", [...type.results], g.operands(type.params, depth - 2), { index });
}

export function tableIndex(g: FunctionGenerator, table: number, depth: number): Node {
	const r = g.random;
	const { minimum } = g.module.tables[table]!;
	return r.chance(0.97) && minimum > 0 ? bounded(g, minimum, Math.min(depth, 2)) : g.expression("i32", depth - 1);
}

export function indirectCall(
	g: FunctionGenerator,
	results: readonly ValueType[] | undefined,
	depth: number,
	tail = false,
): Node | undefined {
	const r = g.random;
	const m = g.module;
	if (g.info.leaf) return undefined;
	const choices: { table: number; slot: number; type: FunctionType }[] = [];
	m.tables.forEach((table, index) => {
		if (table.type === "funcref")
			table.slots.forEach((f, slot) => {
				const type = f === undefined ? undefined : m.functions[f]!.type;
				if (type && (!results || sameTypes(type.results, results))) choices.push({ table: index, slot, type });
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
				? hiddenConstant(g, slot)
				: i32op("add", i32op("and", g.leaf("i32"), i32(1)), i32(slot));
		return instruction(
			name,
			tail ? [] : [...type.results],
			[...g.operands(type.params, depth - 2), ...(tail ? [g.leaveDepth()] : []), index],
			{ index: table, type: m.typeIndex(type) },
		);
	}
	if (!results || tail || !r.chance(0.1)) return undefined;
	const type: FunctionType = { params: m.someTypes(2), results: [...results] };
	const table = r.pick(tables);
	return instruction(name, [...results], [...g.operands(type.params, depth - 2), tableIndex(g, table, depth)], {
		index: table,
		type: m.typeIndex(type),
	});
}

/** Within an if: all that follows a tail call is dead. */
export function tailCall(g: FunctionGenerator, depth: number): Node {
	const r = g.random;
	if (g.info.leaf) return g.simple();
	const results = g.info.type.results;
	let node: Node | undefined;
	if (r.chance(0.4)) {
		node = indirectCall(g, results, depth, true);
	} else {
		const callees = calleesOf(g, results);
		if (callees.length) {
			const index = r.pick(callees);
			const { params } = g.module.functions[index]!.type;
			node = instruction("return_call", [], [...g.operands(params, depth - 2), g.leaveDepth()], { index });
		}
	}
	if (!node) return g.simple();
	const condition = someCondition(g, depth - 1);
	return instruction("if", [], [condition], { label: { types: [] }, params: [], body: [node] });
}

export function tableStatement(g: FunctionGenerator, depth: number): Node {
	const r = g.random;
	const m = g.module;
	const changing = m.changingTables();
	if (!changing.length) return g.simple();
	const index = r.pick(changing);
	const { type, minimum } = m.tables[index]!;
	const count = (): Node => (r.chance(0.97) ? i32(r.below(3)) : g.expression("i32", depth - 1));
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
			return instruction("table.set", [], [tableIndex(g, index, depth - 1), g.expression(type, depth - 1)], {
				index,
			});
		case "fill":
			return instruction(
				"table.fill",
				[],
				[tableIndex(g, index, depth - 1), g.expression(type, depth - 1), count()],
				{ index },
			);
		case "copy": {
			const others = m.tables.map((t, i) => i).filter((i) => m.tables[i]!.type === type);
			const source = r.pick(others);
			return instruction(
				"table.copy",
				[],
				[tableIndex(g, index, depth - 1), tableIndex(g, source, depth - 1), count()],
				{
					index,
					index2: source,
				},
			);
		}
		case "init": {
			const element = r.pick(elements);
			return instruction("table.init", [], [tableIndex(g, index, depth - 1), i32(r.below(3)), count()], {
				index: element,
				index2: index,
			});
		}
		case "drop":
			return instruction("elem.drop", [], [], { index: r.below(m.elements.length) });
		default:
			return g.keep(
				instruction("table.grow", ["i32"], [g.expression(type, 2), i32(r.below(minimum + 2))], {
					index,
				}),
			);
	}
}
