/**
 * Reads a scenario: YAML to what boards get (boards/simulated/world/scenario.ts). The format is documented in
 * docs/SCENARIOS.md.
 */

import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Node } from "yaml";
import { peripheralTypes } from "../../../boards/simulated/peripherals/index";
import type { Parameter, PeripheralType, Property } from "../../../boards/simulated/peripherals/peripheral";
import { i2cBuses, pins, serialPorts, spiBuses } from "../../../boards/simulated/pin-table/pins";
import {
	states,
	wakeReasons,
	type Action,
	type Check,
	type Condition,
	type PeripheralSpec,
	type Scenario,
	type Step,
	type Value,
	type Waveform,
} from "../../../boards/simulated/world/scenario";
import { pinNamed } from "../../iot-api/provider";
import { boardNames, defaultBoard, loadBoard } from "../boards";
import { chipNames, loadChip, type ChipChanges } from "../chips";
import { checkGrants } from "../grants";
import { readInput } from "../input-file";
import { readYaml, type Entry, type Reader } from "./reader";
import { suggestion } from "../suggest";

/** What is in the file. */
export interface ScenarioFile {
	readonly path: string;
	/** null: the command line's. */
	readonly board: string | null;
	/** Paths, resolved. */
	readonly module: string | null;
	readonly script: string | null;
	readonly invoke: string | null;
	readonly arguments: readonly string[];
	readonly grants: readonly string[];
	/** Microseconds; 0: none. */
	readonly watchdog: number;
	/** null: the command line's, or the board's. */
	readonly chip: string | null;
	readonly changes: ChipChanges;
	readonly scenario: Omit<Scenario, "energy">;
}

const currentUnits = { nA: 1e-3, uA: 1, µA: 1, mA: 1e3, A: 1e6 };
const chargeUnits = { nAh: 1e-3, uAh: 1, mAh: 1e3, Ah: 1e6 };
const costUnits = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9 };
const energyUnits = { nJ: 1e-3, uJ: 1, mJ: 1e3, J: 1e6, kJ: 1e9 };
const percentUnits = { "%": 1 };

/** Unless a step says how long it waits. */
const WITHIN = 10e6;

const busNames = ["i2c0", "i2c1", "spi0"];
const faultKinds = ["nack", "nack-data", "timeout", "stuck", "noise", "crc", "disconnect"];
const busFaults = ["nack", "nack-data", "timeout", "stuck", "noise"];

interface Context {
	readonly reader: Reader;
	readonly folder: string;
	readonly file: string;
	readonly peripherals: Map<string, { type: PeripheralType; spec: PeripheralSpec }>;
}

/* ---- values ---- */

function readPin({ reader }: Context, node: Node | null, what: string): number {
	const value = reader.scalar(node, what);
	if (typeof value === "number") return reader.integer(node, what, 0, 63);
	return (
		pinNamed(pins, String(value)) ??
		reader.fail(node, `${what}: no pin "${String(value)}"${suggestion(String(value), Object.keys(pins))}`)
	);
}

function readLevel({ reader }: Context, node: Node | null, what: string): number {
	const value = reader.scalar(node, what);
	if (value === 1 || value === "high") return 1;
	if (value === 0 || value === "low") return 0;
	return reader.fail(node, `${what}: high or low, not "${String(value)}"`);
}

function readBus(
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

const waveformKinds = ["ramp", "sine", "square", "csv", "points", "value"];

function fieldsOf(context: Context, node: Node | null, what: string, names: readonly string[]): Map<string, Entry> {
	const map = new Map<string, Entry>();
	for (const entry of context.reader.entries(node, what)) {
		if (!names.includes(entry.key))
			context.reader.fail(entry.keyNode, `${what}: no "${entry.key}"${suggestion(entry.key, names)}`);
		map.set(entry.key, entry);
	}
	return map;
}

function need(
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

function readValue(context: Context, node: Node | null, what: string, property: Property): Value {
	const { reader } = context;
	if (property.choices) return reader.oneOf(node, what, property.choices);
	if (node && "items" in node) return readWaveform(context, node, what);
	return { kind: "constant", value: reader.number(node, what, property.minimum, property.maximum) };
}

/* ---- peripherals ---- */

function readParameter(context: Context, node: Node | null, what: string, parameter: Parameter): number | string {
	const { reader } = context;
	const inRange = (value: number): number => {
		if (
			(parameter.minimum !== undefined && value < parameter.minimum) ||
			(parameter.maximum !== undefined && value > parameter.maximum)
		)
			reader.fail(node, `${what}: ${reader.source(node)} is out of range`);
		return value;
	};
	switch (parameter.kind) {
		case "pin":
			return readPin(context, node, what);
		case "bus":
			return readBus(context, node, what, parameter.choices?.[0] === "spi" ? spiBuses : i2cBuses);
		case "serial":
			return readBus(context, node, what, serialPorts);
		case "address": {
			const address = reader.integer(node, what, 0x08, 0x77);
			if (parameter.choices && !parameter.choices.includes(String(address)))
				reader.fail(
					node,
					`${what}: it has ${parameter.choices.map((choice) => `0x${Number(choice).toString(16)}`).join(" or ")}`,
				);
			return address;
		}
		case "current":
			return inRange(reader.quantity(node, what, currentUnits, false));
		case "time":
			return inRange(reader.time(node, what));
		case "choice":
			return reader.oneOf(node, what, parameter.choices ?? []);
		case "number":
			return reader.number(node, what, parameter.minimum, parameter.maximum);
	}
}

function readPeripheral(context: Context, entry: Entry): PeripheralSpec {
	const { reader } = context;
	const name = entry.key;
	if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(name))
		reader.fail(entry.keyNode, `"${name}" is no name for a peripheral: letters, digits, - and _`);
	if (
		["pin", "uart", "log", "publish", "storage", "state", "wake", "exit", "within"].includes(name) ||
		busNames.includes(name)
	)
		reader.fail(entry.keyNode, `"${name}" cannot name a peripheral: the word has a meaning in steps`);
	const entries = reader.entries(entry.value, `peripheral ${name}`);
	const typeEntry =
		entries.find(({ key }) => key === "type") ?? reader.fail(entry.value, `peripheral ${name}: type is missing`);
	const typeName = reader.oneOf(
		typeEntry.value,
		`peripheral ${name}: type`,
		peripheralTypes.map((type) => type.name),
	);
	const type = peripheralTypes.find((candidate) => candidate.name === typeName)!;
	const parameters: Record<string, number | string> = {};
	const properties: Record<string, Value> = {};
	for (const { key, keyNode, value } of entries) {
		if (key === "type") continue;
		const parameter = Object.hasOwn(type.parameters, key) ? type.parameters[key] : undefined;
		const property = Object.hasOwn(type.properties, key) ? type.properties[key] : undefined;
		if (parameter) parameters[key] = readParameter(context, value, `${name}: ${key}`, parameter);
		else if (property) properties[key] = readValue(context, value, `${name}: ${key}`, property);
		else
			reader.fail(
				keyNode,
				`a ${typeName} has no "${key}"${suggestion(key, [...Object.keys(type.parameters), ...Object.keys(type.properties)])}`,
			);
	}
	for (const [key, parameter] of Object.entries(type.parameters)) {
		if (Object.hasOwn(parameters, key)) continue;
		if (parameter.initial === undefined)
			reader.fail(entry.keyNode, `peripheral ${name}: a ${typeName} needs ${key} (${parameter.doc})`);
		parameters[key] = parameter.initial as number | string;
	}
	const spec = { name, type: typeName, line: reader.line(entry.keyNode), parameters, properties };
	context.peripherals.set(name, { type, spec });
	return spec;
}

/* ---- conditions ---- */

const checkFields = ["equals", "tolerance", "at-least", "at-most", "between", "contains", "matches"];

/** A value, /a regular expression/, or a map of what must hold. `texts`: plain text is to be contained, not equal. */
function readCheck(context: Context, node: Node | null, what: string, texts: boolean): Check {
	const { reader } = context;
	const text = reader.source(node);
	if (!(node && "items" in node)) {
		const value = reader.scalar(node, what);
		if (typeof value === "string" && value.length > 1 && value.startsWith("/") && value.endsWith("/"))
			return { matches: pattern(context, node, value.slice(1, -1)), text };
		if (texts) return { contains: reader.text(node, what), text };
		return { equals: typeof value === "number" ? value : String(value), text };
	}
	const fields = fieldsOf(context, node, what, checkFields);
	const check: { -readonly [K in keyof Check]: Check[K] } = { text };
	const number = (name: string): number => reader.number(fields.get(name)!.value, name);
	if (fields.has("equals")) {
		const value = reader.scalar(fields.get("equals")!.value, "equals");
		check.equals = typeof value === "number" ? value : String(value);
	}
	if (fields.has("tolerance")) check.tolerance = number("tolerance");
	if (fields.has("at-least")) check.least = number("at-least");
	if (fields.has("at-most")) check.most = number("at-most");
	if (fields.has("between")) {
		const [least, most] = reader.items(fields.get("between")!.value, "between");
		check.least = reader.number(least ?? null, "between");
		check.most = reader.number(most ?? null, "between");
	}
	if (fields.has("contains")) check.contains = reader.text(fields.get("contains")!.value, "contains");
	if (fields.has("matches"))
		check.matches = pattern(context, node, reader.text(fields.get("matches")!.value, "matches"));
	return check;
}

function pattern({ reader }: Context, node: Node | null, source: string): string {
	try {
		new RegExp(source);
	} catch (error) {
		reader.fail(node, error instanceof Error ? error.message : String(error));
	}
	return source;
}

function readReading(context: Context, entry: Entry): Condition {
	const { reader, peripherals } = context;
	const [name = "", dotted] = entry.key.split(".");
	const found = peripherals.get(name);
	const names = ["pin", "uart", "log", "publish", "storage", "state", "wake", "exit", ...peripherals.keys()];
	if (!found) return reader.fail(entry.keyNode, `no "${name}" to look at${suggestion(name, names)}`);
	const readings = Object.keys(found.type.readings);
	const reading = dotted ?? found.type.reading;
	if (reading === undefined)
		return reader.fail(entry.keyNode, `${name}: which reading? ${readings.map((r) => `${name}.${r}`).join(", ")}`);
	if (!readings.includes(reading))
		reader.fail(entry.keyNode, `a ${found.type.name} has no reading "${reading}"${suggestion(reading, readings)}`);
	const { choices } = found.type.readings[reading]!;
	const text = `${entry.key}: ${reader.source(entry.value)}`;
	if (choices)
		return {
			on: "reading",
			peripheral: name,
			reading,
			check: { equals: reader.oneOf(entry.value, entry.key, choices), text: reader.source(entry.value) },
			text,
		};
	const check = readCheck(context, entry.value, entry.key, false);
	if (typeof check.equals === "string") reader.fail(entry.value, `${entry.key}: "${check.equals}" is no number`);
	return { on: "reading", peripheral: name, reading, check, text };
}

/** One thing to look at; `options` are the fields beside it that belong to the step. */
function readCondition(
	context: Context,
	node: Node | null,
	what: string,
	options: readonly string[],
): { condition: Condition; fields: Map<string, Node | null> } {
	const { reader } = context;
	const fields = new Map<string, Node | null>();
	const looked: Entry[] = [];
	let level: Entry | undefined;
	let payload: Entry | undefined;
	let said: Entry | undefined;
	let key: Entry | undefined;
	let value: Entry | undefined;
	for (const entry of reader.entries(node, what)) {
		if (options.includes(entry.key)) fields.set(entry.key, entry.value);
		else if (entry.key === "level") level = entry;
		else if (entry.key === "payload") payload = entry;
		else if (entry.key === "text") said = entry;
		else if (entry.key === "key") key = entry;
		else if (entry.key === "value") value = entry;
		else looked.push(entry);
	}
	const entry =
		looked[0] ??
		reader.fail(
			node,
			`${what}: nothing to look at; pin, uart, log, publish, storage, state, wake, exit, or a peripheral`,
		);
	if (looked[1])
		reader.fail(looked[1].keyNode, `${what}: one thing at a time; "${looked[1].key}" needs a step of its own`);
	const text = reader.source(node).replace(/^\{\s*|\s*\}$/g, "");
	const misplaced = (extra: Entry | undefined, of: string): void => {
		if (extra && entry.key !== of) reader.fail(extra.keyNode, `${what}: ${extra.key} belongs to ${of}`);
	};
	misplaced(level, "pin");
	misplaced(payload, "publish");
	misplaced(said, "uart");
	misplaced(key, "storage");
	misplaced(value, "storage");
	const condition = ((): Condition => {
		switch (entry.key) {
			case "pin":
				return {
					on: "pin",
					pin: readPin(context, entry.value, "pin"),
					level: readLevel(
						context,
						level ? level.value : reader.fail(node, `${what}: level (high or low) is missing`),
						"level",
					),
					text,
				};
			case "uart":
				return said
					? {
							on: "serial",
							port: readBus(context, entry.value, "uart", serialPorts),
							check: readCheck(context, said.value, "text", true),
							text,
						}
					: { on: "serial", port: 0, check: readCheck(context, entry.value, "uart", true), text };
			case "log":
				return { on: "log", check: readCheck(context, entry.value, "log", true), text };
			case "publish":
				return {
					on: "publish",
					topic: reader.text(entry.value, "publish"),
					payload: payload ? readCheck(context, payload.value, "payload", true) : null,
					text,
				};
			case "storage":
				return {
					on: "storage",
					domain: reader.text(entry.value, "storage"),
					key: reader.text(key ? key.value : reader.fail(node, `${what}: key is missing`), "key"),
					check: value ? readCheck(context, value.value, "value", false) : { text: "" },
					text,
				};
			case "state":
				return { on: "state", state: reader.oneOf(entry.value, "state", states), text };
			case "wake":
				return { on: "wake", reason: reader.oneOf(entry.value, "wake", wakeReasons), text };
			case "exit":
				return { on: "exit", status: reader.integer(entry.value, "exit", 0, 255), text };
			default:
				return readReading(context, entry);
		}
	})();
	return { condition, fields };
}

/* ---- actions ---- */

function readSet(context: Context, node: Node | null): Action[] {
	const { reader, peripherals } = context;
	const actions: Action[] = [];
	const one = (entry: Entry, name: string, property: string | undefined): void => {
		const { type } = peripherals.get(name)!;
		const names = Object.keys(type.properties);
		if (names.length === 0) reader.fail(entry.keyNode, `a ${type.name} has nothing to set`);
		const chosen =
			property ??
			type.property ??
			reader.fail(entry.keyNode, `${name}: which property? ${names.map((p) => `${name}.${p}`).join(", ")}`);
		if (!names.includes(chosen))
			reader.fail(entry.keyNode, `a ${type.name} has no property "${chosen}"${suggestion(chosen, names)}`);
		actions.push({
			do: "set",
			peripheral: name,
			property: chosen,
			value: readValue(context, entry.value, `${name}.${chosen}`, type.properties[chosen]!),
		});
	};
	for (const entry of reader.entries(node, "set")) {
		const [name = "", property] = entry.key.split(".");
		const found = peripherals.get(name);
		if (!found) reader.fail(entry.keyNode, `no peripheral "${name}"${suggestion(name, [...peripherals.keys()])}`);
		const nested =
			property === undefined &&
			entry.value &&
			"items" in entry.value &&
			reader.entries(entry.value, name).every(({ key }) => !waveformKinds.includes(key) && key !== "noise")
				? reader.entries(entry.value, name)
				: null;
		if (nested) for (const inner of nested) one(inner, name, inner.key);
		else one(entry, name, property);
	}
	return actions;
}

function readInject(context: Context, node: Node | null): Action[] {
	const { reader, peripherals } = context;
	const names = ["brown-out", "reset", "watchdog", ...busNames, ...peripherals.keys()];
	return reader.entries(node, "inject").map(({ key, keyNode, value }): Action => {
		if (key === "brown-out") return { do: "reset", reason: 0, off: Math.max(1, reader.time(value, "brown-out")) };
		if (key === "reset") return { do: "reset", reason: 3, off: 0 };
		if (key === "watchdog") return { do: "reset", reason: 4, off: 0 };
		if (!names.includes(key))
			return reader.fail(keyNode, `nothing to inject into: "${key}"${suggestion(key, names)}`);
		const found = peripherals.get(key);
		const kinds = found ? (found.type.faults ?? []) : busFaults;
		if (kinds.length === 0) reader.fail(keyNode, `a ${found?.type.name} has no faults`);
		const fields =
			value && "items" in value
				? fieldsOf(context, value, `inject ${key}`, ["fault", "count", "for", "rate"])
				: new Map<string, Entry>([["fault", { key: "fault", keyNode, value }]]);
		const kind = reader.oneOf(
			need(context, fields, "fault", value, `inject ${key}`),
			`inject ${key}`,
			kinds.length ? kinds : faultKinds,
		);
		return {
			do: "inject",
			target: key,
			fault: {
				kind,
				count: fields.has("count")
					? reader.integer(fields.get("count")!.value, "count", 1, 1e9)
					: fields.has("for")
						? 0
						: 1,
				time: fields.has("for") ? reader.time(fields.get("for")!.value, "for") : 0,
				rate: fields.has("rate") ? reader.number(fields.get("rate")!.value, "rate", 0, 1) : 0.01,
			},
		};
	});
}

function readEdges(context: Context, node: Node | null): Action {
	const { reader, peripherals } = context;
	const names = ["pin", "count", "within", "period", "high", "tolerance", "which", ...peripherals.keys()];
	const fields = fieldsOf(context, node, "expect-edges", names);
	const named = [...fields.keys()].find((key) => peripherals.has(key));
	let pin: number;
	if (named !== undefined)
		pin = Number(peripherals.get(named)!.spec.parameters["pin"] ?? reader.fail(node, `${named} has no pin`));
	else pin = readPin(context, need(context, fields, "pin", node, "expect-edges"), "pin");
	const time = (name: string, otherwise: number): number =>
		fields.has(name) ? reader.time(fields.get(name)!.value, name) : otherwise;
	const period = time("period", 0);
	const high = time("high", 0);
	const whichNode = fields.get("which")?.value ?? (named === undefined ? null : fields.get(named)!.value);
	const which = whichNode ? reader.oneOf(whichNode, "expect-edges", ["rising", "falling", "both"]) : "both";
	return {
		do: "edges",
		pin,
		which: which === "rising" ? 1 : which === "falling" ? 2 : 3,
		count: reader.integer(need(context, fields, "count", node, "expect-edges"), "count", 1, 1e6),
		within: time("within", WITHIN),
		period,
		high,
		tolerance: time("tolerance", (period || high) * 0.01),
	};
}

function readExpectEnergy(context: Context, node: Node | null): Action {
	const { reader } = context;
	const fields = fieldsOf(context, node, "expect-energy", [
		"charge-below",
		"energy-below",
		"average-below",
		"battery-lasts",
		"over",
	]);
	const read = (name: string, units: Readonly<Record<string, number>>, otherwise: number): number =>
		fields.has(name) ? reader.quantity(fields.get(name)!.value, name, units, false) : otherwise;
	if (![...fields.keys()].some((name) => name !== "over"))
		reader.fail(node, "expect-energy: charge-below, energy-below, average-below or battery-lasts is needed");
	return {
		do: "energy",
		over: fields.has("over") ? reader.time(fields.get("over")!.value, "over") : 0,
		charge: read("charge-below", chargeUnits, 1e300),
		energy: read("energy-below", energyUnits, 1e300),
		average: read("average-below", currentUnits, 1e300),
		life: read("battery-lasts", { h: 1, d: 24, y: 8766 }, 0),
	};
}

function readExpectSleep(context: Context, node: Node | null): Action {
	const { reader } = context;
	const fields = fieldsOf(context, node, "expect-sleep", ["at-least", "at-most", "state", "over"]);
	const share = (name: string, otherwise: number): number =>
		fields.has(name) ? reader.quantity(fields.get(name)!.value, name, percentUnits, false) : otherwise;
	return {
		do: "sleep",
		over: fields.has("over") ? reader.time(fields.get("over")!.value, "over") : 0,
		state: fields.has("state")
			? reader.oneOf(fields.get("state")!.value, "state", ["any", "sleep", "deep-sleep"])
			: "any",
		least: share("at-least", 0),
		most: share("at-most", 100),
	};
}

function readSend(context: Context, node: Node | null): Action {
	const { reader } = context;
	if (!(node && "items" in node)) return { do: "send", port: 0, text: reader.text(node, "send") };
	const fields = fieldsOf(context, node, "send", ["uart", "text"]);
	return {
		do: "send",
		port:
			fields.has("uart") && fields.has("text")
				? readBus(context, fields.get("uart")!.value, "uart", serialPorts)
				: 0,
		text: reader.text((fields.get("text") ?? fields.get("uart"))?.value ?? null, "send"),
	};
}

const actionNames = [
	"set",
	"inject",
	"send",
	"note",
	"wait",
	"expect",
	"expect-never",
	"expect-edges",
	"expect-energy",
	"expect-sleep",
];
const timeNames = ["at", "after", "every", "until", "times"];

function readActions(context: Context, { key, value }: Entry): Action[] {
	const { reader } = context;
	switch (key) {
		case "set":
			return readSet(context, value);
		case "inject":
			return readInject(context, value);
		case "send":
			return [readSend(context, value)];
		case "note":
			return [{ do: "note", text: reader.text(value, "note") }];
		case "wait": {
			if (!(value && "items" in value)) return [];
			const { condition, fields } = readCondition(context, value, "wait", ["within"]);
			return [
				{
					do: "wait",
					condition,
					within: fields.has("within") ? reader.time(fields.get("within")!, "within") : WITHIN,
				},
			];
		}
		case "expect":
			return [{ do: "expect", condition: readCondition(context, value, "expect", []).condition }];
		case "expect-never": {
			const { condition, fields } = readCondition(context, value, "expect-never", ["for"]);
			return [{ do: "never", condition, time: fields.has("for") ? reader.time(fields.get("for")!, "for") : 0 }];
		}
		case "expect-edges":
			return [readEdges(context, value)];
		case "expect-energy":
			return [readExpectEnergy(context, value)];
		default:
			return [readExpectSleep(context, value)];
	}
}

function readStep(context: Context, node: Node | null): Step {
	const { reader } = context;
	const entries = reader.entries(node, "step");
	const times: Record<string, number> = {};
	const actions: Action[] = [];
	for (const entry of entries) {
		const { key, keyNode, value } = entry;
		if (key === "times") times[key] = reader.integer(value, key, 1, 1e9);
		else if (timeNames.includes(key)) times[key] = reader.time(value, key);
		else if (key === "wait" && !(value && "items" in value))
			times["after"] = (times["after"] ?? 0) + reader.time(value, "wait");
		else if (actionNames.includes(key)) actions.push(...readActions(context, entry));
		else reader.fail(keyNode, `no step "${key}"${suggestion(key, [...actionNames, ...timeNames])}`);
	}
	if ("at" in times && "after" in times) reader.fail(node, "at or after, not both");
	if (!("every" in times))
		for (const name of ["until", "times"]) if (name in times) reader.fail(node, `${name} belongs to every`);
	if ("every" in times && !(times["every"]! > 0)) reader.fail(node, "every: must be above zero");
	return {
		line: reader.line(node),
		text: reader.source(node),
		at: times["at"] ?? -1,
		after: times["after"] ?? -1,
		every: times["every"] ?? 0,
		until: times["until"] ?? 0,
		times: times["times"] ?? 0,
		actions,
	};
}

/* ---- the file ---- */

const topNames = [
	"name",
	"board",
	"chip",
	"module",
	"script",
	"invoke",
	"arguments",
	"grants",
	"seed",
	"duration",
	"watchdog",
	"energy",
	"costs",
	"peripherals",
	"steps",
];

export function readScenario(path: string): ScenarioFile {
	const source = readInput(path, "a scenario").toString("utf8");
	const reader = readYaml(path, source);
	const context: Context = { reader, folder: dirname(path), file: path, peripherals: new Map() };
	const top = fieldsOf(context, reader.root, "scenario", topNames);
	const value = (name: string): Node | null => top.get(name)?.value ?? null;
	const pathOf = (name: string): string | null => {
		if (!top.has(name)) return null;
		const file = resolve(context.folder, reader.text(value(name), name));
		if (!existsSync(file)) reader.fail(value(name), `${name}: no file ${reader.text(value(name), name)}`);
		return file;
	};
	const listOf = (name: string): string[] =>
		top.has(name) ? reader.items(value(name), name).map((item) => reader.text(item, name)) : [];
	const board = top.has("board") ? reader.oneOf(value("board"), "board", boardNames()) : null;
	const module = pathOf("module");
	const script = pathOf("script");
	if (module && script) reader.fail(top.get("script")!.keyNode, "a module or a script, not both");
	const chip = top.has("chip") ? reader.oneOf(value("chip"), "chip", chipNames()) : null;
	const usual = loadBoard(board ?? defaultBoard);
	const { currents: states, costs: times } = loadChip(chip ?? usual.chip);
	const currents: Record<string, number> = {};
	const costs: Record<string, number> = {};
	let battery = 0;
	if (top.has("energy"))
		for (const entry of reader.entries(value("energy"), "energy")) {
			if (entry.key === "battery") battery = reader.quantity(entry.value, "battery", chargeUnits, false);
			else if (Object.hasOwn(states, entry.key))
				currents[entry.key] = reader.quantity(entry.value, entry.key, currentUnits, false);
			else
				reader.fail(
					entry.keyNode,
					`energy: no "${entry.key}"${suggestion(entry.key, ["battery", ...Object.keys(states)])}`,
				);
		}
	if (top.has("costs"))
		for (const entry of reader.entries(value("costs"), "costs")) {
			const known = [...Object.keys(usual.costs), ...Object.keys(times)];
			if (!known.includes(entry.key))
				reader.fail(entry.keyNode, `costs: no "${entry.key}"${suggestion(entry.key, known)}`);
			costs[entry.key] = Math.round(reader.quantity(entry.value, entry.key, costUnits, false));
			if (costs[entry.key]! > 2e9) reader.fail(entry.value, `${entry.key}: more than 2 s`);
		}
	const grants = listOf("grants");
	try {
		checkGrants(grants);
	} catch (error) {
		reader.fail(value("grants"), (error as Error).message);
	}
	const peripherals = top.has("peripherals")
		? reader.entries(value("peripherals"), "peripherals").map((entry) => readPeripheral(context, entry))
		: [];
	const steps = top.has("steps") ? reader.items(value("steps"), "steps").map((step) => readStep(context, step)) : [];
	const duration = top.has("duration") ? reader.time(value("duration"), "duration") : 0;
	if (!duration && !steps.length) reader.fail(reader.root, "neither steps nor a duration: nothing would happen");
	return {
		path,
		board,
		module,
		script,
		invoke: top.has("invoke") ? reader.text(value("invoke"), "invoke") : null,
		arguments: listOf("arguments"),
		grants,
		watchdog: top.has("watchdog") ? reader.time(value("watchdog"), "watchdog") : 0,
		changes: { currents, battery, costs },
		chip,
		scenario: {
			name: top.has("name")
				? reader.text(value("name"), "name")
				: path.replace(/^.*\//, "").replace(/\.ya?ml$/, ""),
			seed: top.has("seed") ? reader.integer(value("seed"), "seed", 0, 0x7fffffff) : 1,
			duration,
			peripherals,
			steps,
		},
	};
}
