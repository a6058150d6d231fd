/*
 * Generated modules against Node's own engine, until told to stop.
 *
 *   npm run soak -- [--seconds N | --modules N] [--board B ...] [--seed S] [--batch N] [--OPTION ...]
 *   node build/test/fuzz-soak.tool.mjs repro SEED [--board B] [--keep] [--OPTION ...]      shrinks a failing case and
 *                                                                                          prints it
 *
 * Other options go to `wait-xs exec`. Failing modules are kept in build/out/failures.
 */

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { compareTraces, runCases, saveFailure } from "../differential/runner";
import { outputFolder } from "../support/paths";
import { generateCase } from "./generator";
import type { GeneratedCase } from "./generator";
import { shrink } from "./shrink";

interface Arguments {
	seconds: number;
	modules: number;
	boards: string[];
	seed: number;
	batch: number;
	keep: boolean;
	names: string[];
	options: string[];
}

function parse(args: string[]): Arguments {
	const parsed: Arguments = {
		seconds: Infinity,
		modules: Infinity,
		boards: [],
		seed: Math.floor(Math.random() * 0x7fffffff),
		batch: 60,
		keep: false,
		names: [],
		options: [],
	};
	for (let i = 0; i < args.length; i++) {
		const arg = args[i]!;
		const value = (): string => args[++i] ?? "";
		if (arg === "--seconds") parsed.seconds = Number(value());
		else if (arg === "--modules") parsed.modules = Number(value());
		else if (arg === "--board") parsed.boards.push(value());
		else if (arg === "--seed") parsed.seed = Number(value());
		else if (arg === "--batch") parsed.batch = Number(value());
		else if (arg === "--keep") parsed.keep = true;
		else if (arg.startsWith("--")) parsed.options.push(arg);
		else parsed.names.push(arg);
	}
	if (!parsed.boards.length) parsed.boards.push("sim", "lin-arm");
	return parsed;
}

async function soak(args: Arguments): Promise<number> {
	const began = Date.now();
	const seconds = (): number => (Date.now() - began) / 1000;
	let seed = args.seed;
	let modules = 0;
	let calls = 0;
	let traps = 0;
	let failures = 0;
	console.log(`seed ${args.seed}, boards ${args.boards.join(", ")}`);
	while (seconds() < args.seconds && modules < args.modules) {
		const cases: GeneratedCase[] = [];
		for (let i = 0; i < args.batch; i++) cases.push(generateCase(seed++));
		const [expected, ...others] = await Promise.all(
			["node", ...args.boards].map((board) => runCases(board, cases, { options: args.options })),
		);
		for (const generated of cases) modules += generated.modules.length;
		for (const trace of expected!.values()) {
			for (const step of trace.split("; ")) {
				if (step.includes(" -> ")) {
					calls++;
					if (/-> (!|thrown)/.test(step)) traps++;
				}
			}
		}
		args.boards.forEach((board, index) => {
			for (const difference of compareTraces(board, expected!, others[index]!)) {
				failures++;
				const folder = saveFailure(
					cases.find((c) => c.seed === difference.seed)!,
					difference,
				);
				console.log(`\n${board} seed ${difference.seed}: ${difference.at.slice(0, 400)}\n  kept in ${folder}`);
			}
		});
		process.stdout.write(
			`${process.stdout.isTTY ? "\r" : ""}${modules} modules, ${calls} calls, ${traps} of them trapped, ${failures} failures, ${seconds().toFixed(0)} s, next seed ${seed}${process.stdout.isTTY ? "  " : "\n"}`,
		);
	}
	console.log(
		`\n${modules} modules, ${calls} calls on ${args.boards.join(", ")}: ${failures} failures (seeds ${args.seed} to ${seed - 1})`,
	);
	return failures ? 1 : 0;
}

async function repro(args: Arguments): Promise<number> {
	const generated = generateCase(Number(args.names[1]));
	const board = args.boards[0]!;
	let found: Awaited<ReturnType<typeof shrink>>;
	if (args.keep) {
		const [expected, actual] = await Promise.all([
			runCases("node", [generated]),
			runCases(board, [generated], { options: args.options }),
		]);
		const [difference] = compareTraces(board, expected, actual);
		found = difference && { difference, rounds: 0 };
	} else {
		found = await shrink(generated, board, { options: args.options, patience: 20 }, (line) => console.log(line));
	}
	if (!found) {
		console.log("no difference");
		return 0;
	}
	saveFailure(generated, found.difference);
	const folder = outputFolder("repro");
	generated.modules.forEach((module, i) => {
		const file = join(folder, `${generated.seed}.${i}.wasm`);
		writeFileSync(file, module.canonical);
		const wat = spawnSync("wasm2wat", ["--enable-tail-call", "--enable-extended-const", file], {
			encoding: "utf8",
		});
		console.log(`${file}\n${wat.status === 0 ? wat.stdout : ""}`);
	});
	for (const { module, step } of generated.steps) console.log(`${module}: ${step.join(" ")}`);
	console.log(`expected ${found.difference.expected}\nactual   ${found.difference.actual}\n${found.difference.at}`);
	return 1;
}

const args = parse(process.argv.slice(2));
process.exitCode = args.names[0] === "repro" ? await repro(args) : await soak(args);
