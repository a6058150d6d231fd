/**
 * Runs a scenario's module in Node's own engine, over the same simulated world: `test --engine node`. Its times differ
 * from a board's by what a board computes, compiles and boots.
 */

import type { Report, Scenario } from "../../../boards/simulated/world/scenario";
import { defaultBoard, loadBoard } from "../boards";
import { findCall } from "../call";
import { costsOf, energyOf, loadChip } from "../chips";
import { CommandError, Status } from "../errors";
import { missingImports, readModuleFile } from "../module-file";
import { createNodeBoard } from "../node/board";
import { runOnNode } from "../node/engine";
import type { ScenarioFile } from "./file";
import type { ScenarioOptions, ScenarioResult } from "./result";

export function runScenarioOnNode(file: ScenarioFile, options: ScenarioOptions): ScenarioResult {
	const boardName = options.board ?? file.board ?? defaultBoard;
	const board = loadBoard(boardName);
	const path = options.module ?? file.module;
	if (path === null)
		throw new CommandError(`${file.path}: --engine node runs modules, and the scenario has a script`, Status.USAGE);
	const module = readModuleFile(path, board);
	const missing = missingImports(module);
	if (missing) throw new CommandError(missing, Status.REFUSED);
	const chip = loadChip(options.chip ?? file.chip ?? board.chip);
	const scenario: Scenario = { ...file.scenario, energy: energyOf(chip, file.changes) };
	const reports: Report[] = [];
	const report = (line: Report): void => {
		reports.push(line);
		options.onReport?.(line);
	};
	const began = performance.now();
	const node = createNodeBoard({
		scenario,
		costs: costsOf(board, chip, file.changes),
		seed: scenario.seed,
		onLog: () => {},
		onReport: report,
	});
	const invocation = options.invoke ?? (file.invoke === null ? null : { name: file.invoke, texts: [] });
	const call = module.view ? findCall(module.view, invocation) : null;
	const outcome = runOnNode(
		module,
		{
			invoke: call?.name ?? null,
			values: call?.values ?? [],
			results: call?.results ?? [],
			grants: [...file.grants, ...(options.grants ?? [])],
			args: [...file.arguments, ...(options.args ?? [])],
			environment: options.environment ?? [],
			onOutput: (_, bytes) => node.print(new TextDecoder().decode(bytes)),
		},
		node,
	);
	node.end(
		outcome.trap ? Status.FAILED : (outcome.exit ?? Status.DONE),
		outcome.trap ? `trap: ${outcome.trap.message} (${outcome.trap.kind})` : "",
	);
	const end = reports.find((line) => line.report === "end") ?? null;
	const failures = reports.filter((line) => line.report === "failed");
	return {
		file,
		board: "node",
		scenario,
		reports,
		trace: node.trace(),
		seconds: (performance.now() - began) / 1000,
		end,
		failures,
		problem: end ? null : `the program ended before the scenario: ${outcome.trap?.message ?? "it returned"}`,
	};
}
