/** A module in a file, as commands are given it. */

import type { Board } from "./boards";
import { readInput } from "./input-file";
import { functions, moduleName } from "../iot-api/table";
import { wasiNames } from "../iot-api/wasi";
import { readModule, type ModuleView } from "./module-view";

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

const provided = new Map([
	[moduleName, new Set(functions.map(({ name }) => name))],
	["wasi_snapshot_preview1", new Set(wasiNames.split(" "))],
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
