import { i2cPlace, limit, type PeripheralType } from "./peripheral";

/* Datasheet Grid-EYE AMG88 (Panasonic, SPECIFICATIONS FOR INFRARED ARRAY SENSOR, document ADI8002). */

/** Registers: table of the I2C interface, pages 5 to 14 of the reference specifications. */
const POWER = 0x00;
const RESET = 0x01;
const RATE = 0x02;
const THERMISTOR = 0x0e;
const PIXELS = 0x80;

/** Microamperes: normal 4.5 mA, sleep 0.2 mA. */
const NORMAL = 4500;
const ASLEEP = 200;

/** A person, seen from above, is so wide (pixels at half its warmth). */
const WIDTH = 1.1;

export const amg88xx: PeripheralType = {
	name: "amg88xx",
	doc: "Thermal camera Panasonic Grid-EYE AMG8833, 8 by 8 pixels of 0.25 degrees at 1 or 10 frames a second. It sees a background with noise, and a warm spot that moves.",
	parameters: i2cPlace(0x69, 0x68, "AD_SELECT pin"),
	properties: {
		background: { initial: 22, unit: "°C", minimum: -20, maximum: 100, doc: "of the room" },
		noise: { initial: 0.25, unit: "°C", minimum: 0, maximum: 10, doc: "of each pixel, uniform in +-" },
		spot: {
			initial: 0,
			unit: "°C",
			minimum: -50,
			maximum: 100,
			doc: "how much warmer the spot is than the room; 0: nobody is there",
		},
		x: {
			initial: 3.5,
			minimum: -8,
			maximum: 16,
			doc: "column of the spot's middle, 0 to 7; beyond: outside of the picture",
		},
		y: { initial: 3.5, minimum: -8, maximum: 16, doc: "row of the spot's middle" },
	},
	readings: {
		frames: { doc: "made so far" },
		background: { unit: "°C", doc: "of the room" },
		x: { doc: "of the spot" },
		y: { doc: "of the spot" },
	},
	faults: ["nack", "nack-data", "timeout", "noise", "disconnect"],
	create(place) {
		const registers = new Uint8Array(256);
		let pointer = 0;
		let made = -1;
		let frames = 0;

		function reset(): void {
			registers.fill(0);
			made = -1;
			place.draw(NORMAL);
		}
		/**
		 * Two bytes, 12 bits, two's complement, 0.25 degrees: page 12. The thermistor: sign and magnitude, 0.0625
		 * degrees.
		 */
		function frame(): void {
			const interval = registers[RATE]! & 1 ? 1e6 : 1e5;
			const number = Math.floor(place.now() / interval);
			if (number === made || registers[POWER] !== 0) return;
			made = number;
			frames++;
			const background = place.number("background");
			const noise = place.number("noise");
			const spot = place.number("spot");
			const x = place.number("x");
			const y = place.number("y");
			for (let i = 0; i < 64; i++) {
				const dx = (i % 8) - x;
				const dy = (i >> 3) - y;
				let t = background + noise * (2 * place.random() - 1);
				if (spot !== 0) t += spot * Math.exp((-Math.LN2 * (dx * dx + dy * dy)) / (WIDTH * WIDTH));
				const value = limit(Math.round(t * 4), -2048, 2047) & 0xfff;
				registers[PIXELS + 2 * i] = value & 255;
				registers[PIXELS + 2 * i + 1] = value >> 8;
			}
			const own = limit(Math.round(Math.abs(background) * 16), 0, 2047) | (background < 0 ? 0x800 : 0);
			registers[THERMISTOR] = own & 255;
			registers[THERMISTOR + 1] = own >> 8;
			place.changed();
		}
		reset();
		return {
			i2c: {
				write(bytes) {
					if (bytes.length === 0) return 0;
					pointer = bytes[0]!;
					for (let i = 1; i < bytes.length; i++) {
						const at = (pointer + i - 1) & 255;
						if (at === RESET) {
							if (bytes[i] === 0x3f) reset();
						} else if (at < THERMISTOR) registers[at] = bytes[i]!;
						if (at === POWER) place.draw(bytes[i] === 0 ? NORMAL : ASLEEP);
					}
					return 0;
				},
				read(count) {
					frame();
					const bytes = new Uint8Array(count);
					for (let i = 0; i < count; i++) bytes[i] = registers[(pointer + i) & 255]!;
					return bytes;
				},
			},
			powered: reset,
			reading: (name) => (name === "frames" ? frames : place.number(name)),
		};
	},
};
