/** Where things are in a clone. */

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { existsSync } from "node:fs";

function findRoot(): string {
	let folder = dirname(fileURLToPath(import.meta.url));
	while (!existsSync(join(folder, "boards")) || !existsSync(join(folder, "package.json"))) {
		const above = dirname(folder);
		if (above === folder) throw new Error("not inside a clone of wait-xs");
		folder = above;
	}
	return folder;
}

export const root = findRoot();
export const buildFolder = join(root, "build");
