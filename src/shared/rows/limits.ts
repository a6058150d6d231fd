/**
 * The limits of a board: what a module may have at most, and what the run time takes. A board sets them by `key` in its
 * board.json, where all but `optional` ones stand; commands take them by `--limit KEY=VALUE`.
 *
 * `tools/shared.mjs` makes of these rows the front end's enum Limit with its bounds (src/aot/base/limit.ts), the names
 * for C (build/gen/shared.h), and the keys for TypeScript (src/shared/limit-keys.ts).
 */

export interface LimitRow {
	/** In board.json. */
	readonly key: string;
	/** As an error names it: "12 TEXT, the limit is 10". */
	readonly text: string;
	/** What it bounds, and what it costs. */
	readonly doc: string;
}

/** The value without a board, for modules of 50 to 500 KB; what the widths of fields allow, and what is needed. */
export interface FrontEndLimitRow extends LimitRow {
	readonly member: string;
	readonly standard: number;
	readonly least?: number;
	readonly most?: number;
}

/** Those of the front end, in the order of their numbers. */
export const frontEndLimits: readonly FrontEndLimitRow[] = [
	{
		key: "functions",
		member: "FUNCTIONS",
		text: "functions",
		doc: "functions, imported ones included; each takes ceil(log2(types)) + 1 bits",
		standard: 8192,
		least: 1,
		most: 0xfffff,
	},
	{
		key: "types",
		member: "TYPES",
		text: "types",
		doc: "function types; each takes 2 bytes",
		standard: 1024,
		least: 1,
		most: 0x7fff,
	},
	{
		key: "typeBytes",
		member: "TYPE_BYTES",
		text: "bytes of types",
		doc: "bytes of all types' parameters and results, and 2 a type",
		standard: 4096,
		least: 4,
		most: 0xfffc,
	},
	{ key: "globals", member: "GLOBALS", text: "globals", doc: "globals; each takes 1 byte", standard: 512 },
	{ key: "tables", member: "TABLES", text: "tables", doc: "tables; each takes 1 byte", standard: 32 },
	{
		key: "elements",
		member: "ELEMENTS",
		text: "element segments",
		doc: "element segments; each takes 1 byte",
		standard: 128,
	},
	{ key: "data", member: "DATA", text: "data segments", doc: "data segments", standard: 65535 },
	{
		key: "exports",
		member: "EXPORTS",
		text: "exports",
		doc: "exports; 8 bytes for each that the next power of 2 has room for, in scratch memory",
		standard: 500,
	},
	{
		key: "parameters",
		member: "PARAMETERS",
		text: "parameters of a function",
		doc: "parameters of one function type",
		standard: 255,
		least: 0,
		most: 255,
	},
	{
		key: "results",
		member: "RESULTS",
		text: "results of a function",
		doc: "results of one function type",
		standard: 255,
		least: 1,
		most: 255,
	},
	{
		key: "locals",
		member: "LOCALS",
		text: "locals of a function",
		doc: "locals of one function, parameters included",
		standard: 50000,
		least: 0,
		most: 0xffff,
	},
	{
		key: "localRuns",
		member: "LOCAL_RUNS",
		text: "runs of locals",
		doc: "runs of equal types in a function's locals; each takes 4 bytes",
		standard: 128,
	},
	{
		key: "nesting",
		member: "NESTING",
		text: "nested blocks",
		doc: "blocks in one another; each takes 16 bytes",
		standard: 256,
	},
	{
		key: "operands",
		member: "OPERANDS",
		text: "operands on the stack",
		doc: "operands on the stack of one function; each takes 1 byte",
		standard: 512,
		least: 1,
		most: 0xffff,
	},
	{
		key: "bodySize",
		member: "BODY",
		text: "bytes of a function body",
		doc: "bytes of a function body: the window grows to them",
		standard: 131072,
	},
	{
		key: "nameSize",
		member: "NAME",
		text: "bytes of a name",
		doc: "bytes of a name: the window grows to them",
		standard: 1024,
		least: 0,
		most: 0xffff,
	},
	{
		key: "window",
		member: "WINDOW",
		text: "bytes of the input window",
		doc: "bytes of the input window at first",
		standard: 4096,
		least: 1024,
		most: 0x100000,
	},
	{
		key: "plan",
		member: "PLAN",
		text: "bytes of the plan buffer",
		doc: "bytes of the plan buffer",
		standard: 2048,
		least: 1024,
		most: 0x100000,
	},
	{
		key: "notes",
		member: "NOTES",
		text: "bytes of notes",
		doc: "bytes of the side table, taken as they are needed; when they are used up, plans get coarser",
		standard: 2048,
		least: 0,
		most: 0xfffc,
	},
	{
		key: "uses",
		member: "USES",
		text: "counted locals",
		doc: "locals whose uses are counted: 2 bytes each, and 8 for each in the loops open at one time",
		standard: 256,
		least: 16,
		most: 0xfffe,
	},
];

/** Those of the run time and the emitter. `optional`: most boards leave it to native/xs. */
export const runTimeLimits: readonly (LimitRow & { readonly optional?: boolean })[] = [
	{ key: "brTableTargets", text: "targets of a br_table", doc: "targets of one br_table" },
	{ key: "tableElements", text: "elements of a table", doc: "elements of one table" },
	{ key: "memoryPages", text: "pages of memory", doc: "pages of 64 KB of one linear memory" },
	{ key: "codeFlash", text: "bytes of code flash", doc: "bytes of flash for compiled code" },
	{ key: "wasmStack", text: "bytes of stack", doc: "bytes of a module's own stack" },
	{ key: "promiseStack", text: "bytes of stack", doc: "bytes of the stack of a promising call", optional: true },
	{ key: "promiseStacks", text: "promising calls", doc: "promising calls at a time", optional: true },
	{ key: "helperStack", text: "bytes of stack", doc: "bytes below a stack for helpers", optional: true },
	{
		key: "nestedCalls",
		text: "nested calls",
		doc: "calls from JavaScript into modules in one another",
		optional: true,
	},
	{ key: "instances", text: "instances", doc: "instances at a time", optional: true },
	{ key: "externrefs", text: "externrefs", doc: "JavaScript values that modules hold at a time", optional: true },
	{ key: "codeFlashPage", text: "bytes of a flash page", doc: "bytes of a page of code flash", optional: true },
	{ key: "knowledge", text: "bytes of summary", doc: "bytes of a module's summary for --optimize", optional: true },
	{ key: "exportKeys", text: "property keys", doc: "property keys that names of exports may take", optional: true },
	{
		key: "collectAlways",
		text: "collections",
		doc: "1: the sanitized program collects garbage at each allocation",
		optional: true,
	},
];
