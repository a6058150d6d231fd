import { sineTable } from "../data.js";
import { FOLD_START, fold, repeater } from "../example.js";

const POINTS = 64;
const STAGES = 6;
const QUARTER = POINTS / 4;

const sine = sineTable(POINTS);
const real = new Array(POINTS).fill(0);
const imaginary = new Array(POINTS).fill(0);

function sample(round) {
	let state = (round + 64) | 0;
	for (let i = 0; i < POINTS; i++) {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
		real[i] = (sine[(i * 5) % POINTS] >> 1) + (sine[(i * 12 + round) % POINTS] >> 2) + (state >>> 24) - 128;
		imaginary[i] = 0;
	}
}

function multiply(a, b) {
	return (a * b + 16_384) >> 15;
}

function swap(values, i, j) {
	const value = values[i];
	values[i] = values[j];
	values[j] = value;
}

function transform() {
	for (let i = 0; i < POINTS; i++) {
		let reversed = 0;
		for (let bit = 0; bit < STAGES; bit++) reversed = (reversed << 1) | ((i >> bit) & 1);
		if (reversed > i) {
			swap(real, i, reversed);
			swap(imaginary, i, reversed);
		}
	}
	for (let half = 1, stride = POINTS / 2; half < POINTS; half <<= 1, stride >>= 1) {
		for (let k = 0; k < half; k++) {
			const cosine = sine[(k * stride + QUARTER) % POINTS];
			const minusSine = -sine[k * stride];
			for (let i = k; i < POINTS; i += half * 2) {
				const j = i + half;
				const r = multiply(cosine, real[j]) - multiply(minusSine, imaginary[j]);
				const m = multiply(cosine, imaginary[j]) + multiply(minusSine, real[j]);
				const p = real[i];
				const q = imaginary[i];
				real[j] = (p - r) >> 1;
				imaginary[j] = (q - m) >> 1;
				real[i] = (p + r) >> 1;
				imaginary[i] = (q + m) >> 1;
			}
		}
	}
}

function roundOf(round) {
	let checksum = FOLD_START;
	sample(round);
	transform();
	for (let i = 0; i < POINTS; i++) checksum = fold(fold(checksum, real[i]), imaginary[i]);
	return checksum;
}

export const repeat = repeater(roundOf);
export const run = () => roundOf(0);
