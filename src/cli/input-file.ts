import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { CommandError, Status } from "./errors";

/** The bytes of a file that the command line names; `what` it should be: "a module". */
export function readInput(path: string, what: string): Buffer {
	let status;
	try {
		status = statSync(path, { throwIfNoEntry: false });
	} catch (error) {
		throw new CommandError(`${path}: ${reason(error)}`, Status.USAGE);
	}
	if (!status) throw new CommandError(`${path}: no such file`, Status.USAGE);
	if (status.isDirectory()) throw new CommandError(`${path}: a directory, not ${what}`, Status.USAGE);
	if (!status.isFile()) throw new CommandError(`${path}: not a file`, Status.USAGE);
	try {
		return readFileSync(path);
	} catch (error) {
		throw new CommandError(`${path}: cannot read: ${reason(error)}`, Status.USAGE);
	}
}

/** Says before anything is done that a file could not be written. */
export function checkOutput(path: string): void {
	const folder = dirname(path);
	const status = statSync(path, { throwIfNoEntry: false });
	try {
		if (status?.isDirectory()) throw new CommandError(`${path}: cannot write: a directory`, Status.USAGE);
		if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
			throw new CommandError(`${path}: cannot write: no folder ${folder}`, Status.USAGE);
		accessSync(status ? path : folder, constants.W_OK);
	} catch (error) {
		throw error instanceof CommandError
			? error
			: new CommandError(`${path}: cannot write: ${reason(error)}`, Status.USAGE);
	}
}

function reason(error: unknown): string {
	const code = (error as NodeJS.ErrnoException).code;
	switch (code) {
		case "EACCES":
		case "EPERM":
			return "no permission";
		case "ENOTDIR":
			return "no such file";
		case "EROFS":
			return "a file system that is only read";
		default:
			return code ?? String(error);
	}
}
