// Runs the tests that the build has bundled: node tools/test.mjs [--serial] [--grep TEXT] [NAME ...]
//
// NAME is part of a test file's name. What runs long is `npm run soak`.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = join(root, "build/test");
const args = process.argv.slice(2);
const options = [];
const names = [];
let serial = false;
for (let i = 0; i < args.length; i++) {
	if (args[i] === "--serial") serial = true;
	else if (args[i] === "--grep") options.push("--grep", args[++i]);
	else names.push(args[i]);
}
const files = (existsSync(folder) ? readdirSync(folder) : [])
	.filter((file) => file.endsWith(".test.mjs"))
	.filter((file) => !names.length || names.some((name) => file.includes(name)))
	.map((file) => join(folder, file));
if (!files.length) {
	console.error("no tests of that name");
	process.exit(1);
}
const parallel = serial || files.length < 2 ? [] : ["--parallel", "--jobs", "2"];
const result = spawnSync(
	process.execPath,
	[
		join(root, "node_modules/mocha/bin/mocha.js"),
		"--reporter",
		join(root, "test/reporter/closing.cjs"),
		"--timeout",
		"120000",
		...parallel,
		...options,
		...files,
	],
	{ cwd: root, stdio: "inherit" },
);
process.exit(result.status ?? 1);
