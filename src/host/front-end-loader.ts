/** The front end of this board. */

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

let frontEnd: FrontEnd | undefined;

/** Interpreted it takes much of the heap, so it is not there before something is compiled. */
export function loadFrontEnd(): FrontEnd {
	return (frontEnd ??= importNow("front-end") as FrontEnd);
}
