/** Which export of a module is called, and with what: as `--invoke` and scenarios say it. */

import { CommandError, Status } from "./errors";
import type { FunctionView, ModuleView } from "./module-view";
import { suggestion } from "./suggest";
import { parseArguments, type Value } from "./values";

export interface Invocation {
	readonly name: string;
	readonly texts: readonly string[];
}

/** Called without --invoke: the first that the module exports and that takes no arguments. */
const entries = ["_start", "main", "run"];

function exportedFunctions(view: ModuleView): Map<string, FunctionView> {
	const functions = new Map<string, FunctionView>();
	for (const { name, kind, index } of view.exports) {
		const target = view.functions[index];
		if (kind === "function" && target) functions.set(name, target);
	}
	return functions;
}

export interface Call {
	readonly name: string;
	readonly values: readonly Value[];
	readonly results: readonly string[];
}

/** What is called: as asked, else the first of the usual entries; null: nothing. */
export function findCall(view: ModuleView, invocation: Invocation | null): Call | null {
	const functions = exportedFunctions(view);
	if (!invocation) {
		const name = entries.find((entry) => functions.get(entry)?.type.parameters.length === 0);
		return name === undefined ? null : { name, values: [], results: functions.get(name)?.type.results ?? [] };
	}
	const { name, texts } = invocation;
	const target = functions.get(name);
	if (!target) {
		const other = view.exports.find((candidate) => candidate.name === name);
		const problem = other
			? `export "${name}" is a ${other.kind}, not a function`
			: `no exported function "${name}"`;
		throw new CommandError(`${problem}${suggestion(name, [...functions.keys()])}`, Status.USAGE);
	}
	return { name, values: parseArguments(name, target.type.parameters, texts), results: target.type.results };
}
