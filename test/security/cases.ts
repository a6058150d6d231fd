/* Attacks, and bugs that other runtimes had, as modules: each with what must come of it. */

import type { Bytes, FunctionBody, FunctionType, ModuleParts, ValueType } from "../support/wasm";
import {
	accessSize,
	blockType,
	encodeModule,
	flatten,
	LOADS,
	op,
	PREAMBLE,
	s,
	section,
	STORES,
	text,
	u,
	vector,
} from "../support/wasm";
import type { Call, SecurityCase } from "./format";

const MEMORY = "!out of bounds memory access";
const TABLE = "!out of bounds table access";
const EXHAUSTED = "!call stack exhausted";

const get = (i: number): Bytes => op("local.get", i);
const set = (i: number): Bytes => op("local.set", i);
const c32 = (value: number): Bytes => op("i32.const", value);
const c64 = (value: bigint | number): Bytes => op("i64.const", BigInt(value));
const END = op("end");

/** Functions with their types; a type is written "i32,i32:i64". */
function makeModule(
	functions: { type: string; locals?: ValueType[] | Bytes; code: Bytes; export?: string }[],
	parts: ModuleParts = {},
): Uint8Array {
	const types: FunctionType[] = [...(parts.types ?? [])];
	const names = types.map((type) => `${type.params.join()}:${type.results.join()}`);
	const bodies: FunctionBody[] = functions.map(({ type, ...rest }) => {
		let index = names.indexOf(type);
		if (index < 0) {
			const [params, results] = type.split(":").map((list) => (list ? (list.split(",") as ValueType[]) : [])) as [
				ValueType[],
				ValueType[],
			];
			index = names.push(type) - 1;
			types.push({ params, results });
		}
		return { ...rest, type: index };
	});
	return encodeModule({ ...parts, types, functions: bodies });
}

function call(invoke: string, args: string[], expect: string): Call {
	return { invoke, args, expect };
}

const raw = (bytes: Bytes): Uint8Array => Uint8Array.from(flatten(bytes));

/* ---------- accesses at the edge ---------- */

/**
 * Every load and store: ends at the last byte, ends one past; address and offset in all shares; as parameter, constant,
 * masked, after another access.
 */
function edges(pages: number): SecurityCase {
	const functions: Parameters<typeof makeModule>[0] = [];
	const calls: Call[] = [];
	const size = pages * 65536;
	for (const name of [...LOADS, ...STORES]) {
		const type = name.slice(0, 3) as ValueType;
		const bytes = accessSize(name);
		const store = STORES.includes(name);
		const access = (address: Bytes, offset: number): Bytes =>
			store ? [address, op(`${type}.const`, 0), op(name, offset)] : [address, op(name, offset), op("drop")];
		for (const over of [0, 1]) {
			const end = size - bytes + over;
			for (const offset of new Set([0, 1, 4, 255, 4095, 4096, end])) {
				if (offset > end || offset < 0) continue;
				const address = end - offset;
				const fits = over === 0 ? "" : MEMORY;
				const id = `${name} ${over} ${offset}`;
				functions.push({ type: "i32:", code: access(get(0), offset), export: id });
				calls.push(call(id, [`i${address}`], fits));
				functions.push({ type: ":", code: access(c32(address), offset), export: `${id} constant` });
				calls.push(call(`${id} constant`, [], fits));
				functions.push({
					type: "i32:",
					code: access([get(0), c32(address), op("i32.and")], offset),
					export: `${id} masked`,
				});
				calls.push(call(`${id} masked`, ["i-1"], fits));
				functions.push({
					type: "i32:",
					code: [get(0), op("i32.load8_u", Math.max(0, offset - 1)), op("drop"), access(get(0), offset)],
					export: `${id} after`,
				});
				calls.push(call(`${id} after`, [`i${address}`], fits));
				functions.push({
					type: "i32:",
					code: [get(0), c32(address + 1), op("i32.lt_u"), op("if", [0x40]), access(get(0), offset), END],
					export: `${id} guarded`,
				});
				calls.push(
					call(`${id} guarded`, [`i${address}`], fits),
					call(`${id} guarded`, [`i${address + 1}`], ""),
				);
			}
		}
	}
	return {
		name: `loads and stores at the end of ${pages} page${pages === 1 ? "" : "s"}`,
		modules: [makeModule(functions, { memories: [{ minimum: pages }] })],
		calls,
	};
}

function wrapping(): SecurityCase {
	const functions: Parameters<typeof makeModule>[0] = [];
	const calls: Call[] = [];
	for (const name of ["i32.load", "i32.load8_u", "i64.load", "f64.load", "i32.load16_s"]) {
		for (const [address, offset] of [
			[0xffffffff, 1],
			[0xffffffff, 0],
			[0xfffffff8, 8],
			[0xfffffffc, 4],
			[0xfffffffc, 5],
			[1, 0xffffffff],
			[0, 0xffffffff],
			[8, 0xfffffff8],
			[0x80000000, 0x80000000],
			[0x7fffffff, 0x80000001],
			[0xffff0000, 0x10000],
			[0xfffffff0, 0x10],
			[65535, 0xffff0001],
		] as [number, number][]) {
			const id = `${name} ${address}+${offset}`;
			functions.push({ type: "i32:", code: [get(0), op(name, offset), op("drop")], export: id });
			functions.push({ type: ":", code: [c32(address), op(name, offset), op("drop")], export: `${id} constant` });
			/* The classic: the sum was proved, then wraps. */
			functions.push({
				type: "i32:",
				code: [
					get(0),
					op("i32.load8_u"),
					op("drop"),
					get(0),
					c32(offset),
					op("i32.add"),
					op(name, 0),
					op("drop"),
				],
				export: `${id} sum`,
			});
			calls.push(call(id, [`i${address}`], MEMORY), call(`${id} constant`, [], MEMORY));
		}
	}
	for (const name of STORES) {
		const type = name.slice(0, 3);
		functions.push({
			type: "i32:",
			code: [get(0), op(`${type}.const`, 0), op(name, 0xffffffff)],
			export: `${name} far`,
		});
		for (const address of [0, 1, -1, -8, 8, 65535]) calls.push(call(`${name} far`, [`i${address}`], MEMORY));
	}
	return {
		name: "address plus offset past 2^32 never wraps",
		modules: [makeModule(functions, { memories: [{ minimum: 1 }] })],
		calls,
	};
}

function noPages(): SecurityCase {
	const functions = [...LOADS, ...STORES].map((name) => ({
		type: "i32:",
		export: name,
		code: STORES.includes(name)
			? [get(0), op(`${name.slice(0, 3)}.const`, 0), op(name, 0)]
			: [get(0), op(name, 0), op("drop")],
	}));
	functions.push({ type: "i32:", export: "fill", code: [get(0), c32(0), c32(0), op("memory.fill", [0])] });
	functions.push({ type: "i32:", export: "grow", code: [get(0), op("memory.grow", [0]), op("drop")] });
	const calls = [...LOADS, ...STORES].flatMap((name) =>
		[0, -1, -8, 0x7fffffff].map((address) => call(name, [`i${address}`], MEMORY)),
	);
	return {
		name: "a memory of no pages",
		modules: [makeModule(functions, { memories: [{ minimum: 0, maximum: 1 }] })],
		calls: [
			...calls,
			call("fill", ["i0"], ""),
			call("fill", ["i1"], MEMORY),
			call("grow", ["i1"], ""),
			call("i32.store", ["i65532"], ""),
			call("i32.store", ["i65533"], MEMORY),
			call("fill", ["i65536"], ""),
		],
	};
}

/* ---------- stale base or length ---------- */

function growth(): SecurityCase {
	const parts: ModuleParts = {
		types: [{ params: ["i32"], results: ["i32"] }],
		imports: [{ module: "h", name: "grow", kind: "func", type: 0 }],
		memories: [{ minimum: 1, maximum: 20 }],
		exports: [{ name: "memory", kind: "memory", index: 0 }],
		tables: [{ type: "funcref", minimum: 1 }],
		elements: [{ mode: "active", type: "funcref", functions: [1] }],
	};
	/* Stores, grows, stores at the new end, loads both. */
	const test = (grow: Bytes): Bytes => [
		get(0),
		c32(0x1234),
		op("i32.store", 0),
		grow,
		op("memory.size", [0]),
		c32(65536),
		op("i32.mul"),
		c32(4),
		op("i32.sub"),
		op("local.tee", 1),
		c32(0x5678),
		op("i32.store", 0),
		get(0),
		op("i32.load", 0),
		get(1),
		op("i32.load", 0),
		op("i32.add"),
	];
	const beyond: Bytes = [op("memory.size", [0]), c32(65536), op("i32.mul"), op("i32.load8_u", 0)];
	return {
		name: "memory that grows between accesses: in place, in a callee, through an import and a table",
		modules: [
			makeModule(
				[
					{ type: ":", code: [c32(1), op("memory.grow", [0]), op("drop")] },
					{
						type: "i32:i32",
						locals: ["i32"],
						code: test([c32(1), op("memory.grow", [0]), op("drop")]),
						export: "here",
					},
					{ type: "i32:i32", locals: ["i32"], code: test(op("call", 1)), export: "callee" },
					{
						type: "i32:i32",
						locals: ["i32"],
						code: test([c32(1), op("call", 0), op("drop")]),
						export: "import",
					},
					{
						type: "i32:i32",
						locals: ["i32"],
						code: test([c32(0), op("call_indirect", 1, 0)]),
						export: "table",
					},
					{ type: ":i32", code: beyond, export: "beyond" },
					/* Grows in a loop that walks to the end. */
					{
						type: "i32:i32",
						locals: ["i32"],
						code: [
							op("loop", [0x40]),
							get(1),
							c32(1),
							op("i32.store8", 0),
							get(1),
							c32(4096),
							op("i32.add"),
							op("local.tee", 1),
							c32(65536),
							op("i32.rem_u"),
							op("i32.eqz"),
							op("if", [0x40]),
							c32(1),
							op("memory.grow", [0]),
							op("drop"),
							END,
							get(1),
							get(0),
							op("i32.lt_u"),
							op("br_if", 0),
							END,
							get(1),
						],
						export: "walk",
					},
					/* Fails to grow: nothing may change. */
					{
						type: "i32:i32",
						code: [get(0), op("memory.grow", [0]), op("drop"), op("memory.size", [0])],
						export: "fail",
					},
				],
				{
					...parts,
					types: [
						{ params: ["i32"], results: ["i32"] },
						{ params: [], results: [] },
					],
				},
			),
		],
		calls: [
			call("here", ["i65532"], String(0x1234 + 0x5678)),
			call("callee", ["i8"], String(0x1234 + 0x5678)),
			call("import", ["i131068"], String(0x1234 + 0x5678)),
			call("table", ["i4"], String(0x1234 + 0x5678)),
			call("beyond", [], MEMORY),
			{ invoke: "@grow 1", expect: "5" },
			call("beyond", [], MEMORY),
			call("here", ["i393212"], String(0x1234 + 0x5678)),
			call("walk", ["i200000"], "200704"),
			call("fail", ["i100"], "10"),
			call("fail", ["i-1"], "10"),
			call("fail", ["i65536"], "10"),
			call("beyond", [], MEMORY),
		],
	};
}

function sharedMemory(): SecurityCase {
	return {
		name: "memory of another instance that grows behind this one's back",
		modules: [
			makeModule([{ type: "i32:i32", code: [get(0), op("memory.grow", [0])], export: "grow" }], {
				memories: [{ minimum: 1, maximum: 9 }],
				exports: [{ name: "memory", kind: "memory", index: 0 }],
			}),
			makeModule(
				[
					{
						type: "i32:i32",
						code: [
							get(0),
							op("i32.load", 0),
							op("drop"),
							c32(1),
							op("call", 0),
							op("drop"),
							get(0),
							c32(65536),
							op("i32.add"),
							c32(77),
							op("i32.store", 0),
							get(0),
							op("i32.load", 65536),
						],
						export: "test",
					},
					{ type: "i32:i32", code: [get(0), op("i32.load", 0)], export: "load" },
				],
				{
					types: [{ params: ["i32"], results: ["i32"] }],
					imports: [
						{ module: "p", name: "grow", kind: "func", type: 0 },
						{ module: "p", name: "memory", kind: "memory", minimum: 1 },
					],
				},
			),
		],
		calls: [
			call("load", ["i65536"], MEMORY),
			call("test", ["i65532"], "77"),
			call("load", ["i131072"], MEMORY),
			{ invoke: "@grow 2", expect: "2" },
			call("load", ["i262140"], "0"),
			call("load", ["i262141"], MEMORY),
		],
	};
}

function bulk(): SecurityCase {
	const three = (name: string, ...immediates: number[]): Bytes => [get(0), get(1), get(2), op(name, immediates)];
	return {
		name: "bulk instructions: nothing is written when a part lies outside, lengths do not wrap",
		modules: [
			makeModule(
				[
					{ type: "i32,i32,i32:", code: three("memory.fill", 0), export: "fill" },
					{ type: "i32,i32,i32:", code: three("memory.copy", 0, 0), export: "copy" },
					{ type: "i32,i32,i32:", code: three("memory.init", 0, 0), export: "init" },
					{ type: ":", code: op("data.drop", 0), export: "drop" },
					{ type: "i32:i32", code: [get(0), op("i32.load8_u", 0)], export: "load" },
					{ type: "i32,i32,i32:", code: three("table.init", 0, 0), export: "tinit" },
					{ type: "i32,i32,i32:", code: three("table.copy", 0, 0), export: "tcopy" },
					{
						type: "i32,i32:",
						code: [get(0), op("ref.null", 0x70), get(1), op("table.fill", 0)],
						export: "tfill",
					},
					{ type: "i32:i32", code: [get(0), op("table.get", 0), op("ref.is_null")], export: "tnull" },
					{ type: ":", code: op("elem.drop", 0), export: "edrop" },
				],
				{
					memories: [{ minimum: 1 }],
					dataCount: true,
					data: [{ mode: "passive", bytes: [1, 2, 3, 4] }],
					tables: [{ type: "funcref", minimum: 10, maximum: 12 }],
					elements: [{ mode: "passive", type: "funcref", functions: [0, 1, 2] }],
				},
			),
		],
		calls: [
			call("fill", ["i65530", "i7", "i7"], MEMORY),
			call("load", ["i65530"], "0"),
			call("fill", ["i0", "i7", "i-1"], MEMORY),
			call("fill", ["i-1", "i7", "i1"], MEMORY),
			call("fill", ["i-1", "i7", "i2"], MEMORY),
			call("fill", ["i0", "i7", `i${0x80000000 | 0}`], MEMORY),
			call("fill", ["i65536", "i7", "i0"], ""),
			call("fill", ["i65537", "i7", "i0"], MEMORY),
			call("load", ["i0"], "0"),
			call("fill", ["i65530", "i263", "i6"], ""),
			call("load", ["i65535"], "7"),
			call("copy", ["i0", "i65530", "i7"], MEMORY),
			call("load", ["i0"], "0"),
			call("copy", ["i65530", "i0", "i7"], MEMORY),
			call("load", ["i65530"], "7"),
			call("copy", ["i-8", "i0", "i16"], MEMORY),
			call("copy", ["i0", "i-8", "i16"], MEMORY),
			call("copy", ["i1", "i65529", "i7"], ""),
			call("load", ["i7"], "7"),
			call("load", ["i1"], "0"),
			call("init", ["i0", "i1", "i4"], MEMORY),
			call("init", ["i65534", "i0", "i3"], MEMORY),
			call("init", ["i0", "i-1", "i1"], MEMORY),
			call("init", ["i0", "i0", "i-1"], MEMORY),
			call("load", ["i65534"], "7"),
			call("init", ["i20", "i0", "i4"], ""),
			call("load", ["i23"], "4"),
			call("drop", [], ""),
			call("init", ["i0", "i0", "i1"], MEMORY),
			call("init", ["i0", "i0", "i0"], ""),
			call("init", ["i65536", "i0", "i0"], ""),
			call("init", ["i65537", "i0", "i0"], MEMORY),
			call("tinit", ["i8", "i0", "i3"], TABLE),
			call("tnull", ["i8"], "1"),
			call("tinit", ["i0", "i1", "i3"], TABLE),
			call("tinit", ["i-1", "i0", "i1"], TABLE),
			call("tinit", ["i0", "i0", "i-1"], TABLE),
			call("tinit", ["i7", "i0", "i3"], ""),
			call("tnull", ["i9"], "0"),
			call("tcopy", ["i8", "i7", "i3"], TABLE),
			call("tcopy", ["i0", "i8", "i3"], TABLE),
			call("tnull", ["i0"], "1"),
			call("tcopy", ["i-1", "i0", "i2"], TABLE),
			call("tfill", ["i9", "i2"], TABLE),
			call("tnull", ["i9"], "0"),
			call("tfill", ["i0", "i-1"], TABLE),
			call("tfill", ["i10", "i0"], ""),
			call("tfill", ["i11", "i0"], TABLE),
			call("edrop", [], ""),
			call("tinit", ["i0", "i0", "i1"], TABLE),
		],
	};
}

/* ---------- tables ---------- */

function tables(): SecurityCase {
	return {
		name: "call_indirect: out of bounds, null, wrong signature; after set, grow, copy and fill",
		modules: [
			makeModule(
				[
					{ type: ":i32", code: c32(11), export: "eleven" },
					{ type: ":i64", code: c64(12), export: "twelve" },
					{ type: "i32:i32", code: [get(0), op("call_indirect", 0, 0)], export: "call" },
					{ type: "i32:i32", code: [get(0), op("return_call_indirect", 0, 0)], export: "tail" },
					{ type: "i32:i64", code: [get(0), op("call_indirect", 1, 0)], export: "call64" },
					{ type: "i32:i32", code: [op("ref.func", 0), get(0), op("table.grow", 0)], export: "grow" },
					{ type: "i32:", code: [get(0), op("ref.null", 0x70), op("table.set", 0)], export: "clear" },
					{ type: "i32:i32", code: [get(0), op("call_indirect", 0, 1)], export: "other" },
				],
				{
					types: [
						{ params: [], results: ["i32"] },
						{ params: [], results: ["i64"] },
					],
					tables: [
						{ type: "funcref", minimum: 4, maximum: 8 },
						{ type: "funcref", minimum: 0 },
					],
					elements: [{ mode: "active", type: "funcref", functions: [0, 1] }],
					exports: [{ name: "t", kind: "table", index: 0 }],
				},
			),
		],
		calls: [
			call("call", ["i0"], "11"),
			call("call", ["i1"], "!indirect call type mismatch"),
			call("call", ["i2"], "!uninitialized element"),
			call("call", ["i4"], "!undefined element"),
			call("call", ["i-1"], "!undefined element"),
			call("call", [`i${0x80000000 | 0}`], "!undefined element"),
			call("call", [`i${0x20000000}`], "!undefined element"),
			call("call", [`i${0x40000000}`], "!undefined element"),
			call("tail", ["i0"], "11"),
			call("tail", ["i1"], "!indirect call type mismatch"),
			call("tail", ["i2"], "!uninitialized element"),
			call("tail", ["i4"], "!undefined element"),
			call("call64", ["i1"], "12n"),
			call("call64", ["i0"], "!indirect call type mismatch"),
			call("other", ["i0"], "!undefined element"),
			call("grow", ["i2"], "4"),
			call("call", ["i5"], "11"),
			call("call", ["i6"], "!undefined element"),
			call("grow", ["i3"], "-1"),
			call("grow", ["i-1"], "-1"),
			call("call", ["i6"], "!undefined element"),
			{ invoke: "@set t 3 twelve", expect: "" },
			call("call", ["i3"], "!indirect call type mismatch"),
			call("call64", ["i3"], "12n"),
			call("clear", ["i3"], ""),
			call("call64", ["i3"], "!uninitialized element"),
			call("clear", ["i6"], TABLE),
			call("clear", ["i-1"], TABLE),
		],
	};
}

/* ---------- stack ---------- */

function recursion(): SecurityCase[] {
	const many: ValueType[] = Array.from({ length: 1500 }, () => "i64");
	const again = (n: number, name: string): Call[] => [
		call(name, ["i1"], EXHAUSTED),
		call("fine", [`i${n}`], String(n + 1)),
	];
	const fine = { type: "i32:i32", code: [get(0), c32(1), op("i32.add")], export: "fine" };
	const plain = makeModule(
		[
			{ type: "i32:i32", code: [get(0), op("call", 0), c32(1), op("i32.add")], export: "self" },
			{ type: "i32:i32", code: [get(0), op("call", 2), c32(1), op("i32.add")], export: "mutual" },
			{ type: "i32:i32", code: [get(0), op("call", 1), c32(2), op("i32.add")] },
			{
				type: "i32:i32",
				code: [get(0), c32(0), op("call_indirect", 0, 0), c32(2), op("i32.add")],
				export: "indirect",
			},
			{
				type: "i32:i32",
				locals: many,
				code: [get(0), op("call", 4), get(1400), op("i32.wrap_i64"), op("i32.add")],
				export: "huge",
			},
			{ type: "i32:i64,i64,i64", code: [get(0), op("call", 5)], export: "results" },
			fine,
			/* Tail calls need no stack. */
			{
				type: "i32,i32:i32",
				code: [
					get(0),
					op("i32.eqz"),
					op("if", [0x40]),
					get(1),
					op("return"),
					END,
					get(0),
					c32(1),
					op("i32.sub"),
					get(1),
					c32(3),
					op("i32.add"),
					op("return_call", 7),
				],
				export: "tail",
			},
			/* Deep, but not too deep. */
			{
				type: "i32:i32",
				code: [
					get(0),
					op("i32.eqz"),
					op("if", [0x7f]),
					c32(0),
					op("else"),
					get(0),
					c32(1),
					op("i32.sub"),
					op("call", 8),
					c32(1),
					op("i32.add"),
					END,
				],
				export: "deep",
			},
		],
		{
			types: [{ params: ["i32"], results: ["i32"] }],
			tables: [{ type: "funcref", minimum: 1 }],
			elements: [{ mode: "active", type: "funcref", functions: [3] }],
		},
	);
	const through = makeModule(
		[{ type: "i32:i32", code: [get(0), op("call", 0), c32(1), op("i32.add")], export: "again" }, fine],
		{
			types: [{ params: ["i32"], results: ["i32"] }],
			imports: [{ module: "h", name: "again", kind: "func", type: 0 }],
		},
	);
	return [
		{
			name: "endless recursion: direct, mutual, indirect, with huge frames and many results",
			modules: [plain],
			calls: [
				...again(1, "self"),
				...again(2, "mutual"),
				...again(3, "indirect"),
				...again(4, "huge"),
				...again(5, "results"),
				...again(6, "self"),
				call("tail", ["i1000000", "i0"], "3000000"),
				call("deep", ["i200"], "200"),
				...again(7, "self"),
				call("deep", ["i200"], "200"),
			],
		},
		{
			name: "endless recursion through JavaScript ends, and the host survives",
			modules: [through],
			calls: [
				call("again", ["i1"], "*"),
				call("fine", ["i1"], "2"),
				call("again", ["i1"], "*"),
				call("fine", ["i1"], "2"),
			],
		},
	];
}

function hostCalls(): SecurityCase {
	return {
		name: "traps and throws below a host function leave the outer call as it was",
		modules: [
			makeModule(
				[
					{ type: "i32:", code: [get(0), op("if", [0x40]), op("unreachable"), END], export: "inner" },
					{
						type: "i32:i32",
						locals: ["i32", "i64"],
						code: [
							c32(1000),
							set(1),
							c64(1n << 40n),
							set(2),
							c32(5),
							get(0),
							op("call", 0),
							get(1),
							op("i32.add"),
							op("i32.add"),
							get(2),
							c64(40),
							op("i64.shr_u"),
							op("i32.wrap_i64"),
							op("i32.add"),
						],
						export: "outer",
					},
					{ type: "i32:i32", code: [op("call", 1), get(0)], export: "throws" },
					{
						type: "i32:i32",
						code: [get(0), c32(200), op("call", 2), get(0), op("i32.load8_u", 0)],
						export: "poke",
					},
					{ type: ":i32", code: op("call", 3), export: "odd" },
				],
				{
					types: [
						{ params: ["i32"], results: ["i32"] },
						{ params: [], results: [] },
						{ params: ["i32", "i32"], results: [] },
						{ params: [], results: ["i32"] },
					],
					imports: [
						{ module: "h", name: "caught", kind: "func", type: 0 },
						{ module: "h", name: "throws", kind: "func", type: 1 },
						{ module: "h", name: "poke", kind: "func", type: 2 },
						{ module: "h", name: "odd", kind: "func", type: 3 },
					],
					memories: [{ minimum: 1 }],
					exports: [{ name: "memory", kind: "memory", index: 0 }],
				},
			),
		],
		calls: [
			call("outer", ["i1"], "1007"),
			call("outer", ["i0"], "1006"),
			call("throws", ["i1"], "!Error: host"),
			call("outer", ["i1"], "1007"),
			call("poke", ["i65535"], "200"),
			call("poke", ["i65536"], MEMORY),
			call("odd", [], "7"),
		],
	};
}

/* ---------- jumps ---------- */

function jumps(): SecurityCase[] {
	const cases: SecurityCase[] = [];
	for (const count of [1, 2, 7, 250, 256, 257, 1000]) {
		/* Every target gives a value of its own. */
		const build = (k: number): Bytes =>
			k === 0
				? [get(0), op("br_table", [u(count), Array.from({ length: count + 1 }, (_, i) => u(i))])]
				: [op("block", [0x40]), build(k - 1), END, c32(1000 + k - 1), op("return")];
		const depth = count <= 300 ? count + 1 : 0;
		if (depth) {
			cases.push({
				name: `br_table with ${count} targets goes to each of them`,
				modules: [makeModule([{ type: "i32:i32", code: [build(depth), c32(-5)], export: "f" }])],
				calls: [
					...Array.from({ length: count + 1 }, (_, i) => call("f", [`i${i}`], String(1000 + i))),
					call("f", ["i-1"], String(1000 + count)),
					call("f", [`i${count + 5}`], String(1000 + count)),
					call("f", [`i${0x80000000 | 0}`], String(1000 + count)),
				],
			});
		} else {
			cases.push({
				name: `br_table with ${count} targets`,
				modules: [
					makeModule([
						{
							type: "i32:i32",
							code: [
								op("block", [0x40]),
								op("block", [0x40]),
								get(0),
								op("br_table", [u(count), Array.from({ length: count + 1 }, (_, i) => u(i % 2))]),
								END,
								c32(1),
								op("return"),
								END,
								c32(2),
							],
							export: "f",
						},
					]),
				],
				calls: [0, 1, 2, 500, count - 1, count, count + 1, -1].map((i) =>
					call("f", [`i${i}`], String((i >= 0 && i < count ? i : count) % 2 === 0 ? 1 : 2)),
				),
			});
		}
	}
	/* Distances of branches and literals around every limit of every encoding: n instructions between. */
	const lengths = [
		...Array.from({ length: 80 }, (_, i) => i),
		100,
		120,
		126,
		127,
		128,
		129,
		170,
		250,
		254,
		255,
		256,
		257,
		340,
		500,
		510,
		511,
		512,
		513,
		680,
		1000,
		1020,
		1022,
		1023,
		1024,
		1025,
		1360,
		2040,
		2046,
		2047,
		2048,
		2049,
		2730,
		4090,
		4095,
		4096,
		4100,
		8200,
	];
	const functions: Parameters<typeof makeModule>[0] = [];
	const calls: Call[] = [];
	for (const n of lengths) {
		const steps = Array.from({ length: n }, () => [get(1), c32(3), op("i32.add"), set(1)]);
		functions.push({
			type: "i32:i32",
			locals: ["i32"],
			code: [
				get(0),
				op("if", [0x40]),
				steps,
				op("else"),
				steps,
				get(1),
				c32(1),
				op("i32.add"),
				set(1),
				END,
				get(1),
			],
			export: `if ${n}`,
		});
		calls.push(call(`if ${n}`, ["i1"], String(3 * n)), call(`if ${n}`, ["i0"], String(3 * n + 1)));
		functions.push({
			type: "i32:i32",
			locals: ["i32"],
			code: [
				op("loop", [0x40]),
				steps,
				get(0),
				c32(1),
				op("i32.sub"),
				op("local.tee", 0),
				op("br_if", 0),
				END,
				get(1),
			],
			export: `loop ${n}`,
		});
		calls.push(call(`loop ${n}`, ["i3"], String(9 * n)));
	}
	cases.push({ name: "branches over every distance", modules: [makeModule(functions)], calls });
	/* Literals of all sizes, many: pools must be reached. */
	const literals: Parameters<typeof makeModule>[0] = [];
	const expected: Call[] = [];
	for (const n of [1, 10, 100, 253, 254, 255, 256, 257, 510, 512, 1020, 1025, 2100]) {
		let sum = 0;
		let sum64 = 0n;
		let sumF = 0;
		const ints: Bytes = [];
		const longs: Bytes = [];
		const floats: Bytes = [];
		for (let i = 0; i < n; i++) {
			const value = Math.imul(i + 1, 0x9e3779b1) | 0;
			const long = BigInt.asIntN(64, BigInt(value) * 0x123456789abn);
			const float = (value >> 8) / 4;
			sum = (sum + value) | 0;
			sum64 = BigInt.asIntN(64, sum64 + long);
			sumF += float;
			ints.push(c32(value), op("i32.add"));
			longs.push(c64(long), op("i64.add"));
			floats.push(op("f64.const", float), op("f64.add"));
		}
		literals.push(
			{ type: ":i32", code: [c32(0), ints], export: `i32 ${n}` },
			{ type: ":i64", code: [c64(0), longs], export: `i64 ${n}` },
			{ type: ":f64", code: [op("f64.const", 0), floats], export: `f64 ${n}` },
		);
		expected.push(
			call(`i32 ${n}`, [], String(sum)),
			call(`i64 ${n}`, [], `${sum64}n`),
			call(`f64 ${n}`, [], String(sumF)),
		);
	}
	cases.push({ name: "many literals", modules: [makeModule(literals)], calls: expected });
	return cases;
}

/* ---------- arithmetic ---------- */

function divisions(): SecurityCase {
	const functions: Parameters<typeof makeModule>[0] = [];
	const calls: Call[] = [];
	const divisors = [
		1n,
		2n,
		3n,
		5n,
		6n,
		7n,
		9n,
		10n,
		11n,
		12n,
		25n,
		100n,
		125n,
		127n,
		128n,
		255n,
		256n,
		625n,
		641n,
		1000n,
		65535n,
		65536n,
		1000000n,
		0x7ffffffen,
		0x7fffffffn,
		0x80000000n,
		0x80000001n,
		0xfffffffen,
		0xffffffffn,
		-2n,
		-3n,
		-5n,
		-7n,
		-10n,
		-128n,
		-1000n,
		0x100000000n,
		0x7fffffffffffffffn,
		0x8000000000000000n,
		0xfffffffffffffffen,
		0x123456789abcdefn,
	];
	const dividends = [
		0n,
		1n,
		-1n,
		2n,
		7n,
		-7n,
		9n,
		99n,
		100n,
		-100n,
		127n,
		1000n,
		65535n,
		0x7fffffffn,
		0x80000000n,
		0xffffffffn,
		0xfffffffen,
		0x55555555n,
		0xaaaaaaabn,
		-0x7fffffffn,
		0x7fffffffffffffffn,
		-0x8000000000000000n,
		-0x7fffffffffffffffn,
		0x123456789abcdef0n,
		0xfedcba9876543210n,
	];
	for (const bits of [32, 64]) {
		const type = `i${bits}`;
		for (const name of ["div_s", "div_u", "rem_s", "rem_u"]) {
			for (const wide of divisors) {
				const signed = name.endsWith("s");
				const view = (value: bigint): bigint =>
					signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
				const divisor = view(wide);
				if (
					divisor === 0n ||
					(bits === 32 && wide !== BigInt.asIntN(32, wide) && wide !== BigInt.asUintN(32, wide))
				)
					continue;
				const id = `${type}.${name} ${wide}`;
				functions.push({
					type: `${type}:${type}`,
					code: [get(0), op(`${type}.const`, BigInt.asIntN(bits, wide)), op(`${type}.${name}`)],
					export: id,
				});
				for (const value of dividends) {
					const dividend = view(value);
					const overflow = name === "div_s" && divisor === -1n && dividend === -(1n << BigInt(bits - 1));
					const result = BigInt.asIntN(
						bits,
						name.startsWith("div") ? dividend / divisor : dividend % divisor,
					);
					calls.push(
						call(
							id,
							[`${bits === 32 ? "i" : "I"}${BigInt.asIntN(bits, value)}`],
							overflow ? "!integer overflow" : bits === 32 ? String(result) : `${result}n`,
						),
					);
				}
			}
			functions.push({
				type: `${type}:${type}`,
				code: [get(0), op(`${type}.const`, 0), op(`${type}.${name}`)],
				export: `${type}.${name} zero`,
			});
			calls.push(call(`${type}.${name} zero`, [bits === 32 ? "i5" : "I5"], "!integer divide by zero"));
		}
	}
	return { name: "division and remainder by constants", modules: [makeModule(functions)], calls };
}

/* ---------- modules that lie ---------- */

function lies(): SecurityCase[] {
	const cases: SecurityCase[] = [];
	const invalid = (name: string, bytes: Bytes): void =>
		void cases.push({ name, modules: [raw([PREAMBLE, bytes])], verdict: "invalid" });
	const limit = (name: string, module: Uint8Array, calls?: Call[]): void =>
		void cases.push({ name, modules: [module], verdict: "limit", calls });
	const typeSection = section(1, vector([[0x60, 0, 0]]));
	const functionSection = section(3, vector([u(0)]));
	const body = (bytes: Bytes): Bytes => {
		const flat = flatten(bytes);
		return section(10, vector([[u(flat.length), flat]]));
	};
	for (const id of [1, 2, 3, 4, 5, 6, 7, 9, 10, 11]) {
		for (const count of [0xffffffff, 0x7fffffff, 0x10000000, 1000000])
			invalid(`section ${id} says it has ${count} entries`, [
				id === 1 ? [] : typeSection,
				section(id, [u(count)]),
			]);
		invalid(`section ${id} is longer than the module`, [id === 1 ? [] : typeSection, id, u(0xffffffff), [0]]);
		invalid(`section ${id} is one byte short`, [id === 1 ? [] : typeSection, id, u(1), [1]]);
	}
	invalid("a name of 4 GB", section(7, [u(1), u(0xffffffff), 0x61]));
	invalid("a custom section whose name is longer than itself", section(0, [u(5), 0x61]));
	invalid("a type with 2^32 - 1 parameters", section(1, [u(1), 0x60, u(0xffffffff), 0x7f]));
	invalid("2^32 - 1 locals", [typeSection, functionSection, body([u(1), u(0xffffffff), 0x7f, 0x0b])]);
	invalid("2^32 locals in two runs", [
		typeSection,
		functionSection,
		body([u(2), u(0xffffffff), 0x7f, u(1), 0x7f, 0x0b]),
	]);
	invalid("2^32 - 1 runs of locals", [typeSection, functionSection, body([u(0xffffffff), 0x0b])]);
	invalid("br_table with 2^32 - 1 targets", [
		typeSection,
		functionSection,
		body([0, 0x41, 0, 0x0e, u(0xffffffff), 0x0b]),
	]);
	invalid("br_table with more targets than the body has bytes", [
		typeSection,
		functionSection,
		body([0, 0x41, 0, 0x0e, u(1000), 0, 0, 0x0b]),
	]);
	invalid("a body that says it is longer than its section", [
		typeSection,
		functionSection,
		section(10, [u(1), u(100), 0, 0x0b]),
	]);
	invalid("a body that ends before its size", [
		typeSection,
		functionSection,
		section(10, vector([[u(4), 0, 0x0b, 0x01, 0x0b]])),
	]);
	invalid("a body without an end", [typeSection, functionSection, body([0, 0x01])]);
	invalid("a code section without a function section", [typeSection, body([0, 0x0b])]);
	invalid("a function section without a code section", [typeSection, functionSection]);
	invalid("sections out of order", [functionSection, typeSection, body([0, 0x0b])]);
	invalid("a section twice", [typeSection, typeSection]);
	invalid("an unknown section", [14, u(1), 0]);
	invalid("data segment longer than its section", [
		section(5, vector([[0, 1]])),
		section(11, [u(1), 0, 0x41, 0, 0x0b, u(0xfffffff0), 1]),
	]);
	invalid("element segment longer than its section", [
		section(4, vector([[0x70, 0, 1]])),
		section(9, [u(1), 0, 0x41, 0, 0x0b, u(0xfffffff0), 0]),
	]);
	invalid("element of a function that is not there", [
		section(4, vector([[0x70, 0, 1]])),
		section(9, vector([[0, 0x41, 0, 0x0b, u(1), u(0)]])),
	]);
	invalid("memory with its minimum above 65536 pages", section(5, vector([[0, u(65537)]])));
	invalid("memory with its maximum below its minimum", section(5, vector([[1, u(2), u(1)]])));
	invalid("export of a function that is not there", section(7, vector([[text("f"), 0, u(0)]])));
	invalid("start function that is not there", section(8, u(0)));
	/* LEB128. */
	const constant = (leb: Bytes): Bytes => [typeSection, functionSection, body([0, 0x41, leb, 0x1a, 0x0b])];
	const constant64 = (leb: Bytes): Bytes => [typeSection, functionSection, body([0, 0x42, leb, 0x1a, 0x0b])];
	invalid("LEB128 of six bytes", constant(s(1, 6)));
	invalid("LEB128 of five bytes with bits left over", constant([0x80, 0x80, 0x80, 0x80, 0x10]));
	invalid("LEB128 of five bytes with a wrong sign", constant([0xff, 0xff, 0xff, 0xff, 0x0f]));
	invalid("LEB128 of eleven bytes", constant64(s(1, 11)));
	invalid(
		"LEB128 of ten bytes with bits left over",
		constant64([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02]),
	);
	invalid("LEB128 cut off", [typeSection, functionSection, body([0, 0x41, 0x80])]);
	invalid("unsigned LEB128 of six bytes", [1, u(4, 6), u(1), 0x60, 0, 0]);
	invalid("unsigned LEB128 with a fifth byte too large", [1, [0x84, 0x80, 0x80, 0x80, 0x10], u(1), 0x60, 0, 0]);
	cases.push({
		name: "longer LEB128 that is allowed",
		modules: [
			makeModule([
				{ type: ":i32", code: [0x41, s(-5, 5)], export: "f" },
				{ type: ":i64", code: [0x42, s(-5, 10)], export: "g" },
			]),
		],
		calls: [call("f", [], "-5"), call("g", [], "-5n")],
	});
	/* Large, but valid: either it works, or the board says that it is too large. */
	const nested = (depth: number): Uint8Array =>
		makeModule([
			{
				type: "i32:i32",
				code: [
					Array.from({ length: depth }, () => op("block", blockType())),
					get(0),
					op("br_if", Math.min(depth - 1, 5)),
					Array.from({ length: depth }, () => END),
					c32(9),
				],
				export: "f",
			},
		]);
	for (const depth of [100, 999, 1000, 1001, 5000, 60000])
		limit(`${depth} nested blocks`, nested(depth), [call("f", ["i1"], "9")]);
	for (const depth of [900, 5000])
		limit(
			`${depth} nested ifs`,
			makeModule([
				{
					type: "i32:i32",
					code: [
						Array.from({ length: depth }, () => [get(0), op("if", [0x40])]),
						Array.from({ length: depth }, () => END),
						c32(9),
					],
					export: "f",
				},
			]),
			[call("f", ["i1"], "9"), call("f", ["i0"], "9")],
		);
	for (const depth of [900, 6000])
		limit(
			`${depth} nested loops`,
			makeModule([
				{
					type: "i32:i32",
					code: [
						Array.from({ length: depth }, () => op("loop", [0x40])),
						Array.from({ length: depth }, () => END),
						c32(9),
					],
					export: "f",
				},
			]),
			[call("f", ["i1"], "9")],
		);
	for (const count of [100, 1000, 4900, 50000])
		limit(
			`${count} locals`,
			makeModule([
				{
					type: ":i32",
					locals: [u(1), u(count), 0x7e],
					code: [get(count - 1), op("i32.wrap_i64")],
					export: "f",
				},
			]),
			[call("f", [], "0")],
		);
	for (const count of [100, 255, 1000])
		limit(
			`${count} parameters`,
			makeModule([
				{ type: `${Array.from({ length: count }, () => "i32").join()}:i32`, code: get(count - 1) },
				{ type: ":i32", code: [Array.from({ length: count }, (_, i) => c32(i)), op("call", 0)], export: "f" },
			]),
			[call("f", [], String(count - 1))],
		);
	for (const count of [100, 255, 1000])
		limit(
			`${count} results`,
			makeModule([
				{
					type: `:${Array.from({ length: count }, () => "i32").join()}`,
					code: Array.from({ length: count }, (_, i) => c32(i)),
				},
				{
					type: ":i32",
					code: [op("call", 0), Array.from({ length: count - 1 }, () => op("i32.add"))],
					export: "f",
				},
			]),
			[call("f", [], String((count * (count - 1)) / 2))],
		);
	for (const count of [500, 4900, 20000])
		limit(
			`${count} operands on the stack`,
			makeModule([
				{
					type: "i32:i32",
					code: [
						Array.from({ length: count }, () => get(0)),
						Array.from({ length: count - 1 }, () => op("i32.add")),
					],
					export: "f",
				},
			]),
			[call("f", ["i1"], String(count))],
		);
	limit(
		"10000 functions",
		makeModule([
			...Array.from({ length: 10000 }, () => ({ type: ":", code: [] })),
			{ type: ":i32", code: [op("call", 0), op("call", 9999), c32(1)], export: "f" },
		]),
		[call("f", [], "1")],
	);
	limit(
		"a memory of 65536 pages",
		makeModule([{ type: ":i32", code: [op("memory.size", [0])], export: "f" }], {
			memories: [{ minimum: 0, maximum: 65536 }],
		}),
		[call("f", [], "0")],
	);
	limit(
		"a table of 2^32 - 1 elements at most",
		makeModule([{ type: ":i32", code: [op("table.size", 0)], export: "f" }], {
			tables: [{ type: "funcref", minimum: 1, maximum: 0xffffffff }],
		}),
		[call("f", [], "1")],
	);
	limit(
		"100000 exports",
		encodeModule({
			types: [{ params: [], results: [] }],
			functions: [{ type: 0, code: [] }],
			exports: Array.from({ length: 100000 }, (_, i) => ({ name: `f${i}`, kind: "func", index: 0 })),
		}),
	);
	return cases;
}

function segments(): SecurityCase[] {
	return [
		{
			name: "a data segment one past the end is a trap",
			modules: [
				makeModule([], {
					memories: [{ minimum: 1 }],
					data: [{ mode: "active", offset: c32(65533), bytes: [1, 2, 3, 4] }],
				}),
			],
			verdict: MEMORY,
		},
		{
			name: "a data segment at -1 is a trap",
			modules: [
				makeModule([], {
					memories: [{ minimum: 1 }],
					data: [{ mode: "active", offset: c32(-1), bytes: [1, 2] }],
				}),
			],
			verdict: MEMORY,
		},
		{
			name: "an element segment one past the end is a trap",
			modules: [
				makeModule([{ type: ":", code: [] }], {
					tables: [{ type: "funcref", minimum: 2 }],
					elements: [{ mode: "active", type: "funcref", offset: c32(1), functions: [0, 0] }],
				}),
			],
			verdict: TABLE,
		},
		{
			name: "a start function that traps",
			modules: [makeModule([{ type: ":", code: op("unreachable") }], { start: 0 })],
			verdict: "!unreachable",
		},
		{
			name: "a start function that recurses without end",
			modules: [makeModule([{ type: ":", code: op("call", 0) }], { start: 0 })],
			verdict: EXHAUSTED,
		},
	];
}

export function securityCases(): SecurityCase[] {
	return [0, 1, 2]
		.map(edges)
		.concat([
			wrapping(),
			noPages(),
			growth(),
			sharedMemory(),
			bulk(),
			tables(),
			...recursion(),
			hostCalls(),
			...jumps(),
			divisions(),
			...lies(),
			...segments(),
		]);
}
