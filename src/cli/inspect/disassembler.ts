/** Machine code as text, by Capstone. Loaded only when it is asked for. */

import { CommandError, Status } from "../errors";

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
	readonly ARCH_ARM: number;
	readonly ARCH_X86: number;
	readonly MODE_THUMB: number;
	readonly MODE_64: number;
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
	const targets: Record<string, [number, number]> = {
		thumb2: [library.ARCH_ARM, library.MODE_THUMB],
		x64: [library.ARCH_X86, library.MODE_64],
	};
	const target = targets[isa];
	if (!target) throw new CommandError(`nothing disassembles ${isa}`, Status.BOARD);
	const decoder = new library.Capstone(...target);
	const instructions: Instruction[] = [];
	const step = isa === "thumb2" ? 2 : 1;
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
			mnemonic: step === 2 ? ".short" : ".byte",
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
