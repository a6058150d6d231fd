/* Asks boards and Node's own engine which modules are valid, and compares. */

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exec } from "../support/boards";
import { bundleGuest } from "../support/bundle";
import { Blobs, packFile } from "../support/packfile";
import { outputFolder } from "../support/paths";
import type { Verdict, VerdictHeader } from "./format";

export type MemoryFigures = Record<string, number>;

export interface Verdicts {
	verdicts: Verdict[];
	memory: MemoryFigures[];
}

interface Line extends Verdict {
	memory?: MemoryFigures;
	done?: boolean;
}

export async function runVerdicts(
	board: string,
	modules: readonly Uint8Array[],
	options: { options?: string[]; patience?: number } = {},
): Promise<Verdicts> {
	const result: Verdicts = { verdicts: [], memory: [] };
	const script = await bundleGuest("test/fuzz/guest.ts");
	const file = join(outputFolder("verdicts"), `${board}-${process.pid}-${Math.floor(Math.random() * 1e9)}.pack`);
	try {
		let from = 0;
		while (from < modules.length) {
			const blobs = new Blobs();
			const header: VerdictHeader = { modules: modules.map((bytes) => blobs.add(bytes)), from };
			writeFileSync(file, packFile(header, blobs));
			const begun = from;
			let done = false;
			const ended = await exec(script, {
				board,
				files: { pack: file },
				options: options.options,
				limit: options.patience ?? 240,
				onLine: (text) => {
					if (!text.startsWith("{")) return;
					const line = JSON.parse(text) as Line;
					if (line.done) done = true;
					else if (line.memory) result.memory.push(line.memory);
					else if (line.index !== undefined) {
						result.verdicts[line.index] = line;
						from = line.index + 1;
					}
				},
			});
			if (done) break;
			const how = ended.late ? "no end" : (ended.signal ?? `status ${ended.status}`);
			const last = ended.stderr.trim().split("\n").slice(-2).join(" | ");
			if (from === begun && from === 0 && ended.status === 3) throw new Error(`${board}: ${last}`);
			result.verdicts[from] = { index: from, valid: false, error: `CRASH ${how}: ${last}` };
			from++;
		}
	} finally {
		rmSync(file, { force: true });
	}
	return result;
}

/** Limits of the engine that serves as reference, where the specification has none. */
const NODE_LIMITS =
	/implementation limit|exceeds|exceeded|larger than|maximum|too large|too many|size > |> internal limit|invalid feature|experimental|enable (with|via)/i;
/** What wait-xs says of a module that is valid, but not for this board or this version. */
const OWN_LIMITS = /too large for this board|unsupported/;

export interface Disagreement {
	index: number;
	what: string;
}

export interface Comparison {
	/** Both say valid, both say invalid, one of them because of a limit. */
	valid: number;
	invalid: number;
	limits: number;
	disagreements: Disagreement[];
}

export function compareVerdicts(expected: readonly Verdict[], actual: readonly Verdict[]): Comparison {
	const comparison: Comparison = { valid: 0, invalid: 0, limits: 0, disagreements: [] };
	expected.forEach((node, index) => {
		const board = actual[index];
		const disagree = (what: string): void => void comparison.disagreements.push({ index, what });
		if (!board) return disagree("no verdict");
		const error = board.error ?? "";
		if (/^CRASH|^not a CompileError/.test(error)) return disagree(error);
		if (board.valid === node.valid) {
			if (board.valid !== (board.error === undefined) && !OWN_LIMITS.test(error))
				return disagree(`valid is ${board.valid}, compiling says ${error || "nothing"}`);
			if (board.valid) comparison.valid++;
			else comparison.invalid++;
			return undefined;
		}
		if ((node.valid && OWN_LIMITS.test(error)) || (!node.valid && NODE_LIMITS.test(node.error ?? "")))
			comparison.limits++;
		else disagree(node.valid ? `valid, refused: ${error}` : `invalid (${node.error ?? ""}), accepted`);
		return undefined;
	});
	return comparison;
}
