/** The front end in JavaScript, with the board's limits. */

import { Limit } from "../../aot/base/limits";

export type Memory = ArrayBufferLike | ArrayBufferView;

/** src/aot/front-end.ts, and its memory: until the next call of step() or configure(), which may replace the buffer. */
export interface Program {
	setLimit(index: number, value: number): void;
	configure(flags: number): number;
	inputAddress(): number;
	inputCapacity(): number;
	feed(length: number): void;
	finish(): void;
	step(): number;
	planAddress(): number;
	planLength(): number;
	errorCode(): number;
	errorOffset(): number;
	errorFunction(): number;
	errorDetail0(): number;
	errorDetail1(): number;
	bytes(): Memory;
}

const importNow = native<(name: string) => unknown>("xs_compiler_import");
const limitOf = native<(name: string) => number | undefined>("xs_host_limit");

/* The names of a board's limits, in the order of enum Limit. */
const LIMITS =
	"functions types typeBytes globals tables elements data exports parameters results locals localRuns nesting operands bodySize nameSize window plan notes uses";

let program: Program | undefined;

function setLimits(made: Program): void {
	const names = LIMITS.split(" ");
	for (let i = Limit.FUNCTIONS; i < names.length; i++) {
		const value = limitOf(names[i]!);
		if (value !== undefined) made.setLimit(i, value);
	}
}

/** Interpreted it takes much of the heap, so it is not there before something is compiled. */
export function loadFrontEnd(): Program {
	if (!program) {
		program = importNow("front-end") as Program;
		setLimits(program);
	}
	return program;
}
