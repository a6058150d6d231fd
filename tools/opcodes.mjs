// Generates the C header of the opcode table from src/aot/base/opcodes.ts.
//
//     node tools/opcodes.mjs [OUT]        OUT is build/gen/opcodes.h unless given; opcode-names.json is put beside it
//
// The header has the operations (enum wx_op), the kinds of immediates (enum wx_immediate) and, with WX_OPCODE_TABLE
// defined before the include (in one
// C file), the table wx_op_info[256].

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rollup } from "rollup";
import ts from "typescript";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const compilerOptions = {
	module: ts.ModuleKind.ESNext,
	target: ts.ScriptTarget.ES2022,
	isolatedModules: true,
	preserveConstEnums: true,
};

const dotted = new Set(["i32", "i64", "f32", "f64", "local", "global", "table", "memory", "ref", "elem", "data"]);

/** The text format's name of a member of Op: I32_TRUNC_SAT_F32_S is i32.trunc_sat_f32_s. */
export function textName(member) {
	if (member === "SELECT_T") return "select";
	if (member.startsWith("PLAN_")) return member;
	const name = member.toLowerCase();
	const at = name.indexOf("_");
	return at > 0 && dotted.has(name.slice(0, at)) ? name.slice(0, at) + "." + name.slice(at + 1) : name;
}

const SOURCES = join(root, "src/aot/base");
const ENTRY = "opcode-table";

/**
 * What src/aot/base/opcodes.ts and limits.ts export: compiled and bundled here, since the build of JavaScript comes
 * later.
 */
async function loadSources() {
	const bundle = await rollup({
		input: ENTRY,
		plugins: [
			{
				name: "sources",
				resolveId: (source) => (source === ENTRY ? ENTRY : join(SOURCES, source + ".ts")),
				load: (id) => (id === ENTRY ? `export * from "./opcodes"; export { layOut } from "./limits";` : null),
				transform: (code, id) =>
					id === ENTRY ? null : { code: ts.transpileModule(code, { compilerOptions }).outputText, map: null },
			},
		],
	});
	const { output } = await bundle.generate({ format: "es" });
	const code = output[0].code.replace(/\bASC_TARGET\b/g, "0");
	return import("data:text/javascript;base64," + Buffer.from(code).toString("base64"));
}

/** The table as an object: {ops: {NAME: number}, immediates: {NAME: number}, rows: [{...}]}. */
export async function readTable() {
	const table = await loadSources();
	// the table is in the front end's memory
	table.layOut();
	table.defineOpcodes();
	const { Op, Immediate, Row, Rule } = table;
	const typeBytes = [0, 0x7f, 0x7e, 0x7d, 0x7c, 0x70, 0x6f, 0];
	const type = (value, shift) => typeBytes[(value >>> shift) & 7];
	const members = (object) =>
		Object.fromEntries(Object.entries(object).filter(([key, value]) => typeof value === "number" && isNaN(+key)));
	const names = new Map(Object.entries(members(Op)).map(([name, number]) => [number, name]));
	const rows = [];
	for (let op = 0; op < 256; op++) {
		const value = table.row(op);
		const member = names.get(op);
		const immediate = value & Row.IMMEDIATE_MASK;
		if (immediate === Immediate.ILLEGAL) {
			rows.push({
				op,
				member,
				name: member ? textName(member) : null,
				immediate,
				pops: 0,
				pop: [0, 0, 0],
				push: 0,
				size: 0,
				special: 0,
				access: 0,
			});
			continue;
		}
		if (!member) throw new Error(`operation ${op} has a row but no name`);
		const pops = (value >>> Row.POPS) & 3;
		// popped last comes first, as in the text format
		const pop = [type(value, Row.POP0), type(value, Row.POP1), type(value, Row.POP2)].slice(0, pops).reverse();
		rows.push({
			op,
			member,
			name: textName(member),
			immediate,
			pops,
			pop: [...pop, 0, 0, 0].slice(0, 3),
			push: type(value, Row.PUSH),
			size: (value >>> Row.SIZE) & 7,
			special: value & Row.SPECIAL ? 1 : 0,
			access: value & Row.ACCESS ? 1 : 0,
			rule: (value >>> Row.RULE) & 31,
		});
	}
	for (const [number, name] of names)
		if (!name.startsWith("PLAN_") && rows[number].immediate === Immediate.ILLEGAL)
			throw new Error(`${name} has no row`);
	return { ops: members(Op), immediates: members(Immediate), rules: members(Rule), rows };
}

const hex = (n) => "0x" + n.toString(16).toUpperCase().padStart(2, "0");

function header(table) {
	const lines = [
		"/* Generated from src/aot/base/opcodes.ts by tools/opcodes.mjs: do not edit. */",
		"",
		"#ifndef WX_OPCODES_H",
		"#define WX_OPCODES_H",
		"",
		"#include <stdint.h>",
		"",
		"/* Operations of the plan. WX_PLAN_: not instructions. */",
		"enum wx_op {",
	];
	for (const [name, number] of Object.entries(table.ops).sort((a, b) => a[1] - b[1]))
		lines.push(`\t${name.startsWith("PLAN_") ? "WX_" : "WX_OP_"}${name} = ${hex(number)},`);
	lines.push("};", "", "/* What follows the opcode in a module. */", "enum wx_immediate {");
	for (const [name, number] of Object.entries(table.immediates)) lines.push(`\tWX_IMM_${name} = ${number},`);
	lines.push(
		"};",
		"",
		"/* flags of a row */",
		"enum {",
		"\tWX_OPF_SPECIAL = 1, /* the signature here is empty: operands follow from the immediates or the stack */",
		"\tWX_OPF_ACCESS = 2,  /* a load or store of 1 << size bytes */",
		"\tWX_OPF_PLAN = 4     /* an operation of the plan, not an instruction */",
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
		"extern const wx_op_row wx_op_info[256];",
		"",
		"#endif /* WX_OPCODES_H */",
		"",
		"#if defined(WX_OPCODE_TABLE) && !defined(WX_OPCODE_TABLE_DONE)",
		"#define WX_OPCODE_TABLE_DONE",
		"const wx_op_row wx_op_info[256] = {",
	);
	for (const r of table.rows) {
		const plan = r.member?.startsWith("PLAN_") ? 4 : 0;
		const name = r.name === null ? "0" : JSON.stringify(plan ? r.member.slice(5) : r.name);
		const flags = r.special | (r.access << 1) | plan;
		lines.push(
			`\t/* ${hex(r.op)} */ { ${name}, ${r.immediate}, ${r.pops}, { ${r.pop.map(hex).join(", ")} }, ${hex(r.push)}, ${r.size}, ${flags} },`,
		);
	}
	lines.push("};", "#endif", "");
	return lines.join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const out = process.argv[2] ?? join(root, "build/gen/opcodes.h");
	const table = await readTable();
	const text = header(table);
	mkdirSync(dirname(out), { recursive: true });
	if (!existsSync(out) || readFileSync(out, "utf8") !== text) writeFileSync(out, text);
	// For people: the names by operation, which the command line shows.
	writeFileSync(join(dirname(out), "opcode-names.json"), JSON.stringify(table.rows.map(({ name }) => name)));
}
