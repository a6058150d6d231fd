/* Memory, Table, Global: what the run time counts, and the objects that stand for it. */

#include "xsmc.h"
#include "natives.h"
#include "api.h"

#include <string.h>

/* The largest buffer of the engine. */
#define BUFFER_MAX 0x7FFFFFFFu

/* ---- identity ---- */

static void **host_of(int kind, void *counted)
{
	switch (kind) {
	case WX_EXTERN_TABLE: return &((struct wx_table *)counted)->host;
	case WX_EXTERN_MEMORY: return &((struct wx_linear *)counted)->host;
	default: return &((struct wx_global *)counted)->host;
	}
}

static const xsHostHooks *brand_of(int kind)
{
	return kind == WX_EXTERN_TABLE ? &wx_table_brand : kind == WX_EXTERN_MEMORY ? &wx_memory_brand : &wx_global_brand;
}

/* The object has data from here on, and the run time's object counts one more. */
static void stand_for(struct wx_store *store, xsSlot *slot, int kind, void *counted, bool retain)
{
	*host_of(kind, counted) = wx_object_of(slot);
	wx_object_set_data(slot, counted);
	wx_store_retain(store);
	if (!retain)
		return;
	switch (kind) {
	case WX_EXTERN_TABLE: wx_table_retain(counted); break;
	case WX_EXTERN_MEMORY: wx_memory_retain(counted); break;
	default: wx_global_retain(counted); break;
	}
}

void wx_api_get(struct wx_store *store, xsSlot *result, int kind, void *counted, xsSlot *prototype)
{
	void *object = *host_of(kind, counted);
	if (object) {
		wx_object_get(result, object);
		return;
	}
	wx_object_new(store->the, result, prototype, brand_of(kind));
	stand_for(store, result, kind, counted, true);
}

/* ---- Memory ---- */

static void memory_destructor(void *data)
{
	struct wx_linear *memory = data;
	struct wx_store *store;
	if (!memory)
		return;
	store = wx_store_of(memory->runtime);
	memory->host = NULL;
	wx_memory_release(memory);
	wx_store_release(store);
}

static void memory_marker(xsMachine *the, void *data, xsMarkRoot mark)
{
	struct wx_linear *memory = data;
	struct wx_marking marking;
	/* The buffer is its link. */
	if (memory)
		wx_marking_begin(&marking, wx_store_of(memory->runtime), the, mark);
}

const xsHostHooks wx_memory_brand = { .destructor = memory_destructor, .marker = memory_marker };

static struct wx_linear *memory_of(xsMachine *the)
{
	return wx_api_data(the, 0, &wx_memory_brand, "WebAssembly.Memory");
}

static uint32_t to_u32(xsMachine *the, xsSlot *slot)
{
	xsNumberValue number = fxToNumber(the, slot);
	if (!(number >= 0 && number <= 4294967295.0))
		xsRangeError("WebAssembly: out of range");
	return (uint32_t)number;
}

/* (object, store, initial, maximum or undefined, log2 of the page size) */
void xs_memory_new(xsMachine *the)
{
	struct wx_store *store = WX_API_ARGUMENT_STORE(1);
	uint32_t initial = to_u32(the, &xsArg(2));
	bool has_maximum = xsmcTypeOf(xsArg(3)) != xsUndefinedType;
	uint32_t maximum = has_maximum ? to_u32(the, &xsArg(3)) : 0;
	uint32_t page_log2 = to_u32(the, &xsArg(4));
	struct wx_linear *memory;
	struct wx_error error;
	if (page_log2 != 0 && page_log2 != 16)
		xsRangeError("WebAssembly.Memory(): invalid page size");
	wx_object_attach(the, &xsArg(0), &wx_memory_brand);
	memset(&error, 0, sizeof(error));
	memory = wx_memory_new(store->runtime, initial, has_maximum, maximum, (uint8_t)page_log2, &error);
	if (!memory)
		wx_throw_reason(store, "WebAssembly.Memory()", &error);
	stand_for(store, &xsArg(0), WX_EXTERN_MEMORY, memory, false);
}

static void detach(struct wx_linear *memory)
{
	xsSlot buffer;
	wx_object_get_link(memory->host, &buffer);
	if (wx_object_of(&buffer)) {
		wx_buffer_detach(wx_object_of(&buffer));
		wx_object_get(&buffer, NULL);
		wx_object_set_link(memory->host, &buffer);
	}
}

/* (memory, prototype of buffers) */
void xs_memory_get_buffer(xsMachine *the)
{
	struct wx_linear *memory = memory_of(the);
	wx_object_get_link(memory->host, &xsResult);
	if (wx_object_of(&xsResult))
		return;
	if (memory->size > BUFFER_MAX)
		xsRangeError("WebAssembly.Memory: too large for a buffer");
	/* A buffer whose address is NULL is a detached one. */
	wx_buffer_new(the, &xsResult, &xsArg(1), memory->base ? (void *)memory->base : (void *)memory,
		(uint32_t)memory->size, memory->host);
	wx_object_set_link(memory->host, &xsResult);
}

/* (memory, delta) => pages before */
void xs_memory_grow(xsMachine *the)
{
	struct wx_linear *memory = memory_of(the);
	uint32_t pages = wx_to_index(the, &xsArg(1), "delta");
	uint32_t before = wx_memory_grow(memory, pages);
	if (before == UINT32_MAX)
		xsRangeError("WebAssembly.Memory.grow(): cannot grow");
	detach(memory);
	xsmcSetNumber(xsResult, (xsNumberValue)before);
}

/* ---- Table ---- */

static void table_destructor(void *data)
{
	struct wx_table *table = data;
	struct wx_store *store;
	if (!table)
		return;
	store = wx_store_of(table->runtime);
	table->host = NULL;
	wx_table_release(table);
	wx_store_release(store);
}

static void table_marker(xsMachine *the, void *data, xsMarkRoot mark)
{
	struct wx_table *table = data;
	struct wx_marking marking;
	if (!table)
		return;
	wx_marking_begin(&marking, wx_store_of(table->runtime), the, mark);
	wx_table_mark(table, &marking.visitor);
}

const xsHostHooks wx_table_brand = { .destructor = table_destructor, .marker = table_marker };

static struct wx_table *table_of(xsMachine *the)
{
	return wx_api_data(the, 0, &wx_table_brand, "WebAssembly.Table");
}

/* The argument as a reference of that type; the default when it is missing. Handles are reserved. */
static uintptr_t to_reference(struct wx_store *store, uint8_t type, xsIntegerValue argument)
{
	xsMachine *the = store->the;
	xsSlot slot;
	if (argument < xsmcArgc)
		wx_value_coerce(the, &xsArg(argument), type);
	else if (type == WX_FUNCREF_TYPE)
		return 0;
	wx_reserve_externrefs(store, type == WX_EXTERNREF_TYPE);
	if (argument < xsmcArgc)
		return (uintptr_t)wx_value_bits(store, &xsArg(argument), type);
	xsmcSetUndefined(slot);
	return (uintptr_t)wx_value_bits(store, &slot, type);
}

/* (object, store, type, initial, maximum or undefined, value) */
void xs_table_new(xsMachine *the)
{
	struct wx_store *store = WX_API_ARGUMENT_STORE(1);
	uint8_t type = (uint8_t)xsmcToInteger(xsArg(2));
	uint32_t initial = to_u32(the, &xsArg(3));
	bool has_maximum = xsmcTypeOf(xsArg(4)) != xsUndefinedType;
	uint32_t maximum = has_maximum ? to_u32(the, &xsArg(4)) : 0;
	struct wx_table *table;
	struct wx_error error;
	uintptr_t value;
	if (!wx_is_reference_type(type))
		xsTypeError("WebAssembly.Table(): invalid element type");
	wx_object_attach(the, &xsArg(0), &wx_table_brand);
	memset(&error, 0, sizeof(error));
	value = to_reference(store, type, 5);
	table = wx_table_new(store->runtime, type, initial, has_maximum, maximum, value, &error);
	if (!table)
		wx_throw_reason(store, "WebAssembly.Table()", &error);
	stand_for(store, &xsArg(0), WX_EXTERN_TABLE, table, false);
}

/* (table) */
void xs_table_get_length(xsMachine *the)
{
	xsmcSetNumber(xsResult, (xsNumberValue)table_of(the)->size);
}

/* (table, index) */
void xs_table_get(xsMachine *the)
{
	struct wx_table *table = table_of(the);
	uint32_t index = wx_to_index(the, &xsArg(1), "index");
	uintptr_t value;
	if (!wx_table_get(table, index, &value))
		xsRangeError("WebAssembly.Table.get(): index %lu is out of bounds", (unsigned long)index);
	wx_value_get(wx_store_of(table->runtime), &xsResult, table->type, value);
}

/* (table, index, value) */
void xs_table_set(xsMachine *the)
{
	struct wx_table *table = table_of(the);
	uint32_t index = wx_to_index(the, &xsArg(1), "index");
	uintptr_t value = to_reference(wx_store_of(table->runtime), table->type, 2);
	if (!wx_table_set(table, index, value))
		xsRangeError("WebAssembly.Table.set(): index %lu is out of bounds", (unsigned long)index);
}

/* (table, delta, value) => elements before */
void xs_table_grow(xsMachine *the)
{
	struct wx_table *table = table_of(the);
	uint32_t delta = wx_to_index(the, &xsArg(1), "delta");
	uintptr_t value = to_reference(wx_store_of(table->runtime), table->type, 2);
	uint32_t before = wx_table_grow(table, delta, value);
	if (before == UINT32_MAX)
		xsRangeError("WebAssembly.Table.grow(): cannot grow by %lu", (unsigned long)delta);
	xsmcSetNumber(xsResult, (xsNumberValue)before);
}

/* ---- Global ---- */

static void global_destructor(void *data)
{
	struct wx_global *global = data;
	struct wx_store *store;
	if (!global)
		return;
	store = wx_store_of(global->runtime);
	global->host = NULL;
	wx_global_release(global);
	wx_store_release(store);
}

static void global_marker(xsMachine *the, void *data, xsMarkRoot mark)
{
	struct wx_global *global = data;
	struct wx_marking marking;
	if (!global)
		return;
	wx_marking_begin(&marking, wx_store_of(global->runtime), the, mark);
	wx_global_mark(global, &marking.visitor);
}

const xsHostHooks wx_global_brand = { .destructor = global_destructor, .marker = global_marker };

static struct wx_global *global_of(xsMachine *the)
{
	return wx_api_data(the, 0, &wx_global_brand, "WebAssembly.Global");
}

/* (object, store, type, mutable, value): the value undefined is the type's default */
void xs_global_new(xsMachine *the)
{
	struct wx_store *store = WX_API_ARGUMENT_STORE(1);
	uint8_t type = (uint8_t)xsmcToInteger(xsArg(2));
	bool mutable_ = xsmcToBoolean(xsArg(3));
	bool given = xsmcArgc > 4 && (xsmcTypeOf(xsArg(4)) != xsUndefinedType || type == WX_EXTERNREF_TYPE);
	struct wx_global *global;
	uint64_t bits = 0;
	if (!wx_is_value_type(type))
		xsTypeError("WebAssembly.Global(): invalid value type");
	wx_object_attach(the, &xsArg(0), &wx_global_brand);
	if (given) {
		wx_value_coerce(the, &xsArg(4), type);
		wx_reserve_externrefs(store, type == WX_EXTERNREF_TYPE);
		bits = wx_value_bits(store, &xsArg(4), type);
	}
	global = wx_global_new(store->runtime, type, mutable_, bits);
	if (!global)
		wx_throw_memory(the);
	stand_for(store, &xsArg(0), WX_EXTERN_GLOBAL, global, false);
}

/* (global) */
void xs_global_get(xsMachine *the)
{
	struct wx_global *global = global_of(the);
	wx_value_get(wx_store_of(global->runtime), &xsResult, global->type, wx_global_get(global));
}

/* (global, value) */
void xs_global_set(xsMachine *the)
{
	struct wx_global *global = global_of(the);
	struct wx_store *store = wx_store_of(global->runtime);
	if (!global->mutable_)
		xsTypeError("set WebAssembly.Global.value: can't set the value of an immutable global");
	if (xsmcArgc < 2)
		xsTypeError("set WebAssembly.Global.value: no value");
	wx_value_coerce(the, &xsArg(1), global->type);
	wx_reserve_externrefs(store, global->type == WX_EXTERNREF_TYPE);
	wx_global_set(global, wx_value_bits(store, &xsArg(1), global->type));
}
