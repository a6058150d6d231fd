import { ExitStatus as Status } from "../shared/numbers";

/** Exit statuses of the command line, and of a board's program. */
export { Status };

/** Ends the command with one line on standard error. */
export class CommandError extends Error {
	readonly status: Status;
	constructor(message: string, status: Status) {
		super(message);
		this.status = status;
	}
}
