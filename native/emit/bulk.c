/* Bulk memory, tables, references: instructions that the run time carries out. */
#include "generator.h"

static void note_change(wx_generator *g, uint32_t table)
{
	if (wx_find_fixed(&g->module->fixed_tables, table))
		wx_fail(g, "a table is changed that was not in the first compilation");
	if (table < WX_KNOWN_TABLES)
		g->changed_tables |= 1u << table;
}

void wx_bulk_instruction(wx_generator *g, const wx_record *r)
{
	static const uint8_t i32s[] = { WX_I32_TYPE, WX_I32_TYPE, WX_I32_TYPE };
	const wx_module_info *m = g->module;
	uint32_t immediates[2] = { r->b, r->a };
	uint8_t table = 0, operands[3] = { WX_I32_TYPE, WX_I32_TYPE, WX_I32_TYPE };
	switch (r->op) {
	case WX_OP_TABLE_GET:
	case WX_OP_TABLE_SET:
	case WX_OP_TABLE_GROW:
	case WX_OP_TABLE_SIZE:
	case WX_OP_TABLE_FILL:
	case WX_OP_TABLE_COPY:
		if (!wx_require(g, r->b < m->table_count, "table index"))
			return;
		table = m->tables[r->b];
		break;
	case WX_OP_TABLE_INIT:
	case WX_OP_ELEM_DROP:
		if (!wx_require(g, r->b < m->element_count, "element segment index"))
			return;
		break;
	case WX_OP_MEMORY_INIT:
	case WX_OP_DATA_DROP:
		if (!wx_require(g, r->b < m->data_count, "data segment index"))
			return;
		break;
	default: break;
	}
	switch (r->op) {
	case WX_OP_TABLE_SET:
	case WX_OP_TABLE_GROW:
	case WX_OP_TABLE_FILL:
	case WX_OP_TABLE_COPY: note_change(g, r->b); break;
	case WX_OP_TABLE_INIT: note_change(g, r->a); break;
	default: break;
	}
	switch (r->op) {
	case WX_OP_MEMORY_GROW:
		if (wx_require(g, m->has_memory, "memory.grow without a memory"))
			wx_helper(g, r->op, i32s, 1, NULL, 0, false, WX_I32_TYPE);
		break;
	case WX_OP_MEMORY_COPY:
	case WX_OP_MEMORY_FILL:
		if (wx_require(g, m->has_memory, "bulk instruction without a memory"))
			wx_helper(g, r->op, i32s, 3, NULL, 0, true, 0);
		break;
	case WX_OP_MEMORY_INIT:
		if (wx_require(g, m->has_memory, "memory.init without a memory"))
			wx_helper(g, r->op, i32s, 3, immediates, 1, true, 0);
		break;
	case WX_OP_DATA_DROP:
	case WX_OP_ELEM_DROP: wx_helper(g, r->op, NULL, 0, immediates, 1, false, 0); break;
	case WX_OP_TABLE_INIT:
		if (wx_require(g, r->a < m->table_count, "table index"))
			wx_helper(g, r->op, i32s, 3, immediates, 2, true, 0);
		break;
	case WX_OP_TABLE_COPY:
		if (wx_require(g, r->a < m->table_count && m->tables[r->a] == table, "table index"))
			wx_helper(g, r->op, i32s, 3, immediates, 2, true, 0);
		break;
	case WX_OP_TABLE_GET: wx_helper(g, r->op, i32s, 1, immediates, 1, true, table); break;
	case WX_OP_TABLE_SET:
		operands[1] = table;
		wx_helper(g, r->op, operands, 2, immediates, 1, true, 0);
		break;
	case WX_OP_TABLE_GROW:
		operands[0] = table;
		wx_helper(g, r->op, operands, 2, immediates, 1, false, WX_I32_TYPE);
		break;
	case WX_OP_TABLE_SIZE: wx_helper(g, r->op, NULL, 0, immediates, 1, false, WX_I32_TYPE); break;
	case WX_OP_TABLE_FILL:
		operands[1] = table;
		wx_helper(g, r->op, operands, 3, immediates, 1, true, 0);
		break;
	default:
		if (wx_require(g, r->b < m->function_count, "function index"))
			wx_helper(g, WX_OP_REF_FUNC, NULL, 0, immediates, 1, false, WX_FUNCREF_TYPE);
		break;
	}
}
