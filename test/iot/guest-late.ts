/*
 * Modules that call a function of the device API for ever, with ranges as large as their memory: each call of them ends
 * when its time is over. Prints problems; the last line is the number of functions. files: late.json (names, and
 * whether they suspend), NAME.wasm.
 */

import { decodeAscii } from "../support/guest";
import { clock, watch } from "../api/guest-watchdog";
import type { ModuleImports } from "../../src/iot-api/modules";

interface Planned {
	name: string;
	suspends: boolean;
}

type Callee = () => unknown;
const { promising } = WebAssembly as unknown as { promising: (callee: Callee) => () => Promise<unknown> };
const { openIot } = native<(name: string) => unknown>("xs_compiler_import")("iot") as {
	openIot: (options: object) => ModuleImports;
};

/** Milliseconds that a module has, and that it may take beyond them: much, since the machine may be busy. */
const TIME = 60;
const MARGIN = 5000;

const planned = JSON.parse(decodeAscii(new Uint8Array(files.read("late.json")))) as Planned[];
for (const { name, suspends } of planned) {
	const opened = openIot({
		grants: ["gpio", "adc", "pwm", "i2c", "spi", "uart", "publish", "storage:late"],
		args: ["program"],
		environment: ["PLACE=home"],
	});
	const module = new WebAssembly.Module(files.read(`${name}.wasm`));
	const instance = new WebAssembly.Instance(module, opened.imports as WebAssembly.Imports);
	opened.attach(instance.exports);
	const run = instance.exports["run"] as Callee;
	let outcome = "returned";
	const began = clock();
	watch(TIME);
	try {
		if (suspends) await promising(run)();
		else run();
	} catch (error) {
		outcome = String((error as { kind?: string }).kind ?? error);
	}
	watch(0);
	const late = clock() - began - TIME;
	/* Ends a line of the module. */
	if (outcome !== "interrupted" || late > MARGIN) console.log("");
	if (outcome !== "interrupted") console.log(`problem: ${name}: ${outcome}`);
	if (late > MARGIN) console.log(`problem: ${name}: ${late} ms too late`);
	opened.close();
}
console.log("");
console.log(String(planned.length));
