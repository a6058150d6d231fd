/*
 * The specification's own tests: core (WebAssembly 2.0 without SIMD), tail-call, extended-const. One test for a file
 * and board, with the number of its commands in the title. The folder is not part of the project: where it is absent,
 * these tests are skipped.
 * WAIT_XS_SPEC_OPTIONS: options of `wait-xs exec`, as "--optimize", with which all of them run on the boards.
 */

import assert from "node:assert/strict";
import { boardsToTest } from "../support/boards";
import { specFolder } from "../support/paths";
import type { SpecPack } from "./pack";
import { falsify, packSpec } from "./pack";
import type { FileResult } from "./runner";
import { runSpec } from "./runner";

const spec = specFolder();
const options = process.env["WAIT_XS_SPEC_OPTIONS"]?.split(" ");

function report(result: FileResult | undefined): void {
	assert.ok(result, "the file did not run");
	const lines = result.failures.slice(0, 10).map(([line, kind, what]) => `${result.name}:${line} ${kind}: ${what}`);
	assert.equal(
		result.passed,
		result.commands,
		`${result.commands - result.passed} of ${result.commands} commands failed\n${lines.join("\n")}`,
	);
}

describe("specification", function () {
	if (!spec) {
		it("no specification tests here (WAIT_XS_SPEC)", function () {
			this.skip();
		});
		return;
	}
	const pack: SpecPack = packSpec(spec);

	it("has all of its commands", () => {
		const count = (folder: string): number =>
			pack.header.files
				.filter((file) => file.name.startsWith(`${folder}/`))
				.reduce((sum, file) => sum + file.commands, 0);
		assert.equal(count("core"), 27437);
		assert.equal(count("tail-call"), 108);
		assert.equal(count("extended-const"), 287);
	});

	for (const board of ["node", ...boardsToTest()]) {
		describe(`specification on ${board}`, function () {
			this.timeout(0);
			let results: FileResult[];

			before(async () => {
				results = await runSpec(board, pack, board === "node" ? {} : { options });
			});

			for (const file of pack.header.files) {
				it(`${file.name}: ${file.commands} commands`, () => {
					report(results.find((result) => result.name === file.name));
				});
			}

			it("false expectations fail, every one", async () => {
				const some =
					board === "lin-arm"
						? /\/(address|bulk|call|fac|i32|linking|ref_|return_call|traps|table_get)/
						: /\/(address|br_table|bulk|call|conversions|data|f64|fac|float_memory|i64|linking|memory_trap|ref_|return_call|select|table_)/;
				const wrong = packSpec(spec, {
					filter: (name) => some.test(name),
					map: (command) => falsify(command) ?? command,
				});
				let falsified = 0;
				packSpec(spec, {
					filter: (name) => some.test(name),
					map: (command) => (falsify(command) && falsified++, command),
				});
				let failed = 0;
				for (const result of await runSpec(board, wrong, { label: "false" })) failed += result.failures.length;
				assert.ok(falsified > 700);
				assert.equal(failed, falsified);
			});

			if (board !== "node") {
				it("what calls, and what changes tables, when it is compiled a second time", async () => {
					const some =
						/\/(call|elem|fac|func|imports|linking|ref_func|return_call|skip-stack|start|table|unwind)[^/]*$/;
					const twice = packSpec(spec, { filter: (name) => some.test(name), map: (command) => command });
					for (const result of await runSpec(board, twice, { options: ["--optimize"], label: "twice" }))
						report(result);
				});

				it("NaNs that the specification leaves open are the canonical one", async () => {
					const open = packSpec(spec, {
						filter: (name) => /\/(f32|f64|float_exprs|conversions|float_misc)$/.test(name),
						map: (command) => command,
					});
					for (const result of await runSpec(board, open, { strict: true, label: "strict" })) report(result);
				});
			}
		});
	}
});
