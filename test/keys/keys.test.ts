/*
 * Names from outside and the engine's keys: a machine has few of them, and must neither end nor forget a name that is
 * in use.
 */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadBoard } from "../../src/cli/boards";
import { compileScript } from "../../src/cli/compile-script";
import { runOnBoard, type BoardReply, type BoardRequest } from "../../src/cli/runner";
import { oneLine, waitXs, writeModule } from "../cli/support";
import { boardsToTest, exec } from "../support/boards";
import { bundleGuest } from "../support/bundle";
import { outputFolder } from "../support/paths";
import { encodeModule, op, type Bytes } from "../support/wasm";

/**
 * How many versions and names; an emulated board takes its time. WAIT_XS_VERSIONS=10000 says how many versions on all.
 */
const VERSIONS: Record<string, number> = { sim: 10_000, "lin-arm": 2000 };
const PINS: Record<string, number> = { sim: 100_000, "lin-arm": 20_000 };

const folder = outputFolder("keys");

async function runGuest(guest: string, board: string, request: BoardRequest = {}): Promise<BoardReply> {
	const script = await compileScript(await bundleGuest(`test/keys/${guest}.ts`), folder);
	return runOnBoard(loadBoard(board), { timeout: 1000, virtualTime: true, ...request, script });
}

function file(name: string, content: Uint8Array | string): string {
	const path = join(folder, name);
	writeFileSync(path, content);
	return path;
}

async function onNode(guest: string, files: Record<string, string> = {}): Promise<string> {
	const lines: string[] = [];
	const result = await exec(await bundleGuest(`test/keys/${guest}.ts`), {
		board: "node",
		files,
		limit: 60,
		onLine: (line) => lines.push(line),
	});
	assert.equal(result.status, 0, result.stderr);
	return lines.join("\n") + "\n";
}

const answer = { type: 0, code: op("i32.const", 42) };

/** Exports of all kinds, with names that are array indices, hostile, or not ASCII. */
const everything = encodeModule({
	types: [{ params: [], results: ["i32"] }],
	functions: ["b", "a", "10", "2", "constructor", "__proto__", "length", "grün", "", "007", "4294967295", "x y"].map(
		(name) => ({
			...answer,
			export: name,
		}),
	),
	tables: [{ type: "funcref", minimum: 1 }],
	memories: [{ minimum: 1 }],
	globals: [{ type: "i32", mutable: true, init: op("i32.const", 1) }],
	exports: [
		{ name: "table", kind: "table", index: 0 },
		{ name: "memory", kind: "memory", index: 0 },
		{ name: "global", kind: "global", index: 0 },
	],
});

function many(count: number): Uint8Array {
	return encodeModule({
		types: [{ params: [], results: ["i32"] }],
		functions: Array.from({ length: count }, (_, i) => ({ ...answer, export: `name${i}` })),
	});
}

/** The eight digits at `NAME + 1` are the number in local `i`. */
const NAME = 100;
const NAME_SIZE = 9;

function digits(i: number, rest: number): Bytes {
	const bytes: Bytes = [op("local.get", i), op("local.set", rest)];
	for (let k = NAME_SIZE - 1; k > 0; k--)
		bytes.push(
			op("i32.const", NAME + k),
			op("local.get", rest),
			op("i32.const", 10),
			op("i32.rem_u"),
			op("i32.const", 48),
			op("i32.add"),
			op("i32.store8"),
			op("local.get", rest),
			op("i32.const", 10),
			op("i32.div_u"),
			op("local.set", rest),
		);
	return bytes;
}

/** Each export takes a number and does something with so many names; the result is the sum of what came back. */
function feeder(): Uint8Array {
	const apis = [
		{ name: "pin_find", size: 2 },
		{ name: "kv_set", size: 4 },
		{ name: "kv_get", size: 4 },
		{ name: "kv_delete", size: 2 },
		{ name: "publish", size: 4 },
	];
	const call = (index: number): Bytes => [
		op("i32.const", NAME),
		op("i32.const", NAME_SIZE),
		apis[index]!.size === 4 ? [op("i32.const", 0), op("i32.const", 1)] : [],
		op("call", index),
		op("local.get", 3),
		op("i32.add"),
		op("local.set", 3),
	];
	const loop = (calls: number[]): Bytes => [
		op("loop", [0x40]),
		digits(1, 2),
		calls.map(call),
		op("local.get", 1),
		op("i32.const", 1),
		op("i32.add"),
		op("local.tee", 1),
		op("local.get", 0),
		op("i32.lt_u"),
		op("br_if", 0),
		op("end"),
		op("local.get", 3),
	];
	const functions = { pins: [0], keys: [1, 2, 3], topics: [4] };
	return encodeModule({
		types: [
			{ params: ["i32"], results: ["i32"] },
			{ params: ["i32", "i32"], results: ["i32"] },
			{ params: ["i32", "i32", "i32", "i32"], results: ["i32"] },
		],
		imports: apis.map(({ name, size }) => ({ module: "iot1", name, kind: "func", type: size === 2 ? 1 : 2 })),
		functions: Object.entries(functions).map(([name, calls]) => ({
			type: 0,
			locals: ["i32", "i32", "i32"],
			code: loop(calls),
			export: name,
		})),
		memories: [{ minimum: 1 }],
		exports: [{ name: "memory", kind: "memory", index: 0 }],
		data: [{ mode: "active", offset: op("i32.const", NAME), bytes: [110] }],
	});
}

describe("names and keys", function () {
	this.timeout(0);

	for (const board of boardsToTest()) {
		it(`names in use are kept, however few keys there are, on ${board}`, async () => {
			const expected = await onNode("guest-names");
			for (const keys of [undefined, 2600]) {
				const reply = await runGuest("guest-names", board, keys === undefined ? {} : { memory: { keys } });
				assert.equal(reply.stdout, expected, reply.stderr);
			}
		});

		it(`an exports object is what it is on Node, with keys for its names and without, on ${board}`, async () => {
			const files = { "module.wasm": file("everything.wasm", everything) };
			const expected = await onNode("guest-exports", files);
			for (const limits of [{}, { exportKeys: 0 }]) {
				const reply = await runGuest("guest-exports", board, {
					files,
					limits: limits as BoardRequest["limits"] & object,
				});
				assert.equal(reply.stdout, expected, reply.stderr);
			}
		});

		it(`versions of a module with other names each leave nothing, on ${board}`, async () => {
			const types = [{ params: [], results: ["i32" as const] }];
			const functions = Array.from({ length: 8 }, (_, i) => ({ ...answer, export: `n${i}v00000` }));
			const imports = ["m00000", "absent00000"].map((module) => ({
				module,
				name: "f00000",
				kind: "func" as const,
				type: 0,
			}));
			const versions = process.env["WAIT_XS_VERSIONS"] ?? String(VERSIONS[board] ?? 1000);
			const reply = await runGuest("guest-versions", board, {
				files: {
					"good.wasm": file(`good-${board}.wasm`, encodeModule({ types, functions })),
					"bad.wasm": file(
						`bad-${board}.wasm`,
						encodeModule({ types, imports: imports.slice(0, 1), functions }),
					),
					versions: file(`versions-${board}`, versions),
				},
			});
			assert.equal(reply.status, 0, reply.stderr);
			const [first, last] = JSON.parse(reply.stdout) as [Record<string, number>, Record<string, number>];
			for (const [figure, slack] of Object.entries({ keysUsed: 8, slotsLive: 512, chunksLive: 512, native: 512 }))
				assert.ok(
					last[figure]! <= first[figure]! + slack,
					`${figure}: ${first[figure]} after ten versions, ${last[figure]} after ${versions}`,
				);
		});

		it(`more exports than keys can be called by their names, on ${board}`, async () => {
			const files = { "module.wasm": file("many.wasm", many(3100)) };
			const source = `const module = new WebAssembly.Module(files.read("module.wasm"));
				const { exports } = new WebAssembly.Instance(module);
				const names = WebAssembly.Module.exports(module);
				console.log(names.length, exports.name0(), exports[names[3099].name](), "name5" in exports, "nothing" in exports);
				try { Object.keys(exports); } catch (error) { console.log(String(error)); }
				try { Object.isFrozen(exports); } catch (error) { console.log(error.name); }
				console.log(exports.name1());`;
			const script = await compileScript(file("many.js", source), folder);
			const reply = await runOnBoard(loadBoard(board), {
				timeout: 1000,
				files,
				script,
				limits: { exports: 10_000 },
			});
			assert.match(
				reply.stdout,
				/^3100 42 42 true false\nRangeError: out of memory: JavaScript keys: \d+ for the names of all exports, \d+ are left\nRangeError\n42\n$/,
				reply.stderr,
			);
		});

		it(`whatever names a module asks the device for, the machines go on, on ${board}`, () => {
			const module = writeModule("feeder.wasm", feeder());
			const pins = PINS[board] ?? 20_000;
			const alone = waitXs("run", module, "--board", board, "--grant", "all", "--invoke", "pins", String(pins));
			assert.equal(alone.status, 0, alone.stderr);
			assert.equal(alone.stdout, `${pins * -15}\n`);
			const world = file("world.yaml", `module: ${module}\ngrants: [all]\nduration: 1h\n`);
			for (const [name, count] of [
				["keys", "7000"],
				["topics", "7000"],
			] as const) {
				const result = waitXs("run", module, "--board", board, "--scenario", world, "--invoke", name, count);
				assert.equal(result.status, 0, result.stdout + result.stderr);
			}
		});
	}

	it("names that modules import, find, store and publish take no keys", async () => {
		const imports = Array.from({ length: 50 }, (_, i) => ({
			module: "env",
			name: `absent${i}`,
			kind: "global" as const,
			type: "externref" as const,
			mutable: false,
		}));
		const source = `const used = () => native("xs_host_memory")().keysUsed;
			const { imports, attach } = native("xs_compiler_import")("iot").openIot({ grants: ["all"], args: [], environment: [] });
			const memory = new WebAssembly.Memory({ initial: 1 });
			const bytes = new Uint8Array(memory.buffer);
			attach({ memory });
			const { pin_find, kv_set, kv_get, kv_delete, publish } = imports.iot1;
			const module = new WebAssembly.Module(files.read("module.wasm"));
			function ask(name) {
				for (let i = 0; i < 6; i++) bytes[i] = name.charCodeAt(i);
				return [pin_find(0, 6), kv_set(0, 6, 8, 1), kv_get(0, 6, 8, 1), kv_delete(0, 6), publish(0, 6, 8, 1)].join();
			}
			const found = ask("first ");
			new WebAssembly.Global({ value: "i32" });
			used();
			const before = used();
			for (let i = 0; i < 100; i++) if (ask("name" + (10 + i)) !== found) throw new Error("another answer");
			for (const type of ["i31", "i33", "__proto__"]) try { new WebAssembly.Global({ value: type }); } catch (error) { if (error.name !== "TypeError") throw error; }
			new WebAssembly.Instance(module, { env: {} });
			console.log(used() - before);`;
		const script = await compileScript(file("none.js", source), folder);
		const files = { "module.wasm": file("imports.wasm", encodeModule({ imports })) };
		const reply = await runOnBoard(loadBoard("sim"), { timeout: 1000, virtualTime: true, files, script });
		assert.equal(reply.stdout, "0\n", reply.stderr);
	});

	it("run calls an export of many by its name", () => {
		const module = writeModule("many.wasm", many(3100));
		const result = waitXs("run", module, "--invoke", "name3099");
		assert.equal(result.stdout, "42\n", result.stderr);
	});

	it("a module with too many exports for a small board is refused", () => {
		oneLine(
			waitXs("run", writeModule("many.wasm", many(3100)), "--board", "lin-arm"),
			2,
			/too large for this board: 3100 exports/,
		);
	});
});
