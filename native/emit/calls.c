/* Calls: of this module's functions, imports, and through tables. */
#include "generator.h"

static const wx_reg scratch = { ISA_CALL_SCRATCH, WX_NO_REG };
static const wx_reg context = { ISA_CTX, WX_NO_REG };

static void release_general(wx_generator *g, uint8_t r)
{
	wx_release_reg(g, (wx_reg){ r, WX_NO_REG });
}

static const wx_signature *signature(wx_generator *g, uint32_t type)
{
	if (type >= g->module->type_count) {
		wx_fail(g, "type index");
		return NULL;
	}
	const wx_signature *s = &g->module->types[type];
	if (g->operands.height < wx_innermost(g)->height + s->params) {
		wx_fail(g, "operands of a call");
		return NULL;
	}
	const wx_value *v = &g->operands.stack[g->operands.height - s->params];
	for (uint32_t i = 0; i < s->params; i++)
		if (v[i].type != wx_type_of(s->values[i]) || v[i].reference != wx_reference_of(s->values[i])) {
			wx_fail(g, "operand types of a call");
			return NULL;
		}
	return s;
}

/*
 * Move the topmost operands into place as arguments, and off the operand stack; everything else leaves the registers
 * that calls change.
 */
static void place_arguments(wx_generator *g, const wx_signature *s)
{
	wx_abi abi = { 0, 0, 0 };
	uint8_t to[WX_REGISTERS], from[WX_REGISTERS];
	wx_type types[WX_REGISTERS];
	uint32_t moves = 0, first = g->operands.height - s->params;
	bool area = false;
	for (uint32_t i = 0; i < s->params; i++)
		if (!wx_abi_next(&abi, wx_machine_type(wx_type_of(s->values[i]))).in_register)
			area = true;
	if (area) {
		uint8_t base = wx_area_base(g);
		abi = (wx_abi){ 0, 0, 0 };
		for (uint32_t i = 0; i < s->params; i++) {
			wx_abi_place place = wx_abi_next(&abi, wx_machine_type(wx_type_of(s->values[i])));
			if (place.in_register)
				continue;
			wx_value *v = &g->operands.stack[first + i];
			if (wx_read_local(v) >= 0)
				g->locals.list[wx_read_local(v)].refs--;
			wx_store_to_area(g, v, base, place.slot);
			v->kind = WX_V_CONST;
			v->reg.r = v->reg.h = WX_NO_REG;
		}
		release_general(g, base);
	}
	for (uint32_t i = 0; i < s->params; i++)
		if (g->operands.stack[first + i].kind == WX_V_SCALED)
			wx_compute(g, &g->operands.stack[first + i]);
	abi = (wx_abi){ 0, 0, 0 };
	for (uint32_t i = 0; i < s->params; i++) {
		wx_type t = wx_machine_type(wx_type_of(s->values[i]));
		wx_abi_place place = wx_abi_next(&abi, t);
		wx_value *v = &g->operands.stack[first + i];
		if (!place.in_register)
			continue;
		wx_reg reg = v->reg;
		if (v->kind == WX_V_LOCAL)
			reg = g->locals.list[v->bits].reg;
		else if (v->kind != WX_V_REG)
			continue;
		if (reg.r == WX_NO_REG)
			continue;
		if (v->nan)
			wx_asm_canonical(&g->as, t, reg);
		bool pair = reg.h != WX_NO_REG;
		to[moves] = place.reg.r;
		from[moves] = reg.r;
		types[moves++] = pair ? WX_I32 : t;
		if (pair) {
			to[moves] = place.reg.h;
			from[moves] = reg.h;
			types[moves++] = WX_I32;
		}
	}
	/* The arguments leave the stack, then the rest is spilled, before any argument register is written. */
	wx_value late[ISA_GP_ARG_COUNT + ISA_FP_ARG_COUNT];
	wx_reg places[ISA_GP_ARG_COUNT + ISA_FP_ARG_COUNT];
	uint32_t late_count = 0;
	abi = (wx_abi){ 0, 0, 0 };
	for (uint32_t i = 0; i < s->params; i++) {
		wx_abi_place place = wx_abi_next(&abi, wx_machine_type(wx_type_of(s->values[i])));
		const wx_value *v = &g->operands.stack[first + i];
		if (!place.in_register || v->kind == WX_V_REG ||
			(v->kind == WX_V_LOCAL && g->locals.list[v->bits].reg.r != WX_NO_REG))
			continue;
		places[late_count] = place.reg;
		late[late_count++] = *v;
	}
	for (uint32_t i = 0; i < s->params; i++) {
		wx_value v = wx_pop_any(g);
		if (v.reg.r != WX_NO_REG)
			wx_release_reg(g, v.reg);
	}
	wx_spill_caller_saved(g);
	wx_forget_copies(g);
	wx_parallel_move(g, to, from, types, moves);
	for (uint32_t i = 0; i < late_count; i++) {
		wx_load_value(g, &late[i], places[i]);
		if (late[i].nan)
			wx_asm_canonical(&g->as, (wx_type)late[i].type, places[i]);
	}
}

static void take_results(wx_generator *g, const wx_signature *s)
{
	if (!s->results)
		return;
	const uint8_t *types = s->values + s->params;
	wx_type t = wx_type_of(types[0]);
	wx_push_reg(g, t, wx_reference_of(types[0]), wx_abi_result(wx_machine_type(t)), false);
	if (s->results == 1)
		return;
	uint8_t base = wx_area_base(g);
	for (uint32_t i = 1; i < s->results; i++) {
		wx_type type = wx_type_of(types[i]), m = wx_machine_type(type);
		wx_reg d = wx_take(g, m);
		wx_asm_load(&g->as, m, d, base, 8 * i);
		wx_push_reg(g, type, wx_reference_of(types[i]), d, false);
		wx_settle(g, &g->operands.stack[g->operands.height - 1], false);
	}
	release_general(g, base);
}

/* Back from a function of another instance. */
static void return_to_own_context(wx_generator *g)
{
	g->frame.left = true;
	wx_asm_load(&g->as, WX_WORD_TYPE, context, ISA_SP, g->frame.context_slot);
	if (g->module->has_memory)
		wx_asm_reload_memory(&g->as);
}

/* Locals are in no register that a call changes. */
static bool may_call(wx_generator *g)
{
	if ((g->function.flags & WX_FLAG_CALLS) && !(g->registers.resident & ISA_CALLER_SAVED))
		return true;
	wx_fail(g, "call in a function or loop said to have none");
	return false;
}

static bool may_leave(wx_generator *g)
{
	g->frame.callees = WX_STACK_UNKNOWN;
	if (g->function.flags & WX_FLAG_LEAVES)
		return true;
	wx_fail(g, "call out of the instance in a function said to have none");
	return false;
}

static void tail_return(wx_generator *g, const wx_signature *callee)
{
	const wx_signature *own = &g->function.signature;
	bool same = callee->results == own->results;
	for (uint32_t i = 0; same && i < own->results; i++)
		same = callee->values[callee->params + i] == own->values[own->params + i];
	if (!same)
		wx_fail(g, "results of a tail call");
}

static void end_path(wx_generator *g)
{
	g->control.dead = true;
	uint32_t height = wx_innermost(g)->height;
	while (g->operands.height > height) {
		wx_value v = wx_pop_any(g);
		if (v.reg.r != WX_NO_REG)
			wx_release_reg(g, v.reg);
	}
}

/* Where to call a function of this module. */
static uint32_t call_target(wx_generator *g, uint32_t function)
{
	uint32_t unchecked, target = g->module->call_target(g->module->owner, function, &unchecked);
	if (g->frame.callees < unchecked)
		g->frame.callees = unchecked;
	return target;
}

void wx_emit_call(wx_generator *g, const wx_record *r)
{
	const wx_module_info *m = g->module;
	if (r->b >= m->function_count || m->function_type(m->owner, r->b) != r->a) {
		wx_fail(g, "function index");
		return;
	}
	const wx_signature *s = signature(g, r->a);
	bool import = r->b < m->imported_functions, tail = r->op == WX_OP_RETURN_CALL;
	if (s && !tail && wx_emit_inline(g, r, s))
		return;
	if (!s || !may_call(g) || (import && !may_leave(g)))
		return;
	if (tail)
		tail_return(g, s);
	if (import && !tail && wx_emit_direct(g, s, r->b))
		return;
	place_arguments(g, s);
	if (g->no_memory)
		return;
	if (import) {
		uint32_t cell = m->layout.functions + 2 * ISA_WORD * r->b;
		if (cell < 2048) {
			/* A load with such an offset needs no scratch register. */
			wx_asm_load(&g->as, WX_WORD_TYPE, scratch, ISA_CTX, cell);
			wx_asm_load(&g->as, WX_WORD_TYPE, context, ISA_CTX, cell + ISA_WORD);
		} else {
			wx_operand offset = { .immediate = true, .value = cell };
			wx_asm_binary(&g->as, WX_WORD_ADD, scratch, context, offset);
			wx_asm_load(&g->as, WX_WORD_TYPE, context, ISA_CALL_SCRATCH, ISA_WORD);
			wx_asm_load(&g->as, WX_WORD_TYPE, scratch, ISA_CALL_SCRATCH, 0);
		}
		wx_asm_call_register(&g->as, ISA_CALL_SCRATCH);
		return_to_own_context(g);
	} else if (tail) {
		wx_asm_tail(&g->as, call_target(g, r->b));
		end_path(g);
		return;
	} else {
		wx_asm_call(&g->as, call_target(g, r->b));
	}
	take_results(g, s);
	if (tail)
		wx_return(g);
}

/* General registers that take arguments. */
static uint32_t argument_registers(const wx_signature *s)
{
	wx_abi abi = { 0, 0, 0 };
	uint32_t used = 0;
	for (uint32_t i = 0; i < s->params; i++) {
		wx_abi_place place = wx_abi_next(&abi, wx_machine_type(wx_type_of(s->values[i])));
		if (!place.in_register || WX_IS_FP(place.reg.r))
			continue;
		used |= wx_mask_of(place.reg);
	}
	return used;
}

/* The call scratch = a word of a funcref, which is in a register or in the frame. */
static void load_of_reference(wx_generator *g, uint8_t reference, uint32_t slot, uint32_t offset)
{
	if (reference == WX_NO_REG)
		wx_asm_load(&g->as, WX_WORD_TYPE, scratch, ISA_SP, slot);
	wx_asm_load(&g->as, WX_WORD_TYPE, scratch, reference == WX_NO_REG ? ISA_CALL_SCRATCH : reference, offset);
}

/* The canonical type of a function is that which the instruction names, or it traps. */
static void check_type(wx_generator *g, wx_reg function, wx_reg found, uint32_t type)
{
	wx_asm *as = &g->as;
	wx_asm_load(as, WX_I32, found, function.r, 2 * ISA_WORD);
	wx_reg wanted = wx_take(g, WX_I32);
	wx_asm_load(as, WX_I32, wanted, ISA_CTX, g->module->layout.types + 4u * type);
	wx_asm_trap_if(as, WX_TRAP_INDIRECT_TYPE, WX_NE, WX_I32, found, (wx_operand){ .immediate = false, .reg = wanted });
	wx_release_reg(g, wanted);
}

/* What is called survives the placing of arguments in its operand's slot. */
static void set_aside(wx_generator *g, wx_reg called, uint32_t slot)
{
	wx_asm_store(&g->as, WX_WORD_TYPE, called, ISA_SP, slot);
	wx_note_frame(g, slot + ISA_WORD);
	wx_release_reg(g, called);
}

/* Through a table that is known: of its length, and to a near entry, since all functions in it are of this instance. */
static void call_fixed(
	wx_generator *g, const wx_fixed_table *table, const wx_record *r, wx_value *index, const wx_signature *s)
{
	wx_asm *as = &g->as;
	wx_operand zero = { .immediate = true, .value = 0 };
	uint32_t keep = index->slot, used = argument_registers(s);
	wx_held i = wx_hold(g, index);
	wx_asm_trap_if(
		as, WX_TRAP_UNDEFINED_ELEMENT, WX_GE_U, WX_I32, i.reg, (wx_operand){ .immediate = true, .value = table->size });
	wx_reg t = { wx_take_beyond(g, used), WX_NO_REG };
	bool stays = !(1u << t.r & used);
	wx_asm_load(as, WX_WORD_TYPE, t, ISA_CTX, g->module->layout.tables + ISA_WORD * r->b);
	wx_asm_load(as, WX_WORD_TYPE, t, t.r, 0);
	wx_asm_load_word_at(as, t.r, t.r, i.reg.r);
	if (table->filled != table->size)
		wx_asm_trap_if(as, WX_TRAP_UNINITIALIZED_ELEMENT, WX_EQ, WX_WORD_TYPE, t, zero);
	wx_release(g, &i);
	if (table->type != r->a) {
		wx_reg found = wx_take(g, WX_I32);
		check_type(g, t, found, r->a);
		wx_release_reg(g, found);
	}
	wx_asm_load(as, WX_WORD_TYPE, t, t.r, 3 * ISA_WORD);
	if (!stays)
		set_aside(g, t, keep);
	place_arguments(g, s);
	if (g->no_memory)
		return;
	if (!stays)
		wx_asm_load(as, WX_WORD_TYPE, scratch, ISA_SP, keep);
	wx_asm_call_register(as, stays ? t.r : ISA_CALL_SCRATCH);
	if (stays)
		wx_release_reg(g, t);
	take_results(g, s);
}

void wx_emit_call_indirect(wx_generator *g, const wx_record *r)
{
	const wx_module_info *m = g->module;
	bool tail = r->op == WX_OP_RETURN_CALL_INDIRECT;
	if (r->b >= m->table_count || m->tables[r->b] != WX_FUNCREF_TYPE) {
		wx_fail(g, "table of an indirect call");
		return;
	}
	wx_value index = wx_pop(g, WX_I32);
	uint32_t keep = index.slot;
	const wx_signature *s = signature(g, r->a);
	if (!s || !may_call(g) || !may_leave(g))
		return;
	const wx_fixed_table *fixed = wx_find_fixed(&m->fixed_tables, r->b);
	if (fixed && !tail) {
		call_fixed(g, fixed, r, &index, s);
		return;
	}
	if (tail)
		tail_return(g, s);
	wx_asm *as = &g->as;
	wx_held i = wx_hold(g, &index);
	uint32_t used = argument_registers(s);
	wx_reg t = { wx_take_beyond(g, used), WX_NO_REG }, table = wx_take(g, WX_WORD_TYPE);
	bool stays = !(1u << t.r & used);
	wx_operand operand = { .immediate = false, .reg = table };
	wx_asm_load(as, WX_WORD_TYPE, table, ISA_CTX, m->layout.tables + ISA_WORD * r->b);
	wx_asm_load_words(as, t.r, table.r, table.r, 0);
	wx_asm_trap_if(as, WX_TRAP_UNDEFINED_ELEMENT, WX_GE_U, WX_I32, i.reg, operand);
	wx_asm_load_word_at(as, t.r, t.r, i.reg.r);
	wx_operand zero = { .immediate = true, .value = 0 };
	wx_asm_trap_if(as, WX_TRAP_UNINITIALIZED_ELEMENT, WX_EQ, WX_WORD_TYPE, t, zero);
	wx_release(g, &i);
	check_type(g, t, table, r->a);
	wx_release_reg(g, table);
	if (!stays || tail)
		set_aside(g, t, keep);
	place_arguments(g, s);
	if (g->no_memory)
		return;
	if (tail) {
		/* Within the instance a true tail call; into another one a call, since our caller relies on its context. */
		wx_asm_load(as, WX_WORD_TYPE, scratch, ISA_SP, keep);
		wx_asm_load(as, WX_WORD_TYPE, context, ISA_CALL_SCRATCH, ISA_WORD);
		wx_asm_load(as, WX_WORD_TYPE, scratch, ISA_SP, g->frame.context_slot);
		uint32_t leave = wx_asm_branch(
			as, WX_NE, WX_WORD_TYPE, context, (wx_operand){ .immediate = false, .reg = scratch }, 0);
		wx_asm_load(as, WX_WORD_TYPE, scratch, ISA_SP, keep);
		wx_asm_load(as, WX_WORD_TYPE, scratch, ISA_CALL_SCRATCH, 0);
		wx_asm_tail_register(as);
		wx_asm_link(as, leave, as->size);
		wx_asm_load(as, WX_WORD_TYPE, scratch, ISA_SP, keep);
		wx_asm_load(as, WX_WORD_TYPE, scratch, ISA_CALL_SCRATCH, 0);
		wx_asm_call_register(as, ISA_CALL_SCRATCH);
		return_to_own_context(g);
		take_results(g, s);
		wx_return(g);
		return;
	}
	/* In the same instance the near entry; the branch is taken there. */
	load_of_reference(g, stays ? t.r : WX_NO_REG, keep, ISA_WORD);
	uint32_t near_call = wx_asm_branch(
		as, WX_EQ, WX_WORD_TYPE, scratch, (wx_operand){ .immediate = false, .reg = context }, 0);
	wx_asm_move(as, WX_WORD_TYPE, context, scratch);
	load_of_reference(g, stays ? t.r : WX_NO_REG, keep, 0);
	wx_asm_call_register(as, ISA_CALL_SCRATCH);
	return_to_own_context(g);
	uint32_t done = wx_asm_jump(as, 0);
	wx_asm_link(as, near_call, as->size);
	load_of_reference(g, stays ? t.r : WX_NO_REG, keep, 3 * ISA_WORD);
	wx_asm_call_register(as, ISA_CALL_SCRATCH);
	wx_asm_link(as, done, as->size);
	if (stays)
		wx_release_reg(g, t);
	take_results(g, s);
}
