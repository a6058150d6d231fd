// Makes a clone ready: checks what is installed, installs npm's packages, builds what changed. Runs before node_modules
// exists, so it needs nothing but Node.
//
//     node tools/setup.mjs [--check] [--sanitize] [--boards A,B] [--quiet]
//
// --check: only say what is missing. --sanitize: also the host under AddressSanitizer and UBSan. --boards: only these.
// Missing system packages are installed when this runs as root and apt-get is there; else one line names them.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
	existsSync,
	lstatSync,
	mkdirSync,
	readFileSync,
	readdirSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { delimiter, dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const build = join(root, "build");
const ci = process.env.CI === "true";
/** mocha's and eslint's minimum. */
const minimumNode = [20, 19];

/** Programs of the system that every ISA needs, and those that each does: boards/isa/NAME.json. */
function systemTools() {
	const folder = join(root, "boards/isa");
	const ofIsas = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")).programs);
	return [
		{ program: "gcc", packages: ["gcc", "libc6-dev"] },
		{ program: "make", packages: ["make"] },
		...ofIsas.flat(),
	];
}

/** For the tests alone: shows the pages of scenarios. */
const browser = { program: "chromium", packages: ["chromium"] };

export function findProgram(program, path = process.env.PATH ?? "") {
	return path
		.split(delimiter)
		.filter(Boolean)
		.map((folder) => join(folder, program))
		.find((file) => existsSync(file));
}

/** The packages that are missing, or []. */
export function missingPackages(path = process.env.PATH) {
	const missing = systemTools().filter(({ program }) => !findProgram(program, path));
	return [...new Set(missing.flatMap(({ packages }) => packages))];
}

export function missingLine(missing) {
	return `install these packages: ${missing.join(" ")}`;
}

export function nodeProblem(version = process.versions.node) {
	const [major, minor] = version.split(".").map(Number);
	const [needMajor, needMinor] = minimumNode;
	if (major > needMajor || (major === needMajor && minor >= needMinor)) return null;
	return `wait-xs needs Node ${minimumNode.join(".")} or newer, this is ${version}`;
}

function fail(message) {
	console.error(message);
	process.exit(1);
}

let quiet = false;
function say(message) {
	if (!quiet) console.log(message);
}

function run(command, args, options = {}) {
	const result = spawnSync(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"], ...options });
	if (result.error) fail(`${command}: ${result.error.message}`);
	return result.status ?? 1;
}

/** One build at a time: two would write the same files. */
function lock() {
	const file = join(build, ".lock");
	mkdirSync(build, { recursive: true });
	for (let said = false; ; said = true) {
		try {
			writeFileSync(file, String(process.pid), { flag: "wx" });
			break;
		} catch {
			const pid = Number(existsSync(file) ? readFileSync(file, "utf8") : 0);
			if (pid && !isRunning(pid)) rmSync(file, { force: true });
			else {
				if (!said) say("waiting for another build ...");
				Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
			}
		}
	}
	process.on("exit", () => rmSync(file, { force: true }));
}

function isRunning(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

/** Files below `folders`, with the time of the newest; only those that `accept`. */
function newest(folders, accept = () => true) {
	let time = 0;
	let count = 0;
	const visit = (path) => {
		const status = statSync(path, { throwIfNoEntry: false });
		if (!status) return;
		if (status.isDirectory()) {
			for (const name of readdirSync(path)) if (name !== "node_modules") visit(join(path, name));
		} else if (accept(path)) {
			time = Math.max(time, status.mtimeMs);
			count++;
		}
	};
	for (const folder of folders) visit(join(root, folder));
	return { time, count };
}

/** Runs `action` unless nothing in `folders` changed since it last succeeded. A removed file counts as a change. */
function step(name, folders, accept, action) {
	const stamp = join(build, "stamps", name);
	const { time, count } = newest(folders, accept);
	const state = `${time} ${count}`;
	if (existsSync(stamp) && readFileSync(stamp, "utf8") === state) return;
	say(`${name} ...`);
	if (action() !== false) {
		mkdirSync(dirname(stamp), { recursive: true });
		writeFileSync(stamp, state);
	}
}

/** Debian packages, as root; gives apt-get's status. */
function installWith(packages) {
	say(`installing ${packages.join(" ")} ...`);
	const options = {
		env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
		stdio: ["ignore", "ignore", "inherit"],
	};
	run("apt-get", ["-q", "update"], options);
	return run("apt-get", ["-qy", "install", "--no-install-recommends", ...packages], options);
}

function installSystem(check, tests) {
	if (tests && !check && !findProgram(browser.program) && process.getuid?.() === 0 && findProgram("apt-get"))
		installWith(browser.packages);
	const missing = missingPackages();
	if (!missing.length) return;
	const canInstall = !check && process.getuid?.() === 0 && findProgram("apt-get");
	if (!canInstall) fail(missingLine(missing));
	if (installWith(missing)) fail(missingLine(missing));
	const still = missingPackages();
	if (still.length) fail(missingLine(still));
}

function installPackages() {
	const lock = join(root, "package-lock.json");
	const stamp = join(root, "node_modules/.wait-xs");
	const hash = createHash("sha256").update(readFileSync(lock)).digest("hex");
	if (existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return;
	say("npm's packages ...");
	// Install scripts stay off: one of them would build an engine that is not used. Not `npm ci`: it refuses a lock
	// file without the packages
	// that rollup has for other systems, which not every registry offers.
	const args = ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
	if (run("npm", args, { stdio: ["ignore", "ignore", "inherit"] })) fail("npm install failed");
	// npx looks for the commands of dependencies only; this makes `npx wait-xs` work in the clone itself.
	const link = join(root, "node_modules/.bin/wait-xs");
	if (!lstatSync(link, { throwIfNoEntry: false })) symlinkSync("../../bin/wait-xs.js", link);
	writeFileSync(stamp, hash);
}

function typescript(project) {
	// tsc writes its output also where types do not fit; `npm run typecheck` and CI are strict about that.
	const status = run(process.execPath, [
		"node_modules/typescript/bin/tsc",
		"-p",
		`tsconfig.${project}.json`,
		"--pretty",
		"false",
	]);
	if (status && ci) fail(`type errors (tsconfig.${project}.json)`);
	if (status) say(`type errors (tsconfig.${project}.json); building all the same`);
	return status === 0;
}

function rollup(name) {
	if (
		run(process.execPath, [
			"node_modules/rollup/dist/bin/rollup",
			"-c",
			"rollup.config.js",
			`--config-${name}`,
			"--silent",
		])
	)
		fail(`rollup failed (${name})`);
}

/** What failed; the rest is built all the same. */
const failed = [];

function make(args) {
	if (run("make", ["-s", "-C", "native", "-j2", ...args])) failed.push(`make ${args.join(" ")}`);
}

/** Writes the image's C source only where it changes, so that make need not compile it again. */
function image() {
	const files = readdirSync(join(build, "image"))
		.filter((file) => file.endsWith(".js"))
		.sort();
	const out = join(build, "gen/image.c");
	mkdirSync(dirname(out), { recursive: true });
	const args = files.map((file) => `${file.slice(0, -3)}=${join("build/image", file)}`);
	if (run(join(build, "tools/xs-compile"), ["image", out + ".new", ...args])) fail("xs-compile failed");
	if (existsSync(out) && readFileSync(out, "utf8") === readFileSync(out + ".new", "utf8")) rmSync(out + ".new");
	else renameSync(out + ".new", out);
}

export function boardNames() {
	return readdirSync(join(root, "boards"))
		.filter((name) => existsSync(join(root, "boards", name, "board.mk")))
		.sort();
}

function buildAll({ boards, sanitize }) {
	const typed = /\.(ts|json)$/;
	mkdirSync(build, { recursive: true });
	step("shared.h", ["src/shared/rows", "tools/shared.mjs", "tools/opcodes.mjs"], undefined, () => {
		if (run(process.execPath, ["tools/shared.mjs"])) fail("tools/shared.mjs failed");
	});
	step("aot.wasm", ["src/aot", "tools/aot-wasm.mjs"], undefined, () => {
		// Not fatal here: boards also run the front end as JavaScript. The tests need it.
		if (existsSync(join(root, "tools/aot-wasm.mjs")) && run(process.execPath, ["tools/aot-wasm.mjs"]))
			return failed.push("aot.wasm") < 0;
	});
	const host = [
		"src/aot",
		"src/shared",
		"src/host",
		"src/iot-api",
		"boards",
		"bench",
		"tsconfig.base.json",
		"tsconfig.host.json",
	];
	const node = [
		"src/aot",
		"src/cli",
		"src/iot-api",
		"boards",
		"test",
		"bench",
		"tsconfig.base.json",
		"tsconfig.node.json",
	];
	const ofTypes = (path) => typed.test(path);
	step("types-host", host, ofTypes, () => typescript("host"));
	step("types-node", node, ofTypes, () => typescript("node"));
	const javascript = (path) => /\.js$/.test(path);
	step("bundle-image", ["build/js/host", "rollup.config.js"], javascript, () => rollup("image"));
	step("bundle-cli", ["build/js/node/src", "build/js/node/boards", "rollup.config.js"], javascript, () =>
		rollup("cli"),
	);
	step(
		"bundle-bench",
		["build/js/node/bench", "build/js/node/src", "build/js/node/test/support", "rollup.config.js"],
		javascript,
		() => rollup("bench"),
	);
	if (newest(["build/js/node/test"], (path) => path.endsWith(".test.js")).count)
		step("bundle-test", ["build/js/node", "rollup.config.js"], javascript, () => rollup("test"));
	make(["tools"]);
	step("byte-code", ["build/image", "build/tools/xs-compile"], undefined, image);
	for (const board of boards) make([`BOARD=${board}`]);
	if (sanitize) make(["BOARD=sim", "VARIANT=sanitize"]);
}

function main(args) {
	const value = (name) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
	quiet = args.includes("--quiet");
	const check = args.includes("--check");
	const problem = nodeProblem();
	if (problem) fail(problem);
	installSystem(check, args.includes("--sanitize"));
	if (check) return;
	lock();
	installPackages();
	const boards = value("--boards")?.split(",") ?? boardNames();
	const unknown = boards.find((board) => !boardNames().includes(board));
	if (unknown !== undefined) fail(`no board "${unknown}"; there are ${boardNames().join(", ")}`);
	buildAll({ boards, sanitize: args.includes("--sanitize") });
	if (failed.length) fail(`${failed.join(", ")} failed`);
	say(`built in ${relative(process.cwd(), build) || "."}`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main(process.argv.slice(2));
