/**
 * What a board gives to modules that import it: the device API (src/iot-api) over the board's ECMA-419 provider, the global `device`, and WASI. An entry of the image by
 * itself, loaded when a module wants it: `loadIot` of iot-loader.ts.
 */

import { Failure } from "../iot-api/failures";
import { Code } from "../iot-api/errors";
import { createIot, type Iot } from "../iot-api/iot";
import type { Platform, Services } from "../iot-api/platform";
import type { Device } from "../iot-api/provider";
import { createWasi } from "../iot-api/wasi";
import { theStore, type Store } from "./store";

export { ModuleExit } from "../iot-api/failures";

export interface BoardIotOptions {
	readonly grants: readonly string[];
	/** WASI's; the program's name first. */
	readonly args: readonly string[];
	/** NAME=VALUE */
	readonly environment: readonly string[];
	/** The provider; else the board's, the global `device`. */
	readonly device?: Device & { readonly system?: Services };
}

export interface BoardIot {
	readonly imports: Record<string, unknown>;
	/** The instance is there: its memory is what addresses mean. */
	attach(exports: Record<string, unknown>): void;
	/** The module has ended. */
	close(): void;
}

type Suspending = new (callee: (...values: never[]) => unknown) => object;
declare const WebAssembly: { readonly Suspending: Suspending };
declare const device: (Device & { readonly system?: Services }) | undefined;

const decode = native<(bytes: Uint8Array) => string | undefined>("xs_iot_decode");
const write = native<(stream: number, bytes: Uint8Array) => void>("xs_iot_write");
const trap = native<(store: Store) => never>("xs_iot_trap");
const now = native<() => number>("xs_iot_now");

/** The longest that one timer takes: it is started anew then. */
const LONGEST_MS = 2_000_000_000;

/** For a provider that has pins but no system: a script's own. */
function plainServices(): Services {
	return {
		now,
		log: (text) => console.log(text),
		publish: () => Code.ENOTSUP,
		confirm: () => Code.ENOTSUP,
		random(bytes): void {
			for (let i = 0; i < bytes.length; i++) bytes[i] = Math.random() * 256;
		},
		deepSleep: () => Code.ENOTSUP,
		wakeReason: () => 0,
	};
}

function createPlatform(services: Services): Platform {
	let finish: (() => void) | undefined;
	return {
		sleep(until): Promise<void> {
			return new Promise((resolve) => {
				let timer: number | undefined;
				finish = (): void => {
					finish = undefined;
					clearTimeout(timer);
					resolve();
				};
				if (until < Infinity) timer = setTimeout(finish, Math.min(LONGEST_MS, Math.max(0, (until - services.now()) / 1000)));
			});
		},
		wake(): void {
			finish?.();
		},
		suspending: (callee) => new WebAssembly.Suspending(callee),
		trap: () => trap(theStore()),
		decode(bytes): string {
			const text = decode(bytes);
			if (text === undefined) throw new Failure(Code.EINVAL);
			return text;
		},
		write,
	};
}

export function openIot(options: BoardIotOptions): BoardIot {
	const provider = options.device ?? (typeof device === "undefined" ? undefined : device);
	const services = provider?.system ?? plainServices();
	const platform = createPlatform(services);
	const iot: Iot = createIot({ device: provider ?? { io: {} }, services, platform, grants: options.grants });
	const wasi = createWasi({ platform, services, guest: iot.guest, args: options.args, environment: options.environment });
	return {
		imports: { iot1: iot.imports, wasi_snapshot_preview1: wasi },
		attach(exports): void {
			const memory = exports["memory"] as { readonly buffer: ArrayBuffer } | undefined;
			if (memory && memory.buffer) iot.guest.attach(memory);
		},
		close(): void {
			iot.close();
		},
	};
}
