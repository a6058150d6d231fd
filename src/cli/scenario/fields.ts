/** What every part of a scenario is read with: maps with known fields, units, pins, buses, waveforms. */

import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Node } from "yaml";
import type { PeripheralType, Property } from "../../../boards/simulated/peripherals/peripheral";
import { pins } from "../../../boards/simulated/pin-table/pins";
import type { PeripheralSpec, Value, Waveform } from "../../../boards/simulated/world/scenario";
import { pinNamed } from "../../iot-api/provider";
import { suggestion } from "../suggest";
import type { Entry, Reader } from "./reader";

export interface Context {
	readonly reader: Reader;
	readonly folder: string;
	readonly file: string;
	readonly peripherals: Map<string, { type: PeripheralType; spec: PeripheralSpec }>;
}

export const currentUnits = { nA: 1e-3, uA: 1, µA: 1, mA: 1e3, A: 1e6 };
export const chargeUnits = { nAh: 1e-3, uAh: 1, mAh: 1e3, Ah: 1e6 };
export const busNames = ["i2c0", "i2c1", "spi0"];

export function readPin({ reader }: Context, node: Node | null, what: string): number {
	const value = reader.scalar(node, what);
	if (typeof value === "number") return reader.integer(node, what, 0, 63);
	return (
		pinNamed(pins, String(value)) ??
		reader.fail(node, `${what}: no pin "${String(value)}"${suggestion(String(value), Object.keys(pins))}`)
	);
}

export function readLevel({ reader }: Context, node: Node | null, what: string): number {
	const value = reader.scalar(node, what);
	if (value === 1 || value === "high") return 1;
	if (value === 0 || value === "low") return 0;
	return reader.fail(node, `${what}: high or low, not "${String(value)}"`);
}

export function readBus(
	{ reader }: Context,
	node: Node | null,
	what: string,
	buses: readonly { name: string; port: number }[],
): number {
	const value = reader.scalar(node, what);
	const bus = buses.find(({ name, port }) => value === name || value === port);
	return bus
		? bus.port
		: reader.fail(
				node,
				`${what}: no "${String(value)}"; there ${buses.length === 1 ? "is" : "are"} ${buses.map(({ name }) => name).join(", ")}`,
			);
}

/** time,value lines of a file; times in seconds, or with a unit. A first line without numbers is a heading. */
function readCSV(
	{ reader, folder }: Context,
	node: Node | null,
	name: string,
	column: number,
): { times: number[]; values: number[] } {
	const path = resolve(folder, name);
	if (!existsSync(path)) reader.fail(node, `csv: no file ${name}`);
	const times: number[] = [];
	const values: number[] = [];
	readFileSync(path, "utf8")
		.split(/\r?\n/)
		.forEach((line, i) => {
			const cells = line.split(/[,;\t]/).map((cell) => cell.trim());
			if (line.trim() === "" || line.startsWith("#")) return;
			const time = Number(cells[0]) * 1e6;
			const value = cells[column] === undefined || cells[column] === "" ? NaN : Number(cells[column]);
			if (i === 0 && (Number.isNaN(time) || Number.isNaN(value))) return;
			if (!Number.isFinite(time) || !Number.isFinite(value))
				reader.fail(node, `csv: ${name}:${i + 1}: a time in seconds and a value are needed`);
			if (times.length && time <= times[times.length - 1]!)
				reader.fail(node, `csv: ${name}:${i + 1}: times must ascend`);
			times.push(time);
			values.push(value);
		});
	if (!times.length) reader.fail(node, `csv: ${name} has no lines`);
	return { times, values };
}

export const waveformKinds = ["ramp", "sine", "square", "csv", "points", "value"];

export function fieldsOf(
	context: Context,
	node: Node | null,
	what: string,
	names: readonly string[],
): Map<string, Entry> {
	const map = new Map<string, Entry>();
	for (const entry of context.reader.entries(node, what)) {
		if (!names.includes(entry.key))
			context.reader.fail(entry.keyNode, `${what}: no "${entry.key}"${suggestion(entry.key, names)}`);
		map.set(entry.key, entry);
	}
	return map;
}

export function need(
	context: Context,
	fields: Map<string, Entry>,
	name: string,
	node: Node | null,
	what: string,
): Node | null {
	const entry = fields.get(name);
	return entry ? entry.value : context.reader.fail(node, `${what}: ${name} is missing`);
}

function readWaveform(context: Context, node: Node | null, what: string): Waveform {
	const { reader } = context;
	const fields = fieldsOf(context, node, what, [...waveformKinds, "noise"]);
	const kind = waveformKinds.find((name) => fields.has(name));
	if (kind === undefined) return reader.fail(node, `${what}: one of ${waveformKinds.join(", ")} is needed`);
	const noise = fields.has("noise") ? { noise: reader.number(fields.get("noise")!.value, "noise", 0) } : {};
	const inner = fields.get(kind)!.value;
	const read = (names: readonly string[]): Map<string, Entry> => fieldsOf(context, inner, kind, names);
	/** Two numbers, the period, and a share of it. */
	const periodic = (
		first: string,
		second: string,
		share: string,
		usual: number,
	): [number, number, number, number] => {
		const f = read([first, second, "period", share]);
		const period = reader.time(need(context, f, "period", inner, kind), "period");
		if (!(period > 0)) reader.fail(inner, `${kind}: period must be above zero`);
		return [
			reader.number(need(context, f, first, inner, kind), first),
			reader.number(need(context, f, second, inner, kind), second),
			period,
			f.has(share) ? reader.number(f.get(share)!.value, share, 0, 1) : usual,
		];
	};
	switch (kind) {
		case "value":
			return { kind: "constant", value: reader.number(inner, what), ...noise };
		case "ramp": {
			const f = read(["from", "to", "over"]);
			const over = reader.time(need(context, f, "over", inner, kind), "over");
			if (!(over > 0)) reader.fail(inner, "ramp: over must be above zero");
			return {
				kind,
				from: reader.number(need(context, f, "from", inner, kind), "from"),
				to: reader.number(need(context, f, "to", inner, kind), "to"),
				over,
				...noise,
			};
		}
		case "sine": {
			const [mean, amplitude, period, phase] = periodic("mean", "amplitude", "phase", 0);
			return { kind, mean, amplitude, period, phase, ...noise };
		}
		case "square": {
			const [low, high, period, duty] = periodic("low", "high", "duty", 0.5);
			return { kind, low, high, period, duty, ...noise };
		}
		case "csv": {
			const f = read(["file", "column", "steps", "repeat"]);
			const file = need(context, f, "file", inner, kind);
			const column = f.has("column") ? reader.integer(f.get("column")!.value, "column", 1, 1000) : 1;
			return {
				kind: "points",
				...readCSV(context, file, reader.text(file, "file"), column),
				linear: !(f.has("steps") && reader.scalar(f.get("steps")!.value, "steps") === true),
				repeat: f.has("repeat") ? reader.time(f.get("repeat")!.value, "repeat") : 0,
				...noise,
			};
		}
		default: {
			const times: number[] = [];
			const values: number[] = [];
			for (const item of reader.items(inner, "points")) {
				const [time, value] = reader.items(item, "a point is [time, value]");
				times.push(reader.time(time ?? null, "time"));
				values.push(reader.number(value ?? null, "value"));
				if (times.length > 1 && times[times.length - 1]! <= times[times.length - 2]!)
					reader.fail(item, "points: times must ascend");
			}
			if (!times.length) reader.fail(inner, "points: none");
			return { kind: "points", times, values, linear: true, repeat: 0, ...noise };
		}
	}
}

export function readValue(context: Context, node: Node | null, what: string, property: Property): Value {
	const { reader } = context;
	if (property.choices) return reader.oneOf(node, what, property.choices);
	if (node && "items" in node) return readWaveform(context, node, what);
	return { kind: "constant", value: reader.number(node, what, property.minimum, property.maximum) };
}
