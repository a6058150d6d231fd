/* Runs the tests of the API in an engine. */

import { instanceTests } from "./guest-instance";
import { lifetimeTests } from "./guest-lifetime";
import { namespaceTests } from "./guest-namespace";
import { objectTests } from "./guest-objects";
import { promiseTests } from "./guest-promises";
import { runTests } from "./guest-support";

namespaceTests();
instanceTests();
objectTests();
promiseTests();
lifetimeTests();

await runTests();
