import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadBoard } from "../../src/cli/boards";
import { runOnBoard } from "../../src/cli/runner";
import { boards, runSource, withFolder } from "./support";

function lines(text: string): string[] {
	return text.split("\n").filter((line) => line !== "");
}

for (const board of boards) {
	describe(`XS host of ${board}`, () => {
		it("boots within its budget and says what it took", async () => {
			const reply = await runOnBoard(loadBoard(board), {});
			assert.equal(reply.failure, null);
			assert.equal(reply.status, 0);
			assert.equal(reply.stderr, "");
			const { memory } = reply;
			assert.ok(memory);
			const { memory: budget } = loadBoard(board);
			assert.equal(memory.slots, budget.slots);
			assert.ok(memory.slotsPeak > 0 && memory.slotsPeak < budget.slots, `slots ${memory.slotsPeak}`);
			assert.ok(memory.chunksPeak > 0 && memory.chunksPeak < budget.chunks, `chunks ${memory.chunksPeak}`);
			assert.ok(memory.stackPeak > 0 && memory.stackPeak < memory.stack);
			assert.ok(memory.cStackPeak > 0);
			assert.ok(memory.native < 64 * 1024, `native ${memory.native}`);
		});

		it("runs modern JavaScript, modules' top-level await included", async () => {
			const reply = await runSource(
				board,
				`class A { #x = 1; static s = 2n ** 64n; get x() { return this.#x; } }
				const { a, ...rest } = { a: 1, b: [2, { c: 3 }] };
				console.log(new A().x, A.s, a, rest, [...new Set([1, 1, 2])].join("-"), null, undefined, "é€😀");
				console.error(await new Promise((resolve) => resolve("awaited")));
				console.log(new Uint8Array([1, 2]), String(/(?<y>\\d+)/.exec("in 2024").groups.y));`,
			);
			assert.equal(reply.status, 0, reply.stderr);
			assert.deepEqual(lines(reply.stdout), [
				`1 18446744073709551616n 1 {"b":[2,{"c":3}]} 1-2 null undefined é€😀`,
				"Uint8Array(1,2) 2024",
			]);
			assert.deepEqual(lines(reply.stderr), ["awaited"]);
		});

		it("has no parser", async () => {
			const reply = await runSource(
				board,
				`for (const f of [() => eval("1"), () => new Function("return 1")]) try { f(); console.log("ran"); } catch (e) { console.log(e.name); }`,
			);
			assert.deepEqual(lines(reply.stdout), ["SyntaxError", "SyntaxError"]);
		});

		it("runs jobs before timers, timers in order, and skips idle time", async () => {
			const started = Date.now();
			const reply = await runSource(
				board,
				`const begin = Date.now();
				const log = [];
				setTimeout((x) => log.push("b" + x), 3_600_000, 7);
				setTimeout(() => log.push("a"), 10);
				setTimeout(() => { Promise.resolve().then(() => log.push("job")); log.push("timer"); }, 10);
				const cleared = setTimeout(() => log.push("never"), 5);
				clearTimeout(cleared);
				let n = 0;
				const interval = setInterval(() => { log.push("i" + ++n); if (n === 3) clearInterval(interval); }, 4);
				clearTimeout(undefined);
				Promise.resolve().then(() => log.push("first"));
				await new Promise((resolve) => setTimeout(resolve, 7_200_000));
				console.log(log.join(" "), Date.now() - begin);`,
			);
			assert.equal(reply.stdout.trim(), "first i1 i2 a timer job i3 b7 7200000", reply.stderr);
			assert.ok(Date.now() - started < 30_000);
		});

		it("is deterministic in virtual time", async () => {
			const source = `console.log(Date.now(), Math.random(), Math.random()); setTimeout(() => console.log(new Date().toISOString()), 1500);`;
			const [one, two] = [await runSource(board, source), await runSource(board, source)];
			assert.equal(one.stdout, two.stdout);
			assert.match(one.stdout, /2024-01-01T00:00:01\.500Z/);
		});

		it("ends with status 1 and one line when nobody catches", async () => {
			const cases: [string, RegExp][] = [
				[`throw new RangeError("one");`, /^RangeError: one\n$/],
				[`setTimeout(() => { throw new Error("two"); }, 1);`, /^Error: two\n$/],
				[`Promise.reject(new TypeError("three"));`, /^TypeError: three\n$/],
				[`await new Promise(() => {});`, /^the script waits for something that will not come\n$/],
				[`setTimeout(() => { throw null; });`, /^null\n$/],
			];
			for (const [source, expected] of cases) {
				const reply = await runSource(board, source);
				assert.equal(reply.status, 1, source);
				assert.match(reply.stderr, expected);
			}
		});

		it("refuses to import what is not there", async () => {
			const reply = await runSource(board, `try { await import("nothing"); } catch (e) { console.log(e.name); }`);
			assert.equal(reply.status, 0, reply.stderr);
			assert.match(reply.stdout, /Error/);
		});

		it("passes requests, replies and a status", async () => {
			const reply = await runSource(
				board,
				`const reply = native("xs_host_reply"), request = JSON.parse(native("xs_host_request")());
				reply(JSON.stringify({ got: request })); reply("[1,2]"); native("xs_host_exit")(2);`,
				{ request: { text: 'ü "quoted"', list: [1, null] } },
			);
			assert.equal(reply.status, 2);
			assert.deepEqual(reply.replies, [{ got: { text: 'ü "quoted"', list: [1, null] } }, [1, 2]]);
		});

		it("reads files, whole and by chunks, from names and from a folder", async () => {
			await withFolder(async (folder) => {
				mkdirSync(join(folder, "data/sub"), { recursive: true });
				writeFileSync(
					join(folder, "one.bin"),
					Uint8Array.from({ length: 1000 }, (_, i) => i),
				);
				writeFileSync(join(folder, "data/sub/two.txt"), "two");
				writeFileSync(join(folder, "data/empty"), "");
				const reply = await runSource(
					board,
					`console.log(files.list().join());
					const whole = new Uint8Array(files.read("one"));
					const source = files.open("one");
					console.log(whole.length, whole[999], source.length, source.read(998, 10).byteLength, new Uint8Array(source.read(255, 2)).join());
					source.close();
					for (const f of [() => source.length, () => files.read("none"), () => files.read("../one.bin"), () => files.open("one").read(-1, 1), () => files.open("sub")])
						try { f(); console.log("no error"); } catch (e) { console.log(e.name + ": " + e.message); }
					console.log(String.fromArrayBuffer(files.read("sub/two.txt")), files.read("empty").byteLength);`,
					{ files: { one: join(folder, "one.bin") }, folder: join(folder, "data") },
				);
				assert.equal(reply.status, 0, reply.stderr);
				const out = lines(reply.stdout);
				assert.equal(out[0], "one,empty,sub/two.txt");
				assert.equal(out[1], "1000 231 1000 2 255,0");
				assert.match(out[2] ?? "", /^TypeError|^SyntaxError|^Error/);
				assert.match(out[3] ?? "", /file not found: none/);
				assert.match(out[4] ?? "", /file not found/);
				assert.match(out[5] ?? "", /RangeError/);
				assert.match(out[6] ?? "", /file not found: sub/);
				assert.equal(out[7], "two 0");
			});
		});

		it("binds C functions and classes by name", async () => {
			const reply = await runSource(
				board,
				`for (const f of [() => native("xs_nothing"), () => Native("xs_nothing"), () => Native("xs_file_destructor")(), () => native("xs_file_get_length").call({})])
					try { f(); console.log("no error"); } catch (e) { console.log(e.name + ": " + e.message); }
				const Base = Native("xs_file_destructor");
				class X extends Base { y = 1; }
				const x = new X();
				console.log(x instanceof X, x instanceof Base, x.y, Object.getPrototypeOf(x) === X.prototype);
				try { native("xs_file_get_length").call(x); } catch (e) { console.log("closed"); }
				for (let i = 0; i < 1000; i++) new X();
				native("xs_host_collect")();`,
			);
			assert.equal(reply.status, 0, reply.stderr);
			const out = lines(reply.stdout);
			assert.match(out[0] ?? "", /^ReferenceError: .*no native "xs_nothing"/);
			assert.match(out[1] ?? "", /^ReferenceError: .*no native destructor "xs_nothing"/);
			assert.match(out[2] ?? "", /^TypeError/);
			assert.match(out[3] ?? "", /Error/);
			assert.equal(out[4], "true true 1 true");
		});

		describe("out of memory", () => {
			const endless: Record<string, [string, string]> = {
				slots: ["const a = []; for (;;) a.push({ x: 1 });", "out of memory: JavaScript slots"],
				chunks: [
					`const a = []; for (;;) a.push("x".repeat(1000) + a.length);`,
					"out of memory: JavaScript chunks",
				],
				"one large chunk": ["new ArrayBuffer(100_000_000);", "out of memory: JavaScript chunks"],
				stack: ["(function f(n) { return f(n + 1) + 1; })(0);", "stack overflow"],
				"the C stack": [`JSON.parse("[".repeat(100_000));`, "stack overflow"],
			};
			for (const [name, [code, message]] of Object.entries(endless)) {
				it(`${name}: ends the job with status 4 and one line`, async () => {
					const reply = await runSource(board, `console.log("before"); await null; ${code}`);
					assert.equal(reply.status, 4);
					assert.equal(reply.failure, null);
					assert.equal(reply.stdout, "before\n");
					assert.equal(reply.stderr, message + "\n");
				});
			}
			it("is a RangeError under a guard, and the machine goes on", async () => {
				const reply = await runSource(
					board,
					`const guard = native("xs_host_guard");
					for (let round = 0; round < 3; round++) {
						${Object.entries(endless)
							.map(
								([, [code]]) =>
									`try { guard(() => { ${code} }); } catch (e) { console.log(e.name + ": " + e.message); }`,
							)
							.join("\n")}
						console.log(guard(() => [round, round * 2]));
						try { guard(() => { throw new TypeError("own"); }); } catch (e) { console.log(String(e)); }
						try { guard(() => { try { guard(() => { ${endless.slots?.[0]} }); } finally { throw new Error("inner " + round); } }); } catch (e) { console.log(String(e)); }
						await null;
						console.log(JSON.parse("[1]")[0] + new Map([[1, 2]]).get(1));
					}
					setTimeout(() => console.log("end"), 1);`,
				);
				assert.equal(reply.status, 0, reply.stderr);
				const messages = Object.entries(endless).map(([, [, message]]) => `RangeError: ${message}`);
				const round = (i: number): string[] => [
					...messages,
					`[${i},${i * 2}]`,
					"TypeError: own",
					`Error: inner ${i}`,
					"3",
				];
				assert.deepEqual(lines(reply.stdout), [...round(0), ...round(1), ...round(2), "end"]);
			});
			it("keys: is a RangeError of whoever makes one more, and they are found again", async () => {
				const reply = await runSource(
					board,
					`const fill = () => { const o = {}; for (let i = 0; ; i++) o["key" + i] = i; };
					const symbols = () => { const list = []; for (;;) list.push(Symbol()); };
					for (const action of [fill, () => JSON.parse("{" + Array.from({ length: 5000 }, (_, i) => '"key' + i + '":1').join() + "}"), fill])
						try { action(); } catch (error) { console.log(String(error)); }
					await null;
					const o = {};
					for (let i = 0; i < 100_000; i++) { o["key" + i] = i; delete o["key" + i]; }
					o.left = 1;
					console.log(Object.keys(o).join(), String(Symbol()), Symbol.for("a") === Symbol.for("a"));
					try { symbols(); } catch (error) { console.log(String(error)); }
					fill();`,
				);
				const error = "RangeError: out of memory: JavaScript keys";
				assert.deepEqual(lines(reply.stdout), [error, error, error, "left Symbol() true", error]);
				assert.equal(reply.status, 1);
				assert.match(reply.stderr, new RegExp(`^${error}\\n`));
			});
			it("says so when not even the engine fits", async () => {
				for (const memory of [{ slots: 20_000 }, { chunks: 2_000 }, { keys: 300 }]) {
					const reply = await runOnBoard(loadBoard(board), { memory });
					assert.equal(reply.status, 4);
					assert.match(reply.stderr, /^(out of memory|no memory for a machine).*\n$/);
				}
			});
		});

		it("limits and counts native memory", async () => {
			const reply = await runSource(
				board,
				`const held = () => native("xs_host_memory")().native, begin = held(), ids = [];
				try { for (;;) ids.push(setTimeout(() => {}, 1)); } catch (e) { console.log(e.message); }
				const full = held();
				for (const id of ids) clearTimeout(id);
				console.log(full - begin <= 4000, full - begin > 3000, held() === begin);`,
				{ memory: { native: 4000 } },
			);
			assert.deepEqual(lines(reply.stdout), ["out of memory: native", "true true true"], reply.stderr);
			assert.ok((reply.memory?.nativePeak ?? 0) <= 4000);
		});

		it("knows its limits, and takes others", async () => {
			const source = `const limit = native("xs_host_limit"); console.log(native("xs_host_board")(), limit("functions"), limit("wasmStack"), limit("none"));`;
			const reply = await runSource(board, source, { limits: { wasmStack: 1234 } });
			const { isa, limits } = loadBoard(board);
			assert.equal(reply.stdout, `${board} ${isa} ${limits.functions} 1234 undefined\n`, reply.stderr);
		});

		it("stops a script that never ends", async () => {
			const reply = await runSource(board, "for (;;);", { timeout: 2 });
			assert.equal(reply.status, 4);
			assert.equal(reply.failure, "timed out after 2 s");
		});
	});
}

describe("counting of instructions", () => {
	const source = (n: number): string => `const mark = native("xs_host_mark");
		mark(1); for (let i = 0; i < ${n}; i++); mark(2); for (let i = 0; i < ${2 * n}; i++); mark(0);`;

	it("is exact and by phase on lin-arm", async () => {
		const one = await runSource("lin-arm", source(1000), { count: true });
		const again = await runSource("lin-arm", source(1000), { count: true });
		const more = await runSource("lin-arm", source(2000), { count: true });
		assert.ok(one.counts && again.counts && more.counts);
		assert.equal(one.counts.compile, again.counts.compile);
		assert.equal(one.counts.run, again.counts.run);
		assert.ok(one.counts.compile > 50_000 && one.counts.compile < 1_000_000);
		// The first 1000 rounds and the next cost the same, so does the second phase's 2000.
		assert.ok(Math.abs(more.counts.compile / one.counts.compile - 2) < 0.05);
		assert.ok(Math.abs(one.counts.run / one.counts.compile - 2) < 0.05);
		assert.ok(one.counts.other > one.counts.run);
	});

	it("is not there on sim", async () => {
		assert.equal((await runSource("sim", source(10), { count: true })).counts, null);
	});
});

describe("C of the XS host under sanitizers", function () {
	it("runs scripts, guards, timers and files", async function () {
		await withFolder(async (folder) => {
			writeFileSync(join(folder, "f"), "data");
			const reply = await runSource(
				"sim",
				`const guard = native("xs_host_guard");
				try { guard(() => { const a = []; for (;;) a.push({}); }); } catch (e) { console.log(e.message); }
				const open = files.open("f"); console.log(open.read(1, 2).byteLength);
				files.list(); native("xs_host_memory")();
				const t = setInterval(() => { clearInterval(t); clearInterval(t); setTimeout(() => console.log("end"), 1); }, 1);
				const never = setTimeout(() => {}, 1e9); clearTimeout(never);`,
				{ variant: "sanitize", files: { f: join(folder, "f") } },
			);
			assert.equal(reply.stderr, "");
			assert.equal(reply.status, 0);
			assert.deepEqual(lines(reply.stdout), ["out of memory: JavaScript slots", "2", "end"]);
		});
	});
	it("gives everything back after an abandoned job", async () => {
		const reply = await runSource(
			"sim",
			`setInterval(() => {}, 5); const open = files.open("f"); await null; const a = [open]; for (;;) a.push({});`,
			{
				variant: "sanitize",
				files: { f: "package.json" },
			},
		);
		assert.equal(reply.stderr, "out of memory: JavaScript slots\n");
		assert.equal(reply.status, 4);
	});
});
