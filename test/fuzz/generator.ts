/*
 * Generates valid modules and what to call in them, from a seed. They end (loops and calls consume fuel), use what the
 * runtime supports, and lean to what its check planner, register allocation and encoders find hard.
 *
 * NaNs: the specification leaves bits of NaNs open, and engines differ. In the encoding for other engines, code makes
 * them canonical: in the mode "clean" after every operation that may make a NaN, so that all bits of floats are
 * determined; in the mode "open" only where bits could be seen (stores, reinterpretations, signs).
 */

import type { Case, GeneratedModule, Step } from "../differential/format";
import { ModuleGenerator, type GeneratorOptions } from "./module-generator";
import { Random } from "./random";

/** What the seed stands for. */
export class GeneratedCase {
	readonly generators: ModuleGenerator[] = [];

	constructor(
		readonly seed: number,
		options: GeneratorOptions = {},
	) {
		const random = new Random(seed);
		const count = options.alone ? 1 : random.weighted({ "1": 80, "2": 17, "3": 3 });
		for (let i = 0; i < Number(count); i++) {
			const generator = new ModuleGenerator(random, options, this.generators[i - 1]);
			generator.generate();
			this.generators.push(generator);
		}
		this.modules = this.generators.map((generator) => generator.finish());
		const steps = this.generators.flatMap((generator, module) => generator.steps.map((step) => ({ module, step })));
		if (this.generators.length > 1) steps.sort((a, b) => hash(seed, a.step) - hash(seed, b.step));
		this.steps = steps;
	}
	modules: GeneratedModule[];
	readonly steps: Case["steps"];

	/** After the trees were changed. */
	encodeAgain(): void {
		this.generators.forEach((generator, i) => {
			this.modules[i]!.canonical = generator.encode(true);
			this.modules[i]!.plain = generator.encode(false);
		});
	}
}

function hash(seed: number, step: Step): number {
	let h = seed | 0;
	for (const c of step.join()) h = Math.imul(h ^ c.charCodeAt(0), 0x01000193);
	return h;
}

export function generateCase(seed: number, options: GeneratorOptions = {}): GeneratedCase {
	return new GeneratedCase(seed, options);
}

/** One module without imports. */
export function generateModule(seed: number, options: GeneratorOptions = {}): Uint8Array {
	return new GeneratedCase(seed, { ...options, alone: true }).modules[0]!.plain;
}
