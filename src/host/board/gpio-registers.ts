/**
 * GPIO registers of the chips, for compiled code that accesses pins itself. Of each port: its first pin, how many, the
 * register that sets pins, the one that clears them, the one with their levels. Setting
 * and clearing lie one word apart on both, which native/emit/inline-pins.c relies on.
 */

const chips = new Map<string, readonly number[]>([
	/*
	 * nRF52840 Product Specification 1.7, GPIO, "Registers": P0 at 0x50000000, P1 at 0x50000300; OUTSET 0x508, OUTCLR
	 * 0x50C, IN 0x510.
	 */
	["nrf52840", [0, 32, 0x5000_0508, 0x5000_050c, 0x5000_0510, 32, 16, 0x5000_0808, 0x5000_080c, 0x5000_0810]],
	/*
	 * ESP32 Technical Reference Manual 5.2, IO_MUX and GPIO Matrix, "Register Summary": GPIO_OUT_W1TS, GPIO_OUT_W1TC,
	 * GPIO_IN, then GPIO_OUT1_W1TS, GPIO_OUT1_W1TC, GPIO_IN1.
	 */
	["esp32", [0, 32, 0x3ff4_4008, 0x3ff4_400c, 0x3ff4_403c, 32, 8, 0x3ff4_4014, 0x3ff4_4018, 0x3ff4_4040]],
]);

const WORDS = 5;

export interface PinRegisters {
	readonly set: number;
	readonly input: number;
	readonly bit: number;
}

/** As xs_registers_open takes them; undefined: no such chip. */
export function registersOf(chip: string): Uint32Array | undefined {
	const words = chips.get(chip);
	return words && new Uint32Array(words);
}

export function findPin(registers: Uint32Array, pin: number): PinRegisters | undefined {
	for (let i = 0; i < registers.length; i += WORDS) {
		const bit = pin - registers[i]!;
		if (bit >= 0 && bit < registers[i + 1]!) return { set: registers[i + 2]!, input: registers[i + 4]!, bit };
	}
	return undefined;
}
