import assert from "node:assert/strict";
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CLI } from "../support/boards";
import { outputFolder, ROOT } from "../support/paths";
import { encodeModule, op, type ModuleParts } from "../support/wasm";

export type Result = SpawnSyncReturns<string>;

export function waitXs(...args: string[]): Result {
	return spawnSync(process.execPath, [CLI, ...args], {
		encoding: "utf8",
		cwd: ROOT,
		maxBuffer: 1 << 26,
		timeout: 100_000,
	});
}

/** Nothing on standard output, one line on standard error. */
export function oneLine(result: Result, status: number, expected: RegExp): void {
	assert.equal(result.status, status, result.stderr + result.stdout);
	assert.equal(result.stdout, "");
	assert.equal(result.stderr.trimEnd().split("\n").length, 1, result.stderr);
	assert.match(result.stderr, expected);
}

export function writeModule(name: string, bytes: Uint8Array): string {
	const path = join(outputFolder("cli"), name);
	writeFileSync(path, bytes);
	return path;
}

/** Functions of every kind of result and every way to end. */
const parts: ModuleParts = {
	types: [
		{ params: ["i32", "i32"], results: ["i32"] },
		{ params: ["i64"], results: ["i64"] },
		{ params: ["f32"], results: ["f32"] },
		{ params: ["f64"], results: ["f64"] },
		{ params: ["i32"], results: ["i32", "i64", "f64"] },
		{ params: [], results: [] },
		{ params: ["externref"], results: ["externref"] },
		{ params: ["i32"], results: ["i32"] },
	],
	functions: [
		{ type: 0, export: "add", code: [op("local.get", 0), op("local.get", 1), op("i32.add")] },
		{ type: 1, export: "long", code: [op("local.get", 0)] },
		{ type: 2, export: "float", code: [op("local.get", 0)] },
		{ type: 3, export: "double", code: [op("local.get", 0)] },
		{
			type: 4,
			export: "several",
			code: [op("local.get", 0), op("i64.const", -9007199254740993n), op("f64.const", -0.5)],
		},
		{ type: 5, export: "nothing", code: [] },
		{ type: 6, export: "reference", code: [op("local.get", 0)] },
		{ type: 0, export: "divide", code: [op("local.get", 0), op("local.get", 1), op("i32.div_s")] },
		{ type: 7, export: "divides", code: [op("i32.const", 1), op("local.get", 0), op("call", 7)] },
		{ type: 5, export: "endless", code: [op("loop", [0x40]), op("br", 0), op("end")] },
		{ type: 7, export: "deep", code: [op("local.get", 0), op("call", 10), op("i32.const", 1), op("i32.add")] },
		{ type: 7, export: "load", code: [op("local.get", 0), op("i32.load", 4)] },
		{
			type: 5,
			export: "stores",
			code: [
				op("i32.const", 16),
				op("i32.const", 1),
				op("i32.store", 8),
				op("i32.const", 16),
				op("i32.load8_u"),
				op("drop"),
			],
		},
	],
	memories: [{ minimum: 1, maximum: 2 }],
	globals: [{ type: "i64", mutable: true, init: op("i64.const", 5) }],
	exports: [
		{ name: "memory", kind: "memory", index: 0 },
		{ name: "counter", kind: "global", index: 0 },
	],
	data: [{ mode: "active", bytes: [1, 2, 3] }],
};

let written: string | undefined;

/** The path of that module. */
export function valuesModule(): string {
	return (written ??= writeModule("values.wasm", encodeModule(parts)));
}
