/** The device API for one module: what it imports of `iot1`, over a board's ECMA-419 provider. */

import * as analog from "./analog";
import { bind, suspending, type Implementation } from "./bindings";
import type { Context } from "./context";
import * as digital from "./digital";
import { Code } from "./errors";
import { Events } from "./events";
import { parseGrants, resolvePins } from "./grants";
import { createGuestMemory, fillRandomly, type GuestMemory } from "./guest-memory";
import { closeHandle, closeQuietly } from "./closing";
import { Handles, HANDLES } from "./handles";
import * as i2c from "./i2c";
import type { Platform, Services } from "./platform";
import { pinNamed, type Device } from "./provider";
import { oneLine } from "./printable";
import * as pwm from "./pwm";
import * as serial from "./serial";
import * as spi from "./spi";
import { createStorage, type Storage } from "./storage";
import { deepSleep, publish, startTimer } from "./system";

export interface IotOptions {
	readonly device: Device;
	readonly services: Services;
	readonly platform: Platform;
	/** As parseGrants takes them. */
	readonly grants: readonly string[];
}

export interface Iot {
	readonly imports: Record<string, unknown>;
	/** For other imports of the module. */
	readonly guest: GuestMemory;
	readonly context: Context;
	/** Gives back all that the module left open. */
	close(): void;
}

function implement(context: Context, storage: Storage): Implementation {
	const { device, events, guest, handles, platform, services } = context;
	return {
		pinFind: (name) => pinNamed(device.pin, name) ?? Code.ENOENT,
		gpioOpen: (pin, mode) => digital.open(context, pin, mode),
		gpioRead: (handle) => digital.read(context, handle),
		gpioWrite: (handle, level) => digital.write(context, handle, level),
		gpioWatch: (handle, edges) => digital.watch(context, handle, edges),
		adcOpen: (pin) => analog.open(context, pin),
		adcBits: (handle) => analog.bits(context, handle),
		adcRead: (handle) => analog.read(context, handle),
		pwmOpen: (pin, hertz) => pwm.open(context, pin, hertz),
		pwmBits: (handle) => pwm.bits(context, handle),
		pwmWrite: (handle, duty) => pwm.write(context, handle, duty),
		i2cOpen: (bus, address, hertz) => i2c.open(context, bus, address, hertz),
		i2cWrite: (handle, data) => i2c.write(context, handle, data),
		i2cRead: (handle, data) => i2c.read(context, handle, data),
		i2cWriteRead: (handle, command, data) => i2c.writeRead(context, handle, command, data),
		spiOpen: (bus, select, hertz, mode) => spi.open(context, bus, select, hertz, mode),
		spiTransfer: (handle, data) => spi.transfer(context, handle, data),
		spiWrite: (handle, data) => spi.write(context, handle, data),
		uartOpen: (port, baud) => serial.open(context, port, baud),
		uartRead: (handle, data) => serial.read(context, handle, data),
		uartWrite: (handle, data) => serial.write(context, handle, data),
		uartWatch: (handle, on) => serial.watch(context, handle, on),
		close: (handle) => {
			const entry = handles.find(handle);
			if (!entry) return Code.EBADF;
			closeHandle(context, entry);
			return 0;
		},
		nowUs: () => services.now(),
		timerStart: (delay, period) => startTimer(context, delay, period),
		wait: (timeout, address, capacity) => events.wait(guest, timeout, address, capacity),
		deepSleep: (time, wake, level) => deepSleep(context, time, wake, level),
		wakeReason: () => services.wakeReason(),
		kvGet: (key, value) => storage.get(key, value),
		kvSet: (key, value) => storage.set(key, value),
		kvDelete: (key) => storage.remove(key),
		publish: (topic, data) => publish(context, topic, data),
		confirm: () => services.confirm(),
		log: (message) => {
			services.log(oneLine(message));
			return 0;
		},
		random: (data) => {
			fillRandomly(data, services, platform);
			return 0;
		},
	};
}

/** Throws a GrantError when a grant is wrong. */
export function createIot({ device, services, platform, grants: texts }: IotOptions): Iot {
	const grants = parseGrants(texts);
	resolvePins(grants, device.pin);
	const handles = new Handles();
	const guest = createGuestMemory(platform);
	const events = new Events(platform, services, handles);
	const context: Context = { device, services, platform, grants, handles, events, guest };
	const storage = createStorage(context);
	const imports: Record<string, unknown> = bind(implement(context, storage), guest);
	for (let i = 0; i < suspending.length; i++) {
		const name = suspending[i]!;
		imports[name] = platform.suspending(imports[name] as (...values: never[]) => unknown);
	}
	const direct = platform.direct;
	if (direct) Object.assign(imports, direct.imports);
	return {
		imports,
		guest,
		context,
		close(): void {
			if (direct) for (let i = 0; i < HANDLES; i++) direct.close(i);
			events.close();
			const left = handles.all();
			for (let i = 0; i < left.length; i++) closeQuietly(context, left[i]!);
			storage.close();
		},
	};
}
