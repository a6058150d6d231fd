/*
 * The plan's consumer: checks its structure, keeps the module's records in the image, has functions compiled and
 * placed.
 */
#include "compiler.h"

#include <string.h>

#include "../abi/context.h"
#include "code-map.h"
#include "image-writer.h"
#include "module-tables.h"

enum kind { KIND_FUNCTION, KIND_TABLE, KIND_MEMORY, KIND_GLOBAL };

struct wx_compiler {
	struct wx_alloc *memory;
	const wx_knowledge *known;
	bool direct;
	wx_outcome outcome;
	wx_image image;
	wx_module_info module;
	wx_module_tables tables; /* of `module` */
	wx_map map;
	wx_generator generator;

	/* which records may come */
	struct {
		bool begun; /* MODULE has come */
		bool in_code; /* between CODE and the last function's end */
		bool in_function;
		bool ended;
		uint8_t section; /* rank of the section last seen */
	} stage;

	/* what the record in work still wants */
	struct {
		uint32_t payload; /* bytes, padding included */
		uint32_t type_bytes; /* of them, value types of a TYPE record */
		uint8_t extensions; /* EXT records of that record */
		uint8_t head; /* the record that the extensions belong to */
		uint8_t extension; /* number of the next one */
		bool description; /* the description of an import */
		bool names; /* its names, after the description */
		uint32_t expression; /* constant-expression records */
		uint32_t items; /* element items */
		uint32_t contents; /* bytes of DATA or CUSTOM to come in BYTES records */
	} wanted;

	/* the import in work */
	struct {
		uint32_t names_bytes; /* padding included */
		uint32_t module_bytes; /* of them, the module's name */
		uint32_t names_at; /* image offset of an imported function's names, which are to be looked at; 0: not */
	} import;
};

static void fail(wx_compiler *c, wx_compile_status status, const char *what)
{
	wx_outcome_fail(&c->outcome, status, what);
}

static void bad(wx_compiler *c, const char *what)
{
	fail(c, WX_COMPILE_BAD_PLAN, what);
}

static uint32_t function_type(void *owner, uint32_t function)
{
	wx_compiler *c = owner;
	if (function < c->module.imported_functions)
		return c->tables.import_types[function];
	wx_record r = { 0 };
	if (!wx_writer_read(c->image.writer, c->image.header.function_types + 8 * (function - c->module.imported_functions),
			&r, sizeof r))
		return UINT32_MAX;
	return r.b;
}

static uint32_t call_target(void *owner, uint32_t function, uint32_t *unchecked)
{
	wx_compiler *c = owner;
	uint32_t defined = function - c->module.imported_functions;
	*unchecked = WX_STACK_UNKNOWN;
	if (c->module.learn)
		wx_knowledge_call(c->module.learn, defined);
	if (defined == c->image.placed)
		return WX_CALL_SELF;
	struct wx_function_header h;
	uint32_t start = wx_image_start(&c->image, defined);
	if (start && wx_writer_read(c->image.writer, start - sizeof h, &h, sizeof h)) {
		*unchecked = (h.frame >> 20 & 0x7FF) * ISA_WORD;
		return start + (h.code >> 24);
	}
	if (c->known)
		*unchecked = wx_knowledge_unchecked(c->known, defined);
	return wx_image_jump_slot(&c->image, defined);
}

wx_compiler *wx_compiler_new(struct wx_alloc *memory, wx_writer *writer, const wx_compile_options *options)
{
	wx_compiler *c = wx_calloc(memory, 1, sizeof *c);
	if (!c)
		return NULL;
	c->memory = memory;
	c->known = options->known;
	c->direct = options->direct;
	c->image.writer = writer;
	c->image.outcome = &c->outcome;
	c->image.header.argument_slots = 8;
	c->image.header.flags = options->audit ? WX_IMAGE_AUDIT : 0;
	c->tables = (wx_module_tables){ .memory = memory, .outcome = &c->outcome, .module = &c->module };
	c->module.audit = options->audit;
	c->module.metered = options->metered;
	c->module.owner = c;
	c->module.function_type = function_type;
	c->module.call_target = call_target;
	c->module.learn = options->learn;
	c->module.known_leaves = c->known ? &c->known->leaves : NULL;
	if (!wx_fixed_tables_init(&c->module.fixed_tables, memory, c->known)) {
		wx_free(memory, c);
		return NULL;
	}
	c->map = (wx_map){ .memory = memory, .wanted = options->map_function };
	c->module.map = options->map ? &c->map : NULL;
	wx_generator_init(&c->generator, memory, &c->module);
	return c;
}

void wx_compiler_delete(wx_compiler *c)
{
	if (!c)
		return;
	wx_generator_free(&c->generator);
	wx_map_free(&c->map);
	wx_fixed_tables_free(&c->module.fixed_tables, c->memory);
	wx_module_tables_free(&c->tables);
	wx_free(c->memory, c);
}

const uint32_t *wx_compiler_map(const wx_compiler *c, uint32_t *words)
{
	*words = c->map.count;
	return c->map.failed ? NULL : c->map.words;
}

const char *wx_compiler_error(const wx_compiler *c, int32_t *function)
{
	*function = c->stage.in_function ? (int32_t)c->generator.function.index : -1;
	return c->outcome.error ? c->outcome.error : "";
}

/* A TYPE record: its value types follow. */
static void type_record(wx_compiler *c, const wx_record *r)
{
	uint32_t most = r->a > r->b ? r->a : r->b;
	wx_add_type(&c->tables, r->a, r->b);
	if (c->outcome.status != WX_COMPILE_OK)
		return;
	if (most > c->image.header.argument_slots)
		c->image.header.argument_slots = most;
	c->wanted.type_bytes = r->a + r->b;
	c->wanted.payload = (c->wanted.type_bytes + 7) & ~7u;
}

static void global_record(wx_compiler *c, const wx_record *r, bool imported)
{
	if (imported && r->b) {
		bad(c, "global type");
		return;
	}
	wx_add_global(&c->tables, r->a, imported);
	c->wanted.expression = r->b;
}

static void table_record(wx_compiler *c, const wx_record *r, bool imported)
{
	wx_add_table(&c->tables, r->a, r->b, imported);
	c->wanted.extensions = 1;
}

static void memory_record(wx_compiler *c, const wx_record *r)
{
	wx_add_memory(&c->tables, r->a >> 8);
	c->wanted.extensions = 2;
}

/* A function gets a far entry. */
static void refer(wx_compiler *c, uint32_t function)
{
	wx_refer(&c->tables, function, c->module.imported_functions + c->image.header.functions);
}

/* All that functions depend on is known. */
static void begin_code(wx_compiler *c, uint32_t bodies)
{
	wx_module_info *m = &c->module;
	if (bodies != c->image.header.functions) {
		bad(c, "number of function bodies");
		return;
	}
	wx_complete_types(&c->tables);
	m->function_count = m->imported_functions + c->image.header.functions;
	m->layout = wx_layout_of(ISA_WORD, m->global_count, m->imported_functions, m->table_count, m->type_count);
	c->image.header.imported_functions = m->imported_functions;
	c->image.header.types = m->type_count;
	c->image.header.globals = m->global_count;
	c->image.header.tables = m->table_count;
	c->image.header.memories = m->has_memory;
	m->element_count = c->image.header.elements;
	if (!wx_image_begin_code(&c->image))
		return;
	c->stage.in_code = true;
	if (c->module.learn)
		wx_knowledge_begin(c->module.learn, bodies);
}

static void end_code(wx_compiler *c)
{
	c->stage.in_code = false;
	wx_image_end_code(&c->image);
	c->image.figures.checks_total = c->generator.figures.checks_total;
	c->image.figures.checks_proved = c->generator.figures.checks_proved;
	if (c->module.learn)
		wx_knowledge_end(c->module.learn, c->generator.changed_tables);
	/* The generator's buffers are given back before data arrives. */
	wx_generator_free(&c->generator);
}

static void generator_failed(wx_compiler *c)
{
	const wx_generator *g = &c->generator;
	if (g->no_memory || g->as.no_memory)
		fail(c, WX_COMPILE_NO_MEMORY, "out of memory for a function's code");
	else if (g->error)
		bad(c, g->error);
	else
		fail(c, WX_COMPILE_FUNCTION_TOO_LARGE, "a function's code is too large for the instruction set's branches");
}

/* The function at hand is complete. */
static void place_function(wx_compiler *c)
{
	uint32_t defined = c->image.placed;
	bool far_entry = c->module.has_memory && wx_is_referenced(&c->tables, c->module.imported_functions + defined);
	/* Functions before it may build on what was known of it. */
	uint32_t known = c->known ? wx_knowledge_unchecked(c->known, defined) : WX_STACK_UNKNOWN;
	uint32_t unchecked = known < WX_STACK_UNCHECKED ? known : WX_STACK_UNCHECKED;
	uint32_t frame_bytes = wx_image_place(&c->image, &c->generator, far_entry, unchecked);
	if (c->generator.as.no_memory)
		generator_failed(c);
	if (c->outcome.status == WX_COMPILE_OK && c->module.learn)
		wx_knowledge_function(c->module.learn, frame_bytes, (c->generator.function.flags & WX_FLAG_LEAVES) != 0);
}

static void begin_function(wx_compiler *c, const wx_record *r)
{
	if (r->op != WX_PLAN_FUNCTION || c->image.placed >= c->image.header.functions ||
		r->b != c->module.imported_functions + c->image.placed || function_type(c, r->b) != r->a) {
		bad(c, "function header");
		return;
	}
	c->stage.in_function = true;
	if (!wx_generator_begin(&c->generator, r))
		generator_failed(c);
	wx_map_function(&c->generator);
}

/* How many of these records belong to the function at hand. */
static uint32_t function_records(wx_compiler *c, const wx_record *records, uint32_t count)
{
	wx_generator *g = &c->generator;
	uint32_t used = wx_generator_records(g, records, count);
	if (wx_generator_failed(g)) {
		generator_failed(c);
		return used;
	}
	if (!wx_generator_done(g))
		return used;
	place_function(c);
	if (c->outcome.status != WX_COMPILE_OK)
		return used;
	c->stage.in_function = false;
	if (c->image.placed == c->image.header.functions)
		end_code(c);
	return used;
}

/* Rank of a module record's section, 0: none. */
static uint8_t rank(uint8_t op)
{
	switch (op) {
	case WX_PLAN_TYPE: return 1;
	case WX_PLAN_IMPORT: return 2;
	case WX_PLAN_FUNCTION_TYPE: return 3;
	case WX_PLAN_TABLE: return 4;
	case WX_PLAN_MEMORY: return 5;
	case WX_PLAN_GLOBAL_TYPE: return 6;
	case WX_PLAN_EXPORT:
	case WX_PLAN_BACKED: return 7;
	case WX_PLAN_START: return 8;
	case WX_PLAN_ELEMENT: return 9;
	case WX_PLAN_DATA_COUNT: return 10;
	case WX_PLAN_CODE: return 11;
	case WX_PLAN_DATA: return 12;
	case WX_PLAN_END_MODULE: return 13;
	default: return 0;
	}
}

static bool constant_expression(uint8_t op)
{
	switch (op) {
	case WX_OP_I32_CONST:
	case WX_OP_I64_CONST:
	case WX_OP_F32_CONST:
	case WX_OP_F64_CONST:
	case WX_OP_REF_NULL:
	case WX_OP_REF_FUNC:
	case WX_OP_GLOBAL_GET:
	case WX_OP_I32_ADD:
	case WX_OP_I32_SUB:
	case WX_OP_I32_MUL:
	case WX_OP_I64_ADD:
	case WX_OP_I64_SUB:
	case WX_OP_I64_MUL:
	case WX_PLAN_EXT: return true;
	default: return false;
	}
}

/* A further record of the item begun by `head`. */
static void extension_record(wx_compiler *c, const wx_record *r)
{
	if (r->op != WX_PLAN_EXT) {
		bad(c, "continuation of a record");
		return;
	}
	c->wanted.extensions--;
	switch (c->wanted.head) {
	case WX_PLAN_MEMORY:
		if (c->wanted.extension == 1)
			c->module.memory_minimum = r->b;
		break;
	case WX_PLAN_EXPORT: c->wanted.payload = r->b > 0x7FFFFFF0 ? 0 : (r->b + 7) & ~7u; break;
	case WX_PLAN_ELEMENT:
	case WX_PLAN_DATA:
		c->wanted.expression = r->a;
		wx_fixed_tables_place(&c->module.fixed_tables, r->b, r->a);
		break;
	default: break;
	}
	c->wanted.extension++;
}

static void description_record(wx_compiler *c, const wx_record *r)
{
	static const uint8_t expected[] = { WX_PLAN_FUNCTION_TYPE, WX_PLAN_TABLE, WX_PLAN_MEMORY, WX_PLAN_GLOBAL_TYPE };
	c->wanted.description = false;
	if (r->op != expected[c->wanted.head]) {
		bad(c, "description of an import");
		return;
	}
	c->wanted.head = r->op;
	c->wanted.extension = 0;
	switch (r->op) {
	case WX_PLAN_FUNCTION_TYPE: wx_add_imported_function(&c->tables, r->b); break;
	case WX_PLAN_TABLE: table_record(c, r, true); break;
	case WX_PLAN_MEMORY: memory_record(c, r); break;
	default: global_record(c, r, true); break;
	}
	c->wanted.names = true;
}

/* Is the function imported last one that is emitted in line? */
static void find_direct(wx_compiler *c)
{
	/* With a zero of the padding, so that no longer name begins so. */
	static const char write[15] = "iot1gpio_write", read[14] = "iot1gpio_read";
	char names[15] = "";
	uint32_t function = c->module.imported_functions - 1, size = sizeof names;
	if (c->import.module_bytes != 4 || c->import.names_bytes != 16 ||
		!wx_writer_read(c->image.writer, c->import.names_at, names, size))
		return;
	if (!memcmp(names, write, sizeof write))
		c->module.direct_write = function + 1;
	else if (!memcmp(names, read, sizeof read))
		c->module.direct_read = function + 1;
	else
		return;
	c->image.header.flags |= WX_IMAGE_DIRECT;
}

static void module_record(wx_compiler *c, const wx_record *r)
{
	uint8_t order = rank(r->op);
	if (!c->stage.begun) {
		if (r->op != WX_PLAN_MODULE || r->a != 1) {
			bad(c, "plan version");
			return;
		}
		c->stage.begun = true;
		wx_image_begin(&c->image);
	} else if (r->op != WX_PLAN_CUSTOM) {
		if (!order || order < c->stage.section) {
			bad(c, "order of records");
			return;
		}
		c->stage.section = order;
	}
	if (r->op == WX_PLAN_CODE) {
		begin_code(c, r->b);
		if (!r->b && c->outcome.status == WX_COMPILE_OK)
			end_code(c);
		return;
	}
	if ((r->op == WX_PLAN_DATA || r->op == WX_PLAN_END_MODULE) && !c->image.header.after) {
		/* no code section */
		begin_code(c, 0);
		if (c->outcome.status != WX_COMPILE_OK)
			return;
		end_code(c);
	}
	if (r->op == WX_PLAN_FUNCTION_TYPE && c->tables.referenced) {
		bad(c, "order of records");
		return;
	}
	if (r->op == WX_PLAN_FUNCTION_TYPE && !c->image.header.functions)
		c->image.header.function_types = c->image.writer->position;
	if (!wx_image_append(&c->image, r, sizeof *r))
		return;
	c->wanted.head = r->op;
	c->wanted.extension = 0;
	switch (r->op) {
	case WX_PLAN_TYPE: type_record(c, r); break;
	case WX_PLAN_IMPORT:
		if (r->a > KIND_GLOBAL) {
			bad(c, "import kind");
			return;
		}
		c->wanted.head = (uint8_t)r->a;
		c->wanted.description = true;
		c->import.module_bytes = r->b & 0xFFFF;
		c->import.names_bytes = ((r->b & 0xFFFF) + (r->b >> 16) + 7) & ~7u;
		break;
	case WX_PLAN_FUNCTION_TYPE:
		if (r->b >= c->module.type_count)
			bad(c, "type of a function");
		c->image.header.functions++;
		break;
	case WX_PLAN_TABLE: table_record(c, r, false); break;
	case WX_PLAN_MEMORY: memory_record(c, r); break;
	case WX_PLAN_BACKED:
		if (!c->module.has_memory || r->b > c->module.memory_minimum || (c->module.page_shift && r->b % WX_MEMORY_UNIT))
			bad(c, "backed memory");
		c->module.memory_minimum = r->b;
		break;
	case WX_PLAN_GLOBAL_TYPE: global_record(c, r, false); break;
	case WX_PLAN_EXPORT:
		if (r->a == KIND_FUNCTION)
			refer(c, r->b);
		else if (r->a == KIND_TABLE)
			wx_fixed_tables_forget(&c->module.fixed_tables, r->b);
		c->wanted.extensions = 1;
		break;
	case WX_PLAN_START:
		refer(c, r->b);
		c->image.header.start = r->b + 1;
		break;
	case WX_PLAN_ELEMENT:
		c->image.header.elements++;
		c->wanted.extensions = 1;
		c->wanted.items = r->b;
		wx_fixed_tables_segment(&c->module.fixed_tables, !(r->a & 0xFF));
		break;
	case WX_PLAN_DATA_COUNT: c->module.data_count = r->b; break;
	case WX_PLAN_DATA:
		c->image.header.data++;
		c->wanted.extensions = 1;
		c->wanted.contents = r->b;
		break;
	case WX_PLAN_CUSTOM:
		c->wanted.payload = ((uint32_t)r->a + 7) & ~7u;
		c->wanted.contents = r->b;
		break;
	case WX_PLAN_END_MODULE: c->stage.ended = true; break;
	default: break;
	}
}

/* The next item of an element segment. */
static void item_record(wx_compiler *c, const wx_record *r)
{
	wx_fixed_tables *tables = &c->module.fixed_tables;
	c->wanted.items--;
	switch (r->op) {
	case WX_OP_REF_NULL: wx_fixed_tables_item(tables, WX_ITEM_NULL, WX_NO_TYPE); break;
	case WX_OP_GLOBAL_GET: wx_fixed_tables_item(tables, WX_ITEM_OTHER, WX_NO_TYPE); break;
	case WX_OP_REF_FUNC: {
		bool own = r->b >= c->module.imported_functions;
		wx_fixed_tables_item(tables, own ? WX_ITEM_OWN : WX_ITEM_OTHER, own ? function_type(c, r->b) : WX_NO_TYPE);
		refer(c, r->b);
		break;
	}
	default: bad(c, "element item");
	}
}

static void record(wx_compiler *c, const wx_record *r)
{
	if (c->stage.ended) {
		bad(c, "record after the end of the module");
		return;
	}
	if (c->stage.in_code) {
		begin_function(c, r);
		return;
	}
	bool follows = c->wanted.description || c->wanted.extensions || c->wanted.expression || c->wanted.items;
	if (follows && !wx_image_append(&c->image, r, sizeof *r))
		return;
	if (c->wanted.description) {
		description_record(c, r);
	} else if (c->wanted.extensions) {
		extension_record(c, r);
	} else if (c->wanted.expression) {
		c->wanted.expression--;
		if (!constant_expression(r->op))
			bad(c, "constant expression");
		else if (r->op == WX_OP_REF_FUNC)
			refer(c, r->b);
		wx_fixed_tables_offset(&c->module.fixed_tables, r->op, r->b);
	} else if (c->wanted.items) {
		item_record(c, r);
	} else if (c->wanted.contents) {
		if (r->op != WX_PLAN_BYTES || r->b > c->wanted.contents || !r->b) {
			bad(c, "bytes of a segment or section");
			return;
		}
		c->wanted.contents -= r->b;
		c->wanted.payload = (r->b + 7) & ~7u;
		wx_image_append(&c->image, r, sizeof *r);
	} else {
		module_record(c, r);
	}
	if (c->wanted.names && !c->wanted.description && !c->wanted.extensions) {
		c->wanted.names = false;
		c->wanted.payload = c->import.names_bytes;
		c->import.names_at = c->direct && c->wanted.head == WX_PLAN_FUNCTION_TYPE ? c->image.writer->position : 0;
	}
}

/* Bytes after a record: kept as they are; a type's values also in RAM. */
static void payload(wx_compiler *c, const uint8_t *bytes, uint32_t size)
{
	uint32_t take = size < c->wanted.type_bytes ? size : c->wanted.type_bytes;
	for (uint32_t i = 0; i < take && c->outcome.status == WX_COMPILE_OK; i++)
		wx_add_type_value(&c->tables, bytes[i]);
	if (c->outcome.status != WX_COMPILE_OK)
		return;
	c->wanted.type_bytes -= take;
	c->wanted.payload -= size;
	if (wx_image_append(&c->image, bytes, size) && !c->wanted.payload && c->import.names_at) {
		find_direct(c);
		c->import.names_at = 0;
	}
}

wx_compile_status wx_compiler_plan(wx_compiler *c, const uint8_t *records, uint32_t bytes)
{
	if (bytes & 7 || (uintptr_t)records % _Alignof(wx_record))
		bad(c, "batch");
	while (bytes && c->outcome.status == WX_COMPILE_OK) {
		if (c->wanted.payload) {
			uint32_t n = bytes < c->wanted.payload ? bytes : c->wanted.payload;
			payload(c, records, n);
			records += n;
			bytes -= n;
			continue;
		}
		const wx_record *next = (const wx_record *)(const void *)records;
		uint32_t used = 1;
		if (c->stage.in_function)
			used = function_records(c, next, bytes / (uint32_t)sizeof *next);
		else
			record(c, next);
		records += used * sizeof *next;
		bytes -= used * (uint32_t)sizeof *next;
	}
	return c->outcome.status;
}

wx_compile_status wx_compiler_finish(wx_compiler *c, wx_compile_figures *figures)
{
	if (c->outcome.status == WX_COMPILE_OK && (!c->stage.ended || c->wanted.payload))
		bad(c, "the plan ended early");
	if (c->outcome.status != WX_COMPILE_OK)
		return c->outcome.status;
	wx_image_finish(&c->image);
	if (c->outcome.status != WX_COMPILE_OK)
		return c->outcome.status;
	*figures = c->image.figures;
	return WX_COMPILE_OK;
}
