/* Makes one ES module of a guest script (TypeScript, with its imports): the form that `exec` takes on every board. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { rollup } from "rollup";
import typescript from "typescript";
import { outputFolder, ROOT } from "./paths";

const made = new Map<string, Promise<string>>();

async function make(source: string): Promise<string> {
	const bundle = await rollup({
		input: join(ROOT, source),
		plugins: [
			{
				name: "typescript-source",
				resolveId(id, importer) {
					const path = importer && id.startsWith(".") ? resolve(dirname(importer), id) + ".ts" : undefined;
					return path && existsSync(path) ? path : null;
				},
				load: (file) =>
					typescript.transpileModule(readFileSync(file, "utf8"), {
						compilerOptions: { target: typescript.ScriptTarget.ES2022, module: typescript.ModuleKind.ESNext },
						fileName: file,
					}).outputText,
			},
		],
		onwarn: (warning) => {
			throw new Error(warning.message);
		},
	});
	const { output } = await bundle.generate({ format: "es" });
	const file = join(
		outputFolder("guests"),
		source
			.replace(/[/\\]/g, "-")
			.replace(/^test-/, "")
			.replace(/\.ts$/, ".js"),
	);
	writeFileSync(file, output[0].code);
	await bundle.close();
	return file;
}

/** Path of the bundled script; source relative to the root, as "test/spec/guest.ts". */
export function bundleGuest(source: string): Promise<string> {
	const name = basename(source);
	if (!name.endsWith(".ts")) throw new Error(`not a TypeScript source: ${source}`);
	let result = made.get(source);
	if (!result) made.set(source, (result = make(source)));
	return result;
}
