import type { PeripheralType } from "./peripheral";

const ZERO_CELSIUS = 273.15;

export const thermistor: PeripheralType = {
	name: "thermistor",
	doc: "An NTC thermistor in a divider, by the beta equation R = R25 exp(B (1/T - 1/T25)), as Murata NCP18XH103 (catalogue R44E, NTC thermistors: 10 kOhm, B25/50 3380 K).",
	parameters: {
		pin: { kind: "pin", doc: "where it is" },
		resistance: { kind: "number", initial: 10_000, minimum: 1, doc: "at 25 degrees, in ohm" },
		beta: { kind: "number", initial: 3380, minimum: 1, doc: "in kelvin" },
		series: { kind: "number", initial: 10_000, minimum: 1, doc: "the divider's other resistor, in ohm" },
		position: {
			kind: "choice",
			choices: ["ground", "supply"],
			initial: "ground",
			doc: "the thermistor's other end",
		},
		supply: { kind: "number", initial: 3.3, minimum: 0, doc: "of the divider, in volts" },
	},
	properties: { temperature: { initial: 25, unit: "°C", minimum: -80, maximum: 300, doc: "of the thermistor" } },
	readings: { temperature: { unit: "°C", doc: "of the thermistor" } },
	property: "temperature",
	reading: "temperature",
	create(place, parameters) {
		const r25 = Number(parameters["resistance"]);
		const beta = Number(parameters["beta"]);
		const series = Number(parameters["series"]);
		const supply = Number(parameters["supply"]);
		const atGround = parameters["position"] === "ground";
		return {
			analog() {
				const kelvin = place.number("temperature") + ZERO_CELSIUS;
				const r = r25 * Math.exp(beta * (1 / kelvin - 1 / (25 + ZERO_CELSIUS)));
				return (supply * (atGround ? r : series)) / (r + series);
			},
			reading: () => place.number("temperature"),
		};
	},
};
