/**
 * Runs a board's program.
 *
 * The program gets its limits, byte code and files by options (native/port/linux/main.c); a request is JSON that its
 * script reads by native("xs_host_request"). What the script prints goes to its standard output and error; what it
 * replies by native("xs_host_reply") comes as lines of JSON on descriptor 3, and the program adds a last line
 * {"status": N, "memory": {...}}.
 */

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { hostProgram, type Board, type BoardMemory, type Variant } from "./boards";
import type { Limits } from "../shared/limit-keys";
import { CommandError, Status } from "./errors";
import { buildFolder } from "./project";

export const frontEnds = ["native", "interpreted"] as const;
export type FrontEnd = (typeof frontEnds)[number];

export interface BoardRequest {
	/** A module of the image to run after boot: "run", "inspect" ... */
	main?: string;
	/** What it gets as its request. */
	request?: unknown;
	/** Or a script: the file of its byte code, from compileScript. */
	script?: string;
	/** For `files`: paths by name. */
	files?: Record<string, string>;
	/** For `files`: a folder whose files have their paths in it as names. */
	folder?: string;
	/** In place of the board's own budget. */
	memory?: Partial<BoardMemory>;
	limits?: Partial<Limits>;
	/** Which front end compiles: that of the program, native code, or the same in JavaScript. Default: native. */
	frontEnd?: FrontEnd;
	/** The clock does not run by itself, and begins at the same date always. */
	virtualTime?: boolean;
	/** Seconds of real time after which the program is killed: the last resort. */
	timeout?: number;
	/** Count instructions by phase; on emulated boards only. */
	count?: boolean;
	/** With count: the file that gets how often each instruction was executed in phase 4. */
	profile?: string;
	/** "inherit" shows the program's output at once, "pipe" gives it in the reply. */
	output?: "inherit" | "pipe";
	variant?: Variant;
	/** The world around the board: a file of what boards get of a scenario, and one for the trace. */
	scenario?: { file: string; trace: string; seed: number };
	/** What the script replies, as it comes. */
	onReply?: (reply: unknown) => void;
	/** Standard output as it comes, with output "pipe". */
	onOutput?: (bytes: Buffer) => void;
}

/** Bytes, but for keys; see native/port/linux/process-metrics.c. */
export interface MemoryFigures {
	slots: number;
	slotsPeak: number;
	slotsLive: number;
	chunks: number;
	chunksPeak: number;
	chunksLive: number;
	stack: number;
	stackPeak: number;
	cStackPeak: number;
	engine: number;
	enginePeak: number;
	native: number;
	nativePeak: number;
	script: number;
	keys: number;
	keysUsed: number;
}

export interface InstructionCounts {
	/** Everything outside of the phases. */
	other: number;
	/** Compiling, all of it. */
	compile: number;
	/** Of it, in C. */
	emitter: number;
	run: number;
	/** All, by number of phase. */
	phases: readonly number[];
}

export interface BoardReply {
	status: Status;
	/** What the script replied. */
	replies: unknown[];
	/** Absent when the program crashed or was killed. */
	memory: MemoryFigures | null;
	counts: InstructionCounts | null;
	stdout: string;
	stderr: string;
	/** Why the program ended, when it did not end by itself. */
	failure: string | null;
}

const optionOfMemory: Record<keyof BoardMemory, string> = {
	slots: "--slots",
	chunks: "--chunks",
	stack: "--stack",
	cStack: "--cstack",
	keys: "--keys",
	native: "--native",
};

function hostArguments(board: Board, request: BoardRequest): string[] {
	const args: string[] = [];
	const memory = { ...board.memory, ...request.memory };
	for (const [name, option] of Object.entries(optionOfMemory))
		args.push(option, String(memory[name as keyof BoardMemory]));
	for (const [name, value] of Object.entries(request.limits ?? {})) args.push("--limit", `${name}=${value}`);
	if (request.frontEnd === "interpreted") args.push("--limit", "interpretFrontEnd=1");
	if (request.virtualTime) args.push("--virtual-time");
	if (request.script !== undefined) args.push("--script", request.script);
	if (request.main !== undefined) args.push("--main", request.main);
	if (request.request !== undefined) args.push("--request", JSON.stringify(request.request));
	for (const [name, path] of Object.entries(request.files ?? {})) args.push("--file", `${name}=${path}`);
	if (request.folder !== undefined) args.push("--files", request.folder);
	if (request.scenario)
		args.push(
			"--scenario",
			request.scenario.file,
			"--trace",
			request.scenario.trace,
			"--seed",
			String(request.scenario.seed),
		);
	args.push("--reply", "3");
	return args;
}

function collect(stream: Readable | null): () => string {
	const chunks: Buffer[] = [];
	stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
	return () => Buffer.concat(chunks).toString("utf8");
}

interface LastLine {
	status: Status;
	memory: MemoryFigures;
}

function isLastLine(value: unknown): value is LastLine {
	return typeof value === "object" && value !== null && "status" in value && "memory" in value;
}

function parseReplies(text: string): { replies: unknown[]; last: LastLine | null } {
	const replies: unknown[] = [];
	for (const line of text.split("\n")) {
		if (line === "") continue;
		try {
			replies.push(JSON.parse(line));
		} catch {
			throw new CommandError("the board replied what is no JSON", Status.BOARD);
		}
	}
	const last = replies.at(-1);
	if (!isLastLine(last)) return { replies, last: null };
	replies.pop();
	return { replies, last };
}

function readCounts(file: string): InstructionCounts | null {
	if (!existsSync(file)) return null;
	const counts = JSON.parse(readFileSync(file, "utf8")) as number[];
	const emitter = counts[3] ?? 0;
	return { other: counts[0] ?? 0, compile: (counts[1] ?? 0) + emitter, emitter, run: counts[2] ?? 0, phases: counts };
}

export async function runOnBoard(board: Board, request: BoardRequest): Promise<BoardReply> {
	const program = hostProgram(board, request.variant);
	if (!existsSync(program)) throw new CommandError(`board ${board.name} is not built: npm run build`, Status.BOARD);
	const output = request.output ?? "pipe";
	const counting = request.count === true && board.emulated;
	const temporary = counting ? mkdtempSync(join(tmpdir(), "wait-xs-")) : null;
	try {
		const countsFile = temporary === null ? "" : join(temporary, "counts.json");
		const profile = request.profile === undefined ? "" : `,profile=${request.profile}`;
		const plugin = counting ? ["-plugin", `${join(buildFolder, "tools/insn.so")},out=${countsFile}${profile}`] : [];
		const [command, ...args] = [...board.launch, ...plugin, program, ...hostArguments(board, request)];
		const child = spawn(command as string, args, { stdio: ["ignore", output, output, "pipe"] });
		const stdout = collect(child.stdout);
		if (request.onOutput) child.stdout?.on("data", request.onOutput);
		const stderr = collect(child.stderr);
		const replied = collect(child.stdio[3] as Readable);
		const { onReply } = request;
		if (onReply)
			createInterface({ input: child.stdio[3] as Readable }).on("line", (line) => {
				if (line.startsWith("{")) onReply(JSON.parse(line) as unknown);
			});
		let failure: string | null = null;
		const timer =
			request.timeout === undefined
				? undefined
				: setTimeout(() => {
						failure = `timed out after ${request.timeout} s`;
						child.kill("SIGKILL");
					}, request.timeout * 1000);
		const ended = await new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
			child.on("error", (error) =>
				reject(new CommandError(`cannot start board ${board.name}: ${error.message}`, Status.BOARD)),
			);
			child.on("close", (code, signal) => resolve({ code, signal }));
		}).finally(() => clearTimeout(timer));
		const { replies, last } = parseReplies(replied());
		// Without its last line the program did not come to its end, whatever its status.
		if (last === null && ended.code !== Status.USAGE)
			failure ??= `board ${board.name} crashed (${ended.signal ?? `status ${ended.code}`})`;
		return {
			status: failure === null ? (ended.code as Status) : Status.BOARD,
			replies,
			memory: last?.memory ?? null,
			counts: temporary === null ? null : readCounts(countsFile),
			stdout: stdout(),
			stderr: stderr(),
			failure,
		};
	} finally {
		if (temporary !== null) rmSync(temporary, { recursive: true, force: true });
	}
}
