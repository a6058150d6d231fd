/** Reads the peripherals of a scenario: their parameters and what they begin with. */

import type { Node } from "yaml";
import { peripheralTypes } from "../../../boards/simulated/peripherals/index";
import type { Parameter } from "../../../boards/simulated/peripherals/peripheral";
import { i2cBuses, serialPorts, spiBuses } from "../../../boards/simulated/pin-table/pins";
import type { PeripheralSpec, Value } from "../../../boards/simulated/world/scenario";
import { suggestion } from "../suggest";
import { busNames, currentUnits, readBus, readPin, readValue, type Context } from "./fields";
import { own, type Entry } from "./reader";

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

export function readPeripheral(context: Context, entry: Entry): PeripheralSpec {
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
		const parameter = own(type.parameters, key);
		const property = own(type.properties, key);
		if (parameter) parameters[key] = readParameter(context, value, `${name}: ${key}`, parameter);
		else if (property) properties[key] = readValue(context, value, `${name}: ${key}`, property);
		else
			reader.fail(
				keyNode,
				`a ${typeName} has no "${key}"${suggestion(key, [...Object.keys(type.parameters), ...Object.keys(type.properties)])}`,
			);
	}
	for (const [key, parameter] of Object.entries(type.parameters)) {
		if (own(parameters, key) !== undefined) continue;
		if (parameter.initial === undefined)
			reader.fail(entry.keyNode, `peripheral ${name}: a ${typeName} needs ${key} (${parameter.doc})`);
		parameters[key] = parameter.initial as number | string;
	}
	const spec = { name, type: typeName, line: reader.line(entry.keyNode), parameters, properties };
	context.peripherals.set(name, { type, spec });
	return spec;
}
