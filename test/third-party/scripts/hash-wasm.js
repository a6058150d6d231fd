import { ascii, bytesOf, hex, instantiate, report, sample } from "./helpers.js";

/* File, argument of Hash_Init, bytes of the digest. */
const algorithms = [
	["adler32", 0, 4],
	["blake2b", 512, 64],
	["blake2s", 256, 32],
	["blake3", 0, 32],
	["crc32", 0xedb88320 | 0, 4],
	["keccak", 256, 32],
	["md4", 0, 16],
	["md5", 0, 16],
	["ripemd160", 0, 20],
	["sha1", 0, 20],
	["sha256", 256, 32],
	["sha512", 512, 64],
	["sm3", 0, 32],
	["whirlpool", 0, 64],
	["xxhash32", 0, 4],
	["xxhash64", 0, 8],
];

/* What Hash_Final wants to know: how Keccak pads, how much BLAKE3 gives. */
const FINAL = { keccak: 6, blake3: 32 };

for (const [name, initial, length] of algorithms) {
	const hash = await instantiate({}, `${name}.wasm`);
	const digest = (message) => {
		const buffer = hash.Hash_GetBuffer();
		if (name.startsWith("xxhash")) bytesOf(hash.memory, buffer, 8).fill(0);
		hash.Hash_Init(initial);
		for (let start = 0; start < message.length; start += 4_096) {
			const part = message.subarray(start, start + 4_096);
			bytesOf(hash.memory, buffer, part.length).set(part);
			hash.Hash_Update(part.length);
		}
		hash.Hash_Final(FINAL[name] ?? 0);
		return hex(bytesOf(hash.memory, buffer, length));
	};
	report(name, `${digest(ascii("abc"))} ${digest(sample(10_000))}`);
}
