/**
 * Loads the front end in JavaScript, a module of its own: interpreted it takes much of the heap, so it is not there
 * before something is compiled, and firmware with a native front end can do without it.
 */

import type * as Loaded from "./script-front-end";

const importNow = native<(name: string) => unknown>("xs_compiler_import");

let loaded: typeof Loaded | undefined;

export function loadScriptFrontEnd(): typeof Loaded {
	if (!loaded) loaded = importNow("script-front-end") as typeof Loaded;
	return loaded;
}
