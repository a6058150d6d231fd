/** WebAssembly.Global */

import { defineInterface, toDictionary } from "./interface";
import { theStore, type Store } from "./store";
import { toValueType } from "./value-types";

export interface GlobalDescriptor {
	value: string;
	mutable?: boolean;
}

const newGlobal =
	native<(global: Global, store: Store, type: number, mutable: boolean, value: unknown) => void>("xs_global_new");
const getValue = native<(global: Global) => unknown>("xs_global_get");
const setValue = native<(global: Global, value: unknown) => void>("xs_global_set");

export class Global {
	constructor(descriptor: GlobalDescriptor, value: unknown = undefined) {
		const context = "WebAssembly.Global()";
		const dictionary = toDictionary(descriptor, context);
		const mutable = Boolean(dictionary["mutable"]);
		const type = toValueType(dictionary["value"], `${context}: Property 'value'`);
		newGlobal(this, theStore(), type, mutable, value);
	}
	get value(): unknown {
		return getValue(this);
	}
	set value(value: unknown) {
		setValue(this, value);
	}
	valueOf(): unknown {
		return getValue(this);
	}
}

defineInterface(Global, "Global");
