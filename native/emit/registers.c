/* Registers: which are free, taking one (by moving an operand to its slot where needed), parallel moves. */
#include "generator.h"

#include <string.h>

static uint8_t lowest(uint32_t mask)
{
	return (uint8_t)__builtin_ctz(mask);
}

uint32_t wx_free_of_cost(const wx_generator *g)
{
	uint32_t mask = (ISA_CALLER_SAVED & ~ISA_LINK) | g->as.saved;
	/* Calls, and callee-saved registers, push the return address anyway. */
	if (g->function.flags & WX_FLAG_CALLS || g->as.saved & ISA_CALLEE_SAVED & ISA_GENERAL)
		mask |= ISA_LINK;
	return mask;
}

/* Move the deepest operand that is in a register of the class to its slot. */
static bool evict(wx_generator *g, uint32_t class)
{
	uint32_t from = g->operands.height > WX_WINDOW ? g->operands.height - WX_WINDOW : 0;
	if (from < g->operands.settled)
		from = g->operands.settled;
	for (uint32_t i = from; i < g->operands.height; i++) {
		wx_value *v = &g->operands.stack[i];
		if (v->reg.r != WX_NO_REG && ((1u << v->reg.r) & class)) {
			wx_settle(g, v, false);
			return true;
		}
	}
	return false;
}

static uint8_t take(wx_generator *g, uint32_t class)
{
	while (!(g->as.free & class))
		if (!evict(g, class)) {
			wx_fail(g, "out of registers");
			return lowest(ISA_CALLER_SAVED & class);
		}
	uint32_t mask = g->as.free & class;
	if (mask & ISA_CALLER_SAVED & wx_free_of_cost(g))
		mask &= ISA_CALLER_SAVED & wx_free_of_cost(g);
	else if (mask & ISA_LINK)
		mask = ISA_LINK;
	uint32_t blank = mask;
	/* Rather one that holds no copy of a local. */
	for (uint32_t m = mask & g->as.copied; m; m &= m - 1)
		if (g->registers.copies[lowest(m)])
			blank &= ~(m & -m);
	uint8_t r = lowest(blank ? blank : mask);
	g->as.free &= ~(1u << r);
	g->registers.copies[r] = 0;
	g->as.saved |= 1u << r & (ISA_CALLEE_SAVED | ISA_LINK);
	return r;
}

uint8_t wx_take_general(wx_generator *g)
{
	return take(g, ISA_GENERAL);
}

wx_reg wx_take(wx_generator *g, wx_type t)
{
	wx_reg reg = { WX_NO_REG, WX_NO_REG };
	reg.r = take(g, wx_class_of(t));
	if (wx_is_pair(t))
		reg.h = wx_take_general(g);
	return reg;
}

bool wx_take_blank(wx_generator *g, uint8_t *r)
{
	uint32_t blank = g->as.free & ISA_GENERAL & wx_free_of_cost(g);
	for (uint32_t m = blank & g->as.copied; m; m &= m - 1)
		if (g->registers.copies[lowest(m)])
			blank &= ~(m & -m);
	if (!(blank & (blank - 1)))
		return false;
	/* The highest: temporaries take the lowest. */
	*r = (uint8_t)(31 - __builtin_clz(blank));
	g->as.free &= ~(1u << *r);
	g->as.saved |= 1u << *r & ISA_LINK;
	return true;
}

/* A general register outside a mask, if there is one. */
uint8_t wx_take_beyond(wx_generator *g, uint32_t avoid)
{
	return take(g, g->as.free & ISA_GENERAL & ~avoid ? ISA_GENERAL & ~avoid : ISA_GENERAL);
}

void wx_claim(wx_generator *g, wx_reg reg)
{
	g->as.free &= ~(1u << reg.r);
	g->registers.copies[reg.r] = 0;
	if (reg.h != WX_NO_REG) {
		g->as.free &= ~(1u << reg.h);
		g->registers.copies[reg.h] = 0;
	}
}

static void forget(wx_generator *g, uint32_t registers)
{
	for (uint32_t m = g->as.copied & registers; m; m &= m - 1)
		g->registers.copies[lowest(m)] = 0;
	g->as.copied &= ~registers;
	wx_asm_label(&g->as);
	memset(g->locals.canonical, 0, sizeof g->locals.canonical);
}

void wx_forget_copies(wx_generator *g)
{
	forget(g, UINT32_MAX);
}

void wx_forget_fresh_copies(wx_generator *g)
{
	forget(g, g->registers.fresh);
}

void wx_forget_copies_of(wx_generator *g, uint32_t local)
{
	for (uint32_t m = g->as.copied; m; m &= m - 1)
		if (g->registers.copies[lowest(m)] == local + 1 || g->registers.copies[lowest(m)] == WX_POINTER_TO(local) + 1)
			g->registers.copies[lowest(m)] = 0;
	for (uint32_t i = 0; i < 4; i++)
		if (g->locals.canonical[i] == local + 1)
			g->locals.canonical[i] = 0;
}

void wx_note_canonical(wx_generator *g, uint32_t local)
{
	for (uint32_t i = 3; i; i--)
		g->locals.canonical[i] = g->locals.canonical[i - 1];
	g->locals.canonical[0] = local + 1;
}

bool wx_is_canonical(const wx_generator *g, uint32_t local)
{
	for (uint32_t i = 0; i < 4; i++)
		if (g->locals.canonical[i] == local + 1)
			return true;
	return false;
}

/* Single registers only: a pair's halves may come apart. */
void wx_note_copy(wx_generator *g, uint32_t local, wx_reg reg)
{
	if (reg.h == WX_NO_REG) {
		g->registers.copies[reg.r] = local + 1;
		g->as.copied |= 1u << reg.r;
		g->registers.fresh |= 1u << reg.r;
	}
}

uint8_t wx_find_copy(const wx_generator *g, uint32_t local)
{
	for (uint32_t m = g->as.free & g->as.copied; m; m &= m - 1)
		if (g->registers.copies[lowest(m)] == local + 1)
			return lowest(m);
	return WX_NO_REG;
}

uint8_t wx_find_constant(const wx_generator *g, uint32_t value)
{
	for (uint32_t m = g->registers.constants; m; m &= m - 1)
		if (g->locals.list[g->loop.regions[g->loop.region].owner[lowest(m)] - 1].bits == value)
			return lowest(m);
	return WX_NO_REG;
}

void wx_release_reg(wx_generator *g, wx_reg reg)
{
	uint32_t allocatable = g->registers.allocatable & ~g->registers.resident;
	g->as.free |= (1u << reg.r) & allocatable;
	if (reg.h != WX_NO_REG)
		g->as.free |= (1u << reg.h) & allocatable;
}

void wx_release(wx_generator *g, wx_held *held)
{
	if (held->owned)
		wx_release_reg(g, held->reg);
	held->owned = false;
}

/*
 * to[i] <- from[i], all at once. A move whose target nobody still reads goes first; where only cycles are left, one
 * source is put aside in a scratch register.
 */
void wx_parallel_move(wx_generator *g, uint8_t *to, uint8_t *from, const wx_type *types, uint32_t count)
{
	uint32_t pending = 0;
	for (uint32_t i = 0; i < count; i++)
		if (to[i] != from[i])
			pending |= 1u << i;
	while (pending) {
		bool moved = false;
		for (uint32_t i = 0; i < count; i++) {
			if (!(pending & (1u << i)))
				continue;
			bool read = false;
			for (uint32_t j = 0; j < count; j++)
				if (j != i && (pending & (1u << j)) && from[j] == to[i])
					read = true;
			if (read)
				continue;
			wx_reg d = { to[i], WX_NO_REG }, s = { from[i], WX_NO_REG };
			wx_asm_move(&g->as, types[i], d, s);
			pending &= ~(1u << i);
			moved = true;
		}
		if (moved)
			continue;
		uint32_t i = lowest(pending);
		uint8_t aside = wx_in_fp(types[i]) ? ISA_FP_SCRATCH : ISA_CALL_SCRATCH, old = from[i];
		wx_reg d = { aside, WX_NO_REG }, s = { old, WX_NO_REG };
		wx_asm_move(&g->as, types[i], d, s);
		for (uint32_t j = 0; j < count; j++)
			if ((pending & (1u << j)) && from[j] == old)
				from[j] = aside;
	}
}
