// Shows whether a change leaves compiled code as it was: the native images of all kernels and examples and of the front
// end, for every ISA.
//
//     node tools/image-hashes.mjs --write FILE     writes a line an image: ISA, options, bytes, SHA-256, module
// node tools/image-hashes.mjs --check FILE     compares with what another checkout has written; status 1 and the
// lines that differ
//
// Needs a build of the checkout (node tools/setup.mjs): the front end in JavaScript and the emitter of each ISA
// (native/tools/emit.c).

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { planOf } from "./plan-of.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const OPTIONS = [[], ["--audit"], ["--optimize"], ["--metered", "--direct"]];
const AUDIT = 1;

function modules() {
	const found = readdirSync(join(root, "bench/kernels")).map((name) => join("bench/kernels", name));
	for (const example of readdirSync(join(root, "examples"))) found.push(join("examples", example, example + ".wasm"));
	return [...found, "build/aot.wasm"].filter((path) => path.endsWith(".wasm") && existsSync(join(root, path))).sort();
}

/** Board of each ISA whose emitter is built: [ISA, limits]. */
function targets() {
	return readdirSync(join(root, "boards"))
		.map((name) => join(root, "boards", name, "board.json"))
		.filter((file) => existsSync(file))
		.map((file) => JSON.parse(readFileSync(file, "utf8")))
		.filter((board) => existsSync(join(root, "build/tools/emit-" + board.isa)));
}

/** What another process makes of a plan, with the limits of the board and the front end's state its own. */
function hash(isa, options, plan, out) {
	const result = spawnSync(join(root, "build/tools/emit-" + isa), [out, ...options], {
		input: plan,
		encoding: "utf8",
	});
	if (result.status !== 0) return `refused: ${(result.stderr || String(result.error ?? result.signal)).trim()}`;
	const image = readFileSync(out);
	return `${image.length} ${createHash("sha256").update(image).digest("hex")}`;
}

async function lines() {
	const folder = mkdtempSync(join(tmpdir(), "wait-xs-"));
	const found = [];
	try {
		for (const board of targets())
			for (const path of modules()) {
				const module = readFileSync(join(root, path));
				const plans = new Map();
				for (const options of OPTIONS) {
					const flags = options.includes("--audit") ? AUDIT : 0;
					if (!plans.has(flags)) plans.set(flags, await planOf(root, module, board, flags));
					found.push(
						`${board.isa} ${options.join(",") || "plain"} ${hash(board.isa, options, plans.get(flags), join(folder, "image"))} ${path}`,
					);
				}
			}
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
	return found;
}

const [mode, file] = process.argv.slice(2);
if ((mode !== "--write" && mode !== "--check") || !file) {
	console.error("node tools/image-hashes.mjs --write FILE | --check FILE");
	process.exit(3);
}
const now = await lines();
if (mode === "--write") {
	writeFileSync(file, now.join("\n") + "\n");
	console.log(`${now.length} images in ${file}`);
} else {
	const before = readFileSync(file, "utf8").trim().split("\n");
	const key = (line) => [line.split(" ").slice(0, 2), line.split(" ").at(-1)].join(" ");
	const known = new Map(before.map((line) => [key(line), line]));
	const differing = now.filter((line) => known.get(key(line)) !== line);
	const gone = before.filter((line) => !now.some((other) => key(other) === key(line)));
	for (const line of differing) console.log(`before: ${known.get(key(line)) ?? "none"}\nnow:    ${line}`);
	for (const line of gone) console.log(`before: ${line}\nnow:    none`);
	console.log(`${now.length - differing.length} of ${now.length} images are the same`);
	process.exit(differing.length || gone.length ? 1 : 0);
}
