/* Modules: an image, looked at in place. check-image.c has made sure that nothing read from it leads outside of it. */

#include "internal.h"

#include <string.h>

wx_record wx_record_at(const struct wx_module *module, uint32_t offset)
{
	wx_record r;
	memcpy(&r, module->image + offset, sizeof(r));
	return r;
}

/* Bytes of payload right behind a record. IMPORT's and EXPORT's lie further on: see import_at, export_at. */
static uint32_t payload(const wx_record *r)
{
	switch (r->op) {
	case WX_PLAN_TYPE: return (uint32_t)wx_padded(r->a + r->b);
	case WX_PLAN_BYTES: return (uint32_t)wx_padded(r->b);
	case WX_PLAN_CUSTOM: return (uint32_t)wx_padded(r->a);
	}
	return 0;
}

static bool is_wide(uint8_t op)
{
	return op == WX_OP_I64_CONST || op == WX_OP_F64_CONST;
}

/* ---- modules ---- */

struct wx_module *wx_module_new(struct wx_runtime *runtime, struct wx_region *region, struct wx_error *error)
{
	struct wx_module *module;
	if (!region->published || region->size < sizeof(struct wx_image_header)) {
		wx_bad_image(error, "not published");
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
	if (!wx_check_image(module, error)) {
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
	wx_record r = wx_record_at(module, offset), e;
	uint32_t next = offset + 8 + payload(&r);
	if (r.op == WX_PLAN_IMPORT) {
		e = wx_record_at(module, next);
		next += e.op == WX_PLAN_MEMORY ? 24 : e.op == WX_PLAN_TABLE ? 16 : 8;
		next += (uint32_t)wx_padded((r.b & 0xFFFF) + (r.b >> 16));
	} else if (r.op == WX_PLAN_EXPORT) {
		e = wx_record_at(module, next);
		next += 8 + (uint32_t)wx_padded(e.b);
	} else if (is_wide(r.op))
		next += 8;
	/* the walk over the records before the code goes on with those after it */
	if (offset < module->header.code_table) {
		uint8_t op = WX_RECORD_ERASED;
		if (next < (module->header.code_table & ~7u))
			op = wx_record_at(module, next).op;
		if (op == WX_RECORD_ERASED || op == WX_PLAN_CODE)
			next = module->header.after;
	}
	return next;
}

bool wx_record_ends(const struct wx_module *module, uint32_t offset)
{
	return offset + 8 > module->header.size || wx_record_at(module, offset).op == WX_PLAN_END_MODULE;
}

uint32_t wx_record_first(const struct wx_module *module)
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
		wx_record r = wx_record_at(module, at);
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
	uint32_t start;
	memcpy(&start, module->image + module->header.code_table + 4 * defined, sizeof start);
	return start;
}

struct wx_function_header wx_function_header_at(const struct wx_module *module, uint32_t start)
{
	struct wx_function_header header;
	memcpy(&header, module->image + start - sizeof header, sizeof header);
	return header;
}

uint32_t wx_module_near_entry(const struct wx_module *module, uint32_t defined)
{
	return wx_function_header_at(module, wx_module_code(module, defined)).code >> 24;
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
	return offset - start < (wx_function_header_at(module, start).code & 0xFFFFFF);
}

uint32_t wx_module_segment(struct wx_module *module, int kind, uint32_t index)
{
	uint8_t op = kind ? WX_PLAN_DATA : WX_PLAN_ELEMENT;
	uint32_t at = wx_record_first(module), count = 0;
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

/* Fill in from a TABLE, MEMORY, GLOBAL_TYPE or FUNCTION_TYPE record; of the last no more than the type's index. */
static void describe(const struct wx_module *module, uint32_t at, struct wx_external *external)
{
	wx_record r = wx_record_at(module, at), e;
	switch (r.op) {
	case WX_PLAN_FUNCTION_TYPE: external->type_index = r.b; break;
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
	for (at = wx_record_first(module);; at = wx_record_next(module, at)) {
		wx_record r = wx_record_at(module, at);
		if (r.op == WX_PLAN_IMPORT ? r.a == kind : r.op == description_ops[kind]) {
			if (index-- == 0)
				return r.op == WX_PLAN_IMPORT ? at + 8 : at;
		}
	}
}

void wx_module_describe(const struct wx_module *module, struct wx_external *external)
{
	if (!external->description)
		describe(module, find_description(module, external->kind, external->index), external);
	if (external->kind == WX_EXTERN_FUNCTION)
		wx_module_type(module, external->type_index, &external->parameters, &external->results, &external->types);
}

bool wx_module_next_import(const struct wx_module *module, struct wx_cursor *cursor, struct wx_external *external)
{
	uint32_t at = cursor->offset ? cursor->offset : wx_record_first(module);
	if (cursor->index >= module->imports)
		return false;
	for (;; at = wx_record_next(module, at)) {
		wx_record r = wx_record_at(module, at);
		uint32_t names;
		if (r.op != WX_PLAN_IMPORT)
			continue;
		memset(external, 0, sizeof(*external));
		external->kind = (uint8_t)r.a;
		external->index = cursor->counts[r.a]++;
		external->description = at + 8;
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
	uint32_t at = cursor->offset ? cursor->offset : wx_record_first(module);
	if (cursor->index >= module->exports)
		return false;
	for (;; at = wx_record_next(module, at)) {
		wx_record r = wx_record_at(module, at);
		if (r.op != WX_PLAN_EXPORT)
			continue;
		memset(external, 0, sizeof(*external));
		external->kind = (uint8_t)r.a;
		external->index = r.b;
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
	while (wx_module_next_export(module, &cursor, external)) {
		if (external->name.size != size || (size && memcmp(external->name.text, name, size) != 0))
			continue;
		wx_module_describe(module, external);
		return true;
	}
	return false;
}

/* ---- custom sections ---- */

bool wx_module_next_custom(
	const struct wx_module *module, struct wx_cursor *cursor, const char *name, uint32_t size, struct wx_custom *custom)
{
	uint32_t at = cursor->offset ? cursor->offset : wx_record_first(module);
	for (; !wx_record_ends(module, at); at = wx_record_next(module, at)) {
		wx_record r = wx_record_at(module, at);
		if (r.op != WX_PLAN_CUSTOM || r.a != size || (size && memcmp(module->image + at + 8, name, size) != 0))
			continue;
		custom->offset = at;
		custom->size = r.b;
		custom->piece = 0;
		cursor->offset = wx_record_next(module, at);
		cursor->index++;
		return true;
	}
	cursor->offset = at;
	return false;
}

bool wx_module_custom_read(
	const struct wx_module *module, struct wx_custom *custom, uint32_t from, void *data, uint32_t size)
{
	uint8_t *to = data;
	if (from > custom->size || size > custom->size - from)
		return false;
	if (!custom->piece || from < custom->passed) {
		custom->piece = wx_record_next(module, custom->offset);
		custom->passed = 0;
	}
	while (size) {
		wx_record r = wx_record_at(module, custom->piece);
		uint32_t skipped = from - custom->passed, n;
		if (r.op != WX_PLAN_BYTES)
			return false;
		if (skipped >= r.b) {
			custom->passed += r.b;
			custom->piece = wx_record_next(module, custom->piece);
			continue;
		}
		n = r.b - skipped < size ? r.b - skipped : size;
		memcpy(to, module->image + custom->piece + 8 + skipped, n);
		to += n;
		size -= n;
		from += n;
	}
	return true;
}
