import type { PeripheralType } from "./peripheral";

export const battery: PeripheralType = {
	name: "battery",
	doc: "A battery's voltage at an analog pin behind a divider of two resistors.",
	parameters: {
		pin: { kind: "pin", doc: "where it is" },
		divider: { kind: "number", initial: 2, minimum: 1, maximum: 100, doc: "by which the voltage is divided" },
	},
	properties: { voltage: { initial: 4.2, unit: "V", minimum: 0, maximum: 60, doc: "of the battery" } },
	readings: { voltage: { unit: "V", doc: "of the battery" } },
	property: "voltage",
	reading: "voltage",
	create(place, parameters) {
		const divider = Number(parameters["divider"]);
		return { analog: () => place.number("voltage") / divider, reading: () => place.number("voltage") };
	},
};
