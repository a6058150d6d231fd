/** A module in a file, as commands are given it. */

import { readFileSync, statSync } from "node:fs";
import type { Board } from "./boards";
import { CommandError, Status } from "./errors";
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
	const status = statSync(path, { throwIfNoEntry: false });
	if (!status) throw new CommandError(`${path}: no such file`, Status.USAGE);
	if (status.isDirectory()) throw new CommandError(`${path}: a directory, not a module`, Status.USAGE);
	if (!status.isFile()) throw new CommandError(`${path}: not a file`, Status.USAGE);
	let module: Buffer;
	try {
		module = readFileSync(path);
	} catch {
		throw new CommandError(`${path}: cannot read`, Status.USAGE);
	}
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
