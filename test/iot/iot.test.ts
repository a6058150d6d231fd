import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { errors, functions } from "../../src/iot-api/table";
import { boardsToTest, exec } from "../support/boards";
import { bundleGuest } from "../support/bundle";
import { outputFolder, ROOT } from "../support/paths";
import { rangesOf, rawModule } from "./raw-module";

const languages = ["c", "as", "rust"];
const modules = join(ROOT, "test/iot/modules");

interface Check {
	language: string;
	what: string;
	ok: boolean;
	got?: string;
	wanted?: string;
}

describe("the device API of modules", function () {
	this.timeout(110_000);

	it("is generated from its table", () => {
		const result = spawnSync(process.execPath, [join(ROOT, "tools/iot-api.mjs"), "--check"], {
			encoding: "utf8",
			cwd: ROOT,
		});
		assert.equal(result.status, 0, result.stderr);
	});

	const lines = new Map<string, string[]>();
	for (const board of [...boardsToTest(), "node"]) {
		it(`does what it says, from every language, on ${board}`, async () => {
			const output: string[] = [];
			const result = await exec(await bundleGuest("test/iot/guest.ts"), {
				board,
				...(board === "node" ? {} : { options: ["--virtual-time"] }),
				files: Object.fromEntries(
					languages.map((name) => [`tour-${name}.wasm`, join(modules, `tour-${name}.wasm`)]),
				),
				limit: 60,
				onLine: (line) => output.push(line),
			});
			assert.equal(result.status, 0, result.stderr);
			const replies = output.map(
				(line) => JSON.parse(line) as Check & { seen?: Record<string, [string, number[]][]> },
			);
			const { seen } = replies.pop()!;
			assert.deepEqual(
				replies.filter(({ ok }) => !ok),
				[],
			);
			for (const language of languages) {
				const mine = seen![language]!;
				assert.deepEqual(
					mine.map(([name]) => name).sort(),
					functions.map(({ name }) => name).sort(),
					`${language}: every function is called`,
				);
				const codes = new Set(mine.flatMap(([, numbers]) => numbers));
				assert.deepEqual(
					errors.map(([name]) => name).filter((_, i) => !codes.has(-1 - i)),
					[],
					`${language}: every code comes by`,
				);
			}
			lines.set(board, output);
		});
	}

	for (const board of [...boardsToTest(), "node"]) {
		it(`withstands calls that no honest module makes, on ${board}`, async () => {
			const folder = outputFolder("iot");
			const raw = join(folder, "raw.wasm");
			const plan = join(folder, "plan.json");
			writeFileSync(raw, rawModule());
			const planned = functions.map((f) => ({
				name: f.name,
				params: f.parameters.flatMap(({ kind }) =>
					kind === "i32" || kind === "i64" ? [kind] : ["i32", "i32"],
				),
				ranges: rangesOf(f),
				suspends: f.suspends ?? false,
			}));
			writeFileSync(plan, JSON.stringify(planned));
			const output: string[] = [];
			const result = await exec(await bundleGuest("test/iot/guest-hostile.ts"), {
				board,
				...(board === "node" ? {} : { options: ["--virtual-time"] }),
				files: { "raw.wasm": raw, "plan.json": plan },
				limit: 100,
				onLine: (line) => output.push(line),
			});
			assert.equal(result.status, 0, result.stderr);
			assert.ok(Number(output.pop()) > 16_000);
			assert.deepEqual(output, []);
		});
	}

	it("does the same everywhere", () => {
		const [first, ...others] = [...lines.values()];
		for (const other of others) assert.deepEqual(other, first);
	});
});
