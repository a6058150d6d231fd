import { bytesOf, counting, hex, instantiate, report } from "./helpers.js";

const sip = await instantiate();

/* The vectors of the reference: key 00 01 02 ..., messages 00 01 02 ... of every length. */
function digest(length) {
	bytesOf(sip.memory, 8, 16).set(counting(16));
	bytesOf(sip.memory, 24, length).set(counting(length));
	sip.siphash(24, length);
	return hex(bytesOf(sip.memory, 0, 8));
}

report("lengths", [0, 1, 7, 8, 15, 63].map(digest).join(" "));
