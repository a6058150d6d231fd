/** docs/PERFORMANCE.md, from what was measured. */

import { kinds, type Kind } from "../src/cli/isa";
import { geometricMean, type Row } from "./row";

/** What a board's kernels execute, for each instruction of gcc -Os: means over the kernels. */
export interface Shares {
	readonly ours: Readonly<Record<Kind, number>>;
	readonly gcc: Readonly<Record<Kind, number>>;
}

export interface BoardResults {
	readonly board: string;
	readonly isa: string;
	readonly compiler: string;
	readonly rows: readonly Row[];
	readonly shares: Shares;
}

const ratio = (value: number): string => value.toFixed(2);
const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
const whole = (value: number): string => value.toFixed(0);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
	const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
	return [line(head), line(head.map((_, i) => (i ? "---:" : "---"))), ...rows.map(line)];
}

const over = (a: number | null, b: number): string => (a === null ? "" : ratio(a / b));

function means({ rows }: BoardResults): string[][] {
	const mean = (value: (row: Row) => number | null): number =>
		geometricMean(rows.map(value).filter((item) => item !== null));
	const sum = (value: (row: Row) => number): number => rows.reduce((total, row) => total + value(row), 0);
	const dispatch = rows.find(({ kernel }) => kernel === "dispatch") as Row;
	const audit = mean((row) => (row.audit === null ? null : row.audit / row.gccOs));
	const plain = mean((row) => (row.plain === null ? null : row.plain / row.instructions));
	return [
		["instructions, to `gcc -Os`", ratio(mean((row) => row.instructions / row.gccOs))],
		[
			"instructions, to `gcc -O2`",
			ratio(mean((row) => (row.gccO2 === null ? null : row.instructions / row.gccO2))),
		],
		["without memory checks, to `gcc -Os`", ratio(mean((row) => row.unchecked / row.gccOs))],
		["memory checks cost", percent(mean((row) => row.instructions / row.unchecked) - 1)],
		["with all checks kept (audit), to `gcc -Os`", ratio(audit)],
		["indirect calls (kernel dispatch), to `gcc -Os`", ratio(dispatch.instructions / dispatch.gccOs)],
		[
			"functions with their tables, bytes for each byte of code section",
			ratio(sum((row) => row.nativeBytes) / sum((row) => row.wasmCodeBytes)),
		],
		[
			"the same for `gcc -Os`, constants included",
			ratio(sum((row) => row.gccOsBytes) / sum((row) => row.wasmCodeBytes)),
		],
		["plain JavaScript on XS, to the module", whole(plain)],
	];
}

function boardPart(results: BoardResults): string[] {
	const { rows, shares } = results;
	return [
		`## ${results.board} (${results.isa})`,
		"",
		`\`${results.compiler}\``,
		"",
		"Geometric means over the kernels:",
		"",
		...table(["", ""], means(results)),
		"",
		"Where the instructions go, for 100 of `gcc -Os`, arithmetic means over the kernels:",
		"",
		...table(
			["", "module", "gcc -Os"],
			kinds.map((kind) => [kind, (100 * shares.ours[kind]).toFixed(1), (100 * shares.gcc[kind]).toFixed(1)]),
		),
		"",
		"Each kernel, in instructions of a round:",
		"",
		...table(
			[
				"kernel",
				"module",
				"gcc -Os",
				"ratio",
				"no checks",
				"checks",
				"audit",
				"gcc -O2",
				"ratio",
				"JavaScript",
				"bytes",
				"proved",
			],
			rows.map((row) => [
				row.kernel,
				whole(row.instructions),
				whole(row.gccOs),
				ratio(row.instructions / row.gccOs),
				ratio(row.unchecked / row.gccOs),
				percent(row.instructions / row.unchecked - 1),
				over(row.audit, row.gccOs),
				row.gccO2 === null ? "" : whole(row.gccO2),
				row.gccO2 === null ? "" : ratio(row.instructions / row.gccO2),
				row.plain === null ? "" : whole(row.plain / row.instructions),
				ratio(row.nativeBytes / row.wasmCodeBytes),
				`${row.proved}/${row.accesses}`,
			]),
		),
		"",
	];
}

export function page(boards: readonly BoardResults[]): string {
	return [
		"# Performance",
		"",
		"Written by `npm run bench -- --write`. Numbers are executed instructions, exact, counted by an emulator's plug-in (`native/tools/insn.c`): a kernel's `repeat()` is called for two",
		"numbers of rounds, and the difference is the cost of the rounds between. No times: an instruction more or less is not always a cycle, and both sides are counted alike.",
		"",
		"- **Kernels**: `bench/kernels/*.c` and the paper's six in `examples/`, own C, built to WebAssembly (MVP) by `clang -Os` without any library; the `.wasm` are in the repository.",
		"- **gcc**: the same C for the same machine and the same set of instructions, `-ffreestanding -fno-builtin`, so that nobody gets a library's `memcpy`. On lin-arm that is Thumb-2",
		"  tuned for Cortex-M4, with f64 in the FPU on both sides (a Cortex-M4F computes f64 in software, on both sides, too). Floating point keeps the order of the source everywhere.",
		"- **Results** are compared: a run in which an engine computes something else fails.",
		"- **No checks** is the bench's own front end with every memory check called proved; nobody else can have it. What else the specification asks for stays: division, indirect calls, stack.",
		"- **Audit** keeps all checks. **JavaScript** is the same kernel in plain JavaScript on XS, how many times the module's instructions. **Bytes**: machine code with its tables for each",
		"  byte of the module's code section. **Proved**: memory accesses in the code that need no check.",
		"  gcc -O2 also vectorizes on x86-64, which no WebAssembly without SIMD can.",
		"",
		"To look at one: `npm run bench -- --kernel crc32 --profile 90`, `npx wait-xs inspect bench/kernels/crc32.wasm --disassemble --function 0 --board lin-arm`.",
		"",
		...boards.flatMap(boardPart),
	].join("\n");
}
