/* What the tests of the API share: a list of tests, assertions, the modules of modules.ts. */

import { IS_NODE, Pack } from "../support/guest";
import type { Header } from "./modules";

const pack = new Pack<Header>(files.read("pack"));

export const names = Object.keys(pack.header.modules);
export const rounds = pack.header.rounds;

export interface Test {
	name: string;
	run: () => unknown;
}

export const tests: Test[] = [];

export function test(name: string, run: () => unknown): void {
	tests.push({ name, run });
}

/** What the standard leaves to engines, or V8 does not have. */
export function ownTest(name: string, run: () => unknown): void {
	tests.push({ name, run: IS_NODE ? () => undefined : run });
}

export function bytes(name: string): ArrayBuffer {
	const place = pack.header.modules[name];
	if (!place) throw new Error(`no module ${name}`);
	return pack.bytes(place[0], place[1]);
}

const made = new Map<string, WebAssembly.Module>();

export function module(name: string): WebAssembly.Module {
	let result = made.get(name);
	if (!result) made.set(name, (result = new WebAssembly.Module(bytes(name))));
	return result;
}

export type Callable = (...values: unknown[]) => unknown;

/** The exports, taken for functions. */
export function instantiate(name: string, imports?: unknown): Record<string, Callable> {
	return new WebAssembly.Instance(module(name), imports as WebAssembly.Imports).exports as Record<string, Callable>;
}

/** One after the other. Prints a line of JSON for each: {"begin"}, then {"name", "error"?}; at the end {"done"}. */
export async function runTests(): Promise<void> {
	for (const { name, run } of tests) {
		let error: string | undefined;
		console.log(JSON.stringify({ begin: name }));
		try {
			await run();
		} catch (thrown) {
			error = thrown instanceof Error ? `${String(thrown)}\n${thrown.stack ?? ""}` : String(thrown);
		}
		console.log(JSON.stringify({ name, error }));
	}
	console.log(JSON.stringify({ done: true }));
}

function show(value: unknown): string {
	if (typeof value === "string") return JSON.stringify(value);
	if (typeof value === "bigint") return `${value}n`;
	if (Object.is(value, -0)) return "-0";
	return String(value);
}

export function equal(actual: unknown, expected: unknown, what = "value"): void {
	if (!Object.is(actual, expected)) throw new Error(`${what} is ${show(actual)}, expected ${show(expected)}`);
}

export function equalList(actual: unknown, expected: readonly unknown[], what = "list"): void {
	if (!Array.isArray(actual)) throw new Error(`${what} is no array: ${show(actual)}`);
	equal(actual.length, expected.length, `length of ${what}`);
	for (let i = 0; i < expected.length; i++) equal(actual[i], expected[i], `${what}[${i}]`);
}

export function ok(value: unknown, what: string): void {
	if (!value) throw new Error(what);
}

type ErrorClass = { readonly prototype: Error };

function check(error: unknown, type: ErrorClass, pattern: RegExp | undefined): unknown {
	if (!(error instanceof (type as new () => Error))) throw new Error(`threw ${String(error)}`);
	if (error.constructor !== type) throw new Error(`threw ${error.name}, not exactly that class: ${error.message}`);
	if (pattern && !IS_NODE && !pattern.test(error.message)) throw new Error(`message is ${show(error.message)}`);
	return error;
}

/** Throws exactly that class; the message is checked on boards only. Gives the error. */
export function throws(action: () => unknown, type: ErrorClass, pattern?: RegExp): unknown {
	let result: unknown;
	try {
		result = action();
	} catch (error) {
		return check(error, type, pattern);
	}
	throw new Error(`did not throw, but gave ${show(result)}`);
}

export async function rejects(action: () => unknown, type: ErrorClass, pattern?: RegExp): Promise<unknown> {
	let result: unknown;
	try {
		result = action();
		ok(result instanceof Promise, "no promise");
		result = await result;
	} catch (error) {
		return check(error, type, pattern);
	}
	throw new Error(`did not reject, but gave ${show(result)}`);
}

/** An object found again by identity. */
export function unique(): object {
	return { unique: true };
}

/** The very same value comes out of the action. */
export function throwsValue(action: () => unknown, value: unknown): void {
	try {
		action();
	} catch (error) {
		return equal(error, value, "thrown");
	}
	throw new Error("did not throw");
}

export function descriptor(object: object, name: PropertyKey): PropertyDescriptor {
	const result = Object.getOwnPropertyDescriptor(object, name);
	if (!result) throw new Error(`no property ${String(name)}`);
	return result;
}

export function later(milliseconds: number): Promise<void> {
	return new Promise((resolve) => setTimeout(() => resolve(), milliseconds));
}
