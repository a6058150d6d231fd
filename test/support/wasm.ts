/*
 * An encoder of WebAssembly modules for tests: opcode numbers by name, LEB128 of any (also overlong) length, sections,
 * modules.
 * It is written apart from src/aot on purpose, so that the two can disagree.
 */

export type ValueType = "i32" | "i64" | "f32" | "f64" | "funcref" | "externref";

export const VALUE_TYPES: Record<ValueType, number> = {
	i32: 0x7f,
	i64: 0x7e,
	f32: 0x7d,
	f64: 0x7c,
	funcref: 0x70,
	externref: 0x6f,
};

export interface FunctionType {
	params: ValueType[];
	results: ValueType[];
}

const NUMERIC = `
i32.eqz i32.eq i32.ne i32.lt_s i32.lt_u i32.gt_s i32.gt_u i32.le_s i32.le_u i32.ge_s i32.ge_u
i64.eqz i64.eq i64.ne i64.lt_s i64.lt_u i64.gt_s i64.gt_u i64.le_s i64.le_u i64.ge_s i64.ge_u
f32.eq f32.ne f32.lt f32.gt f32.le f32.ge f64.eq f64.ne f64.lt f64.gt f64.le f64.ge
i32.clz i32.ctz i32.popcnt i32.add i32.sub i32.mul i32.div_s i32.div_u i32.rem_s i32.rem_u i32.and i32.or i32.xor i32.shl i32.shr_s i32.shr_u i32.rotl i32.rotr
i64.clz i64.ctz i64.popcnt i64.add i64.sub i64.mul i64.div_s i64.div_u i64.rem_s i64.rem_u i64.and i64.or i64.xor i64.shl i64.shr_s i64.shr_u i64.rotl i64.rotr
f32.abs f32.neg f32.ceil f32.floor f32.trunc f32.nearest f32.sqrt f32.add f32.sub f32.mul f32.div f32.min f32.max f32.copysign
f64.abs f64.neg f64.ceil f64.floor f64.trunc f64.nearest f64.sqrt f64.add f64.sub f64.mul f64.div f64.min f64.max f64.copysign
i32.wrap_i64 i32.trunc_f32_s i32.trunc_f32_u i32.trunc_f64_s i32.trunc_f64_u i64.extend_i32_s i64.extend_i32_u i64.trunc_f32_s i64.trunc_f32_u i64.trunc_f64_s i64.trunc_f64_u
f32.convert_i32_s f32.convert_i32_u f32.convert_i64_s f32.convert_i64_u f32.demote_f64 f64.convert_i32_s f64.convert_i32_u f64.convert_i64_s f64.convert_i64_u f64.promote_f32
i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64 i32.extend8_s i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s`
	.trim()
	.split(/\s+/);

const MEMORY =
	`i32.load i64.load f32.load f64.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u i64.load8_s i64.load8_u i64.load16_s i64.load16_u i64.load32_s i64.load32_u
i32.store i64.store f32.store f64.store i32.store8 i32.store16 i64.store8 i64.store16 i64.store32`.split(/\s+/);

const PREFIXED =
	`i32.trunc_sat_f32_s i32.trunc_sat_f32_u i32.trunc_sat_f64_s i32.trunc_sat_f64_u i64.trunc_sat_f32_s i64.trunc_sat_f32_u i64.trunc_sat_f64_s i64.trunc_sat_f64_u
memory.init data.drop memory.copy memory.fill table.init elem.drop table.copy table.grow table.size table.fill`.split(
		/\s+/,
	);

const OTHER: Record<string, number> = {
	unreachable: 0x00,
	nop: 0x01,
	block: 0x02,
	loop: 0x03,
	if: 0x04,
	else: 0x05,
	end: 0x0b,
	br: 0x0c,
	br_if: 0x0d,
	br_table: 0x0e,
	return: 0x0f,
	call: 0x10,
	call_indirect: 0x11,
	return_call: 0x12,
	return_call_indirect: 0x13,
	drop: 0x1a,
	select: 0x1b,
	select_t: 0x1c,
	"local.get": 0x20,
	"local.set": 0x21,
	"local.tee": 0x22,
	"global.get": 0x23,
	"global.set": 0x24,
	"table.get": 0x25,
	"table.set": 0x26,
	"memory.size": 0x3f,
	"memory.grow": 0x40,
	"i32.const": 0x41,
	"i64.const": 0x42,
	"f32.const": 0x43,
	"f64.const": 0x44,
	"ref.null": 0xd0,
	"ref.is_null": 0xd1,
	"ref.func": 0xd2,
};

/** The bytes of every instruction's opcode. */
export const OPCODES: ReadonlyMap<string, readonly number[]> = new Map<string, readonly number[]>([
	...Object.entries(OTHER).map(([name, code]) => [name, [code]] as const),
	...NUMERIC.map((name, index) => [name, [0x45 + index]] as const),
	...MEMORY.map((name, index) => [name, [0x28 + index]] as const),
	...PREFIXED.map((name, index) => [name, [0xfc, index]] as const),
]);

export const LOADS = MEMORY.filter((name) => name.includes("load"));
export const STORES = MEMORY.filter((name) => name.includes("store"));
/** Numeric instructions without immediates, with their signature. */
export const NUMERIC_TYPES: ReadonlyMap<string, { params: ValueType[]; result: ValueType }> = new Map(
	[...NUMERIC, ...PREFIXED.filter((name) => name.includes("trunc_sat"))].map((name) => {
		const [type, operation] = name.split(".") as [ValueType, string];
		const from = /_(?:sat_)?([if](?:32|64))(?:_[su])?$/.exec(operation);
		if (from) return [name, { params: [from[1] as ValueType], result: type }];
		if (operation === "eqz") return [name, { params: [type], result: "i32" }];
		if (/^(eq|ne|lt|gt|le|ge)(_[su])?$/.test(operation)) return [name, { params: [type, type], result: "i32" }];
		const unary = /^(clz|ctz|popcnt|abs|neg|ceil|floor|trunc|nearest|sqrt|extend\d+_s)$/.test(operation);
		return [name, { params: unary ? [type] : [type, type], result: type }];
	}),
);

/** How many bytes a load or store touches. */
export function accessSize(name: string): number {
	const narrow = /(?:load|store)(8|16|32)/.exec(name);
	return (narrow ? Number(narrow[1]) : Number(name.slice(1, 3))) / 8;
}

export type Bytes = (number | Bytes)[];

export function flatten(bytes: Bytes, into: number[] = []): number[] {
	for (const item of bytes) {
		if (typeof item === "number") into.push(item & 0xff);
		else flatten(item, into);
	}
	return into;
}

/** Unsigned LEB128, of `length` bytes if that is more than needed. */
export function u(value: number | bigint, length = 0): number[] {
	let rest = BigInt(value);
	if (rest < 0n) throw new RangeError(`negative: ${value}`);
	const bytes: number[] = [];
	do {
		bytes.push(Number(rest & 0x7fn));
		rest >>= 7n;
	} while (rest !== 0n || bytes.length < length);
	for (let i = 0; i < bytes.length - 1; i++) bytes[i]! |= 0x80;
	return bytes;
}

/** Signed LEB128, of `length` bytes if that is more than needed. */
export function s(value: number | bigint, length = 0): number[] {
	let rest = BigInt(value);
	const bytes: number[] = [];
	for (;;) {
		const low = Number(rest & 0x7fn);
		rest >>= 7n;
		bytes.push(low);
		if (bytes.length >= length && (rest === 0n ? low < 0x40 : rest === -1n && low >= 0x40)) break;
	}
	for (let i = 0; i < bytes.length - 1; i++) bytes[i]! |= 0x80;
	return bytes;
}

export function text(string: string): number[] {
	// UTF-8, also on engines without TextEncoder
	const bytes = [...encodeURIComponent(string).matchAll(/%([0-9A-F]{2})|./g)].map((match) =>
		match[1] ? parseInt(match[1], 16) : match[0].charCodeAt(0),
	);
	return [...u(bytes.length), ...bytes];
}

const scratch = new DataView(new ArrayBuffer(8));

export function f32Bits(value: number): number {
	scratch.setFloat32(0, value, true);
	return scratch.getUint32(0, true);
}

export function f64Bits(value: number): bigint {
	scratch.setFloat64(0, value, true);
	return scratch.getBigUint64(0, true);
}

export function bits32(bits: number): number[] {
	return [bits & 0xff, (bits >>> 8) & 0xff, (bits >>> 16) & 0xff, bits >>> 24];
}

export function bits64(bits: bigint): number[] {
	const value = BigInt.asUintN(64, bits);
	return [...bits32(Number(value & 0xffffffffn)), ...bits32(Number(value >> 32n))];
}

/**
 * An instruction: its name and immediates. Numbers are LEB128, signed for i32.const and i64.const; the float constants
 * take a number, or bits as `{ bits }`; a load or store takes offset, then log2 of the alignment (0 if not given).
 */
export function op(name: string, ...immediates: (number | bigint | Bytes | { bits: number | bigint })[]): Bytes {
	const code = OPCODES.get(name);
	if (!code) throw new Error(`no such instruction: ${name}`);
	if (name.includes("load") || name.includes("store")) {
		const [offset = 0, align = 0] = immediates as (number | Bytes)[];
		return [...code, typeof align === "number" ? u(align) : align, typeof offset === "number" ? u(offset) : offset];
	}
	const bytes: Bytes = [...code];
	for (const value of immediates) {
		if (Array.isArray(value)) bytes.push(value);
		else if (name === "f32.const")
			bytes.push(bits32(typeof value === "object" ? Number(value.bits) : f32Bits(Number(value))));
		else if (name === "f64.const")
			bytes.push(bits64(typeof value === "object" ? BigInt(value.bits) : f64Bits(Number(value))));
		else if (name === "i32.const") bytes.push(s(Number(value) | 0));
		else if (name === "i64.const") bytes.push(s(BigInt.asIntN(64, BigInt(value as number | bigint))));
		else bytes.push(u(value as number | bigint));
	}
	return bytes;
}

/** Immediate of a block: no result, one result, or a type index. */
export function blockType(type?: ValueType | number): Bytes {
	return type === undefined ? [0x40] : typeof type === "number" ? s(type) : [VALUE_TYPES[type]];
}

export function vector(items: Bytes[]): Bytes {
	return [u(items.length), ...items];
}

export function section(id: number, content: Bytes): Bytes {
	const bytes = flatten(content);
	return [id, u(bytes.length), bytes];
}

export function functionType(type: FunctionType): Bytes {
	return [0x60, vector(type.params.map((t) => [VALUE_TYPES[t]])), vector(type.results.map((t) => [VALUE_TYPES[t]]))];
}

export function limits(minimum: number, maximum?: number): Bytes {
	return maximum === undefined ? [0, u(minimum)] : [1, u(minimum), u(maximum)];
}

export interface FunctionBody {
	type: number;
	locals?: ValueType[] | Bytes; /* types in order, or the encoded vector */
	code: Bytes; /* without the closing end */
	export?: string;
}

export type ImportKind =
	| { kind: "func"; type: number }
	| { kind: "table"; type: ValueType; minimum: number; maximum?: number }
	| { kind: "memory"; minimum: number; maximum?: number }
	| { kind: "global"; type: ValueType; mutable: boolean };

export interface Segment {
	mode: "active" | "passive" | "declarative";
	index?: number; /* of table or memory */
	offset?: Bytes; /* constant expression without end */
}

export interface ModuleParts {
	types?: FunctionType[];
	imports?: (ImportKind & { module: string; name: string })[];
	functions?: FunctionBody[];
	tables?: { type: ValueType; minimum: number; maximum?: number }[];
	/** `bytes`: pages of one byte */
	memories?: { minimum: number; maximum?: number; bytes?: boolean }[];
	globals?: { type: ValueType; mutable: boolean; init: Bytes }[];
	exports?: { name: string; kind: "func" | "table" | "memory" | "global"; index: number }[];
	start?: number;
	elements?: (Segment & { type: ValueType; items?: Bytes[]; functions?: number[] })[];
	data?: (Segment & { bytes: number[] | Uint8Array })[];
	dataCount?: boolean;
	custom?: { name: string; bytes: number[] }[];
}

const KINDS = ["func", "table", "memory", "global"];

export function encodeLocals(locals: ValueType[]): Bytes {
	const runs: [number, ValueType][] = [];
	for (const type of locals) {
		const last = runs[runs.length - 1];
		if (last && last[1] === type) last[0]++;
		else runs.push([1, type]);
	}
	return vector(runs.map(([count, type]) => [u(count), VALUE_TYPES[type]]));
}

function encodeElement(element: NonNullable<ModuleParts["elements"]>[number]): Bytes {
	const expressions = element.functions === undefined;
	const explicit = element.mode === "active" && ((element.index ?? 0) !== 0 || element.type !== "funcref");
	const flags =
		(element.mode === "active" ? (explicit ? 2 : 0) : element.mode === "passive" ? 1 : 3) | (expressions ? 4 : 0);
	const bytes: Bytes = [u(flags)];
	if (explicit) bytes.push(u(element.index ?? 0));
	if (element.mode === "active") bytes.push(element.offset ?? op("i32.const", 0), 0x0b);
	if (flags & 3) bytes.push(expressions ? VALUE_TYPES[element.type] : 0x00);
	bytes.push(
		expressions
			? vector((element.items ?? []).map((item) => [item, 0x0b]))
			: vector(element.functions!.map((index) => u(index))),
	);
	return bytes;
}

export function codeBody(body: FunctionBody): Bytes {
	const locals = body.locals ?? [];
	const bytes = flatten([
		typeof locals[0] === "string" ? encodeLocals(locals as ValueType[]) : locals.length ? (locals as Bytes) : [0],
		body.code,
		0x0b,
	]);
	return [u(bytes.length), bytes];
}

/** The sections of a module, [id, bytes] with id and size in the bytes, in order. */
export function encodeSections(parts: ModuleParts): Bytes[] {
	const sections: Bytes[] = [];
	const add = (id: number, items: Bytes[] | undefined): void => {
		if (items && items.length) sections.push(section(id, vector(items)));
	};
	const imported = (parts.imports ?? []).filter((i) => i.kind === "func").length;
	add(1, parts.types?.map(functionType));
	add(
		2,
		parts.imports?.map((entry) => {
			const bytes: Bytes = [text(entry.module), text(entry.name), KINDS.indexOf(entry.kind)];
			if (entry.kind === "func") bytes.push(u(entry.type));
			else if (entry.kind === "global") bytes.push(VALUE_TYPES[entry.type], entry.mutable ? 1 : 0);
			else
				bytes.push(entry.kind === "table" ? VALUE_TYPES[entry.type] : [], limits(entry.minimum, entry.maximum));
			return bytes;
		}),
	);
	add(
		3,
		parts.functions?.map((f) => u(f.type)),
	);
	add(
		4,
		parts.tables?.map((t) => [VALUE_TYPES[t.type], limits(t.minimum, t.maximum)]),
	);
	add(
		5,
		parts.memories?.map((m) => {
			const [flags, ...counts] = limits(m.minimum, m.maximum);
			return m.bytes ? [(flags as number) | 8, counts, 0] : [flags!, counts];
		}),
	);
	add(
		6,
		parts.globals?.map((g) => [VALUE_TYPES[g.type], g.mutable ? 1 : 0, g.init, 0x0b]),
	);
	const exports = [
		...(parts.exports ?? []),
		...(parts.functions ?? []).flatMap((f, i) =>
			f.export === undefined ? [] : [{ name: f.export, kind: "func", index: imported + i }],
		),
	];
	add(
		7,
		exports.map((e) => [text(e.name), KINDS.indexOf(e.kind), u(e.index)]),
	);
	if (parts.start !== undefined) sections.push(section(8, u(parts.start)));
	add(9, parts.elements?.map(encodeElement));
	if (parts.dataCount) sections.push(section(12, u(parts.data?.length ?? 0)));
	add(10, parts.functions?.map(codeBody));
	add(
		11,
		parts.data?.map((data) => {
			const explicit = data.mode === "active" && (data.index ?? 0) !== 0;
			const bytes: Bytes = [u(data.mode === "active" ? (explicit ? 2 : 0) : 1)];
			if (explicit) bytes.push(u(data.index!));
			if (data.mode === "active") bytes.push(data.offset ?? op("i32.const", 0), 0x0b);
			return [...bytes, u(data.bytes.length), [...data.bytes]];
		}),
	);
	for (const custom of parts.custom ?? []) sections.push(section(0, [text(custom.name), custom.bytes]));
	return sections;
}

export const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

export function encodeModule(parts: ModuleParts): Uint8Array {
	return Uint8Array.from(flatten([PREAMBLE, ...encodeSections(parts)]));
}

/**
 * A module that imports "m" "f" of the given type and exports it as "f" with integers in the place of floats, bit for
 * bit.
 */
export function bitsWrapper(type: FunctionType): Uint8Array {
	const integer = (t: ValueType): ValueType => (t === "f32" ? "i32" : t === "f64" ? "i64" : t);
	const code: Bytes = [];
	type.params.forEach((t, i) => {
		code.push(op("local.get", i));
		if (t === "f32" || t === "f64") code.push(op(`${t}.reinterpret_${integer(t)}`));
	});
	code.push(op("call", 0));
	/* Local k after the parameters takes result k; the last result is on top. */
	type.results.forEach((_, i) => code.push(op("local.set", type.params.length + type.results.length - 1 - i)));
	type.results.forEach((t, i) => {
		code.push(op("local.get", type.params.length + i));
		if (t === "f32" || t === "f64") code.push(op(`${integer(t)}.reinterpret_${t}`));
	});
	return encodeModule({
		types: [type, { params: type.params.map(integer), results: type.results.map(integer) }],
		imports: [{ module: "m", name: "f", kind: "func", type: 0 }],
		functions: [{ type: 1, locals: [...type.results], code, export: "f" }],
	});
}
