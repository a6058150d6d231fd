import type { PeripheralType } from "./peripheral";

export const analog: PeripheralType = {
	name: "analog",
	doc: "A voltage at an analog pin: a potentiometer, a sensor with a voltage as its output.",
	parameters: { pin: { kind: "pin", doc: "where it is" } },
	properties: {
		voltage: {
			initial: 0,
			unit: "V",
			minimum: -50,
			maximum: 50,
			doc: "at the pin; the converter takes 0 to its reference",
		},
	},
	readings: { voltage: { unit: "V", doc: "at the pin" } },
	property: "voltage",
	reading: "voltage",
	create: (place) => ({ analog: () => place.number("voltage"), reading: () => place.number("voltage") }),
};
