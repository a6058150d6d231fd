// Reads each sensor as a driver does, by its datasheet, and says what it got.
const { Analog, I2C, SPI, Serial, PWM } = device.io;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const text = (buffer) => String.fromCharCode(...new Uint8Array(buffer));

function crc(a, b) {
	let value = 0xff;
	for (const byte of [a, b]) {
		value ^= byte;
		for (let i = 0; i < 8; i++) value = value & 0x80 ? ((value << 1) ^ 0x131) & 0xff : value << 1;
	}
	return value;
}

async function readSHT() {
	const sht = new I2C({ ...device.I2C.default, address: 0x44, hz: 400000 });
	sht.write(Uint8Array.of(0x24, 0x00));
	let busy = "";
	try {
		sht.read(6);
	} catch (error) {
		busy = error.code;
	}
	await pause(20);
	const b = new Uint8Array(sht.read(6));
	if (crc(b[0], b[1]) !== b[2] || crc(b[3], b[4]) !== b[5]) throw new Error("crc");
	const t = -45 + (175 * (b[0] * 256 + b[1])) / 65535;
	const h = (100 * (b[3] * 256 + b[4])) / 65535;
	console.log(`sht ${busy} ${t.toFixed(2)} ${h.toFixed(2)}`);
	sht.close();
}

async function readBME() {
	const bme = new I2C({ ...device.I2C.default, address: 0x76, hz: 400000 });
	const registers = (at, count) => {
		bme.write(Uint8Array.of(at), false);
		return new DataView(bme.read(count));
	};
	const c = registers(0x88, 26);
	const e = registers(0xe1, 7);
	bme.write(Uint8Array.of(0xf2, 1));
	bme.write(Uint8Array.of(0xf4, (1 << 5) | (1 << 2) | 1));
	await pause(12);
	const d = registers(0xf7, 8);
	const twenty = (at) => (d.getUint8(at) << 12) | (d.getUint8(at + 1) << 4) | (d.getUint8(at + 2) >> 4);
	// Compensation in integers, section 4.2.3 of the datasheet: not the arithmetic of the model.
	const T1 = c.getUint16(0, true),
		T2 = c.getInt16(2, true),
		T3 = c.getInt16(4, true);
	const rawT = twenty(3);
	const v1 = (((rawT >> 3) - (T1 << 1)) * T2) >> 11;
	const v2 = (((((rawT >> 4) - T1) * ((rawT >> 4) - T1)) >> 12) * T3) >> 14;
	const fine = v1 + v2;
	const t = (fine * 5 + 128) >> 8;
	const P = [c.getUint16(6, true)];
	for (let i = 1; i < 9; i++) P.push(c.getInt16(6 + 2 * i, true));
	const p = P.map(BigInt);
	let a = BigInt(fine) - 128000n;
	let b = a * a * p[5];
	b += (a * p[4]) << 17n;
	b += p[3] << 35n;
	a = ((a * a * p[2]) >> 8n) + ((a * p[1]) << 12n);
	a = (((1n << 47n) + a) * p[0]) >> 33n;
	let q = 1048576n - BigInt(twenty(0));
	q = (((q << 31n) - b) * 3125n) / a;
	a = (p[8] * (q >> 13n) * (q >> 13n)) >> 25n;
	b = (p[7] * q) >> 19n;
	q = ((q + a + b) >> 8n) + (p[6] << 4n);
	const H1 = c.getUint8(25),
		H2 = e.getInt16(0, true),
		H3 = e.getUint8(2),
		H4 = (e.getInt8(3) << 4) | (e.getUint8(4) & 15),
		H5 = (e.getInt8(5) << 4) | (e.getUint8(4) >> 4),
		H6 = e.getInt8(6);
	let h = fine - 76800;
	h =
		(((d.getUint16(6) << 14) - (H4 << 20) - H5 * h + 16384) >> 15) *
		(((((((h * H6) >> 10) * (((h * H3) >> 11) + 32768)) >> 10) + 2097152) * H2 + 8192) >> 14);
	h -= ((((h >> 15) * (h >> 15)) >> 7) * H1) >> 4;
	h = Math.min(Math.max(h, 0), 419430400) >> 12;
	console.log(`bme ${(t / 100).toFixed(2)} ${(Number(q) / 256).toFixed(0)} ${(h / 1024).toFixed(2)}`);
	bme.close();
}

function readCamera() {
	const camera = new I2C({ ...device.I2C.default, address: 0x69, hz: 400000 });
	camera.write(Uint8Array.of(0x80), false);
	const view = new DataView(camera.read(128));
	let warmest = -1;
	let best = -1000;
	for (let i = 0; i < 64; i++) {
		const value = ((view.getUint16(2 * i, true) << 20) >> 20) / 4;
		if (value > best) [best, warmest] = [value, i];
	}
	console.log(`camera ${warmest % 8} ${warmest >> 3} ${best}`);
	camera.close();
}

function readConverter() {
	const spi = new SPI({ ...device.SPI.default, hz: 1000000 });
	const values = [0, 3].map((channel) => {
		const bytes = Uint8Array.of(1, 0x80 | (channel << 4), 0);
		spi.transfer(bytes);
		return ((bytes[1] & 3) << 8) | bytes[2];
	});
	console.log(`mcp ${values.join(" ")}`);
	spi.close();
}

function readAnalog() {
	const battery = new Analog({ pin: device.pin.battery });
	const ntc = new Analog({ pin: device.pin.thermistor });
	const top = (1 << battery.resolution) - 1;
	const volts = ((battery.read() * 3.3) / top) * 2;
	const share = ntc.read() / top;
	const r = (10000 * share) / (1 - share);
	const celsius = 1 / (1 / 298.15 + Math.log(r / 10000) / 3380) - 273.15;
	console.log(`analog ${volts.toFixed(2)} ${celsius.toFixed(1)}`);
	battery.close();
	ntc.close();
}

const lines = [];
let rest = "";
new Serial({
	...device.Serial.default,
	baud: 9600,
	format: "buffer",
	onReadable() {
		rest += text(this.read());
		for (let at = rest.indexOf("\r\n"); at >= 0; at = rest.indexOf("\r\n")) {
			lines.push(rest.slice(0, at));
			rest = rest.slice(at + 2);
		}
		if (lines.length === 2) {
			const sum = (line) =>
				[...line.slice(1, -3)].reduce((x, c) => x ^ c.charCodeAt(0), 0) === parseInt(line.slice(-2), 16);
			console.log(`gps ${lines.every(sum)} ${lines[0]} ${lines[1]}`);
		}
	},
});

await readSHT();
await readBME();
readCamera();
readConverter();
readAnalog();
const servo = new PWM({ pin: device.pin.servo, hz: 50 });
servo.write(Math.round((1500 / 20000) * 1023));
console.log("done");
