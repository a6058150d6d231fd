/* Makes one ES module of a guest script (TypeScript, with its imports): the form that `exec` takes on every board. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { rollup } from "rollup";
import typescript from "typescript";
import { outputFolder, ROOT } from "./paths";

/** File below src/aot, what is there, what shall be there. */
export type Patch = [string, string, string];

const made = new Map<string, Promise<string>>();

/**
 * What the script brings along when the front end in it is not the board's: all of WebAssembly, with a front end of its
 * own.
 */
const OWN = "own-webassembly";

function read(file: string, patches: readonly Patch[] | undefined, used: Set<Patch>): string {
	let text = readFileSync(file, "utf8");
	if (!patches) return text;
	const path = relative(ROOT, file);
	if (path === join("src", "host", "webassembly", "front-end-loader.ts"))
		text = `import * as own from "./script-front-end";\n${text.replace(/importNow\("script-front-end"\)/, "own as unknown")}`;
	if (path === join("src", "host", "webassembly", "native-front-end.ts"))
		text = text.replace("openFrontEnd(emitter, flags) ?", "false ?");
	for (const patch of patches) {
		if (path !== join("src", "aot", patch[0]) || !text.includes(patch[1])) continue;
		used.add(patch);
		text = text.replace(patch[1], () => patch[2]);
	}
	return text.replace(/\bASC_TARGET\b/g, "0");
}

async function make(source: string, name: string, patches: readonly Patch[] | undefined): Promise<string> {
	const used = new Set<Patch>();
	const entry = join(ROOT, source);
	const bundle = await rollup({
		input: patches ? OWN : entry,
		plugins: [
			{
				name: "typescript-source",
				resolveId(id, importer) {
					if (id === OWN) return id;
					const path = importer && id.startsWith(".") ? resolve(dirname(importer), id) + ".ts" : undefined;
					return path && existsSync(path) ? path : null;
				},
				load: (file) =>
					file === OWN
						? `import ${JSON.stringify(join(ROOT, "src/host/board/define-webassembly.ts"))}; import ${JSON.stringify(entry)};`
						: typescript.transpileModule(read(file, patches, used), {
								compilerOptions: {
									target: typescript.ScriptTarget.ES2022,
									module: typescript.ModuleKind.ESNext,
									isolatedModules: true,
								},
								fileName: file,
							}).outputText,
			},
		],
		onwarn: (warning) => {
			if (warning.code !== "CIRCULAR_DEPENDENCY") throw new Error(warning.message);
		},
	});
	const { output } = await bundle.generate({ format: "es", inlineDynamicImports: true });
	await bundle.close();
	const missing = patches?.find((patch) => !used.has(patch));
	if (missing) throw new Error(`${missing[0]} has no such line: ${missing[1]}`);
	const file = join(outputFolder("guests"), name);
	writeFileSync(file, output[0].code);
	return file;
}

/** Path of the bundled script; source relative to the root, as "test/spec/guest.ts". */
export function bundleGuest(source: string): Promise<string> {
	if (!basename(source).endsWith(".ts")) throw new Error(`not a TypeScript source: ${source}`);
	let result = made.get(source);
	if (!result) {
		result = make(source, `${source.replace(/[/\\]/g, "-").replace(/^test-|\.ts$/g, "")}.js`, undefined);
		made.set(source, result);
	}
	return result;
}

/** The same, with WebAssembly and a front end of the script's own, patched. For boards only. */
export function bundlePatchedGuest(source: string, patches: readonly Patch[]): Promise<string> {
	return make(
		source,
		`patched-${process.pid}-${patches.map((patch) => patch[0].replace(/\W/g, "")).join("-")}.js`,
		patches,
	);
}
