import { ascii, bytesOf, cString, fromHex, hex, instantiate, report } from "./helpers.js";

const EXPORTS = {
	memory: "c",
	start: "d",
	hash: "e",
	malloc: "f",
	free: "g",
	verify: "h",
	message: "i",
	encodedLength: "j",
};

const module = await instantiate({
	a: {
		a: (to, from, length) => {
			new Uint8Array(argon.memory.buffer).copyWithin(to, from, from + length);
			return to;
		},
		b: () => 0,
	},
});
const argon = {};
for (const name in EXPORTS) argon[name] = module[EXPORTS[name]];
argon.start();

function bytesIn(bytes) {
	const address = argon.malloc(bytes.length + 1);
	bytesOf(argon.memory, address, bytes.length).set(bytes);
	new Uint8Array(argon.memory.buffer)[address + bytes.length] = 0;
	return address;
}

const VERSION = 0x13;

function hash(type, passes, kilobytes, lanes, password, salt) {
	const digest = argon.malloc(32);
	const encoded = argon.malloc(256);
	const result = argon.hash(
		passes,
		kilobytes,
		lanes,
		bytesIn(ascii(password)),
		password.length,
		bytesIn(ascii(salt)),
		salt.length,
		digest,
		32,
		encoded,
		256,
		type,
		VERSION,
	);
	report("result", `${result} ${hex(bytesOf(argon.memory, digest, 32))}`);
	return cString(argon.memory, encoded);
}

hash(0, 2, 256, 1, "password", "somesalt");
hash(1, 2, 256, 2, "password", "somesalt");
const encoded = hash(2, 2, 256, 1, "password", "somesalt");
report("encoded", encoded);
const good = ascii("password");
const bad = fromHex("00");
report("verified", argon.verify(bytesIn(ascii(encoded)), bytesIn(good), good.length, 2));
report(
	"refused",
	cString(argon.memory, argon.message(argon.verify(bytesIn(ascii(encoded)), bytesIn(bad), bad.length, 2))),
);
