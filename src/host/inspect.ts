/** `wait-xs inspect`, on the board: compiles the module, and replies with the sizes of what it has become. The command line's side is src/cli/command-inspect.ts. */

import { functionSizes, moduleFigures } from "./figures";
import { compileSource, type Module } from "./module";
import { reasonOf } from "./reasons";

const reply = native<(line: string) => void>("xs_host_reply");

async function inspect(): Promise<object> {
	let module: Module;
	try {
		module = await compileSource(files.open("module.wasm"));
	} catch (error) {
		return { refused: reasonOf(error) };
	}
	const { image, code, tables, records } = moduleFigures(module);
	return { image, code, tables, records, functions: Array.from(functionSizes(module)) };
}

reply(JSON.stringify(await inspect()));
