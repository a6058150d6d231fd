/* Memory, Table, Global. */

import { IS_NODE } from "../support/guest";
import { equal, instantiate, later, module, ok, ownTest, test, throws, unique } from "./guest-support";
import type { Callable } from "./guest-support";

type Descriptor<T> = T & Record<string, unknown>;

const outOfRange = [-1, NaN, Infinity, -Infinity, 0x1_0000_0000, 1e20];

function memory(descriptor: unknown): WebAssembly.Memory {
	return new WebAssembly.Memory(descriptor as WebAssembly.MemoryDescriptor);
}

function table(descriptor: unknown, ...value: unknown[]): WebAssembly.Table {
	return new (WebAssembly.Table as new (descriptor: unknown, ...value: unknown[]) => WebAssembly.Table)(
		descriptor,
		...value,
	);
}

function makeGlobal(descriptor: unknown, ...value: unknown[]): WebAssembly.Global {
	return new (WebAssembly.Global as new (descriptor: unknown, ...value: unknown[]) => WebAssembly.Global)(
		descriptor,
		...value,
	);
}

export function objectTests(): void {
	test("Memory checks its descriptor", () => {
		for (const value of [undefined, null, 1, "", Symbol()]) throws(() => memory(value), TypeError);
		throws(() => memory({}), TypeError);
		throws(() => memory({ initial: undefined }), TypeError);
		for (const value of outOfRange) {
			throws(() => memory({ initial: value }), TypeError);
			throws(() => memory({ initial: 0, maximum: value }), TypeError);
		}
		throws(() => memory({ initial: 2, maximum: 1 }), RangeError);
		throws(() => memory({ initial: 1n }), TypeError);
		equal(memory({ initial: "1" }).buffer.byteLength, 65536);
		equal(memory({ initial: 1.9 }).buffer.byteLength, 65536);
		equal(memory({ initial: 0, maximum: undefined }).buffer.byteLength, 0);
		equal(memory(Object.assign(() => 1, { initial: 0 })).buffer.byteLength, 0);
	});

	test("descriptors are read in order", () => {
		const log: string[] = [];
		const watched = <T extends object>(values: T): Descriptor<T> =>
			new Proxy(values, {
				get: (target, name) => {
					log.push(String(name));
					return target[name as keyof T];
				},
			}) as Descriptor<T>;
		memory(watched({ initial: 0, maximum: 1 }));
		table(watched({ element: "anyfunc", initial: 0, maximum: 1 }));
		makeGlobal(watched({ value: "i32", mutable: true }));
		equal(
			log.filter((name) => !["shared", "pageSize", "address", "index"].includes(name)).join(),
			"initial,maximum,element,initial,maximum,mutable,value",
		);
	});

	test("a memory's buffer is an ArrayBuffer", () => {
		const { buffer } = memory({ initial: 1 });
		ok(buffer instanceof ArrayBuffer, "instanceof");
		equal(Object.getPrototypeOf(buffer), ArrayBuffer.prototype);
		equal(Object.prototype.toString.call(buffer), "[object ArrayBuffer]");
		equal(buffer.byteLength, 65536);
		equal(buffer.constructor, ArrayBuffer);
		equal(Object.getOwnPropertyNames(buffer).length, 0);
		const bytes = new Uint8Array(buffer);
		ok(
			bytes.every((byte) => byte === 0),
			"zeros",
		);
		bytes.set([1, 2, 3], 10);
		const copy = buffer.slice(10, 13);
		equal(new Uint8Array(copy).join(), "1,2,3");
		ok(copy instanceof ArrayBuffer && copy !== buffer, "copy");
		bytes[10] = 9;
		equal(new Uint8Array(copy)[0], 1);
		equal(buffer.slice(-4).byteLength, 4);
		equal(buffer.slice(5, 2).byteLength, 0);
		const words = new Uint32Array(buffer, 8, 2);
		words[0] = 0x01020304;
		equal(new DataView(buffer).getUint32(8, true), 0x01020304);
		equal(bytes.buffer, buffer);
		equal(ArrayBuffer.isView(buffer), false);
		throws(() => new Uint8Array(buffer, 65537), RangeError);
		equal(new Uint8Array(buffer.slice(0, 16)).length, 16);
	});

	test("buffers of JavaScript are as before", () => {
		const buffer = new ArrayBuffer(8);
		equal(buffer.byteLength, 8);
		equal(buffer.slice(2).byteLength, 6);
		const get = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength")!.get!;
		equal(get.call(buffer), 8);
		throws(() => get.call({}), TypeError);
		equal(ArrayBuffer.prototype.slice.name, "slice");
		equal(ArrayBuffer.prototype.slice.length, 2);
	});

	test("buffer is the same until the memory grows, then detached", () => {
		const one = memory({ initial: 1, maximum: 4 });
		const buffer = one.buffer;
		equal(one.buffer, buffer);
		const bytes = new Uint8Array(buffer);
		bytes[5] = 77;
		equal(one.grow(2), 1);
		ok(one.buffer !== buffer, "another");
		equal(buffer.byteLength, 0);
		equal(bytes.length, 0);
		equal(bytes[5], undefined);
		equal(one.buffer.byteLength, 3 * 65536);
		equal(new Uint8Array(one.buffer)[5], 77);
		throws(() => buffer.slice(0, 1), TypeError);
		throws(() => new Uint8Array(buffer), TypeError);
		const second = one.buffer;
		equal(one.grow(0), 3);
		ok(one.buffer !== second, "also when it grows by nothing");
		equal(second.byteLength, 0);
		throws(() => one.grow(2), RangeError);
		equal(one.grow(1), 3);
		throws(() => one.grow(1), RangeError);
		for (const value of outOfRange) throws(() => one.grow(value), TypeError);
		throws(() => (one.grow as () => number).call(one), TypeError);
	});

	test("a memory without pages has a buffer", () => {
		const none = memory({ initial: 0 });
		equal(none.buffer.byteLength, 0);
		equal(none.buffer, none.buffer);
		equal(new Uint8Array(none.buffer).length, 0);
		equal(none.buffer.slice(0).byteLength, 0);
	});

	test("wasm and JavaScript see one memory", () => {
		const instance = new WebAssembly.Instance(module("memory"));
		const exports = instance.exports as Record<string, Callable> & { memory: WebAssembly.Memory };
		const bytes = new Uint8Array(exports.memory.buffer);
		equal(bytes.slice(0, 5).join(), "1,2,3,4,0");
		exports["store"]!(100, 0x01020304);
		equal(bytes[100], 4);
		bytes[101] = 0xff;
		equal(exports["load"]!(100), 0x0102ff04);
		equal(exports["grow"]!(1), 1);
		equal(bytes.length, 0, "detached by wasm");
		equal(exports.memory.buffer.byteLength, 2 * 65536);
		equal(new Uint8Array(exports.memory.buffer)[100], 4);
		equal(exports.memory.grow(1), 2);
		equal(exports["size"]!(), 3);
		equal(exports["grow"]!(1), -1);
		equal(exports["load"]!(3 * 65536 - 4), 0);
	});

	test("a buffer is detached at once when wasm grows the memory", () => {
		const one = memory({ initial: 1 });
		const bytes = new Uint8Array(one.buffer);
		let seen: unknown;
		const exports = instantiate("growing", {
			m: {
				memory: one,
				look: () => {
					seen = [bytes.length, one.buffer.byteLength].join();
				},
			},
		});
		exports["run"]!();
		equal(seen, `0,${2 * 65536}`);
	});

	test("a view keeps its memory", async () => {
		const views: Uint8Array[] = [];
		for (let i = 0; i < 8; i++) {
			const exports = instantiate("memory") as Record<string, Callable> & { memory?: WebAssembly.Memory };
			const view = new Uint8Array(exports.memory!.buffer);
			view[200] = i;
			views.push(view);
		}
		for (let i = 0; i < 20; i++) new WebAssembly.Instance(module("memory"));
		await later(0);
		for (let i = 0; i < 8; i++) equal(views[i]![200], i);
	});

	ownTest("pages of one byte", () => {
		const small = new WebAssembly.Memory({ initial: 100, maximum: 200, pageSize: 1 });
		equal(small.buffer.byteLength, 100);
		equal(small.grow(50), 100);
		equal(small.buffer.byteLength, 150);
		throws(() => new WebAssembly.Memory({ initial: 1, pageSize: 2 }), TypeError);
		throws(() => small.grow(51), RangeError);
	});

	test("memories that cannot be are RangeErrors", () => {
		throws(() => memory({ initial: 65536 * 4 }), RangeErrorOrTypeError());
	});

	test("Table checks its descriptor", () => {
		for (const value of [undefined, null, 1, ""]) throws(() => table(value), TypeError);
		throws(() => table({}), TypeError);
		throws(() => table({ initial: 1 }), TypeError);
		throws(() => table({ element: "anyfunc" }), TypeError);
		for (const value of [undefined, null, "i32", "any", "Anyfunc", 1])
			throws(() => table({ element: value, initial: 0 }), TypeError);
		for (const value of outOfRange) {
			throws(() => table({ element: "anyfunc", initial: value }), TypeError);
			throws(() => table({ element: "anyfunc", initial: 0, maximum: value }), TypeError);
		}
		throws(() => table({ element: "anyfunc", initial: 2, maximum: 1 }), RangeError);
		throws(() => table({ element: "anyfunc", initial: 1 }, {}), TypeError);
		equal(table({ element: { toString: () => "anyfunc" }, initial: 3 }).length, 3);
	});

	test("tables of functions", () => {
		const { ten, call } = instantiate("table") as Record<string, Callable>;
		const own = table({ element: "anyfunc", initial: 3, maximum: 5 });
		for (let i = 0; i < 3; i++) equal(own.get(i), null);
		own.set(1, ten);
		equal(own.get(1), ten);
		own.set(1, null);
		equal(own.get(1), null);
		own.set(1, call);
		own.set(1);
		equal(own.get(1), null);
		for (const value of [0, {}, () => 1, "x", Symbol()]) throws(() => own.set(0, value), TypeError);
		for (const index of [3, 4, 0xffff_ffff]) {
			throws(() => own.get(index), RangeError);
			throws(() => own.set(index, null), RangeError);
		}
		for (const index of outOfRange) {
			throws(() => own.get(index), TypeError);
			throws(() => own.set(index, null), TypeError);
		}
		throws(() => (own.get as () => unknown).call(own), TypeError);
		equal(own.get("1" as unknown as number), null);
		equal(own.grow(2), 3);
		equal(own.length, 5);
		equal(own.get(4), null);
		throws(() => own.grow(1), RangeError);
		equal(own.grow(0), 5);
		equal(table({ element: "anyfunc", initial: 2 }, ten).get(1), ten);
		const filled = table({ element: "anyfunc", initial: 0 });
		filled.grow(2, ten);
		equal(filled.get(1), ten);
		throws(() => filled.grow(1, () => 1), TypeError);
		for (const value of outOfRange) throws(() => filled.grow(value), TypeError);
	});

	test("tables of anything", () => {
		const object = unique();
		const own = table({ element: "externref", initial: 2 });
		equal(own.get(0), undefined);
		for (const value of [object, "x", null, undefined, 0, -0, NaN, 10n ** 20n, Symbol.iterator]) {
			own.set(0, value);
			equal(own.get(0), value);
		}
		own.set(1, object);
		own.set(1);
		equal(own.get(1), undefined);
		equal(own.grow(2, object), 2);
		equal(own.get(2), object);
		equal(own.get(3), object);
		own.grow(1);
		equal(own.get(4), undefined);
		const filled = table({ element: "externref", initial: 2 }, "value");
		equal(filled.get(1), "value");
	});

	test("wasm calls through a table what JavaScript put there", () => {
		const exports = instantiate("table") as Record<string, Callable> & {
			table: WebAssembly.Table;
			objects: WebAssembly.Table;
		};
		const shared = exports.table;
		equal(shared.length, 4);
		equal(shared.get(0), null);
		equal(shared.get(1), exports["ten"]);
		equal((shared.get(2) as Callable)(), 20);
		equal(shared.get(2), shared.get(2), "one function object");
		equal((shared.get(2) as Callable).name, "1");
		equal(exports["call"]!(1), 10);
		throws(() => exports["call"]!(0), WebAssembly.RuntimeError);
		throws(() => exports["call1"]!(5, 1), WebAssembly.RuntimeError);
		shared.set(0, shared.get(2));
		equal(exports["call"]!(0), 20);
		shared.grow(2);
		equal(shared.length, 6);
		throws(() => shared.grow(3), RangeError);
		equal(exports.objects.get(0), null);
		const user = instantiate("tableUser", { m: { table: shared } });
		equal(shared.get(0), user["own"]);
		equal(exports["call"]!(0), 77);
		equal(user["call"]!(1), 10);
	});

	test("a function of an instance that is gone still runs", async () => {
		const shared = table({ element: "anyfunc", initial: 1 });
		instantiate("tableUser", { m: { table: shared } });
		for (let i = 0; i < 50; i++) new WebAssembly.Instance(module("everything"));
		await later(0);
		equal((shared.get(0) as Callable)(), 77);
	});

	test("Global checks its descriptor", () => {
		for (const value of [undefined, null, 1, ""]) throws(() => makeGlobal(value), TypeError);
		throws(() => makeGlobal({}), TypeError);
		for (const value of ["", "i16", "I32", "i32\0", "v128x", 1, null])
			throws(() => makeGlobal({ value }), TypeError);
		throws(() => makeGlobal({ value: "i64" }, 1), TypeError);
		throws(() => makeGlobal({ value: "i32" }, 1n), TypeError);
		throws(() => makeGlobal({ value: "anyfunc" }, 1), TypeError);
		equal(makeGlobal({ value: { toString: () => "i32" } }, 3).value, 3);
	});

	test("globals of each type", () => {
		const object = unique();
		const { add } = instantiate("add") as { add: Callable };
		for (const [type, initial, given, expected] of [
			["i32", 0, -5.5, -5],
			["i64", 0n, 2n ** 64n - 1n, -1n],
			["f32", 0, 0.1, Math.fround(0.1)],
			["f64", 0, -0, -0],
			["externref", undefined, object, object],
			["anyfunc", null, add, add],
		] as const) {
			/* V8 does not take undefined for a missing value of a reference type. */
			if (!IS_NODE || (type !== "externref" && type !== "anyfunc")) {
				equal(makeGlobal({ value: type }).value, initial);
				equal(makeGlobal({ value: type }, undefined).value, initial);
			}
			const fixed = makeGlobal({ value: type }, given);
			equal(fixed.value, expected);
			equal(fixed.valueOf(), expected);
			throws(() => {
				fixed.value = expected;
			}, TypeError);
			const changing = makeGlobal({ value: type, mutable: 1 });
			changing.value = given;
			equal(changing.value, expected);
		}
		throws(() => {
			makeGlobal({ value: "i64", mutable: true }).value = 1;
		}, TypeError);
		equal(makeGlobal({ value: "externref" }, null).value, null);
	});

	test("exported globals", () => {
		const exports = instantiate("globals") as Record<string, Callable> & Record<string, unknown>;
		const named = exports as unknown as Record<string, WebAssembly.Global>;
		equal(named["i32"]!.value, -7);
		equal(named["i64"]!.value, -(2n ** 63n));
		equal(named["f32"]!.value, 1.5);
		equal(named["f64"]!.value, -0);
		equal(named["externref"]!.value, null);
		equal(named["funcref"]!.value, exports["read"]);
		named["i32"]!.value = 55;
		equal((exports["read"] as Callable)(), 55);
		throws(() => {
			named["i64"]!.value = 1n;
		}, TypeError);
		const object = unique();
		(exports["keep"] as Callable)(object);
		equal(named["externref"]!.value, object);
		named["externref"]!.value = "other";
		equal(named["externref"]!.value, "other");
	});

	test("a mutable global is shared", () => {
		const shared = makeGlobal({ value: "i64", mutable: true }, 5n);
		const one = instantiate("mutableImport", { m: { g: shared } });
		const other = instantiate("mutableImport", { m: { g: one["g"] } });
		equal(one["g"] as unknown, shared, "the same object");
		one["set"]!(-9n);
		equal(other["get"]!(), -9n);
		equal(shared.value, -9n);
		shared.value = 2n ** 40n;
		equal(one["get"]!(), 2n ** 40n);
		throws(
			() => instantiate("mutableImport", { m: { g: makeGlobal({ value: "i64" }, 1n) } }),
			WebAssembly.LinkError,
		);
		throws(
			() => instantiate("mutableImport", { m: { g: makeGlobal({ value: "i32", mutable: true }) } }),
			WebAssembly.LinkError,
		);
	});
}

function RangeErrorOrTypeError(): { readonly prototype: Error } {
	try {
		memory({ initial: 65536 * 4 });
	} catch (error) {
		return error instanceof TypeError ? TypeError : RangeError;
	}
	return RangeError;
}
