import assert from "node:assert/strict";
import { join } from "node:path";
import type { Report } from "../../boards/simulated/world/scenario";
import { readScenario } from "../../src/cli/scenario/file";
import { runScenario } from "../../src/cli/scenario/run";
import { boardsToTest } from "../support/boards";
import { ROOT } from "../support/paths";

/** What a module said and sent, in its order, without the times: computing takes none in Node. */
function told(reports: readonly Report[]): string[] {
	return reports.flatMap((report) =>
		report.report === "publish"
			? [`${report.topic} ${report.payload}`]
			: report.report === "log"
				? [report.text]
				: [],
	);
}

describe("a module on the device and in the cloud", function () {
	this.timeout(110_000);

	for (const name of ["blink", "climate", "people-counter", "battery"]) {
		it(`does the same: ${name}`, async () => {
			const file = readScenario(join(ROOT, "test/scenarios", `${name}.yaml`));
			const cloud = await runScenario(file, { engine: "node" });
			assert.deepEqual(cloud.failures, []);
			assert.equal(cloud.problem, null);
			const wanted = told(cloud.reports);
			assert.ok(wanted.length > 0);
			for (const board of boardsToTest()) {
				for (const io of ["js", "c", "inline"] as const) {
					const device = await runScenario(file, { board, io });
					assert.deepEqual(device.failures, [], `${board} ${io}`);
					assert.deepEqual(told(device.reports), wanted, `${board} ${io}`);
				}
			}
		});
	}
});
