import { ENACK_DATA, i2cPlace, limit, type PeripheralType } from "./peripheral";

/* Datasheet BME280, BST-BME280-DS002, revision 1.6 (Bosch Sensortec, 2018). */

/** Trimming values, table 16, page 24, of an ordinary sample: T1..T3, P1..P9, H1..H6. */
const T = [27504, 26435, -1000] as const;
const P = [36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000] as const;
const H = [75, 362, 0, 313, 50, 30] as const;

/** Compensation in double precision: appendix A, section 8.1, page 49. */
function fineOf(adc: number): number {
	const a = (adc / 16384 - T[0] / 1024) * T[1];
	const b = (adc / 131072 - T[0] / 8192) ** 2 * T[2];
	return a + b;
}
function pressureOf(adc: number, fine: number): number {
	let a = fine / 2 - 64000;
	let b = (a * a * P[5]) / 32768;
	b += a * P[4] * 2;
	b = b / 4 + P[3] * 65536;
	a = ((P[2] * a * a) / 524288 + P[1] * a) / 524288;
	a = (1 + a / 32768) * P[0];
	let p = 1048576 - adc;
	p = ((p - b / 4096) * 6250) / a;
	a = (P[8] * p * p) / 2147483648;
	b = (p * P[7]) / 32768;
	return p + (a + b + P[6]) / 16;
}
function humidityOf(adc: number, fine: number): number {
	let h = fine - 76800;
	h =
		(adc - (H[3] * 64 + (H[4] / 16384) * h)) *
		((H[1] / 65536) * (1 + (H[5] / 67108864) * h * (1 + (H[2] / 67108864) * h)));
	h *= 1 - (H[0] * h) / 524288;
	return h;
}

/** The converter's value whose compensation gives that: the compensation is monotonic, so it is found by halving. */
function inverse(compensate: (adc: number) => number, wanted: number, top: number): number {
	let low = 0;
	let high = top;
	const rising = compensate(top * 0.6) > compensate(top * 0.4);
	while (low < high) {
		const middle = Math.floor((low + high) / 2);
		if (compensate(middle) < wanted === rising) low = middle + 1;
		else high = middle;
	}
	if (low > 0 && Math.abs(compensate(low - 1) - wanted) < Math.abs(compensate(low) - wanted)) low--;
	return low;
}

/** Standby in normal mode, table 27, page 30; microseconds. */
const standby = [500, 62_500, 125_000, 250_000, 500_000, 1_000_000, 10_000, 20_000];

function oversampling(bits: number): number {
	return bits === 0 ? 0 : 1 << (Math.min(bits, 5) - 1);
}

/** Microamperes, table 1, page 8: sleep, standby, measuring (the largest: pressure). */
const SLEEP = 0.1;
const STANDBY = 0.2;
const MEASURING = 714;

export const bme280: PeripheralType = {
	name: "bme280",
	doc: "Temperature, pressure and humidity sensor Bosch BME280 (datasheet BST-BME280-DS002, revision 1.6): trimming values and converter values such that a driver's compensation gives what was set; sleep, forced and normal mode.",
	parameters: i2cPlace(0x76, 0x77, "SDO pin (section 6.2, page 32)"),
	properties: {
		temperature: { initial: 22, unit: "°C", minimum: -40, maximum: 85, doc: "of the air" },
		pressure: { initial: 101_325, unit: "Pa", minimum: 30_000, maximum: 110_000, doc: "of the air" },
		humidity: { initial: 45, unit: "%", minimum: 0, maximum: 100, doc: "relative" },
	},
	readings: {
		temperature: { unit: "°C", doc: "of the air" },
		pressure: { unit: "Pa", doc: "of the air" },
		humidity: { unit: "%", doc: "relative" },
		measurements: { doc: "made so far" },
	},
	faults: ["nack", "nack-data", "timeout", "noise", "disconnect"],
	create(place) {
		const registers = new Uint8Array(256);
		const view = new DataView(registers.buffer);
		let pointer = 0;
		let humidityControl = 0;
		let turn = 0;
		let measurements = 0;

		function reset(): void {
			turn++;
			registers.fill(0);
			registers[0xd0] = 0x60;
			T.forEach((value, i) =>
				i === 0 ? view.setUint16(0x88, value, true) : view.setInt16(0x88 + 2 * i, value, true),
			);
			P.forEach((value, i) =>
				i === 0 ? view.setUint16(0x8e, value, true) : view.setInt16(0x8e + 2 * i, value, true),
			);
			registers[0xa1] = H[0];
			view.setInt16(0xe1, H[1], true);
			registers[0xe3] = H[2];
			registers[0xe4] = H[3] >> 4;
			registers[0xe5] = (H[3] & 15) | ((H[4] & 15) << 4);
			registers[0xe6] = H[4] >> 4;
			registers[0xe7] = H[5];
			humidityControl = 0;
			// Values before the first measurement: table 18, page 27.
			set20(0xf7, 0x80000);
			set20(0xfa, 0x80000);
			view.setUint16(0xfd, 0x8000);
			place.draw(SLEEP);
		}
		function set20(at: number, value: number): void {
			registers[at] = value >> 12;
			registers[at + 1] = (value >> 4) & 255;
			registers[at + 2] = (value & 15) << 4;
		}
		/** Maximum time, appendix B, section 9.1, page 51. */
		function duration(): number {
			const t = oversampling(registers[0xf4]! >> 5);
			const p = oversampling((registers[0xf4]! >> 2) & 7);
			const h = oversampling(humidityControl & 7);
			return 1250 + 2300 * t + (p ? 2300 * p + 575 : 0) + (h ? 2300 * h + 575 : 0);
		}
		function measure(): void {
			measurements++;
			const control = registers[0xf4]!;
			const temperature = place.number("temperature");
			const adc = inverse((value) => fineOf(value) / 5120, temperature, 0xfffff);
			const fine = fineOf(adc);
			set20(0xfa, control >> 5 ? adc : 0x80000);
			const pressure = place.number("pressure");
			set20(0xf7, (control >> 2) & 7 ? inverse((value) => pressureOf(value, fine), pressure, 0xfffff) : 0x80000);
			const humidity = place.number("humidity");
			view.setUint16(
				0xfd,
				humidityControl & 7
					? limit(
							inverse((value) => humidityOf(value, fine), humidity, 0xffff),
							0,
							0xffff,
						)
					: 0x8000,
			);
			place.changed();
		}
		function start(): void {
			const mode = registers[0xf4]! & 3;
			const mine = ++turn;
			if (mode === 0) {
				place.draw(SLEEP);
				return;
			}
			registers[0xf3] = 8;
			place.draw(MEASURING);
			place.at(place.now() + duration(), () => {
				if (mine !== turn) return;
				measure();
				registers[0xf3] = 0;
				if (mode === 3) {
					place.draw(STANDBY);
					place.at(place.now() + standby[registers[0xf5]! >> 5]!, () => {
						if (mine === turn) start();
					});
				} else {
					registers[0xf4]! &= 0xfc;
					place.draw(SLEEP);
				}
			});
		}
		function setRegister(at: number, value: number): void {
			if (at === 0xe0) {
				if (value === 0xb6) reset();
			} else if (at === 0xf2) registers[at] = value & 7;
			else if (at === 0xf4) {
				// ctrl_hum counts only from the next write to ctrl_meas on: section 5.4.3, page 27.
				humidityControl = registers[0xf2]!;
				registers[at] = value;
				start();
			} else if (at === 0xf5) registers[at] = value & 0xfd;
		}
		reset();
		return {
			i2c: {
				/** Pairs of register and value, page 33. */
				write(bytes) {
					if (bytes.length === 0) return 0;
					pointer = bytes[0]!;
					if (bytes.length > 1 && bytes.length % 2) return ENACK_DATA;
					for (let i = 0; i + 1 < bytes.length; i += 2) setRegister(bytes[i]!, bytes[i + 1]!);
					return 0;
				},
				read(count) {
					const bytes = new Uint8Array(count);
					for (let i = 0; i < count; i++) bytes[i] = registers[(pointer + i) & 255]!;
					return bytes;
				},
			},
			powered: reset,
			reading: (name) => (name === "measurements" ? measurements : place.number(name)),
		};
	},
};
