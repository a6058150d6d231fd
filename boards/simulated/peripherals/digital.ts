import type { PeripheralType } from "./peripheral";

export const digital: PeripheralType = {
	name: "digital",
	doc: "Anything that drives a pin: a switch, a hall sensor, the interrupt line of something.",
	parameters: { pin: { kind: "pin", doc: "where it is" } },
	properties: {
		level: { initial: "floating", choices: ["low", "high", "floating"], doc: "what it drives the pin to" },
	},
	readings: { level: { choices: ["low", "high"], doc: "what is on the wire" } },
	property: "level",
	reading: "level",
	create(place, parameters) {
		const pin = Number(parameters["pin"]);
		place.observe(pin, () => place.changed());
		return {
			changed() {
				const level = place.text("level");
				place.drive(pin, level === "floating" ? -1 : level === "high" ? 1 : 0);
			},
			reading: () => (place.level(pin) ? "high" : "low"),
		};
	},
};
