/** What a board's C, its classes on XS, the world of scenarios and Node's board have in common: numbers and names. */

export interface Row {
	readonly member: string;
	/** As scenarios, board.json or reports have it. */
	readonly name?: string;
	readonly value?: number;
	readonly doc?: string;
}

/** Errors of I/O, from -1 downwards; codes of the device API begin with the same (src/iot-api/table.ts). */
export const ioErrors: readonly string[] = [
	"EINVAL",
	"EPERM",
	"ENODEV",
	"EBUSY",
	"ETIMEDOUT",
	"EIO",
	"ENACK_ADDR",
	"ENACK_DATA",
	"EARB",
	"EOVERRUN",
	"ENOSPC",
	"ENOTSUP",
	"EAGAIN",
];

/** Modes of a digital pin: the numbers of ECMA-419's Digital.Input ... (clause 10.2, as the Moddable SDK has them). */
export const pinModes: readonly Row[] = [
	{ member: "INPUT", value: 0 },
	{ member: "INPUT_PULL_UP", value: 1 },
	{ member: "INPUT_PULL_DOWN", value: 2 },
	{ member: "INPUT_PULL_UP_DOWN", value: 3 },
	{ member: "OUTPUT", value: 8 },
	{ member: "OUTPUT_OPEN_DRAIN", value: 9 },
];

/** Edges, as a mask: Digital.Rising, Digital.Falling. */
export const edges: readonly Row[] = [
	{ member: "RISING", value: 1 },
	{ member: "FALLING", value: 2 },
];

/** Who has a pin. */
export const pinOwners: readonly Row[] = [
	{ member: "FREE" },
	{ member: "DIGITAL" },
	{ member: "ANALOG" },
	{ member: "PWM" },
	{ member: "BUS" },
];

/** What takes time on a board; the values are in board.json and in the chip's file, under "costs". */
export const ioCosts: readonly Row[] = [
	{ member: "OPEN", name: "open" },
	{ member: "DIGITAL_READ", name: "digitalRead" },
	{ member: "DIGITAL_WRITE", name: "digitalWrite" },
	{ member: "ANALOG_READ", name: "analogRead" },
	{ member: "PWM_WRITE", name: "PWMWrite" },
	{ member: "BUS", name: "bus", doc: "a transfer's own time comes on top: its bits at the bus's clock" },
	{ member: "TIME", name: "time", doc: "reading the clock" },
	{ member: "STORAGE", name: "storage", doc: "reading a key; writing takes the flash's time" },
	{ member: "LOG", name: "log" },
	{ member: "TURN", name: "turn", doc: "a callback of the event loop" },
	{ member: "WAKE", name: "wake", doc: "from light sleep to the first instruction" },
	{ member: "INSTRUCTION", name: "instruction", doc: "of a module, on the average" },
	{ member: "BOOT", name: "boot", doc: "from reset or deep sleep to the program's start" },
];

/** What the chip does, for current and energy. */
export const chipStates: readonly Row[] = [
	{ member: "ACTIVE", name: "active", doc: "the CPU runs" },
	{ member: "SLEEP", name: "sleep", doc: "light sleep: RAM is kept, a timer or pin wakes" },
	{ member: "DEEP", name: "deep-sleep", doc: "deep sleep: RAM is lost" },
	{ member: "OFF", name: "off", doc: "no supply" },
	{ member: "RADIO", name: "radio", doc: "active and sending" },
	{ member: "FLASH", name: "flash", doc: "active and writing flash" },
	{ member: "COMPILE", name: "compile", doc: "active, compiling a module" },
];

/** Why the chip last started. */
export const wakeReasons: readonly Row[] = [
	{ member: "POWER", name: "power-on" },
	{ member: "TIMER", name: "timer" },
	{ member: "PIN", name: "pin" },
	{ member: "RESET", name: "reset" },
	{ member: "WATCHDOG", name: "watchdog" },
];

/** Questions to the world. a ... d are numbers, s and t strings or none, bytes go by the exchange buffer. */
export const questions: readonly Row[] = [
	{ member: "ALARM", doc: "the alarm's time has come: do what is due, set the next alarm" },
	{ member: "LEVEL", doc: "pin a has level b by the chip's output (-1: it no longer drives it)" },
	{ member: "ANALOG", doc: "pin a: microvolts" },
	{ member: "PWM", doc: "pin a has duty b (0 ... 1) at c hertz" },
	{
		member: "I2C",
		doc: "bus a, address b, c bytes in exchange to write (-1: read d bytes), d for a write: 1 stop; bytes, or an error",
	},
	{
		member: "SPI",
		doc: "bus a, select pin b, c bytes in exchange, to be replaced by what comes back; d 1: deselect afterwards",
	},
	{
		member: "SERIAL",
		doc: "port a: b bytes are sent at c baud; b < 0: at most -b received bytes are wanted; b 0: how many there are",
	},
	{
		member: "KEY",
		doc: "storage: a 0 read key t of domain s (bytes, or ENODEV), 1 write b bytes, 2 delete, 3 the key of index b",
	},
	{ member: "PUBLISH", doc: "topic s, a bytes in exchange" },
	{ member: "LOG", doc: "line s on stream a" },
	{ member: "STATE", doc: "a new chip state a" },
	{ member: "RESET", doc: "the chip starts anew, for wake reason a" },
	{ member: "SCRIPT_END", doc: "the program ended with status a, message s" },
];

/** Phases of a program whose instructions are counted apart. */
export const phases: readonly Row[] = [
	{ member: "NONE", value: 0 },
	{ member: "COMPILE", value: 1 },
	{ member: "RUN", value: 2 },
	{ member: "EMIT", value: 3, doc: "compiling, in C" },
	{ member: "BACK", value: 8, doc: "to the one before; so many numbers are below it for phases" },
];

/** Statuses of a program, and of the command line. */
export const exitStatuses: readonly Row[] = [
	{ member: "DONE", value: 0 },
	{ member: "FAILED", value: 1, doc: "the module trapped, a script threw, an expectation was not met" },
	{ member: "REFUSED", value: 2, doc: "the module or scenario was refused" },
	{ member: "USAGE", value: 3, doc: "wrong options, or a file that cannot be read or written" },
	{ member: "BOARD", value: 4, doc: "the board failed" },
];

/** What step() of the front end ends with. */
export const frontEndStatuses: readonly Row[] = [
	{ member: "NEED_INPUT", doc: "feed() more, or finish()" },
	{ member: "PLAN", doc: "take the records at planAddress(), planLength() bytes, then step() again" },
	{ member: "DONE", doc: "the module is valid, and all of its plan has been taken" },
	{ member: "ERROR", doc: "refused: errorCode() and its companions say why" },
	{ member: "CONTINUE", doc: "within the front end only: go on" },
];

/** What pushing a chunk into a compilation ends with. */
export const compileOutcomes: readonly Row[] = [
	{ member: "GOING_ON" },
	{ member: "REFUSED", doc: "the front end refused the module" },
	{ member: "NOT_EMITTED", doc: "the emitter could not go on" },
	{ member: "TRAPPED", doc: "the front end itself trapped" },
	{ member: "MORE", doc: "to be called again, with the same chunk" },
];

/** Details of a refusal, by which JavaScript asks for them. */
export const refusalDetails: readonly Row[] = [
	{ member: "CODE" },
	{ member: "OFFSET" },
	{ member: "FUNCTION" },
	{ member: "DETAIL_0" },
	{ member: "DETAIL_1" },
];
