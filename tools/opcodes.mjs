// Makes the opcode tables of the front end (src/aot/base/opcodes.ts) and of C (build/gen/opcodes.h) from the rows of
// src/shared/rows/opcodes.ts. tools/shared.mjs runs it.

const dotted = new Set(["i32", "i64", "f32", "f64", "local", "global", "table", "memory", "ref", "elem", "data"]);

/** The text format's name of a row: I32_TRUNC_SAT_F32_S is i32.trunc_sat_f32_s. */
function textName(member) {
	if (member === "SELECT_T") return "select";
	const name = member.toLowerCase();
	const at = name.indexOf("_");
	return at > 0 && dotted.has(name.slice(0, at)) ? name.slice(0, at) + "." + name.slice(at + 1) : name;
}

const hex = (n) => "0x" + n.toString(16).padStart(2, "0");
const isFloat = (name) => name === "f32" || name === "f64";

/** Fields of a row of the front end's table, packed into 32 bits. */
const layout = {
	IMMEDIATE_MASK: 31,
	PUSH: 5,
	POPS: 8,
	POP0: 10,
	POP1: 13,
	POP2: 16,
	SIZE: 19,
	RULE: 24,
	SPECIAL: 0x00400000,
	ACCESS: 0x00800000,
	EFFECT: 0x20000000,
	ARITHMETIC: 0x40000000,
};
const layoutDocs = {
	SPECIAL: "the type is not in the signature alone: the validator has code for this instruction",
	ACCESS: "a load or store",
	EFFECT: "may trap, or is seen outside; control instructions and stores, of which that is clear, apart",
	ARITHMETIC: "leaves a float of its own making, whose NaN is not an operand's",
};

/** Every row in full, by operation. What a row says and what it leaves out has to fit. */
function readRows({ opcodes, planOperations, immediates, rules, valueTypes }) {
	const types = new Map(valueTypes.map((type) => [type.name, type]));
	const value = (list, member, row) => {
		const found = list.find((entry) => entry.member === member);
		if (!found) throw new Error(`${row.member}: there is no ${member}`);
		return found.value;
	};
	const table = [];
	for (const row of [...opcodes, ...planOperations]) {
		const fail = (text) => {
			throw new Error(`src/shared/rows/opcodes.ts: ${row.member}: ${text}`);
		};
		if (table[row.op]) fail(`${hex(row.op)} is ${table[row.op].member}`);
		const plan = row.type === undefined;
		const special = row.type === "special";
		const [takes, leaves] =
			plan || special ? [[], []] : row.type.split("->").map((side) => side.split(" ").filter(Boolean));
		for (const name of [...takes, ...leaves]) if (!types.has(name)) fail(`there is no type ${name}`);
		if (takes.length > 3 || leaves.length > 1) fail("at most 3 operands and a result");
		const numeric = takes.length > 0 && !row.immediate;
		if (numeric && leaves.some(isFloat) && takes.some(isFloat) && !row.nan) fail("nan: made or kept");
		if (row.nan === "made" && !(numeric && leaves.some(isFloat))) fail("nan: it leaves no float");
		if ((row.rule === "BOOL") !== (row.condition !== undefined || /_EQZ$/.test(row.member)))
			fail("rule BOOL is of comparisons, which have a condition");
		if ((row.immediate === "ACCESS") !== (row.bytes !== undefined)) fail("bytes are of an access");
		table[row.op] = {
			...row,
			plan,
			special,
			takes: takes.map((name) => types.get(name)),
			leaves: leaves.map((name) => types.get(name)),
			immediate: plan ? value(immediates, "ILLEGAL", row) : value(immediates, row.immediate ?? "NONE", row),
			rule: value(rules, row.rule ?? "ANY", row),
			size: row.bytes ? Math.log2(row.bytes) : 0,
			compares: row.rule === "BOOL",
			arithmetic: numeric && leaves.some(isFloat) && row.nan !== "kept",
			cost: row.cost ?? 4,
			helper: row.helper ?? 0,
		};
	}
	return table;
}

const illegalOf = ({ immediates }) => immediates.find(({ member }) => member === "ILLEGAL").value;

function packed(row) {
	const { IMMEDIATE_MASK, PUSH, POPS, SIZE, RULE, SPECIAL, ACCESS, EFFECT, ARITHMETIC } = layout;
	const pops = [layout.POP0, layout.POP1, layout.POP2];
	let word = (row.immediate & IMMEDIATE_MASK) | (row.size << SIZE) | (row.rule << RULE) | (row.takes.length << POPS);
	// operands are numbered as they are popped
	[...row.takes].reverse().forEach((type, i) => (word |= type.value << pops[i]));
	if (row.leaves[0]) word |= row.leaves[0].value << PUSH;
	if (row.special) word |= SPECIAL;
	if (row.bytes) word |= ACCESS;
	if (row.effect) word |= EFFECT;
	if (row.arithmetic) word |= ARITHMETIC;
	return word;
}

/** The table as calls, one for each run of equal rows. */
function definitions(table, illegal) {
	const lines = [`\tdefine(0, 255, Immediate.ILLEGAL);`];
	const words = Array.from({ length: 256 }, (_, op) => (table[op] ? packed(table[op]) : illegal));
	for (let first = 0, last; first < 256; first = last + 1) {
		for (last = first; words[last + 1] === words[first];) last++;
		if (words[first] === illegal) continue;
		const range = table[first].member + (last > first ? " to " + table[last].member : "");
		lines.push(`\tdefine(${hex(first)}, ${hex(last)}, ${hex(words[first])}); // ${range}`);
	}
	return lines;
}

/** src/aot/base/opcodes.ts */
export function opcodeSource(rows) {
	const { immediates, rules, valueTypes } = rows;
	const table = readRows(rows);
	const enumOf = (name, about, members) => [
		`/** ${about} */`,
		`export const enum ${name} {`,
		...members.flatMap(([member, value, doc]) => [...(doc ? [`\t/** ${doc} */`] : []), `\t${member} = ${value},`]),
		"}",
		"",
	];
	const operations = table.filter(Boolean).map((row) => [row.member, hex(row.op)]);
	const extended = table.filter((row) => row && !row.plan && row.op >= 0xe0);
	return [
		"/* Generated by tools/shared.mjs from src/shared/rows/opcodes.ts: do not edit. */",
		"",
		'import { Place } from "./limits";',
		'import { load32, store32 } from "./memory";',
		"",
		...enumOf("Op", "Plan operations. PLAN_ marks those that are not instructions.", operations),
		...enumOf("Prefix", "The byte before the opcodes 0xFC n, and where their rows start.", [
			["FC", "0xfc"],
			["FC_BASE", "0xe0"],
			["FC_COUNT", extended.length],
		]),
		...enumOf(
			"Type",
			"Value types as the front end holds them, 3 bits wide. BOTTOM is a value of any type, in unreachable code.",
			[["BOTTOM", 0], ...valueTypes.map(({ name, value }) => [name.toUpperCase(), value])],
		),
		...enumOf(
			"Immediate",
			"What follows the opcode.",
			immediates.map(({ member, value, doc }) => [member, value, doc]),
		),
		...enumOf(
			"Rule",
			"What prover P2 knows of an instruction's result.",
			rules.map(({ member, value, doc }) => [member, value, doc]),
		),
		...enumOf(
			"Row",
			"Fields of a row, packed into 32 bits. Operands are numbered as they are popped.",
			Object.entries(layout).map(([member, value]) => [
				member,
				value > 31 ? "0x" + value.toString(16).padStart(8, "0") : value,
				layoutDocs[member],
			]),
		),
		"/** Not an opcode: pass 1 rewrites `select` of a known type to this + the type, for pass 2. */",
		"export const SELECT_TYPED: i32 = 0xc5;",
		"",
		"/** The row of operation `op`. */",
		"export function row(op: i32): i32 {",
		"\treturn load32(Place.ROWS + (op << 2));",
		"}",
		"",
		"function define(first: i32, last: i32, value: i32): void {",
		"\tfor (let op = first; op <= last; op++) store32(Place.ROWS + (op << 2), value);",
		"}",
		"",
		"/** Writes the 256 rows, 4 bytes each. */",
		"export function defineOpcodes(): void {",
		...definitions(table, illegalOf(rows)),
		`\tdefine(SELECT_TYPED + 1, SELECT_TYPED + ${valueTypes.length}, Immediate.ILLEGAL | Row.SPECIAL);`,
		"}",
		"",
	].join("\n");
}

/** The names by operation, which the command line shows. */
export function opcodeNames(rows) {
	const table = readRows(rows);
	return Array.from({ length: 256 }, (_, op) =>
		table[op] ? (table[op].plan ? table[op].member : textName(table[op].member)) : null,
	);
}

const cHex = (n) => "0x" + n.toString(16).toUpperCase().padStart(2, "0");

/** build/gen/opcodes.h; with WX_OPCODE_TABLE defined before the include, in one C file, it has the tables. */
export function opcodeHeader(rows) {
	const table = readRows(rows);
	const all = Array.from({ length: 256 }, (_, op) => table[op]);
	const cName = (row) => (row.plan ? "WX_" : "WX_OP_") + row.member;
	const flags = (row) =>
		[
			row.special && "WX_OPF_SPECIAL",
			row.bytes && "WX_OPF_ACCESS",
			row.plan && "WX_OPF_PLAN",
			row.effect && "WX_OPF_EFFECT",
			row.commutes && "WX_OPF_COMMUTES",
			row.compares && "WX_OPF_COMPARES",
			row.nan === "made" && "WX_OPF_MAKES_NAN",
			row.nan === "kept" && "WX_OPF_SEES_BITS",
		]
			.filter(Boolean)
			.join(" | ") || "0";
	const types = (list) => [0, 1, 2].map((i) => (list[i] ? cHex(list[i].byte) : "0")).join(", ");
	const opRow = (row) => {
		const name = JSON.stringify(row.plan ? row.member.slice(5) : textName(row.member));
		const push = row.leaves[0] ? cHex(row.leaves[0].byte) : "0";
		return `\t[${cName(row)}] = { ${name}, ${row.immediate}, ${row.takes.length}, { ${types(row.takes)} }, ${push}, ${row.size}, ${flags(row)} },`;
	};
	return [
		"/* Generated by tools/shared.mjs from src/shared/rows/opcodes.ts: do not edit. */",
		"",
		"#ifndef WX_OPCODES_H",
		"#define WX_OPCODES_H",
		"",
		"#include <stdint.h>",
		"",
		"/* Operations of the plan. WX_PLAN_: not instructions. */",
		"enum wx_op {",
		...all.filter(Boolean).map((row) => `\t${cName(row)} = ${cHex(row.op)},`),
		"};",
		"",
		"/* What follows the opcode in a module. */",
		"enum wx_immediate {",
		...rows.immediates.map(({ member, value }) => `\tWX_IMM_${member} = ${value},`),
		"};",
		"",
		"/* flags of a row */",
		"enum {",
		"\tWX_OPF_SPECIAL = 1, /* the signature here is empty: operands follow from the immediates or the stack */",
		"\tWX_OPF_ACCESS = 2, /* a load or store of 1 << size bytes */",
		"\tWX_OPF_PLAN = 4, /* an operation of the plan, not an instruction */",
		"\tWX_OPF_EFFECT = 8, /* may trap, or is seen outside; control instructions and stores apart */",
		"\tWX_OPF_COMMUTES = 16, /* the operands may change places */",
		"\tWX_OPF_COMPARES = 32, /* leaves 0 or 1 */",
		"\tWX_OPF_MAKES_NAN = 64, /* the float that it leaves may be a NaN that is not canonical yet */",
		"\tWX_OPF_SEES_BITS = 128 /* the bits of operands are seen, or kept in the result: those of a NaN, too */",
		"};",
		"",
		"typedef struct wx_op_row {",
		"\tconst char *name;  /* text format; NULL: no such operation */",
		"\tuint8_t immediate; /* enum wx_immediate; WX_IMM_ILLEGAL: not an instruction */",
		"\tuint8_t npop;",
		"\tuint8_t pop[3];    /* value types, binary format's bytes, the deepest first; 0 none */",
		"\tuint8_t push;      /* value type or 0 */",
		"\tuint8_t size;      /* log2 of the bytes accessed */",
		"\tuint8_t flags;",
		"} wx_op_row;",
		"",
		"/* What an instruction costs a board that counts, in Thumb-2 code on the average. */",
		"typedef struct wx_op_cost {",
		"\tuint8_t quarters; /* of an instruction; of an access without its check */",
		"\tuint8_t helper;   /* instructions of a helper or of the machine beside the code */",
		"} wx_op_cost;",
		"",
		"extern const wx_op_row wx_op_info[256];",
		"extern const wx_op_cost wx_op_costs[256];",
		"",
		"/* ROW(operation, condition): comparisons of two operands; WX_ before the condition is enum wx_cond. */",
		"#define WX_OP_CONDITIONS(ROW) \\",
		all
			.filter((row) => row?.condition)
			.map((row) => `\tROW(${cName(row)}, ${row.condition})`)
			.join(" \\\n"),
		"",
		"#endif /* WX_OPCODES_H */",
		"",
		"#if defined(WX_OPCODE_TABLE) && !defined(WX_OPCODE_TABLE_DONE)",
		"#define WX_OPCODE_TABLE_DONE",
		"const wx_op_row wx_op_info[256] = {",
		...all.map((row, op) =>
			row ? opRow(row) : `\t[${cHex(op)}] = { 0, ${illegalOf(rows)}, 0, { 0, 0, 0 }, 0, 0, 0 },`,
		),
		"};",
		"",
		"const wx_op_cost wx_op_costs[256] = {",
		...all.filter(Boolean).map((row) => `\t[${cName(row)}] = { ${row.cost}, ${row.helper} },`),
		"};",
		"#endif",
		"",
	].join("\n");
}
