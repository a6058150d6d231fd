/*
 * The provers: random functions of i32 code, planned, and their plans interpreted. At each access whose check is said to be needless, the address that
 * comes up has to be within the memory's backed minimum, and aligned where that is said. Values come from parameters and loads, and are chosen to hurt.
 */

import assert from "node:assert/strict";
import { configureFresh, compile, compileFrontEnd, instantiate, typescript, type FrontEnd } from "./driver";
import { Random } from "../fuzz/random";
import { encodeModule, op, s, u, type Bytes, type ValueType } from "../support/wasm";
import { OPERATIONS, readPlan, type PlanRecord } from "./plan";

const BACKED = 65536;
const NASTY = [
	0, 1, 2, 3, 4, 7, 8, 15, 31, 32, 63, 255, 256, 4095, 32767, 65528, 65532, 65535, 65536, 65537, 0x7fffffff, -0x80000000, -1, -2, -4, -8, -65536,
	-65537,
];

const BINARY = "add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr eq ne lt_s lt_u gt_u le_u ge_s".split(" ");
const UNARY = "clz ctz popcnt eqz extend8_s extend16_s".split(" ");
const LOADS: [string, number][] = [
	["i32.load", 4],
	["i32.load8_s", 1],
	["i32.load8_u", 1],
	["i32.load16_s", 2],
	["i32.load16_u", 2],
];
const STORES: [string, number][] = [
	["i32.store", 4],
	["i32.store8", 1],
	["i32.store16", 2],
];
/** Types: 0 the function, 1 [] -> [], 2 [] -> [i32], 3 [i32] -> [i32], 4 [i32 i32] -> [i32 i32]. */
const BLOCK_TYPES = [1, 2, 3, 4];
const TAKES = [0, 0, 0, 1, 2];
const GIVES = [0, 0, 1, 1, 2];

/** Writes random code: statements leave the stack as it is, expressions push one i32. */
class Writer {
	/** arity of each label, innermost first */
	private labels: number[] = [0];
	/** nodes that may still come */
	private budget = 400;

	constructor(
		private readonly random: Random,
		private readonly locals: number,
	) {}

	private local(): number {
		return this.random.chance(0.9) ? this.random.below(Math.min(this.locals, 5)) : this.random.below(this.locals);
	}

	private constant(): Bytes {
		const value = this.random.chance(0.7) ? this.random.pick(NASTY) : this.random.bits() >>> this.random.below(32);
		return op("i32.const", value | 0);
	}

	private offset(): number {
		return this.random.pick([0, 0, 0, 1, 2, 4, 8, 100, 65532, 65535, 65536, 0xfffffff0, 0xffffffff, this.random.below(70000)]);
	}

	private values(count: number, depth: number): Bytes {
		return Array.from({ length: count }, () => this.expression(depth));
	}

	/** A value that is likely to be provable. */
	private bounded(depth: number): Bytes {
		const mask = this.random.pick([3, 252, 255, 4095, 65535, 65532, 32764, 0xfffc]);
		switch (this.random.below(7)) {
			case 0:
				return [this.expression(depth), op("i32.const", mask), op("i32.and")];
			case 1:
				return [this.expression(depth), op("i32.const", this.random.below(32)), op("i32.shr_u")];
			case 2:
				return [this.bounded(depth), op("i32.const", this.random.below(20)), op("i32.shl")];
			case 3:
				return [this.expression(depth), op("i32.const", 1 + this.random.below(70000)), op("i32.rem_u")];
			case 4:
				return depth > 0 ? [this.bounded(depth - 1), this.bounded(depth - 1), op("i32.add")] : this.constant();
			case 5:
				return [op("local.get", this.local())];
			default:
				return [
					this.bounded(Math.max(0, depth - 1)),
					op("i32.const", this.random.pick(NASTY)),
					op(this.random.pick(["i32.add", "i32.sub", "i32.or", "i32.xor"])),
				];
		}
	}

	private expression(depth: number): Bytes {
		if (depth <= 0 || --this.budget < 0) return this.random.chance(0.6) ? op("local.get", this.local()) : this.constant();
		switch (this.random.below(12)) {
			case 0:
				return this.constant();
			case 1:
			case 2:
				return op("local.get", this.local());
			case 3:
				return [this.expression(depth - 1), op("local.tee", this.local())];
			case 4:
			case 5:
				return [this.expression(depth - 1), this.expression(depth - 1), op("i32." + this.random.pick(BINARY))];
			case 6:
				return [this.expression(depth - 1), op("i32." + this.random.pick(UNARY))];
			case 7: {
				const [name] = this.random.pick(LOADS);
				return [this.bounded(depth - 1), op(name, this.offset(), 0)];
			}
			case 8:
				return [this.expression(depth - 1), this.expression(depth - 1), this.expression(depth - 1), op("select")];
			case 9:
				return this.bounded(depth - 1);
			case 10:
				return this.block(2, depth - 1);
			default:
				return [this.expression(depth - 1), this.block(3, depth - 1)];
		}
	}

	/** A block, loop or if of that type; its parameters are on the stack. */
	private block(type: number, depth: number): Bytes {
		const kind = this.random.pick(["block", "loop", "if"]);
		const condition = kind === "if" ? this.expression(depth - 1) : [];
		const takes = TAKES[type]!;
		const gives = GIVES[type]!;
		this.labels.unshift(kind === "loop" ? takes : gives);
		const body = [this.dropped(takes), this.statements(depth - 1), this.values(gives, depth - 1)];
		const other =
			kind === "if" && (takes !== gives || this.random.chance(0.6))
				? [op("else"), this.dropped(takes), this.statements(depth - 1), this.values(gives, depth - 1)]
				: [];
		this.labels.shift();
		const code = [condition, op(kind), s(type), body, other, op("end")];
		return code;
	}

	private dropped(count: number): Bytes {
		return Array.from({ length: count }, () => (this.random.chance(0.5) ? op("local.set", this.local()) : op("drop")));
	}

	private branch(depth: number): Bytes {
		const label = this.random.below(this.labels.length);
		const arity = this.labels[label]!;
		switch (this.random.below(4)) {
			case 0:
				return [this.values(arity, depth - 1), op("br", label), this.random.chance(0.3) ? [op("unreachable"), op("i32.add"), op("drop")] : []];
			case 1: {
				const same = this.labels.map((other, index) => (other === arity ? index : -1)).filter((index) => index >= 0);
				const targets = Array.from({ length: 1 + this.random.below(4) }, () => this.random.pick(same));
				return [this.values(arity, depth - 1), this.expression(depth - 1), [0x0e, u(targets.length - 1), targets.map((target) => u(target))]];
			}
			default:
				return [this.values(arity, depth - 1), this.expression(depth - 1), op("br_if", label), Array.from({ length: arity }, () => op("drop"))];
		}
	}

	private statement(depth: number): Bytes {
		switch (this.random.below(depth > 0 && --this.budget > 0 ? 10 : 5)) {
			case 0:
			case 1:
				return [this.random.chance(0.5) ? this.bounded(2) : this.expression(2), op("local.set", this.local())];
			case 2: {
				const [name] = this.random.pick(STORES);
				return [this.bounded(2), this.expression(1), op(name, this.offset(), 0)];
			}
			case 3:
			case 4: {
				const [name] = this.random.pick(LOADS);
				return [this.bounded(2), op(name, this.offset(), 0), op("drop")];
			}
			case 5:
			case 6:
				return this.branch(depth);
			case 7: {
				const type = this.random.pick(BLOCK_TYPES);
				return [this.values(TAKES[type]!, depth - 1), this.block(type, depth - 1), this.dropped(GIVES[type]!)];
			}
			case 8:
				return this.changed();
			default:
				return this.block(1, depth);
		}
	}

	/** A local is bounded before a loop that uses it, and assigned behind the use. */
	private changed(): Bytes {
		const local = this.local();
		const use = [op("local.get", local), op(this.random.pick(LOADS)[0], this.offset(), 0), op("drop")];
		this.labels.unshift(0);
		const body = [use, this.statements(1), this.expression(2), op("local.set", local), this.expression(2), op("br_if", 0)];
		this.labels.shift();
		return [this.bounded(2), op("local.set", local), op("loop"), [0x40], body, op("end")];
	}

	statements(depth: number): Bytes {
		return Array.from({ length: 1 + this.random.below(this.budget > 0 ? 5 : 1) }, () => this.statement(depth));
	}
}

function moduleOf(random: Random): { module: Uint8Array; locals: number } {
	const declared = random.chance(0.1) ? 150 : 1 + random.below(12);
	const writer = new Writer(random, 2 + declared);
	const code = [writer.statements(5), writer.statements(5)];
	const i32: ValueType = "i32";
	const module = encodeModule({
		types: [
			{ params: [i32, i32], results: [] },
			{ params: [], results: [] },
			{ params: [], results: [i32] },
			{ params: [i32], results: [i32] },
			{ params: [i32, i32], results: [i32, i32] },
		],
		memories: [{ minimum: 1 }],
		functions: [{ type: 0, locals: [u(1), u(declared), 0x7f], code, export: "f" }],
	});
	return { module, locals: 2 + declared };
}

interface Open {
	height: number;
	arity: number;
	/** record to go on at when the label is branched to */
	target: number;
	loop: boolean;
}

/** Interprets the first body of a plan; what it says of its accesses is put to the test. */
class Interpreter {
	readonly proved = [0, 0, 0];
	aligned = 0;
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
		return (this.random.chance(0.7) ? this.random.pick(NASTY) : this.random.bits() >>> this.random.below(32)) | 0;
	}

	private access(record: PlanRecord, address: number, size: number): boolean {
		const at = (address >>> 0) + record.b;
		const prover = record.a & 0xff;
		if (prover) {
			assert.ok(at + size <= this.backed, `prover ${prover}: ${at} + ${size} is beyond ${this.backed}`);
			this.proved[prover]!++;
		}
		if (record.a & 256) {
			assert.equal(at % size, 0, "alignment");
			this.aligned++;
		}
		return at + size <= this.backed;
	}

	/** One call. Ends at `steps`, a trap or the end. */
	run(locals: number, steps: number): void {
		const values = new Array<number>(locals).fill(0);
		values[0] = this.value();
		values[1] = this.value();
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
			if (!name) continue;
			const load = LOADS.find(([load]) => load === name);
			const store = STORES.find(([store]) => store === name);
			if (load) {
				if (!this.access(record, pop(), load[1])) return;
				const value = this.value();
				if (name === "i32.load") stack.push(value);
				else stack.push(name.endsWith("_u") ? value & (load[1] === 1 ? 255 : 65535) : (value << (32 - 8 * load[1])) >> (32 - 8 * load[1]));
				continue;
			}
			if (store) {
				pop();
				if (!this.access(record, pop(), store[1])) return;
				continue;
			}
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
						const result = binary(name.slice(4), pop(), b);
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
		default:
			return +(a >= b);
	}
}

/** Plans and runs `modules` random modules. Returns accesses proved by each prover, and found aligned. */
function soak(frontEnd: FrontEnd, first: number, modules: number): number[] {
	const sums = [0, 0, 0, 0];
	for (let seed = first; seed < first + modules; seed++) {
		const random = new Random(seed);
		const { module, locals } = moduleOf(random);
		const outcome = compile(frontEnd, module);
		assert.ok(outcome.plan, `seed ${seed}: code ${outcome.code} at ${outcome.offset}, ${outcome.details.join(" ")}`);
		const interpreter = new Interpreter(readPlan(outcome.plan), BACKED, random);
		try {
			for (let run = 0; run < 12; run++) interpreter.run(locals, 400);
		} catch (error) {
			throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
		}
		for (let i = 1; i < 3; i++) sums[i]! += interpreter.proved[i]!;
		sums[3]! += interpreter.aligned;
	}
	return sums;
}

/** The conditions that the provers stand on, and how to break each. */
const BREAKS: [string, string, string, string][] = [
	["P1's and P2's bound", "prover-constant.ts", "return !ltu(backed - size - offset, address);", "return !ltu(backed - offset, address);"],
	["the wrap rule", "prover-range.ts", "const highWraps = ltu(high, highOf(at));", "const highWraps = lowWraps;"],
	["what loops assign", "planner.ts", "forgetSet(i, assigned(note, i));", "forgetSet(i, 0);"],
	["what meets at an end", "planner.ts", "if (meets() || frameFlags(frame) != 0) {", "if (frameFlags(frame) != 0) {"],
	["the other arm", "planner.ts", "\tforgetSince(mark);\n\tsetHeight(frameHeight(frame));", "\tsetHeight(frameHeight(frame));"],
	[
		"low zero bits",
		"prover-range.ts",
		"const zeroBits = fewer(zerosOf(at), zerosOf(at + 1));\n\tconst lowWraps = ltu(low,",
		"const zeroBits = zerosOf(at);\n\tconst lowWraps = ltu(low,",
	],
];

describe("provers", function () {
	this.timeout(0);

	before(() => configureFresh(typescript, 0));

	it("prove nothing that is not so", () => {
		const sums = soak(typescript, 0, 1500);
		assert.ok(sums[1]! > 100 && sums[2]! > 2000 && sums[3]! > 2000, sums.join(" "));
	});

	for (const [name, file, from, to] of BREAKS)
		it(`this test would notice: ${name}`, async () => {
			let found = false;
			const binary = await compileFrontEnd([], (path, text) => {
				if (path !== file || !text.includes(from)) return text;
				found = true;
				return text.replace(from, to);
			});
			assert.ok(found, `${file} has no such line`);
			const broken = await instantiate(binary);
			broken.configure(0);
			assert.throws(() => soak(broken, 0, 1500), /seed \d+: (prover|alignment)/);
		});
});
