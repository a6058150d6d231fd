/* Text of modules does not reach a terminal, a log, a file of results or a page but as text. */

import assert from "node:assert/strict";
import { htmlText, jsonText, oneLine, severalLines, vcdWord, xmlText } from "../../src/cli/printable";
import { boardsToTest } from "../support/boards";
import { encodeModule, op, text, u, type Bytes, type ModuleParts } from "../support/wasm";
import { waitXs, writeModule } from "./support";

const hostile = '\x1b[31mred\x07\nforged\r\x9b\u2028\u202e\0 <b>&"]]>\x7f\ud800';
// eslint-disable-next-line no-control-regex
const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/u;

describe("text of others", () => {
	it("is one line where it is a name", () =>
		assert.equal(oneLine("a\x1b[31m\n\u202e\x9b"), "a\\x1b[31m\\n\\u202e\\x9b"));
	it("stays as it is where it is harmless", () => {
		const harmless = "grün 温度 😀 a-b_c.d$e";
		for (const safe of [oneLine, severalLines, htmlText, xmlText]) assert.equal(safe(harmless), harmless);
		assert.equal(severalLines("a\tb\nc"), "a\tb\nc");
	});
	for (const safe of [severalLines, htmlText, xmlText])
		it(`has nothing that a terminal obeys, by ${safe.name}`, () => assert.doesNotMatch(safe(hostile), unsafe));
	it("has no markup in a page or in XML", () => {
		for (const safe of [htmlText, xmlText]) assert.doesNotMatch(safe(hostile), /[<>"]|&(?!\w+;|#\d+;)/);
	});
	it("is itself again in JSON, which cannot end a script", () => {
		const json = jsonText({ text: hostile });
		assert.doesNotMatch(json, unsafe);
		assert.doesNotMatch(json, /[<\n]/);
		assert.deepEqual(JSON.parse(json), { text: hostile });
	});
	it("is a word in a value change dump", () => {
		assert.match(vcdWord(hostile), /^[!-~]+$/);
		assert.doesNotMatch(vcdWord("$end $var"), /[$ ]/);
		assert.equal(vcdWord(""), "_");
	});
});

const printed = (output: string): void => assert.doesNotMatch(output, unsafe, JSON.stringify(output.slice(0, 500)));

function trapping(name: number[], exported: string): Uint8Array {
	const names: Bytes = [1, u(0), u(name.length), name];
	const bytes = [1, ...u((names.flat(9) as number[]).length), ...(names.flat(9) as number[])];
	const parts: ModuleParts = {
		types: [{ params: [], results: [] }],
		functions: [{ type: 0, code: op("unreachable"), export: exported }],
		custom: [{ name: "name", bytes }],
	};
	return encodeModule(parts);
}

const names: readonly (readonly [bytes: number[], shown: string])[] = [
	[[0xf0], "\ufffd"],
	[[0x61, 0xf4], "a\ufffd"],
	[[0xe2, 0x82], "\ufffd\ufffd"],
	[[0xed, 0xa0, 0x80], "\ufffd\ufffd\ufffd"],
	[[0xc0, 0x80], "\ufffd\ufffd"],
	[[0x61, 0, 0x62], "a\ufffdb"],
	[[0x1b, 0x5b, 0x33, 0x31, 0x6d], "\ufffd[31m"],
	[[0x0a, 0x78], "\ufffdx"],
	[[0xc2, 0x9b], "\ufffd"],
	[[0xe2, 0x80, 0xae], "\ufffd"],
	[Array.from({ length: 200 }, () => 0xff), "\ufffd".repeat(42)],
	[text("grün").slice(1), "grün"],
];

for (const board of boardsToTest())
	describe(`names and logs of modules, on ${board}`, function () {
		this.timeout(110_000);
		for (const [bytes, shown] of names)
			it(`a function's name of the bytes ${bytes.slice(0, 5).join(" ")} is ${JSON.stringify(shown.slice(0, 8))}`, () => {
				const path = writeModule("name.wasm", trapping(bytes, "run"));
				const result = waitXs("run", path, "--board", board, "--json");
				printed(result.stderr);
				printed(result.stdout);
				const { run } = JSON.parse(result.stdout) as {
					run: { trap: { functionName: string; wasmStack: string[] } };
				};
				assert.equal(run.trap.functionName, shown);
				assert.equal(run.trap.wasmStack.length, 1);
			});

		it("names of exports and imports are shown as text by all commands", () => {
			const name = "\x1b[31mevil\nforged\u202e";
			const exporter = writeModule("evil-export.wasm", trapping([0x61], name));
			const importer = writeModule(
				"evil-import.wasm",
				encodeModule({
					types: [{ params: [], results: [] }],
					imports: [{ module: name, name, kind: "func", type: 0 }],
					functions: [{ type: 0, code: [], export: "run" }],
				}),
			);
			const outputs = [
				waitXs("run", exporter, "--board", board),
				waitXs("run", exporter, "--board", board, "--invoke", "other"),
				waitXs("run", exporter, "--board", board, "--invoke", name),
				waitXs("run", importer, "--board", board),
				waitXs("inspect", exporter, "--board", board),
				waitXs("inspect", importer, "--board", board),
			];
			for (const { stdout, stderr } of outputs) {
				printed(stdout);
				printed(stderr);
				assert.doesNotMatch(stdout + stderr, /^forged/m);
			}
		});

		it("one message is one line of the log", () => {
			const message = "evil\n\x1b[31mforged\x1b[0m\0\u2028end";
			const bytes = text(message).slice(1);
			const path = writeModule(
				"evil-log.wasm",
				encodeModule({
					types: [
						{ params: ["i32", "i32"], results: ["i32"] },
						{ params: [], results: [] },
					],
					imports: [{ module: "iot1", name: "log", kind: "func", type: 0 }],
					functions: [
						{
							type: 1,
							export: "run",
							code: [op("i32.const", 0), op("i32.const", bytes.length), op("call", 0), op("drop")],
						},
					],
					memories: [{ minimum: 1 }],
					exports: [{ name: "memory", kind: "memory", index: 0 }],
					data: [{ mode: "active", bytes }],
				}),
			);
			const result = waitXs("run", path, "--board", board);
			assert.equal(result.stdout, "evil\\n\\x1b[31mforged\\x1b[0m\\x00\\u2028end\n", result.stderr);
		});
	});
