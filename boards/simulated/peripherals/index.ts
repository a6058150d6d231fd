/** All models. A new one is a file beside these, and a line here. */

import { amg88xx } from "./amg88xx";
import { analog } from "./analog";
import { battery } from "./battery";
import { bme280 } from "./bme280";
import { button } from "./button";
import { digital } from "./digital";
import { gps } from "./gps";
import { led } from "./led";
import { mcp3008 } from "./mcp3008";
import type { PeripheralType } from "./peripheral";
import { pir } from "./pir";
import { servo } from "./servo";
import { sht3x } from "./sht3x";
import { thermistor } from "./thermistor";

export const peripheralTypes: readonly PeripheralType[] = [
	amg88xx,
	analog,
	battery,
	bme280,
	button,
	digital,
	gps,
	led,
	mcp3008,
	pir,
	servo,
	sht3x,
	thermistor,
];
