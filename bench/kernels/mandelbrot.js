import { FOLD_START, fold } from "../../examples/example.js";

function escape(cx, cy) {
	let x = 0;
	let y = 0;
	let n = 0;
	for (; n < 40; n++) {
		const xx = x * x;
		const yy = y * y;
		if (xx + yy > 4) break;
		y = 2 * x * y + cy;
		x = xx - yy + cx;
	}
	return n;
}

function picture(round) {
	let checksum = FOLD_START;
	const shift = (round % 16) * (1 / 128);
	for (let row = 0; row < 8; row++)
		for (let column = 0; column < 16; column++)
			checksum = fold(checksum, escape(column * (3 / 16) - 2.2 + shift, row * (2 / 8) - 1));
	return checksum;
}

export function repeat(rounds) {
	let checksum = FOLD_START;
	for (let round = 0; round < rounds; round++) checksum = fold(checksum, picture(round));
	return checksum;
}
