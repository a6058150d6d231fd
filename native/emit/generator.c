/* One function after the other: records in, machine code out. */
#include "generator.h"

#include "code-map.h"

void wx_generator_init(wx_generator *g, struct wx_alloc *memory, const wx_module_info *module)
{
	*g = (wx_generator){ .as = { .memory = memory }, .memory = memory, .module = module };
}

void wx_generator_free(wx_generator *g)
{
	void *blocks[] = { g->as.code, g->as.sites, g->operands.stack, g->control.stack, g->locals.list, g->control.fixups,
		g->loop.regions, g->inlining.leaves.bytes, g->inlining.inlined };
	for (unsigned i = 0; i < sizeof blocks / sizeof *blocks; i++)
		if (blocks[i])
			wx_free(g->memory, blocks[i]);
	wx_generator_init(g, g->memory, g->module);
}

bool wx_generator_begin(wx_generator *g, const wx_record *function)
{
	const wx_module_info *m = g->module;
	wx_asm *as = &g->as;
	if (function->a >= m->type_count) {
		wx_fail(g, "type of a function");
		return false;
	}
	g->function.signature = m->types[function->a];
	g->function.index = function->b;
	g->function.flags = function->length;
	g->operands.height = g->operands.settled = g->control.depth = g->locals.count = g->control.fixup_count =
		g->loop.most_used_count = 0;
	g->frame.left = g->control.dead = g->records.begun = g->records.plain = g->records.has_pending =
		g->fusion.took_next = false;
	g->records.watched = m->metered || m->map;
	g->fusion.sink = g->operands.floor = 0;
	g->switching.count = g->loop.uses_left = g->loop.region = 0;
	g->control.returns = g->frame.callees = g->inlining.inlined_count = 0;
	wx_leaf_begin(g);
	g->as.saved = g->registers.resident = g->registers.constants = 0;
	wx_forget_copies(g);
	g->registers.fresh = 0;
	/* Metered code needs the link register itself. */
	g->registers.allocatable = (ISA_CALLER_SAVED | ISA_CALLEE_SAVED) & ~(m->metered ? ISA_LINK : 0u);
	as->free = g->registers.allocatable;
	as->size = 0;
	wx_asm_label(as);
	as->site_count = 0;
	as->failed = as->no_memory = false;
	as->slack = m->memory_minimum >= WX_MEMORY_SLACK ? WX_MEMORY_SLACK : 0;
	as->leaf = true;
	for (uint32_t i = 0; i < g->function.signature.params; i++)
		if (!wx_add_local(g, g->function.signature.values[i], 1))
			return false;
	if (!g->control.capacity) {
		g->control.stack = wx_alloc(g->memory, 8 * sizeof *g->control.stack);
		if (!g->control.stack) {
			g->no_memory = true;
			return false;
		}
		g->control.capacity = 8;
	}
	/* wx_push always has a place to point to, even when there is no memory for more. */
	if (!g->operands.capacity) {
		g->operands.stack = wx_alloc(g->memory, 16 * sizeof *g->operands.stack);
		if (!g->operands.stack) {
			g->no_memory = true;
			return false;
		}
		g->operands.capacity = 16;
	}
	g->control.stack[g->control.depth++] = (wx_control){ .kind = WX_C_FUNCTION,
		.merged = true,
		.values = g->function.signature.values,
		.params = g->function.signature.params,
		.results = g->function.signature.results };
	if (!wx_asm_reserve(as, WX_ASM_HEAD))
		return false;
	as->size = WX_ASM_HEAD;
	return true;
}

/* An instruction where one is expected. */
static inline void step(wx_generator *g, const wx_record *r, const wx_record *next)
{
	g->as.wasm = g->records.offset;
	g->records.offset += r->length;
	if (g->control.dead && r->op != WX_OP_END && r->op != WX_OP_ELSE) {
		wx_fail(g, "instruction in dead code");
		return;
	}
	g->fusion.next = next;
	if (g->records.watched) {
		if (g->module->metered)
			wx_meter_before(g, r);
		wx_map_instruction(g, g->as.wasm, g->locals.count);
		wx_instruction(g, r);
		if (g->module->metered)
			wx_meter_after(g);
	} else {
		wx_instruction(g, r);
	}
	if (g->fusion.took_next)
		g->records.offset += next->length;
}

/* A record that is no instruction, or comes where one need not be expected. */
static __attribute__((noinline)) void other_record(wx_generator *g, const wx_record *r, const wx_record *next)
{
	if (g->control.depth == 0) {
		wx_fail(g, "instruction after the end of a function");
		return;
	}
	if (r->op == WX_PLAN_OFFSET) {
		g->records.offset = r->b;
		return;
	}
	if (!g->records.begun) {
		switch (r->op) {
		case WX_PLAN_INFO: g->function.offset = g->records.offset = r->b; return;
		case WX_PLAN_LOCALS:
			if (r->a == (0x100 | WX_I32_TYPE)) {
				if (wx_add_local(g, WX_I32_TYPE, 1)) {
					g->locals.list[g->locals.count - 1].constant = true;
					g->locals.list[g->locals.count - 1].bits = r->b;
				}
			} else if (r->a < 0x100 && wx_is_value_type((uint8_t)r->a)) {
				wx_add_local(g, (uint8_t)r->a, r->b);
			} else {
				wx_fail(g, "type of a local");
			}
			return;
		case WX_PLAN_ZERO:
			if (r->b > g->locals.count || r->a > g->locals.count - r->b) {
				wx_fail(g, "local index");
				return;
			}
			for (uint32_t i = 0; i < r->a; i++)
				g->locals.list[r->b + i].zero = !g->locals.list[r->b + i].constant;
			return;
		case WX_PLAN_LOCAL_USE:
			if (r->length & 2 && r->b < g->locals.count && wx_in_fp((wx_type)g->locals.list[r->b].type))
				g->locals.list[r->b].arithmetic = true;
			if (g->loop.most_used_count < WX_MOST_USED) {
				g->loop.weights[g->loop.most_used_count] = r->a;
				g->loop.most_used[g->loop.most_used_count++] = r->b;
			}
			return;
		default:
			wx_begin_body(g);
			if (wx_generator_failed(g))
				return;
			wx_meter_begin(g);
		}
	}
	if (g->loop.uses_left) {
		if (r->op != WX_PLAN_LOCAL_USE) {
			wx_fail(g, "uses of a loop");
			return;
		}
		if (g->loop.most_used_count < WX_MOST_USED) {
			g->loop.weights[g->loop.most_used_count] = r->a;
			g->loop.assigned |= (uint32_t)(r->length & 1) << g->loop.most_used_count;
			g->loop.most_used[g->loop.most_used_count++] = r->b;
		}
		if (!--g->loop.uses_left) {
			wx_begin_loop(g);
			g->metering.from = g->as.size;
		}
		return;
	}
	if (g->switching.count) {
		g->as.wasm = g->records.offset;
		g->records.offset += r->length;
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
	if (!g->records.plain || (r->op & 0xFC) == WX_PLAN_LOCALS) {
		other_record(g, r, next);
		g->records.plain = g->records.begun && !g->loop.uses_left && !g->switching.count;
	} else {
		step(g, r, next);
	}
}

uint32_t wx_generator_records(wx_generator *g, const wx_record *records, uint32_t count)
{
	uint32_t i = 0;
	g->fusion.took_next = false;
	if (g->records.has_pending && count && !wx_generator_failed(g)) {
		g->records.has_pending = false;
		other_record(g, &g->records.pending, records);
		g->records.plain = g->records.begun && !g->loop.uses_left && !g->switching.count;
		i = g->fusion.took_next;
	}
	while (i < count && g->control.depth && !wx_generator_failed(g)) {
		const wx_record *r = &records[i++], *next = &records[i];
		if (i == count) {
			if (r->op != WX_OP_END || g->control.depth != 1) {
				g->records.pending = *r;
				g->records.has_pending = true;
				break;
			}
			next = NULL;
		}
		g->fusion.took_next = false;
		process(g, r, next);
		i += g->fusion.took_next;
	}
	if (g->inlining.seeing)
		wx_leaf_records(g, records, i);
	if (!g->control.depth && !wx_generator_failed(g))
		wx_leaf_end(g);
	return i;
}

bool wx_generator_done(const wx_generator *g)
{
	return g->control.depth == 0;
}
