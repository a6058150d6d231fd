/** Loads the device API when something wants it: until then it takes no memory. */

import type * as Entry from "./iot";

const importNow = native<(name: string) => unknown>("xs_compiler_import");

export function loadIot(): typeof Entry {
	return importNow("iot") as typeof Entry;
}
