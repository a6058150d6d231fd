import { ascii, bytesOf, cString, instantiate, report } from "./helpers.js";

/* Options and syntaxes, some of them addresses, by the names that the module gives them. */
const constants = {};

const ignore = () => {};
const onig = await instantiate({
	env: {
		emscripten_memcpy_big: (to, from, length) => {
			new Uint8Array(onig.memory.buffer).copyWithin(to, from, from + length);
		},
		emscripten_resize_heap: () => 0,
		_embind_register_constant(name, _type, value) {
			constants[cString(onig.memory, name)] = value;
		},
		_embind_register_void: ignore,
		_embind_register_bool: ignore,
		_embind_register_integer: ignore,
		_embind_register_float: ignore,
		_embind_register_std_string: ignore,
		_embind_register_std_wstring: ignore,
		_embind_register_emval: ignore,
		_embind_register_memory_view: ignore,
		_embind_register_bigint: ignore,
	},
});
onig.__wasm_call_ctors();
onig._embind_initialize_bindings();

function bytesIn(bytes) {
	const address = onig.omalloc(bytes.length || 1);
	bytesOf(onig.memory, address, bytes.length).set(bytes);
	return address;
}

function wordsIn(words) {
	const address = onig.omalloc(words.length * 4);
	new Uint32Array(onig.memory.buffer, address, words.length).set(words);
	return address;
}

const patterns = [
	"(?<year>\\d{4})-(?<month>\\d\\d)",
	"\\b(\\w)(\\w*)\\1\\b",
	"(?i:straSSE)(?=\\s)",
	"[[:alpha:]&&[^aeiou]]{4,}",
].map(ascii);
const places = patterns.map(bytesIn);
const scanner = onig.createOnigScanner(
	wordsIn(places),
	wordsIn(patterns.map((pattern) => pattern.length)),
	patterns.length,
	constants.ONIG_OPTION_CAPTURE_GROUP,
	constants.ONIG_SYNTAX_DEFAULT,
);
report("scanner", scanner !== 0);

const subject = ascii("Strasse 17, 2022-06 level rhythm");
const address = bytesIn(subject);
let from = 0;
for (;;) {
	const found = onig.findNextOnigScannerMatch(scanner, 1, address, subject.length, from, constants.ONIG_OPTION_NONE);
	if (!found) break;
	const words = new Uint32Array(onig.memory.buffer, found, 2);
	const [pattern, groups] = words;
	const ends = new Uint32Array(onig.memory.buffer, found + 8, groups * 2);
	report("match", `${pattern}: ${ends.join(" ")}`);
	from = ends[1];
}
onig.freeOnigScanner(scanner);
