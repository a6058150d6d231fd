// Makes modules larger: for measurements and tests of how the cost of compiling grows.

const FUNCTION = 3;
const CODE = 10;

function leb(value) {
	const bytes = [];
	do {
		bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
		value >>>= 7;
	} while (value);
	return Buffer.from(bytes);
}

function readLeb(bytes, at) {
	let value = 0;
	for (let shift = 0; ; shift += 7) {
		const byte = bytes[at++];
		value |= (byte & 0x7f) << shift;
		if (byte < 0x80) return { value: value >>> 0, at };
	}
}

function sections(bytes) {
	const found = [];
	for (let at = 8; at < bytes.length;) {
		const size = readLeb(bytes, at + 1);
		found.push({ id: bytes[at], content: bytes.subarray(size.at, size.at + size.value) });
		at = size.at + size.value;
	}
	return found;
}

/**
 * The module with its functions repeated until the code section has about `wanted` bytes: the code stays what a
 * compiler made, and functions keep their size.
 */
export function repeated(bytes, wanted) {
	const parts = sections(bytes);
	const code = parts.find(({ id }) => id === CODE);
	const times = Math.max(1, Math.round(wanted / code.content.length));
	const out = [bytes.subarray(0, 8)];
	let codeBytes = 0;
	for (const { id, content } of parts) {
		let body = content;
		if (id === FUNCTION || id === CODE) {
			const count = readLeb(content, 0);
			body = Buffer.concat([leb(count.value * times), ...Array(times).fill(content.subarray(count.at))]);
			if (id === CODE) codeBytes = body.length;
		}
		// name and producers sections speak of the functions once
		if (id !== 0) out.push(Buffer.from([id]), leb(body.length), body);
	}
	return { bytes: Buffer.concat(out), codeBytes };
}
