// Makes native code of the front end: node tools/front-end-image.mjs BOARD HOST OUT
//
// HOST is the board's program without a native front end; it compiles build/aot.wasm, with the front end in JavaScript, and hands the image back. The program that has
// this image linked makes the same image again, to the byte (test/api/front-end.test.ts).

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const script = `
const image = new Uint8Array(native("xs_module_image")(new WebAssembly.Module(files.read("aot.wasm"))));
const reply = native("xs_host_reply");
for (let i = 0; i < image.length; i += 1024) {
	let text = "";
	for (let j = i; j < image.length && j < i + 1024; j++) text += (256 + image[j]).toString(16).slice(1);
	reply(JSON.stringify({ image: text }));
}
`;

/** This machine's memory, not the board's: interpreted, the front end needs much. */
const budget = ["--slots", "32000000", "--chunks", "32000000", "--stack", "131072", "--cstack", "1000000", "--keys", "5000", "--native", "64000000"];
const limits =
	"interpretFrontEnd=1 functions=4000 types=400 typeBytes=4000 globals=4000 exports=500 locals=1000 localRuns=200 nesting=500 operands=500 bodySize=1000000 notes=65536 uses=2000";

export function frontEndImage(board, host) {
	const { launch } = JSON.parse(readFileSync(join(root, "boards", board, "board.json"), "utf8"));
	const folder = mkdtempSync(join(tmpdir(), "wait-xs-"));
	try {
		const source = join(folder, "script.js");
		const code = join(folder, "script.xsb");
		writeFileSync(source, script);
		const compiled = spawnSync(join(root, "build/tools/xs-compile"), ["script", source, code], { encoding: "utf8" });
		if (compiled.status !== 0) throw new Error(compiled.stderr || String(compiled.error));
		const command = [...launch, host, ...budget, ...limits.split(" ").flatMap((limit) => ["--limit", limit])];
		command.push("--script", code, "--file", `aot.wasm=${join(root, "build/aot.wasm")}`, "--reply", "3");
		const result = spawnSync(command[0], command.slice(1), { stdio: ["ignore", "pipe", "pipe", "pipe"], encoding: "utf8", maxBuffer: 1 << 26 });
		if (result.status !== 0) throw new Error(result.stderr || String(result.error ?? result.signal));
		const lines = result.output[3].split("\n").filter(Boolean);
		return Buffer.concat(lines.map((line) => Buffer.from(JSON.parse(line).image ?? "", "hex")));
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const [board, host, out] = process.argv.slice(2);
	let image = Buffer.alloc(0);
	try {
		image = frontEndImage(board, host);
	} catch (error) {
		// The board can do without: its front end is then interpreted.
		console.error(`${board}: no native front end: ${error.message.trim()}`);
		if (process.env.CI === "true") process.exit(1);
	}
	writeFileSync(out + ".new", image);
	// the next build tries again
	if (image.length === 0) utimesSync(out + ".new", 0, 0);
	renameSync(out + ".new", out);
}
