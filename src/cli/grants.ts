/** Grants against what simulated boards have, whether a module uses them or not. */

import { PINS } from "../../boards/simulated/bank";
import { i2cBuses, pins, serialPorts, spiBuses, type Bus } from "../../boards/simulated/pin-table/pins";
import { ALL_PINS, GrantError, parseGrants, resolvePins, type PinGrant, type PortGrant } from "../iot-api/grants";

function checkPins(kind: string, list: readonly PinGrant[]): void {
	for (const { first, last } of list)
		for (const pin of last === ALL_PINS ? [first] : [first, last])
			if (typeof pin === "number" && pin >= PINS)
				throw new GrantError(`grant: ${kind} ${pin}: the board has pins 0 to ${PINS - 1}`);
}

function checkPorts(kind: string, list: readonly PortGrant[], ports: readonly Bus[]): void {
	for (const { port } of list)
		if (port >= ports.length)
			throw new GrantError(
				`grant: ${kind} ${port}: the board has ${ports.map((bus) => `${bus.port} (${bus.name})`).join(", ")}`,
			);
}

/** Throws a GrantError that says what is wrong. */
export function checkGrants(texts: readonly string[]): void {
	const grants = parseGrants(texts);
	resolvePins(grants, pins);
	checkPins("gpio", grants.gpio);
	checkPins("adc", grants.adc);
	checkPins("pwm", grants.pwm);
	checkPorts("i2c", grants.i2c, i2cBuses);
	checkPorts("spi", grants.spi, spiBuses);
	checkPorts("uart", grants.uart, serialPorts);
	checkPins(
		"spi select",
		grants.spi.map(({ device }) => ({ first: device, last: device, access: "out" })),
	);
}
