/*
 * A weather station in AssemblyScript: a day of temperature and humidity readings, one every five minutes, and from
 * each the dew point by the Magnus formula; how often condensation threatens, and the widest gap. Floating point,
 * logarithms, objects.
 */

const READINGS = 288;
const A: f64 = 17.62;
const B: f64 = 243.12;

class Reading {
	temperature: f64 = 0;
	humidity: f64 = 0;

	dewPoint(): f64 {
		const gamma = Math.log(this.humidity / 100.0) + (A * this.temperature) / (B + this.temperature);
		return (B * gamma) / (A - gamma);
	}
}

const reading = new Reading();

function fold(checksum: u32, value: i32): u32 {
	return (checksum ^ (<u32>value)) * 16_777_619;
}

function roundOf(round: u32): u32 {
	let checksum: u32 = 2_166_136_261;
	let state: u32 = round + 288;
	let warnings = 0;
	let widest: f64 = 0;
	reading.temperature = 9;
	reading.humidity = 70;
	for (let i = 0; i < READINGS; i++) {
		state = state * 1_664_525 + 1_013_904_223;
		const warmer: f64 = i < READINGS / 2 ? 0.04 : -0.04;
		reading.temperature += warmer + (<f64>((state >>> 16) & 63) - 31.5) * 0.01;
		reading.humidity += (<f64>((state >>> 24) & 63) - 31.5) * 0.05 - warmer * 4;
		reading.humidity = Math.min(100, Math.max(15, reading.humidity));
		const gap = reading.temperature - reading.dewPoint();
		if (gap < 2) warnings++;
		widest = Math.max(widest, gap);
		checksum = fold(checksum, <i32>Math.floor(gap * 1_000 + 0.5));
	}
	checksum = fold(checksum, warnings);
	return fold(checksum, <i32>Math.floor(widest * 1_000 + 0.5));
}

export function run(): u32 {
	return roundOf(0);
}

export function repeat(rounds: u32): u32 {
	let checksum: u32 = 2_166_136_261;
	for (let round: u32 = 0; round < rounds; round++) checksum = fold(checksum, roundOf(round));
	return checksum;
}
