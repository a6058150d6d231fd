import { ascii, bytesOf, instantiate, report, sample } from "./helpers.js";

const hash = await instantiate();

function unsigned(value) {
	return (value >>> 0).toString(16);
}

function both(message, seed) {
	bytesOf(hash.mem, 0, message.length).set(message);
	const short = unsigned(hash.xxh32(0, message.length, seed));
	const long = BigInt.asUintN(64, hash.xxh64(0, message.length, BigInt(seed))).toString(16);
	return `${short} ${long}`;
}

report("empty", both(ascii(""), 0));
report("abc", both(ascii("abc"), 0));
report("seed", both(ascii("abc"), 20_141_025));
report("large", both(sample(10_000), 0));
bytesOf(hash.mem, 0, 88).fill(0);
hash.init64(0, 0n);
const message = sample(999);
for (let start = 0; start < message.length; start += 77) {
	const part = message.subarray(start, start + 77);
	bytesOf(hash.mem, 1_024, part.length).set(part);
	hash.update64(0, 1_024, part.length);
}
report("pieces", BigInt.asUintN(64, hash.digest64(0)).toString(16));
