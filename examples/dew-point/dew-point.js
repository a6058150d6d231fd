import { FOLD_START, fold, repeater } from "../example.js";

const READINGS = 288;
const A = 17.62;
const B = 243.12;

class Reading {
	temperature = 0;
	humidity = 0;

	dewPoint() {
		const gamma = Math.log(this.humidity / 100) + (A * this.temperature) / (B + this.temperature);
		return (B * gamma) / (A - gamma);
	}
}

const reading = new Reading();

function roundOf(round) {
	let checksum = FOLD_START;
	let state = (round + 288) | 0;
	let warnings = 0;
	let widest = 0;
	reading.temperature = 9;
	reading.humidity = 70;
	for (let i = 0; i < READINGS; i++) {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
		const warmer = i < READINGS / 2 ? 0.04 : -0.04;
		reading.temperature += warmer + (((state >>> 16) & 63) - 31.5) * 0.01;
		reading.humidity += (((state >>> 24) & 63) - 31.5) * 0.05 - warmer * 4;
		reading.humidity = Math.min(100, Math.max(15, reading.humidity));
		const gap = reading.temperature - reading.dewPoint();
		if (gap < 2) warnings++;
		widest = Math.max(widest, gap);
		checksum = fold(checksum, Math.floor(gap * 1_000 + 0.5));
	}
	checksum = fold(checksum, warnings);
	return fold(checksum, Math.floor(widest * 1_000 + 0.5));
}

export const repeat = repeater(roundOf);
export const run = () => roundOf(0);
