import assert from "node:assert/strict";
import { boardsToTest } from "../support/boards";
import { encodeModule, op } from "../support/wasm";
import { oneLine, valuesModule, waitXs, writeModule } from "./support";

describe("wait-xs inspect", function () {
	this.timeout(110_000);

	for (const board of boardsToTest()) {
		it(`shows what is in a module and what it becomes on ${board}`, () => {
			const { status, stdout, stderr } = waitXs("inspect", valuesModule(), "--board", board);
			assert.equal(stderr, "");
			assert.equal(status, 0);
			assert.match(stdout, /values\.wasm: \d+ bytes, \d+ of code; on .* \d+ bytes: \d+ machine code/);
			assert.match(stdout, /^compiling takes [1-9]\d{3,5} bytes of RAM at most, which it gives back$/m);
			assert.match(stdout, /^memory: 3 accesses, 1 checked, 2 proved \(P1 2\)$/m);
			for (const title of [
				"sections",
				"types",
				"exports",
				"memory",
				"globals",
				"functions, in bytes",
				`limits of ${board}`,
			])
				assert.ok(stdout.includes(`\n${title}\n`), title);
			assert.match(stdout, /^ {4}function +add +#0 +\(i32 i32\) -> i32$/m);
			assert.match(stdout, /^ {4}global +counter +#0 +mutable i64$/m);
			assert.match(stdout, /^ {4}1\.\.2 pages$/m);
			assert.match(stdout, /^ {4}#0 add +\(i32 i32\) -> i32 +7 +[1-9]\d* +[1-9]\d* +0 +0$/m);
			assert.match(stdout, /^ {4}functions +\d+ +13$/m);
		});
	}

	it("shows why each check of a function stayed or went", () => {
		const stores = waitXs("inspect", valuesModule(), "--function", "12").stdout;
		assert.match(stores, /^#12 stores \(\) -> \(\) at 0x[\da-f]+: \d+ bytes, \d+ of machine code/);
		assert.match(stores, /^ {4}0x[\da-f]+ {2}store {2}4 {2}\+8 {2}no check, P1: /m);
		assert.match(stores, /^ {4}0x[\da-f]+ {2}load +1 {2}\+0 {2}no check, P1: /m);
		assert.match(waitXs("inspect", valuesModule(), "--function", "load").stdout, /load {2}4 {2}\+4 {2}checked: /);
	});

	it("names functions by the name section, and imports by theirs", () => {
		const path = writeModule(
			"named.wasm",
			encodeModule({
				types: [{ params: [], results: [] }],
				imports: [{ module: "env", name: "tick", kind: "func", type: 0 }],
				functions: [
					{ type: 0, export: "exported", code: [op("call", 0)] },
					{ type: 0, code: [] },
				],
				custom: [{ name: "name", bytes: [1, 8, 1, 2, 5, 0x69, 0x6e, 0x6e, 0x65, 0x72] }],
			}),
		);
		const { stdout } = waitXs("inspect", path);
		assert.match(stdout, /^ {4}function +env\.tick {2}\(\) -> \(\)$/m);
		assert.match(stdout, /^ {4}#1 exported /m);
		assert.match(stdout, /^ {4}#2 inner /m);
		assert.match(stdout, /^ {4}custom name /m);
		assert.match(waitXs("inspect", path, "--function", "0").stdout, /#0 env\.tick \(\) -> \(\): imported/);
	});

	it("does not fall over a name section that is wrong", () => {
		const custom = [[1, 200, 1], [1, 5, 255, 255, 255, 255, 15], [1, 3, 1, 77, 200], [9], []];
		for (const bytes of custom)
			assert.equal(
				waitXs("inspect", writeModule("names.wasm", encodeModule({ custom: [{ name: "name", bytes }] })))
					.status,
				0,
			);
	});

	for (const board of ["sim", "lin-arm"]) {
		it(`shows a loop that comes twice, on ${board}`, () => {
			const path = writeModule(
				"twice.wasm",
				encodeModule({
					types: [{ params: ["i32", "i32"], results: [] }],
					memories: [{ minimum: 1 }],
					functions: [
						{
							type: 0,
							export: "clear",
							code: [
								op("loop", [0x40]),
								op("local.get", 0),
								op("i32.const", 0),
								op("i32.store", 0, 2),
								op("local.get", 0),
								op("i32.const", 4),
								op("i32.add"),
								op("local.tee", 0),
								op("local.get", 1),
								op("i32.ne"),
								op("br_if", 0),
								op("end"),
							],
						},
					],
				}),
			);
			const { stdout, status } = waitXs(
				"inspect",
				path,
				"--board",
				board,
				"--function",
				"clear",
				"--disassemble",
			);
			assert.equal(status, 0);
			assert.match(
				stdout,
				/memory: 1 access, 0 checked, 1 proved \(P6 1\)\n +\S+ +store +4 +\+0 +no check, P6: /,
			);
			assert.equal(stdout.match(/no check, P6: /g)?.length, 1);
			const code = stdout.slice(stdout.indexOf("\nentry "));
			assert.deepEqual(
				code
					.match(/^0x\w+ +(loop|i32\.store|br_if 0) *\d*|; no check: P6|; checked/gm)
					?.map((text) => text.replace(/^0x\w+ +|\s+\d+$/g, "").trim()),
				["loop", "i32.store", "; no check: P6", "br_if 0", "loop", "i32.store", "; checked", "br_if 0"],
			);
		});

		it(`shows machine code beside the instructions it came of, on ${board}`, () => {
			const path = writeModule(
				"loop.wasm",
				encodeModule({
					types: [{ params: ["i32"], results: ["i32"] }],
					memories: [{ minimum: 1 }],
					functions: [
						{
							type: 0,
							export: "sum",
							locals: ["i32"],
							code: [
								op("loop", [0x40]),
								op("local.get", 1),
								op("local.get", 0),
								op("i32.load", 4, 2),
								op("i32.const", 0),
								op("i32.load", 8, 2),
								op("i32.add"),
								op("i32.add"),
								op("local.set", 1),
								op("local.get", 0),
								op("i32.const", 200),
								op("i32.sub"),
								op("local.tee", 0),
								op("br_if", 0),
								op("end"),
								op("local.get", 1),
							],
						},
					],
				}),
			);
			const plain = waitXs("inspect", path, "--board", board, "--function", "sum").stdout;
			const { stdout, status } = waitXs("inspect", path, "--board", board, "--function", "sum", "--disassemble");
			assert.equal(status, 0);
			assert.ok(stdout.startsWith(plain), "recording changes nothing of what is made");
			const lines = stdout.slice(plain.length).split("\n");
			const at = (text: RegExp): number => {
				const found = lines.findIndex((line) => text.test(line));
				assert.ok(found >= 0, `${text} in\n${stdout}`);
				return found;
			};
			assert.match(lines.join("\n"), /; locals in registers: .*0 r/);
			const checked = at(/i32\.load offset=4 +\d+ +; checked: the address has no bound/);
			const proved = at(/i32\.load offset=8 +(\d+ +)?; no check: P1: /);
			assert.match(lines.slice(checked + 1, proved).join("\n"), board === "sim" ? /r13/ : /\bfp\b/);
			assert.ok(checked < proved && proved < at(/br_if 0/));
			// The branch goes back to the first code of the loop.
			const target = /0x([\da-f]+)$/.exec(
				lines.slice(at(/br_if 0/)).find((line) => / (?:jne|bne)\S* /.test(line)) ?? "",
			)?.[1];
			const loop = at(/^0x[\da-f]+ +loop/);
			const first = lines.slice(loop + 1).find((line) => /^.{50} *[\da-f]+ {2}[a-z]/.test(line));
			assert.ok(target && first?.slice(50).trimStart().startsWith(`${target} `), stdout);
		});
	}

	it("has one line for each kind of failure", () => {
		oneLine(waitXs("inspect", "none.wasm"), 3, /no such file/);
		oneLine(waitXs("inspect", valuesModule(), "--function", "99"), 3, /no function 99; there are 13/);
		oneLine(
			waitXs("inspect", valuesModule(), "--function", "devide"),
			3,
			/no function devide; did you mean "divide"\?/,
		);
		oneLine(
			waitXs("inspect", writeModule("bad.wasm", Uint8Array.of(0, 0x61, 0x73, 0x6d, 9, 0, 0, 0))),
			2,
			/bad\.wasm: refused: unknown binary version/,
		);
	});
});
