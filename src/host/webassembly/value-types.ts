/** Names of value types in descriptors, and the binary format's bytes. */

const names = Object.freeze(["i32", "i64", "f32", "f64", "funcref", "anyfunc", "externref"]);
const types = Object.freeze([0x7f, 0x7e, 0x7d, 0x7c, 0x70, 0x70, 0x6f]);

/** undefined: none of them. */
function find(value: unknown): number | undefined {
	const at = names.indexOf(String(value));
	return at < 0 ? undefined : types[at];
}

/** A Web IDL enumeration: converted to a string, then it must be one of these. */
export function toValueType(value: unknown, context: string): number {
	const type = find(value);
	if (type === undefined) throw new TypeError(`${context} is not a value type`);
	return type;
}

export function toReferenceType(value: unknown, context: string): number {
	const type = find(value);
	if (type !== 0x70 && type !== 0x6f) throw new TypeError(`${context} is not a reference type`);
	return type;
}
