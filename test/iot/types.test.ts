import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError, Status } from "../../src/cli/errors";
import { defaultBoard, loadBoard } from "../../src/cli/boards";
import { readModuleFile } from "../../src/cli/module-file";
import { createNodeBoard } from "../../src/cli/node/board";
import { runOnNode } from "../../src/cli/node/engine";
import { oneLine, waitXs, writeModule } from "../cli/support";
import { boardsToTest, exec } from "../support/boards";
import { bundleGuest } from "../support/bundle";
import { Blobs, packFile } from "../support/packfile";
import { outputFolder } from "../support/paths";
import { iotFunctions, wasiFunctions } from "./raw-module";
import { importer, refusalOf, wrongImports } from "./types";

const rightImports = [...iotFunctions, ...wasiFunctions].map((imported) => ({ ...imported, said: imported.type }));
const folder = outputFolder("iot");

function writePack(): string {
	const blobs = new Blobs();
	const header = [
		...rightImports.map((right) => [...blobs.add(importer(right)), right.direct, null]),
		...wrongImports.map((wrong) => [...blobs.add(importer(wrong)), wrong.direct, refusalOf(wrong)]),
	];
	const path = join(folder, "imports.pack");
	writeFileSync(path, packFile(header, blobs));
	return path;
}

describe("imports of the device API by another type than its own", function () {
	this.timeout(110_000);

	for (const board of boardsToTest()) {
		it(`are refused, whatever the other type is, on ${board}`, async () => {
			const output: string[] = [];
			const result = await exec(await bundleGuest("test/iot/guest-types.ts"), {
				board,
				files: { "imports.pack": writePack() },
				limit: 100,
				onLine: (line) => output.push(line),
			});
			assert.equal(result.status, 0, result.stderr);
			const all = [...rightImports, ...wrongImports];
			assert.deepEqual(output, [String(all.length + all.filter(({ direct }) => direct).length)]);
		});
	}

	it("are refused in Node's engine", () => {
		const path = join(folder, "import.wasm");
		const board = loadBoard(defaultBoard);
		const simulated = createNodeBoard({ costs: {}, seed: 1, onLog: () => {} });
		const request = {
			invoke: null,
			values: [],
			results: [],
			grants: [],
			args: [],
			environment: [],
			onOutput: () => {},
		};
		function outcome(module: Uint8Array): string | null {
			writeFileSync(path, module);
			try {
				runOnNode(readModuleFile(path, board), request, simulated);
				return null;
			} catch (error) {
				assert.ok(error instanceof CommandError);
				assert.equal(error.status, Status.REFUSED);
				return error.message;
			}
		}
		for (const right of rightImports) assert.equal(outcome(importer(right)), null, right.name);
		for (const wrong of wrongImports)
			assert.equal(outcome(importer(wrong)), `${path}: refused: ${refusalOf(wrong)}`);
	});

	const wrong = wrongImports.find(({ name, said }) => name === "gpio_write" && said.params[0] === "f64")!;
	const refusal =
		/: refused: import "iot1" "gpio_write": expected function \(f64 i32\) -> \(i32\), got function \(i32 i32\) -> \(i32\)$/m;
	for (const options of [["--io", "inline"], ["--optimize"], ["--engine", "node"]])
		it(`are refused by \`run ${options.join(" ")}\``, () => {
			oneLine(waitXs("run", writeModule("wrong-type.wasm", importer(wrong)), ...options), 2, refusal);
		});

	it("are refused by scenarios", () => {
		const module = writeModule("wrong-type.wasm", importer(wrong));
		const scenario = join(folder, "wrong-type.yaml");
		writeFileSync(scenario, `module: ${module}\nsteps:\n  - after: 1s\n    note: over\n`);
		for (const engine of ["board", "node"]) {
			const result = waitXs("test", scenario, "--engine", engine);
			assert.equal(result.status, 2, result.stdout + result.stderr);
			assert.match(result.stderr, refusal);
			assert.ok(result.stderr.includes(module), result.stderr);
		}
	});

	it("are named in one line that is not too long, however long their type is", () => {
		const long = {
			...wrong,
			said: { params: Array.from({ length: 40 }, () => "externref" as const), results: wrong.type.results },
		};
		const module = writeModule("long-type.wasm", importer(long));
		const said = `(${"externref ".repeat(9)}and 31 more) -> (i32)`;
		for (const engine of ["board", "node"]) {
			const result = waitXs("run", module, "--engine", engine);
			oneLine(result, 2, /got function \(i32 i32\) -> \(i32\)$/m);
			assert.ok(result.stderr.includes(`expected function ${said}, got`), result.stderr);
		}
	});
});
