/* Prints the known answers of the examples: node answers.js DIRECTORY, where the native programs are. */

import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { repeat, run } from "./dew-point/dew-point.js";

const answers = {};
for (const name of readdirSync(process.argv[2]).sort()) {
	const [once, hundred] = execFileSync(`${process.argv[2]}/${name}`, { encoding: "utf8" }).split(" ").map(Number);
	answers[name] = { run: once, repeat100: hundred };
}
answers["dew-point"] = { run: run(), repeat100: repeat(100) };
console.log(JSON.stringify(answers, null, "\t"));
