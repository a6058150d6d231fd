/** `wait-xs bench`. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { boardNames, loadBoard, type Board } from "../src/cli/boards";
import type { BenchOptions } from "../src/cli/commands/bench";
import { CommandError, Status } from "../src/cli/errors";
import { kinds, type Kind } from "../src/cli/isa";
import { readModuleFile } from "../src/cli/module-file";
import { root } from "../src/cli/project";
import { suggestion } from "../src/cli/suggest";
import {
	compilerLine,
	profileModule,
	profileNative,
	runModule,
	runNative,
	runPlain,
	type MeasuredModule,
} from "./engines";
import { allKernels, type Kernel } from "./kernels";
import { page, type BoardResults, type Shares } from "./page";
import { hottest, profile, shares, type Counted, type Origin } from "./profile";
import { geometricMean, type Row } from "./row";

function pickKernels(names: readonly string[]): Kernel[] {
	const all = allKernels();
	for (const name of names) {
		const known = all.map((kernel) => kernel.name);
		if (!known.includes(name)) throw new CommandError(`no kernel ${name}${suggestion(name, known)}`, Status.USAGE);
	}
	return names.length ? all.filter((kernel) => names.includes(kernel.name)) : all;
}

async function measureKernel(board: Board, kernel: Kernel, fast: boolean, optimize: boolean): Promise<Row> {
	const file = readModuleFile(kernel.module, board);
	const kept = await runModule(board, kernel, "kept", optimize);
	const unchecked = await runModule(board, kernel, "none", optimize);
	const audit: MeasuredModule | null = fast ? null : await runModule(board, kernel, "audit", optimize);
	const gccOs = runNative(board, kernel, "-Os");
	const gccO2 = fast ? null : runNative(board, kernel, "-O2");
	const plain = fast || !kernel.plain ? null : await runPlain(board, kernel);
	for (const [engine, measured] of Object.entries({
		"without checks": unchecked,
		audit,
		"gcc -Os": gccOs,
		"gcc -O2": gccO2,
		JavaScript: plain,
	}))
		if (measured && measured.results !== kept.results)
			throw new CommandError(
				`${kernel.name} on ${board.name}: ${engine} gives ${measured.results}, the module ${kept.results}`,
				Status.BOARD,
			);
	return {
		board: board.name,
		kernel: kernel.name,
		instructions: kept.instructions,
		unchecked: unchecked.instructions,
		audit: audit?.instructions ?? null,
		gccOs: gccOs.instructions,
		gccO2: gccO2?.instructions ?? null,
		plain: plain?.instructions ?? null,
		accesses: kept.checks,
		proved: kept.proved,
		wasmCodeBytes: file.view?.codeBytes ?? 0,
		imageBytes: kept.image,
		nativeBytes: kept.code + kept.tables,
		gccOsBytes: gccOs.code,
	};
}

/** Calls `work` for each item, `jobs` at a time; results in the order of the items. */
async function inParallel<T, R>(items: readonly T[], jobs: number, work: (item: T) => Promise<R>): Promise<R[]> {
	const results: R[] = [];
	let next = 0;
	const worker = async (): Promise<void> => {
		while (next < items.length) {
			const i = next++;
			results[i] = await work(items[i] as T);
		}
	};
	await Promise.all(Array.from({ length: jobs }, worker));
	return results;
}

const columns = [
	"kernel",
	"ours",
	"gcc -Os",
	"ratio",
	"no checks",
	"checks",
	"gcc -O2",
	"ratio",
	"audit",
	"JavaScript",
	"bytes/wasm",
	"proved",
] as const;
const widths = [18, 10, 10, 7, 10, 8, 10, 7, 7, 11, 11, 9];

function cells(row: Row): string[] {
	const ratio = (a: number | null, b: number | null): string => (a === null || b === null ? "-" : (a / b).toFixed(2));
	const count = (value: number | null): string => (value === null ? "-" : value.toFixed(0));
	return [
		row.kernel,
		count(row.instructions),
		count(row.gccOs),
		ratio(row.instructions, row.gccOs),
		ratio(row.unchecked, row.gccOs),
		`${(100 * (row.instructions / row.unchecked - 1)).toFixed(1)}%`,
		count(row.gccO2),
		ratio(row.instructions, row.gccO2),
		ratio(row.audit, row.gccOs),
		ratio(row.plain, row.instructions),
		ratio(row.nativeBytes, row.wasmCodeBytes),
		`${row.proved}/${row.accesses}`,
	];
}

function line(texts: readonly string[]): string {
	return texts.map((text, i) => (i ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0))).join(" ");
}

/** The means of a board, in the columns of `cells`. */
function means(rows: readonly Row[]): string[] {
	const mean = (value: (row: Row) => number | null): string => {
		const known = rows.map(value).filter((item) => item !== null);
		return known.length ? geometricMean(known).toFixed(2) : "-";
	};
	const over = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a / b);
	return [
		"geometric mean",
		"",
		"",
		mean((row) => row.instructions / row.gccOs),
		mean((row) => row.unchecked / row.gccOs),
		`${(100 * (geometricMean(rows.map((row) => row.instructions / row.unchecked)) - 1)).toFixed(1)}%`,
		"",
		mean((row) => over(row.instructions, row.gccO2)),
		mean((row) => over(row.audit, row.gccOs)),
		mean((row) => over(row.plain, row.instructions)),
		mean((row) => row.nativeBytes / row.wasmCodeBytes),
		"",
	];
}

/** The hottest code of the kernels, and gcc's for the same. */
async function showProfiles(
	board: Board,
	kernels: readonly Kernel[],
	percent: number,
	optimize: boolean,
): Promise<void> {
	const show = async (title: string, origin: Origin, counted: readonly Counted[]): Promise<void> => {
		const runs = await profile(board.isa, origin, counted);
		const sums = Object.entries(shares(runs)).filter(([, count]) => count > 0);
		const total = sums.reduce((sum, [, count]) => sum + count, 0);
		const parts = sums
			.sort(([, a], [, b]) => b - a)
			.map(([kind, count]) => `${kind} ${((100 * count) / total).toFixed(1)}%`);
		console.log(
			[
				`${title}: ${total.toFixed(0)} instructions a round: ${parts.join(", ")}`,
				...hottest(runs, percent / 100),
				"",
			].join("\n"),
		);
	};
	for (const kernel of kernels) {
		await show(`${kernel.name} on ${board.name}`, "module", await profileModule(board, kernel, optimize));
		await show(`${kernel.name} by gcc -Os`, "gcc", profileNative(board, kernel, "-Os"));
	}
}

/** Executions by kind, for each of gcc -Os. */
async function measureShares(board: Board, kernels: readonly Kernel[], jobs: number): Promise<Shares> {
	const each = await inParallel(kernels, jobs, async (kernel) => {
		const ours = shares(await profile(board.isa, "module", await profileModule(board, kernel, false)));
		const gcc = shares(await profile(board.isa, "gcc", profileNative(board, kernel, "-Os")));
		const total = Object.values(gcc).reduce((sum, count) => sum + count, 0);
		return { ours, gcc, total };
	});
	const mean = (of: "ours" | "gcc"): Record<Kind, number> =>
		Object.fromEntries(
			kinds.map((kind) => [kind, each.reduce((sum, item) => sum + item[of][kind] / item.total, 0) / each.length]),
		) as Record<Kind, number>;
	return { ours: mean("ours"), gcc: mean("gcc") };
}

export async function bench(options: BenchOptions): Promise<void> {
	const boards = (options.board.length ? options.board : boardNames()).map(loadBoard);
	const kernels = pickKernels(options.kernel);
	const all: Row[] = [];
	const written: BoardResults[] = [];
	if (
		options.write &&
		(options.fast ||
			options.kernel.length ||
			options.board.length ||
			options.profile !== undefined ||
			options.optimize)
	)
		throw new CommandError(
			"--write needs everything: no --fast, --kernel, --board, --profile or --optimize",
			Status.USAGE,
		);
	for (const board of boards) {
		if (options.profile !== undefined) {
			await showProfiles(board, kernels, options.profile, options.optimize === true);
			continue;
		}
		let done = 0;
		const progress = (): void => {
			if (process.stderr.isTTY) process.stderr.write(`\r${board.name}: ${done} of ${kernels.length} kernels`);
		};
		progress();
		const rows = await inParallel(kernels, options.jobs, async (kernel) => {
			const row = await measureKernel(board, kernel, options.fast === true, options.optimize === true);
			done++;
			progress();
			return row;
		});
		if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
		if (!options.json)
			console.log(
				[
					`${board.name} (${board.isa})`,
					line(columns),
					...rows.map((row) => line(cells(row))),
					line(means(rows)),
					"",
				].join("\n"),
			);
		all.push(...rows);
		if (options.write)
			written.push({
				board: board.name,
				isa: board.isa,
				compiler: compilerLine(board),
				rows,
				shares: await measureShares(board, kernels, options.jobs),
			});
	}
	if (options.write) writeFileSync(join(root, "docs/PERFORMANCE.md"), page(written));
	if (options.json) console.log(JSON.stringify({ rows: all }));
}
