/**
 * `run --engine node`: the module in Node's own engine, with the same device API over the same simulated board, so that
 * a function can be tried, or placed, in the cloud. Waiting passes the
 * board's simulated time at once.
 */

import { readFileSync } from "node:fs";
import { GrantError } from "../../iot-api/grants";
import { isDeepSleep, ModuleExit } from "../../iot-api/failures";
import { openModuleImports, type Board } from "../../iot-api/modules";
import { createSynchronousPlatform } from "../../iot-api/synchronous";
import { CommandError, Status } from "../errors";
import { trapOf } from "./traps";
import type { Trap } from "../run-module";
import { linkProblem, type ModuleFile } from "../module-file";
import type { Result, Value } from "../values";

/** A board whose time is simulated. */
export interface NodeBoard {
	readonly board: Board;
	/** Passes time, at most until then (microseconds), and not beyond the moment from which `ready` holds. */
	pump(until: number, ready: () => boolean): void;
	/** After deep sleep, which it has passed, the program begins anew; else that is its end. */
	readonly restarts: boolean;
}

/** What a board throws out of any of its functions when the scenario is over while the program still runs. */
export class ScenarioOver extends ModuleExit {
	constructor() {
		super(0);
	}
}

/** The module waits, and there is no scenario in which anything could come. */
export class NothingComes extends ModuleExit {
	constructor() {
		super(1);
		this.message = "the module waits for something that will not come";
	}
}

export interface NodeRequest {
	readonly invoke: string | null;
	readonly values: readonly Value[];
	readonly results: readonly string[];
	readonly grants: readonly string[];
	readonly args: readonly string[];
	readonly environment: readonly string[];
	/** What the module prints: 1 standard output, 2 standard error. */
	readonly onOutput: (stream: number, bytes: Uint8Array) => void;
}

export interface NodeOutcome {
	readonly result: readonly Result[] | null;
	readonly trap: Trap | null;
	readonly exit?: number;
	/** Simulated time that passed, in microseconds. */
	readonly time: number;
}

function toValue({ type, text }: Value): unknown {
	return type === "i64" ? BigInt(text) : type === "externref" || type === "funcref" ? null : Number(text);
}

function toResult(type: string, value: unknown): Result {
	if (type === "i32" || type === "i64") return String(value);
	if (type !== "f32" && type !== "f64") return value === null ? "null" : type;
	const number = value as number;
	if (Number.isNaN(number)) return "nan";
	if (Object.is(number, -0)) return "-0";
	return Number.isFinite(number) ? number : number > 0 ? "inf" : "-inf";
}

function toResults(types: readonly string[], value: unknown): Result[] {
	const values = types.length === 1 ? [value] : (value as unknown[]);
	return types.map((type, i) => toResult(type, values[i]));
}

function refuse(file: ModuleFile, reason: string): never {
	throw new CommandError(`${file.path}: refused: ${reason}`, Status.REFUSED);
}

/** The engine calls a JavaScript function by any type, so the types of imports are checked here. */
function compile(file: ModuleFile): WebAssembly.Module {
	let module: WebAssembly.Module;
	try {
		module = new WebAssembly.Module(readFileSync(file.path));
	} catch (error) {
		return refuse(file, (error as Error).message);
	}
	const problem = file.view ? linkProblem(file.view) : "boards refuse it, and without --engine node say why";
	return problem === null ? module : refuse(file, problem);
}

function start(module: WebAssembly.Module, request: NodeRequest, { board, pump }: NodeBoard): readonly Result[] | null {
	const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
	const platform = createSynchronousPlatform({
		pump,
		decode: (bytes) => decoder.decode(bytes),
		write: request.onOutput,
		trap: (message) => new WebAssembly.RuntimeError(message),
	});
	const opened = openModuleImports(board, platform, { ...request, args: ["module.wasm", ...request.args] });
	try {
		const { exports } = new WebAssembly.Instance(module, opened.imports as WebAssembly.Imports);
		opened.attach(exports);
		if (request.invoke === null) return null;
		const callee = exports[request.invoke] as (...values: unknown[]) => unknown;
		return toResults(request.results, callee(...request.values.map(toValue)));
	} finally {
		opened.close();
	}
}

/** Of a trap that is in no function. */
const nowhere = { functionIndex: -1, functionName: "", byteOffset: -1, wasmStack: [] };

export function runOnNode(file: ModuleFile, request: NodeRequest, board: NodeBoard): NodeOutcome {
	const module = compile(file);
	const ended = (outcome: Omit<NodeOutcome, "time">): NodeOutcome => ({ ...outcome, time: board.board.system.now() });
	for (;;) {
		try {
			return ended({ result: start(module, request, board), trap: null });
		} catch (error) {
			if (isDeepSleep(error) && board.restarts) continue;
			if (error instanceof ScenarioOver) return ended({ result: null, trap: null });
			if (error instanceof NothingComes)
				return ended({ result: null, trap: { ...nowhere, kind: "host", message: error.message } });
			if (error instanceof ModuleExit) return ended({ result: null, trap: null, exit: error.status });
			if (error instanceof GrantError) throw new CommandError(error.message, Status.USAGE);
			if (error instanceof WebAssembly.LinkError) refuse(file, error.message);
			const trap = trapOf(error as Error, file);
			const kind = isDeepSleep(error) ? "deep-sleep" : "host";
			return ended({ result: null, trap: trap ?? { ...nowhere, kind, message: String(error) } });
		}
	}
}
