/*
 * The provers: random functions of i32 code, planned, and their plans interpreted. At each access whose check is said
 * to be needless, the address that
 * comes up has to be within the memory's backed minimum, and aligned where that is said. Values come from parameters
 * and loads, and are chosen to hurt.
 */

import assert from "node:assert/strict";
import { configureFresh, compile, compileFrontEnd, instantiate, typescript, type FrontEnd } from "./driver";
import { Random } from "../fuzz/random";
import { encodeModule, op, s, u, type Bytes, type ValueType } from "../support/wasm";
import { CASES, checksOf, planOf } from "./prover-cases";
import { OPERATIONS, readPlan, type PlanRecord } from "./plan";

const BACKED = 65536;
const NASTY = [
	0, 1, 2, 3, 4, 7, 8, 15, 31, 32, 63, 255, 256, 4095, 32767, 65528, 65532, 65535, 65536, 65537, 0x7fffffff,
	-0x80000000, -1, -2, -4, -8, -65536, -65537,
];

const BINARY =
	"add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u".split(
		" ",
	);
const COMPARES = "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u".split(" ");
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

/** Instructions that may trap or leave the code, or begin and end blocks. */
const EFFECTS = /^(block|loop|if|else|end|br|br_if|br_table|return|unreachable|i32\.(div|rem)_.|.*store.*)$/;

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
		return this.random.pick([
			0,
			0,
			0,
			1,
			2,
			4,
			8,
			100,
			65532,
			65535,
			65536,
			0xfffffff0,
			0xffffffff,
			this.random.below(70000),
		]);
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
		if (depth <= 0 || --this.budget < 0)
			return this.random.chance(0.6) ? op("local.get", this.local()) : this.constant();
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
				return [
					this.expression(depth - 1),
					this.expression(depth - 1),
					this.expression(depth - 1),
					op("select"),
				];
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
		return Array.from({ length: count }, () =>
			this.random.chance(0.5) ? op("local.set", this.local()) : op("drop"),
		);
	}

	private branch(depth: number): Bytes {
		const label = this.random.below(this.labels.length);
		const arity = this.labels[label]!;
		switch (this.random.below(4)) {
			case 0:
				return [
					this.values(arity, depth - 1),
					op("br", label),
					this.random.chance(0.3) ? [op("unreachable"), op("i32.add"), op("drop")] : [],
				];
			case 1: {
				const same = this.labels
					.map((other, index) => (other === arity ? index : -1))
					.filter((index) => index >= 0);
				const targets = Array.from({ length: 1 + this.random.below(4) }, () => this.random.pick(same));
				return [
					this.values(arity, depth - 1),
					this.expression(depth - 1),
					[0x0e, u(targets.length - 1), targets.map((target) => u(target))],
				];
			}
			default:
				return [
					this.values(arity, depth - 1),
					this.expression(depth - 1),
					op("br_if", label),
					Array.from({ length: arity }, () => op("drop")),
				];
		}
	}

	private statement(depth: number): Bytes {
		switch (this.random.below(depth > 0 && --this.budget > 0 ? 15 : 6)) {
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
				return this.pointers();
			case 6:
				return this.branch(depth);
			case 7: {
				const type = this.random.pick(BLOCK_TYPES);
				return [this.values(TAKES[type]!, depth - 1), this.block(type, depth - 1), this.dropped(GIVES[type]!)];
			}
			case 8:
				return this.changed();
			case 9:
			case 10:
			case 11:
				return this.counted(depth);
			case 12:
				return this.guarded(depth);
			case 13:
				return this.swept();
			default:
				return this.block(1, depth);
		}
	}

	/** A local is bounded before a loop that uses it, and assigned behind the use. */
	private changed(): Bytes {
		const local = this.local();
		const use = [op("local.get", local), op(this.random.pick(LOADS)[0], this.offset(), 0), op("drop")];
		this.labels.unshift(0);
		const body = [
			use,
			this.statements(1),
			this.expression(2),
			op("local.set", local),
			this.expression(2),
			op("br_if", 0),
		];
		this.labels.shift();
		return [this.bounded(2), op("local.set", local), op("loop"), [0x40], body, op("end")];
	}

	private load(offset = this.offset()): Bytes {
		return [op(this.random.pick(LOADS)[0], offset, 0), op("drop")];
	}

	/** Accesses through a local, its copies and sums. */
	private pointers(): Bytes {
		const locals = [this.local(), this.local()];
		const small = (): number => this.random.pick([0, 0, 1, 2, 3, 4, 5, 7, 8, 12, 16]);
		const address = (): Bytes => {
			const plain = op("local.get", this.random.pick(locals));
			if (this.random.chance(0.5)) return plain;
			return [
				plain,
				op("i32.const", this.random.chance(0.1) ? -65536 : small() * this.random.pick([1, 1, -1])),
				op(this.random.pick(["i32.add", "i32.add", "i32.sub", "i32.or"])),
			];
		};
		return Array.from({ length: 2 + this.random.below(5) }, () =>
			this.random.chance(0.3)
				? [address(), op("local.set", this.random.pick(locals))]
				: this.random.chance(0.15)
					? [address(), op("i32.const", 0), op(this.random.pick(STORES)[0], small(), 0)]
					: this.random.chance(0.05)
						? [op("local.get", this.local()), op("local.get", this.local()), op("i32.div_u"), op("drop")]
						: [address(), this.load(this.random.chance(0.1) ? this.offset() : small())],
		);
	}

	/** A comparison of a local, and accesses where its outcome is known. */
	private guarded(depth: number): Bytes {
		const local = this.local();
		const n = this.random.chance(0.7) ? this.random.pick([16, 256, 65532, 65533, 65536, 0, -1, -16]) : null;
		const right = n === null ? op("local.get", this.local()) : op("i32.const", n);
		const sides = this.random.chance(0.8) ? [op("local.get", local), right] : [right, op("local.get", local)];
		const condition = [
			sides,
			op("i32." + this.random.pick(COMPARES)),
			this.random.chance(0.2) ? op("i32.eqz") : [],
		];
		const use = [
			op("local.get", local),
			this.random.chance(0.3) ? [op("i32.const", this.random.pick([4, -4, 1, -1])), op("i32.add")] : [],
			this.load(this.random.pick([0, 1, 2, 3, 4, 65520, 65532])),
		];
		this.labels.unshift(0);
		const body = [use, this.statements(depth - 1)];
		this.labels.shift();
		switch (this.random.below(3)) {
			case 0:
				return [
					condition,
					op("if"),
					[0x40],
					body,
					this.random.chance(0.5) ? [op("else"), use] : [],
					op("end"),
					use,
				];
			case 1:
				return [op("block"), [0x40], condition, op("br_if", 0), body, op("end"), use];
			default:
				return [
					op("local.get", local),
					this.bounded(1),
					condition,
					op("select"),
					this.random.chance(0.5) ? op("local.tee", local) : [],
					this.load(),
					use,
				];
		}
	}

	/** A loop with counters; something may be wrong with it. */
	private counted(depth: number): Bytes {
		const { random } = this;
		const i = this.local();
		const p = this.local();
		const turns = 1 + random.below(6);
		const t = random.pick([1, 1, 2, 4, 4, 8, 12, 3]);
		const q = random.pick([1, 2, 4, 8, -4, -1]);
		const down = random.chance(0.35);
		const start = random.pick([
			0,
			0,
			1,
			4,
			5,
			100,
			-turns * t,
			65536 - turns * t,
			turns * t,
			turns * t - 1,
			turns * t + 4,
		]);
		const bound =
			start +
			(down ? -t : t) * (turns - (random.chance(0.3) ? 1 : 0)) +
			(random.chance(0.2) ? random.pick([1, -1, 2]) : 0);
		const first = random.chance(0.6) ? 256 * random.below(4) : 65536 - 4 * random.below(9);
		const limited = random.chance(0.2)
			? [this.bounded(1), op("local.tee", i)]
			: [op("i32.const", start), op("local.tee", i)];
		const other = random.chance(0.25) ? this.local() : -1;
		const boundValue = other < 0 ? op("i32.const", bound) : op("local.get", other);
		const step = [op("local.get", i), op("i32.const", down ? -t : t), op("i32.add")];
		const step2 = random.chance(0.8)
			? [op("local.get", p), op("i32.const", q), op("i32.add")]
			: [op("i32.const", q), op("local.get", p), op("i32.add")];
		const compare =
			"i32." +
			random.pick(
				down
					? ["ne", "ne", "gt_s", "ge_s", "gt_u", "ge_u", "lt_s"]
					: ["ne", "ne", "lt_s", "lt_u", "le_s", "le_u", "gt_u"],
			);
		const condition = (operand: Bytes): Bytes =>
			random.chance(0.15) ? operand : [operand, boundValue, op(compare)];
		// accesses at the edge of what is expected
		const edge = (value: number): number => {
			const offset = 65536 - value - random.below(6);
			return offset >= 0 && offset < 66000 ? offset : random.below(8);
		};
		const last = Math.max(start, bound);
		const use = (): Bytes =>
			random.chance(0.5)
				? [op("local.get", i), this.load(edge(last))]
				: [op("local.get", p), this.load(random.chance(0.5) ? edge(first + Math.max(0, q * (turns - 1))) : 0)];
		const wrong = (): Bytes => {
			if (random.chance(0.75)) return [];
			switch (random.below(4)) {
				case 0:
					return [this.expression(1), op("local.set", random.pick([i, p, i, p, other < 0 ? i : other]))];
				case 1:
					return [
						this.expression(1),
						op("br_if", random.pick(this.labels.flatMap((arity, label) => (arity === 0 ? [label] : [])))),
					];
				case 2:
					return this.statements(depth - 2);
				default:
					return [
						this.expression(1),
						op("if"),
						[0x40],
						random.pick([step, step2]),
						op("local.set", random.pick([i, p])),
						op("end"),
					];
			}
		};
		const setup = [
			op("i32.const", first),
			op("local.set", p),
			other < 0 ? [] : [random.chance(0.7) ? op("i32.const", bound) : this.bounded(1), op("local.set", other)],
			limited,
			op("drop"),
		];
		const shape = random.below(5);
		this.labels.unshift(...(shape === 0 || shape === 4 ? [0] : [0, 0]));
		const pieces = [use(), wrong(), random.chance(0.8) ? [step2, op("local.set", p)] : [], use(), wrong()];
		let code: Bytes;
		if (shape === 0)
			code = [
				op("loop"),
				[0x40],
				pieces,
				step,
				random.chance(0.8)
					? condition(op("local.tee", i))
					: [op("local.set", i), use(), condition(op("local.get", i))],
				op("br_if", 0),
				op("end"),
			];
		else if (shape === 1)
			code = [
				[
					op("block"),
					[0x40],
					op("loop"),
					[0x40],
					wrong(),
					condition(op("local.get", i)),
					op("i32.eqz"),
					op("br_if", 1),
				],
				[pieces, step, op("local.set", i), use(), wrong(), op("br", 0), op("end"), op("end")],
			];
		else if (shape === 2)
			code = [
				[op("loop"), [0x40], condition(op("local.get", i)), op("if"), [0x40]],
				[
					pieces,
					step,
					op("local.set", i),
					use(),
					op("br", 1),
					random.chance(0.2) ? [op("else"), use()] : [],
					op("end"),
					op("end"),
				],
			];
		else if (shape === 3)
			code = [
				[op("loop"), [0x40], op("block"), [0x40], condition(op("local.get", i)), op("i32.eqz"), op("br_if", 0)],
				[pieces, step, op("local.set", i), wrong(), op("br", 1), op("end"), use(), op("end")],
			];
		else {
			// up to 0, as clang counts
			const x = this.local();
			const c = this.local();
			const mostly = (local: number): number => (random.chance(0.95) ? local : this.local());
			const between = random.chance(0.4);
			const end = between
				? [condition(op("local.get", mostly(i))), op("local.set", c), step, op("local.set", i)]
				: [
						[
							step,
							op("local.tee", x),
							op("local.get", mostly(i)),
							op(random.chance(0.9) ? random.pick(["i32.ge_u", "i32.lt_u"]) : compare),
						],
						[op("local.set", c), op("local.get", mostly(x)), op("local.set", i)],
					];
			code = [
				[
					op("i32.const", !between && random.chance(0.8) ? -turns * t : start),
					op("local.set", i),
					op("loop"),
					[0x40],
					pieces,
				],
				between
					? []
					: [
							op("local.get", i),
							op("i32.const", 65536 - random.below(6)),
							op("i32.add"),
							this.load(random.below(2)),
						],
				[end, op("local.get", mostly(c)), random.chance(0.7) ? [] : op("i32.eqz"), op("br_if", 0), op("end")],
			];
		}
		this.labels.splice(0, shape === 0 || shape === 4 ? 1 : 2);
		return [setup, code, use()];
	}

	/** A loop whose turns depend on values from elsewhere, with accesses through pointers that it steps or leaves. */
	private swept(): Bytes {
		const { random } = this;
		const [i, p, q, n] = [this.local(), this.local(), this.local(), this.local()] as const;
		const step = random.pick([1, -1, -1, 4, 12, -2]);
		const use = (): Bytes => {
			const address = random.pick<Bytes>([
				op("local.get", p),
				op("local.get", q),
				[op("local.get", p), op("i32.const", random.pick([1, 4, -4])), op("i32.add")],
				[op("local.get", random.pick([p, q])), op("local.get", random.pick([i, n])), op("i32.add")],
			]);
			return [address, this.load(random.pick([0, 0, 1, 4, 8]))];
		};
		const moved = (local: number): Bytes => [
			op("local.get", local),
			op("i32.const", random.pick([1, 4, 4, 8, -4, step])),
			op("i32.add"),
			op("local.set", local),
		];
		const next = [op("local.get", i), op("i32.const", step), op("i32.add")];
		const compare = (operand: Bytes): Bytes =>
			random.chance(0.3)
				? operand
				: [
						operand,
						op("local.get", n),
						op("i32." + random.pick(["ne", "ne", step > 0 ? "lt_u" : "gt_s", "le_s"])),
					];
		const body = [use(), random.chance(0.7) ? moved(p) : [], use(), random.chance(0.3) ? moved(q) : []];
		return random.chance(0.7)
			? [op("loop"), [0x40], body, compare([next, op("local.tee", i)]), op("br_if", 0), op("end")]
			: [
					[op("loop"), [0x40], use(), compare(op("local.get", i)), op("if"), [0x40], body],
					[next, op("local.set", i), op("br", 1), op("end"), op("end")],
				];
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

/** Plans and runs `modules` random modules. Returns accesses proved by each prover, and found aligned. */
function soak(frontEnd: FrontEnd, first: number, modules: number): number[] {
	const sums = new Array<number>(10).fill(0);
	for (let seed = first; seed < first + modules; seed++) {
		const random = new Random(seed);
		const { module, locals } = moduleOf(random);
		const outcome = compile(frontEnd, module);
		assert.ok(
			outcome.plan,
			`seed ${seed}: code ${outcome.code} at ${outcome.offset}, ${outcome.details.join(" ")}`,
		);
		const interpreter = new Interpreter(readPlan(outcome.plan), BACKED, random);
		try {
			for (let run = 0; run < 12; run++) interpreter.run(locals, 400);
		} catch (error) {
			throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
		}
		for (let i = 1; i < 8; i++) sums[i]! += interpreter.proved[i]!;
		sums[8]! += interpreter.aligned;
		sums[9]! += interpreter.exacts;
	}
	return sums;
}

/**
 * Runs a case of P6 where its first parameter, or both, are near the ends of memory. Returns accesses shown by P6, and
 * accesses that kept their check.
 */
function runEdges(frontEnd: FrontEnd, code: Bytes): [number, number] {
	const interpreter = new Interpreter(readPlan(planOf(frontEnd, code)), BACKED, new Random(1));
	const small = [
		-13,
		-12,
		-5,
		-4,
		-2,
		-1,
		0,
		1,
		2,
		3,
		4,
		5,
		7,
		8,
		12,
		16,
		24,
		96,
		16380,
		2 ** 23 + 1,
		2 ** 24 + 1,
		2 ** 30 + 1,
	];
	for (const memory of [BACKED, 2 ** 32 - 65536]) {
		for (const second of small) {
			for (let below = -9; below < 60; below += 3) {
				const at = (memory - below) | 0;
				interpreter.runIn(memory, 6, 2000, at, second);
				interpreter.runIn(memory, 6, 2000, at, at + second);
				interpreter.runIn(memory, 6, 2000, second, at);
			}
			for (const first of small) interpreter.runIn(memory, 6, 2000, first, second);
		}
		for (const turns of [1, 2, 3, 96])
			for (let below = -120; below < 180; below++)
				interpreter.runIn(memory, 6, 2000, (memory - below) | 0, turns);
	}
	return [interpreter.proved[6]!, interpreter.kept];
}

/** The conditions that the provers stand on, and how to break each. */
const BREAKS: [string, string, string, string][] = [
	[
		"P1's and P2's bound",
		"provers/p1-constant.ts",
		"return !ltu(backed - size - offset, address);",
		"return !ltu(backed - offset, address);",
	],
	["the wrap rule", "provers/p2-range.ts", "const highWraps = ltu(high, highA);", "const highWraps = lowWraps;"],
	["sums that do not wrap", "provers/p2-range.ts", "isUnwrapped = !highWraps;", "isUnwrapped = true;"],
	["sums that do not wrap, of unknown operands", "provers/p2-range.ts", "\tisUnwrapped = false;\n", ""],
	["what loops assign", "plan/planner.ts", "forgetSet(i, assigned(note, i));", "forgetSet(i, 0);"],
	[
		"what meets at an end",
		"plan/planner.ts",
		"if (meets() || frameFlags(frame) != 0) {",
		"if (frameFlags(frame) != 0) {",
	],
	[
		"the other arm",
		"plan/planner.ts",
		"\tforgetLearnt();\n\tsetHeight(frameHeight(frame));",
		"\tsetHeight(frameHeight(frame));",
	],
	["sums that keep the root", "provers/p2-range.ts", "(lowB & (-1 << zerosA)) == 0", "true"],
	["P3's wrap rule", "provers/p3-dominated.ts", "(ltu(distance, reach) ||", "(distance < reach ||"],
	["P3's distance", "provers/p3-dominated.ts", "covers((reach - distance) | 0,", "covers(reach,"],
	[
		"P3: below, by low zero bits",
		"provers/p3-dominated.ts",
		"ltu(-distance, 1 << zeroBits)",
		"ltu(-distance, 2 << zeroBits)",
	],
	[
		"P3: the end of memory by low zero bits",
		"provers/p3-dominated.ts",
		"const part = (1 << (",
		"const part = (2 << (",
	],
	["P3: memories of any size", "decode/sections.ts", "pageSize == 0 ? 0 : SIZE_ZEROS", "SIZE_ZEROS"],
	[
		"W's distance",
		"provers/p4-widened.ts",
		"if (ltu(Extra.MOST, extra)) return false;",
		"if (extra > Extra.MOST) return false;",
	],
	["W's most", "provers/p4-widened.ts", "if (ltu(Extra.MOST, extra)) return false;", ""],
	["W's reach", "provers/p4-widened.ts", "if ((!ltu(reach, bytes) || isBelow) && widen", "if (widen"],
	[
		"W: below, by low zero bits",
		"provers/p4-widened.ts",
		"ltu(-distance, 1 << zeroBits)",
		"ltu(-distance, 2 << zeroBits)",
	],
	["W across stores", "plan/planner.ts", "if (op >= Op.I32_STORE) closeGroups();", ""],
	["W across control", "plan/planner.ts", "if (op < Op.DROP) closeGroups();", ""],
	["W across divisions", "plan/planner.ts", "if ((value & Row.EFFECT) != 0) closeGroups();\n\tif", "if"],
	["W's extra bytes", "provers/p4-widened.ts", "(reach - covered)", "(reach - covered - 1)"],
	["P6: early tests", "provers/p6-versioned.ts", "theTurns == 0 && isLate() && by > 0", "by > 0"],
	[
		"P6: downwards, the last turn",
		"provers/p6-versioned.ts",
		"isLate() && by > 0 ? by : 0",
		"isLate() ? amount(by) : 0",
	],
	["P6: the last turn", "provers/p6-versioned.ts", "by > 0 ? by : 0", "by > 0 ? 2 * by : 0"],
	[
		"P6: the slack",
		"provers/p6-versioned.ts",
		"- lowest(pointer) - Entry.SLACK -",
		"- lowest(pointer) - Entry.SLACK - 1 -",
	],
	["P6: turns that are known", "provers/p6-versioned.ts", "theTurns != 0 && ltu(room, theTurns - 1)", "false"],
	[
		"P6: the last turn that is known",
		"provers/p6-versioned.ts",
		"beyond(pointer) + mul(theTurns - 1,",
		"beyond(pointer) + mul(theTurns - 2,",
	],
	[
		"P6: the last turn that is known, downwards",
		"provers/p6-versioned.ts",
		"addConstant(low + mul(theTurns - 1, by))",
		"addConstant(low + mul(theTurns - 2, by))",
	],
	["P6: downwards", "provers/p6-versioned.ts", "\t\tpushWay(pointer);\n\t\tplain(Op.I32_SUB, 0);\n", ""],
	["P6: no turns", "provers/p6-versioned.ts", "addConstant(isLate() ? -1 : 0);", ""],
	["P6: a remainder", "provers/p6-versioned.ts", "binary(shift, Op.I32_ROTR)", "binary(shift, Op.I32_SHR_U)"],
	["P6: steps that are no multiple", "provers/p6-versioned.ts", "mul(times, size) == by", "times != 0"],
	["P6: turns", "provers/p6-versioned.ts", "\trefuseIf(Op.I32_GE_U);", "\tplain(Op.DROP, 0);\n\tplain(Op.DROP, 0);"],
	["P6: the turns that there is room for", "provers/p6-versioned.ts", "divu(backed - taken, by)", "divu(backed, by)"],
	[
		"P6: the turns that there is room for, of all pointers",
		"provers/p6-versioned.ts",
		"if (room < most) most = room;",
		"most = room;",
	],
	["P6: a constant of few bits", "provers/p6-versioned.ts", "value & ~(ones >> 8)", "value | (ones >> 8)"],
	[
		"P6: the end of memory",
		"provers/p6-versioned.ts",
		"\trefuseIf(Op.I32_GT_U);",
		"\tplain(Op.DROP, 0);\n\tplain(Op.DROP, 0);",
	],
	["P5 and P6: tests that pass at the bound", "provers/p5-counted.ts", "op <= Op.I32_GT_U", "op <= Op.I32_GE_U"],
	["P6: both step", "provers/p6-versioned.ts", "(by != 0 && foundStep != 0)", "false"],
	[
		"P6: large steps",
		"provers/p6-versioned.ts",
		"return ltu(foundStep + Entry.STEP, 2 * Entry.STEP + 1);",
		"return true;",
	],
	["P6: the lowest point", "provers/p6-versioned.ts", "if (low < least)", "if (least == Entry.FAR)"],
	["P6: points below", "provers/p6-versioned.ts", "low < 0 ? low : 0", "0"],
	[
		"P6: the highest point",
		"provers/p6-versioned.ts",
		"if (end > load32(pointer + Pointer.END))",
		"if (load32(pointer + Pointer.END) == -Entry.FAR)",
	],
	["P6: extra bytes", "provers/p6-versioned.ts", " + (recordA(load32(accessEntry(i))) >> Entry.EXTRA)", ""],
	["P6: displacements of locals", "provers/p6-versioned.ts", "foundAt = factDisplacement(local);", "foundAt = 0;"],
	["P6: displacements of sums", "provers/p6-versioned.ts", "at - above - foundAt", "at"],
	[
		"P6: what the loop assigns",
		"provers/p6-versioned.ts",
		"factRoot(local) != root || isAssigned(local, theNote)",
		"factRoot(local) != root",
	],
	[
		"P6: what the loop calls",
		"provers/p6-versioned.ts",
		"(loopFlags(note) & (LoopFlag.CALL | LoopFlag.LOOP)) == 0 && branches(note) == 1",
		"branches(note) == 1",
	],
	["P3 where ways meet", "plan/planner.ts", "\tforgetChecked(checkedMark);\n", ""],
	["P3's joined facts", "provers/p3-dominated.ts", "if (ltu(above, firstReach))", "if (!ltu(firstReach, above))"],
	["bounds where ways meet", "plan/planner.ts", "\tforgetBounds(boundsMark);\n", ""],
	["the signed order", "provers/p2-comparisons.ts", "if (leftHigh < 0) return;", ""],
	["the strict order", "provers/p2-comparisons.ts", "const one = strict ? 1 : 0;", "const one = 1;"],
	[
		"a condition's truth",
		"provers/p2-comparisons.ts",
		"truth == negated ? opposite(comparison)",
		"false ? opposite(comparison)",
	],
	["P5: one assignment", "provers/p5-steps.ts", "if (address != 0) setFlag(address, Induction.DEAD);", ""],
	["P5: one assignment, in inner loops", "provers/p5-steps.ts", "isAssigned(load8(address + 2), note))", "false)"],
	["P5: branches before the step", "provers/p5-steps.ts", "branches(note) == 0 ? 0 : Induction.IRREGULAR", "0"],
	["P5: branches before the test", "provers/p5-steps.ts", "else if (branches(note) != 0) return;", ""],
	[
		"P5: steps and tests in blocks",
		"provers/p5-steps.ts",
		"== depth) setFlag(entry(i), Induction.CLOSED)",
		"== -1) setFlag(entry(i), Induction.CLOSED)",
	],
	["P5: other branches than the test's", "provers/p5-steps.ts", "branches(note) != 1", "false"],
	[
		"P5: a bound that changes",
		"provers/p5-steps.ts",
		"isAssigned(load32(address + 4), note)) return false",
		"false) return false",
	],
	["P5: late tests", "provers/p5-steps.ts", "flags |= Induction.LATE", "flags |= 0"],
	["P5: early tests", "provers/p5-steps.ts", "if (step != 0) {", "flags |= Induction.LATE;\n\tif (step != 0) {"],
	["P5: up to 0, of another local", "provers/p5-steps.ts", "immediateOf(back + 3) == local &&", ""],
	["P5: up to 0, another sum", "provers/p5-steps.ts", "immediateOf(back + 4) == immediateOf(back) &&", ""],
	["P5: up to 0, the sum lost", "provers/p5-steps.ts", "immediateOf(back + 1) != immediateOf(back)", "true"],
	[
		"P5: up to 0, the comparison",
		"provers/p5-steps.ts",
		"(opOf(back + 2) == Op.I32_GE_U || opOf(back + 2) == Op.I32_LT_U) &&",
		"",
	],
	["P5: up to 0, its truth", "provers/p5-steps.ts", "if (isTrue == (opOf(back + 4) == Op.I32_GE_U))", ""],
	["P5: stepped in between, early", "provers/p5-steps.ts", "if (local != stepped) flags", "flags"],
	["P5: the condition stepped in between", "provers/p5-steps.ts", "condition != local &&", ""],
	["P5: stepped in between, another condition", "provers/p5-steps.ts", "immediateOf(back + 5) == condition", "true"],
	["P5: up to 0, another condition", "provers/p5-steps.ts", "&& immediateOf(back + 3) == condition)", ")"],
	[
		"P5: a stride that misses",
		"provers/p5-counted.ts",
		"ltu(far, near) || !isMultiple(far, spread)",
		"ltu(far, near)",
	],
	["P5: a distance of 0", "provers/p5-counted.ts", "(isLate && near == 0)", "false"],
	["P5: sums that wrap, unsigned and signed", "provers/p5-counted.ts", "ltu(most - amount, boundHigh)", "false"],
	[
		"P5: differences that wrap",
		"provers/p5-counted.ts",
		"if (!isSigned && (ltu(boundLow, amount) || (isLate && ltu(startLow, amount)))) return 0;",
		"",
	],
	["P5: ranges that wrap", "provers/p5-counted.ts", "by > 0 && !carries(high, way)", "by > 0"],
	[
		"P5: the number of turns",
		"provers/p5-counted.ts",
		"const way = mul(turns - 1, size);",
		"const way = mul(turns - 2, size);",
	],
	[
		"low zero bits: add",
		"provers/p2-range.ts",
		"const zeroBits = fewer(zerosA, zerosB);\n\tconst lowWraps = ltu(low,",
		"const zeroBits = zerosA;\n\tconst lowWraps = ltu(low,",
	],
	[
		"low zero bits: sub",
		"provers/p2-range.ts",
		"const zeroBits = fewer(zerosA, zerosB);\n\tconst low = (lowA - highB)",
		"const zeroBits = zerosA;\n\tconst low = (lowA - highB)",
	],
	[
		"low zero bits: mul",
		"provers/p2-range.ts",
		"let zeroBits = zerosA + zerosB;",
		"let zeroBits = zerosA + zerosB + 1;",
	],
	["low zero bits: and", "provers/p2-range.ts", "a > b ? a : b, 0", "a + b, 0"],
	[
		"low zero bits: or",
		"provers/p2-range.ts",
		"pushRange(greatest(lowA, lowB), ones(highA | highB), fewer(zerosA, zerosB), 0)",
		"pushRange(0, -1, zerosA, 0)",
	],
	[
		"low zero bits: xor",
		"provers/p2-range.ts",
		"pushRange(0, ones(highA | highB), fewer(zerosA, zerosB), 0)",
		"pushRange(0, -1, zerosA, 0)",
	],
	[
		"low zero bits: shl",
		"provers/p2-range.ts",
		"let zeroBits = zerosA + count;",
		"let zeroBits = zerosA + count + 1;",
	],
	[
		"low zero bits: shl by a variable",
		"provers/p2-range.ts",
		"pushRange(0, -1, zerosA, 0);\n\t\treturn;",
		"pushRange(0, -1, zerosA + 1, 0);\n\t\treturn;",
	],
	["low zero bits: shr_u", "provers/p2-range.ts", "zerosA - count;", "zerosA - count + 1;"],
	["low zero bits: select", "provers/p2-range.ts", "fewer(zerosA, zerosB), flags)", "zerosA, flags)"],
	[
		"low zero bits: starts",
		"provers/p5-counted.ts",
		"if (load8(address + 9) < zeroBits) zeroBits = load8(address + 9);",
		"",
	],
	[
		"low zero bits: steps",
		"provers/p5-counted.ts",
		"let zeroBits = lowZeros(size);",
		"let zeroBits = lowZeros(size) + 1;",
	],
	["P6: branches out of it", "plan/planner.ts", "\tnoteLeaving(label);\n", ""],
	[
		"P6: br_table",
		"plan/planner.ts",
		"\tconst labels = readU32();\n\tleaveEntry();\n",
		"\tconst labels = readU32();\n",
	],
];

describe("provers", function () {
	this.timeout(0);

	before(() => configureFresh(typescript, 0));

	for (const [name, code, checks, page] of CASES)
		it(name, () => {
			assert.deepEqual(checksOf(typescript, code, page), checks);
		});

	for (const [name, code] of CASES.filter(
		([name, , checks]) => name.startsWith("P6") && !name.endsWith("too many") && checks[0] === 6,
	))
		it(`${name}: at the ends of memory`, () => {
			const [proved, kept] = runEdges(typescript, code);
			assert.ok(proved > 100 && kept > 100, `${proved} ${kept}`);
		});

	it("prove nothing that is not so", () => {
		const sums = soak(typescript, 0, 1500);
		assert.ok(
			[1, 2, 3, 4, 5, 6, 8, 9].every((i) => sums[i]! > 100),
			sums.join(" "),
		);
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
			// a near miss that is proved, or an access that goes wrong
			if (
				!CASES.some(([, code, checks, page]) =>
					checksOf(broken, code, page).some((check, i) => check !== checks[i] && checks[i]! % 256 === 0),
				)
			)
				assert.throws(() => {
					if (name.startsWith("P6"))
						for (const [name, code] of CASES) if (name.startsWith("P6")) runEdges(broken, code);
					soak(broken, 0, 1500);
				}, /(prover|alignment)/);
		});
});
