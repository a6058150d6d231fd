import assert from "node:assert/strict";
import { join } from "node:path";
import { waitXs, writeModule } from "../cli/support";
import { boardsToTest } from "../support/boards";
import { ROOT } from "../support/paths";
import { encodeModule, op } from "../support/wasm";

const pins = join(ROOT, "test/iot/modules/pins.wasm");

interface Report {
	run: { result: string[] | null; trap: { message: string } | null; accesses?: number };
}

function run(board: string, ...args: string[]): Report {
	const result = waitXs(
		"run",
		...args,
		"--board",
		board,
		"--grant",
		"gpio",
		"--grant",
		"adc",
		"--grant",
		"pwm",
		"--json",
	);
	assert.equal(result.status, 0, result.stderr);
	return JSON.parse(result.stdout) as Report;
}

/** A module that says in `module` what it imports, and the types that it says. */
function importer(module: string, name: string, parameter: "i32" | "i64"): Uint8Array {
	return encodeModule({
		types: [{ params: [parameter, parameter], results: ["i32"] }],
		imports: [{ module, name, kind: "func", type: 0 }],
		functions: [{ type: 0, export: "call", code: [op("local.get", 0), op("local.get", 1), op("call", 0)] }],
		memories: [{ minimum: 1 }],
	});
}

describe("direct access to pins", function () {
	this.timeout(110_000);

	for (const board of boardsToTest()) {
		for (const way of ["js", "c", "inline"]) {
			it(`does the same by ${way} on ${board}`, () => {
				const report = run(board, pins, "--io", way);
				assert.deepEqual(report.run.result, ["0"]);
				assert.equal((report.run.accesses ?? 0) > 0, way === "inline");
			});
		}
	}

	for (const board of boardsToTest())
		it(`knows the registers of more than one chip, on ${board}`, () => {
			assert.deepEqual(run(board, pins, "--io", "inline", "--chip", "esp32").run.result, ["0"]);
		});

	it("gives the same codes for handles that nobody gave", () => {
		for (const way of ["js", "c", "inline"])
			for (const handle of ["0", "-1", "32", "1023", "1024", "2147483647"]) {
				const got = run(
					"sim",
					writeModule("gpio-write.wasm", importer("iot1", "gpio_write", "i32")),
					"--io",
					way,
					"--invoke",
					"call",
					handle,
					"1",
				);
				assert.deepEqual(got.run.result, ["-14"], `${way} ${handle}`);
			}
	});

	it("takes a function of the API only by its type and its name", () => {
		const wrong = waitXs(
			"run",
			writeModule("wide.wasm", importer("iot1", "gpio_write", "i64")),
			"--invoke",
			"call",
			"1",
			"1",
		);
		assert.equal(wrong.status, 2, wrong.stdout);
		assert.match(
			wrong.stderr,
			/import "iot1" "gpio_write": expected function \(i64 i64\) -> \(i32\), got function \(i32 i32\) -> \(i32\)/,
		);
		const split = waitXs(
			"run",
			writeModule("split.wasm", importer("iot1g", "pio_write", "i32")),
			"--io",
			"inline",
			"--invoke",
			"call",
			"1",
			"1",
		);
		assert.equal(split.status, 2);
		assert.match(split.stderr, /iot1g\.pio_write/);
	});
});
