import { calibration, walkFrames } from "../data.js";
import { FOLD_START, fold, repeater } from "../example.js";

const SIDE = 8;
const PIXELS = SIDE * SIDE;
const FRAMES = 25;
const WARM = 4;
const SMALLEST = 2;

const { means, deviations } = calibration();
const frames = walkFrames(FRAMES);
const heat = new Array(PIXELS).fill(0);
const groups = new Array(PIXELS).fill(0);
const pending = new Array(PIXELS).fill(0);

function measure(start, drift) {
	for (let pixel = 0; pixel < PIXELS; pixel++) {
		const above = (frames[start + pixel] + drift) * 16 - means[pixel];
		const deviation = deviations[pixel] > 0 ? deviations[pixel] : 1;
		const score = ((above * 16) / deviation) | 0;
		heat[pixel] = score >= WARM * 16 ? score : 0;
		groups[pixel] = 0;
	}
}

function gather(first, group) {
	let sumX = 0;
	let sumY = 0;
	let weight = 0;
	let size = 0;
	let depth = 0;
	groups[first] = group;
	pending[depth++] = first;
	while (depth > 0) {
		const pixel = pending[--depth];
		const x = pixel % SIDE;
		const y = (pixel / SIDE) | 0;
		sumX += x * heat[pixel];
		sumY += y * heat[pixel];
		weight += heat[pixel];
		size++;
		for (let dy = -1; dy <= 1; dy++) {
			for (let dx = -1; dx <= 1; dx++) {
				const i = x + dx;
				const j = y + dy;
				if (i >= 0 && i < SIDE && j >= 0 && j < SIDE) {
					const neighbour = j * SIDE + i;
					if (heat[neighbour] && !groups[neighbour]) {
						groups[neighbour] = group;
						pending[depth++] = neighbour;
					}
				}
			}
		}
	}
	return { x: ((sumX * 64) / weight) | 0, y: ((sumY * 64) / weight) | 0, size, weight };
}

function roundOf(round) {
	let checksum = FOLD_START;
	let crossings = 0;
	let distance = 0;
	const drift = round & 3;
	const nothing = { x: 0, y: 0, size: 0, weight: 0 };
	let last = nothing;
	for (let frame = 0; frame < FRAMES; frame++) {
		let largest = nothing;
		let group = 0;
		measure(frame * PIXELS, drift);
		for (let pixel = 0; pixel < PIXELS; pixel++) {
			if (heat[pixel] && !groups[pixel]) {
				const object = gather(pixel, ++group);
				if (object.size >= SMALLEST && object.weight > largest.weight) largest = object;
			}
		}
		if (largest.size && last.size) {
			distance += Math.abs(largest.x - last.x) + Math.abs(largest.y - last.y);
			if (largest.x >= (SIDE / 2) * 64 !== last.x >= (SIDE / 2) * 64) crossings++;
		}
		checksum = fold(fold(fold(checksum, largest.x), largest.y), group);
		last = largest;
	}
	return fold(fold(checksum, distance), crossings);
}

export const repeat = repeater(roundOf);
export const run = () => roundOf(0);
