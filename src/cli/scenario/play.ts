/** Running scenarios before people's eyes: progress, results, files of them. */

import { writeFileSync } from "node:fs";
import { timeText } from "../../../boards/simulated/world/checks";
import type { Report } from "../../../boards/simulated/world/scenario";
import { CommandError, Status } from "../errors";
import { checkOutput } from "../input-file";
import { energyText } from "./energy";
import { readScenario } from "./file";
import { junit } from "./junit";
import { jsonText, oneLine, print } from "../printable";
import { scenarioPage } from "./page";
import type { ScenarioOptions, ScenarioResult } from "./result";
import { PATIENCE, runScenario } from "./run";
import { vcd } from "./vcd";
import { isInTime } from "../timed";

export interface OutputOptions {
	junit?: string;
	vcd?: string;
	report?: string;
}

/** Only scenarios have files of results. */
export function checkResultOptions(options: OutputOptions & { scenario?: string }): void {
	const name = (["junit", "vcd", "report"] as const).find((file) => options[file] !== undefined);
	if (name !== undefined && options.scenario === undefined)
		throw new CommandError(`--${name} needs --scenario`, Status.USAGE);
}

/** A line of progress; undefined: nothing to say. */
export function progressLine(report: Report, path: string, quiet: boolean): string | undefined {
	const at = `  ${("time" in report ? timeText(report.time) : "").padStart(13)}  `;
	switch (report.report) {
		case "failed":
			return `${at}✗ ${path}:${report.line}: ${oneLine(report.text)}\n${" ".repeat(17)}${report.message.replaceAll("\n", `\n${" ".repeat(17)}`)}`;
		case "passed":
			return quiet ? undefined : `${at}✓ ${oneLine(report.text)}`;
		case "note":
			return quiet ? undefined : `${at}· ${oneLine(report.text)}`;
		case "log":
			return quiet ? undefined : `${at}| ${oneLine(report.text)}`;
		case "publish":
			return quiet ? undefined : `${at}> ${oneLine(report.topic)} ${oneLine(report.payload)}`;
		case "reset":
			return quiet ? undefined : `${at}~ starts anew: ${report.reason}`;
		case "exit":
			return quiet && report.status === 0
				? undefined
				: `${at}. the program ended${report.status ? ` with status ${report.status}` : ""}${report.message ? `: ${oneLine(report.message)}` : ""}`;
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
		const dull =
			report.report === "log" ||
			report.report === "publish" ||
			report.report === "reset" ||
			report.report === "passed";
		// Expectations that repeat are a row of their own.
		const group = !dull ? report.report : report.report === "passed" ? `line ${report.line}` : "program";
		if (row > SHOWN && (group !== kind || report.report === "end"))
			print(`${" ".repeat(17)}... ${row - SHOWN} more lines`);
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

/** Files of results, of so many scenarios. */
function outputFiles(options: OutputOptions, count: number): string[] {
	const each = [options.vcd, options.report].filter((path) => path !== undefined);
	const files = options.junit === undefined ? [] : [options.junit];
	for (const path of each) for (let i = 0; i < count; i++) files.push(numbered(path, i, count));
	return files;
}

/** Before anything runs. */
export function checkOutputs(options: OutputOptions, count: number): void {
	for (const path of outputFiles(options, count)) checkOutput(path);
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
	if (result.problem !== null) return `  ${oneLine(result.problem)}`;
	const { end } = result;
	if (!end) return "";
	return `  ${result.failures.length ? `${result.failures.length} failed` : "passed"}; ${timeText(end.time)} simulated in ${result.seconds.toFixed(1)} s\n${energyText(result)}`;
}

/** One scenario with the command line's program in place of its own. */
export async function playScenario(
	path: string,
	options: ScenarioOptions,
	outputs: OutputOptions & { json?: boolean },
): Promise<void> {
	const file = readScenario(path);
	checkOutputs(outputs, 1);
	if (options.engine === "node" && !(await isInTime(options.timeout ?? PATIENCE))) return;
	const result = await runScenario(file, {
		...options,
		...(outputs.json ? {} : { onReport: progress(path, false, print) }),
	});
	if (outputs.json) for (const report of result.reports) print(jsonText(report));
	else print(summary(result));
	writeOutputs([result], outputs);
	process.exitCode = statusOf([result]);
}
