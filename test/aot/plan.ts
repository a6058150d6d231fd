/* Reads plans: records, payloads, and whether they are what docs/PLAN.md says. */

import assert from "node:assert/strict";
import { LOADS, NUMERIC_TYPES, OPCODES, STORES, VALUE_TYPES } from "../support/wasm";

export interface PlanRecord {
	op: number;
	length: number;
	a: number;
	b: number;
	/** index among the records */
	index: number;
	payload: Uint8Array | null;
}

const padded = (length: number): number => (length + 7) & ~7;

/**
 * Splits a plan into records; payloads hang at the record that they belong to (for IMPORT: the last of its
 * description).
 */
export function readPlan(plan: Uint8Array): PlanRecord[] {
	const view = new DataView(plan.buffer, plan.byteOffset, plan.length);
	const records: PlanRecord[] = [];
	let at = 0;
	let names = -1;
	let extensions = 0;
	const next = (): PlanRecord => {
		assert.ok(at + 8 <= plan.length, `a record at ${at}, behind the end`);
		const record = {
			op: view.getUint8(at),
			length: view.getUint8(at + 1),
			a: view.getUint16(at + 2, true),
			b: view.getUint32(at + 4, true),
			index: records.length,
			payload: null,
		};
		at += 8;
		records.push(record);
		return record;
	};
	const take = (record: PlanRecord, length: number): void => {
		const end = at + padded(length);
		assert.ok(end <= plan.length, "a payload behind the end");
		record.payload = plan.slice(at, at + length);
		for (let i = at + length; i < end; i++) assert.equal(plan[i], 0, "padding");
		at = end;
	};
	while (at < plan.length) {
		const record = next();
		if (extensions > 0 && --extensions === 0 && names >= 0) {
			take(record, names);
			names = -1;
		} else if (record.op === 0xd5) take(record, record.a + record.b);
		else if (record.op === 0xdf) take(record, record.b);
		else if (record.op === 0xd3) take(record, record.a);
		else if (record.op === 0xd6) {
			names = (record.b & 0xffff) + (record.b >>> 16);
			extensions = 1 + [0, 1, 2, 0][record.a]!;
		} else if (record.op === 0xdb) {
			const name = next();
			take(name, name.b);
		}
	}
	return records;
}

/** "i32.add", "LOOP 64 2": for exact comparisons. */
export function describe(record: PlanRecord): string {
	const name = NAMES.get(record.op) ?? OPERATIONS.get(record.op) ?? `0x${record.op.toString(16)}`;
	const payload = record.payload ? " " + Buffer.from(record.payload).toString("hex") : "";
	return `${name} ${record.length} ${record.a} ${record.b}${payload}`;
}

const NAMES = new Map(
	Object.entries({
		EXT: 0xc5,
		FUNCTION: 0xc6,
		INFO: 0xc7,
		LOCALS: 0xc8,
		LOCAL_USE: 0xc9,
		OFFSET: 0xca,
		BACKED: 0xcb,
		ZERO: 0xcc,
		DATA_COUNT: 0xcd,
		END_MODULE: 0xce,
		CODE: 0xcf,
		CUSTOM: 0xd3,
		MODULE: 0xd4,
		TYPE: 0xd5,
		IMPORT: 0xd6,
		FUNCTION_TYPE: 0xd7,
		TABLE: 0xd8,
		MEMORY: 0xd9,
		GLOBAL_TYPE: 0xda,
		EXPORT: 0xdb,
		START: 0xdc,
		ELEMENT: 0xdd,
		DATA: 0xde,
		BYTES: 0xdf,
		MEMORY_ROOM: 0xf2,
	}).map(([name, op]) => [op, name]),
);

/** Plan operation to name, by the tests' own opcode list. */
export const OPERATIONS = new Map(
	[...OPCODES].map(([name, code]) => [code.length === 1 ? code[0]! : 0xe0 + code[1]!, name]),
);

const OPS = new Map([...OPERATIONS].map(([op, name]) => [name, op]));
const op = (name: string): number => OPS.get(name)!;

interface Signature {
	params: number[];
	results: number[];
}

interface Frame {
	op: number;
	height: number;
	params: number[];
	results: number[];
	branches: number;
	counted: number;
	dead: boolean;
}

/**
 * All that a consumer may check of a plan: order, indices, operand types and heights, branch counts, offsets. Throws
 * where it is wrong.
 */
export class PlanChecker {
	readonly records: PlanRecord[];
	readonly types: Signature[] = [];
	readonly functions: number[] = [];
	readonly globals: number[] = [];
	readonly tables: number[] = [];
	imported = 0;
	memories = 0;
	bodies = 0;
	private at = 0;
	private stack: number[] = [];
	private frames: Frame[] = [];

	constructor(plan: Uint8Array) {
		this.records = readPlan(plan);
	}

	private next(...ops: number[]): PlanRecord {
		const record = this.records[this.at++];
		assert.ok(record, "the plan ends too soon");
		if (ops.length)
			assert.ok(
				ops.includes(record.op),
				`record ${record.index}: ${describe(record)}, expected ${ops.map((o) => o.toString(16)).join(" ")}`,
			);
		return record;
	}

	check(): this {
		assert.equal(this.next(0xd4).a, 1);
		let rank = 0;
		const ranks = [0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda, 0xdb, 0xcb, 0xdc, 0xdd, 0xcd, 0xcf, 0xde, 0xce];
		for (;;) {
			const record = this.next(0xd3, ...ranks);
			if (record.op === 0xd3) {
				this.bytes(record.b);
				continue;
			}
			const place = ranks.indexOf(record.op);
			assert.ok(place >= rank, `${describe(record)} is out of order`);
			rank = place;
			this.module(record);
			if (record.op === 0xce) break;
		}
		assert.equal(this.at, this.records.length);
		return this;
	}

	private bytes(length: number): void {
		for (let left = length; left > 0;) {
			const piece = this.next(0xdf).b;
			assert.ok(piece > 0 && piece <= left);
			left -= piece;
		}
	}

	private expression(count: number): void {
		for (let i = 0; i < count; i++) {
			const record = this.next();
			if (record.op === op("global.get")) assert.ok(record.b < this.globals.length);
			else if (record.op === op("ref.func")) assert.ok(record.b < this.functions.length);
			else assert.match(describe(record), /^(EXT|[if]\d\d\.const|ref.null|i\d\d.(add|sub|mul)) /);
		}
	}

	private module(record: PlanRecord): void {
		switch (record.op) {
			case 0xd5: {
				const values = [...record.payload!];
				assert.ok(values.every((value) => Object.values(VALUE_TYPES).includes(value)));
				this.types.push({ params: values.slice(0, record.a), results: values.slice(record.a) });
				break;
			}
			case 0xd6: {
				const description = this.next([0xd7, 0xd8, 0xd9, 0xda][record.a]!);
				this.imported += record.a === 0 ? 1 : 0;
				this.module(description);
				break;
			}
			case 0xd7:
				assert.ok(record.b < this.types.length);
				this.functions.push(record.b);
				break;
			case 0xd8:
				this.tables.push(record.a);
				this.next(0xc5);
				break;
			case 0xd9:
				this.memories++;
				this.next(0xc5);
				this.next(0xc5);
				break;
			case 0xda:
				this.expression(record.b);
				this.globals.push(record.a);
				break;
			case 0xdb:
				this.next(0xc5);
				break;
			case 0xdd: {
				const offset = this.next(0xc5);
				this.expression(offset.a);
				this.expression(record.b);
				break;
			}
			case 0xde: {
				const offset = this.next(0xc5);
				this.expression(offset.a);
				this.bytes(record.b);
				break;
			}
			case 0xcf:
				assert.equal(record.b, this.functions.length - this.imported);
				for (let i = 0; i < record.b; i++) this.body(this.imported + i);
				break;
		}
	}

	private push(...types: number[]): void {
		this.stack.push(...types);
	}

	private pop(...types: number[]): void {
		for (const type of types.reverse()) {
			assert.ok(this.stack.length > this.frames.at(-1)!.height, "an operand of the outer block");
			const found = this.stack.pop()!;
			if (type !== 0) assert.equal(found, type);
		}
	}

	private label(depth: number): number[] {
		const frame = this.frames.at(-1 - depth);
		assert.ok(frame, `label ${depth}`);
		frame.counted++;
		return frame.op === op("loop") ? frame.params : frame.results;
	}

	private blockType(a: number): Signature {
		if (a & 0x8000) return this.types[a & 0x7fff]!;
		return { params: [], results: a === 0x40 ? [] : [a] };
	}

	private uses(count: number, locals: number): void {
		let last = 0xffff;
		for (let i = 0; i < count; i++) {
			const use = this.next(0xc9);
			assert.ok(use.b < locals && use.a <= last && use.a > 0, "LOCAL_USE");
			last = use.a;
		}
	}

	private body(index: number): void {
		const header = this.next(0xc6);
		assert.deepEqual([header.a, header.b], [this.functions[index], index]);
		const info = this.next(0xc7);
		const type = this.types[header.a]!;
		const locals = [...type.params];
		for (let record = this.records[this.at]!; record.op === 0xc8; record = this.records[this.at]!) {
			/* A constant's local is never read or assigned: no type fits. */
			if (record.a === 0x17f) locals.push(0);
			else {
				assert.ok(Object.values(VALUE_TYPES).includes(record.a) && record.b > 0);
				for (let i = 0; i < record.b; i++) locals.push(record.a);
			}
			this.at++;
		}
		let uses = 0;
		while (this.records[this.at + uses]!.op === 0xc9) uses++;
		assert.ok(uses <= 16);
		this.uses(uses, locals.length);
		for (let zeroed = type.params.length; this.records[this.at]!.op === 0xcc;) {
			const zero = this.next();
			assert.ok(zero.a > 0 && zero.b >= zeroed && zero.b + zero.a <= locals.length, "ZERO");
			zeroed = zero.b + zero.a;
		}
		this.stack = [];
		this.frames = [
			{ op: op("end"), height: 0, params: [], results: type.results, branches: 0, counted: 0, dead: false },
		];
		let offset = info.b;
		let deepest = 0;
		const loops = new Set<number>();
		while (this.frames.length) {
			const record = this.next();
			if (record.op === 0xca) {
				// back only to a loop that comes twice, once
				assert.ok(record.b > offset || loops.delete(record.b), "OFFSET");
				offset = record.b;
				continue;
			}
			if (record.op === op("loop")) loops.add(offset);
			this.instruction(record, locals);
			offset += record.length;
			// conditions of such a loop, which are not the module's, need up to 3 more
			deepest = Math.max(deepest, this.stack.length - (record.length ? 0 : 3));
		}
		assert.ok(deepest <= info.a, `stack of ${deepest}, announced ${info.a}`);
		this.bodies++;
	}

	private dead(): void {
		const frame = this.frames.at(-1)!;
		frame.dead = true;
		this.stack.length = frame.height;
	}

	private instruction(record: PlanRecord, locals: number[]): void {
		if (record.op === 0xf2) {
			assert.ok(this.memories === 1 && record.length === 0 && record.b === 32);
			this.pop(0x7f);
			this.push(0x7f);
			return;
		}
		const name = OPERATIONS.get(record.op);
		assert.ok(name, `record ${record.index}: ${describe(record)} in a body`);
		const frame = this.frames.at(-1)!;
		if (frame.dead) assert.ok(name === "end" || name === "else", `${name} in dead code`);
		const I32 = 0x7f;
		const numeric = NUMERIC_TYPES.get(name);
		if (numeric) {
			this.pop(...numeric.params.map((type) => VALUE_TYPES[type]));
			this.push(VALUE_TYPES[numeric.result]);
			return;
		}
		const access = /^([if]\d\d)\.(load|store)/.exec(name);
		if (access) {
			assert.ok(this.memories === 1 && (record.a & 0xff) <= 6);
			// only a load that keeps its check may have it cover more
			assert.ok(record.a >> 9 === 0 || (access[2] === "load" && (record.a & 0xff) === 0));
			const type = VALUE_TYPES[access[1] as "i32"];
			if (STORES.includes(name)) this.pop(I32, type);
			else {
				assert.ok(LOADS.includes(name));
				this.pop(I32);
				this.push(type);
			}
			return;
		}
		switch (name) {
			case "unreachable":
				this.dead();
				break;
			case "return":
				this.pop(...this.frames[0]!.results);
				this.dead();
				break;
			case "block":
			case "loop":
			case "if": {
				if (name === "if") this.pop(I32);
				const type = this.blockType(record.a);
				this.pop(...type.params);
				const branches = record.b & 0xffff;
				this.frames.push({
					op: record.op,
					height: this.stack.length,
					...type,
					branches,
					counted: 0,
					dead: false,
				});
				this.push(...type.params);
				if (name === "loop") this.uses(record.b >>> 24, locals.length);
				else assert.equal(record.b >>> 16, 0);
				break;
			}
			case "else":
				assert.equal(frame.op, op("if"));
				if (!frame.dead) this.pop(...frame.results);
				assert.equal(this.stack.length, frame.height);
				frame.op = op("else");
				frame.dead = false;
				this.push(...frame.params);
				break;
			case "end":
				if (!frame.dead) this.pop(...frame.results);
				assert.equal(this.stack.length, frame.height);
				// of a loop that comes twice, branches out of it do
				if (this.frames.length > 1 && frame.branches !== 0xffff)
					assert.ok(frame.branches ? frame.counted >= frame.branches : !frame.counted, "branches");
				this.frames.pop();
				if (this.frames.length) this.push(...frame.results);
				break;
			case "br":
				this.pop(...this.label(record.b));
				this.dead();
				break;
			case "br_if": {
				this.pop(I32);
				const types = this.label(record.b);
				this.pop(...types);
				this.push(...types);
				break;
			}
			case "br_table": {
				this.pop(I32);
				for (let i = 0; i <= record.b; i++) {
					const types = this.label(this.next(0xc5).b);
					this.pop(...types);
					this.push(...types);
				}
				this.dead();
				break;
			}
			case "call":
			case "return_call":
				assert.equal(this.functions[record.b], record.a);
				this.call(this.types[record.a]!, name === "return_call");
				break;
			case "call_indirect":
			case "return_call_indirect":
				assert.equal(this.tables[record.b], 0x70);
				this.pop(I32);
				this.call(this.types[record.a]!, name === "return_call_indirect");
				break;
			case "drop":
				this.pop(0);
				break;
			case "select":
			case "select_t":
				this.pop(record.a, record.a, I32);
				this.push(record.a);
				break;
			case "local.get":
				this.push(locals[record.b]!);
				break;
			case "local.set":
				this.pop(locals[record.b]!);
				break;
			case "local.tee":
				this.pop(locals[record.b]!);
				this.push(locals[record.b]!);
				break;
			case "global.get":
				this.push(this.globals[record.b]! & 0xff);
				break;
			case "global.set":
				assert.ok(this.globals[record.b]! & 0x100);
				this.pop(this.globals[record.b]! & 0xff);
				break;
			case "i32.const":
			case "f32.const":
				this.push(name === "i32.const" ? I32 : 0x7d);
				break;
			case "i64.const":
			case "f64.const":
				this.next(0xc5);
				this.push(name === "i64.const" ? 0x7e : 0x7c);
				break;
			case "ref.null":
				this.push(record.a);
				break;
			case "ref.is_null":
				this.pop(0);
				this.push(I32);
				break;
			case "ref.func":
				this.push(0x70);
				break;
			default:
				this.bulk(name, record);
		}
	}

	private call(type: Signature, returns: boolean): void {
		this.pop(...type.params);
		if (returns) {
			assert.deepEqual(type.results, this.frames[0]!.results);
			this.dead();
		} else this.push(...type.results);
	}

	private bulk(name: string, record: PlanRecord): void {
		const I32 = 0x7f;
		const table = this.tables[record.b]!;
		switch (name) {
			case "memory.size":
				this.push(I32);
				break;
			case "memory.grow":
				this.pop(I32);
				this.push(I32);
				break;
			case "table.get":
				this.pop(I32);
				this.push(table);
				break;
			case "table.set":
				this.pop(I32, table);
				break;
			case "table.grow":
				this.pop(table, I32);
				this.push(I32);
				break;
			case "table.size":
				this.push(I32);
				break;
			case "table.fill":
				this.pop(I32, table, I32);
				break;
			case "data.drop":
			case "elem.drop":
				break;
			default:
				assert.match(name, /^(memory|table)\.(init|copy|fill)$/);
				this.pop(I32, I32, I32);
		}
	}
}
