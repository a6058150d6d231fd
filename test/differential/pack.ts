/* Generated cases as a pack for the guest. */

import type { GeneratedCase } from "../fuzz/generator";
import { asciiJson, Blobs, packFile } from "../support/packfile";
import { encodeModule, op } from "../support/wasm";
import type { CaseHeader, GuestOptions, PackedCase } from "./format";

/** hash() of all of memory "m" "memory": 8 bytes at a time. */
export function hasher(): Uint8Array {
	const get = (i: number) => op("local.get", i);
	return encodeModule({
		types: [{ params: [], results: ["i64"] }],
		imports: [{ module: "m", name: "memory", kind: "memory", minimum: 0 }],
		functions: [
			{
				type: 0,
				locals: ["i32", "i32", "i64"],
				export: "hash",
				code: [
					op("memory.size", [0]),
					op("i32.const", 16),
					op("i32.shl"),
					op("local.set", 1),
					op("block", [0x40]),
					op("loop", [0x40]),
					get(0),
					get(1),
					op("i32.eq"),
					op("br_if", 1),
					get(2),
					get(0),
					op("i64.load"),
					op("i64.xor"),
					op("i64.const", 0x100000001b3n),
					op("i64.mul"),
					op("i64.const", 29),
					op("i64.rotl"),
					op("local.set", 2),
					get(0),
					op("i32.const", 8),
					op("i32.add"),
					op("local.set", 0),
					op("br", 0),
					op("end"),
					op("end"),
					get(2),
				],
			},
		],
	});
}

export function packCases(cases: readonly GeneratedCase[], canonical: boolean, options: GuestOptions): Uint8Array {
	const blobs = new Blobs();
	const header: CaseHeader = { hasher: blobs.add(hasher()), cases: [], seeds: [], options };
	for (const generated of cases) {
		const modules = generated.modules.map(({ canonical: forOthers, plain, ...rest }) => ({
			...rest,
			bytes: blobs.add(canonical ? forOthers : plain),
		}));
		const packed: PackedCase = { seed: generated.seed, modules, steps: generated.steps };
		header.cases.push(blobs.add(asciiJson(packed)));
		header.seeds.push(generated.seed);
	}
	return packFile(header, blobs);
}
