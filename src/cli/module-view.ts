/**
 * What the command line knows of a module: its plan, read with the front end that boards have, under a board's limits.
 * Boards decide whether a module is accepted; a module whose plan cannot be read here is one that the board refuses,
 * too.
 */

import * as frontEnd from "../aot/front-end";
import { bytes as frontEndMemory } from "../aot/base/memory";
import { Op, row, Row } from "../aot/base/opcodes";
import { Status } from "../aot/base/status";
import { frontEndLimitKeys, type Limits } from "../shared/limit-keys";

export type Kind = "function" | "table" | "memory" | "global";

export interface FunctionType {
	readonly parameters: readonly string[];
	readonly results: readonly string[];
}

export interface ModuleImport {
	readonly module: string;
	readonly name: string;
	readonly kind: Kind;
	/** As text, e.g. "(i32 i32) -> i32", "memory 1..2 pages". */
	readonly type: string;
	/** Of a function. */
	readonly function: FunctionType | null;
}

export interface ModuleExport {
	readonly name: string;
	readonly kind: Kind;
	readonly index: number;
}

export interface Access {
	/** Of the instruction in the module. */
	readonly byteOffset: number;
	readonly store: boolean;
	/** Bytes that it reads or writes. */
	readonly size: number;
	/** The offset that the instruction adds to the address. */
	readonly offset: number;
	/** 0: the check stays; else the number of the prover that showed it needless. */
	readonly prover: number;
}

export interface FunctionView {
	readonly index: number;
	readonly type: FunctionType;
	/** Of the name section, the first export, or the import; else "". */
	name: string;
	/** "module.name" */
	readonly importedFrom: string | null;
	/** Bytes of the body in the code section, its length not included; where it begins. */
	bytes: number;
	byteOffset: number;
	readonly accesses: Access[];
}

export interface Section {
	/** "type" ... "data", or "custom NAME" */
	readonly name: string;
	readonly byteOffset: number;
	/** Of the contents. */
	readonly bytes: number;
}

export interface Segment {
	readonly active: boolean;
	/** Bytes, or elements. */
	readonly size: number;
}

export interface ModuleView {
	readonly bytes: number;
	/** Of the code section. */
	readonly codeBytes: number;
	readonly sections: readonly Section[];
	readonly types: readonly FunctionType[];
	readonly imports: readonly ModuleImport[];
	readonly exports: readonly ModuleExport[];
	readonly functions: readonly FunctionView[];
	/** As text, imported ones first. */
	readonly tables: readonly string[];
	readonly memories: readonly string[];
	readonly globals: readonly string[];
	readonly data: readonly Segment[];
	readonly elements: readonly Segment[];
	/** Index of the start function, -1 none. */
	readonly start: number;
}

/** The whole plan, or null: the front end refuses the module. */
function planOf(module: Uint8Array, board: Limits): Buffer | null {
	frontEndLimitKeys.forEach((key, limit) => frontEnd.setLimit(limit, board[key as keyof Limits]));
	frontEnd.configure(0);
	const batches: Uint8Array[] = [];
	let at = 0;
	for (;;) {
		const status: Status = frontEnd.step();
		if (status === Status.DONE) return Buffer.concat(batches);
		if (status === Status.ERROR) return null;
		if (status === Status.PLAN) {
			const start = frontEnd.planAddress();
			batches.push(frontEndMemory().slice(start, start + frontEnd.planLength()));
		} else if (at === module.length) frontEnd.finish();
		else {
			const length = Math.min(module.length - at, frontEnd.inputCapacity());
			if (length <= 0) throw new Error("the front end has no room for input");
			frontEndMemory().set(module.subarray(at, at + length), frontEnd.inputAddress());
			frontEnd.feed(length);
			at += length;
		}
	}
}

export const valueTypes: Record<number, string> = {
	0x7f: "i32",
	0x7e: "i64",
	0x7d: "f32",
	0x7c: "f64",
	0x70: "funcref",
	0x6f: "externref",
};
const kinds: readonly Kind[] = ["function", "table", "memory", "global"];
const sectionNames = [
	"custom",
	"type",
	"import",
	"function",
	"table",
	"memory",
	"global",
	"export",
	"start",
	"element",
	"code",
	"data",
	"data count",
];

export function typeText(type: FunctionType): string {
	const of = (types: readonly string[]): string =>
		types.length === 1 ? (types[0] as string) : `(${types.join(" ")})`;
	return `(${type.parameters.join(" ")}) -> ${of(type.results)}`;
}

/** The records of a plan one after the other. */
export class PlanReader {
	readonly #plan: Buffer;
	#at = 0;
	op = 0;
	length = 0;
	a = 0;
	b = 0;

	constructor(plan: Buffer) {
		this.#plan = plan;
	}

	next(): boolean {
		if (this.#at >= this.#plan.length) return false;
		this.op = this.#plan.readUInt8(this.#at);
		this.length = this.#plan.readUInt8(this.#at + 1);
		this.a = this.#plan.readUInt16LE(this.#at + 2);
		this.b = this.#plan.readUInt32LE(this.#at + 4);
		this.#at += 8;
		return true;
	}

	/** The payload behind the record at hand. */
	payload(length: number): Buffer {
		const bytes = this.#plan.subarray(this.#at, this.#at + length);
		this.#at += (length + 7) & ~7;
		return bytes;
	}

	/** Skips records, continuations among them. */
	skip(count: number): void {
		this.#at += count * 8;
	}

	/** What the record behind says, if it is a continuation. */
	extension(): { a: number; b: number } | null {
		if (this.#at >= this.#plan.length || this.#plan.readUInt8(this.#at) !== Op.PLAN_EXT) return null;
		this.next();
		return { a: this.a, b: this.b };
	}
}

interface Parts {
	types: FunctionType[];
	imports: ModuleImport[];
	exports: ModuleExport[];
	functions: FunctionView[];
	tables: string[];
	memories: string[];
	globals: string[];
	data: Segment[];
	elements: Segment[];
	start: number;
}

function limitsText(minimum: number, maximum: number | undefined): string {
	return maximum === undefined ? String(minimum) : `${minimum}..${maximum}`;
}

/** The description at hand: of an import, or of a section. Returns it as text. */
function describe(reader: PlanReader, parts: Parts): string {
	const { op, a, b } = reader;
	if (op === Op.PLAN_TABLE) {
		const extension = reader.extension();
		const text = `${limitsText(b, extension?.a ? extension.b : undefined)} ${valueTypes[a]}`;
		parts.tables.push(text);
		return text;
	}
	if (op === Op.PLAN_MEMORY) {
		const maximum = reader.extension()?.b;
		reader.extension();
		const pageSize = 1 << (a >> 8);
		const pages = limitsText(b, a & 1 ? maximum : undefined);
		const text = `${pages} ${pages === "1" ? "page" : "pages"}${pageSize === 65536 ? "" : ` of ${pageSize} byte`}`;
		parts.memories.push(text);
		return text;
	}
	if (op === Op.PLAN_GLOBAL_TYPE) {
		reader.skip(b);
		const text = `${a & 256 ? "mutable " : ""}${valueTypes[a & 255]}`;
		parts.globals.push(text);
		return text;
	}
	throw new Error(`plan: record ${op} is no description`);
}

function readImport(reader: PlanReader, parts: Parts): void {
	const kind = kinds[reader.a] as Kind;
	const moduleLength = reader.b & 0xffff;
	const nameLength = reader.b >>> 16;
	reader.next();
	const type = kind === "function" ? (parts.types[reader.b] as FunctionType) : null;
	const text = type ? typeText(type) : describe(reader, parts);
	const names = reader.payload(moduleLength + nameLength);
	const module = names.toString("utf8", 0, moduleLength);
	const name = names.toString("utf8", moduleLength);
	parts.imports.push({ module, name, kind, type: text, function: type });
	if (type) addFunction(parts, type, `${module}.${name}`);
}

function addFunction(parts: Parts, type: FunctionType, importedFrom: string | null): void {
	parts.functions.push({
		index: parts.functions.length,
		type,
		name: importedFrom ?? "",
		importedFrom,
		bytes: 0,
		byteOffset: 0,
		accesses: [],
	});
}

function readType(reader: PlanReader, parts: Parts): void {
	const parameters = reader.a;
	const types = Array.from(reader.payload(parameters + reader.b), (byte) => valueTypes[byte] as string);
	parts.types.push({ parameters: types.slice(0, parameters), results: types.slice(parameters) });
}

function readExport(reader: PlanReader, parts: Parts): void {
	const kind = kinds[reader.a] as Kind;
	const index = reader.b;
	const name = reader.payload(reader.extension()?.b ?? 0).toString("utf8");
	parts.exports.push({ name, kind, index });
}

function readSegment(reader: PlanReader): Segment {
	const { a, b } = reader;
	reader.skip(reader.extension()?.a ?? 0);
	return { active: (a & 255) === 0, size: b };
}

function readModuleRecord(reader: PlanReader, parts: Parts): void {
	if (reader.op === Op.PLAN_TYPE) readType(reader, parts);
	else if (reader.op === Op.PLAN_IMPORT) readImport(reader, parts);
	else if (reader.op === Op.PLAN_FUNCTION_TYPE) addFunction(parts, parts.types[reader.b] as FunctionType, null);
	else if (reader.op === Op.PLAN_EXPORT) readExport(reader, parts);
	else if (reader.op === Op.PLAN_START) parts.start = reader.b;
	else if (reader.op === Op.PLAN_ELEMENT) {
		const segment = readSegment(reader);
		parts.elements.push(segment);
		reader.skip(segment.size);
	} else if (reader.op === Op.PLAN_DATA) parts.data.push(readSegment(reader));
	else if (reader.op === Op.PLAN_BYTES) reader.payload(reader.b);
	else if (reader.op === Op.PLAN_CUSTOM) reader.payload(reader.a);
	else if (reader.op === Op.PLAN_TABLE || reader.op === Op.PLAN_MEMORY || reader.op === Op.PLAN_GLOBAL_TYPE)
		describe(reader, parts);
}

/** Called with each instruction of a function; may read the records that continue it. */
export type Visit = (functionIndex: number, byteOffset: number, reader: PlanReader) => void;

/** The records of a function, from FUNCTION to its last end. */
function readFunction(reader: PlanReader, accesses: Access[], visit?: Visit): void {
	const index = reader.b;
	let at = 0;
	let depth = 1;
	while (depth > 0 && reader.next()) {
		const { op, a, b } = reader;
		if (op === Op.PLAN_INFO || op === Op.PLAN_OFFSET) at = b;
		else if (op < Op.PLAN_EXT || op > Op.PLAN_OFFSET) {
			const { length } = reader;
			if (op === Op.BLOCK || op === Op.LOOP || op === Op.IF) depth++;
			else if (op === Op.END) depth--;
			const shape = row(op);
			// a loop that comes twice has been seen when its second copy comes
			if (shape & Row.ACCESS && at > (accesses.at(-1)?.byteOffset ?? -1))
				accesses.push({
					byteOffset: at,
					store: ((shape >> Row.PUSH) & 7) === 0,
					size: 1 << ((shape >> Row.SIZE) & 7),
					offset: b,
					prover: a & 255,
				});
			if (visit && op !== Op.PLAN_ZERO) visit(index, at, reader);
			at += length;
		}
	}
}

function readPlan(plan: Buffer, visit?: Visit): Parts {
	const parts: Parts = {
		types: [],
		imports: [],
		exports: [],
		functions: [],
		tables: [],
		memories: [],
		globals: [],
		data: [],
		elements: [],
		start: -1,
	};
	const reader = new PlanReader(plan);
	while (reader.next()) {
		if (reader.op === Op.PLAN_FUNCTION)
			readFunction(reader, (parts.functions[reader.b] as FunctionView).accesses, visit);
		else readModuleRecord(reader, parts);
	}
	return parts;
}

/** Reads LEB128 numbers and names of a module that is known to be well-formed. */
class ByteReader {
	readonly #bytes: Buffer;
	at: number;

	constructor(bytes: Buffer, at: number) {
		this.#bytes = bytes;
		this.at = at;
	}

	number(): number {
		let value = 0;
		for (let scale = 1; ; scale *= 128) {
			const byte = this.#bytes[this.at++] ?? 0;
			value += (byte & 127) * scale;
			if (byte < 128) return value;
		}
	}

	name(): string {
		const length = this.number();
		this.at += length;
		return this.#bytes.toString("utf8", this.at - length, this.at);
	}
}

function readSections(bytes: Buffer): Section[] {
	const sections: Section[] = [];
	const reader = new ByteReader(bytes, 8);
	while (reader.at < bytes.length) {
		const id = bytes[reader.at++] ?? 0;
		const size = reader.number();
		const byteOffset = reader.at;
		sections.push({
			name: id === 0 ? `custom ${reader.name()}` : (sectionNames[id] ?? ""),
			byteOffset,
			bytes: size,
		});
		reader.at = byteOffset + size;
	}
	return sections;
}

function addBodies(bytes: Buffer, section: Section, functions: readonly FunctionView[]): void {
	const reader = new ByteReader(bytes, section.byteOffset);
	const count = reader.number();
	for (const view of functions.slice(functions.length - count)) {
		view.bytes = reader.number();
		view.byteOffset = reader.at;
		reader.at += view.bytes;
	}
}

/** Nothing holds a name section to be right: what is wrong with it is left out. */
function addNames(bytes: Buffer, section: Section, functions: readonly FunctionView[]): void {
	const end = section.byteOffset + section.bytes;
	const reader = new ByteReader(bytes.subarray(0, end), section.byteOffset);
	reader.name();
	while (reader.at < end) {
		const id = bytes[reader.at++];
		const next = reader.number() + reader.at;
		if (id === 1) {
			for (let count = reader.number(); count > 0 && reader.at < end; count--) {
				const view = functions[reader.number()];
				const name = reader.name();
				if (view && view.importedFrom === null) view.name = name;
			}
		}
		reader.at = next;
	}
}

export function readModule(module: Buffer, board: Limits, visit?: Visit): ModuleView | null {
	const plan = planOf(module, board);
	if (!plan) return null;
	const parts = readPlan(plan, visit);
	const sections = readSections(module);
	for (const { name, kind, index } of parts.exports) {
		const view = kind === "function" ? parts.functions[index] : undefined;
		if (view && view.name === "") view.name = name;
	}
	const code = sections.find((section) => section.name === "code");
	if (code) addBodies(module, code, parts.functions);
	const names = sections.find((section) => section.name === "custom name");
	if (names) addNames(module, names, parts.functions);
	return { bytes: module.length, codeBytes: code?.bytes ?? 0, sections, ...parts };
}
