import { bytesOf, checksum, instantiate, report } from "./helpers.js";

const EXPORTS = { memory: "c", start: "d", malloc: "e", free: "f", decompress: "h", context: "i" };

const module = await instantiate({
	a: {
		a: () => 0,
		b: (to, from, length) => {
			new Uint8Array(lz4.memory.buffer).copyWithin(to, from, from + length);
			return to;
		},
	},
});
const lz4 = {};
for (const name in EXPORTS) lz4[name] = module[EXPORTS[name]];
lz4.start();

const packed = new Uint8Array(files.read("text.lz4"));
const room = 8_192;
const from = lz4.malloc(packed.length);
const to = lz4.malloc(room);
const context = lz4.context();
bytesOf(lz4.memory, from, packed.length).set(packed);
const length = lz4.decompress(context, to, room, from, packed.length);
report("text", `${length} ${checksum(bytesOf(lz4.memory, to, length))}`);
lz4.free(to);
lz4.free(from);
