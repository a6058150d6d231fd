/* A seeded source of randomness: the same seed gives the same sequence everywhere. */

export class Random {
	private state: number;

	constructor(seed: number) {
		/* Spreads seeds that are close together, also beyond 32 bits. */
		this.state =
			(Math.imul(seed >>> 0, 0x9e3779b1) ^ Math.imul(Math.floor(seed / 0x100000000) + 0x7f4a7c15, 0x85ebca6b)) >>>
			0;
		for (let i = 0; i < 4; i++) this.bits();
	}
	/** 32 random bits, unsigned. */
	bits(): number {
		this.state = (this.state + 0x6d2b79f5) >>> 0;
		let t = this.state;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return (t ^ (t >>> 14)) >>> 0;
	}
	/** 64 random bits, unsigned. */
	bits64(): bigint {
		return (BigInt(this.bits()) << 32n) | BigInt(this.bits());
	}
	/** An integer from 0 to n - 1. */
	below(n: number): number {
		return Math.floor((this.bits() / 0x100000000) * n);
	}
	/** An integer from low to high, both included. */
	between(low: number, high: number): number {
		return low + this.below(high - low + 1);
	}
	chance(probability: number): boolean {
		return this.bits() < probability * 0x100000000;
	}
	pick<T>(list: readonly T[]): T {
		return list[this.below(list.length)]!;
	}
	/** One of the keys, by weight. */
	weighted<T extends string>(weights: Partial<Record<T, number>>): T {
		let sum = 0;
		for (const key in weights) sum += weights[key] ?? 0;
		let at = (this.bits() / 0x100000000) * sum;
		let last = "" as T;
		for (const key in weights) {
			const weight = weights[key] ?? 0;
			if (weight <= 0) continue;
			last = key;
			if ((at -= weight) < 0) return key;
		}
		return last;
	}
	/** Small numbers often, large ones seldom: 0 to limit. */
	small(limit: number): number {
		let n = 0;
		while (n < limit && this.chance(0.6)) n++;
		return n;
	}
}
