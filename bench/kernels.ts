/** The kernels: C sources with their modules, some also in plain JavaScript. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../src/cli/project";

export interface Kernel {
	readonly name: string;
	/** Paths. */
	readonly source: string;
	readonly module: string;
	/** The same in plain JavaScript, or null. */
	readonly plain: string | null;
}

function kernelAt(folder: string, name: string): Kernel {
	const path = (extension: string): string => join(root, folder, `${name}.${extension}`);
	return { name, source: path("c"), module: path("wasm"), plain: existsSync(path("js")) ? path("js") : null };
}

/** Those of bench/kernels, then the paper's, from examples/. */
export function allKernels(): Kernel[] {
	const own = readdirSync(join(root, "bench/kernels")).filter((file) => file.endsWith(".c"));
	// Examples with a known answer compute alone; the others are for devices.
	const answers = JSON.parse(readFileSync(join(root, "examples/expected.json"), "utf8")) as object;
	const examples = Object.keys(answers).filter((name) => existsSync(join(root, "examples", name, `${name}.c`)));
	return [
		...own.sort().map((file) => kernelAt("bench/kernels", file.slice(0, -2))),
		...examples.sort().map((name) => kernelAt(join("examples", name), name)),
	];
}
