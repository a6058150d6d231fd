/*
 * Makes a failing generated case smaller: removes statements, calls and bodies, and replaces expressions by constants,
 * as long as it fails.
 */

import { compareTraces, runCases } from "../differential/runner";
import type { BatchOptions, Difference } from "../differential/runner";
import type { GeneratedModule } from "../differential/format";
import type { GeneratedCase } from "./generator";
import type { Node } from "./tree";
import { countNodes, isOpen, zeros } from "./tree";

interface Edit {
	apply(): void;
	undo(): void;
	/** How much it takes away, about. */
	size: number;
}

function listEdits(list: Node[], edits: Edit[], isStatement: (node: Node) => boolean): void {
	for (let size = list.length; size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
		for (let at = 0; at + size <= list.length; at += size) {
			const part = list.slice(at, at + size);
			if (!part.every(isStatement)) continue;
			edits.push({
				apply: () => void list.splice(at, size),
				undo: () => void list.splice(at, 0, ...part),
				size: countNodes(part),
			});
		}
	}
}

function nodeEdits(node: Node, edits: Edit[]): void {
	const isStatement = (child: Node): boolean => child.results.length === 0 && !isOpen(child);
	const visitList = (list: Node[]): void => {
		listEdits(list, edits, isStatement);
		list.forEach((child, i) => {
			if (
				child.results.length > 0 &&
				!isOpen(child) &&
				!(child.op.endsWith(".const") && !child.value) &&
				child.op !== "ref.null"
			) {
				const constants = zeros(child.results);
				const replacement: Node =
					constants.length === 1 ? constants[0]! : { op: "seq", results: child.results, children: constants };
				edits.push({
					apply: () => void (list[i] = replacement),
					undo: () => void (list[i] = child),
					size: countNodes([child]),
				});
			}
			nodeEdits(child, edits);
		});
	};
	visitList(node.children);
	if (node.body) visitList(node.body);
	if (node.otherwise) visitList(node.otherwise);
}

function editsOf(generated: GeneratedCase): Edit[] {
	const edits: Edit[] = [];
	const { steps } = generated;
	for (let size = steps.length; size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
		for (let at = 0; at + size <= steps.length; at += size) {
			const part = steps.slice(at, at + size);
			edits.push({
				apply: () => void steps.splice(at, size),
				undo: () => void steps.splice(at, 0, ...part),
				size: 20 * size,
			});
		}
	}
	for (const generator of generated.generators) {
		for (const body of generator.bodies) {
			const { nodes } = body;
			const constants = zeros(body.info.type.results);
			edits.push({
				apply: () => void (body.nodes = constants),
				undo: () => void (body.nodes = nodes),
				size: countNodes(nodes),
			});
			nodeEdits({ op: "seq", results: [], children: nodes }, edits);
		}
	}
	return edits.filter((edit) => edit.size > 0).sort((a, b) => b.size - a.size);
}

function measure(generated: GeneratedCase): number {
	return generated.modules.reduce((sum, module) => sum + module.canonical.length, generated.steps.length);
}

export interface Shrunk {
	difference: Difference;
	rounds: number;
}

/** Shrinks the case in place. `same` says whether a difference is of the kind looked for. */
export async function shrink(
	generated: GeneratedCase,
	board: string,
	options: BatchOptions,
	log: (line: string) => void,
	width = 48,
	same: (difference: Difference) => boolean = () => true,
): Promise<Shrunk | undefined> {
	const failing = async (candidates: GeneratedCase[]): Promise<Map<number, Difference>> => {
		const [expected, actual] = await Promise.all([
			runCases("node", candidates, options),
			runCases(board, candidates, options),
		]);
		return new Map(
			compareTraces(board, expected, actual)
				.filter(same)
				.map((d) => [d.seed, d]),
		);
	};
	let difference = (await failing([generated])).get(generated.seed);
	if (!difference) return undefined;
	let rounds = 0;
	let from = 0;
	let again = false;
	for (;;) {
		const edits = editsOf(generated);
		generated.encodeAgain();
		const now = measure(generated);
		const tried: Edit[] = [];
		const candidates: GeneratedCase[] = [];
		for (; from < edits.length && tried.length < width; from++) {
			const edit = edits[from]!;
			edit.apply();
			generated.encodeAgain();
			if (measure(generated) < now) {
				candidates.push({
					seed: tried.length,
					modules: generated.modules.map((m): GeneratedModule => ({ ...m })),
					steps: [...generated.steps],
				} as unknown as GeneratedCase);
				tried.push(edit);
			}
			edit.undo();
		}
		if (!tried.length) {
			if (!again) break;
			again = false;
			from = 0;
			continue;
		}
		rounds++;
		const failed = await failing(candidates);
		const best = tried.findIndex((_, index) => failed.has(index));
		if (best < 0) continue;
		tried[best]!.apply();
		generated.encodeAgain();
		difference = { ...failed.get(best)!, seed: generated.seed };
		log(
			`round ${rounds}: ${generated.modules.reduce((sum, m) => sum + m.plain.length, 0)} bytes, ${edits.length} ideas, ${difference.at.slice(0, 160)}`,
		);
		/* What did not help before seldom helps now: a little back, and from the start only after the last. */
		from = Math.max(0, edits.indexOf(tried[best]!) - 4);
		again = true;
	}
	return { difference, rounds };
}
