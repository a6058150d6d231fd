/** The trace of a scenario: what happened, in its order. Times in nanoseconds. */

export interface TraceEvent {
	readonly time: number;
	/** pin-2, state, climate.temperature ... */
	readonly signal: string;
	readonly value: number | string;
}

/** Something on a bus or a port. */
export interface Transfer {
	readonly time: number;
	readonly text: string;
	readonly failed: boolean;
}

export interface Trace {
	readonly events: readonly TraceEvent[];
	readonly transfers: readonly Transfer[];
}

export function readTrace(text: string): Trace {
	const events: TraceEvent[] = [];
	const transfers: Transfer[] = [];
	for (const line of text.split("\n")) {
		if (!line.startsWith("[")) continue;
		const [time, kind, a, b, c, d, e] = JSON.parse(line) as [
			number,
			string,
			number | string,
			number | string,
			number | string,
			number,
			number,
		];
		switch (kind) {
			case "pin":
				events.push({ time, signal: `pin-${a}`, value: b });
				break;
			case "pwm":
				events.push({ time, signal: `duty-${a}`, value: Number(b) / 65536 });
				break;
			case "state":
				events.push({ time, signal: "state", value: a });
				break;
			case "value":
				events.push({ time, signal: String(a), value: b });
				break;
			case "draw":
				events.push({ time, signal: `draw-${a}`, value: b });
				break;
			case "i2c":
				transfers.push({ time, text: `I2C ${a} 0x${Number(b).toString(16)} ${c} ${d} bytes`, failed: e < 0 });
				break;
			case "spi":
				transfers.push({ time, text: `SPI ${a} select ${b} ${c} bytes`, failed: false });
				break;
			case "serial":
				transfers.push({ time, text: `serial ${a}: ${b}`, failed: false });
				break;
		}
	}
	// The log of pins is read in parts, so that what the world wrote may stand before what happened earlier.
	events.sort((x, y) => x.time - y.time);
	return { events, transfers };
}
