/* Addresses of accesses: bounded as code bounds them, at the ends of memory, and beyond. */

import type { FunctionGenerator } from "../function-generator";
import type { Node } from "../tree";
import { getLocal, i32, i32op, instruction, setLocal } from "../tree";
import { someCondition } from "./numbers";

/** An i32 below the limit (mostly), as code that computes addresses bounds it. */
export function bounded(g: FunctionGenerator, limit: number, depth: number): Node {
	const r = g.random;
	if (limit <= 0) return i32(0);
	if (depth <= 0 || g.budget-- <= 0)
		return r.chance(0.5)
			? i32(r.below(limit))
			: i32op("and", g.leaf("i32"), i32(2 ** Math.floor(Math.log2(limit)) - 1));
	const bits = Math.floor(Math.log2(limit));
	const any = (): Node => g.expression("i32", Math.min(depth - 1, 2));
	const mask = (): number => {
		const full = 2 ** r.between(0, bits) - 1;
		return r.chance(0.3) ? full & ~r.pick([1, 3, 7, 15]) : full;
	};
	switch (
		r.weighted({
			constant: 8,
			mask: 22,
			induction: g.inductions.length ? 20 : 0,
			load: g.module.memory ? 6 : 0,
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
			const local = getLocal(r.pick(g.inductions), "i32");
			return r.chance(0.5)
				? local
				: r.chance(0.5)
					? i32op("shl", local, i32(r.between(0, 3)))
					: i32op("add", local, bounded(g, limit >> 1, depth - 1));
		}
		case "load": {
			const op = limit > 65536 ? "i32.load16_u" : "i32.load8_u";
			if (limit < 256) return i32(r.below(limit));
			return instruction(op, ["i32"], [bounded(g, Math.min(limit, 4096), depth - 2)], {
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
				[bounded(g, limit, depth - 2), bounded(g, limit, depth - 2), someCondition(g, depth - 2)],
			);
		case "sum":
			return i32op("add", bounded(g, limit >> 1, depth - 1), bounded(g, limit >> 1, depth - 1));
		case "shl": {
			const by = r.between(1, 4);
			return i32op("shl", bounded(g, limit >> by, depth - 1), i32(by));
		}
		case "scale": {
			const by = r.between(2, 12);
			return i32op("mul", bounded(g, Math.floor(limit / by), depth - 1), i32(by));
		}
		case "wrap":
			return instruction(
				"i32.wrap_i64",
				["i32"],
				[
					instruction(
						"i64.and",
						["i64"],
						[g.expression("i64", 1), instruction("i64.const", ["i64"], [], { value: BigInt(mask()) })],
					),
				],
			);
		case "local": {
			const index = g.settable("i32");
			return g.frozen.has(index)
				? i32(0)
				: instruction("local.tee", ["i32"], [i32op("and", any(), i32(mask()))], { index });
		}
		case "signed":
			return i32op("sub", bounded(g, limit, depth - 2), bounded(g, Math.min(limit, 16), depth - 2));
		default:
			return i32op(r.pick(["clz", "ctz", "popcnt"]), any());
	}
}

/** Address operand and offset for an access of `size` bytes. */
export function pickAddress(g: FunctionGenerator, size: number, depth: number): [Node, number] {
	const r = g.random;
	const bytes = g.module.memory!.minimum * 65536;
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
			return room > 0 ? [bounded(g, room, depth), offset] : [bounded(g, Math.max(1, bytes - size), depth), 0];
		}
		case "fixed":
			/* A static variable. */
			return [i32(staticAddress(g, bytes, size)), r.chance(0.5) ? 0 : r.below(8)];
		case "edge": {
			const at = bytes - size + r.pick([0, 0, 0, 0, -1, -1, -size, -4, -8, 0, 0, r.chance(0.4) ? 1 : 0]);
			const part = r.chance(0.5) ? Math.max(0, at - r.below(Math.max(1, Math.min(at, 5000)))) : at;
			if (at < 0) return [i32(at), 0];
			return r.chance(0.7) ? [i32(part), at - part] : [hiddenConstant(g, part), at - part];
		}
		case "wild":
			return [g.expression("i32", depth - 1), offset];
		case "huge":
			return [
				r.chance(0.5) ? g.expression("i32", depth - 1) : bounded(g, 256, depth),
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
			return [i32op(r.pick(["add", "sub"]), bounded(g, 1024, depth), i32(-r.between(0, 1200))), offset];
		default: {
			/* A mask that just reaches the end, or one beyond. */
			const room = bytes - offset;
			const mask = room > 0 ? 2 ** Math.floor(Math.log2(room)) - 1 : 0;
			return [
				i32op("and", g.expression("i32", depth - 1), i32(mask)),
				Math.max(0, bytes - mask - size + (r.chance(0.08) ? 1 : 0)),
			];
		}
	}
}

/**
 * An address of data that stands together on few pages of 4 KB, all of it inside the memory with 8 bytes to spare.
 */
export function staticAddress(g: FunctionGenerator, bytes: number, size: number): number {
	const r = g.random;
	const page = r.pick([0, 0x1000, 0x4000, 0x4000, 0x4400, 0xf000, 0x10000]);
	return Math.max(0, Math.min(page + r.pick([r.below(256), r.below(4096), 1020, 4092]), bytes - size - 8));
}

/** A constant that the compiler does not see as one (but may prove something about). */
export function hiddenConstant(g: FunctionGenerator, value: number): Node {
	const r = g.random;
	const index = g.localOf("i32", true);
	if (index === undefined) return i32(value);
	return r.chance(0.5)
		? instruction("seq", ["i32"], [setLocal(index, i32(value)), getLocal(index, "i32")])
		: i32op("add", i32op("and", getLocal(index, "i32"), i32(0)), i32(value));
}

/** A constant that no planner sees. */
export function secretConstant(g: FunctionGenerator, value: number): Node {
	const { fuel } = g.module;
	return i32op("add", i32op("xor", g.getGlobal(fuel), g.getGlobal(fuel)), i32(value));
}
