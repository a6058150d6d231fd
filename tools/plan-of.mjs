// The plan of a module (docs/PLAN.md) by the front end in JavaScript, build/image/front-end.js, on Node.

import { join } from "node:path";
import { pathToFileURL } from "node:url";

/* src/aot/base/status.ts, src/aot/base/limits.ts */
const NEED_INPUT = 0;
const PLAN = 1;
const DONE = 2;
const LIMITS = {
	functions: 0,
	types: 1,
	globals: 3,
	nesting: 12,
	operands: 13,
	bodySize: 14,
	plan: 17,
	notes: 18,
	uses: 19,
};

/**
 * The plan as one buffer. `root`: the built checkout; `board`: the parsed board.json, whose limits the plan depends on;
 * `flags` as configure()
 * of src/aot/front-end.ts takes them. Throws when the module is refused.
 */
export async function planOf(root, module, board, flags = 0) {
	const frontEnd = await import(pathToFileURL(join(root, "build/image/front-end.js")).href);
	for (const [name, index] of Object.entries(LIMITS)) frontEnd.setLimit(index, board.limits[name]);
	frontEnd.configure(flags);
	const batches = [];
	let taken = 0;
	for (;;) {
		const status = frontEnd.step();
		if (status === DONE) return Buffer.concat(batches);
		if (status === PLAN)
			batches.push(
				Buffer.from(
					frontEnd.bytes().slice(frontEnd.planAddress(), frontEnd.planAddress() + frontEnd.planLength()),
				),
			);
		else if (status !== NEED_INPUT)
			throw new Error(`the module is refused: error ${frontEnd.errorCode()} at byte ${frontEnd.errorOffset()}`);
		else if (taken === module.length) frontEnd.finish();
		else {
			const count = Math.min(frontEnd.inputCapacity(), module.length - taken);
			frontEnd.bytes().set(module.subarray(taken, taken + count), frontEnd.inputAddress());
			frontEnd.feed(count);
			taken += count;
		}
	}
}
