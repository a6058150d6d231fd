/** What a board takes from its supply: boards/NAME/energy.json. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Energy } from "../../boards/simulated/world/scenario";
import { root } from "./project";

export interface Current {
	readonly microamperes: number;
	/** Where the figure comes from. */
	readonly source: string;
}

export interface BoardEnergy {
	/** Volts. */
	readonly supply: number;
	/** Microampere hours of the battery that life is told for. */
	readonly battery: number;
	/** By state. */
	readonly currents: Readonly<Record<string, Current>>;
}

export function readEnergy(board: string): BoardEnergy {
	const file = join(root, "boards", board, "energy.json");
	if (!existsSync(file)) return { supply: 3.3, battery: 2_200_000, currents: {} };
	return JSON.parse(readFileSync(file, "utf8")) as BoardEnergy;
}

/** With a scenario's own figures in place of the board's. */
export function energyOf(board: string, currents: Readonly<Record<string, number>>, battery: number): Energy {
	const table = readEnergy(board);
	const chosen: Record<string, number> = {};
	for (const [state, { microamperes }] of Object.entries(table.currents)) chosen[state] = currents[state] ?? microamperes;
	return { supply: table.supply, currents: chosen, battery: battery || table.battery };
}
