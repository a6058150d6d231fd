/** Boards: what boards/NAME/board.json says. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError, Status } from "./errors";
import { buildFolder, root } from "./project";

/** The budget of a board; bytes, but for keys. */
export interface BoardMemory {
	slots: number;
	chunks: number;
	stack: number;
	cStack: number;
	keys: number;
	/** Everything that C takes: compiled code, linear memories, wasm stacks, tables. */
	native: number;
}

/** What a module may have at most; native("xs_host_limit")(name) on the board. */
export interface BoardLimits {
	functions: number;
	types: number;
	/** Bytes of all their parameters and results. */
	typeBytes: number;
	globals: number;
	tables: number;
	/** Element segments, data segments. */
	elements: number;
	data: number;
	exports: number;
	parameters: number;
	results: number;
	/** Of one function, parameters included. */
	locals: number;
	/** Runs of locals of equal type. */
	localRuns: number;
	nesting: number;
	operands: number;
	bodySize: number;
	nameSize: number;
	/** Buffers of the front end: bytes of input at first, of plan, of notes; locals whose uses are counted. */
	window: number;
	plan: number;
	notes: number;
	uses: number;
	brTableTargets: number;
	tableElements: number;
	/** Pages of 64 KB. */
	memoryPages: number;
	/** Bytes of flash for compiled code; bytes of a module's own stack. */
	codeFlash: number;
	wasmStack: number;
}

export interface Board {
	name: string;
	isa: string;
	description: string;
	/** Bytes of a pointer: the size of JavaScript slots is four of them. */
	pointer: number;
	/** The emulator and its options, or nothing. */
	launch: string[];
	emulated: boolean;
	/**
	 * Whose currents and times it has (chips.ts), and whose GPIO registers compiled code may access
	 * (src/host/board/gpio-registers.ts).
	 */
	chip: string;
	memory: BoardMemory;
	limits: BoardLimits;
	/** Nanoseconds that calls take in virtual time, in scenarios: enum wx_io_call in native/io/io.h. */
	costs: Record<string, number>;
}

export const defaultBoard = "sim";

export function boardNames(): string[] {
	return readdirSync(join(root, "boards"))
		.filter((name) => existsSync(join(root, "boards", name, "board.json")))
		.sort((a, b) => (a === defaultBoard ? -1 : b === defaultBoard ? 1 : a < b ? -1 : 1));
}

export function loadBoard(name: string): Board {
	const names = boardNames();
	if (!names.includes(name))
		throw new CommandError(`no board "${name}"; there are ${names.join(", ")}`, Status.USAGE);
	return JSON.parse(readFileSync(join(root, "boards", name, "board.json"), "utf8")) as Board;
}

export type Variant = "release" | "sanitize";

export function hostProgram(board: Board, variant: Variant = "release"): string {
	return join(buildFolder, variant === "release" ? board.name : `${board.name}-${variant}`, "wait-xs-host");
}

export function isBuilt(board: Board): boolean {
	return existsSync(hostProgram(board));
}
