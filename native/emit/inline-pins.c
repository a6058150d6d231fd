/*
 * Digital pins in line: calls of the imports iot1.gpio_write and iot1.gpio_read become the checks of the handle and the
 * access of the chip's register. The linker sees to it that such a module gets the board's own functions, and their
 * table of open pins (native/io/direct.h) in its context.
 */
#include "generator.h"

/* Offsets: fields of struct wx_direct_slot. Checked in native/xs/iot.c. */
enum { OUTPUT = 0, DIGITAL = 4, SET = 8, MASK = 12, INPUT = 16, BIT = 20 };
/* The bits of a handle that are its slot's offset. */
#define SLOT_BITS 0x3E0u
#define EBADF_CODE ((uint32_t)-14)

static wx_operand immediate(uint64_t value)
{
	return (wx_operand){ .immediate = true, .value = value };
}

/* Two fields that follow one another; `second` may be the base. */
static void load_fields(wx_asm *as, wx_reg first, wx_reg second, uint8_t base, uint32_t offset)
{
	if (ISA_WORD == 4) {
		wx_asm_load_words(as, first.r, second.r, base, offset);
		return;
	}
	wx_asm_load(as, WX_I32, first, base, offset);
	wx_asm_load(as, WX_I32, second, base, offset + 4);
}

/* Leads `slot` to the handle's slot; the chain is taken when the field is not the handle. */
static uint32_t check_handle(wx_generator *g, wx_reg handle, uint32_t field, wx_reg slot, wx_reg t, const wx_reg *d)
{
	wx_asm *as = &g->as;
	wx_operand slots = wx_place(ISA_CTX, WX_CTX_DIRECT * ISA_WORD);
	if (wx_asm_has_memory_operand(WX_WORD_ADD)) {
		wx_asm_binary(as, WX_OP_I32_AND, slot, handle, immediate(SLOT_BITS));
	} else {
		wx_asm_load(as, WX_WORD_TYPE, t, ISA_CTX, (uint32_t)slots.value);
		wx_asm_binary(as, WX_OP_I32_AND, slot, handle, immediate(SLOT_BITS));
		slots = (wx_operand){ .reg = t };
	}
	wx_asm_binary(as, WX_WORD_ADD, slot, slot, slots);
	wx_operand holder = wx_place(slot.r, field);
	if (!wx_asm_has_memory_compare(WX_NE)) {
		wx_asm_load(as, WX_I32, t, slot.r, field);
		holder = (wx_operand){ .reg = t };
	}
	if (d)
		wx_asm_const(as, WX_I32, *d, EBADF_CODE);
	return wx_asm_branch(as, WX_NE, WX_I32, handle, holder, 0);
}

/* The result is dropped. */
static bool is_unwanted(const wx_generator *g)
{
	return g->fusion.next && g->fusion.next->op == WX_OP_DROP;
}

static void emit_write(wx_generator *g)
{
	wx_asm *as = &g->as;
	bool wanted = !is_unwanted(g);
	wx_value level = wx_pop(g, WX_I32), handle = wx_pop(g, WX_I32);
	bool known = level.kind == WX_V_CONST;
	wx_held h = wx_hold(g, &handle), l = { { WX_NO_REG, WX_NO_REG }, false, false, WX_I32 };
	if (!known)
		l = wx_hold(g, &level);
	wx_reg slot = wx_take(g, WX_WORD_TYPE), t = wx_take(g, WX_WORD_TYPE), d = { WX_NO_REG, WX_NO_REG };
	if (wanted)
		d = wx_take(g, WX_I32);
	uint32_t wrong = check_handle(g, h.reg, OUTPUT, slot, t, wanted ? &d : NULL);
	load_fields(as, t, slot, slot.r, SET);
	if (known)
		wx_asm_store(as, WX_I32, slot, t.r, (uint32_t)level.bits ? 0 : 4);
	else {
		uint32_t low = wx_asm_branch(as, WX_EQ, WX_I32, l.reg, immediate(0), 0);
		wx_asm_store(as, WX_I32, slot, t.r, 0);
		uint32_t done = wx_asm_jump(as, 0);
		wx_asm_link(as, low, as->size);
		wx_asm_store(as, WX_I32, slot, t.r, 4);
		wx_asm_link(as, done, as->size);
	}
	if (wanted)
		wx_asm_const(as, WX_I32, d, 0);
	wx_asm_link(as, wrong, as->size);
	wx_release_reg(g, slot);
	wx_release_reg(g, t);
	if (!known)
		wx_release(g, &l);
	wx_release(g, &h);
	if (wanted)
		wx_push_reg(g, WX_I32, 0, d, false);
	else
		wx_push_const(g, WX_I32, 0, 0);
}

static void emit_read(wx_generator *g)
{
	wx_asm *as = &g->as;
	wx_value handle = wx_pop(g, WX_I32);
	wx_held h = wx_hold(g, &handle);
	wx_reg slot = wx_take(g, WX_WORD_TYPE), t = wx_take(g, WX_WORD_TYPE), d = wx_take(g, WX_I32);
	uint32_t wrong = check_handle(g, h.reg, DIGITAL, slot, t, &d);
	load_fields(as, t, slot, slot.r, INPUT);
	wx_asm_load(as, WX_I32, d, t.r, 0);
	wx_asm_binary(as, WX_OP_I32_ROTR, d, d, (wx_operand){ .immediate = false, .reg = slot });
	wx_asm_binary(as, WX_OP_I32_AND, d, d, immediate(1));
	wx_asm_link(as, wrong, as->size);
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
		same = s->values[i] == WX_I32_TYPE;
	return same;
}

bool wx_emit_direct(wx_generator *g, const wx_signature *s, uint32_t function)
{
	const wx_module_info *m = g->module;
	if (!(function + 1 == m->direct_write && is_of(s, 2)) && !(function + 1 == m->direct_read && is_of(s, 1)))
		return false;
	if (function + 1 == m->direct_write)
		emit_write(g);
	else
		emit_read(g);
	return true;
}
