/** What the command line's reports say of memory, flash and sizes. All in bytes. */

import { prepareCompiler } from "../webassembly/compiler";
import type { Module } from "../webassembly/module";
import { theStore, type Store } from "../webassembly/store";

/** Of the machine: native/port/linux/process-metrics.c. */
interface HostMemory {
	slotsPeak: number;
	slotsLive: number;
	chunksPeak: number;
	chunksLive: number;
	stackPeak: number;
	cStackPeak: number;
	engine: number;
	enginePeak: number;
	native: number;
	nativePeak: number;
}

interface StoreFigures {
	linear: number;
	/** The wasm stacks held. */
	stack: number;
	/** The deepest use of one of them so far. */
	stackPeak: number;
	bytesWritten: number;
	pagesErased: number;
}

export interface ModuleFigures {
	/** The whole image, and its parts. */
	image: number;
	code: number;
	tables: number;
	records: number;
	/** Memory accesses, and how many of them need no check. */
	checks: number;
	proved: number;
	/** Microseconds for which compiling let nobody else in, at most; 0: interpreted. */
	longest: number;
	/** 1: it was compiled a second time, with what the first compilation had learned. */
	optimized: number;
}

export interface Ram {
	jsSlots: number;
	jsChunks: number;
	/** All of C but linear memory and stacks; the engine's own tables among it. */
	native: number;
	linear: number;
	/** Of wasm; what was used of the engine's and of C's. */
	stack: number;
	total: number;
}

const hostMemory = native<() => HostMemory>("xs_host_memory");
const storeFigures = native<(store: Store) => StoreFigures>("xs_store_figures");
const functions = native<(module: Module) => ArrayBuffer>("xs_module_functions");

export const moduleFigures = native<(module: Module) => ModuleFigures>("xs_module_figures");

/** For each defined function its machine code, then that with its tables. */
export function functionSizes(module: Module): Uint32Array {
	return new Uint32Array(functions(module));
}

const collect = native<() => void>("xs_host_collect");
const resetPeaks = native<() => void>("xs_host_peaks");

/**
 * Peaks begin anew. Gives what the board takes before it compiles, in bytes: the run time is there, and the program of
 * an interpreted front end; what was only needed to know it is not.
 */
export function beginMeasuring(): number {
	prepareCompiler();
	theStore();
	collect();
	const { total } = ramNow();
	collect();
	resetPeaks();
	return total;
}

/** The most that was in use since xs_host_peaks(), each part by itself; garbage not yet collected included. */
export function peakRam(): number {
	const memory = hostMemory();
	return (
		memory.slotsPeak +
		memory.chunksPeak +
		memory.stackPeak +
		memory.cStackPeak +
		memory.enginePeak +
		memory.nativePeak
	);
}

/** What is in use now. */
export function ramNow(): Ram {
	const memory = hostMemory();
	const { linear, stack: wasmStack } = storeFigures(theStore());
	const jsSlots = memory.slotsLive;
	const jsChunks = memory.chunksLive;
	const stack = wasmStack + memory.stackPeak + memory.cStackPeak;
	const otherNative = memory.native + memory.engine - linear - wasmStack;
	return {
		jsSlots,
		jsChunks,
		native: otherNative,
		linear,
		stack,
		total: jsSlots + jsChunks + otherNative + linear + stack,
	};
}

/** How many bytes of a wasm stack calls have used so far, at most. */
export function stackPeak(): number {
	return storeFigures(theStore()).stackPeak;
}

export function flashFigures(): { bytesWritten: number; pagesErased: number } {
	const { bytesWritten, pagesErased } = storeFigures(theStore());
	return { bytesWritten, pagesErased };
}
