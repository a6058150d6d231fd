/*
 * The plan's consumer: checks its structure, keeps the module's records in the image, has functions compiled and
 * placed.
 */
#include "compiler.h"
#include "code-map.h"

#include <string.h>

#include "../abi/context.h"
#include "generator.h"
#include "../abi/image.h"

enum kind { KIND_FUNCTION, KIND_TABLE, KIND_MEMORY, KIND_GLOBAL };

#define UNWRITTEN 32

struct wx_compiler {
	struct wx_alloc *memory;
	wx_writer *writer;
	wx_module_info module;
	wx_map map;
	wx_generator generator;
	struct wx_image_header header;
	wx_compile_status status;
	const char *error;
	bool begun; /* MODULE has come */
	bool in_code; /* between CODE and the last function's end */
	bool in_function;
	bool ended;
	uint8_t section; /* rank of the section last seen */

	/* what the record in work still wants */
	uint32_t payload; /* bytes, padding included */
	uint32_t type_bytes; /* of them, value types of a TYPE record */
	uint8_t extensions; /* EXT records of that record */
	uint8_t head; /* the record that the extensions belong to */
	uint8_t extension; /* number of the next one */
	bool description; /* the description of an import */
	bool names; /* its names, after the description */
	uint32_t names_bytes;
	uint32_t module_bytes; /* of them, the module's name */
	uint32_t names_at; /* image offset of an imported function's names, which are to be looked at; 0: not */
	bool direct;
	uint32_t expression; /* constant-expression records */
	uint32_t items; /* element items */
	struct {
		bool active;
		bool known; /* where it goes */
		uint32_t table;
		uint32_t at; /* element of the next item */
	} segment; /* of elements */
	bool imports_table;
	uint32_t contents; /* bytes of DATA or CUSTOM to come in BYTES records */

	uint8_t *type_values; /* value types of all signatures */
	uint32_t type_used;
	uint32_t type_room;
	uint32_t type_records;
	uint32_t types_room;
	uint32_t globals_room;
	uint32_t tables_room;
	uint32_t *import_types;
	uint32_t imports_room;
	uint8_t *referenced; /* a bit for each function: may be called from outside the instance or by reference */
	uint32_t bodies; /* function bodies that CODE announced */
	uint32_t placed; /* functions in the image */
	/*
	 * The last of them, whose entries in the code table and jump slots are written together: each write may unlock and
	 * lock a page.
	 */
	uint32_t unwritten;
	uint32_t starts[UNWRITTEN];
	uint8_t slots[UNWRITTEN * ISA_JUMP_SIZE];
	wx_compile_figures figures;
	const wx_knowledge *known;
};

static void fail(wx_compiler *c, wx_compile_status status, const char *what)
{
	if (c->status == WX_COMPILE_OK) {
		c->status = status;
		c->error = what;
	}
}

static void bad(wx_compiler *c, const char *what)
{
	fail(c, WX_COMPILE_BAD_PLAN, what);
}

static bool append(wx_compiler *c, const void *data, uint32_t size)
{
	if (wx_writer_append(c->writer, data, size))
		return true;
	fail(c, WX_COMPILE_NO_FLASH, "the code flash is full");
	return false;
}

/* Room for one more of an array. */
static bool grow(wx_compiler *c, void **array, uint32_t *room, uint32_t used, uint32_t more, uint32_t size)
{
	if (*room - used >= more)
		return true;
	uint32_t wanted = *room + (*room >> 1) + more + 8;
	void *data = wx_realloc(c->memory, *array, (size_t)wanted * size);
	if (!data) {
		fail(c, WX_COMPILE_NO_MEMORY, "out of memory for the module's tables");
		return false;
	}
	*array = data;
	*room = wanted;
	return true;
}

static uint32_t function_type(void *owner, uint32_t function)
{
	wx_compiler *c = owner;
	if (function < c->module.imported_functions)
		return c->import_types[function];
	wx_record r = { 0 };
	if (!wx_writer_read(
			c->writer, c->header.function_types + 8 * (function - c->module.imported_functions), &r, sizeof r))
		return UINT32_MAX;
	return r.b;
}

static uint32_t call_target(void *owner, uint32_t function, uint32_t *unchecked)
{
	wx_compiler *c = owner;
	uint32_t defined = function - c->module.imported_functions, start;
	*unchecked = WX_STACK_UNKNOWN;
	if (c->module.learn)
		wx_knowledge_call(c->module.learn, defined);
	if (defined == c->placed)
		return WX_CALL_SELF;
	struct wx_function_header h;
	uint32_t written = c->placed - c->unwritten;
	if (defined < c->placed && defined >= written)
		start = c->starts[defined - written];
	else if (defined >= c->placed || !wx_writer_read(c->writer, c->header.code_table + 4 * defined, &start, 4))
		start = 0;
	if (start && wx_writer_read(c->writer, start - sizeof h, &h, sizeof h)) {
		*unchecked = (h.frame >> 20 & 0x7FF) * ISA_WORD;
		return start + (h.code >> 24);
	}
	if (c->known)
		*unchecked = wx_knowledge_unchecked(c->known, defined);
	return c->header.jump_slots + ISA_JUMP_SIZE * defined;
}

wx_compiler *wx_compiler_new(struct wx_alloc *memory, wx_writer *writer, const wx_compile_options *options)
{
	wx_compiler *c = wx_calloc(memory, 1, sizeof *c);
	if (!c)
		return NULL;
	c->memory = memory;
	c->writer = writer;
	c->module.audit = options->audit;
	c->module.metered = options->metered;
	c->module.owner = c;
	c->module.function_type = function_type;
	c->module.call_target = call_target;
	c->header.argument_slots = 8;
	c->header.flags = options->audit ? WX_IMAGE_AUDIT : 0;
	c->direct = options->direct;
	c->module.learn = options->learn;
	c->known = options->known;
	if (c->known) {
		c->module.known_leaves = &c->known->leaves;
		c->module.fixed_tables = wx_calloc(memory, WX_KNOWN_TABLES, sizeof *c->module.fixed_tables);
		if (!c->module.fixed_tables) {
			wx_free(memory, c);
			return NULL;
		}
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
	void *blocks[] = { c->type_values, c->module.types, c->module.globals, c->module.global_flags, c->module.tables,
		c->module.fixed_tables, c->import_types, c->referenced };
	wx_generator_free(&c->generator);
	wx_map_free(&c->map);
	for (unsigned i = 0; i < sizeof blocks / sizeof *blocks; i++)
		if (blocks[i])
			wx_free(c->memory, blocks[i]);
	wx_free(c->memory, c);
}

const uint32_t *wx_compiler_map(const wx_compiler *c, uint32_t *words)
{
	*words = c->map.count;
	return c->map.failed ? NULL : c->map.words;
}

const char *wx_compiler_error(const wx_compiler *c, int32_t *function)
{
	*function = c->in_function ? (int32_t)c->generator.function : -1;
	return c->error ? c->error : "";
}

/* The image begins: a hole for the header, then the vectors. */
static void begin_image(wx_compiler *c)
{
	uint8_t code[WX_VECTORS_ROOM];
	wx_asm as = { .code = code, .capacity = sizeof code };
	asm_vectors(&as);
	if (as.failed) {
		bad(c, "vectors");
		return;
	}
	if (wx_writer_hole(c->writer, sizeof c->header) == UINT32_MAX) {
		fail(c, WX_COMPILE_NO_FLASH, "the code flash is full");
		return;
	}
	append(c, code, as.size);
	wx_writer_align(c->writer, 8);
	c->header.records = c->writer->position;
	c->figures.table_bytes += c->header.records;
}

static void add_type(wx_compiler *c, const wx_record *r)
{
	uint32_t n = (uint32_t)r->a + r->b;
	if (r->b > 0xFFFF || c->module.type_count >= 0x7FFF) {
		bad(c, "type");
		return;
	}
	if (!grow(c, (void **)&c->module.types, &c->types_room, c->module.type_count, 1, sizeof *c->module.types))
		return;
	if (!grow(c, (void **)&c->type_values, &c->type_room, c->type_used, n, 1))
		return;
	c->module.types[c->module.type_count++] = (wx_signature){ .params = r->a, .results = r->b };
	uint32_t most = r->a > r->b ? r->a : r->b;
	if (most > c->header.argument_slots)
		c->header.argument_slots = most;
	c->type_bytes = n;
	c->payload = (n + 7) & ~7u;
}

static void add_global(wx_compiler *c, const wx_record *r, bool imported)
{
	uint8_t type = (uint8_t)r->a;
	uint32_t room = c->globals_room;
	if (!wx_is_value_type(type) || (imported && r->b)) {
		bad(c, "global type");
		return;
	}
	if (!grow(c, (void **)&c->module.globals, &c->globals_room, c->module.global_count, 1, 1) ||
		!grow(c, (void **)&c->module.global_flags, &room, c->module.global_count, 1, 1))
		return;
	c->module.globals[c->module.global_count] = type;
	c->module.global_flags[c->module.global_count++] = (uint8_t)((r->a & 0x100 ? WX_GLOBAL_MUTABLE : 0) |
		(imported ? WX_GLOBAL_IMPORTED : 0));
	c->expression = r->b;
}

/* What this compilation can tell of a table, NULL: nothing. */
static wx_fixed_table *fixed_table(wx_compiler *c, uint32_t table)
{
	return c->module.fixed_tables && table < WX_KNOWN_TABLES ? c->module.fixed_tables + table : NULL;
}

/* A table may hold what is not of this instance, or get it later. */
static void forget_table(wx_compiler *c, uint32_t table)
{
	wx_fixed_table *t = fixed_table(c, table);
	if (t)
		t->fixed = false;
}

/* The next item of an element segment. */
static void add_item(wx_compiler *c, const wx_record *r)
{
	wx_fixed_table *t = c->segment.active ? fixed_table(c, c->segment.table) : NULL;
	uint32_t at = c->segment.at++;
	if (!t)
		return;
	if (r->op == WX_OP_REF_NULL) {
		if (!c->segment.known)
			t->fixed = false;
		else if (at < t->filled)
			t->filled = at;
		return;
	}
	if (r->op != WX_OP_REF_FUNC || r->b < c->module.imported_functions) {
		t->fixed = false;
		return;
	}
	uint32_t type = function_type(c, r->b);
	if (t->type == WX_NO_TYPE)
		t->type = type;
	else if (t->type != type)
		t->type = WX_TYPES_DIFFER;
	/* Through an imported table functions are called even where a later segment has failed. */
	if (c->segment.known && !c->imports_table && at == t->filled && at < t->size)
		t->filled++;
}

static void add_table(wx_compiler *c, const wx_record *r, bool imported)
{
	wx_fixed_table *t = fixed_table(c, c->module.table_count);
	c->imports_table |= imported;
	if (t)
		*t = (wx_fixed_table){ .fixed = !imported && r->a == WX_FUNCREF_TYPE &&
				!(c->known->changed >> c->module.table_count & 1),
			.size = r->b,
			.type = WX_NO_TYPE };
	if (!wx_is_reference_type(r->a)) {
		bad(c, "table type");
		return;
	}
	if (grow(c, (void **)&c->module.tables, &c->tables_room, c->module.table_count, 1, 1))
		c->module.tables[c->module.table_count++] = (uint8_t)r->a;
	c->extensions = 1;
}

static void add_memory(wx_compiler *c, const wx_record *r)
{
	if (c->module.has_memory || (r->a >> 8) > 16) {
		bad(c, "memory");
		return;
	}
	c->module.has_memory = true;
	c->module.page_shift = (uint8_t)(r->a >> 8);
	c->extensions = 2;
}

static void add_imported_function(wx_compiler *c, const wx_record *r)
{
	if (r->b >= c->module.type_count) {
		bad(c, "type of an import");
		return;
	}
	if (!grow(c, (void **)&c->import_types, &c->imports_room, c->module.imported_functions, 1, sizeof *c->import_types))
		return;
	c->import_types[c->module.imported_functions++] = r->b;
}

/* A function is exported, in an element segment, in a global, or the start function: it gets a far entry. */
static void refer(wx_compiler *c, uint32_t function)
{
	uint32_t functions = c->module.imported_functions + c->header.functions;
	if (function >= functions) {
		bad(c, "function index");
		return;
	}
	if (!c->referenced) {
		c->referenced = wx_calloc(c->memory, (functions + 7) / 8, 1);
		if (!c->referenced) {
			fail(c, WX_COMPILE_NO_MEMORY, "out of memory for the module's tables");
			return;
		}
	}
	c->referenced[function / 8] |= (uint8_t)(1u << function % 8);
}

static bool is_referenced(const wx_compiler *c, uint32_t function)
{
	return c->referenced && (c->referenced[function / 8] >> function % 8 & 1);
}

/* All that functions depend on is known. */
static void begin_code(wx_compiler *c, uint32_t bodies)
{
	wx_module_info *m = &c->module;
	if (bodies != c->header.functions) {
		bad(c, "number of function bodies");
		return;
	}
	uint32_t at = 0;
	for (uint32_t i = 0; i < m->type_count; i++) {
		m->types[i].values = c->type_values + at;
		at += m->types[i].params + m->types[i].results;
	}
	m->function_count = m->imported_functions + c->header.functions;
	m->layout = wx_layout_of(ISA_WORD, m->global_count, m->imported_functions, m->table_count, m->type_count);
	c->header.imported_functions = m->imported_functions;
	c->header.types = m->type_count;
	c->header.globals = m->global_count;
	c->header.tables = m->table_count;
	c->header.memories = m->has_memory;
	m->element_count = c->header.elements;
	wx_writer_align(c->writer, 8);
	uint32_t before = c->writer->position;
	c->header.code_table = wx_writer_hole(c->writer, 4 * bodies);
	wx_writer_align(c->writer, ISA_CODE_ALIGN);
	c->header.jump_slots = wx_writer_hole(c->writer, ISA_JUMP_SIZE * bodies);
	if (c->header.code_table == UINT32_MAX || c->header.jump_slots == UINT32_MAX) {
		fail(c, WX_COMPILE_NO_FLASH, "the code flash is full");
		return;
	}
	c->figures.table_bytes += c->writer->position - before;
	c->header.code = c->header.code_end = c->header.after = c->writer->position;
	c->bodies = bodies;
	c->in_code = true;
	if (c->module.learn)
		wx_knowledge_begin(c->module.learn, bodies);
}

static void write_entries(wx_compiler *c)
{
	uint32_t first = c->placed - c->unwritten, count = c->unwritten;
	c->unwritten = 0;
	if (count &&
		(!wx_writer_write(c->writer, c->header.code_table + 4 * first, c->starts, 4 * count) ||
			!wx_writer_write(c->writer, c->header.jump_slots + ISA_JUMP_SIZE * first, c->slots, ISA_JUMP_SIZE * count)))
		fail(c, WX_COMPILE_NO_FLASH, "the code flash refused a write");
}

static void end_code(wx_compiler *c)
{
	c->in_code = false;
	write_entries(c);
	c->header.code_end = c->writer->position;
	wx_writer_align(c->writer, 8);
	c->header.after = c->writer->position;
	c->figures.checks_total = c->generator.checks_total;
	c->figures.checks_proved = c->generator.checks_proved;
	if (c->module.learn)
		wx_knowledge_end(c->module.learn, c->generator.changed_tables);
	/* The generator's buffers are given back before data arrives. */
	wx_generator_free(&c->generator);
}

typedef struct {
	uint8_t bytes[64];
	uint32_t used;
} buffer;

static void put_leb(wx_compiler *c, buffer *b, uint32_t v)
{
	if (b->used + 5 > sizeof b->bytes) {
		append(c, b->bytes, b->used);
		b->used = 0;
	}
	do {
		uint8_t byte = v & 0x7F;
		v >>= 7;
		b->bytes[b->used++] = (uint8_t)(byte | (v ? 0x80 : 0));
	} while (v);
}

/* Signed LEB128 of a 32-bit number. */
static void put_sleb(wx_compiler *c, buffer *b, int32_t v)
{
	if (b->used + 5 > sizeof b->bytes) {
		append(c, b->bytes, b->used);
		b->used = 0;
	}
	for (;;) {
		uint8_t byte = (uint8_t)((uint32_t)v & 0x7F);
		v = v < 0 ? ~(int32_t)(~(uint32_t)v >> 7) : (int32_t)((uint32_t)v >> 7);
		bool done = (v == 0 && !(byte & 0x40)) || (v == -1 && (byte & 0x40));
		b->bytes[b->used++] = (uint8_t)(byte | (done ? 0 : 0x80));
		if (done)
			return;
	}
}

static bool has_return_address(const wx_site *s)
{
	return s->kind <= WX_SITE_CALL_OTHER;
}

static void sift(wx_site *sites, uint32_t i, uint32_t count)
{
	for (uint32_t child; (child = 2 * i + 1) < count; i = child) {
		if (child + 1 < count && sites[child + 1].at > sites[child].at)
			child++;
		if (sites[i].at >= sites[child].at)
			return;
		wx_site s = sites[i];
		sites[i] = sites[child];
		sites[child] = s;
	}
}

static bool is_sorted(const wx_site *sites, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++)
		if (sites[i - 1].at > sites[i].at)
			return false;
	return true;
}

/* By place in the code: stubs lie behind the calls, in an order of the assembler's own. */
static void sort_sites(wx_site *sites, uint32_t count)
{
	if (is_sorted(sites, count))
		return;
	for (uint32_t i = count / 2; i-- > 0;)
		sift(sites, i, count);
	while (count > 1) {
		wx_site s = sites[--count];
		sites[count] = sites[0];
		sites[0] = s;
		sift(sites, 0, count);
	}
}

/* Whose body the site is in, if a call's place was taken by it; else NULL. */
static const wx_inlined *inlined_at(const wx_generator *g, const wx_site *s)
{
	uint32_t number = (s->wasm & ~WX_SITE_INLINED) / WX_LEAF_SPAN;
	return s->wasm & WX_SITE_INLINED && number < g->inlined_count ? &g->inlined[number] : NULL;
}

/* What write_sites writes next. */
typedef struct {
	buffer buffer;
	uint32_t at;
	uint32_t wasm;
} site_table;

static void put_site(wx_compiler *c, site_table *t, uint32_t at, uint32_t wasm)
{
	put_leb(c, &t->buffer, at - t->at);
	put_sleb(c, &t->buffer, (int32_t)(wasm - t->wasm));
	t->at = at;
	t->wasm = wasm;
}

static void write_sites(wx_compiler *c)
{
	const wx_generator *g = &c->generator;
	wx_site *sites = g->as.sites;
	site_table t = { .wasm = g->body_offset };
	uint32_t count = 0, pairs = 0;
	for (uint32_t i = 0; i < g->as.site_count; i++) {
		if (!has_return_address(&sites[i]))
			continue;
		pairs += inlined_at(g, &sites[i]) ? 2 : 1;
		sites[count++] = sites[i];
	}
	sort_sites(sites, count);
	put_leb(c, &t.buffer, pairs);
	put_leb(c, &t.buffer, t.wasm);
	for (uint32_t i = 0; i < count; i++) {
		const wx_site *s = &sites[i];
		const wx_inlined *inlined = inlined_at(g, s);
		if (!inlined) {
			put_site(c, &t, s->at, s->wasm);
			continue;
		}
		put_site(c, &t, s->at, inlined->body + s->wasm % WX_LEAF_SPAN);
		put_site(c, &t, s->at, inlined->call);
	}
	append(c, t.buffer.bytes, t.buffer.used);
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

/* Functions before it may build on what was known of it. */
static uint32_t most_unchecked(const wx_compiler *c, uint32_t defined)
{
	uint32_t known = c->known ? wx_knowledge_unchecked(c->known, defined) : WX_STACK_UNKNOWN;
	return known < WX_STACK_UNCHECKED ? known : WX_STACK_UNCHECKED;
}

static void place_function(wx_compiler *c)
{
	wx_generator *g = &c->generator;
	wx_asm *as = &g->as;
	uint32_t index = c->placed;
	wx_frame frame = { .frame = (g->frame + ISA_WORD - 1) & ~(uint32_t)(ISA_WORD - 1),
		.saved = g->as.saved,
		.far_entry = c->module.has_memory && is_referenced(c, c->module.imported_functions + index),
		.save_context = g->left,
		.has_memory = c->module.has_memory,
		.context_slot = g->context_slot,
		.callees = g->callees,
		.unchecked = most_unchecked(c, index) };
	uint32_t before = c->writer->position;
	uint32_t at = (before + (uint32_t)sizeof(struct wx_function_header) + ISA_CODE_ALIGN - 1) &
		~(uint32_t)(ISA_CODE_ALIGN - 1);
	uint32_t start, near_entry, frame_bytes;
	int32_t return_slot;
	asm_finish(as, &frame, at, g->returns, &start, &near_entry, &frame_bytes, &return_slot);
	if (as->no_memory) {
		generator_failed(c);
		return;
	}
	uint32_t bytes = as->size - start, words = frame_bytes / ISA_WORD;
	if (as->failed || bytes > 0xFFFFFF || words > 0xFFFF) {
		fail(c, WX_COMPILE_FUNCTION_TOO_LARGE,
			"a function's code or frame is too large for the instruction set's branches");
		return;
	}
	uint32_t below = return_slot < 0 ? 0 : (frame_bytes - (uint32_t)return_slot) / ISA_WORD;
	uint32_t unchecked = wx_checks_stack(&frame, frame_bytes) ? 0 : (frame_bytes + frame.callees) / ISA_WORD;
	struct wx_function_header header = { bytes | near_entry << 24,
		words | below << 16 | unchecked << 20 | (return_slot < 0 ? 0x80000000u : 0) };
	static const uint8_t padding[ISA_CODE_ALIGN + sizeof header];
	c->starts[c->unwritten] = at;
	asm_jump_slot(
		c->slots + ISA_JUMP_SIZE * c->unwritten, c->header.jump_slots + ISA_JUMP_SIZE * index, at + near_entry);
	if (!append(c, padding, at - (uint32_t)sizeof header - before) || !append(c, &header, sizeof header) ||
		!append(c, as->code + start, bytes))
		return;
	wx_map_place(c->module.map, as, at);
	write_sites(c);
	if (!wx_writer_align(c->writer, 4)) {
		fail(c, WX_COMPILE_NO_FLASH, "the code flash is full");
		return;
	}
	c->figures.code_bytes += bytes;
	c->figures.table_bytes += c->writer->position - before - bytes;
	if (as->capacity > c->figures.peak_function)
		c->figures.peak_function = as->capacity;
	if (c->module.learn)
		wx_knowledge_function(c->module.learn, frame_bytes, (g->flags & WX_FLAG_LEAVES) != 0);
	c->placed++;
	if (++c->unwritten == UNWRITTEN)
		write_entries(c);
}

static void begin_function(wx_compiler *c, const wx_record *r)
{
	if (r->op != WX_PLAN_FUNCTION || c->placed >= c->bodies || r->b != c->module.imported_functions + c->placed ||
		function_type(c, r->b) != r->a) {
		bad(c, "function header");
		return;
	}
	c->in_function = true;
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
	if (c->status != WX_COMPILE_OK)
		return used;
	c->in_function = false;
	if (c->placed == c->bodies)
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
	c->extensions--;
	switch (c->head) {
	case WX_PLAN_MEMORY:
		if (c->extension == 1)
			c->module.memory_minimum = r->b;
		break;
	case WX_PLAN_EXPORT: c->payload = r->b > 0x7FFFFFF0 ? 0 : (r->b + 7) & ~7u; break;
	case WX_PLAN_ELEMENT:
	case WX_PLAN_DATA:
		c->expression = r->a;
		c->segment.table = r->b;
		c->segment.known = r->a == 1;
		break;
	default: break;
	}
	c->extension++;
}

static void description_record(wx_compiler *c, const wx_record *r)
{
	static const uint8_t expected[] = { WX_PLAN_FUNCTION_TYPE, WX_PLAN_TABLE, WX_PLAN_MEMORY, WX_PLAN_GLOBAL_TYPE };
	c->description = false;
	if (r->op != expected[c->head]) {
		bad(c, "description of an import");
		return;
	}
	c->head = r->op;
	c->extension = 0;
	switch (r->op) {
	case WX_PLAN_FUNCTION_TYPE: add_imported_function(c, r); break;
	case WX_PLAN_TABLE: add_table(c, r, true); break;
	case WX_PLAN_MEMORY: add_memory(c, r); break;
	default: add_global(c, r, true); break;
	}
	c->names = true;
}

/* Is the function imported last one that is emitted in line? */
static void find_direct(wx_compiler *c)
{
	/* With a zero of the padding, so that no longer name begins so. */
	static const char write[15] = "iot1gpio_write", read[14] = "iot1gpio_read";
	char names[15] = "";
	uint32_t function = c->module.imported_functions - 1, size = sizeof names;
	if (c->module_bytes != 4 || c->names_bytes != 16 || !wx_writer_read(c->writer, c->names_at, names, size))
		return;
	if (!memcmp(names, write, sizeof write))
		c->module.direct_write = function + 1;
	else if (!memcmp(names, read, sizeof read))
		c->module.direct_read = function + 1;
	else
		return;
	c->header.flags |= WX_IMAGE_DIRECT;
}

static void module_record(wx_compiler *c, const wx_record *r)
{
	uint8_t order = rank(r->op);
	if (!c->begun) {
		if (r->op != WX_PLAN_MODULE || r->a != 1) {
			bad(c, "plan version");
			return;
		}
		c->begun = true;
		begin_image(c);
	} else if (r->op != WX_PLAN_CUSTOM) {
		if (!order || order < c->section) {
			bad(c, "order of records");
			return;
		}
		c->section = order;
	}
	if (r->op == WX_PLAN_CODE) {
		begin_code(c, r->b);
		if (!r->b && c->status == WX_COMPILE_OK)
			end_code(c);
		return;
	}
	if ((r->op == WX_PLAN_DATA || r->op == WX_PLAN_END_MODULE) && !c->header.after) {
		/* no code section */
		begin_code(c, 0);
		if (c->status != WX_COMPILE_OK)
			return;
		end_code(c);
	}
	if (r->op == WX_PLAN_FUNCTION_TYPE && c->referenced) {
		bad(c, "order of records");
		return;
	}
	if (r->op == WX_PLAN_FUNCTION_TYPE && !c->header.functions)
		c->header.function_types = c->writer->position;
	if (!append(c, r, sizeof *r))
		return;
	c->head = r->op;
	c->extension = 0;
	switch (r->op) {
	case WX_PLAN_TYPE: add_type(c, r); break;
	case WX_PLAN_IMPORT:
		if (r->a > KIND_GLOBAL) {
			bad(c, "import kind");
			return;
		}
		c->head = (uint8_t)r->a;
		c->description = true;
		c->module_bytes = r->b & 0xFFFF;
		c->names_bytes = ((r->b & 0xFFFF) + (r->b >> 16) + 7) & ~7u;
		break;
	case WX_PLAN_FUNCTION_TYPE:
		if (r->b >= c->module.type_count)
			bad(c, "type of a function");
		c->header.functions++;
		break;
	case WX_PLAN_TABLE: add_table(c, r, false); break;
	case WX_PLAN_MEMORY: add_memory(c, r); break;
	case WX_PLAN_BACKED:
		if (!c->module.has_memory || r->b > c->module.memory_minimum || (c->module.page_shift && r->b % WX_MEMORY_UNIT))
			bad(c, "backed memory");
		c->module.memory_minimum = r->b;
		break;
	case WX_PLAN_GLOBAL_TYPE: add_global(c, r, false); break;
	case WX_PLAN_EXPORT:
		if (r->a == KIND_FUNCTION)
			refer(c, r->b);
		else if (r->a == KIND_TABLE)
			forget_table(c, r->b);
		c->extensions = 1;
		break;
	case WX_PLAN_START:
		refer(c, r->b);
		c->header.start = r->b + 1;
		break;
	case WX_PLAN_ELEMENT:
		c->header.elements++;
		c->extensions = 1;
		c->items = r->b;
		c->segment.active = !(r->a & 0xFF);
		break;
	case WX_PLAN_DATA_COUNT: c->module.data_count = r->b; break;
	case WX_PLAN_DATA:
		c->header.data++;
		c->extensions = 1;
		c->contents = r->b;
		break;
	case WX_PLAN_CUSTOM:
		c->payload = ((uint32_t)r->a + 7) & ~7u;
		c->contents = r->b;
		break;
	case WX_PLAN_END_MODULE: c->ended = true; break;
	default: break;
	}
}

static void record(wx_compiler *c, const wx_record *r)
{
	if (c->ended) {
		bad(c, "record after the end of the module");
		return;
	}
	if (c->in_code) {
		begin_function(c, r);
		return;
	}
	bool follows = c->description || c->extensions || c->expression || c->items;
	if (follows && !append(c, r, sizeof *r))
		return;
	if (c->description) {
		description_record(c, r);
	} else if (c->extensions) {
		extension_record(c, r);
	} else if (c->expression) {
		c->expression--;
		if (!constant_expression(r->op))
			bad(c, "constant expression");
		else if (r->op == WX_OP_REF_FUNC)
			refer(c, r->b);
		c->segment.known = c->segment.known && r->op == WX_OP_I32_CONST;
		c->segment.at = r->b;
	} else if (c->items) {
		c->items--;
		add_item(c, r);
		if (r->op != WX_OP_REF_NULL && r->op != WX_OP_REF_FUNC && r->op != WX_OP_GLOBAL_GET)
			bad(c, "element item");
		else if (r->op == WX_OP_REF_FUNC)
			refer(c, r->b);
	} else if (c->contents) {
		if (r->op != WX_PLAN_BYTES || r->b > c->contents || !r->b) {
			bad(c, "bytes of a segment or section");
			return;
		}
		c->contents -= r->b;
		c->payload = (r->b + 7) & ~7u;
		append(c, r, sizeof *r);
	} else {
		module_record(c, r);
	}
	if (c->names && !c->description && !c->extensions) {
		c->names = false;
		c->payload = c->names_bytes;
		c->names_at = c->direct && c->head == WX_PLAN_FUNCTION_TYPE ? c->writer->position : 0;
	}
}

/* Bytes after a record: kept as they are; a type's values also in RAM. */
static void payload(wx_compiler *c, const uint8_t *bytes, uint32_t size)
{
	uint32_t take = size < c->type_bytes ? size : c->type_bytes;
	for (uint32_t i = 0; i < take; i++) {
		if (!wx_is_value_type(bytes[i])) {
			bad(c, "value type");
			return;
		}
		c->type_values[c->type_used++] = bytes[i];
	}
	c->type_bytes -= take;
	c->payload -= size;
	if (append(c, bytes, size) && !c->payload && c->names_at) {
		find_direct(c);
		c->names_at = 0;
	}
}

wx_compile_status wx_compiler_plan(wx_compiler *c, const uint8_t *records, uint32_t bytes)
{
	if (bytes & 7 || (uintptr_t)records % _Alignof(wx_record))
		bad(c, "batch");
	while (bytes && c->status == WX_COMPILE_OK) {
		if (c->payload) {
			uint32_t n = bytes < c->payload ? bytes : c->payload;
			payload(c, records, n);
			records += n;
			bytes -= n;
			continue;
		}
		const wx_record *next = (const wx_record *)(const void *)records;
		uint32_t used = 1;
		if (c->in_function)
			used = function_records(c, next, bytes / (uint32_t)sizeof *next);
		else
			record(c, next);
		records += used * sizeof *next;
		bytes -= used * (uint32_t)sizeof *next;
	}
	return c->status;
}

wx_compile_status wx_compiler_finish(wx_compiler *c, wx_compile_figures *figures)
{
	if (c->status == WX_COMPILE_OK && (!c->ended || c->payload))
		bad(c, "the plan ended early");
	if (c->status != WX_COMPILE_OK)
		return c->status;
	struct wx_image_header *h = &c->header;
	h->magic = WX_IMAGE_MAGIC;
	h->version = WX_IMAGE_VERSION;
	h->isa = ISA_NUMBER;
	h->size = c->writer->position;
	if (!wx_writer_write(c->writer, 0, h, sizeof *h)) {
		fail(c, WX_COMPILE_NO_FLASH, "the code flash refused a write");
		return c->status;
	}
	*figures = c->figures;
	return WX_COMPILE_OK;
}
