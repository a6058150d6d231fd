/* Instances: making, functions, marking. */

#include "internal.h"

#include <string.h>

/* ---- building ---- */

static bool out_of_memory(struct wx_error *error)
{
	return wx_error_set(error, WX_ERROR_MEMORY, "out of memory: instance");
}

static bool define_types(struct wx_instance *instance, struct wx_error *error)
{
	struct wx_module *module = instance->module;
	uint32_t at = module->types, types = 0;
	for (; types < module->header.types; at = wx_record_next(module, at)) {
		wx_record r = wx_record_at(module, at);
		uint32_t type;
		if (r.op != WX_PLAN_TYPE)
			continue;
		type = wx_functype_new(instance->runtime, r.a, r.b, module->image + at + 8);
		if (!type)
			return out_of_memory(error);
		*wx_instance_type(instance, types++) = type;
	}
	return true;
}

/* The module's own memories, tables and globals, in the order of the records. */
static bool define(struct wx_instance *instance, struct wx_error *error)
{
	struct wx_module *module = instance->module;
	const struct wx_image_header *h = &module->header;
	uint32_t at, tables = 0, globals = 0;
	wx_record e;
	/* the imported ones come first */
	while (tables < h->tables && *wx_instance_table_cell(instance, tables))
		tables++;
	globals = instance->imported_global_count;
	if (h->memories && !instance->memory) {
		wx_record r;
		for (at = h->records; (r = wx_record_at(module, at)).op != WX_PLAN_MEMORY;)
			at = wx_record_next(module, at);
		e = wx_record_at(module, at + 8);
		instance->memory = wx_memory_trimmed(instance->runtime, r.b, r.a & 1, e.b, (uint8_t)(r.a >> 8),
			module->backed ? wx_record_at(module, module->backed).b : UINT64_MAX, error);
		if (!instance->memory)
			return false;
	}
	for (at = h->records; tables < h->tables; at = wx_record_next(module, at)) {
		wx_record r = wx_record_at(module, at);
		if (r.op != WX_PLAN_TABLE)
			continue;
		e = wx_record_at(module, at + 8);
		*wx_instance_table_cell(instance, tables) = wx_table_new(
			instance->runtime, (uint8_t)r.a, r.b, e.a & 1, e.b, 0, error);
		if (!*wx_instance_table_cell(instance, tables))
			return false;
		tables++;
	}
	for (at = h->records; globals < h->globals; at = wx_record_next(module, at)) {
		wx_record r = wx_record_at(module, at);
		uint32_t offset = at + 8;
		if (r.op != WX_PLAN_GLOBAL_TYPE)
			continue;
		if (!wx_instance_constant(instance, &offset, r.b, wx_instance_cell(instance, globals++))) {
			if (error->kind == WX_ERROR_NONE)
				wx_error_set(error, WX_ERROR_IMAGE, "image: global's value, or out of memory");
			return false;
		}
	}
	return true;
}

static bool may_instantiate(void *data)
{
	const struct wx_runtime *runtime = data;
	return !runtime->config.instances || runtime->instance_count < runtime->config.instances;
}

struct wx_instance *wx_instance_new(
	struct wx_module *module, const struct wx_import_value *imports, uint32_t count, struct wx_error *error)
{
	struct wx_runtime *runtime = module->runtime;
	const struct wx_image_header *h = &module->header;
	struct wx_instance *instance;
	struct wx_error ignored;
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
	if (!wx_attempt(runtime->alloc, may_instantiate, runtime)) {
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

	if (!define_types(instance, error) || !wx_link_imports(instance, imports, error) || !define(instance, error)) {
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
		wx_functype_release(runtime, *wx_instance_type(instance, i));
	for (i = 0; i < instance->host_function_count; i++)
		wx_functype_release(runtime, instance->host_functions[i].type);
	for (i = 0; i < h->tables; i++)
		if (*wx_instance_table_cell(instance, i))
			wx_table_release(*wx_instance_table_cell(instance, i));
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
	wx_free(runtime->alloc, instance->own_globals);
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
	return index < instance->module->header.tables ? *wx_instance_table_cell(instance, index) : NULL;
}

#define MUTABLE 0x80 /* beside a value type, which is less */

/* The types of its own globals, behind the places of their objects. */
static uint8_t *global_types(const struct wx_instance *instance)
{
	uint32_t count = instance->module->header.globals - instance->imported_global_count;
	return (uint8_t *)(instance->own_globals + count);
}

/* So that each is found at once, in whatever order they are asked for. */
static bool list_globals(struct wx_instance *instance)
{
	struct wx_module *module = instance->module;
	uint32_t count = module->header.globals - instance->imported_global_count, at = module->header.records, i = 0;
	uint8_t *types;
	instance->own_globals = wx_calloc(instance->runtime->alloc, count, sizeof(*instance->own_globals) + 1);
	if (!instance->own_globals)
		return false;
	types = global_types(instance);
	for (; i < count; at = wx_record_next(module, at)) {
		wx_record r = wx_record_at(module, at);
		if (r.op == WX_PLAN_GLOBAL_TYPE)
			types[i++] = (uint8_t)((r.a & 0xFF) | (r.a >> 8 & 1 ? MUTABLE : 0));
	}
	return true;
}

struct wx_global *wx_instance_global(struct wx_instance *instance, uint32_t index)
{
	struct wx_global *global;
	uint32_t own = index - instance->imported_global_count;
	uint8_t type;
	if (index >= instance->module->header.globals)
		return NULL;
	if (index < instance->imported_global_count)
		return instance->imported_globals[index];
	if (!instance->own_globals && !list_globals(instance))
		return NULL;
	if (instance->own_globals[own])
		return instance->own_globals[own];
	type = global_types(instance)[own];
	global = wx_global_new(instance->runtime, type & (uint8_t)~MUTABLE, type & MUTABLE, 0);
	if (!global)
		return NULL;
	instance->own_globals[own] = global;
	wx_global_unlist(global);
	global->cell = wx_instance_cell(instance, index);
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
		uintptr_t *pair = wx_instance_pair(instance, index);
		f->code = pair[0];
		f->near_entry = f->code;
		f->context = (void *)pair[1];
		f->type = ((struct wx_host_function *)f->context)->type;
		instance->imported[index] = f;
	} else {
		index -= h->imported_functions;
		f->code = ((uintptr_t)instance->module->image + wx_module_code(instance->module, index)) | ISA_CODE_BIT;
		f->near_entry = f->code + wx_module_near_entry(instance->module, index);
		f->context = instance->context;
		f->type = *wx_instance_type(instance, wx_module_function_type(instance->module, index));
	}
	mask = instance->function_map_size - 1;
	for (at = f->index & mask; instance->function_map[at]; at = (at + 1) & mask)
		;
	instance->function_map[at] = f;
	instance->function_count++;
	return f;
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
		struct wx_table *table = *wx_instance_table_cell(instance, i);
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
		wx_record r = wx_record_at(module, at);
		if (r.op != WX_PLAN_GLOBAL_TYPE)
			continue;
		wx_mark_value(instance->runtime, visitor, (uint8_t)r.a, (uintptr_t)*wx_instance_cell(instance, index));
		index++;
	}
}
