import { readings as values20 } from "../data.js";
import { FOLD_START, fold, repeater } from "../example.js";

const LENGTH = 20;
const NEAR = 60;
const NEIGHBOURS = 8;

const values = values20(LENGTH);
const readings = new Array(LENGTH).fill(0);
const distances = new Array(LENGTH * LENGTH).fill(0);

function roundOf(round) {
	let checksum = FOLD_START;
	let outliers = 0;
	for (let i = 0; i < LENGTH; i++) readings[i] = values[i] + ((i * round) & 31);
	for (let i = 0; i < LENGTH; i++) {
		for (let j = i; j < LENGTH; j++) {
			const difference = readings[i] - readings[j];
			const distance = difference < 0 ? -difference : difference;
			distances[i * LENGTH + j] = distance;
			distances[j * LENGTH + i] = distance;
		}
	}
	for (let i = 0; i < LENGTH; i++) {
		let neighbours = 0;
		for (let j = 0; j < LENGTH; j++) {
			if (j !== i && distances[i * LENGTH + j] <= NEAR) neighbours++;
		}
		if (neighbours < NEIGHBOURS) outliers |= 1 << i;
		checksum = fold(checksum, neighbours);
	}
	return fold(checksum, outliers);
}

export const repeat = repeater(roundOf);
export const run = () => roundOf(0);
