/** The trace as a value change dump (IEEE 1364-2005, clause 18), which GTKWave and PulseView open. */

import { readTrace } from "./trace";
import { vcdWord } from "../printable";
import type { ScenarioResult } from "./result";

/** Printable characters, by clause 18.2.1. */
function identifier(i: number): string {
	let text = "";
	for (let rest = i; ; rest = Math.floor(rest / 94) - 1) {
		text += String.fromCharCode(33 + (rest % 94));
		if (rest < 94) return text;
	}
}

function change(id: string, value: number | string, wire: boolean): string {
	if (wire) return `${value}${id}`;
	return typeof value === "number" ? `r${value} ${id}` : `s${vcdWord(value)} ${id}`;
}

export function vcd(result: ScenarioResult): string {
	const { events } = readTrace(result.trace);
	const ids = new Map<string, { id: string; wire: boolean; text: boolean }>();
	for (const { signal, value } of events)
		if (!ids.has(signal))
			ids.set(signal, {
				id: identifier(ids.size),
				wire: signal.startsWith("pin-"),
				text: typeof value === "string",
			});
	const lines = [
		`$comment ${result.scenario.name.split(/\s+/).map(vcdWord).join(" ")} on ${vcdWord(result.board)} $end`,
		"$timescale 1 ns $end",
		"$scope module board $end",
	];
	for (const [name, { id, wire, text }] of ids)
		lines.push(
			wire
				? `$var wire 1 ${id} ${vcdWord(name)} $end`
				: `$var ${text ? "string 1" : "real 64"} ${id} ${vcdWord(name.replaceAll(".", "_"))} $end`,
		);
	lines.push("$upscope $end", "$enddefinitions $end", "#0", "$dumpvars");
	for (const { id, wire, text } of ids.values()) lines.push(wire ? `0${id}` : text ? `s- ${id}` : `r0 ${id}`);
	lines.push("$end");
	let last = 0;
	for (const { time, signal, value } of events) {
		const { id, wire } = ids.get(signal)!;
		if (time !== last) lines.push(`#${(last = time)}`);
		lines.push(change(id, value, wire));
	}
	const end = Math.round((result.end?.time ?? 0) * 1000);
	if (end > last) lines.push(`#${end}`);
	return lines.join("\n") + "\n";
}
