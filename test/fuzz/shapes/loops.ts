/* Loops: by fuel, with a count, and those that provers and loop versioning look at. */

import type { ValueType } from "../../support/wasm";
import { LOADS } from "../../support/wasm";
import type { FunctionGenerator } from "../function-generator";
import type { Label, Node } from "../tree";
import { getLocal, i32, i32op, instruction, setLocal, zeros } from "../tree";
import { bounded, pickAddress, secretConstant } from "./addresses";
import { blockParameters, someBlock, takeParameters } from "./control";
import { pickAlignment, pickStore, storeAt } from "./memory";
import { someCondition } from "./numbers";

/** A loop that ends by fuel. */
export function fuelLoop(g: FunctionGenerator, results: ValueType[], depth: number): Node {
	if (g.info.leaf || g.loopDepth >= 3) return someBlock(g, results, depth);
	const r = g.random;
	const m = g.module;
	const { params, operands } = blockParameters(g, depth);
	const out: Label = { types: results };
	const again: Label = { types: params };
	g.loopDepth++;
	const body = g.within(out, () => {
		const nodes = g.within(again, () => {
			/* Nothing may branch back before fuel is burnt. */
			again.closed = true;
			const taken = takeParameters(g, params, depth);
			again.closed = false;
			return [
				...taken,
				instruction("if", [], [i32op("eqz", g.getGlobal(m.fuel))], {
					label: { types: [] },
					params: [],
					body: [instruction("br", [], zeros(results), { targets: [out] })],
				}),
				g.burn(),
				...g.statements(r.between(1, 4), depth - 1),
				r.chance(0.7) ? backBranch(g, again, depth) : instruction("nop", [], []),
				...g.operands(results, depth - 1),
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
	g.loopDepth--;
	return instruction("block", results, operands, { label: out, params, body });
}

export function backBranch(g: FunctionGenerator, again: Label, depth: number): Node {
	const children = [...g.operands(again.types, depth - 1), someCondition(g, depth - 1)];
	const branch = instruction("br_if", [...again.types], children, { targets: [again] });
	return g.dropAll(branch);
}

/** A loop that counts a local from a constant to a constant, with accesses at it. */
export function countedLoop(g: FunctionGenerator, depth: number): Node {
	const r = g.random;
	if (g.loopDepth >= 2) return g.simple();
	const memory = g.module.memory;
	const bytes = (memory?.minimum ?? 1) * 65536;
	const i = g.newLocal("i32");
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
	g.frozen.add(i);
	g.inductions.push(i);
	g.loopDepth++;
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
						? i32op("add", at(), bounded(g, 64, 1))
						: at();
				if (r.chance(0.5)) {
					inner.push(storeAt(g, pickStore(g), base, offset, 2));
				} else {
					const type = r.pick<ValueType>(["i32", "i64"]);
					const op = r.pick(LOADS.filter((name) => name.startsWith(type)));
					const index = g.settable(type);
					const sum = instruction(
						`${type}.add`,
						[type],
						[
							getLocal(index, type),
							instruction(op, [type], [base], { offset, align: pickAlignment(g, op) }),
						],
					);
					inner.push(g.frozen.has(index) ? instruction("drop", [], [sum]) : setLocal(index, sum));
				}
			} else {
				inner.push(g.statement(Math.min(depth - 1, 3)));
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
		const sum = g.newLocal("i32");
		const grown = g.newLocal("i32");
		const wraps = r.chance(0.3);
		const raised = instruction("local.tee", ["i32"], [i32op("add", getLocal(i, "i32"), i32(step))], {
			index: sum,
		});
		const test = wraps ? i32op("eqz", getLocal(grown, "i32")) : getLocal(grown, "i32");
		const content = g.within(again, () => [
			...body(),
			setLocal(grown, i32op(wraps ? "lt_u" : "ge_u", raised, getLocal(i, "i32"))),
			setLocal(i, getLocal(sum, "i32")),
			instruction("br_if", [], [test], { targets: [again] }),
		]);
		nodes.push(instruction("loop", [], [], { label: again, params: [], body: content }));
	} else if (step > 0 && r.chance(0.2)) {
		/* Tested before the step. */
		const left = g.newLocal("i32");
		const content = g.within(again, () => [
			...body(),
			setLocal(left, i32op(r.pick(["ne", "lt_s", "lt_u"]), getLocal(i, "i32"), i32(end - step))),
			setLocal(i, i32op("add", getLocal(i, "i32"), i32(step))),
			instruction("br_if", [], [getLocal(left, "i32")], { targets: [again] }),
		]);
		nodes.push(instruction("loop", [], [], { label: again, params: [], body: content }));
	} else if (r.chance(0.5)) {
		/* Test at the bottom. */
		const content = g.within(again, () => [
			...body(),
			next,
			instruction("br_if", [], [more()], { targets: [again] }),
		]);
		nodes.push(instruction("loop", [], [], { label: again, params: [], body: content }));
	} else {
		const content = g.within(out, () =>
			g.within(again, () => [
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
	g.loopDepth--;
	g.inductions.pop();
	g.frozen.delete(i);
	return instruction("seq", [], nodes);
}

/** Copy and fill loops with pointers in locals and a count that is known only at run time. */
export function copyLoop(g: FunctionGenerator): Node {
	const r = g.random;
	if (g.loopDepth >= 2) return g.simple();
	const p = g.newLocal("i32");
	const q = g.newLocal("i32");
	const n = g.newLocal("i32");
	const wide = r.chance(0.3);
	const step = wide ? 4 : 1;
	const count = i32op("add", i32op("and", g.leaf("i32"), i32(r.pick([3, 7, 15, 31]))), i32(1));
	const at = (): Node => {
		const [address, offset] = pickAddress(g, step, 3);
		return offset ? i32op("add", address, i32(offset | 0)) : address;
	};
	const again: Label = { types: [] };
	const out: Label = { types: [] };
	const value = r.chance(0.6)
		? instruction(wide ? "i32.load" : "i32.load8_u", ["i32"], [getLocal(q, "i32")], {
				offset: r.chance(0.8) ? 0 : 4,
				align: 0,
			})
		: g.leaf("i32");
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
export function sweep(g: FunctionGenerator): Node {
	const r = g.random;
	if (g.loopDepth >= 2) return g.simple();
	const bytes = g.module.memory!.minimum * 65536;
	const get = (local: number): Node => getLocal(local, "i32");
	const add = (local: number, by: number): Node =>
		by < 0 && r.chance(0.3) ? i32op("sub", get(local), i32(-by)) : i32op("add", get(local), i32(by));
	const [i, p, q, k, n] = Array.from({ length: 5 }, () => g.newLocal("i32")) as [
		number,
		number,
		number,
		number,
		number,
	];
	/* Seldom more than memory has room for. */
	const turns = g.loopDepth === 0 && r.chance(0.01) ? 17000 : r.pick([1, 2, 3, 5, 16, 17, 20, 31, 40]);
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
		if (r.chance(0.4)) return storeAt(g, pickStore(g), address, offset, 1);
		const op = r.pick(["i32.load", "i32.load", "i32.load8_u", "i32.load16_s"]);
		const value = instruction(op, ["i32"], [address], { offset, align: pickAlignment(g, op) });
		return setLocal(n, i32op(r.pick(["add", "xor"]), get(n), value));
	};
	const moves = [setLocal(p, add(p, missed ? 4 : steps[0]!)), setLocal(q, add(q, steps[1]!))].filter(
		(_, at) => (at === 0 && missed) || r.chance(0.85),
	);
	const others = (): Node[] => {
		const grow = r.chance(0.1)
			? [g.keep(instruction("memory.grow", ["i32"], [i32(turns <= 5 && !missed ? r.below(2) : 0)]))]
			: [];
		return [...grow, ...Array.from({ length: r.between(0, 2) }, access), ...(r.chance(0.15) ? [g.simple()] : [])];
	};
	const end = r.chance(0.5) ? i32(bound) : get(g.newLocal("i32"));
	const setup = [
		/* First, for it may assign any local. */
		...(r.chance(0.1) ? [g.keep(instruction("memory.grow", ["i32"], [i32(r.below(2))]))] : []),
		setLocal(p, secretConstant(g, place(missed ? 4 : steps[0]!))),
		setLocal(q, secretConstant(g, place(steps[1]!))),
		setLocal(k, secretConstant(g, place(by) - first)),
		setLocal(i, r.chance(0.7) ? secretConstant(g, first) : i32(first)),
		...(end.op === "local.get" ? [setLocal(end.index!, secretConstant(g, bound))] : []),
	];
	const compare = missed
		? "ne"
		: r.pick(["ne", "ne", by > 0 ? "lt_s" : "gt_s", by > 0 && first >= 0 ? "lt_u" : "ne"]);
	const locals = [i, p, q, k, n, ...(end.op === "local.get" ? [end.index!] : [])];
	for (const local of locals) g.frozen.add(local);
	g.loopDepth++;
	const again: Label = { types: [], closed: true };
	const inner: Label = { types: [] };
	const always = missed ? [instruction("i32.store8", [], [get(p), get(i)], { offset: 0, align: 0 })] : [];
	const content = g.within(again, () => {
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
		const body = g.within(inner, () => [
			...others(),
			...rest,
			setLocal(i, next),
			...others(),
			instruction("br", [], [], { targets: [again] }),
		]);
		return [...before, instruction("if", [], [test], { label: inner, params: [], body, otherwise: [] })];
	});
	g.loopDepth--;
	for (const local of locals) g.frozen.delete(local);
	return instruction(
		"seq",
		[],
		[...setup, instruction("loop", [], [], { label: again, params: [], body: content }), g.simple()],
	);
}
