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

/** The folder of the specification's tests, undefined where it is absent. */
export function specFolder(): string | undefined {
	const folder = process.env["WAIT_XS_SPEC"] ?? resolve(ROOT, "../shared/spec");
	return existsSync(join(folder, "core")) ? folder : undefined;
}

/** A folder below build/ for what tests write. */
export function outputFolder(name: string): string {
	const folder = join(ROOT, "build", "out", name);
	mkdirSync(folder, { recursive: true });
	return folder;
}
