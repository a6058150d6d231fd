/**
 * Why a module was refused. The texts are in src/host/webassembly/messages.ts. `d0`, `d1` are details of the error, 0
 * where none is named.
 */

export const enum ErrorCode {
	NONE = 0,

	// the bytes are no module
	MAGIC = 1,
	/** d0: the version found */
	VERSION = 2,
	/** d0: the section id */
	SECTION_ID = 3,
	/** d0: the section id */
	SECTION_ORDER = 4,
	/** d0: the section id, d1: bytes left over (negative: missing) */
	SECTION_SIZE = 5,
	/** the module ends too soon */
	UNEXPECTED_END = 6,
	/** a section or function ends too soon */
	SECTION_END = 7,
	/** d0: the length, d1: bytes there are */
	LENGTH = 8,
	INTEGER_LONG = 9,
	INTEGER_LARGE = 10,
	UTF8 = 11,
	/** d0: functions declared, d1: bodies */
	FUNCTION_COUNT = 12,
	/** d0: data count section, d1: data section */
	DATA_COUNT = 13,
	DATA_COUNT_REQUIRED = 14,
	/** d0: the byte (also below, where the meaning of one byte is in question) */
	MUTABILITY = 15,
	IMPORT_KIND = 16,
	EXPORT_KIND = 17,
	LIMITS_FLAGS = 18,
	ZERO_BYTE = 19,
	REFERENCE_TYPE = 20,
	VALUE_TYPE = 21,
	TYPE_FORM = 22,
	ELEMENT_KIND = 23,
	ELEMENT_FLAGS = 24,
	DATA_FLAGS = 25,
	TOO_MANY_LOCALS = 26,
	/** d0: the opcode, d1: behind a prefix byte 0xFC */
	OPCODE = 27,
	END_EXPECTED = 28,
	/** d0: the alignment */
	ACCESS_FLAGS = 29,
	BLOCK_TYPE = 30,

	// the module is not valid
	/** d0: type expected, d1: type found; 0 any, 7 none */
	TYPE_MISMATCH = 40,
	/** d0: the index, d1: how many there are (and so on to UNKNOWN_DATA) */
	UNKNOWN_TYPE = 41,
	UNKNOWN_FUNCTION = 42,
	UNKNOWN_TABLE = 43,
	UNKNOWN_MEMORY = 44,
	UNKNOWN_GLOBAL = 45,
	UNKNOWN_LOCAL = 46,
	UNKNOWN_LABEL = 47,
	UNKNOWN_ELEMENT = 48,
	UNKNOWN_DATA = 49,
	/** d0: log2 of the alignment given, d1: of the natural one */
	ALIGNMENT = 50,
	/** d0: the global */
	IMMUTABLE = 51,
	/** d0: the opcode */
	CONSTANT_REQUIRED = 52,
	DUPLICATE_EXPORT = 53,
	MULTIPLE_MEMORIES = 54,
	/** d0: pages */
	MEMORY_SIZE = 55,
	/** d0: minimum, d1: maximum */
	LIMITS_ORDER = 56,
	/** d0: parameters, d1: results */
	START_FUNCTION = 57,
	/** d0: types given */
	RESULT_ARITY = 58,
	/** d0: the function */
	UNDECLARED_REFERENCE = 59,
	/** d0: log2 of the page size */
	PAGE_SIZE = 60,
	/** operands left at the end of a block. d0: how many */
	OPERANDS_LEFT = 61,
	/** br_table: d0: arity of this label, d1: of the default */
	LABEL_ARITY = 62,
	ELSE_WITHOUT_IF = 63,

	/** d0: a Feature */
	UNSUPPORTED = 80,

	/** LIMIT + a Limit. d0: the board's limit, d1: what was asked */
	LIMIT = 100,
}

/** What WebAssembly has beyond this runtime. */
export const enum Feature {
	SIMD = 1,
	THREADS = 2,
	GC = 3,
	EXCEPTIONS = 4,
	MEMORY64 = 5,
	MULTI_MEMORY = 6,
	TYPED_REFERENCES = 7,
	COMPONENT = 8,
	TABLE_INITIALIZER = 9,
}
