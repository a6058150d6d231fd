import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createNodeBoard } from "../../src/cli/node/board";
import { openModuleImports } from "../../src/iot-api/modules";
import { createSynchronousPlatform } from "../../src/iot-api/synchronous";
import { waitXs, writeModule } from "../cli/support";
import { boardsToTest, exec } from "../support/boards";
import { bundleGuest } from "../support/bundle";
import { outputFolder } from "../support/paths";
import { encodeModule, op, type Bytes, type ModuleParts } from "../support/wasm";
import { iotFunctions, rawModule, wasiFunctions } from "./raw-module";
import { attempt, type Callee } from "./values";

const seed = Number(process.env["WAIT_XS_SEED"] ?? Date.now() % 1_000_000_000);
const imported = [...iotFunctions, ...wasiFunctions];
const callees: Callee[] = imported.map(({ name, type, suspends }) => ({ name, params: type.params, suspends }));
/** Calls of one function. */
const limit = 40;
/** Boards and Node measure time each in its own way. */
const timed = ["now_us", "wait"];

/** A module whose export "run" calls functions of the API, one after the other, and returns all their results. */
function callModule(
	calls: readonly (readonly [name: string, ...values: (number | bigint)[]])[],
	parts: ModuleParts = {},
): Uint8Array {
	const functions = calls.map(([name]) => imported.find((candidate) => candidate.name === name)!);
	return encodeModule({
		types: [
			...functions.map(({ type }) => type),
			{ params: [], results: functions.flatMap(({ type }) => type.results) },
		],
		imports: functions.map(({ module, name }, i) => ({ module, name, kind: "func", type: i })),
		functions: [
			{
				type: calls.length,
				export: "run",
				code: calls.map(([, ...values], i): Bytes => [
					...values.map((value) => op(typeof value === "bigint" ? "i64.const" : "i32.const", value)),
					op("call", i),
				]),
			},
		],
		...parts,
	});
}

const memory: ModuleParts = { memories: [{ minimum: 1 }], exports: [{ name: "memory", kind: "memory", index: 0 }] };
const longest = (1n << 63n) - 1n;
const engines = [...boardsToTest().map((board) => ["--board", board]), ["--engine", "node"]];

describe(`calls of the device API with values that nobody thinks of, seed ${seed}`, function () {
	this.timeout(110_000);

	const outcomes = new Map<string, string[]>();
	for (const board of [...boardsToTest(), "node"]) {
		it(`come back on ${board}`, async () => {
			const folder = outputFolder("iot");
			const raw = join(folder, "raw-all.wasm");
			const plan = join(folder, "values.json");
			writeFileSync(raw, rawModule(imported));
			writeFileSync(plan, JSON.stringify({ callees, seed, limit }));
			const output: string[] = [];
			const result = await exec(await bundleGuest("test/iot/guest-values.ts"), {
				board,
				...(board === "node" ? {} : { options: ["--virtual-time"] }),
				files: { "raw.wasm": raw, "plan.json": plan },
				limit: 60,
				onLine: (line) => output.push(line),
			});
			assert.equal(result.status, 0, result.stderr);
			/* Between those lines is what the calls print. */
			assert.deepEqual(
				output.filter((line) => line.startsWith("problem: ")),
				[],
			);
			assert.ok(Number(/^calls: (\d+)$/.exec(output.at(-1) ?? "")?.[1]) > 25 * callees.length);
			const done = output.filter((line) => line.startsWith("done: ")).map((line) => line.slice("done: ".length));
			assert.deepEqual(
				done.map((line) => line.split(" ")[0]),
				callees.map(({ name }) => name),
			);
			outcomes.set(
				board,
				done.filter((line) => !timed.includes(line.split(" ")[0]!)),
			);
		});
	}

	it("come to the same everywhere", () => {
		const [first, ...others] = [...outcomes.values()];
		for (const other of others) assert.deepEqual(other, first);
	});

	it("come back in Node's engine, over the simulated board", async () => {
		const problems: string[] = [];
		const calls = await attempt({
			module: new WebAssembly.Module(rawModule(imported) as BufferSource),
			callees,
			open() {
				const { board, pump } = createNodeBoard({ costs: {}, seed: 1, onLog: () => {} });
				const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
				const platform = createSynchronousPlatform({
					pump,
					decode: (bytes) => decoder.decode(bytes),
					write: () => {},
					trap: (message) => new WebAssembly.RuntimeError(message),
				});
				return openModuleImports(board, platform, {
					grants: ["all"],
					args: ["program"],
					environment: ["PLACE=home"],
				});
			},
			promising: (callee) => callee,
			seed,
			limit,
			onProblem: (text) => problems.push(text),
		});
		assert.deepEqual(problems, []);
		assert.ok(calls > 25 * callees.length);
	});

	for (const engine of engines) {
		const run = (module: Uint8Array): ReturnType<typeof waitXs> =>
			waitXs("run", writeModule("calls.wasm", module), ...engine, "--grant", "all");

		it(`take a time that no clock comes to for none (${engine.join(" ")})`, () => {
			const calls = callModule(
				[
					/* To a microsecond that nanoseconds in a double come short of. */
					["wait", 531_103_673_030_132n, 0, 0],
					["timer_start", longest, 1n],
					["timer_start", 1n, longest],
					/* The second one rings once. */
					["wait", -1n, 0, 2],
					["wait", -1n, 0, 2],
					["wait", longest, 0, 0],
					["deep_sleep", longest, -1, 0],
					/* 142 years pass, without memory for each stretch of them. */
					["wait", 1n << 52n, 0, 0],
				],
				memory,
			);
			const result = run(calls);
			assert.equal(result.stdout, "0\n1024\n1056\n1\n-1\n-1\n-1\n0\n", result.stderr);
		});

		it(`count to the largest value of an event (${engine.join(" ")})`, () => {
			const calls = callModule(
				[
					["timer_start", 0n, 1n],
					["wait", 5_000_000_000n, 0, 0],
					["wait", 0n, 0, 2],
					["fd_write", 1, 64, 1, 96],
				],
				{
					...memory,
					data: [{ mode: "active", offset: op("i32.const", 64), bytes: [32, 0, 0, 0, 4, 0, 0, 0] }],
				},
			);
			assert.equal(run(calls).stdout, "\ufffd\ufffd\ufffd\x7f1024\n0\n2\n0\n");
		});

		it(`end the module that waits for what will not come (${engine.join(" ")})`, () => {
			const subscription = new Uint8Array(48).fill(255, 24, 32);
			const forever = callModule([["poll_oneoff", 0, 64, 1, 128]], {
				...memory,
				data: [{ mode: "active", bytes: subscription }],
			});
			const watched = callModule(
				[
					["gpio_open", 4, 0],
					["gpio_watch", 1024, 3],
					["wait", -1n, 0, 1],
				],
				memory,
			);
			for (const module of [forever, watched]) {
				const result = run(module);
				assert.equal(result.status, 1, result.stderr);
				assert.equal(result.stdout, "");
				assert.match(result.stderr, /waits for something that will not come/);
			}
		});

		it(`need no memory for nothing (${engine.join(" ")})`, () => {
			const result = run(
				callModule([
					["kv_get", 0, 0, 0, 0],
					["wait", 1000n, 0, 0],
					["log", 0, 0],
					["random_get", 0, 0],
					["proc_exit", 3],
				]),
			);
			assert.equal(result.status, 3, result.stderr);
		});

		it(`write and read at a serial port what is more than its buffer (${engine.join(" ")})`, () => {
			const [write, sleep] = [
				["uart_write", 1024, 0, 3000],
				["wait", 1000n, 0, 0],
			] as const;
			const calls = callModule(
				[
					["uart_open", 0, 115200],
					["uart_write", 1024, 0, 5000],
					sleep,
					write,
					sleep,
					write,
					["uart_read", 1024, 0, 5000],
				],
				memory,
			);
			assert.equal(run(calls).stdout, "1024\n4096\n0\n3000\n0\n3000\n-13\n");
		});
	}
});
