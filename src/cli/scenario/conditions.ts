/** Reads what steps look at: pins, peripherals, the log and what else a program does. */

import type { Node } from "yaml";
import { serialPorts } from "../../../boards/simulated/pin-table/pins";
import type { Check, Condition } from "../../../boards/simulated/world/scenario";
import { chipStateNames, wakeReasonNames } from "../../shared/chip-names";
import { suggestion } from "../suggest";
import { fieldsOf, readBus, readLevel, readPin, type Context } from "./fields";
import type { Entry } from "./reader";

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
export function readCondition(
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
				return { on: "state", state: reader.oneOf(entry.value, "state", chipStateNames), text };
			case "wake":
				return { on: "wake", reason: reader.oneOf(entry.value, "wake", wakeReasonNames), text };
			case "exit":
				return { on: "exit", status: reader.integer(entry.value, "exit", 0, 255), text };
			default:
				return readReading(context, entry);
		}
	})();
	return { condition, fields };
}
