/*
 * Links every module of a pack, which imports one function of the device API by a type, to what a board gives: those
 * that have a reason must be refused for it, the others linked. Prints problems; the last line is the number of
 * modules.
 * files: imports.pack (test/support/packfile.ts).
 */

import type { BoardIot, BoardIotOptions } from "../../src/host/board/iot";
import { Pack } from "../support/guest";

/** Where the module is, is its function one that need not pass through JavaScript, and why it is refused. */
type Case = [offset: number, length: number, direct: boolean, reason: string | null];
type Compile = new (bytes: BufferSource, options?: { optimize: boolean }) => WebAssembly.Module;

const { openIot } = native<(name: string) => unknown>("xs_compiler_import")("iot") as {
	openIot: (options: BoardIotOptions) => BoardIot;
};
const CompiledModule = WebAssembly.Module as unknown as Compile;
const pack = new Pack<Case[]>(files.read("imports.pack"));
/** Of the modules so many are compiled twice. */
const TWICE = 16;
let count = 0;

function outcome(module: WebAssembly.Module, imports: object): string | null {
	try {
		new WebAssembly.Instance(module, imports as WebAssembly.Imports);
		return null;
	} catch (error) {
		return error instanceof WebAssembly.LinkError ? error.message : `no LinkError: ${String(error)}`;
	}
}

for (const io of ["c", "js"] as const) {
	const board = openIot({ grants: ["all"], args: [], environment: [], io });
	/* A firmware may put its own functions beside the board's. */
	const copies = Object.fromEntries(
		Object.entries(board.imports).map(([name, functions]) => [name, { ...(functions as object) }]),
	);
	for (const [offset, length, direct, reason] of pack.header) {
		if (io === "js" && !direct) continue;
		const module = new CompiledModule(pack.bytes(offset, length), { optimize: count % TWICE === 0 });
		const got = outcome(module, count % 2 ? copies : board.imports);
		const wanted = reason === null ? null : `WebAssembly.Instance(): ${reason}`;
		if (got !== wanted) console.log(`${io}: ${String(got)}; wanted: ${String(wanted)}`);
		count++;
	}
	board.close();
}
console.log(String(count));
