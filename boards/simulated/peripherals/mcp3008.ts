import { limit, type PeripheralType, type Property, type Reading } from "./peripheral";

/* Datasheet MCP3004/3008, DS21295D (Microchip, 2008). */

const properties: Record<string, Property> = {};
const readings: Record<string, Reading> = { conversions: { doc: "made so far" } };
for (let i = 0; i < 8; i++) {
	properties[`ch${i}`] = { initial: 0, unit: "V", minimum: 0, maximum: 6, doc: `voltage at channel ${i}` };
	readings[`ch${i}`] = { unit: "V", doc: `voltage at channel ${i}` };
}

export const mcp3008: PeripheralType = {
	name: "mcp3008",
	doc: "Analog-to-digital converter Microchip MCP3008, 10 bits, 8 channels, on SPI (datasheet DS21295D; serial communication: section 5, page 19; table 5-2).",
	parameters: {
		bus: { kind: "bus", choices: ["spi"], initial: 0, doc: "default" },
		select: { kind: "pin", initial: 5, doc: "its CS pin" },
		reference: { kind: "number", initial: 3.3, minimum: 0.25, maximum: 5.5, doc: "volts at full scale" },
	},
	properties,
	readings,
	faults: ["noise", "disconnect"],
	create(place, parameters) {
		const reference = Number(parameters["reference"]);
		let conversions = 0;
		/** Digital output code = 1024 VIN / VREF, equation 4-2, page 17. */
		function convert(volts: number): number {
			return limit(Math.floor((1024 * volts) / reference), 0, 1023);
		}
		place.draw(0.005);
		return {
			spi(bytes) {
				const out = new Uint8Array(bytes.length);
				const bit = (i: number): number => (bytes[i >> 3]! >> (7 - (i & 7))) & 1;
				const total = bytes.length * 8;
				let start = 0;
				while (start < total && bit(start) === 0) start++;
				if (start + 4 >= total) return out;
				const single = bit(start + 1);
				const channel = (bit(start + 2) << 2) | (bit(start + 3) << 1) | bit(start + 4);
				// Differential: pairs of channels, table 5-2.
				const volts = single
					? place.number(`ch${channel}`)
					: place.number(`ch${channel}`) - place.number(`ch${channel ^ 1}`);
				const value = convert(volts);
				conversions++;
				place.changed();
				// After the sample's bit and a null bit: most significant bit first, then backwards from the second
				// least.
				let at = start + 7;
				for (let i = 9; i >= 0 && at < total; i--, at++) if ((value >> i) & 1) out[at >> 3]! |= 128 >> (at & 7);
				for (let i = 1; i <= 9 && at < total; i++, at++) if ((value >> i) & 1) out[at >> 3]! |= 128 >> (at & 7);
				return out;
			},
			reading: (name) => (name === "conversions" ? conversions : place.number(name)),
		};
	},
};
