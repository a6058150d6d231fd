/*
 * Checks an image once, when it becomes a module: walks all records and tables, so that later nothing read from the
 * image can lead outside of it or to an index that does not exist. What lies in the code itself is believed: it was
 * written by the emitter.
 */

#include "internal.h"

#include <string.h>

struct check {
	struct wx_module *module; /* gets counts and offsets that later walks begin with */
	const struct wx_image_header *header;
	uint32_t at;
	uint32_t end;
	bool after_code; /* in the records after the code */
	const char *wrong; /* first fault; nothing is looked at any more */
	uint32_t functions, tables, memories, globals; /* of imports and definitions so far */
	uint32_t types, defined, elements, data;
};

static bool require(struct check *c, bool condition, const char *wrong)
{
	if (!c->wrong && !condition)
		c->wrong = wrong;
	return !c->wrong;
}

/* The next record. */
static bool take(struct check *c, wx_record *r)
{
	if (!require(c, c->end - c->at >= sizeof *r, "records end early"))
		return false;
	*r = wx_record_at(c->module, c->at);
	c->at += (uint32_t)sizeof *r;
	return true;
}

/* The next record, one of another record's. */
static bool take_extension(struct check *c, wx_record *r, const char *missing)
{
	return take(c, r) && require(c, r->op == WX_PLAN_EXT, missing);
}

static bool skip(struct check *c, uint64_t size)
{
	if (!require(c, size <= c->end - c->at, "a record's payload ends early"))
		return false;
	c->at += (uint32_t)size;
	return true;
}

static uint32_t function_count(const struct check *c)
{
	return c->header->imported_functions + c->header->functions;
}

/* Constant-expression records. */
static void check_expression(struct check *c, uint32_t records)
{
	wx_record r;
	while (records && take(c, &r)) {
		records--;
		switch (r.op) {
		case WX_OP_I64_CONST:
		case WX_OP_F64_CONST:
			if (require(c, records > 0, "constant without its high word")) {
				records--;
				take_extension(c, &r, "constant without its high word");
			}
			break;
		case WX_OP_REF_FUNC: require(c, r.b < function_count(c), "constant: no such function"); break;
		case WX_OP_GLOBAL_GET: require(c, r.b < c->header->globals, "constant: no such global"); break;
		case WX_OP_I32_CONST:
		case WX_OP_F32_CONST:
		case WX_OP_REF_NULL:
		case WX_OP_I32_ADD:
		case WX_OP_I32_SUB:
		case WX_OP_I32_MUL:
		case WX_OP_I64_ADD:
		case WX_OP_I64_SUB:
		case WX_OP_I64_MUL: break;
		default: require(c, false, "constant: not a constant instruction");
		}
	}
}

/* BYTES records that hold so many bytes in all. */
static void check_pieces(struct check *c, uint64_t bytes, const char *wrong)
{
	wx_record piece;
	while (bytes && take(c, &piece) && require(c, piece.op == WX_PLAN_BYTES && piece.b && piece.b <= bytes, wrong)) {
		bytes -= piece.b;
		skip(c, wx_padded(piece.b));
	}
}

/* ---- a function for each record; `r` has been taken, it is at `at` ---- */

static void check_module(struct check *c, const wx_record *r, uint32_t at)
{
	require(c, r->a == 1 && at == c->header->records, "plan version");
}

static void check_type(struct check *c, const wx_record *r, uint32_t at)
{
	uint64_t values = (uint64_t)r->a + r->b;
	if (!c->types)
		c->module->types = at;
	c->types++;
	if (!require(c, r->b <= 0xFFFF, "type: too many results") || !skip(c, wx_padded(values)))
		return;
	for (uint32_t i = 0; i < values; i++)
		require(c, wx_is_value_type(c->module->image[at + sizeof *r + i]), "type: no such value type");
}

/* The first record of a function, table, memory or global: of a definition, or an import's second. */
static void check_description(struct check *c, const wx_record *r)
{
	wx_record e;
	switch (r->op) {
	case WX_PLAN_FUNCTION_TYPE:
		require(c, r->b < c->types, "function: no such type");
		c->functions++;
		break;
	case WX_PLAN_TABLE:
		require(c, wx_is_reference_type(r->a), "table: not a reference type");
		take_extension(c, &e, "table without maximum");
		c->tables++;
		break;
	case WX_PLAN_MEMORY:
		require(c, r->a >> 8 <= 16, "memory: page size");
		take_extension(c, &e, "memory without maximum");
		take_extension(c, &e, "memory without backed size");
		c->memories++;
		break;
	case WX_PLAN_GLOBAL_TYPE:
		require(c, wx_is_value_type(r->a & 0xFF), "global: no such type");
		c->globals++;
		break;
	default: require(c, false, "import of no such kind");
	}
}

static void check_import(struct check *c, const wx_record *r)
{
	static const uint8_t kinds[] = { WX_PLAN_FUNCTION_TYPE, WX_PLAN_TABLE, WX_PLAN_MEMORY, WX_PLAN_GLOBAL_TYPE };
	wx_record description;
	c->module->imports++;
	if (!require(c, c->defined == 0 && r->a < sizeof kinds, "import of no such kind") || !take(c, &description) ||
		!require(c, description.op == kinds[r->a], "import: description of another kind"))
		return;
	check_description(c, &description);
	skip(c, wx_padded((r->b & 0xFFFF) + (r->b >> 16)));
}

/* Function indices count imports first: these have all come. */
static void check_function(struct check *c, const wx_record *r, uint32_t at)
{
	require(c,
		at == c->header->function_types + 8 * c->defined &&
			(c->defined || c->functions == c->header->imported_functions),
		"function section");
	c->defined++;
	check_description(c, r);
}

static void check_global(struct check *c, const wx_record *r)
{
	check_description(c, r);
	require(c, r->b > 0, "global without value");
	check_expression(c, r->b);
}

static void check_export(struct check *c, const wx_record *r)
{
	const uint32_t limits[] = { function_count(c), c->header->tables, c->header->memories, c->header->globals };
	wx_record name;
	c->module->exports++;
	if (require(c, r->a < sizeof limits / sizeof *limits && r->b < limits[r->a], "export: no such index") &&
		take_extension(c, &name, "export without name"))
		skip(c, wx_padded(name.b));
}

static void check_start(struct check *c, const wx_record *r)
{
	require(c, r->b < function_count(c) && c->header->start == r->b + 1, "start function");
}

/* `limit`: tables or memories. */
static void check_segment_head(struct check *c, const wx_record *r, uint32_t limit)
{
	wx_record e;
	uint32_t mode = r->a & 0xFF;
	if (!take_extension(c, &e, "segment without offset"))
		return;
	require(c, mode < WX_SEGMENT_MODES, "segment: no such mode");
	require(c, mode != WX_SEGMENT_ACTIVE || (e.b < limit && e.a), "segment: no such table or memory");
	check_expression(c, e.a);
}

static void check_element(struct check *c, const wx_record *r)
{
	c->elements++;
	check_segment_head(c, r, c->header->tables);
	for (uint32_t items = r->b; items && !c->wrong; items--)
		check_expression(c, 1);
}

static void check_data(struct check *c, const wx_record *r)
{
	c->data++;
	check_segment_head(c, r, c->header->memories);
	check_pieces(c, r->b, "data: wrong pieces");
}

static void check_custom(struct check *c, const wx_record *r)
{
	skip(c, wx_padded(r->a));
	check_pieces(c, r->b, "custom: wrong pieces");
}

/* The records before the code end: at CODE, or where the flash before the code table is erased. */
static void check_code_mark(struct check *c)
{
	if (require(c, !c->after_code, "no such record"))
		c->at = c->end;
}

static void check_record(struct check *c, const wx_record *r, uint32_t at)
{
	switch (r->op) {
	case WX_PLAN_MODULE: check_module(c, r, at); break;
	case WX_PLAN_TYPE: check_type(c, r, at); break;
	case WX_PLAN_IMPORT: check_import(c, r); break;
	case WX_PLAN_FUNCTION_TYPE: check_function(c, r, at); break;
	case WX_PLAN_TABLE:
	case WX_PLAN_MEMORY: check_description(c, r); break;
	case WX_PLAN_BACKED: c->module->backed = at; break;
	case WX_PLAN_GLOBAL_TYPE: check_global(c, r); break;
	case WX_PLAN_EXPORT: check_export(c, r); break;
	case WX_PLAN_START: check_start(c, r); break;
	case WX_PLAN_ELEMENT: check_element(c, r); break;
	case WX_PLAN_DATA: check_data(c, r); break;
	case WX_PLAN_CUSTOM: check_custom(c, r); break;
	case WX_PLAN_BYTES: require(c, r->b == 0, "bytes of nothing"); break; /* an empty DATA or CUSTOM has one */
	case WX_PLAN_DATA_COUNT:
	case WX_PLAN_EXT: break;
	case WX_PLAN_CODE:
	case WX_RECORD_ERASED: check_code_mark(c); break;
	case WX_PLAN_END_MODULE:
		if (c->after_code)
			c->at = c->end;
		break;
	default: require(c, false, "no such record");
	}
}

/* From `at` to `end`. */
static void check_range(struct check *c, uint32_t at, uint32_t end)
{
	wx_record r;
	c->at = at;
	c->end = end;
	while (c->at != c->end && take(c, &r))
		check_record(c, &r, c->at - (uint32_t)sizeof r);
}

static void check_records(struct check *c)
{
	const struct wx_image_header *h = c->header;
	check_range(c, h->records, h->records + ((h->code_table - h->records) & ~7u));
	c->after_code = true;
	if (!c->wrong)
		check_range(c, h->after, h->size & ~7u);
	require(c,
		c->types == h->types && c->functions == function_count(c) && c->defined == h->functions &&
			c->tables == h->tables && c->memories == h->memories && c->globals == h->globals &&
			c->elements == h->elements && c->data == h->data,
		"counts disagree");
	require(c, h->memories <= 1, "more than one memory");
}

/* ---- code and header ---- */

static void check_code(struct check *c)
{
	const struct wx_image_header *h = c->header;
	uint32_t last = h->code;
	if (!require(c,
			h->code_table % 4 == 0 && h->code_table >= h->records &&
				(uint64_t)h->code_table + 4ull * h->functions <= h->jump_slots &&
				(uint64_t)h->jump_slots + (uint64_t)ISA_JUMP_SIZE * h->functions <= h->code && h->code <= h->code_end,
			"code table"))
		return;
	for (uint32_t i = 0; i < h->functions; i++) {
		uint32_t start = wx_module_code(c->module, i);
		if (!require(c,
				start >= last && start - h->code >= sizeof(struct wx_function_header) && start <= h->code_end &&
					start % ISA_CODE_ALIGN == 0,
				"code table"))
			return;
		uint32_t size = wx_function_header_at(c->module, start).code & 0xFFFFFF;
		if (!require(c, size && size <= h->code_end - start, "function header"))
			return;
		last = start + size;
	}
}

static void check_header(struct check *c)
{
	const struct wx_image_header *h = c->header;
	uint32_t most = h->size / 8;
	require(c, h->magic == WX_IMAGE_MAGIC, "not an image");
	require(c, h->version == WX_IMAGE_VERSION, "other version");
	require(c, h->isa == ISA_NUMBER, "for another machine");
	require(c,
		h->size == c->module->region->size && h->size <= 1u << 28 &&
			h->records >= WX_IMAGE_VECTORS + WX_TRAP_COUNT * ISA_VECTOR_SIZE && h->records <= h->code_table &&
			h->records % 8 == 0 && h->code_table <= h->size && h->code_end <= h->size && h->after >= h->code_end &&
			h->after <= h->size && h->after % 8 == 0,
		"wrong offsets");
	require(c,
		h->functions <= most && h->imported_functions <= most && h->globals <= most && h->tables <= most &&
			h->types <= most && h->elements <= most && h->data <= most && h->argument_slots <= 0xFFFF,
		"wrong counts");
}

bool wx_bad_image(struct wx_error *error, const char *what)
{
	if (error) {
		struct wx_text text = { error->message, sizeof(error->message), 0 };
		error->kind = WX_ERROR_IMAGE;
		wx_text_string(&text, "image: ");
		wx_text_string(&text, what);
	}
	return false;
}

bool wx_check_image(struct wx_module *module, struct wx_error *error)
{
	struct check c = { .module = module, .header = &module->header };
	check_header(&c);
	if (!c.wrong)
		check_code(&c);
	if (!c.wrong)
		check_records(&c);
	return c.wrong ? wx_bad_image(error, c.wrong) : true;
}
