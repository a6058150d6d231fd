/** Runs a scenario on a simulated board: with the module or script that it names, or one of the command line's. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Report, Scenario } from "../../../boards/simulated/world/scenario";
import { defaultBoard, loadBoard } from "../boards";
import { findCall } from "../call";
import { costsOf, energyOf, loadChip } from "../chips";
import { compileScript } from "../compile-script";
import { CommandError, Status } from "../errors";
import { missingImports, readModuleFile } from "../module-file";
import { failureLine, moduleRequest, type RunReport } from "../run-module";
import { runOnBoard, type BoardRequest } from "../runner";
import type { ScenarioFile } from "./file";
import { runScenarioOnNode } from "./node";
import type { ScenarioOptions, ScenarioResult } from "./result";

/** Seconds that a board may take in real time: a program may compute without ever asking for the time. */
export const PATIENCE = 300;

function isReport(value: unknown): value is Report {
	return typeof value === "object" && value !== null && "report" in value;
}

async function programOf(
	file: ScenarioFile,
	options: ScenarioOptions,
	boardName: string,
	folder: string,
): Promise<Partial<BoardRequest>> {
	const board = loadBoard(boardName);
	const script = options.script ?? (options.module === undefined ? file.script : null);
	if (script !== null && script !== undefined) return { script: await compileScript(script, folder) };
	const path = options.module ?? file.module;
	if (path === null)
		throw new CommandError(`${file.path}: neither module nor script: nothing to run`, Status.REFUSED);
	const module = readModuleFile(path, board);
	const missing = missingImports(module);
	if (missing) throw new CommandError(missing, Status.REFUSED);
	const invocation = options.invoke ?? (file.invoke === null ? null : { name: file.invoke, texts: [] });
	const call = module.view ? findCall(module.view, invocation) : null;
	return {
		main: "run",
		files: { "module.wasm": path },
		request: moduleRequest(board, {
			invoke: call?.name ?? null,
			values: call?.values ?? [],
			results: call?.results ?? [],
			audit: false,
			trim: false,
			optimize: options.optimize ?? false,
			count: false,
			frontEnd: "native",
			timeout: options.watchdog ?? (file.watchdog > 0 ? file.watchdog / 1e6 : undefined),
			grants: [...file.grants, ...(options.grants ?? [])],
			args: [...file.arguments, ...(options.args ?? [])],
			environment: options.environment ?? [],
			scenario: true,
			...(options.chip === undefined ? {} : { chip: options.chip }),
			...(options.io === undefined ? {} : { io: options.io }),
		}),
	};
}

export async function runScenario(file: ScenarioFile, options: ScenarioOptions = {}): Promise<ScenarioResult> {
	if (options.engine === "node") return runScenarioOnNode(file, options);
	const boardName = options.board ?? file.board ?? defaultBoard;
	const board = loadBoard(boardName);
	const folder = mkdtempSync(join(tmpdir(), "wait-xs-"));
	const began = performance.now();
	try {
		const chipName = options.chip ?? file.chip ?? board.chip;
		const chip = loadChip(chipName);
		const scenario: Scenario = { ...file.scenario, energy: energyOf(chip, file.changes) };
		const limits = costsOf(board, chip, file.changes);
		if (options.optimize) limits["optimize"] = 1;
		const input = join(folder, "scenario.json");
		const trace = join(folder, "trace.jsonl");
		writeFileSync(input, JSON.stringify(scenario));
		writeFileSync(trace, "");
		const program = await programOf(file, { ...options, chip: chipName }, boardName, folder);
		const reports: Report[] = [];
		let ran: { refused: string } | RunReport | null = null;
		const reply = await runOnBoard(board, {
			...program,
			...(options.files ? { files: { ...program.files, ...options.files } } : {}),
			scenario: { file: input, trace, seed: scenario.seed },
			virtualTime: true,
			limits,
			...(options.variant === undefined ? {} : { variant: options.variant }),
			timeout: options.timeout ?? PATIENCE,
			onReply(line) {
				if (isReport(line)) {
					reports.push(line);
					options.onReport?.(line);
				} else if (typeof line === "object" && line !== null && ("refused" in line || "run" in line))
					ran = line as { refused: string } | RunReport;
			},
		});
		const end = reports.find((report) => report.report === "end") ?? null;
		const refused = ran as { refused: string } | RunReport | null;
		if (refused && "refused" in refused)
			throw new CommandError(
				`${options.module ?? file.module ?? file.path}: refused: ${refused.refused}`,
				Status.REFUSED,
			);
		const failures = reports.filter((report) => report.report === "failed");
		return {
			file,
			board: boardName,
			scenario,
			reports,
			trace: readFileSync(trace, "utf8"),
			seconds: (performance.now() - began) / 1000,
			end,
			failures,
			problem: end && reply.status !== Status.BOARD ? null : failureLine(board, reply),
		};
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}
