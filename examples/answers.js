/* Prints the known answers of the examples: node answers.js PROGRAM ..., the examples as programs of this machine. */

import { execFileSync } from "node:child_process";
import { basename } from "node:path";
import { repeat, run } from "./dew-point/dew-point.js";

const answers = {};
for (const program of process.argv.slice(2)) {
	const [once, hundred] = execFileSync(program, { encoding: "utf8" }).split(" ").map(Number);
	answers[basename(program)] = { run: once, repeat100: hundred };
}
answers["dew-point"] = { run: run(), repeat100: repeat(100) };
console.log(JSON.stringify(answers, null, "\t"));
