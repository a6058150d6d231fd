/*
 * Runs the tests of the API in an engine, one after the other, and prints a line of JSON for each: {"name", "error"?};
 * at the end {"done"}.
 */

import { instanceTests } from "./guest-instance";
import { lifetimeTests } from "./guest-lifetime";
import { namespaceTests } from "./guest-namespace";
import { objectTests } from "./guest-objects";
import { promiseTests } from "./guest-promises";
import { tests } from "./guest-support";

namespaceTests();
instanceTests();
objectTests();
promiseTests();
lifetimeTests();

for (const { name, run } of tests) {
	let error: string | undefined;
	console.log(JSON.stringify({ begin: name }));
	try {
		await run();
	} catch (thrown) {
		error = thrown instanceof Error ? `${String(thrown)}\n${thrown.stack ?? ""}` : String(thrown);
	}
	console.log(JSON.stringify({ name, error }));
}
console.log(JSON.stringify({ done: true }));
