/*
 * The front end as native code against the same front end interpreted: both must make the same image of each module, or refuse it in the same words. And the native one, which
 * the interpreted one made, makes itself.
 */

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { boardsToTest, exec } from "../support/boards";
import { bundleGuest } from "../support/bundle";
import { Blobs, packFile } from "../support/packfile";
import { outputFolder, ROOT } from "../support/paths";
import type { Header } from "./modules";
import { modules } from "./modules";

/** Cut short at each byte, or with each byte changed, a module is refused for many reasons. */
function broken(bytes: Uint8Array): Uint8Array[] {
	const result: Uint8Array[] = [];
	for (let i = 8; i < bytes.length; i++) {
		const changed = Uint8Array.from(bytes);
		changed[i]! ^= 0x41;
		result.push(bytes.subarray(0, i), changed);
	}
	return result;
}

function writePack(): string {
	const blobs = new Blobs();
	const header: Header = { modules: {}, rounds: 0 };
	for (const [name, bytes] of modules) header.modules[name] = blobs.add(bytes);
	for (const name of ["imports", "multi", "table", "traps"])
		broken(modules.get(name)!).forEach((bytes, i) => (header.modules[`${name} ${i}`] = blobs.add(bytes)));
	header.modules["aot"] = blobs.add(readFileSync(join(ROOT, "build/aot.wasm")));
	const path = join(outputFolder("api"), "front-end.pack");
	writeFileSync(path, packFile(header, blobs));
	return path;
}

/** FNV-1a, as xs_module_hash. */
function hash(bytes: Uint8Array): number {
	let result = 0x811c9dc5;
	for (const byte of bytes) result = Math.imul(result ^ byte, 0x01000193);
	return result | 0;
}

async function outcomes(board: string, frontEnd: "native" | "interpreted"): Promise<Map<string, string>> {
	const result = new Map<string, string>();
	const ended = await exec(await bundleGuest("test/api/guest-front-end.ts"), {
		board,
		files: { pack: writePack() },
		frontEnd,
		limit: 300,
		onLine: (text) => {
			const { name, outcome } = JSON.parse(text) as { name: string; outcome: string };
			result.set(name, outcome);
		},
	});
	assert.equal(ended.status, 0, ended.stderr);
	return result;
}

for (const board of boardsToTest()) {
	describe(`native front end of ${board}`, function () {
		this.timeout(0);
		const image = join(ROOT, "build", board, "front-end.img");
		let compiled: Map<string, string>;

		before(async function () {
			if (!existsSync(image)) this.skip();
			compiled = await outcomes(board, "native");
		});

		it("is there", () => {
			assert.ok(readFileSync(image).length > 10_000);
		});

		it("makes the same images and says the same of what it refuses as the interpreted one", async () => {
			const interpreted = await outcomes(board, "interpreted");
			assert.equal(interpreted.size, compiled.size);
			assert.ok(compiled.size > 1000);
			for (const [name, outcome] of interpreted) assert.equal(compiled.get(name), outcome, name);
			assert.ok([...compiled.values()].filter((outcome) => outcome.startsWith("CompileError")).length > 500);
		});

		it("makes itself", () => {
			assert.equal(compiled.get("aot"), String(hash(readFileSync(image))));
		});
	});
}
