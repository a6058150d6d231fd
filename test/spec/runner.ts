/*
 * Runs packed specification tests on a board, in one process as long as nothing crashes: a file in which the board
 * fails is counted as failed with the command it failed at, and a new process goes on with the next file.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ExecResult } from "../support/boards";
import { exec } from "../support/boards";
import { bundleGuest } from "../support/bundle";
import { packFile } from "../support/packfile";
import { outputFolder } from "../support/paths";
import type { SpecPack } from "./pack";

export interface FileResult {
	name: string;
	commands: number;
	skipped: number;
	passed: number;
	/** Line in the .wast source, kind of command, what is wrong. */
	failures: [number, string, string][];
}

export interface RunOptions {
	/** Options of `wait-xs exec`, as "--audit". */
	options?: string[];
	strict?: boolean;
	/** Names the files written, so that runs do not disturb each other. */
	label?: string;
	/** Seconds without a sign of life until a process is given up. */
	patience?: number;
}

interface Line {
	begin?: number;
	end?: number;
	at?: number;
	kind?: string;
	passed?: number;
	failures?: [number, string, string][];
	done?: boolean;
}

function howItEnded(result: ExecResult): string {
	const how = result.late ? "no end" : result.signal ? `signal ${result.signal}` : `status ${result.status}`;
	const last = result.stderr.trim().split("\n").slice(-3).join(" | ");
	return `${how}${last ? `: ${last}` : ""}`;
}

export async function runSpec(board: string, pack: SpecPack, run: RunOptions = {}): Promise<FileResult[]> {
	const folder = outputFolder("spec");
	const prefix = join(folder, `${board}${run.label ? `-${run.label}` : ""}`);
	const packPath = `${prefix}.pack`;
	const configPath = `${prefix}.config`;
	writeFileSync(packPath, pack.bytes);
	const script = await bundleGuest("test/spec/guest.ts");
	const results: FileResult[] = [];
	const process = async (indices: number[], verbose: boolean, onLine: (line: Line) => void): Promise<ExecResult> => {
		writeFileSync(configPath, packFile({ files: indices, verbose, strict: run.strict ?? false }));
		return exec(script, {
			board,
			files: { pack: packPath, config: configPath },
			options: run.options,
			limit: run.patience ?? 1500,
			memoryPages: 1024,
			onLine: (text) => {
				if (text.startsWith("{")) onLine(JSON.parse(text) as Line);
			},
		});
	};
	let remaining = pack.header.files.map((_, index) => index);
	while (remaining.length) {
		let open: number | undefined;
		let done = false;
		const ended = await process(remaining, false, (line) => {
			if (line.begin !== undefined) open = line.begin;
			if (line.end !== undefined) {
				const file = pack.header.files[line.end]!;
				results.push({
					name: file.name,
					commands: file.commands,
					skipped: file.skipped,
					passed: line.passed!,
					failures: line.failures!,
				});
				remaining = remaining.filter((index) => index !== line.end);
				open = undefined;
			}
			done ||= line.done === true;
		});
		if (done) break;
		if (open === undefined) throw new Error(`${board} did not run: ${howItEnded(ended)}`);
		/* Once more, alone and telling each command, to learn where. */
		const index = open;
		const file = pack.header.files[index]!;
		let at: Line = {};
		let alone: Line | undefined;
		const again = await process([index], true, (line) => {
			if (line.at !== undefined) at = line;
			if (line.end !== undefined) alone = line;
		});
		const failures: [number, string, string][] = alone
			? [...alone.failures!, [0, "file", `only in company: ${howItEnded(ended)}`]]
			: [[at.at ?? 0, at.kind ?? "file", howItEnded(again)]];
		results.push({ name: file.name, commands: file.commands, skipped: file.skipped, passed: 0, failures });
		remaining = remaining.filter((other) => other !== index);
	}
	return results;
}
