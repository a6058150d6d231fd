/*
 * Generated modules on every board against Node's own engine, for a while, from a fresh seed (or WAIT_XS_SEED); mutated
 * and truncated modules against its verdict. `npm run soak` does the same for as long as one likes.
 */

import assert from "node:assert/strict";
import { compareTraces, runCases, saveFailure } from "../differential/runner";
import { boardsToTest } from "../support/boards";
import { generateCase } from "./generator";
import type { GeneratedCase } from "./generator";
import { mutate } from "./mutator";
import { Random } from "./random";
import { compareVerdicts, runVerdicts } from "./verdicts";

const SEED = Number(process.env["WAIT_XS_SEED"] ?? Math.floor(Math.random() * 0x7fffffff));
/** Seconds for each board and kind. */
const SECONDS = Number(process.env["WAIT_XS_FUZZ_SECONDS"] ?? 60);

function casesFrom(seed: number, count: number): GeneratedCase[] {
	return Array.from({ length: count }, (_, i) => generateCase(seed + i));
}

interface Kind {
	name: string;
	options?: string[];
	chunks?: number[];
	share: number;
}

const KINDS: Kind[] = [
	{ name: "as compiled", share: 0.45 },
	{ name: "compiled a second time", options: ["--optimize"], share: 0.15 },
	{ name: "in the audit build", options: ["--audit"], share: 0.2 },
	{ name: "streamed in chunks of 1, 2, 3, 7 and 64 bytes", chunks: [1, 2, 3, 7, 64], share: 0.2 },
];

describe(`generated modules, seed ${SEED}`, function () {
	this.timeout(0);

	it("are valid, and the same from the same seed", () => {
		for (let seed = SEED; seed < SEED + 100; seed++) {
			const [a, b] = [generateCase(seed), generateCase(seed)];
			a.modules.forEach((module, i) => {
				assert.deepEqual(module.plain, b.modules[i]!.plain);
				assert.ok(module.plain.length > 8);
			});
		}
	});

	for (const board of boardsToTest()) {
		KINDS.forEach((kind, index) => {
			it(`${board}, ${kind.name}`, async function () {
				const until = Date.now() + SECONDS * kind.share * 1000;
				let seed = SEED + index * 100000;
				const first = seed;
				const failures: string[] = [];
				let modules = 0;
				let calls = 0;
				do {
					const cases = casesFrom(seed, board === "sim" ? 40 : 15);
					seed += cases.length;
					const [expected, actual] = await Promise.all([
						runCases("node", cases),
						runCases(board, cases, {
							options: kind.options,
							guest: { chunks: kind.chunks },
							label: kind.name.slice(0, 5),
						}),
					]);
					for (const generated of cases) modules += generated.modules.length;
					for (const trace of expected.values()) calls += trace.split(" -> ").length - 1;
					for (const difference of compareTraces(board, expected, actual))
						failures.push(
							`seed ${difference.seed}, ${difference.at.slice(0, 300)}; kept in ${saveFailure(
								cases.find((c) => c.seed === difference.seed)!,
								difference,
							)}`,
						);
				} while (Date.now() < until && failures.length < 5);
				this.test!.title += `: seeds ${first} to ${seed - 1}, ${modules} modules, ${calls} calls`;
				assert.deepEqual(failures, []);
			});
		});
	}
});

describe(`mutated modules, seed ${SEED}`, function () {
	this.timeout(0);
	const random = new Random(SEED);
	const originals: Uint8Array[] = [];
	for (let seed = SEED; originals.length < 50; seed++) {
		const bytes = generateCase(seed, { size: 25 }).modules[0]!.plain;
		if (bytes.length < 2500) originals.push(bytes);
	}

	for (const board of boardsToTest()) {
		it(`${board}: verdicts as the reference's, memory stays flat`, async function () {
			const count = board === "sim" ? 4000 : 1500;
			const modules = Array.from({ length: count }, () =>
				mutate(random.pick(originals), random, random.pick(originals)),
			);
			const [expected, actual] = await Promise.all([runVerdicts("node", modules), runVerdicts(board, modules)]);
			const { valid, invalid, limits, disagreements } = compareVerdicts(expected.verdicts, actual.verdicts);
			this.test!.title += `: ${valid} valid, ${invalid} invalid, ${limits} beyond a limit`;
			assert.deepEqual(
				disagreements.slice(0, 10).map((d) => `module ${d.index}: ${d.what}`),
				[],
			);
			assert.ok(valid > count / 50 && invalid > count / 2, "modules of both kinds");
			const [, second] = actual.memory;
			const last = actual.memory[actual.memory.length - 1]!;
			for (const name in second)
				assert.ok(
					last[name]! <= second[name]! * 1.02 + 4096,
					`${name} grew from ${second[name]} to ${last[name]}`,
				);
		});

		it(`${board}: a module cut off anywhere`, async function () {
			const modules: Uint8Array[] = [];
			for (const bytes of originals.filter((b) => b.length < 900).slice(0, board === "sim" ? 6 : 2)) {
				for (let length = 0; length <= bytes.length; length++) modules.push(bytes.slice(0, length));
			}
			const [expected, actual] = await Promise.all([runVerdicts("node", modules), runVerdicts(board, modules)]);
			const { disagreements } = compareVerdicts(expected.verdicts, actual.verdicts);
			this.test!.title += `: ${modules.length} modules`;
			assert.deepEqual(
				disagreements.slice(0, 10).map((d) => `module ${d.index}: ${d.what}`),
				[],
			);
		});
	}
});
