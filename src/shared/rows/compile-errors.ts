/**
 * Why a module is refused: what the front end reports as a code with two details, and the text. Where the
 * specification's tests have a wording, the text begins with it.
 *
 * In a text {0} and {1} stand for a detail as an unsigned number. With a letter after it: i signed, x hexadecimal, s a
 * section's name, f a feature, p "s" unless it is 1, n how many of an index space there are, o the prefix 0xfc unless
 * it is 0. {m} is what a type mismatch says.
 *
 * `tools/shared.mjs` makes of these rows enum ErrorCode (src/aot/base/error-code.ts) and the texts
 * (src/host/webassembly/error-texts.ts).
 */

export interface ErrorRow {
	readonly member: string;
	readonly code: number;
	readonly text: string;
	readonly doc?: string;
}

/** Up to 39 the bytes are no module, from 40 on the module is not valid. */
export const compileErrors: readonly ErrorRow[] = [
	{ member: "MAGIC", code: 1, text: "magic header not detected: this is not a WebAssembly module" },
	{
		member: "VERSION",
		code: 2,
		text: "unknown binary version {0}: this runtime reads version 1",
		doc: "d0: the version found",
	},
	{ member: "SECTION_ID", code: 3, text: "malformed section id {0}", doc: "d0: the section id" },
	{
		member: "SECTION_ORDER",
		code: 4,
		text: "unexpected content after last section: section {0s} comes twice or too late",
		doc: "d0: the section id",
	},
	{
		member: "SECTION_SIZE",
		code: 5,
		text: "section size mismatch: {1i} bytes left over in section {0s}",
		doc: "d0: the section id, d1: bytes left over (negative: missing)",
	},
	{
		member: "UNEXPECTED_END",
		code: 6,
		text: "unexpected end: the module is cut off; transfer it again",
		doc: "the module ends too soon",
	},
	{
		member: "SECTION_END",
		code: 7,
		text: "unexpected end of section or function: its size is smaller than its contents",
		doc: "a section or function ends too soon",
	},
	{
		member: "LENGTH",
		code: 8,
		text: "length out of bounds: {0}, but only {1} bytes are left",
		doc: "d0: the length, d1: bytes there are",
	},
	{ member: "INTEGER_LONG", code: 9, text: "integer representation too long" },
	{ member: "INTEGER_LARGE", code: 10, text: "integer too large" },
	{ member: "UTF8", code: 11, text: "malformed UTF-8 encoding: a name is not UTF-8" },
	{
		member: "FUNCTION_COUNT",
		code: 12,
		text: "function and code section have inconsistent lengths: {0} functions, {1} bodies",
		doc: "d0: functions declared, d1: bodies",
	},
	{
		member: "DATA_COUNT",
		code: 13,
		text: "data count and data section have inconsistent lengths: {0} announced, {1} there",
		doc: "d0: data count section, d1: data section",
	},
	{
		member: "DATA_COUNT_REQUIRED",
		code: 14,
		text: "data count section required: memory.init and data.drop need one",
	},
	{
		member: "MUTABILITY",
		code: 15,
		text: "malformed mutability {0x}",
		doc: "d0: the byte (also below, where the meaning of one byte is in question)",
	},
	{ member: "IMPORT_KIND", code: 16, text: "malformed import kind {0x}" },
	{ member: "EXPORT_KIND", code: 17, text: "malformed export kind {0x}" },
	{ member: "LIMITS_FLAGS", code: 18, text: "malformed limits flags {0x}" },
	{ member: "ZERO_BYTE", code: 19, text: "zero byte expected, found {0x}: this runtime has one memory" },
	{ member: "REFERENCE_TYPE", code: 20, text: "malformed reference type {0x}" },
	{ member: "VALUE_TYPE", code: 21, text: "malformed value type {0x}" },
	{ member: "TYPE_FORM", code: 22, text: "malformed type form {0x}: a function type begins with 0x60" },
	{ member: "ELEMENT_KIND", code: 23, text: "malformed element kind {0x}" },
	{ member: "ELEMENT_FLAGS", code: 24, text: "malformed element segment flags {0}" },
	{ member: "DATA_FLAGS", code: 25, text: "malformed data segment flags {0}" },
	{ member: "TOO_MANY_LOCALS", code: 26, text: "too many locals: more than a function can have" },
	{
		member: "OPCODE",
		code: 27,
		text: "illegal opcode {1o}{0x}",
		doc: "d0: the opcode, d1: behind a prefix byte 0xFC",
	},
	{ member: "END_EXPECTED", code: 28, text: "END opcode expected: the body goes on behind its end" },
	{ member: "ACCESS_FLAGS", code: 29, text: "malformed memop flags {0x}", doc: "d0: the alignment" },
	{ member: "BLOCK_TYPE", code: 30, text: "malformed block type" },
	{ member: "TYPE_MISMATCH", code: 40, text: "{m}", doc: "d0: type expected, d1: type found; 0 any, 7 none" },
	{
		member: "UNKNOWN_TYPE",
		code: 41,
		text: "unknown type {0}{1n}",
		doc: "d0: the index, d1: how many there are (and so on to UNKNOWN_DATA)",
	},
	{ member: "UNKNOWN_FUNCTION", code: 42, text: "unknown function {0}{1n}" },
	{ member: "UNKNOWN_TABLE", code: 43, text: "unknown table {0}{1n}" },
	{ member: "UNKNOWN_MEMORY", code: 44, text: "unknown memory {0}{1n}" },
	{
		member: "UNKNOWN_GLOBAL",
		code: 45,
		text: "unknown global {0}{1n}; constant expressions see imported globals only",
	},
	{ member: "UNKNOWN_LOCAL", code: 46, text: "unknown local {0}{1n}" },
	{ member: "UNKNOWN_LABEL", code: 47, text: "unknown label {0}{1n}" },
	{ member: "UNKNOWN_ELEMENT", code: 48, text: "unknown elem segment {0}{1n}" },
	{ member: "UNKNOWN_DATA", code: 49, text: "unknown data segment {0}{1n}" },
	{
		member: "ALIGNMENT",
		code: 50,
		text: "alignment must not be larger than natural: 2^{0} given, 2^{1} is natural",
		doc: "d0: log2 of the alignment given, d1: of the natural one",
	},
	{ member: "IMMUTABLE", code: 51, text: "global is immutable: {0}", doc: "d0: the global" },
	{
		member: "CONSTANT_REQUIRED",
		code: 52,
		text: "constant expression required: the instruction {0x} is not constant",
		doc: "d0: the opcode",
	},
	{ member: "DUPLICATE_EXPORT", code: 53, text: "duplicate export name" },
	{ member: "MULTIPLE_MEMORIES", code: 54, text: "multiple memories: this runtime has one memory a module" },
	{
		member: "MEMORY_SIZE",
		code: 55,
		text: "memory size must be at most 65536 pages (4GiB): {0} given",
		doc: "d0: pages",
	},
	{
		member: "LIMITS_ORDER",
		code: 56,
		text: "size minimum must not be greater than maximum: {0} and {1}",
		doc: "d0: minimum, d1: maximum",
	},
	{
		member: "START_FUNCTION",
		code: 57,
		text: "start function must have no parameters and no results: it has {0} and {1}",
		doc: "d0: parameters, d1: results",
	},
	{
		member: "RESULT_ARITY",
		code: 58,
		text: "invalid result arity: select takes one type, not {0}",
		doc: "d0: types given",
	},
	{
		member: "UNDECLARED_REFERENCE",
		code: 59,
		text: "undeclared function reference: function {0} is neither exported nor in an element segment or global",
		doc: "d0: the function",
	},
	{
		member: "PAGE_SIZE",
		code: 60,
		text: "invalid custom page size 2^{0}: a page has 1 or 65536 bytes",
		doc: "d0: log2 of the page size",
	},
	{
		member: "OPERANDS_LEFT",
		code: 61,
		text: "type mismatch: {0} operand{0p} too many at the end of the block",
		doc: "operands left at the end of a block. d0: how many",
	},
	{
		member: "LABEL_ARITY",
		code: 62,
		text: "type mismatch: a label of br_table takes {0} values, another {1}",
		doc: "br_table: d0: arity of this label, d1: of the default",
	},
	{ member: "ELSE_WITHOUT_IF", code: 63, text: "illegal opcode 0x05: else without if" },
	{
		member: "UNSUPPORTED",
		code: 80,
		text: "unsupported: {0f}; build the module for WebAssembly 2.0 without it",
		doc: "d0: a Feature",
	},
];

/** A code of this and a limit's number: the module is beyond that limit. */
export const LIMIT_CODE = 100;

/** What WebAssembly has beyond this runtime, from 1 on. */
export const features: readonly { readonly member: string; readonly text: string }[] = [
	{ member: "SIMD", text: "SIMD" },
	{ member: "THREADS", text: "threads and shared memory" },
	{ member: "GC", text: "garbage collected types" },
	{ member: "EXCEPTIONS", text: "exceptions" },
	{ member: "MEMORY64", text: "64-bit memory" },
	{ member: "MULTI_MEMORY", text: "several memories" },
	{ member: "TYPED_REFERENCES", text: "typed function references" },
	{ member: "COMPONENT", text: "components" },
	{ member: "TABLE_INITIALIZER", text: "tables with an initializer" },
];
