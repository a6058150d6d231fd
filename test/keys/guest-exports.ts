/*
 * What an exports object is, by every operation of the language. Prints lines that are the same on every engine,
 * whether or not names of exports have keys of their own. files: module.wasm, with exports.
 */

const compiled = new WebAssembly.Module(files.read("module.wasm"));
const given = new WebAssembly.Instance(compiled).exports;
const bag = given as Record<PropertyKey, unknown>;
const names = WebAssembly.Module.exports(compiled).map(({ name }) => name);
const one = names[3]!;

function line(what: string, value: unknown): void {
	console.log(`${what}: ${String(value)}`);
}

function thrown(action: () => unknown): string {
	try {
		return `returned ${String(action())}`;
	} catch (error) {
		return (error as Error).constructor.name;
	}
}

function kinds(value: unknown): string {
	return Object.prototype.toString.call(value);
}

line("names", names.join());
/* In an order of its own. */
for (let i = names.length - 1; i >= 0; i--) line("first", kinds(bag[names[i]!]));
line("get", names.map((name) => kinds(bag[name])).join());
line(
	"the same again",
	names.every((name) => bag[name] === bag[name]),
);
line("call", (bag[one] as () => number)());
line(
	"missing",
	`${String(bag["missing"])} ${String(bag["toString"])} ${typeof bag["__proto__"]} ${String(bag[Symbol.toPrimitive])} ${typeof bag[5]} ${typeof bag["2"]} ${typeof bag[10]} ${typeof bag["02"]}`,
);
line("prototype", Object.getPrototypeOf(given));
line("in", `${one in given} ${"missing" in given} ${"toString" in given} ${Symbol.iterator in given}`);
line("own", `${Object.hasOwn(given, one)} ${Object.hasOwn(given, "missing")}`);
for (const name of [names[0]!, names[2]!, "missing"]) {
	const found = Object.getOwnPropertyDescriptor(given, name);
	line(
		"descriptor",
		found && `${found.value === bag[name]} ${found.writable} ${found.enumerable} ${found.configurable}`,
	);
}
line(
	"write",
	thrown(() => (bag[names[3]!] = 1)),
);
line(
	"write a new one",
	thrown(() => (bag["another"] = 1)),
);
line(
	"write a symbol",
	thrown(() => (bag[Symbol.iterator] = 1)),
);
line("set", `${Reflect.set(given, names[4]!, 1)} ${Reflect.set(given, "another", 1)} ${"another" in given}`);
line(
	"delete",
	thrown(() => delete bag[names[5]!]),
);
line(
	"delete what is missing",
	thrown(() => delete bag["another"]),
);
line(
	"define",
	`${Reflect.defineProperty(given, "another", { value: 1 })} ${Reflect.defineProperty(given, names[6]!, { value: 1 })} ${Reflect.defineProperty(given, names[6]!, { value: bag[names[6]!] })}`,
);
line(
	"set the prototype",
	thrown(() => Object.setPrototypeOf(given, {})),
);
const heir = Object.create(given) as Record<string, unknown>;
heir["own"] = 5;
line(
	"inherit",
	`${String(heir["own"])} ${heir[names[7]!] === bag[names[7]!]} ${"own" in given} ${thrown(() => (heir[names[7]!] = 1))}`,
);
const { [names[8]!]: taken } = bag;
line("destructure", kinds(taken));
line("keys", Object.keys(given).join());
line("own keys", Reflect.ownKeys(given).map(String).join());
let seen = "";
for (const name in given) seen += `${name} `;
line("for in", seen);
line(
	"entries",
	Object.entries(given).every(([name, value]) => bag[name] === value),
);
line("spread", Object.keys({ ...given }).join());
line("frozen", `${Object.isFrozen(given)} ${Object.isSealed(given)} ${Object.isExtensible(given)}`);
line("freeze", Object.freeze(given) === given);
line("get after all", names.map((name) => kinds(bag[name])).join());
line("write after all", `${thrown(() => (bag[names[3]!] = 1))} ${thrown(() => (bag["another"] = 1))}`);

export {};
