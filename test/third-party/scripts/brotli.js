import { bytesOf, cString, checksum, instantiate, report, text } from "./helpers.js";

const GLUE = "./brotli_dec_wasm_bg.js";

/* Names end in a hash of their types. */
const brotli = await instantiate({
	[GLUE]: {
		__wbindgen_init_externref_table() {
			const table = brotli.__wbindgen_externrefs;
			const start = table.grow(4);
			table.set(0, undefined);
			table.set(start, undefined);
			table.set(start + 1, null);
			table.set(start + 2, true);
			table.set(start + 3, false);
		},
		__wbg_Error_83742b46f01ce22d: (address, length) => Error(text(bytesOf(brotli.memory, address, length))),
		__wbg___wbindgen_throw_6ddd609b62940d55(address) {
			throw new Error(cString(brotli.memory, address));
		},
	},
});
brotli.__wbindgen_start();

function decode(packed) {
	const from = brotli.__wbindgen_malloc(packed.length, 1);
	bytesOf(brotli.memory, from, packed.length).set(packed);
	const [address, length, error, failed] = brotli.brotli_dec(from, packed.length);
	if (failed) return String(brotli.__wbindgen_externrefs.get(error).message);
	const result = `${length} ${checksum(bytesOf(brotli.memory, address, length))}`;
	brotli.__wbindgen_free(address, length, 1);
	return result;
}

const packed = new Uint8Array(files.read("text.br"));
report("text", decode(packed));
packed[4] ^= 0xff;
report("damaged", decode(packed));
