// `wait-xs exec` for Node's own engine: the same scripts, as a reference. node node-exec.mjs SCRIPT [NAME=PATH ...]

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [script, ...pairs] = process.argv.slice(2);
const paths = new Map(pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2)));

globalThis.files = {
	read(name) {
		if (!paths.has(name)) throw new Error(`no file ${name}`);
		const bytes = readFileSync(paths.get(name));
		return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
	},
	/** For compileStreaming: Node takes nothing but a Response. */
	open: (name) => new globalThis.Response(files.read(name), { headers: { "content-type": "application/wasm" } }),
};
await import(pathToFileURL(script).href);
