/**
 * What Web IDL asks of an interface beyond a class: operations and attributes are enumerable, and the prototype has its
 * name as a tag.
 */

type Interface = { readonly prototype: object };

function makeEnumerable(object: object): void {
	const names = Object.getOwnPropertyNames(object);
	for (let i = 0; i < names.length; i++) {
		const name = names[i]!;
		if (name === "constructor" || name === "prototype" || name === "length" || name === "name") {
			const descriptor = Object.getOwnPropertyDescriptor(object, name);
			/* An accessor called `length` is Table's; the others belong to the function itself. */
			if (!descriptor || !descriptor.get) continue;
		}
		Object.defineProperty(object, name, { enumerable: true });
	}
}

export function defineTag(object: object, tag: string): void {
	Object.defineProperty(object, Symbol.toStringTag, {
		value: tag,
		writable: false,
		enumerable: false,
		configurable: true,
	});
}

export function defineInterface(constructor: Interface, name: string): void {
	makeEnumerable(constructor);
	makeEnumerable(constructor.prototype);
	defineTag(constructor.prototype, `WebAssembly.${name}`);
}

/**
 * A dictionary argument: undefined and null are an empty one where it is optional, everything else must be an object.
 */
export function toDictionary(value: unknown, context: string): Record<string, unknown> {
	if ((typeof value !== "object" && typeof value !== "function") || value === null)
		throw new TypeError(`${context}: descriptor is not an object`);
	return value as Record<string, unknown>;
}

/** [EnforceRange] unsigned long. */
export function toIndex(value: unknown, context: string): number {
	const number = Math.trunc(Number(typeof value === "bigint" ? toNumberFails(context) : value));
	if (!(number >= 0 && number <= 0xffff_ffff)) throw new TypeError(`${context} is not an unsigned 32-bit integer`);
	return number + 0;
}

function toNumberFails(context: string): never {
	throw new TypeError(`${context}: cannot convert a BigInt to a number`);
}
