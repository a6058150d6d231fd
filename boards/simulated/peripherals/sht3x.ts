import { ENACK_ADDRESS, ENACK_DATA, i2cPlace, limit, type PeripheralType } from "./peripheral";

/* Datasheet SHT3x-DIS, version 6 (Sensirion, 2019). */

/** Milliseconds at most of a measurement by repeatability: table 4, page 7. */
const DURATION = { high: 15_000, medium: 6_000, low: 4_000 };

type Repeatability = keyof typeof DURATION;

/** Single shot, table 9, page 10: with clock stretching, and without. */
const singleShot: Record<number, Repeatability> = {
	0x2c06: "high",
	0x2c0d: "medium",
	0x2c10: "low",
	0x2400: "high",
	0x240b: "medium",
	0x2416: "low",
};

/** Periodic, table 10, page 11: repeatability, and microseconds between two. */
const periodic: Record<number, [Repeatability, number]> = {
	0x2032: ["high", 2e6],
	0x2024: ["medium", 2e6],
	0x202f: ["low", 2e6],
	0x2130: ["high", 1e6],
	0x2126: ["medium", 1e6],
	0x212d: ["low", 1e6],
	0x2236: ["high", 5e5],
	0x2220: ["medium", 5e5],
	0x222b: ["low", 5e5],
	0x2334: ["high", 25e4],
	0x2322: ["medium", 25e4],
	0x2329: ["low", 25e4],
	0x2737: ["high", 1e5],
	0x2721: ["medium", 1e5],
	0x272a: ["low", 1e5],
};

/** Microamperes, table 3, page 6: idle in single shot, between periodic measurements, measuring. */
const IDLE = 0.2;
const WAITING = 45;
const MEASURING = 600;

/** Polynomial 0x31, initial 0xFF: table 20, page 14. */
export function crc8(a: number, b: number): number {
	let crc = 0xff ^ a;
	for (let i = 0; i < 8; i++) crc = crc & 0x80 ? ((crc << 1) ^ 0x31) & 0xff : (crc << 1) & 0xff;
	crc ^= b;
	for (let i = 0; i < 8; i++) crc = crc & 0x80 ? ((crc << 1) ^ 0x31) & 0xff : (crc << 1) & 0xff;
	return crc;
}

export const sht3x: PeripheralType = {
	name: "sht3x",
	doc: "Humidity and temperature sensor Sensirion SHT30, SHT31, SHT35 (datasheet SHT3x-DIS, version 6): single shot, periodic, CRC, status, heater, soft reset; not acknowledged while it measures.",
	parameters: i2cPlace(0x44, 0x45, "ADDR pin (table 8, page 9)"),
	properties: {
		temperature: { initial: 22, unit: "°C", minimum: -45, maximum: 130, doc: "of the air" },
		humidity: { initial: 45, unit: "%", minimum: 0, maximum: 100, doc: "relative" },
	},
	readings: {
		temperature: { unit: "°C", doc: "of the air" },
		humidity: { unit: "%", doc: "relative" },
		measurements: { doc: "made so far" },
		heater: { choices: ["on", "off"], doc: "whether it is on" },
	},
	faults: ["nack", "nack-data", "timeout", "noise", "crc", "disconnect"],
	create(place, parameters) {
		void parameters;
		let status = 0x8010;
		let ready = 0;
		let period = 0;
		let stretching = false;
		let pending: "measurement" | "status" | null = null;
		let sample: number[] | null = null;
		let measurements = 0;
		let turn = 0;

		function words(list: number[]): Uint8Array {
			const bytes: number[] = [];
			for (const word of list) {
				const crc = crc8(word >> 8, word & 255);
				bytes.push(word >> 8, word & 255, place.fault("crc") ? crc ^ 0x55 : crc);
			}
			return new Uint8Array(bytes);
		}
		/** Conversion of signal output, page 13. */
		function measure(): void {
			measurements++;
			const t = limit(Math.round(((place.number("temperature") + 45) * 65535) / 175), 0, 65535);
			const h = limit(Math.round((place.number("humidity") * 65535) / 100), 0, 65535);
			sample = [t, h];
			place.changed();
		}
		function begin(repeatability: Repeatability, every: number): void {
			const mine = ++turn;
			period = every;
			sample = null;
			ready = place.now() + DURATION[repeatability];
			place.draw(MEASURING);
			const finish = (): void => {
				if (mine !== turn) return;
				measure();
				place.draw(period > 0 ? WAITING : IDLE);
				if (period > 0)
					place.at(place.now() + period - DURATION[repeatability], () => {
						if (mine !== turn) return;
						place.draw(MEASURING);
						place.at(place.now() + DURATION[repeatability], finish);
					});
			};
			place.at(ready, finish);
		}
		function reset(): void {
			turn++;
			period = 0;
			pending = null;
			sample = null;
			status = 0x8010;
			ready = place.now() + 1500;
			place.draw(IDLE);
		}
		place.draw(IDLE);
		return {
			i2c: {
				write(bytes) {
					// A single shot is not interrupted; page 10.
					if (place.now() < ready && period === 0) return ENACK_ADDRESS;
					if (bytes.length === 0) return 0;
					if (bytes.length < 2) return ENACK_DATA;
					const command = (bytes[0]! << 8) | bytes[1]!;
					const shot = singleShot[command];
					const every = periodic[command];
					if (shot || every) {
						// In periodic mode only break, fetch and the like are taken: page 12.
						if (period > 0) return ENACK_DATA;
						stretching = bytes[0] === 0x2c;
						pending = shot ? "measurement" : null;
						if (shot) begin(shot, 0);
						else begin(every![0], every![1]);
						return 0;
					}
					switch (command) {
						case 0xe000:
							pending = "measurement";
							return 0;
						case 0x2b32:
							if (period > 0) return ENACK_DATA;
							begin("high", 25e4);
							return 0;
						case 0x3093:
							turn++;
							period = 0;
							ready = place.now() + 1000;
							place.draw(IDLE);
							return 0;
						case 0x30a2:
							reset();
							return 0;
						case 0x306d:
							status |= 0x2000;
							return 0;
						case 0x3066:
							status &= ~0x2000;
							return 0;
						case 0xf32d:
							pending = "status";
							return 0;
						case 0x3041:
							status &= ~0x8c10;
							return 0;
						default:
							status |= 2;
							return ENACK_DATA;
					}
				},
				read(count) {
					if (pending === "status") return padded(words([status]), count);
					if (place.now() < ready && !sample) {
						if (!stretching) return ENACK_ADDRESS;
						// The clock is held until it has measured: the master waits.
						turn++;
						measure();
						ready = 0;
						place.draw(IDLE);
					}
					if (pending !== "measurement" || !sample) return ENACK_ADDRESS;
					const bytes = padded(words(sample), count);
					sample = null;
					if (period === 0) pending = null;
					return bytes;
				},
			},
			powered: reset,
			reading(name) {
				if (name === "measurements") return measurements;
				if (name === "heater") return status & 0x2000 ? "on" : "off";
				return place.number(name);
			},
		};
	},
};

/** Who reads on gets ones: the line is let go. */
export function padded(bytes: Uint8Array, count: number): Uint8Array {
	const result = new Uint8Array(count).fill(255);
	result.set(bytes.length > count ? bytes.subarray(0, count) : bytes);
	return result;
}
