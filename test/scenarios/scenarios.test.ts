/*
 * Every scenario of this folder passes on every board, the same way each time; and what the runner says of those that
 * fail or are wrong.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { oneLine, waitXs, type Result } from "../cli/support";
import { boardsToTest } from "../support/boards";
import { outputFolder, ROOT } from "../support/paths";
import { encodeModule, op, type Bytes, type FunctionType, type ValueType } from "../support/wasm";

const folder = join(ROOT, "test/scenarios");
const boards = boardsToTest().filter((board) => board !== "node");

/** Writes a scenario with its script, and gives its path. */
function scenario(name: string, yaml: string, script = ""): string {
	const out = join(outputFolder("scenarios"), name);
	mkdirSync(out, { recursive: true });
	writeFileSync(join(out, "script.js"), script);
	writeFileSync(join(out, `${name}.yaml`), yaml);
	return join(out, `${name}.yaml`);
}

function play(path: string, ...options: string[]): Result {
	return waitXs("test", path, ...options);
}

describe("scenarios", function () {
	this.timeout(110_000);

	for (const board of boards)
		for (const file of readdirSync(folder).filter((name) => name.endsWith(".yaml")))
			it(`${file} passes on ${board}`, () => {
				const result = play(join(folder, file), "--board", board, "--quiet");
				assert.equal(result.status, 0, result.stdout + result.stderr);
				assert.match(result.stdout, /^1 passed, 0 failed$/m);
			});

	it("give the same bytes each time, noise and all", () => {
		const out = outputFolder("scenarios");
		const texts = ["first", "second"].map((name) => {
			const files = ["vcd", "html", "xml"].map((kind) => join(out, `${name}.${kind}`));
			const [vcd, html, xml] = files as [string, string, string];
			const result = play(
				join(folder, "people-counter.yaml"),
				"--json",
				"--vcd",
				vcd,
				"--report",
				html,
				"--junit",
				xml,
			);
			assert.equal(result.status, 0, result.stderr);
			return [result.stdout, ...files.map((file) => readFileSync(file, "utf8"))];
		});
		assert.deepEqual(texts[0], texts[1]);
		assert.ok(texts[0]![0]!.split("\n").length > 5);
	});

	it("the page of peripherals is that of the models", () => {
		const result = spawnSync(process.execPath, [join(ROOT, "tools/peripherals.mjs"), "--check"], {
			encoding: "utf8",
			cwd: ROOT,
		});
		assert.equal(result.status, 0, result.stderr);
	});

	it("another seed gives other noise", () => {
		const yaml = (seed: number): string =>
			`seed: ${seed}\nscript: script.js\nperipherals:\n  a: { type: analog, pin: 34, voltage: { value: 1, noise: 0.5 } }\nsteps:\n  - wait: { log: done }\n`;
		const script = `const a = new device.io.Analog({ pin: 34 });\nconsole.log([1, 2, 3].map(() => a.read()).join());\nconsole.log("done");\n`;
		const logs = [1, 1, 2].map(
			(seed) => /\| ([0-9,]+)$/m.exec(play(scenario("noise", yaml(seed), script)).stdout)?.[1],
		);
		assert.equal(logs[0], logs[1]);
		assert.notEqual(logs[0], logs[2]);
	});

	it("writes a JUnit file with the failure's place, a waveform, and a page of its own", () => {
		const path = scenario(
			"outputs",
			`name: <Outputs> & more\nscript: script.js\nperipherals:\n  led: { type: led, pin: 2 }\nsteps:\n  - after: 10ms\n    expect: { led: "on" }\n  - expect: { led: "off" }\n  - after: 90ms\n    note: end\n`,
			`const { Digital } = device.io;\nconst led = new Digital({ pin: 2, mode: Digital.Output });\nlet level = 0;\nsetInterval(() => led.write((level = 1 - level)), 40);\n`,
		);
		const [xml, vcd, html] = ["xml", "vcd", "html"].map((kind) =>
			join(outputFolder("scenarios"), `outputs.${kind}`),
		) as [string, string, string];
		const result = play(path, "--junit", xml, "--vcd", vcd, "--report", html);
		assert.equal(result.status, 1, result.stderr);
		assert.match(result.stdout, /✗ .*outputs\.yaml:6: .*\n +led\.state is "off"/);
		const junit = readFileSync(xml, "utf8");
		assert.match(junit, /<testsuite name="&lt;Outputs&gt; &amp; more" tests="2" failures="1" errors="0"/);
		assert.match(junit, /<failure message="led\.state is &quot;off&quot;">.*outputs\.yaml:6:/);
		const wave = readFileSync(vcd, "utf8");
		assert.match(wave, /^\$timescale 1 ns \$end$/m);
		const id = /^\$var wire 1 (\S+) pin-2 \$end$/m.exec(wave)?.[1];
		assert.ok(id);
		// Each change at its time, and times in order.
		const times = [...wave.matchAll(/^#(\d+)$/gm)].map((match) => Number(match[1]));
		assert.deepEqual(
			times,
			[...times].sort((a, b) => a - b),
		);
		assert.ok(wave.split("\n").filter((line) => line === `1${id}`).length >= 1);
		const page = readFileSync(html, "utf8");
		assert.ok(
			!/(?:src|href)=|@import|https?:\/\/(?!www\.w3\.org)[^"' ]*\.(?:js|css)/.test(page),
			"nothing is fetched",
		);
		assert.match(page, /&lt;Outputs&gt; &amp; more/);
		assert.match(page, /class="failed" data-time=/);
	});

	it("its page shows all plots in a browser", function () {
		// A desk may have none; setup installs it for CI.
		if (process.env["CI"] !== "true" && spawnSync("chromium", ["--version"]).error) this.skip();
		const page = join(outputFolder("scenarios"), "page.html");
		const path = join(folder, "people-counter.yaml");
		assert.equal(play(path, "--report", page, "--quiet").status, 0);
		const options = [
			"--headless",
			"--no-sandbox",
			"--disable-gpu",
			"--virtual-time-budget=5000",
			"--dump-dom",
			`file://${page}`,
		];
		const shown = spawnSync("chromium", options, { encoding: "utf8", timeout: 60_000, maxBuffer: 1 << 26 });
		// Current, state, five properties of the camera; the script says how many it drew, and each has its canvas.
		assert.match(shown.stdout, /<body data-plots="7"/, shown.stderr);
		assert.equal(shown.stdout.match(/<canvas/g)?.length, 7);
	});

	describe("a mistake in the file is one line with its place", () => {
		const cases: [string, string, RegExp][] = [
			["no such step", "script: script.js\nsteps:\n  - wiat: 1s\n", /:3: no step "wiat"; did you mean "wait"\?/],
			[
				"no such peripheral type",
				"script: script.js\nperipherals:\n  b: { type: buton, pin: 0 }\nsteps: []\nduration: 1s\n",
				/:3: peripheral b: type: no "buton"; did you mean "button"\?/,
			],
			[
				"no such property",
				"script: script.js\nperipherals:\n  s: { type: sht3x }\nsteps:\n  - set: { s.temprature: 3 }\n",
				/:5: a sht3x has no property "temprature"; did you mean "temperature"\?/,
			],
			[
				"a missing pin",
				"script: script.js\nperipherals:\n  b: { type: led }\nduration: 1s\n",
				/:3: peripheral b: a led needs pin/,
			],
			[
				"no such pin",
				"script: script.js\nperipherals:\n  b: { type: led, pin: lde }\nduration: 1s\n",
				/:3: b: pin: no pin "lde"; did you mean "led"\?/,
			],
			[
				"a value out of range",
				"script: script.js\nperipherals:\n  s: { type: sht3x, humidity: 140 }\nduration: 1s\n",
				/:3: s: humidity: 140 is not from 0 to 100/,
			],
			[
				"a time without unit",
				"script: script.js\nsteps:\n  - wait: 5\n",
				/:3: wait: "5" is no number with a unit|:3: wait: 5 of which unit\?/,
			],
			["no such unit", "script: script.js\nsteps:\n  - at: 5sec\n    note: x\n", /:3: at: no unit "sec"/],
			["YAML that is none", "script: script.js\nsteps:\n  - {at: 1s\n", /:[34]: /],
			["a file that is not there", "script: none.js\nduration: 1s\n", /:1: script: no file none\.js/],
			["nothing to do", "script: script.js\n", /neither steps nor a duration/],
			[
				"nothing to look at",
				"script: script.js\nsteps:\n  - expect: { level: high }\n",
				/:3: expect: nothing to look at/,
			],
			[
				"a bad regular expression",
				'script: script.js\nsteps:\n  - wait: { log: "/(/" }\n',
				/:3: .*regular expression/i,
			],
			[
				"no such fault",
				"script: script.js\nperipherals:\n  s: { type: sht3x }\nsteps:\n  - inject: { s: nak }\n",
				/:5: inject s: no "nak"; did you mean "nack"\?/,
			],
			[
				"a pin by a name that every object has",
				"script: script.js\nperipherals:\n  l: { type: led, pin: constructor }\nduration: 1s\n",
				/:3: l: pin: no pin "constructor"/,
			],
			[
				"a parameter by such a name",
				"script: script.js\nperipherals:\n  l: { type: led, pin: 2, toString: 1 }\nduration: 1s\n",
				/:3: a led has no "toString"/,
			],
			[
				"a state by such a name",
				"script: script.js\nenergy: { valueOf: 1mA }\nduration: 1s\n",
				/:2: energy: no "valueOf"/,
			],
			[
				"a unit by such a name",
				"script: script.js\nduration: 1constructor\n",
				/:2: duration: no unit "constructor"/,
			],
			["no program", "duration: 1s\n", /neither module nor script/],
			["no such key", "script: script.js\nstep: []\n", /:2: scenario: no "step"; did you mean "steps"\?/],
		];
		cases.forEach(([what, yaml, expected], i) =>
			it(what, () => {
				const result = play(scenario(`mistake-${i}`, yaml));
				assert.equal(result.status, 2, result.stdout + result.stderr);
				assert.equal(result.stderr.trimEnd().split("\n").length, 1, result.stderr);
				assert.match(result.stderr, expected);
			}),
		);
		it("a file that cannot be read is a mistake of usage", () =>
			oneLine(play("none.yaml"), 3, /none\.yaml: no such file/));
	});

	it("files that could not be written are told before anything runs", () => {
		for (const option of ["--vcd", "--report", "--junit"]) {
			const result = play(join(folder, "blink.yaml"), option, join(outputFolder("scenarios"), "none", "x"));
			assert.equal(result.stdout, "");
			oneLine(result, 3, /none\/x: cannot write: no folder/);
		}
	});

	it("a chip has its own currents and times, and a scenario may change them; the command line's board and chip come first", () => {
		const yaml = (more: string): string => `script: script.js\n${more}steps:\n  - after: 1s\n    note: end\n`;
		interface End {
			states: Record<string, number>;
			charge: Record<string, number>;
		}
		const end = (more: string, ...options: string[]): End => {
			const result = play(scenario("chip", yaml(more)), "--json", ...options);
			assert.equal(result.status, 0, result.stderr);
			return JSON.parse(/^\{"report":"end".*$/m.exec(result.stdout)![0]) as End;
		};
		const current = ({ states, charge }: End, state: string): number =>
			Math.round((charge[state]! * 3.6e9) / states[state]!);
		for (const board of boards) {
			assert.equal(current(end("", "--board", board), "active"), 3300);
			assert.equal(current(end("", "--board", board, "--chip", "esp32"), "active"), 49_000);
			assert.equal(current(end("chip: esp32\n", "--board", board), "sleep"), 800);
			assert.equal(current(end("chip: esp32\nenergy: { sleep: 1mA }\n", "--board", board), "sleep"), 1000);
			assert.equal(current(end("chip: esp32\n", "--board", board, "--chip", "nrf52840"), "sleep"), 3);
			assert.ok(end("chip: esp32\n", "--board", board).states["active"]! >= 250_000);
			assert.ok(end("costs: { boot: 3ms }\n", "--board", board).states["active"]! < 4000);
		}
		const result = play(scenario("chip", yaml("chip: esp23\n")));
		oneLine(result, 2, /:2: chip: no "esp23"; did you mean "esp32"\?/);
		oneLine(
			play(scenario("chip", yaml("costs: { bott: 3ms }\n"))),
			2,
			/:2: costs: no "bott"; did you mean "boot"\?/,
		);
		oneLine(
			play(scenario("chip", yaml("grants: [gpio:64]\n"))),
			2,
			/:2: grant: gpio 64: the board has pins 0 to 63/,
		);
		// The board that is named on the command line, though it is the usual one.
		const other = scenario(
			"other-board",
			`board: lin-arm\nmodule: ${join(ROOT, "examples/blink/blink.wasm")}\nduration: 1s\n`,
		);
		const flash = (...options: string[]): string =>
			/flash .*/.exec(
				waitXs("run", join(ROOT, "examples/blink/blink.wasm"), "--scenario", other, ...options).stdout,
			)![0];
		if (boards.includes("lin-arm")) assert.equal(flash(), flash("--board", "lin-arm"));
		assert.notEqual(flash("--board", "sim"), flash("--board", "lin-arm"));
	});

	it("looks at any serial port", () => {
		const script = `const { Serial } = device.io;\nconst s = new Serial({ port: 1, receive: 9, transmit: 10, baud: 9600, format: "buffer" });\ns.write(ArrayBuffer.fromString("OK 7"));\n`;
		const steps = (uart: string): string => `script: script.js\nsteps:\n  - wait: { ${uart}, within: 1s }\n`;
		assert.equal(play(scenario("uart", steps("uart: second, text: OK"), script)).status, 0);
		assert.equal(play(scenario("uart", steps("uart: 1, text: '/OK [0-9]/'"), script)).status, 0);
		assert.equal(play(scenario("uart", steps("uart: OK"), script)).status, 1);
		oneLine(play(scenario("uart", steps("uart: secnod, text: OK"), script)), 2, /:3: uart: .*secnod/);
	});

	describe("what does not hold is told with line, time and what was there", () => {
		const peripherals = "peripherals:\n  led: { type: led, pin: led }\n  s: { type: sht3x }\n";
		const cases: [string, string, string, RegExp][] = [
			[
				"wait",
				"- wait: { log: never, within: 2s }",
				`console.log("else");`,
				/2 s +✗ .*:6: .*\n +not within 2 s: the log's last line is "else"/,
			],
			[
				"expect-never",
				"- expect-never: { led: on, for: 2s }\n  - after: 3s\n    note: x",
				`const { Digital } = device.io; const l = new Digital({ pin: 2, mode: Digital.Output }); setTimeout(() => l.write(1), 1000);`,
				/1\.02\d* s +✗ .*:6: .*\n +led: on at/,
			],
			[
				"expect-edges",
				"- expect-edges: { pin: led, count: 4, period: 100ms, within: 1s }",
				`const { Digital } = device.io; const l = new Digital({ pin: 2, mode: Digital.Output }); let v = 0; setInterval(() => l.write((v ^= 1)), 60);`,
				/✗ .*:6: .*\n +edge 2 came 120\S* ms after the one before, not 100 ms \+- 1 ms/,
			],
			[
				"expect-sleep",
				"- after: 100ms\n    expect-sleep: { at-least: 50% }",
				`while (Date.now() < 1704067200000 + 200);`,
				/it slept \S+ % of the time, not 50 %/,
			],
			[
				"expect-energy",
				"- after: 1s\n    expect-energy: { average-below: 1nA }",
				"",
				/the average current was \S+ uA, more than 0\.001 uA/,
			],
			[
				"publish",
				"- wait: { publish: a/+, payload: 1, within: 1s }",
				`device.system.publish("a/b", ArrayBuffer.fromString("2"));`,
				/a\/b had "2"/,
			],
			[
				"storage",
				"- after: 1s\n    expect: { storage: d, key: k, value: '5' }",
				`device.keyValue.open({ path: "d" }).write("k", "4");`,
				/k is "4"/,
			],
			[
				"exit",
				"- wait: { exit: 0, within: 1s }",
				`throw new Error("oh");`,
				/the program ended with status 1: Error: oh/,
			],
		];
		for (const board of boards)
			for (const [what, step, script, expected] of cases)
				it(`${what}, on ${board}`, () => {
					const result = play(
						scenario(`fails-${what}`, `script: script.js\n${peripherals}steps:\n  ${step}\n`, script),
						"--board",
						board,
					);
					assert.equal(result.status, 1, result.stdout + result.stderr);
					assert.match(result.stdout, expected);
				});
	});

	it("a program that fails while nobody expects it is a failure", () => {
		const result = play(scenario("throws", "script: script.js\nsteps:\n  - wait: 1s\n", `null.x;`));
		assert.equal(result.status, 1, result.stdout);
		assert.match(result.stdout, /the program ended with status 1: TypeError/);
	});

	it("the watchdog ends a module that runs too long in virtual time, not one that waits", () => {
		const module = encodeModule({
			types: [
				{ params: [], results: ["i64"] },
				{ params: [], results: [] },
			],
			imports: [{ module: "iot1", name: "now_us", kind: "func", type: 0 }],
			functions: [
				{
					type: 1,
					export: "run",
					code: [op("loop", [0x40]), op("call", 0), op("drop"), op("br", 0), op("end")],
				},
			],
			memories: [{ minimum: 1, maximum: 1 }],
			exports: [{ name: "memory", kind: "memory", index: 0 }],
		});
		writeFileSync(join(outputFolder("scenarios"), "runaway.wasm"), module);
		const yaml = (path: string): string => `module: ${path}\ngrants: [all]\nwatchdog: 20ms\nduration: 5s\n`;
		for (const board of boards) {
			const runaway = play(scenario("runaway", yaml("../runaway.wasm")), "--board", board);
			assert.equal(runaway.status, 1, runaway.stdout + runaway.stderr);
			assert.match(runaway.stdout, /trap: interrupted/);
			const waits = play(scenario("waits", yaml(join(ROOT, "examples/blink/blink.wasm"))), "--board", board);
			assert.equal(waits.status, 0, waits.stdout + waits.stderr);
		}
	});

	describe("computing takes time", () => {
		/** Modules of one function, `run`. */
		const computing = (name: string, code: Bytes, locals: ValueType[] = []): string => {
			const path = join(outputFolder("scenarios"), `${name}.wasm`);
			const types: FunctionType[] = [
				{ params: [], results: ["i64"] },
				{ params: [], results: [] },
			];
			const now = { module: "iot1", name: "now_us", kind: "func" as const, type: 0 };
			const memory = {
				memories: [{ minimum: 1, maximum: 1 }],
				exports: [{ name: "memory", kind: "memory" as const, index: 0 }],
			};
			writeFileSync(
				path,
				encodeModule({
					types,
					imports: [now],
					functions: [{ type: 1, export: "run", locals, code }],
					...memory,
				}),
			);
			return path;
		};
		const endless = (): string => computing("endless", [op("loop", [0x40]), op("br", 0), op("end")]);
		const ending = (
			result: Result,
		): { time: number; states: Record<string, number>; charge: Record<string, number> } =>
			JSON.parse(/^\{"report":"end".*$/m.exec(result.stdout)![0]) as never;

		const worldGoesOn = (...options: string[]): void => {
			const yaml = `module: ${endless()}
peripherals: { b: { type: button, pin: 0 } }
steps:
  - at: 200ms
    set: { b: pressed }
  - at: 300ms
    inject: { reset: now }
  - wait: { wake: reset, within: 1ms }
  - after: 100ms
    expect: { b: pressed }
`;
			const result = play(scenario("endless", yaml), "--json", ...options);
			assert.equal(result.status, 0, result.stdout + result.stderr);
			assert.ok(Math.abs(ending(result).time - 400_000) < 1, String(ending(result).time));
		};

		it("a reset in the midst of a loop leaves nothing behind: under sanitizers", () => worldGoesOn("--sanitize"));

		for (const board of boards) {
			it(`a million rounds of a loop, and their current; the same each time, on ${board}`, () => {
				const path = computing(
					"million",
					[
						op("i32.const", 1_000_000),
						op("local.set", 0),
						op("loop", [0x40]),
						op("local.get", 0),
						op("i32.const", 1),
						op("i32.sub"),
						op("local.tee", 0),
						op("br_if", 0),
						op("end"),
					],
					["i32"],
				);
				const play1 = (): Result =>
					play(
						scenario("million", `module: ${path}\nsteps:\n  - wait: { exit: 0, within: 10s }\n`),
						"--board",
						board,
						"--json",
					);
				const [first, second] = [play1(), play1()];
				assert.equal(first.status, 0, first.stdout + first.stderr);
				assert.equal(first.stdout, second.stdout);
				// 2 to 5 instructions of 20 ns a round; the chip's start takes 20 ms.
				const { states, charge } = ending(first);
				assert.ok(states["active"]! > 60_000 && states["active"]! < 120_000, String(states["active"]));
				assert.ok(Math.abs(charge["active"]! - (states["active"]! * 3300) / 3.6e9) < 1e-9);
			});

			it(`a busy wait for a time ends, on ${board}`, () => {
				const path = computing(
					"waits",
					[
						op("call", 0),
						op("i64.const", 50_000n),
						op("i64.add"),
						op("local.set", 0),
						op("loop", [0x40]),
						op("call", 0),
						op("local.get", 0),
						op("i64.lt_u"),
						op("br_if", 0),
						op("end"),
					],
					["i64"],
				);
				const result = play(
					scenario("waits-busily", `module: ${path}\nsteps:\n  - wait: { exit: 0, within: 10s }\n`),
					"--board",
					board,
					"--json",
				);
				assert.equal(result.status, 0, result.stdout + result.stderr);
				const { states } = ending(result);
				assert.ok(states["active"]! > 70_000 && states["active"]! < 71_000, String(states["active"]));
			});

			it(`a loop that asks for nothing: the world goes on, steps come at their times, on ${board}`, () =>
				worldGoesOn("--board", board));

			it(`a trap is told when it happens, as the failure of the step that waits, on ${board}`, () => {
				const yaml = `module: ${endless()}\nwatchdog: 20ms\nsteps:\n  - wait: { publish: never, within: 10s }\n`;
				const result = play(scenario("trapped", yaml), "--board", board, "--json");
				assert.equal(result.status, 1, result.stdout + result.stderr);
				const failed = JSON.parse(/^\{"report":"failed".*$/m.exec(result.stdout)![0]) as {
					time: number;
					line: number;
					message: string;
				};
				assert.equal(failed.line, 4);
				assert.match(failed.message, /trap: interrupted \(interrupted\) in .*@\+\d+/);
				// 20 ms after the start, which compiling delays.
				const { states } = ending(result);
				const began = states["compile"]! + states["flash"]! + 20_000;
				assert.ok(failed.time > began + 20_000 && failed.time < began + 21_000, `${failed.time} ${began}`);
			});
		}
	});

	it("a busy loop ends when what it waits for comes, and a scenario ends one that never does", () => {
		const script = `const { Digital } = device.io;\nconst b = new Digital({ pin: 0, mode: Digital.InputPullUp });\nwhile (b.read());\nconsole.log("pressed");\nwhile (true) b.read();\n`;
		const yaml =
			"script: script.js\nperipherals:\n  b: { type: button, pin: 0 }\nsteps:\n  - at: 50ms\n    set: { b: pressed }\n  - wait: { log: pressed, within: 1ms }\n  - wait: 5ms\n";
		const result = play(scenario("busy", yaml, script));
		assert.equal(result.status, 0, result.stdout + result.stderr);
	});

	it("deep sleep loses memory, keeps storage, and says why it woke", () => {
		const script = `const store = device.keyValue.open({ path: "app", format: "string" });
const count = Number(store.read("count") ?? 0) + 1;
store.write("count", count);
console.log("start", count, device.system.wakeReason(), globalThis.left);
globalThis.left = 1;
device.system.deepSleep(10e6, 4, 1);
console.log("never");
`;
		const yaml = `script: script.js
peripherals: { line: { type: digital, pin: 4, level: low } }
steps:
  - wait: { log: start 1 0 undefined, within: 1s }
  - wait: { log: start 2 1 undefined, within: 11s }
  - after: 1s
    set: { line: high }
  - wait: { log: start 3 2 undefined, within: 1s }
  - set: { line: low }
  - after: 1s
    inject: { watchdog: now }
  - wait: { log: start, within: 1s }
  - after: 500ms
    inject: { brown-out: 2s }
  - wait: { log: start, within: 3s }
  - expect-never: { log: never, for: 1s }
  - after: 2s
    expect: { storage: app, key: count, value: { at-least: 5 } }
`;
		for (const board of boards) {
			const result = play(scenario("deep", yaml, script), "--board", board);
			assert.equal(result.status, 0, result.stdout + result.stderr);
		}
	});

	it("faults reach the program: not acknowledged, timeout, wrong checksum, noise", () => {
		const script = `const { I2C } = device.io;
const sensor = new I2C({ ...device.I2C.default, address: 0x44, hz: 100000 });
setInterval(() => {
	try { sensor.write(Uint8Array.of(0xf3, 0x2d)); console.log([...new Uint8Array(sensor.read(3))].join()); } catch (e) { console.log(e.code); }
}, 100);
`;
		const yaml = `script: script.js
peripherals: { s: { type: sht3x } }
steps:
  - wait: { log: "128,16,225", within: 1s }
  - inject: { s: nack }
  - wait: { log: ENACK_ADDR, within: 150ms }
  - inject: { s: { fault: timeout, count: 1 } }
  - wait: { log: ETIMEDOUT, within: 150ms }
  - inject: { s: crc }
  - wait: { log: "128,16,180", within: 150ms }
  - inject: { i2c0: { fault: stuck, for: 1s } }
  - wait: { log: ETIMEDOUT, within: 150ms }
  - after: 1s
    wait: { log: "128,16,225", within: 150ms }
  - inject: { s: { fault: noise, rate: 0.5 } }
  - wait: { log: { matches: "^(?!128,16,225)[0-9,]+$" }, within: 150ms }
`;
		const result = play(scenario("faults", yaml, script));
		assert.equal(result.status, 0, result.stdout + result.stderr);
	});

	it("run and exec take a scenario for their program", () => {
		const run = waitXs("run", join(ROOT, "examples/blink/blink.wasm"), "--scenario", join(folder, "blink.yaml"));
		assert.equal(run.status, 0, run.stdout + run.stderr);
		const exec = waitXs(
			"exec",
			join(folder, "scripts/button-led.js"),
			"--scenario",
			join(folder, "button-led.yaml"),
		);
		assert.equal(exec.status, 0, exec.stdout + exec.stderr);
		const wrong = waitXs("exec", join(folder, "scripts/sensors.js"), "--scenario", join(folder, "button-led.yaml"));
		assert.equal(wrong.status, 1, wrong.stdout + wrong.stderr);
	});
});
