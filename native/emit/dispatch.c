/* Each instruction to the function that emits it. */
#include "generator.h"

static __attribute__((noinline)) void global_access(wx_generator *g, const wx_record *r)
{
	const wx_module_info *m = g->module;
	if (r->b >= m->global_count) {
		wx_fail(g, "global index");
		return;
	}
	const wx_global_info *global = &m->globals[r->b];
	wx_type t = wx_type_of(global->type), machine = wx_machine_type(t);
	uint32_t cell = m->layout.globals + 8 * r->b;
	bool far = global->is_imported && global->is_mutable;
	if (r->op == WX_OP_GLOBAL_GET) {
		wx_reg d;
		if (far) {
			wx_reg address = { wx_take_general(g), WX_NO_REG };
			wx_asm_load(&g->as, WX_WORD_TYPE, address, ISA_CTX, cell);
			d = wx_destination(g, t, NULL, NULL);
			wx_asm_load(&g->as, machine, d, address.r, 0);
			wx_release_reg(g, address);
		} else {
			d = wx_destination(g, t, NULL, NULL);
			wx_asm_load(&g->as, machine, d, ISA_CTX, cell);
		}
		wx_push_result(g, t, wx_reference_of(global->type), d, false);
		return;
	}
	if (!global->is_mutable) {
		wx_fail(g, "immutable global");
		return;
	}
	wx_value v = wx_pop_value(g, global->type);
	if (!far && v.kind == WX_V_CONST) {
		wx_asm_store_const(&g->as, machine, v.bits, ISA_CTX, cell);
		return;
	}
	wx_held s = wx_hold(g, &v);
	wx_canonical(g, &s);
	if (far) {
		wx_reg address = { wx_take_general(g), WX_NO_REG };
		wx_asm_load(&g->as, WX_WORD_TYPE, address, ISA_CTX, cell);
		wx_asm_store(&g->as, machine, s.reg, address.r, 0);
		wx_release_reg(g, address);
	} else {
		wx_asm_store(&g->as, machine, s.reg, ISA_CTX, cell);
	}
	wx_release(g, &s);
}

__attribute__((noinline)) void wx_instruction(wx_generator *g, const wx_record *r)
{
	switch (r->op) {
	case WX_OP_UNREACHABLE:
		wx_asm_trap(&g->as, WX_TRAP_UNREACHABLE);
		g->control.dead = true;
		while (g->operands.height > wx_innermost(g)->height) {
			wx_value v = wx_pop_any(g);
			if (v.reg.r != WX_NO_REG)
				wx_release_reg(g, v.reg);
		}
		break;
	case WX_OP_BLOCK:
	case WX_OP_LOOP:
	case WX_OP_IF:
		wx_enter_block(g, r);
		g->records.plain = !g->loop.uses_left;
		break;
	case WX_OP_ELSE: wx_else(g); break;
	case WX_OP_END: wx_end(g); break;
	case WX_OP_BR: wx_branch(g, r->b); break;
	case WX_OP_BR_IF: wx_branch_if(g, r->b); break;
	case WX_OP_BR_TABLE:
		wx_switch(g, r->b);
		g->records.plain = false;
		break;
	case WX_OP_RETURN: wx_return(g); break;
	case WX_OP_CALL:
	case WX_OP_RETURN_CALL: wx_emit_call(g, r); break;
	case WX_OP_CALL_INDIRECT:
	case WX_OP_RETURN_CALL_INDIRECT: wx_emit_call_indirect(g, r); break;
	case WX_OP_DROP: {
		wx_value v = wx_pop_any(g);
		if (v.reg.r != WX_NO_REG)
			wx_release_reg(g, v.reg);
		else if (v.kind == WX_V_COMPARE)
			wx_release_condition(g, &g->fusion.compare);
		break;
	}
	case WX_OP_SELECT:
	case WX_OP_SELECT_T: wx_select(g, (uint8_t)r->a); break;
	case WX_OP_LOCAL_GET:
	case WX_OP_LOCAL_SET:
	case WX_OP_LOCAL_TEE:
		if (!wx_require(g, r->b < g->locals.count && !g->locals.list[r->b].constant, "local index"))
			break;
		if (r->op == WX_OP_LOCAL_GET) {
			wx_settle_product(g);
			wx_push_local(g, r->b);
		} else {
			wx_assign_local(g, r->b, r->op == WX_OP_LOCAL_TEE);
		}
		break;
	case WX_OP_GLOBAL_GET:
	case WX_OP_GLOBAL_SET: global_access(g, r); break;
	case WX_OP_I32_CONST: wx_push_const(g, WX_I32, 0, r->b); break;
	case WX_OP_F32_CONST: wx_push_const(g, WX_F32, 0, r->b); break;
	case WX_OP_I64_CONST:
	case WX_OP_F64_CONST:
		if (!wx_require(g, g->fusion.next && g->fusion.next->op == WX_PLAN_EXT, "constant"))
			break;
		g->fusion.took_next = true;
		wx_push_const(g, r->op == WX_OP_I64_CONST ? WX_I64 : WX_F64, 0, (uint64_t)g->fusion.next->b << 32 | r->b);
		break;
	case WX_OP_REF_NULL:
		if (wx_require(g, wx_is_reference_type(r->a), "reference type"))
			wx_push_const(g, WX_REF, (uint8_t)r->a, 0);
		break;
	case WX_OP_REF_IS_NULL: {
		wx_value v = wx_pop(g, WX_REF), zero = { .kind = WX_V_CONST, .type = WX_REF, .bits = 0 };
		wx_push_compare(g, WX_EQ, WX_REF, &v, &zero);
		break;
	}
	case WX_OP_MEMORY_SIZE: wx_memory_size(g); break;
	case WX_PLAN_MEMORY_ROOM:
		if (wx_require(g, g->module->has_memory && r->b && r->b == g->as.slack, "room in memory"))
			wx_memory_room(g);
		break;
	case WX_OP_MEMORY_GROW:
	case WX_OP_MEMORY_COPY:
	case WX_OP_MEMORY_FILL:
	case WX_OP_MEMORY_INIT:
	case WX_OP_DATA_DROP:
	case WX_OP_TABLE_GET:
	case WX_OP_TABLE_SET:
	case WX_OP_TABLE_GROW:
	case WX_OP_TABLE_SIZE:
	case WX_OP_TABLE_FILL:
	case WX_OP_TABLE_COPY:
	case WX_OP_TABLE_INIT:
	case WX_OP_ELEM_DROP:
	case WX_OP_REF_FUNC: wx_bulk_instruction(g, r); break;
	case WX_OP_NOP: break;
	default: {
		const wx_op_row *row = &wx_op_info[r->op];
		if (row->flags & WX_OPF_ACCESS)
			wx_memory_access(g, r);
		else if (row->name && row->npop && !(row->flags & (WX_OPF_SPECIAL | WX_OPF_PLAN)))
			wx_numeric(g, r);
		else
			wx_fail(g, "operation");
	}
	}
}
