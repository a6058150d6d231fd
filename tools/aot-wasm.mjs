// Compiles the front end (src/aot) to WebAssembly with asc: node tools/aot-wasm.mjs [OUT]        OUT is build/aot.wasm
// unless given
//
// The module imports nothing. Its exports are those of src/aot/front-end.ts, and `memory`.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const OPTIONS = ["--optimizeLevel", "3", "--shrinkLevel", "1"];

/**
 * Small functions that most instructions of a module go through, and few places call, by file: asc puts them in place
 * of their calls. What many places call stays a call: it costs few instructions, and much flash.
 */
const INLINE = {
	"plan/planner.ts": ["planInstruction", "planLocal", "planNumeric", "planConstant"],
	"provers/p5-steps.ts": ["noteStart"],
	"base/plan-records.ts": ["record", "fits"],
	"provers/facts.ts": ["getLocal", "knownOf", "enterLog"],
	"validate/validator.ts": ["instruction", "applyRow", "push", "localInstruction", "readAccess"],
	"validate/body-observer.ts": ["observeStart", "observeGet", "observeAssignment", "observeConstant"],
	"validate/use-weights.ts": ["countUse"],
};

function inlined(name, text) {
	for (const callee of INLINE[name] ?? []) {
		const pattern = new RegExp(`^(export )?function ${callee}\\(`, "m");
		if (!pattern.test(text)) throw new Error(`src/aot/${name}: no function ${callee}`);
		text = text.replace(pattern, "@inline $&");
	}
	return text;
}

/**
 * The bytes of aot.wasm, its memory of pages of 64 KB, which every engine takes. Tests pass other options, and
 * `patch(name, text)` to change a source on the way.
 */
export async function compileFrontEnd(options = OPTIONS, patch = (name, text) => text) {
	let binary;
	const { error, stderr } = await asc.main(
		[
			"front-end.ts",
			"--baseDir",
			join(root, "src/aot"),
			"--runtime",
			"stub",
			"--use",
			"abort=",
			"--outFile",
			"aot.wasm",
			...options,
		],
		{
			readFile: (name, folder) => {
				const path = join(folder, name);
				return existsSync(path) ? patch(name, inlined(name, readFileSync(path, "utf8"))) : null;
			},
			writeFile: (name, contents) => {
				if (name.endsWith(".wasm")) binary = contents;
			},
			listFiles: () => [],
		},
	);
	if (error) throw new Error(stderr.toString() || error.message);
	return binary;
}

const PAGE_BITS = "const PAGE_BITS: i32 = 16;";

/**
 * Bytes that the memory begins with: no more than any limits make it have (src/aot/base/limits.ts). Accesses at the
 * constant addresses there need no checks, and the others cheaper ones.
 */
const FIRST_BYTES = 8192;

/**
 * asc writes `memory 0`: one memory, no maximum, none at the beginning. This gives it pages of one byte
 * (custom-page-sizes).
 */
function smallPages(binary) {
	const section = Buffer.from([5, 3, 1, 0, 0]);
	const at = Buffer.from(binary).indexOf(section);
	if (at < 0) throw new Error("aot.wasm: no memory section of the form expected");
	const minimum = [(FIRST_BYTES & 0x7f) | 0x80, FIRST_BYTES >> 7];
	return Buffer.concat([
		binary.subarray(0, at),
		Buffer.from([5, 5, 1, 8, ...minimum, 0]),
		binary.subarray(at + section.length),
	]);
}

/** aot.wasm as boards have it: its memory has the bytes that it needs, not pages of 64 KB. */
export async function compileForBoards() {
	const patch = (name, text) => {
		if (name !== "base/memory.ts") return text;
		if (!text.includes(PAGE_BITS)) throw new Error("src/aot/base/memory.ts: PAGE_BITS is not of the form expected");
		return text.replace(PAGE_BITS, PAGE_BITS.replace("16", "0"));
	};
	return smallPages(await compileFrontEnd(OPTIONS, patch));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const out = process.argv[2] ?? join(root, "build/aot.wasm");
	const binary = await compileForBoards();
	mkdirSync(dirname(out), { recursive: true });
	writeFileSync(out, binary);
	console.log(`${relative(root, out)}: ${binary.length} bytes`);
}
