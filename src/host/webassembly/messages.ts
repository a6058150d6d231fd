/* The texts of the compiler's errors. Where the specification's tests have a wording, the text begins with it. */

const TYPES = Object.freeze(["any", "i32", "i64", "f32", "f64", "funcref", "externref", "nothing"]);
const FEATURES = Object.freeze([
	"",
	"SIMD",
	"threads and shared memory",
	"garbage collected types",
	"exceptions",
	"64-bit memory",
	"several memories",
	"typed function references",
	"components",
	"tables with an initializer",
]);
/** By src/aot/base/limits.ts. */
const LIMITS = Object.freeze([
	"functions",
	"types",
	"bytes of types",
	"globals",
	"tables",
	"element segments",
	"data segments",
	"exports",
	"parameters of a function",
	"results of a function",
	"locals of a function",
	"runs of locals",
	"nested blocks",
	"operands on the stack",
	"bytes of a function body",
	"bytes of a name",
	"bytes of the input window",
	"bytes of the plan buffer",
	"bytes of notes",
	"counted locals",
	"instructions of a constant expression",
]);
const SECTIONS = Object.freeze([
	"custom",
	"type",
	"import",
	"function",
	"table",
	"memory",
	"global",
	"export",
	"start",
	"element",
	"code",
	"data",
	"data count",
]);

const LIMIT = 100;

const number = (value: number): string => String(value >>> 0);
const hex = (value: number): string => "0x" + (value >>> 0).toString(16).padStart(2, "0");
const section = (id: number): string => SECTIONS[id] ?? String(id);
const type = (code: number): string => TYPES[code & 7]!;

function unknown(what: string, index: number, count: number): string {
	const there =
		count === 0 ? "there is none" : count < 0 ? "" : `there ${count === 1 ? "is 1" : "are " + number(count)}`;
	return `unknown ${what} ${number(index)}${there ? ": " + there : ""}`;
}

function mismatch(expected: number, found: number): string {
	if (found === 7) return `type mismatch: expected ${type(expected)}, but there is no operand in this block`;
	if (expected === 7) return `type mismatch: ${type(found)} where nothing is expected`;
	if (expected === 0)
		return `type mismatch: ${type(found)} does not fit: select without a type takes numbers only, use select with a type`;
	return `type mismatch: expected ${type(expected)}, found ${type(found)}`;
}

function limitText(index: number, most: number, asked: number): string {
	const what = LIMITS[index] ?? `limit ${index}`;
	return `too large for this board: ${number(asked)} ${what}, the limit is ${number(most)}; make the module smaller or raise the board's limit`;
}

function binaryText(code: number, d0: number, d1: number): string | undefined {
	switch (code) {
		case 1:
			return "magic header not detected: this is not a WebAssembly module";
		case 2:
			return `unknown binary version ${number(d0)}: this runtime reads version 1`;
		case 3:
			return `malformed section id ${d0}`;
		case 4:
			return `unexpected content after last section: section ${section(d0)} comes twice or too late`;
		case 5:
			return `section size mismatch: ${d1} bytes left over in section ${section(d0)}`;
		case 6:
			return "unexpected end: the module is cut off; transfer it again";
		case 7:
			return "unexpected end of section or function: its size is smaller than its contents";
		case 8:
			return `length out of bounds: ${number(d0)}, but only ${number(d1)} bytes are left`;
		case 9:
			return "integer representation too long";
		case 10:
			return "integer too large";
		case 11:
			return "malformed UTF-8 encoding: a name is not UTF-8";
		case 12:
			return `function and code section have inconsistent lengths: ${number(d0)} functions, ${number(d1)} bodies`;
		case 13:
			return `data count and data section have inconsistent lengths: ${number(d0)} announced, ${number(d1)} there`;
		case 14:
			return "data count section required: memory.init and data.drop need one";
		case 15:
			return `malformed mutability ${hex(d0)}`;
		case 16:
			return `malformed import kind ${hex(d0)}`;
		case 17:
			return `malformed export kind ${hex(d0)}`;
		case 18:
			return `malformed limits flags ${hex(d0)}`;
		case 19:
			return `zero byte expected, found ${hex(d0)}: this runtime has one memory`;
		case 20:
			return `malformed reference type ${hex(d0)}`;
		case 21:
			return `malformed value type ${hex(d0)}`;
		case 22:
			return `malformed type form ${hex(d0)}: a function type begins with 0x60`;
		case 23:
			return `malformed element kind ${hex(d0)}`;
		case 24:
			return `malformed element segment flags ${number(d0)}`;
		case 25:
			return `malformed data segment flags ${number(d0)}`;
		case 26:
			return "too many locals: more than a function can have";
		case 27:
			return `illegal opcode ${d1 ? "0xfc " : ""}${hex(d0)}`;
		case 28:
			return "END opcode expected: the body goes on behind its end";
		case 29:
			return `malformed memop flags ${hex(d0)}`;
		case 30:
			return "malformed block type";
	}
	return undefined;
}

function validationText(code: number, d0: number, d1: number): string | undefined {
	switch (code) {
		case 40:
			return mismatch(d0, d1);
		case 41:
			return unknown("type", d0, d1);
		case 42:
			return unknown("function", d0, d1);
		case 43:
			return unknown("table", d0, d1);
		case 44:
			return unknown("memory", d0, d1);
		case 45:
			return unknown("global", d0, d1) + "; constant expressions see imported globals only";
		case 46:
			return unknown("local", d0, d1);
		case 47:
			return unknown("label", d0, d1);
		case 48:
			return unknown("elem segment", d0, d1);
		case 49:
			return unknown("data segment", d0, d1);
		case 50:
			return `alignment must not be larger than natural: 2^${d0} given, 2^${d1} is natural`;
		case 51:
			return `global is immutable: ${number(d0)}`;
		case 52:
			return `constant expression required: the instruction ${hex(d0)} is not constant`;
		case 53:
			return "duplicate export name";
		case 54:
			return "multiple memories: this runtime has one memory a module";
		case 55:
			return `memory size must be at most 65536 pages (4GiB): ${number(d0)} given`;
		case 56:
			return `size minimum must not be greater than maximum: ${number(d0)} and ${number(d1)}`;
		case 57:
			return `start function must have no parameters and no results: it has ${d0} and ${d1}`;
		case 58:
			return `invalid result arity: select takes one type, not ${number(d0)}`;
		case 59:
			return `undeclared function reference: function ${number(d0)} is neither exported nor in an element segment or global`;
		case 60:
			return `invalid custom page size 2^${number(d0)}: a page has 1 or 65536 bytes`;
		case 61:
			return `type mismatch: ${number(d0)} operand${d0 === 1 ? "" : "s"} too many at the end of the block`;
		case 62:
			return `type mismatch: a label of br_table takes ${d0} values, another ${d1}`;
		case 63:
			return "illegal opcode 0x05: else without if";
		case 80:
			return `unsupported: ${FEATURES[d0] ?? "a feature"}; build the module for WebAssembly 2.0 without it`;
	}
	return undefined;
}

/**
 * What is wrong with a module, by the front end's errorCode(), errorDetail0(), errorDetail1(). Without the place, which
 * the caller adds.
 */
export function compileErrorText(code: number, d0: number, d1: number): string {
	if (code >= LIMIT) return limitText(code - LIMIT, d0, d1);
	return binaryText(code, d0, d1) ?? validationText(code, d0, d1) ?? `error ${code}`;
}
