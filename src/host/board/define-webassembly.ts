/** WebAssembly as scripts know it, a global variable. */

import { installWebAssembly } from "../webassembly/webassembly";

installWebAssembly();
