/* Linking: imports are checked against what they are bound to, and bound. */

#include "internal.h"

#include <string.h>

/* ---- messages ---- */

static void text_type(struct wx_text *text, uint8_t type)
{
	switch (type) {
	case WX_I32_TYPE: wx_text_string(text, "i32"); break;
	case WX_I64_TYPE: wx_text_string(text, "i64"); break;
	case WX_F32_TYPE: wx_text_string(text, "f32"); break;
	case WX_F64_TYPE: wx_text_string(text, "f64"); break;
	case WX_FUNCREF_TYPE: wx_text_string(text, "funcref"); break;
	default: wx_text_string(text, "externref");
	}
}

/* Of each list, so that one message has room for two types. */
#define TYPES_SHOWN 10

static void text_types(struct wx_text *text, uint32_t count, const uint8_t *types)
{
	uint32_t i, shown = count > TYPES_SHOWN ? TYPES_SHOWN - 1 : count;
	wx_text_string(text, "(");
	for (i = 0; i < shown; i++) {
		if (i)
			wx_text_string(text, " ");
		text_type(text, types[i]);
	}
	if (shown < count) {
		wx_text_string(text, " and ");
		wx_text_number(text, count - shown);
		wx_text_string(text, " more");
	}
	wx_text_string(text, ")");
}

static void text_function(struct wx_text *text, uint32_t parameters, uint32_t results, const uint8_t *types)
{
	wx_text_string(text, "function ");
	text_types(text, parameters, types);
	wx_text_string(text, " -> ");
	text_types(text, results, types + parameters);
}

static void text_limits(struct wx_text *text, const char *what, uint64_t minimum, bool has_maximum, uint32_t maximum)
{
	wx_text_string(text, what);
	wx_text_string(text, " of ");
	wx_text_number(text, minimum);
	if (has_maximum) {
		wx_text_string(text, " to ");
		wx_text_number(text, maximum);
	}
}

static void text_memory(struct wx_text *text, uint64_t minimum, bool has_maximum, uint32_t maximum, uint8_t page_log2)
{
	text_limits(text, "memory", minimum, has_maximum, maximum);
	wx_text_string(text, " pages");
	if (page_log2 != 16) {
		wx_text_string(text, " of ");
		wx_text_number(text, (uint64_t)1 << page_log2);
		wx_text_string(text, " bytes");
	}
}

static void text_global(struct wx_text *text, uint8_t type, bool mutable_)
{
	wx_text_string(text, mutable_ ? "mutable global " : "global ");
	text_type(text, type);
}

/* import "m" "f": expected <what the module says>, got */
static struct wx_text link_error(struct wx_error *error, const struct wx_external *external)
{
	struct wx_text text = { error->message, sizeof(error->message), 0 };
	error->kind = WX_ERROR_LINK;
	wx_text_string(&text, "import \"");
	wx_text_bytes(&text, external->module.text, external->module.size < 40 ? external->module.size : 40);
	wx_text_string(&text, "\" \"");
	wx_text_bytes(&text, external->name.text, external->name.size < 40 ? external->name.size : 40);
	wx_text_string(&text, "\": expected ");
	switch (external->kind) {
	case WX_EXTERN_FUNCTION: text_function(&text, external->parameters, external->results, external->types); break;
	case WX_EXTERN_TABLE:
		text_limits(&text, external->type == WX_FUNCREF_TYPE ? "funcref table" : "externref table", external->minimum,
			external->has_maximum, external->maximum);
		break;
	case WX_EXTERN_MEMORY:
		text_memory(&text, external->minimum, external->has_maximum, external->maximum, external->page_log2);
		break;
	default: text_global(&text, external->type, external->mutable_);
	}
	wx_text_string(&text, ", got ");
	return text;
}

/* ---- binding ---- */

/* The imports of one instance being linked. */
struct link {
	struct wx_instance *instance;
	const struct wx_import_value *values;
	struct wx_error *error;
	uint32_t next_host;
};

/* What native/emit/inline-pins.c may have emitted in line. */
static bool is_direct(const struct wx_external *external)
{
	return external->module.size == 4 && !memcmp(external->module.text, "iot1", 4) &&
		((external->name.size == 10 && !memcmp(external->name.text, "gpio_write", 10)) ||
			(external->name.size == 9 && !memcmp(external->name.text, "gpio_read", 9)));
}

/* A host function that has a type is linked to imports of that type only. */
static bool check_type(struct link *l, const struct wx_external *external, const struct wx_import_value *value)
{
	struct wx_text text;
	if (!value->types ||
		(value->parameters == external->parameters && value->results == external->results &&
			!memcmp(value->types, external->types, (size_t)value->parameters + value->results)))
		return true;
	text = link_error(l->error, external);
	text_function(&text, value->parameters, value->results, value->types);
	return false;
}

static bool link_function(struct link *l, const struct wx_external *external, const struct wx_import_value *value)
{
	struct wx_instance *instance = l->instance;
	uint32_t index = external->index, type = *wx_instance_type(instance, external->type_index);
	uintptr_t *pair = wx_instance_pair(instance, index);
	struct wx_host_function *host;
	if (!check_type(l, external, value))
		return false;
	if (value->function && !((instance->module->header.flags & WX_IMAGE_DIRECT) && is_direct(external))) {
		if (value->function->type != type) {
			const struct wx_functype *got = wx_functype_get(instance->runtime, (uint32_t)value->function->type);
			struct wx_text text = link_error(l->error, external);
			text_function(&text, got->parameters, got->results, got->types);
			return false;
		}
		pair[0] = value->function->code;
		pair[1] = (uintptr_t)value->function->context;
		instance->imported[index] = value->function;
		return true;
	}
	if ((instance->module->header.flags & WX_IMAGE_DIRECT) && is_direct(external) && !value->registers) {
		struct wx_text text = link_error(l->error, external);
		wx_text_string(&text, "the module was compiled for pins in line: only a board's own function will do");
		return false;
	}
	if (value->registers) {
		if (instance->context[WX_CTX_DIRECT] && instance->context[WX_CTX_DIRECT] != (uintptr_t)value->direct_data) {
			struct wx_text text = link_error(l->error, external);
			wx_text_string(&text, "the module was compiled for pins in line: all its functions must be of one board");
			return false;
		}
		instance->context[WX_CTX_DIRECT] = (uintptr_t)value->direct_data;
	}
	host = instance->host_functions + l->next_host++;
	host->runtime = instance->runtime;
	host->callback = value->callback;
	host->host = value->host;
	host->instance = instance;
	host->type = type;
	wx_functype_retain(instance->runtime, type);
	host->index = index;
	host->direct = value->direct;
	host->direct_data = value->direct_data;
	pair[0] = value->direct ? wx_direct_code(value->direct) : wx_code_address(wx_host_entry);
	pair[1] = (uintptr_t)host;
	return true;
}

static bool link_table(struct link *l, const struct wx_external *external, const struct wx_import_value *value)
{
	struct wx_table *table = value->table;
	if (table->type != external->type || table->size < external->minimum ||
		(external->has_maximum && (!table->has_maximum || table->maximum > external->maximum))) {
		struct wx_text text = link_error(l->error, external);
		text_limits(&text, table->type == WX_FUNCREF_TYPE ? "funcref table" : "externref table", table->size,
			table->has_maximum, table->maximum);
		return false;
	}
	wx_table_retain(table);
	*wx_instance_table_cell(l->instance, external->index) = table;
	return true;
}

static bool link_memory(struct link *l, const struct wx_external *external, const struct wx_import_value *value)
{
	struct wx_linear *memory = value->memory;
	const struct wx_module *module = l->instance->module;
	/* What the module's proofs rest on. A trimmed memory has fewer bytes than its pages say. */
	uint64_t needed = module->backed ? wx_record_at(module, module->backed).b
									 : (uint64_t)external->minimum << external->page_log2;
	if (memory->page_log2 != external->page_log2 || memory->pages < external->minimum || memory->size < needed ||
		(external->has_maximum && (!memory->has_maximum || memory->maximum > external->maximum))) {
		struct wx_text text = link_error(l->error, external);
		text_memory(&text, memory->pages, memory->has_maximum, memory->maximum, memory->page_log2);
		if (memory->size < (uint64_t)memory->pages << memory->page_log2) {
			wx_text_string(&text, ", trimmed to ");
			wx_text_number(&text, memory->size);
			wx_text_string(&text, " bytes");
		}
		return false;
	}
	wx_memory_retain(memory);
	l->instance->memory = memory;
	return true;
}

static bool link_global(struct link *l, const struct wx_external *external, const struct wx_import_value *value)
{
	struct wx_global *global = value->global;
	uint64_t *cell = wx_instance_cell(l->instance, external->index);
	if (global->type != external->type || global->mutable_ != external->mutable_) {
		struct wx_text text = link_error(l->error, external);
		text_global(&text, global->type, global->mutable_);
		return false;
	}
	wx_global_retain(global);
	l->instance->imported_globals[external->index] = global;
	if (global->mutable_)
		*cell = (uintptr_t)global->cell;
	else
		*cell = wx_global_get(global);
	return true;
}

/* By the instance's own types, which are found at once. */
static void describe_function(const struct wx_instance *instance, struct wx_external *external)
{
	const struct wx_functype *type = wx_functype_get(
		instance->runtime, *wx_instance_type(instance, external->type_index));
	external->parameters = type->parameters;
	external->results = type->results;
	external->types = type->types;
}

bool wx_link_imports(struct wx_instance *instance, const struct wx_import_value *values, struct wx_error *error)
{
	static bool (*const linkers[])(struct link *, const struct wx_external *,
		const struct wx_import_value *) = { link_function, link_table, link_memory, link_global };
	static const char *const kinds[] = { "a function", "a table", "a memory", "a global" };
	struct wx_cursor cursor;
	struct wx_external external;
	struct link l = { .instance = instance, .values = values, .error = error };
	memset(&cursor, 0, sizeof(cursor));
	while (wx_module_next_import(instance->module, &cursor, &external)) {
		const struct wx_import_value *value = values + cursor.index - 1;
		bool present = value->kind == WX_EXTERN_FUNCTION ? value->function || value->callback
			: value->kind == WX_EXTERN_TABLE             ? value->table != NULL
			: value->kind == WX_EXTERN_MEMORY            ? value->memory != NULL
														 : value->kind == WX_EXTERN_GLOBAL && value->global != NULL;
		if (external.kind == WX_EXTERN_FUNCTION)
			describe_function(instance, &external);
		if (value->kind != external.kind || !present) {
			struct wx_text text = link_error(error, &external);
			wx_text_string(&text, present ? kinds[value->kind] : "nothing");
			return false;
		}
		if (!linkers[external.kind](&l, &external, value))
			return false;
	}
	return true;
}
