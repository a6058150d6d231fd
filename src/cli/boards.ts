/** Boards: what boards/NAME/board.json says. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError, Status } from "./errors";
import type { Limits } from "../shared/limit-keys";
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
	/** native("xs_host_limit")(key) on the board. */
	limits: Limits;
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
