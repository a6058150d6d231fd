/* Writes what guest.ts reads as a Pack. */

/** JSON in ASCII alone. */
export function asciiJson(value: unknown): Uint8Array {
	return Buffer.from(
		JSON.stringify(value).replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`),
		"latin1",
	);
}

/** Collects bytes and tells where they went. */
export class Blobs {
	private readonly parts: Uint8Array[] = [];
	size = 0;

	add(bytes: Uint8Array): [number, number] {
		const offset = this.size;
		this.parts.push(bytes);
		this.size += bytes.length;
		return [offset, bytes.length];
	}
	json(value: unknown): [number, number] {
		return this.add(asciiJson(value));
	}
	list(): Uint8Array[] {
		return this.parts;
	}
}

export function packFile(header: unknown, blobs?: Blobs): Uint8Array {
	const text = asciiJson(header);
	const length = Buffer.alloc(4);
	length.writeUInt32LE(text.length);
	return Buffer.concat([length, text, ...(blobs?.list() ?? [])]);
}
