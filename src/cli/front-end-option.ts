import { Option } from "commander";
import { frontEnds } from "./runner";

/** `--front-end`, of the commands that compile. */
export function frontEndOption(): Option {
	return new Option(
		"--front-end <F>",
		"what decodes and validates: the board's native code, or the same in JavaScript, the reference",
	)
		.choices(frontEnds)
		.default("native");
}

/** `--optimize`, of the commands that compile. */
export function optimizeOption(): Option {
	return new Option(
		"--optimize",
		"compile a second time, with what the first compilation learned of the whole module",
	);
}
