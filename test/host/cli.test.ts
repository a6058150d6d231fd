import assert from "node:assert/strict";
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../src/cli/project";
import { withFolder } from "./support";

function waitXs(...args: string[]): SpawnSyncReturns<string> {
	return spawnSync(process.execPath, [join(root, "bin/wait-xs.js"), ...args], { encoding: "utf8", cwd: root });
}

function oneLine(result: SpawnSyncReturns<string>, status: number, expected: RegExp): void {
	assert.equal(result.status, status, result.stderr);
	assert.equal(result.stderr.trimEnd().split("\n").length, 1, result.stderr);
	assert.match(result.stderr, expected);
}

describe("wait-xs", () => {
	it("lists the boards", () => {
		const text = waitXs("boards");
		assert.equal(text.status, 0);
		assert.match(text.stdout, /^sim {2}x64\n/);
		assert.match(text.stdout, /^lin-arm {2}thumb2/m);
		const boards = JSON.parse(waitXs("boards", "--json").stdout) as {
			name: string;
			built: boolean;
			limits: Record<string, number>;
		}[];
		assert.deepEqual(
			boards.slice(0, 1).map((board) => board.name),
			["sim"],
		);
		for (const board of boards) {
			assert.equal(board.built, true, board.name);
			for (const name of [
				"functions",
				"locals",
				"nesting",
				"bodySize",
				"tables",
				"memoryPages",
				"brTableTargets",
				"codeFlash",
				"wasmStack",
			])
				assert.ok((board.limits[name] ?? 0) > 0, `${board.name} ${name}`);
		}
	});

	it("runs a script with its imports, files and output", async () => {
		await withFolder((folder) => {
			writeFileSync(join(folder, "lib.js"), "export const twice = (x) => 2 * x;\n");
			writeFileSync(
				join(folder, "a.js"),
				`import { twice } from "./lib.js";\nconsole.log(twice(files.read("x").byteLength));\nconsole.error("err");\n`,
			);
			writeFileSync(join(folder, "x.bin"), "12345");
			const result = waitXs("exec", join(folder, "a.js"), "--file", `x=${join(folder, "x.bin")}`);
			assert.equal(result.stdout, "10\n");
			assert.equal(result.stderr, "err\n");
			assert.equal(result.status, 0);
			return Promise.resolve();
		});
	});

	it("has a status and one line for each kind of failure", async () => {
		await withFolder((folder) => {
			const script = (name: string, source: string): string => {
				writeFileSync(join(folder, name), source);
				return join(folder, name);
			};
			oneLine(waitXs("exec", script("throw.js", `throw new Error("x");`)), 1, /^Error: x$/m);
			oneLine(waitXs("exec", script("syntax.js", "let a = 1;\nlet b = ;\n")), 2, /syntax\.js:2: /);
			oneLine(waitXs("exec", script("import.js", `import "./none.js";`)), 2, /none\.js/);
			oneLine(waitXs("exec", join(folder, "none.js")), 3, /none\.js: no such file/);
			oneLine(
				waitXs("exec", script("ok.js", ""), "--limit", "functons=3"),
				3,
				/board sim has no limit "functons"; did you mean "functions"\?/,
			);
			oneLine(
				waitXs("exec", script("ok.js", ""), "--board", "none"),
				3,
				/no board "none"; there are sim, lin-arm/,
			);
			oneLine(waitXs("exec", script("ok.js", ""), "--file", "x"), 3, /NAME=PATH/);
			oneLine(waitXs("exec", script("ok.js", ""), "--files", join(folder, "none")), 3, /no folder/);
			oneLine(waitXs("exec", script("ok.js", ""), "--timeout", "soon"), 3, /not a positive number/);
			oneLine(waitXs("exec"), 3, /missing required argument/);
			oneLine(waitXs("exec", script("ok.js", ""), "--nothing"), 3, /unknown option/);
			oneLine(waitXs("nothing"), 3, /unknown command/);
			oneLine(waitXs("exec", script("loop.js", "for (;;);"), "--timeout", "1"), 4, /timed out after 1 s/);
			oneLine(
				waitXs("exec", script("heap.js", "const a = []; for (;;) a.push({});")),
				4,
				/^out of memory: JavaScript slots$/m,
			);
			return Promise.resolve();
		});
	}).timeout(120_000);
});

describe("tools/setup.mjs", () => {
	const setup = join(root, "tools/setup.mjs");

	it("names the packages to install in one line", async () => {
		await withFolder((folder) => {
			// Everything but the compilers: apt-get and root are no help when only a check is asked for.
			mkdirSync(join(folder, "bin"));
			symlinkSync(process.execPath, join(folder, "bin/node"));
			const result = spawnSync(process.execPath, [setup, "--check"], {
				encoding: "utf8",
				env: { PATH: join(folder, "bin") },
			});
			assert.equal(result.status, 1);
			assert.equal(
				result.stderr,
				"install these packages: gcc libc6-dev make gcc-arm-linux-gnueabihf libc6-dev-armhf-cross qemu-user\n",
			);
			return Promise.resolve();
		});
	});

	it("is content with this machine", () => {
		assert.equal(spawnSync(process.execPath, [setup, "--check"], { encoding: "utf8" }).status, 0);
	});

	it("refuses an old Node", async () => {
		const { nodeProblem } = (await import(setup)) as { nodeProblem: (version: string) => string | null };
		assert.equal(nodeProblem("20.19.0"), null);
		assert.equal(nodeProblem("24.1.0"), null);
		assert.match(nodeProblem("20.18.1") ?? "", /needs Node 20\.19 or newer, this is 20\.18\.1/);
		assert.match(nodeProblem("18.20.0") ?? "", /needs Node/);
	});
});
