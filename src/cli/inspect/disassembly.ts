/** A function's machine code beside its instructions, for people: `wait-xs inspect --disassemble`. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Op, row, Row } from "../../aot/base/opcodes";
import type { Limits } from "../../shared/limit-keys";
import { disassemble, type Instruction } from "./disassembler";
import { readModule, valueTypes, type PlanReader } from "../module-view";
import { buildFolder } from "../project";

/** An instruction of the module. */
interface WasmInstruction {
	readonly functionIndex: number;
	readonly text: string;
	/** Blocks around it. */
	readonly depth: number;
	/**
	 * Of a load or store: 0 its check stays, else the number of the prover that showed it needless; null: no access.
	 */
	readonly prover: number | null;
}

/** What native/emit/code-map.h records of an instruction. */
interface Mapped {
	readonly byteOffset: number;
	/** Of its code in the image. */
	readonly address: number;
	/** Locals in registers, where that has changed. */
	readonly locals: string | null;
}

const MARK = 0xffffffff;
const NO_REGISTER = 255;

const generalRegisters: Record<string, readonly string[]> = {
	x64: ["rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"],
};

/** Registers are numbered as in native/emit/<isa>/isa.h: floating-point ones from 16 on. */
function registerName(isa: string, register: number): string {
	if (register >= 16) return `${isa === "x64" ? "xmm" : "d"}${register - 16}`;
	return generalRegisters[isa]?.[register] ?? `r${register}`;
}

/** The map's words, by function index. */
function readMap(isa: string, words: readonly number[]): Map<number, Mapped[]> {
	const functions = new Map<number, Mapped[]>();
	let current: Mapped[] = [];
	let at = 0;
	const next = (): number => words[at++] ?? 0;
	while (at < words.length) {
		const first = next();
		if (first === MARK) {
			current = [];
			functions.set(next(), current);
			continue;
		}
		const address = next();
		const count = next();
		let locals: string | null = null;
		if (count !== MARK) {
			const places: string[] = [];
			for (let i = 0; i < count; i++) {
				const local = next();
				const registers = next();
				const names = [registers & 255, (registers >> 8) & 255].filter((register) => register !== NO_REGISTER);
				places.push(`${local} ${names.map((register) => registerName(isa, register)).join(":")}`);
			}
			locals = places.join(", ");
		}
		current.push({ byteOffset: first, address, locals });
	}
	return functions;
}

let names: readonly (string | null)[] | undefined;

function nameOf(op: number): string {
	names ??= JSON.parse(readFileSync(join(buildFolder, "gen/opcode-names.json"), "utf8")) as (string | null)[];
	return names[op] ?? `0x${op.toString(16)}`;
}

function floatText(bits: bigint, wide: boolean): string {
	const view = new DataView(new ArrayBuffer(8));
	if (wide) view.setBigUint64(0, bits);
	else view.setUint32(0, Number(bits));
	return String(wide ? view.getFloat64(0) : view.getFloat32(0));
}

/** The immediates of the record at hand; reads its continuations. */
function immediates(reader: PlanReader): string {
	const { op, a, b } = reader;
	if (op === Op.BLOCK || op === Op.LOOP || op === Op.IF)
		return a & 0x8000 ? `type ${a & 0x7fff}` : (valueTypes[a] ?? "");
	if (op === Op.BR_TABLE) return Array.from({ length: b + 1 }, () => reader.extension()?.b ?? 0).join(" ");
	if (op === Op.CALL_INDIRECT || op === Op.RETURN_CALL_INDIRECT) return `type ${a} table ${b}`;
	if (op === Op.I32_CONST) return String(b | 0);
	if (op === Op.F32_CONST) return floatText(BigInt(b), false);
	if (op === Op.I64_CONST || op === Op.F64_CONST) {
		const bits = (BigInt(reader.extension()?.b ?? 0) << 32n) | BigInt(b);
		return op === Op.I64_CONST ? String(BigInt.asIntN(64, bits)) : floatText(bits, true);
	}
	if (op === Op.REF_NULL) return valueTypes[a] ?? "";
	if (row(op) & Row.ACCESS) return b ? `offset=${b}` : "";
	const indexed =
		op === Op.BR ||
		op === Op.BR_IF ||
		op === Op.CALL ||
		op === Op.RETURN_CALL ||
		(op >= Op.LOCAL_GET && op <= Op.TABLE_SET) ||
		op === Op.REF_FUNC;
	return indexed ? String(b) : "";
}

/**
 * Instructions by their byte offset: two at most, of loops that come twice. Dead code is not there: no code is made of
 * it.
 */
function readInstructions(module: Buffer, limits: Limits): Map<number, WasmInstruction[]> {
	const instructions = new Map<number, WasmInstruction[]>();
	let depth = 0;
	let current = -1;
	readModule(module, limits, (functionIndex, byteOffset, reader) => {
		const { op, a } = reader;
		// not the module's: constants set beforehand, tests of such loops
		if (reader.length === 0 && op !== Op.BR_TABLE) return;
		if (functionIndex !== current) depth = 0;
		current = functionIndex;
		if (op === Op.END && depth > 0) depth--;
		const copies = instructions.get(byteOffset) ?? [];
		copies.push({
			functionIndex,
			text: `${nameOf(op)} ${immediates(reader)}`.trimEnd(),
			depth: op === Op.ELSE ? depth - 1 : depth,
			prover: row(op) & Row.ACCESS ? a & 255 : null,
		});
		instructions.set(byteOffset, copies);
		if (op === Op.BLOCK || op === Op.LOOP || op === Op.IF) depth++;
	});
	return instructions;
}

/**
 * What the board gives for it: native/emit/code-map.h, and machine code behind its offset in the image (little-endian,
 * 4 bytes).
 */
export interface Code {
	readonly map: readonly number[];
	/** By function index. */
	readonly functions: ReadonlyMap<number, Uint8Array>;
}

const WASM_WIDTH = 44;

/** `inlinedAt`: how deep in blocks the call is in whose place it is; null: it is of the function itself. */
function wasmColumn(
	byteOffset: number,
	instruction: WasmInstruction | undefined,
	inlinedAt: number | null,
	bytes: number,
): string {
	const indent = "  ".repeat(Math.min(inlinedAt ?? instruction?.depth ?? 0, 10));
	const text = instruction ? `${indent}${inlinedAt === null ? "" : "| "}${instruction.text}` : "";
	return `0x${byteOffset.toString(16).padEnd(6)} ${text}`.padEnd(WASM_WIDTH) + String(bytes || "").padStart(4);
}

/** Why a load or store has no check, or has one. */
function checkText(prover: number | null, proverText: (prover: number) => string): string[] {
	if (prover === null) return [];
	return [`; ${prover ? "no check" : "checked"}: ${proverText(prover)}`];
}

/** Lines by function index. */
export async function disassembly(
	isa: string,
	module: Buffer,
	limits: Limits,
	code: Code,
	proverText: (prover: number) => string,
): Promise<Map<number, string[]>> {
	const wasm = readInstructions(module, limits);
	const maps = readMap(isa, code.map);
	const result = new Map<number, string[]>();
	for (const [index, bytes] of code.functions) {
		const start = Buffer.from(bytes.buffer, bytes.byteOffset).readUInt32LE(0);
		const native = await disassemble(isa, bytes.subarray(4), start);
		const mapped = maps.get(index) ?? [];
		const end = start + bytes.length - 4;
		let next = 0;
		const until = (address: number): Instruction[] => {
			const first = next;
			while (next < native.length && (native[next] as Instruction).address < address) next++;
			return native.slice(first, next);
		};
		const nativeText = ({ address, mnemonic, operands }: Instruction): string =>
			`${address.toString(16).padStart(6)}  ${mnemonic.padEnd(9)} ${operands}`.trimEnd();
		const put = (left: string, right: readonly string[], lines: string[]): void => {
			lines.push(`${left}  ${right[0] ?? ""}`.trimEnd());
			for (const text of right.slice(1)) lines.push(`${" ".repeat(WASM_WIDTH + 4)}  ${text}`);
		};
		const lines: string[] = [];
		put("entry".padEnd(WASM_WIDTH + 4), until(mapped[0]?.address ?? end).map(nativeText), lines);
		let depth = 0;
		const functionAt = (at: number): number => wasm.get(mapped[at]?.byteOffset ?? -1)?.[0]?.functionIndex ?? index;
		const isInlined = (at: number): boolean => functionAt(at) !== index;
		const seen = new Map<number, number>();
		mapped.forEach(({ byteOffset, address, locals }, i) => {
			const following = mapped[i + 1];
			const behind = following?.address ?? end;
			const code = until(behind).map(nativeText);
			if (locals !== null)
				lines.push(`${" ".repeat(WASM_WIDTH + 4)}  ; locals in registers: ${locals || "none"}`);
			// not the module's: the test of a loop that comes twice, and the way past its second copy
			if (following && following.byteOffset <= byteOffset && functionAt(i) === functionAt(i + 1)) {
				if (code.length) put("".padEnd(WASM_WIDTH + 4), code, lines);
				return;
			}
			const copies = wasm.get(byteOffset) ?? [];
			const copy = seen.get(byteOffset) ?? 0;
			seen.set(byteOffset, copy + 1);
			const instruction = copies[Math.min(copy, copies.length - 1)];
			const inlined = isInlined(i);
			if (!inlined) depth = instruction?.depth ?? 0;
			put(
				wasmColumn(byteOffset, instruction, inlined ? depth : null, behind - address),
				[
					...(isInlined(i + 1) && !inlined ? ["; inlined"] : []),
					...checkText(instruction?.prover ?? null, proverText),
					...code,
				],
				lines,
			);
		});
		result.set(index, lines);
	}
	return result;
}
