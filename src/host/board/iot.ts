/**
 * What a board gives to modules that import it: the device API (src/iot-api) over the board's ECMA-419 provider, the
 * global `device`, and WASI. An entry of the image by itself, loaded when a module wants it: `loadIot` of
 * iot-loader.ts.
 */

import { Failure } from "../../iot-api/failures";
import { Code } from "../../iot-api/errors";
import type { DirectPins, Platform, Services } from "../../iot-api/platform";
import type { Device } from "../../iot-api/provider";
import { Kind } from "../../iot-api/handles";
import { openModuleImports, type Board, type ModuleImports, type ModuleOptions } from "../../iot-api/modules";
import { findPin, registersOf } from "./gpio-registers";
import { theStore, type Store } from "../webassembly/store";

export { ModuleExit } from "../../iot-api/failures";

export type PinWay = "js" | "c" | "inline";

export interface BoardIotOptions extends ModuleOptions {
	/** How pins are reached: through JavaScript, through C, or in line by registers of the chip. */
	readonly io?: PinWay;
	readonly chip?: string;
	/** The registers are memory without effect: for counting instructions. */
	readonly plainRegisters?: boolean;
	/** The provider; else the board's, the global `device`. */
	readonly device?: Device | Board;
}

type Suspending = new (callee: (...values: never[]) => unknown) => object;
declare const WebAssembly: { readonly Suspending: Suspending };
declare const device: Device | undefined;

const decode = native<(bytes: Uint8Array) => string | undefined>("xs_iot_decode");
const write = native<(stream: number, bytes: Uint8Array) => void>("xs_iot_write");
const trap = native<(store: Store) => never>("xs_iot_trap");
const setTypes = native<(imports: Record<string, unknown>) => void>("xs_iot_types");
const now = native<() => number>("xs_iot_now");
const suspendable = native<(store: Store) => boolean>("xs_store_suspendable");
const interrupted = native<(store: Store) => boolean>("xs_store_interrupted");

/** An object whose data only C knows. */
interface Table {
	readonly brand?: "direct";
}

const newTable = native<(table: Table, registers: boolean) => void>("xs_direct_new");
const bindImport = native<(object: object, table: Table, name: string) => boolean>("xs_direct_import");
const openPin =
	native<
		(table: Table, slot: number, handle: number, kind: number, pin: number, bits: number, hertz: number) => void
	>("xs_direct_open");
const setRegisters =
	native<(table: Table, slot: number, handle: number, set: number, input: number, bit: number) => void>(
		"xs_direct_registers",
	);
const openRegisters = native<(words: Uint32Array, memory: boolean) => boolean>("xs_registers_open");
const countAccesses = native<() => number>("xs_registers_accesses");
const closeRegisters = native<() => void>("xs_registers_close");
const closePin = native<(table: Table, slot: number) => void>("xs_direct_close");

/** Pins of classes that stand on native/io; C, or compiled code itself, does what these functions do. */
function createDirect(
	provider: Device,
	chip: string | undefined,
	memory: boolean,
): (DirectPins & { end(): void }) | undefined {
	if ((provider.io.Digital as { bank?: string } | undefined)?.bank !== "native") return undefined;
	const registers = chip === undefined ? undefined : registersOf(chip);
	const table: Table = {};
	newTable(table, registers !== undefined);
	if (registers && !openRegisters(registers, memory))
		throw new Error(`the registers of ${chip} cannot be simulated here: their addresses are taken`);
	const imports: Record<string, unknown> = {};
	const names = ["gpio_read", "gpio_write", "adc_read", "pwm_write", "now_us"];
	for (let i = 0; i < names.length; i++) {
		const object = {};
		if (bindImport(object, table, names[i]!)) imports[names[i]!] = object;
	}
	return {
		imports,
		open(index, handle, kind, pin, bits, hertz): number {
			openPin(table, index, handle, kind, pin, bits, hertz);
			if (!registers || (kind !== Kind.INPUT && kind !== Kind.OUTPUT)) return 0;
			const found = findPin(registers, pin);
			if (!found) return Code.ENODEV;
			setRegisters(table, index, handle, found.set, found.input, found.bit);
			return 0;
		},
		close(index): void {
			closePin(table, index);
		},
		end(): void {
			if (registers) closeRegisters();
		},
	};
}

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

function createPlatform(services: Services, direct: DirectPins | undefined): Platform {
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
				if (until < Infinity)
					timer = setTimeout(finish, Math.min(LONGEST_MS, Math.max(0, (until - services.now()) / 1000)));
			});
		},
		wake(): void {
			finish?.();
		},
		suspending: (callee) => new WebAssembly.Suspending(callee),
		suspendable: () => suspendable(theStore()),
		isLate: () => interrupted(theStore()),
		trap: () => trap(theStore()),
		decode(bytes): string {
			const text = decode(bytes);
			if (text === undefined) throw new Failure(Code.EINVAL);
			return text;
		},
		write,
		...(direct ? { direct } : {}),
	};
}

export interface BoardIot extends ModuleImports {
	/** Accesses to simulated registers, by compiled code. */
	accesses(): number;
}

export function openIot(options: BoardIotOptions): BoardIot {
	const given = options.device ?? (typeof device === "undefined" ? { io: {} } : device);
	const provider: Board =
		"system" in given
			? (given as Board)
			: Object.assign(Object.create(given) as Device, { system: plainServices() });
	const direct =
		options.io === "js"
			? undefined
			: createDirect(
					provider,
					options.io === "inline" ? options.chip : undefined,
					options.plainRegisters ?? false,
				);
	const opened = openModuleImports(provider, createPlatform(provider.system, direct), options);
	setTypes(opened.imports);
	return {
		imports: opened.imports,
		attach: opened.attach,
		close(): void {
			try {
				opened.close();
			} finally {
				direct?.end();
			}
		},
		accesses: () => (direct ? countAccesses() : 0),
	};
}
