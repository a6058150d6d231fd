/** The parts of ECMA-419 that the device API uses: a board's provider, the global `device`. */

export interface Closable {
	close(): void;
}

export interface DigitalObject extends Closable {
	read(): number;
	write(level: number): void;
}
export interface DigitalOptions {
	pin: number;
	mode: number;
	edge?: number;
	onReadable?: () => void;
	/** The owner keeps the object as long as it wants callbacks: the provider need not. */
	weak?: boolean;
}
export interface DigitalClass {
	new (options: DigitalOptions): DigitalObject;
	readonly Input: number;
	readonly InputPullUp: number;
	readonly InputPullDown: number;
	readonly Output: number;
	readonly OutputOpenDrain: number;
	readonly Rising: number;
	readonly Falling: number;
}

export interface AnalogObject extends Closable {
	read(): number;
	readonly resolution: number;
}
export interface AnalogClass {
	new (options: { pin: number }): AnalogObject;
}

export interface PwmObject extends Closable {
	write(duty: number): void;
	readonly resolution: number;
	readonly hz?: number;
}
export interface PwmClass {
	new (options: { pin: number; hz?: number }): PwmObject;
}

export interface I2cObject extends Closable {
	read(count: number, stop?: boolean): ArrayBuffer;
	write(bytes: Uint8Array, stop?: boolean): void;
}
export interface I2cClass {
	new (options: Record<string, unknown>): I2cObject;
}

export interface SpiObject extends Closable {
	transfer(bytes: Uint8Array): ArrayBuffer | undefined;
	write(bytes: Uint8Array): void;
}
export interface SpiClass {
	new (options: Record<string, unknown>): SpiObject;
}

export interface SerialObject extends Closable {
	read(count: number): ArrayBuffer | undefined;
	write(bytes: Uint8Array): void;
}
export interface SerialClass {
	new (options: Record<string, unknown>): SerialObject;
}

export interface KeyValueObject extends Closable {
	read(key: string): ArrayBuffer | undefined;
	write(key: string, value: ArrayBuffer): void;
	delete(key: string): void;
}

/** Options of a bus or port of the board, with `io`, its class, where that is not the one of `device.io`. */
export type Port = Record<string, unknown>;

export interface Device {
	readonly pin?: Record<string, number>;
	readonly io: {
		readonly Digital?: DigitalClass;
		readonly Analog?: AnalogClass;
		readonly PWM?: PwmClass;
		readonly I2C?: I2cClass;
		readonly SPI?: SpiClass;
		readonly Serial?: SerialClass;
	};
	readonly I2C?: Record<string, Port>;
	readonly SPI?: Record<string, Port>;
	readonly Serial?: Record<string, Port>;
	readonly keyValue?: { open(options: { path: string; format: string }): KeyValueObject };
}

/**
 * A pin by the name that the board gives it. The name may come from anywhere: it is looked for among the board's, and
 * never asked for as a property.
 */
export function pinNamed(pins: Record<string, number> | undefined, name: string): number | undefined {
	if (!pins || !Object.keys(pins).includes(name)) return undefined;
	const pin = pins[name];
	return typeof pin === "number" ? pin : undefined;
}

/** Port 0 is the one called default, the others follow in the provider's order. */
export function portOf(ports: Record<string, Port> | undefined, number: number): Port | undefined {
	if (!ports) return undefined;
	if (number === 0 && ports["default"]) return ports["default"];
	const names = Object.keys(ports).filter((name) => name !== "default");
	return names.length === 0 ? undefined : ports[names[ports["default"] ? number - 1 : number]!];
}

/** The class of a port's devices, and its options with those of the device. */
export function classOf<C>(port: Port, otherwise: C | undefined): C | undefined {
	return (port["io"] as C | undefined) ?? otherwise;
}
