/*
 * A climate logger: every minute an SHT31 measures temperature and humidity, and the values go out as JSON. Between
 * measurements the device sleeps, and so does the sensor, which measures on
 * demand only. A reading with a wrong checksum is taken again, twice at most.
 *
 * Grants: i2c:0@0x44 publish:climate/#
 */

import { close, confirm, i2cOpen, i2cRead, i2cWrite, log, publish, Events, wait } from "../../src/iot-api/guest/iot1";

const PERIOD: i64 = 60_000_000;
/** Sensirion SHT3x-DIS datasheet, table 4: measurement of high repeatability. */
const MEASURING: i64 = 15_500;
const ADDRESS = 0x44;
const ATTEMPTS = 3;

const command: StaticArray<u8> = [0x24, 0x00];
const reading = new StaticArray<u8>(6);
const message = new StaticArray<u8>(64);
const none = new Events(0);
let length = 0;

/** CRC-8 of two bytes, polynomial 0x31, initial value 0xFF: SHT3x-DIS datasheet, 4.12. */
function checksum(at: i32): u8 {
	let crc: u8 = 0xff;
	for (let i = at; i < at + 2; i++) {
		crc ^= reading[i];
		for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? (crc << 1) ^ 0x31 : crc << 1;
	}
	return crc;
}

function word(at: i32): i32 {
	return ((<i32>reading[at]) << 8) | reading[at + 1];
}

/** 0, or an error's code. */
function measure(sensor: i32): i32 {
	let result = i2cWrite(sensor, command);
	if (result < 0) return result;
	wait(MEASURING, none);
	result = i2cRead(sensor, reading);
	if (result < 0) return result;
	return checksum(0) == reading[2] && checksum(3) == reading[5] ? 0 : -1;
}

function put(text: string): void {
	for (let i = 0; i < text.length; i++) message[length++] = <u8>text.charCodeAt(i);
}

/** Hundredths, as a decimal number. */
function putHundredths(value: i32): void {
	if (value < 0) put("-");
	const positive = value < 0 ? -value : value;
	let divisor = 100;
	while (positive / divisor >= 10) divisor *= 10;
	for (; divisor > 0; divisor /= 10) {
		if (divisor == 10) put(".");
		message[length++] = <u8>(48 + ((positive / divisor) % 10));
	}
}

function report(): i32 {
	/* SHT3x-DIS datasheet, 4.13, in hundredths. */
	const temperature = -4500 + <i32>((<i64>17500 * word(0) + 32767) / 65535);
	const humidity = <i32>((<i64>10000 * word(3) + 32767) / 65535);
	length = 0;
	put('{"temperature":');
	putHundredths(temperature);
	put(',"humidity":');
	putHundredths(humidity);
	put("}");
	return publish("climate/reading", message, length);
}

/** Measures for ever; returns a code when the device cannot be opened. */
export function run(): i32 {
	const sensor = i2cOpen(0, ADDRESS, 400_000);
	if (sensor < 0) return sensor;
	let confirmed = false;
	do {
		let result = -1;
		for (let attempt = 0; attempt < ATTEMPTS && result < 0; attempt++) result = measure(sensor);
		if (result < 0) log("the sensor does not answer");
		else if (report() >= 0 && !confirmed) {
			confirm();
			confirmed = true;
		}
	} while (wait(PERIOD, none) >= 0);
	return close(sensor);
}
