/**
 * One HTML page of a scenario, with nothing outside of it: plots of pins, values, states and current over time, the
 * expectations, the log. Plots are uPlot's, put in line.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { timeText } from "../../../boards/simulated/world/checks";
import { batteryText, currentText, energyFigures } from "./energy";
import { htmlText, jsonText } from "../printable";
import { readTrace, type TraceEvent } from "./trace";
import type { ScenarioResult } from "./result";

/** Points of one plot at most: a page must stay small. */
const POINTS = 20_000;

/** A plot of steps: at each time the value from then on. */
interface Series {
	readonly name: string;
	/** Seconds. */
	readonly times: number[];
	readonly values: number[];
	/** Names of the values 0, 1, ... */
	readonly labels?: readonly string[];
	readonly unit?: string;
	/** Points are joined by lines, since the value changed between them. */
	readonly joined?: boolean;
}

/** A step needs its corner: the value before, at the same time. */
function thinned(series: Series): Series {
	const { times, values } = series;
	if (times.length <= POINTS) return series;
	const every = Math.ceil(times.length / POINTS);
	const keep = (_: number, i: number): boolean => i % every === 0 || i === times.length - 1;
	return {
		...series,
		name: `${series.name} (every ${every}th point)`,
		times: times.filter(keep),
		values: values.filter(keep),
	};
}

/** From the least current to the most. */
const stateOrder = ["off", "deep-sleep", "sleep", "active", "compile", "flash", "radio"];

/** What the chip and all peripherals take from the supply. */
function currentOf(result: ScenarioResult, events: readonly TraceEvent[], end: number): Series {
	const currents = result.scenario.energy.currents;
	let chip = currents["active"] ?? 0;
	let peripherals = 0;
	const drawn = new Map<string, number>();
	const times = [0];
	const values = [chip / 1000];
	for (const { time, signal, value } of events) {
		if (signal === "state") chip = currents[String(value)] ?? 0;
		else if (signal.startsWith("draw-")) {
			peripherals += Number(value) - (drawn.get(signal) ?? 0);
			drawn.set(signal, Number(value));
		} else continue;
		times.push(time / 1e9);
		values.push((chip + peripherals) / 1000);
	}
	return {
		name: "current of the chip and its peripherals",
		times: [...times, end],
		values: [...values, values.at(-1)!],
		unit: "mA",
	};
}

function seriesOf(result: ScenarioResult): Series[] {
	const { events } = readTrace(result.trace);
	const end = (result.end?.time ?? 0) / 1e6;
	const map = new Map<string, { times: number[]; raw: (number | string)[] }>();
	for (const { time, signal, value } of events) {
		let entry = map.get(signal);
		if (!entry) map.set(signal, (entry = { times: [], raw: [] }));
		entry.times.push(time / 1e9);
		entry.raw.push(value);
	}
	const all: Series[] = [];
	all.push(currentOf(result, events, end));
	for (const [name, { times, raw }] of [...map].sort(([a], [b]) => (a < b ? -1 : 1))) {
		const text = raw.some((value) => typeof value === "string");
		const labels =
			name === "state"
				? stateOrder.filter((state) => state === "active" || raw.includes(state))
				: text
					? [...new Set(raw.map(String))].sort()
					: undefined;
		const values = raw.map((value) => (labels ? labels.indexOf(String(value)) : Number(value)));
		const [peripheral = "", property = ""] = name.split(".");
		const pin = name.startsWith("pin-") || name.startsWith("duty-");
		if (name.startsWith("draw-")) continue;
		const level = name.startsWith("pin-") && times[0]! > 0;
		const state = name === "state" && labels ? [labels.indexOf("active")] : [];
		const label = pin ? pinLabel(result, name) : property ? `${peripheral}: ${property}` : name;
		all.push({
			name: label,
			times: [...(level || state.length ? [0] : []), ...times, ...(end > times.at(-1)! ? [end] : [])],
			values: [
				...(level ? [1 - values[0]!] : []),
				...state,
				...values,
				...(end > times.at(-1)! ? [values.at(-1)!] : []),
			],
			...(labels ? { labels } : name.startsWith("pin-") ? { labels: ["low", "high"] } : {}),
			joined: !pin && !text,
		});
	}
	return all.map(thinned);
}

/** "pin 2 (led)" */
function pinLabel(result: ScenarioResult, name: string): string {
	const pin = Number(name.slice(name.indexOf("-") + 1));
	const users = result.scenario.peripherals
		.filter(({ parameters }) => parameters["pin"] === pin)
		.map((peripheral) => peripheral.name);
	return `${name.startsWith("pin") ? "pin" : "duty of pin"} ${pin}${users.length ? ` (${users.join(", ")})` : ""}`;
}

function energyTable(result: ScenarioResult): string {
	const figures = energyFigures(result);
	if (!figures || !result.end) return "";
	const total = result.end.time;
	const rows = figures.shares.map(
		({ name, time, charge }) =>
			`<tr><td>${htmlText(name)}</td><td>${time > 0 ? timeText(time) : ""}</td><td>${time > 0 ? `${((time / total) * 100).toFixed(3)} %` : ""}</td><td>${time > 0 ? currentText(result.scenario.energy.currents[name] ?? 0) : ""}</td><td>${charge.toPrecision(4)} uAh</td><td>${figures.charge > 0 ? ((charge / figures.charge) * 100).toFixed(1) : "0.0"} %</td></tr>`,
	);
	return `<h2>Energy</h2><table><tr><th>state</th><th>time</th><th></th><th>current</th><th>charge</th><th></th></tr>${rows.join("")}</table>
<p>${figures.charge.toPrecision(4)} uAh, ${figures.joules.toPrecision(4)} J; average ${currentText(figures.average)}; ${htmlText(batteryText(result, figures.days))}.</p>`;
}

/** Lines of the log at most. */
const LINES = 2000;

function eventRows(result: ScenarioResult): string {
	const rows: string[] = [];
	const add = (time: number, kind: string, text: string, at: boolean): void => {
		rows.push(
			`<tr class="${kind}"${at ? ` data-time="${time / 1e6}"` : ""}><td>${timeText(time)}</td><td>${htmlText(text)}</td></tr>`,
		);
	};
	for (const report of result.reports) {
		if (rows.length === LINES && report.report !== "failed") continue;
		if (report.report === "failed")
			add(report.time, "failed", `✗ line ${report.line}: ${report.text}: ${report.message}`, true);
		else if (report.report === "passed") add(report.time, "passed", `✓ line ${report.line}: ${report.text}`, true);
		else if (report.report === "log") add(report.time, "log", report.text, true);
		else if (report.report === "publish") add(report.time, "publish", `> ${report.topic} ${report.payload}`, true);
		else if (report.report === "note") add(report.time, "note", report.text, true);
		else if (report.report === "reset") add(report.time, "reset", `starts anew: ${report.reason}`, true);
		else if (report.report === "exit")
			add(report.time, "exit", `the program ended with status ${report.status} ${report.message}`, true);
	}
	if (rows.length >= LINES) rows.push(`<tr><td></td><td>more lines are not shown</td></tr>`);
	return rows.join("\n");
}

const style = `body{font:14px/1.45 system-ui,sans-serif;margin:0 auto;padding:1em;max-width:1200px;color:#1b1f24;background:#fff}
h1{font-size:1.4em;margin:.2em 0}h2{font-size:1.1em;margin:1.2em 0 .4em}table{border-collapse:collapse}td,th{padding:.15em .8em .15em 0;text-align:left;vertical-align:top}
.verdict{font-weight:600}.verdict.ok{color:#1a7f37}.verdict.bad,tr.failed{color:#b3261e}tr.passed{color:#1a7f37}tr.publish{color:#0550ae}tr.reset{color:#8250df}
#events{max-height:24em;overflow:auto;font:12px/1.4 ui-monospace,monospace;border:1px solid #d0d7de;padding:.4em}#events tr{cursor:pointer}#events tr.chosen{background:#fff3b0}
.plot{margin:.2em 0}.plot .u-title{font-size:13px;text-align:left;font-weight:600}p.hint{color:#57606a}`;

/** Plots share their time axis: a choice in one is all's. A failed expectation is a red line in all. */
const program = `const {series, failures, end} = JSON.parse(document.getElementById("data").textContent);
const plots = [];
const marks = {hooks: {draw: [(u) => {
	for (const [time, colour] of [...failures.map((t) => [t, "#b3261e"]), ...(chosen === null ? [] : [[chosen, "#bf8700"]])]) {
		const x = u.valToPos(time, "x", true);
		if (x < u.bbox.left || x > u.bbox.left + u.bbox.width) continue;
		u.ctx.save(); u.ctx.strokeStyle = colour; u.ctx.lineWidth = 2; u.ctx.beginPath(); u.ctx.moveTo(x, u.bbox.top); u.ctx.lineTo(x, u.bbox.top + u.bbox.height); u.ctx.stroke(); u.ctx.restore();
	}
}]}};
let chosen = null, scaling = false;
const unit = end > 7200 ? [3600, " h"] : end > 120 ? [60, " min"] : end > 1 ? [1, " s"] : [0.001, " ms"];
const seconds = (v) => v === null || v === undefined ? "" : +(v / unit[0]).toPrecision(7) + unit[1];
function follow(u) {
	if (scaling) return;
	scaling = true;
	for (const p of plots) if (p !== u) p.setScale("x", {min: u.scales.x.min, max: u.scales.x.max});
	scaling = false;
}
for (const s of series) {
	const holder = document.createElement("div"); holder.className = "plot"; document.getElementById("plots").append(holder);
	const name = (v) => s.labels ? s.labels[v] ?? "" : v === null || v === undefined ? "" : +v.toPrecision(5) + (s.unit ? " " + s.unit : "");
	const flat = s.labels ? [-0.2, s.labels.length - 0.8] : null;
	const options = {
		title: s.name, width: Math.min(1160, document.body.clientWidth - 24), height: s.labels && s.labels.length < 3 ? 96 : 150, plugins: [marks],
		cursor: {sync: {key: "time"}, drag: {x: true, y: false}}, hooks: {setScale: [(u, key) => key === "x" && plots.includes(u) && follow(u)]},
		scales: {x: {time: false, range: (u, a, b) => [a, b === a ? a + 1 : b]}, y: flat ? {range: flat} : {}},
		axes: [{values: (u, ticks) => ticks.map(seconds), size: 28, space: 90}, {size: 90, splits: s.labels ? () => s.labels.map((_, i) => i) : undefined, values: (u, ticks) => ticks.map(name)}],
		series: [{value: (u, v) => seconds(v)}, {label: s.name, stroke: "#0550ae", width: 1.5, fill: s.labels ? "#0550ae18" : undefined, points: {show: s.times.length < 60 && !!s.joined},
			paths: s.joined ? undefined : uPlot.paths.stepped({align: 1}), value: (u, v) => name(v)}],
	};
	plots.push(new uPlot(options, [s.times, s.values], holder));
}
for (const p of plots) p.setScale("x", {min: 0, max: end || 1});
document.getElementById("events").addEventListener("click", (event) => {
	const row = event.target.closest("tr[data-time]");
	if (!row) return;
	for (const other of document.querySelectorAll("tr.chosen")) other.classList.remove("chosen");
	row.classList.add("chosen"); chosen = +row.dataset.time;
	for (const p of plots) p.redraw(false);
});
document.body.dataset.plots = String(plots.length);`;

export function scenarioPage(result: ScenarioResult): string {
	const folder = dirname(createRequire(import.meta.url).resolve("uplot"));
	const library = readFileSync(join(folder, "uPlot.iife.min.js"), "utf8");
	const styles = readFileSync(join(folder, "uPlot.min.css"), "utf8");
	const { end, failures, problem, scenario } = result;
	const verdict =
		problem !== null ? `the board failed: ${problem}` : failures.length ? `${failures.length} failed` : "passed";
	const data = jsonText({
		series: seriesOf(result),
		failures: failures.map((failure) => failure.time / 1e6),
		end: (end?.time ?? 0) / 1e6,
	});
	return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${htmlText(scenario.name)}: ${failures.length || problem ? "failed" : "passed"}</title>
<style>${styles}${style}</style></head><body>
<h1>${htmlText(scenario.name)}</h1>
<p><span class="verdict ${problem === null && !failures.length ? "ok" : "bad"}">${htmlText(verdict)}</span>, on ${htmlText(result.board)}, ${end ? timeText(end.time) : "?"} simulated, seed ${scenario.seed}; ${htmlText(result.file.path)}</p>
<h2>What happened</h2><div id="events"><table>
${eventRows(result)}
</table></div>
<p class="hint">A click on a line marks its time in the plots; a drag over a plot enlarges all of them, a double click shows everything. Red lines: failed expectations.</p>
<h2>Over time</h2><div id="plots"></div>
${energyTable(result)}
<script type="application/json" id="data">${data}</script>
<script>${library.replaceAll("</script", "<\\/script")}</script>
<script>${program}</script>
</body></html>
`;
}
