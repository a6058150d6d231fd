/** What a scenario took from the supply, for people. */

import { shown } from "../../../boards/simulated/world/checks";
import type { ScenarioResult } from "./result";

export interface EnergyShare {
	readonly name: string;
	/** Microseconds; 0 for peripherals. */
	readonly time: number;
	/** Microampere hours. */
	readonly charge: number;
}

export interface EnergyFigures {
	readonly shares: readonly EnergyShare[];
	/** Microampere hours. */
	readonly charge: number;
	readonly joules: number;
	/** Microamperes. */
	readonly average: number;
	/** Of the battery, at that current. */
	readonly days: number;
}

export function energyFigures(result: ScenarioResult): EnergyFigures | null {
	const { end, scenario } = result;
	if (!end) return null;
	const shares: EnergyShare[] = [];
	for (const [name, time] of Object.entries(end.states))
		if (time > 0) shares.push({ name, time, charge: end.charge[name] ?? 0 });
	for (const [name, charge] of end.peripherals) shares.push({ name, time: 0, charge });
	const charge = shares.reduce((sum, share) => sum + share.charge, 0);
	const average = end.time > 0 ? (charge * 3.6e9) / end.time : 0;
	return {
		shares,
		charge,
		joules: charge * 3.6e-3 * scenario.energy.supply,
		average,
		days: average > 0 ? scenario.energy.battery / average / 24 : Infinity,
	};
}

export function currentText(microamperes: number): string {
	return microamperes >= 1000 ? `${shown(microamperes / 1000)} mA` : `${shown(microamperes)} uA`;
}

function lifeText(days: number): string {
	if (days === Infinity) return "for ever";
	return days > 730
		? `${shown(days / 365.25)} years`
		: days > 2
			? `${shown(days)} days`
			: `${shown(days * 24)} hours`;
}

export function batteryText(result: ScenarioResult, days: number): string {
	return `a battery of ${shown(result.scenario.energy.battery / 1000)} mAh would last ${lifeText(days)}`;
}

export function energyText(result: ScenarioResult): string {
	const figures = energyFigures(result);
	if (!figures || !result.end) return "";
	const end = result.end;
	const rows = figures.shares.map(({ name, time, charge }) => {
		const share = time > 0 ? `${shown((time / end.time) * 100)} %` : "";
		return `    ${name.padEnd(14)} ${share.padStart(12)} ${`${shown(charge)} uAh`.padStart(16)}`;
	});
	return [...rows, `    average ${currentText(figures.average)}; ${batteryText(result, figures.days)}`].join("\n");
}
