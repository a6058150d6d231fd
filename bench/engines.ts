/**
 * Runs a kernel and counts its instructions, exactly: repeat() is called for two numbers of rounds, each call counted
 * by the emulator's plug-in (native/tools/insn.c) as a phase of its own, and the difference is the cost of the rounds
 * between. Entry, exit and set-up drop out.
 */

import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Board } from "../src/cli/boards";
import { compileScript } from "../src/cli/compile-script";
import { CommandError, Status } from "../src/cli/errors";
import { loadIsa } from "../src/cli/isa";
import { buildFolder, root } from "../src/cli/project";
import { failureLine } from "../src/cli/run-module";
import { runOnBoard } from "../src/cli/runner";
import { bundlePatchedGuest, type Patch } from "../test/support/bundle";
import type { Kernel } from "./kernels";
import type { Counted } from "./profile";

/** Rounds of the two calls. */
const FEWER = 2;
const MORE = 18;
const PHASE_FEWER = 2;
const PHASE_MORE = 4;

/** Of the memory checks: those that no prover shows needless; none; all, the needless as traps of their own kind. */
export type Checks = "kept" | "none" | "audit";

export interface Measured {
	/** Instructions of a round. */
	readonly instructions: number;
	/** What repeat() gave, which all engines agree on. */
	readonly results: string;
}

export interface MeasuredModule extends Measured {
	/** Bytes of the whole image; of its machine code; of its tables. */
	readonly image: number;
	readonly code: number;
	readonly tables: number;
	/** Memory accesses in the code, and how many of them need no check. */
	readonly checks: number;
	readonly proved: number;
}

export interface MeasuredProgram extends Measured {
	/** Bytes of machine code and constants, without libraries. */
	readonly code: number;
}

const folder = join(buildFolder, "bench");
/** Of this process alone: several may run at once. */
const own = join(folder, `run-${process.pid}`);
process.on("exit", () => rmSync(own, { recursive: true, force: true }));

/** How a board's programs run where instructions are counted: machines that are not emulated are, here. */
function emulator(board: Board): string[] {
	if (board.emulated) return board.launch;
	return loadIsa(board.isa).emulator;
}

function perRound(phases: readonly number[]): number {
	return ((phases[PHASE_MORE] ?? 0) - (phases[PHASE_FEWER] ?? 0)) / (MORE - FEWER);
}

/* ---- on the board ---- */

/** The front end with every check called proved, in the bench alone: what checks cost is the difference. */
const unchecked: readonly Patch[] = [
	[
		"plan/planner.ts",
		"if ((known & Known.LITERAL) != 0 && provesConstant(address, offset, size)) return Prover.CONSTANT;",
		"if (known == known) return Prover.CONSTANT;",
	],
];

const scripts = new Map<string, Promise<string>>();

function script(name: string, source: () => Promise<string>): Promise<string> {
	let made = scripts.get(name);
	if (!made) {
		made = (async () => {
			const scriptFolder = join(own, "scripts", name);
			mkdirSync(scriptFolder, { recursive: true });
			return compileScript(await source(), scriptFolder);
		})();
		scripts.set(name, made);
	}
	return made;
}

async function entry(name: string, text: string): Promise<string> {
	const path = join(own, "scripts", name, "entry.js");
	writeFileSync(path, text);
	return path;
}

const guest = JSON.stringify(join(buildFolder, "js/host/bench/guest.js"));

const moduleScript = (): Promise<string> =>
	script("module", () => entry("module", `import { measureModule } from ${guest};\nmeasureModule();\n`));

async function onBoard(
	board: Board,
	code: string,
	files: Record<string, string>,
	limits: { audit?: 1; optimize?: 1 },
	profile?: string,
): Promise<MeasuredModule> {
	const reply = await runOnBoard(
		{ ...board, launch: emulator(board), emulated: true },
		{
			script: code,
			request: { fewer: FEWER, more: MORE },
			files,
			memory: { slots: 16 * board.memory.slots, chunks: 16 * board.memory.chunks, keys: 30000 },
			limits: limits as object,
			count: true,
			profile,
			timeout: 600,
		},
	);
	const answer = reply.replies.at(-1) as { results: number[] } & MeasuredModule;
	if (reply.status !== Status.DONE || !answer || !reply.counts)
		throw new CommandError(failureLine(board, reply), Status.BOARD);
	return { ...answer, instructions: perRound(reply.counts.phases), results: answer.results.join(" ") };
}

export async function runModule(
	board: Board,
	kernel: Kernel,
	checks: Checks,
	optimize: boolean,
): Promise<MeasuredModule> {
	const code =
		checks === "none"
			? await script("unchecked", () => bundlePatchedGuest("bench/guest-module.ts", unchecked))
			: await moduleScript();
	return onBoard(
		board,
		code,
		{ "module.wasm": kernel.module },
		{ ...(checks === "audit" ? { audit: 1 } : {}), ...(optimize ? { optimize: 1 } : {}) },
	);
}

function readProfile(file: string): Counted[] {
	const instructions = JSON.parse(readFileSync(file, "utf8")) as [number, string, number][];
	rmSync(file);
	// What is executed less than once a round is not the kernel.
	return instructions
		.filter(([, , count]) => count >= MORE)
		.map(([address, bytes, count]) => ({ address, bytes: Buffer.from(bytes, "hex"), count: count / MORE }));
}

/** How often each instruction is executed in a round. */
export async function profileModule(board: Board, kernel: Kernel, optimize: boolean): Promise<Counted[]> {
	const profile = join(own, `${board.name}-${kernel.name}.profile`);
	await onBoard(
		board,
		await moduleScript(),
		{ "module.wasm": kernel.module },
		optimize ? { optimize: 1 } : {},
		profile,
	);
	return readProfile(profile);
}

/** Plain JavaScript, on the same engine. */
export async function runPlain(board: Board, kernel: Kernel): Promise<Measured> {
	const name = `plain-${kernel.name}`;
	const text = `import { repeat } from ${JSON.stringify(kernel.plain)};\nimport { measure } from ${guest};\nmeasure(repeat, {});\n`;
	return onBoard(board, await script(name, () => entry(name, text)), {}, {});
}

/* ---- as a program ---- */

export type Optimization = "-Os" | "-O2";

/** The same instructions as those that compiled modules use; f64 in the FPU, as there. */
function nativeCompiler(board: Board): { command: string; flags: string[] } {
	const settings = readFileSync(join(root, "boards", board.name, "board.mk"), "utf8");
	const setting = (name: string): string => new RegExp(`^${name} := (.*)$`, "m").exec(settings)?.[1] ?? "";
	const { tuning } = loadIsa(board.isa).compiler;
	return { command: setting("BOARD_CC"), flags: [...setting("BOARD_FLAGS").split(" "), ...tuning] };
}

const commonFlags = [
	"-std=gnu11",
	"-ffreestanding",
	"-fno-builtin",
	"-ffp-contract=off",
	"-fno-math-errno",
	"-fno-pie",
	"-w",
];

export function compilerLine(board: Board): string {
	const { command, flags } = nativeCompiler(board);
	const version = execFileSync(command, ["-dumpfullversion"], { encoding: "utf8" }).trim();
	return `${command} ${version} ${[...flags, ...commonFlags.slice(0, -1)].join(" ")}`;
}

function run(command: string, args: readonly string[]): string {
	const result = spawnSync(command, args, { encoding: "utf8" });
	if (result.error) throw new CommandError(`${command}: ${result.error.message}`, Status.BOARD);
	if (result.status !== 0)
		throw new CommandError(
			`${command} failed (${result.signal ?? result.status}): ${result.stderr.split("\n")[0] ?? ""}`,
			Status.BOARD,
		);
	return result.stdout;
}

/** What does not change is measured once. */
function remembered<T>(key: string, inputs: readonly string[], measure: () => T): T {
	const hash = createHash("sha256");
	for (const input of [key, ...inputs]) hash.update(input).update("\0");
	const file = join(folder, "cache", hash.digest("hex").slice(0, 32) + ".json");
	if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as T;
	const value = measure();
	mkdirSync(join(folder, "cache"), { recursive: true });
	writeFileSync(file, JSON.stringify(value));
	return value;
}

/** Paths of a native build: its program, and the object of the kernel alone. */
export function nativeProgram(
	board: Board,
	kernel: Kernel,
	optimization: Optimization,
): { program: string; object: string } {
	const { command, flags } = nativeCompiler(board);
	const out = join(own, board.name + optimization);
	mkdirSync(out, { recursive: true });
	const object = join(out, `${kernel.name}.o`);
	const program = join(out, kernel.name);
	run(command, [...flags, ...commonFlags, optimization, "-c", "-o", object, kernel.source]);
	run(command, [
		...flags,
		"-O1",
		"-fno-pie",
		"-no-pie",
		"-static",
		"-o",
		program,
		join(root, "bench/native.c"),
		object,
	]);
	return { program, object };
}

/** Runs a program under the counting emulator, and gives what it printed and the counts of its phases. */
function emulate(board: Board, program: string, profile?: string): { output: string; phases: number[] } {
	const counts = `${program}.json`;
	const [command, ...options] = emulator(board);
	const plugin = `${join(buildFolder, "tools/insn.so")},out=${counts}${profile === undefined ? "" : `,profile=${profile}`}`;
	const output = run(command as string, [...options, "-plugin", plugin, program, String(FEWER), String(MORE)]);
	const phases = JSON.parse(readFileSync(counts, "utf8")) as number[];
	rmSync(counts);
	return { output: output.trim(), phases };
}

export function profileNative(board: Board, kernel: Kernel, optimization: Optimization): Counted[] {
	const { program } = nativeProgram(board, kernel, optimization);
	const profile = `${program}.profile`;
	emulate(board, program, profile);
	return readProfile(profile);
}

export function runNative(board: Board, kernel: Kernel, optimization: Optimization): MeasuredProgram {
	const { command } = nativeCompiler(board);
	const sources = [
		kernel.source,
		join(root, "bench/kernels/kernel.h"),
		join(root, "examples/example.h"),
		join(root, "bench/native.c"),
	];
	const inputs = sources.map((path) => readFileSync(path, "utf8"));
	return remembered(
		`${compilerLine(board)} ${optimization} ${FEWER} ${MORE} ${emulator(board).join(" ")}`,
		inputs,
		() => {
			const { program, object } = nativeProgram(board, kernel, optimization);
			const { output, phases } = emulate(board, program);
			const sizes = run(command.replace(/gcc$/, "size"), [object]).split("\n")[1]?.trim().split(/\s+/) ?? [];
			return { instructions: perRound(phases), results: output, code: Number(sizes[0]) };
		},
	);
}
