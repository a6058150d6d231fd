/* Interprets plans: what they say of their accesses is put to the test. */

import assert from "node:assert/strict";
import { Random } from "../fuzz/random";
import { OPERATIONS, type PlanRecord } from "./plan";
import { NASTY, UNARY, LOADS, STORES, EFFECTS } from "./prover-code";

interface Open {
	height: number;
	arity: number;
	/** record to go on at when the label is branched to */
	target: number;
	loop: boolean;
}

/** Interprets the first body of a plan; what it says of its accesses is put to the test. */
export class Interpreter {
	readonly proved = new Array<number>(8).fill(0);
	aligned = 0;
	exacts = 0;
	kept = 0;
	/** bytes of memory at present */
	private memory = 0;
	/** a check has failed that was widened for an access still to come */
	private foreseen = false;
	private readonly ends = new Map<number, number>();
	private readonly elses = new Map<number, number>();
	private readonly types: [number, number][] = [];
	private readonly first: number;

	constructor(
		private readonly records: PlanRecord[],
		private readonly backed: number,
		private readonly random: Random,
	) {
		this.first = records.findIndex((record) => record.op === 0xc6);
		for (const record of records) if (record.op === 0xd5) this.types.push([record.a, record.b]);
		const open: number[] = [];
		for (let i = this.first; i < records.length && records[i]!.op !== 0xce; i++) {
			const name = OPERATIONS.get(records[i]!.op);
			if (name === "block" || name === "loop" || name === "if") open.push(i);
			else if (name === "else") this.elses.set(open.at(-1)!, i);
			else if (name === "end" && open.length) this.ends.set(open.pop()!, i);
		}
	}

	private blockType(a: number): [number, number] {
		return a & 0x8000 ? this.types[a & 0x7fff]! : [0, a === 0x40 ? 0 : 1];
	}

	/** Some value that the code could get from elsewhere. */
	private value(): number {
		if (this.random.chance(0.2)) return (this.memory - this.random.below(12)) | 0;
		return (this.random.chance(0.7) ? this.random.pick(NASTY) : this.random.bits() >>> this.random.below(32)) | 0;
	}

	/** A sum or shift said not to wrap. */
	private exact(record: PlanRecord, name: string, a: number, b: number): void {
		if (!record.a) return;
		const result = name === "add" ? (a >>> 0) + (b >>> 0) : (a >>> 0) * 2 ** (b & 31);
		assert.ok(result < 2 ** 32, `prover 2: ${name} of ${a >>> 0} and ${b >>> 0} wraps`);
		this.exacts++;
	}

	private access(record: PlanRecord, address: number, size: number): boolean {
		const at = (address >>> 0) + record.b;
		const prover = record.a & 0xff;
		const passes = at + size <= this.memory;
		// the trap that the widened check has foreseen
		if (this.foreseen && !passes) return false;
		if (prover) {
			// these stand on what memory there was; it may have grown since
			const bytes = prover === 3 || prover === 4 || prover === 6 ? this.memory : this.backed;
			assert.ok(at + size <= bytes, `prover ${prover}: ${at} + ${size} is beyond ${bytes}`);
			this.proved[prover]!++;
		} else this.kept++;
		if (record.a & 256) {
			assert.equal(at % size, 0, "alignment");
			this.aligned++;
		}
		if (!passes) return false;
		if (at + size + (record.a >> 9) > this.memory) this.foreseen = true;
		else if (!this.foreseen && this.memory < 2 ** 31 && this.random.chance(0.02)) this.memory += 65536;
		return true;
	}

	/**
	 * Nothing that can be seen may happen between a check that fails as far as it was widened, and the access that
	 * would trap.
	 */
	private unseen(name: string): void {
		assert.ok(!this.foreseen || !EFFECTS.test(name), `prover 4: ${name} before the access that traps`);
	}

	/** One call, with random arguments. Ends at `steps`, a trap or the end. */
	run(locals: number, steps: number): void {
		this.memory = this.random.pick([this.backed, this.backed, this.backed + 65536, 2 ** 31, 2 ** 32 - 65536]);
		this.call(locals, steps, this.value(), this.value());
	}

	/** A call with so many bytes of memory. */
	runIn(memory: number, locals: number, steps: number, first: number, second: number): void {
		this.memory = memory;
		this.call(locals, steps, first, second);
	}

	private call(locals: number, steps: number, first: number, second: number): void {
		const values = new Array<number>(locals).fill(0);
		this.foreseen = false;
		values[0] = first;
		values[1] = second;
		const stack: number[] = [];
		const open: Open[] = [{ height: 0, arity: 0, target: -1, loop: false }];
		const pop = (): number => {
			assert.ok(stack.length > 0);
			return stack.pop()!;
		};
		let at = this.first;
		const branch = (label: number): void => {
			const target = open[open.length - 1 - label]!;
			const kept = target.arity ? stack.splice(-target.arity) : [];
			stack.length = target.height;
			stack.push(...kept);
			open.length -= target.loop ? label : label + 1;
			at = target.target;
		};
		for (let step = 0; step < steps && at >= 0; step++) {
			const record = this.records[at]!;
			const name = OPERATIONS.get(record.op);
			at++;
			if (record.op === 0xf2) stack.push((this.memory - record.b - pop()) | 0);
			if (!name) continue;
			const load = LOADS.find(([load]) => load === name);
			const store = STORES.find(([store]) => store === name);
			if (load) {
				if (!this.access(record, pop(), load[1])) return;
				const value = this.value();
				if (name === "i32.load") stack.push(value);
				else
					stack.push(
						name.endsWith("_u")
							? value & (load[1] === 1 ? 255 : 65535)
							: (value << (32 - 8 * load[1])) >> (32 - 8 * load[1]),
					);
				continue;
			}
			if (store) {
				pop();
				if (!this.access(record, pop(), store[1])) return;
				this.unseen(name);
				continue;
			}
			this.unseen(name);
			switch (name) {
				case "block":
				case "loop":
				case "if": {
					const [takes, gives] = this.blockType(record.a);
					const taken = name !== "if" || pop() !== 0;
					const end = this.ends.get(at - 1)!;
					open.push({
						height: stack.length - takes,
						arity: name === "loop" ? takes : gives,
						target: name === "loop" ? at : end + 1,
						loop: name === "loop",
					});
					if (!taken) at = this.elses.has(record.index) ? this.elses.get(record.index)! + 1 : end;
					break;
				}
				case "else": {
					const start = [...this.elses].find(([, place]) => place === at - 1)![0];
					at = this.ends.get(start)!;
					break;
				}
				case "end":
					open.pop();
					if (!open.length) return;
					break;
				case "br":
					branch(record.b);
					break;
				case "br_if":
					if (pop() !== 0) branch(record.b);
					break;
				case "br_table": {
					const index = pop() >>> 0;
					branch(this.records[at + Math.min(index, record.b)]!.b);
					break;
				}
				case "return":
				case "unreachable":
					return;
				case "drop":
					pop();
					break;
				case "select": {
					const condition = pop();
					const second = pop();
					const first = pop();
					stack.push(condition ? first : second);
					break;
				}
				case "local.get":
					stack.push(values[record.b]!);
					break;
				case "local.set":
					values[record.b] = pop();
					break;
				case "local.tee":
					values[record.b] = stack.at(-1)!;
					break;
				case "i32.const":
					stack.push(record.b | 0);
					break;
				default: {
					if (UNARY.includes(name.slice(4))) stack.push(unary(name.slice(4), pop()));
					else {
						const b = pop();
						const a = pop();
						this.exact(record, name.slice(4), a, b);
						const result = binary(name.slice(4), a, b);
						if (result === null) return;
						stack.push(result);
					}
				}
			}
		}
	}
}

function unary(name: string, a: number): number {
	switch (name) {
		case "clz":
			return Math.clz32(a);
		case "ctz":
			return a ? 31 - Math.clz32(a & -a) : 32;
		case "popcnt":
			return (a >>> 0).toString(2).replaceAll("0", "").length;
		case "eqz":
			return a === 0 ? 1 : 0;
		case "extend8_s":
			return (a << 24) >> 24;
		default:
			return (a << 16) >> 16;
	}
}

/** null: it traps. */
function binary(name: string, a: number, b: number): number | null {
	const x = a >>> 0;
	const y = b >>> 0;
	const n = b & 31;
	switch (name) {
		case "add":
			return (a + b) | 0;
		case "sub":
			return (a - b) | 0;
		case "mul":
			return Math.imul(a, b);
		case "div_s":
			return b === 0 || (a === -0x80000000 && b === -1) ? null : Math.trunc(a / b) | 0;
		case "div_u":
			return y === 0 ? null : Math.trunc(x / y) | 0;
		case "rem_s":
			return b === 0 ? null : (a % b) | 0;
		case "rem_u":
			return y === 0 ? null : (x % y) | 0;
		case "and":
			return a & b;
		case "or":
			return a | b;
		case "xor":
			return a ^ b;
		case "shl":
			return a << n;
		case "shr_s":
			return a >> n;
		case "shr_u":
			return (a >>> n) | 0;
		case "rotl":
			return (a << n) | (n ? a >>> (32 - n) : 0);
		case "rotr":
			return (n ? a << (32 - n) : 0) | (a >>> n);
		case "eq":
			return +(a === b);
		case "ne":
			return +(a !== b);
		case "lt_s":
			return +(a < b);
		case "lt_u":
			return +(x < y);
		case "gt_u":
			return +(x > y);
		case "le_u":
			return +(x <= y);
		case "gt_s":
			return +(a > b);
		case "le_s":
			return +(a <= b);
		case "ge_u":
			return +(x >= y);
		default:
			return +(a >= b);
	}
}
