// Compiles the front end (src/aot) to WebAssembly with asc: node tools/aot-wasm.mjs [OUT]        OUT is build/aot.wasm unless given
//
// The module imports nothing. Its exports are those of src/aot/front-end.ts, and `memory`.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** The bytes of aot.wasm. Tests pass other options, and `patch(name, text)` to change a source on the way. */
export async function compileFrontEnd(options = ["-O2"], patch = (name, text) => text) {
	let binary;
	const { error, stderr } = await asc.main(
		["front-end.ts", "--baseDir", join(root, "src/aot"), "--runtime", "stub", "--use", "abort=", "--outFile", "aot.wasm", ...options],
		{
			readFile: (name, folder) => {
				try {
					return patch(name, readFileSync(join(folder, name), "utf8"));
				} catch {
					return null;
				}
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

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const out = process.argv[2] ?? join(root, "build/aot.wasm");
	const binary = await compileFrontEnd();
	mkdirSync(dirname(out), { recursive: true });
	writeFileSync(out, binary);
	console.log(`${relative(root, out)}: ${binary.length} bytes`);
}
