/* Damages modules: bytes, numbers, sections, lengths. What comes out is mostly invalid, and sometimes not. */

import { u } from "../support/wasm";
import type { Random } from "./random";

interface Section {
	start: number;
	content: number;
	end: number;
}

/** Sections as far as they can be read. */
function sections(bytes: Uint8Array): Section[] {
	const list: Section[] = [];
	let at = 8;
	while (at < bytes.length) {
		const start = at++;
		let size = 0;
		for (let shift = 0; at < bytes.length && shift < 35; shift += 7) {
			const byte = bytes[at++]!;
			size += (byte & 0x7f) * 2 ** shift;
			if (byte < 0x80) break;
		}
		if (at + size > bytes.length) break;
		list.push({ start, content: at, end: at + size });
		at += size;
	}
	return list;
}

function splice(bytes: Uint8Array, from: number, count: number, insert: ArrayLike<number>): Uint8Array {
	const at = Math.min(from, bytes.length);
	const remove = Math.min(count, bytes.length - at);
	const result = new Uint8Array(bytes.length - remove + insert.length);
	result.set(bytes.subarray(0, at));
	result.set(insert, at);
	result.set(bytes.subarray(at + remove), at + insert.length);
	return result;
}

const BYTES = [
	0, 1, 2, 3, 5, 0x0b, 0x40, 0x7f, 0x80, 0xff, 0x60, 0x70, 0x6f, 0x7b, 0xfc, 0xfd, 0xfe, 0xd0, 0x7e, 0x7d, 0x7c, 0x05,
	0x06, 0x1a, 0x1b, 0x20, 0x41, 0x10, 0x11,
];
const NUMBERS = [0, 1, 2, 3, 127, 128, 255, 256, 1000, 65535, 65536, 65537, 100000, 0x7fffffff, 0x80000000, 0xffffffff];

function once(bytes: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
	const at = random.below(bytes.length);
	const list = sections(bytes);
	const within = (): number => {
		if (!list.length || random.chance(0.2)) return at;
		const { content, end } = random.pick(list);
		return content + random.below(Math.max(1, end - content));
	};
	switch (
		random.weighted({
			bit: 20,
			byte: 25,
			insert: 8,
			remove: 8,
			leb: 8,
			long: 5,
			truncate: 5,
			swap: 3,
			duplicate: 3,
			drop: 4,
			size: 5,
			replace: 3,
			run: 4,
			fill: 2,
		})
	) {
		case "bit": {
			const copy = bytes.slice();
			copy[within()]! ^= 1 << random.below(8);
			return copy;
		}
		case "byte": {
			const copy = bytes.slice();
			copy[within()] = random.chance(0.5) ? random.pick(BYTES) : random.below(256);
			return copy;
		}
		case "insert":
			return splice(bytes, within(), 0, [random.chance(0.5) ? random.pick(BYTES) : random.below(256)]);
		case "remove":
			return splice(bytes, within(), 1, []);
		case "leb":
			return splice(bytes, within(), 1, u(random.pick(NUMBERS)));
		case "long": {
			/* A byte below 0x80 may be a number: the same, longer; right up to five bytes, too long beyond. */
			const where = within();
			const byte = bytes[where] ?? 0;
			return splice(bytes, where, 1, u(byte & 0x7f, random.between(2, 7)));
		}
		case "truncate":
			return bytes.slice(0, at);
		case "swap": {
			if (list.length < 2) return bytes.slice(0, at);
			const i = random.below(list.length - 1);
			const [a, b] = [list[i]!, list[i + 1]!];
			const moved = splice(bytes, a.start, a.end - a.start, []);
			return splice(moved, a.start + (b.end - b.start), 0, bytes.subarray(a.start, a.end));
		}
		case "duplicate": {
			if (!list.length) return bytes;
			const { start, end } = random.pick(list);
			return splice(bytes, random.chance(0.5) ? end : random.pick(list).end, 0, bytes.subarray(start, end));
		}
		case "drop": {
			if (!list.length) return bytes;
			const { start, end } = random.pick(list);
			return splice(bytes, start, end - start, []);
		}
		case "size": {
			if (!list.length) return bytes;
			const { start, content, end } = random.pick(list);
			const size = random.chance(0.7) ? end - content + random.between(-3, 3) : random.pick(NUMBERS);
			return splice(bytes, start + 1, content - start - 1, u(Math.max(0, size)));
		}
		case "replace": {
			/* A section of another module. */
			const theirs = sections(other);
			if (!theirs.length || !list.length) return bytes;
			const { start, end } = random.pick(theirs);
			const mine = list.find((section) => bytes[section.start] === other[start]) ?? random.pick(list);
			return splice(bytes, mine.start, mine.end - mine.start, other.subarray(start, end));
		}
		case "run": {
			const length = random.between(1, 12);
			return splice(
				bytes,
				within(),
				length,
				other.subarray(random.below(other.length)).subarray(0, random.between(1, 12)),
			);
		}
		default: {
			const copy = bytes.slice();
			copy.fill(random.pick(BYTES), at, at + random.between(2, 9));
			return copy;
		}
	}
}

/** One to four damages, one after the other. */
export function mutate(bytes: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
	let result = bytes;
	for (let i = 1 + random.small(3); i > 0 && result.length > 0; i--) result = once(result, random, other);
	return result;
}
