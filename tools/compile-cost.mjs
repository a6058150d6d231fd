// What compiling costs: exact instructions and memory on an emulated board, over modules of one kind of code and many
// sizes; or time, against Node's baseline compiler.
//
// Each module is made larger by repeating its functions, until its code section has so many KB (--speed: 1 MB).
// Prints a row a size, then the straight line through them: instructions per byte of code section, and the fixed part,
// front end (with the driver) and emitter apart.
// --speed: megabytes a second on sim, and of Liftoff (one thread, everything compiled at once) in the same run; the
// best of five each.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { repeated } from "./repeat-module.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const USAGE = `What compiling costs: exact instructions and memory on an emulated board, or time.

    node tools/compile-cost.mjs [--board lin-arm] [--sizes 8,16,50,100,500] [--front-end native|interpreted] [MODULE.wasm ...]
    node tools/compile-cost.mjs --speed [MODULE.wasm ...]

--sizes: KB of code section that each module is made to have. Without modules: three of the examples.`;

function commandLine() {
	try {
		return parseArgs({ allowPositionals: true, options });
	} catch (error) {
		console.error(`${error.message}\n\n${USAGE}`);
		return process.exit(2);
	}
}

const options = {
	help: { type: "boolean", default: false },
	board: { type: "string", default: "lin-arm" },
	sizes: { type: "string", default: "8,16,50,100,500" },
	"front-end": { type: "string", default: "native" },
	speed: { type: "boolean", default: false },
};
const { values, positionals } = commandLine();
if (values.help) {
	console.log(USAGE);
	process.exit(0);
}
const modules = positionals.length
	? positionals
	: ["lec", "heat-detection", "dew-point"].map((name) => join(root, "examples", name, `${name}.wasm`));

/** Least squares: y = slope * x + fixed. */
function line(points, y) {
	const n = points.length;
	const mx = points.reduce((sum, p) => sum + p.codeBytes, 0) / n;
	const my = points.reduce((sum, p) => sum + y(p), 0) / n;
	const slope =
		points.reduce((sum, p) => sum + (p.codeBytes - mx) * (y(p) - my), 0) /
		points.reduce((sum, p) => sum + (p.codeBytes - mx) ** 2, 0);
	return { slope, fixed: my - slope * mx };
}

const folder = mkdtempSync(join(tmpdir(), "wait-xs-"));

function run(path, board, ...more) {
	const args = [
		join(root, "bin/wait-xs.js"),
		"run",
		path,
		"--board",
		board,
		"--front-end",
		values["front-end"],
		"--json",
		...more,
	];
	return JSON.parse(execFileSync(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], encoding: "utf8" }));
}

const column = (value, width) => String(value).padStart(width);

function printCosts() {
	const all = [];
	console.log(
		"module            code section   instructions: front end      emitter   per byte   peak RAM   beyond boot",
	);
	for (const module of modules) {
		const bytes = readFileSync(module);
		for (const size of values.sizes.split(",")) {
			const scaled = repeated(bytes, Number(size) * 1024);
			const path = join(folder, "module.wasm");
			writeFileSync(path, scaled.bytes);
			const { compile } = run(path, values.board, "--count");
			const point = {
				codeBytes: scaled.codeBytes,
				frontEnd: compile.instructions - compile.emitterInstructions,
				emitter: compile.emitterInstructions,
			};
			all.push(point);
			console.log(
				basename(module, ".wasm").padEnd(16) +
					column(point.codeBytes, 14) +
					column(point.frontEnd, 25) +
					column(point.emitter, 13) +
					column(Math.round(compile.instructions / point.codeBytes), 11) +
					column(compile.peakRam, 11) +
					column(compile.peakRam - compile.bootRam, 14),
			);
		}
	}
	if (all.length > 1) {
		const frontEnd = line(all, (p) => p.frontEnd);
		const emitter = line(all, (p) => p.emitter);
		console.log(
			`front end: ${frontEnd.slope.toFixed(0)} instructions per byte of code section, fixed part ${frontEnd.fixed.toFixed(0)}`,
		);
		console.log(
			`emitter:   ${emitter.slope.toFixed(0)} instructions per byte of code section, fixed part ${emitter.fixed.toFixed(0)}`,
		);
	}
}

/** Seconds of Node's baseline compiler. */
const LIFTOFF = `
const bytes = require("fs").readFileSync(process.argv[1]);
let best = Infinity;
for (let i = 0; i < 5; i++) {
	const start = process.hrtime.bigint();
	new WebAssembly.Module(bytes);
	best = Math.min(best, Number(process.hrtime.bigint() - start) / 1e9);
}
console.log(best);
`;

function liftoffSeconds(path) {
	const flags = [
		"--liftoff-only",
		"--no-wasm-lazy-compilation",
		"--no-wasm-native-module-cache-enabled",
		"--single-threaded",
	];
	return Number(execFileSync(process.execPath, [...flags, "-e", LIFTOFF, path], { encoding: "utf8" }));
}

function printSpeed() {
	console.log("module              bytes   wait-xs, MB/s   Liftoff, MB/s");
	for (const module of modules) {
		const { bytes } = repeated(readFileSync(module), 1 << 20);
		const path = join(folder, "module.wasm");
		writeFileSync(path, bytes);
		let best = Infinity;
		for (let i = 0; i < 5; i++) best = Math.min(best, run(path, "sim").compile.ms / 1000);
		const speed = (seconds) => (bytes.length / 1e6 / seconds).toFixed(1);
		console.log(
			basename(module, ".wasm").padEnd(16) +
				column(bytes.length, 9) +
				column(speed(best), 16) +
				column(speed(liftoffSeconds(path)), 16),
		);
	}
}

try {
	if (values.speed) printSpeed();
	else printCosts();
} finally {
	rmSync(folder, { recursive: true });
}
