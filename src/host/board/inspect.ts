/**
 * `wait-xs inspect`, on the board: compiles the module, and replies with the sizes of what it has become. The command
 * line's side is src/cli/commands/inspect.ts.
 */

import { beginMeasuring, functionSizes, moduleFigures, peakRam } from "./metrics";
import type { CodeMap } from "../webassembly/compiler";
import { startCompiling, type Module } from "../webassembly/module";
import { reasonOf } from "../webassembly/reasons";

/** What the command line asks for. */
interface Request {
	/** Disassemble that function, or all (-1). */
	map?: number;
	/** Compiled twice. */
	optimize?: boolean;
}

const getRequest = native<() => string | undefined>("xs_host_request");
const codeOf = native<(module: Module, defined: number) => ArrayBuffer>("xs_module_code");
const reply = native<(line: string) => void>("xs_host_reply");

async function inspect(): Promise<object> {
	const { map: wanted, optimize = false } = JSON.parse(getRequest() ?? "{}") as Request;
	const map = wanted === undefined ? undefined : { function: wanted };
	// what the engine's stack holds while modules are loaded is gone then
	await undefined;
	const bootRam = beginMeasuring();
	let ram = 0;
	let module: Module;
	let notOptimized: unknown;
	try {
		module = await new Promise<Module>((resolve, reject) => {
			const done = (made: Module, kept?: unknown): void => {
				notOptimized = kept;
				ram = peakRam() - bootRam;
				resolve(made);
			};
			startCompiling(files.open("module.wasm"), { map, optimize }, done, reject);
		});
	} catch (error) {
		return { refused: reasonOf(error) };
	}
	const { image, code, tables, records } = moduleFigures(module);
	const sizes = functionSizes(module);
	if (map) sendCode(module, map, sizes.length / 2);
	const answer = { image, code, tables, records, ram, functions: Array.from(sizes) };
	return notOptimized === undefined ? answer : { ...answer, notOptimized: reasonOf(notOptimized) };
}

/** A line for the map, then one for the code of each function that it is about. */
function sendCode(module: Module, map: CodeMap, defined: number): void {
	const imported = WebAssembly.Module.imports(module as never).filter(({ kind }) => kind === "function").length;
	reply(`{"map":[${new Uint32Array(map.words!).join()}]}`);
	for (let i = 0; i < defined; i++)
		if (map.function < 0 || map.function === imported + i)
			reply(`{"defined":${i},"code":[${new Uint8Array(codeOf(module, i)).join()}]}`);
}

reply(JSON.stringify(await inspect()));
