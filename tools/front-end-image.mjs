// Makes native code of the front end, on the build machine, for any ISA: node tools/front-end-image.mjs EMIT OUT BOARD.json
//
// The front end in JavaScript (build/image/front-end.js) makes the plan of build/aot.wasm; EMIT, the emitter compiled for that ISA (native/tools/emit.c), makes the image of it.
// A board's program that has this image linked makes the same one of aot.wasm again, to the byte (test/api/front-end.test.ts).

import { spawnSync } from "node:child_process";
import { readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/* src/aot/status.ts, src/aot/limits.ts */
const NEED_INPUT = 0;
const PLAN = 1;
const DONE = 2;
const LIMITS = { functions: 0, types: 1, globals: 3, nesting: 12, operands: 13, bodySize: 14, plan: 17, notes: 18, uses: 19 };

/** The plan of a module, by the front end in JavaScript. */
async function planOf(module, board) {
	const frontEnd = await import(pathToFileURL(join(root, "build/image/front-end.js")).href);
	// the board's, since the plan depends on them
	for (const [name, index] of Object.entries(LIMITS)) frontEnd.setLimit(index, board.limits[name]);
	frontEnd.configure(0);
	const batches = [];
	let taken = 0;
	for (;;) {
		const status = frontEnd.step();
		if (status === DONE) return Buffer.concat(batches);
		if (status === PLAN) batches.push(Buffer.from(frontEnd.bytes().slice(frontEnd.planAddress(), frontEnd.planAddress() + frontEnd.planLength())));
		else if (status !== NEED_INPUT) throw new Error(`aot.wasm is refused: error ${frontEnd.errorCode()} at byte ${frontEnd.errorOffset()}`);
		else if (taken === module.length) frontEnd.finish();
		else {
			const count = Math.min(frontEnd.inputCapacity(), module.length - taken);
			frontEnd.bytes().set(module.subarray(taken, taken + count), frontEnd.inputAddress());
			frontEnd.feed(count);
			taken += count;
		}
	}
}

const [emit, out, board] = process.argv.slice(2);
const temporary = out + ".new";
const plan = await planOf(readFileSync(join(root, "build/aot.wasm")), JSON.parse(readFileSync(board, "utf8")));
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
