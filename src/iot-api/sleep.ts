/** Waiting, for `wait` and `poll_oneoff`. */

/** Microseconds of the clock, 285 years, up to which numbers are exact. */
const LAST = 2 ** 53;

/** When `delay` from `now` is over: Infinity where no clock comes. */
export function dueAt(now: number, delay: number): number {
	const due = now + delay;
	return due < LAST ? due : Infinity;
}

/**
 * Takes steps until one returns a number; each other one returns what is to be waited for before the next. Nothing of
 * it is a promise as long as nothing has to be waited for; then it is one for all the steps, since one in another for
 * each step would be memory that a module takes as often as it is woken.
 */
export function takeSteps(step: () => number | Promise<void>): number | Promise<number> {
	const first = step();
	if (typeof first === "number") return first;
	return new Promise((resolve, reject) => {
		function go(): void {
			try {
				const next = step();
				if (typeof next === "number") resolve(next);
				else void next.then(go);
			} catch (error) {
				reject(error);
			}
		}
		void first.then(go);
	});
}
