/** For tests of boards: scripts run in a board's XS. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadBoard, type Board } from "../../src/cli/boards";
import { compileScript } from "../../src/cli/compile-script";
import { runOnBoard, type BoardReply, type BoardRequest } from "../../src/cli/runner";

export const boards = ["sim", "lin-arm"];

export async function withFolder<T>(action: (folder: string) => Promise<T>): Promise<T> {
	const folder = mkdtempSync(join(tmpdir(), "wait-xs-test-"));
	try {
		return await action(folder);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

/** Runs the source of a script. */
export async function runSource(
	board: string | Board,
	source: string,
	request: BoardRequest = {},
): Promise<BoardReply> {
	return withFolder(async (folder) => {
		const file = join(folder, "test.js");
		writeFileSync(file, source);
		const script = await compileScript(file, folder);
		return runOnBoard(typeof board === "string" ? loadBoard(board) : board, {
			timeout: 60,
			virtualTime: true,
			...request,
			script,
		});
	});
}
