/*
 * The second compilation (`--optimize`): what it does is what the first does, and no chain of calls takes more of the
 * stack than the check at its root allows.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { loadBoard } from "../../src/cli/boards";
import { waitXs, writeModule } from "../cli/support";
import { Random } from "../fuzz/random";
import { runSource } from "../host/support";
import { boardsToTest } from "../support/boards";
import { blockType, encodeModule, op, type Bytes, type ModuleParts, type ValueType } from "../support/wasm";

const SEED = Number(process.env["WAIT_XS_SEED"] ?? Math.floor(Math.random() * 0x7fffffff));

/**
 * What functions without a check, and the frame of one with a plain check, may take below the limit
 * (native/isa/assembler.h), and what enters the call.
 */
const BELOW_LIMIT = 1024 + 512 + 128;

interface Report {
	compile: { optimized: boolean; notOptimized?: string };
	native: { bytes: number };
	run: { result: string[] | null; trap: { kind: string } | null; stackPeak: number };
}

function run(board: string, path: string, ...args: string[]): Report {
	const result = waitXs("run", path, "--board", board, "--json", ...args);
	assert.ok(result.status === 0 || result.status === 1, result.stderr);
	return JSON.parse(result.stdout) as Report;
}

/**
 * Functions that call one another by chance: forwards, backwards, themselves, in tails and through a table; each takes
 * one of the fuel, which ends it all. What they keep across calls is
 * computed with afterwards, so that every word of a frame is written.
 */
function callGraph(random: Random): ModuleParts {
	const count = random.between(3, 24);
	const acyclic = random.chance(0.2);
	const functions: NonNullable<ModuleParts["functions"]> = [];
	for (let i = 0; i < count; i++) {
		const kept = random.pick([0, 0, 1, 2, 4, 10, 30, 90, 200]);
		const type: ValueType = random.chance(0.5) ? "i32" : "i64";
		const locals = Array.from({ length: kept }, () => type);
		const code: Bytes = [
			op("global.get", 0),
			op("i32.eqz"),
			op("if", blockType()),
			op("local.get", 0),
			op("return"),
			op("end"),
		];
		code.push(op("global.get", 0), op("i32.const", 1), op("i32.sub"), op("global.set", 0));
		for (let k = 0; k < kept; k++) {
			code.push(op("local.get", 0), op("i32.const", k), op("i32.add"));
			if (type === "i64") code.push(op("i64.extend_i32_u"));
			code.push(op("local.set", 1 + k));
		}
		const callee = (): number =>
			acyclic ? random.between(Math.min(i + 1, count), count) : random.below(count + 1);
		for (let calls = random.pick([0, 1, 1, 2, 3]); calls > 0; calls--) {
			code.push(op("local.get", 0), op("i32.const", calls), op("i32.add"));
			if (!acyclic && random.chance(0.1)) code.push(op("i32.const", random.below(4)), op("call_indirect", 0, 0));
			else code.push(op("call", callee()));
			code.push(op("local.set", 0));
		}
		for (let k = 0; k < kept; k++) {
			code.push(op("local.get", 0), op("local.get", 1 + k));
			if (type === "i64") code.push(op("i32.wrap_i64"));
			code.push(op("i32.add"), op("local.set", 0));
		}
		code.push(op("local.get", 0), random.chance(0.1) ? op("return_call", callee()) : []);
		functions.push({ type: 0, locals, code });
	}
	/* A leaf with a frame of its own: the end of every chain. */
	const words = Array.from({ length: 20 }, (): ValueType => "i64");
	const leaf: Bytes = words.flatMap((_, k) => [
		op("local.get", 0),
		op("i64.extend_i32_s"),
		op("i64.const", k * 77),
		op("i64.mul"),
		op("local.set", 1 + k),
	]);
	leaf.push(
		words.map((_, k) => op("local.get", 1 + k)),
		words.slice(1).map(() => op("i64.xor")),
		op("i32.wrap_i64"),
	);
	functions.push({ type: 0, locals: words, code: leaf });
	const order = Array.from({ length: 4 }, () => random.below(count + 1));
	return {
		types: [{ params: ["i32"], results: ["i32"] }],
		functions,
		tables: [{ type: "funcref", minimum: 4 }],
		globals: [{ type: "i32", mutable: true, init: op("i32.const", random.pick([40, 300, 20000, 1_000_000])) }],
		exports: [{ name: "f", kind: "func", index: 0 }],
		elements: [{ mode: "active", type: "funcref", functions: order }],
	};
}

function onNode(path: string): string {
	const exports = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path))).exports as {
		f(x: number): number;
	};
	try {
		return String(exports.f(7));
	} catch (error) {
		assert.ok(error instanceof RangeError);
		return "stack";
	}
}

/** What a script prints with these modules as ArrayBuffers. */
async function script(
	board: string,
	modules: Record<string, ModuleParts>,
	source: string,
	limits = {},
): Promise<string> {
	const buffers = Object.entries(modules).map(
		([name, parts]) => `const ${name} = new Uint8Array([${encodeModule(parts).join()}]).buffer;`,
	);
	const shared = `
		// A module on its first reading, another one on the second.
		const between = (first, second) => {
			let readings = 0;
			return { read(offset, count) { if (offset === 0) readings++; return (readings < 2 ? first : second).slice(offset, offset + count); } };
		};
		globalThis.attempt = (callee) => { try { return callee(); } catch (error) { return error.message; } };
		const options = { optimize: true };
	`;
	const reply = await runSource(board, `${buffers.join("\n")}${shared}${source}`, { limits });
	assert.equal(reply.status, 0, reply.stderr + reply.failure);
	return reply.stdout;
}

/** f calls g, which calls f again where `mutual`. It is not inlined. */
function pair(mutual: boolean, kept = 0): ModuleParts {
	const locals = Array.from({ length: kept }, (): ValueType => "i64");
	const set = locals.map((_, k) => [op("i64.const", k), op("local.set", k)]);
	const use = locals.map((_, k) => [op("local.get", k), op("i32.wrap_i64"), op("i32.add")]);
	return {
		types: [{ params: [], results: ["i32"] }],
		functions: [
			{ type: 0, export: "f", code: [op("call", 1), op("i32.const", 1), op("i32.add")] },
			{
				type: 0,
				locals,
				code: [
					set,
					mutual ? op("call", 0) : [op("block", blockType("i32")), op("i32.const", 5), op("end")],
					use,
					op("i32.const", 1),
					op("i32.add"),
				],
			},
		],
	};
}

/**
 * f(i) calls entry i of its table, which has 4, as () -> i32. What is different from a table that never changes is in
 * `different`.
 */
function through(different: Partial<ModuleParts> = {}, more: Bytes = []): ModuleParts {
	const give = (value: number): Bytes => op("i32.const", value);
	return {
		types: [
			{ params: [], results: ["i32"] },
			{ params: ["i32"], results: ["i32"] },
			{ params: [], results: ["i64"] },
		],
		functions: [
			{ type: 1, export: "f", code: [op("local.get", 0), op("call_indirect", 0, 0)] },
			{ type: 0, code: give(10) },
			{ type: 0, code: give(20) },
			{ type: 2, code: op("i64.const", 30) },
			{ type: 1, export: "g", code: [more, op("local.get", 0)] },
		],
		tables: [{ type: "funcref", minimum: 4, maximum: 6 }],
		elements: [{ mode: "active", type: "funcref", functions: [1, 2, 1, 2] }],
		...different,
	};
}

const item = (index?: number): Bytes => (index === undefined ? [0xd0, 0x70] : op("ref.func", index));
const active = { mode: "active", type: "funcref" } as const;

/** Tables of which a compilation knows more or less. */
const tables: Record<string, ModuleParts> = {
	full: through(),
	empty: through({ elements: [] }),
	fromOne: through({ elements: [{ ...active, offset: op("i32.const", 1), functions: [1, 2, 1] }] }),
	mixed: through({ elements: [{ ...active, functions: [1, 3, 3, 2] }] }),
	other: through({ elements: [{ ...active, functions: [3, 3, 3, 3] }] }),
	inTwo: through({
		elements: [
			{ ...active, functions: [1, 1] },
			{ ...active, offset: op("i32.const", 2), functions: [2, 2] },
		],
	}),
	overwritten: through({
		elements: [
			{ ...active, functions: [1, 1, 1, 1] },
			{ ...active, offset: op("i32.const", 1), items: [item(), item(3)] },
		],
	}),
	computed: through({
		imports: [{ module: "m", name: "one", kind: "global", type: "i32", mutable: false }],
		elements: [
			{ ...active, functions: [1, 1, 1, 1] },
			{ ...active, offset: op("global.get", 0), items: [item()] },
		],
	}),
	passive: through({ elements: [{ mode: "passive", type: "funcref", functions: [1, 2] }] }),
	changed: through({}, [op("i32.const", 1), op("i32.const", 3), op("table.get", 0), op("table.set", 0)]),
	cleared: through({}, [op("i32.const", 1), op("ref.null", 0x70), op("table.set", 0)]),
	filled: through({}, [op("i32.const", 1), op("ref.null", 0x70), op("i32.const", 2), op("table.fill", 0)]),
	grown: through({}, [op("ref.null", 0x70), op("i32.const", 2), op("table.grow", 0), op("drop")]),
	copied: through({ elements: [{ ...active, functions: [1, 3] }] }, [
		op("i32.const", 1),
		op("i32.const", 0),
		op("i32.const", 3),
		op("table.copy", 0, 0),
	]),
	initialized: through(
		{
			elements: [
				{ ...active, functions: [1, 2, 1, 2] },
				{ mode: "passive", type: "funcref", functions: [3] },
			],
		},
		[op("i32.const", 2), op("i32.const", 0), op("i32.const", 1), op("table.init", 1, 0)],
	),
	exported: through({ exports: [{ name: "t", kind: "table", index: 0 }] }),
};

const outcome = ({ run }: Report): string => run.trap?.kind ?? run.result?.[0] ?? "";

describe(`the second compilation, seed ${SEED}`, function () {
	this.timeout(0);

	for (const board of boardsToTest()) {
		it(`takes no more of the stack than it may, whatever calls what, on ${board}`, function () {
			const most = loadBoard(board).limits.wasmStack + BELOW_LIMIT;
			const random = new Random(SEED);
			let exhausted = 0;
			for (let i = 0; i < (board === "sim" ? 24 : 12); i++) {
				const path = writeModule(`graph-${board}-${i}.wasm`, encodeModule(callGraph(random)));
				const first = run(board, path, "--invoke", "f", "7");
				const second = run(board, path, "--optimize", "--invoke", "f", "7");
				const what = `module ${i}: ${path}`;
				assert.equal(first.compile.optimized, false, what);
				assert.equal(second.compile.optimized, true, what);
				for (const report of [first, second])
					assert.ok(report.run.stackPeak <= most, `${what}: ${report.run.stackPeak} of ${most} bytes`);
				const results = [outcome(first), outcome(second), onNode(path)].filter((result) => result !== "stack");
				assert.ok(new Set(results).size <= 1, `${what}: ${results.join(" ")}`);
				if (outcome(second) === "stack") exhausted++;
			}
			this.test!.title += `: ${exhausted} of them to its end`;
			assert.ok(exhausted > 0);
		});

		it(`may be given another module than the first, on ${board}`, async () => {
			const source = `
				for (const [first, second] of [[once, once], [once, mutual], [once, large], [mutual, once], [once, new ArrayBuffer(40)], [once, once.slice(0, 30)]]) {
					const module = await WebAssembly.compileStreaming(between(first, second), options);
					const { f } = new WebAssembly.Instance(module).exports;
					console.log(attempt(f));
				}
			`;
			const printed = await script(
				board,
				{ once: pair(false), mutual: pair(true), large: pair(true, 60) },
				source,
			);
			assert.equal(printed, "7\ncall stack exhausted\ncall stack exhausted\n7\n7\n7\n");
		});
	}

	for (const board of boardsToTest()) {
		it(`calls through tables as the first does, and as Node, on ${board}`, async () => {
			const source = `
				const message = (error) => /signature mismatch|null function|uninitialized|type mismatch/.test(error.message) ? "no such function" : /out of bounds|undefined element/.test(error.message) ? "out of bounds" : error.message;
				const attempt = (callee) => { try { return callee(); } catch (error) { return message(error); } };
				for (const name in modules) for (const options of [undefined, { optimize: true }]) {
					const { f, g, t } = new WebAssembly.Instance(new WebAssembly.Module(modules[name], options), { m: { one: 1 } }).exports;
					const all = () => [0, 1, 2, 3, 4, 5, -1].map((i) => attempt(() => f(i))).join();
					const before = all();
					if (t) { t.set(0, null); t.set(1, new WebAssembly.Instance(new WebAssembly.Module(modules.full)).exports.f); t.grow(1); }
					attempt(() => g(0));
					console.log(name + ": " + before + " " + all());
				}
			`;
			const named = `const modules = { ${Object.keys(tables).join()} };`;
			const lines = (await script(board, tables, named + source)).trim().split("\n");
			const expected: string[] = [];
			const onNode = new Function("console", "modules", source) as (
				console: unknown,
				modules: Record<string, Uint8Array>,
			) => void;
			onNode(
				{ log: (line: string) => expected.push(line) },
				Object.fromEntries(Object.entries(tables).map(([name, parts]) => [name, encodeModule(parts)])),
			);
			assert.deepEqual(lines, expected);
			assert.equal(lines.length, 2 * Object.keys(tables).length);
		});

		it(`knows that a segment may fail when others already have functions, on ${board}`, async () => {
			const source = `
				for (const optimize of [false, true]) {
					const t = new WebAssembly.Table({ element: "anyfunc", initial: 1 });
					const how = attempt(() => { new WebAssembly.Instance(new WebAssembly.Module(leaks, { optimize }), { m: { t } }); });
					console.log(how, [0, 1, 2, 3].map((i) => attempt(() => t.get(0)(i))).join());
				}
			`;
			const leaks = through({
				imports: [{ module: "m", name: "t", kind: "table", type: "funcref", minimum: 1 }],
				functions: through().functions!.map((body, i) =>
					i ? body : { ...body, code: [op("local.get", 0), op("call_indirect", 0, 1)] },
				),
				elements: [
					{ ...active, functions: [0] },
					{ ...active, functions: [1, 2, 1] },
					{ ...active, index: 1, functions: [1, 2] },
					{ ...active, index: 1, offset: op("i32.const", 2), functions: [1, 2] },
				],
			});
			const line =
				"out of bounds table access uninitialized element,uninitialized element,uninitialized element,uninitialized element\n";
			assert.equal(await script(board, { leaks }, source), line + line);
		});

		it(`is refused where a table changes after all, and knows of each instance apart, on ${board}`, async () => {
			const source = `
				for (const second of [changed, cleared, grown, exported, passive]) {
					const module = await WebAssembly.compileStreaming(between(full, second), options);
					const [one, two] = [new WebAssembly.Instance(module).exports, new WebAssembly.Instance(module).exports];
					attempt(() => one.g(0));
					console.log([0, 1, 2, 3].map((i) => attempt(() => one.f(i))).join(), attempt(() => two.f(2)), one.t === undefined);
				}
			`;
			const printed = await script(board, tables, source);
			assert.deepEqual(printed.trim().split("\n"), [
				...Array.from({ length: 3 }, () => "10,20,10,20 10 true"),
				"10,20,10,20 10 false",
				[0, 1, 2, 3, 4]
					.map(() => "uninitialized element")
					.join()
					.replace(/,(?=[^,]*$)/, " ") + " true",
			]);
		});
	}

	it("is what run and inspect show", () => {
		const path = writeModule("full.wasm", encodeModule(tables["full"]!));
		const codeOf = (...options: string[]): number => {
			const result = waitXs(
				"inspect",
				path,
				"--disassemble",
				"--function",
				"0",
				"--board",
				"lin-arm",
				...options,
			);
			assert.equal(result.status, 0, result.stderr);
			return Number(/(\d+) of machine code, [\d.]+ a byte/.exec(result.stdout)![1]);
		};
		assert.ok(codeOf("--optimize") < codeOf() / 2);
		const { compile, native } = run("sim", path, "--optimize", "--invoke", "f", "1");
		assert.equal(compile.optimized, true);
		assert.ok(native.bytes < run("sim", path, "--invoke", "f", "1").native.bytes);
	});

	it("leaves the first image where it fails, and needs what can be read twice", async () => {
		const source = `
			let readings = 0;
			const failing = { read(offset, count) { if (offset === 0 && ++readings === 2) throw new Error("gone"); return once.slice(offset, offset + count); } };
			console.log(new WebAssembly.Instance(await WebAssembly.compileStreaming(failing, options)).exports.f(), readings);
			const how = (promise) => promise.then(() => "compiled", (error) => error.name);
			console.log(await how(WebAssembly.compileStreaming([once], options)), await how(WebAssembly.compileStreaming([once])), await how(WebAssembly.compile(once, 7)));
			console.log(new WebAssembly.Instance(new WebAssembly.Module(once, options)).exports.f());
			console.log((await WebAssembly.instantiate(once, {}, options)).instance.exports.f(), (await WebAssembly.instantiateStreaming(once, {}, options)).instance.exports.f());
		`;
		assert.equal(await script("sim", { once: pair(false) }, source), "7 2\nTypeError compiled TypeError\n7\n7 7\n");
		assert.equal(
			await script("sim", { once: pair(false) }, source, { knowledge: 1 }),
			"7 2\nTypeError compiled TypeError\n7\n7 7\n",
		);
	});

	it("says when there is no flash for both images", () => {
		const path = writeModule("pair.wasm", encodeModule(pair(false)));
		const { codeFlashPage = 4096 } = loadBoard("sim").limits as { codeFlashPage?: number };
		const script = writeModule(
			"flash.js",
			Buffer.from(`
			const compile = async () => new WebAssembly.Instance(await WebAssembly.compileStreaming(files.open("m"))).exports.f();
			console.log(await compile());
		`),
		);
		const result = waitXs(
			"exec",
			script,
			"--file",
			`m=${path}`,
			"--optimize",
			"--limit",
			`codeFlash=${codeFlashPage}`,
		);
		assert.equal(result.stdout, "7\n", result.stderr);
	});
});
