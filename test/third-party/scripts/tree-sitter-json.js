import { cString, instantiate, report } from "./helpers.js";

/* A side module: memory, table and its place in both come from outside, and it relocates its own data. */
const BASE = 4_096;
const memory = new WebAssembly.Memory({ initial: 2 });
const table = new WebAssembly.Table({ initial: 16, element: "anyfunc" });
const grammar = await instantiate({
	env: {
		memory,
		__indirect_function_table: table,
		__memory_base: new WebAssembly.Global({ value: "i32" }, BASE),
		__table_base: new WebAssembly.Global({ value: "i32" }, 3),
	},
});
grammar.__wasm_apply_data_relocs();
grammar.__wasm_call_ctors();

const words = new Uint32Array(memory.buffer);
const language = grammar.tree_sitter_json() >> 2;
const [version, symbols, aliases, tokens, , states] = words.subarray(language, language + 6);
report("language", `version ${version} symbols ${symbols} aliases ${aliases} tokens ${tokens} states ${states}`);
const NAMES = 14;
const names = [];
for (let i = 0; i < symbols; i++) names.push(cString(memory, words[(words[language + NAMES] >> 2) + i]));
report("symbols", names.join(" "));
const filled = [];
for (let i = 0; i < table.length; i++) if (table.get(i)) filled.push(i);
report("table", filled.join(" "));
