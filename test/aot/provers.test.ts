/*
 * The provers: random functions of i32 code, planned, and their plans interpreted. At each access whose check is said
 * to be needless, the address that comes up has to be within the memory's backed minimum, and aligned where that is
 * said. Values come from parameters and loads, and are chosen to hurt.
 */

import assert from "node:assert/strict";
import { Random } from "../fuzz/random";
import { type Bytes } from "../support/wasm";
import { compile, compileFrontEnd, configureFresh, instantiate, typescript, type FrontEnd } from "./driver";
import { readPlan } from "./plan";
import { BREAKS } from "./prover-breaks";
import { CASES, checksOf, planOf } from "./prover-cases";
import { BACKED, moduleOf } from "./prover-code";
import { Interpreter } from "./prover-machine";

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
