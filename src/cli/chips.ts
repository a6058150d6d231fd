/**
 * Chips of simulated boards: what they take from the supply, and what takes them time;
 * boards/simulated/chips/NAME.json.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Energy } from "../../boards/simulated/world/scenario";
import type { Board } from "./boards";
import { root } from "./project";

export interface Chip {
	readonly description: string;
	/** Volts. */
	readonly supply: number;
	/** Microampere hours of the battery that life is told for. */
	readonly battery: number;
	/** By state; `source` says where a figure comes from. */
	readonly currents: Readonly<Record<string, { readonly microamperes: number; readonly source: string }>>;
	/** Of computing and of transitions, beside those of calls in board.json. */
	readonly costs: Readonly<Record<string, { readonly nanoseconds: number; readonly source: string }>>;
}

const folder = join(root, "boards/simulated/chips");

export function chipNames(): string[] {
	return readdirSync(folder)
		.filter((name) => name.endsWith(".json"))
		.map((name) => name.slice(0, -5))
		.sort();
}

export function loadChip(name: string): Chip {
	return JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as Chip;
}

/** What a scenario has in place of its chip's figures. */
export interface ChipChanges {
	readonly currents: Readonly<Record<string, number>>;
	/** 0: the chip's. */
	readonly battery: number;
	/** Nanoseconds. */
	readonly costs: Readonly<Record<string, number>>;
}

export function energyOf(chip: Chip, { currents, battery }: ChipChanges): Energy {
	const chosen: Record<string, number> = {};
	for (const [state, { microamperes }] of Object.entries(chip.currents))
		chosen[state] = currents[state] ?? microamperes;
	return { supply: chip.supply, currents: chosen, battery: battery || chip.battery };
}

/** Nanoseconds, by the names that the board's program has them by: costOpen ... */
export function costsOf(board: Board, chip: Chip, changes: ChipChanges): Record<string, number> {
	const costs: Record<string, number> = { ...board.costs };
	for (const [name, { nanoseconds }] of Object.entries(chip.costs)) costs[name] = nanoseconds;
	return Object.fromEntries(
		Object.entries({ ...costs, ...changes.costs }).map(([name, nanoseconds]) => [
			`cost${name[0]!.toUpperCase()}${name.slice(1)}`,
			nanoseconds,
		]),
	);
}
