import { limit, type PeripheralType } from "./peripheral";

export const servo: PeripheralType = {
	name: "servo",
	doc: "A hobby servo as SG90 (its data sheet: 50 Hz, 1 to 2 ms for the whole range, 0.1 s for 60 degrees), set by the width of its pulses.",
	parameters: {
		pin: { kind: "pin", doc: "where it is" },
		least: { kind: "time", initial: 1000, minimum: 1, doc: "width of the pulse for 0 degrees" },
		most: { kind: "time", initial: 2000, minimum: 1, doc: "width of the pulse for the whole range" },
		range: { kind: "number", initial: 180, minimum: 1, maximum: 360, doc: "in degrees" },
		speed: { kind: "number", initial: 600, minimum: 1, doc: "in degrees a second" },
	},
	properties: {},
	readings: {
		angle: { unit: "°", doc: "where it is now" },
		target: { unit: "°", doc: "where it is to go" },
	},
	reading: "angle",
	create(place, parameters) {
		const least = Number(parameters["least"]);
		const most = Number(parameters["most"]);
		const range = Number(parameters["range"]);
		const speed = Number(parameters["speed"]);
		let from = 0;
		let target = 0;
		let began = 0;
		function angle(): number {
			const way = (speed * (place.now() - began)) / 1e6;
			return target > from ? Math.min(target, from + way) : Math.max(target, from - way);
		}
		place.observePWM(Number(parameters["pin"]), (duty, hertz) => {
			from = angle();
			began = place.now();
			target = limit((((duty * 1e6) / hertz - least) / (most - least)) * range, 0, range);
			place.changed();
			place.at(began + (Math.abs(target - from) / speed) * 1e6, () => place.changed());
		});
		return { reading: (name) => (name === "target" ? target : angle()) };
	},
};
