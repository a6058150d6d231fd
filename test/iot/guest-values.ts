/*
 * Calls of the device API with the values that nobody thinks of (values.ts), over the tests' own board, and on XS over
 * the simulated one. Prints problems, and what became of the calls of each function over the tests' own board; the last
 * line is the number of calls. files: raw.wasm, plan.json (functions, seed, calls of one function).
 */

import { openModuleImports, type ModuleImports } from "../../src/iot-api/modules";
import { createSynchronousPlatform } from "../../src/iot-api/synchronous";
import { decodeAscii, IS_NODE } from "../support/guest";
import { board, pump } from "./guest-board";
import { attempt, type Attempt, type Callee } from "./values";

declare const TextDecoder: new (
	name: string,
	options: { fatal: boolean; ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };

interface Plan {
	callees: Callee[];
	seed: number;
	limit: number;
}

const options = { args: ["program", "grün"], environment: ["PLACE=home"] };

function openOnNode(): ModuleImports {
	const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
	const platform = createSynchronousPlatform({
		pump,
		decode: (bytes) => decoder.decode(bytes),
		write: () => {},
		trap: (message) => new WebAssembly.RuntimeError(message),
	});
	return openModuleImports(board, platform, { ...options, grants: ["all"] });
}

type Open = (options: object) => ModuleImports;

const openOnBoard: Open = (given) =>
	(native<(name: string) => unknown>("xs_compiler_import")("iot") as { openIot: Open }).openIot({
		...options,
		...given,
	});

const { callees, seed, limit } = JSON.parse(decodeAscii(new Uint8Array(files.read("plan.json")))) as Plan;
const promising = (WebAssembly as unknown as { promising: Attempt["promising"] }).promising;
const common = {
	module: new WebAssembly.Module(files.read("raw.wasm")),
	callees,
	promising: IS_NODE ? (callee: Parameters<Attempt["promising"]>[0]) => callee : promising,
	seed,
	limit,
};
let calls = await attempt({
	...common,
	open: IS_NODE ? openOnNode : () => openOnBoard({ grants: ["all"], device: board }),
	onProblem: (text) => console.log(`problem: ${text}`),
	onDone: (name, digest) => console.log(`done: ${name} ${digest}`),
});
/* There deep sleep would end the script, so it is not granted. */
if (!IS_NODE)
	calls += await attempt({
		...common,
		open: () => openOnBoard({ grants: ["gpio", "adc", "pwm", "i2c", "spi", "uart", "publish", "storage:test"] }),
		onProblem: (text) => console.log(`problem: simulated board: ${text}`),
	});
console.log(`calls: ${calls}`);
