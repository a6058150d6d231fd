/* Numbers that are hard for a compiler, and what operations there are for them. */

import type { ValueType } from "../support/wasm";
import { NUMERIC_TYPES } from "../support/wasm";
import type { Node } from "./tree";

export const NUMBERS: ValueType[] = ["i32", "i64", "f32", "f64"];

export const I32_LIMITS = [
	0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 24, 31, 32, 33, 63, 64, 100, 127, 128, 255, 256, 257, 0x7ff, 0x800, 0xffe, 0xfff,
	0x1000, 0x1001, 0x3fc, 0x400, 0x7fff, 0x8000, 0xfffe, 0xffff, 0x10000, 0x10001, 0x1fffe, 0x1ffff, 0x20000, 0xff00,
	0xff0000, 0xff000000, 0x00ff00ff, 0xff00ff00, 0x01010101, 0x12121212, 0x55555555, 0xaaaaaaaa, 0x7ffffffe,
	0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff, 0xfffff000, 0xffffff00, 0xfffff800, 0xfffff7ff,
	0xffff8000, 0xffff0000, 0x1fe00, 0x3fc00000,
];
/** That no single instruction makes; so few that one comes again in a loop. */
export const REPEATED = [0x01000193, 0x9e3779b9, 0x12345678, 0x7ffeffff];
export const I64_LIMITS = [
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
export const F32_LIMITS = [
	0, 0x80000000, 0x3f800000, 0xbf800000, 0x3f000000, 0x3fc00000, 0x40200000, 0x7f800000, 0xff800000, 0x7fc00000,
	0xffc00000, 0x7fa00001, 0xff812345, 0x7f7fffff, 0xff7fffff, 1, 0x80000001, 0x007fffff, 0x00800000, 0x4b000000,
	0x4b000001, 0x4b7fffff, 0x4affffff, 0xcb000001, 0x4effffff, 0x4f000000, 0xcf000000, 0xcf000001, 0x4f7fffff,
	0x4f800000, 0x5f000000, 0xdf000000, 0xdf000001, 0x5effffff, 0x5f7fffff, 0x5f800000, 0xbf7fffff, 0xbf800001,
	0x41200000, 0x42c80000, 0x3dcccccd,
];
export const F64_LIMITS = [
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
export function makesNan(op: string): boolean {
	return /^f(32|64)\.(ceil|floor|trunc|nearest|sqrt|add|sub|mul|div|min|max|demote_f64|promote_f32)$/.test(op);
}

export const OPS_BY_RESULT = new Map<ValueType, string[]>(
	NUMBERS.map((type) => [type, [...NUMERIC_TYPES].filter(([, t]) => t.result === type).map(([name]) => name)]),
);

/** The constant, or 7 in place of 0. */
export function nonZero(node: Node): Node {
	if (node.value === 0) node.value = 7;
	else if (node.value === 0n) node.value = 7n;
	return node;
}
