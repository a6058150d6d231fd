import { limit, type PeripheralType } from "./peripheral";

/*
 * Sentences: NMEA 0183 as u-blox receivers have it (u-blox 8/M8 Receiver description, UBX-13003221, section 31: GGA
 * page 137, RMC page 145).
 */

/** With zeros in front, so that so many digits are before the point. */
function padded(value: number, digits: number, decimals = 0): string {
	const text = value.toFixed(decimals);
	return "0".repeat(Math.max(0, digits - (text + ".").indexOf("."))) + text;
}

/** ddmm.mmmmm */
function angle(value: number, digits: number): string {
	const size = Math.abs(value);
	let degrees = Math.floor(size);
	let minutes = (size - degrees) * 60;
	if (minutes >= 59.999995) {
		degrees++;
		minutes = 0;
	}
	return padded(degrees, digits) + padded(minutes, 2, 5);
}

/** Two hexadecimal digits: the exclusive or of all between $ and *. */
function sentence(text: string): string {
	let sum = 0;
	for (let i = 0; i < text.length; i++) sum ^= text.charCodeAt(i);
	return `$${text}*${(sum < 16 ? "0" : "") + sum.toString(16).toUpperCase()}\r\n`;
}

/** Of virtual time's beginning, 2024-01-01: what Date.now() of a program begins with. */
const EPOCH = 1704067200;
const DAY = 86400;

/**
 * Day, month, year of days since 1970; Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days.
 */
function civil(days: number): [number, number, number] {
	const z = days + 719468;
	const era = Math.floor(z / 146097);
	const doe = z - era * 146097;
	const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36524) - Math.floor(doe / 146096)) / 365);
	const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
	const mp = Math.floor((5 * doy + 2) / 153);
	const month = mp < 10 ? mp + 3 : mp - 9;
	return [doy - Math.floor((153 * mp + 2) / 5) + 1, month, yoe + era * 400 + (month <= 2 ? 1 : 0)];
}

export const gps: PeripheralType = {
	name: "gps",
	doc: "A GPS receiver that sends NMEA 0183 sentences GGA and RMC once a second, as u-blox receivers do (UBX-13003221).",
	parameters: {
		port: { kind: "serial", initial: 0, doc: "default or second" },
		current: { kind: "current", initial: 25_000, minimum: 0, doc: "that it takes while it runs" },
	},
	properties: {
		latitude: { initial: 47.2853, unit: "°", minimum: -90, maximum: 90, doc: "north is positive" },
		longitude: { initial: 8.5653, unit: "°", minimum: -180, maximum: 180, doc: "east is positive" },
		altitude: { initial: 450, unit: "m", minimum: -1000, maximum: 50_000, doc: "above the sea" },
		speed: { initial: 0, unit: "m/s", minimum: 0, maximum: 500, doc: "over ground" },
		course: { initial: 0, unit: "°", minimum: 0, maximum: 360, doc: "over ground" },
		satellites: { initial: 8, minimum: 0, maximum: 24, doc: "in use; below 4 there is no fix" },
	},
	readings: {
		sentences: { doc: "sent so far" },
		latitude: { unit: "°", doc: "north is positive" },
		longitude: { unit: "°", doc: "east is positive" },
	},
	faults: ["noise", "disconnect"],
	create(place, parameters) {
		const port = Number(parameters["port"]);
		let sentences = 0;
		function send(text: string): void {
			const line = sentence(text);
			const bytes = new Uint8Array(line.length);
			for (let i = 0; i < line.length; i++) bytes[i] = line.charCodeAt(i);
			if (place.fault("noise")) bytes[bytes.length >> 1]! ^= 4;
			place.send(port, bytes);
			sentences++;
		}
		function tick(): void {
			place.at(place.now() + 1e6, tick);
			if (place.fault("disconnect")) return;
			const seconds = EPOCH + Math.floor(place.now() / 1e6);
			const second = seconds % DAY;
			const time = `${padded(Math.floor(second / 3600), 2)}${padded(Math.floor(second / 60) % 60, 2)}${padded(second % 60, 2)}.00`;
			const [day, month, year] = civil(Math.floor(seconds / DAY));
			const date = `${padded(day, 2)}${padded(month, 2)}${padded(year % 100, 2)}`;
			const satellites = Math.round(place.number("satellites"));
			const fix = satellites >= 4;
			const latitude = place.number("latitude");
			const longitude = place.number("longitude");
			const where = fix
				? `${angle(latitude, 2)},${latitude < 0 ? "S" : "N"},${angle(longitude, 3)},${longitude < 0 ? "W" : "E"}`
				: ",,,";
			send(
				`GPGGA,${time},${where},${fix ? 1 : 0},${padded(satellites, 2)},${fix ? limit(8 / satellites, 0.5, 9).toFixed(2) : "99.99"},${fix ? `${place.number("altitude").toFixed(1)},M,47.0,M` : ",,,"},,`,
			);
			send(
				`GPRMC,${time},${fix ? "A" : "V"},${where},${fix ? (place.number("speed") * 1.943844).toFixed(3) : ""},${fix ? place.number("course").toFixed(2) : ""},${date},,,${fix ? "A" : "N"}`,
			);
			place.changed();
		}
		place.draw(Number(parameters["current"]));
		place.at(1e6, tick);
		return { reading: (name) => (name === "sentences" ? sentences : place.number(name)) };
	},
};
