import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { boardsToTest } from "../support/boards";
import { outputFolder } from "../support/paths";
import { encodeModule, op, type Bytes } from "../support/wasm";
import { oneLine, valuesModule, waitXs, writeModule } from "./support";

interface Report {
	board: string;
	isa: string;
	module: Record<string, number>;
	native: Record<string, number>;
	compile: { ms: number; instructions: number | null; peakRam: number };
	run: {
		result: (string | number)[] | null;
		trap: {
			kind: string;
			message: string;
			functionName: string;
			functionIndex: number;
			byteOffset: number;
			wasmStack: string[];
		} | null;
		ms: number;
		instructions: number | null;
	};
	ram: Record<"jsSlots" | "jsChunks" | "native" | "linear" | "stack" | "total", number>;
	checks: Record<"total" | "proved" | "emitted", number>;
	flash: Record<"bytesWritten" | "pagesErased", number>;
}

function invoke(...args: string[]): string {
	const result = waitXs("run", valuesModule(), "--invoke", ...args);
	assert.equal(result.stderr, "");
	assert.equal(result.status, 0);
	return result.stdout.trimEnd();
}

function report(...args: string[]): Report {
	return JSON.parse(waitXs("run", valuesModule(), "--json", "--invoke", ...args).stdout) as Report;
}

describe("wait-xs run", function () {
	this.timeout(110_000);

	it("calls an export, with arguments of every type", () => {
		assert.equal(invoke("add", "2", "3"), "5");
		assert.equal(invoke("add", "-2", "0xffffffff"), "-3");
		assert.equal(invoke("add", "4294967295", "+0x7FFFFFFF"), "2147483646");
		assert.equal(invoke("long", "9007199254740993"), "9007199254740993");
		assert.equal(invoke("long", "-9223372036854775808"), "-9223372036854775808");
		assert.equal(invoke("long", "18446744073709551615"), "-1");
		assert.equal(invoke("float", "0.1"), "0.10000000149011612");
		assert.equal(invoke("float", "-inf"), "-inf");
		assert.equal(invoke("double", "1e-7"), "1e-7");
		assert.equal(invoke("double", "nan"), "nan");
		assert.equal(invoke("double", "-0"), "-0");
		assert.equal(invoke("double", "infinity"), "inf");
		assert.equal(invoke("several", "4294967295"), "-1\n-9007199254740993\n-0.5");
		assert.equal(invoke("nothing"), "");
		assert.equal(invoke("reference", "null"), "null");
	});

	it("says of a trap the same, whichever engine", () => {
		const bodies: [string, Bytes][] = [
			["unreachable", [op("unreachable")]],
			["divide", [op("i32.const", 1), op("i32.const", 0), op("i32.div_s"), op("drop")]],
			["remainder", [op("i32.const", 1), op("i32.const", 0), op("i32.rem_u"), op("drop")]],
			["overflow", [op("i32.const", -0x8000_0000), op("i32.const", -1), op("i32.div_s"), op("drop")]],
			["memory", [op("i32.const", -1), op("i32.load"), op("drop")]],
			["table", [op("i32.const", 9), op("table.get", 0), op("drop")]],
			["element", [op("i32.const", 9), op("call_indirect", 0, 0)]],
			["nan", [op("f32.const", { bits: 0x7fc0_0000 }), op("i32.trunc_f32_s"), op("drop")]],
			["recursion", [op("call", 8)]],
		];
		const module = writeModule(
			"traps.wasm",
			encodeModule({
				types: [{ params: [], results: [] }],
				functions: bodies.map(([name, code]) => ({ type: 0, export: name, code })),
				tables: [{ type: "funcref", minimum: 1 }],
				memories: [{ minimum: 1 }],
			}),
		);
		for (const [name] of bodies) {
			const [board, node] = ["board", "node"].map((engine) =>
				waitXs("run", module, "--engine", engine, "--invoke", name),
			);
			const line = ({ stderr }: { stderr: string }): string =>
				stderr.split("\n")[0]!.replace(name === "recursion" ? / @\+\d+/ : "", "");
			assert.match(line(board!), /: trap: .+ \([a-z-]+\) in /);
			assert.equal(line(node!), line(board!), name);
			assert.equal(node!.status, 1);
		}
	});

	it("ends an endless call in Node's engine, too", () => {
		const module = writeModule(
			"endless.wasm",
			encodeModule({
				types: [{ params: [], results: [] }],
				functions: [{ type: 0, export: "run", code: [op("loop", [0x40]), op("br", 0), op("end")] }],
			}),
		);
		const result = waitXs("run", module, "--engine", "node", "--timeout", "0.5");
		oneLine(result, 1, /endless\.wasm: trap: interrupted \(interrupted\)/);
		const json = waitXs("run", module, "--engine", "node", "--timeout", "0.5", "--json");
		assert.equal((JSON.parse(json.stdout) as Report).run.trap?.kind, "interrupted");
		assert.equal(
			waitXs("run", valuesModule(), "--engine", "node", "--timeout", "5", "--invoke", "add", "2", "3").stdout,
			"5\n",
		);
	});

	it("gives results in JSON: integers as strings, floating point as numbers", () => {
		assert.deepEqual(report("several", "1").run.result, ["1", "-9007199254740993", -0.5]);
		assert.deepEqual(report("nothing").run.result, []);
		assert.deepEqual(report("double", "-inf").run.result, ["-inf"]);
		assert.deepEqual(report("float", "nan").run.result, ["nan"]);
		assert.ok(Object.is(report("double", "-0").run.result?.[0], -0));
	});

	for (const board of boardsToTest()) {
		it(`reports everything as one JSON object on ${board}`, () => {
			const result = waitXs(
				"run",
				valuesModule(),
				"--board",
				board,
				"--json",
				"--count",
				"--invoke",
				"add",
				"1",
				"2",
			);
			assert.equal(result.stderr, "");
			const json = JSON.parse(result.stdout) as Report;
			assert.deepEqual(Object.keys(json), [
				"board",
				"isa",
				"module",
				"native",
				"compile",
				"run",
				"ram",
				"checks",
				"flash",
			]);
			assert.equal(json.board, board);
			assert.deepEqual(Object.keys(json.module), ["bytes", "codeBytes"]);
			for (const name of ["ms", "instructions", "peakRam"]) assert.ok(name in json.compile, name);
			for (const name of ["result", "trap", "ms", "instructions"]) assert.ok(name in json.run, name);
			assert.deepEqual(Object.keys(json.ram), ["jsSlots", "jsChunks", "native", "linear", "stack", "total"]);
			const { total, ...others } = json.ram;
			assert.equal(
				total,
				Object.values(others).reduce((sum, bytes) => sum + bytes),
			);
			assert.equal(json.ram.linear, 65536);
			assert.ok(json.native["bytes"]! > 500 && json.compile.peakRam > 50_000);
			assert.deepEqual(json.checks, { total: 3, proved: 2, emitted: 1 });
			assert.ok(
				json.flash.bytesWritten > 0 &&
					json.flash.bytesWritten <= json.native["bytes"]! &&
					json.flash.pagesErased > 0,
			);
			assert.equal(json.run.trap, null);
			if (board === "sim") assert.equal(json.run.instructions, null);
			else assert.ok(json.run.instructions! > 100 && json.compile.instructions! > json.run.instructions!);
		});
	}

	it("keeps every check in the audit build", () => {
		const { checks } = JSON.parse(
			waitXs("run", valuesModule(), "--audit", "--json", "--invoke", "stores").stdout,
		) as Report;
		assert.deepEqual(checks, { total: 3, proved: 2, emitted: 3 });
	});

	it("trims memory to what the module needs", () => {
		const path = writeModule(
			"trim.wasm",
			encodeModule({
				types: [{ params: [], results: ["i32"] }],
				functions: [{ type: 0, export: "run", code: [op("i32.const", 1000), op("i32.load")] }],
				memories: [{ minimum: 2 }],
				globals: [{ type: "i32", mutable: false, init: op("i32.const", 2048) }],
				exports: [{ name: "__heap_base", kind: "global", index: 0 }],
			}),
		);
		const linear = (...args: string[]): number =>
			(JSON.parse(waitXs("run", path, "--json", ...args).stdout) as Report).ram.linear;
		assert.equal(linear(), 131_072);
		assert.equal(linear("--trim"), 2_048);
	});

	it("says of a trap what it is, where, and who called", () => {
		const result = waitXs("run", valuesModule(), "--invoke", "divides", "0");
		assert.equal(result.status, 1);
		assert.equal(result.stdout, "");
		assert.match(
			result.stderr,
			/^wait-xs: .*values\.wasm: trap: integer divide by zero \(divide-by-zero\) in divide @\+\d+\n {4}at divide .*\n {4}at divides .*\n$/,
		);
		const { run } = report("divides", "0");
		assert.equal(run.result, null);
		assert.equal(run.trap?.kind, "divide-by-zero");
		assert.equal(run.trap.functionName, "divide");
		assert.equal(run.trap.functionIndex, 7);
		assert.equal(run.trap.wasmStack.length, 2);
	});

	it("survives every kind of trap", () => {
		const kinds: Record<string, string[]> = {
			"integer divide by zero": ["divide", "1", "0"],
			"integer overflow": ["divide", "-2147483648", "-1"],
			"call stack exhausted": ["deep", "0"],
			"out of bounds memory access": ["load", "65529"],
		};
		for (const [message, call] of Object.entries(kinds)) {
			const result = waitXs("run", valuesModule(), "--invoke", ...call);
			assert.equal(result.status, 1, message);
			assert.ok(result.stderr.includes(`trap: ${message}`), result.stderr);
		}
	});

	for (const board of boardsToTest()) {
		it(`ends an endless loop after --timeout on ${board}`, () => {
			const result = waitXs("run", valuesModule(), "--board", board, "--timeout", "0.5", "--invoke", "endless");
			assert.equal(result.status, 1, result.stderr);
			assert.match(result.stderr, /trap: .*interrupted/);
		});
	}

	it("calls _start, main or run without --invoke, else lists the exports", () => {
		const main = writeModule(
			"main.wasm",
			encodeModule({
				types: [{ params: [], results: ["i32"] }],
				functions: [{ type: 0, export: "main", code: [op("i32.const", 42)] }],
			}),
		);
		assert.equal(waitXs("run", main).stdout, "42\n");
		const none = waitXs("run", valuesModule());
		assert.equal(none.status, 0);
		assert.match(
			none.stdout,
			/exports:\n {4}memory memory\n {4}global counter\n {4}function add \(i32 i32\) -> i32\n/,
		);
	});

	it("refuses bad arguments with one line", () => {
		const values = valuesModule();
		oneLine(
			waitXs("run", values, "--invoke", "ad", "1", "2"),
			3,
			/no exported function "ad"; did you mean "add"\?/,
		);
		oneLine(
			waitXs("run", values, "--invoke", "zzzzzzz"),
			3,
			/no exported function "zzzzzzz"; there are add, .* more$/m,
		);
		oneLine(waitXs("run", values, "--invoke", "memory"), 3, /export "memory" is a memory, not a function/);
		oneLine(waitXs("run", values, "--invoke", "add", "1"), 3, /add takes 2 \(i32 i32\), 1 given/);
		oneLine(
			waitXs("run", values, "--invoke", "nothing", ...Array.from({ length: 3_000 }, String)),
			3,
			/nothing takes no arguments, 3000 given/,
		);
		oneLine(
			waitXs("run", values, "--invoke", "add", "1", "4294967296"),
			3,
			/argument 2 of add: "4294967296" is no i32/,
		);
		oneLine(waitXs("run", values, "--invoke", "add", "1", "-2147483649"), 3, /is no i32/);
		oneLine(waitXs("run", values, "--invoke", "add", "1.5", "2"), 3, /argument 1 of add: "1\.5" is no i32/);
		oneLine(waitXs("run", values, "--invoke", "add", "", "2"), 3, /"" is no i32/);
		oneLine(waitXs("run", values, "--invoke", "long", "18446744073709551616"), 3, /is no i64/);
		oneLine(waitXs("run", values, "--invoke", "double", "1e999"), 3, /is no f64/);
		oneLine(waitXs("run", values, "--invoke", "double", "x".repeat(10_000)), 3, /"x{40}\.\.\." is no f64/);
		oneLine(waitXs("run", values, "--invoke", "reference", "1"), 3, /is no externref/);
		oneLine(waitXs("run", values, "--invoke"), 3, /--invoke needs the name of an export/);
		oneLine(waitXs("run", values, "--board", "smi"), 3, /no board "smi".*sim/);
		oneLine(waitXs("run", values, "--jsno"), 3, /unknown option '--jsno'.*--json/);
		oneLine(waitXs("run", values, "--timeout", "soon"), 3, /not a positive number/);
		oneLine(waitXs("run"), 3, /missing required argument/);
		oneLine(waitXs("run", values, "another.wasm"), 3, /too many arguments/);
	});

	it("refuses clumsy input with one line", () => {
		const folder = outputFolder("cli");
		oneLine(waitXs("run", join(folder, "none.wasm")), 3, /none\.wasm: no such file/);
		oneLine(waitXs("run", folder), 3, /a directory, not a module/);
		oneLine(waitXs("run", "/dev/null"), 3, /not a file/);
		const text = join(folder, "text.wasm");
		writeFileSync(text, "(module)\n");
		oneLine(waitXs("run", text), 2, /text\.wasm: refused: magic header not detected.* @\+0/);
		writeFileSync(text, "");
		oneLine(waitXs("run", text), 2, /refused: unexpected end.* @\+0/);
		const module = encodeModule({
			types: [{ params: [], results: ["i32"] }],
			functions: [{ type: 0, code: [op("i32.const", 1)] }],
		});
		for (let length = 1; length < module.length; length += 5)
			oneLine(
				waitXs("run", writeModule("cut.wasm", module.subarray(0, length))),
				2,
				/cut\.wasm: refused: .* @\+\d+/,
			);
	});

	it("says where and why a module is not valid", () => {
		const path = writeModule(
			"invalid.wasm",
			encodeModule({
				types: [{ params: [], results: ["i32"] }],
				functions: [{ type: 0, code: [op("i64.const", 1)] }],
			}),
		);
		oneLine(
			waitXs("run", path),
			2,
			/invalid\.wasm: refused: type mismatch: expected i32, found i64.* @\+\d+ \(function #0\)/,
		);
	});

	it("refuses a module whose imports are missing, with their types", () => {
		const path = writeModule(
			"imports.wasm",
			encodeModule({
				types: [{ params: ["i32", "i64"], results: ["f32"] }],
				imports: [
					{ module: "env", name: "log", kind: "func", type: 0 },
					{ module: "env", name: "memory", kind: "memory", minimum: 1, maximum: 2 },
					{ module: "env", name: "table", kind: "table", type: "funcref", minimum: 3 },
					{ module: "env", name: "base", kind: "global", type: "i32", mutable: true },
					{ module: "other", name: "f", kind: "func", type: 0 },
				],
			}),
		);
		oneLine(
			waitXs("run", path),
			2,
			/env\.log \(function \(i32 i64\) -> f32\), env\.memory \(memory 1\.\.2 pages\), env\.table \(table 3 funcref\), env\.base \(global mutable i32\) and 1 more/,
		);
	});

	it("refuses a module that a board is too small for", () => {
		const path = writeModule("large.wasm", encodeModule({ memories: [{ minimum: 60_000 }] }));
		oneLine(waitXs("run", path), 2, /large\.wasm: refused: .*larger than this board allows/);
	});
});
