/*
 * Names that are made while the script runs, in all the ways that a property has one: each way makes more of them
 * before it uses its own. Prints a hash of what came of it, which is the same on every
 * engine, however few keys it has and whenever it takes names out.
 */

let seed = 12345;
let serial = 0;
let hash = 5381;

function random(below: number): number {
	seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
	return seed % below;
}

function fresh(): string {
	return `k${serial++}_${random(1000)}`;
}

type Bag = Record<PropertyKey, unknown>;

/** Makes names that nobody needs. */
function churn(): number {
	const bag: Bag = {};
	for (let i = 0; i < 3; i++) bag[fresh()] = i;
	return Object.keys(bag).length;
}

function note(value: unknown): void {
	const text = String(value);
	for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 33) + text.charCodeAt(i)) & 0x7fffffff;
}

function bagOf(count: number): Bag {
	const bag: Bag = {};
	for (let i = 0; i < count; i++) bag[fresh()] = i;
	return bag;
}

function* entriesOf(bag: Bag): Generator<[string, unknown]> {
	for (const name in bag) {
		churn();
		yield [name, bag[name]];
	}
}

async function suspended(bag: Bag, name: string): Promise<string> {
	bag[name] = 1;
	await null;
	churn();
	bag[`${name}x`] = 2;
	await null;
	churn();
	return Object.keys(bag).join();
}

const held: [string, Bag][] = [];

const ways: (() => unknown)[] = [
	() => {
		const bag: Bag = {};
		const names = [];
		for (let i = 0; i < 10; i++) {
			const name = fresh();
			names.push(name);
			bag[name] = i;
		}
		const values = names.map((name) => {
			churn();
			return bag[name];
		});
		return (
			values.join() +
			Object.keys(bag)
				.filter(() => churn() > 0)
				.join()
		);
	},
	() => {
		const text = `{"${fresh()}":{"${fresh()}":[1,{"${fresh()}":2}]},"${fresh()}":3}`;
		const parsed: unknown = JSON.parse(text, (_name, value: unknown) => {
			churn();
			return value;
		});
		return JSON.stringify(parsed, (_name, value: unknown) => {
			churn();
			return value;
		});
	},
	() => {
		const name = fresh();
		const bag: Bag = {
			get [name]() {
				churn();
				return churn() + 1;
			},
			set [name](value: unknown) {
				churn();
				this["z"] = value;
			},
			[fresh()]() {
				return churn();
			},
		};
		bag[name] = 9;
		return `${String(bag[name])}${String(bag["z"])}${Object.entries(Object.getOwnPropertyDescriptor(bag, name)!).length}`;
	},
	() => {
		const proxy = new Proxy({} as Bag, {
			get(_target, name) {
				churn();
				return `${String(name)}${churn()}`;
			},
			has: () => churn() > 0,
			ownKeys: () => [fresh(), fresh()],
			getOwnPropertyDescriptor(_target, name) {
				churn();
				return { value: name, enumerable: true, configurable: true };
			},
		});
		return `${String(proxy[fresh()])}${fresh() in proxy}${Object.keys(proxy).join()}${JSON.stringify(Object.assign({}, proxy))}`;
	},
	() => {
		let text = "";
		for (const [name, value] of entriesOf(bagOf(5))) text += name + String(value);
		return text;
	},
	() => {
		class Made {
			[fresh()](): number {
				return 1;
			}
			static [fresh()](): number {
				return 2;
			}
			#own = churn();
			get own(): number {
				return this.#own;
			}
		}
		const made = new Made();
		return (
			Object.getOwnPropertyNames(Made.prototype).join() +
			made.own +
			Object.getOwnPropertyNames(Made).sort().join()
		);
	},
	() => {
		const name = fresh();
		const { [name]: one, ...rest } = { [name]: 1, [fresh()]: 2, [fresh()]: 3 } as Bag;
		return String(one) + JSON.stringify(rest) + JSON.stringify({ ...rest, [fresh()]: churn() });
	},
	() => {
		const bag = Object.fromEntries([
			[fresh(), 1],
			[fresh(), 2],
		]) as Bag;
		Object.defineProperties(bag, {
			[fresh()]: {
				enumerable: true,
				get: churn,
			},
			[fresh()]: { value: 4, enumerable: true },
		});
		return JSON.stringify(Object.freeze(bag)) + String(Object.isFrozen(bag));
	},
	() => {
		const callee = { [fresh()]: () => 1 };
		churn();
		return Object.values(callee)[0]!.name;
	},
	() => {
		const symbol = Symbol(fresh());
		const bag: Bag = { [symbol]: 1, [fresh()]: 2 };
		churn();
		return String(symbol) + Object.getOwnPropertySymbols(bag).length + String(bag[symbol]);
	},
	() => {
		const bag: Bag = {};
		const name = fresh();
		bag[name] = bag;
		held.push([name, bag]);
		if (held.length > 40) held.splice(random(40), 1);
		return held.every(([known, kept]) => kept[known] === kept && Object.keys(kept)[0] === known);
	},
	() => {
		const name = {
			toString(): string {
				churn();
				return fresh();
			},
		};
		const bag: Bag = { [name as unknown as string]: 1 };
		return Object.keys(bag).join() + Reflect.has(bag, name as unknown as string);
	},
	() => {
		const name = fresh();
		const base: Bag = { [name]: 1 };
		const derived = Object.create(base) as Bag;
		churn();
		derived[name] = Number(derived[name]) + 1;
		return String(derived[name]) + String(base[name]) + Object.hasOwn(derived, name);
	},
	() => {
		let text = "";
		const bag = bagOf(6);
		for (const name in bag) {
			delete bag[name];
			churn();
			text += name in bag;
		}
		return text;
	},
	() => {
		const list: unknown[] & Bag = [1, 2, 3] as unknown[] & Bag;
		const name = fresh();
		list[name] = 4;
		churn();
		return Object.keys(list).join() + String(list[name]);
	},
	() => {
		const known = new Map<string, Bag>();
		const weak = new WeakMap<Bag, string>();
		const bag = bagOf(1);
		known.set(fresh(), bag);
		weak.set(bag, fresh());
		churn();
		return [...known.keys()].join() + weak.get(bag);
	},
	() => JSON.stringify({ a: { [fresh()]: [bagOf(1)] } }, null, " ") + JSON.stringify(bagOf(2), ["a", fresh()]),
	() => {
		try {
			return (null as unknown as Bag)[fresh()];
		} catch (error) {
			churn();
			return (error as Error).constructor.name;
		}
	},
];

for (let i = 0; i < 800; i++) {
	note(ways[random(ways.length)]!());
	if (i % 7 === 0)
		note((await Promise.all([suspended({}, fresh()), suspended({}, fresh()), suspended({}, fresh())])).join(";"));
}

/*
 * The name that a proxy was asked for is known to the engine's C alone when the trap returns; meanwhile others have
 * taken all numbers that are free.
 */
const elsewhere = new Proxy({} as Bag, {});
let others = 0;
for (let round = 0; round < 3; round++) {
	const target: Bag = {};
	const proxy = new Proxy(target, {
		get() {
			note(elsewhere[`other${others++}`]);
			try {
				for (let i = 0; i < 3000; i++) Object.defineProperty(target, `other${others++}`, { value: 1 });
			} catch (error) {
				if (!(error instanceof RangeError)) throw error;
			}
			return 2;
		},
	});
	note(proxy[fresh()]);
}
console.log(`${hash} after ${serial} names`);

export {};
