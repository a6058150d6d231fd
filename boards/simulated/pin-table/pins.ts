/**
 * Pins and buses of simulated boards: those of a common ESP32 development board, so that programs fit one. A board has
 * pins 0 to 63; each can do everything.
 */

export const pins: Record<string, number> = {
	button: 0,
	led: 2,
	pir: 4,
	servo: 13,
	select: 5,
	clock: 18,
	miso: 19,
	mosi: 23,
	data: 21,
	scl: 22,
	receive: 16,
	transmit: 17,
	battery: 34,
	thermistor: 35,
};

export interface Bus {
	name: string;
	port: number;
	pins: Record<string, number>;
}

/** In the order of their numbers. */
export const i2cBuses: Bus[] = [
	{ name: "default", port: 0, pins: { data: 21, clock: 22 } },
	{ name: "second", port: 1, pins: { data: 25, clock: 26 } },
];

export const spiBuses: Bus[] = [{ name: "default", port: 0, pins: { clock: 18, in: 19, out: 23, select: 5 } }];

export const serialPorts: Bus[] = [
	{ name: "default", port: 0, pins: { receive: 16, transmit: 17 } },
	{ name: "second", port: 1, pins: { receive: 9, transmit: 10 } },
];
