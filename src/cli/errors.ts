/** Exit statuses of the command line, and of a board's program. */
export const enum Status {
	DONE = 0,
	/** The module trapped, or the script threw. */
	FAILED = 1,
	/** The module, or the script, was refused. */
	REFUSED = 2,
	USAGE = 3,
	/** The board ran out of memory, crashed, timed out, or is not built. */
	BOARD = 4,
}

/** Ends the command with one line on standard error. */
export class CommandError extends Error {
	readonly status: Status;
	constructor(message: string, status: Status) {
		super(message);
		this.status = status;
	}
}
