/* Instances: linking, segments, functions, marking. */

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

/* ---- building ---- */

static uint64_t *cell_of(struct wx_instance *instance, uint32_t global)
{
	return (uint64_t *)(void *)((uint8_t *)instance->context + instance->layout.globals) + global;
}

static uintptr_t *function_pair(struct wx_instance *instance, uint32_t function)
{
	return (uintptr_t *)(void *)((uint8_t *)instance->context + instance->layout.functions) + 2 * function;
}

static struct wx_table **table_of(struct wx_instance *instance, uint32_t table)
{
	return (struct wx_table **)(void *)((uint8_t *)instance->context + instance->layout.tables) + table;
}

static uint32_t *type_of(struct wx_instance *instance, uint32_t type)
{
	return (uint32_t *)(void *)((uint8_t *)instance->context + instance->layout.types) + type;
}

static bool out_of_memory(struct wx_error *error)
{
	return wx_error_set(error, WX_ERROR_MEMORY, "out of memory: instance");
}

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
	uint32_t index = external->index;
	uintptr_t *pair = function_pair(instance, index);
	struct wx_host_function *host;
	uint32_t type;
	if (!check_type(l, external, value))
		return false;
	type = wx_functype_new(instance->runtime, external->parameters, external->results, external->types);
	if (!type)
		return out_of_memory(l->error);
	if (value->function && !((instance->module->header.flags & WX_IMAGE_DIRECT) && is_direct(external))) {
		bool same = value->function->type == type;
		wx_functype_release(instance->runtime, type);
		if (!same) {
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
		wx_functype_release(instance->runtime, type);
		return false;
	}
	if (value->registers) {
		if (instance->context[WX_CTX_DIRECT] && instance->context[WX_CTX_DIRECT] != (uintptr_t)value->direct_data) {
			struct wx_text text = link_error(l->error, external);
			wx_text_string(&text, "the module was compiled for pins in line: all its functions must be of one board");
			wx_functype_release(instance->runtime, type);
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
	*table_of(l->instance, external->index) = table;
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
	uint64_t *cell = cell_of(l->instance, external->index);
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

static bool link_imports(struct link *l)
{
	static bool (*const linkers[])(struct link *, const struct wx_external *,
		const struct wx_import_value *) = { link_function, link_table, link_memory, link_global };
	static const char *const kinds[] = { "a function", "a table", "a memory", "a global" };
	struct wx_cursor cursor;
	struct wx_external external;
	memset(&cursor, 0, sizeof(cursor));
	while (wx_module_next_import(l->instance->module, &cursor, &external)) {
		const struct wx_import_value *value = l->values + cursor.index - 1;
		bool present = value->kind == WX_EXTERN_FUNCTION ? value->function || value->callback
			: value->kind == WX_EXTERN_TABLE             ? value->table != NULL
			: value->kind == WX_EXTERN_MEMORY            ? value->memory != NULL
														 : value->kind == WX_EXTERN_GLOBAL && value->global != NULL;
		if (value->kind != external.kind || !present) {
			struct wx_text text = link_error(l->error, &external);
			wx_text_string(&text, present ? kinds[value->kind] : "nothing");
			return false;
		}
		if (!linkers[external.kind](l, &external, value))
			return false;
	}
	return true;
}

/* The module's own memories, tables, globals and types, in the order of the records. */
static bool define(struct wx_instance *instance, struct wx_error *error)
{
	struct wx_module *module = instance->module;
	const struct wx_image_header *h = &module->header;
	uint32_t at, tables = 0, globals = 0, types = 0;
	struct wx_record e;
	/* the imported ones come first */
	while (tables < h->tables && *table_of(instance, tables))
		tables++;
	globals = instance->imported_global_count;
	if (h->types) {
		for (at = module->types; types < h->types; at = wx_record_next(module, at)) {
			struct wx_record r = wx_record_at(module, at);
			uint32_t type;
			if (r.op != WX_PLAN_TYPE)
				continue;
			type = wx_functype_new(instance->runtime, r.a, r.b, module->image + at + 8);
			if (!type)
				return out_of_memory(error);
			*type_of(instance, types++) = type;
		}
	}
	if (h->memories && !instance->memory) {
		struct wx_record r;
		for (at = h->records; (r = wx_record_at(module, at)).op != WX_PLAN_MEMORY;)
			at = wx_record_next(module, at);
		e = wx_record_at(module, at + 8);
		instance->memory = wx_memory_trimmed(instance->runtime, r.b, r.a & 1, e.b, (uint8_t)(r.a >> 8),
			module->backed ? wx_record_at(module, module->backed).b : UINT64_MAX, error);
		if (!instance->memory)
			return false;
	}
	for (at = h->records; tables < h->tables; at = wx_record_next(module, at)) {
		struct wx_record r = wx_record_at(module, at);
		if (r.op != WX_PLAN_TABLE)
			continue;
		e = wx_record_at(module, at + 8);
		*table_of(instance, tables) = wx_table_new(instance->runtime, (uint8_t)r.a, r.b, e.a & 1, e.b, 0, error);
		if (!*table_of(instance, tables))
			return false;
		tables++;
	}
	for (at = h->records; globals < h->globals; at = wx_record_next(module, at)) {
		struct wx_record r = wx_record_at(module, at);
		uint32_t offset = at + 8;
		if (r.op != WX_PLAN_GLOBAL_TYPE)
			continue;
		if (!wx_instance_constant(instance, &offset, r.b, cell_of(instance, globals++))) {
			if (error->kind == WX_ERROR_NONE)
				wx_error_set(error, WX_ERROR_IMAGE, "image: global's value, or out of memory");
			return false;
		}
	}
	return true;
}

struct wx_instance *wx_instance_new(
	struct wx_module *module, const struct wx_import_value *imports, uint32_t count, struct wx_error *error)
{
	struct wx_runtime *runtime = module->runtime;
	const struct wx_image_header *h = &module->header;
	struct wx_instance *instance;
	struct wx_error ignored;
	struct link l;
	wx_layout layout = wx_layout_of(ISA_WORD, h->globals, h->imported_functions, h->tables, h->types);
	uint32_t head = (uint32_t)((sizeof(*instance) + 7) & ~(size_t)7), i, host = 0, imported_globals = 0;
	size_t size, segments = (h->elements + h->data + 7) / 8;
	struct wx_cursor cursor;
	struct wx_external external;
	uint8_t *block;
	if (!error)
		error = &ignored;
	memset(error, 0, sizeof(*error));
	if (count != module->imports) {
		wx_error_set(error, WX_ERROR_LINK, "wrong number of imports");
		return NULL;
	}
	if (runtime->config.instances && runtime->instance_count >= runtime->config.instances) {
		wx_error_set(error, WX_ERROR_LIMIT, "too many instances");
		return NULL;
	}
	memset(&cursor, 0, sizeof(cursor));
	for (i = 0; i < count; i++) {
		wx_module_next_import(module, &cursor, &external);
		if (external.kind == WX_EXTERN_FUNCTION && !imports[i].function)
			host++;
		if (external.kind == WX_EXTERN_GLOBAL)
			imported_globals++;
	}
	size = head + layout.size + host * sizeof(struct wx_host_function) + h->imported_functions * sizeof(void *) +
		imported_globals * sizeof(void *) + segments;
	if (size > UINT32_MAX / 2 || !wx_runtime_area(runtime, h->argument_slots) ||
		!(block = wx_calloc(runtime->alloc, 1, size))) {
		out_of_memory(error);
		return NULL;
	}
	instance = (struct wx_instance *)(void *)block;
	instance->runtime = runtime;
	instance->module = module;
	instance->size = (uint32_t)size;
	instance->layout = layout;
	block += head;
	instance->context = (uintptr_t *)(void *)block;
	block += layout.size;
	instance->host_functions = (struct wx_host_function *)(void *)block;
	instance->host_function_count = host;
	block += host * sizeof(struct wx_host_function);
	instance->imported = (struct wx_funcref **)(void *)block;
	block += h->imported_functions * sizeof(void *);
	instance->imported_globals = (struct wx_global **)(void *)block;
	instance->imported_global_count = imported_globals;
	block += imported_globals * sizeof(void *);
	instance->dropped = block;
	wx_module_retain(module);
	instance->next = runtime->instances;
	instance->link = &runtime->instances;
	if (instance->next)
		instance->next->link = &instance->next;
	runtime->instances = instance;
	runtime->instance_count++;

	instance->context[WX_CTX_STACK_LIMIT] = runtime->active_stack ? (uintptr_t)runtime->active_stack->limit
																  : UINTPTR_MAX;
	instance->context[WX_CTX_HELPERS] = (uintptr_t)wx_helpers;
	instance->context[WX_CTX_ARGS] = (uintptr_t)runtime->args;
	instance->context[WX_CTX_TRAP_EXIT] = wx_code_address(wx_trap_exit);
	instance->context[WX_CTX_INSTANCE] = (uintptr_t)instance;
	instance->context[WX_CTX_RUNTIME] = (uintptr_t)runtime;
	instance->context[WX_CTX_IMAGE] = (uintptr_t)module->image;
	instance->context[WX_CTX_METER] = (uintptr_t)runtime->meter;

	l.instance = instance;
	l.values = imports;
	l.error = error;
	l.next_host = 0;
	if (!link_imports(&l) || !define(instance, error)) {
		wx_instance_release(instance);
		return NULL;
	}
	instance->context[WX_CTX_MEMORY] = (uintptr_t)(instance->memory ? instance->memory : &runtime->empty);
	return instance;
}

void wx_instance_release(struct wx_instance *instance)
{
	struct wx_runtime *runtime = instance->runtime;
	const struct wx_image_header *h = &instance->module->header;
	uint32_t i;
	*instance->link = instance->next;
	if (instance->next)
		instance->next->link = instance->link;
	runtime->instance_count--;
	for (i = 0; i < h->types; i++)
		wx_functype_release(runtime, *type_of(instance, i));
	for (i = 0; i < instance->host_function_count; i++)
		wx_functype_release(runtime, instance->host_functions[i].type);
	for (i = 0; i < h->tables; i++)
		if (*table_of(instance, i))
			wx_table_release(*table_of(instance, i));
	for (i = 0; i < instance->imported_global_count; i++)
		if (instance->imported_globals[i])
			wx_global_release(instance->imported_globals[i]);
	if (instance->memory)
		wx_memory_release(instance->memory);
	while (instance->globals) {
		struct wx_global *global = instance->globals;
		instance->globals = global->next;
		/* who still holds it is about to be collected too, but must not find the cell gone */
		global->value = *global->cell;
		global->cell = &global->value;
		global->instance = NULL;
		global->next = NULL;
		wx_global_list(global);
		wx_global_release(global);
	}
	while (instance->slabs) {
		struct wx_slab *slab = instance->slabs;
		instance->slabs = slab->next;
		wx_free(runtime->alloc, slab);
	}
	wx_free(runtime->alloc, instance->function_map);
	wx_module_release(instance->module);
	wx_free(runtime->alloc, instance);
}

struct wx_module *wx_instance_module(const struct wx_instance *instance)
{
	return instance->module;
}

void *wx_instance_host(const struct wx_instance *instance)
{
	return instance->host;
}

void wx_instance_set_host(struct wx_instance *instance, void *host)
{
	instance->host = host;
}

struct wx_linear *wx_instance_memory(struct wx_instance *instance, uint32_t index)
{
	return index == 0 ? instance->memory : NULL;
}

struct wx_table *wx_instance_table(struct wx_instance *instance, uint32_t index)
{
	return index < instance->module->header.tables ? *table_of(instance, index) : NULL;
}

struct wx_global *wx_instance_global(struct wx_instance *instance, uint32_t index)
{
	struct wx_global *global;
	struct wx_module *module = instance->module;
	uint32_t at, left;
	if (index >= module->header.globals)
		return NULL;
	if (index < instance->imported_global_count)
		return instance->imported_globals[index];
	for (global = instance->globals; global; global = global->next)
		if (global->cell == cell_of(instance, index))
			return global;
	left = index - instance->imported_global_count + 1;
	for (at = module->header.records;; at = wx_record_next(module, at)) {
		struct wx_record r = wx_record_at(module, at);
		if (r.op != WX_PLAN_GLOBAL_TYPE || --left)
			continue;
		global = wx_global_new(instance->runtime, (uint8_t)r.a, (r.a >> 8) & 1, 0);
		if (!global)
			return NULL;
		break;
	}
	wx_global_unlist(global);
	global->cell = cell_of(instance, index);
	global->instance = instance;
	global->next = instance->globals;
	instance->globals = global;
	return global;
}

uint8_t *wx_instance_bytes(struct wx_instance *instance, uint32_t address, uint32_t size)
{
	struct wx_linear *memory = instance->memory ? instance->memory : &instance->runtime->empty;
	if (address > memory->size || size > memory->size - address)
		return NULL;
	return memory->base ? memory->base + address : (uint8_t *)memory; /* no bytes, but not NULL */
}

/* ---- functions ---- */

bool wx_funcref_is_host(const struct wx_funcref *function)
{
	return function->code == wx_code_address(wx_host_entry);
}

/* Double the map of functions by index; false: out of memory. */
static bool grow_map(struct wx_instance *instance)
{
	uint32_t size = instance->function_map_size ? instance->function_map_size * 2 : 8, i;
	struct wx_funcref **map = wx_calloc(instance->runtime->alloc, size, sizeof(*map));
	if (!map)
		return false;
	for (i = 0; i < instance->function_map_size; i++) {
		struct wx_funcref *f = instance->function_map[i];
		uint32_t at;
		if (!f)
			continue;
		for (at = f->index & (size - 1); map[at]; at = (at + 1) & (size - 1))
			;
		map[at] = f;
	}
	wx_free(instance->runtime->alloc, instance->function_map);
	instance->function_map = map;
	instance->function_map_size = size;
	return true;
}

struct wx_funcref *wx_instance_function(struct wx_instance *instance, uint32_t index)
{
	const struct wx_image_header *h = &instance->module->header;
	struct wx_funcref *f;
	struct wx_slab *slab;
	uint32_t at = 0, mask;
	if (index >= h->imported_functions + h->functions)
		return NULL;
	if (index < h->imported_functions && instance->imported[index])
		return instance->imported[index];
	if (instance->function_map_size) {
		mask = instance->function_map_size - 1;
		for (at = index & mask; (f = instance->function_map[at]); at = (at + 1) & mask)
			if (f->index == index)
				return f;
	}
	if (4 * (instance->function_count + 1) > 3 * instance->function_map_size && !grow_map(instance))
		return NULL;
	slab = instance->slabs;
	if (!slab || slab->count == WX_SLAB) {
		slab = wx_calloc(instance->runtime->alloc, 1, sizeof(*slab));
		if (!slab)
			return NULL;
		slab->next = instance->slabs;
		instance->slabs = slab;
	}
	f = slab->functions + slab->count++;
	f->instance = instance;
	f->index = index;
	if (index < h->imported_functions) {
		uintptr_t *pair = function_pair(instance, index);
		f->code = pair[0];
		f->near_entry = f->code;
		f->context = (void *)pair[1];
		f->type = ((struct wx_host_function *)f->context)->type;
		instance->imported[index] = f;
	} else {
		index -= h->imported_functions;
		f->code = (uintptr_t)instance->module->image + wx_module_code(instance->module, index);
#if defined(__arm__)
		f->code |= 1;
#endif
		f->near_entry = f->code + wx_module_near_entry(instance->module, index);
		f->context = instance->context;
		f->type = *type_of(instance, wx_module_function_type(instance->module, index));
	}
	mask = instance->function_map_size - 1;
	for (at = f->index & mask; instance->function_map[at]; at = (at + 1) & mask)
		;
	instance->function_map[at] = f;
	instance->function_count++;
	return f;
}

/* ---- constant expressions ---- */

#define SMALL_STACK 8

static bool evaluate(struct wx_instance *instance, uint32_t *offset, uint32_t records, uint64_t *stack, uint64_t *value)
{
	struct wx_module *module = instance->module;
	uint32_t used = 0, end = *offset + 8 * records, at;
	for (at = *offset; at < end; at += 8) {
		struct wx_record r = wx_record_at(module, at);
		uint64_t v = 0;
		switch (r.op) {
		case WX_OP_I32_CONST:
		case WX_OP_F32_CONST: v = r.b; break;
		case WX_OP_I64_CONST:
		case WX_OP_F64_CONST:
			at += 8;
			v = r.b | (uint64_t)wx_record_at(module, at).b << 32;
			break;
		case WX_OP_REF_NULL: break;
		case WX_OP_REF_FUNC:
			v = (uintptr_t)wx_instance_function(instance, r.b);
			if (!v)
				return false;
			break;
		case WX_OP_GLOBAL_GET:
			v = *cell_of(instance, r.b);
			if (r.b < instance->imported_global_count && instance->imported_globals[r.b]->mutable_)
				v = wx_global_get(instance->imported_globals[r.b]);
			break;
		default: {
			uint64_t a, b;
			if (used < 2)
				return false;
			b = stack[--used];
			a = stack[--used];
			switch (r.op) {
			case WX_OP_I32_ADD:
			case WX_OP_I64_ADD: v = a + b; break;
			case WX_OP_I32_SUB:
			case WX_OP_I64_SUB: v = a - b; break;
			default: v = a * b;
			}
			if (r.op <= WX_OP_I32_MUL)
				v = (uint32_t)v;
		}
		}
		stack[used++] = v;
	}
	*offset = end;
	if (used != 1)
		return false;
	*value = stack[0];
	return true;
}

bool wx_instance_constant(struct wx_instance *instance, uint32_t *offset, uint32_t records, uint64_t *value)
{
	uint64_t small[SMALL_STACK], *stack = small;
	bool ok;
	if (records > SMALL_STACK) {
		stack = wx_alloc(instance->runtime->alloc, records * sizeof(*stack));
		if (!stack)
			return false;
	}
	ok = evaluate(instance, offset, records, stack, value);
	if (stack != small)
		wx_free(instance->runtime->alloc, stack);
	return ok;
}

/* ---- segments ---- */

static uint32_t segment_bit(const struct wx_instance *instance, int kind, uint32_t index)
{
	return kind ? instance->module->header.elements + index : index;
}

bool wx_instance_dropped(const struct wx_instance *instance, int kind, uint32_t index)
{
	uint32_t bit = segment_bit(instance, kind, index);
	return instance->dropped[bit / 8] >> bit % 8 & 1;
}

void wx_instance_drop(struct wx_instance *instance, int kind, uint32_t index)
{
	uint32_t bit = segment_bit(instance, kind, index);
	instance->dropped[bit / 8] |= (uint8_t)(1u << bit % 8);
}

/* `at` is the segment's record. */
static int fill_table(struct wx_instance *instance, uint32_t at, bool dropped, struct wx_table *table, uint32_t to,
	uint32_t from, uint32_t count)
{
	struct wx_module *module = instance->module;
	struct wx_record r = wx_record_at(module, at);
	uint32_t items = dropped ? 0 : r.b, item;
	if (from > items || count > items - from || to > table->size || count > table->size - to)
		return WX_TRAP_TABLE;
	item = at + 16 + 8 * wx_record_at(module, at + 8).a + 8 * from;
	while (count--) {
		uint64_t value;
		if (!wx_instance_constant(instance, &item, 1, &value))
			return WX_TRAP_STACK; /* out of memory for a function reference */
		table->elements[to++] = (uintptr_t)value;
	}
	return WX_TRAP_NONE;
}

static int fill_memory(
	struct wx_instance *instance, uint32_t at, bool dropped, uint32_t to, uint32_t from, uint32_t count)
{
	struct wx_module *module = instance->module;
	struct wx_linear *memory = instance->memory ? instance->memory : &instance->runtime->empty;
	struct wx_record r = wx_record_at(module, at);
	uint32_t size = dropped ? 0 : r.b;
	if (from > size || count > size - from || to > memory->size || count > memory->size - to)
		return WX_TRAP_MEMORY;
	at += 16 + 8 * wx_record_at(module, at + 8).a;
	while (count) {
		r = wx_record_at(module, at);
		if (from < r.b) {
			uint32_t n = r.b - from < count ? r.b - from : count;
			memcpy(memory->base + to, module->image + at + 8 + from, n);
			to += n;
			count -= n;
			from = 0;
		} else
			from -= r.b;
		at = wx_record_next(module, at);
	}
	return WX_TRAP_NONE;
}

int wx_instance_table_init(
	struct wx_instance *instance, uint32_t table, uint32_t segment, uint32_t to, uint32_t from, uint32_t count)
{
	return fill_table(instance, wx_module_segment(instance->module, 0, segment),
		wx_instance_dropped(instance, 0, segment), *table_of(instance, table), to, from, count);
}

int wx_instance_memory_init(struct wx_instance *instance, uint32_t segment, uint32_t to, uint32_t from, uint32_t count)
{
	return fill_memory(instance, wx_module_segment(instance->module, 1, segment),
		wx_instance_dropped(instance, 1, segment), to, from, count);
}

static int segment_failed(struct wx_trace *trace, int kind)
{
	if (trace) {
		memset(trace, 0, offsetof(struct wx_trace, places));
		trace->kind = kind;
	}
	return kind;
}

int wx_instance_start(struct wx_instance *instance, struct wx_trace *trace)
{
	struct wx_module *module = instance->module;
	const struct wx_image_header *h = &module->header;
	uint32_t at, index;
	struct wx_record e;
	uint64_t offset;
	int trap;
	for (index = 0; index < h->elements; index++) {
		at = wx_module_segment(module, 0, index);
		e = wx_record_at(module, at + 8);
		switch (wx_record_at(module, at).a & 0xFF) {
		case 0: {
			uint32_t expression = at + 16;
			if (!wx_instance_constant(instance, &expression, e.a, &offset))
				return segment_failed(trace, WX_TRAP_STACK);
			trap = fill_table(
				instance, at, false, *table_of(instance, e.b), (uint32_t)offset, 0, wx_record_at(module, at).b);
			if (trap)
				return segment_failed(trace, trap);
			wx_instance_drop(instance, 0, index);
			break;
		}
		case 2: wx_instance_drop(instance, 0, index); break;
		}
	}
	for (index = 0; index < h->data; index++) {
		uint32_t expression;
		at = wx_module_segment(module, 1, index);
		if ((wx_record_at(module, at).a & 0xFF) != 0)
			continue;
		e = wx_record_at(module, at + 8);
		expression = at + 16;
		if (!wx_instance_constant(instance, &expression, e.a, &offset))
			return segment_failed(trace, WX_TRAP_STACK);
		trap = fill_memory(instance, at, false, (uint32_t)offset, 0, wx_record_at(module, at).b);
		if (trap)
			return segment_failed(trace, trap);
		wx_instance_drop(instance, 1, index);
	}
	if (h->start) {
		struct wx_funcref *start = wx_instance_function(instance, h->start - 1);
		uint64_t values[1] = { 0 };
		if (!start)
			return segment_failed(trace, WX_TRAP_STACK);
		return wx_call(instance->runtime, start, values, trace);
	}
	return WX_TRAP_NONE;
}

/* ---- marking ---- */

static void mark_function(struct wx_visitor *visitor, struct wx_funcref *function)
{
	if (!function)
		return;
	if (visitor->function)
		visitor->function(visitor, function);
	else if (visitor->instance)
		visitor->instance(visitor, function->instance);
}

void wx_mark_value(struct wx_runtime *runtime, struct wx_visitor *visitor, uint8_t type, uint64_t value)
{
	if (type == WX_FUNCREF_TYPE)
		mark_function(visitor, (struct wx_funcref *)(uintptr_t)value);
	else if (type == WX_EXTERNREF_TYPE)
		wx_externref_mark(runtime, visitor, (uintptr_t)value);
}

void wx_table_mark(struct wx_table *table, struct wx_visitor *visitor)
{
	uintptr_t i;
	for (i = 0; i < table->size; i++)
		if (table->elements[i])
			wx_mark_value(table->runtime, visitor, table->type, table->elements[i]);
}

void wx_global_mark(struct wx_global *global, struct wx_visitor *visitor)
{
	if (global->instance && visitor->instance)
		visitor->instance(visitor, global->instance);
	wx_mark_value(global->runtime, visitor, global->type, wx_global_get(global));
}

void wx_instance_mark(struct wx_instance *instance, struct wx_visitor *visitor)
{
	const struct wx_image_header *h = &instance->module->header;
	struct wx_module *module = instance->module;
	struct wx_global *global;
	uint32_t i, at, index;
	for (i = 0; i < h->imported_functions; i++)
		if (instance->imported[i] && instance->imported[i]->instance != instance)
			mark_function(visitor, instance->imported[i]);
	if (visitor->host_function)
		for (i = 0; i < instance->host_function_count; i++)
			visitor->host_function(visitor, instance->host_functions + i);
	if (instance->memory && visitor->memory)
		visitor->memory(visitor, instance->memory);
	for (i = 0; i < h->tables; i++) {
		struct wx_table *table = *table_of(instance, i);
		if (!table)
			continue;
		if (visitor->table)
			visitor->table(visitor, table);
		wx_table_mark(table, visitor);
	}
	for (i = 0; i < instance->imported_global_count; i++) {
		global = instance->imported_globals[i];
		if (!global)
			continue;
		if (visitor->global)
			visitor->global(visitor, global);
		wx_global_mark(global, visitor);
	}
	if (visitor->global)
		for (global = instance->globals; global; global = global->next)
			visitor->global(visitor, global);
	/* own globals that are references */
	for (at = h->records, index = instance->imported_global_count; index < h->globals;
		 at = wx_record_next(module, at)) {
		struct wx_record r = wx_record_at(module, at);
		if (r.op != WX_PLAN_GLOBAL_TYPE)
			continue;
		wx_mark_value(instance->runtime, visitor, (uint8_t)r.a, (uintptr_t)*cell_of(instance, index));
		index++;
	}
}
