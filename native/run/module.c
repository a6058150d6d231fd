/*
 * Modules: an image, looked at in place. wx_module_new walks all records and tables once, so that later nothing read
 * from the image can lead outside of it or to an index that does not exist. What lies in the code itself is believed:
 * it was written by the emitter.
 */

#include "internal.h"

#include <string.h>

#if defined(__x86_64__)
#define THIS_ISA WX_ISA_X64
#elif defined(__arm__)
#define THIS_ISA WX_ISA_THUMB2
#elif defined(__riscv)
#define THIS_ISA WX_ISA_RV32
#else
#define THIS_ISA WX_ISA_XTENSA
#endif

static uint32_t get32(const uint8_t *at)
{
	uint32_t v;
	memcpy(&v, at, sizeof(v));
	return v;
}

struct wx_record wx_record_at(const struct wx_module *module, uint32_t offset)
{
	struct wx_record r;
	memcpy(&r, module->image + offset, sizeof(r));
	return r;
}

static uint32_t padded(uint32_t size)
{
	return (size + 7) & ~7u;
}

/* Bytes of payload right behind a record. IMPORT's and EXPORT's lie further on: see import_at, export_at. */
static uint32_t payload(const struct wx_record *r)
{
	switch (r->op) {
	case WX_PLAN_TYPE: return padded(r->a + r->b);
	case WX_PLAN_BYTES: return padded(r->b);
	case WX_PLAN_CUSTOM: return padded(r->a);
	}
	return 0;
}

#define PADDING 0xFF /* erased flash between the records and the code table */

static bool is_wide(uint8_t op)
{
	return op == WX_OP_I64_CONST || op == WX_OP_F64_CONST;
}

/* ---- checking ---- */

struct check {
	struct wx_module *module;
	uint32_t at;
	uint32_t end;
	const char *wrong;
	uint32_t functions, tables, memories, globals; /* of imports and definitions so far */
	uint32_t types, defined, elements, data;
};

static bool take(struct check *c, struct wx_record *r)
{
	if (c->wrong || c->end - c->at < 8) {
		if (!c->wrong)
			c->wrong = "records end early";
		return false;
	}
	*r = wx_record_at(c->module, c->at);
	c->at += 8;
	return true;
}

static bool skip(struct check *c, uint64_t size)
{
	if (c->wrong)
		return false;
	if (size > c->end - c->at) {
		c->wrong = "a record's payload ends early";
		return false;
	}
	c->at += (uint32_t)size;
	return true;
}

static bool require(struct check *c, bool condition, const char *wrong)
{
	if (!c->wrong && !condition)
		c->wrong = wrong;
	return !c->wrong;
}

/* Constant-expression records. */
static void check_expression(struct check *c, uint32_t records)
{
	struct wx_record r;
	while (records && take(c, &r)) {
		records--;
		switch (r.op) {
		case WX_OP_I64_CONST:
		case WX_OP_F64_CONST:
			if (require(c, records > 0, "constant without its high word") && take(c, &r)) {
				records--;
				require(c, r.op == WX_PLAN_EXT, "constant without its high word");
			}
			break;
		case WX_OP_REF_FUNC:
			require(c, r.b < c->module->header.imported_functions + c->module->header.functions,
				"constant: no such function");
			break;
		case WX_OP_GLOBAL_GET: require(c, r.b < c->module->header.globals, "constant: no such global"); break;
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

/* The record of a table, memory, global or function, `r` being its first. */
static void check_description(struct check *c, struct wx_record *r)
{
	struct wx_record e;
	switch (r->op) {
	case WX_PLAN_FUNCTION_TYPE:
		require(c, r->b < c->types, "function: no such type");
		c->functions++;
		break;
	case WX_PLAN_TABLE:
		require(c, wx_is_reference_type(r->a), "table: not a reference type");
		if (take(c, &e))
			require(c, e.op == WX_PLAN_EXT, "table without maximum");
		c->tables++;
		break;
	case WX_PLAN_MEMORY:
		require(c, r->a >> 8 <= 16, "memory: page size");
		if (take(c, &e))
			require(c, e.op == WX_PLAN_EXT, "memory without maximum");
		if (take(c, &e))
			require(c, e.op == WX_PLAN_EXT, "memory without backed size");
		c->memories++;
		break;
	case WX_PLAN_GLOBAL_TYPE:
		require(c, wx_is_value_type(r->a & 0xFF), "global: no such type");
		c->globals++;
		break;
	default: require(c, false, "import of no such kind");
	}
}

static void check_segment_head(struct check *c, const struct wx_record *r, uint32_t limit)
{
	struct wx_record e;
	if (!take(c, &e) || !require(c, e.op == WX_PLAN_EXT, "segment without offset"))
		return;
	require(c, (r->a & 0xFF) <= 2, "segment: no such mode");
	require(c, (r->a & 0xFF) != 0 || (e.b < limit && e.a), "segment: no such table or memory");
	check_expression(c, e.a);
}

static void check_records(struct check *c)
{
	const struct wx_image_header *h = &c->module->header;
	struct wx_record r, e;
	bool after = false;
	/* behind IMPORT records come defined functions, so the counts of imports must be known by then */
	while (!c->wrong) {
		uint32_t at = c->at;
		if (c->at == c->end) {
			if (after)
				break;
			after = true;
			c->at = h->after;
			c->end = h->size & ~7u;
			continue;
		}
		if (!take(c, &r))
			break;
		switch (r.op) {
		case WX_PLAN_MODULE: require(c, r.a == 1 && at == h->records, "plan version"); break;
		case WX_PLAN_TYPE: {
			uint32_t i, n = r.a + r.b;
			if (!c->types)
				c->module->types = at;
			c->types++;
			if (!require(c, r.b <= 0xFFFF, "type: too many results") || !skip(c, padded(n)))
				break;
			for (i = 0; i < n; i++)
				require(c, wx_is_value_type(c->module->image[at + 8 + i]), "type: no such value type");
			break;
		}
		case WX_PLAN_IMPORT:
			c->module->imports++;
			require(c, c->defined == 0 && r.a <= 3, "import of no such kind");
			if (take(c, &e)) {
				static const uint8_t kinds[] = { WX_PLAN_FUNCTION_TYPE, WX_PLAN_TABLE, WX_PLAN_MEMORY,
					WX_PLAN_GLOBAL_TYPE };
				if (!require(c, e.op == kinds[r.a & 3], "import: description of another kind"))
					break;
				check_description(c, &e);
			}
			skip(c, padded((r.b & 0xFFFF) + (r.b >> 16)));
			break;
		case WX_PLAN_FUNCTION_TYPE:
			if (!c->defined)
				require(c, at == h->function_types && c->functions == h->imported_functions, "function section");
			require(c, at == h->function_types + 8 * c->defined, "function section");
			c->defined++;
			check_description(c, &r);
			break;
		case WX_PLAN_TABLE:
		case WX_PLAN_MEMORY: check_description(c, &r); break;
		case WX_PLAN_GLOBAL_TYPE:
			check_description(c, &r);
			require(c, r.b > 0, "global without value");
			check_expression(c, r.b);
			break;
		case WX_PLAN_EXPORT: {
			const uint32_t limits[] = { h->imported_functions + h->functions, h->tables, h->memories, h->globals };
			c->module->exports++;
			require(c, r.a <= 3 && r.b < limits[r.a & 3], "export: no such index");
			if (take(c, &e) && require(c, e.op == WX_PLAN_EXT, "export without name"))
				skip(c, ((uint64_t)e.b + 7) & ~(uint64_t)7);
			break;
		}
		case WX_PLAN_START:
			require(c, r.b < h->imported_functions + h->functions && h->start == r.b + 1, "start function");
			break;
		case WX_PLAN_ELEMENT:
			c->elements++;
			check_segment_head(c, &r, h->tables);
			{
				uint32_t items = r.b;
				while (items-- && !c->wrong) {
					check_expression(c, 1);
				}
			}
			break;
		case WX_PLAN_DATA:
			c->data++;
			check_segment_head(c, &r, h->memories);
			{
				uint64_t left = r.b;
				while (left && take(c, &e)) {
					if (!require(c, e.op == WX_PLAN_BYTES && e.b && e.b <= left, "data: wrong pieces"))
						break;
					left -= e.b;
					skip(c, ((uint64_t)e.b + 7) & ~(uint64_t)7);
				}
			}
			break;
		case WX_PLAN_CUSTOM:
			skip(c, padded(r.a));
			{
				uint64_t left = r.b;
				while (left && take(c, &e)) {
					if (!require(c, e.op == WX_PLAN_BYTES && e.b && e.b <= left, "custom: wrong pieces"))
						break;
					left -= e.b;
					skip(c, ((uint64_t)e.b + 7) & ~(uint64_t)7);
				}
			}
			break;
		case WX_PLAN_BACKED: c->module->backed = at; break;
		case WX_PLAN_BYTES: /* an empty piece of an empty DATA or CUSTOM */
			require(c, r.b == 0, "bytes of nothing");
			break;
		case WX_PLAN_DATA_COUNT:
		case WX_PLAN_EXT: break;
		case WX_PLAN_CODE:
		case PADDING:
			if (!after)
				c->at = c->end;
			else
				require(c, false, "no such record");
			break;
		case WX_PLAN_END_MODULE:
			if (after)
				c->at = c->end;
			break;
		default: require(c, false, "no such record");
		}
	}
	require(c,
		c->types == h->types && c->functions == h->imported_functions + h->functions && c->defined == h->functions &&
			c->tables == h->tables && c->memories == h->memories && c->globals == h->globals &&
			c->elements == h->elements && c->data == h->data,
		"counts disagree");
	require(c, h->memories <= 1, "more than one memory");
}

static void check_code(struct check *c)
{
	const struct wx_image_header *h = &c->module->header;
	const uint8_t *image = c->module->image;
	uint32_t i, last = h->code;
	if (!require(c,
			h->code_table % 4 == 0 && h->code_table >= h->records &&
				(uint64_t)h->code_table + 4ull * h->functions <= h->jump_slots &&
				(uint64_t)h->jump_slots + (uint64_t)ISA_JUMP_SIZE * h->functions <= h->code && h->code <= h->code_end,
			"code table"))
		return;
	for (i = 0; i < h->functions && !c->wrong; i++) {
		uint32_t start = get32(image + h->code_table + 4 * i), size;
		if (!require(c, start >= last && start - h->code >= 8 && start <= h->code_end && start % ISA_CODE_ALIGN == 0,
				"code table"))
			return;
		size = get32(image + start - 8) & 0xFFFFFF;
		if (!require(c, size && size <= h->code_end - start, "function header"))
			return;
		last = start + size;
	}
}

static bool bad_image(struct wx_error *error, const char *what)
{
	if (error) {
		struct wx_text text = { error->message, sizeof(error->message), 0 };
		error->kind = WX_ERROR_IMAGE;
		wx_text_string(&text, "image: ");
		wx_text_string(&text, what);
	}
	return false;
}

static bool check(struct wx_module *module, struct wx_error *error)
{
	const struct wx_image_header *h = &module->header;
	struct check c;
	memset(&c, 0, sizeof(c));
	c.module = module;
	if (h->magic != WX_IMAGE_MAGIC)
		return bad_image(error, "not an image");
	if (h->version != WX_IMAGE_VERSION)
		return bad_image(error, "other version");
	if (h->isa != THIS_ISA)
		return bad_image(error, "for another machine");
	if (h->size != module->region->size || h->size > 1u << 28 ||
		h->records < WX_IMAGE_VECTORS + WX_TRAP_COUNT * ISA_VECTOR_SIZE || h->records > h->code_table ||
		h->records % 8 || h->code_table > h->size || h->code_end > h->size || h->after < h->code_end ||
		h->after > h->size || h->after % 8)
		return bad_image(error, "wrong offsets");
	if (h->functions > h->size / 8 || h->imported_functions > h->size / 8 || h->globals > h->size / 8 ||
		h->tables > h->size / 8 || h->types > h->size / 8 || h->elements > h->size / 8 || h->data > h->size / 8 ||
		h->argument_slots > 0xFFFF)
		return bad_image(error, "wrong counts");
	check_code(&c);
	c.at = h->records;
	c.end = h->records + ((h->code_table - h->records) & ~7u);
	if (!c.wrong)
		check_records(&c);
	if (c.wrong)
		return bad_image(error, c.wrong);
	return true;
}

/* ---- modules ---- */

struct wx_module *wx_module_new(struct wx_runtime *runtime, struct wx_region *region, struct wx_error *error)
{
	struct wx_module *module;
	if (!region->published || region->size < sizeof(struct wx_image_header)) {
		bad_image(error, "not published");
		return NULL;
	}
	module = wx_calloc(runtime->alloc, 1, sizeof(*module));
	if (!module) {
		wx_error_set(error, WX_ERROR_MEMORY, "out of memory: module");
		return NULL;
	}
	module->runtime = runtime;
	module->region = region;
	module->image = region->base;
	module->references = 1;
	memcpy(&module->header, module->image, sizeof(module->header));
	if (!check(module, error)) {
		wx_free(runtime->alloc, module);
		return NULL;
	}
	module->next = runtime->modules;
	runtime->modules = module;
	return module;
}

struct wx_module *wx_module_built_in(
	struct wx_runtime *runtime, const void *image, uint32_t size, struct wx_error *error)
{
	struct wx_region *region = wx_calloc(runtime->alloc, 1, sizeof(*region));
	struct wx_module *module;
	if (!region) {
		wx_error_set(error, WX_ERROR_MEMORY, "out of memory: module");
		return NULL;
	}
	region->base = (uint8_t *)(uintptr_t)image;
	region->size = size;
	region->published = true;
	module = wx_module_new(runtime, region, error);
	if (!module) {
		wx_free(runtime->alloc, region);
		return NULL;
	}
	runtime->built_in = image;
	runtime->built_in_size = size;
	return module;
}

void wx_module_retain(struct wx_module *module)
{
	module->references++;
}

void wx_module_release(struct wx_module *module)
{
	struct wx_module **link;
	if (--module->references)
		return;
	for (link = &module->runtime->modules; *link != module;)
		link = &(*link)->next;
	*link = module->next;
	if (module->region->flash)
		wx_region_release(module->region);
	else {
		module->runtime->built_in_size = 0;
		wx_free(module->runtime->alloc, module->region);
	}
	wx_free(module->runtime->alloc, module);
}

struct wx_region *wx_module_region(const struct wx_module *module)
{
	return module->region;
}

uint32_t wx_module_import_count(const struct wx_module *module)
{
	return module->imports;
}

uint32_t wx_module_export_count(const struct wx_module *module)
{
	return module->exports;
}

/* ---- records ---- */

uint32_t wx_record_next(const struct wx_module *module, uint32_t offset)
{
	struct wx_record r = wx_record_at(module, offset), e;
	uint32_t next = offset + 8 + payload(&r);
	if (r.op == WX_PLAN_IMPORT) {
		e = wx_record_at(module, next);
		next += e.op == WX_PLAN_MEMORY ? 24 : e.op == WX_PLAN_TABLE ? 16 : 8;
		next += padded((r.b & 0xFFFF) + (r.b >> 16));
	} else if (r.op == WX_PLAN_EXPORT) {
		e = wx_record_at(module, next);
		next += 8 + padded(e.b);
	} else if (is_wide(r.op))
		next += 8;
	/* the walk over the records before the code goes on with those after it */
	if (offset < module->header.code_table) {
		uint8_t op = PADDING;
		if (next < (module->header.code_table & ~7u))
			op = wx_record_at(module, next).op;
		if (op == PADDING || op == WX_PLAN_CODE)
			next = module->header.after;
	}
	return next;
}

/* The walks over records end here: at END_MODULE. */
static bool at_end(const struct wx_module *module, uint32_t offset)
{
	return offset + 8 > module->header.size || wx_record_at(module, offset).op == WX_PLAN_END_MODULE;
}

static uint32_t first_record(const struct wx_module *module)
{
	if (module->header.code_table - module->header.records < 8)
		return module->header.after;
	return module->header.records;
}

bool wx_module_type(
	const struct wx_module *module, uint32_t index, uint32_t *parameters, uint32_t *results, const uint8_t **types)
{
	uint32_t at = module->types;
	if (index >= module->header.types)
		return false;
	for (;;) {
		struct wx_record r = wx_record_at(module, at);
		if (r.op == WX_PLAN_TYPE && index-- == 0) {
			*parameters = r.a;
			*results = r.b;
			*types = module->image + at + 8;
			return true;
		}
		at = wx_record_next(module, at);
	}
}

uint32_t wx_module_function_type(const struct wx_module *module, uint32_t defined)
{
	return wx_record_at(module, module->header.function_types + 8 * defined).b;
}

uint32_t wx_module_code(const struct wx_module *module, uint32_t defined)
{
	return get32(module->image + module->header.code_table + 4 * defined);
}

uint32_t wx_module_near_entry(const struct wx_module *module, uint32_t defined)
{
	return get32(module->image + wx_module_code(module, defined) - sizeof(struct wx_function_header)) >> 24;
}

bool wx_module_function_at(const struct wx_module *module, uint32_t offset, uint32_t *defined)
{
	uint32_t low = 0, high = module->header.functions, start;
	if (!high || offset < wx_module_code(module, 0))
		return false;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;
		if (wx_module_code(module, middle) <= offset)
			low = middle;
		else
			high = middle;
	}
	start = wx_module_code(module, low);
	*defined = low;
	return offset - start < (get32(module->image + start - 8) & 0xFFFFFF);
}

uint32_t wx_module_segment(struct wx_module *module, int kind, uint32_t index)
{
	uint8_t op = kind ? WX_PLAN_DATA : WX_PLAN_ELEMENT;
	uint32_t at = first_record(module), count = 0;
	if (module->segment_offset[kind] && module->segment_index[kind] <= index) {
		at = module->segment_offset[kind];
		count = module->segment_index[kind];
	}
	for (;; at = wx_record_next(module, at)) {
		if (wx_record_at(module, at).op != op)
			continue;
		if (count == index)
			break;
		count++;
	}
	module->segment_offset[kind] = at;
	module->segment_index[kind] = index;
	return at;
}

/* ---- imports, exports ---- */

static void describe_function(const struct wx_module *module, uint32_t type, struct wx_external *external)
{
	wx_module_type(module, type, &external->parameters, &external->results, &external->types);
}

/* Fill in from a TABLE, MEMORY, GLOBAL_TYPE or FUNCTION_TYPE record. */
static void describe(const struct wx_module *module, uint32_t at, struct wx_external *external)
{
	struct wx_record r = wx_record_at(module, at), e;
	switch (r.op) {
	case WX_PLAN_FUNCTION_TYPE: describe_function(module, r.b, external); break;
	case WX_PLAN_TABLE:
		e = wx_record_at(module, at + 8);
		external->type = (uint8_t)r.a;
		external->minimum = r.b;
		external->has_maximum = e.a & 1;
		external->maximum = e.b;
		break;
	case WX_PLAN_MEMORY:
		e = wx_record_at(module, at + 8);
		external->page_log2 = (uint8_t)(r.a >> 8);
		external->minimum = r.b;
		external->has_maximum = r.a & 1;
		external->maximum = e.b;
		break;
	case WX_PLAN_GLOBAL_TYPE:
		external->type = (uint8_t)r.a;
		external->mutable_ = (r.a >> 8) & 1;
		break;
	}
}

static const uint8_t description_ops[] = { WX_PLAN_FUNCTION_TYPE, WX_PLAN_TABLE, WX_PLAN_MEMORY, WX_PLAN_GLOBAL_TYPE };

/* Record that describes item `index` of an index space, imports included. */
static uint32_t find_description(const struct wx_module *module, uint8_t kind, uint32_t index)
{
	uint32_t at;
	if (kind == WX_EXTERN_FUNCTION && index >= module->header.imported_functions)
		return module->header.function_types + 8 * (index - module->header.imported_functions);
	for (at = first_record(module);; at = wx_record_next(module, at)) {
		struct wx_record r = wx_record_at(module, at);
		if (r.op == WX_PLAN_IMPORT ? r.a == kind : r.op == description_ops[kind]) {
			if (index-- == 0)
				return r.op == WX_PLAN_IMPORT ? at + 8 : at;
		}
	}
}

bool wx_module_next_import(const struct wx_module *module, struct wx_cursor *cursor, struct wx_external *external)
{
	uint32_t at = cursor->offset ? cursor->offset : first_record(module);
	if (cursor->index >= module->imports)
		return false;
	for (;; at = wx_record_next(module, at)) {
		struct wx_record r = wx_record_at(module, at);
		uint32_t names;
		if (r.op != WX_PLAN_IMPORT)
			continue;
		memset(external, 0, sizeof(*external));
		external->kind = (uint8_t)r.a;
		external->index = cursor->counts[r.a]++;
		describe(module, at + 8, external);
		cursor->offset = wx_record_next(module, at);
		names = at + 8 + (r.a == WX_EXTERN_MEMORY ? 24u : r.a == WX_EXTERN_TABLE ? 16u : 8u);
		external->module.text = (const char *)module->image + names;
		external->module.size = r.b & 0xFFFF;
		external->name.text = external->module.text + external->module.size;
		external->name.size = r.b >> 16;
		cursor->index++;
		return true;
	}
}

bool wx_module_next_export(const struct wx_module *module, struct wx_cursor *cursor, struct wx_external *external)
{
	uint32_t at = cursor->offset ? cursor->offset : first_record(module);
	if (cursor->index >= module->exports)
		return false;
	for (;; at = wx_record_next(module, at)) {
		struct wx_record r = wx_record_at(module, at);
		if (r.op != WX_PLAN_EXPORT)
			continue;
		memset(external, 0, sizeof(*external));
		external->kind = (uint8_t)r.a;
		external->index = r.b;
		describe(module, find_description(module, external->kind, external->index), external);
		external->name.text = (const char *)module->image + at + 16;
		external->name.size = wx_record_at(module, at + 8).b;
		cursor->offset = wx_record_next(module, at);
		cursor->index++;
		return true;
	}
}

bool wx_module_find_export(
	const struct wx_module *module, const char *name, uint32_t size, struct wx_external *external)
{
	struct wx_cursor cursor;
	memset(&cursor, 0, sizeof(cursor));
	while (wx_module_next_export(module, &cursor, external))
		if (external->name.size == size && (!size || memcmp(external->name.text, name, size) == 0))
			return true;
	return false;
}

/* ---- custom sections ---- */

bool wx_module_next_custom(
	const struct wx_module *module, struct wx_cursor *cursor, const char *name, uint32_t size, struct wx_custom *custom)
{
	uint32_t at = cursor->offset ? cursor->offset : first_record(module);
	for (; !at_end(module, at); at = wx_record_next(module, at)) {
		struct wx_record r = wx_record_at(module, at);
		if (r.op != WX_PLAN_CUSTOM || r.a != size || (size && memcmp(module->image + at + 8, name, size) != 0))
			continue;
		custom->offset = at;
		custom->size = r.b;
		cursor->offset = wx_record_next(module, at);
		cursor->index++;
		return true;
	}
	cursor->offset = at;
	return false;
}

/* Copy from the BYTES records that begin at `at`. */
static bool read_pieces(const struct wx_module *module, uint32_t at, uint32_t from, uint8_t *to, uint32_t size)
{
	while (size) {
		struct wx_record r = wx_record_at(module, at);
		if (r.op != WX_PLAN_BYTES)
			return false;
		if (from < r.b) {
			uint32_t n = r.b - from < size ? r.b - from : size;
			memcpy(to, module->image + at + 8 + from, n);
			to += n;
			size -= n;
			from += n;
		}
		from -= r.b;
		at = wx_record_next(module, at);
	}
	return true;
}

bool wx_module_custom_read(
	const struct wx_module *module, const struct wx_custom *custom, uint32_t from, void *data, uint32_t size)
{
	if (from > custom->size || size > custom->size - from)
		return false;
	return read_pieces(module, wx_record_next(module, custom->offset), from, data, size);
}

struct reader {
	const struct wx_module *module;
	struct wx_custom custom;
	uint32_t at;
	bool failed;
};

static uint32_t read_number(struct reader *r)
{
	uint32_t value = 0, shift = 0;
	uint8_t byte = 0;
	do {
		if (shift > 28 || !wx_module_custom_read(r->module, &r->custom, r->at, &byte, 1)) {
			r->failed = true;
			return 0;
		}
		r->at++;
		value |= (uint32_t)(byte & 0x7F) << shift;
		shift += 7;
	} while (byte & 0x80);
	return value;
}

/* Cut to the buffer, at a character's boundary. */
static uint32_t fit(const char *name, uint32_t length, uint32_t size)
{
	if (length >= size) {
		length = size - 1;
		while (length && ((uint8_t)name[length] & 0xC0) == 0x80)
			length--;
	}
	return length;
}

static uint32_t name_from_section(const struct wx_module *module, uint32_t function, char *text, uint32_t size)
{
	struct wx_cursor cursor;
	struct reader r;
	memset(&cursor, 0, sizeof(cursor));
	memset(&r, 0, sizeof(r));
	r.module = module;
	if (!wx_module_next_custom(module, &cursor, "name", 4, &r.custom))
		return 0;
	while (!r.failed && r.at < r.custom.size) {
		uint8_t id = 0;
		uint32_t length, count;
		if (!wx_module_custom_read(module, &r.custom, r.at, &id, 1))
			break;
		r.at++;
		length = read_number(&r);
		if (r.failed || length > r.custom.size - r.at)
			break;
		if (id != 1) {
			r.at += length;
			continue;
		}
		for (count = read_number(&r); count && !r.failed; count--) {
			uint32_t index = read_number(&r), n = read_number(&r);
			if (r.failed || n > r.custom.size - r.at)
				return 0;
			if (index == function) {
				uint32_t most = n < size ? n : size - 1;
				if (!wx_module_custom_read(module, &r.custom, r.at, text, most))
					return 0;
				text[most] = 0;
				if (most < n) {
					/* one more character tells where the last one began */
					uint8_t next = 0;
					wx_module_custom_read(module, &r.custom, r.at + most, &next, 1);
					if ((next & 0xC0) == 0x80) {
						while (most && ((uint8_t)text[most - 1] & 0xC0) == 0x80)
							most--;
						if (most)
							most--;
						text[most] = 0;
					}
				}
				return most;
			}
			r.at += n;
		}
		break;
	}
	return 0;
}

uint32_t wx_module_function_name(const struct wx_module *module, uint32_t function, char *text, uint32_t size)
{
	struct wx_cursor cursor;
	uint32_t length, at;
	if (!size)
		return 0;
	text[0] = 0;
	length = name_from_section(module, function, text, size);
	if (length)
		return length;
	memset(&cursor, 0, sizeof(cursor));
	for (at = first_record(module); !at_end(module, at); at = wx_record_next(module, at)) {
		struct wx_record r = wx_record_at(module, at);
		if (r.op == WX_PLAN_EXPORT && r.a == WX_EXTERN_FUNCTION && r.b == function) {
			const char *name = (const char *)module->image + at + 16;
			length = fit(name, wx_record_at(module, at + 8).b, size);
			memcpy(text, name, length);
			text[length] = 0;
			return length;
		}
	}
	/* an import's name */
	if (function < module->header.imported_functions) {
		struct wx_external external;
		while (wx_module_next_import(module, &cursor, &external)) {
			if (external.kind != WX_EXTERN_FUNCTION || external.index != function)
				continue;
			length = fit(external.name.text, external.name.size, size);
			memcpy(text, external.name.text, length);
			text[length] = 0;
			return length;
		}
	}
	return 0;
}
