/** console for the XS hosts: console.log, info and debug print to standard output, warn and error to standard error. */

const print = native<(stream: number, line: string) => void>("xs_host_print");

function text(value: unknown): string {
	if (typeof value === "string") return value;
	if (typeof value === "bigint") return `${value}n`;
	if (value instanceof Error) return String(value);
	if (typeof value === "object" && value !== null) {
		if (ArrayBuffer.isView(value) && !(value instanceof DataView))
			return `${value.constructor.name}(${String(value)})`;
		try {
			return (
				JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? `${item}n` : item)) ??
				String(value)
			);
		} catch {
			return Object.prototype.toString.call(value);
		}
	}
	return String(value);
}

function printer(stream: number): (...values: unknown[]) => void {
	return (...values) => {
		print(stream, values.map(text).join(" "));
	};
}

const out = printer(1);
const err = printer(2);

globalThis.console = { log: out, info: out, debug: out, warn: err, error: err };
