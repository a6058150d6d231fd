/** Names of value types in descriptors, and the binary format's bytes. */

const types: Record<string, number> = Object.freeze({
	__proto__: null,
	i32: 0x7f,
	i64: 0x7e,
	f32: 0x7d,
	f64: 0x7c,
	funcref: 0x70,
	anyfunc: 0x70,
	externref: 0x6f,
} as unknown as Record<string, number>);

/** A Web IDL enumeration: converted to a string, then it must be one of these. */
export function toValueType(value: unknown, context: string): number {
	const type = types[String(value)];
	if (type === undefined) throw new TypeError(`${context} is not a value type`);
	return type;
}

export function toReferenceType(value: unknown, context: string): number {
	const type = types[String(value)];
	if (type !== 0x70 && type !== 0x6f) throw new TypeError(`${context} is not a reference type`);
	return type;
}
