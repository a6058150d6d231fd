/*
 * The C tests, on the machine they are built for: assemblers against a model, the run time with hand-made plans; under
 * sanitizers where the machine has them.
 */

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
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
const BOARDS = {
	x64: { compiler: ["gcc"], launch: [] as string[] },
	thumb2: {
		compiler: ["arm-linux-gnueabihf-gcc", "-static", "-mthumb", "-march=armv7ve+vfpv4-d16", "-mfloat-abi=hard"],
		launch: ["qemu-arm", "-cpu", "max"],
	},
};
type Isa = keyof typeof BOARDS;

function sources(folder: string, ending: RegExp): string[] {
	const path = join(ROOT, "native", folder);
	return existsSync(path)
		? readdirSync(path)
				.filter((name) => ending.test(name))
				.map((name) => join(path, name))
		: [];
}

function build(isa: Isa, name: string, flags: string[], files: string[]): string {
	const [compiler, ...options] = BOARDS[isa].compiler as [string, ...string[]];
	const includes = [`-I${join(ROOT, "native")}`, `-I${join(ROOT, "native/isa", isa)}`];
	mkdirSync(OUT, { recursive: true });
	const out = join(OUT, `${name}-${isa}`);
	execFileSync(
		compiler,
		[...options, ...WARNINGS, ...flags, ...includes, `-I${join(ROOT, "build/gen")}`, ...files, "-lm", "-o", out],
		{
			stdio: "pipe",
		},
	);
	return out;
}

async function passes(isa: Isa, program: string, ...args: string[]): Promise<void> {
	const [command, ...rest] = [...BOARDS[isa].launch, program, ...args] as [string, ...string[]];
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

for (const isa of Object.keys(BOARDS) as Isa[]) {
	describe(`C, ${isa}`, function () {
		this.timeout(900_000);
		it("assembler", async () => {
			const shared = [
				"test/native/assembler-test.c",
				"native/isa/assembler-common.c",
				"native/base/alloc.c",
				"native/base/array.c",
			].map((file) => join(ROOT, file));
			const files = [...shared, ...sources(`isa/${isa}`, /\.c$/)];
			const seed = String(Date.now() % 1_000_000);
			console.log(`      seed ${seed}`);
			await passes(
				isa,
				build(isa, "assembler-test", ["-O2", "-ffp-contract=off", `-DISA_TEST="assembler-${isa}.h"`], files),
				seed,
			);
		});
		it(isa === "x64" ? "run time, under sanitizers" : "run time", async () => {
			const shared = ["base", "run", "flash", "isa", `isa/${isa}`, "emit"].flatMap((folder) =>
				sources(folder, /\.c$/),
			);
			const files = [join(ROOT, "test/native/run-test.c"), ...shared, ...sources(`isa/${isa}`, /\.S$/)];
			await passes(isa, build(isa, "run-test", ["-O1", ...(isa === "x64" ? SANITIZE : [])], files));
		});
	});
}
