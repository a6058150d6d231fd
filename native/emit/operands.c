/* The operand stack, held lazily. */
#include "generator.h"
#include "../base/array.h"

uint8_t wx_reference_of(uint8_t value_type)
{
	return wx_type_of(value_type) == WX_REF ? value_type : 0;
}

#define MOST_LOCALS 0x1000000u

bool wx_add_local(wx_generator *g, uint8_t value_type, uint32_t count)
{
	uint64_t wanted = (uint64_t)g->locals.count + count;
	if (wanted > g->locals.capacity) {
		wx_local *locals = wanted > MOST_LOCALS
			? NULL
			: wx_array_grow(g->memory, g->locals.list, &g->locals.capacity, wanted, sizeof *locals);
		if (!locals) {
			g->no_memory = true;
			return false;
		}
		g->locals.list = locals;
	}
	for (uint32_t i = 0; i < count; i++)
		g->locals.list[g->locals.count++] = (wx_local){ .type = (uint8_t)wx_type_of(value_type),
			.reference = wx_reference_of(value_type),
			.zero = wx_reference_of(value_type) != 0,
			.reg = { WX_NO_REG, WX_NO_REG } };
	return true;
}

wx_value *wx_push(wx_generator *g, uint8_t kind, wx_type t, uint8_t reference)
{
	if (g->operands.height == g->operands.capacity) {
		wx_value *stack = wx_array_grow(
			g->memory, g->operands.stack, &g->operands.capacity, g->operands.height + 1ull, sizeof *stack);
		if (!stack) {
			g->no_memory = true;
			return &g->operands.stack[g->operands.height - 1];
		}
		g->operands.stack = stack;
	}
	wx_value *v = &g->operands.stack[g->operands.height];
	uint32_t slot = g->operands.height ? v[-1].slot + wx_slot_size((wx_type)v[-1].type) : g->operands.slots;
	g->operands.height++;
	*v = (wx_value){
		.kind = kind, .type = (uint8_t)t, .reference = reference, .reg = { WX_NO_REG, WX_NO_REG }, .slot = slot
	};
	if (g->operands.height > WX_WINDOW && g->operands.height - WX_WINDOW > g->operands.settled) {
		wx_settle(g, &g->operands.stack[g->operands.height - 1 - WX_WINDOW], false);
		g->operands.settled = g->operands.height - WX_WINDOW;
	}
	return v;
}

void wx_push_const(wx_generator *g, wx_type t, uint8_t reference, uint64_t bits)
{
	wx_push(g, WX_V_CONST, t, reference)->bits = bits;
}

void wx_push_reg(wx_generator *g, wx_type t, uint8_t reference, wx_reg reg, bool nan)
{
	wx_claim(g, reg);
	wx_value *v = wx_push(g, WX_V_REG, t, reference);
	v->reg = reg;
	v->nan = nan && wx_in_fp(t);
}

void wx_push_local(wx_generator *g, uint32_t local)
{
	wx_local *l = &g->locals.list[local];
	wx_value *v = wx_push(g, WX_V_LOCAL, (wx_type)l->type, l->reference);
	v->bits = local;
	v->nan = l->arithmetic;
	l->refs++;
}

static inline wx_value pop(wx_generator *g)
{
	uint32_t height = g->operands.height;
	if (height <= g->operands.floor) {
		wx_fail(g, "operand stack underflow");
		return (wx_value){ .kind = WX_V_CONST, .type = WX_I32, .reg = { WX_NO_REG, WX_NO_REG } };
	}
	const wx_value *v = &g->operands.stack[--height];
	g->operands.height = height;
	if (g->operands.settled > height)
		g->operands.settled = height;
	int64_t local = wx_read_local(v);
	if (local >= 0)
		g->locals.list[local].refs--;
	return *v;
}

wx_value wx_pop_any(wx_generator *g)
{
	return pop(g);
}

/* As operands on the stack will stand. */
static void push_scaled(wx_generator *g, const wx_value *v, uint8_t shift, uint32_t amount, uint32_t addend, bool exact)
{
	int64_t local = wx_read_local(v);
	wx_reg reg = v->reg;
	if (local < 0)
		wx_claim(g, reg);
	else
		g->locals.list[local].refs++;
	wx_value *w = wx_push(g, WX_V_SCALED, WX_I32, 0);
	w->reg = reg;
	w->shift = shift;
	w->amount = (uint8_t)amount;
	w->exact = exact;
	w->bits = (uint64_t)addend << 32 | (local < 0 ? 0 : (uint32_t)local);
}

static bool is_plain(const wx_value *v)
{
	return v->kind == WX_V_LOCAL || v->kind == WX_V_REG;
}

bool wx_push_shifted(wx_generator *g, const wx_value *v, uint8_t shift, uint32_t amount, bool exact)
{
	if (!is_plain(v) || !amount || !wx_asm_worth_folding(shift, amount))
		return false;
	push_scaled(g, v, shift, amount, 0, exact);
	return true;
}

bool wx_push_sum(wx_generator *g, const wx_value *v, uint32_t addend, bool exact)
{
	bool scaled = wx_is_scale(v);
	if (!scaled && !is_plain(v))
		return false;
	push_scaled(g, v, scaled ? v->shift : 0, scaled ? v->amount : 0, addend + (scaled ? wx_addend(v) : 0),
		exact && (!scaled || v->exact));
	return true;
}

wx_value wx_pop(wx_generator *g, wx_type t)
{
	wx_value v = pop(g);
	if (v.type != t) {
		wx_fail(g, "operand type");
		v.type = (uint8_t)t;
		v.kind = WX_V_CONST;
	}
	return v;
}

wx_value wx_pop_value(wx_generator *g, uint8_t value_type)
{
	wx_value v = wx_pop(g, wx_type_of(value_type));
	if (v.type == WX_REF && v.reference != value_type)
		wx_fail(g, "reference type");
	return v;
}

/* d = s, a register or a pair of either. */
void wx_move_value(wx_generator *g, wx_type t, wx_reg d, wx_reg s)
{
	if (d.r == s.r && d.h == s.h)
		return;
	/* Of pairs with a register in common each half goes by itself. */
	if (d.h != WX_NO_REG && (d.r == s.r || d.h == s.h || d.r == s.h || d.h == s.r)) {
		uint8_t to[2] = { d.r, d.h }, from[2] = { s.r, s.h };
		const wx_type types[2] = { WX_I32, WX_I32 };
		wx_parallel_move(g, to, from, types, 2);
	} else {
		wx_asm_move(&g->as, t, d, s);
	}
}

/* Put an operand into d, wherever it is. */
void wx_load_value(wx_generator *g, const wx_value *v, wx_reg d)
{
	wx_type t = wx_machine_type((wx_type)v->type);
	switch (v->kind) {
	case WX_V_CONST: {
		uint8_t known = v->type == WX_I32 ? wx_find_constant(g, (uint32_t)v->bits) : WX_NO_REG;
		if (known != WX_NO_REG)
			wx_asm_move(&g->as, t, d, (wx_reg){ known, WX_NO_REG });
		else
			wx_asm_const(&g->as, t, d, v->bits);
		break;
	}
	case WX_V_LOCAL: {
		const wx_local *l = &g->locals.list[v->bits];
		if (l->reg.r != WX_NO_REG)
			wx_move_value(g, t, d, l->reg);
		else
			wx_asm_load(&g->as, t, d, ISA_SP, l->slot);
		break;
	}
	case WX_V_REG: wx_move_value(g, t, d, v->reg); break;
	case WX_V_SLOT: wx_asm_load(&g->as, t, d, ISA_SP, v->slot); break;
	case WX_V_SCALED: {
		wx_reg s = v->reg;
		if (s.r == WX_NO_REG)
			s = g->locals.list[(uint32_t)v->bits].reg;
		if (s.r == WX_NO_REG)
			s.r = wx_find_copy(g, (uint32_t)v->bits);
		if (s.r == WX_NO_REG)
			wx_asm_load(&g->as, t, s = d, ISA_SP, g->locals.list[(uint32_t)v->bits].slot);
		wx_asm_scaled(&g->as, d, s, v->shift, v->amount, wx_addend(v));
		break;
	}
	case WX_V_LOADED: {
		const wx_operand *l = &g->fusion.loaded;
		wx_asm_memory_load(&g->as, (uint8_t)(WX_OP_I32_LOAD + t), d,
			(wx_address){ .reg = l->index, .pointer = WX_NO_REG, .scale = l->scale, .offset = (uint32_t)l->value },
			false);
		wx_release(g, &g->fusion.loaded_index);
		break;
	}
	case WX_V_PRODUCT: wx_fail(g, "product kept"); break;
	case WX_V_COMPARE:
		wx_asm_set(&g->as, g->fusion.compare.cond, wx_machine_type(g->fusion.compare.type), d, g->fusion.compare.a.reg,
			g->fusion.compare.operand);
		break;
	}
}

/* A popped operand in a register. */
wx_held wx_hold(wx_generator *g, const wx_value *v)
{
	wx_held held = { .reg = v->reg, .owned = true, .nan = v->nan, .type = v->type };
	if (v->kind == WX_V_REG)
		return held;
	if (v->kind == WX_V_SCALED && v->reg.r != WX_NO_REG) {
		wx_load_value(g, v, v->reg);
		return held;
	}
	if (v->kind == WX_V_LOCAL && g->locals.list[v->bits].reg.r != WX_NO_REG) {
		held.reg = g->locals.list[v->bits].reg;
		held.owned = false;
		return held;
	}
	if (v->kind == WX_V_CONST && v->type == WX_I32 && g->registers.constants) {
		uint8_t known = wx_find_constant(g, (uint32_t)v->bits);
		if (known != WX_NO_REG) {
			held.reg = (wx_reg){ known, WX_NO_REG };
			held.owned = false;
			return held;
		}
	}
	if (v->kind == WX_V_LOCAL) {
		uint8_t copy = wx_find_copy(g, (uint32_t)v->bits);
		if (copy != WX_NO_REG) {
			g->as.free &= ~(1u << copy);
			held.reg = (wx_reg){ copy, WX_NO_REG };
			return held;
		}
	}
	held.reg = wx_take(g, (wx_type)v->type);
	wx_load_value(g, v, held.reg);
	if (v->kind == WX_V_LOCAL)
		wx_note_copy(g, (uint32_t)v->bits, held.reg);
	if (v->kind == WX_V_COMPARE)
		wx_release_condition(g, &g->fusion.compare);
	return held;
}

wx_held wx_hold_source(wx_generator *g, const wx_value *v)
{
	wx_value source = *v;
	source.kind = v->reg.r != WX_NO_REG ? WX_V_REG : WX_V_LOCAL;
	source.bits = (uint32_t)v->bits;
	return wx_hold(g, &source);
}

/* A popped operand as the second source of an instruction: integer constants stay constants. */
wx_operand wx_hold_operand(wx_generator *g, const wx_value *v, wx_held *held)
{
	wx_operand operand = { .immediate = false, .reg = { WX_NO_REG, WX_NO_REG } };
	if (v->kind == WX_V_CONST && !wx_is_float((wx_type)v->type)) {
		*held = (wx_held){ .reg = { WX_NO_REG, WX_NO_REG }, .owned = false, .type = v->type };
		operand.immediate = true;
		operand.value = v->bits;
		return operand;
	}
	*held = wx_hold(g, v);
	operand.reg = held->reg;
	return operand;
}

bool wx_is_in_memory(const wx_generator *g, const wx_value *v)
{
	switch (v->kind) {
	case WX_V_LOADED:
	case WX_V_SLOT: return true;
	case WX_V_LOCAL:
		return g->locals.list[v->bits].reg.r == WX_NO_REG && wx_find_copy(g, (uint32_t)v->bits) == WX_NO_REG;
	default: return false;
	}
}

wx_operand wx_hold_in_memory(wx_generator *g, const wx_value *v, wx_held *held)
{
	*held = (wx_held){ .reg = { WX_NO_REG, WX_NO_REG }, .owned = false, .nan = v->nan, .type = v->type };
	if (v->kind == WX_V_LOADED) {
		*held = g->fusion.loaded_index;
		return g->fusion.loaded;
	}
	return wx_place(ISA_SP, v->kind == WX_V_SLOT ? v->slot : g->locals.list[v->bits].slot);
}

void wx_prefer_register(const wx_generator *g, uint8_t op, wx_type t, wx_operand *operand, wx_held *held)
{
	if (!operand->immediate || t != WX_I32 || !g->registers.constants ||
		wx_asm_has_immediate(op, (uint32_t)operand->value))
		return;
	uint8_t known = wx_find_constant(g, (uint32_t)operand->value);
	if (known == WX_NO_REG)
		return;
	operand->immediate = false;
	operand->reg = held->reg = (wx_reg){ known, WX_NO_REG };
}

/* The value is about to be seen by memory or as an integer. */
void wx_canonical(wx_generator *g, wx_held *held)
{
	if (!held->nan)
		return;
	held->nan = false;
	/* What is not owned is a local's own register. */
	uint32_t local = held->owned ? UINT32_MAX : g->loop.regions[g->loop.region].owner[held->reg.r] - 1;
	if (local != UINT32_MAX && wx_is_canonical(g, local))
		return;
	wx_asm_canonical(&g->as, (wx_type)held->type, held->reg);
	if (local != UINT32_MAX)
		wx_note_canonical(g, local);
}

/* The frame is in use up to there. */
void wx_note_frame(wx_generator *g, uint32_t end)
{
	if (end > g->frame.size)
		g->frame.size = end;
}

void wx_compute(wx_generator *g, wx_value *v)
{
	wx_reg d = v->reg;
	if (d.r == WX_NO_REG) {
		d = wx_take(g, WX_I32);
		g->locals.list[(uint32_t)v->bits].refs--;
	}
	wx_load_value(g, v, d);
	v->kind = WX_V_REG;
	v->reg = d;
}

/* Put an operand where it can stay across blocks: constants stay (unless `constants`), all else goes to its slot. */
void wx_settle(wx_generator *g, wx_value *v, bool constants)
{
	wx_type t = wx_machine_type((wx_type)v->type);
	switch (v->kind) {
	case WX_V_CONST:
		if (!constants)
			return;
		wx_asm_store_const(&g->as, t, v->bits, ISA_SP, v->slot);
		break;
	case WX_V_LOCAL: {
		wx_local *l = &g->locals.list[v->bits];
		l->refs--;
		if (l->reg.r != WX_NO_REG) {
			wx_asm_store(&g->as, t, l->reg, ISA_SP, v->slot);
		} else {
			wx_reg d = { ISA_FP_SCRATCH, WX_NO_REG };
			if (wx_in_fp(t)) {
				wx_asm_load(&g->as, t, d, ISA_SP, l->slot);
				wx_asm_store(&g->as, t, d, ISA_SP, v->slot);
			} else {
				d.r = wx_take_general(g);
				for (uint32_t i = 0; i < wx_slot_size(t); i += ISA_WORD) {
					wx_asm_load(&g->as, WX_WORD_TYPE, d, ISA_SP, l->slot + i);
					wx_asm_store(&g->as, WX_WORD_TYPE, d, ISA_SP, v->slot + i);
				}
				wx_release_reg(g, d);
			}
		}
		break;
	}
	case WX_V_SCALED:
	case WX_V_REG:
		if (v->kind == WX_V_SCALED)
			wx_compute(g, v);
		wx_asm_store(&g->as, t, v->reg, ISA_SP, v->slot);
		wx_release_reg(g, v->reg);
		break;
	case WX_V_SLOT: return;
	case WX_V_COMPARE:
	case WX_V_PRODUCT:
	case WX_V_LOADED: wx_fail(g, "comparison, product or load kept"); return;
	}
	v->kind = WX_V_SLOT;
	v->reg.r = v->reg.h = WX_NO_REG;
	wx_note_frame(g, v->slot + wx_slot_size(t));
}

void wx_settle_all(wx_generator *g, uint32_t from, uint32_t to, bool constants)
{
	if (!constants && from < g->operands.settled)
		from = g->operands.settled;
	for (uint32_t i = from; i < to; i++)
		wx_settle(g, &g->operands.stack[i], constants);
	if (g->operands.settled < to && from <= g->operands.settled)
		g->operands.settled = to;
}

/* A call is coming: nothing may stay in registers that it changes. */
void wx_spill_caller_saved(wx_generator *g)
{
	uint32_t from = g->operands.height > WX_WINDOW ? g->operands.height - WX_WINDOW : 0;
	if (from < g->operands.settled)
		from = g->operands.settled;
	for (uint32_t i = from; i < g->operands.height; i++) {
		wx_value *v = &g->operands.stack[i];
		if (v->reg.r == WX_NO_REG)
			continue;
		if (wx_mask_of(v->reg) & ~ISA_CALLEE_SAVED)
			wx_settle(g, v, false);
	}
}

/* The local is about to change: operands that mean its present value get a copy. */
void wx_detach_local(wx_generator *g, uint32_t local)
{
	wx_local *l = &g->locals.list[local];
	if (l->reg.r != WX_NO_REG && (g->loop.regions[g->loop.region].clean >> l->reg.r & 1))
		wx_fail(g, "assignment in a loop said to have none");
	for (uint32_t i = g->operands.height; l->refs && i-- > g->operands.settled;) {
		wx_value *v = &g->operands.stack[i];
		if (wx_read_local(v) != local)
			continue;
		uint32_t class = wx_class_of((wx_type)v->type), needed = l->reg.h != WX_NO_REG ? 2 : 1;
		if ((l->reg.r != WX_NO_REG && (uint32_t)__builtin_popcount(g->as.free & class) < needed &&
				v->kind == WX_V_LOCAL) ||
			(v->kind == WX_V_SCALED && !(g->as.free & class))) {
			wx_settle(g, v, false);
			continue;
		}
		wx_reg d = wx_take(g, (wx_type)v->type);
		wx_load_value(g, v, d);
		l->refs--;
		v->kind = WX_V_REG;
		v->reg = d;
	}
}

static bool same_reg(wx_reg a, wx_reg b)
{
	return a.r == b.r && a.h == b.h;
}

/*
 * The register in which the label that comes next wants its only operand, or none: a label's further operands, and
 * loops', are in memory.
 */
static wx_reg label_register(const wx_generator *g, wx_type t)
{
	wx_reg none = { WX_NO_REG, WX_NO_REG }, reg = wx_abi_result(wx_machine_type(t));
	uint8_t op = g->fusion.next ? g->fusion.next->op : WX_OP_NOP;
	const wx_control *c = &g->control.stack[op == WX_OP_RETURN ? 0 : g->control.depth - 1];
	if ((op != WX_OP_END && op != WX_OP_ELSE && op != WX_OP_RETURN) || c->kind == WX_C_LOOP ||
		!(c->merged || c->kind == WX_C_FUNCTION) || c->results != 1)
		return none;
	uint32_t bit = 1u << reg.r;
	if (reg.h != WX_NO_REG || !(g->registers.allocatable & bit))
		return none;
	/* Whoever leaves the function needs no locals any more. */
	bool last = c->kind == WX_C_FUNCTION && g->registers.resident & bit &&
		g->locals.list[g->loop.regions[g->loop.region].owner[reg.r] - 1].reg.h == WX_NO_REG;
	return g->as.free & bit || last ? reg : none;
}

/*
 * Where the result of an instruction goes: into the local that the next instruction sets, or to the label that comes
 * next, else into a source that is not needed any more, else into a new register.
 */
wx_reg wx_destination(wx_generator *g, wx_type t, wx_held *a, wx_held *b)
{
	const wx_record *next = g->fusion.next;
	if (next && (next->op == WX_OP_LOCAL_SET || next->op == WX_OP_LOCAL_TEE) && next->b < g->locals.count) {
		wx_local *l = &g->locals.list[next->b];
		bool halves = false;
		if (l->reg.h != WX_NO_REG) {
			/* A pair must be a source as a whole or not at all. */
			const wx_held *held[2] = { a, b };
			for (int i = 0; i < 2; i++)
				if (held[i] && held[i]->reg.r != WX_NO_REG && !same_reg(held[i]->reg, l->reg) &&
					(held[i]->reg.r == l->reg.r || held[i]->reg.r == l->reg.h || held[i]->reg.h == l->reg.r ||
						held[i]->reg.h == l->reg.h))
					halves = true;
		}
		if (l->type == t && l->reg.r != WX_NO_REG && !halves) {
			wx_detach_local(g, next->b);
			wx_forget_copies_of(g, next->b);
			g->fusion.sink = next->b + 1;
			return l->reg;
		}
	}
	bool pair = wx_is_pair(t);
	wx_held *held[2] = { a, b };
	wx_reg label = label_register(g, t);
	if (label.r != WX_NO_REG) {
		wx_claim(g, label);
		g->as.saved |= 1u << label.r & (ISA_CALLEE_SAVED | ISA_LINK);
		return label;
	}
	for (int i = 0; i < 2; i++)
		if (held[i] && held[i]->owned && wx_in_fp(t) == WX_IS_FP(held[i]->reg.r) &&
			pair == (held[i]->reg.h != WX_NO_REG)) {
			held[i]->owned = false;
			wx_claim(g, held[i]->reg);
			return held[i]->reg;
		}
	return wx_take(g, t);
}

/* The result is in d, which wx_destination chose. */
void wx_push_result(wx_generator *g, wx_type t, uint8_t reference, wx_reg d, bool nan)
{
	if (!g->fusion.sink) {
		wx_push_reg(g, t, reference, d, nan);
		return;
	}
	uint32_t local = g->fusion.sink - 1;
	g->fusion.sink = 0;
	if (nan && wx_in_fp(t) && !g->locals.list[local].arithmetic)
		wx_asm_canonical(&g->as, t, d);
	g->fusion.took_next = true;
	if (g->fusion.next->op == WX_OP_LOCAL_TEE)
		wx_push_local(g, local);
}

static wx_cond swapped(wx_cond c)
{
	switch (c) {
	case WX_LT_S: return WX_GT_S;
	case WX_GT_S: return WX_LT_S;
	case WX_LE_S: return WX_GE_S;
	case WX_GE_S: return WX_LE_S;
	case WX_LT_U: return WX_GT_U;
	case WX_GT_U: return WX_LT_U;
	case WX_LE_U: return WX_GE_U;
	case WX_GE_U: return WX_LE_U;
	case WX_F_LT: return WX_F_GT;
	case WX_F_GT: return WX_F_LT;
	case WX_F_LE: return WX_F_GE;
	case WX_F_GE: return WX_F_LE;
	default: return c;
	}
}

/* A comparison: kept for the next instruction when that can use it directly, else made a value. */
void wx_push_compare(wx_generator *g, wx_cond c, wx_type t, const wx_value *a, const wx_value *b)
{
	bool constant = a->kind == WX_V_CONST && !wx_is_float(t);
	if (b->kind != WX_V_CONST && (constant || (wx_is_in_memory(g, a) && !wx_is_in_memory(g, b)))) {
		const wx_value *v = a;
		a = b;
		b = v;
		c = swapped(c);
	}
	bool in_memory = wx_is_in_memory(g, b) && wx_asm_has_memory_compare(c);
	wx_condition compare;
	compare.cond = c;
	compare.type = t;
	compare.a = wx_hold(g, a);
	compare.operand = in_memory ? wx_hold_in_memory(g, b, &compare.b) : wx_hold_operand(g, b, &compare.b);
	wx_prefer_register(g, WX_OP_I32_EQ, t, &compare.operand, &compare.b);
	uint8_t next = g->fusion.next ? g->fusion.next->op : WX_OP_NOP;
	if (next == WX_OP_BR_IF || next == WX_OP_IF || next == WX_OP_SELECT || next == WX_OP_SELECT_T ||
		(next == WX_OP_I32_EQZ && !wx_is_float(t))) {
		g->fusion.compare = compare;
		wx_push(g, WX_V_COMPARE, WX_I32, 0);
		return;
	}
	wx_held *pa = &compare.a, *pb = compare.operand.immediate || compare.operand.memory ? NULL : &compare.b;
	bool wide = wx_is_pair(t);
	wx_reg d = wx_destination(g, WX_I32, wide ? NULL : pa, wide ? NULL : pb);
	wx_asm_set(&g->as, c, wx_machine_type(t), d, compare.a.reg, compare.operand);
	wx_release(g, &compare.a);
	wx_release(g, &compare.b);
	wx_push_result(g, WX_I32, 0, d, false);
}

/* General registers that are free, or would be with the lowest `height` operands in their slots. */
static uint32_t available(const wx_generator *g, uint32_t height)
{
	uint32_t mask = g->as.free, from = height > WX_WINDOW ? height - WX_WINDOW : 0;
	for (uint32_t i = from < g->operands.settled ? g->operands.settled : from; i < height; i++) {
		const wx_value *v = &g->operands.stack[i];
		if (v->reg.r != WX_NO_REG)
			mask |= wx_mask_of(v->reg);
	}
	return (uint32_t)__builtin_popcount(mask & ISA_GENERAL);
}

uint32_t wx_demand(const wx_generator *g, const wx_value *v, bool *owned)
{
	const wx_local *l = v->kind == WX_V_LOCAL ? &g->locals.list[v->bits] : NULL;
	bool constant = v->kind == WX_V_CONST && v->type == WX_I32 && wx_find_constant(g, (uint32_t)v->bits) != WX_NO_REG;
	*owned = !constant && !(l && l->reg.r != WX_NO_REG);
	return *owned && v->reg.r == WX_NO_REG ? wx_slot_size(wx_machine_type((wx_type)v->type)) / ISA_WORD : 0;
}

/*
 * The condition on top of the stack. `needed`: general registers that its user takes while the compared operands are in
 * theirs; `kept`: operands below that keep theirs.
 */
wx_condition wx_pop_condition(wx_generator *g, uint32_t needed, uint32_t kept)
{
	wx_value v = wx_pop(g, WX_I32);
	if (v.kind == WX_V_COMPARE &&
		(!needed || !WX_IS_GENERAL(g->fusion.compare.a.reg.r) || available(g, g->operands.height - kept) >= needed))
		return g->fusion.compare;
	wx_condition c = { .cond = WX_NE, .type = WX_I32, .operand = { .immediate = true } };
	c.b.reg.r = c.b.reg.h = WX_NO_REG;
	c.a = wx_hold(g, &v);
	return c;
}

void wx_release_condition(wx_generator *g, wx_condition *c)
{
	wx_release(g, &c->a);
	wx_release(g, &c->b);
}

/* local.set and local.tee that no producer took over. */
void wx_assign_local(wx_generator *g, uint32_t local, bool keep)
{
	wx_local *l = &g->locals.list[local];
	wx_type t = wx_machine_type((wx_type)l->type);
	wx_value v = wx_pop(g, (wx_type)l->type);
	if (v.reference != l->reference)
		wx_fail(g, "reference type");
	if (v.kind == WX_V_LOCAL && v.bits == local) {
		if (keep)
			wx_push_local(g, local);
		return;
	}
	wx_held held = { .owned = false };
	bool in_register = v.kind == WX_V_REG;
	if (in_register) {
		held = wx_hold(g, &v);
		if (!l->arithmetic)
			wx_canonical(g, &held);
	}
	wx_detach_local(g, local);
	wx_forget_copies_of(g, local);
	if (l->reg.r != WX_NO_REG) {
		wx_load_value(g, &v, l->reg);
		if (v.kind == WX_V_COMPARE)
			wx_release_condition(g, &g->fusion.compare);
		if (v.nan && !in_register && !l->arithmetic)
			wx_asm_canonical(&g->as, t, l->reg);
		if (v.kind == WX_V_SCALED && v.reg.r != WX_NO_REG)
			wx_release_reg(g, v.reg);
		wx_release(g, &held);
		if (keep)
			wx_push_local(g, local);
		return;
	}
	if (v.kind == WX_V_CONST) {
		wx_asm_store_const(&g->as, t, v.bits, ISA_SP, l->slot);
		if (keep)
			wx_push_const(g, (wx_type)v.type, v.reference, v.bits);
		return;
	}
	if (!in_register) {
		held = wx_hold(g, &v);
		if (!l->arithmetic)
			wx_canonical(g, &held);
	}
	wx_asm_store(&g->as, t, held.reg, ISA_SP, l->slot);
	if (held.owned)
		wx_note_copy(g, local, held.reg);
	wx_release(g, &held);
	if (keep)
		wx_push_local(g, local);
}
