/*
 * What C does for a module is linear in the module's size, whatever its shape: instantiating it, calling it, the trap
 * that ends the call. Instructions are counted on the emulated board; they at most double (with a margin) when the
 * module doubles. The front end's own test is test/aot/linear.test.ts.
 */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadBoard } from "../../src/cli/boards";
import { moduleRequest } from "../../src/cli/run-module";
import { runOnBoard, type BoardRequest, type InstructionCounts } from "../../src/cli/runner";
import { outputFolder } from "../support/paths";
import { encodeModule, op, text, u, type Bytes, type FunctionType, type ModuleParts } from "../support/wasm";

const N = 1000;
/** Instructions that a run may take more for no reason of the module: collections of garbage come when they come. */
const SLACK = 1_000_000;
const MANY = 20000;

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

const NOTHING: FunctionType = { params: [], results: [] };
const trap = { type: 0, code: op("unreachable"), export: "run" };

/** Types that differ. */
const distinctTypes = (n: number): FunctionType[] =>
	times(n, (i) => ({
		params: times(14, (bit) => ((i >> bit) & 1 ? "i32" : "f32")),
		results: [],
	}));

/** A name section with these subsections. */
const nameSection = (...subsections: [id: number, content: Bytes][]): ModuleParts["custom"] => [
	{ name: "name", bytes: subsections.flatMap(([id, content]) => subsection(id, content)) },
];

function subsection(id: number, content: Bytes): number[] {
	const bytes = content.flat(9) as number[];
	return [id, ...u(bytes.length), ...bytes];
}

/** Names of functions from `first` on. */
const namesFrom = (first: number, n: number): Bytes => [u(n), times(n, (i) => [u(first + i), text(`name${i % 10}`)])];

const SHAPES: Record<string, (n: number) => ModuleParts> = {
	"names of functions, the one that traps last": (n) => ({
		types: [NOTHING],
		functions: [...times(n, () => ({ type: 0, code: [] })), trap],
		custom: nameSection([1, namesFrom(1, n)]),
	}),
	"names of functions, and the one that traps has none": (n) => ({
		types: [NOTHING],
		functions: [trap],
		custom: nameSection([1, namesFrom(1, 20 * n)]),
	}),
	"names of functions out of order": (n) => ({
		types: [NOTHING],
		functions: [trap],
		custom: nameSection([1, [u(20 * n), times(20 * n, () => [u(7), text("seven")])]]),
	}),
	"names of functions, and a call that recurses without end": (n) => ({
		types: [NOTHING],
		functions: [{ type: 0, code: [op("call", 0), op("call", 0)], export: "run" }],
		custom: nameSection([1, namesFrom(1, 20 * n)]),
	}),
	"subsections of the name section": (n) => ({
		types: [NOTHING],
		functions: [trap],
		custom: nameSection(...times(10 * n, (): [number, Bytes] => [9, [1, 2, 3]])),
	}),
	"custom sections": (n) => ({
		types: [NOTHING],
		functions: [trap],
		custom: times(n, () => ({ name: "other", bytes: [1, 2, 3] })),
	}),
	"functions that call each other": (n) => ({
		types: [NOTHING],
		functions: [
			...times(n, (i) => ({ type: 0, code: i === n - 1 ? op("unreachable") : op("call", i + 1) })),
			{ type: 0, code: op("call", 0), export: "run" },
		],
	}),
	types: (n) => ({ types: [NOTHING, ...distinctTypes(n)], functions: [trap] }),
	"imports of functions whose type is the last": (n) => ({
		types: [NOTHING, ...distinctTypes(n), { params: [], results: ["i64"] }],
		imports: times(n, () => ({ module: "iot1", name: "now_us", kind: "func", type: n + 1 })),
		functions: [trap],
	}),
	"exports of functions": (n) => ({
		types: [NOTHING],
		functions: [trap, ...times(n, (i) => ({ type: 0, code: [], export: `e${i}` }))],
	}),
	"exports of imported functions": (n) => ({
		types: [NOTHING, { params: [], results: ["i64"] }],
		imports: times(n, () => ({ module: "iot1", name: "now_us", kind: "func", type: 1 })),
		functions: [trap],
		exports: times(n, (i) => ({ name: `e${i}`, kind: "func", index: n - 1 - i })),
	}),
	"exports of globals, from the last to the first": (n) => ({
		types: [NOTHING],
		functions: [trap],
		globals: times(n, () => ({ type: "i32", mutable: true, init: op("i32.const", 1) })),
		exports: times(n, (i) => ({ name: `e${i}`, kind: "global", index: n - 1 - i })),
	}),
	"tables and their exports": (n) => ({
		types: [NOTHING],
		functions: [trap],
		tables: times(n, () => ({ type: "funcref", minimum: 1 })),
		exports: times(n, (i) => ({ name: `e${i}`, kind: "table", index: n - 1 - i })),
	}),
	"element segments": (n) => ({
		types: [NOTHING],
		functions: [trap],
		tables: [{ type: "funcref", minimum: 10 }],
		elements: times(n, () => ({ mode: "active", type: "funcref", functions: [0, 0] })),
	}),
	"an element segment of different functions": (n) => ({
		types: [NOTHING],
		functions: [trap, ...times(n, () => ({ type: 0, code: [] }))],
		tables: [{ type: "funcref", minimum: n }],
		elements: [{ mode: "active", type: "funcref", functions: times(n, (i) => n - i) }],
	}),
	"data segments": (n) => ({
		types: [NOTHING],
		functions: [trap],
		memories: [{ minimum: 1 }],
		data: times(n, (i) => ({ mode: "active", offset: op("i32.const", i), bytes: [1, 2, 3] })),
	}),
	"a data segment": (n) => ({
		types: [NOTHING],
		functions: [trap],
		memories: [{ minimum: 16 }],
		data: [{ mode: "active", bytes: times(100 * n, (i) => i & 255) }],
	}),
	"passive segments, each of which is dropped": (n) => ({
		types: [NOTHING],
		functions: [{ type: 0, code: [times(n, (i) => op("data.drop", i)), op("unreachable")], export: "run" }],
		memories: [{ minimum: 1 }],
		data: times(n, () => ({ mode: "passive", bytes: [1, 2, 3] })),
		dataCount: true,
	}),
	"a function with many calls, the last of which traps": (n) => ({
		types: [NOTHING],
		functions: [
			{ type: 0, code: [] },
			{ type: 0, code: [times(n, () => op("call", 0)), op("unreachable")], export: "run" },
		],
	}),
};

const LIMITS: NonNullable<BoardRequest["limits"]> = {
	functions: MANY,
	types: MANY,
	typeBytes: 65000,
	globals: MANY,
	tables: MANY,
	elements: MANY,
	data: MANY,
	exports: MANY,
	notes: 65536,
};

describe("C of a board", function () {
	this.timeout(0);
	const board = loadBoard("lin-arm");
	const folder = outputFolder("linear");

	async function count(parts: ModuleParts): Promise<InstructionCounts> {
		const path = join(folder, "module.wasm");
		const invoke = "run";
		writeFileSync(path, encodeModule(parts));
		const request = { invoke, values: [], results: [], audit: false, trim: false, count: true };
		const reply = await runOnBoard(board, {
			main: "run",
			files: { "module.wasm": path },
			request: moduleRequest(board, { ...request, frontEnd: "native", timeout: undefined, grants: ["all"] }),
			count: true,
			memory: { slots: 16 << 20, chunks: 16 << 20, native: 64 << 20 },
			limits: LIMITS,
		});
		const answer = reply.replies.at(-1) as { run?: { trap: { kind: string } | null } } | undefined;
		assert.ok(answer?.run?.trap, `${JSON.stringify(answer)} ${reply.stderr} ${reply.failure}`);
		return reply.counts!;
	}

	let idle: InstructionCounts;
	before(async () => {
		idle = await count({ types: [NOTHING], functions: [trap] });
	});

	for (const [name, shape] of Object.entries(SHAPES))
		it(`takes linear time: ${name}`, async () => {
			const [small, large] = [await count(shape(N)), await count(shape(2 * N))];
			for (const phase of ["compile", "emitter", "run", "other"] as const) {
				/* A call that fills its stack leaves less of it to be measured than the idle one does. */
				const [less, more] = [Math.max(small[phase] - idle[phase], 0), large[phase] - idle[phase]];
				assert.ok(more <= 2.3 * less + SLACK, `${phase}: ${more} instructions in place of ${less}`);
			}
		});
});
