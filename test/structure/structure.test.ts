/*
 * The structure of the repository: folders that know each other in one direction, names, sizes, and docs that name what
 * exists. Each check is run on the sources as they are, and on sources with one thing wrong, which it has to find.
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/paths";
import { checkDoc } from "./docs";
import { checkCases } from "./names";
import { checkColumns, checkLengths } from "./sizes";
import { filesOf, readTree, withFiles, type Finding } from "./tree";
import { checkCircles, checkImports, checkIncludes, checkNames } from "./walls";

const tree = readTree();
const generated = readdirSync(join(ROOT, "build/gen"));

function shown(findings: readonly Finding[]): string[] {
	return findings.map(({ path, line, text }) => `${path}:${line}: ${text}`);
}

/** What does not hold so far, by path and text. One that holds by now must go from this list. */
const OPEN: readonly RegExp[] = [
	/^native\/abi\/convention\.h:\d+: \.\.\/isa\/assembler\.h: abi -> isa runs back/,
	/^test\/native\/run-test\.c:\d+: \d+ lines/,
];
const seen = new Set<RegExp>();

function assertNone(findings: readonly Finding[]): void {
	const closed = shown(findings).filter((text) => {
		const open = OPEN.find((pattern) => pattern.test(text));
		if (open) seen.add(open);
		return !open;
	});
	assert.equal(closed.length, 0, `\n${closed.join("\n")}`);
}

/** What a check finds in the tree with `files` wrong, and not in the tree as it is. */
function added(check: (files: typeof tree) => Finding[], files: Record<string, string>): string[] {
	const before = new Set(shown(check(tree)));
	return shown(check(withFiles(tree, files))).filter((text) => !before.has(text));
}

describe("structure", () => {
	describe("of native", () => {
		const check = (files: typeof tree): Finding[] => checkIncludes(files, generated);
		const cases: [string, string, string, RegExp][] = [
			["abi -> emit", "native/abi/wrong.h", "../emit/generator.h", /wrong.h:2: .*abi -> emit runs back/],
			["emit -> run", "native/emit/wrong.h", "../run/runtime.h", /wrong.h:2: .*emit -> run, which do not know/],
			["run -> emit", "native/run/wrong.h", "../emit/generator.h", /wrong.h:2: .*run -> emit, which do not know/],
			["io -> emit", "native/io/wrong.h", "../emit/generator.h", /wrong.h:2: .*io -> emit, which do not know/],
			["run -> io", "native/run/wrong.h", "../io/io.h", /wrong.h:2: .*run -> io runs back/],
			["xs -> port", "native/xs/wrong.h", "../port/linux/board.h", /wrong.h:2: .*xs -> port\/linux runs back/],
			["isa -> an ISA", "native/isa/wrong.h", "x64/isa.h", /wrong.h:2: .*isa -> isa\/x64 runs back/],
			["an ISA -> another", "native/isa/x64/wrong.h", "../thumb2/isa.h", /wrong.h:2: .*isa\/x64 -> isa\/thumb2/],
			["native -> test", "native/run/wrong.h", "../../test/native/assembler-x64.h", /nothing outside itself/],
			["run -> the engine", "native/run/wrong.h", "xs.h", /wrong.h:2: xs.h: only .* know the engine/],
			["a header by its name", "native/run/wrong.h", "alloc.h", /wrong.h:2: "alloc.h" is no path/],
		];
		it("includes in one direction", () => assertNone(check(tree)));
		for (const [name, path, header, expected] of cases)
			it(`notices ${name}`, () => {
				const found = added(check, { [path]: `/* wrong */\n#include "${header}"\n` });
				assert.equal(found.length, 1, found.join("\n"));
				assert.match(found[0]!, expected);
			});
		it("notices a folder without a place", () => {
			assert.deepEqual(added(check, { "native/more/a.c": "" }), [
				"native/more/a.c:1: no place in the order of native",
			]);
		});
		it("has no two files of one name in a program", () => assertNone(checkNames(tree)));
		it("notices two files of one name", () => {
			assert.deepEqual(added(checkNames, { "native/run/flash.c": "" }), [
				"native/run/flash.c:1: has the name of native/flash/flash.c",
			]);
			assert.equal(added(checkNames, { "native/isa/x64/alloc.c": "" }).length, 1);
			assert.deepEqual(added(checkNames, { "native/isa/x64/own.c": "", "native/isa/thumb2/own.c": "" }), []);
		});
	});

	describe("of TypeScript", () => {
		const cases: [string, string, string, RegExp][] = [
			["decode -> plan", "src/aot/decode/wrong.ts", "../plan/planner", /wrong.ts:2: .*decode -> plan runs back/],
			["base -> decode", "src/aot/base/wrong.ts", "../decode/frames", /wrong.ts:2: .*base -> decode runs back/],
			["aot -> host", "src/aot/base/wrong.ts", "../../host/board/run", /src\/aot knows nothing outside itself/],
			["webassembly -> board", "src/host/webassembly/wrong.ts", "../board/run", /webassembly -> board runs back/],
			["iot-api -> host", "src/iot-api/wrong.ts", "../host/board/run", /src\/iot-api -> src\/host runs back/],
			["iot-api -> cli", "src/iot-api/wrong.ts", "../cli/errors", /src\/iot-api -> src\/cli runs back/],
			["a shared file -> commands", "src/cli/wrong.ts", "./commands/run", /\. -> commands runs back/],
			["scenario -> commands", "src/cli/scenario/wrong.ts", "../commands/run", /scenario -> commands runs back/],
			[
				"node -> inspect",
				"src/cli/node/wrong.ts",
				"../inspect/disassembly",
				/node -> inspect, which do not know/,
			],
			["src -> test", "src/cli/wrong.ts", "../../test/support/paths", /src\/cli -> test\/support runs back/],
		];
		it("imports in one direction", () => assertNone(checkImports(tree)));
		for (const [name, path, target, expected] of cases)
			it(`notices ${name}`, () => {
				const found = added(checkImports, { [path]: `// wrong\nimport { a } from "${target}";\n` });
				assert.ok(found.length > 0);
				assert.match(found.join("\n"), expected);
			});
		it("notices types and imports of several lines", () => {
			const text = 'import type {\n\tA,\n} from "../host/board/run";\n';
			assert.match(added(checkImports, { "src/iot-api/wrong.ts": text })[0]!, /wrong.ts:3: /);
		});
		it("has no circles", () => assertNone(checkCircles(tree)));
		it("notices a circle", () => {
			const found = added(checkCircles, {
				"bench/a.ts": 'import "./b";\n',
				"bench/b.ts": '\nimport "./c";\n',
				"bench/c.ts": 'import type { A } from "./a";\n',
			});
			assert.deepEqual(found, [
				"bench/c.ts:1: ./a closes a circle: bench/a.ts -> bench/b.ts -> bench/c.ts -> bench/a.ts",
			]);
		});
	});

	describe("of files", () => {
		it("are not long", () => assertNone(checkLengths(tree)));
		it("notices a long one", () => {
			assert.deepEqual(added(checkLengths, { "src/long.ts": "\n".repeat(900) }), []);
			assert.equal(added(checkLengths, { "src/long.ts": "\n".repeat(901) }).length, 1);
		});
		it("have C lines of at most 120 columns", () => assertNone(checkColumns(tree)));
		it("notices wide ones, but not for a string", () => {
			const text = `/*${"x".repeat(116)}*/\n\t/*${"x".repeat(113)}*/\n\tsay("${"x".repeat(200)}");\n`;
			assert.deepEqual(added(checkColumns, { "native/run/wide.c": text }), [
				"native/run/wide.c:2: 121 columns; at most 120, with tabs of 4",
			]);
		});
	});

	describe("of numbers that several places know", () => {
		it("is that each has one row, from which the others are made", () => {
			execFileSync(process.execPath, [join(ROOT, "tools/shared.mjs"), "--check"], { stdio: "pipe" });
		});
		it("has a name in each case", () => assertNone(checkCases(tree)));
		it("notices a case without one, but not in a string, a comment, or of another's format", () => {
			const text = 'case 0xEC: case A: say("case 1:"); // case 2:\n';
			assert.deepEqual(added(checkCases, { "src/cli/wrong.ts": text, "native/run/wrong.c": text }), []);
			assert.deepEqual(
				added(checkCases, { "src/cli/wrong.ts": `${text}\tcase 3:\n`, "native/run/wrong.c": "case -1 :" }),
				[
					"src/cli/wrong.ts:2: case 3: what has a number has a name (src/shared/rows)",
					"native/run/wrong.c:1: case -1 : what has a number has a name (src/shared/rows)",
				],
			);
		});
	});

	describe("in docs/ARCHITECTURE.md", () => {
		const path = "docs/ARCHITECTURE.md";
		const files = [...filesOf("."), ...readdirSync(join(ROOT, "build"))];
		const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
		it("is what exists", () => assertNone(checkDoc(path, read(path), files, read)));
		it("notices what does not", () => {
			const check = (line: string): string[] => shown(checkDoc("d.md", line, files, read));
			assert.deepEqual(check("`native/run/none.c` and `none.ts`, `src/none`"), [
				"d.md:1: there is no `native/run/none.c`",
				"d.md:1: there is no `none.ts`",
				"d.md:1: there is no `src/none`",
			]);
			assert.deepEqual(check("`src/cli/main.ts` has `no_such_thing`"), [
				"d.md:1: no `no_such_thing` in the files that the line names",
			]);
			assert.deepEqual(
				check("`native/isa/<isa>/isa.h`, `<isa>/entry.S`, `src/cli/commands/NAME.ts`: `addNAME`"),
				[],
			);
			assert.deepEqual(check("`--optimize`, `rollup` and `@types/node` are no names of files"), []);
		});
	});

	describe("so far", () => {
		it("has no open place that holds by now", () => {
			assert.deepEqual(
				OPEN.filter((pattern) => !seen.has(pattern)),
				[],
			);
		});
	});
});
