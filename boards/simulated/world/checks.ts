/** Comparing what is with what a scenario expects. */

import type { Check } from "./scenario";

export function holds(check: Check, value: number | string): boolean {
	if (typeof value === "number") {
		if (
			check.equals !== undefined &&
			!(Math.abs(value - Number(check.equals)) <= (check.tolerance ?? 1e-9 * Math.abs(value)))
		)
			return false;
		if (check.least !== undefined && !(value >= check.least)) return false;
		return !(check.most !== undefined && !(value <= check.most));
	}
	if (check.equals !== undefined && value !== String(check.equals)) return false;
	if (check.contains !== undefined && !value.includes(check.contains)) return false;
	if (check.matches !== undefined && !new RegExp(check.matches).test(value)) return false;
	if (check.least === undefined && check.most === undefined) return true;
	const number = Number(value);
	return holds({ least: check.least, most: check.most, text: check.text }, number);
}

/** MQTT's filters (3.1.1, 4.7): + is one level, # at the end all that follow. */
export function topicMatches(filter: string, topic: string): boolean {
	const wanted = filter.split("/");
	const levels = topic.split("/");
	for (let i = 0; i < wanted.length; i++) {
		if (wanted[i] === "#") return true;
		if (i >= levels.length || (wanted[i] !== "+" && wanted[i] !== levels[i])) return false;
	}
	return wanted.length === levels.length;
}

/** For people: four significant digits, no long tails. */
export function shown(value: number | string): string {
	return typeof value === "number" ? String(Number(value.toPrecision(5))) : JSON.stringify(value);
}

/** A time for people. */
export function timeText(us: number): string {
	if (us < 1000) return `${Number(us.toFixed(1))} us`;
	if (us < 1e6) return `${Number((us / 1e3).toPrecision(5))} ms`;
	if (us < 60e6) return `${Number((us / 1e6).toPrecision(5))} s`;
	const seconds = Math.floor(us / 1e6);
	const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
	const rest = Math.round((us % 1e6) / 1e3);
	return `${parts.map((part) => String(part).padStart(2, "0")).join(":")}${rest ? `.${String(rest).padStart(3, "0")}` : ""}`;
}
