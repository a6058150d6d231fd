/* Loads, stores, and operations on whole pieces of memory. */

import type { ValueType } from "../../support/wasm";
import { accessSize, LOADS, STORES } from "../../support/wasm";
import type { FunctionGenerator } from "../function-generator";
import type { Label, Node } from "../tree";
import { getLocal, i32, i32op, instruction, setLocal } from "../tree";
import { bounded, pickAddress, secretConstant, staticAddress } from "./addresses";
import { seen, someCondition } from "./numbers";

export function pickAlignment(g: FunctionGenerator, op: string): number {
	return g.random.below(Math.log2(accessSize(op)) + 1);
}

export function someLoad(g: FunctionGenerator, type: ValueType, depth: number): Node | undefined {
	if (!g.module.memory || type === "funcref" || type === "externref") return undefined;
	const op = g.random.pick(LOADS.filter((name) => name.startsWith(type)));
	const [address, offset] = pickAddress(g, accessSize(op), depth);
	return instruction(op, [type], [address], { offset, align: pickAlignment(g, op) });
}

export function storeAt(g: FunctionGenerator, op: string, address: Node, offset: number, depth: number): Node {
	const type = op.slice(0, 3) as ValueType;
	return instruction(op, [], [address, seen(g, g.expression(type, depth - 1))], {
		offset,
		align: pickAlignment(g, op),
	});
}

export function pickStore(g: FunctionGenerator): string {
	return g.random.pick(g.module.floats ? STORES : STORES.filter((name) => name.startsWith("i")));
}

export function someGrow(g: FunctionGenerator, depth: number): Node | undefined {
	const r = g.random;
	const m = g.module;
	const changing = m.changingTables();
	if (changing.length && (!m.memory || r.chance(0.4))) {
		const index = r.pick(changing);
		return instruction(
			"table.grow",
			["i32"],
			/* Beyond every engine's limit, or far below. */
			[
				g.expression(m.tables[index]!.type, depth - 1),
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

/** Accesses around one address in a local: what "already checked" provers look at. */
export function accessCluster(g: FunctionGenerator, depth: number): Node {
	const r = g.random;
	const p = g.settable("i32");
	const q = g.settable("i32");
	const bytes = g.module.memory!.minimum * 65536;
	const [address, extra] = pickAddress(g, 8, depth);
	/* A record of a size that is a power of 2, around the end of memory. */
	const records = (size: number): Node =>
		i32op("shl", secretConstant(g, (bytes >> size) + r.between(-2, 1)), i32(size));
	const nodes: Node[] = [
		setLocal(p, r.chance(0.2) ? records(r.between(1, 4)) : extra ? i32op("add", address, i32(extra | 0)) : address),
	];
	const fixed = r.chance(0.2) ? staticAddress(g, bytes, 80) : -1;
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
				const index = g.settable(type);
				const value = instruction(op, [type], [locate(root)], { offset, align: pickAlignment(g, op) });
				nodes.push(index === p || index === q ? instruction("drop", [], [value]) : setLocal(index, value));
				break;
			}
			case "store":
				nodes.push(storeAt(g, pickStore(g), locate(root), offset, 2));
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
					instruction("if", [], [someCondition(g, 2)], {
						label: { types: [] },
						params: [],
						body: [
							r.chance(0.6)
								? storeAt(g, pickStore(g), locate(root), offset, 1)
								: setLocal(p, g.expression("i32", 2)),
						],
						otherwise: r.chance(0.3) ? [storeAt(g, pickStore(g), locate(root), r.below(16), 1)] : undefined,
					}),
				);
				break;
			case "block": {
				const label: Label = { types: [] };
				const inner = g.within(label, () => [
					instruction("br_if", [], [someCondition(g, 2)], { targets: [label] }),
					storeAt(g, pickStore(g), locate(root), offset, 1),
				]);
				nodes.push(instruction("block", [], [], { label, params: [], body: inner }));
				break;
			}
			default:
				nodes.push(g.statement(1));
		}
	}
	return instruction("seq", [], nodes);
}

/** Accesses under a comparison of their address. */
export function guardedAccesses(g: FunctionGenerator, depth: number): Node {
	const r = g.random;
	const p = g.settable("i32");
	const bytes = g.module.memory!.minimum * 65536;
	const bound = r.chance(0.5) ? bytes - r.pick([0, 1, 2, 4, 8, 16]) : r.below(bytes + 1);
	const nodes: Node[] = [];
	if (!g.frozen.has(p) && r.chance(0.7))
		nodes.push(
			setLocal(p, r.chance(0.5) ? bounded(g, Math.max(1, bytes + 16), depth - 1) : g.expression("i32", 2)),
		);
	const offset = Math.max(0, bytes - bound - r.pick([1, 2, 4, 8]) + r.pick([0, 0, 1]));
	const accesses = (): Node[] =>
		Array.from({ length: r.between(1, 3) }, () => {
			const at = r.chance(0.6) ? offset : r.below(16);
			return r.chance(0.5)
				? storeAt(g, pickStore(g), getLocal(p, "i32"), at, 1)
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
				body: g.within(label, () => [instruction("br_if", [], [negated], { targets: [label] }), ...accesses()]),
			}),
		);
	}
	return instruction("seq", [], nodes);
}

export function bulkOperation(g: FunctionGenerator, depth: number): Node {
	const r = g.random;
	const m = g.module;
	if (!m.memory) return g.simple();
	const count = (): Node =>
		r.chance(0.95) ? bounded(g, r.pick([4, 17, 64, 300]), 2) : g.expression("i32", depth - 1);
	const at = (): Node => {
		const [address, offset] = pickAddress(g, r.pick([1, 16, 64]), depth - 1);
		return r.chance(0.3) && offset ? i32op("add", address, i32(offset | 0)) : address;
	};
	switch (r.weighted({ fill: 30, copy: 40, init: m.data.length ? 20 : 0, drop: m.data.length ? 5 : 0 })) {
		case "fill":
			return instruction("memory.fill", [], [at(), g.expression("i32", 2), count()]);
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
