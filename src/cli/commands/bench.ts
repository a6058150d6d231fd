import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { InvalidArgumentError, type Command } from "commander";
import { CommandError, type Status } from "../errors";
import { parsePositive } from "../option-values";
import { buildFolder } from "../project";

/** What bench/bench.ts gets. */
export interface BenchOptions {
	readonly board: readonly string[];
	readonly kernel: readonly string[];
	readonly fast?: boolean;
	/** Show this share of the executed code, in percent. */
	readonly profile?: number;
	readonly jobs: number;
	/** Modules are compiled a second time: wait-xs run --optimize. */
	readonly optimize?: boolean;
	readonly json?: boolean;
	readonly write?: boolean;
}

/** build/bench/bench.mjs, apart from the command line's own bundle: it needs development packages. */
interface BenchBundle {
	bench(options: BenchOptions): Promise<void>;
}

function addName(text: string, names: string[]): string[] {
	return [...names, text];
}

function parseJobs(text: string): number {
	const jobs = parsePositive(text);
	if (!Number.isInteger(jobs)) throw new InvalidArgumentError("not a whole number");
	return jobs;
}

export function addBench(program: Command): void {
	program
		.command("bench")
		.description(
			"count the instructions of the kernels in bench/, against gcc and plain JavaScript; needs qemu-user and the boards' gcc",
		)
		.option("--board <B>", "only this board; may be repeated", addName, [])
		.option("--kernel <NAME>", "only this kernel; may be repeated", addName, [])
		.option("--fast", "only against gcc -Os, with and without checks")
		.option(
			"--profile <PERCENT>",
			"show the code that makes up so much of what is executed, and gcc's",
			parsePositive,
		)
		.option(
			"--optimize",
			"modules are compiled a second time, with what the first compilation learned of the whole module",
		)
		.option("--jobs <N>", "how many run at a time", parseJobs, 2)
		.option("--json", "one object")
		.option("--write", "write docs/PERFORMANCE.md")
		.action(async (options: BenchOptions) => {
			const bench = (await import(pathToFileURL(join(buildFolder, "bench/bench.mjs")).href)) as BenchBundle;
			try {
				await bench.bench(options);
			} catch (error) {
				// That bundle has a class of its own.
				throw error instanceof Error && "status" in error
					? new CommandError(error.message, error.status as Status)
					: error;
			}
		});
}
