/* Random functions of i32 code with accesses, whose addresses come from parameters, loads and loops. */

import { Random } from "../fuzz/random";
import { encodeModule, op, s, u, type Bytes, type ValueType } from "../support/wasm";

export const BACKED = 65536;
export const NASTY = [
	0, 1, 2, 3, 4, 7, 8, 15, 31, 32, 63, 255, 256, 4095, 32767, 65528, 65532, 65535, 65536, 65537, 0x7fffffff,
	-0x80000000, -1, -2, -4, -8, -65536, -65537,
];

const BINARY =
	"add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u".split(
		" ",
	);
const COMPARES = "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u".split(" ");
export const UNARY = "clz ctz popcnt eqz extend8_s extend16_s".split(" ");
export const LOADS: [string, number][] = [
	["i32.load", 4],
	["i32.load8_s", 1],
	["i32.load8_u", 1],
	["i32.load16_s", 2],
	["i32.load16_u", 2],
];
export const STORES: [string, number][] = [
	["i32.store", 4],
	["i32.store8", 1],
	["i32.store16", 2],
];
/** Types: 0 the function, 1 [] -> [], 2 [] -> [i32], 3 [i32] -> [i32], 4 [i32 i32] -> [i32 i32]. */
const BLOCK_TYPES = [1, 2, 3, 4];
const TAKES = [0, 0, 0, 1, 2];
const GIVES = [0, 0, 1, 1, 2];

/** Instructions that may trap or leave the code, or begin and end blocks. */
export const EFFECTS = /^(block|loop|if|else|end|br|br_if|br_table|return|unreachable|i32\.(div|rem)_.|.*store.*)$/;

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

export function moduleOf(random: Random): { module: Uint8Array; locals: number } {
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
