/**
 * Where the instructions of a kernel go: its hottest code, disassembled, and what kinds of instructions it is made of.
 */

import { disassemble, type Instruction } from "../src/cli/inspect/disassembler";
import { kinds, loadIsa, type Isa, type Kind } from "../src/cli/isa";

/** What the emulator counted: address, bytes, executions of a round. */
export interface Counted {
	readonly address: number;
	readonly bytes: Buffer;
	readonly count: number;
}

export interface ProfiledInstruction extends Instruction {
	readonly count: number;
	readonly kind: Kind;
}

/** Compiled for wait-xs, or by gcc, for whom no register is special but the stack pointer. */
export type Origin = "module" | "gcc";

function kindOf(isa: Isa, origin: Origin, { mnemonic, operands }: Instruction): Kind {
	const text = `${mnemonic} ${operands}`;
	const rule = isa.kinds.find(
		(other) => (!other.origin || other.origin === origin) && new RegExp(other.pattern).test(text),
	);
	return rule?.kind ?? "arithmetic";
}

/**
 * A check is up to three instructions: a limit made from the memory's size, which further checks may use, too; the
 * compare; the branch behind it.
 */
function markChecks(isa: Isa, code: ProfiledInstruction[]): ProfiledInstruction[] {
	const scratch = new RegExp(`\\b(?:${isa.registers.scratch.replaceAll(" ", "|")})\\b`);
	let limit = false;
	let compared = false;
	return code.map((instruction) => {
		const { mnemonic, operands } = instruction;
		let { kind } = instruction;
		if (compared && kind === "branch") kind = "check";
		if (kind === "compare" && limit && scratch.test(operands)) kind = "check";
		compared = kind === "check" && mnemonic.startsWith("cmp");
		if (scratch.test(operands.split(",")[0] ?? "") && !mnemonic.startsWith("cmp")) limit = kind === "check";
		return { ...instruction, kind };
	});
}

/** Runs of instructions that lie one behind the other, in the order of their addresses. */
export async function profile(
	name: string,
	origin: Origin,
	counted: readonly Counted[],
): Promise<ProfiledInstruction[][]> {
	const isa = loadIsa(name);
	const sorted = [...counted].sort((a, b) => a.address - b.address);
	const runs: Counted[][] = [];
	for (const instruction of sorted) {
		const last = runs.at(-1)?.at(-1);
		if (last && last.address + last.bytes.length === instruction.address) runs.at(-1)?.push(instruction);
		else runs.push([instruction]);
	}
	return Promise.all(
		runs.map(async (run) => {
			const first = run[0] as Counted;
			const counts = new Map(run.map(({ address, count }) => [address, count]));
			const code = await disassemble(name, Buffer.concat(run.map(({ bytes }) => bytes)), first.address);
			return markChecks(
				isa,
				code.map((instruction) => ({
					...instruction,
					count: counts.get(instruction.address) ?? 0,
					kind: kindOf(isa, origin, instruction),
				})),
			);
		}),
	);
}

/** Executions by kind. */
export function shares(runs: readonly ProfiledInstruction[][]): Record<Kind, number> {
	const sums = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<Kind, number>;
	for (const { kind, count } of runs.flat()) sums[kind] += count;
	return sums;
}

/** The code that is executed most, as text: instructions until they make up that share of all executions. */
export function hottest(runs: readonly ProfiledInstruction[][], share: number): string[] {
	const all = runs.flat();
	const total = all.reduce((sum, { count }) => sum + count, 0);
	let sum = 0;
	let least = 0;
	for (const { count } of [...all].sort((a, b) => b.count - a.count)) {
		if (sum >= share * total) break;
		sum += count;
		least = count;
	}
	const lines: string[] = [];
	let behind = -1;
	for (const { address, size, count, kind, mnemonic, operands } of all) {
		if (count < least) continue;
		if (lines.length && address !== behind) lines.push("    ...");
		lines.push(
			`${String(Math.round(count)).padStart(10)}  ${address.toString(16).padStart(8)}  ${kind.padEnd(13)}  ${mnemonic.padEnd(9)} ${operands}`.trimEnd(),
		);
		behind = address + size;
	}
	return lines;
}
