import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { defaultBoard, loadBoard, type Board } from "../boards";
import { proverNames, proverReasons } from "../../shared/report-names";
import type { Limits } from "../../shared/limit-keys";
import { disassembly } from "../inspect/disassembly";
import { CommandError, Status } from "../errors";
import { readModuleFile, type ModuleFile } from "../module-file";
import { typeText, type Access, type FunctionView, type ModuleView } from "../module-view";
import { failureLine } from "../run-module";
import { frontEndOption, optimizeOption } from "../front-end-option";
import { runOnBoard, type FrontEnd } from "../runner";
import { complain, oneLine, print } from "../printable";
import { suggestion } from "../suggest";

interface InspectOptions {
	board: string;
	frontEnd: FrontEnd;
	function?: string;
	disassemble?: boolean;
	optimize?: boolean;
}

/**
 * What the board has made of the module, in bytes; functions: of each defined one its machine code, and that with its
 * tables.
 */
interface Compiled {
	readonly image: number;
	readonly code: number;
	readonly tables: number;
	readonly records: number;
	/** What compiling it took at most, beyond what was in use before. */
	readonly ram: number;
	readonly functions: readonly number[];
	/** Why the image is the first compilation's, though it was to be optimized. */
	readonly notOptimized?: string;
}

/** Why a check went, or stays. */
function proverText(prover: number): string {
	const reason = proverReasons[prover] ?? "";
	return prover ? `${proverNames[prover] ?? `prover ${prover}`}: ${reason}` : reason;
}

/** Beyond a board's budget: all code of a large module, as text. */
const DISASSEMBLY_MEMORY = { slots: 64 << 20, chunks: 512 << 20, native: 512 << 20 };

interface CodeReply {
	readonly map?: readonly number[];
	readonly defined?: number;
	readonly code?: readonly number[];
}

/** `map`: the function whose code is wanted, too, or -1 for all. */
async function compile(
	board: Board,
	file: ModuleFile,
	frontEnd: FrontEnd,
	optimize: boolean,
	map?: number,
): Promise<{ compiled: Compiled; replies: readonly CodeReply[] }> {
	const reply = await runOnBoard(board, {
		main: "inspect",
		frontEnd,
		files: { "module.wasm": file.path },
		request: { map, optimize },
		memory: map === undefined ? {} : DISASSEMBLY_MEMORY,
	});
	const answer = reply.replies.at(-1) as Compiled | { refused: string } | undefined;
	if (!answer) throw new CommandError(failureLine(board, reply), Status.BOARD);
	if ("refused" in answer) throw new CommandError(`${file.path}: refused: ${answer.refused}`, Status.REFUSED);
	return { compiled: answer, replies: reply.replies.slice(0, -1) as CodeReply[] };
}

/** Lines with columns: those of numbers to the right. */
function table(rows: readonly (readonly (string | number)[])[]): string[] {
	const widths: number[] = [];
	for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, String(cell).length)));
	return rows.map((row) => {
		const cells = row.map((cell, i) =>
			typeof cell === "number" ? String(cell).padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
		);
		return `    ${cells.join("  ")}`.trimEnd();
	});
}

function section(title: string, lines: readonly string[]): string[] {
	return lines.length ? ["", title, ...lines] : [];
}

function counted(count: number, one: string, many: string): string {
	return `${count} ${count === 1 ? one : many}`;
}

const hexadecimal = (value: number): string => `0x${value.toString(16)}`;

function functionName(view: FunctionView): string {
	return `#${view.index}${view.name ? ` ${view.name}` : ""}`;
}

function checksText(accesses: readonly Access[]): string {
	const proved = new Map<number, number>();
	for (const { prover } of accesses) if (prover) proved.set(prover, (proved.get(prover) ?? 0) + 1);
	const by = [...proved]
		.sort(([a], [b]) => a - b)
		.map(([prover, count]) => `${proverNames[prover] ?? prover} ${count}`);
	const gone = accesses.filter((access) => access.prover !== 0).length;
	return `${counted(accesses.length, "access", "accesses")}, ${accesses.length - gone} checked, ${gone} proved${by.length ? ` (${by.join(", ")})` : ""}`;
}

function accessRows(accesses: readonly Access[]): string[] {
	return table(
		accesses.map(({ byteOffset, store, size, offset, prover }) => [
			hexadecimal(byteOffset),
			store ? "store" : "load",
			size,
			`+${offset}`,
			prover ? `no check, ${proverText(prover)}` : `checked: ${proverText(prover)}`,
		]),
	);
}

function functionChecks(view: FunctionView): string[] {
	return view.accesses.length
		? section(`${functionName(view)}: ${checksText(view.accesses)}`, accessRows(view.accesses))
		: [];
}

function functionRows(view: ModuleView, compiled: Compiled): string[] {
	const defined = view.functions.filter((candidate) => candidate.importedFrom === null);
	const rows = defined.map((candidate, i) => [
		functionName(candidate),
		typeText(candidate.type),
		candidate.bytes,
		compiled.functions[2 * i] ?? 0,
		compiled.functions[2 * i + 1] ?? 0,
		candidate.accesses.length,
		candidate.accesses.filter((access) => access.prover !== 0).length,
	]);
	return table([["function", "type", "wasm", "code", "with tables", "accesses", "proved"], ...rows]);
}

function importRows(view: ModuleView): string[] {
	return table(view.imports.map(({ module, name, kind, type }) => [kind, `${module}.${name}`, type]));
}

function exportRows(view: ModuleView): string[] {
	return table(
		view.exports.map(({ name, kind, index }) => {
			const types = {
				function: typeText(view.functions[index]?.type ?? { parameters: [], results: [] }),
				table: view.tables[index],
				memory: view.memories[index],
				global: view.globals[index],
			};
			return [kind, name, `#${index}`, types[kind] ?? ""];
		}),
	);
}

function limitRows(view: ModuleView, limits: Limits): string[] {
	const used: Partial<Record<keyof Limits, number>> = {
		functions: view.functions.length,
		types: view.types.length,
		globals: view.globals.length,
		tables: view.tables.length,
		elements: view.elements.length,
		data: view.data.length,
		exports: view.exports.length,
		bodySize: view.functions.reduce((most, candidate) => Math.max(most, candidate.bytes), 0),
	};
	const rows = Object.entries(limits).map(([name, limit]) => [
		name,
		limit as number,
		used[name as keyof Limits] ?? "",
	]);
	return table([["limit", "board", "module"], ...rows]);
}

function overview(file: ModuleFile, view: ModuleView, compiled: Compiled, board: Board): string[] {
	const accesses = view.functions.flatMap((candidate) => candidate.accesses);
	const segments = (what: string, list: ModuleView["data"], unit: string): string[] => {
		const size = list.reduce((sum, segment) => sum + segment.size, 0);
		return list.length
			? [`    ${counted(list.length, `${what} segment`, `${what} segments`)}, ${counted(size, unit, `${unit}s`)}`]
			: [];
	};
	return [
		`${file.path}: ${view.bytes} bytes, ${view.codeBytes} of code; on ${board.name} (${board.isa}) ${compiled.image} bytes: ` +
			`${compiled.code} machine code, ${compiled.tables} tables, ${compiled.records} for everything else`,
		`compiling takes ${compiled.ram} bytes of RAM at most, which it gives back`,
		`memory: ${checksText(accesses)}`,
		...section(
			"sections",
			table(view.sections.map(({ name, byteOffset, bytes }) => [name, hexadecimal(byteOffset), bytes])),
		),
		...section("types", table(view.types.map((type, i) => [`#${i}`, typeText(type)]))),
		...section("imports", importRows(view)),
		...section("exports", exportRows(view)),
		...section("memory", [...view.memories.map((text) => `    ${text}`), ...segments("data", view.data, "byte")]),
		...section("tables", [
			...view.tables.map((text) => `    ${text}`),
			...segments("element", view.elements, "element"),
		]),
		...section("globals", table(view.globals.map((text, i) => [`#${i}`, text]))),
		...section(
			"start function",
			view.start < 0 ? [] : [`    ${functionName(view.functions[view.start] as FunctionView)}`],
		),
		...section("functions, in bytes", functionRows(view, compiled)),
		...view.functions.flatMap(functionChecks),
		...section(`limits of ${board.name}`, limitRows(view, board.limits)),
	];
}

function findFunction(view: ModuleView, wanted: string): FunctionView {
	const found = /^\d+$/.test(wanted)
		? view.functions[Number(wanted)]
		: view.functions.find((candidate) => candidate.name === wanted);
	if (found) return found;
	const named = view.functions.map((candidate) => candidate.name).filter((name) => name !== "");
	const help = /^\d+$/.test(wanted) ? `; there are ${view.functions.length}` : suggestion(wanted, named);
	throw new CommandError(`no function ${wanted}${help}`, Status.USAGE);
}

function oneFunction(target: FunctionView, view: ModuleView, compiled: Compiled): string[] {
	const first = `${functionName(target)} ${typeText(target.type)}`;
	if (target.importedFrom !== null) return [`${first}: imported`];
	const i = view.functions.filter((candidate) => candidate.importedFrom === null).indexOf(target);
	return [
		`${first} at ${hexadecimal(target.byteOffset)}: ${target.bytes} bytes, ${compiled.functions[2 * i] ?? 0} of machine code, ` +
			`${compiled.functions[2 * i + 1] ?? 0} with tables`,
		`memory: ${checksText(target.accesses)}`,
		...accessRows(target.accesses),
	];
}

async function machineCode(
	board: Board,
	file: ModuleFile,
	view: ModuleView,
	replies: readonly CodeReply[],
): Promise<string[]> {
	const imported = view.functions.filter((candidate) => candidate.importedFrom !== null).length;
	const functions = new Map<number, Uint8Array>();
	for (const { defined, code } of replies)
		if (defined !== undefined && code) functions.set(imported + defined, Uint8Array.from(code));
	const code = { map: replies.find(({ map }) => map)?.map ?? [], functions };
	const texts = await disassembly(board.isa, readFileSync(file.path), board.limits, code, proverText);
	return [...texts].flatMap(([index, lines]) => {
		const target = view.functions[index] as FunctionView;
		const bytes = (functions.get(index)?.length ?? 4) - 4;
		const title = `${functionName(target)} ${typeText(target.type)}: ${target.bytes} bytes, ${bytes} of machine code, ${(bytes / target.bytes).toFixed(2)} a byte`;
		return ["", title, ...lines];
	});
}

async function inspect(path: string, options: InspectOptions): Promise<void> {
	const board = loadBoard(options.board);
	const file = readModuleFile(path, board);
	const target = file.view && options.function !== undefined ? findFunction(file.view, options.function) : null;
	const { compiled, replies } = await compile(
		board,
		file,
		options.frontEnd,
		options.optimize ?? false,
		options.disassemble ? (target?.index ?? -1) : undefined,
	);
	if (compiled.notOptimized) complain(oneLine(`${path}: not optimized: ${compiled.notOptimized}`));
	const { view } = file;
	if (!view) throw new CommandError(`${path}: the board takes it, the command line does not`, Status.BOARD);
	const lines = target ? oneFunction(target, view, compiled) : overview(file, view, compiled, board);
	if (options.disassemble) lines.push(...(await machineCode(board, file, view, replies)));
	print(lines.map(oneLine).join("\n"));
}

export function addInspect(program: Command): void {
	program
		.command("inspect")
		.description("show what is in a module, what it becomes on a board, and every memory check")
		.argument("<MODULE.wasm>")
		.option("--board <B>", "the board", defaultBoard)
		.addOption(frontEndOption())
		.addOption(optimizeOption())
		.option("--function <I>", "only this function: its index or name")
		.option("--disassemble", "also the machine code beside the instructions")
		.action(inspect);
}
