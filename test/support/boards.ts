/*
 * Runs a script on a board by `wait-xs exec`, or on Node's own engine (board "node"), and hands on what it prints, line
 * by line.
 */

import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ROOT } from "./paths";

export interface ExecOptions {
	board: string;
	files?: Record<string, string>;
	/** What compiles; the board's own native front end unless given. Not for board "node". */
	frontEnd?: "native" | "interpreted";
	/** More options of the command line, as "--audit". Not for board "node". */
	options?: string[];
	/** Seconds without a line of output until the process is killed. */
	limit?: number;
	/** A limit of memories that engines are to share, so that memory.grow fails everywhere or nowhere. */
	memoryPages?: number;
	onLine?: (line: string) => void;
}

export interface ExecResult {
	status: number | null;
	signal: string | null;
	stderr: string;
	/** It did not end within the limit. */
	late: boolean;
	seconds: number;
}

/** Another checkout, to test that one. */
export const CLI = process.env["WAIT_XS_CLI"] ?? join(ROOT, "bin", "wait-xs.js");

/** More than a board has, so that one process can work through thousands of modules. */
const LIMITS =
	"functions=20000 types=4000 typeBytes=16000 globals=10000 tables=100 tableElements=400000 elements=4000 exports=10000 localRuns=2000 nesting=1000 operands=5000 notes=65536 uses=2000";
const BUDGET = [
	"--slots",
	"64000000",
	"--chunks",
	"64000000",
	"--native",
	"500000000",
	"--keys",
	"30000",
	"--stack",
	"400000",
	...LIMITS.split(" ").flatMap((limit) => ["--limit", limit]),
];

/** Programs of the SDK's engine, by the name of the board that they stand for: `npm run moddable` builds them. */
function programOf(board: string): string {
	return join(ROOT, "build/sdk/programs", board);
}

/** Is it a program of the SDK's engine? It runs scripts, but is no chip that resets, and has its limits built in. */
export function isProgram(board: string): boolean {
	return existsSync(programOf(board));
}

function command(script: string, options: ExecOptions): string[] {
	const files = Object.entries(options.files ?? {}).map(([name, path]) => `${name}=${path}`);
	if (options.board === "node")
		return [
			process.execPath,
			"--stack-size=900",
			"--experimental-wasm-extended-const",
			...(options.memoryPages ? [`--wasm-max-mem-pages=${options.memoryPages}`] : []),
			join(ROOT, "test/support/node-exec.mjs"),
			script,
			...files,
		];
	if (isProgram(options.board)) return [programOf(options.board), `script=${script}`, ...files];
	return [
		process.execPath,
		CLI,
		"exec",
		script,
		"--board",
		options.board,
		...files.flatMap((file) => ["--file", file]),
		...BUDGET,
		...(options.memoryPages ? ["--limit", `memoryPages=${options.memoryPages}`] : []),
		...(options.frontEnd ? ["--front-end", options.frontEnd] : []),
		...(options.options ?? []),
	];
}

/** The command line and the board's program that it started: they are a process group. */
function killTree(child: ChildProcess): void {
	try {
		process.kill(-child.pid!, "SIGKILL");
	} catch {
		child.kill("SIGKILL");
	}
}

export function exec(script: string, options: ExecOptions): Promise<ExecResult> {
	return new Promise((resolve, reject) => {
		const began = Date.now();
		const [program, ...args] = command(script, options);
		const child = spawn(program!, args, {
			cwd: ROOT,
			stdio: ["ignore", "pipe", "pipe"],
			detached: true,
		});
		let stderr = "";
		let late = false;
		let timer: NodeJS.Timeout | undefined;
		const patience = (): void => {
			clearTimeout(timer);
			if (options.limit !== undefined)
				timer = setTimeout(() => {
					late = true;
					killTree(child);
				}, options.limit * 1000);
		};
		patience();
		const lines = createInterface({ input: child.stdout });
		lines.on("line", (line) => {
			patience();
			options.onLine?.(line);
		});
		const linesClosed = new Promise<void>((done) => lines.once("close", done));
		child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
			stderr = (stderr + chunk).slice(-20000);
		});
		child.once("error", reject);
		child.once("close", (status, signal) => {
			clearTimeout(timer);
			void linesClosed.then(() =>
				resolve({ status, signal, stderr, late, seconds: (Date.now() - began) / 1000 }),
			);
		});
	});
}

/**
 * The boards to test: those that WAIT_XS_BOARDS names (comma between them), else "sim" and "lin-arm"; only those that
 * are built.
 */
export function boardsToTest(): string[] {
	const names = (process.env["WAIT_XS_BOARDS"] ?? "sim,lin-arm").split(",").filter((name) => name);
	return names.filter((name) => name === "node" || isProgram(name) || existsSync(join(ROOT, "boards", name)));
}
