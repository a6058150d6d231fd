import { ascii, bytesOf, counting, hex, instantiate, report, sample } from "./helpers.js";

const blake = await instantiate();
const STATE = 64;
const DIGEST = STATE + 128;
const INPUT = 512;

function digest(message, length, key = new Uint8Array(0)) {
	const bytes = new Uint8Array(blake.memory.buffer);
	bytes.fill(0, 0, 64);
	bytes.set([length, key.length, 1, 1]);
	blake.blake2b_init(STATE, length);
	if (key.length) {
		bytes.set(key, INPUT);
		blake.blake2b_update(STATE, INPUT, INPUT + key.length);
		bytes[STATE + 200] = 128;
	}
	bytesOf(blake.memory, INPUT, message.length).set(message);
	blake.blake2b_update(STATE, INPUT, INPUT + message.length);
	blake.blake2b_final(STATE);
	return hex(bytesOf(blake.memory, DIGEST, length));
}

report("abc", digest(ascii("abc"), 64));
report("keyed", digest(counting(255), 64, counting(64)));
report("short", digest(ascii("abc"), 20));
report("large", digest(sample(10_000), 32));
