import { Command, InvalidArgumentError, Option, type ParseOptionsResult } from "commander";
import { defaultBoard, loadBoard, type Board } from "../boards";
import { findCall, type Call, type Invocation } from "../call";
import { chipNames } from "../chips";
import { CommandError, Status } from "../errors";
import { missingImports, readModuleFile, type ModuleFile } from "../module-file";
import { createNodeBoard } from "../node/board";
import { runOnNode, type NodeOutcome } from "../node/engine";
import { typeText, type ModuleView } from "../module-view";
import { parseCount, parseSeconds } from "../option-values";
import { frontEndOption, optimizeOption } from "../front-end-option";
import { runModule, type PinWay, type RunReport, type Trap } from "../run-module";
import type { FrontEnd } from "../runner";
import { checkGrants } from "../grants";
import { complain, jsonText, oneLine, print } from "../printable";
import { checkResultOptions, playScenario } from "../scenario/play";
import { beginTime, isTimed, runTimed } from "../timed";

interface RunOptions {
	board?: string;
	frontEnd: FrontEnd;
	json?: boolean;
	count?: boolean;
	audit?: boolean;
	trim?: boolean;
	optimize?: boolean;
	native?: number;
	timeout?: number;
	engine: "board" | "node";
	io: PinWay;
	chip?: string;
	grant: string[];
	arg: string[];
	env: string[];
	scenario?: string;
	junit?: string;
	vcd?: string;
	report?: string;
}

/**
 * Takes `--invoke EXPORT ARG ...` out before commander sees negative numbers as options: arguments end at the next
 * "--".
 */
class RunCommand extends Command {
	invocation: Invocation | null = null;

	override parseOptions(argv: string[]): ParseOptionsResult {
		const at = argv.findIndex((text) => text === "--invoke" || text.startsWith("--invoke="));
		if (at < 0) return super.parseOptions(argv);
		let end = argv.findIndex((text, i) => i > at && text.startsWith("--"));
		if (end < 0) end = argv.length;
		const joined = argv[at]?.slice("--invoke=".length);
		const [name, ...texts] = [...(joined ? [joined] : []), ...argv.slice(at + 1, end)];
		if (name === undefined) throw new CommandError("--invoke needs the name of an export", Status.USAGE);
		this.invocation = { name, texts };
		return super.parseOptions([...argv.slice(0, at), ...argv.slice(end)]);
	}
}

function exportsText(view: ModuleView): string {
	const lines = view.exports.map(({ name, kind, index }) => {
		const target = kind === "function" ? view.functions[index] : undefined;
		return `    ${kind} ${oneLine(name)}${target ? ` ${typeText(target.type)}` : ""}`;
	});
	return lines.length ? `no _start, main or run without parameters; exports:\n${lines.join("\n")}` : "no exports";
}

/** At most this many frames of a backtrace are printed at each end. */
const FRAMES = 8;

export function trapText(file: string, trap: Trap): string {
	const place =
		trap.functionIndex < 0
			? ""
			: ` in ${oneLine(trap.functionName) || `function #${trap.functionIndex}`} @+${trap.byteOffset}`;
	const { wasmStack } = trap;
	const frames =
		wasmStack.length > 2 * FRAMES
			? [
					...wasmStack.slice(0, FRAMES),
					`... ${wasmStack.length - 2 * FRAMES} more ...`,
					...wasmStack.slice(-FRAMES),
				]
			: wasmStack;
	return [
		`${file}: trap: ${oneLine(trap.message)} (${trap.kind})${place}`,
		...frames.map((frame) => `    ${oneLine(frame)}`),
	].join("\n");
}

/** JSON has -0, but JSON.stringify does not give it. */
function reportText(report: RunReport): string {
	return jsonText(report).replace(/"result":\[[^\]]*\]/, (results) => results.replaceAll('"-0"', "-0"));
}

function printReport(report: RunReport, file: ModuleFile, call: Call | null, json: boolean): void {
	if (json) print(reportText(report));
	else if (report.run.result) for (const value of report.run.result) print(String(value));
	if (!json && !call && file.view) print(exportsText(file.view));
	if (report.compile.notOptimized) complain(oneLine(`${file.path}: not optimized: ${report.compile.notOptimized}`));
	if (report.run.trap) complain(trapText(file.path, report.run.trap));
}

async function execute(path: string, options: RunOptions, invocation: Invocation | null): Promise<void> {
	checkResultOptions(options);
	if (options.scenario !== undefined) {
		await playScenario(
			options.scenario,
			{
				board: options.board,
				module: path,
				invoke: invocation,
				grants: options.grant,
				io: options.io,
				engine: options.engine,
				optimize: options.optimize ?? false,
				args: options.arg,
				environment: options.env,
				...(options.chip === undefined ? {} : { chip: options.chip }),
				...(options.timeout === undefined ? {} : { watchdog: options.timeout }),
			},
			options,
		);
		return;
	}
	const board: Board = loadBoard(options.board ?? defaultBoard);
	const file = readModuleFile(path, board);
	const missing = missingImports(file);
	if (missing) throw new CommandError(missing, Status.REFUSED);
	const call = file.view ? findCall(file.view, invocation) : null;
	if (options.engine === "node") {
		if (options.timeout === undefined) return executeOnNode(file, options, call);
		if (isTimed()) {
			await beginTime();
			return executeOnNode(file, options, call);
		}
		const status = await runTimed(options.timeout);
		if (status === null) printOnNode(file, options, { result: null, trap: interrupted });
		process.exitCode = status ?? Status.FAILED;
		return;
	}
	const report = await runModule(board, file, {
		invoke: call?.name ?? null,
		values: call?.values ?? [],
		results: call?.results ?? [],
		audit: options.audit ?? false,
		trim: options.trim ?? false,
		optimize: options.optimize ?? false,
		count: options.count ?? false,
		frontEnd: options.frontEnd,
		timeout: options.timeout,
		grants: options.grant,
		io: options.io,
		...(options.chip === undefined ? {} : { chip: options.chip }),
		args: options.arg,
		environment: options.env,
		...(options.native === undefined ? {} : { native: options.native }),
		onOutput: (bytes) => (options.json ? process.stderr : process.stdout).write(bytes),
	});
	printReport(report, file, call, options.json ?? false);
	process.exitCode = report.run.trap ? Status.FAILED : (report.run.exit ?? Status.DONE) & 0xff;
}

const interrupted: Trap = {
	kind: "interrupted",
	message: "interrupted",
	functionIndex: -1,
	functionName: "",
	byteOffset: -1,
	wasmStack: [],
};

function printOnNode(file: ModuleFile, options: RunOptions, outcome: Omit<NodeOutcome, "time">, time?: number): void {
	const simulatedMs = time === undefined ? null : time / 1000;
	if (options.json)
		print(jsonText({ engine: "node", module: { bytes: file.bytes }, run: { ...outcome, simulatedMs } }));
	else for (const value of outcome.result ?? []) print(String(value));
	if (outcome.trap) complain(trapText(file.path, outcome.trap));
}

/** The same call in Node's engine. What boards measure is not measured there. */
function executeOnNode(file: ModuleFile, options: RunOptions, call: Call | null): void {
	const board = createNodeBoard({ costs: {}, seed: 1, onLog: (_, text) => print(text) });
	const { time, ...outcome } = runOnNode(
		file,
		{
			invoke: call?.name ?? null,
			values: call?.values ?? [],
			results: call?.results ?? [],
			grants: options.grant,
			args: options.arg,
			environment: options.env,
			onOutput: (stream, bytes) => (stream === 2 || options.json ? process.stderr : process.stdout).write(bytes),
		},
		board,
	);
	printOnNode(file, options, outcome, time);
	process.exitCode = outcome.trap ? Status.FAILED : (outcome.exit ?? Status.DONE) & 0xff;
}

function append(text: string, texts: string[]): string[] {
	return [...texts, text];
}

function collectGrant(text: string, grants: string[]): string[] {
	try {
		checkGrants([...grants, text]);
	} catch (error) {
		throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
	}
	return [...grants, text];
}

function appendVariable(text: string, texts: string[]): string[] {
	if (text.indexOf("=") < 1) throw new InvalidArgumentError("NAME=VALUE is wanted");
	return [...texts, text];
}

export function addRun(program: Command): void {
	const command = new RunCommand("run")
		.copyInheritedSettings(program)
		.description("compile a module on a board and call one of its functions")
		.argument("<MODULE.wasm>")
		.option("--board <B>", `the board; without it the scenario's, else ${defaultBoard}`)
		.addOption(frontEndOption())
		.addOption(
			new Option(
				"--invoke <EXPORT...>",
				"the exported function to call, and its arguments; without it: _start, main or run",
			),
		)
		.option("--json", "print one JSON object: results, sizes, RAM, checks, times")
		.option("--count", "count instructions, on emulated boards")
		.option("--audit", "keep every check that was proved needless as a trap of its own kind, planner-bug")
		.addOption(optimizeOption())
		.option("--trim", "give the memory no more than the module says it needs (__heap_base, __data_end)")
		.option(
			"--native <BYTES>",
			"C memory, in place of the board's: compiling takes it first, then the module's memory, tables and stack do",
			parseCount,
		)
		.option(
			"--grant <G>",
			"what the module may use: gpio:2-5:out, i2c:0@0x69, publish:room/#, all ... (docs/IOT-API.md); repeatable",
			collectGrant,
			[],
		)
		.addOption(
			new Option("--engine <E>", "where it runs: on the board, or in Node's own engine over the same API")
				.choices(["board", "node"])
				.default("board"),
		)
		.addOption(
			new Option(
				"--io <WAY>",
				"how digital pins are reached: through JavaScript, through C, or in line by the chip's registers",
			)
				.choices(["js", "c", "inline"])
				.default("c"),
		)
		.addOption(
			new Option(
				"--chip <C>",
				"in place of the board's chip: its registers for --io inline, its currents and times in scenarios",
			).choices(chipNames()),
		)
		.option("--arg <A>", "an argument of a WASI program; repeatable", append, [])
		.option("--env <NAME=VALUE>", "a variable of a WASI program's environment; repeatable", appendVariable, [])
		.option("--scenario <FILE>", "scripted peripherals and expectations, in virtual time (docs/SCENARIOS.md)")
		.option("--junit <FILE>", "with --scenario: results as JUnit XML")
		.option("--vcd <FILE>", "with --scenario: a waveform for GTKWave")
		.option("--report <FILE>", "with --scenario: an HTML page with plots")
		.option("--timeout <S>", "seconds after which the call is ended by a trap", parseSeconds) as RunCommand;
	command.action((path: string, options: RunOptions) => execute(path, options, command.invocation));
	program.addCommand(command);
}
