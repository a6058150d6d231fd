/* The namespace: its members, their shapes; compile, validate, instantiate, streaming. */

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
} from "./guest-support";

const api = WebAssembly as unknown as Record<string, (...values: unknown[]) => unknown>;

export function namespaceTests(): void {
	test("operations of the namespace are writable, enumerable, configurable", () => {
		for (const [name, length] of [
			["validate", 1],
			["compile", 1],
			["instantiate", 1],
		] as const) {
			const found = descriptor(WebAssembly, name);
			ok(found.writable && found.enumerable && found.configurable, name);
			equal((found.value as () => void).length, length, `${name}.length`);
			equal((found.value as () => void).name, name, "name");
		}
	});

	test("classes of the namespace are not enumerable", () => {
		for (const name of [
			"Module",
			"Instance",
			"Memory",
			"Table",
			"Global",
			"CompileError",
			"LinkError",
			"RuntimeError",
		]) {
			const found = descriptor(WebAssembly, name);
			ok(found.writable && !found.enumerable && found.configurable, name);
			equal((found.value as () => void).length, 1, `${name}.length`);
			equal((found.value as () => void).name, name, "name");
			const prototype = descriptor(found.value as object, "prototype");
			ok(!prototype.writable && !prototype.enumerable && !prototype.configurable, `${name}.prototype`);
		}
	});

	/* What firmware has preloaded is frozen. */
	const isFirmware = Object.isFrozen(WebAssembly.Module.prototype);

	test("the namespace and the prototypes have tags", () => {
		equal(Object.prototype.toString.call(WebAssembly), "[object WebAssembly]");
		for (const name of ["Module", "Instance", "Memory", "Table", "Global"]) {
			const found = descriptor((api[name] as unknown as { prototype: object }).prototype, Symbol.toStringTag);
			equal(found.value, `WebAssembly.${name}`);
			ok(!found.writable && !found.enumerable && found.configurable === !isFirmware, name);
			equal(Object.getPrototypeOf(api[name]), Function.prototype, `prototype of ${name}`);
			equal(Object.getPrototypeOf((api[name] as unknown as { prototype: object }).prototype), Object.prototype);
		}
		equal(descriptor(globalThis, "WebAssembly").enumerable, false);
	});

	test("members of the classes are enumerable", () => {
		const methods: [object, string, number][] = [
			[WebAssembly.Module, "exports", 1],
			[WebAssembly.Module, "imports", 1],
			[WebAssembly.Module, "customSections", 2],
			[WebAssembly.Memory.prototype, "grow", 1],
			[WebAssembly.Table.prototype, "get", 1],
			[WebAssembly.Table.prototype, "set", 1],
			[WebAssembly.Table.prototype, "grow", 1],
			[WebAssembly.Global.prototype, "valueOf", 0],
		];
		for (const [object, name, length] of methods) {
			const found = descriptor(object, name);
			ok(found.writable === !isFirmware && found.enumerable && found.configurable === !isFirmware, name);
			equal((found.value as () => void).length, length, `${name}.length`);
		}
		for (const [object, name] of [
			[WebAssembly.Instance.prototype, "exports"],
			[WebAssembly.Memory.prototype, "buffer"],
			[WebAssembly.Table.prototype, "length"],
			[WebAssembly.Global.prototype, "value"],
		] as [object, string][]) {
			const found = descriptor(object, name);
			ok(found.get && found.enumerable && found.configurable === !isFirmware, name);
			equal(found.set === undefined, name !== "value", `setter of ${name}`);
		}
	});

	test("classes need new", () => {
		for (const name of ["Module", "Instance", "Memory", "Table", "Global"]) throws(() => api[name]!({}), TypeError);
	});

	test("wrong receivers and arguments are TypeErrors", () => {
		const wrong = [
			undefined,
			null,
			1,
			"",
			{},
			[],
			WebAssembly.Memory,
			WebAssembly.Memory.prototype,
			Object.create(WebAssembly.Memory.prototype) as object,
		];
		for (const value of wrong) {
			throws(() => descriptor(WebAssembly.Memory.prototype, "buffer").get!.call(value), TypeError);
			throws(() => descriptor(WebAssembly.Table.prototype, "length").get!.call(value), TypeError);
			throws(() => descriptor(WebAssembly.Global.prototype, "value").get!.call(value), TypeError);
			throws(() => descriptor(WebAssembly.Instance.prototype, "exports").get!.call(value), TypeError);
			throws(() => WebAssembly.Memory.prototype.grow.call(value, 1), TypeError);
			throws(() => WebAssembly.Table.prototype.get.call(value, 0), TypeError);
			throws(() => WebAssembly.Module.exports(value as WebAssembly.Module), TypeError);
			throws(() => new WebAssembly.Instance(value as WebAssembly.Module), TypeError);
		}
		const memory = new WebAssembly.Memory({ initial: 0 });
		throws(() => WebAssembly.Table.prototype.get.call(memory, 0), TypeError);
		throws(() => WebAssembly.Module.imports(memory as unknown as WebAssembly.Module), TypeError);
	});

	test("errors are subclasses of Error, also without new", () => {
		for (const name of ["CompileError", "LinkError", "RuntimeError"] as const) {
			const Class = WebAssembly[name];
			for (const error of [new Class("text"), Class("text")]) {
				ok(error instanceof Class && error instanceof Error, name);
				equal(error.name, name);
				equal(error.message, "text");
				equal(String(error), `${name}: text`);
			}
			equal(Object.getPrototypeOf(Class), Error);
			equal(Object.getPrototypeOf(Class.prototype), Error.prototype);
			equal(Class.prototype.message, "");
			equal(Class.prototype.constructor, Class);
			equal(Object.prototype.hasOwnProperty.call(new Class(), "message"), false);
			equal((new Class("x", { cause: 7 }) as { cause?: unknown }).cause, 7);
			class Own extends (Class as unknown as new (message: string) => Error) {}
			ok(new Own("x") instanceof Class && new Own("x") instanceof Own, "subclass");
		}
	});

	test("validate says whether, and wants a buffer", () => {
		equal(WebAssembly.validate(bytes("add")), true);
		equal(WebAssembly.validate(new Uint8Array(bytes("add"))), true);
		equal(WebAssembly.validate(bytes("invalid")), false);
		equal(WebAssembly.validate(new ArrayBuffer(0)), false);
		equal(WebAssembly.validate(new Uint8Array([0, 0x61, 0x73, 0x6d, 2, 0, 0, 0])), false);
		for (const value of [undefined, null, 1, "", {}, []]) throws(() => api["validate"]!(value), TypeError);
		throws(() => api["validate"]!(), TypeError);
	});

	test("a view is that part of its buffer only", () => {
		const module = new Uint8Array(bytes("add"));
		const room = new Uint8Array(module.length + 20);
		room.set(module, 7);
		equal(WebAssembly.validate(room.subarray(7, 7 + module.length)), true);
		equal(WebAssembly.validate(room.subarray(7)), false);
		const instance = new WebAssembly.Instance(new WebAssembly.Module(room.subarray(7, 7 + module.length)));
		equal((instance.exports["add"] as (a: number, b: number) => number)(1, 2), 3);
	});

	ownTest("a DataView is a buffer source too", () => {
		equal(WebAssembly.validate(new DataView(bytes("add"))), true);
		ok(new WebAssembly.Module(new DataView(bytes("add"))), "Module");
	});

	test("Module wants a buffer, and a valid module", () => {
		throws(() => new (WebAssembly.Module as unknown as new () => object)(), TypeError);
		for (const value of [undefined, null, 1, "", {}])
			throws(() => new WebAssembly.Module(value as BufferSource), TypeError);
		throws(
			() => new WebAssembly.Module(new ArrayBuffer(0)),
			WebAssembly.CompileError,
			/^WebAssembly\.Module\(\): .* @\+0$/,
		);
		throws(
			() => new WebAssembly.Module(bytes("invalid")),
			WebAssembly.CompileError,
			/^WebAssembly\.Module\(\): .* @\+\d+ \(function #1\)$/,
		);
	});

	ownTest("a CompileError says where", () => {
		const error = throws(
			() => new WebAssembly.Module(bytes("invalid")),
			WebAssembly.CompileError,
		) as WebAssembly.CompileError;
		equal(error.functionIndex, 1);
		equal(error.byteOffset, bytes("invalid").byteLength - 1);
		const first = throws(
			() => new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73])),
			WebAssembly.CompileError,
		) as WebAssembly.CompileError;
		equal(first.functionIndex, -1);
	});

	test("a module that was refused leaves the next one unharmed", () => {
		for (let i = 0; i < 3; i++) {
			throws(() => new WebAssembly.Module(bytes("invalid")), WebAssembly.CompileError);
			equal(instantiate("add")["add"]!(i, 1), i + 1);
		}
	});

	test("exports and imports of a module", () => {
		const found = WebAssembly.Module.exports(module("everything"));
		equal(
			JSON.stringify(found),
			JSON.stringify([
				{ name: "table", kind: "table" },
				{ name: "memory", kind: "memory" },
				{ name: "global", kind: "global" },
				{ name: "function", kind: "function" },
			]),
		);
		const imports = WebAssembly.Module.imports(module("imports"));
		equal(
			JSON.stringify(imports),
			JSON.stringify([
				{ module: "a", name: "function", kind: "function" },
				{ module: "a", name: "table", kind: "table" },
				{ module: "b", name: "memory", kind: "memory" },
				{ module: "b", name: "global", kind: "global" },
			]),
		);
		equal(WebAssembly.Module.exports(module("empty")).length, 0);
		ok(
			WebAssembly.Module.exports(module("add")) !== WebAssembly.Module.exports(module("add")),
			"a new list each time",
		);
		equal(Object.getPrototypeOf(found[0]), Object.prototype);
		ok(
			descriptor(found[0]!, "name").writable &&
				descriptor(found[0]!, "name").enumerable &&
				descriptor(found[0]!, "name").configurable,
			"plain",
		);
	});

	test("custom sections", () => {
		const custom = module("custom");
		const one = WebAssembly.Module.customSections(custom, "one");
		equal(one.length, 2);
		ok(one[0] instanceof ArrayBuffer, "ArrayBuffer");
		equal(new Uint8Array(one[0]!).join(), "1,2,3");
		equal(one[1]!.byteLength, 1000);
		equal(new Uint8Array(one[1]!)[999], 999 & 0xff);
		equal(WebAssembly.Module.customSections(custom, "two")[0]!.byteLength, 0);
		equal(WebAssembly.Module.customSections(custom, "none").length, 0);
		equal(WebAssembly.Module.customSections(custom, "ü\u{1f600}").length, 1);
		equal(WebAssembly.Module.customSections(custom, "ü\ud83d").length, 0);
		equal(WebAssembly.Module.customSections(custom, "")[0]!.byteLength, 1);
		throws(() => (WebAssembly.Module.customSections as (module: unknown) => unknown)(custom), TypeError);
		throws(
			() => (WebAssembly.Module.customSections as (module: unknown, name: string) => unknown)({}, "one"),
			TypeError,
		);
	});

	test("compile gives a promise of a Module", async () => {
		const promise = WebAssembly.compile(bytes("add"));
		ok(promise instanceof Promise, "promise");
		const compiled = await promise;
		ok(compiled instanceof WebAssembly.Module, "Module");
		equal(Object.getPrototypeOf(compiled), WebAssembly.Module.prototype);
		await rejects(() => WebAssembly.compile(bytes("invalid")), WebAssembly.CompileError);
		for (const value of [undefined, null, 1, {}]) await rejects(() => api["compile"]!(value), TypeError);
		await rejects(() => api["compile"]!(), TypeError);
	});

	test("bytes changed after compile make no difference", async () => {
		const buffer = new Uint8Array(bytes("add"));
		const promise = WebAssembly.compile(buffer);
		buffer.fill(0);
		ok((await promise) instanceof WebAssembly.Module, "Module");
	});

	test("instantiate with bytes gives module and instance", async () => {
		const result = await WebAssembly.instantiate(bytes("add"));
		equal(Object.keys(result).sort().join(), "instance,module");
		ok(result.module instanceof WebAssembly.Module && result.instance instanceof WebAssembly.Instance, "classes");
		equal((result.instance.exports["add"] as (a: number, b: number) => number)(2, 2), 4);
	});

	test("instantiate with a module gives an instance", async () => {
		const result = await WebAssembly.instantiate(module("add"));
		ok(result instanceof WebAssembly.Instance, "Instance");
		equal((result.exports["add"] as (a: number, b: number) => number)(2, 2), 4);
	});

	test("instantiate rejects, it never throws", async () => {
		for (const value of [undefined, null, 1, {}, "x"]) await rejects(() => api["instantiate"]!(value), TypeError);
		await rejects(() => WebAssembly.instantiate(bytes("invalid")), WebAssembly.CompileError);
		await rejects(() => WebAssembly.instantiate(bytes("imports")), TypeError);
		await rejects(() => WebAssembly.instantiate(bytes("imports"), {}), TypeError);
		await rejects(() => WebAssembly.instantiate(module("imports"), { a: {}, b: {} }), WebAssembly.LinkError);
		for (const value of [null, 1, "x"]) await rejects(() => api["instantiate"]!(module("empty"), value), TypeError);
		await rejects(() => api["instantiate"]!(bytes("empty"), null), TypeError);
		await rejects(
			() =>
				WebAssembly.instantiate(module("startTraps"), {
					m: { table: new WebAssembly.Table({ element: "anyfunc", initial: 1 }) },
				}),
			WebAssembly.RuntimeError,
		);
	});

	ownTest("compileStreaming takes chunks from all kinds of sources", async () => {
		const whole = bytes("large");
		const chunks: Uint8Array[] = [];
		for (let i = 0; i < whole.byteLength; i += 700)
			chunks.push(new Uint8Array(whole, i, Math.min(700, whole.byteLength - i)));
		async function* slowly(): AsyncGenerator<Uint8Array> {
			for (const chunk of chunks) {
				await later(1);
				yield chunk;
			}
		}
		const reader = {
			length: whole.byteLength,
			read: (offset: number, count: number): ArrayBuffer => whole.slice(offset, offset + Math.min(count, 33)),
		};
		const endless = {
			read: (offset: number, count: number): Promise<Uint8Array> =>
				Promise.resolve(new Uint8Array(whole.slice(offset, offset + count))),
		};
		const sources: unknown[] = [
			whole,
			new Uint8Array(whole),
			reader,
			endless,
			chunks,
			slowly(),
			Promise.resolve(reader),
			{ arrayBuffer: () => Promise.resolve(whole) },
			{ body: slowly() },
		];
		for (let i = 0; i < sources.length; i++) {
			const compiled = await WebAssembly.compileStreaming(sources[i] as BufferSource);
			const instance = new WebAssembly.Instance(compiled);
			equal((instance.exports["sum"] as (a: number) => number)(1), 1 + (3999 * 4000) / 2, `source ${i}`);
		}
	});

	ownTest("streams are compiled byte by byte, and one after the other", async () => {
		const whole = new Uint8Array(bytes("everything"));
		const source = (): Iterable<Uint8Array> => Array.from(whole, (_, i) => whole.subarray(i, i + 1));
		const all = await Promise.all([1, 2, 3].map(() => WebAssembly.instantiateStreaming(source())));
		for (const { instance } of all) equal((instance.exports["function"] as () => number)(), 1);
	});

	ownTest("a stream that fails rejects, and lets others go on", async () => {
		const whole = bytes("add");
		const broken = {
			read(offset: number): ArrayBuffer {
				if (offset > 8) throw new RangeError("gone");
				return whole.slice(offset, offset + 9);
			},
		};
		await rejects(() => WebAssembly.compileStreaming(broken), RangeError, /gone/);
		await rejects(() => WebAssembly.compileStreaming({ read: () => new ArrayBuffer(0) }), WebAssembly.CompileError);
		await rejects(() => WebAssembly.compileStreaming([whole.slice(0, 12)]), WebAssembly.CompileError);
		await rejects(() => WebAssembly.compileStreaming([1] as unknown as Iterable<Uint8Array>), TypeError);
		await rejects(() => WebAssembly.compileStreaming({} as WebAssembly.Source), TypeError);
		await rejects(() => WebAssembly.compileStreaming(Promise.reject(new SyntaxError("no"))), SyntaxError);
		ok((await WebAssembly.compileStreaming([whole])) instanceof WebAssembly.Module, "Module");
	});

	test("names of exports are any strings", () => {
		const exports = instantiate("names");
		equalList(Object.keys(exports), ["0", "7", "", "a\0b", "\u{1f600}é", "__proto__"], "keys");
		equal(exports[""]!(), 0);
		equal(exports["0"]!(), 1);
		equal(exports["a\0b"]!(), 2);
		equal(exports["\u{1f600}é"]!(), 3);
		equal(exports["__proto__"]!(), 4);
		equal(Object.getPrototypeOf(exports), null);
	});
}
