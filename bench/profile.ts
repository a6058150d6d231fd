/**
 * Where the instructions of a kernel go: its hottest code, disassembled, and what kinds of instructions it is made of.
 */

import { disassemble, type Instruction } from "../src/cli/inspect/disassembler";

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

/** Registers that generated code reserves: native/emit/<isa>/isa.h. */
const reserved: Record<string, { size: RegExp; context: RegExp; frame: RegExp; scratch: RegExp }> = {
	thumb2: { size: /\bfp\b/, context: /\[sb\b/, frame: /\[sp\b/, scratch: /\bip\b/ },
	x64: { size: /\br13d?\b/, context: /\[r14\b/, frame: /\[rsp\b/, scratch: /\b[re][acd]x\b/ },
};

const moves = /^(?:mov(?:s|\.w|aps|apd|ups)?|vmov(?:\.f32|\.f64)?)$/;

/** Compiled for wait-xs, or by gcc, for whom no register is special but the stack pointer. */
export type Origin = "module" | "gcc";

function kindOf(isa: string, origin: Origin, mnemonic: string, operands: string): Kind {
	const registers = reserved[isa];
	if (!registers) return "arithmetic";
	if (/^v?(?:push|pop)/.test(mnemonic)) return "call";
	if (registers.frame.test(operands)) return "frame";
	if (origin === "module") {
		if (registers.size.test(operands)) return "check";
		if (registers.context.test(operands)) return "context";
	}
	if (/^tb[bh]/.test(mnemonic)) return "branch";
	if ((operands.includes("[") && mnemonic !== "lea") || /^v?(?:ldm|stm)/.test(mnemonic)) return "memory";
	if (/^(?:bl|blx|bx|call|ret)$/.test(mnemonic) || /[{ ]pc}/.test(operands)) return "call";
	if (/^(?:b(?:eq|ne|hs|lo|hi|ls|ge|lt|gt|le|mi|pl|vs|vc)?(?:\.w)?|cbn?z|j[a-z]+)$/.test(mnemonic)) return "branch";
	if (/^(?:cmp|cmn|tst|teq|test|it[te]*|vcmpe?|vmrs|u?comis[sd]|set[a-z]+)(?:\.|$)/.test(mnemonic)) return "compare";
	if (
		/^(?:movw|movt|mvn|movabs)/.test(mnemonic) ||
		(moves.test(mnemonic) && /(?:, #?-?(?:0x)?[0-9a-f]+)$/.test(operands))
	)
		return "constant";
	if (mnemonic === "xor" && /^(\w+), \1$/.test(operands)) return "constant";
	if (moves.test(mnemonic) && /^\w+, \w+$/.test(operands)) return "move";
	return "arithmetic";
}

/**
 * A check is up to three instructions: a limit made from the memory's size, which further checks may use, too; the
 * compare; the branch behind it.
 */
function markChecks(isa: string, code: ProfiledInstruction[]): ProfiledInstruction[] {
	const scratch = reserved[isa]?.scratch;
	let limit = false;
	let compared = false;
	return code.map((instruction) => {
		const { mnemonic, operands } = instruction;
		let { kind } = instruction;
		if (compared && kind === "branch") kind = "check";
		if (kind === "compare" && limit && scratch?.test(operands)) kind = "check";
		compared = kind === "check" && mnemonic.startsWith("cmp");
		if (scratch?.test(operands.split(",")[0] ?? "") && !mnemonic.startsWith("cmp")) limit = kind === "check";
		return { ...instruction, kind };
	});
}

/** Runs of instructions that lie one behind the other, in the order of their addresses. */
export async function profile(
	isa: string,
	origin: Origin,
	counted: readonly Counted[],
): Promise<ProfiledInstruction[][]> {
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
			const code = await disassemble(isa, Buffer.concat(run.map(({ bytes }) => bytes)), first.address);
			return markChecks(
				isa,
				code.map((instruction) => ({
					...instruction,
					count: counts.get(instruction.address) ?? 0,
					kind: kindOf(isa, origin, instruction.mnemonic, instruction.operands),
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
