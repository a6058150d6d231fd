/**
 * `wait-xs run`, on the board: compiles the module while it is read, instantiates it, calls one function, and replies
 * with what came of it and the figures. The command line's side is src/cli/run-module.ts.
 */

import { ExitStatus, Phase } from "../../shared/numbers";
import { errorClasses } from "../webassembly/errors";
import { beginMeasuring, flashFigures, moduleFigures, peakRam, ramNow, stackPeak } from "./metrics";
import { instantiateModule, prototypes, type Instance } from "../webassembly/instance";
import type { ModuleExit } from "../../iot-api/failures";
import type { BoardIot, PinWay } from "./iot";
import { loadIot } from "./iot-loader";
import { Module, startCompiling } from "../webassembly/module";
import { promising } from "../webassembly/promise-integration";
import { reasonOf } from "../webassembly/reasons";
import { theStore, type Store, type Trap } from "../webassembly/store";

interface Request {
	/** null: nothing is called. */
	invoke: string | null;
	values: { type: string; text: string }[];
	/** Types of the results. */
	results: string[];
	audit: boolean;
	trim: boolean;
	/** Compiled twice. */
	optimize: boolean;
	/** Milliseconds, 0 none. */
	timeout: number;
	/** The end of the call is the end of the program. */
	scenario: boolean;
	/** Of the device API: src/iot-api/grants.ts. */
	grants: string[];
	io: PinWay;
	/** Whose registers "inline" is for. */
	chip: string;
	plainRegisters: boolean;
	/** WASI's, without the program's name. */
	args: string[];
	environment: string[];
}

type Result = string | number;

type TrapReport = Pick<Trap, "kind" | "message" | "functionIndex" | "functionName" | "byteOffset" | "wasmStack">;

interface Outcome {
	result: Result[] | null;
	trap: TrapReport | null;
	ms: number;
	/** The most that was in use from the instantiation on. */
	peakRam: number;
	/** Bytes of the wasm stack that the call used. */
	stackPeak: number;
	/** Accesses to simulated registers, where pins are reached in line. */
	accesses?: number;
	/** The status that the program ended with by itself: WASI's proc_exit. */
	exit?: number;
}

const getRequest = native<() => string>("xs_host_request");
const reply = native<(line: string) => void>("xs_host_reply");
const exit = native<(status: number, why: string) => void>("xs_host_exit");
const mark = native<(phase: number) => void>("xs_host_mark");
const clock = native<() => number>("xs_host_clock");
const collect = native<() => void>("xs_host_collect");
const resetPeaks = native<() => void>("xs_host_peaks");
const compiled = native<(bytes: number, written: number, erased: number) => void>("xs_io_compiled");
const wakeReason = native<() => number>("xs_io_wake_reason");
/* By a name that has no property key. */
const getExport =
	native<(instance: Instance, prototypes: readonly (object | undefined)[], name: string) => unknown>(
		"xs_instance_export",
	);
const watch = native<(store: Store, milliseconds: number) => void>("xs_store_watchdog");

/** Milliseconds, to the microsecond. */
function since(start: number): number {
	return Math.round((clock() - start) * 1000) / 1000;
}

function toValue({ type, text }: { type: string; text: string }): unknown {
	if (type === "i64") return BigInt(text);
	if (type === "i32" || type === "f32" || type === "f64") return Number(text);
	return null;
}

function floatText(value: number): Result {
	if (value !== value) return "nan";
	if (Object.is(value, -0)) return "-0";
	if (value === Infinity) return "inf";
	return value === -Infinity ? "-inf" : value;
}

function toResult(type: string, value: unknown): Result {
	if (type === "i32" || type === "i64") return String(value);
	if (type === "f32" || type === "f64") return floatText(value as number);
	return value === null ? "null" : type;
}

function toResults(types: string[], value: unknown): Result[] {
	if (types.length === 0) return [];
	if (types.length === 1) return [toResult(types[0]!, value)];
	const values = value as unknown[];
	return types.map((type, i) => toResult(type, values[i]));
}

/** How a call ended that threw. */
function toTrap(error: unknown, board: BoardIot | undefined): TrapReport {
	if (!(error instanceof errorClasses().RuntimeError) || (error as Trap).kind === undefined) {
		if (!board) throw error;
		return {
			kind: "host",
			message: String(error),
			functionIndex: -1,
			functionName: "",
			byteOffset: -1,
			wasmStack: [],
		};
	}
	const { kind, message, functionIndex, functionName, byteOffset, wasmStack } = error as Trap;
	return { kind, message, functionIndex, functionName, byteOffset, wasmStack };
}

function trapLine({ kind, message, functionIndex, functionName, byteOffset }: TrapReport): string {
	const place = functionIndex < 0 ? "" : ` in ${functionName || `function #${functionIndex}`} @+${byteOffset}`;
	return `trap: ${message} (${kind})${place}`;
}

/** Runs what counts as the run: time, and instructions where they are counted. */
async function timed<T>(outcome: Outcome, callee: () => T | Promise<T>): Promise<T> {
	const start = clock();
	mark(Phase.RUN);
	try {
		const result = callee();
		return result instanceof Promise ? await result : result;
	} finally {
		mark(Phase.NONE);
		outcome.ms = since(start);
	}
}

/** What the module imports of the board; undefined when it imports nothing. */
function openImports(request: Request, module: Module): BoardIot | undefined {
	if (!Module.imports(module).some(({ module: name }) => name === "iot1" || name === "wasi_snapshot_preview1"))
		return undefined;
	return loadIot().openIot({
		grants: request.grants,
		args: ["module.wasm", ...request.args],
		environment: request.environment,
		io: request.io,
		chip: request.chip,
		plainRegisters: request.plainRegisters,
	});
}

/** Without a function to call, the run is the instantiation, with its start function. */
async function callModule(
	request: Request,
	module: Module,
	board: BoardIot | undefined,
	outcome: Outcome,
): Promise<void> {
	const { invoke } = request;
	const imports = board?.imports ?? {};
	if (invoke === null) {
		await timed(outcome, () => instantiateModule(module, imports));
		return;
	}
	const instance = instantiateModule(module, imports);
	board?.attach(instance.exports);
	const exported = getExport(instance, prototypes, invoke) as (...values: unknown[]) => unknown;
	const callee = board ? promising(exported) : exported;
	const values = request.values.map(toValue);
	outcome.result = toResults(request.results, await timed(outcome, () => callee(...values)));
}

async function call(request: Request, module: Module): Promise<Outcome> {
	const { timeout } = request;
	const outcome: Outcome = { result: null, trap: null, ms: 0, peakRam: 0, stackPeak: 0 };
	const board = openImports(request, module);
	if (timeout) watch(theStore(), timeout);
	try {
		await callModule(request, module, board, outcome);
	} catch (error) {
		if (error instanceof errorClasses().LinkError) throw error;
		if (board && error instanceof Error && error.name === "ModuleExit") outcome.exit = (error as ModuleExit).status;
		else outcome.trap = toTrap(error, board);
	}
	if (timeout) watch(theStore(), 0);
	if (board && request.io === "inline") outcome.accesses = board.accesses();
	board?.close();
	return outcome;
}

interface Compilation {
	ms: number;
	peakRam: number;
	bootRam: number;
	longestStretchMs: number;
	optimized: boolean;
	/** Why it is not, though it was asked for. */
	notOptimized?: string;
}

/** Calls the function, and says what came of it all. `size`: of the module. */
async function report(request: Request, module: Module, size: number, compile: Compilation): Promise<object> {
	const { bytesWritten, pagesErased } = flashFigures();
	// What flash holds is compiled once: after deep sleep or a reset it is still there.
	if (wakeReason() === 0) compiled(size, bytesWritten, pagesErased);
	collect();
	// what compiling took has been given back
	resetPeaks();
	const outcome = await call(request, module);
	outcome.peakRam = peakRam();
	outcome.stackPeak = stackPeak();
	if (request.scenario)
		exit(outcome.trap ? ExitStatus.FAILED : (outcome.exit ?? 0), outcome.trap ? trapLine(outcome.trap) : "");
	const { image, checks, proved, longest, optimized } = moduleFigures(module);
	compile.longestStretchMs = longest / 1000;
	compile.optimized = optimized !== 0;
	return {
		native: { bytes: image },
		compile,
		run: outcome,
		ram: ramNow(),
		checks: { total: checks, proved, emitted: request.audit ? checks : checks - proved },
		flash: flashFigures(),
	};
}

function refuse(error: unknown): void {
	reply(JSON.stringify({ refused: reasonOf(error) }));
}

/** Not `async`, since what such a function keeps while it waits would be part of the peak. */
function run(request: Request, resolve: () => void): void {
	const bootRam = beginMeasuring();
	const start = clock();
	mark(Phase.COMPILE);
	const source = files.open("module.wasm");
	startCompiling(
		source,
		{ audit: request.audit, trim: request.trim, optimize: request.optimize, directPins: request.io === "inline" },
		(module, kept) => {
			mark(Phase.NONE);
			const compile: Compilation = {
				ms: since(start),
				peakRam: peakRam(),
				bootRam,
				longestStretchMs: 0,
				optimized: false,
			};
			if (kept !== undefined) compile.notOptimized = reasonOf(kept);
			void report(request, module, source.length, compile)
				.then((answer) => reply(JSON.stringify(answer)), refuse)
				.then(resolve);
		},
		(error) => {
			refuse(error);
			resolve();
		},
	);
}

// what the engine's stack holds while modules are loaded is gone then
await undefined;
await new Promise<void>((resolve) => {
	try {
		run(JSON.parse(getRequest()) as Request, resolve);
	} catch (error) {
		refuse(error);
		resolve();
	}
});
