/** `wait-xs test SCENARIO ...` */

import { Option, type Command } from "commander";
import { chipNames } from "../chips";
import { parseSeconds } from "../option-values";
import { jsonText, oneLine, print } from "../printable";
import type { PinWay } from "../run-module";
import { readScenario } from "../scenario/file";
import { checkOutputs, progress, statusOf, summary, writeOutputs, type OutputOptions } from "../scenario/play";
import type { ScenarioResult } from "../scenario/result";
import { PATIENCE, runScenario } from "../scenario/run";
import { isInTime } from "../timed";

interface TestOptions extends OutputOptions {
	board?: string;
	timeout?: number;
	io?: PinWay;
	chip?: string;
	engine?: "board" | "node";
	quiet?: boolean;
	sanitize?: boolean;
	json?: boolean;
}

async function execute(paths: readonly string[], options: TestOptions): Promise<void> {
	// All are read first: a mistake in the last is told before the first runs.
	const files = paths.map(readScenario);
	checkOutputs(options, files.length);
	if (options.engine === "node" && !(await isInTime((options.timeout ?? PATIENCE) * files.length))) return;
	const results: ScenarioResult[] = [];
	for (const file of files) {
		const board = options.board ?? file.board ?? undefined;
		if (!options.json) print(oneLine(`${file.path}: ${file.scenario.name}`));
		const result = await runScenario(file, {
			...(options.sanitize ? { variant: "sanitize" as const } : {}),
			board,
			...(options.chip === undefined ? {} : { chip: options.chip }),
			...(options.io === undefined ? {} : { io: options.io }),
			...(options.engine === undefined ? {} : { engine: options.engine }),
			...(options.timeout === undefined ? {} : { timeout: options.timeout }),
			...(options.json ? {} : { onReport: progress(file.path, options.quiet ?? false, print) }),
		});
		if (options.json) for (const report of result.reports) print(jsonText(report));
		else print(summary(result));
		results.push(result);
	}
	writeOutputs(results, options);
	const failed = results.filter((result) => result.problem !== null || result.failures.length > 0).length;
	if (!options.json) print(`${results.length - failed} passed, ${failed} failed`);
	process.exitCode = statusOf(results);
}

export function addTest(program: Command): void {
	program
		.command("test")
		.description(
			"run scenarios: a module or script on a simulated board with scripted peripherals, in virtual time (docs/SCENARIOS.md)",
		)
		.argument("<SCENARIO.yaml...>")
		.option("--board <B>", "the board, in place of the scenario's")
		.addOption(
			new Option(
				"--engine <E>",
				"where modules run: on the board, or in Node's own engine over the same world",
			).choices(["board", "node"]),
		)
		.addOption(
			new Option(
				"--chip <C>",
				"the chip whose currents, times and registers it has, in place of the scenario's",
			).choices(chipNames()),
		)
		.option("--io <WAY>", "how modules reach digital pins: js, c, inline")
		.option("--junit <FILE>", "results as JUnit XML")
		.option("--vcd <FILE>", "pins, states and values as a waveform for GTKWave")
		.option("--report <FILE>", "one HTML page with plots")
		.option("--json", "all that happened, an object a line")
		.option("--quiet", "only failures and results")
		.option("--sanitize", "the board's program built with AddressSanitizer and UBSan (npm run build -- --sanitize)")
		.option("--timeout <S>", "seconds of real time for each scenario", parseSeconds)
		.action(execute);
}
