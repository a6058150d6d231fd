/** Reads the steps of a scenario: when, what is done to the world, what is expected. */

import type { Node } from "yaml";
import { serialPorts } from "../../../boards/simulated/pin-table/pins";
import type { Action, Step } from "../../../boards/simulated/world/scenario";
import { suggestion } from "../suggest";
import { readCondition } from "./conditions";
import {
	busNames,
	chargeUnits,
	currentUnits,
	fieldsOf,
	need,
	readBus,
	readPin,
	readValue,
	waveformKinds,
	type Context,
} from "./fields";
import type { Entry } from "./reader";

const energyUnits = { nJ: 1e-3, uJ: 1, mJ: 1e3, J: 1e6, kJ: 1e9 };
const percentUnits = { "%": 1 };

/** Unless a step says how long it waits. */
const WITHIN = 10e6;

const faultKinds = ["nack", "nack-data", "timeout", "stuck", "noise", "crc", "disconnect"];
const busFaults = ["nack", "nack-data", "timeout", "stuck", "noise"];

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

export function readStep(context: Context, node: Node | null): Step {
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
