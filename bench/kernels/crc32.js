import { FOLD_START, fold } from "../../examples/example.js";

const BYTES = 1024;
const table = new Int32Array(256);
const message = new Uint8Array(BYTES);

function makeTable() {
	for (let i = 0; i < 256; i++) {
		let value = i;
		for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
		table[i] = value;
	}
}

function crc32(bytes, count) {
	let crc = -1;
	for (let i = 0; i < count; i++) crc = (crc >>> 8) ^ table[(crc ^ bytes[i]) & 255];
	return ~crc;
}

export function repeat(rounds) {
	let checksum = FOLD_START;
	for (let round = 0; round < rounds; round++) {
		if (!table[1]) makeTable();
		message[round % BYTES] = round + 1;
		checksum = fold(checksum, crc32(message, BYTES));
	}
	return checksum;
}
