/*
 * Compiles the modules of the pack one after the other and prints for each what came of it: the image's hash, or why it
 * was refused.
 */

import { bytes, names } from "./guest-support";

const hash = native<(module: WebAssembly.Module) => number>("xs_module_hash");

for (const name of names) {
	let outcome: string;
	try {
		outcome = String(hash(new WebAssembly.Module(bytes(name))));
	} catch (error) {
		outcome = String(error);
	}
	console.log(JSON.stringify({ name, outcome }));
}
