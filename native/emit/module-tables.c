#include "module-tables.h"

#include "../abi/value-types.h"
#include "../base/array.h"

#define MOST_TYPES 0x7FFFu
#define MOST_RESULTS 0xFFFFu
#define MOST_PAGE_SHIFT 16u

static void bad(wx_module_tables *t, const char *what)
{
	wx_outcome_fail(t->outcome, WX_COMPILE_BAD_PLAN, what);
}

static void out_of_memory(wx_module_tables *t)
{
	wx_outcome_fail(t->outcome, WX_COMPILE_NO_MEMORY, "out of memory for the module's tables");
}

/* The array with room for so many elements; NULL, and a failure: there is no memory. */
static void *reserve(wx_module_tables *t, void *array, uint32_t *room, uint64_t wanted, size_t size)
{
	if (wanted <= *room && array)
		return array;
	void *grown = wx_array_grow(t->memory, array, room, wanted, size);
	if (!grown)
		out_of_memory(t);
	return grown;
}

void wx_module_tables_free(wx_module_tables *t)
{
	void *blocks[] = { t->type_values, t->import_types, t->referenced, t->module->types, t->module->globals,
		t->module->tables };
	for (unsigned i = 0; i < sizeof blocks / sizeof *blocks; i++)
		wx_free(t->memory, blocks[i]);
}

void wx_add_type(wx_module_tables *t, uint32_t params, uint32_t results)
{
	wx_module_info *m = t->module;
	if (results > MOST_RESULTS || m->type_count >= MOST_TYPES) {
		bad(t, "type");
		return;
	}
	wx_signature *types = reserve(t, m->types, &t->room.types, m->type_count + 1u, sizeof *types);
	if (!types)
		return;
	m->types = types;
	uint64_t wanted = (uint64_t)t->type_values_used + params + results;
	uint8_t *values = reserve(t, t->type_values, &t->room.type_values, wanted, sizeof *values);
	if (!values)
		return;
	t->type_values = values;
	m->types[m->type_count++] = (wx_signature){ .params = params, .results = results };
}

void wx_add_type_value(wx_module_tables *t, uint8_t value_type)
{
	if (!wx_is_value_type(value_type)) {
		bad(t, "value type");
		return;
	}
	t->type_values[t->type_values_used++] = value_type;
}

void wx_complete_types(wx_module_tables *t)
{
	wx_module_info *m = t->module;
	const uint8_t *values = t->type_values;
	for (uint32_t i = 0; i < m->type_count; i++) {
		m->types[i].values = values;
		values += m->types[i].params + m->types[i].results;
	}
}

void wx_add_imported_function(wx_module_tables *t, uint32_t type)
{
	wx_module_info *m = t->module;
	if (type >= m->type_count) {
		bad(t, "type of an import");
		return;
	}
	uint32_t *types = reserve(t, t->import_types, &t->room.imports, m->imported_functions + 1ull, sizeof *types);
	if (!types)
		return;
	t->import_types = types;
	t->import_types[m->imported_functions++] = type;
}

void wx_add_global(wx_module_tables *t, uint16_t type, bool imported)
{
	wx_module_info *m = t->module;
	if (!wx_is_value_type(type & 0xFF)) {
		bad(t, "global type");
		return;
	}
	wx_global_info *globals = reserve(t, m->globals, &t->room.globals, m->global_count + 1ull, sizeof *globals);
	if (!globals)
		return;
	m->globals = globals;
	m->globals[m->global_count++] = (wx_global_info){
		.type = (uint8_t)type, .is_mutable = type & 0x100, .is_imported = imported
	};
}

void wx_add_table(wx_module_tables *t, uint16_t type, uint32_t size, bool imported)
{
	wx_module_info *m = t->module;
	wx_fixed_tables_add(&m->fixed_tables, imported, (uint8_t)type, size);
	if (!wx_is_reference_type(type)) {
		bad(t, "table type");
		return;
	}
	uint8_t *tables = reserve(t, m->tables, &t->room.tables, m->table_count + 1ull, sizeof *tables);
	if (!tables)
		return;
	m->tables = tables;
	m->tables[m->table_count++] = (uint8_t)type;
}

void wx_add_memory(wx_module_tables *t, uint32_t page_shift)
{
	wx_module_info *m = t->module;
	if (m->has_memory || page_shift > MOST_PAGE_SHIFT) {
		bad(t, "memory");
		return;
	}
	m->has_memory = true;
	m->page_shift = (uint8_t)page_shift;
}

void wx_refer(wx_module_tables *t, uint32_t function, uint32_t functions)
{
	if (function >= functions) {
		bad(t, "function index");
		return;
	}
	if (!t->referenced) {
		t->referenced = wx_calloc(t->memory, (functions + 7) / 8, 1);
		if (!t->referenced) {
			out_of_memory(t);
			return;
		}
	}
	t->referenced[function / 8] |= (uint8_t)(1u << function % 8);
}

bool wx_is_referenced(const wx_module_tables *t, uint32_t function)
{
	return t->referenced && (t->referenced[function / 8] >> function % 8 & 1);
}
