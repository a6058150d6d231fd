/*
 * How the specification's tests are packed for the guest: see pack.ts.
 *
 * Values: a letter and a decimal number: i i32, I i64, f F bits of an f32 or f64, r externref, n null funcref, N null
 * externref;
 * expected also fc Fc canonical NaN, fa Fa arithmetic NaN, x any function.
 */

/** [kind, line, module name, field, arguments, expected, text, wrapper, offset, length, field is a global] */
export type Command = [string, number, string, string, string[], string[], string, string, number, number, boolean];

export interface SpecFile {
	name: string;
	commands: number;
	skipped: number; /* assert_malformed of a text */
	offset: number;
	length: number;
}

export interface SpecHeader {
	files: SpecFile[];
	wrappers: Record<string, [number, number]>;
}
