/**
 * `wait-xs run`, on the board: compiles the module while it is read, instantiates it, calls one function, and replies with what came of it and the figures. The command
 * line's side is src/cli/run-module.ts.
 */

import { prepareCompiler } from "./compiler";
import { RuntimeError } from "./errors";
import { flashFigures, moduleFigures, peakRam, ramNow } from "./figures";
import { instantiateModule } from "./instance";
import { compileSource, type Module } from "./module";
import { reasonOf } from "./reasons";
import { theStore, type Store, type Trap } from "./store";

interface Request {
	/** null: nothing is called. */
	invoke: string | null;
	values: { type: string; text: string }[];
	/** Types of the results. */
	results: string[];
	audit: boolean;
	trim: boolean;
	/** Milliseconds, 0 none. */
	timeout: number;
}

type Result = string | number;

interface Outcome {
	result: Result[] | null;
	trap: object | null;
	ms: number;
}

/* enum wx_phase */
const OTHER = 0;
const COMPILE = 1;
const RUN = 2;

const getRequest = native<() => string>("xs_host_request");
const reply = native<(line: string) => void>("xs_host_reply");
const mark = native<(phase: number) => void>("xs_host_mark");
const clock = native<() => number>("xs_host_clock");
const collect = native<() => void>("xs_host_collect");
const resetPeaks = native<() => void>("xs_host_peaks");
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
function toTrap(error: unknown): object {
	if (!(error instanceof RuntimeError) || (error as Trap).kind === undefined) throw error;
	const { kind, message, functionIndex, functionName, byteOffset, wasmStack } = error as Trap;
	return { kind, message, functionIndex, functionName, byteOffset, wasmStack };
}

/** Runs what counts as the run: time, and instructions where they are counted. */
function timed<T>(outcome: Outcome, callee: () => T): T {
	const start = clock();
	mark(RUN);
	try {
		return callee();
	} finally {
		mark(OTHER);
		outcome.ms = since(start);
	}
}

/** Without a function to call, the run is the instantiation, with its start function. */
function call(request: Request, module: Module): Outcome {
	const { invoke, timeout } = request;
	const values = request.values.map(toValue);
	const outcome: Outcome = { result: null, trap: null, ms: 0 };
	if (timeout) watch(theStore(), timeout);
	try {
		if (invoke === null) timed(outcome, () => instantiateModule(module, {}));
		else {
			const callee = instantiateModule(module, {}).exports[invoke] as (...values: unknown[]) => unknown;
			outcome.result = toResults(
				request.results,
				timed(outcome, () => callee(...values)),
			);
		}
	} catch (error) {
		outcome.trap = toTrap(error);
	}
	if (timeout) watch(theStore(), 0);
	return outcome;
}

async function run(request: Request): Promise<object> {
	// The front end's program is part of what a board takes before it compiles.
	prepareCompiler();
	collect();
	resetPeaks();
	const bootRam = ramNow().total;
	const start = clock();
	mark(COMPILE);
	const module = await compileSource(files.open("module.wasm"), { audit: request.audit, trim: request.trim });
	mark(OTHER);
	const compile = { ms: since(start), peakRam: peakRam(), bootRam };
	collect();
	const outcome = call(request, module);
	const { image, checks, proved } = moduleFigures(module);
	return {
		native: { bytes: image },
		compile,
		run: outcome,
		ram: ramNow(),
		checks: { total: checks, proved, emitted: request.audit ? checks : checks - proved },
		flash: flashFigures(),
	};
}

try {
	reply(JSON.stringify(await run(JSON.parse(getRequest()) as Request)));
} catch (error) {
	reply(JSON.stringify({ refused: reasonOf(error) }));
}
