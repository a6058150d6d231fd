/** Instruction sets: what host tools must know of each, by boards/isa/NAME.json. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError, Status } from "./errors";
import { root } from "./project";

/** What instructions of compiled code are, to `wait-xs bench --profile`. */
export const kinds = [
	"check",
	"memory",
	"frame",
	"context",
	"move",
	"constant",
	"compare",
	"branch",
	"call",
	"arithmetic",
] as const;
export type Kind = (typeof kinds)[number];

/** A rule for instructions whose text, as disassembled, fits the pattern. */
export interface KindRule {
	kind: Kind;
	pattern: string;
	/** Only in code of wait-xs: gcc gives these registers no role. */
	origin?: "module";
}

export interface Isa {
	name: string;
	/** Bytes of a machine word. */
	word: number;
	/** Names by their numbers in native/isa/NAME/isa.h, with a space between; the floating-point ones come last. */
	registers: {
		general: string;
		float: string;
		/** Those of the assembler's own, in all widths. */
		scratch: string;
	};
	/** Capstone's names of architecture and mode; bytes that every instruction's length is a multiple of. */
	disassembler: { architecture: string; mode: string; unit: number };
	/** The first that fits says the kind; none: arithmetic. */
	kinds: KindRule[];
	/** An emulator that counts instructions, for boards whose own machine does not. */
	emulator: string[];
	/** For C tests and the benchmark's native programs; tuning: for the machines that compiled code is meant for. */
	compiler: { command: string; flags: string[]; launch: string[]; tuning: string[]; sanitizers: boolean };
	/** Programs that the build and the tests need, each with its Debian packages. */
	programs: { program: string; packages: string[] }[];
}

const folder = join(root, "boards/isa");

export function isaNames(): string[] {
	return readdirSync(folder)
		.filter((name) => name.endsWith(".json"))
		.map((name) => name.slice(0, -".json".length))
		.sort();
}

export function loadIsa(name: string): Isa {
	const file = join(folder, `${name}.json`);
	if (!existsSync(file))
		throw new CommandError(`no instruction set "${name}"; there are ${isaNames().join(", ")}`, Status.BOARD);
	return JSON.parse(readFileSync(file, "utf8")) as Isa;
}

/** A register by its number, as the disassembler names it. */
export function registerName(isa: Isa, register: number): string {
	return `${isa.registers.general} ${isa.registers.float}`.split(" ")[register] || `register ${register}`;
}
