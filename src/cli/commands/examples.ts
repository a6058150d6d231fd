import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import type { Command } from "commander";
import { defaultBoard, loadBoard, type Board } from "../boards";
import { compileScript } from "../compile-script";
import { CommandError, Status } from "../errors";
import { readModuleFile } from "../module-file";
import { root } from "../project";
import { failureLine, runModule, type RunReport } from "../run-module";
import { runOnBoard } from "../runner";

interface ExamplesOptions {
	board: string;
	json?: boolean;
}

interface Expected {
	readonly run: number;
}

/** What examples/compare.js prints: milliseconds of a round. */
interface Comparison {
	readonly equal: boolean;
	readonly module: number;
	readonly javaScript: number;
}

interface Outcome {
	readonly name: string;
	readonly report: RunReport;
	/** The result is the known answer, and plain JavaScript gives the same. */
	readonly right: boolean;
	/** How many times faster than plain JavaScript. */
	readonly ratio: number;
}

const folder = join(root, "examples");

function modulePath(name: string): string {
	return join(folder, name, `${name}.wasm`);
}

async function compareWithJavaScript(board: Board, name: string): Promise<Comparison> {
	const temporary = mkdtempSync(join(tmpdir(), "wait-xs-"));
	try {
		const script = join(temporary, "compare.js");
		const [compare, plain] = [join(folder, "compare.js"), join(folder, name, `${name}.js`)].map((path) =>
			JSON.stringify(path),
		);
		writeFileSync(
			script,
			`import { compare } from ${compare};\nimport * as plain from ${plain};\nawait compare(plain);\n`,
		);
		const reply = await runOnBoard(board, {
			script: await compileScript(script, temporary),
			files: { "module.wasm": modulePath(name) },
		});
		if (reply.status !== Status.DONE) throw new CommandError(failureLine(board, reply), Status.BOARD);
		return JSON.parse(reply.stdout) as Comparison;
	} finally {
		rmSync(temporary, { recursive: true, force: true });
	}
}

async function runExample(board: Board, name: string, expected: Expected): Promise<Outcome> {
	const file = readModuleFile(modulePath(name), board);
	const report = await runModule(board, file, {
		invoke: "run",
		values: [],
		results: ["i32"],
		audit: false,
		trim: false,
		count: false,
		frontEnd: "native",
		timeout: undefined,
	});
	const { equal, module, javaScript } = await compareWithJavaScript(board, name);
	return {
		name,
		report,
		right: equal && report.run.result?.[0] === String(expected.run),
		ratio: javaScript / module,
	};
}

const titles = ["example", "module", "native", "RAM", "checks", "proved", "result", "speed"];

function cells({ name, report, right, ratio }: Outcome): string[] {
	const { module, native, compile, ram, checks } = report;
	const peak = Math.max(compile.peakRam, ram.total);
	return [
		name,
		`${module.bytes} B`,
		`${native.bytes} B`,
		`${(peak / 1024).toFixed(0)} KB`,
		String(checks.total),
		String(checks.proved),
		right ? "right" : "WRONG",
		`${ratio.toFixed(0)}x`,
	];
}

function line(row: readonly string[]): string {
	return row.map((cell, i) => (i === 0 ? cell.padEnd(18) : cell.padStart(9))).join("");
}

function legend(board: Board): string {
	const from = relative(process.cwd(), folder) || ".";
	return `
module   bytes of the WebAssembly module
native   bytes of what ${board.name} made of it: machine code (${board.isa}), tables, data
RAM      most that was in use while compiling or running, JavaScript engine and all
checks   memory accesses; proved: so many are shown to stay in bounds, and run without a check
result   of run(), against the known answer and the same program in plain JavaScript
speed    how many times faster than that plain JavaScript, on the same engine

What to try next:
    npx wait-xs run ${from}/fft/fft.wasm --json            results, sizes, RAM and times as JSON
    npx wait-xs run ${from}/fft/fft.wasm --invoke repeat 3 --board lin-arm
    npx wait-xs inspect ${from}/fft/fft.wasm               sections, sizes, every memory check
    npx wait-xs exec SCRIPT.js --file m.wasm=PATH         your JavaScript, with WebAssembly, inside the board
    npx wait-xs boards                                    the boards there are
    npm run examples                                      builds the examples again (clang, lld)`;
}

async function runExamples(options: ExamplesOptions): Promise<void> {
	const board = loadBoard(options.board);
	const expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as Record<string, Expected>;
	const outcomes: Outcome[] = [];
	if (!options.json)
		console.log(`The examples, compiled and run on ${board.name} (${board.description}):\n\n${line(titles)}`);
	for (const [name, answer] of Object.entries(expected)) {
		if (!existsSync(modulePath(name)))
			throw new CommandError(`${modulePath(name)} is not built: npm run examples`, Status.USAGE);
		const outcome = await runExample(board, name, answer);
		outcomes.push(outcome);
		if (!options.json) console.log(line(cells(outcome)));
	}
	console.log(options.json ? JSON.stringify(outcomes) : legend(board));
	if (outcomes.some((outcome) => !outcome.right)) process.exitCode = Status.FAILED;
}

export function addExamples(program: Command): void {
	program
		.command("examples")
		.description("compile and run the examples, against the same in plain JavaScript")
		.option("--board <B>", "the board", defaultBoard)
		.option("--json", "as JSON")
		.action(runExamples);
}
