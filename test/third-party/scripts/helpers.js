/*
 * For scripts that run a third party's module: inside a board's XS and, to prove the script, on Node. `files` and
 * `WebAssembly` are all they need.
 */

export function ascii(text) {
	const bytes = new Uint8Array(text.length);
	for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
	return bytes;
}

export function text(bytes) {
	let result = "";
	for (let i = 0; i < bytes.length; i++) result += String.fromCharCode(bytes[i]);
	return result;
}

export function hex(bytes) {
	let result = "";
	for (let i = 0; i < bytes.length; i++) result += (bytes[i] < 16 ? "0" : "") + bytes[i].toString(16);
	return result;
}

export function fromHex(digits) {
	const bytes = new Uint8Array(digits.length / 2);
	for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(digits.slice(i * 2, i * 2 + 2), 16);
	return bytes;
}

/* 0, 1, 2 ... as test vectors like it. */
export function counting(length) {
	const bytes = new Uint8Array(length);
	for (let i = 0; i < length; i++) bytes[i] = i;
	return bytes;
}

/* Bytes that compress somewhat, the same everywhere. */
export function sample(length) {
	const bytes = new Uint8Array(length);
	let state = 1;
	for (let i = 0; i < length; i++) {
		state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
		bytes[i] = i % 64 < 40 ? 97 + ((i * 7) % 26) : state >>> 24;
	}
	return bytes;
}

export function bytesOf(memory, address, length) {
	return new Uint8Array(memory.buffer, address, length);
}

export function cString(memory, address) {
	const bytes = new Uint8Array(memory.buffer);
	let end = address;
	while (bytes[end]) end++;
	return text(bytes.subarray(address, end));
}

export function report(name, value) {
	console.log(`${name}: ${value}`);
}

/* Compiles while it is read. Functions that the module asks for and that are not given throw when called. */
export async function instantiate(given = {}, file = "module.wasm") {
	const module = await WebAssembly.compileStreaming(files.open(file));
	const imports = {};
	for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
		imports[from] ??= {};
		imports[from][name] = given[from]?.[name];
		if (imports[from][name] === undefined && kind === "function") {
			imports[from][name] = () => {
				throw new Error(`${from}.${name} was called`);
			};
		}
	}
	return new WebAssembly.Instance(module, imports).exports;
}

/* FNV-1a, to say in a few digits what many bytes are. */
export function checksum(bytes) {
	let value = 2_166_136_261 | 0;
	for (let i = 0; i < bytes.length; i++) value = Math.imul(value ^ bytes[i], 16_777_619);
	return (value >>> 0).toString(16);
}
