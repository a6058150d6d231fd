#include "fixed-tables.h"

#include "../abi/value-types.h"
#include "opcodes.h"

bool wx_fixed_tables_init(wx_fixed_tables *t, struct wx_alloc *memory, const wx_knowledge *known)
{
	*t = (wx_fixed_tables){ .count = 0 };
	if (!known)
		return true;
	t->changed = known->changed;
	t->list = wx_calloc(memory, WX_KNOWN_TABLES, sizeof *t->list);
	return t->list != NULL;
}

void wx_fixed_tables_free(wx_fixed_tables *t, struct wx_alloc *memory)
{
	wx_free(memory, t->list);
	t->list = NULL;
}

/* NULL: nothing can be told of that table. */
static wx_fixed_table *table_at(const wx_fixed_tables *t, uint32_t table)
{
	return t->list && table < WX_KNOWN_TABLES ? &t->list[table] : NULL;
}

void wx_fixed_tables_add(wx_fixed_tables *t, bool imported, uint8_t value_type, uint32_t size)
{
	uint32_t number = t->count++;
	wx_fixed_table *table = table_at(t, number);
	t->imports |= imported;
	if (table)
		*table = (wx_fixed_table){ .fixed = !imported && value_type == WX_FUNCREF_TYPE && !(t->changed >> number & 1),
			.size = size,
			.type = WX_NO_TYPE };
}

void wx_fixed_tables_forget(wx_fixed_tables *t, uint32_t table)
{
	wx_fixed_table *forgotten = table_at(t, table);
	if (forgotten)
		forgotten->fixed = false;
}

void wx_fixed_tables_segment(wx_fixed_tables *t, bool active)
{
	t->segment.active = active;
}

void wx_fixed_tables_place(wx_fixed_tables *t, uint32_t table, uint32_t records)
{
	t->segment.table = table;
	t->segment.placed = records == 1;
}

void wx_fixed_tables_offset(wx_fixed_tables *t, uint8_t op, uint32_t value)
{
	t->segment.placed = t->segment.placed && op == WX_OP_I32_CONST;
	t->segment.at = value;
}

void wx_fixed_tables_item(wx_fixed_tables *t, wx_table_item item, uint32_t type)
{
	wx_fixed_table *table = t->segment.active ? table_at(t, t->segment.table) : NULL;
	uint32_t at = t->segment.at++;
	if (!table)
		return;
	switch (item) {
	case WX_ITEM_NULL:
		if (!t->segment.placed)
			table->fixed = false;
		else if (at < table->filled)
			table->filled = at;
		break;
	case WX_ITEM_OTHER: table->fixed = false; break;
	case WX_ITEM_OWN:
		if (table->type == WX_NO_TYPE)
			table->type = type;
		else if (table->type != type)
			table->type = WX_TYPES_DIFFER;
		/* Through an imported table functions are called even where a later segment has failed. */
		if (t->segment.placed && !t->imports && at == table->filled && at < table->size)
			table->filled++;
		break;
	}
}

const wx_fixed_table *wx_find_fixed(const wx_fixed_tables *t, uint32_t table)
{
	const wx_fixed_table *found = table_at(t, table);
	return found && found->fixed ? found : NULL;
}
