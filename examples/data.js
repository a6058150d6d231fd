/*
 * Data of the examples, made the same way everywhere: integers of a linear congruential generator and a sine table.
 * generate.js writes it as C headers; the JavaScript versions import it.
 */

class Random {
	constructor(seed) {
		this.state = seed;
	}

	/* 0 to limit - 1. */
	next(limit) {
		this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
		return (this.state >>> 16) % limit;
	}
}

/* One period in Q15. */
export function sineTable(length) {
	const table = new Array(length);
	for (let i = 0; i < length; i++) table[i] = Math.round(32_767 * Math.sin((2 * Math.PI * i) / length));
	return table;
}

/* A temperature in hundredths of a degree that wanders, with a jump now and then, as a sensor gives it. */
export function temperatures(length) {
	const random = new Random(7);
	const samples = new Array(length);
	let value = 2_150;
	for (let i = 0; i < length; i++) {
		value += random.next(9) - 4;
		if (random.next(32) === 0) value += random.next(400) - 200;
		samples[i] = value;
	}
	return samples;
}

/* Readings that agree, and a few that do not. */
export function readings(length) {
	const random = new Random(20);
	const values = new Array(length);
	for (let i = 0; i < length; i++)
		values[i] = 500 + random.next(40) + (random.next(7) === 0 ? 300 + random.next(200) : 0);
	return values;
}

const SIDE = 8;

function background(random, pixel) {
	return 640 + ((pixel * 13) % 29) + random.next(7) - 3;
}

/* Frames of an 8 x 8 heat sensor that sees an empty room, in 1/32 degree. */
export function emptyFrames(frames) {
	const random = new Random(101);
	const pixels = new Array(frames * SIDE * SIDE);
	for (let i = 0; i < pixels.length; i++) pixels[i] = background(random, i % (SIDE * SIDE));
	return pixels;
}

/* The same room, where somebody walks from the left to the right and back. */
export function walkFrames(frames) {
	const random = new Random(25);
	const pixels = new Array(frames * SIDE * SIDE);
	const half = frames >> 1;
	for (let frame = 0; frame < frames; frame++) {
		/* Quarters of a pixel. */
		const step = frame <= half ? frame : frames - 1 - frame;
		const x = Math.trunc((step * 44) / half) - 6;
		const y = 10 + Math.trunc((step * 8) / half);
		for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
			const dx = (pixel % SIDE) * 4 - x;
			const dy = (pixel >> 3) * 4 - y;
			const distance = dx * dx + dy * dy;
			pixels[frame * SIDE * SIDE + pixel] = background(random, pixel) + (distance < 64 ? (64 - distance) * 3 : 0);
		}
	}
	return pixels;
}

/* Mean and standard deviation of each pixel, in 1/256 of the sensor's unit: what calibration found. */
export function calibration() {
	const frames = 101;
	const pixels = emptyFrames(frames);
	const means = new Array(SIDE * SIDE);
	const deviations = new Array(SIDE * SIDE);
	for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
		let sum = 0;
		for (let frame = 0; frame < frames; frame++) sum += pixels[frame * SIDE * SIDE + pixel];
		const mean = sum / frames;
		let squares = 0;
		for (let frame = 0; frame < frames; frame++) squares += (pixels[frame * SIDE * SIDE + pixel] - mean) ** 2;
		means[pixel] = Math.round(mean * 16);
		deviations[pixel] = Math.round(Math.sqrt(squares / frames) * 16);
	}
	return { means, deviations };
}
