/* Hand-written attacks on every board: what must trap traps, what must be refused is refused, and the host survives. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { boardsToTest, CLI } from "../support/boards";
import { outputFolder, ROOT } from "../support/paths";
import { blockType, encodeModule, op } from "../support/wasm";
import { securityCases } from "./cases";
import type { SecurityLine } from "./format";
import { judge, runSecurity } from "./runner";

const cases = securityCases();

for (const board of ["node", ...boardsToTest()]) {
	describe(`attacks on ${board}`, function () {
		this.timeout(0);
		let lines: SecurityLine[];

		before(async () => {
			lines = await runSecurity(board, cases);
		});

		cases.forEach((test, index) => {
			it(`${test.name}${test.calls ? `: ${test.calls.length} calls` : ""}`, () => {
				const wrong = judge(board, test, lines[index]);
				assert.equal(wrong.length, 0, `${wrong.length} wrong:\n${wrong.slice(0, 10).join("\n")}`);
			});
		});

		it("a judge that is told wrong says so", () => {
			const broken = cases.map((test) =>
				test.verdict === "invalid"
					? { ...test, verdict: undefined }
					: {
							...test,
							verdict: test.verdict && test.verdict !== "limit" ? "!nothing" : test.verdict,
							calls: test.calls?.map((call) => ({ ...call, expect: `${call.expect}1` })),
						},
			);
			broken.forEach((test, index) => {
				if (test.verdict !== "limit" && (test.calls?.length || cases[index]!.verdict))
					assert.notEqual(judge(board, test, lines[index]).length, 0, test.name);
			});
		});
	});
}

for (const board of boardsToTest()) {
	describe(`endless loops on ${board}`, function () {
		this.timeout(0);
		const folder = outputFolder("security");
		const loops: [string, ReturnType<typeof op>][] = [
			["an empty loop", [op("loop", blockType()), op("br", 0), op("end")]],
			[
				"a loop that counts",
				[
					op("loop", blockType()),
					op("local.get", 0),
					op("i32.const", 1),
					op("i32.add"),
					op("local.set", 0),
					op("br", 0),
					op("end"),
				],
			],
			[
				"a loop of stores",
				[
					op("loop", blockType()),
					op("local.get", 0),
					op("i32.const", 65535),
					op("i32.and"),
					op("local.get", 0),
					op("i32.store8", 0),
					op("local.get", 0),
					op("i32.const", 1),
					op("i32.add"),
					op("local.set", 0),
					op("br", 0),
					op("end"),
				],
			],
			[
				"a loop of fills",
				[
					op("loop", blockType()),
					op("i32.const", 0),
					op("i32.const", 1),
					op("i32.const", 65536),
					op("memory.fill", [0]),
					op("br", 0),
					op("end"),
				],
			],
			[
				"a loop of divisions",
				[
					op("loop", blockType()),
					op("i64.const", -1),
					op("local.get", 0),
					op("i64.extend_i32_u"),
					op("i64.const", 7),
					op("i64.or"),
					op("i64.div_u"),
					op("i32.wrap_i64"),
					op("local.set", 0),
					op("br", 0),
					op("end"),
				],
			],
		];
		for (const [name, code] of loops) {
			it(`${name} is ended`, () => {
				const file = join(folder, `loop-${board}.wasm`);
				writeFileSync(
					file,
					encodeModule({
						types: [{ params: [], results: [] }],
						functions: [{ type: 0, locals: ["i32"], code, export: "f" }],
						memories: [{ minimum: 1 }],
					}),
				);
				const ended = spawnSync(
					process.execPath,
					[CLI, "run", file, "--board", board, "--invoke", "f", "--timeout", "1", "--json"],
					{
						cwd: ROOT,
						encoding: "utf8",
						timeout: 60000,
					},
				);
				assert.equal(ended.status, 1, ended.stderr || String(ended.signal));
				const { run } = JSON.parse(ended.stdout) as {
					run: { trap: { kind?: string; message?: string } | string };
				};
				assert.match(JSON.stringify(run.trap), /interrupt|timeout|time/i);
			});
		}
	});
}
