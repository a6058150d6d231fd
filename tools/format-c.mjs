// Formats the project's C by .clang-format: node tools/format-c.mjs [--check]
//
// --check: writes nothing; status 1 and the places when something is not formatted. The formatter is npm's, so that its
// version is pinned:
// other versions lay out some code in other ways. Guest code (examples, bench/kernels, headers for modules) is not the
// firmware's.

import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readdirSync } from "node:fs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const FOLDERS = ["native", "test/native"];

export function sourcesOfC() {
	return FOLDERS.flatMap((folder) =>
		readdirSync(join(root, folder), { recursive: true })
			.filter((name) => /\.[ch]$/.test(name))
			.map((name) => join(folder, name)),
	).sort();
}

const check = process.argv.includes("--check");
const formatter = join(root, "node_modules/clang-format/bin/linux_x64/clang-format");
const { status, error } = spawnSync(formatter, [...(check ? ["--dry-run", "-Werror"] : ["-i"]), ...sourcesOfC()], {
	cwd: root,
	stdio: "inherit",
});
if (error) console.error(`clang-format: ${error.message}`);
process.exit(status ?? 1);
