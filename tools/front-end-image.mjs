// Makes native code of the front end, on the build machine, for any ISA: node tools/front-end-image.mjs EMIT OUT
// BOARD.json
//
// The front end in JavaScript (build/image/front-end.js) makes the plan of build/aot.wasm; EMIT, the emitter compiled
// for that ISA (native/tools/emit.c), makes the image of it.
// A board's program that has this image linked makes the same one of aot.wasm again, to the byte
// (test/api/front-end.test.ts).

import { spawnSync } from "node:child_process";
import { readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { planOf } from "./plan-of.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const [emit, out, board] = process.argv.slice(2);
const temporary = out + ".new";
const plan = await planOf(root, readFileSync(join(root, "build/aot.wasm")), JSON.parse(readFileSync(board, "utf8")));
rmSync(temporary, { force: true });
const result = spawnSync(emit, [temporary], { input: plan, stdio: ["pipe", "inherit", "pipe"], encoding: "utf8" });
if (result.status !== 0) {
	// A board can do without: its front end is then interpreted. The next build tries again.
	console.error(`no native front end: ${(result.stderr || String(result.error ?? result.signal)).trim()}`);
	if (process.env.CI === "true") process.exit(1);
	writeFileSync(temporary, "");
	utimesSync(temporary, 0, 0);
}
renameSync(temporary, out);
