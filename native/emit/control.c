/* Blocks, loops, branches. */
#include "generator.h"
#include "../base/array.h"

/* of a jump table, so that its bytes can be counted */
#define MOST_ENTRIES 0x1000000u

static wx_control *control_at(wx_generator *g, uint32_t depth)
{
	if (depth >= g->control.depth) {
		wx_fail(g, "label depth");
		return &g->control.stack[0];
	}
	return &g->control.stack[g->control.depth - 1 - depth];
}

static const uint8_t *label_types(const wx_control *c, uint32_t *count)
{
	*count = c->kind == WX_C_LOOP ? c->params : c->results;
	return c->kind == WX_C_LOOP ? c->values : c->values + c->params;
}

/* Frame offset of the first operand position of a block. */
static uint32_t slot_at(const wx_generator *g, uint32_t height)
{
	if (!height)
		return g->operands.slots;
	const wx_value *below = &g->operands.stack[height - 1];
	return below->slot + wx_slot_size((wx_type)below->type);
}

static bool needs_movers(const wx_control *c)
{
	uint32_t count;
	label_types(c, &count);
	return count > 1 || (count && c->kind == WX_C_LOOP);
}

/*
 * Registers that moving operands to a label may need; taken before a conditional branch, so that nothing is spilled on
 * one path only.
 */

static wx_movers take_movers(wx_generator *g, const wx_control *c)
{
	wx_movers m = { { .owned = false }, { .owned = false } };
	if (!needs_movers(c))
		return m;
	m.temporary = (wx_held){ .reg = { wx_take_general(g), WX_NO_REG }, .owned = true };
	if (c->kind == WX_C_FUNCTION)
		m.area = (wx_held){ .reg = { wx_take_general(g), WX_NO_REG }, .owned = true };
	return m;
}

static void release_movers(wx_generator *g, wx_movers *m)
{
	wx_release(g, &m->temporary);
	wx_release(g, &m->area);
}

/* Copy an operand to base + offset, leaving it as it is. */
static void copy_operand(wx_generator *g, const wx_value *v, uint8_t base, uint32_t offset, uint8_t temporary)
{
	wx_type t = wx_machine_type((wx_type)v->type);
	wx_reg aside = { ISA_FP_SCRATCH, WX_NO_REG };
	const wx_local *l = v->kind == WX_V_LOCAL ? &g->locals.list[v->bits] : NULL;
	if (v->kind == WX_V_REG || (l && l->reg.r != WX_NO_REG)) {
		wx_reg reg = l ? l->reg : v->reg;
		if (v->nan)
			wx_asm_canonical(&g->as, t, reg);
		wx_asm_store(&g->as, t, reg, base, offset);
	} else if (v->kind == WX_V_CONST) {
		wx_asm_store_const(&g->as, t, v->bits, base, offset);
	} else if (v->kind == WX_V_SCALED) {
		aside.r = temporary;
		wx_load_value(g, v, aside);
		wx_asm_store(&g->as, t, aside, base, offset);
	} else {
		uint32_t from = l ? l->slot : v->slot;
		if (base == ISA_SP && from == offset && !v->nan)
			return;
		if (wx_in_fp(t)) {
			wx_asm_load(&g->as, t, aside, ISA_SP, from);
			if (v->nan)
				wx_asm_canonical(&g->as, t, aside);
			wx_asm_store(&g->as, t, aside, base, offset);
			return;
		}
		aside.r = temporary;
		for (uint32_t i = 0; i < wx_slot_size(t); i += ISA_WORD) {
			wx_asm_load(&g->as, WX_WORD_TYPE, aside, ISA_SP, from + i);
			wx_asm_store(&g->as, WX_WORD_TYPE, aside, base, offset + i);
		}
	}
}

/*
 * Put the topmost operands where the label wants them; the operand stack stays as it is, so that the other path can go
 * on with it.
 */
static void move_to_label(wx_generator *g, const wx_control *c, const wx_movers *m)
{
	uint32_t count;
	const uint8_t *types = label_types(c, &count);
	if (g->operands.height < wx_innermost(g)->height + count) {
		wx_fail(g, "operands of a branch");
		return;
	}
	const wx_value *v = &g->operands.stack[g->operands.height - count];
	for (uint32_t i = 0; i < count; i++)
		if (v[i].type != wx_type_of(types[i]) || v[i].reference != wx_reference_of(types[i])) {
			wx_fail(g, "operand types of a branch");
			return;
		}
	if (!count)
		return;
	if (c->kind == WX_C_FUNCTION) {
		if (count > 1) {
			wx_asm_load(&g->as, wx_machine_type(WX_REF), m->area.reg, ISA_CTX, WX_CTX_ARGS * ISA_WORD);
			for (uint32_t i = 1; i < count; i++) {
				copy_operand(g, &v[i], m->area.reg.r, 8 * i, m->temporary.reg.r);
			}
		}
	} else if (c->kind == WX_C_LOOP || count > 1) {
		uint32_t to = slot_at(g, c->height);
		for (uint32_t i = 0; i < count; i++) {
			copy_operand(g, &v[i], ISA_SP, to, m->temporary.reg.r);
			to += wx_slot_size((wx_type)v[i].type);
		}
		wx_note_frame(g, to);
		return;
	}
	wx_type t = wx_machine_type((wx_type)v->type);
	wx_reg d = wx_abi_result(t);
	wx_load_value(g, v, d);
	if (v->nan)
		wx_asm_canonical(&g->as, t, d);
}

/* At a label: its operands are where move_to_label put them. */
static void take_from_label(wx_generator *g, wx_control *c, bool parameters)
{
	const uint8_t *types = parameters ? c->values : c->values + c->params;
	uint32_t count = parameters ? c->params : c->results;
	bool slots = parameters || count > 1;
	for (uint32_t i = 0; i < count; i++) {
		wx_type t = wx_type_of(types[i]);
		if (slots) {
			wx_value *v = wx_push(g, WX_V_SLOT, t, wx_reference_of(types[i]));
			wx_note_frame(g, v->slot + wx_slot_size(t));
		} else {
			wx_push_reg(g, t, wx_reference_of(types[i]), wx_abi_result(wx_machine_type(t)), false);
		}
	}
	if (slots && g->operands.settled + count >= g->operands.height)
		g->operands.settled = g->operands.height;
}

/* Forget operands down to a height. */
static void drop_to(wx_generator *g, uint32_t height)
{
	while (g->operands.height > height) {
		wx_value *v = &g->operands.stack[--g->operands.height];
		int64_t local = wx_read_local(v);
		if (local >= 0)
			g->locals.list[local].refs--;
		if (v->reg.r != WX_NO_REG)
			wx_release_reg(g, v->reg);
		else if (v->kind == WX_V_COMPARE)
			wx_release_condition(g, &g->fusion.compare);
	}
	if (g->operands.settled > height)
		g->operands.settled = height;
}

static void set_dead(wx_generator *g)
{
	g->control.dead = true;
	drop_to(g, wx_innermost(g)->height);
}

/* Parameters that meet others at a label, or are read on two ways: what may be made canonical is so beforehand. */
static void make_canonical(wx_generator *g, uint32_t from)
{
	for (uint32_t i = from; i < g->operands.height; i++) {
		wx_value *v = &g->operands.stack[i];
		if (!v->nan)
			continue;
		const wx_local *l = v->kind == WX_V_LOCAL ? &g->locals.list[v->bits] : NULL;
		wx_type t = (wx_type)v->type;
		wx_reg reg = l ? l->reg : v->reg;
		v->nan = false;
		if (reg.r != WX_NO_REG) {
			wx_asm_canonical(&g->as, t, reg);
			continue;
		}
		wx_reg aside = { ISA_FP_SCRATCH, WX_NO_REG };
		uint32_t slot = l ? l->slot : v->slot;
		wx_asm_load(&g->as, t, aside, ISA_SP, slot);
		wx_asm_canonical(&g->as, t, aside);
		wx_asm_store(&g->as, t, aside, ISA_SP, slot);
	}
}

void wx_enter_block(wx_generator *g, const wx_record *r)
{
	static const uint8_t single[] = { WX_I32_TYPE, WX_I64_TYPE, WX_F32_TYPE, WX_F64_TYPE, WX_FUNCREF_TYPE,
		WX_EXTERNREF_TYPE };
	wx_control c = { .kind = r->op == WX_OP_LOOP ? WX_C_LOOP : r->op == WX_OP_IF ? WX_C_IF : WX_C_BLOCK };
	if (r->a & 0x8000) {
		uint32_t type = r->a & 0x7FFF;
		if (type >= g->module->type_count) {
			wx_fail(g, "block type");
			return;
		}
		const wx_signature *s = &g->module->types[type];
		c.values = s->values;
		c.params = s->params;
		c.results = s->results;
	} else if (r->a != WX_EMPTY_TYPE) {
		for (uint32_t i = 0; i < sizeof single; i++)
			if (single[i] == r->a)
				c.values = &single[i];
		if (!c.values) {
			wx_fail(g, "block type");
			return;
		}
		c.results = 1;
	}
	wx_condition condition = { .type = WX_I32 };
	if (c.kind == WX_C_IF)
		condition = wx_pop_condition(g, 0, 0);
	uint32_t below = wx_innermost(g)->height;
	if (g->operands.height < below + c.params) {
		wx_fail(g, "parameters of a block");
		return;
	}
	c.height = g->operands.height - c.params;
	c.merged = c.kind == WX_C_IF || (r->b & 0xFFFF);
	if (c.results == 1 && !(g->function.flags & WX_FLAG_RESULT)) {
		wx_fail(g, "result of a block in a function said to have none");
		return;
	}
	if (c.merged) {
		wx_settle_all(g, 0, c.height, false);
		if (c.kind != WX_C_BLOCK) {
			make_canonical(g, c.height);
			wx_settle_all(g, c.height, g->operands.height, true);
		}
	}
	if (g->control.depth == g->control.capacity) {
		wx_control *control = wx_array_grow(
			g->memory, g->control.stack, &g->control.capacity, g->control.depth + 1ull, sizeof *control);
		if (!control) {
			g->no_memory = true;
			return;
		}
		g->control.stack = control;
	}
	if (c.kind == WX_C_IF) {
		c.else_chain = wx_asm_branch(&g->as, wx_cond_not(condition.cond), wx_machine_type(condition.type),
			condition.a.reg, condition.operand, 0);
		wx_release_condition(g, &condition);
	}
	if (c.kind == WX_C_LOOP)
		wx_forget_copies(g);
	c.target = g->as.size;
	c.region = g->loop.region;
	c.fresh = g->registers.fresh;
	g->registers.fresh = 0;
	g->control.stack[g->control.depth++] = c;
	g->operands.floor = c.height;
	if (c.kind == WX_C_LOOP && c.merged && r->b >> 24) {
		g->loop.uses_left = r->b >> 24;
		g->loop.calls = (r->b & 0x10000) != 0;
		g->loop.i64 = (r->b & 0x40000) != 0;
		g->loop.most_used_count = 0;
		g->loop.assigned = 0;
	}
}

/* All uses of the loop just entered are known. */
void wx_begin_loop(wx_generator *g)
{
	wx_region_enter(g, g->loop.calls, g->loop.i64);
	wx_control *c = wx_innermost(g);
	c->region = g->loop.region;
	c->target = g->as.size;
}

static uint32_t entry_at(uint32_t table, uint32_t entry)
{
	return table + ISA_TABLE_HEAD + 4 * entry;
}

static void bind_label(wx_generator *g, wx_control *c)
{
	wx_forget_fresh_copies(g);
	if (c->chain)
		wx_asm_link(&g->as, c->chain, g->as.size);
	for (uint32_t i = c->fixups; i; i = g->control.fixups[i - 1].next) {
		uint32_t table = g->control.fixups[i - 1].table, next = g->control.fixups[i - 1].entry + 1;
		while (next && !g->as.failed) {
			uint32_t entry = next - 1;
			next = wx_asm_get32(&g->as, entry_at(table, entry));
			wx_asm_table_entry(&g->as, table, entry, g->as.size);
		}
	}
}

static bool results_match(wx_generator *g, const wx_control *c)
{
	if (g->operands.height != c->height + c->results) {
		wx_fail(g, "operands at the end of a block");
		return false;
	}
	return true;
}

void wx_else(wx_generator *g)
{
	wx_control *c = wx_innermost(g);
	if (c->kind != WX_C_IF) {
		wx_fail(g, "else without if");
		return;
	}
	if (!g->control.dead) {
		if (!results_match(g, c))
			return;
		wx_movers m = take_movers(g, c);
		move_to_label(g, c, &m);
		release_movers(g, &m);
		c->chain = wx_asm_jump(&g->as, c->chain);
	}
	drop_to(g, c->height);
	wx_asm_link(&g->as, c->else_chain, g->as.size);
	wx_forget_fresh_copies(g);
	c->else_chain = 0;
	c->kind = WX_C_ELSE;
	take_from_label(g, c, true);
	g->control.dead = false;
}

/* Operands from `from` on leave the registers in which the region has locals. */
static void clear_registers(wx_generator *g, uint32_t from, uint32_t region)
{
	const wx_locals_region *r = &g->loop.regions[region];
	if (!wx_region_differs(g, region))
		return;
	for (uint32_t i = from; i < g->operands.height; i++) {
		wx_value *v = &g->operands.stack[i];
		if (v->reg.r != WX_NO_REG && (r->owner[v->reg.r] || (v->reg.h != WX_NO_REG && r->owner[v->reg.h])))
			wx_settle(g, v, false);
	}
}

void wx_end(wx_generator *g)
{
	wx_control *c = wx_innermost(g);
	if (c->kind == WX_C_IF) {
		bool same = c->params == c->results;
		for (uint32_t i = 0; same && i < c->params; i++)
			same = c->values[i] == c->values[c->params + i];
		if (!same) {
			wx_fail(g, "if without else");
			return;
		}
		if (c->results) {
			wx_else(g);
			c = wx_innermost(g);
		} else {
			if (!g->control.dead && !results_match(g, c))
				return;
			wx_asm_link(&g->as, c->else_chain, g->as.size);
			wx_forget_fresh_copies(g);
			g->control.dead = false;
		}
	}
	bool merge = c->kind == WX_C_FUNCTION || (c->merged && c->kind != WX_C_LOOP);
	if (!g->control.dead && !results_match(g, c))
		return;
	if (c->kind == WX_C_LOOP && g->control.depth > 1 && !g->control.dead)
		clear_registers(g, c->height, g->control.stack[g->control.depth - 2].region);
	if (c->kind == WX_C_LOOP && g->control.depth > 1)
		wx_region_leave(g, g->control.stack[g->control.depth - 2].region, !g->control.dead);
	if (merge) {
		if (!g->control.dead) {
			wx_movers m = take_movers(g, c);
			move_to_label(g, c, &m);
			release_movers(g, &m);
		}
		drop_to(g, c->height);
		bind_label(g, c);
		if (c->kind != WX_C_FUNCTION)
			take_from_label(g, c, false);
	} else if (g->control.dead) {
		/* Nothing comes here; what follows is still in the plan, so give it operands of the right types. */
		drop_to(g, c->height);
		for (uint32_t i = 0; i < c->results; i++)
			wx_push_const(g, wx_type_of(c->values[c->params + i]), wx_reference_of(c->values[c->params + i]), 0);
	}
	g->registers.fresh |= c->fresh;
	g->control.dead = false;
	g->control.depth--;
	g->operands.floor = g->control.depth ? wx_innermost(g)->height : 0;
}

/* Must anything be moved before a branch to the label? */
static bool needs_moves(const wx_generator *g, const wx_control *c)
{
	uint32_t count;
	label_types(c, &count);
	return count || (c->kind != WX_C_FUNCTION && wx_region_differs(g, c->region));
}

/* A branch whose operands have been moved, if there are any. */
static void jump_to(wx_generator *g, wx_control *c)
{
	if (c->kind != WX_C_FUNCTION)
		wx_region_move(g, c->region);
	if (c->kind == WX_C_LOOP)
		wx_asm_jump_back(&g->as, c->target);
	else if (c->kind == WX_C_FUNCTION)
		g->control.returns = wx_asm_jump(&g->as, g->control.returns);
	else
		c->chain = wx_asm_jump(&g->as, c->chain);
}

static void jump_to_if(wx_generator *g, wx_control *c, wx_cond cond, wx_type t, wx_reg a, wx_operand b)
{
	t = wx_machine_type(t);
	if (c->kind == WX_C_LOOP)
		wx_asm_branch_back(&g->as, cond, t, a, b, c->target);
	else if (c->kind == WX_C_FUNCTION)
		g->control.returns = wx_asm_branch(&g->as, cond, t, a, b, g->control.returns);
	else
		c->chain = wx_asm_branch(&g->as, cond, t, a, b, c->chain);
}

static bool branchable(wx_generator *g, const wx_control *c)
{
	if (c->kind == WX_C_FUNCTION || c->merged)
		return true;
	wx_fail(g, "branch to a block said to have none");
	return false;
}

void wx_branch(wx_generator *g, uint32_t depth)
{
	wx_control *c = control_at(g, depth);
	if (!branchable(g, c))
		return;
	wx_movers m = take_movers(g, c);
	move_to_label(g, c, &m);
	release_movers(g, &m);
	/* The function's own end follows: fall into the epilogue. */
	if (!(c->kind == WX_C_FUNCTION && g->control.depth == 1 && g->fusion.next && g->fusion.next->op == WX_OP_END))
		jump_to(g, c);
	set_dead(g);
}

void wx_branch_if(wx_generator *g, uint32_t depth)
{
	wx_control *c = control_at(g, depth);
	if (!branchable(g, c))
		return;
	bool moves = needs_moves(g, c);
	wx_condition condition = wx_pop_condition(g, moves ? 2 : 0, 0);
	if (!moves) {
		jump_to_if(g, c, condition.cond, condition.type, condition.a.reg, condition.operand);
		wx_release_condition(g, &condition);
		return;
	}
	wx_movers m = take_movers(g, c);
	uint32_t over = wx_asm_branch(
		&g->as, wx_cond_not(condition.cond), wx_machine_type(condition.type), condition.a.reg, condition.operand, 0);
	wx_release_condition(g, &condition);
	move_to_label(g, c, &m);
	jump_to(g, c);
	wx_asm_link(&g->as, over, g->as.size);
	release_movers(g, &m);
}

void wx_return(wx_generator *g)
{
	wx_branch(g, g->control.depth - 1);
}

/* br_table: few labels by compares, else through a jump table. The labels follow in records of their own. */
void wx_switch(wx_generator *g, uint32_t count)
{
	wx_value v = wx_pop(g, WX_I32);
	g->switching.index = wx_hold(g, &v);
	if (!g->switching.index.owned && count) {
		/* the dispatch changes its index register */
		wx_reg copy = wx_take(g, WX_I32);
		wx_asm_move(&g->as, WX_I32, copy, g->switching.index.reg);
		g->switching.index = (wx_held){ .reg = copy, .owned = true };
	}
	wx_forget_copies(g);
	g->switching.count = count + 1;
	g->switching.entries = count;
	g->switching.serial++;
	g->switching.default_chain = 0;
	g->switching.compares = count <= 3;
	g->switching.movers = (wx_movers){ { .owned = false }, { .owned = false } };
	if (g->operands.height > wx_innermost(g)->height) {
		/* Labels may want operands moved, each on a path of its own. */
		g->switching.movers.temporary = (wx_held){ .reg = { wx_take_general(g), WX_NO_REG }, .owned = true };
		g->switching.movers.area = (wx_held){ .reg = { wx_take_general(g), WX_NO_REG }, .owned = true };
	}
	if (g->switching.compares)
		return;
	if (count > MOST_ENTRIES || !wx_asm_reserve(&g->as, WX_TABLE_ROOM(count))) {
		g->no_memory = true;
		return;
	}
	wx_operand limit = { .immediate = true, .value = count };
	g->switching.default_chain = wx_asm_branch(&g->as, WX_GE_U, WX_I32, g->switching.index.reg, limit, 0);
	g->switching.table = wx_asm_table(&g->as, g->switching.index.reg.r, count);
	wx_release(g, &g->switching.index);
}

static void add_fixup(wx_generator *g, wx_control *c, uint32_t entry)
{
	wx_fixup *last = c->fixups ? &g->control.fixups[c->fixups - 1] : NULL;
	if (last && last->table == g->switching.table) {
		wx_asm_put32(&g->as, entry_at(last->table, entry), last->entry + 1);
		last->entry = entry;
		return;
	}
	if (g->control.fixup_count == g->control.fixup_capacity) {
		wx_fixup *fixups = wx_array_grow(
			g->memory, g->control.fixups, &g->control.fixup_capacity, g->control.fixup_count + 1ull, sizeof *fixups);
		if (!fixups) {
			g->no_memory = true;
			return;
		}
		g->control.fixups = fixups;
	}
	g->control.fixups[g->control.fixup_count++] = (wx_fixup){ g->switching.table, entry, c->fixups };
	c->fixups = g->control.fixup_count;
}

void wx_switch_label(wx_generator *g, uint32_t depth)
{
	wx_control *c = control_at(g, depth);
	if (!branchable(g, c))
		return;
	bool moves = needs_moves(g, c);
	uint32_t i = g->switching.entries + 1 - g->switching.count;
	bool last = --g->switching.count == 0;
	wx_operand value = { .immediate = true, .value = i };
	wx_movers *m = &g->switching.movers;
	if (last) {
		if (g->switching.compares)
			wx_release(g, &g->switching.index);
		else
			wx_asm_link(&g->as, g->switching.default_chain, g->as.size);
		move_to_label(g, c, m);
		release_movers(g, m);
		jump_to(g, c);
		set_dead(g);
		return;
	}
	if (g->switching.compares) {
		if (!moves) {
			jump_to_if(g, c, WX_EQ, WX_I32, g->switching.index.reg, value);
			return;
		}
		uint32_t over = wx_asm_branch(&g->as, WX_NE, WX_I32, g->switching.index.reg, value, 0);
		move_to_label(g, c, m);
		jump_to(g, c);
		wx_asm_link(&g->as, over, g->as.size);
		return;
	}
	if (!moves && c->kind == WX_C_LOOP) {
		wx_asm_table_entry(&g->as, g->switching.table, i, c->target);
	} else if (!moves && c->kind != WX_C_FUNCTION) {
		add_fixup(g, c, i);
	} else {
		/* Its operands are moved, or it returns, in a stub: one for each label. */
		if (c->stub_of != g->switching.serial) {
			c->stub_of = g->switching.serial;
			c->stub = g->as.size;
			move_to_label(g, c, m);
			jump_to(g, c);
		}
		wx_asm_table_entry(&g->as, g->switching.table, i, c->stub);
	}
}
