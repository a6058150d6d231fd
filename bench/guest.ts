/*
 * Runs inside a board's XS: calls a kernel's repeat() for two counts of rounds, each in a phase of the instruction
 * counter, and replies with what came of it.
 */

interface Request {
	fewer: number;
	more: number;
}

type Repeat = (rounds: number) => number;

const getRequest = native<() => string>("xs_host_request");
const reply = native<(line: string) => void>("xs_host_reply");
const mark = native<(phase: number) => void>("xs_host_mark");
const moduleFigures = native<(module: object) => object>("xs_module_figures");

function counted(phase: number, repeat: Repeat, rounds: number): number {
	mark(phase);
	const result = repeat(rounds);
	mark(0);
	return result | 0;
}

/** The first call is for tables that a kernel makes once. */
export function measure(repeat: Repeat, figures: object): void {
	const { fewer, more } = JSON.parse(getRequest()) as Request;
	repeat(fewer);
	const results = [counted(2, repeat, fewer), counted(4, repeat, more)];
	reply(JSON.stringify({ results, ...figures }));
}

export function measureModule(): void {
	const module = new WebAssembly.Module(files.read("module.wasm"));
	const { repeat } = new WebAssembly.Instance(module, {}).exports;
	measure(repeat as Repeat, moduleFigures(module));
}
