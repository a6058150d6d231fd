/*
 * Runs the specification's tests and prints what failed: node build/test/spec.tool.mjs [BOARD ...] [FOLDER/FILE ...]
 * [--falsify] [--strict] [--OPTION ...]
 *
 * --falsify expects what is wrong everywhere, --strict that open NaNs are canonical; other options go to `wait-xs
 * exec`.
 */

import { specFolder } from "../support/paths";
import { falsify, packSpec } from "./pack";
import { runSpec } from "./runner";

async function main(args: string[]): Promise<number> {
	const spec = specFolder();
	if (!spec) {
		console.log("no specification tests (WAIT_XS_SPEC)");
		return 3;
	}
	const flags = args.filter((arg) => arg.startsWith("--") && arg !== "--falsify" && arg !== "--strict");
	const filters = args.filter((arg) => arg.includes("/"));
	const boards = args.filter((arg) => !arg.startsWith("--") && !arg.includes("/"));
	let bad = 0;
	for (const board of boards.length ? boards : ["sim"]) {
		const began = Date.now();
		const pack = packSpec(spec, {
			filter: (name) => filters.length === 0 || filters.includes(name),
			map: args.includes("--falsify") ? (command) => falsify(command) ?? command : undefined,
		});
		const results = await runSpec(board, pack, {
			options: flags,
			strict: args.includes("--strict"),
			label: "main",
		});
		let passed = 0;
		let failed = 0;
		let skipped = 0;
		for (const file of results) {
			passed += file.passed;
			failed += file.commands - file.passed;
			skipped += file.skipped;
			for (const [line, kind, what] of file.failures)
				console.log(`${board} ${file.name}:${line} ${kind}: ${what}`);
		}
		console.log(
			`${board}: ${results.length} files, ${passed} passed, ${failed} failed, ${skipped} skipped, ${((Date.now() - began) / 1000).toFixed(1)} s`,
		);
		bad += failed;
	}
	return bad ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
