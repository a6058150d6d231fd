import type { PeripheralType } from "./peripheral";

/** How often contacts touch and part before they rest. */
const BOUNCES = 3;

export const button: PeripheralType = {
	name: "button",
	doc: "A push button between a pin and ground or supply. Its contacts bounce, as in Ganssle, A Guide to Debouncing (mean 1.6 ms, seldom above 6 ms).",
	parameters: {
		pin: { kind: "pin", doc: "where it is" },
		active: {
			kind: "choice",
			choices: ["low", "high"],
			initial: "low",
			doc: "the level while it is pressed; else the pin floats to its pull, or to the other level with pull: yes",
		},
		pull: { kind: "choice", choices: ["yes", "no"], initial: "yes", doc: "has a resistor of its own" },
		bounce: { kind: "time", initial: 0, minimum: 0, maximum: 100_000, doc: "how long the contacts bounce" },
	},
	properties: {
		state: { initial: "released", choices: ["pressed", "released"], doc: "what the finger does" },
	},
	readings: { state: { choices: ["pressed", "released"], doc: "what the finger does" } },
	property: "state",
	reading: "state",
	create(place, parameters) {
		const pin = Number(parameters["pin"]);
		const pressed = parameters["active"] === "high" ? 1 : 0;
		const released = parameters["pull"] === "yes" ? 1 - pressed : -1;
		const bounce = Number(parameters["bounce"]);
		let turn = 0;
		let before = "released";
		place.drive(pin, released);
		return {
			changed() {
				const state = place.text("state");
				if (state === before) return;
				before = state;
				const now = place.now();
				const mine = ++turn;
				const level = state === "pressed" ? pressed : released;
				const other = state === "pressed" ? released : pressed;
				place.drive(pin, level);
				if (bounce === 0) return;
				for (let i = 0; i < BOUNCES; i++) {
					// Each in a part of its own of the time, so that they are in order.
					const part = bounce / BOUNCES;
					const away = now + i * part + place.random() * part * 0.5;
					const back = i === BOUNCES - 1 ? now + bounce : away + (0.1 + place.random() * 0.4) * part;
					place.at(away, () => {
						if (mine === turn) place.drive(pin, other);
					});
					place.at(back, () => {
						if (mine === turn) place.drive(pin, level);
					});
				}
			},
			reading: () => place.text("state"),
		};
	},
};
