import { bytesOf, checksum, instantiate, report } from "./helpers.js";

let growths = 0;
const zstd = await instantiate({ env: { emscripten_notify_memory_growth: () => growths++ } });
const packed = new Uint8Array(files.read("text.zst"));
const from = zstd.malloc(packed.length);
bytesOf(zstd.memory, from, packed.length).set(packed);
const size = zstd.ZSTD_findDecompressedSize(from, packed.length);
report("size", `${typeof size} ${size}`);
const to = zstd.malloc(Number(size));
const length = zstd.ZSTD_decompress(to, Number(size), from, packed.length);
report("text", `${length} ${checksum(bytesOf(zstd.memory, to, length))}`);
bytesOf(zstd.memory, from, packed.length)[packed.length >> 1] ^= 0x55;
report("damaged", zstd.ZSTD_isError(zstd.ZSTD_decompress(to, Number(size), from, packed.length)));
zstd.free(to);
zstd.free(from);
