import { ascii, bytesOf, counting, fromHex, hex, instantiate, report, text } from "./helpers.js";

/* The package's names are as short as emscripten makes them: its own JavaScript says what is what. */
const names = JSON.parse(text(new Uint8Array(files.read("names.json"))));
const MEMORY = "e";
const START = "f";

/* b: where the library asks JavaScript for random numbers. */
const module = await instantiate({ a: { b: () => 42 } });
const memory = module[MEMORY];
const sodium = {};
for (const name in names) sodium[name] = module[names[name]];
module[START]();
report("init", sodium.sodium_init());

function bytesIn(bytes) {
	const address = sodium.malloc(bytes.length || 1);
	bytesOf(memory, address, bytes.length).set(bytes);
	return address;
}

function room(length) {
	return bytesIn(new Uint8Array(length));
}

/* 64-bit lengths come in halves. */
const digest = room(64);
sodium.crypto_generichash(digest, 64, bytesIn(counting(255)), 255, 0, bytesIn(counting(64)), 64);
report("BLAKE2b", hex(bytesOf(memory, digest, 64)));

/* RFC 8032, 7.1, test 2. */
const seed = fromHex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
const publicKey = room(32);
const secretKey = room(64);
const signature = room(64);
const message = bytesIn(fromHex("72"));
sodium.crypto_sign_seed_keypair(publicKey, secretKey, bytesIn(seed));
report("public key", hex(bytesOf(memory, publicKey, 32)));
sodium.crypto_sign_detached(signature, 0, message, 1, 0, secretKey);
report("Ed25519", hex(bytesOf(memory, signature, 64)));
report("verified", sodium.crypto_sign_verify_detached(signature, message, 1, 0, publicKey));
bytesOf(memory, message, 1)[0]++;
report("forged", sodium.crypto_sign_verify_detached(signature, message, 1, 0, publicKey));

/* RFC 7748, 6.1. */
const shared = room(32);
const alice = bytesIn(fromHex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
sodium.crypto_scalarmult_base(shared, alice);
report("X25519", hex(bytesOf(memory, shared, 32)));

/* RFC 8439, 2.8.2. */
const plain = ascii(
	"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
);
const sealed = room(plain.length + 16);
const key = counting(32).map((value) => value + 0x80);
const nonce = fromHex("070000004041424344454647");
const data = fromHex("50515253c0c1c2c3c4c5c6c7");
sodium.crypto_aead_chacha20poly1305_ietf_encrypt(
	sealed,
	0,
	bytesIn(plain),
	plain.length,
	0,
	bytesIn(data),
	data.length,
	0,
	0,
	bytesIn(nonce),
	bytesIn(key),
);
report("tag", hex(bytesOf(memory, sealed + plain.length, 16)));
