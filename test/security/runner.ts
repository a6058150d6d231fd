/* Runs the hand-written attacks on a board. */

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exec } from "../support/boards";
import { bundleGuest } from "../support/bundle";
import { Blobs, packFile } from "../support/packfile";
import { outputFolder } from "../support/paths";
import type { SecurityCase, SecurityHeader, SecurityLine } from "./format";

export async function runSecurity(
	board: string,
	cases: readonly SecurityCase[],
	options: string[] = [],
): Promise<SecurityLine[]> {
	const lines: SecurityLine[] = [];
	const script = await bundleGuest("test/security/guest.ts");
	const file = join(outputFolder("security"), `${board}-${process.pid}.pack`);
	let from = 0;
	try {
		while (from < cases.length) {
			const blobs = new Blobs();
			const packed = cases.map(({ name, modules, calls }) => ({
				name,
				modules: modules.map((bytes) => blobs.add(bytes)),
				calls: (calls ?? []).map(({ invoke, args }) => ({ invoke, args: args ?? [] })),
			}));
			const header: SecurityHeader = { cases: packed, from };
			writeFileSync(file, packFile(header, blobs));
			let done = false;
			const begun = from;
			const ended = await exec(script, {
				board,
				files: { pack: file },
				options,
				limit: 240,
				onLine: (text) => {
					if (!text.startsWith("{")) return;
					const line = JSON.parse(text) as SecurityLine & { done?: boolean };
					if (line.done) {
						done = true;
					} else {
						lines[line.index] = line;
						from = line.index + 1;
					}
				},
			});
			if (done) break;
			const last = ended.stderr.trim().split("\n").slice(-2).join(" | ");
			if (from === begun && from === 0 && ended.status === 3) throw new Error(`${board}: ${last}`);
			lines[from] = {
				index: from,
				verdict: `CRASH ${ended.late ? "no end" : (ended.signal ?? `status ${ended.status}`)}: ${last}`,
				results: [],
			};
			from++;
		}
	} finally {
		rmSync(file, { force: true });
	}
	return lines;
}

/* What Node's engine does not tell apart. */
const CLASSES: Record<string, string> = {
	"!out of bounds memory access": "!memory",
	"!out of bounds table access": "!table",
	"!undefined element": "!table",
	"!uninitialized element": "!callee",
	"!indirect call type mismatch": "!callee",
	"!integer divide by zero": "!zero",
	"!integer overflow": "!overflow",
	"!unreachable": "!unreachable",
	"!call stack exhausted": "!stack",
};

function agrees(board: string, expected: string, actual: string | undefined): boolean {
	if (actual === undefined) return false;
	if (expected === "*") return actual.startsWith("!") && !actual.startsWith("!CRASH");
	if (board === "node") return actual === (CLASSES[expected] ?? expected);
	return actual === expected || (expected.startsWith("!") && actual.startsWith(`${expected} `));
}

/** What is wrong, line by line. */
export function judge(board: string, test: SecurityCase, line: SecurityLine | undefined): string[] {
	if (!line) return ["did not run"];
	if (test.verdict === "invalid")
		return line.verdict.startsWith("invalid: ") ? [] : [`must be invalid: ${line.verdict}`];
	if (
		test.verdict === "limit" &&
		/^invalid: .*(too large for this board|maximum|exceed|limit|too large)/.test(line.verdict)
	)
		return [];
	if (test.verdict?.startsWith("!"))
		return agrees(board, test.verdict, line.verdict) ? [] : [`must be ${test.verdict}: ${line.verdict}`];
	if (line.verdict !== "ready") return [line.verdict];
	const wrong: string[] = [];
	(test.calls ?? []).forEach(({ invoke, args, expect }, i) => {
		if (!agrees(board, expect, line.results[i]))
			wrong.push(
				`${invoke}(${(args ?? []).join()}) must be ${expect || "nothing"}: ${line.results[i] || "nothing"}`,
			);
	});
	return wrong;
}
