/** The global `device`, made when it is first used: a program without I/O pays nothing for it. */

import { nativeBank } from "./native-bank";
import { createDevice, type Device } from "./provider";

Object.defineProperty(globalThis, "device", {
	configurable: true,
	enumerable: true,
	get(): Device {
		const value = createDevice(nativeBank);
		Object.defineProperty(globalThis, "device", { value, configurable: true, enumerable: true, writable: true });
		return value;
	},
});
