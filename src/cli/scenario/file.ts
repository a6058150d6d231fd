/**
 * Reads a scenario: YAML to what boards get (boards/simulated/world/scenario.ts). The format is documented in
 * docs/SCENARIOS.md.
 */

import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Node } from "yaml";
import type { Scenario } from "../../../boards/simulated/world/scenario";
import { boardNames, defaultBoard, loadBoard } from "../boards";
import { chipNames, loadChip, type ChipChanges } from "../chips";
import { checkGrants } from "../grants";
import { readInput } from "../input-file";
import { suggestion } from "../suggest";
import { chargeUnits, currentUnits, fieldsOf, type Context } from "./fields";
import { readPeripheral } from "./peripherals";
import { own, readYaml } from "./reader";
import { readStep } from "./steps";

/** What is in the file. */
export interface ScenarioFile {
	readonly path: string;
	/** null: the command line's. */
	readonly board: string | null;
	/** Paths, resolved. */
	readonly module: string | null;
	readonly script: string | null;
	readonly invoke: string | null;
	readonly arguments: readonly string[];
	readonly grants: readonly string[];
	/** Microseconds; 0: none. */
	readonly watchdog: number;
	/** null: the command line's, or the board's. */
	readonly chip: string | null;
	readonly changes: ChipChanges;
	readonly scenario: Omit<Scenario, "energy">;
}

const costUnits = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9 };

const topNames = [
	"name",
	"board",
	"chip",
	"module",
	"script",
	"invoke",
	"arguments",
	"grants",
	"seed",
	"duration",
	"watchdog",
	"energy",
	"costs",
	"peripherals",
	"steps",
];

export function readScenario(path: string): ScenarioFile {
	const source = readInput(path, "a scenario").toString("utf8");
	const reader = readYaml(path, source);
	const context: Context = { reader, folder: dirname(path), file: path, peripherals: new Map() };
	const top = fieldsOf(context, reader.root, "scenario", topNames);
	const value = (name: string): Node | null => top.get(name)?.value ?? null;
	const pathOf = (name: string): string | null => {
		if (!top.has(name)) return null;
		const file = resolve(context.folder, reader.text(value(name), name));
		if (!existsSync(file)) reader.fail(value(name), `${name}: no file ${reader.text(value(name), name)}`);
		return file;
	};
	const listOf = (name: string): string[] =>
		top.has(name) ? reader.items(value(name), name).map((item) => reader.text(item, name)) : [];
	const board = top.has("board") ? reader.oneOf(value("board"), "board", boardNames()) : null;
	const module = pathOf("module");
	const script = pathOf("script");
	if (module && script) reader.fail(top.get("script")!.keyNode, "a module or a script, not both");
	const chip = top.has("chip") ? reader.oneOf(value("chip"), "chip", chipNames()) : null;
	const usual = loadBoard(board ?? defaultBoard);
	const { currents: states, costs: times } = loadChip(chip ?? usual.chip);
	const currents: Record<string, number> = {};
	const costs: Record<string, number> = {};
	let battery = 0;
	if (top.has("energy"))
		for (const entry of reader.entries(value("energy"), "energy")) {
			if (entry.key === "battery") battery = reader.quantity(entry.value, "battery", chargeUnits, false);
			else if (own(states, entry.key) !== undefined)
				currents[entry.key] = reader.quantity(entry.value, entry.key, currentUnits, false);
			else
				reader.fail(
					entry.keyNode,
					`energy: no "${entry.key}"${suggestion(entry.key, ["battery", ...Object.keys(states)])}`,
				);
		}
	if (top.has("costs"))
		for (const entry of reader.entries(value("costs"), "costs")) {
			const known = [...Object.keys(usual.costs), ...Object.keys(times)];
			if (!known.includes(entry.key))
				reader.fail(entry.keyNode, `costs: no "${entry.key}"${suggestion(entry.key, known)}`);
			costs[entry.key] = Math.round(reader.quantity(entry.value, entry.key, costUnits, false));
			if (costs[entry.key]! > 2e9) reader.fail(entry.value, `${entry.key}: more than 2 s`);
		}
	const grants = listOf("grants");
	try {
		checkGrants(grants);
	} catch (error) {
		reader.fail(value("grants"), (error as Error).message);
	}
	const peripherals = top.has("peripherals")
		? reader.entries(value("peripherals"), "peripherals").map((entry) => readPeripheral(context, entry))
		: [];
	const steps = top.has("steps") ? reader.items(value("steps"), "steps").map((step) => readStep(context, step)) : [];
	const duration = top.has("duration") ? reader.time(value("duration"), "duration") : 0;
	if (!duration && !steps.length) reader.fail(reader.root, "neither steps nor a duration: nothing would happen");
	return {
		path,
		board,
		module,
		script,
		invoke: top.has("invoke") ? reader.text(value("invoke"), "invoke") : null,
		arguments: listOf("arguments"),
		grants,
		watchdog: top.has("watchdog") ? reader.time(value("watchdog"), "watchdog") : 0,
		changes: { currents, battery, costs },
		chip,
		scenario: {
			name: top.has("name")
				? reader.text(value("name"), "name")
				: path.replace(/^.*\//, "").replace(/\.ya?ml$/, ""),
			seed: top.has("seed") ? reader.integer(value("seed"), "seed", 0, 0x7fffffff) : 1,
			duration,
			peripherals,
			steps,
		},
	};
}
