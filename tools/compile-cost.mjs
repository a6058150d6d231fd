// What compiling costs: exact instructions and memory on an emulated board, over modules of one kind of code and many sizes.
//
//     node tools/compile-cost.mjs [--board lin-arm] [--sizes 8,16,50,100,500] [MODULE.wasm ...]
//
// Each module is made larger by repeating its functions, until its code section has so many KB: the code stays what a compiler made, and functions keep their size.
// Prints a row a size, then the straight line through them: instructions per byte of code section, and the fixed part, TypeScript and C apart.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: { board: { type: "string", default: "lin-arm" }, sizes: { type: "string", default: "8,16,50,100,500" } },
});
const modules = positionals.length ? positionals : ["lec", "heat-detection", "dew-point"].map((name) => join(root, "examples", name, `${name}.wasm`));

const FUNCTION = 3;
const CODE = 10;

function leb(value) {
	const bytes = [];
	do {
		bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
		value >>>= 7;
	} while (value);
	return Buffer.from(bytes);
}

function readLeb(bytes, at) {
	let value = 0;
	for (let shift = 0; ; shift += 7) {
		const byte = bytes[at++];
		value |= (byte & 0x7f) << shift;
		if (byte < 0x80) return { value: value >>> 0, at };
	}
}

function sections(bytes) {
	const found = [];
	for (let at = 8; at < bytes.length;) {
		const size = readLeb(bytes, at + 1);
		found.push({ id: bytes[at], content: bytes.subarray(size.at, size.at + size.value) });
		at = size.at + size.value;
	}
	return found;
}

/** The module with its functions repeated until the code section has `wanted` bytes. */
function repeated(bytes, wanted) {
	const parts = sections(bytes);
	const code = parts.find(({ id }) => id === CODE);
	const times = Math.max(1, Math.round(wanted / code.content.length));
	const out = [bytes.subarray(0, 8)];
	let codeBytes = 0;
	for (const { id, content } of parts) {
		let body = content;
		if (id === FUNCTION || id === CODE) {
			const count = readLeb(content, 0);
			body = Buffer.concat([leb(count.value * times), ...Array(times).fill(content.subarray(count.at))]);
			if (id === CODE) codeBytes = body.length;
		}
		// name and producers sections speak of the functions once
		if (id !== 0) out.push(Buffer.from([id]), leb(body.length), body);
	}
	return { bytes: Buffer.concat(out), codeBytes };
}

/** Least squares: y = slope * x + fixed. */
function line(points, y) {
	const n = points.length;
	const mx = points.reduce((sum, p) => sum + p.codeBytes, 0) / n;
	const my = points.reduce((sum, p) => sum + y(p), 0) / n;
	const slope = points.reduce((sum, p) => sum + (p.codeBytes - mx) * (y(p) - my), 0) / points.reduce((sum, p) => sum + (p.codeBytes - mx) ** 2, 0);
	return { slope, fixed: my - slope * mx };
}

const folder = mkdtempSync(join(tmpdir(), "wait-xs-"));
try {
	const all = [];
	console.log("module            code section  instructions: TypeScript            C   per byte   peak RAM   beyond boot");
	const run = (path, ...more) =>
		JSON.parse(
			execFileSync(process.execPath, [join(root, "bin/wait-xs.js"), "run", path, "--board", values.board, "--json", ...more], {
				stdio: ["ignore", "pipe", "inherit"],
				encoding: "utf8",
			}),
		);
	for (const module of modules) {
		const bytes = readFileSync(module);
		for (const size of values.sizes.split(",")) {
			const scaled = repeated(bytes, Number(size) * 1024);
			const path = join(folder, "module.wasm");
			writeFileSync(path, scaled.bytes);
			const { compile } = run(path, "--count");
			const point = {
				codeBytes: scaled.codeBytes,
				frontEnd: compile.instructions - compile.emitterInstructions,
				emitter: compile.emitterInstructions,
			};
			all.push(point);
			const column = (value, width) => String(value).padStart(width);
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
		console.log(`TypeScript: ${frontEnd.slope.toFixed(0)} instructions per byte of code section, fixed part ${frontEnd.fixed.toFixed(0)}`);
		console.log(`C:          ${emitter.slope.toFixed(0)} instructions per byte of code section, fixed part ${emitter.fixed.toFixed(0)}`);
	}
} finally {
	rmSync(folder, { recursive: true });
}
