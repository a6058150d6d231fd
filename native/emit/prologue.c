/* Where a function's body begins: places of its locals, parameters, what is zero. */
#include "generator.h"

static void place_parameters(wx_generator *g)
{
	wx_asm *as = &g->as;
	wx_abi abi = { 0, 0, 0 };
	uint32_t params = g->function.signature.params, moves = 0;
	uint8_t to[WX_REGISTERS], from[WX_REGISTERS];
	wx_type types[WX_REGISTERS];
	bool area = false;
	for (uint32_t i = 0; i < params; i++) {
		wx_local *l = &g->locals.list[i];
		wx_type t = wx_machine_type((wx_type)l->type);
		wx_abi_place place = wx_abi_next(&abi, t);
		area |= !place.in_register;
		if (!place.in_register)
			continue;
		if (l->reg.r == WX_NO_REG) {
			wx_asm_store(as, t, place.reg, ISA_SP, l->slot);
			wx_note_copy(g, i, place.reg);
			continue;
		}
		bool pair = l->reg.h != WX_NO_REG;
		to[moves] = l->reg.r;
		from[moves] = place.reg.r;
		types[moves++] = pair ? WX_I32 : t;
		if (pair) {
			to[moves] = l->reg.h;
			from[moves] = place.reg.h;
			types[moves++] = WX_I32;
		}
	}
	wx_parallel_move(g, to, from, types, moves);
	for (uint32_t i = 0; i < moves; i++)
		g->registers.copies[to[i]] = 0;
	if (!area)
		return;
	uint8_t base = wx_area_base(g);
	abi = (wx_abi){ 0, 0, 0 };
	for (uint32_t i = 0; i < params; i++) {
		wx_local *l = &g->locals.list[i];
		wx_type t = wx_machine_type((wx_type)l->type);
		wx_abi_place place = wx_abi_next(&abi, t);
		if (place.in_register)
			continue;
		if (l->reg.r != WX_NO_REG) {
			wx_asm_load(as, t, l->reg, base, 8 * place.slot);
			continue;
		}
		wx_reg d = wx_take(g, t);
		wx_asm_load(as, t, d, base, 8 * place.slot);
		wx_asm_store(as, t, d, ISA_SP, l->slot);
		wx_release_reg(g, d);
	}
	wx_release_reg(g, (wx_reg){ base, WX_NO_REG });
}

static void poison_locals(wx_generator *g)
{
	for (uint32_t i = g->function.signature.params; i < g->locals.count; i++) {
		const wx_local *l = &g->locals.list[i];
		wx_type t = wx_machine_type((wx_type)l->type);
		uint64_t bits = t == WX_I64 || t == WX_F64 ? WX_POISON : (uint32_t)WX_POISON;
		if (l->zero || l->constant)
			continue;
		if (l->reg.r != WX_NO_REG)
			wx_asm_const(&g->as, t, l->reg, bits);
		else
			wx_asm_store_const(&g->as, t, bits, ISA_SP, l->slot);
	}
}

/* Declared locals that may be read before they are assigned begin as zero. */
static void clear_locals(wx_generator *g)
{
	wx_asm *as = &g->as;
	uint32_t first = UINT32_MAX, end = 0, words = 0;
	for (uint32_t i = g->function.signature.params; i < g->locals.count; i++) {
		wx_local *l = &g->locals.list[i];
		wx_type t = wx_machine_type((wx_type)l->type);
		if (!l->zero)
			continue;
		if (l->reg.r != WX_NO_REG) {
			wx_asm_const(as, t, l->reg, 0);
			continue;
		}
		if (first == UINT32_MAX)
			first = l->slot;
		end = l->slot + wx_slot_size(t);
		words += wx_slot_size(t) / ISA_WORD;
	}
	if (!words)
		return;
	wx_reg zero = { wx_take_general(g), WX_NO_REG };
	wx_asm_const(as, WX_WORD_TYPE, zero, 0);
	if (words <= 16) {
		for (uint32_t i = g->function.signature.params; i < g->locals.count; i++)
			if (g->locals.list[i].reg.r == WX_NO_REG && g->locals.list[i].zero)
				for (uint32_t at = 0; at < wx_slot_size((wx_type)g->locals.list[i].type); at += ISA_WORD)
					wx_asm_store(as, WX_WORD_TYPE, zero, ISA_SP, g->locals.list[i].slot + at);
	} else {
		/*
		 * The slots of declared locals without a register are contiguous; those between that need not be cleared may
		 * be.
		 */
		wx_reg at = { wx_take_general(g), WX_NO_REG }, limit = { wx_take_general(g), WX_NO_REG },
			   sp = { ISA_SP, WX_NO_REG };
		wx_asm_binary(as, WX_WORD_ADD, at, sp, (wx_operand){ .immediate = true, .value = first });
		wx_asm_binary(as, WX_WORD_ADD, limit, at, (wx_operand){ .immediate = true, .value = end - first });
		uint32_t loop = as->size;
		wx_asm_label(as);
		wx_asm_store(as, WX_WORD_TYPE, zero, at.r, 0);
		wx_asm_binary(as, WX_WORD_ADD, at, at, (wx_operand){ .immediate = true, .value = ISA_WORD });
		wx_asm_branch_back(as, WX_NE, WX_WORD_TYPE, at, (wx_operand){ .immediate = false, .reg = limit }, loop);
		wx_release_reg(g, at);
		wx_release_reg(g, limit);
	}
	wx_release_reg(g, zero);
}

void wx_begin_body(wx_generator *g)
{
	g->records.begun = true;
	for (uint32_t i = 0; i < g->loop.most_used_count; i++)
		if (g->loop.most_used[i] >= g->locals.count) {
			wx_fail(g, "local index");
			return;
		}
	wx_region_begin(g);
	if (g->no_memory)
		return;
	uint32_t offset = 0;
	g->frame.context_slot = 0;
	if (g->function.flags & WX_FLAG_LEAVES)
		offset = ISA_WORD;
	/* First those that begin in their slots, then homes of the others, which may never be needed. */
	for (int resident = 0; resident < 2; resident++) {
		for (uint32_t i = 0; i < g->locals.count; i++) {
			wx_local *l = &g->locals.list[i];
			if ((l->reg.r != WX_NO_REG) != (bool)resident || l->constant)
				continue;
			l->slot = offset;
			offset += wx_slot_size(wx_machine_type((wx_type)l->type));
		}
		if (!resident)
			g->frame.size = offset;
	}
	g->operands.slots = offset;
	place_parameters(g);
	if (g->module->audit)
		poison_locals(g);
	clear_locals(g);
}
