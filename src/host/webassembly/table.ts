/** WebAssembly.Table */

import { defineInterface, toDictionary, toIndex } from "./interface";
import { theStore, type Store } from "./store";
import { toReferenceType } from "./value-types";

export interface TableDescriptor {
	element: string;
	initial: number;
	maximum?: number;
}

const newTable =
	native<
		(
			table: Table,
			store: Store,
			type: number,
			initial: number,
			maximum: number | undefined,
			value?: unknown,
		) => void
	>("xs_table_new");
const getLength = native<(table: Table) => number>("xs_table_get_length");
const getElement = native<(table: Table, index: unknown) => unknown>("xs_table_get");
const setElement = native<(table: Table, index: unknown, value?: unknown) => void>("xs_table_set");
const growTable = native<(table: Table, delta: unknown, value?: unknown) => number>("xs_table_grow");

export class Table {
	constructor(descriptor: TableDescriptor, value: unknown = undefined) {
		const context = "WebAssembly.Table()";
		const dictionary = toDictionary(descriptor, context);
		const type = toReferenceType(dictionary["element"], `${context}: Property 'element'`);
		const initial = toIndex(dictionary["initial"], `${context}: Property 'initial'`);
		const given = dictionary["maximum"];
		const maximum = given === undefined ? undefined : toIndex(given, `${context}: Property 'maximum'`);
		if (maximum !== undefined && maximum < initial)
			throw new RangeError(`${context}: Property 'maximum' must not be below 'initial'`);
		if (value === undefined) newTable(this, theStore(), type, initial, maximum);
		else newTable(this, theStore(), type, initial, maximum, value);
	}
	get length(): number {
		return getLength(this);
	}
	grow(delta: number, value: unknown = undefined): number {
		return value === undefined ? growTable(this, delta) : growTable(this, delta, value);
	}
	set(index: number, value: unknown = undefined): void {
		if (arguments.length < 2) setElement(this, index);
		else setElement(this, index, value);
	}
	get(index: number): unknown {
		return getElement(this, index);
	}
}

defineInterface(Table, "Table");
