/* What a generated module leans to: how often each kind of expression and statement is chosen. */

export type Profile =
	"mixed" | "memory" | "numeric" | "control" | "calls" | "tables" | "floats" | "loops" | "pressure" | "wide";

export const EXPRESSION_WEIGHTS = {
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
export const STATEMENT_WEIGHTS = {
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
export type Expression = keyof typeof EXPRESSION_WEIGHTS;
export type Statement = keyof typeof STATEMENT_WEIGHTS;

/** Of small leaves. */
export const STRAIGHT_EXPRESSIONS: Partial<Record<Expression, number>> = {
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
export const STRAIGHT_STATEMENTS: Partial<Record<Statement, number>> = { set: 12, global: 4, store: 12, drop: 3 };

export function only<T extends string>(all: Record<T, number>, some: Partial<Record<T, number>>): Record<T, number> {
	return Object.fromEntries((Object.keys(all) as T[]).map((key) => [key, some[key] ?? 0])) as Record<T, number>;
}

export const PROFILES: Record<
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
