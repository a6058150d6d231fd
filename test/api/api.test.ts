/*
 * The WebAssembly JavaScript API. The tests themselves are in guest-*.ts and run inside each board's XS; those that are
 * the standard's own also in
 * Node's engine, which so says whether the tests are right.
 */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadBoard } from "../../src/cli/boards";
import { boardsToTest, exec, isProgram } from "../support/boards";
import { bundleGuest } from "../support/bundle";
import { Blobs, packFile } from "../support/packfile";
import { outputFolder, ROOT } from "../support/paths";
import type { Header } from "./modules";
import { modules } from "./modules";
import { abandonments, events, ways } from "./states";

const GUESTS = ["namespace", "instance", "objects", "promises", "lifetime"];

/** Names that stand in the guest's source. */
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

interface Run {
	title: string;
	guest: string;
	board: string;
	names: string[];
	/** How many times the long loops go round. */
	rounds: number;
	/** Of the command line. */
	options?: string[];
}

function writePack({ title, rounds }: Run): string {
	const blobs = new Blobs();
	const header: Header = { modules: {}, rounds };
	for (const [name, bytes] of modules) header.modules[name] = blobs.add(bytes);
	const path = join(outputFolder("api"), `${title.replace(/\W+/g, "-")}.pack`);
	writeFileSync(path, packFile(header, blobs));
	return path;
}

function describeRun(run: Run): void {
	describe(run.title, function () {
		this.timeout(0);
		const results = new Map<string, string | undefined>();
		let how = "";

		before(async () => {
			let at = "";
			let done = false;
			const ended = await exec(await bundleGuest(run.guest), {
				board: run.board,
				files: { pack: writePack(run) },
				limit: 600,
				...(run.options ? { options: run.options } : {}),
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

		for (const name of run.names) {
			it(name, () => {
				assert.ok(results.has(name), how || "did not run");
				assert.equal(results.get(name), undefined, results.get(name));
			});
		}

		it("ran to its end", () => {
			assert.equal(how, "");
		});
	});
}

/** Of the board itself: each collection walks through them. */
const { slots, chunks } = loadBoard("sim").memory;

const SANITIZE = "--sanitize";
const apiNames = GUESTS.flatMap(namesIn);

for (const board of ["node", ...boardsToTest()])
	describeRun({
		title: `WebAssembly JavaScript API on ${board}`,
		guest: "test/api/guest.ts",
		board,
		names: apiNames,
		// an emulated board takes its time
		rounds: board === "sim" ? 1_000_000 : 100_000,
	});

/* What exhausts a heap is to take no time. */
const SMALL = ["--slots", "2000000", "--chunks", "2000000", "--native", "20000000"];
const stateNames = [...ways.flatMap((way) => events.map((event) => `${way}, ${event}`)), ...namesIn("states")];

function describeAbandoned(title: string, board: string, ...options: string[]): void {
	const guest = "test/api/guest-abandoned.ts";
	describeRun({ title, guest, board, names: [...abandonments], rounds: 0, options: ["--virtual-time", ...options] });
}

for (const board of boardsToTest()) {
	const states = { guest: "test/api/guest-calls.ts", board, names: stateNames, rounds: 0 };
	describeRun({ ...states, title: `States of calls on ${board}`, options: SMALL });
	if (!isProgram(board)) describeAbandoned(`A machine that is left on ${board}`, board);
	if (board !== "sim") continue;
	describeAbandoned("A machine that is left on sim, under sanitizers", board, SANITIZE);
	describeRun({ ...states, title: "States of calls on sim, under sanitizers", options: [...SMALL, SANITIZE] });
	describeRun({
		title: "WebAssembly JavaScript API on sim, under sanitizers",
		guest: "test/api/guest.ts",
		board,
		names: apiNames,
		rounds: 10_000,
		options: [SANITIZE],
	});
	describeRun({
		title: "WebAssembly JavaScript API on sim, under sanitizers, with a collection at every allocation",
		guest: "test/api/guest.ts",
		board,
		names: apiNames,
		rounds: 100,
		options: [SANITIZE, "--limit", "collectAlways=1", "--slots", String(slots), "--chunks", String(chunks)],
	});
}
