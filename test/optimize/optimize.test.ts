/*
 * The second compilation (`--optimize`): what it does is what the first does, and no chain of calls takes more of the stack than the check at its root allows.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { loadBoard } from "../../src/cli/boards";
import { waitXs, writeModule } from "../cli/support";
import { Random } from "../fuzz/random";
import { boardsToTest } from "../support/boards";
import { blockType, encodeModule, op, type Bytes, type ModuleParts, type ValueType } from "../support/wasm";

const SEED = Number(process.env["WAIT_XS_SEED"] ?? Math.floor(Math.random() * 0x7fffffff));

/** What functions without a check, and the frame of one with a plain check, may take below the limit (native/emit/assembler.h), and what enters the call. */
const BELOW_LIMIT = 1024 + 512 + 128;

interface Report {
	compile: { optimized: boolean; notOptimized?: string };
	native: { bytes: number };
	run: { result: string[] | null; trap: { kind: string } | null; stackPeak: number };
}

function run(board: string, path: string, ...args: string[]): Report {
	const result = waitXs("run", path, "--board", board, "--json", ...args);
	assert.ok(result.status === 0 || result.status === 1, result.stderr);
	return JSON.parse(result.stdout) as Report;
}

/**
 * Functions that call one another by chance: forwards, backwards, themselves, in tails and through a table; each takes one of the fuel, which ends it all. What they keep across calls is
 * computed with afterwards, so that every word of a frame is written.
 */
function callGraph(random: Random): ModuleParts {
	const count = random.between(3, 24);
	const acyclic = random.chance(0.2);
	const functions: NonNullable<ModuleParts["functions"]> = [];
	for (let i = 0; i < count; i++) {
		const kept = random.pick([0, 0, 1, 2, 4, 10, 30, 90, 200]);
		const type: ValueType = random.chance(0.5) ? "i32" : "i64";
		const locals = Array.from({ length: kept }, () => type);
		const code: Bytes = [op("global.get", 0), op("i32.eqz"), op("if", blockType()), op("local.get", 0), op("return"), op("end")];
		code.push(op("global.get", 0), op("i32.const", 1), op("i32.sub"), op("global.set", 0));
		for (let k = 0; k < kept; k++) {
			code.push(op("local.get", 0), op("i32.const", k), op("i32.add"));
			if (type === "i64") code.push(op("i64.extend_i32_u"));
			code.push(op("local.set", 1 + k));
		}
		const callee = (): number => (acyclic ? random.between(Math.min(i + 1, count), count) : random.below(count + 1));
		for (let calls = random.pick([0, 1, 1, 2, 3]); calls > 0; calls--) {
			code.push(op("local.get", 0), op("i32.const", calls), op("i32.add"));
			if (!acyclic && random.chance(0.1)) code.push(op("i32.const", random.below(4)), op("call_indirect", 0, 0));
			else code.push(op("call", callee()));
			code.push(op("local.set", 0));
		}
		for (let k = 0; k < kept; k++) {
			code.push(op("local.get", 0), op("local.get", 1 + k));
			if (type === "i64") code.push(op("i32.wrap_i64"));
			code.push(op("i32.add"), op("local.set", 0));
		}
		code.push(op("local.get", 0), random.chance(0.1) ? op("return_call", callee()) : []);
		functions.push({ type: 0, locals, code });
	}
	/* A leaf with a frame of its own: the end of every chain. */
	const words = Array.from({ length: 20 }, (): ValueType => "i64");
	const leaf: Bytes = words.flatMap((_, k) => [
		op("local.get", 0),
		op("i64.extend_i32_s"),
		op("i64.const", k * 77),
		op("i64.mul"),
		op("local.set", 1 + k),
	]);
	leaf.push(
		words.map((_, k) => op("local.get", 1 + k)),
		words.slice(1).map(() => op("i64.xor")),
		op("i32.wrap_i64"),
	);
	functions.push({ type: 0, locals: words, code: leaf });
	const order = Array.from({ length: 4 }, () => random.below(count + 1));
	return {
		types: [{ params: ["i32"], results: ["i32"] }],
		functions,
		tables: [{ type: "funcref", minimum: 4 }],
		globals: [{ type: "i32", mutable: true, init: op("i32.const", random.pick([40, 300, 20000, 1_000_000])) }],
		exports: [{ name: "f", kind: "func", index: 0 }],
		elements: [{ mode: "active", type: "funcref", functions: order }],
	};
}

function onNode(path: string): string {
	const exports = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path))).exports as { f(x: number): number };
	try {
		return String(exports.f(7));
	} catch (error) {
		assert.ok(error instanceof RangeError);
		return "stack";
	}
}

const outcome = ({ run }: Report): string => run.trap?.kind ?? run.result?.[0] ?? "";

describe(`the second compilation, seed ${SEED}`, function () {
	this.timeout(0);

	for (const board of boardsToTest()) {
		it(`takes no more of the stack than it may, whatever calls what, on ${board}`, function () {
			const most = loadBoard(board).limits.wasmStack + BELOW_LIMIT;
			const random = new Random(SEED);
			let exhausted = 0;
			for (let i = 0; i < (board === "sim" ? 24 : 12); i++) {
				const path = writeModule(`graph-${board}-${i}.wasm`, encodeModule(callGraph(random)));
				const first = run(board, path, "--invoke", "f", "7");
				const second = run(board, path, "--optimize", "--invoke", "f", "7");
				const what = `module ${i}: ${path}`;
				assert.equal(first.compile.optimized, false, what);
				assert.equal(second.compile.optimized, true, what);
				for (const report of [first, second]) assert.ok(report.run.stackPeak <= most, `${what}: ${report.run.stackPeak} of ${most} bytes`);
				const results = [outcome(first), outcome(second), onNode(path)].filter((result) => result !== "stack");
				assert.ok(new Set(results).size <= 1, `${what}: ${results.join(" ")}`);
				if (outcome(second) === "stack") exhausted++;
			}
			this.test!.title += `: ${exhausted} of them to its end`;
			assert.ok(exhausted > 0);
		});
	}
});
