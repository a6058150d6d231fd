import assert from "node:assert/strict";
import { join } from "node:path";
import { oneLine, waitXs, writeModule } from "../cli/support";
import { boardsToTest } from "../support/boards";
import { ROOT } from "../support/paths";
import { rawModule } from "./raw-module";

const program = join(ROOT, "test/iot/modules/program.wasm");
const tour = join(ROOT, "test/iot/modules/tour-c.wasm");
const engines = [...boardsToTest().map((board) => ["--board", board]), ["--engine", "node"]];

describe("run, with the device API and WASI", function () {
	this.timeout(110_000);

	for (const engine of engines) {
		it(`runs a program of the standard library alone (${engine.join(" ")})`, () => {
			const result = waitXs("run", program, ...engine, "--arg", "3", "--arg", "grün", "--env", "PLACE=at home");
			assert.equal(result.status, 3, result.stderr);
			assert.equal(
				result.stdout,
				"argument 1: 3\nargument 2: grün\nPLACE=at home\nslept\nno files: error\n0.3 done 99999\n",
			);
			assert.equal(result.stderr, "to standard error\n");
		});

		it(`keeps JSON apart from what the program prints (${engine.join(" ")})`, () => {
			const result = waitXs("run", program, ...engine, "--json");
			assert.equal(result.status, 0, result.stderr);
			const { run } = JSON.parse(result.stdout) as { run: { exit?: number; trap: null } };
			assert.equal(run.trap, null);
			assert.match(result.stderr, /PLACE=\(none\)/);
		});

		it(`gives nothing that is not granted (${engine.join(" ")})`, () => {
			const result = waitXs("run", tour, ...engine, "--invoke", "gpio_open", "2", "3");
			assert.equal(result.status, 0, result.stderr);
			assert.equal(result.stdout, "-2\n");
		});

		it(`traps at a range outside of memory (${engine.join(" ")})`, () => {
			const raw = writeModule("raw-iot.wasm", rawModule());
			const result = waitXs("run", raw, ...engine, "--invoke", "log", "65535", "2");
			oneLine(
				Object.assign(result, { stderr: result.stderr.split("\n")[0]! }),
				1,
				/trap: out of bounds memory access/,
			);
		});
	}

	it("says where such a trap happened", () => {
		const raw = writeModule("raw-iot.wasm", rawModule());
		const { run } = JSON.parse(waitXs("run", raw, "--json", "--invoke", "random", "-1", "1").stdout) as {
			run: { trap: { kind: string; functionName: string; byteOffset: number } };
		};
		assert.equal(run.trap.kind, "memory");
		assert.equal(run.trap.functionName, "random");
		assert.ok(run.trap.byteOffset > 0);
	});

	it("refuses grants that are wrong, with one line", () => {
		for (const [grant, expected] of [
			["gpoi:1", /no kind "gpoi": gpio, adc/],
			["gpio:", /nothing named/],
			["gpio:5-2", /range 5-2 ends before it begins/],
			["gpio:2:up", /"up" is neither "in" nor "out"/],
			["gpio:2 3", /"2 3" is no pin/],
			["i2c:0@x", /address "x" is no number/],
			["i2c:0@0x80", /an address has 7 bits/],
			["i2c:2", /i2c 2: the board has 0 \(default\), 1 \(second\)/],
			["gpio:60-64", /gpio 64: the board has pins 0 to 63/],
			["adc:lde", /the board has no pin "lde"/],
			["uart:0@1", /a port has nothing behind "@"/],
			["publish:a/#/b", /"#" stands alone, and last/],
			["publish:a+/b", /"\+" stands alone/],
			["storage:a/b", /no name of a storage area/],
			["sleep:1", /"sleep" stands alone/],
		] as const)
			oneLine(waitXs("run", tour, "--grant", grant), 3, expected);
		oneLine(
			waitXs("run", tour, "--grant", "storage:a", "--grant", "storage:b"),
			3,
			/one storage area, and "a" is granted already/,
		);
		oneLine(waitXs("run", tour, "--env", "=x"), 3, /NAME=VALUE/);
	});

	it("refuses functions that the API does not have", () => {
		const module = writeModule("no-such.wasm", Uint8Array.from([...rawModule()].map((byte) => byte)));
		assert.equal(waitXs("run", module, "--invoke", "wake_reason").status, 0);
		const text = Buffer.from(rawModule()).toString("latin1").replace("\x0bwake_reason", "\x0bwake_raison");
		const wrong = writeModule("wrong.wasm", Buffer.from(text, "latin1"));
		oneLine(waitXs("run", wrong, "--invoke", "confirm"), 2, /iot1\.wake_raison/);
	});
});
