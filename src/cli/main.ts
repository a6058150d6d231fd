/** The command line. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { addBench } from "./commands/bench";
import { addBenchIo } from "./commands/bench-io";
import { addBoards } from "./commands/boards";
import { addExec } from "./commands/exec";
import { addExamples } from "./commands/examples";
import { addInspect } from "./commands/inspect";
import { addRun } from "./commands/run";
import { addTest } from "./commands/test";
import { CommandError, Status } from "./errors";
import { complain, oneLine } from "./printable";
import { root } from "./project";

function version(): string {
	return (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string }).version;
}

const program = new Command("wait-xs")
	.description("WebAssembly runtime for microcontrollers whose firmware is Moddable XS")
	.version(version())
	.exitOverride()
	.configureOutput({
		outputError: (text, write) => write(text.replace(/^error: /, "wait-xs: ").replace("\n(", " (")),
	});

addRun(program);
addInspect(program);
addExec(program);
addTest(program);
addBoards(program);
addExamples(program);
addBench(program);
addBenchIo(program);

// Whoever reads the output has had enough: `... | head`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
	if (error.code !== "EPIPE") throw error;
	process.exit(Status.DONE);
});

try {
	await program.parseAsync();
} catch (error) {
	if (error instanceof CommanderError) {
		// Commander has said what is wrong; help and version are no errors.
		process.exitCode = error.exitCode === 0 ? Status.DONE : Status.USAGE;
	} else if (error instanceof CommandError) {
		complain(oneLine(error.message));
		process.exitCode = error.status;
	} else {
		complain(oneLine(error instanceof Error ? error.message : String(error)));
		process.exitCode = Status.BOARD;
	}
}
