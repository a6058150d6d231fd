/** Compiles a script to XS byte code, since boards have no parser. */

import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError, Status } from "./errors";
import { readInput } from "./input-file";
import { buildFolder } from "./project";

const importsFiles = /\b(?:from|import)\s*\(?\s*["']\.{0,2}\//;

/** Puts the files that the script imports into it. */
async function bundle(script: string): Promise<string> {
	const { rollup } = await import("rollup");
	try {
		const result = await rollup({ input: script, onLog: () => {} });
		const { output } = await result.generate({ format: "es", inlineDynamicImports: true });
		await result.close();
		return output[0].code;
	} catch (error) {
		throw new CommandError(
			`${script}: ${(error instanceof Error ? error.message : String(error)).split("\n")[0]}`,
			Status.REFUSED,
		);
	}
}

/** Writes byte code into `folder`, and gives the file's path. */
export async function compileScript(script: string, folder: string): Promise<string> {
	const compiler = join(buildFolder, "tools/xs-compile");
	if (!existsSync(compiler))
		throw new CommandError("the byte-code compiler is not built: npm run build", Status.BOARD);
	const source = readInput(script, "a script").toString("utf8");
	let input = script;
	if (importsFiles.test(source)) {
		input = join(folder, "bundle.js");
		writeFileSync(input, await bundle(script));
	}
	const output = join(folder, "script.xsb");
	const result = spawnSync(compiler, ["script", input, output], { encoding: "utf8" });
	if (result.status !== 0) {
		const line = result.stderr.split("\n")[0] ?? "";
		throw new CommandError(
			line.startsWith(input) ? script + line.slice(input.length) : line || "xs-compile failed",
			Status.REFUSED,
		);
	}
	return output;
}
