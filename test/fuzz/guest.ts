/*
 * Says of every module of the pack whether it is valid, and checks that compiling agrees; tells in between what memory
 * is in use.
 */

import { IS_NODE, Pack } from "../support/guest";
import type { Verdict, VerdictHeader } from "./format";

declare const native: <F>(name: string) => F;

interface Memory {
	slotsLive: number;
	chunksLive: number;
	native: number;
	keysUsed: number;
}

const pack = new Pack<VerdictHeader>(files.read("pack"));
const { modules, from } = pack.header;

function memory(): Memory | undefined {
	if (IS_NODE) return undefined;
	native<() => void>("xs_host_collect")();
	native<() => void>("xs_host_collect")();
	const { slotsLive, chunksLive, native: nativeBytes, keysUsed } = native<() => Memory>("xs_host_memory")();
	return { slotsLive, chunksLive, native: nativeBytes, keysUsed };
}

for (let index = from; index < modules.length; index++) {
	const bytes = pack.bytes(...modules[index]!);
	const verdict: Verdict = { index, valid: WebAssembly.validate(bytes) };
	try {
		new WebAssembly.Module(bytes);
	} catch (error) {
		verdict.error =
			error instanceof WebAssembly.CompileError ? error.message : `not a CompileError: ${String(error)}`;
	}
	console.log(JSON.stringify(verdict));
	if (index % 500 === 499) console.log(JSON.stringify({ memory: memory() }));
}
console.log(JSON.stringify({ done: true }));
