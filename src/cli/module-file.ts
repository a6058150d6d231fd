/** A module in a file, as commands are given it. */

import type { Board } from "./boards";
import { readInput } from "./input-file";
import { functions, moduleName, typeOf } from "../iot-api/table";
import { wasiModule, wasiTypes } from "../iot-api/wasi-table";
import { readModule, type FunctionType, type ModuleView } from "./module-view";

export interface ModuleFile {
	readonly path: string;
	readonly bytes: number;
	/** null: a module that boards refuse, which say why. */
	readonly view: ModuleView | null;
}

export function readModuleFile(path: string, board: Board): ModuleFile {
	const module = readInput(path, "a module");
	return { path, bytes: module.length, view: readModule(module, board.limits) };
}

/** At most this many missing imports are named. */
const NAMED = 4;

/** Types of functions by module and name, as linking names them. */
const provided = new Map([
	[moduleName, new Map(functions.map((f) => [f.name, typeOf(f)]))],
	[wasiModule, new Map(wasiTypes().flatMap(([type, names]) => names.map((name) => [name, type])))],
]);

function isProvided({ module, name, kind }: { module: string; name: string; kind: string }): boolean {
	return kind === "function" && (provided.get(module)?.has(name) ?? false);
}

/** One line that says what the module imports and nobody here provides, or null. */
export function missingImports(file: ModuleFile): string | null {
	const imports = (file.view?.imports ?? []).filter((wanted) => !isProvided(wanted));
	if (!imports.length) return null;
	const named = imports.slice(0, NAMED).map(({ module, name, kind, type }) => `${module}.${name} (${kind} ${type})`);
	const more = imports.length > NAMED ? ` and ${imports.length - NAMED} more` : "";
	return `${file.path}: refused: it imports what \`run\` does not provide: ${named.join(", ")}${more}`;
}

/** Of each list of types, as boards show them: native/run/instance.c. */
const TYPES_SHOWN = 10;

function typesText(types: readonly string[]): string {
	const shown = types.length > TYPES_SHOWN ? TYPES_SHOWN - 1 : types.length;
	const more = shown < types.length ? ` and ${types.length - shown} more` : "";
	return `(${types.slice(0, shown).join(" ")}${more})`;
}

function linkText({ parameters, results }: FunctionType): string {
	return `${typesText(parameters)} -> ${typesText(results)}`;
}

/** Why an import of what is provided cannot be linked: its type is another. Boards say the same. */
export function linkProblem({ imports }: ModuleView): string | null {
	for (const { module, name, function: type } of imports) {
		const wanted = provided.get(module)?.get(name);
		if (type && wanted !== undefined && linkText(type) !== wanted)
			return `import "${module}" "${name}": expected function ${linkText(type)}, got function ${wanted}`;
	}
	return null;
}
