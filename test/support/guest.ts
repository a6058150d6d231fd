/*
 * What scripts that run inside an engine share. They must run on XS and on Node alike: no Node modules here, and
 * nothing but the language, WebAssembly, console and files.
 */

/** Node's own engine, the reference; otherwise this is wait-xs on a board. */
export const IS_NODE: boolean = typeof (globalThis as { process?: unknown }).process !== "undefined";

export function decodeAscii(bytes: Uint8Array): string {
	let text = "";
	for (let i = 0; i < bytes.length; i += 1024)
		text += String.fromCharCode(...bytes.subarray(i, Math.min(i + 1024, bytes.length)));
	return text;
}

/** A pack: 4 bytes length of a JSON text, the text (ASCII), then bytes that it refers to by offset and length. */
export class Pack<Header> {
	readonly header: Header;
	readonly buffer: ArrayBuffer;
	readonly base: number;

	constructor(buffer: ArrayBuffer) {
		const length = new DataView(buffer).getUint32(0, true);
		this.buffer = buffer;
		this.base = 4 + length;
		this.header = JSON.parse(decodeAscii(new Uint8Array(buffer, 4, length))) as Header;
	}
	/** A copy of bytes. */
	bytes(offset: number, length: number): ArrayBuffer {
		return this.buffer.slice(this.base + offset, this.base + offset + length);
	}
	json(offset: number, length: number): unknown {
		return JSON.parse(decodeAscii(new Uint8Array(this.buffer, this.base + offset, length)));
	}
}

/**
 * What V8 says, in the words of the specification's tests. V8 does not tell apart all that the specification does:
 * those have several words.
 */
const V8_TRAPS: [RegExp, string[]][] = [
	[/^memory access out of bounds|data segment.* out of bounds/, ["out of bounds memory access"]],
	[
		/table index is out of bounds|table access out of bounds|element segment.* out of bounds/,
		["out of bounds table access", "undefined element", "uninitialized element"],
	],
	[/null function or function signature mismatch/, ["uninitialized element", "indirect call type mismatch"]],
	[/^(divide|remainder) by zero/, ["integer divide by zero"]],
	[/^divide result unrepresentable/, ["integer overflow"]],
	[/^float unrepresentable in integer range/, ["integer overflow", "invalid conversion to integer"]],
	[/^unreachable/, ["unreachable"]],
	[/^Maximum call stack size exceeded/, ["call stack exhausted"]],
	[/^dereferencing a null pointer/, ["uninitialized element"]],
];

function isTrap(error: unknown): error is Error {
	return (
		error instanceof WebAssembly.RuntimeError || (error instanceof RangeError && /call stack/.test(error.message))
	);
}

/**
 * Whether the error is the trap that the text names: the message begins with the text, or the text with the message (an
 * index may follow either).
 */
export function isTrapOf(error: unknown, text: string): boolean {
	if (!isTrap(error)) return false;
	if (!IS_NODE)
		return error.message === text || error.message.startsWith(text) || text.startsWith(error.message + " ");
	const words = V8_TRAPS.find(([pattern]) => pattern.test(error.message))?.[1] ?? [error.message];
	return words.some((word) => text.startsWith(word));
}

/** A trap in as few words as all engines tell apart; for other errors their name and message. */
export function trapClass(error: unknown): string {
	if (!isTrap(error)) return String(error);
	const message = error.message;
	if (IS_NODE) {
		const words = V8_TRAPS.find(([pattern]) => pattern.test(message))?.[1];
		return words ? (TRAP_CLASSES[words[0]!] ?? words[0]!) : `trap ${message}`;
	}
	for (const text in TRAP_CLASSES) {
		if (message.startsWith(text)) return TRAP_CLASSES[text]!;
	}
	return `trap ${message}`;
}

const TRAP_CLASSES: Record<string, string> = {
	"out of bounds memory access": "memory",
	"out of bounds table access": "table",
	"undefined element": "table",
	"uninitialized element": "callee",
	"indirect call type mismatch": "callee",
	"integer divide by zero": "zero",
	"integer overflow": "overflow",
	"invalid conversion to integer": "overflow",
	unreachable: "unreachable",
	"call stack exhausted": "stack",
};
