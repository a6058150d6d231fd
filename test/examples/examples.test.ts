/// <reference lib="dom" />
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { waitXs } from "../cli/support";
import { boardsToTest } from "../support/boards";
import { ROOT } from "../support/paths";

interface Answers {
	run: number;
	repeat100: number;
}

type Program = { run: () => number; repeat: (rounds: number) => number };

const folder = join(ROOT, "examples");
const expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as Record<string, Answers>;

describe("examples", function () {
	this.timeout(110_000);

	it("are the paper's six and one more", () => {
		assert.deepEqual(Object.keys(expected).sort(), [
			"binary-search",
			"dew-point",
			"fft",
			"heat-calibration",
			"heat-detection",
			"lec",
			"outlier",
		]);
	});

	for (const [name, answers] of Object.entries(expected)) {
		describe(name, () => {
			const path = join(folder, name, `${name}.wasm`);

			it("gives the known answers on Node's engine", () => {
				const module = new WebAssembly.Module(readFileSync(path));
				assert.deepEqual(WebAssembly.Module.imports(module), []);
				const { run, repeat } = new WebAssembly.Instance(module).exports as unknown as Program;
				assert.equal(run() | 0, answers.run);
				assert.equal(repeat(100) | 0, answers.repeat100);
			});

			it("gives them in plain JavaScript", async () => {
				const { run, repeat } = (await import(pathToFileURL(join(folder, name, `${name}.js`)).href)) as Program;
				assert.equal(run(), answers.run);
				assert.equal(repeat(100), answers.repeat100);
			});

			for (const board of boardsToTest()) {
				for (const [option, how] of [
					["--json", ""],
					["--audit", " with every check kept"],
					["--optimize", " compiled a second time"],
				] as const) {
					it(`gives them on ${board}${how}`, () => {
						const result = waitXs("run", path, "--board", board, option, "--invoke", "repeat", "100");
						assert.equal(result.stderr, "");
						const value =
							option === "--json"
								? (JSON.parse(result.stdout) as { run: { result: string[] } }).run.result[0]
								: result.stdout.trim();
						assert.equal(value, String(answers.repeat100));
					});
				}
			}
		});
	}

	it("are what npm start shows", () => {
		const result = waitXs("examples");
		assert.equal(result.stderr, "");
		assert.equal(result.status, 0);
		for (const name of Object.keys(expected))
			assert.match(
				result.stdout,
				new RegExp(`^${name} +\\d+ B +\\d+ B +\\d+ KB +\\d+ +\\d+ +right +\\d+x$`, "m"),
			);
		assert.match(result.stdout, /What to try next:/);
	});
});
