/* Garbage is collected before anything is refused. The tests are in guest*.ts and run inside each board's XS. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadBoard, type Variant } from "../../src/cli/boards";
import type { Limits } from "../../src/shared/limit-keys";
import { compileScript } from "../../src/cli/compile-script";
import { runOnBoard } from "../../src/cli/runner";
import { withFolder } from "../host/support";
import { boardsToTest } from "../support/boards";
import { bundleGuest } from "../support/bundle";
import { ROOT } from "../support/paths";
import { modules } from "./modules";

const NATIVE = 1_500_000;
const PAGE = 4096;

interface Line {
	name?: string;
	error?: string;
	done?: boolean;
	/** Bytes of code flash of the images. */
	large?: number;
	small?: number;
}

interface Board {
	name: string;
	variant: Variant;
	/** How often things are dropped and made anew. */
	rounds: number;
}

function namesIn(guest: string): string[] {
	const source = readFileSync(join(ROOT, `test/garbage/${guest}.ts`), "utf8");
	return [...source.matchAll(/^\t?await test\("([^"]+)"/gm)].map((match) => match[1]!);
}

/** What the guest prints, and how it ended otherwise than by its end. */
async function run(
	guest: string,
	board: Board,
	request: object,
	limits: object,
): Promise<{ lines: Line[]; how: string }> {
	return withFolder(async (folder) => {
		for (const [name, bytes] of Object.entries(modules)) writeFileSync(join(folder, name), bytes);
		const script = await compileScript(await bundleGuest(`test/garbage/${guest}.ts`), folder);
		const reply = await runOnBoard(loadBoard(board.name), {
			script,
			folder,
			variant: board.variant,
			virtualTime: true,
			timeout: 300,
			request: { ...request, rounds: board.rounds },
			memory: { native: NATIVE },
			limits: limits as Partial<Limits>,
		});
		const texts = reply.stdout.split("\n").filter((line) => line.startsWith("{"));
		const lines = texts.map((text) => JSON.parse(text) as Line);
		const how = lines.some((line) => line.done)
			? ""
			: `status ${reply.status} ${reply.failure ?? ""} ${reply.stderr.slice(-2000)}`;
		return { lines, how };
	});
}

function garbageTests(board: Board): void {
	describe(`garbage on ${board.name}${board.variant === "release" ? "" : ", under sanitizers"}`, function () {
		this.timeout(0);
		const results = new Map<string, string | undefined>();
		let how = "";

		before(async () => {
			const most = await run(
				"guest",
				board,
				{ native: NATIVE },
				{ instances: 4, promiseStacks: 2, promiseStack: 16384, externrefs: 64 },
			);
			const sizes = await run("guest-flash", board, {}, {});
			const flash = Math.floor((sizes.lines[0]?.large ?? 0) * 1.5);
			const rest = await run("guest-flash", board, { flash }, { codeFlash: flash, codeFlashPage: PAGE });
			how = most.how || sizes.how || rest.how;
			for (const { name, error } of [...most.lines, ...rest.lines])
				if (name !== undefined) results.set(name, error);
		});

		for (const name of [...namesIn("guest"), ...namesIn("guest-flash")])
			it(name, () => {
				assert.ok(results.has(name), how || "did not run");
				assert.equal(results.get(name), undefined, results.get(name));
			});

		it("ran to its end", () => {
			assert.equal(how, "");
		});
	});
}

describe("garbage of files", () => {
	it("is closed when there are too many open files", async () => {
		await withFolder(async (folder) => {
			const script = join(folder, "files.js");
			writeFileSync(
				script,
				`for (let i = 0; i < 1000; i++) files.open("f").read(0, 1);
				const kept = [];
				try { for (;;) kept.push(files.open("f")); } catch (error) { console.log(kept.length > 10, String(error)); }`,
			);
			const command = 'ulimit -n 100 && exec "$0" "$@"';
			const cli = [process.execPath, join(ROOT, "bin/wait-xs.js"), "exec", script, "--file", `f=${script}`];
			const { stdout, stderr } = spawnSync("sh", ["-c", command, ...cli], { encoding: "utf8" });
			assert.equal(stdout, "true Error: too many open files: f\n", stderr);
		});
	});
});

for (const name of boardsToTest()) garbageTests({ name, variant: "release", rounds: name === "sim" ? 1000 : 150 });
garbageTests({ name: "sim", variant: "sanitize", rounds: 30 });
