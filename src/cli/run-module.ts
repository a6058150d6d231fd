/** Runs a module on a board: what `wait-xs run` does. The board's side is src/host/board/run.ts. */

import type { Board } from "./boards";
import { CommandError, Status } from "./errors";
import type { ModuleFile } from "./module-file";
import { runOnBoard, type BoardReply, type FrontEnd } from "./runner";
import type { Result, Value } from "./values";

export type PinWay = "js" | "c" | "inline";

export interface RunRequest {
	/** The export to call; null: only compile and instantiate. */
	readonly invoke: string | null;
	readonly values: readonly Value[];
	/** Types of the results. */
	readonly results: readonly string[];
	readonly audit: boolean;
	readonly trim: boolean;
	/** Compiled twice. */
	readonly optimize?: boolean;
	readonly count: boolean;
	readonly frontEnd: FrontEnd;
	/** Seconds. */
	readonly timeout: number | undefined;
	/** Of the device API: src/iot-api/grants.ts. */
	readonly grants?: readonly string[];
	/** How digital pins are reached; "c" unless given. */
	readonly io?: PinWay;
	/** Whose registers "inline" is for; the board's unless given. */
	readonly chip?: string;
	/** The registers are memory without effect: for counting instructions. */
	readonly plainRegisters?: boolean;
	/** The end of the call is the end of the program, of which the scenario hears. */
	readonly scenario?: boolean;
	/** The board's clock does not run by itself. */
	readonly virtualTime?: boolean;
	/** WASI's, without the program's name. */
	readonly args?: readonly string[];
	/** NAME=VALUE */
	readonly environment?: readonly string[];
	/** Bytes of C's memory, which compiling, and then the module, take; the board's unless given. */
	readonly native?: number;
	/** What the module prints, as it comes; nothing: it is dropped. */
	readonly onOutput?: (bytes: Buffer) => void;
}

/** How a call ended that did not return. */
export interface Trap {
	/** E.g. "divide-by-zero". */
	readonly kind: string;
	readonly message: string;
	/** -1: not in a function. */
	readonly functionIndex: number;
	readonly functionName: string;
	/** In the module. */
	readonly byteOffset: number;
	/** Innermost first. */
	readonly wasmStack: readonly string[];
}

/**
 * What `run --json` prints. Bytes, milliseconds of real time, exact counts of instructions on emulated boards with
 * --count.
 */
export interface RunReport {
	readonly board: string;
	readonly isa: string;
	readonly module: { readonly bytes: number; readonly codeBytes: number };
	readonly native: { readonly bytes: number };
	readonly compile: {
		readonly ms: number;
		readonly instructions: number | null;
		readonly emitterInstructions: number | null;
		readonly peakRam: number;
		readonly bootRam: number;
		/** The longest time for which compiling let no timer or event in; 0: not measured. */
		readonly longestStretchMs: number;
		/**
		 * It was compiled a second time, with what the first compilation had learned; else the image is the first
		 * one's.
		 */
		readonly optimized: boolean;
		/** Why it is not, though it was asked for. */
		readonly notOptimized?: string;
	};
	readonly run: {
		readonly result: readonly Result[] | null;
		readonly trap: Trap | null;
		readonly ms: number;
		/** The most in use from the instantiation on: what compiling took is given back before. */
		readonly peakRam: number;
		/** Bytes of the wasm stack that it used: of the board's limit wasmStack. */
		readonly stackPeak: number;
		readonly instructions: number | null;
		/** of proc_exit */ readonly exit?: number;
	};
	readonly ram: {
		readonly jsSlots: number;
		readonly jsChunks: number;
		readonly native: number;
		readonly linear: number;
		readonly stack: number;
		readonly total: number;
	};
	readonly checks: { readonly total: number; readonly proved: number; readonly emitted: number };
	readonly flash: { readonly bytesWritten: number; readonly pagesErased: number };
}

type Refused = { readonly refused: string };
type Ran = Omit<RunReport, "board" | "isa" | "module">;

/** Seconds that a board has for everything but the call, which has its own watchdog. */
const GRACE = 120;

/** The line of a board that ended without a reply: what its program said last. */
export function failureLine(board: Board, reply: BoardReply): string {
	const said = reply.stderr.trimEnd().split("\n").at(-1);
	return reply.failure ?? (said ? `board ${board.name}: ${said}` : `board ${board.name} gave no answer`);
}

/** What src/host/board/run.ts gets. */
export function moduleRequest(board: Board, request: RunRequest): object {
	return {
		invoke: request.invoke,
		values: request.values,
		results: request.results,
		audit: request.audit,
		trim: request.trim,
		optimize: request.optimize ?? false,
		grants: request.grants ?? [],
		io: request.io ?? "c",
		chip: request.chip ?? board.chip,
		plainRegisters: request.plainRegisters ?? false,
		args: request.args ?? [],
		environment: request.environment ?? [],
		timeout: request.timeout === undefined ? 0 : Math.ceil(request.timeout * 1000),
		scenario: request.scenario ?? false,
	};
}

export async function runModule(board: Board, file: ModuleFile, request: RunRequest): Promise<RunReport> {
	const reply = await runOnBoard(board, {
		main: "run",
		files: { "module.wasm": file.path },
		request: moduleRequest(board, request),
		count: request.count,
		...(request.native === undefined ? {} : { memory: { native: request.native } }),
		...(request.virtualTime ? { virtualTime: true } : {}),
		frontEnd: request.frontEnd,
		...(request.onOutput ? { onOutput: request.onOutput } : {}),
		timeout: request.timeout === undefined ? undefined : request.timeout + GRACE,
	});
	const answer = reply.replies.at(-1) as Refused | Ran | undefined;
	// A module that waits for something that will not come fails; the board does not.
	if (!answer)
		throw new CommandError(
			failureLine(board, reply),
			reply.status === Status.FAILED ? Status.FAILED : Status.BOARD,
		);
	// Not as it comes: the last line is the error's when the board fails.
	if (request.onOutput && reply.stderr) process.stderr.write(reply.stderr);
	if ("refused" in answer) throw new CommandError(`${file.path}: refused: ${answer.refused}`, Status.REFUSED);
	const counts = reply.counts;
	return {
		board: board.name,
		isa: board.isa,
		module: { bytes: file.bytes, codeBytes: file.view?.codeBytes ?? 0 },
		native: answer.native,
		compile: {
			ms: answer.compile.ms,
			instructions: counts?.compile ?? null,
			emitterInstructions: counts?.emitter ?? null,
			peakRam: answer.compile.peakRam,
			bootRam: answer.compile.bootRam,
			longestStretchMs: answer.compile.longestStretchMs,
			optimized: answer.compile.optimized,
			...(answer.compile.notOptimized === undefined ? {} : { notOptimized: answer.compile.notOptimized }),
		},
		run: { ...answer.run, instructions: counts?.run ?? null },
		ram: answer.ram,
		checks: answer.checks,
		flash: answer.flash,
	};
}
