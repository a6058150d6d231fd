/*
 * Functions of generated modules as trees: a node's children are its operands (and statements between them) in order of
 * evaluation. Encoding a tree gives valid code; so does a tree with a subtree replaced by another one of the same
 * types.
 */

import type { FunctionType, ValueType } from "../support/wasm";
import { bits32, bits64, OPCODES, s, u, VALUE_TYPES } from "../support/wasm";

export interface Label {
	/** What a branch to it takes. */
	types: ValueType[];
	/** Only for the branches that its maker makes. */
	closed?: boolean;
}

/**
 * op is an instruction's name, or: "seq" (its children, one after the other), "pending" (a value that is on the stack
 * already), "canon" (its child, with NaNs made canonical by code; only in one of the two encodings if the value is 1;
 * index is a local to use).
 */
export interface Node {
	op: string;
	results: ValueType[];
	children: Node[];
	/** Index of local, global, function, table, segment; of a second table or segment in index2; type index in type. */
	index?: number;
	index2?: number;
	type?: number;
	offset?: number;
	align?: number;
	value?: number | bigint;
	/** Block, loop and if: label, types of the parameters, contents. */
	label?: Label;
	params?: ValueType[];
	body?: Node[];
	otherwise?: Node[];
	/** Branches. */
	targets?: Label[];
	/** Takes operands from the stack that a sibling left there: may not be removed alone. */
	fixed?: boolean;
}

export interface EncodeContext {
	typeIndex(type: FunctionType): number;
	/** NaNs made canonical by code. */
	canonical: boolean;
}

function sameTypes(a: readonly ValueType[], b: readonly ValueType[]): boolean {
	return a.length === b.length && a.every((t, i) => t === b[i]);
}

export { sameTypes };

export function encodeNode(node: Node, labels: Label[], context: EncodeContext, out: number[]): void {
	for (const child of node.children) encodeNode(child, labels, context, out);
	if (node.op === "seq" || node.op === "pending") return;
	const push = (bytes: readonly number[]): void => {
		for (const byte of bytes) out.push(byte);
	};
	if (node.op === "canon") {
		if (context.canonical || !node.value) {
			const type = node.results[0]!;
			const local = u(node.index!);
			push([
				...OPCODES.get("local.tee")!,
				...local,
				...OPCODES.get(`${type}.const`)!,
				...(type === "f32" ? bits32(0x7fc00000) : bits64(0x7ff8000000000000n)),
			]);
			push([
				...OPCODES.get("local.get")!,
				...local,
				...OPCODES.get("local.get")!,
				...local,
				...OPCODES.get(`${type}.eq`)!,
				...OPCODES.get("select")!,
			]);
		}
		return;
	}
	const depth = (label: Label): number => {
		const at = labels.lastIndexOf(label);
		if (at < 0) throw new Error(`${node.op} to a label out of scope`);
		return labels.length - 1 - at;
	};
	const contents = (nodes: Node[]): void => {
		for (const child of nodes) encodeNode(child, labels, context, out);
	};
	push(OPCODES.get(node.op === "select" && node.type !== undefined ? "select_t" : node.op)!);
	switch (node.op) {
		case "block":
		case "loop":
		case "if":
			if (node.params!.length === 0 && node.results.length <= 1)
				out.push(node.results.length ? VALUE_TYPES[node.results[0]!] : 0x40);
			else push(s(context.typeIndex({ params: node.params!, results: node.results })));
			labels.push(node.label!);
			contents(node.body!);
			if (node.otherwise) {
				push(OPCODES.get("else")!);
				contents(node.otherwise);
			}
			labels.pop();
			push(OPCODES.get("end")!);
			break;
		case "br":
		case "br_if":
			push(u(depth(node.targets![0]!)));
			break;
		case "br_table":
			push(u(node.targets!.length - 1));
			for (const target of node.targets!) push(u(depth(target)));
			break;
		case "call_indirect":
		case "return_call_indirect":
			push(u(node.type!));
			push(u(node.index!));
			break;
		case "select":
			if (node.type !== undefined) push([1, node.type]);
			break;
		case "i32.const":
			push(s(Number(node.value) | 0));
			break;
		case "i64.const":
			push(s(BigInt.asIntN(64, BigInt(node.value!))));
			break;
		case "f32.const":
			push(bits32(Number(node.value)));
			break;
		case "f64.const":
			push(bits64(BigInt(node.value!)));
			break;
		case "ref.null":
			out.push(node.type!);
			break;
		case "memory.size":
		case "memory.grow":
		case "memory.fill":
			out.push(0);
			break;
		case "memory.copy":
			out.push(0, 0);
			break;
		case "memory.init":
			push(u(node.index!));
			out.push(0);
			break;
		case "table.init":
		case "table.copy":
			push(u(node.index!));
			push(u(node.index2!));
			break;
		default:
			if (node.offset !== undefined) {
				push(u(node.align ?? 0));
				push(u(node.offset));
			} else if (node.index !== undefined) {
				push(u(node.index));
			}
	}
}

/** Constant of a type: zero or null. */
export function zero(type: ValueType): Node {
	if (type === "funcref" || type === "externref")
		return { op: "ref.null", results: [type], children: [], type: VALUE_TYPES[type] };
	return { op: `${type}.const`, results: [type], children: [], value: type === "i64" || type === "f64" ? 0n : 0 };
}

export function zeros(types: readonly ValueType[]): Node[] {
	return types.map(zero);
}

/** Whether the subtree takes values from outside itself: pending ones not of its own blocks. */
export function isOpen(node: Node): boolean {
	return node.op === "pending" || node.fixed === true || node.children.some(isOpen);
}

export function countNodes(nodes: readonly Node[]): number {
	let count = 0;
	for (const node of nodes)
		count += 1 + countNodes(node.children) + countNodes(node.body ?? []) + countNodes(node.otherwise ?? []);
	return count;
}

/* builders */

export function i32(value: number): Node {
	return { op: "i32.const", results: ["i32"], children: [], value };
}

export function instruction(op: string, results: ValueType[], children: Node[], rest: Partial<Node> = {}): Node {
	return { op, results, children, ...rest };
}

export function getLocal(index: number, type: ValueType): Node {
	return instruction("local.get", [type], [], { index });
}

export function setLocal(index: number, value: Node): Node {
	return instruction("local.set", [], [value], { index });
}

export function i32op(op: string, a: Node, b?: Node): Node {
	return instruction(`i32.${op}`, ["i32"], b ? [a, b] : [a]);
}

export const FIXED_DROP: Node = { op: "drop", results: [], children: [], fixed: true };
