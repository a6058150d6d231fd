/* Where things are: the repository, its build folder, the specification's tests. */

import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

function findRoot(): string {
	let folder = dirname(fileURLToPath(import.meta.url));
	for (;;) {
		const file = join(folder, "package.json");
		if (existsSync(file) && (JSON.parse(readFileSync(file, "utf8")) as { name?: string }).name === "wait-xs")
			return folder;
		const parent = dirname(folder);
		if (parent === folder) throw new Error("the repository's root was not found");
		folder = parent;
	}
}

export const ROOT = findRoot();

/**
 * The folder of the specification's tests: WAIT_XS_SPEC, or one beside the project. Undefined where WAIT_XS_SPEC is
 * "none", and where no folder was named and none is there; in CI that is an error.
 */
export function specFolder(): string | undefined {
	const named = process.env["WAIT_XS_SPEC"];
	const folder = named ?? resolve(ROOT, "../shared/spec");
	if (named === "none") return undefined;
	if (existsSync(join(folder, "core"))) return folder;
	if (named === undefined && process.env["CI"] !== "true") return undefined;
	throw new Error(`no specification tests in ${folder}: WAIT_XS_SPEC names their folder, or is "none"`);
}

/** A folder below build/ for what tests write. */
export function outputFolder(name: string): string {
	const folder = join(ROOT, "build", "out", name);
	mkdirSync(folder, { recursive: true });
	return folder;
}
