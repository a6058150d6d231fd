/*
 * The wall between the bindings and a firmware, and what an SDK's build asks of all C here: names that clash with
 * nothing, and no engine but where it belongs.
 */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { loadBoard } from "../../src/cli/boards";
import { loadIsa } from "../../src/cli/isa";
import { ROOT } from "../support/paths";

const NATIVE = join(ROOT, "native");
const STUB = join(ROOT, "test/native/port-stub");
const ENGINE = join(ROOT, "node_modules/@agoric/xsnap/moddable/xs");
const OUT = join(ROOT, "build/test-native/port");
const BOARD = loadBoard("sim");
const BUILT = join(ROOT, "build", BOARD.name);
/* What native/xs stands on. */
const BELOW = ["base", "abi", "flash", "isa", `isa/${BOARD.isa}`, "run", "emit", "io"];
const PORT = "port/linux";

function filesOf(folder: string, ending: RegExp): string[] {
	return readdirSync(join(NATIVE, folder))
		.filter((name) => ending.test(name))
		.map((name) => join(folder, name));
}

function isaFolders(): string[] {
	return readdirSync(join(NATIVE, "isa"), { withFileTypes: true })
		.filter((entry) => entry.isDirectory())
		.map((entry) => `isa/${entry.name}`);
}

/** Of a firmware: all folders but tools, each ISA's among them. */
const folders = [...new Set([...BELOW, ...isaFolders(), "xs", PORT])];

function compile(file: string, platform: string, headers: string, ...options: string[]): string {
	const isa = /^isa\/(\w+)\//.exec(file)?.[1] ?? BOARD.isa;
	const { stderr } = spawnSync(
		"gcc",
		[
			...["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-D_FILE_OFFSET_BITS=64", "-DINCLUDE_XSPLATFORM"],
			...['-DXSPLATFORM="platform.h"', "-DmxRun=1", "-DmxNoConsole=1", "-DmxBoundsCheck=1"],
			...[`${headers}/includes`, join(ENGINE, "platforms"), `${headers}/sources`].flatMap((path) => [
				"-isystem",
				path,
			]),
			...[platform, join(NATIVE, "isa", isa), join(ROOT, "build/gen")].map((path) => `-I${path}`),
			...options,
			join(NATIVE, file),
		],
		{ encoding: "utf8" },
	);
	return stderr;
}

/** The object of a file of an ISA's folder, by that ISA's compiler. */
function compileForIsa(file: string): string {
	const [, name] = file.split("/") as [string, string];
	const { command, flags } = loadIsa(name).compiler;
	const out = join(OUT, `${file.replaceAll("/", "-")}.o`);
	execFileSync(command, [
		...["-std=gnu11", ...flags, `-I${join(NATIVE, "isa", name)}`, `-I${join(ROOT, "build/gen")}`],
		...["-c", "-o", out, join(NATIVE, file)],
	]);
	return out;
}

/** Global symbols of object files. */
function symbols(objects: string[], kind: "defined" | "undefined"): Set<string> {
	const text = execFileSync("nm", ["--format=posix", "--extern-only", `--${kind}-only`, ...objects], {
		encoding: "utf8",
		maxBuffer: 1 << 26,
	});
	return new Set([...text.matchAll(/^(\w+) [A-Za-z]/gm)].map((match) => match[1]!));
}

/** Functions, with the file that declares them, of a C file and what it includes. */
function declarations(source: string, ...options: string[]): { file: string; name: string }[] {
	const path = join(OUT, "declarations");
	writeFileSync(`${path}.c`, source);
	execFileSync("gcc", ["-std=gnu11", "-fsyntax-only", "-aux-info", `${path}.txt`, ...options, `${path}.c`]);
	return [...readFileSync(`${path}.txt`, "utf8").matchAll(/^\/\* (.+?):\d+:\w+ \*\/ [^(]*?(\w+) \(/gm)].map(
		(match) => ({ file: match[1]!, name: match[2]! }),
	);
}

function objectsOf(...names: string[]): string[] {
	return names.flatMap((folder) => filesOf(folder, /\.[cS]$/)).map(objectOf);
}

function objectOf(file: string): string {
	return join(BUILT, file.replace(/\.c$/, ".o").replace(/\.S$/, ".s.o"));
}

const engineObjects = (): string[] =>
	readdirSync(join(BUILT, "xs"))
		.filter((name) => /^xs\w+\.o$/.test(name))
		.map((name) => join(BUILT, "xs", name));

/** Compiles all of native/xs for another firmware; what the compiler said. */
function compileBindings(folder: string, headers: string): string {
	mkdirSync(join(OUT, folder), { recursive: true });
	return filesOf("xs", /\.c$/)
		.map((file) => compile(file, STUB, headers, "-c", "-o", join(OUT, folder, `${basename(file)}.o`)))
		.join("");
}

/** The engine's headers with the host hooks of XS 17: { destructor, marker, signature }. */
function laterHeaders(): string {
	const to = join(OUT, "later");
	let changed = 0;
	for (const folder of ["includes", "sources"]) {
		mkdirSync(join(to, folder), { recursive: true });
		for (const name of readdirSync(join(ENGINE, folder)).filter((name) => name.endsWith(".h"))) {
			const path = join(ENGINE, folder, name);
			copyFileSync(path, join(to, folder, name));
			const text = readFileSync(path, "utf8");
			const later = text.replace(/\b[a-z]+Sweeper sweeper;/, "const char *signature;");
			if (later === text) continue;
			changed++;
			writeFileSync(join(to, folder, name), later);
		}
	}
	assert.equal(changed, 2, "xs.h and xsAll.h");
	return to;
}

describe("C in any firmware", function () {
	this.timeout(300_000);
	before(() => mkdirSync(OUT, { recursive: true }));

	it("has no name that the system's headers have", () => {
		const said = folders
			.flatMap((folder) => filesOf(folder, /\.c$/))
			.map((file) => compile(file, join(NATIVE, PORT), ENGINE, "-fsyntax-only", "-include", `${STUB}/system.h`))
			.join("");
		assert.equal(said, "");
	});

	it("has external names that begin with wx_, xs_ of natives, and the engine's where the port answers it", () => {
		const isas = isaFolders().flatMap((folder) => filesOf(folder, /\.[cS]$/).map(compileForIsa));
		const shared = BELOW.filter((folder) => folder !== "abi" && !folder.startsWith("isa/"));
		const port = [...filesOf(PORT, /\.c$/).map(objectOf), join(BUILT, "front-end.o")];
		const others = (objects: string[], own: RegExp): string[] =>
			[...symbols(objects, "defined")].filter((name) => !own.test(name));
		assert.deepEqual(others([...isas, ...objectsOf(...shared)], /^wx_/), []);
		assert.deepEqual(others(objectsOf("xs"), /^(wx|xs)_/), []);
		assert.deepEqual(others(port, /^(wx_|xs_|fx[A-Z_]|mod[A-Z]|main$)/), []);
	});

	it("calls the engine only in native/xs and the port", () => {
		const known = symbols(engineObjects(), "defined");
		const used = [...symbols(objectsOf(...BELOW.filter((folder) => folder !== "abi")), "undefined")];
		assert.deepEqual(
			used.filter((name) => known.has(name)),
			[],
		);
	});
});

describe("native/xs", function () {
	this.timeout(300_000);

	it("compiles with the engine's headers and the platform of another firmware", () => {
		assert.equal(compileBindings("stub", ENGINE), "");
	});

	it("compiles with the host hooks of XS 17", () => {
		assert.equal(compileBindings("hooks", laterHeaders()), "");
	});

	it("needs the engine, libc, the folders below and the calls of port.h, and every one of those", () => {
		assert.equal(compileBindings("stub", ENGINE), "");
		const own = filesOf("xs", /\.c$/).map((file) => join(OUT, "stub", `${basename(file)}.o`));
		const port = declarations(`#include "xsmc.h"\n#include "${NATIVE}/xs/port.h"\n`, ...engineOptions())
			.filter(({ file }) => file.endsWith("native/xs/port.h"))
			.map(({ name }) => name)
			.concat("wx_front_end_image", "wx_front_end_image_end", "wx_port_module_prefix");
		const libc = declarations(`#include "${STUB}/system.h"\n`).map(({ name }) => name);
		const known = new Set([
			...symbols(own, "defined"),
			...symbols(engineObjects(), "defined"),
			/* What the engine itself asks of its platform, as fxAbort. */
			...symbols(engineObjects(), "undefined"),
			...symbols(objectsOf(...BELOW.filter((folder) => folder !== "abi")), "defined"),
			...libc,
		]);
		/* Names of the compiler's own begin with two of these. */
		const needed = [...symbols(own, "undefined")].filter((name) => !known.has(name) && !/^_[_A-Z]/.test(name));
		assert.deepEqual(needed.sort(), [...new Set(port)].sort());
	});
});

function engineOptions(): string[] {
	return [
		"-DINCLUDE_XSPLATFORM",
		'-DXSPLATFORM="platform.h"',
		...["includes", "platforms", "sources"].flatMap((folder) => ["-isystem", join(ENGINE, folder)]),
		`-I${STUB}`,
		`-I${join(ROOT, "build/gen")}`,
	];
}

describe("the Linux program", () => {
	it("has files that call only those before them", () => {
		const header = readFileSync(join(NATIVE, PORT, "machine.h"), "utf8");
		const order = /those that stand before it:\n((?: \* {3}.*\n)+)/.exec(header)?.[1]?.match(/[a-z-]+/g) ?? [];
		const files = filesOf(PORT, /\.c$/).map((file) => basename(file, ".c"));
		assert.deepEqual([...order].sort(), files.sort(), "the order in machine.h names each file");
		const defined = order.map((name) => symbols([objectOf(join(PORT, `${name}.c`))], "defined"));
		order.forEach((name, index) => {
			/* bind-natives has the table of natives: calls by pointer. */
			if (name === "bind-natives") return;
			for (const used of symbols([objectOf(join(PORT, `${name}.c`))], "undefined")) {
				const at = defined.findIndex((names) => names.has(used));
				assert.ok(at <= index, `${name}.c calls ${used} of ${order[at] ?? ""}.c`);
			}
		});
	});
});
