/* Runs the same generated cases on several boards ("node" among them) and compares what they print. */

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GeneratedCase } from "../fuzz/generator";
import { exec } from "../support/boards";
import { bundleGuest } from "../support/bundle";
import { outputFolder } from "../support/paths";
import type { GuestOptions } from "./format";
import { packCases } from "./pack";

export interface BatchOptions {
	/** Options of `wait-xs exec`. */
	options?: string[];
	guest?: Partial<GuestOptions>;
	/** Seconds without a line after which a case is taken to hang. */
	patience?: number;
	label?: string;
	/** Another guest script, with a front end of its own. */
	script?: string;
}

/** By seed: what the board printed, or how it ended. */
export type Traces = Map<number, string>;

export async function runCases(
	board: string,
	cases: readonly GeneratedCase[],
	options: BatchOptions = {},
): Promise<Traces> {
	const traces: Traces = new Map();
	const script =
		options.script !== undefined && board !== "node"
			? options.script
			: await bundleGuest("test/differential/guest.ts");
	const file = join(
		outputFolder("differential"),
		`${board}-${options.label ?? "batch"}-${process.pid}-${Math.floor(Math.random() * 1e9)}.pack`,
	);
	try {
		let from = 0;
		while (from < cases.length) {
			writeFileSync(file, packCases(cases, board === "node", { ...options.guest, from }));
			const begun = from;
			let done = false;
			const ended = await exec(script, {
				board,
				files: { pack: file },
				options: options.options,
				memoryPages: 256,
				limit: options.patience ?? 240,
				onLine: (line) => {
					if (line === "done") {
						done = true;
						return;
					}
					const [, seed, text] = /^(\d+)\|(.*)$/s.exec(line) ?? [];
					if (seed === undefined) return;
					traces.set(Number(seed), text!);
					from++;
				},
			});
			if (done) break;
			const how = ended.late ? "no end" : (ended.signal ?? `status ${ended.status}`);
			const last = ended.stderr.trim().split("\n").slice(-2).join(" | ");
			if (from === begun && from === 0 && ended.status === 3) throw new Error(`${board}: ${last}`);
			traces.set(cases[from]!.seed, `CRASH ${how}: ${last}`);
			from++;
		}
	} finally {
		rmSync(file, { force: true });
	}
	return traces;
}

export interface Difference {
	seed: number;
	board: string;
	expected: string;
	actual: string;
	/** The first step that differs. */
	at: string;
}

/** Engines differ in how deep calls may go: what is seen from an exhausted stack on tells nothing. */
function comparable(a: string[], b: string[]): number {
	const ends = [a, b].map((steps) => steps.findIndex((step) => step.includes("-> !stack"))).filter((end) => end >= 0);
	return Math.min(Math.max(a.length, b.length), ...ends);
}

export function compareTraces(board: string, expected: Traces, actual: Traces): Difference[] {
	const differences: Difference[] = [];
	for (const [seed, trace] of expected) {
		const other = actual.get(seed) ?? "nothing";
		if (other === trace) continue;
		const a = trace.split("; ");
		const b = other.split("; ");
		const end = comparable(a, b);
		let i = 0;
		while (i < end && a[i] === b[i]) i++;
		if (i === end) continue;
		differences.push({
			seed,
			board,
			expected: trace,
			actual: other,
			at: `step ${i}: ${String(a[i])} / ${String(b[i])}`,
		});
	}
	return differences;
}

/** Keeps the modules of a case and what was printed; returns the folder. */
export function saveFailure(generated: GeneratedCase, difference: Difference): string {
	const folder = join(outputFolder("failures"), `${difference.board}-${generated.seed}`);
	mkdirSync(folder, { recursive: true });
	generated.modules.forEach((module, i) => {
		writeFileSync(join(folder, `module${i}.wasm`), module.plain);
		writeFileSync(join(folder, `module${i}.canonical.wasm`), module.canonical);
	});
	writeFileSync(join(folder, "expected.txt"), `${difference.expected.split("; ").join("\n")}\n`);
	writeFileSync(join(folder, "actual.txt"), `${difference.actual.split("; ").join("\n")}\n`);
	return folder;
}
