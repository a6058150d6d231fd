import type { PeripheralType } from "./peripheral";

export const led: PeripheralType = {
	name: "led",
	doc: "A light-emitting diode with its resistor; by a level, or dimmed by PWM.",
	parameters: {
		pin: { kind: "pin", doc: "where it is" },
		active: { kind: "choice", choices: ["high", "low"], initial: "high", doc: "the level at which it shines" },
		current: { kind: "current", initial: 2000, minimum: 0, doc: "while it shines" },
	},
	properties: {},
	readings: {
		state: { choices: ["on", "off"], doc: "whether it shines" },
		brightness: { doc: "0 to 1" },
		changes: { doc: "how often it went on or off" },
	},
	reading: "state",
	create(place, parameters) {
		const pin = Number(parameters["pin"]);
		const active = parameters["active"] === "high" ? 1 : 0;
		let brightness = 0;
		let changes = 0;
		function show(value: number): void {
			if (value > 0 !== brightness > 0) changes++;
			brightness = value;
			place.draw(value * Number(parameters["current"]));
			place.changed();
		}
		place.observe(pin, (level) => show(level === active ? 1 : 0));
		place.observePWM(pin, (duty) => show(active ? duty : 1 - duty));
		return {
			reading: (name) =>
				name === "brightness" ? brightness : name === "changes" ? changes : brightness > 0 ? "on" : "off",
		};
	},
};
