/*
 * The WebAssembly JavaScript API. The tests themselves are in guest-*.ts and run inside each board's XS; those that are
 * the standard's own also in
 * Node's engine, which so says whether the tests are right.
 */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { boardsToTest, exec } from "../support/boards";
import { bundleGuest } from "../support/bundle";
import { Blobs, packFile } from "../support/packfile";
import { outputFolder, ROOT } from "../support/paths";
import type { Header } from "./modules";
import { modules } from "./modules";

const GUESTS = ["namespace", "instance", "objects", "promises", "lifetime"];

function namesIn(guest: string): string[] {
	const source = readFileSync(join(ROOT, `test/api/guest-${guest}.ts`), "utf8");
	return [...source.matchAll(/^\t(?:own)?[tT]est\("([^"]+)"/gm)].map((match) => match[1]!);
}

interface Line {
	begin?: string;
	name?: string;
	error?: string;
	done?: boolean;
}

function writePack(board: string): string {
	const blobs = new Blobs();
	/* An emulated board takes its time. */
	const header: Header = { modules: {}, rounds: board === "sim" ? 1_000_000 : 100_000 };
	for (const [name, bytes] of modules) header.modules[name] = blobs.add(bytes);
	const path = join(outputFolder("api"), `${board}.pack`);
	writeFileSync(path, packFile(header, blobs));
	return path;
}

for (const board of ["node", ...boardsToTest()]) {
	describe(`WebAssembly JavaScript API on ${board}`, function () {
		this.timeout(0);
		const results = new Map<string, string | undefined>();
		let how = "";

		before(async () => {
			let at = "";
			let done = false;
			const ended = await exec(await bundleGuest("test/api/guest.ts"), {
				board,
				files: { pack: writePack(board) },
				limit: 600,
				onLine: (text) => {
					if (!text.startsWith("{")) return;
					const line = JSON.parse(text) as Line;
					if (line.begin !== undefined) at = line.begin;
					if (line.name !== undefined) results.set(line.name, line.error);
					done ||= line.done === true;
				},
			});
			if (!done)
				how = `ended in "${at}": ${ended.late ? "no end" : (ended.signal ?? `status ${ended.status}`)} ${ended.stderr}`;
		});

		for (const guest of GUESTS) {
			for (const name of namesIn(guest)) {
				it(name, () => {
					assert.ok(results.has(name), how || "did not run");
					assert.equal(results.get(name), undefined, results.get(name));
				});
			}
		}

		it("ran to its end", () => {
			assert.equal(how, "");
		});
	});
}
