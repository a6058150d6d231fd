import { bytesOf, fromHex, hex, instantiate, report, text } from "./helpers.js";

const salsa = await instantiate();
const STATE = 144;
const NONCE = STATE + 8;
const KEY = NONCE + 24;
const DATA = 1_024;

function stream(key, nonce, message) {
	bytesOf(salsa.memory, STATE, 8).fill(0);
	bytesOf(salsa.memory, NONCE, 24).set(fromHex(nonce));
	bytesOf(salsa.memory, KEY, 32).set(fromHex(key));
	bytesOf(salsa.memory, DATA, message.length).set(message);
	salsa.xsalsa20_xor(STATE, DATA, DATA, message.length, NONCE, KEY);
	return bytesOf(salsa.memory, DATA, message.length).slice();
}

const key = "1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389";
const nonce = "69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37";
report("stream", hex(stream(key, nonce, new Uint8Array(139))));
const back = stream(key, nonce, stream(key, nonce, new Uint8Array(77).fill(65)));
report("back", text(back));
