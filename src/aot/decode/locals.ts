/**
 * The locals of the function at hand: run-length coded, so that 50,000 declared ones cost nothing each.
 *
 * A run is u32: the index behind its last local << 3 | type. Parameters are not in the runs but in the function's type.
 */

import { localRuns } from "../base/function-arena";
import { within } from "./environment";
import { ErrorCode } from "../base/error-code";
import { fail } from "../base/input";
import { Limit } from "../base/limit";
import { load32, load8, ltu, store32 } from "../base/memory";

/** Parameters included. */
export let locals: i32 = 0;
export let parameters: i32 = 0;
export let runs: i32 = 0;

let parameterTypes: i32 = 0;

/** A function of the type at `type` begins. */
export function openLocals(type: i32): void {
	parameters = load8(type);
	parameterTypes = type + 2;
	locals = parameters;
	runs = 0;
}

export function addLocals(count: i32, type: i32): void {
	const sum = (locals + count) | 0;
	if (count < 0 || sum < 0) {
		fail(ErrorCode.TOO_MANY_LOCALS, 0, 0);
		return;
	}
	if (count == 0 || !within(Limit.LOCALS, sum)) return;
	locals = sum;
	if (runs > 0 && runType(runs - 1) == type) runs--;
	else if (!within(Limit.LOCAL_RUNS, runs + 1)) return;
	store32(localRuns + (runs << 2), (sum << 3) | type);
	runs++;
}

export function parameterType(parameter: i32): i32 {
	return load8(parameterTypes + parameter);
}

export function runType(run: i32): i32 {
	return load32(localRuns + (run << 2)) & 7;
}

/** Locals of run `run`. */
export function runLength(run: i32): i32 {
	const start = run == 0 ? parameters : load32(localRuns + ((run - 1) << 2)) >> 3;
	return (load32(localRuns + (run << 2)) >> 3) - start;
}

/** CM-3, of locals. The type of local `index`, 0 when refused. */
export function localType(index: i32): i32 {
	if (ltu(index, parameters)) return load8(parameterTypes + index);
	if (!ltu(index, locals)) {
		fail(ErrorCode.UNKNOWN_LOCAL, index, locals);
		return 0;
	}
	// the first run that ends behind it
	let low = 0;
	let high = runs - 1;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (load32(localRuns + (middle << 2)) >> 3 > index) high = middle;
		else low = middle + 1;
	}
	return runType(low);
}
