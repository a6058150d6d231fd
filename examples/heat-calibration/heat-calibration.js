import { emptyFrames } from "../data.js";
import { FOLD_START, fold, repeater } from "../example.js";

const PIXELS = 64;
const FRAMES = 101;

const frames = emptyFrames(FRAMES);
const sums = new Array(PIXELS).fill(0);
const squares = new Array(PIXELS).fill(0);
const means = new Array(PIXELS).fill(0);
const deviations = new Array(PIXELS).fill(0);

function squareRoot(value) {
	let root = 0;
	for (let bit = 1 << 30; bit; bit >>= 2) {
		if (value >= root + bit) {
			value -= root + bit;
			root = (root >> 1) + bit;
		} else root >>= 1;
	}
	return root;
}

function roundOf(round) {
	let checksum = FOLD_START;
	const shift = round & 15;
	for (let pixel = 0; pixel < PIXELS; pixel++) {
		sums[pixel] = 0;
		squares[pixel] = 0;
	}
	for (let frame = 0; frame < FRAMES; frame++) {
		for (let pixel = 0; pixel < PIXELS; pixel++) {
			const value = frames[frame * PIXELS + pixel] - frames[pixel] + shift;
			sums[pixel] += value;
			squares[pixel] += value * value;
		}
	}
	for (let pixel = 0; pixel < PIXELS; pixel++) {
		const sum = sums[pixel];
		means[pixel] = frames[pixel] * 16 + (((sum * 16) / FRAMES) | 0);
		deviations[pixel] = ((squareRoot((squares[pixel] * FRAMES - sum * sum) * 16) * 4) / FRAMES) | 0;
		checksum = fold(fold(checksum, means[pixel]), deviations[pixel]);
	}
	return checksum;
}

export const repeat = repeater(roundOf);
export const run = () => roundOf(0);
