// The plan of a module (docs/PLAN.md) by the front end in JavaScript, build/image/front-end.js, on Node.

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readRows } from "./shared.mjs";

const { frontEndLimits } = await readRows("limits");
const { frontEndStatuses } = await readRows("board");
/** @param {string} member */
const status = (member) => frontEndStatuses.findIndex((row) => row.member === member);
const NEED_INPUT = status("NEED_INPUT");
const PLAN = status("PLAN");
const DONE = status("DONE");

/**
 * The plan as one buffer. `root`: the built checkout; `board`: the parsed board.json, whose limits the plan depends on;
 * `flags` as configure()
 * of src/aot/front-end.ts takes them. Throws when the module is refused.
 */
export async function planOf(root, module, board, flags = 0) {
	const frontEnd = await import(pathToFileURL(join(root, "build/image/front-end.js")).href);
	frontEndLimits.forEach((row, index) => frontEnd.setLimit(index, board.limits[row.key]));
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
