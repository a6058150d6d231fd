// Builds this package with a copy of the Moddable SDK and tests it with the SDK's engine: npm run moddable
//
// $MODDABLE is where the SDK is. What cannot be done with it is said, with what is missing; status 2 when nothing can.

import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const sdk = process.env.MODDABLE;
const out = join(root, "build/sdk");

const howTo = `To get the Moddable SDK (8.2.3 was tried), outside of this folder:
    git clone --branch 8.2.3 https://github.com/Moddable-OpenSource/moddable
    export MODDABLE=$PWD/moddable
    install these packages: gcc make pkg-config libgtk-3-dev
    make -C $MODDABLE/build/makefiles/lin
Only its command line tools are needed: xsbug and the simulator may fail to build.`;

function stop(message) {
	console.error(`npm run moddable: ${message}`);
	process.exit(2);
}

function run(title, command, args, options = {}) {
	console.log(`== ${title}`);
	const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
	if (error) stop(`${command}: ${error.message}`);
	return status === 0;
}

function text(command, args, options = {}) {
	const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: "utf8", ...options });
	return status === 0 ? stdout.trim() : `status ${status}: ${stderr.trim()}`;
}

if (!sdk) stop(`$MODDABLE is not set.\n${howTo}`);
const tools = join(sdk, "build/bin/lin/release");
if (!existsSync(join(tools, "mcconfig"))) stop(`no ${tools}/mcconfig: the SDK's tools are not built.\n${howTo}`);
if (spawnSync("pkg-config", ["--exists", "gio-2.0"]).status !== 0)
	stop(
		"pkg-config finds no gio-2.0, which programs of x-cli-lin need. Install these packages: pkg-config libgtk-3-dev",
	);
const environment = { ...process.env, PATH: `${tools}:${process.env.PATH}` };

if (!run("the package", process.execPath, ["tools/setup.mjs", "--quiet"])) process.exit(1);
if (!run("what the SDK takes of it", process.execPath, ["tools/moddable-package.mjs"])) process.exit(1);

/* The SDK's makefile does not make objects anew when a define of the manifest has changed. */
mkdirSync(out, { recursive: true });
const objects = join(out, "tmp/lin/release/moddable");
if (existsSync(objects)) for (const name of readdirSync(objects)) if (name.endsWith(".o")) rmSync(join(objects, name));
if (
	!run("x-cli-lin", "mcconfig", ["-m", "-p", "x-cli-lin", "-o", out], {
		cwd: join(root, "test/moddable"),
		env: environment,
	})
)
	process.exit(1);
const program = join(out, "programs/x-cli-lin");
mkdirSync(dirname(program), { recursive: true });
copyFileSync(join(out, "bin/lin/release/moddable"), program);

let failed = 0;
console.log("== examples, with the results of `wait-xs run`");
for (const name of readdirSync(join(root, "examples")).sort()) {
	const module = join(root, "examples", name, `${name}.wasm`);
	if (!existsSync(module)) continue;
	const found = text(program, [`script=${join(root, "test/moddable/example.js")}`, `module=${module}`]);
	if (found === "") continue;
	const expected = text(process.execPath, ["bin/wait-xs.js", "run", module]);
	const same = found === expected;
	if (!same) failed++;
	console.log(`${same ? "passed" : "FAILED"} ${name}: ${found}${same ? "" : `, expected ${expected}`}`);
}
const boards = { ...environment, WAIT_XS_BOARDS: "x-cli-lin" };
if (!run("specification and API", process.execPath, ["tools/test.mjs", "spec-spec", "api-api"], { env: boards }))
	failed++;
console.log("Not tried: firmware of devices, which needs their SDKs.");
process.exit(failed ? 1 : 0);
