/*
 * Reads the specification's tests (wabt's spectest-json) and writes them as a pack for the guest: commands as short
 * arrays, modules as bytes, a wrapper for every function type with floats.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Blobs, packFile } from "../support/packfile";
import type { ValueType } from "../support/wasm";
import { bitsWrapper } from "../support/wasm";
import type { Command, SpecHeader } from "./format";

interface SpecValue {
	type: string;
	value?: string;
}

interface SpecCommand {
	type: string;
	line: number;
	name?: string;
	as?: string;
	filename?: string;
	module_type?: string;
	text?: string;
	action?: { type: string; module?: string; field: string; args?: SpecValue[] };
	expected?: SpecValue[];
}

export interface SpecPack {
	header: SpecHeader;
	bytes: Uint8Array;
}

const LETTERS: Record<string, string> = { i32: "i", i64: "I", f32: "f", f64: "F" };
const TYPES: Record<string, ValueType> = {
	i: "i32",
	I: "i64",
	f: "f32",
	F: "f64",
	x: "funcref",
	n: "funcref",
	r: "externref",
	N: "externref",
};

function encodeValue(value: SpecValue): string {
	const letter = LETTERS[value.type];
	if (letter) {
		if (value.value === "nan:canonical" || value.value === "nan:arithmetic") return letter + value.value[4];
		return letter + (value.value ?? "");
	}
	if (value.value === "null") return value.type === "funcref" ? "n" : "N";
	return value.type === "funcref" ? "x" : `r${value.value ?? ""}`;
}

function signature(args: string[], expected: string[]): string {
	const letters = (values: string[]): string => values.map((v) => v[0]).join("");
	const type = `${letters(args)}:${letters(expected)}`;
	return /[fF]/.test(type) ? type : "";
}

/**
 * Changes what a command expects, so that a sound checker must see it fail. Undefined where there is nothing to change.
 */
export function falsify(command: Command): Command | undefined {
	const changed = [...command] as Command;
	switch (command[0]) {
		case "return":
			if (command[5].length === 0) {
				changed[0] = "trap";
				changed[6] = "unreachable";
				return changed;
			}
			changed[5] = command[5].map((value, index) => {
				if (index !== command[5].length - 1) return value;
				const letter = value[0]!;
				if (letter === "n" || letter === "N") return letter === "n" ? "x" : "r77";
				if (letter === "x") return "n";
				if (letter === "r") return "r78";
				if (value[1] === "c" || value[1] === "a") return letter + "0";
				return letter + String(BigInt(value.slice(1)) ^ 1n);
			});
			return changed;
		case "trap":
		case "uninstantiable":
		case "exhaustion":
			/* No engine takes one of these for another. */
			changed[6] = command[6] === "unreachable" ? "integer divide by zero" : "unreachable";
			return changed;
		case "invalid":
			changed[0] = "module";
			return changed;
		case "unlinkable":
			changed[0] = "module";
			return changed;
		case "action":
			changed[0] = "trap";
			changed[6] = "unreachable";
			return changed;
		default:
			return undefined;
	}
}

export interface PackOptions {
	/** Folders of the specification's tests, in order. */
	folders?: string[];
	/** Only files whose "folder/name" this accepts. */
	filter?: (name: string) => boolean;
	/** Applied to every command; what it returns is packed, nothing where it returns undefined. */
	map?: (command: Command) => Command | undefined;
}

export const FOLDERS = ["core", "tail-call", "extended-const"];

export function packSpec(spec: string, options: PackOptions = {}): SpecPack {
	const blobs = new Blobs();
	const header: SpecHeader = { files: [], wrappers: {} };
	for (const folder of options.folders ?? FOLDERS) {
		const path = join(spec, folder);
		for (const file of existsSync(path) ? readdirSync(path).sort() : []) {
			const name = `${folder}/${file.replace(/\.json$/, "")}`;
			if (!file.endsWith(".json") || (options.filter && !options.filter(name))) continue;
			const commands: Command[] = [];
			let skipped = 0;
			for (const c of (JSON.parse(readFileSync(join(path, file), "utf8")) as { commands: SpecCommand[] })
				.commands) {
				if (c.module_type === "text") {
					skipped++;
					continue;
				}
				const args = (c.action?.args ?? []).map(encodeValue);
				const expected = (c.expected ?? []).map(encodeValue);
				const kind = c.type.replace(/^assert_/, "").replace("malformed", "invalid");
				const type = c.action?.type === "invoke" ? signature(args, expected) : "";
				if (type && !header.wrappers[type]) {
					const [params, results] = type
						.split(":")
						.map((letters) => [...letters].map((letter) => TYPES[letter]!)) as [ValueType[], ValueType[]];
					header.wrappers[type] = blobs.add(bitsWrapper({ params, results }));
				}
				const [offset, length] = c.filename ? blobs.add(readFileSync(join(path, c.filename))) : [0, 0];
				const command: Command = [
					kind,
					c.line,
					c.action?.module ?? c.name ?? "",
					c.action?.field ?? c.as ?? "",
					args,
					expected,
					c.text ?? "",
					type,
					offset,
					length,
					c.action?.type === "get",
				];
				const mapped = options.map ? options.map(command) : command;
				if (mapped) commands.push(mapped);
			}
			const [offset, length] = blobs.json(commands);
			header.files.push({ name, commands: commands.length, skipped, offset, length });
		}
	}
	return { header, bytes: packFile(header, blobs) };
}
