/** Machine code as text, by Capstone. Loaded only when it is asked for. */

import { CommandError, Status } from "../errors";
import { loadIsa } from "../isa";

export interface Instruction {
	readonly address: number;
	readonly size: number;
	readonly mnemonic: string;
	readonly operands: string;
}

interface Decoder {
	disasm(
		bytes: Uint8Array,
		address: number,
	): { address: bigint | number; size: number; mnemonic: string; op_str: string }[];
	close(): void;
}

interface Capstone {
	readonly Capstone: new (architecture: number, mode: number) => Decoder;
	readonly [constant: `ARCH_${string}` | `MODE_${string}`]: number;
}

let capstone: Promise<Capstone> | undefined;

async function load(): Promise<Capstone> {
	const { default: start } = (await import("@alexaltea/capstone-js")) as { default: () => Promise<Capstone> };
	return start();
}

/** What the bytes say, from one end to the other; what is no instruction as data. */
export async function disassemble(isa: string, bytes: Uint8Array, address: number): Promise<Instruction[]> {
	capstone ??= load();
	const library = await capstone;
	const { disassembler } = loadIsa(isa);
	const architecture = library[disassembler.architecture as `ARCH_${string}`];
	const mode = library[disassembler.mode as `MODE_${string}`];
	if (architecture === undefined || mode === undefined)
		throw new CommandError(`nothing disassembles ${isa}`, Status.BOARD);
	const decoder = new library.Capstone(architecture, mode);
	const instructions: Instruction[] = [];
	const step = disassembler.unit;
	let at = 0;
	while (at < bytes.length) {
		for (const { size, mnemonic, op_str: operands } of decode(decoder, bytes.subarray(at), address + at)) {
			instructions.push({ address: address + at, size, mnemonic, operands });
			at += size;
		}
		if (at >= bytes.length) break;
		const value = [...bytes.subarray(at, at + step)].reduceRight((sum, byte) => sum * 256 + byte, 0);
		instructions.push({
			address: address + at,
			size: step,
			mnemonic: step === 1 ? ".byte" : step === 2 ? ".short" : ".word",
			operands: `0x${value.toString(16)}`,
		});
		at += step;
	}
	decoder.close();
	return instructions;
}

/** Capstone throws where the first bytes are no instruction. */
function decode(decoder: Decoder, bytes: Uint8Array, address: number): ReturnType<Decoder["disasm"]> {
	try {
		return decoder.disasm(bytes, address);
	} catch {
		return [];
	}
}
