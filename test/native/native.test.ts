/*
 * The C tests, on the machine they are built for: assemblers against a model, the run time with hand-made plans; under
 * sanitizers where the machine has them.
 */

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { defaultBoard, loadBoard, type Board } from "../../src/cli/boards";
import { isaNames, loadIsa, type Isa } from "../../src/cli/isa";
import { ROOT } from "../support/paths";

const run = promisify(execFile);
const OUT = join(ROOT, "build/test-native");
const WARNINGS = [
	"-std=gnu11",
	"-g",
	"-Wall",
	"-Wextra",
	"-Wshadow",
	"-Wvla",
	"-Wmissing-prototypes",
	"-Wstrict-prototypes",
	"-Werror",
];
const SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
function sources(folder: string, ending: RegExp): string[] {
	return readdirSync(folder)
		.filter((name) => ending.test(name))
		.map((name) => join(folder, name));
}

const shared = (folder: string): string[] => sources(join(ROOT, "native", folder), /\.c$/);

/** A program for that ISA's machine; `folder`: of the ISA that it has the assembler of. */
function build(isa: Isa, folder: string, name: string, flags: string[], files: string[]): string {
	const includes = [`-I${join(ROOT, "native")}`, `-I${folder}`, `-I${join(ROOT, "test/native")}`];
	mkdirSync(OUT, { recursive: true });
	const out = join(OUT, `${name}-${isa.name}`);
	execFileSync(
		isa.compiler.command,
		[
			...isa.compiler.flags,
			...WARNINGS,
			...flags,
			...includes,
			`-I${join(ROOT, "build/gen")}`,
			...files,
			"-lm",
			"-o",
			out,
		],
		{ stdio: "pipe" },
	);
	return out;
}

async function passes(isa: Isa, program: string, ...args: string[]): Promise<void> {
	const [command, ...rest] = [...isa.compiler.launch, program, ...args] as [string, ...string[]];
	const { stdout } = await run(command, rest, { maxBuffer: 1 << 26 }).catch(
		(error: { stdout: string; stderr: string }) => {
			throw new Error(
				`${error.stdout
					.split("\n")
					.filter((line) => line.includes("FAIL"))
					.slice(0, 20)
					.join("\n")}\n${error.stderr.slice(-2000)}`,
			);
		},
	);
	assert.ok(/^ok /m.test(stdout) && !/^FAIL/m.test(stdout), stdout.slice(-2000));
}

/** Plans of the benchmark's kernels, in files. */
async function plans(): Promise<string[]> {
	const { planOf } = (await import(join(ROOT, "tools/plan-of.mjs"))) as {
		planOf: (root: string, module: Buffer, board: Board) => Promise<Buffer>;
	};
	const kernels = join(ROOT, "bench/kernels");
	const files: string[] = [];
	mkdirSync(join(OUT, "plans"), { recursive: true });
	for (const name of readdirSync(kernels).filter((file) => file.endsWith(".wasm"))) {
		const file = join(OUT, "plans", name.replace(".wasm", ".plan"));
		writeFileSync(file, await planOf(ROOT, readFileSync(join(kernels, name)), loadBoard(defaultBoard)));
		files.push(file);
	}
	return files;
}

/** Native folders below an ISA and above it, with the run time's C: all that a port takes but the engine's. */
const FOLDERS = ["base", "run", "flash", "isa", "emit", "io"];

for (const name of isaNames()) {
	const isa = loadIsa(name);
	const { sanitizers } = isa.compiler;
	const sanitize = sanitizers ? SANITIZE : [];
	const under = sanitizers ? ", under sanitizers" : "";
	const folder = join(ROOT, "native/isa", name);
	describe(`C, ${name}`, function () {
		this.timeout(900_000);
		it("assembler", async () => {
			const shared = [
				"test/native/assembler-test.c",
				"native/isa/assembler-common.c",
				"native/base/alloc.c",
				"native/base/array.c",
			].map((file) => join(ROOT, file));
			const seed = String(Date.now() % 1_000_000);
			console.log(`      seed ${seed}`);
			const flags = ["-O2", "-ffp-contract=off", `-DISA_TEST="assembler-${name}.h"`];
			await passes(
				isa,
				build(isa, folder, "assembler-test", flags, [...shared, ...sources(folder, /\.c$/)]),
				seed,
			);
		});
		it(`run time${under}`, async () => {
			const files = [
				join(ROOT, "test/native/run-test.c"),
				...FOLDERS.flatMap(shared),
				...sources(folder, /\.[cS]$/),
			];
			const flags = ["-O1", `-DISA_STEP="step-${name}.h"`, ...sanitize];
			await passes(isa, build(isa, folder, "run-test", flags, files));
		});
	});
	describe(`C, a machine that exists nowhere, with words as ${name}`, function () {
		this.timeout(900_000);
		const virtual = join(ROOT, "test/native/isa-virtual");
		const files = [...FOLDERS.flatMap(shared), ...["assembler.c", "entry.c"].map((file) => join(virtual, file))];
		it(`run time${under}`, async () => {
			const all = [join(ROOT, "test/native/run-test.c"), ...files];
			await passes(
				isa,
				build(isa, virtual, "run-test-virtual", ["-O1", `-DISA_STEP="step.h"`, ...sanitize], all),
			);
		});
		it("images of all kernels", async () => {
			const program = build(
				isa,
				virtual,
				"images-test",
				["-O1", ...sanitize],
				[join(virtual, "images-test.c"), ...files],
			);
			await passes(isa, program, ...(await plans()));
		});
	});
}
