import { FOLD_START, fold, repeater } from "../example.js";

const LENGTH = 100;

const numbers = new Array(LENGTH).fill(0);

function fill(round) {
	let state = (round + 1) | 0;
	let number = -16_000;
	for (let i = 0; i < LENGTH; i++) {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
		number += 2 + 2 * ((state >>> 24) & 127);
		numbers[i] = number;
	}
}

function search(key) {
	let low = 0,
		high = LENGTH - 1;
	while (low <= high) {
		const middle = (low + high) >> 1;
		const number = numbers[middle];
		if (number < key) low = middle + 1;
		else if (number > key) high = middle - 1;
		else return middle;
	}
	return ~low;
}

function roundOf(round) {
	let checksum = FOLD_START;
	fill(round);
	for (let i = 0; i < LENGTH; i++) checksum = fold(checksum, search(numbers[i] + 1));
	return fold(checksum, search(numbers[round % LENGTH]));
}

export const repeat = repeater(roundOf);
export const run = () => roundOf(0) | 0;
