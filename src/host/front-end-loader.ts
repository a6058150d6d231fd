/** The front end of this board, with the board's limits. */

import { Limit } from "../aot/limits";

/** src/aot/front-end.ts, and its memory: until the next call of step() or configure(), which may replace the buffer. */
export interface FrontEnd {
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
	bytes(): ArrayBufferLike | ArrayBufferView;
}

const importNow = native<(name: string) => unknown>("xs_compiler_import");
const limitOf = native<(name: string) => number | undefined>("xs_host_limit");

let frontEnd: FrontEnd | undefined;

/* The names of a board's limits, in the order of enum Limit. */
const LIMITS =
	"functions types typeBytes globals tables elements data exports parameters results locals localRuns nesting operands bodySize nameSize window plan notes uses";

function setLimits(made: FrontEnd): void {
	const names = LIMITS.split(" ");
	for (let i = Limit.FUNCTIONS; i < names.length; i++) {
		const value = limitOf(names[i]!);
		if (value !== undefined) made.setLimit(i, value);
	}
}

/** Interpreted it takes much of the heap, so it is not there before something is compiled. */
export function loadFrontEnd(): FrontEnd {
	if (!frontEnd) {
		frontEnd = importNow("front-end") as FrontEnd;
		setLimits(frontEnd);
	}
	return frontEnd;
}
