import { ascii, bytesOf, instantiate, report, sample } from "./helpers.js";

const farm = await instantiate();

function given(message) {
	const address = farm.__wbindgen_malloc(message.length, 1);
	bytesOf(farm.memory, address, message.length).set(message);
	return address;
}

function both(message) {
	const short = farm.fingerprint32(given(message), message.length) >>> 0;
	const long = BigInt.asUintN(64, farm.fingerprint64(given(message), message.length));
	return `${short} ${long}`;
}

report("hello", both(ascii("hello world")));
report("large", both(sample(10_000)));
report("bigquery", farm.bigquery_fingerprint(given(ascii("hello world")), 11));
