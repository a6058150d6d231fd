/**
 * The exports object of an instance whose exports have more names than the engine has property keys to spare: a proxy,
 * which does what a frozen object with all of them does.
 * Its target takes in an export when it is asked for by its name, which has a key then, and all of them when their
 * names are asked for. An entry of the image by itself, since few instances need it.
 */

/**
 * By kind, as instance.ts has them. Nothing of that is imported: what is shared by entries is a module of its own at
 * boot. So an instance is an object here.
 */
type Prototypes = readonly (object | undefined)[];

const setExports = native<(instance: object, exports: object) => void>("xs_instance_set_exports");
const newTarget = native<(instance: object) => object>("xs_exports_new");
const ask = native<(target: object, prototypes: Prototypes, name: string | symbol) => unknown>("xs_exports_get");
const fill = native<(target: object, prototypes: Prototypes) => string[]>("xs_exports_fill");

let prototypes: Prototypes = [];

/** Is it an export? If so, the target has it from now on. */
function has(target: object, name: string | symbol): boolean {
	return ask(target, prototypes, name) !== undefined;
}

function freeze(target: object): void {
	fill(target, prototypes);
	Object.freeze(target);
}

const handler: ProxyHandler<object> = {
	get: (target, name) => ask(target, prototypes, name),
	has,
	getOwnPropertyDescriptor: (target, name) =>
		has(target, name) ? Reflect.getOwnPropertyDescriptor(target, name) : undefined,
	defineProperty: (target, name, descriptor) => has(target, name) && Reflect.defineProperty(target, name, descriptor),
	deleteProperty: (target, name) => !has(target, name),
	set: (target, name, value, receiver) => !has(target, name) && Reflect.set(target, name, value, receiver),
	setPrototypeOf: (_target, prototype) => prototype === null,
	ownKeys(target) {
		/* Array indices come first, as the target has them, then names in the module's order. */
		const names = fill(target, prototypes);
		const keys = Reflect.ownKeys(target);
		return keys.slice(0, keys.length - names.length).concat(names);
	},
	isExtensible(target) {
		freeze(target);
		return false;
	},
	preventExtensions(target) {
		freeze(target);
		return true;
	},
};

export function giveExports(instance: object, ofKinds: Prototypes): void {
	prototypes = ofKinds;
	setExports(instance, new Proxy(newTarget(instance), handler));
}
