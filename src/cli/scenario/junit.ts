/** Results of scenarios as JUnit XML: a suite for each, a case for each step that expects something. */

import { oneLine, xmlText } from "../printable";
import type { ScenarioResult } from "./result";

function suite(result: ScenarioResult): string {
	const { file, reports } = result;
	const cases: string[] = [];
	let failures = 0;
	for (const report of reports) {
		if (report.report !== "passed" && report.report !== "failed") continue;
		const attributes = `classname="${xmlText(file.path)}" name="line ${report.line}: ${xmlText(report.text)}" time="${(report.time / 1e6).toFixed(6)}"`;
		if (report.report === "passed") cases.push(`\t\t<testcase ${attributes}/>`);
		else {
			failures++;
			cases.push(
				`\t\t<testcase ${attributes}>\n\t\t\t<failure message="${xmlText(report.message)}">${xmlText(`${file.path}:${report.line}: ${report.message}`)}</failure>\n\t\t</testcase>`,
			);
		}
	}
	if (result.problem !== null)
		cases.push(
			`\t\t<testcase classname="${xmlText(file.path)}" name="the board">\n\t\t\t<error message="${xmlText(result.problem)}"/>\n\t\t</testcase>`,
		);
	else if (!cases.length) cases.push(`\t\t<testcase classname="${xmlText(file.path)}" name="came to its end"/>`);
	const log = reports.flatMap((report) => (report.report === "log" ? [oneLine(report.text)] : [])).join("\n");
	return [
		`\t<testsuite name="${xmlText(result.scenario.name)}" tests="${cases.length}" failures="${failures}" errors="${result.problem === null ? 0 : 1}" time="${((result.end?.time ?? 0) / 1e6).toFixed(6)}">`,
		...cases,
		...(log ? [`\t\t<system-out>${xmlText(log).replaceAll("&#10;", "\n")}</system-out>`] : []),
		"\t</testsuite>",
	].join("\n");
}

export function junit(results: readonly ScenarioResult[]): string {
	return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${results.map(suite).join("\n")}\n</testsuites>\n`;
}
