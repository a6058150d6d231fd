/** WebAssembly.Instance */

import { Global } from "./global";
import { defineInterface } from "./interface";
import { Memory } from "./memory";
import type { Module } from "./module";
import type * as Sparing from "./sparing-exports";
import { Table } from "./table";

export type Exports = Record<string, unknown>;

const newInstance = native<(instance: Instance, module: Module, imports: unknown) => void>("xs_instance_new");
const makeExports =
	native<(instance: Instance, prototypes: readonly (object | undefined)[]) => Exports | undefined>(
		"xs_instance_exports",
	);
const getExports = native<(instance: Instance) => Exports>("xs_instance_get_exports");
const importNow = native<(name: string) => unknown>("xs_compiler_import");

/* By kind, as native/run numbers them. */
export const prototypes = Object.freeze([undefined, Table.prototype, Memory.prototype, Global.prototype]);

export class Instance {
	constructor(module: Module, importObject: unknown = undefined) {
		link(this, module, importObject);
	}
	get exports(): Exports {
		return getExports(this);
	}
}

defineInterface(Instance, "Instance");

/** Refuses an import object that is none. `context`: the function that it was given to. */
export function checkImports(importObject: unknown, context: string): void {
	if (
		importObject !== undefined &&
		(typeof importObject !== "object" || importObject === null) &&
		typeof importObject !== "function"
	)
		throw new TypeError(`${context}: Argument 1 must be an object`);
}

function link(instance: Instance, module: Module, importObject: unknown): void {
	checkImports(importObject, "WebAssembly.Instance()");
	newInstance(instance, module, importObject);
	const exports = makeExports(instance, prototypes);
	if (exports) Object.freeze(exports);
	else (importNow("sparing-exports") as typeof Sparing).giveExports(instance, prototypes);
}

export function instantiateModule(module: Module, importObject: unknown): Instance {
	const instance = Object.create(Instance.prototype) as Instance;
	link(instance, module, importObject);
	return instance;
}
