/* Linear memories, tables, globals. */

#include "internal.h"

#include <string.h>

static void set_size(struct wx_linear *memory, uintptr_t bytes)
{
	memory->size = bytes;
	memory->limit = bytes >= WX_MEMORY_SLACK ? bytes - WX_MEMORY_SLACK : 0;
}

/* ---- memories ---- */

static bool allowed(const struct wx_runtime *runtime, uint64_t bytes)
{
	return bytes <= runtime->config.memory && bytes <= WX_MEMORY_MOST && bytes <= SIZE_MAX / 2;
}

struct wx_linear *wx_memory_new(struct wx_runtime *runtime, uint32_t minimum, bool has_maximum, uint32_t maximum,
	uint8_t page_log2, struct wx_error *error)
{
	return wx_memory_trimmed(runtime, minimum, has_maximum, maximum, page_log2, UINT64_MAX, error);
}

struct wx_linear *wx_memory_trimmed(struct wx_runtime *runtime, uint32_t minimum, bool has_maximum, uint32_t maximum,
	uint8_t page_log2, uint64_t backed, struct wx_error *error)
{
	uint64_t bytes = (uint64_t)minimum << page_log2;
	struct wx_linear *memory;
	if (bytes > backed)
		bytes = backed;
	if (page_log2 > 16 || (has_maximum && maximum < minimum)) {
		wx_error_set(error, WX_ERROR_IMAGE, "memory: wrong limits");
		return NULL;
	}
	if (!allowed(runtime, bytes)) {
		wx_error_set(error, WX_ERROR_LIMIT, "memory: larger than this board allows");
		return NULL;
	}
	memory = wx_calloc(runtime->alloc, 1, sizeof(*memory));
	if (memory)
		memory->base = wx_calloc(runtime->alloc, 1, (size_t)bytes);
	if (!memory || !memory->base) {
		wx_free(runtime->alloc, memory);
		wx_error_set(error, WX_ERROR_MEMORY, "out of memory: linear memory");
		return NULL;
	}
	set_size(memory, (uintptr_t)bytes);
	memory->references = 1;
	memory->pages = minimum;
	memory->maximum = has_maximum ? maximum : UINT32_MAX;
	memory->has_maximum = has_maximum;
	memory->page_log2 = page_log2;
	memory->runtime = runtime;
	runtime->linear_bytes += bytes;
	if (runtime->linear_peak < runtime->linear_bytes)
		runtime->linear_peak = runtime->linear_bytes;
	return memory;
}

void wx_memory_retain(struct wx_linear *memory)
{
	memory->references++;
}

void wx_memory_release(struct wx_linear *memory)
{
	if (--memory->references)
		return;
	memory->runtime->linear_bytes -= memory->size;
	wx_free(memory->runtime->alloc, memory->base);
	wx_free(memory->runtime->alloc, memory);
}

uint32_t wx_memory_grow(struct wx_linear *memory, uint32_t pages)
{
	struct wx_runtime *runtime = memory->runtime;
	uint32_t old = memory->pages;
	uint64_t total = (uint64_t)old + pages;
	uint64_t bytes = total << memory->page_log2;
	uint64_t most = 0x100000000u >> memory->page_log2;
	uint8_t *base;
	if (most > UINT32_MAX)
		most = UINT32_MAX;
	if (total > most || total > memory->maximum || !allowed(runtime, bytes))
		return UINT32_MAX;
	if (memory == &runtime->empty)
		return pages ? UINT32_MAX : 0;
	if (pages) {
		base = wx_realloc(runtime->alloc, memory->base, (size_t)bytes);
		if (!base)
			return UINT32_MAX;
		memset(base + memory->size, 0, (size_t)bytes - memory->size);
		runtime->linear_bytes += bytes - memory->size;
		if (runtime->linear_peak < runtime->linear_bytes)
			runtime->linear_peak = runtime->linear_bytes;
		memory->base = base;
		set_size(memory, (uintptr_t)bytes);
		memory->pages = (uint32_t)total;
	}
	/* Growth by 0 detaches the buffer too, as the JavaScript API has it. */
	memory->generation++;
	if (runtime->hooks.memory_changed)
		runtime->hooks.memory_changed(runtime->data, memory);
	return old;
}

/* ---- tables ---- */

static bool too_large(const struct wx_runtime *runtime, uint64_t elements)
{
	return elements > runtime->config.table || elements > SIZE_MAX / 2 / sizeof(uintptr_t);
}

struct wx_table *wx_table_new(struct wx_runtime *runtime, uint8_t type, uint32_t minimum, bool has_maximum,
	uint32_t maximum, uintptr_t value, struct wx_error *error)
{
	struct wx_table *table;
	uint64_t held = value;
	uint32_t i;
	if (has_maximum && maximum < minimum) {
		wx_error_set(error, WX_ERROR_IMAGE, "table: wrong limits");
		return NULL;
	}
	if (too_large(runtime, minimum)) {
		wx_error_set(error, WX_ERROR_LIMIT, "table: larger than this board allows");
		return NULL;
	}
	wx_hold(runtime, &held, 1);
	table = wx_calloc(runtime->alloc, 1, sizeof(*table));
	if (table)
		table->elements = wx_alloc(runtime->alloc, minimum * sizeof(uintptr_t));
	wx_hold(runtime, NULL, 0);
	if (!table || !table->elements) {
		wx_free(runtime->alloc, table);
		wx_error_set(error, WX_ERROR_MEMORY, "out of memory: table");
		return NULL;
	}
	for (i = 0; i < minimum; i++)
		table->elements[i] = value;
	table->size = minimum;
	table->references = 1;
	table->maximum = has_maximum ? maximum : UINT32_MAX;
	table->has_maximum = has_maximum;
	table->type = type;
	table->runtime = runtime;
	if (type == WX_EXTERNREF_TYPE) {
		table->next = runtime->extern_tables;
		runtime->extern_tables = table;
	}
	return table;
}

void wx_table_retain(struct wx_table *table)
{
	table->references++;
}

void wx_table_release(struct wx_table *table)
{
	struct wx_table **link = &table->runtime->extern_tables;
	if (--table->references)
		return;
	if (table->type == WX_EXTERNREF_TYPE) {
		while (*link != table)
			link = &(*link)->next;
		*link = table->next;
	}
	wx_free(table->runtime->alloc, table->elements);
	wx_free(table->runtime->alloc, table);
}

uint32_t wx_table_grow(struct wx_table *table, uint32_t elements, uintptr_t value)
{
	uint32_t old = (uint32_t)table->size, i;
	uint64_t total = (uint64_t)old + elements, held = value;
	uintptr_t *larger;
	if (total > table->maximum || too_large(table->runtime, total))
		return UINT32_MAX;
	if (!elements)
		return old;
	wx_hold(table->runtime, &held, 1);
	larger = wx_realloc(table->runtime->alloc, table->elements, (size_t)total * sizeof(*larger));
	wx_hold(table->runtime, NULL, 0);
	if (!larger)
		return UINT32_MAX;
	for (i = old; i < total; i++)
		larger[i] = value;
	table->elements = larger;
	table->size = (uintptr_t)total;
	return old;
}

bool wx_table_get(const struct wx_table *table, uint32_t index, uintptr_t *value)
{
	if (index >= table->size)
		return false;
	*value = table->elements[index];
	return true;
}

bool wx_table_set(struct wx_table *table, uint32_t index, uintptr_t value)
{
	if (index >= table->size)
		return false;
	table->elements[index] = value;
	return true;
}

/* ---- globals ---- */

void wx_global_list(struct wx_global *global)
{
	if (global->type != WX_EXTERNREF_TYPE)
		return;
	global->next = global->runtime->extern_globals;
	global->runtime->extern_globals = global;
}

void wx_global_unlist(struct wx_global *global)
{
	struct wx_global **link = &global->runtime->extern_globals;
	if (global->type != WX_EXTERNREF_TYPE)
		return;
	while (*link != global)
		link = &(*link)->next;
	*link = global->next;
}

struct wx_global *wx_global_new(struct wx_runtime *runtime, uint8_t type, bool mutable_, uint64_t value)
{
	struct wx_global *global;
	wx_hold(runtime, &value, 1);
	global = wx_calloc(runtime->alloc, 1, sizeof(*global));
	wx_hold(runtime, NULL, 0);
	if (!global)
		return NULL;
	global->cell = &global->value;
	global->value = value;
	global->references = 1;
	global->type = type;
	global->mutable_ = mutable_;
	global->runtime = runtime;
	wx_global_list(global);
	return global;
}

void wx_global_retain(struct wx_global *global)
{
	global->references++;
}

void wx_global_release(struct wx_global *global)
{
	if (--global->references)
		return;
	if (!global->instance)
		wx_global_unlist(global);
	wx_free(global->runtime->alloc, global);
}

/* Compiled code writes only a value's own bytes of a cell. */
static uint64_t clean(uint8_t type, uint64_t value)
{
	if (type == WX_I32_TYPE || type == WX_F32_TYPE)
		return (uint32_t)value;
	if (wx_is_reference_type(type))
		return (uintptr_t)value;
	return value;
}

uint64_t wx_global_get(const struct wx_global *global)
{
	return clean(global->type, *global->cell);
}

void wx_global_set(struct wx_global *global, uint64_t value)
{
	*global->cell = clean(global->type, value);
}
