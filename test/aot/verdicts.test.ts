/*
 * Verdicts of the front end: the specification's modules, generated ones, and mutations of them, compared with Node's
 * engine; every plan is checked;
 * plans do not depend on the chunks; aot.wasm gives the same plans, errors and offsets as the TypeScript.
 */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { ErrorCode } from "../../src/aot/base/error-code";
import { compileErrorText } from "../../src/host/webassembly/messages";
import { generateModule } from "../fuzz/generator";
import { Random } from "../fuzz/random";
import { specFolder } from "../support/paths";
import { thirdParty } from "../third-party/modules";
import { compile, compileFrontEnd, instantiate, raiseLimits, typescript, type FrontEnd, type Outcome } from "./driver";
import { PlanChecker } from "./plan";

declare const WebAssembly: { Module: new (bytes: Uint8Array) => object };

/** Why Node's engine refuses, "": it does not, null: for want of something newer than itself. */
function refusalByNode(bytes: Uint8Array): string | null {
	try {
		new WebAssembly.Module(bytes);
	} catch (error) {
		const message = (error as Error).message;
		// extended constant expressions, tail calls, custom page sizes
		return /not allowed in constant expressions|tail.call|invalid memory limits flags 0x[89]/.test(message)
			? null
			: message;
	}
	return "";
}

interface Command {
	type: string;
	line: number;
	filename?: string;
	module_type?: string;
	text?: string;
}

interface Sample {
	name: string;
	bytes: Uint8Array;
	/** null: by Node's verdict */
	valid: boolean | null;
	text: string;
}

function specSamples(folder: string): Sample[] {
	const samples: Sample[] = [];
	for (const part of ["core", "tail-call", "extended-const"])
		for (const file of readdirSync(join(folder, part)).filter((name) => name.endsWith(".json")))
			for (const command of (
				JSON.parse(readFileSync(join(folder, part, file), "utf8")) as { commands: Command[] }
			).commands)
				if (command.filename && command.module_type !== "text")
					samples.push({
						name: `${part}/${file}:${command.line}`,
						bytes: readFileSync(join(folder, part, command.filename)),
						valid: command.type !== "assert_invalid" && command.type !== "assert_malformed",
						text: command.text ?? "",
					});
	return samples;
}

const verdict = (outcome: Outcome): unknown[] => [outcome.code, outcome.offset, outcome.function, outcome.details];

function assertSame(name: string, a: Outcome, b: Outcome): void {
	assert.deepEqual(verdict(a), verdict(b), name);
	if (a.plan && b.plan) assert.ok(Buffer.compare(a.plan, b.plan) === 0, `${name}: the plans differ`);
}

/** Refused here, but not by Node: features and limits that are ours. */
function isOurOwn(outcome: Outcome): boolean {
	return (
		outcome.code === ErrorCode.UNSUPPORTED ||
		outcome.code >= ErrorCode.LIMIT ||
		outcome.code === ErrorCode.ACCESS_FLAGS
	);
}

describe("front end", function () {
	this.timeout(0);
	const spec = specFolder();
	let wasm: FrontEnd;

	before(async () => {
		setFlagsFromString("--experimental-wasm-extended-const");
		setFlagsFromString("--experimental-wasm-return-call");
		wasm = await instantiate(await compileFrontEnd());
		for (const frontEnd of [typescript, wasm]) {
			raiseLimits(frontEnd);
			frontEnd.configure(0);
		}
	});

	if (!spec)
		it("no specification tests here (WAIT_XS_SPEC)", function () {
			this.skip();
		});
	else {
		const samples = specSamples(spec);
		const count = (valid: boolean): number => samples.filter((sample) => sample.valid === valid).length;

		it(`accepts the specification's ${count(true)} modules, refuses its ${count(false)} invalid and malformed ones`, () => {
			const wrong = samples.filter(
				(sample) => (compile(typescript, sample.bytes).plan !== null) !== sample.valid,
			);
			assert.deepEqual(
				wrong.map((sample) => sample.name),
				[],
			);
		});

		it("gives plans of the right structure", () => {
			for (const sample of samples) {
				const { plan } = compile(typescript, sample.bytes);
				if (plan) new PlanChecker(plan).check();
			}
		});

		it("begins its messages with the specification's words, nearly always", () => {
			let same = 0;
			const refused = samples.filter((sample) => !sample.valid);
			for (const sample of refused) {
				const outcome = compile(typescript, sample.bytes);
				const text = compileErrorText(outcome.code, ...outcome.details);
				if (text.startsWith(sample.text.replace(/ \d+$/, ""))) same++;
			}
			assert.ok(same / refused.length > 0.96, `${same} of ${refused.length}`);
		});

		it("does not depend on the chunks", () => {
			for (const sample of samples) {
				const whole = compile(typescript, sample.bytes);
				for (const chunk of [1, 2, 3, 7, 64])
					assertSame(`${sample.name} in chunks of ${chunk}`, compile(typescript, sample.bytes, chunk), whole);
			}
		});

		it("is the same as aot.wasm", () => {
			for (const sample of samples)
				assertSame(sample.name, compile(wasm, sample.bytes), compile(typescript, sample.bytes));
		});
	}

	it("accepts modules of npm packages, the same as aot.wasm, in any chunks", () => {
		for (const { name, files } of thirdParty)
			for (const [file, bytes] of Object.entries(files())) {
				if (!file.endsWith(".wasm")) continue;
				const whole = compile(typescript, bytes);
				if (!whole.plan)
					assert.ok(isOurOwn(whole), `${name}/${file}: ${compileErrorText(whole.code, ...whole.details)}`);
				else new PlanChecker(whole.plan).check();
				assertSame(name, compile(wasm, bytes), whole);
				assertSame(name, compile(wasm, bytes, 977), whole);
			}
	});

	it("is the same as aot.wasm where sums leave 32 bits", () => {
		const most = [0xff, 0xff, 0xff, 0xff, 0x07];
		const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
		const code = [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 16, 1, 14, 2, 1, 0x7f, ...most, 0x7f];
		for (const bytes of [
			[...header, 1, ...most, 0],
			[...header, ...code, 0x0b, 0, 0, 0, 0],
		]) {
			const mine = compile(typescript, Uint8Array.from(bytes));
			assert.ok(!mine.plan);
			assertSame(String(bytes), compile(wasm, Uint8Array.from(bytes)), mine);
		}
	});

	it("accepts generated modules, and agrees with Node on mutations of them", () => {
		const random = new Random(20);
		let refused = 0;
		let accepted = 0;
		let decided = 0;
		for (let seed = 0; seed < 120; seed++) {
			const module = generateModule(seed);
			const outcome = compile(typescript, module);
			assert.ok(
				outcome.plan,
				`seed ${seed}: ${compileErrorText(outcome.code, ...outcome.details)} at ${outcome.offset}`,
			);
			new PlanChecker(outcome.plan).check();
			assertSame(`seed ${seed}`, compile(wasm, module), outcome);
			for (let i = 0; i < 25; i++) {
				const mutant = mutate(module, random);
				const mine = compile(wasm, mutant);
				assertSame(`mutant of seed ${seed}`, compile(typescript, mutant, random.below(90)), mine);
				const message = refusalByNode(mutant);
				if (message !== null) decided++;
				if (mine.plan) {
					accepted++;
					new PlanChecker(mine.plan).check();
					assert.ok(
						!message,
						`a mutant of seed ${seed} is not valid: ${message}: ${Buffer.from(mutant).toString("hex")}`,
					);
				} else {
					refused++;
					if (!isOurOwn(mine) && !isNewer(mine) && message === "")
						assert.fail(
							`a mutant of seed ${seed} is valid, refused with ${verdict(mine).join(" ")}: ${Buffer.from(mutant).toString("hex")}`,
						);
				}
			}
		}
		assert.ok(decided > (refused + accepted) * 0.8, `Node decided ${decided} of ${refused + accepted}`);
		assert.ok(refused > 500 && accepted > 100, `${accepted} accepted, ${refused} refused`);
	});

	it("refuses every module that is cut off", () => {
		const module = generateModule(3);
		for (let length = 0; length < module.length; length++) {
			const outcome = compile(typescript, module.subarray(0, length));
			if (outcome.plan) assert.ok(!refusalByNode(module.subarray(0, length)), `cut at ${length}`);
		}
	});
});

/**
 * What Node's engine accepts of later proposals: global.get of the module's own globals in constant expressions,
 * recursive types ...
 */
function isNewer(outcome: Outcome): boolean {
	return (
		outcome.code === ErrorCode.UNKNOWN_GLOBAL ||
		outcome.code === ErrorCode.MULTIPLE_MEMORIES ||
		outcome.code === ErrorCode.ZERO_BYTE
	);
}

function mutate(module: Uint8Array, random: Random): Uint8Array {
	const bytes = Uint8Array.from(module);
	const kind = random.below(4);
	const at = 8 + random.below(bytes.length - 8);
	if (kind === 0) bytes[at] = random.below(256);
	else if (kind === 1) bytes[at]! ^= 1 << random.below(8);
	else if (kind === 2) bytes[at] = (bytes[at]! + 1) & 0xff;
	else return Uint8Array.from([...bytes.subarray(0, at), random.below(256), ...bytes.subarray(at + random.below(2))]);
	return bytes;
}
