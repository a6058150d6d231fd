/*
 * A firmware that is fed versions of a module, each with other names: it loads, calls and drops one after the other,
 * and asks for one that cannot be linked. Prints the figures after the first ones and
 * at the end as JSON. files: good.wasm, bad.wasm (with an import), versions (their number, in decimal). The digits
 * 00000 in the modules' names become the version's.
 */

import { decodeAscii } from "../support/guest";

type Figures = Record<string, number>;

declare const native: <F>(name: string) => F;

const collect = native<() => void>("xs_host_collect");
const memory = native<() => Figures>("xs_host_memory");
const versions = Number(decodeAscii(new Uint8Array(files.read("versions"))));

function placesOf(bytes: Uint8Array): number[] {
	const text = decodeAscii(bytes);
	const places = [];
	for (let at = text.indexOf("00000"); at >= 0; at = text.indexOf("00000", at + 5)) places.push(at);
	return places;
}

function stamp(bytes: Uint8Array<ArrayBuffer>, places: number[], digits: string): BufferSource {
	for (let i = 0; i < places.length; i++)
		for (let k = 0; k < digits.length; k++) bytes[places[i]! + k] = digits.charCodeAt(k);
	return bytes;
}

const good = new Uint8Array(files.read("good.wasm"));
const bad = new Uint8Array(files.read("bad.wasm"));
const inGood = placesOf(good);
const inBad = placesOf(bad);

function figures(): Figures {
	collect();
	return memory();
}

function load(version: number): void {
	const digits = String(100_000 + version).slice(1);
	const module = new WebAssembly.Module(stamp(good, inGood, digits));
	const exports = new WebAssembly.Instance(module).exports as unknown as Record<string, () => number>;
	if (exports[`n3v${digits}`]!() !== 42) throw new Error("another result");
	if (version % 10 === 0) {
		const names = WebAssembly.Module.exports(module).map(({ name }) => name);
		if (Object.keys(exports).join() !== names.join()) throw new Error("other names");
	}
	const unlinked = new WebAssembly.Module(stamp(bad, inBad, digits));
	try {
		new WebAssembly.Instance(unlinked, { [`m${digits}`]: {} });
	} catch (error) {
		if (error instanceof WebAssembly.LinkError || error instanceof TypeError) return;
		throw error;
	}
	throw new Error("linked");
}

let first = figures();
for (let version = 0; version < versions; version++) {
	load(version);
	if (version === 9) first = figures();
}
console.log(JSON.stringify([first, figures()]));
