/*
 * What scripts find on a board: console, timers, files, WebAssembly, and the natives that tests call. Runs the script
 * of the program's command line.
 */

import { installWebAssembly } from "wait-xs/webassembly";
import Timer from "timer";

const print = native("xs_host_print");
const file = native("xs_program_file");
const end = native("xs_program_end");

/* The engine links natives by the names in modules that are built in. */
const natives = {
	xs_compiler_import: native("xs_compiler_import"),
	xs_host_clock: native("xs_host_clock"),
	xs_host_collect: native("xs_host_collect"),
	xs_host_guard: native("xs_host_guard"),
	xs_host_memory: native("xs_host_memory"),
	xs_host_peaks: native("xs_host_peaks"),
	xs_module_hash: native("xs_module_hash"),
	xs_promising_call: native("xs_promising_call"),
	xs_promising_resume: native("xs_promising_resume"),
	xs_store_watchdog: native("xs_store_watchdog"),
	xs_suspension_interrupted: native("xs_suspension_interrupted"),
	xs_suspension_is: native("xs_suspension_is"),
	xs_suspension_promise: native("xs_suspension_promise"),
};

function line(stream) {
	return (...values) => print(stream, values.map(String).join(" "));
}

function read(name) {
	const bytes = file(name);
	if (!bytes) throw new Error(`file not found: ${name}`);
	return bytes;
}

installWebAssembly();
const globals = {
	console: { log: line(1), info: line(1), debug: line(1), warn: line(2), error: line(2) },
	files: { read },
	native: (name) => {
		if (!Object.hasOwn(natives, name)) throw new Error(`no native function ${name}`);
		return natives[name];
	},
	setTimeout: (callback, delay = 0, ...values) => Timer.set(() => callback(...values), delay),
	clearTimeout(timer) {
		if (timer) Timer.clear(timer);
	},
};

const source = new ModuleSource(String.fromArrayBuffer(read("script")));
const compartment = new Compartment({ globals, modules: { script: { source } } });
Object.defineProperty(compartment.globalThis, "WebAssembly", {
	value: WebAssembly,
	writable: true,
	enumerable: false,
	configurable: true,
});
compartment.import("script").then(
	() => end(0),
	(error) => {
		print(2, error?.stack ?? String(error));
		end(1);
	},
);
