/**
 * Node's engine cannot end a call that never returns. So whoever wants that runs the same command again in a process of
 * its own, and ends that.
 */

import { fork } from "node:child_process";
import { CommandError, Status } from "./errors";

const MARK = "WAIT_XS_TIMED";

/** Is this the process that may be ended? */
export function isTimed(): boolean {
	return process.env[MARK] !== undefined && process.send !== undefined;
}

/** In that process: the time begins now. */
export function beginTime(): Promise<void> {
	return new Promise((resolve) => process.send!("begin", () => resolve()));
}

/**
 * The command of this process again; its exit status, or null: it was ended, so many seconds after it had said that it
 * begins.
 */
export function runTimed(seconds: number): Promise<number | null> {
	return new Promise((resolve, reject) => {
		const child = fork(process.argv[1]!, process.argv.slice(2), {
			env: { ...process.env, [MARK]: "1" },
			stdio: ["inherit", "inherit", "inherit", "ipc"],
		});
		let timer: NodeJS.Timeout | undefined;
		let late = false;
		child.on("message", () => {
			timer ??= setTimeout(() => {
				late = true;
				child.kill("SIGKILL");
			}, seconds * 1000);
		});
		child.on("error", reject);
		child.on("close", (status, signal) => {
			clearTimeout(timer);
			if (late) resolve(null);
			else if (status === null) reject(new Error(`the process of Node's engine was ended by ${String(signal)}`));
			else resolve(status);
		});
	});
}

/** True in that process; else the command has been run in it, and is done. Throws where it had to be ended. */
export async function isInTime(seconds: number): Promise<boolean> {
	if (isTimed()) {
		await beginTime();
		return true;
	}
	const status = await runTimed(seconds);
	if (status === null)
		throw new CommandError(`Node's engine did not come to an end within ${seconds} s`, Status.BOARD);
	process.exitCode = status;
	return false;
}
