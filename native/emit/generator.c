/* One function after the other: records in, machine code out. */
#include "generator.h"
#include "../abi/context.h"
#include "code-map.h"

#define WORD_TYPE (ISA_WORD == 8 ? WX_I64 : WX_I32)

void wx_generator_init(wx_generator *g, struct wx_alloc *memory, const wx_module_info *module)
{
	*g = (wx_generator){ .as = { .memory = memory }, .memory = memory, .module = module };
}

void wx_generator_free(wx_generator *g)
{
	void *blocks[] = { g->as.code, g->as.sites, g->stack, g->control, g->locals, g->fixups, g->regions, g->leaves.bytes,
		g->inlined };
	for (unsigned i = 0; i < sizeof blocks / sizeof *blocks; i++)
		if (blocks[i])
			wx_free(g->memory, blocks[i]);
	wx_generator_init(g, g->memory, g->module);
}

bool wx_add_local(wx_generator *g, uint8_t value_type, uint32_t count)
{
	if ((uint64_t)g->local_count + count > g->local_capacity) {
		uint64_t wanted = (uint64_t)g->local_count + count + 16;
		wx_local *locals = wanted > 0x1000000 ? NULL
											  : wx_realloc(g->memory, g->locals, (size_t)wanted * sizeof *locals);
		if (!locals) {
			g->no_memory = true;
			return false;
		}
		g->locals = locals;
		g->local_capacity = (uint32_t)wanted;
	}
	for (uint32_t i = 0; i < count; i++)
		g->locals[g->local_count++] = (wx_local){ .type = (uint8_t)wx_type_of(value_type),
			.reference = wx_reference_of(value_type),
			.zero = wx_reference_of(value_type) != 0,
			.reg = { WX_NO_REG, WX_NO_REG } };
	return true;
}

bool wx_generator_begin(wx_generator *g, const wx_record *function)
{
	const wx_module_info *m = g->module;
	wx_asm *as = &g->as;
	if (function->a >= m->type_count) {
		wx_fail(g, "type of a function");
		return false;
	}
	g->signature = m->types[function->a];
	g->function = function->b;
	g->flags = function->length;
	g->height = g->settled = g->depth = g->local_count = g->fixup_count = g->most_used_count = 0;
	g->left = g->dead = g->begun = g->plain = g->has_pending = g->took_next = false;
	g->watched = m->metered || m->map;
	g->sink = g->floor = 0;
	g->switching.count = g->uses_left = g->region = 0;
	g->returns = g->callees = g->inlined_count = 0;
	wx_leaf_begin(g);
	g->as.saved = g->resident = g->constants = 0;
	wx_forget_copies(g);
	g->fresh = 0;
	/* Metered code needs the link register itself. */
	g->allocatable = (ISA_CALLER_SAVED | ISA_CALLEE_SAVED) & ~(m->metered ? ISA_LINK : 0u);
	as->free = g->allocatable;
	as->size = 0;
	wx_asm_label(as);
	as->site_count = 0;
	as->failed = as->no_memory = false;
	as->slack = m->memory_minimum >= WX_MEMORY_SLACK ? WX_MEMORY_SLACK : 0;
	as->leaf = true;
	for (uint32_t i = 0; i < g->signature.params; i++)
		if (!wx_add_local(g, g->signature.values[i], 1))
			return false;
	if (!g->control_capacity) {
		g->control = wx_alloc(g->memory, 8 * sizeof *g->control);
		if (!g->control) {
			g->no_memory = true;
			return false;
		}
		g->control_capacity = 8;
	}
	/* wx_push always has a place to point to, even when there is no memory for more. */
	if (!g->stack_capacity) {
		g->stack = wx_alloc(g->memory, 16 * sizeof *g->stack);
		if (!g->stack) {
			g->no_memory = true;
			return false;
		}
		g->stack_capacity = 16;
	}
	g->control[g->depth++] = (wx_control){ .kind = WX_C_FUNCTION,
		.merged = true,
		.values = g->signature.values,
		.params = g->signature.params,
		.results = g->signature.results };
	if (!wx_asm_reserve(as, WX_ASM_HEAD))
		return false;
	as->size = WX_ASM_HEAD;
	return true;
}

static void place_parameters(wx_generator *g)
{
	wx_asm *as = &g->as;
	wx_abi abi = { 0, 0, 0 };
	uint32_t params = g->signature.params, moves = 0;
	uint8_t to[32], from[32];
	wx_type types[32];
	bool area = false;
	for (uint32_t i = 0; i < params; i++) {
		wx_local *l = &g->locals[i];
		wx_type t = wx_machine_type((wx_type)l->type);
		wx_abi_place place = wx_abi_next(&abi, t);
		area |= !place.in_register;
		if (!place.in_register)
			continue;
		if (l->reg.r == WX_NO_REG) {
			asm_store(as, t, place.reg, ISA_SP, l->slot);
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
		g->copies[to[i]] = 0;
	if (!area)
		return;
	uint8_t base = wx_area_base(g);
	abi = (wx_abi){ 0, 0, 0 };
	for (uint32_t i = 0; i < params; i++) {
		wx_local *l = &g->locals[i];
		wx_type t = wx_machine_type((wx_type)l->type);
		wx_abi_place place = wx_abi_next(&abi, t);
		if (place.in_register)
			continue;
		if (l->reg.r != WX_NO_REG) {
			asm_load(as, t, l->reg, base, 8 * place.slot);
			continue;
		}
		wx_reg d = wx_take(g, t);
		asm_load(as, t, d, base, 8 * place.slot);
		asm_store(as, t, d, ISA_SP, l->slot);
		wx_release_reg(g, d);
	}
	wx_release_reg(g, (wx_reg){ base, WX_NO_REG });
}

static void poison_locals(wx_generator *g)
{
	for (uint32_t i = g->signature.params; i < g->local_count; i++) {
		const wx_local *l = &g->locals[i];
		wx_type t = wx_machine_type((wx_type)l->type);
		uint64_t bits = t == WX_I64 || t == WX_F64 ? WX_POISON : (uint32_t)WX_POISON;
		if (l->zero || l->constant)
			continue;
		if (l->reg.r != WX_NO_REG)
			asm_const(&g->as, t, l->reg, bits);
		else
			asm_store_const(&g->as, t, bits, ISA_SP, l->slot);
	}
}

/* Declared locals that may be read before they are assigned begin as zero. */
static void clear_locals(wx_generator *g)
{
	wx_asm *as = &g->as;
	uint32_t first = UINT32_MAX, end = 0, words = 0;
	for (uint32_t i = g->signature.params; i < g->local_count; i++) {
		wx_local *l = &g->locals[i];
		wx_type t = wx_machine_type((wx_type)l->type);
		if (!l->zero)
			continue;
		if (l->reg.r != WX_NO_REG) {
			asm_const(as, t, l->reg, 0);
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
	asm_const(as, WORD_TYPE, zero, 0);
	if (words <= 16) {
		for (uint32_t i = g->signature.params; i < g->local_count; i++)
			if (g->locals[i].reg.r == WX_NO_REG && g->locals[i].zero)
				for (uint32_t at = 0; at < wx_slot_size((wx_type)g->locals[i].type); at += ISA_WORD)
					asm_store(as, WORD_TYPE, zero, ISA_SP, g->locals[i].slot + at);
	} else {
		/*
		 * The slots of declared locals without a register are contiguous; those between that need not be cleared may
		 * be.
		 */
		wx_reg at = { wx_take_general(g), WX_NO_REG }, limit = { wx_take_general(g), WX_NO_REG },
			   sp = { ISA_SP, WX_NO_REG };
		uint8_t add = ISA_WORD == 8 ? WX_OP_I64_ADD : WX_OP_I32_ADD;
		asm_binary(as, add, at, sp, (wx_operand){ .immediate = true, .value = first });
		asm_binary(as, add, limit, at, (wx_operand){ .immediate = true, .value = end - first });
		uint32_t loop = as->size;
		wx_asm_label(as);
		asm_store(as, WORD_TYPE, zero, at.r, 0);
		asm_binary(as, add, at, at, (wx_operand){ .immediate = true, .value = ISA_WORD });
		asm_branch_back(as, WX_NE, WORD_TYPE, at, (wx_operand){ .immediate = false, .reg = limit }, loop);
		wx_release_reg(g, at);
		wx_release_reg(g, limit);
	}
	wx_release_reg(g, zero);
}

/* The first instruction: all locals are known. */
static void begin_body(wx_generator *g)
{
	g->begun = true;
	for (uint32_t i = 0; i < g->most_used_count; i++)
		if (g->most_used[i] >= g->local_count) {
			wx_fail(g, "local index");
			return;
		}
	wx_region_begin(g);
	if (g->no_memory)
		return;
	uint32_t offset = 0;
	g->context_slot = 0;
	if (g->flags & WX_FLAG_LEAVES)
		offset = ISA_WORD;
	/* First those that begin in their slots, then homes of the others, which may never be needed. */
	for (int resident = 0; resident < 2; resident++) {
		for (uint32_t i = 0; i < g->local_count; i++) {
			wx_local *l = &g->locals[i];
			if ((l->reg.r != WX_NO_REG) != (bool)resident || l->constant)
				continue;
			l->slot = offset;
			offset += wx_slot_size(wx_machine_type((wx_type)l->type));
		}
		if (!resident)
			g->frame = offset;
	}
	g->slots = offset;
	place_parameters(g);
	if (g->module->audit)
		poison_locals(g);
	clear_locals(g);
}

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
			asm_load(&g->as, WORD_TYPE, address, ISA_CTX, cell);
			d = wx_destination(g, t, NULL, NULL);
			asm_load(&g->as, machine, d, address.r, 0);
			wx_release_reg(g, address);
		} else {
			d = wx_destination(g, t, NULL, NULL);
			asm_load(&g->as, machine, d, ISA_CTX, cell);
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
		asm_store_const(&g->as, machine, v.bits, ISA_CTX, cell);
		return;
	}
	wx_held s = wx_hold(g, &v);
	wx_canonical(g, &s);
	if (far) {
		wx_reg address = { wx_take_general(g), WX_NO_REG };
		asm_load(&g->as, WORD_TYPE, address, ISA_CTX, cell);
		asm_store(&g->as, machine, s.reg, address.r, 0);
		wx_release_reg(g, address);
	} else {
		asm_store(&g->as, machine, s.reg, ISA_CTX, cell);
	}
	wx_release(g, &s);
}

static void memory_size(wx_generator *g)
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

static bool valid(wx_generator *g, bool ok, const char *what)
{
	if (!ok)
		wx_fail(g, what);
	return ok;
}

static void note_change(wx_generator *g, uint32_t table)
{
	if (wx_find_fixed(&g->module->fixed_tables, table))
		wx_fail(g, "a table is changed that was not in the first compilation");
	if (table < WX_KNOWN_TABLES)
		g->changed_tables |= 1u << table;
}

/* Bulk memory, tables, references: through helpers. */
static __attribute__((noinline)) void helper_instruction(wx_generator *g, const wx_record *r)
{
	static const uint8_t i32s[] = { WX_I32_TYPE, WX_I32_TYPE, WX_I32_TYPE };
	const wx_module_info *m = g->module;
	uint32_t immediates[2] = { r->b, r->a };
	uint8_t table = 0, operands[3] = { WX_I32_TYPE, WX_I32_TYPE, WX_I32_TYPE };
	switch (r->op) {
	case WX_OP_TABLE_GET:
	case WX_OP_TABLE_SET:
	case WX_OP_TABLE_GROW:
	case WX_OP_TABLE_SIZE:
	case WX_OP_TABLE_FILL:
	case WX_OP_TABLE_COPY:
		if (!valid(g, r->b < m->table_count, "table index"))
			return;
		table = m->tables[r->b];
		break;
	case WX_OP_TABLE_INIT:
	case WX_OP_ELEM_DROP:
		if (!valid(g, r->b < m->element_count, "element segment index"))
			return;
		break;
	case WX_OP_MEMORY_INIT:
	case WX_OP_DATA_DROP:
		if (!valid(g, r->b < m->data_count, "data segment index"))
			return;
		break;
	default: break;
	}
	switch (r->op) {
	case WX_OP_TABLE_SET:
	case WX_OP_TABLE_GROW:
	case WX_OP_TABLE_FILL:
	case WX_OP_TABLE_COPY: note_change(g, r->b); break;
	case WX_OP_TABLE_INIT: note_change(g, r->a); break;
	default: break;
	}
	switch (r->op) {
	case WX_OP_MEMORY_GROW:
		if (valid(g, m->has_memory, "memory.grow without a memory"))
			wx_helper(g, r->op, i32s, 1, NULL, 0, false, WX_I32_TYPE);
		break;
	case WX_OP_MEMORY_COPY:
	case WX_OP_MEMORY_FILL:
		if (valid(g, m->has_memory, "bulk instruction without a memory"))
			wx_helper(g, r->op, i32s, 3, NULL, 0, true, 0);
		break;
	case WX_OP_MEMORY_INIT:
		if (valid(g, m->has_memory, "memory.init without a memory"))
			wx_helper(g, r->op, i32s, 3, immediates, 1, true, 0);
		break;
	case WX_OP_DATA_DROP:
	case WX_OP_ELEM_DROP: wx_helper(g, r->op, NULL, 0, immediates, 1, false, 0); break;
	case WX_OP_TABLE_INIT:
		if (valid(g, r->a < m->table_count, "table index"))
			wx_helper(g, r->op, i32s, 3, immediates, 2, true, 0);
		break;
	case WX_OP_TABLE_COPY:
		if (valid(g, r->a < m->table_count && m->tables[r->a] == table, "table index"))
			wx_helper(g, r->op, i32s, 3, immediates, 2, true, 0);
		break;
	case WX_OP_TABLE_GET: wx_helper(g, r->op, i32s, 1, immediates, 1, true, table); break;
	case WX_OP_TABLE_SET:
		operands[1] = table;
		wx_helper(g, r->op, operands, 2, immediates, 1, true, 0);
		break;
	case WX_OP_TABLE_GROW:
		operands[0] = table;
		wx_helper(g, r->op, operands, 2, immediates, 1, false, WX_I32_TYPE);
		break;
	case WX_OP_TABLE_SIZE: wx_helper(g, r->op, NULL, 0, immediates, 1, false, WX_I32_TYPE); break;
	case WX_OP_TABLE_FILL:
		operands[1] = table;
		wx_helper(g, r->op, operands, 3, immediates, 1, true, 0);
		break;
	default:
		if (valid(g, r->b < m->function_count, "function index"))
			wx_helper(g, WX_OP_REF_FUNC, NULL, 0, immediates, 1, false, WX_FUNCREF_TYPE);
		break;
	}
}

__attribute__((noinline)) void wx_instruction(wx_generator *g, const wx_record *r)
{
	switch (r->op) {
	case WX_OP_UNREACHABLE:
		asm_trap(&g->as, WX_TRAP_UNREACHABLE);
		g->dead = true;
		while (g->height > g->control[g->depth - 1].height) {
			wx_value v = wx_pop_any(g);
			if (v.reg.r != WX_NO_REG)
				wx_release_reg(g, v.reg);
		}
		break;
	case WX_OP_BLOCK:
	case WX_OP_LOOP:
	case WX_OP_IF:
		wx_enter_block(g, r);
		g->plain = !g->uses_left;
		break;
	case WX_OP_ELSE: wx_else(g); break;
	case WX_OP_END: wx_end(g); break;
	case WX_OP_BR: wx_branch(g, r->b); break;
	case WX_OP_BR_IF: wx_branch_if(g, r->b); break;
	case WX_OP_BR_TABLE:
		wx_switch(g, r->b);
		g->plain = false;
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
			wx_release_condition(g, &g->compare);
		break;
	}
	case WX_OP_SELECT:
	case WX_OP_SELECT_T: wx_select(g, (uint8_t)r->a); break;
	case WX_OP_LOCAL_GET:
	case WX_OP_LOCAL_SET:
	case WX_OP_LOCAL_TEE:
		if (!valid(g, r->b < g->local_count && !g->locals[r->b].constant, "local index"))
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
		if (!valid(g, g->next && g->next->op == WX_PLAN_EXT, "constant"))
			break;
		g->took_next = true;
		wx_push_const(g, r->op == WX_OP_I64_CONST ? WX_I64 : WX_F64, 0, (uint64_t)g->next->b << 32 | r->b);
		break;
	case WX_OP_REF_NULL:
		if (valid(g, wx_is_reference_type(r->a), "reference type"))
			wx_push_const(g, WX_REF, (uint8_t)r->a, 0);
		break;
	case WX_OP_REF_IS_NULL: {
		wx_value v = wx_pop(g, WX_REF), zero = { .kind = WX_V_CONST, .type = WX_REF, .bits = 0 };
		wx_push_compare(g, WX_EQ, WX_REF, &v, &zero);
		break;
	}
	case WX_OP_MEMORY_SIZE: memory_size(g); break;
	case WX_PLAN_MEMORY_ROOM:
		if (valid(g, g->module->has_memory && r->b && r->b == g->as.slack, "room in memory"))
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
	case WX_OP_REF_FUNC: helper_instruction(g, r); break;
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

static bool going_on(const wx_generator *g)
{
	return !g->error && !g->no_memory && !g->as.failed;
}

/* An instruction where one is expected. */
static inline void step(wx_generator *g, const wx_record *r, const wx_record *next)
{
	g->as.wasm = g->offset;
	g->offset += r->length;
	if (g->dead && r->op != WX_OP_END && r->op != WX_OP_ELSE) {
		wx_fail(g, "instruction in dead code");
		return;
	}
	g->next = next;
	if (g->watched) {
		if (g->module->metered)
			wx_meter_before(g, r);
		wx_map_instruction(g, g->as.wasm, g->local_count);
		wx_instruction(g, r);
		if (g->module->metered)
			wx_meter_after(g);
	} else {
		wx_instruction(g, r);
	}
	if (g->took_next)
		g->offset += next->length;
}

/* A record that is no instruction, or comes where one need not be expected. */
static __attribute__((noinline)) void other_record(wx_generator *g, const wx_record *r, const wx_record *next)
{
	if (g->depth == 0) {
		wx_fail(g, "instruction after the end of a function");
		return;
	}
	if (r->op == WX_PLAN_OFFSET) {
		g->offset = r->b;
		return;
	}
	if (!g->begun) {
		switch (r->op) {
		case WX_PLAN_INFO: g->body_offset = g->offset = r->b; return;
		case WX_PLAN_LOCALS:
			if (r->a == (0x100 | WX_I32_TYPE)) {
				if (wx_add_local(g, WX_I32_TYPE, 1)) {
					g->locals[g->local_count - 1].constant = true;
					g->locals[g->local_count - 1].bits = r->b;
				}
			} else if (r->a < 0x100 && wx_is_value_type((uint8_t)r->a)) {
				wx_add_local(g, (uint8_t)r->a, r->b);
			} else {
				wx_fail(g, "type of a local");
			}
			return;
		case WX_PLAN_ZERO:
			if (r->b > g->local_count || r->a > g->local_count - r->b) {
				wx_fail(g, "local index");
				return;
			}
			for (uint32_t i = 0; i < r->a; i++)
				g->locals[r->b + i].zero = !g->locals[r->b + i].constant;
			return;
		case WX_PLAN_LOCAL_USE:
			if (r->length & 2 && r->b < g->local_count &&
				(g->locals[r->b].type == WX_F32 || g->locals[r->b].type == WX_F64))
				g->locals[r->b].arithmetic = true;
			if (g->most_used_count < WX_MOST_USED) {
				g->weights[g->most_used_count] = r->a;
				g->most_used[g->most_used_count++] = r->b;
			}
			return;
		default:
			begin_body(g);
			if (!going_on(g))
				return;
			wx_meter_begin(g);
		}
	}
	if (g->uses_left) {
		if (r->op != WX_PLAN_LOCAL_USE) {
			wx_fail(g, "uses of a loop");
			return;
		}
		if (g->most_used_count < WX_MOST_USED) {
			g->weights[g->most_used_count] = r->a;
			g->assigned |= (uint32_t)(r->length & 1) << g->most_used_count;
			g->most_used[g->most_used_count++] = r->b;
		}
		if (!--g->uses_left) {
			wx_begin_loop(g);
			g->cost_from = g->as.size;
		}
		return;
	}
	if (g->switching.count) {
		g->as.wasm = g->offset;
		g->offset += r->length;
		if (r->op == WX_PLAN_EXT)
			wx_switch_label(g, r->b);
		else
			wx_fail(g, "labels of br_table");
		return;
	}
	/* LOCAL_USE: of a loop that is never repeated */
	if (r->op == WX_PLAN_LOCAL_USE)
		return;
	if ((r->op & 0xFC) == WX_PLAN_LOCALS) {
		wx_fail(g, "operation");
		return;
	}
	step(g, r, next);
}

/* One record whose successor is known (or that has none). */
static inline void process(wx_generator *g, const wx_record *r, const wx_record *next)
{
	/* LOCALS, LOCAL_USE, OFFSET */
	if (!g->plain || (r->op & 0xFC) == WX_PLAN_LOCALS) {
		other_record(g, r, next);
		g->plain = g->begun && !g->uses_left && !g->switching.count;
	} else {
		step(g, r, next);
	}
}

uint32_t wx_generator_records(wx_generator *g, const wx_record *records, uint32_t count)
{
	uint32_t i = 0;
	g->took_next = false;
	if (g->has_pending && count && going_on(g)) {
		g->has_pending = false;
		other_record(g, &g->pending, records);
		g->plain = g->begun && !g->uses_left && !g->switching.count;
		i = g->took_next;
	}
	while (i < count && g->depth && going_on(g)) {
		const wx_record *r = &records[i++], *next = &records[i];
		if (i == count) {
			if (r->op != WX_OP_END || g->depth != 1) {
				g->pending = *r;
				g->has_pending = true;
				break;
			}
			next = NULL;
		}
		g->took_next = false;
		process(g, r, next);
		i += g->took_next;
	}
	if (g->seeing)
		wx_leaf_records(g, records, i);
	if (!g->depth && going_on(g))
		wx_leaf_end(g);
	return i;
}

bool wx_generator_failed(const wx_generator *g)
{
	return !going_on(g);
}

bool wx_generator_done(const wx_generator *g)
{
	return g->depth == 0;
}
