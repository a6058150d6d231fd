/*
 * What firmware needs of the API's modules to have them in its flash: they load while it is built, when no native can
 * be called and a native is no object, and the package's manifest names each.
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { rollup } from "rollup";
import typescript from "typescript";
import { root } from "../../src/cli/project";
import { boards, runSource } from "./support";

const folder = join(root, "src/host/webassembly");
/** Firmware with a native front end leaves it out: no other module imports the front end's TypeScript. */
const LEFT_OUT = "script-front-end";
const modules = readdirSync(folder)
	.filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
	.map((name) => name.slice(0, -3));

/* Natives as a linker knows them: callable in the end, no objects, and not there yet. */
const linking = `
const objects = new Map();
const native = (name) => {
	const callee = () => { throw new Error(name + " is called while its module loads"); };
	const refuse = () => { throw new TypeError(name + " is no object"); };
	const value = new Proxy(callee, { defineProperty: refuse, getOwnPropertyDescriptor: refuse, set: refuse });
	objects.set(value, callee);
	return value;
};
const Native = (name) => { throw new Error(name + " in the API"); };
const Object = new Proxy(globalThis.Object, {
	apply: (callee, self, [value]) => objects.get(value) ?? callee(value),
});
`;

/** The module and what it imports, and the source files of it all. */
async function bundle(name: string): Promise<{ code: string; files: string[] }> {
	const made = await rollup({
		input: join(folder, `${name}.ts`),
		plugins: [
			{
				name: "typescript-source",
				resolveId: (id, importer) => (importer ? `${join(importer, "..", id)}.ts` : null),
				load: (file) =>
					typescript.transpileModule(readFileSync(file, "utf8"), {
						compilerOptions: {
							target: typescript.ScriptTarget.ES2022,
							module: typescript.ModuleKind.ESNext,
							isolatedModules: true,
						},
						fileName: file,
					}).outputText,
			},
		],
		onLog: () => {},
	});
	const { output } = await made.generate({ format: "iife", name: "loaded", intro: linking });
	await made.close();
	return { code: output[0].code, files: output[0].moduleIds };
}

describe("the API's modules in firmware", function () {
	this.timeout(300_000);

	it("import no front end", async () => {
		for (const name of modules.filter((name) => name !== LEFT_OUT))
			for (const file of (await bundle(name)).files)
				assert.ok(file.startsWith(`${folder}/`) && !file.includes(LEFT_OUT), `${name} imports ${file}`);
	});

	it("are named in the package's manifest, and preloaded by name", () => {
		const manifest = JSON.parse(readFileSync(join(root, "manifest.json"), "utf8")) as {
			modules: Record<string, string[]>;
			preload: string[];
		};
		const expected = modules.filter((name) => name !== LEFT_OUT).sort();
		assert.deepEqual(
			manifest.modules["wait-xs/*"],
			expected.map((name) => `./build/moddable/js/${name}`),
		);
		assert.deepEqual(
			manifest.preload,
			expected.map((name) => `wait-xs/${name}`),
		);
	});

	for (const board of boards)
		it(`call no native while they load, on ${board}`, async () => {
			let source = "";
			for (const name of modules.filter((name) => name !== LEFT_OUT))
				source += `try {\n${(await bundle(name)).code}\nconsole.log("${name}");\n} catch (error) { console.log("${name}: " + error); }\n`;
			const { stdout, stderr } = await runSource(board, source, { memory: { slots: 4 << 20, chunks: 4 << 20 } });
			assert.equal(stderr, "");
			assert.deepEqual(
				stdout.trim().split("\n"),
				modules.filter((name) => name !== LEFT_OUT),
			);
		});

	it("freeze their tables, which then stay in flash", () => {
		for (const name of modules)
			for (const line of readFileSync(join(folder, `${name}.ts`), "utf8").split("\n"))
				assert.doesNotMatch(line, /^(export )?const \w+(: [^=]+)? = \[[^\]]/, `${name}.ts: Object.freeze`);
	});
});
