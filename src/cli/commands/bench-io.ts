/** `wait-xs bench-io`: instructions of one call of the device API, by the three ways to a pin. */

import { join } from "node:path";
import type { Command } from "commander";
import { boardNames, loadBoard, type Board } from "../boards";
import { CommandError, Status } from "../errors";
import { loadIsa } from "../isa";
import { readModuleFile } from "../module-file";
import { root } from "../project";
import { runModule, type PinWay } from "../run-module";

/** Exports of bench/io: a call, what it is, and the same loop without it. */
const operations = [
	["write", "gpio_write of a constant, the level changes", "nothing"],
	["write_level", "gpio_write of a variable, the level changes", "levels"],
	["write_same", "gpio_write of a constant, the level stays", "nothing"],
	["write_checked", "gpio_write of a constant, its result is used", "sums"],
	["read", "gpio_read", "sums"],
	["modulate", "pwm_write", "nothing"],
	["sample", "adc_read", "sums"],
	["now", "now_us, its result is summed", "nothing"],
] as const;

const ways: readonly PinWay[] = ["js", "c", "inline"];
const CALLS = 16;
const FEWER = 3;
const MORE = 13;

interface Row {
	readonly board: string;
	readonly operation: string;
	readonly js: number;
	readonly c: number;
	readonly inline: number;
}

/** A machine that is not emulated is, for its instructions to be counted. */
function counted(board: Board): Board {
	return board.emulated ? board : { ...board, launch: loadIsa(board.isa).emulator, emulated: true };
}

async function instructions(board: Board, path: string, io: PinWay, invoke: string, rounds: number): Promise<number> {
	const report = await runModule(board, readModuleFile(path, board), {
		invoke,
		values: [{ type: "i32", text: String(rounds) }],
		results: ["i32"],
		audit: false,
		trim: false,
		count: true,
		frontEnd: "native",
		timeout: undefined,
		grants: ["gpio", "pwm", "adc"],
		io,
		plainRegisters: true,
		virtualTime: true,
	});
	if (report.run.trap || report.run.instructions === null || Number(report.run.result?.[0]) < 0)
		throw new CommandError(
			`${board.name}: ${invoke} by ${io}: ${report.run.trap?.message ?? `it gave ${report.run.result?.join() ?? "nothing"}`}`,
			Status.BOARD,
		);
	return report.run.instructions;
}

async function perCall(board: Board, path: string, io: PinWay, operation: string): Promise<number> {
	const more = await instructions(board, path, io, operation, MORE);
	const fewer = await instructions(board, path, io, operation, FEWER);
	return (more - fewer) / (MORE - FEWER) / CALLS;
}

async function measure(name: string): Promise<Row[]> {
	const board = counted(loadBoard(name));
	const path = join(root, "bench/io/io.wasm");
	const rows: Row[] = [];
	const loops = new Map<string, number>();
	for (const [invoke, operation, empty] of operations) {
		const row = { js: 0, c: 0, inline: 0 };
		const loop = loops.get(empty) ?? (await perCall(board, path, "c", empty));
		loops.set(empty, loop);
		for (const way of ways) row[way] = Math.round((await perCall(board, path, way, invoke)) - loop);
		rows.push({ board: name, operation, ...row });
	}
	return rows;
}

export function addBenchIo(program: Command): void {
	program
		.command("bench-io")
		.description("count the instructions of pin access: through JavaScript, through C, in line; needs qemu-user")
		.option("--board <B>", "only this board")
		.option("--json", "an array of objects")
		.action(async (options: { board?: string; json?: boolean }) => {
			const rows: Row[] = [];
			for (const name of options.board === undefined ? boardNames() : [options.board])
				rows.push(...(await measure(name)));
			if (options.json) console.log(JSON.stringify(rows));
			else {
				console.log(`${"instructions of one call".padEnd(55)} JavaScript        C  in line`);
				for (const { board, operation, js, c, inline } of rows)
					console.log(
						`${board.padEnd(8)} ${operation.padEnd(46)} ${String(js).padStart(10)} ${String(c).padStart(8)} ${String(inline).padStart(8)}`,
					);
			}
		});
}
