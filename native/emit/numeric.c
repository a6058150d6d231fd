/* Numeric instructions, select, loads and stores. */
#include "generator.h"
#include "../abi/context.h"

static bool has(uint8_t op, unsigned flag)
{
	return wx_op_info[op].flags & flag;
}

static bool comparison(uint8_t op, wx_cond *c)
{
	switch (op) {
#define CONDITION(op, condition) \
	case op: *c = WX_##condition; return true;
		WX_OP_CONDITIONS(CONDITION)
#undef CONDITION
	default: return false;
	}
}

/* Traps of division that the operands do not exclude. */
static void check_division(wx_generator *g, uint8_t op, wx_type t, wx_reg a, const wx_operand *b)
{
	uint64_t ones = t == WX_I32 ? 0xFFFFFFFFu : UINT64_MAX;
	wx_operand zero = { .immediate = true, .value = 0 };
	wx_operand minimum = { .immediate = true, .value = t == WX_I32 ? 0x80000000u : 0x8000000000000000u };
	bool divides_signed = op == WX_OP_I32_DIV_S || op == WX_OP_I64_DIV_S;
	if (b->immediate) {
		if (divides_signed && (b->value & ones) == ones)
			asm_trap_if(&g->as, WX_TRAP_OVERFLOW, WX_EQ, t, a, minimum);
		return;
	}
	asm_trap_if(&g->as, WX_TRAP_DIVIDE_BY_ZERO, WX_EQ, t, b->reg, zero);
	if (!divides_signed)
		return;
	wx_operand minus_one = { .immediate = true, .value = ones };
	uint32_t over = asm_branch(&g->as, WX_NE, t, b->reg, minus_one, 0);
	asm_trap_if(&g->as, WX_TRAP_OVERFLOW, WX_EQ, t, a, minimum);
	asm_link(&g->as, over, g->as.size);
}

static bool is_shifted(const wx_value *v)
{
	return v->kind == WX_V_SCALED && v->shift && !wx_addend(v);
}

/*
 * i32 instructions with a constant whose result can wait for the instruction that uses it, or that merge with the one
 * before.
 */
static bool fold_constant(wx_generator *g, uint8_t op, const wx_value *a, uint32_t c, bool exact)
{
	if (g->registers.constants && (op == WX_OP_I32_ADD || op == WX_OP_I32_SUB) && !asm_immediate(op, c) &&
		wx_find_constant(g, c) != WX_NO_REG)
		return false;
	uint8_t shift = op == WX_OP_I32_ROTL ? WX_OP_I32_ROTR : op;
	uint32_t amount = (op == WX_OP_I32_ROTL ? 0u - c : c) & 31;
	switch (op) {
	case WX_OP_I32_ADD: return wx_push_sum(g, a, c, exact);
	case WX_OP_I32_SUB: return wx_push_sum(g, a, 0u - c, false);
	case WX_OP_I32_SHL:
	case WX_OP_I32_SHR_U:
	case WX_OP_I32_SHR_S:
	case WX_OP_I32_ROTL:
	case WX_OP_I32_ROTR:
		if (wx_push_shifted(g, a, shift, amount, exact))
			return true;
		if (!is_shifted(a) || a->shift != WX_OP_I32_SHL || amount < a->amount ||
			(op != WX_OP_I32_SHR_U && op != WX_OP_I32_SHR_S))
			return false;
		break;
	case WX_OP_I32_AND:
		/* shr_u, then the lowest bits */
		if (!is_shifted(a) || a->shift != WX_OP_I32_SHR_U || !c || (c & (c + 1)) || (c >> (31 - a->amount)) > 1)
			return false;
		break;
	default: return false;
	}
	if (!asm_has_bit_field())
		return false;
	wx_held s = wx_hold_source(g, a);
	wx_reg d = wx_destination(g, WX_I32, &s, NULL);
	if (op == WX_OP_I32_AND)
		asm_bit_field(&g->as, false, d, s.reg, a->amount, 32 - (uint32_t)__builtin_clz(c));
	else
		asm_bit_field(&g->as, op == WX_OP_I32_SHR_S, d, s.reg, amount - a->amount, 32 - amount);
	wx_release(g, &s);
	wx_push_result(g, WX_I32, 0, d, false);
	return true;
}

/* The second operand shifted as part of the instruction. */
static bool fold_shift(wx_generator *g, uint8_t op, wx_value *a, wx_value *b)
{
	if (is_shifted(a) && !is_shifted(b) && has(op, WX_OPF_COMMUTES)) {
		wx_value v = *a;
		*a = *b;
		*b = v;
	}
	if (!is_shifted(b) || !asm_has_shifted(op, b->shift, b->amount))
		return false;
	wx_held ha = wx_hold(g, a), hb = wx_hold_source(g, b);
	wx_reg d = wx_destination(g, WX_I32, &ha, &hb);
	asm_binary_shifted(&g->as, op, d, ha.reg, hb.reg, b->shift, b->amount);
	wx_release(g, &ha);
	wx_release(g, &hb);
	wx_push_result(g, WX_I32, 0, d, false);
	return true;
}

static uint8_t sum_of(wx_type t)
{
	return t == WX_I32 ? WX_OP_I32_ADD : t == WX_F32 ? WX_OP_F32_ADD : WX_OP_F64_ADD;
}

static uint8_t difference_of(wx_type t)
{
	return t == WX_I32 ? WX_OP_I32_SUB : t == WX_F32 ? WX_OP_F32_SUB : WX_OP_F64_SUB;
}

static uint8_t product_of(wx_type t)
{
	return t == WX_I32 ? WX_OP_I32_MUL : t == WX_F32 ? WX_OP_F32_MUL : WX_OP_F64_MUL;
}

/* A product is left for the sum that it is likely to become part of. */
static bool push_product(wx_generator *g, uint8_t op, wx_type t, const wx_value *a, const wx_value *b)
{
	uint8_t next = g->fusion.next ? g->fusion.next->op : WX_OP_NOP;
	if (!asm_accumulates(op) || a->kind == WX_V_CONST ||
		(b->kind == WX_V_CONST && !(t == WX_I32 && asm_multiplies((uint32_t)b->bits))))
		return false;
	if (next != sum_of(t) && next != difference_of(t) && next != WX_PLAN_MEMORY_ROOM && next != WX_OP_LOCAL_GET)
		return false;
	g->fusion.product[0] = wx_hold(g, a);
	g->fusion.product[1] = wx_hold(g, b);
	wx_push(g, WX_V_PRODUCT, t, 0);
	return true;
}

/* The product in a register of its own. */
static wx_held compute_product(wx_generator *g, wx_type t)
{
	wx_held *a = &g->fusion.product[0], *b = &g->fusion.product[1],
			held = { .owned = true, .nan = t != WX_I32, .type = (uint8_t)t };
	held.reg = a->owned ? a->reg : b->owned ? b->reg : wx_take(g, t);
	/* It may be known as a copy of the factor's local. */
	wx_claim(g, held.reg);
	asm_binary(&g->as, product_of(t), held.reg, a->reg, (wx_operand){ .reg = b->reg });
	if (a->owned)
		wx_release(g, b);
	return held;
}

void wx_settle_product(wx_generator *g)
{
	wx_value *v = g->operands.height ? &g->operands.stack[g->operands.height - 1] : NULL;
	if (!v || v->kind != WX_V_PRODUCT || (g->fusion.next && g->fusion.next->op == sum_of((wx_type)v->type)))
		return;
	wx_type t = (wx_type)v->type;
	wx_held held = compute_product(g, t);
	v->kind = WX_V_REG;
	v->reg = held.reg;
	v->nan = held.nan;
}

/* c + product, or c - product. */
static void accumulate(wx_generator *g, uint8_t op, wx_type t, const wx_value *c)
{
	wx_held hc = wx_hold(g, c), *a = &g->fusion.product[0], *b = &g->fusion.product[1];
	bool is_float = t != WX_I32;
	/* A float's sum takes the place of the addend: one that stays needs the product first. */
	wx_reg d = wx_destination(g, t, &hc, is_float ? NULL : a);
	if (!is_float || d.r == hc.reg.r) {
		asm_accumulate(&g->as, product_of(t), op == difference_of(t), d, a->reg, b->reg, hc.reg);
	} else {
		asm_binary(&g->as, product_of(t), d, a->reg, (wx_operand){ .reg = b->reg });
		asm_binary(&g->as, op, d, hc.reg, (wx_operand){ .reg = d });
	}
	wx_release(g, a);
	wx_release(g, b);
	wx_release(g, &hc);
	wx_push_result(g, t, 0, d, is_float);
}

/* Before a division: no source is left in a register that it changes. */
static void clear_of_division(wx_generator *g, wx_type t, wx_held *held)
{
	if (held->reg.r > 31 || !(1u << held->reg.r & ISA_DIVISION))
		return;
	wx_reg d = { wx_take_beyond(g, ISA_DIVISION), WX_NO_REG };
	asm_move(&g->as, wx_machine_type(t), d, held->reg);
	wx_release(g, held);
	held->reg = d;
	held->owned = true;
}

/* Does the next instruction put the result into the local that an operand is, and which has a register? */
static bool stays_in_place(const wx_generator *g, const wx_value *v)
{
	const wx_record *next = g->fusion.next;
	return v->kind == WX_V_LOCAL && next && (next->op == WX_OP_LOCAL_SET || next->op == WX_OP_LOCAL_TEE) &&
		next->b == v->bits;
}

/* Is it shorter to take the second operand from memory than to load it first? It may be the first one until then. */
static bool prefers_memory(const wx_generator *g, uint8_t op, wx_value *a, wx_value *b)
{
	if (!asm_takes_memory(op) || a->kind == WX_V_CONST || b->kind == WX_V_CONST)
		return false;
	if (has(op, WX_OPF_COMMUTES) && wx_is_in_memory(g, a) && !wx_is_in_memory(g, b)) {
		wx_value v = *a;
		*a = *b;
		*b = v;
	}
	if (!wx_is_in_memory(g, b))
		return false;
	return b->kind == WX_V_LOADED || !has(op, WX_OPF_COMMUTES) || a->kind != WX_V_LOCAL ||
		g->locals.list[a->bits].reg.r == WX_NO_REG || stays_in_place(g, a);
}

/* The audit build does not believe that a + c, or a << c, cannot wrap. */
static void audit_exact(wx_generator *g, uint8_t op, wx_value *a, uint32_t c)
{
	wx_held s = wx_hold(g, a);
	wx_operand most = { .immediate = true, .value = op == WX_OP_I32_ADD ? UINT32_MAX - c : UINT32_MAX >> (c & 31) };
	asm_trap_if(&g->as, WX_TRAP_PLANNER_BUG, WX_GT_U, WX_I32, s.reg, most);
	if (s.owned)
		*a = (wx_value){ .kind = WX_V_REG, .type = WX_I32, .reg = s.reg, .slot = a->slot };
}

static void binary(wx_generator *g, uint8_t op, wx_type t, wx_type result, bool exact)
{
	/* Of numeric instructions with two operands, those that may trap. */
	bool divides = has(op, WX_OPF_EFFECT);
	wx_value b = wx_pop(g, t), a = wx_pop(g, t);
	if (a.kind == WX_V_PRODUCT || b.kind == WX_V_PRODUCT) {
		accumulate(g, op, t, a.kind == WX_V_PRODUCT ? &b : &a);
		return;
	}
	if (op == product_of(t) && push_product(g, op, t, &a, &b))
		return;
	if (a.kind == WX_V_CONST && b.kind != WX_V_CONST && has(op, WX_OPF_COMMUTES)) {
		wx_value v = a;
		a = b;
		b = v;
	}
	if (exact && g->module->audit && t == WX_I32 && b.kind == WX_V_CONST)
		audit_exact(g, op, &a, (uint32_t)b.bits);
	if (t == WX_I32 &&
		(b.kind == WX_V_CONST ? fold_constant(g, op, &a, (uint32_t)b.bits, exact) : fold_shift(g, op, &a, &b)))
		return;
	if (divides && b.kind == WX_V_CONST && (t == WX_I32 ? (uint32_t)b.bits == 0 : b.bits == 0)) {
		/* Always traps; what follows is compiled all the same, but never runs. */
		asm_trap(&g->as, WX_TRAP_DIVIDE_BY_ZERO);
		b.bits = 1;
	}
	bool in_memory = prefers_memory(g, op, &a, &b);
	wx_held ha = wx_hold(g, &a), hb;
	wx_operand operand = in_memory ? wx_hold_in_memory(g, &b, &hb) : wx_hold_operand(g, &b, &hb);
	wx_reg aside = { ISA_FP_SCRATCH, WX_NO_REG }, kept = { WX_NO_REG, WX_NO_REG };
	if (divides) {
		check_division(g, op, t, ha.reg, &operand);
		clear_of_division(g, t, &ha);
		if (!operand.immediate) {
			clear_of_division(g, t, &hb);
			operand.reg = hb.reg;
		}
	}
	if (has(op, WX_OPF_SEES_BITS)) {
		wx_canonical(g, &ha);
		wx_canonical(g, &hb);
	}
	wx_prefer_register(g, op, t, &operand, &hb);
	wx_reg d = wx_destination(g, result, &ha, operand.immediate || operand.memory ? NULL : &hb);
	if (divides && ISA_DIVISION & ~(1u << d.r)) {
		uint8_t r = (uint8_t)__builtin_ctz(ISA_DIVISION | 1u << 31);
		if (g->as.free >> r & 1) {
			g->registers.copies[r] = 0;
		} else { /* a local or an operand is there */
			kept.r = r;
			asm_unary(&g->as, WX_OP_F64_REINTERPRET_I64, aside, kept);
		}
	}
	asm_binary(&g->as, op, d, ha.reg, operand);
	if (kept.r != WX_NO_REG)
		asm_unary(&g->as, WX_OP_I64_REINTERPRET_F64, kept, aside);
	wx_release(g, &ha);
	wx_release(g, &hb);
	wx_push_result(g, result, 0, d, has(op, WX_OPF_MAKES_NAN));
}

/* What checks compare with, less the operand. */
void wx_memory_room(wx_generator *g)
{
	wx_value v = wx_pop(g, WX_I32);
	wx_held *a = &g->fusion.product[0], *b = &g->fusion.product[1], held;
	wx_reg d, limit = { ISA_MEMORY_LIMIT, WX_NO_REG };
	if (v.kind == WX_V_PRODUCT) {
		d = wx_destination(g, WX_I32, a, b);
		asm_accumulate(&g->as, WX_OP_I32_MUL, true, d, a->reg, b->reg, limit);
		wx_release(g, a);
		held = *b;
	} else if (is_shifted(&v) && asm_has_shifted(WX_OP_I32_SUB, v.shift, v.amount)) {
		held = wx_hold_source(g, &v);
		d = wx_destination(g, WX_I32, &held, NULL);
		asm_binary_shifted(&g->as, WX_OP_I32_SUB, d, limit, held.reg, v.shift, v.amount);
	} else {
		wx_operand operand = wx_hold_operand(g, &v, &held);
		d = wx_destination(g, WX_I32, operand.immediate ? NULL : &held, NULL);
		asm_binary(&g->as, WX_OP_I32_SUB, d, limit, operand);
	}
	wx_release(g, &held);
	wx_push_result(g, WX_I32, 0, d, false);
}

static uint64_t bits_of(wx_type t, double value)
{
	if (t == WX_F64) {
		union {
			double f;
			uint64_t u;
		} u = { value };
		return u.u;
	}
	union {
		float f;
		uint32_t u;
	} u = { (float)value };
	return u.u;
}

/* Exclude NaN and what the integer type does not hold (WebAssembly 2.0, 4.3.3 trunc). */
static void check_truncation(wx_generator *g, uint8_t op, wx_type from, wx_type to, wx_reg s)
{
	bool is_signed = op == WX_OP_I32_TRUNC_F32_S || op == WX_OP_I32_TRUNC_F64_S || op == WX_OP_I64_TRUNC_F32_S ||
		op == WX_OP_I64_TRUNC_F64_S;
	double above = to == WX_I32 ? (is_signed ? 2147483648.0 : 4294967296.0)
		: is_signed             ? 9223372036854775808.0
								: 18446744073709551616.0;
	/* The greatest float that is too low, or, where that rounds away, the least that is not. */
	double below = is_signed ? -above : -1.0;
	wx_cond low = is_signed ? WX_F_NGE : WX_F_NGT;
	if (is_signed && to == WX_I32 && from == WX_F64) {
		below = -2147483649.0;
		low = WX_F_NGT;
	}
	wx_reg limit = { ISA_FP_SCRATCH, WX_NO_REG };
	wx_operand self = { .immediate = false, .reg = s }, bound = { .immediate = false, .reg = limit };
	asm_trap_if(&g->as, WX_TRAP_CONVERSION, WX_F_NE, from, s, self);
	asm_const(&g->as, from, limit, bits_of(from, above));
	asm_trap_if(&g->as, WX_TRAP_OVERFLOW, WX_F_NLT, from, s, bound);
	asm_const(&g->as, from, limit, bits_of(from, below));
	asm_trap_if(&g->as, WX_TRAP_OVERFLOW, low, from, s, bound);
}

static void unary(wx_generator *g, uint8_t op, wx_type t, wx_type result)
{
	wx_value v = wx_pop(g, t);
	wx_held s = wx_hold(g, &v);
	if (has(op, WX_OPF_SEES_BITS))
		wx_canonical(g, &s);
	if (has(op, WX_OPF_EFFECT))
		check_truncation(g, op, t, result, s.reg);
	wx_reg d = wx_destination(g, result, &s, NULL);
	asm_unary(&g->as, op, d, s.reg);
	wx_release(g, &s);
	wx_push_result(g, result, 0, d, has(op, WX_OPF_MAKES_NAN));
}

static void compare(wx_generator *g, uint8_t op)
{
	const wx_op_row *row = &wx_op_info[op];
	wx_cond c;
	if (op == WX_OP_I32_EQZ && g->operands.height > wx_innermost(g)->height &&
		g->operands.stack[g->operands.height - 1].kind == WX_V_COMPARE) {
		/* The negation of a comparison that waits. */
		wx_pop(g, WX_I32);
		wx_condition held = g->fusion.compare;
		held.cond = wx_cond_not(held.cond);
		uint8_t next = g->fusion.next ? g->fusion.next->op : WX_OP_NOP;
		if (next == WX_OP_BR_IF || next == WX_OP_IF || next == WX_OP_SELECT || next == WX_OP_SELECT_T ||
			next == WX_OP_I32_EQZ) {
			g->fusion.compare = held;
			wx_push(g, WX_V_COMPARE, WX_I32, 0);
			return;
		}
		wx_type t = wx_machine_type(held.type);
		wx_reg d = wx_destination(g, WX_I32, NULL, NULL);
		asm_set(&g->as, held.cond, t, d, held.a.reg, held.operand);
		wx_release_condition(g, &held);
		wx_push_result(g, WX_I32, 0, d, false);
		return;
	}
	if (op == WX_OP_I32_EQZ || op == WX_OP_I64_EQZ) {
		wx_type t = op == WX_OP_I32_EQZ ? WX_I32 : WX_I64;
		wx_value a = wx_pop(g, t), zero = { .kind = WX_V_CONST, .type = (uint8_t)t, .bits = 0 };
		wx_push_compare(g, WX_EQ, t, &a, &zero);
		return;
	}
	if (!comparison(op, &c))
		return;
	wx_type t = wx_type_of(row->pop[0]);
	wx_value b = wx_pop(g, t), a = wx_pop(g, t);
	wx_push_compare(g, c, t, &a, &b);
}

void wx_numeric(wx_generator *g, const wx_record *r)
{
	uint8_t op = r->op;
	const wx_op_row *row = &wx_op_info[op];
	if (row->flags & WX_OPF_COMPARES) {
		compare(g, op);
		return;
	}
	if (!asm_has(op)) {
		wx_helper(g, op, row->pop, row->npop, NULL, 0, has(op, WX_OPF_EFFECT), row->push);
		return;
	}
	wx_type t = wx_type_of(row->pop[0]), result = wx_type_of(row->push);
	if (row->npop == 2)
		binary(g, op, t, result, r->a & 1);
	else
		unary(g, op, t, result);
}

/* A floating-point constant that is no NaN. */
static bool is_number(const wx_value *v)
{
	uint64_t exponent = v->type == WX_F32 ? 0x7F800000u : 0x7FF0000000000000u;
	return v->kind == WX_V_CONST && (v->bits & exponent) != exponent;
}

void wx_select(wx_generator *g, uint8_t value_type)
{
	if (!wx_is_value_type(value_type)) {
		wx_fail(g, "type of select");
		return;
	}
	wx_type t = wx_type_of(value_type), m = wx_machine_type(t);
	uint32_t needed = 0;
	if (t != WX_F32 && t != WX_F64 && g->operands.height >= g->operands.floor + 3) {
		bool owns_x, owns_y;
		needed = wx_demand(g, &g->operands.stack[g->operands.height - 3], &owns_x) +
			wx_demand(g, &g->operands.stack[g->operands.height - 2], &owns_y);
		/* The result takes the place of an operand, where that is no local's. */
		if (!owns_x && !owns_y)
			needed += wx_slot_size(m) / ISA_WORD;
	}
	wx_condition c = wx_pop_condition(g, needed, needed ? 2 : 0);
	wx_value y = wx_pop_value(g, value_type), x = wx_pop_value(g, value_type);
	wx_held hx = wx_hold(g, &x), hy = wx_hold(g, &y);
	/* Where the other one's NaN keeps its bits, the result's has to. */
	if (hx.nan && !hy.nan && !is_number(&y))
		wx_canonical(g, &hx);
	if (hy.nan && !hx.nan && !is_number(&x))
		wx_canonical(g, &hy);
	wx_reg d = wx_destination(g, t, &hx, &hy);
	asm_select(&g->as, c.cond, wx_machine_type(c.type), c.a.reg, c.operand, m, d, hx.reg, hy.reg);
	wx_release_condition(g, &c);
	bool nan = hx.nan || hy.nan;
	wx_release(g, &hx);
	wx_release(g, &hy);
	wx_push_result(g, t, wx_reference_of(value_type), d, nan);
}

/*
 * The memory's base + a local in a register, or + a page: in a register that has the sum still, or in one that is free
 * and needs no saving; false: there is none. That goes on holding it when it is free again.
 */
static bool hold_sum(wx_generator *g, uint32_t sum, bool computable, wx_held *pointer, bool *present)
{
	uint8_t r = wx_find_copy(g, sum);
	*pointer = (wx_held){ .reg = { r, WX_NO_REG }, .owned = true };
	*present = r != WX_NO_REG;
	if (*present) {
		g->as.free &= ~(1u << r);
		return true;
	}
	if (!computable || !wx_take_blank(g, &pointer->reg.r))
		return pointer->owned = false;
	wx_note_copy(g, sum, pointer->reg);
	return true;
}

static bool hold_pointer(wx_generator *g, uint32_t local, wx_held *pointer)
{
	bool present;
	wx_reg reg = g->locals.list[local].reg;
	if (!hold_sum(g, WX_POINTER_TO(local), reg.r != WX_NO_REG, pointer, &present))
		return false;
	if (!present)
		asm_pointer(&g->as, pointer->reg.r, reg.r);
	return true;
}

static bool hold_page(wx_generator *g, uint32_t page, wx_held *pointer)
{
	bool present;
	if (!hold_sum(g, WX_POINTER_TO_PAGE(page), true, pointer, &present))
		return false;
	if (!present)
		asm_scaled(&g->as, pointer->reg, (wx_reg){ ISA_MEMORY, WX_NO_REG }, 0, 0, page);
	return true;
}

/* Does the next instruction take the value of type t that is about to be pushed from memory? */
static bool next_takes_memory(const wx_generator *g, wx_type t)
{
	wx_cond c;
	if (!g->fusion.next || g->operands.height <= g->operands.floor)
		return false;
	const wx_value *a = &g->operands.stack[g->operands.height - 1];
	if (a->kind == WX_V_CONST || a->type != t)
		return false;
	uint8_t op = g->fusion.next->op;
	return comparison(op, &c) ? asm_compares_memory(c) && wx_type_of(wx_op_info[op].pop[0]) == t
							  : asm_takes_memory(op) && wx_type_of(wx_op_info[op].push) == t;
}

/*
 * r->a: 0 or the prover that made the check needless, bit 8 alignment, bits 9 to 15 bytes behind the access that its
 * check covers, too; r->b: offset.
 */
void wx_memory_access(wx_generator *g, const wx_record *r)
{
	const wx_module_info *m = g->module;
	const wx_op_row *row = &wx_op_info[r->op];
	if (!m->has_memory) {
		wx_fail(g, "memory access without a memory");
		return;
	}
	bool proved = (r->a & 0xFF) != 0, aligned = (r->a & 0x100) != 0, store = !row->push;
	uint64_t end = (uint64_t)r->b + (1u << row->size) + (proved ? 0 : r->a >> 9);
	wx_held data = { .owned = false };
	wx_type t = wx_type_of(store ? row->pop[1] : row->push);
	if (store) {
		wx_value v = wx_pop(g, t);
		data = wx_hold(g, &v);
		wx_canonical(g, &data);
	}
	wx_value v = wx_pop(g, WX_I32);
	wx_held address = { .reg = { WX_NO_REG, WX_NO_REG }, .owned = false }, pointer = { .owned = false };
	wx_address place = { .pointer = WX_NO_REG, .offset = r->b };
	bool unchecked = proved && !m->audit;
	int64_t root = wx_read_local(&v);
	uint32_t total = r->b + (v.kind == WX_V_SCALED ? wx_addend(&v) : 0);
	if (root >= 0 && (v.kind == WX_V_LOCAL || (unchecked && !v.shift)) && asm_takes_pointer(r->op, total, aligned) &&
		hold_pointer(g, (uint32_t)root, &pointer)) {
		place.pointer = pointer.reg.r;
		place.offset = total;
		if (!unchecked)
			address = wx_hold(g, &v);
	} else if (v.kind == WX_V_CONST && unchecked && (uint64_t)(uint32_t)v.bits + r->b <= 0x7FFFFFFF) {
		place.offset = r->b + (uint32_t)v.bits;
		uint32_t page = asm_page_of(r->op, place.offset, aligned);
		if (page && hold_page(g, page, &pointer)) {
			place.pointer = pointer.reg.r;
			place.offset -= page;
		}
	} else if (unchecked && wx_is_scale(&v) && asm_folds(r->op, v.amount, r->b + wx_addend(&v), aligned)) {
		/* The access is inside the memory, so that the sum is the address, modulo 2^32 where it may wrap. */
		address = wx_hold_source(g, &v);
		place.scale = v.amount;
		place.offset = r->b + wx_addend(&v);
		place.wraps = !v.exact;
	} else {
		address = wx_hold(g, &v);
	}
	place.reg = place.pointer == WX_NO_REG ? address.reg.r : WX_NO_REG;
	g->figures.checks_total++;
	g->figures.checks_proved += proved;
	if (!proved || m->audit)
		asm_check(&g->as, proved ? WX_TRAP_PLANNER_BUG : WX_TRAP_MEMORY, address.reg, end, end <= m->memory_minimum);
	if (store) {
		asm_memory_store(&g->as, r->op, data.reg, place, aligned);
		wx_release(g, &data);
		wx_release(g, &address);
		wx_release(g, &pointer);
		return;
	}
	if (r->op <= WX_OP_F64_LOAD && !place.wraps && place.pointer == WX_NO_REG && place.offset <= INT32_MAX &&
		next_takes_memory(g, t)) {
		g->fusion.loaded = (wx_operand){
			.memory = true, .base = ISA_MEMORY, .index = place.reg, .scale = place.scale, .value = place.offset
		};
		g->fusion.loaded_index = address;
		wx_push(g, WX_V_LOADED, t, 0);
		return;
	}
	wx_reg d = wx_destination(g, t, &address, NULL);
	asm_memory_load(&g->as, r->op, d, place, aligned);
	wx_release(g, &address);
	wx_release(g, &pointer);
	wx_push_result(g, t, 0, d, false);
}

void wx_memory_size(wx_generator *g)
{
	if (!g->module->has_memory) {
		wx_fail(g, "memory.size without a memory");
		return;
	}
	wx_reg d = wx_destination(g, WX_I32, NULL, NULL);
	wx_operand shift = { .immediate = true, .value = g->module->page_shift };
	asm_memory_size(&g->as, d);
	if (shift.value)
		asm_binary(&g->as, ISA_WORD == 8 ? WX_OP_I64_SHR_U : WX_OP_I32_SHR_U, d, d, shift);
	wx_push_result(g, WX_I32, 0, d, false);
}
