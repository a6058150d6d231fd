/* Generated cases, and how they are packed for the guest. */

import type { ValueType } from "../support/wasm";

export interface HostFunction {
	params: ValueType[];
	results: ValueType[];
	/** What it does besides: nothing, memory.grow(1), a write, a call of a function of the module, a throw. */
	effect: "none" | "grow" | "write" | "call" | "throw";
	seed: number;
}

/** Imports that the guest makes from JavaScript, by field name of module "h". */
export interface HostImports {
	functions: Record<string, HostFunction>;
	memory?: { initial: number; maximum?: number };
	tables: Record<string, { initial: number; maximum?: number; element: "anyfunc" | "externref" }>;
	globals: Record<string, { value: ValueType; mutable: boolean; init: string }>;
}

export interface GeneratedModule {
	/** For engines with NaN bits of their own, and for the runtime, whose NaNs are canonical by themselves. */
	canonical: Uint8Array;
	plain: Uint8Array;
	host: HostImports;
	/** Imports from module "p" come from the exports of the module before. */
	exports: {
		functions: string[];
		memory: boolean;
		tables: string[];
		globals: string[];
		getters: [string, ValueType][];
	};
	/** What host functions with the effect "call" call; takes nothing. */
	reentry: string | undefined;
}

/**
 * ["call", export, arguments...] with arguments as "i1", "I-1", "r5", "N"; ["grow", pages]; ["set", table, index,
 * export or null]
 */
export type Step = [string, ...(string | number | null)[]];

export interface Case {
	seed: number;
	modules: GeneratedModule[];
	steps: { module: number; step: Step }[];
}

export interface PackedModule extends Omit<GeneratedModule, "canonical" | "plain"> {
	bytes: [number, number];
}

export interface PackedCase {
	seed: number;
	modules: PackedModule[];
	steps: { module: number; step: Step }[];
}

export interface CaseHeader {
	/** A module that exports a hash of an imported memory. */
	hasher: [number, number];
	cases: [number, number][];
	/** Seeds, in the same order. */
	seeds: number[];
	options: GuestOptions;
}

export interface GuestOptions {
	/** Compile every module in chunks of these sizes too, and compare images. */
	chunks?: number[];
	/** Begin with this case. */
	from: number;
}
