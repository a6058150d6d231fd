// What a build of the Moddable SDK takes of this project beside its C sources, in build/moddable, after
// `npm run build`: node tools/moddable-package.mjs
//
//     js/             the modules of src/host/webassembly, as JavaScript, which spares users of the SDK its tsc
//     gen/            generated headers
//     <isa>/          entry.c, the entry and exit in assembly; front-end.c, the front end as native code
//
// The SDK's makefiles know no assembly files and no way to include a binary, so both are C here: assembly at top level.

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const out = join(root, "build/moddable");

/** Modules that a device without a front end in JavaScript leaves out. */
const LEFT_OUT = new Set(["script-front-end.js"]);

/** By ISA: the board whose build has its front end, and the compiler that preprocesses its assembly. */
const isas = {
	x64: { board: "sim", cc: "gcc" },
	thumb2: { board: "lin-arm", cc: "arm-linux-gnueabihf-gcc" },
};

function text(command, args) {
	const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 64 << 20 });
	if (status !== 0) throw new Error(`${command}: ${error ? error.message : stderr}`);
	return stdout;
}

/** Assembly, preprocessed, as a statement of C. */
function topLevel(assembly) {
	const lines = assembly
		.split("\n")
		.filter((line) => line.trim() && !line.startsWith("#"))
		.map((line) => `\t${JSON.stringify(`${line}\n`)}`);
	return `__asm__(\n${lines.join("\n")});\n`;
}

/** Words of 32 bits, so that no byte order matters but the machine's. */
function imageText(image) {
	const words = [];
	for (let i = 0; i + 4 <= image.length; i += 4) words.push(`0x${image.readUInt32LE(i).toString(16)}`);
	const lines = [];
	for (let i = 0; i < words.length; i += 12) lines.push(`\t.long ${words.slice(i, i + 12).join(", ")}`);
	return lines.join("\n");
}

function frontEnd(image) {
	return topLevel(`
	.section .text.wx_front_end, "ax", %progbits
	.balign 64
	.global wx_front_end_image
wx_front_end_image:
${imageText(image)}
	.global wx_front_end_image_end
wx_front_end_image_end:
	.balign 4
	.text
`);
}

rmSync(out, { recursive: true, force: true });
for (const folder of ["js", "gen", ...Object.keys(isas)]) mkdirSync(join(out, folder), { recursive: true });

const modules = join(root, "build/js/host/src/host/webassembly");
for (const name of readdirSync(modules))
	if (name.endsWith(".js") && !LEFT_OUT.has(name)) copyFileSync(join(modules, name), join(out, "js", name));

for (const name of readdirSync(join(root, "build/gen")))
	if (name.endsWith(".h")) copyFileSync(join(root, "build/gen", name), join(out, "gen", name));

for (const [isa, { board, cc }] of Object.entries(isas)) {
	const folder = join(root, "native/isa", isa);
	const entry = text(cc, ["-E", "-P", "-x", "assembler-with-cpp", `-I${folder}`, join(folder, "entry.S")]);
	writeFileSync(
		join(out, isa, "entry.c"),
		`/* ${isa}: entry.S as C, by tools/moddable-package.mjs. */\n\n${topLevel(entry)}`,
	);
	const image = readFileSync(join(root, "build", board, "front-end.img"));
	writeFileSync(
		join(out, isa, "front-end.c"),
		`/* aot.wasm as native code of ${isa}, by tools/moddable-package.mjs. */\n\n${frontEnd(image)}`,
	);
}
