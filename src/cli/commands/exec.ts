import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidArgumentError, type Command } from "commander";
import { defaultBoard, loadBoard, type Board, type BoardMemory } from "../boards";
import { optionalLimitKeys, type Limits } from "../../shared/limit-keys";
import { compileScript } from "../compile-script";
import { CommandError, Status } from "../errors";
import { frontEndOption, optimizeOption } from "../front-end-option";
import { parseCount, parseSeconds } from "../option-values";
import { runOnBoard, type FrontEnd } from "../runner";
import { checkResultOptions, playScenario } from "../scenario/play";
import { suggestion } from "../suggest";

interface ExecOptions {
	board?: string;
	frontEnd: FrontEnd;
	file: Record<string, string>;
	files?: string;
	timeout?: number;
	virtualTime?: boolean;
	slots?: number;
	chunks?: number;
	native?: number;
	stack?: number;
	keys?: number;
	limit: Partial<Limits>;
	audit?: boolean;
	optimize?: boolean;
	sanitize?: boolean;
	memory?: boolean;
	scenario?: string;
	junit?: string;
	vcd?: string;
	report?: string;
}

function addFile(text: string, files: Record<string, string>): Record<string, string> {
	const at = text.indexOf("=");
	if (at < 1) throw new InvalidArgumentError("NAME=PATH is needed");
	const name = text.slice(0, at);
	const path = text.slice(at + 1);
	if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw new InvalidArgumentError(`no file ${path}`);
	return { ...files, [name]: path };
}

function addLimit(text: string, limits: Partial<Limits>): Partial<Limits> {
	const [name = "", value = ""] = text.split("=");
	if (name === "" || value === "") throw new InvalidArgumentError("NAME=VALUE is needed");
	return { ...limits, [name]: parseCount(value) };
}

function checkLimits(board: Board, limits: Readonly<Record<string, unknown>>): void {
	const known = [...Object.keys(board.limits), ...optionalLimitKeys];
	for (const name of Object.keys(limits))
		if (!known.includes(name))
			throw new CommandError(
				`--limit: board ${board.name} has no limit "${name}"${suggestion(name, known)}`,
				Status.USAGE,
			);
}

async function execute(script: string, options: ExecOptions): Promise<void> {
	checkResultOptions(options);
	const board = loadBoard(options.board ?? defaultBoard);
	checkLimits(board, options.limit);
	if (options.files !== undefined && !statSync(options.files, { throwIfNoEntry: false })?.isDirectory())
		throw new CommandError(`no folder ${options.files}`, Status.USAGE);
	if (options.scenario !== undefined) {
		await playScenario(
			options.scenario,
			{ board: options.board, script, files: options.file, optimize: options.optimize ?? false },
			options,
		);
		return;
	}
	const folder = mkdtempSync(join(tmpdir(), "wait-xs-"));
	try {
		const memory: Partial<BoardMemory> = {};
		if (options.slots !== undefined) memory.slots = options.slots;
		if (options.chunks !== undefined) memory.chunks = options.chunks;
		if (options.native !== undefined) memory.native = options.native;
		if (options.stack !== undefined) memory.stack = options.stack;
		if (options.keys !== undefined) memory.keys = options.keys;
		const reply = await runOnBoard(board, {
			script: await compileScript(script, folder),
			files: options.file,
			folder: options.files,
			timeout: options.timeout,
			virtualTime: options.virtualTime,
			memory,
			frontEnd: options.frontEnd,
			limits: {
				...options.limit,
				...(options.audit ? { audit: 1 } : {}),
				...(options.optimize ? { optimize: 1 } : {}),
			} as Partial<Limits>,
			output: "inherit",
			variant: options.sanitize ? "sanitize" : "release",
		});
		if (reply.failure !== null) throw new CommandError(reply.failure, Status.BOARD);
		if (options.memory) console.error(JSON.stringify(reply.memory));
		process.exitCode = reply.status;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

export function addExec(program: Command): void {
	program
		.command("exec")
		.description("run an ES module inside the board's XS: WebAssembly, console, files, timers")
		.argument("<SCRIPT.js>")
		.option("--board <B>", `the board; without it the scenario's, else ${defaultBoard}`)
		.addOption(frontEndOption())
		.option("--file <NAME=PATH>", "a file for files.read(NAME) and files.open(NAME); may be repeated", addFile, {})
		.option("--files <FOLDER>", "a folder whose files are there by their paths in it")
		.option("--timeout <S>", "seconds after which the board is stopped", parseSeconds)
		.option("--virtual-time", "the clock runs only while the script waits")
		.option("--slots <BYTES>", "JavaScript slots, in place of the board's", parseCount)
		.option("--chunks <BYTES>", "JavaScript chunks, in place of the board's", parseCount)
		.option("--native <BYTES>", "native memory, in place of the board's", parseCount)
		.option("--stack <BYTES>", "the stack of JavaScript, in place of the board's", parseCount)
		.option("--keys <N>", "names of properties, in place of the board's", parseCount)
		.option("--limit <NAME=VALUE>", "a limit, in place of the board's; may be repeated", addLimit, {})
		.option("--audit", "keep every check that was proved needless as a trap of its own kind, planner-bug")
		.addOption(optimizeOption())
		.option("--memory", "print the memory figures as JSON to standard error at the end")
		.option("--sanitize", "the board's program built with AddressSanitizer and UBSan (npm run build -- --sanitize)")
		.option("--scenario <FILE>", "scripted peripherals and expectations, in virtual time (docs/SCENARIOS.md)")
		.option("--junit <FILE>", "with --scenario: results as JUnit XML")
		.option("--vcd <FILE>", "with --scenario: a waveform for GTKWave")
		.option("--report <FILE>", "with --scenario: an HTML page with plots")
		.action(execute);
}
