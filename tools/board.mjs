// Makes C of a board's settings, for its program: node tools/board.mjs BOARD OUT

import { readFileSync, writeFileSync } from "node:fs";
import { join, dirname } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [name, out] = process.argv.slice(2);
const board = JSON.parse(readFileSync(join(root, "boards", name, "board.json"), "utf8"));
const { slots, chunks, stack, cStack, keys, native } = board.memory;
const chip = JSON.parse(readFileSync(join(root, "boards/simulated/chips", `${board.chip}.json`), "utf8"));
const chipCosts = Object.fromEntries(Object.entries(chip.costs).map(([cost, { nanoseconds }]) => [cost, nanoseconds]));
/** Nanoseconds of calls are limits to the program: costOpen ... */
const costs = Object.entries({ ...board.costs, ...chipCosts }).map(([call, value]) => [
	`cost${call[0].toUpperCase()}${call.slice(1)}`,
	value,
]);
const limits = [...Object.entries(board.limits), ...costs];
const integer = (value) => {
	if (!Number.isInteger(value) || value < 0 || value > 0x7fffffff)
		throw new Error(`boards/${name}/board.json: ${value} is no size`);
	return value;
};

writeFileSync(
	out,
	`/* Made by tools/board.mjs. */
#include "board.h"

static const struct wx_board_limit limits[] = {
${limits.map(([limit, value]) => `\t{"${limit}", ${integer(value)}},`).join("\n")}
};

const struct wx_board wx_board = {
	"${board.name}", "${board.isa}",
	${[slots, chunks, stack, cStack, keys, native].map(integer).join(", ")},
	${limits.length}, limits
};
`,
);
