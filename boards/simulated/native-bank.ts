/** The bank of simulated boards on XS: native/xs/io-bindings.c. */

import type { PinOwner } from "../../src/shared/numbers";
import type { Bank, Bytes, Claim, Listener } from "./bank";

const print = native<(stream: number, line: string) => void>("xs_host_print");

const open = native<(this: NativeClaim, source: number, owner: PinOwner, mode: number) => number>("xs_claim_open");
const close = native<(this: NativeClaim) => void>("xs_claim_close");
const listen = native<(this: NativeClaim, listener: Listener) => void>("xs_claim_listen");

class NativeClaim extends Native("xs_claim_destructor") implements Claim {
	open(source: number, owner: PinOwner, mode: number): number {
		return open.call(this, source, owner, mode);
	}
	close(): void {
		close.call(this);
	}
	listen(listener: Listener): void {
		listen.call(this, listener);
	}
}

export const nativeBank: Bank = {
	kind: "native",
	claim: () => new NativeClaim(),
	listener: native<(source: number) => Listener | undefined>("xs_io_listener"),
	digitalRead: native<(pin: number) => number>("xs_io_digital_read"),
	digitalWrite: native<(pin: number, value: number) => number>("xs_io_digital_write"),
	watch: native<(pin: number, edges: number) => number>("xs_io_digital_watch"),
	analogRead: native<(pin: number) => number>("xs_io_analog_read"),
	analogBits: native<() => number>("xs_io_analog_bits"),
	pwmWrite: native<(pin: number, duty: number, hertz: number) => number>("xs_io_pwm_write"),
	begin: native<(dispatch: () => void) => void>("xs_io_begin"),
	next: native<() => number>("xs_io_next"),
	i2cWrite:
		native<(bus: number, address: number, bytes: Bytes, stop: boolean, hertz: number) => number>("xs_io_i2c_write"),
	i2cRead:
		native<(bus: number, address: number, count: number, stop: boolean, hertz: number) => ArrayBuffer | number>(
			"xs_io_i2c_read",
		),
	spiTransfer:
		native<(bus: number, select: number, bytes: Bytes, hertz: number, deselect: boolean) => ArrayBuffer | number>(
			"xs_io_spi_transfer",
		),
	serialWrite: native<(port: number, bytes: Bytes, baud: number) => number>("xs_io_serial_write"),
	serialRead: native<(port: number, count: number) => ArrayBuffer | number>("xs_io_serial_read"),
	keyRead: native<(domain: string, key: string) => ArrayBuffer | undefined>("xs_io_key_read"),
	keyWrite: native<(domain: string, key: string, bytes: Bytes) => number>("xs_io_key_write"),
	keyDelete: native<(domain: string, key: string) => void>("xs_io_key_delete"),
	keyAt: native<(domain: string, index: number) => ArrayBuffer | undefined>("xs_io_key_at"),
	publish: native<(topic: string, bytes: Bytes) => number>("xs_io_publish"),
	now: native<() => number>("xs_io_now"),
	random: native<(bytes: Uint8Array) => void>("xs_io_random"),
	deepSleep: native<(microseconds: number, pin: number, level: number) => void>("xs_io_deep_sleep"),
	restart: native<() => void>("xs_io_restart"),
	wakeReason: native<() => number>("xs_io_wake_reason"),
	log: (text) => print(1, text),
	encode: (text) => ArrayBuffer.fromString(text),
	decode: (bytes) => String.fromArrayBuffer(bytes),
};
