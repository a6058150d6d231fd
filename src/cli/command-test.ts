/** `wait-xs test SCENARIO ...` */

import { writeFileSync } from "node:fs";
import { Option, type Command } from "commander";
import { timeText } from "../../boards/simulated/world/checks";
import type { Report } from "../../boards/simulated/world/scenario";
import { parsePositive } from "./command-exec";
import { CommandError, Status } from "./errors";
import { readScenario } from "./scenario-file";
import { runScenario, type ScenarioResult } from "./scenario-run";
import type { PinWay } from "./run-module";
import { energyText } from "./scenario-energy";
import { junit } from "./scenario-junit";
import { scenarioPage } from "./scenario-page";
import { vcd } from "./scenario-vcd";

export interface OutputOptions {
	junit?: string;
	vcd?: string;
	report?: string;
}

interface TestOptions extends OutputOptions {
	board?: string;
	timeout?: number;
	io?: PinWay;
	engine?: "board" | "node";
	quiet?: boolean;
	json?: boolean;
}

/** A line of progress; undefined: nothing to say. */
export function progressLine(report: Report, path: string, quiet: boolean): string | undefined {
	const at = `  ${("time" in report ? timeText(report.time) : "").padStart(13)}  `;
	switch (report.report) {
		case "failed":
			return `${at}✗ ${path}:${report.line}: ${report.text}\n${" ".repeat(17)}${report.message.replaceAll("\n", `\n${" ".repeat(17)}`)}`;
		case "passed":
			return quiet ? undefined : `${at}✓ ${report.text}`;
		case "note":
			return quiet ? undefined : `${at}· ${report.text}`;
		case "log":
			return quiet ? undefined : `${at}| ${report.text}`;
		case "publish":
			return quiet ? undefined : `${at}> ${report.topic} ${report.payload}`;
		case "reset":
			return quiet ? undefined : `${at}~ starts anew: ${report.reason}`;
		case "exit":
			return quiet && report.status === 0
				? undefined
				: `${at}. the program ended${report.status ? ` with status ${report.status}` : ""}${report.message ? `: ${report.message}` : ""}`;
		default:
			return undefined;
	}
}

/** At most this many lines of one kind in a row are shown. */
const SHOWN = 20;

/** Progress for people, long rows of the same kind shortened. */
export function progress(path: string, quiet: boolean, print: (line: string) => void): (report: Report) => void {
	let kind = "";
	let row = 0;
	return (report) => {
		const dull = report.report === "log" || report.report === "publish" || report.report === "reset" || report.report === "passed";
		const group = dull ? "dull" : report.report;
		if (row > SHOWN && (group !== kind || report.report === "end")) print(`${" ".repeat(17)}... ${row - SHOWN} more lines`);
		row = group === kind ? row + 1 : 1;
		kind = group;
		if (dull && row > SHOWN) return;
		const line = progressLine(report, path, quiet);
		if (line !== undefined) print(line);
	};
}

export function statusOf(results: readonly ScenarioResult[]): Status {
	if (results.some((result) => result.problem !== null)) return Status.BOARD;
	return results.some((result) => result.failures.length > 0) ? Status.FAILED : Status.DONE;
}

/** NAME.vcd of several scenarios: NAME-1.vcd ... */
function numbered(path: string, i: number, count: number): string {
	return count === 1 ? path : path.replace(/(\.[^./]*)?$/, `-${i + 1}$1`);
}

export function writeOutputs(results: readonly ScenarioResult[], options: OutputOptions): void {
	const write = (path: string, text: string): void => {
		try {
			writeFileSync(path, text);
		} catch {
			throw new CommandError(`${path}: cannot write`, Status.USAGE);
		}
	};
	if (options.junit !== undefined) write(options.junit, junit(results));
	results.forEach((result, i) => {
		if (options.vcd !== undefined) write(numbered(options.vcd, i, results.length), vcd(result));
		if (options.report !== undefined) write(numbered(options.report, i, results.length), scenarioPage(result));
	});
}

export function summary(result: ScenarioResult): string {
	if (result.problem !== null) return `  ${result.problem}`;
	const { end } = result;
	if (!end) return "";
	return `  ${result.failures.length ? `${result.failures.length} failed` : "passed"}; ${timeText(end.time)} simulated in ${result.seconds.toFixed(1)} s\n${energyText(result)}`;
}

async function execute(paths: readonly string[], options: TestOptions): Promise<void> {
	// All are read first: a mistake in the last is told before the first runs.
	const files = paths.map(readScenario);
	const results: ScenarioResult[] = [];
	for (const file of files) {
		const board = options.board ?? file.board ?? undefined;
		if (!options.json) console.log(`${file.path}: ${file.scenario.name}`);
		const result = await runScenario(file, {
			board,
			...(options.io === undefined ? {} : { io: options.io }),
			...(options.engine === undefined ? {} : { engine: options.engine }),
			...(options.timeout === undefined ? {} : { timeout: options.timeout }),
			...(options.json ? {} : { onReport: progress(file.path, options.quiet ?? false, (line) => console.log(line)) }),
		});
		if (options.json) for (const report of result.reports) console.log(JSON.stringify(report));
		else console.log(summary(result));
		results.push(result);
	}
	writeOutputs(results, options);
	const failed = results.filter((result) => result.problem !== null || result.failures.length > 0).length;
	if (!options.json) console.log(`${results.length - failed} passed, ${failed} failed`);
	process.exitCode = statusOf(results);
}

export function addTest(program: Command): void {
	program
		.command("test")
		.description("run scenarios: a module or script on a simulated board with scripted peripherals, in virtual time (docs/SCENARIOS.md)")
		.argument("<SCENARIO.yaml...>")
		.option("--board <B>", "the board, in place of the scenario's")
		.addOption(new Option("--engine <E>", "where modules run: on the board, or in Node's own engine over the same world").choices(["board", "node"]))
		.option("--io <WAY>", "how modules reach digital pins: js, c, inline")
		.option("--junit <FILE>", "results as JUnit XML")
		.option("--vcd <FILE>", "pins, states and values as a waveform for GTKWave")
		.option("--report <FILE>", "one HTML page with plots")
		.option("--json", "all that happened, an object a line")
		.option("--quiet", "only failures and results")
		.option("--timeout <S>", "seconds of real time for each scenario", parsePositive)
		.action(execute);
}
