/**
 * The device API of modules: import module `iot1`. The one table of its functions, constants and error codes:
 * tools/iot-api.mjs makes of it the host's bindings, the error codes, the types that imports are linked by, the guests'
 * headers (C, AssemblyScript, Rust) and the reference page. It is read at build time and by the command line; nothing
 * of it is in a board's image.
 */

/**
 * Of a parameter:
 *   i32, i64       as they are
 *   in, out, inout a range of memory, two parameters in WebAssembly (address, size in bytes): read, written, or both by
 *   the host
 *   text           as `in`: UTF-8, at most 4096 bytes
 *   events         as `out`: an array of events, whose capacity is given in events
 */
export type ParameterKind = "i32" | "i64" | "in" | "out" | "inout" | "text" | "events";

/** Of a result: never returns, a code below 0 or a value, or 64 bits. */
export type ResultKind = "none" | "code" | "i64";

export interface Parameter {
	readonly name: string;
	readonly kind: ParameterKind;
	/** Of a text that is too long, the beginning is taken. */
	readonly cut?: boolean;
}

export interface ApiFunction {
	readonly name: string;
	readonly group: string;
	readonly parameters: readonly Parameter[];
	readonly result: ResultKind;
	/** Once opened, it never passes through JavaScript (native/io). */
	readonly direct?: boolean;
	/** It may suspend the module: the firmware goes on meanwhile. */
	readonly suspends?: boolean;
	readonly text: string;
	/** What a value that is not negative means. */
	readonly returns?: string;
	/** The codes that it gives, beside those that every function of handles gives. */
	readonly errors?: string;
}

/** Its type in WebAssembly, as linking names it: "(i32 i64) -> (i32)". */
export function typeOf({ parameters, result }: ApiFunction): string {
	const types = parameters.map(({ kind }) => (kind === "i32" || kind === "i64" ? kind : "i32 i32"));
	return `(${types.join(" ")}) -> (${result === "none" ? "" : result === "i64" ? "i64" : "i32"})`;
}

export interface ApiConstant {
	readonly name: string;
	readonly value: number;
	readonly text: string;
}

export interface ConstantGroup {
	readonly name: string;
	readonly text: string;
	readonly constants: readonly ApiConstant[];
}

export const moduleName = "iot1";

/** The codes are 1 to n, negated, in this order, and never change. */
export const errors: readonly (readonly [name: string, text: string])[] = [
	["EINVAL", "an argument has no meaning here"],
	["EPERM", "the module has no grant for it"],
	["ENODEV", "the board has no such pin, port or device"],
	["EBUSY", "it is in use"],
	["ETIMEDOUT", "the device did not answer in time"],
	["EIO", "the transfer failed"],
	["ENACK_ADDR", "I2C: no device acknowledged the address"],
	["ENACK_DATA", "I2C: the device did not acknowledge data"],
	["EARB", "I2C: arbitration was lost"],
	["EOVERRUN", "data came faster than they were read and some were lost"],
	["ENOSPC", "no room: in the storage, or for what is published"],
	["ENOTSUP", "the board cannot do that"],
	["EAGAIN", "nothing there now; try again later"],
	["EBADF", "no handle of the module's own that is open for this"],
	["ENOENT", "no value of that key, no pin of that name"],
	["EMFILE", "the module has as many handles open as it may"],
];

export const constants: readonly ConstantGroup[] = [
	{
		name: "GPIO",
		text: "modes of gpio_open, edges of gpio_watch",
		constants: [
			{ name: "INPUT", value: 0, text: "input" },
			{ name: "INPUT_PULLUP", value: 1, text: "input with pull-up" },
			{ name: "INPUT_PULLDOWN", value: 2, text: "input with pull-down" },
			{ name: "OUTPUT", value: 3, text: "output, push-pull" },
			{ name: "OUTPUT_OPEN_DRAIN", value: 4, text: "output, open drain" },
			{ name: "RISING", value: 1, text: "edge from 0 to 1" },
			{ name: "FALLING", value: 2, text: "edge from 1 to 0" },
			{ name: "BOTH", value: 3, text: "both edges" },
		],
	},
	{
		name: "EVENT",
		text: "types of events",
		constants: [
			{ name: "GPIO", value: 1, text: "a watched pin changed; value: its level" },
			{ name: "TIMER", value: 2, text: "a timer is due; value: how often since the last event of it" },
			{ name: "UART", value: 3, text: "a watched port has data; value: bytes that can be read" },
		],
	},
	{
		name: "WAKE",
		text: "why the device started",
		constants: [
			{ name: "POWER_ON", value: 0, text: "power came" },
			{ name: "TIMER", value: 1, text: "deep sleep ended by its time" },
			{ name: "PIN", value: 2, text: "deep sleep ended by a pin" },
			{ name: "RESET", value: 3, text: "reset, or an update" },
			{ name: "WATCHDOG", value: 4, text: "the watchdog" },
		],
	},
];

/** Layout of an event in memory, little-endian. */
export const eventFields: readonly { name: string; type: "i32" | "u32" | "i64"; offset: number; text: string }[] = [
	{ name: "type", type: "u32", offset: 0, text: "EVENT_*" },
	{ name: "source", type: "i32", offset: 4, text: "the handle that it is of" },
	{ name: "value", type: "i32", offset: 8, text: "by type" },
	{
		name: "missed",
		type: "u32",
		offset: 12,
		text: "events lost just before this one, because the queue of 32 was full",
	},
	{ name: "time", type: "i64", offset: 16, text: "when it happened, as now_us" },
];
export const eventSize = 24;

const i32 = (name: string): Parameter => ({ name, kind: "i32" });
const i64 = (name: string): Parameter => ({ name, kind: "i64" });
const data = (kind: ParameterKind, name = "data"): Parameter => ({ name, kind });

export const functions: readonly ApiFunction[] = [
	{
		name: "pin_find",
		group: "Pins",
		parameters: [data("text", "name")],
		result: "code",
		text: 'The number of a pin by the name that the board gives it, as "led" or "button".',
		returns: "the pin's number",
		errors: "ENOENT",
	},
	{
		name: "gpio_open",
		group: "Digital pins",
		parameters: [i32("pin"), i32("mode")],
		result: "code",
		text: "Opens a digital pin in a mode GPIO_*.",
		returns: "a handle",
		errors: "EINVAL EPERM ENODEV EBUSY ENOTSUP EMFILE",
	},
	{
		name: "gpio_read",
		group: "Digital pins",
		parameters: [i32("handle")],
		result: "code",
		direct: true,
		text: "The level of a pin, of an output too.",
		returns: "0 or 1",
		errors: "EBADF",
	},
	{
		name: "gpio_write",
		group: "Digital pins",
		parameters: [i32("handle"), i32("level")],
		result: "code",
		direct: true,
		text: "Sets an output: 0 low, anything else high.",
		errors: "EBADF, also when it is an input",
	},
	{
		name: "gpio_watch",
		group: "Digital pins",
		parameters: [i32("handle"), i32("edges")],
		result: "code",
		text: "Makes EVENT_GPIO events of the edges of an input (GPIO_RISING, GPIO_FALLING, GPIO_BOTH); 0 ends that.",
		errors: "EBADF EINVAL ENOTSUP",
	},
	{
		name: "adc_open",
		group: "Analog input",
		parameters: [i32("pin")],
		result: "code",
		text: "Opens an analog input.",
		returns: "a handle",
		errors: "EPERM ENODEV EBUSY EMFILE",
	},
	{
		name: "adc_bits",
		group: "Analog input",
		parameters: [i32("handle")],
		result: "code",
		text: "The resolution.",
		returns: "bits of a sample",
		errors: "EBADF",
	},
	{
		name: "adc_read",
		group: "Analog input",
		parameters: [i32("handle")],
		result: "code",
		direct: true,
		text: "Takes a sample.",
		returns: "0 to 2^bits - 1, the board's reference voltage",
		errors: "EBADF",
	},
	{
		name: "pwm_open",
		group: "PWM",
		parameters: [i32("pin"), i32("hertz")],
		result: "code",
		text: "Opens a pin for pulse width modulation, with duty 0. hertz 0: the board's own choice.",
		returns: "a handle",
		errors: "EINVAL EPERM ENODEV EBUSY ENOTSUP EMFILE",
	},
	{
		name: "pwm_bits",
		group: "PWM",
		parameters: [i32("handle")],
		result: "code",
		text: "The resolution.",
		returns: "bits of the duty",
		errors: "EBADF",
	},
	{
		name: "pwm_write",
		group: "PWM",
		parameters: [i32("handle"), i32("duty")],
		result: "code",
		direct: true,
		text: "Sets the duty: 0 always low, 2^bits - 1 always high.",
		errors: "EBADF, EINVAL for a duty out of range",
	},
	{
		name: "i2c_open",
		group: "I2C",
		parameters: [i32("bus"), i32("address"), i32("hertz")],
		result: "code",
		text: "Opens a device on a bus by its 7-bit address. Bus 0 is the board's default. hertz 0: 100,000.",
		returns: "a handle",
		errors: "EINVAL EPERM ENODEV EBUSY EMFILE",
	},
	{
		name: "i2c_write",
		group: "I2C",
		parameters: [i32("handle"), data("in")],
		result: "code",
		text: "Start, address, data, stop.",
		returns: "bytes written",
		errors: "EBADF ENACK_ADDR ENACK_DATA EARB ETIMEDOUT EIO",
	},
	{
		name: "i2c_read",
		group: "I2C",
		parameters: [i32("handle"), data("out")],
		result: "code",
		text: "Start, address, as many bytes as there is room for, stop.",
		returns: "bytes read",
		errors: "EBADF ENACK_ADDR EARB ETIMEDOUT EIO",
	},
	{
		name: "i2c_write_read",
		group: "I2C",
		parameters: [i32("handle"), data("in", "command"), data("out")],
		result: "code",
		text: "Writes, then reads after a repeated start, as registers are read.",
		returns: "bytes read",
		errors: "EBADF ENACK_ADDR ENACK_DATA EARB ETIMEDOUT EIO",
	},
	{
		name: "spi_open",
		group: "SPI",
		parameters: [i32("bus"), i32("select"), i32("hertz"), i32("mode")],
		result: "code",
		text: "Opens a device on a bus by its select pin (-1: none), with clock mode 0 to 3.",
		returns: "a handle",
		errors: "EINVAL EPERM ENODEV EBUSY EMFILE",
	},
	{
		name: "spi_transfer",
		group: "SPI",
		parameters: [i32("handle"), data("inout")],
		result: "code",
		text: "Sends the data and puts what comes back meanwhile in their place.",
		returns: "bytes transferred",
		errors: "EBADF ETIMEDOUT EIO",
	},
	{
		name: "spi_write",
		group: "SPI",
		parameters: [i32("handle"), data("in")],
		result: "code",
		text: "Sends the data; what comes back is dropped.",
		returns: "bytes written",
		errors: "EBADF ETIMEDOUT EIO",
	},
	{
		name: "uart_open",
		group: "Serial port",
		parameters: [i32("port"), i32("baud")],
		result: "code",
		text: "Opens a serial port, 8 data bits, no parity, one stop bit. Port 0 is the board's default.",
		returns: "a handle",
		errors: "EINVAL EPERM ENODEV EBUSY EMFILE",
	},
	{
		name: "uart_read",
		group: "Serial port",
		parameters: [i32("handle"), data("out")],
		result: "code",
		text: "What has come, as much as there is room for; it does not wait.",
		returns: "bytes read",
		errors: "EBADF; EAGAIN when nothing has come; EOVERRUN once after data were lost",
	},
	{
		name: "uart_write",
		group: "Serial port",
		parameters: [i32("handle"), data("in")],
		result: "code",
		text: "Writes the data to the port's buffer and line.",
		returns: "bytes written; fewer when the buffer is full",
		errors: "EBADF EAGAIN EIO",
	},
	{
		name: "uart_watch",
		group: "Serial port",
		parameters: [i32("handle"), i32("on")],
		result: "code",
		text: "Makes EVENT_UART events when data come; 0 ends that.",
		errors: "EBADF",
	},
	{
		name: "close",
		group: "Handles",
		parameters: [i32("handle")],
		result: "code",
		text: "Gives a pin, port, device or timer back. What is left open is closed when the module ends.",
		errors: "EBADF",
	},
	{
		name: "now_us",
		group: "Time and sleep",
		parameters: [],
		result: "i64",
		direct: true,
		text: "Time since the device started, in microseconds. Deep sleep begins it anew.",
	},
	{
		name: "timer_start",
		group: "Time and sleep",
		parameters: [i64("delay_us"), i64("period_us")],
		result: "code",
		text: "Makes an EVENT_TIMER after the delay, then, with a period above 0, one each period.",
		returns: "a handle",
		errors: "EINVAL EMFILE",
	},
	{
		name: "wait",
		group: "Time and sleep",
		parameters: [i64("timeout_us"), data("events")],
		result: "code",
		suspends: true,
		text: "The sleep point: suspends the module until there are events, or for the time given (-1: no limit; 0: only looks), and writes the events, oldest first. The firmware's own work goes on, else the device sleeps.",
		returns: "number of events written; 0: the time is over",
		errors: "EINVAL when nothing could ever end it; EBUSY when the module waits already",
	},
	{
		name: "deep_sleep",
		group: "Time and sleep",
		parameters: [i64("time_us"), i32("wake"), i32("level")],
		result: "code",
		text: "Switches off all but the wake-up: after the time (-1: no limit) or when the pin of the handle `wake`, an open input (-1: none), has the level. Never returns: the module starts anew, its memory is gone, storage stays.",
		returns: "never",
		errors: "EBADF EINVAL EPERM ENOTSUP",
	},
	{
		name: "wake_reason",
		group: "Time and sleep",
		parameters: [],
		result: "code",
		text: "Why the device started.",
		returns: "WAKE_*",
	},
	{
		name: "kv_get",
		group: "Storage",
		parameters: [data("text", "key"), data("out", "value")],
		result: "code",
		text: "Reads a value: as much of it as there is room for.",
		returns: "the value's size in bytes, which may be larger than the room",
		errors: "EPERM ENOENT EINVAL (key empty or above 64 bytes) EIO",
	},
	{
		name: "kv_set",
		group: "Storage",
		parameters: [data("text", "key"), data("in", "value")],
		result: "code",
		text: "Keeps a value of at most 1024 bytes under the key, through deep sleep and loss of power, all of it or nothing.",
		errors: "EPERM EINVAL ENOSPC EIO",
	},
	{
		name: "kv_delete",
		group: "Storage",
		parameters: [data("text", "key")],
		result: "code",
		text: "Forgets the key.",
		errors: "EPERM EINVAL ENOENT EIO",
	},
	{
		name: "publish",
		group: "The cloud",
		parameters: [data("text", "topic"), data("in")],
		result: "code",
		text: "Gives a message to the device's connection, which sends it as soon as it can.",
		errors: "EPERM EINVAL (topic empty, or with a wildcard) ENOSPC (the board's connection, or above 65536 bytes)",
	},
	{
		name: "confirm",
		group: "The cloud",
		parameters: [],
		result: "code",
		text: "Says that this version works: an update on trial stays.",
		errors: "ENOTSUP",
	},
	{
		name: "log",
		group: "System",
		parameters: [{ ...data("text", "message"), cut: true }],
		result: "code",
		text: "A line for the log: at most 4096 bytes, the rest is left out. Ends of lines and other control characters are shown as escapes.",
		errors: "EINVAL (no UTF-8)",
	},
	{
		name: "random",
		group: "System",
		parameters: [data("out")],
		result: "code",
		text: "Random bytes of the board's generator; in scenarios those of the seed.",
		errors: "EIO",
	},
];
