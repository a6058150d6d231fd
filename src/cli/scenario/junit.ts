/** Results of scenarios as JUnit XML: a suite for each, a case for each step that expects something. */

import type { ScenarioResult } from "./result";

function escaped(text: string): string {
	return (
		text
			.replaceAll("&", "&amp;")
			.replaceAll("<", "&lt;")
			.replaceAll(">", "&gt;")
			.replaceAll('"', "&quot;")
			.replaceAll("\n", "&#10;")
			// What XML 1.0 cannot have at all.
			// eslint-disable-next-line no-control-regex
			.replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F]/g, "?")
	);
}

function suite(result: ScenarioResult): string {
	const { file, reports } = result;
	const cases: string[] = [];
	let failures = 0;
	for (const report of reports) {
		if (report.report !== "passed" && report.report !== "failed") continue;
		const attributes = `classname="${escaped(file.path)}" name="line ${report.line}: ${escaped(report.text)}" time="${(report.time / 1e6).toFixed(6)}"`;
		if (report.report === "passed") cases.push(`\t\t<testcase ${attributes}/>`);
		else {
			failures++;
			cases.push(
				`\t\t<testcase ${attributes}>\n\t\t\t<failure message="${escaped(report.message)}">${escaped(`${file.path}:${report.line}: ${report.message}`)}</failure>\n\t\t</testcase>`,
			);
		}
	}
	if (result.problem !== null)
		cases.push(
			`\t\t<testcase classname="${escaped(file.path)}" name="the board">\n\t\t\t<error message="${escaped(result.problem)}"/>\n\t\t</testcase>`,
		);
	else if (!cases.length) cases.push(`\t\t<testcase classname="${escaped(file.path)}" name="came to its end"/>`);
	const log = reports.flatMap((report) => (report.report === "log" ? [report.text] : [])).join("\n");
	return [
		`\t<testsuite name="${escaped(result.scenario.name)}" tests="${cases.length}" failures="${failures}" errors="${result.problem === null ? 0 : 1}" time="${((result.end?.time ?? 0) / 1e6).toFixed(6)}">`,
		...cases,
		...(log ? [`\t\t<system-out>${escaped(log).replaceAll("&#10;", "\n")}</system-out>`] : []),
		"\t</testsuite>",
	].join("\n");
}

export function junit(results: readonly ScenarioResult[]): string {
	return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${results.map(suite).join("\n")}\n</testsuites>\n`;
}
