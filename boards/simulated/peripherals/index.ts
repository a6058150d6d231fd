/** All models. A new one is a file beside these, and a line here. */

import { analog } from "./analog";
import { battery } from "./battery";
import { button } from "./button";
import { digital } from "./digital";
import { led } from "./led";
import type { PeripheralType } from "./peripheral";
import { pir } from "./pir";
import { servo } from "./servo";
import { thermistor } from "./thermistor";

export const peripheralTypes: readonly PeripheralType[] = [analog, battery, button, digital, led, pir, servo, thermistor];
