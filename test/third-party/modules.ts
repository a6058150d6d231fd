/**
 * Modules that nobody here wrote: where each lies in its npm package, the script in scripts/ that runs it, and what
 * that script must print. Known answers are vectors of the standards, what Node's crypto and BigInt compute, and for
 * parsers and interpreters what they print on Node.
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/paths";

type Files = Record<string, Uint8Array>;

export interface ThirdParty {
	/** The script's name. */
	readonly name: string;
	readonly package: string;
	/** Files for the script: module.wasm, unless it runs several, and data. */
	files(): Files;
	/** Boards that it is too large for. */
	readonly not?: readonly string[];
	/** Lines of the script's output. */
	readonly expected: readonly string[];
}

function read(path: string): Buffer {
	return readFileSync(join(ROOT, "node_modules", path));
}

function data(name: string): Files {
	return { [name]: readFileSync(join(ROOT, "test/third-party/data", name)) };
}

function file(path: string): Files {
	return { "module.wasm": read(path) };
}

/** "\0asm" and what follows it in base64. */
const BASE64 = /AGFzbQ[A-Za-z0-9+/]+=*/;

function fromBase64(path: string): Uint8Array {
	const found = BASE64.exec(read(path).toString("latin1"));
	if (!found) throw new Error(`no module in ${path}`);
	return Buffer.from(found[0], "base64");
}

function base64(path: string): Files {
	return { "module.wasm": fromBase64(path) };
}

/** "\0asm" as an array of JavaScript, comments between its numbers. */
const ARRAY = /\[\s*(?:\/\/.*\s*)?0,\s*97,\s*115,\s*109,[^\]]*\]/;

function array(path: string): Files {
	const found = ARRAY.exec(read(path).toString("latin1"));
	if (!found) throw new Error(`no module in ${path}`);
	const numbers = found[0].replaceAll(/\/\/.*/g, "").match(/\d+/g) ?? [];
	return { "module.wasm": Uint8Array.from(numbers, Number) };
}

/** What helpers.js makes of sample(). */
function sample(length: number): Uint8Array {
	const bytes = new Uint8Array(length);
	let state = 1;
	for (let i = 0; i < length; i++) {
		state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
		bytes[i] = i % 64 < 40 ? 97 + ((i * 7) % 26) : state >>> 24;
	}
	return bytes;
}

function counting(length: number): Uint8Array {
	return Uint8Array.from({ length }, (_, i) => i);
}

function digest(algorithm: string, bytes: Uint8Array | string): string {
	return createHash(algorithm).update(bytes).digest("hex");
}

/** What data/text.* holds, compressed. */
function text(): Uint8Array {
	const words = "alpha beta gamma delta";
	return Buffer.from(
		Array.from({ length: 400 }, (_, i) => `${i}:${(i * i) % 97},${words.slice(i % 11, (i % 17) + 5)};\n`).join(""),
	);
}

function checksum(bytes: Uint8Array): string {
	return (bytes.reduce((value, byte) => Math.imul(value ^ byte, 16_777_619), 2_166_136_261 | 0) >>> 0).toString(16);
}

function crc32(bytes: Uint8Array): string {
	let value = ~0;
	for (const byte of bytes) {
		value ^= byte;
		for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
	}
	return (~value >>> 0).toString(16).padStart(8, "0");
}

function adler32(bytes: Uint8Array): string {
	let a = 1;
	let b = 0;
	for (const byte of bytes) {
		a = (a + byte) % 65_521;
		b = (b + a) % 65_521;
	}
	return (((b << 16) | a) >>> 0).toString(16).padStart(8, "0");
}

const unpacked = `text: ${text().length} ${checksum(text())}`;
const abc = Buffer.from("abc");
const large = sample(10_000);

const hashes: readonly (readonly [name: string, of: (bytes: Uint8Array) => string])[] = [
	["adler32", adler32],
	["blake2b", (bytes) => digest("blake2b512", bytes)],
	["blake2s", (bytes) => digest("blake2s256", bytes)],
	["crc32", crc32],
	["keccak", (bytes) => digest("sha3-256", bytes)],
	["md5", (bytes) => digest("md5", bytes)],
	["ripemd160", (bytes) => digest("ripemd160", bytes)],
	["sha1", (bytes) => digest("sha1", bytes)],
	["sha256", (bytes) => digest("sha256", bytes)],
	["sha512", (bytes) => digest("sha512", bytes)],
	["sm3", (bytes) => digest("sm3", bytes)],
];
/** Those that Node has not. */
const vectors: readonly (readonly [name: string, abc: string, large: string])[] = [
	[
		"blake3",
		"6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
		"d6733feeeb76860e2a7c6530901f10cb17bc04c0c76d99310dff4de6ae66d798",
	],
	["md4", "a448017aaf21d8525fc10ae87aa6729d", "0712f5e56a7812df75070fcb0d4a0280"],
	[
		"whirlpool",
		"4e2448a4c6f486bb16b6562c73b4020bf3043e3a731bce721ae1b303d97e6d4c7181eebdb6c57e277d0e34957114cbd6c797fc9d95d8b582d225292076d4eef5",
		"564d2481e7ddd57d99c5fbddbb689be8dd0dd8da61645c3d1971f96cab39c7e22a6922d1a6e8336319cbccc7452b8a7168c9afee994ae5d7a723d8ed8b87c6be",
	],
	["xxhash32", "32d153ff", "f23078f7"],
	["xxhash64", "44bc2cf5ad770999", "ace3f3002a86dafe"],
];
const hashLines = [
	...hashes.map(([name, of]) => [name, `${name}: ${of(abc)} ${of(large)}`] as const),
	...vectors.map(([name, ...digests]) => [name, `${name}: ${digests.join(" ")}`] as const),
].sort(([a], [b]) => (a < b ? -1 : 1));

/** Arithmetic of 64 bits, as BigInt has it. */
function longLines(): string[] {
	const operands = [0x123456789abcdefn, -987_654_321_098n, 7n, -1n, 1n << 63n];
	const signed = (value: bigint): bigint => BigInt.asIntN(64, value);
	const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value);
	const operations: [string, (a: bigint, b: bigint) => bigint | "trap"][] = [
		["mul", (a, b) => a * b],
		["div_s", (a, b) => (signed(a) === -(1n << 63n) && b === -1n ? "trap" : signed(a) / signed(b))],
		["div_u", (a, b) => unsigned(a) / unsigned(b)],
		["rem_s", (a, b) => signed(a) % signed(b)],
		["rem_u", (a, b) => unsigned(a) % unsigned(b)],
	];
	return operations.map(([name, of]) => {
		const results = operands.flatMap((a) => operands.map((b) => of(a, b)));
		return `${name}: ${results.map((result) => (result === "trap" ? result : signed(result))).join(" ")}`;
	});
}

const SODIUM = "libsodium/dist/modules-esm/libsodium.mjs";

/** The package's JavaScript pairs long names with the module's exports: `._malloc=A.Ee`. */
function sodiumNames(): Uint8Array {
	const pairs = read(SODIUM)
		.toString("latin1")
		.matchAll(/\._(\w+)=A\.([\w$]+)/g);
	return Buffer.from(JSON.stringify(Object.fromEntries(Array.from(pairs, (pair) => [pair[1], pair[2]]))));
}

export const thirdParty: readonly ThirdParty[] = [
	{
		name: "hash-wasm",
		package: "hash-wasm",
		files: () =>
			Object.fromEntries(
				hashLines.map(([name]) => [`${name}.wasm`, fromBase64(`hash-wasm/dist/${name}.umd.min.js`)]),
			),
		expected: hashLines.map(([, line]) => line),
	},
	{
		name: "es-module-lexer",
		package: "es-module-lexer",
		files: () => base64("es-module-lexer/dist/lexer.cjs"),
		expected: [
			"parsed: yes",
			"import: embedded:provider/builtin dynamic -1",
			"import: ./all.js dynamic -1",
			'import: "./later.js" dynamic 129',
			"import: import.meta dynamic -2",
			"export: name",
			"export: default",
			"export: start",
		],
	},
	{
		name: "cjs-module-lexer",
		package: "cjs-module-lexer",
		files: () => base64("cjs-module-lexer/dist/lexer.js"),
		expected: [
			"error: 0",
			"export: first",
			"export: 'second'",
			"export: third",
			"export: 'sixth'",
			"reexport: './again'",
		],
	},
	{
		name: "source-map",
		package: "source-map",
		files: () => file("source-map/lib/mappings.wasm"),
		expected: [
			"parsed: true",
			"generated: 0 0 0 0 1 0 0 0 0 0, 0 9 0 0 1 0 0 9 1 0, 0 13 0 0 1 0 0 13 1 1, 1 0 0 0 1 0 1 4 0 0, 1 7 0 0 1 0 1 11 1 0, 1 30 0 0 0 0 0 0 0 0, 3 2 0 0 1 1 4 4 1 2, 3 7 0 0 1 1 9 8 0 0, 4 0 0 0 1 1 8 0 1 1, 4 40000 0 0 1 1 70000 3 0 0",
			"original: 0 0 1 9 1 0 0 0 0 0, 0 9 1 13 1 0 0 9 1 0, 0 13 0 0 1 0 0 13 1 1, 1 0 1 7 1 0 1 4 0 0, 1 7 1 30 1 0 1 11 1 0, 3 2 1 7 1 1 4 4 1 2, 4 0 1 40000 1 1 8 0 1 1, 3 7 0 0 1 1 9 8 0 0, 4 40000 0 0 1 1 70000 3 0 0",
			"searched: 3 2 1 7 1 1 4 4 1 2, 4 40000 0 0 1 1 70000 3 0 0",
			"wrong: 0 4",
		],
	},
	{
		name: "llhttp",
		package: "undici",
		files: () => base64("undici/lib/llhttp/llhttp-wasm.js"),
		expected: [
			"parts: status=Partial Content field=Content-Type value=application/wasm field=Transfer-Encoding value=chunked complete=206,0,1 body=hello body=, world end",
			"result: HPE_OK status 206 method 0",
			"parts: status=Par status=tial Content field=Co field=ntent-Type value=appl value=ication/wasm field=Tr field=ansfer-Encoding value=chunked complete=206,0,1 body=h body=ello body=, world end",
			"result: HPE_OK status 206 method 0",
			"parts: url=/module.wasm?v=2 field=Host value=device field=Connection value=close complete=0,0,0 end",
			"result: HPE_OK status 0 method 1",
			"parts: url=/",
			"result: HPE_INVALID_VERSION status 0 method 1",
		],
	},
	{
		name: "xxhash",
		package: "xxhash-wasm",
		files: () => array("xxhash-wasm/esm/xxhash-wasm.js"),
		expected: [
			"empty: 2cc5d05 ef46db3751d8e999",
			"abc: 32d153ff 44bc2cf5ad770999",
			"seed: 316300a9 15bf5082de140c67",
			"large: f23078f7 ace3f3002a86dafe",
			"pieces: 61374bf3abeda8e0",
		],
	},
	{
		name: "long",
		package: "long",
		files: () => array("long/index.js"),
		expected: longLines(),
	},
	{
		name: "zstddec",
		package: "zstddec",
		files: () => ({ ...base64("zstddec/dist/zstddec.mjs"), ...data("text.zst") }),
		expected: ["size: bigint 6678", unpacked, "damaged: 1"],
	},
	{
		name: "lz4",
		package: "@foxglove/wasm-lz4",
		files: () => ({ ...file("@foxglove/wasm-lz4/dist/wasm-lz4.wasm"), ...data("text.lz4") }),
		expected: [unpacked],
	},
	{
		name: "brotli",
		package: "brotli-dec-wasm",
		files: () => ({ ...file("brotli-dec-wasm/pkg/brotli_dec_wasm_bg.wasm"), ...data("text.br") }),
		expected: [unpacked, "damaged: Brotli decompress failed"],
	},
	{
		name: "as-sha256",
		package: "@chainsafe/as-sha256",
		files: () => file("@chainsafe/as-sha256/build/optimized.wasm"),
		expected: [
			`abc: ${digest("sha256", abc)}`,
			`large: ${digest("sha256", large)}`,
			`digest64: ${digest("sha256", counting(64))}`,
		],
	},
	{
		name: "blake2b",
		package: "blake2b-wasm",
		files: () => base64("blake2b-wasm/blake2b.js"),
		expected: [
			`abc: ${digest("blake2b512", abc)}`,
			"keyed: 142709d62e28fcccd0af97fad0f8465b971e82201dc51070faa0372aa43e92484be1c1e73ba10906d5d1853db6a4106e0a7bf9800d373d6dee2d46d62ef2a461",
			"short: 384264f676f39536840523f284921cdc68b6846b",
			"large: 04248db8462483b10bf8430c1c31e03b60b44db034cd4ca3ca8b3e47ba7f6f07",
		],
	},
	{
		name: "sha512",
		package: "sha512-wasm",
		files: () => base64("sha512-wasm/sha512.js"),
		expected: [`abc: ${digest("sha512", abc)}`, `large: ${digest("sha512", large)}`],
	},
	{
		name: "siphash24",
		package: "siphash24",
		files: () => base64("siphash24/siphash24.js"),
		expected: [
			"lengths: 310e0edd47db6f72 fd67dc93c539f874 37d1018bf50002ab 6224939a79f5f593 e545be4961ca29a1 724506eb4c328a95",
		],
	},
	{
		name: "xsalsa20",
		package: "xsalsa20",
		files: () => base64("xsalsa20/xsalsa20.js"),
		expected: [
			"stream: eea6a7251c1e72916d11c2cb214d3c252539121d8e234e652d651fa4c8cff880309e645a74e9e0a60d8243acd9177ab51a1beb8d5a2f5d700c093c5e5585579625337bd3ab619d615760d8c5b224a85b1d0efe0eb8a7ee163abb0376529fcc09bab506c618e13ce777d82c3ae9d1a6f972d4160287cbfe60bf2130fc0a6ff6049d0a5c8a82f429231f0080",
			"back: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		],
	},
	{
		name: "farmhash",
		package: "farmhash-modern",
		files: () => file("farmhash-modern/bin/nodejs/farmhash_modern_bg.wasm"),
		expected: [
			"hello: 430397466 6381520714923946011",
			"large: 368767205 8906117146674464788",
			"bigquery: 6381520714923946011",
		],
	},
	{
		name: "argon2",
		package: "argon2-browser",
		files: () => file("argon2-browser/dist/argon2.wasm"),
		expected: [
			"result: 0 25c4ee8ba448054b49efc804e478b9d823be1f9bd2e99f51d6ec4007a3a1501f",
			"result: 0 4ff5ce2769a1d7f4c8a491df09d41a9fbe90e5eb02155a13e4c01e20cd4eab61",
			"result: 0 9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe",
			"encoded: $argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
			"verified: 0",
			"refused: The password does not match the supplied hash",
		],
	},
	{
		name: "libsodium",
		package: "libsodium",
		files: () => ({ ...base64(SODIUM), "names.json": sodiumNames() }),
		expected: [
			"init: 0",
			"BLAKE2b: 142709d62e28fcccd0af97fad0f8465b971e82201dc51070faa0372aa43e92484be1c1e73ba10906d5d1853db6a4106e0a7bf9800d373d6dee2d46d62ef2a461",
			"public key: 3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
			"Ed25519: 92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
			"verified: 0",
			"forged: -1",
			"X25519: 8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
			"tag: 1ae10b594f09e26a7e902ecbd0600691",
		],
	},
	{
		name: "secp256k1",
		package: "tiny-secp256k1",
		files: () => file("tiny-secp256k1/lib/secp256k1.wasm"),
		expected: [
			"generator: 0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
			"public: 04d0de0aaeaefad02b8bdc8a01a1b8b11c696bd3d66a2c5f10780d95b7df42645cd85228a6fb29940e858e7e55842ae2bd115d1ed7cc0e82d934e929c97648cb0a",
			"signature: 33a69cd2065432a30f3d1ce4eb0d59b8ab58c74f27c41a7fdb5696ad4e6108c96f807982866f785d3f6418d24163ddae117b7db4d5fdf0071de069fa54342262",
			"verified: 1",
			"forged: 0",
			"no point: 0",
			"thrown through: error 1",
		],
	},
	{
		name: "onig",
		package: "vscode-oniguruma",
		files: () => file("vscode-oniguruma/release/onig.wasm"),
		expected: [
			"scanner: true",
			"match: 2: 0 7",
			"match: 0: 12 19 12 16 17 19",
			"match: 1: 20 25 20 21 21 24",
			"match: 3: 26 32",
		],
	},
	{
		name: "lua",
		package: "wasmoon",
		files: () => file("wasmoon/dist/glue.wasm"),
		expected: [
			"version: 0 Lua 5.4",
			"arithmetic: 0 3 3.5 9.007199254741e+15 -9223372036854775808 4611686014132420609",
			"sieve: 0 303",
			"strings: 0 A1,B1,,C1  3.1|ff",
			"coroutine: 0 14",
			"caught: 0 false7",
			"error: 2 [string \"local t = nil; return t.x\"]:1: attempt to index a nil value (local 't')",
			"syntax: 3 [string \"return return\"]:1: unexpected symbol near 'return'",
		],
	},
	{
		name: "tree-sitter-json",
		package: "tree-sitter-json",
		files: () => file("tree-sitter-json/tree-sitter-json.wasm"),
		expected: [
			"language: version 14 symbols 25 aliases 0 tokens 15 states 32",
			'symbols: end { , } : [ ] " string_content escape_sequence number true false null comment document _value object pair array string _string_content document_repeat1 object_repeat1 array_repeat1',
			"table: 3",
		],
	},
	{
		name: "sql",
		package: "sql.js",
		not: ["lin-arm"],
		files: () => file("sql.js/dist/sql-wasm-debug.wasm"),
		expected: [
			"open: 0",
			"rows: sensor0,66,831.0,198 sensor2,67,833.25,200 sensor1,67,844.75,199",
			"rows: 53,10.50 154,10.50 83,10.25 184,10.25 12,10.00 113,10.00",
			"rows: SENSOR1,12.608",
			"rows: 9007199254740994,3,-1,1.0e+301,9223372036854775807,77616974",
			"error: no such column: no_such_column",
			"changes: 200",
			"close: 0",
		],
	},
];
