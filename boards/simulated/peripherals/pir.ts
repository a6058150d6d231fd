import type { PeripheralType } from "./peripheral";

export const pir: PeripheralType = {
	name: "pir",
	doc: "A motion sensor as HC-SR501 (its manual, page 1): high while it sees motion and for a delay after, then blocked for a time.",
	parameters: {
		pin: { kind: "pin", doc: "its output" },
		delay: {
			kind: "time",
			initial: 3_000_000,
			minimum: 0,
			doc: "stays high so long after the last motion; 3 s to 5 min by its screw",
		},
		block: { kind: "time", initial: 2_500_000, minimum: 0, doc: "sees nothing so long after it went low" },
		current: { kind: "current", initial: 50, minimum: 0, doc: "that it takes all the time: 50 uA" },
	},
	properties: { motion: { initial: "no", choices: ["yes", "no"], doc: "whether somebody moves" } },
	readings: { state: { choices: ["high", "low"], doc: "its output" } },
	property: "motion",
	reading: "state",
	create(place, parameters) {
		const pin = Number(parameters["pin"]);
		const delay = Number(parameters["delay"]);
		const block = Number(parameters["block"]);
		let high = false;
		let blocked = 0;
		let turn = 0;
		place.drive(pin, 0);
		place.draw(Number(parameters["current"]));
		function go(level: boolean): void {
			high = level;
			place.drive(pin, level ? 1 : 0);
			place.changed();
		}
		function low(): void {
			go(false);
			blocked = place.now() + block;
			const mine = ++turn;
			place.at(blocked, () => {
				if (mine === turn) look();
			});
		}
		function look(): void {
			if (place.text("motion") === "yes") {
				if (place.now() < blocked) return;
				turn++;
				if (!high) go(true);
			} else if (high) {
				const mine = ++turn;
				place.at(place.now() + delay, () => {
					if (mine === turn) low();
				});
			}
		}
		return { changed: look, reading: () => (high ? "high" : "low") };
	},
};
