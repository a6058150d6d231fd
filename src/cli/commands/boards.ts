import type { Command } from "commander";
import { jsonText, print } from "../printable";
import { boardNames, isBuilt, loadBoard, type Board } from "../boards";

function describe(board: Board): string {
	const { memory } = board;
	const kilobytes = (bytes: number): string => `${bytes / 1024} KB`;
	return [
		`${board.name}  ${board.isa}${isBuilt(board) ? "" : "  (not built)"}`,
		`    ${board.description}`,
		`    JavaScript: slots ${kilobytes(memory.slots)}, chunks ${kilobytes(memory.chunks)}, stack ${kilobytes(memory.stack)}; native ${kilobytes(memory.native)}`,
	].join("\n");
}

export function addBoards(program: Command): void {
	program
		.command("boards")
		.description("list the boards")
		.option("--json", "as JSON")
		.action((options: { json?: boolean }) => {
			const boards = boardNames().map(loadBoard);
			if (options.json) print(jsonText(boards.map((board) => ({ ...board, built: isBuilt(board) }))));
			else print(boards.map(describe).join("\n"));
		});
}
