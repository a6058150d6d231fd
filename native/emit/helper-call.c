/*
 * Calls of the run time's helpers, and the argument area that they share with all calls. Below calls.c and numeric.c,
 * which both need them.
 */
#include "generator.h"

/* A register with the address of the argument area. */
uint8_t wx_area_base(wx_generator *g)
{
	wx_reg base = { wx_take_general(g), WX_NO_REG };
	wx_asm_load(&g->as, WX_WORD_TYPE, base, ISA_CTX, WX_CTX_ARGS * ISA_WORD);
	return base.r;
}

/* Store a popped or still stacked value to the argument area; gives its register back. */
void wx_store_to_area(wx_generator *g, const wx_value *v, uint8_t base, uint32_t slot)
{
	wx_type t = wx_machine_type((wx_type)v->type);
	if (v->kind == WX_V_CONST) {
		wx_asm_store_const(&g->as, t, v->bits, base, 8 * slot);
		return;
	}
	wx_held held = wx_hold(g, v);
	wx_canonical(g, &held);
	wx_asm_store(&g->as, t, held.reg, base, 8 * slot);
	wx_release(g, &held);
}

/* A helper of the run time: operands and immediates go to the argument area, the result comes back in its slot 0. */
void wx_helper(wx_generator *g, uint8_t op, const uint8_t *operands, uint32_t count, const uint32_t *immediates,
	uint32_t immediate_count, bool may_trap, uint8_t result)
{
	/* One after the other, so that those that wait can leave their registers. */
	uint8_t base = wx_area_base(g);
	for (uint32_t i = count; i-- > 0;) {
		wx_value value = wx_pop_value(g, operands[i]);
		wx_store_to_area(g, &value, base, i);
	}
	for (uint32_t i = 0; i < immediate_count; i++)
		wx_asm_store_const(&g->as, WX_I32, immediates[i], base, 8 * (count + i));
	wx_release_reg(g, (wx_reg){ base, WX_NO_REG });
	wx_spill_caller_saved(g);
	wx_forget_copies(g);
	wx_region_save(g);
	wx_asm_call_helper(&g->as, op);
	if (may_trap)
		wx_asm_trap_status(&g->as);
	if (op == WX_OP_MEMORY_GROW)
		wx_asm_reload_memory(&g->as);
	wx_region_restore(g);
	if (!result)
		return;
	base = wx_area_base(g);
	wx_type t = wx_type_of(result);
	wx_reg d = wx_destination(g, t, NULL, NULL);
	wx_asm_load(&g->as, wx_machine_type(t), d, base, 0);
	wx_release_reg(g, (wx_reg){ base, WX_NO_REG });
	wx_push_result(g, t, wx_reference_of(result), d, false);
}
