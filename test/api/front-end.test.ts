/*
 * The front end as native code against the same front end interpreted: both must make the same image of each module, or
 * refuse it in the same words. And the native one, which the interpreted one made, makes itself.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { BoardMemory } from "../../src/cli/boards";
import type { FrontEnd } from "../../src/cli/runner";
import { runSource } from "../host/support";
import { boardsToTest, exec } from "../support/boards";
import { bundleGuest } from "../support/bundle";
import { Blobs, packFile } from "../support/packfile";
import { outputFolder, ROOT } from "../support/paths";
import { generateModule } from "../fuzz/generator";
import { mutate } from "../fuzz/mutator";
import { Random } from "../fuzz/random";
import type { Header } from "./modules";
import { modules } from "./modules";

/** Generated modules: a share of those that test/fuzz runs. */
const GENERATED = 25;
const SEED = Number(process.env["WAIT_XS_SEED"] ?? Math.floor(Math.random() * 1e9));

/** Cut short at each byte, or with each byte changed, a module is refused for many reasons. */
function broken(bytes: Uint8Array): Uint8Array[] {
	const result: Uint8Array[] = [];
	for (let i = 8; i < bytes.length; i++) {
		const changed = Uint8Array.from(bytes);
		changed[i]! ^= 0x41;
		result.push(bytes.subarray(0, i), changed);
	}
	return result;
}

function writePack(): string {
	const blobs = new Blobs();
	const header: Header = { modules: {}, rounds: 0 };
	for (const [name, bytes] of modules) header.modules[name] = blobs.add(bytes);
	for (const name of ["imports", "multi", "table", "traps"])
		broken(modules.get(name)!).forEach((bytes, i) => (header.modules[`${name} ${i}`] = blobs.add(bytes)));
	const random = new Random(SEED);
	for (let i = 0; i < GENERATED; i++) {
		const bytes = generateModule(SEED + i, { alone: true });
		header.modules[`generated ${SEED + i}`] = blobs.add(bytes);
		for (let j = 0; j < 3; j++)
			header.modules[`generated ${SEED + i}, mutated ${j}`] = blobs.add(
				mutate(bytes, random, modules.get("traps")!),
			);
	}
	header.modules["aot"] = blobs.add(readFileSync(join(ROOT, "build/aot.wasm")));
	const path = join(outputFolder("api"), "front-end.pack");
	writeFileSync(path, packFile(header, blobs));
	return path;
}

/** FNV-1a, as xs_module_hash. */
function hash(bytes: Uint8Array): number {
	let result = 0x811c9dc5;
	for (const byte of bytes) result = Math.imul(result ^ byte, 0x01000193);
	return result | 0;
}

async function outcomes(board: string, frontEnd: "native" | "interpreted"): Promise<Map<string, string>> {
	const result = new Map<string, string>();
	const ended = await exec(await bundleGuest("test/api/guest-front-end.ts"), {
		board,
		files: { pack: writePack() },
		frontEnd,
		limit: 300,
		onLine: (text) => {
			const { name, outcome } = JSON.parse(text) as { name: string; outcome: string };
			result.set(name, outcome);
		},
	});
	assert.equal(ended.status, 0, ended.stderr);
	return result;
}

interface Tools {
	compileForBoards(): Promise<Uint8Array>;
	repeated(bytes: Uint8Array, wanted: number): { bytes: Uint8Array };
}

async function tool<N extends keyof Tools>(file: string, name: N): Promise<Tools[N]> {
	return ((await import(pathToFileURL(join(ROOT, "tools", file)).href)) as Tools)[name];
}

/** A file of the example with so many KB of code. */
async function largeModule(kilobytes: number): Promise<string> {
	const repeated = await tool("repeat-module.mjs", "repeated");
	const path = join(outputFolder("api"), `heat-${kilobytes}.wasm`);
	writeFileSync(
		path,
		repeated(readFileSync(join(ROOT, "examples/heat-detection/heat-detection.wasm")), kilobytes * 1024).bytes,
	);
	return path;
}

async function linesOf(
	board: string,
	source: string,
	path: string,
	memory: Partial<BoardMemory> = {},
): Promise<string[]> {
	const reply = await runSource(board, source, { files: { "module.wasm": path }, memory });
	assert.equal(reply.status, 0, reply.failure ?? reply.stderr);
	return reply.stdout.trimEnd().split("\n");
}

/**
 * Bytes of RAM beyond what is in use before, C's and JavaScript's with garbage, for a module with so many KB of code:
 * what a board may count on.
 */
const COMPILING_RAM = 40 * 1024;
const INTERPRETED_RAM = 96 * 1024;

async function compilingTakes(board: string, kilobytes: number, frontEnd: FrontEnd = "native"): Promise<number> {
	const path = await largeModule(kilobytes);
	const args = [join(ROOT, "bin/wait-xs.js"), "run", path, "--board", board, "--front-end", frontEnd, "--json"];
	const { stdout } = await promisify(execFile)(process.execPath, args);
	const { compile } = JSON.parse(stdout) as { compile: { peakRam: number; bootRam: number } };
	return compile.peakRam - compile.bootRam;
}

describe("aot.wasm", () => {
	const built = readFileSync(join(ROOT, "build/aot.wasm"));

	it("is small", () => assert.ok(built.length <= 40 * 1024, `${built.length} bytes`));

	it("is the same whenever it is made", async () => {
		const compileForBoards = await tool("aot-wasm.mjs", "compileForBoards");
		assert.ok(built.equals(await compileForBoards()));
	});
});

for (const board of boardsToTest()) {
	describe(`native front end of ${board}, seed ${SEED}`, function () {
		this.timeout(0);
		const image = join(ROOT, "build", board, "front-end.img");
		let compiled: Map<string, string>;

		before(async function () {
			if (!existsSync(image)) this.skip();
			compiled = await outcomes(board, "native");
		});

		it("is there, and small", () => {
			const { length } = readFileSync(image);
			assert.ok(length > 10_000 && length <= (board === "lin-arm" ? 80 : 120) * 1024, `${length} bytes`);
		});

		it("takes no more below the limit of the stack that it is lent than there is room for", () => {
			// WX_LENT_MARGIN of native/run/runtime.h, of which an interrupt takes some; struct wx_image_header and
			// wx_function_header of native/abi/image.h
			const room = 896 - 128;
			const bytes = readFileSync(image);
			const word = board === "lin-arm" ? 4 : 8;
			const [functions, codeTable] = [bytes.readUInt32LE(20), bytes.readUInt32LE(52)];
			let frame = 0;
			let unchecked = 0;
			for (let i = 0; i < functions; i++) {
				const described = bytes.readUInt32LE(bytes.readUInt32LE(codeTable + 4 * i) - 4);
				const taken = word * ((described >>> 20) & 0x7ff);
				if (taken === 0) frame = Math.max(frame, word * (described & 0xffff));
				unchecked = Math.max(unchecked, taken);
			}
			assert.ok(functions > 100 && frame > 0 && unchecked > 0);
			assert.ok(frame + unchecked <= room, `${frame} + ${unchecked} bytes of ${room}`);
		});

		it("makes the same images and says the same of what it refuses as the interpreted one", async () => {
			const interpreted = await outcomes(board, "interpreted");
			assert.equal(interpreted.size, compiled.size);
			assert.ok(compiled.size > 1000);
			for (const [name, outcome] of interpreted) assert.equal(compiled.get(name), outcome, name);
			assert.ok([...compiled.values()].filter((outcome) => outcome.startsWith("CompileError")).length > 500);
		});

		it("ends in a CompileError, or not at all, however little memory there is", async () => {
			const path = await largeModule(16);
			const source = `
				let outcome = "compiled";
				try { new WebAssembly.Module(files.read("module.wasm")); } catch (e) { outcome = (e instanceof WebAssembly.CompileError) + " " + e.message; }
				const left = native("xs_host_memory")().native;
				console.log(outcome);
				console.log(left < 6000);`;
			const seen = new Set<string>();
			for (let size = 12000; !seen.has("compiled"); size += 2000) {
				const [outcome, freed] = await linesOf(board, source, path, { native: size });
				assert.match(outcome!, /^(compiled|true .*out of memory.*)$/);
				if (outcome !== "compiled") assert.equal(freed, "true");
				seen.add(outcome!);
			}
			assert.ok(seen.size > 2, [...seen].join());
		});

		it("lets timers in while a module comes, and says for how long it did not", async () => {
			const source = `
				let ticks = 0;
				const timer = setInterval(() => ticks++, 1);
				const module = await WebAssembly.compileStreaming(files.open("module.wasm"));
				clearInterval(timer);
				console.log(ticks);
				console.log(native("xs_module_figures")(module).longest);`;
			const [ticks, longest] = await linesOf(board, source, await largeModule(100));
			assert.ok(Number(ticks) >= 10, ticks);
			assert.ok(Number(longest) > 0, longest);
		});

		it("is abandoned when its source fails, and gives everything back", async () => {
			const source = `
				const bytes = files.read("module.wasm"), at = 30000;
				const memory = () => native("xs_host_memory")().native;
				const cut = (offset) => { if (offset > at) throw new RangeError("cut"); };
				const compile = (source) => WebAssembly.compileStreaming(source).then(() => "compiled", (e) => e.constructor.name + " " + e.message);
				const sources = {
					readInto: { readInto(buffer, offset) { cut(offset); new Uint8Array(buffer).set(new Uint8Array(bytes, offset, 1024)); return 1024; } },
					length: { get length() { return cut(at + 1); }, readInto: () => 0 },
					read: { length: bytes.byteLength, read(offset, count) { cut(offset); return bytes.slice(offset, offset + count); } },
					iterable: (async function* () { for (let i = 0; ; i += 999) { cut(i); yield new Uint8Array(bytes, i, 999); } })(),
					promise: Promise.reject(new RangeError("cut")),
				};
				console.log("whole", await compile(files.open("module.wasm")));
				native("xs_host_collect")();
				const before = memory();
				for (const [name, source] of Object.entries(sources)) {
					const ended = await compile(source);
					await new Promise((resolve) => setTimeout(resolve, 0));
					native("xs_host_collect")();
					console.log(name, ended, memory() - before);
				}
				const both = await Promise.all([compile(files.open("module.wasm")), compile(files.open("module.wasm"))]);
				console.log(both.join());`;
			assert.deepEqual(await linesOf(board, source, await largeModule(50)), [
				"whole compiled",
				...["readInto", "length", "read", "iterable", "promise"].map((name) => `${name} RangeError cut 0`),
				"compiled,compiled",
			]);
		});

		it("takes no more memory for a module of ten times the size", async () => {
			const small = await compilingTakes(board, 50);
			const large = await compilingTakes(board, 500);
			assert.ok(large - small < (board === "lin-arm" ? 4000 : 20000), `${small}, ${large}`);
			if (board === "lin-arm") assert.ok(large <= COMPILING_RAM, `${large} bytes`);
		});

		if (board === "lin-arm")
			it("takes little memory where it is interpreted, too", async () => {
				const bytes = await compilingTakes(board, 50, "interpreted");
				assert.ok(bytes <= INTERPRETED_RAM, `${bytes} bytes`);
			});

		it("leaves its memory to the module: the larger of the two is enough for both", async () => {
			const path = await largeModule(50);
			const source = `
				const memory = native("xs_host_memory"), peaks = native("xs_host_peaks");
				const module = await WebAssembly.compileStreaming(files.open("module.wasm"));
				console.log(memory().nativePeak);
				console.log(memory().native);
				peaks();
				const { exports } = new WebAssembly.Instance(module);
				exports.run();
				console.log(memory().nativePeak);`;
			const [compiling, kept, running] = (await linesOf(board, source, path)).map(Number) as [
				number,
				number,
				number,
			];
			assert.ok(compiling > 3 * kept && running > 2 * kept, `${compiling}, ${kept}, ${running}`);
			// a compiler whose memory were not given back would need this
			const sum = compiling + running - kept;
			const budget = Math.max(compiling, running) + 512;
			assert.ok(budget < sum - 8000, `${budget}, ${sum}`);
			assert.equal((await linesOf(board, source, path, { native: budget })).length, 3);
			// garbage of some hundred bytes is collected before memory is refused
			const less = await runSource(board, source, {
				files: { "module.wasm": path },
				memory: { native: Math.max(compiling, running) - 1024 },
			});
			assert.notEqual(less.status, 0);
		});

		it("makes itself", () => {
			assert.equal(compiled.get("aot"), String(hash(readFileSync(image))));
		});
	});
}
