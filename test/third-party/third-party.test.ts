import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { boardsToTest, exec } from "../support/boards";
import { outputFolder, ROOT } from "../support/paths";
import { thirdParty, type ThirdParty } from "./modules";

/** Seconds for one module, compiling and running, on the slowest board. */
const LIMIT = 240;

/** Options of `wait-xs exec`, as "--optimize", with which all of them run on the boards. */
const OPTIONS = process.env["WAIT_XS_THIRD_PARTY_OPTIONS"]?.split(" ") ?? [];

interface Way {
	board: string;
	options: string[];
}

/** Once compiled a second time, where that takes least. */
const ways: Way[] = [
	...["node", ...boardsToTest()].map((board) => ({ board, options: OPTIONS })),
	{ board: "sim", options: ["--optimize"] },
];

function writeFiles(module: ThirdParty): Record<string, string> {
	const folder = outputFolder(join("third-party", module.name));
	const paths: Record<string, string> = {};
	for (const [name, bytes] of Object.entries(module.files())) {
		const path = join(folder, name);
		writeFileSync(path, bytes);
		paths[name] = path;
	}
	return paths;
}

describe("modules of third parties", function () {
	this.timeout((LIMIT + 10) * 1_000);
	for (const module of thirdParty) {
		describe(`${module.name}, of ${module.package}`, () => {
			let files: Record<string, string>;
			before(() => {
				files = writeFiles(module);
			});
			for (const { board, options } of ways.filter((way) => !module.not?.includes(way.board))) {
				it(`gives the known answers on ${[board, ...options].join(" ")}`, async () => {
					const lines: string[] = [];
					const script = join(ROOT, "test/third-party/scripts", `${module.name}.js`);
					const { status, stderr, late } = await exec(script, {
						board,
						files,
						options,
						limit: LIMIT,
						onLine: (line) => lines.push(line),
					});
					assert.equal(stderr, "");
					assert.deepEqual(lines, module.expected);
					assert.equal(late, false, "too late");
					assert.equal(status, 0);
				});
			}
		});
	}
});
