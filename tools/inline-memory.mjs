// A rollup plugin: puts the accessors of src/aot/base/memory.ts in place of their calls, since a call costs XS more
// than the access itself.
//
// load8(p) -> U8[p]          load16(p) -> U16[p >> 1]          load32(p) -> I32[p >> 2]          and the stores,
// where they are statements

const VIEWS = { 8: ["U8", 0], 16: ["U16", 1], 32: ["I32", 2] };

/** Every call of an accessor, inner ones last: {node, name, bits, stands: it is a statement of its own}. */
function findCalls(tree) {
	const calls = [];
	const visit = (node, parent) => {
		if (!node || typeof node.type !== "string") return;
		const name =
			node.type === "CallExpression" && node.callee.type === "Identifier"
				? /^(load|store)(8|16|32)$/.exec(node.callee.name)
				: null;
		if (name) calls.push({ node, name: name[1], bits: name[2], stands: parent?.type === "ExpressionStatement" });
		for (const key of Object.keys(node)) {
			const value = node[key];
			if (Array.isArray(value)) for (const item of value) visit(item, node);
			else if (value && typeof value === "object" && key !== "parent") visit(value, node);
		}
	};
	visit(tree, null);
	return calls;
}

/** Replaces calls in `code`. Returns it and the names of the views used. */
function inlineCalls(code, tree) {
	const used = new Set();
	// from the end, so that places before stay; a call within another's arguments comes later in the list and is done
	// first
	const edits = [];
	for (const { node, name, bits, stands } of findCalls(tree)) {
		if (name === "store" && !stands) continue;
		const [view, shift] = VIEWS[bits];
		used.add(view);
		const [address, value] = node.arguments;
		const index = shift ? [`${view}[(`, `) >> ${shift}]`] : [`${view}[`, "]"];
		edits.push([node.start, address.start, index[0]]);
		if (name === "load") edits.push([address.end, node.end, index[1]]);
		else {
			edits.push([address.end, value.start, index[1] + " = "]);
			edits.push([value.end, node.end, ""]);
		}
	}
	edits.sort((a, b) => b[0] - a[0] || b[1] - a[1]);
	for (const [from, to, text] of edits) code = code.slice(0, from) + text + code.slice(to);
	return { code, used };
}

export function inlineMemory() {
	return {
		name: "inline-memory",
		transform(code, id) {
			if (
				!/[/\\]src[/\\]aot[/\\]/.test(id) ||
				/[/\\]memory\.js$/.test(id) ||
				!/\b(load|store)(8|16|32)\b/.test(code)
			)
				return null;
			const result = inlineCalls(code, this.parse(code));
			if (!result.used.size) return null;
			const memory = code.match(/from "([./]+(?:base\/)?memory)"/)[1];
			return { code: `import { ${[...result.used].join(", ")} } from "${memory}";\n${result.code}`, map: null };
		},
	};
}
