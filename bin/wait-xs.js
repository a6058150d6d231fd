#!/usr/bin/env node
// The command line is bundled into build/.

import { existsSync } from "node:fs";

const program = new URL("../build/cli/wait-xs.js", import.meta.url);
if (existsSync(program)) await import(program.href);
else {
	console.error("wait-xs: not built yet: npm run build");
	process.exitCode = 4;
}
