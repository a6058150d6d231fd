import { ascii, bytesOf, hex, instantiate, report, sample } from "./helpers.js";

const STATE = 216;
const BLOCK = 128;
const INPUT = 80;

const sha = await instantiate();

function digest(message) {
	const bytes = new Uint8Array(sha.memory.buffer);
	bytes.fill(0, 0, STATE);
	bytes.set(message.subarray(0, BLOCK), INPUT);
	bytes.set(message.subarray(BLOCK), STATE);
	sha.sha512(0, STATE, message.length, 0);
	bytes.fill(0, INPUT + (message.length % BLOCK), INPUT + BLOCK);
	sha.sha512(0, STATE, 0, 1);
	return hex(bytesOf(sha.memory, 0, 64));
}

report("abc", digest(ascii("abc")));
report("large", digest(sample(10_000)));
