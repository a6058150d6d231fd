// Bundles what tsc made: the image of the boards, the command line, and the tests. Dependencies stay outside.

import { existsSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { inlineMemory } from "./tools/inline-memory.mjs";

const root = dirname(fileURLToPath(import.meta.url));
const programs = join(root, "build/js/host/src/host/board");
const node = join(root, "build/js/node");

/** Sources import each other without an extension, as asc wants it. */
const extensionless = {
	name: "extensionless",
	resolveId(source, importer) {
		if (!source.startsWith(".") || !importer) return null;
		const path = resolve(dirname(importer), source);
		return (
			[path, path + ".js", join(path, "index.js")].find((file) => file.endsWith(".js") && existsSync(file)) ??
			null
		);
	},
};

/** asc's constant of the target: 0 is JavaScript. */
const target = {
	name: "target",
	transform: (code) =>
		code.includes("ASC_TARGET") ? { code: code.replace(/\bASC_TARGET\b/g, "0"), map: null } : null,
};

const plugins = [extensionless, target, inlineMemory()];
const onwarn = (warning, warn) => {
	if (warning.code !== "EMPTY_BUNDLE" && warning.code !== "CIRCULAR_DEPENDENCY") warn(warning);
};
const named = (files, folder) =>
	Object.fromEntries(files.map((file) => [relative(folder, file).slice(0, -3).replaceAll("/", "-"), file]));

/** Modules that a board runs by themselves: main at boot, others when a request names them. */
const entries = ["main", "front-end", "run", "inspect", "iot"]
	.map((name) => join(programs, name + ".js"))
	.filter(existsSync);
/** Of the WebAssembly API: where the front end is interpreted; the exports object that few instances need. */
const parts = ["script-front-end", "sparing-exports"].map((name) =>
	join(root, "build/js/host/src/host/webassembly", name + ".js"),
);
/** Of simulated boards: the world of scenarios. */
const simulated = join(root, "build/js/host/boards/simulated");
const tests = existsSync(join(node, "test"))
	? readdirSync(join(node, "test"), { recursive: true })
			.filter((file) => /\.(test|tool)\.js$/.test(file))
			.map((file) => join(node, "test", file))
	: [];

const configs = {
	image: {
		input: {
			...named(entries, programs),
			...named(parts, dirname(parts[0])),
			world: join(simulated, "world.js"),
		},
		output: {
			dir: "build/image",
			format: "es",
			chunkFileNames: "[name].js",
			entryFileNames: "[name].js",
			generatedCode: "es2015",
			compact: true,
		},
	},
	cli: {
		input: join(node, "src/cli/main.js"),
		external: /^[^./]/,
		output: { file: "build/cli/wait-xs.js", format: "es", inlineDynamicImports: true },
	},
	bench: {
		input: join(node, "bench/bench.js"),
		external: /^[^./]/,
		output: { file: "build/bench/bench.mjs", format: "es", inlineDynamicImports: true },
	},
	test: {
		input: named(tests, join(node, "test")),
		external: /^[^./]/,
		output: {
			dir: "build/test",
			format: "es",
			chunkFileNames: "chunk-[name].mjs",
			entryFileNames: "[name].mjs",
			sourcemap: false,
		},
	},
};

/** Which bundle: --config-image, --config-cli, --config-bench, --config-test; all without. */
export default (args) =>
	Object.keys(configs)
		.filter((name) => args["config-" + name] || !Object.keys(configs).some((other) => args["config-" + other]))
		.filter((name) =>
			typeof configs[name].input === "string"
				? existsSync(configs[name].input)
				: Object.keys(configs[name].input).length > 0,
		)
		.map((name) => ({ ...configs[name], plugins, onwarn }));
