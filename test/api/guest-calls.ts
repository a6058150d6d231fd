/* Runs the tests of guest-states.ts in an engine. */

import { stateTests } from "./guest-states";
import { runTests } from "./guest-support";

stateTests();
await runTests();
