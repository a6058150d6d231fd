/*
 * Digital pins in line: calls of the imports iot1.gpio_write and iot1.gpio_read become the checks of the handle and the access of the chip's register. The linker sees to it that such a
 * module gets the board's own functions, whose struct wx_host_function leads to the table of open pins (native/io/direct.h).
 */
#include "generator.h"

#define WORD_TYPE (ISA_WORD == 8 ? WX_I64 : WX_I32)
#define WORD_ADD (ISA_WORD == 8 ? WX_OP_I64_ADD : WX_OP_I32_ADD)

/* Offsets: direct_data of struct wx_host_function, fields of struct wx_direct_slot. Checked in native/xs/iot.c. */
enum { DIRECT_DATA = ISA_WORD, OUTPUT = 0, DIGITAL = 4, MASK = 8, BIT = 12, SET = 16, INPUT = 16 + ISA_WORD };
/* The bits of a handle that are its slot's offset, where slots are 32 bytes; elsewhere twice that. */
#define SLOT_BITS 0x3E0u
#define EBADF_CODE ((uint32_t)-14)

static wx_operand immediate(uint64_t value)
{
	return (wx_operand){ .immediate = true, .value = value };
}

/* Leads `slot` to the handle's slot; afterwards d is EBADF, and the chain is taken when the field is not the handle. */
static uint32_t check_handle(wx_generator *g, uint32_t function, wx_reg handle, uint32_t field, wx_reg slot, wx_reg t, wx_reg d)
{
	wx_asm *as = &g->as;
	asm_load(as, WORD_TYPE, slot, ISA_CTX, g->module->layout.functions + 2 * ISA_WORD * function + ISA_WORD);
	asm_load(as, WORD_TYPE, slot, slot.r, DIRECT_DATA);
	asm_binary(as, WX_OP_I32_AND, t, handle, immediate(SLOT_BITS));
	if (ISA_WORD == 8)
		asm_binary(as, WX_OP_I32_SHL, t, t, immediate(1));
	asm_binary(as, WORD_ADD, slot, slot, (wx_operand){ .immediate = false, .reg = t });
	asm_load(as, WX_I32, t, slot.r, field);
	asm_const(as, WX_I32, d, EBADF_CODE);
	return asm_branch(as, WX_NE, WX_I32, t, (wx_operand){ .immediate = false, .reg = handle }, 0);
}

static void emit_write(wx_generator *g, uint32_t function)
{
	wx_asm *as = &g->as;
	wx_value level = wx_pop(g, WX_I32), handle = wx_pop(g, WX_I32);
	bool known = level.kind == WX_V_CONST;
	wx_held h = wx_hold(g, &handle), l = { { WX_NO_REG, WX_NO_REG }, false, false, WX_I32 };
	if (!known)
		l = wx_hold(g, &level);
	wx_reg slot = wx_take(g, WORD_TYPE), t = wx_take(g, WORD_TYPE), d = wx_take(g, WX_I32);
	uint32_t wrong = check_handle(g, function, h.reg, OUTPUT, slot, t, d);
	asm_load(as, WORD_TYPE, t, slot.r, SET);
	if (!known) {
		/* Zeros before the first one: 32 for level 0 only, which makes the offset 4. */
		asm_unary(as, WX_OP_I32_CLZ, d, l.reg);
		asm_binary(as, WX_OP_I32_SHR_U, d, d, immediate(3));
		asm_binary(as, WX_OP_I32_AND, d, d, immediate(4));
		asm_binary(as, WORD_ADD, t, t, (wx_operand){ .immediate = false, .reg = d });
	}
	asm_load(as, WX_I32, slot, slot.r, MASK);
	asm_store(as, WX_I32, slot, t.r, known && !(uint32_t)level.bits ? 4 : 0);
	asm_const(as, WX_I32, d, 0);
	asm_link(as, wrong, as->size);
	wx_release_reg(g, slot);
	wx_release_reg(g, t);
	if (!known)
		wx_release(g, &l);
	wx_release(g, &h);
	wx_push_reg(g, WX_I32, 0, d, false);
}

static void emit_read(wx_generator *g, uint32_t function)
{
	wx_asm *as = &g->as;
	wx_value handle = wx_pop(g, WX_I32);
	wx_held h = wx_hold(g, &handle);
	wx_reg slot = wx_take(g, WORD_TYPE), t = wx_take(g, WORD_TYPE), d = wx_take(g, WX_I32);
	uint32_t wrong = check_handle(g, function, h.reg, DIGITAL, slot, t, d);
	asm_load(as, WORD_TYPE, t, slot.r, INPUT);
	asm_load(as, WX_I32, slot, slot.r, BIT);
	asm_load(as, WX_I32, d, t.r, 0);
	asm_binary(as, WX_OP_I32_ROTR, d, d, (wx_operand){ .immediate = false, .reg = slot });
	asm_binary(as, WX_OP_I32_AND, d, d, immediate(1));
	asm_link(as, wrong, as->size);
	wx_release_reg(g, slot);
	wx_release_reg(g, t);
	wx_release(g, &h);
	wx_push_reg(g, WX_I32, 0, d, false);
}

/* So many parameters and one result, all i32? */
static bool is_of(const wx_signature *s, uint32_t params)
{
	bool same = s->params == params && s->results == 1;
	for (uint32_t i = 0; same && i <= params; i++)
		same = s->values[i] == 0x7F;
	return same;
}

bool wx_emit_direct(wx_generator *g, const wx_signature *s, uint32_t function)
{
	const wx_module_info *m = g->module;
	if (!(function + 1 == m->direct_write && is_of(s, 2)) && !(function + 1 == m->direct_read && is_of(s, 1)))
		return false;
	if (function + 1 == m->direct_write)
		emit_write(g, function);
	else
		emit_read(g, function);
	return true;
}
