/* Instances: imports, exports, values on their way, exceptions, traps. */

import {
	bytes,
	descriptor,
	equal,
	equalList,
	instantiate,
	later,
	module,
	ok,
	ownTest,
	rejects,
	test,
	throws,
	throwsValue,
	unique,
} from "./guest-support";
import type { Callable } from "./guest-support";

function goodImports(): { a: Record<string, unknown>; b: Record<string, unknown> } {
	return {
		a: {
			function: (x: number) => x * 2,
			table: new WebAssembly.Table({ element: "anyfunc", initial: 3, maximum: 8 }),
		},
		b: { memory: new WebAssembly.Memory({ initial: 2, maximum: 3 }), global: 42 },
	};
}

export function instanceTests(): void {
	test("exports are a frozen object without prototype, always the same", () => {
		const instance = new WebAssembly.Instance(module("everything"));
		const exports = instance.exports;
		equal(Object.getPrototypeOf(exports), null);
		ok(Object.isFrozen(exports), "frozen");
		equal(instance.exports, exports);
		equal(Object.keys(exports).join(), "table,memory,global,function");
		const found = descriptor(exports, "function");
		ok(!found.writable && found.enumerable && !found.configurable, "attributes");
		ok(exports["table"] instanceof WebAssembly.Table, "Table");
		ok(exports["memory"] instanceof WebAssembly.Memory, "Memory");
		ok(exports["global"] instanceof WebAssembly.Global, "Global");
		equal(Object.getPrototypeOf(exports["memory"]), WebAssembly.Memory.prototype);
	});

	test("exported functions have a name and a length, and are no constructors", () => {
		const { add } = instantiate("add") as { add: Callable };
		equal(add.name, "0");
		equal(add.length, 2);
		equal(typeof add, "function");
		equal(Object.getPrototypeOf(add), Function.prototype);
		equal(Object.prototype.hasOwnProperty.call(add, "prototype"), false);
		throws(() => new (add as unknown as new () => object)(), TypeError);
		equal(add.call({}, 1, 2, 3), 3);
		equal(add(), 0);
		ok(!descriptor(add, "name").writable && descriptor(add, "name").configurable, "name");
		equal(instantiate("references", { m: { f: () => 1, g: (x: unknown) => x } })["again"]!.name, "0");
		equal(instantiate("table")["call"]!.name, "2");
	});

	test("i32", () => {
		const { i32 } = instantiate("identities") as { i32: Callable };
		for (const [given, expected] of [
			[0, 0],
			[-0, 0],
			[1.9, 1],
			[-1.9, -1],
			[2 ** 31, -(2 ** 31)],
			[2 ** 32 + 5, 5],
			[NaN, 0],
			[Infinity, 0],
			[undefined, 0],
			[null, 0],
			[true, 1],
			["12", 12],
			[{ valueOf: () => 7 }, 7],
			[[], 0],
		] as const)
			equal(i32(given), expected, `i32(${String(given)})`);
		throws(() => i32(1n), TypeError);
		throws(() => i32(Symbol()), TypeError);
	});

	test("i64 is a BigInt", () => {
		const { i64 } = instantiate("identities") as { i64: Callable };
		const edges = [
			0n,
			1n,
			-1n,
			0xffff_ffffn,
			0x1_0000_0000n,
			-0x1_0000_0000n,
			-0xffff_ffffn,
			2n ** 63n - 1n,
			-(2n ** 63n),
			-(2n ** 63n) + 1n,
			0x1234_5678_9abc_def0n,
			-0x8000_0000n,
		];
		for (const value of edges) equal(i64(value), value);
		equal(i64(2n ** 63n), -(2n ** 63n));
		equal(i64(2n ** 64n + 3n), 3n);
		equal(i64(-(2n ** 64n) - 3n), -3n);
		equal(i64(2n ** 128n), 0n);
		equal(i64(-(2n ** 63n) - 1n), 2n ** 63n - 1n);
		equal(i64("123"), 123n);
		equal(i64(true), 1n);
		equal(i64({ valueOf: () => 9n }), 9n);
		for (const value of [1, undefined, null, Symbol(), NaN]) throws(() => i64(value), TypeError);
		throws(() => i64("x"), SyntaxError);
		throws(() => i64(), TypeError);
	});

	test("f32 and f64 keep -0, NaN, infinities", () => {
		const { f32, f64 } = instantiate("identities") as { f32: Callable; f64: Callable };
		for (const value of [0, -0, 1.5, -2.25, NaN, Infinity, -Infinity]) {
			equal(f32(value), value);
			equal(f64(value), value);
		}
		equal(f32(0.1), Math.fround(0.1));
		equal(f32(1e300), Infinity);
		equal(f32(1e-50), 0);
		equal(f64(0.1), 0.1);
		equal(f64(5e-324), 5e-324);
		equal(f64(undefined), NaN);
		equal(f64(null), 0);
		throws(() => f64(1n), TypeError);
		throws(() => f32(Symbol()), TypeError);
	});

	test("externref is any value, the same", () => {
		const { externref } = instantiate("identities") as { externref: Callable };
		const object = unique();
		const symbol = Symbol("s");
		for (const value of [
			undefined,
			null,
			0,
			-0,
			NaN,
			1.5,
			"text",
			"",
			true,
			12345678901234567890n,
			symbol,
			object,
			externref,
			[1],
		])
			equal(externref(value), value);
		equal(externref(), undefined);
	});

	test("funcref is an exported function or null", () => {
		const { funcref, i32 } = instantiate("identities") as { funcref: Callable; i32: Callable };
		equal(funcref(i32), i32);
		equal(funcref(funcref), funcref);
		equal(funcref(null), null);
		for (const value of [undefined, 0, {}, () => 1, Math.sin, class {}]) throws(() => funcref(value), TypeError);
		throws(() => funcref(), TypeError);
	});

	test("values pass through host functions unharmed", () => {
		const { i32: some } = instantiate("identities") as { i32: Callable };
		const same = (x: unknown): unknown => x;
		const echoes = instantiate("echoes", {
			host: { i32: same, i64: same, f32: same, f64: same, externref: same, funcref: same },
		});
		const object = unique();
		equal(echoes["i32"]!(-5), -5);
		equal(echoes["i64"]!(-(2n ** 63n)), -(2n ** 63n));
		equal(echoes["f32"]!(-0), -0);
		equal(echoes["f64"]!(NaN), NaN);
		for (const value of [object, undefined, null, "a string", 10n ** 30n])
			equal(echoes["externref"]!(value), value);
		equal(echoes["funcref"]!(some), some);
		equal(echoes["funcref"]!(null), null);
	});

	test("results of host functions are converted", () => {
		let result: unknown;
		const give = (): unknown => result;
		const echoes = instantiate("echoes", {
			host: { i32: give, i64: give, f32: give, f64: give, externref: give, funcref: give },
		});
		result = 2 ** 32 + 7;
		equal(echoes["i32"]!(0), 7);
		result = "0x10";
		equal(echoes["i32"]!(0), 16);
		equal(echoes["f64"]!(0), 16);
		result = undefined;
		equal(echoes["i32"]!(0), 0);
		equal(echoes["f32"]!(0), NaN);
		equal(echoes["externref"]!(0), undefined);
		throws(() => echoes["i64"]!(0n), TypeError);
		throws(() => echoes["funcref"]!(null), TypeError);
		result = 1;
		throws(() => echoes["i64"]!(0n), TypeError);
		result = 1n;
		throws(() => echoes["i32"]!(0), TypeError);
		equal(echoes["i64"]!(0n), 1n);
		result = {
			valueOf() {
				throw new RangeError("inner");
			},
		};
		throws(() => echoes["i32"]!(0), RangeError, /inner/);
	});

	test("host functions are called with undefined as this", () => {
		let receiver: unknown = 1;
		let count = -1;
		const echoes = instantiate("echoes", {
			host: {
				i32(this: unknown) {
					// eslint-disable-next-line @typescript-eslint/no-this-alias -- what it is, is the question
					receiver = this;
					count = arguments.length;
					return 1;
				},
				i64: () => 0n,
				f32: () => 0,
				f64: () => 0,
				externref: () => 0,
				funcref: () => null,
			},
		});
		echoes["i32"]!(5);
		equal(receiver, undefined);
		equal(count, 1);
	});

	test("several values", () => {
		const object = unique();
		let result: unknown = [1, 2n, 3.5, object];
		const exports = instantiate("multi", { host: { many: () => result } });
		equalList(exports["reverse"]!(1, 2n, 3.5, 4.25), [4.25, 3.5, 2n, 1]);
		equalList(exports["reverse"]!(-1, -(2n ** 63n), NaN, -0), [-0, NaN, -(2n ** 63n), -1]);
		equal(exports["nothing"]!(), undefined);
		equalList(exports["many"]!(), [1, 2n, 3.5, object]);
		result = new Set<unknown>([7, 8n, -0.5, null]);
		equalList(exports["many"]!(), [7, 8n, -0.5, null]);
		result = {
			*[Symbol.iterator]() {
				yield* ["1", "2", "3", "4"];
			},
		};
		equalList(exports["many"]!(), [1, 2n, 3, "4"]);
		for (const value of [[1, 2n, 3], [1, 2n, 3, 4, 5], [], undefined, null, 1, {}]) {
			result = value;
			throws(() => exports["many"]!(), TypeError);
		}
		result = [1, 2, 3, 4];
		throws(() => exports["many"]!(), TypeError);
	});

	test("many parameters and results", () => {
		const given = Array.from({ length: 40 }, (_, i) =>
			i % 4 === 1 ? BigInt(i) << 33n : i % 4 >= 2 ? i + 0.5 : -i * 1000 - 1,
		);
		const seen: unknown[] = [];
		const exports = instantiate("wide", {
			host: {
				wide: (...values: unknown[]) => {
					seen.push(...values);
					return values.map((x) => x);
				},
			},
		});
		equalList(exports["here"]!(...given), given);
		equalList(exports["there"]!(...given), given);
		equalList(seen, given);
	});

	test("a function taken from one instance and given to another is called without JavaScript in between", () => {
		const { add } = instantiate("add") as { add: Callable };
		const imports = goodImports();
		let calls = 0;
		imports.a["function"] = (x: number) => {
			calls++;
			return x + 1;
		};
		const first = instantiate("imports", imports);
		const second = instantiate("imports", { ...imports, a: { ...imports.a, function: first["function"] } });
		equal(second["function"], first["function"], "the same function object");
		ok(first["function"] !== imports.a["function"], "but not the host's");
		equal(second["call"]!(4), 5);
		equal(calls, 1);
		throws(() => instantiate("imports", { ...imports, a: { ...imports.a, function: add } }), WebAssembly.LinkError);
	});

	test("imports are read in order, and before anything else", () => {
		const log: string[] = [];
		const imports = goodImports();
		const watched = new Proxy(
			{},
			{
				get: (_, name) => {
					log.push(String(name));
					return new Proxy(
						{},
						{
							get: (_2, field) => {
								log.push(`${String(name)}.${String(field)}`);
								return (imports as unknown as Record<string, Record<string, unknown>>)[String(name)]![
									String(field)
								];
							},
						},
					);
				},
			},
		);
		equal(instantiate("imports", watched)["call"]!(4), 8);
		equal(log.join(), "a,a.function,a,a.table,b,b.memory,b,b.global");
	});

	test("imports by names that no property has: indices, zeros, and proxies anywhere", () => {
		throws(() => instantiate("strangeImports", {}), TypeError);
		throws(() => instantiate("strangeImports", { other: {} }), TypeError);
		const fields = Object.create(
			new Proxy({}, { get: (_, name) => (name === "only a proxy has it" ? () => 1 : undefined) }),
		) as Record<string, unknown>;
		fields[7] = () => 10;
		const imports = new Proxy({}, { get: (_, name) => (name === "nobody has it" ? fields : undefined) });
		throws(() => instantiate("strangeImports", imports), WebAssembly.LinkError);
		fields[`a${String.fromCharCode(0)}b`] = () => 100;
		equal(instantiate("strangeImports", imports)["sum"]!(), 111);
	});

	test("imports that are missing or wrong", () => {
		throws(() => instantiate("imports"), TypeError);
		for (const value of [null, 1, "x", Symbol()]) throws(() => instantiate("empty", value), TypeError);
		throws(() => instantiate("imports", {}), TypeError);
		throws(() => instantiate("imports", { a: 1 }), TypeError);
		throws(() => instantiate("imports", { a: null }), TypeError);
		for (const [part, name, values] of [
			["a", "function", [undefined, null, 1, {}, new WebAssembly.Memory({ initial: 0 })]],
			[
				"a",
				"table",
				[
					undefined,
					1,
					() => 1,
					{},
					new WebAssembly.Memory({ initial: 1 }),
					new WebAssembly.Table({ element: "anyfunc", initial: 1 }),
					new WebAssembly.Table({ element: "anyfunc", initial: 3 }),
					new WebAssembly.Table({ element: "externref", initial: 3, maximum: 4 }),
				],
			],
			[
				"b",
				"memory",
				[
					undefined,
					1,
					{},
					new ArrayBuffer(65536),
					new WebAssembly.Memory({ initial: 0, maximum: 4 }),
					new WebAssembly.Memory({ initial: 1 }),
					new WebAssembly.Memory({ initial: 1, maximum: 5 }),
				],
			],
			[
				"b",
				"global",
				[
					undefined,
					null,
					"1",
					1n,
					{},
					true,
					new WebAssembly.Global({ value: "i64" }),
					new WebAssembly.Global({ value: "i32", mutable: true }),
				],
			],
		] as ["a" | "b", string, unknown[]][]) {
			for (const value of values) {
				const imports = goodImports();
				imports[part][name] = value;
				throws(
					() => instantiate("imports", imports),
					WebAssembly.LinkError,
					/^WebAssembly\.Instance\(\): import "[ab]" "[a-z]+": /,
				);
			}
		}
		equal(instantiate("imports", goodImports())["global"]!(), 42);
	});

	test("any callable can be a function", () => {
		for (const callee of [
			(x: number) => x + 1,
			function (x: number) {
				return x + 1;
			},
			new Proxy((x: number) => x, { apply: (_t, _r, values: number[]) => values[0]! + 1 }),
			((a: number, b: number) => a + b).bind(null, 1),
		]) {
			const imports = goodImports();
			imports.a["function"] = callee;
			equal(instantiate("imports", imports)["call"]!(1), 2);
		}
		const imports = goodImports();
		imports.a["function"] = class {};
		const call = instantiate("imports", imports)["call"]!;
		throws(() => call(1), TypeError);
	});

	test("globals are given as values", () => {
		const object = unique();
		const { add } = instantiate("add") as { add: Callable };
		const exports = instantiate("globalImports", {
			m: { i32: 2 ** 32 + 1, i64: -1n, f32: 0.1, f64: -0, externref: object, funcref: add },
		}) as unknown as Record<string, WebAssembly.Global>;
		equal(exports["i32"]!.value, 1);
		equal(exports["i64"]!.value, -1n);
		equal(exports["f32"]!.value, Math.fround(0.1));
		equal(exports["f64"]!.value, -0);
		equal(exports["externref"]!.value, object);
		equal(exports["funcref"]!.value, add);
		const good = { i32: 0, i64: 0n, f32: 0, f64: 0, externref: undefined, funcref: null };
		equal(
			(instantiate("globalImports", { m: good }) as unknown as Record<string, WebAssembly.Global>)["externref"]!
				.value,
			undefined,
		);
		for (const [name, value] of [
			["i32", 1n],
			["i32", "1"],
			["i64", 1],
			["f32", 1n],
			["f64", undefined],
			["funcref", undefined],
			["funcref", () => 1],
		] as const)
			throws(() => instantiate("globalImports", { m: { ...good, [name]: value } }), WebAssembly.LinkError);
		throws(() => instantiate("mutableImport", { m: { g: 1n } }), WebAssembly.LinkError);
	});

	test("the start function runs", () => {
		let ran = 0;
		new WebAssembly.Instance(module("start"), { m: { f: () => ran++ } });
		equal(ran, 1);
		const error = unique();
		throwsValue(
			() =>
				new WebAssembly.Instance(module("start"), {
					m: {
						f: () => {
							throw error;
						},
					},
				}),
			error,
		);
	});

	test("what a start function wrote stays, and keeps its instance", () => {
		const table = new WebAssembly.Table({ element: "anyfunc", initial: 1 });
		throws(
			() => new WebAssembly.Instance(module("startTraps"), { m: { table } }),
			WebAssembly.RuntimeError,
			/^unreachable$/,
		);
		equal((table.get(0) as Callable)(), 99);
	});

	test("an exception passes through wasm as it is", () => {
		for (const value of [unique(), new RangeError("x"), undefined, null, 7, "text", 10n ** 20n]) {
			const imports = goodImports();
			imports.a["function"] = () => {
				throw value;
			};
			const exports = instantiate("imports", imports);
			throwsValue(() => exports["call"]!(1), value);
			throwsValue(() => exports["call"]!(1), value);
		}
	});

	test("wasm and JavaScript call each other", () => {
		const imports = goodImports();
		let exports: Record<string, Callable> = {};
		imports.a["function"] = (n: number) => (n > 0 ? (exports["call"]!(n - 1) as number) + n : 0);
		exports = instantiate("imports", imports);
		equal(exports["call"]!(15), 120);
		imports.a["function"] = (n: number) => {
			if (n === 0) throw new SyntaxError("deep");
			try {
				return exports["call"]!(n - 1);
			} finally {
				caught++;
			}
		};
		let caught = 0;
		exports = instantiate("imports", imports);
		throws(() => exports["call"]!(10), SyntaxError);
		equal(caught, 10);
	});

	test("endless recursion ends in an error that can be caught", () => {
		const { recurse } = instantiate("traps") as { recurse: Callable };
		for (let i = 0; i < 3; i++)
			ok(
				isStackError(() => recurse()),
				"within wasm",
			);
		const imports = goodImports();
		let exports: Record<string, Callable> = {};
		imports.a["function"] = (n: number) => exports["call"]!(n);
		exports = instantiate("imports", imports);
		for (let i = 0; i < 3; i++)
			ok(
				isStackError(() => exports["call"]!(1)),
				"through JavaScript",
			);
		equal(instantiate("add")["add"]!(1, 1), 2);
	});

	test("traps are RuntimeErrors", () => {
		const traps = instantiate("traps");
		for (const [action, pattern] of [
			[() => traps["unreachable"]!(), /^unreachable$/],
			[() => traps["divide"]!(0), /^integer divide by zero$/],
			[() => traps["overflow"]!(-1), /^integer overflow$/],
			[() => traps["truncate"]!(NaN), /^invalid conversion to integer$/],
			[() => traps["truncate"]!(1e10), /^integer overflow$/],
			[() => traps["load"]!(1), /^out of bounds memory access$/],
			[() => traps["load"]!(-1), /^out of bounds memory access$/],
			[() => traps["indirect"]!(0), /^indirect call type mismatch$/],
			[() => traps["indirect"]!(1), /^uninitialized element/],
			[() => traps["indirect"]!(2), /^undefined element/],
		] as [() => unknown, RegExp][])
			throws(action, WebAssembly.RuntimeError, pattern);
		equal(traps["load"]!(0), 0);
	});

	ownTest("a trap tells what happened and where", () => {
		const traps = instantiate("traps");
		const error = throws(() => traps["outer"]!(), WebAssembly.RuntimeError) as WebAssembly.RuntimeError;
		equal(error.kind, "unreachable");
		equal(error.functionIndex, 0);
		equal(error.functionName, "fail");
		const code = new Uint8Array(bytes("traps"));
		equal(code[error.byteOffset], 0, "the byte at the offset is unreachable's");
		equal(error.wasmStack.length, 3);
		ok(/^at fail \(wasm-function\[0\]:0x[0-9a-f]+\)$/.test(error.wasmStack[0]!), error.wasmStack[0]!);
		ok(/^at middle \(wasm-function\[8\]:0x[0-9a-f]+\)$/.test(error.wasmStack[1]!), error.wasmStack[1]!);
		ok(/^at outer \(wasm-function\[7\]:0x[0-9a-f]+\)$/.test(error.wasmStack[2]!), error.wasmStack[2]!);
		equal(code[parseInt(/0x([0-9a-f]+)/.exec(error.wasmStack[1]!)![1]!, 16)], 0x10, "call");
		const lines = error.stack!.split("\n");
		equal(lines[0], "RuntimeError: unreachable");
		equal(lines[1], ` ${error.wasmStack[0]}`);
		equal(Object.keys(error).length, 0);
		const division = throws(() => traps["divide"]!(0), WebAssembly.RuntimeError) as WebAssembly.RuntimeError;
		equal(division.kind, "divide-by-zero");
		equal(division.functionName, "divide", "an export's name where the name section has none");
		equal(code[division.byteOffset], 0x6d);
	});

	test("an instance's exports outlive it", async () => {
		const add: Callable | undefined = instantiate("add")["add"];
		await later(0);
		equal(add!(3, 4), 7);
	});

	ownTest("asynchronous instantiation links later", async () => {
		let ran = 0;
		const promise = WebAssembly.instantiate(module("start"), { m: { f: () => ran++ } });
		equal(ran, 0);
		await promise;
		equal(ran, 1);
		await rejects(
			() =>
				WebAssembly.instantiate(module("imports"), {
					get a(): object {
						throw new EvalError("getter");
					},
				} as unknown as WebAssembly.Imports),
			EvalError,
		);
	});
}

function isStackError(action: () => unknown): boolean {
	try {
		action();
	} catch (error) {
		return (
			(error instanceof WebAssembly.RuntimeError && error.message === "call stack exhausted") ||
			(error instanceof RangeError && /stack/.test(error.message))
		);
	}
	return false;
}
