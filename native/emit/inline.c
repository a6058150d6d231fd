/* A body in the place of a call: its parameters and locals, its instructions, its result. */
#include "code-map.h"
#include "../base/array.h"

#include <string.h>

static wx_type machine_type_of(const wx_generator *g, uint32_t local)
{
	return wx_machine_type((wx_type)g->locals.list[local].type);
}

/* A register that is taken becomes the local's. */
static void settle_in(wx_generator *g, uint32_t local, wx_reg reg)
{
	wx_locals_region *region = &g->loop.regions[g->loop.region];
	uint32_t mask = wx_mask_of(reg);
	region->owner[reg.r] = local + 1;
	if (reg.h != WX_NO_REG) {
		region->owner[reg.h] = local + 1;
		region->high |= 1u << reg.h;
	}
	region->owned |= mask;
	g->registers.resident |= mask;
	g->locals.list[local].reg = reg;
}

/* The local leaves its register, which stays taken. */
static wx_reg move_out(wx_generator *g, uint32_t local)
{
	wx_locals_region *region = &g->loop.regions[g->loop.region];
	wx_reg reg = g->locals.list[local].reg;
	g->registers.resident &= ~wx_region_drop(region, reg);
	g->locals.list[local].reg = (wx_reg){ WX_NO_REG, WX_NO_REG };
	return reg;
}

/* A value on the stack in a register of its own. */
static void to_register(wx_generator *g, uint32_t position)
{
	wx_value *v = &g->operands.stack[position];
	if (v->kind == WX_V_REG)
		return;
	if (v->kind == WX_V_SCALED) {
		wx_compute(g, v);
		return;
	}
	wx_reg d = wx_take(g, wx_machine_type((wx_type)v->type));
	wx_load_value(g, v, d);
	if (v->kind == WX_V_LOCAL)
		g->locals.list[v->bits].refs--;
	v->kind = WX_V_REG;
	v->reg = d;
}

/* What was on the stack is elsewhere now; its place stays. */
static void empty(wx_value *v)
{
	v->kind = WX_V_CONST;
	v->reg.r = v->reg.h = WX_NO_REG;
	v->bits = 0;
	v->nan = false;
}

static void drop(wx_generator *g, wx_value *v)
{
	int64_t local = wx_read_local(v);
	if (local >= 0)
		g->locals.list[local].refs--;
	if (v->reg.r != WX_NO_REG)
		wx_release_reg(g, v->reg);
	empty(v);
}

typedef struct {
	uint32_t base; /* operand position of the first argument */
	uint32_t first; /* local of the first parameter */
	uint32_t params;
	uint32_t count; /* with declared locals */
	uint32_t taken; /* bits of parameters whose argument is on the stack until it is used */
	uint8_t uses[WX_LEAF_PARAMS + WX_LEAF_LOCALS];
	uint32_t assigned; /* bits */
	bool i64; /* it handles such values */
	wx_record records[WX_LEAF_RECORDS];
	uint32_t record_count;
} body;

/* For one more local? */
static bool has_place(const wx_generator *g, const body *b, wx_type t)
{
	return wx_has_registers(g, t, b->i64, wx_is_pair(t) ? 2 : 1);
}

static bool names_local(const wx_record *r)
{
	return r->op == WX_OP_LOCAL_GET || r->op == WX_OP_LOCAL_SET || r->op == WX_OP_LOCAL_TEE;
}

/* The parameter becomes a local of the caller's: in a register, else in its argument's slot. */
static void keep_argument(wx_generator *g, const body *b, uint32_t i)
{
	uint32_t local = b->first + i, at = b->base + i;
	bool assigned = b->assigned >> i & 1;
	wx_type t = machine_type_of(g, local);
	if (has_place(g, b, t) && g->operands.stack[at].kind != WX_V_SLOT) {
		to_register(g, at);
		wx_value *v = &g->operands.stack[at];
		if (v->nan && assigned)
			wx_asm_canonical(&g->as, t, v->reg);
		g->locals.list[local].arithmetic = v->nan && !assigned;
		settle_in(g, local, v->reg);
		empty(v);
		return;
	}
	wx_value *v = &g->operands.stack[at];
	if (v->nan && assigned) {
		to_register(g, at);
		wx_asm_canonical(&g->as, t, v->reg);
		v->nan = false;
	}
	g->locals.list[local].arithmetic = v->nan;
	wx_settle(g, v, true);
	empty(v);
}

static void bind_arguments(wx_generator *g, body *b)
{
	for (uint32_t i = 0; i < b->params; i++) {
		wx_value *v = &g->operands.stack[b->base + i];
		if (!b->uses[i]) {
			drop(g, v);
			continue;
		}
		if (b->assigned >> i & 1) {
			keep_argument(g, b, i);
			continue;
		}
		if (v->kind == WX_V_LOCAL) {
			for (uint32_t k = 0; k < b->record_count; k++)
				if (names_local(&b->records[k]) && b->records[k].b == b->first + i)
					b->records[k].b = (uint32_t)v->bits;
			drop(g, v);
		} else if (v->kind == WX_V_CONST || (b->uses[i] == 1 && v->kind != WX_V_SLOT)) {
			b->taken |= 1u << i;
		} else {
			keep_argument(g, b, i);
		}
	}
}

/* local.get of a parameter whose argument is still on the stack. */
static void take_argument(wx_generator *g, const body *b, uint32_t i)
{
	wx_value v = g->operands.stack[b->base + i];
	wx_settle_product(g);
	if (v.kind == WX_V_SLOT) {
		wx_push_local(g, b->first + i);
		g->operands.stack[g->operands.height - 1].nan = v.nan;
		return;
	}
	if (v.kind != WX_V_CONST)
		empty(&g->operands.stack[b->base + i]);
	wx_value *w = wx_push(g, v.kind, (wx_type)v.type, v.reference);
	v.slot = w->slot;
	*w = v;
}

/* Other than a parameter's, a local's value does not come from anywhere. */
static void begin_locals(wx_generator *g, const body *b, const wx_leaf *leaf)
{
	for (uint32_t i = b->params; i < b->count; i++) {
		uint32_t local = b->first + i;
		wx_type t = machine_type_of(g, local);
		bool zero = leaf->types[i - b->params] & 0x80, set = zero || g->module->audit;
		uint64_t bits = zero ? 0 : t == WX_I64 || t == WX_F64 ? WX_POISON : (uint32_t)WX_POISON;
		if (!b->uses[i] && !(b->assigned >> i & 1))
			continue;
		if (has_place(g, b, t)) {
			settle_in(g, local, wx_take(g, t));
			if (set)
				wx_asm_const(&g->as, t, g->locals.list[local].reg, bits);
			continue;
		}
		if (set)
			wx_asm_store_const(&g->as, t, bits, ISA_SP, g->locals.list[local].slot);
		wx_note_frame(g, g->locals.list[local].slot + wx_slot_size(t));
	}
}

/* The places and the uses of parameters and locals. False: out of memory. */
static bool begin_body(wx_generator *g, body *b, const wx_leaf *leaf, const wx_signature *s)
{
	static const uint8_t value_types[] = { WX_I32_TYPE, WX_I64_TYPE, WX_F32_TYPE, WX_F64_TYPE };
	for (uint32_t i = 0; i < leaf->locals; i++)
		wx_push_const(g, (wx_type)(leaf->types[i] & 3), 0, 0);
	for (uint32_t i = 0; i < b->count; i++) {
		uint8_t type = i < s->params ? s->values[i] : value_types[leaf->types[i - s->params] & 3];
		if (g->no_memory || !wx_add_local(g, type, 1))
			return false;
		g->locals.list[b->first + i].slot = g->operands.stack[b->base + i].slot;
	}
	for (uint32_t i = 0; i < b->record_count; i++) {
		wx_record *r = &b->records[i];
		if (!names_local(r))
			continue;
		if (r->b >= b->count) {
			wx_fail(g, "local index");
			return false;
		}
		if (r->op == WX_OP_LOCAL_GET)
			b->uses[r->b]++;
		else
			b->assigned |= 1u << r->b;
		r->b += b->first;
	}
	/* What is set, or set and given on, is used. */
	for (uint32_t i = 0; i < b->count; i++)
		b->uses[i] = (uint8_t)(b->uses[i] + (b->assigned >> i & 1));
	return true;
}

/* A register of a local of the body's in what waits for the next instruction is from now on that one's own. */
static void adopt(wx_generator *g, const body *b, wx_held *held)
{
	if (held->owned || held->reg.r == WX_NO_REG)
		return;
	uint32_t owner = g->loop.regions[g->loop.region].owner[held->reg.r];
	if (owner <= b->first)
		return;
	move_out(g, owner - 1);
	held->owned = true;
}

/* A result no longer needs the body's locals, nor a place above its own. */
static void free_result(wx_generator *g, const body *b, uint32_t position)
{
	wx_value *v = &g->operands.stack[position];
	int64_t local = wx_read_local(v);
	switch (v->kind) {
	case WX_V_COMPARE:
		adopt(g, b, &g->fusion.compare.a);
		adopt(g, b, &g->fusion.compare.b);
		return;
	case WX_V_PRODUCT:
		adopt(g, b, &g->fusion.product[0]);
		adopt(g, b, &g->fusion.product[1]);
		return;
	case WX_V_LOADED: adopt(g, b, &g->fusion.loaded_index); return;
	case WX_V_SLOT: to_register(g, position); return;
	default: break;
	}
	if (local < (int64_t)b->first)
		return;
	wx_local *l = &g->locals.list[local];
	if (v->kind == WX_V_LOCAL && l->refs == 1 && l->reg.r != WX_NO_REG) {
		l->refs = 0;
		v->reg = move_out(g, (uint32_t)local);
		v->kind = WX_V_REG;
		v->bits = 0;
	} else {
		to_register(g, position);
	}
}

/* The result, if there is one, moves down to where the arguments were. */
static void end_body(wx_generator *g, const body *b, const uint8_t *types, uint32_t results)
{
	if (g->operands.height < b->base + b->count + results) {
		wx_fail(g, "results of a body");
		return;
	}
	uint32_t from = g->operands.height - results;
	for (uint32_t i = b->base; i < from; i++)
		drop(g, &g->operands.stack[i]);
	if (g->operands.settled > b->base)
		g->operands.settled = b->base;
	if (results) {
		free_result(g, b, from);
		wx_value *to = &g->operands.stack[b->base], v = g->operands.stack[from];
		if (v.type != wx_type_of(types[0]) || v.reference != wx_reference_of(types[0]))
			wx_fail(g, "type of a result");
		v.slot = b->base ? to[-1].slot + wx_slot_size((wx_type)to[-1].type) : g->operands.slots;
		empty(&g->operands.stack[from]);
		*to = v;
	}
	g->operands.height = b->base + results;
	for (uint32_t i = 0; i < b->count; i++) {
		uint32_t local = b->first + i;
		wx_forget_copies_of(g, local);
		if (g->locals.list[local].reg.r == WX_NO_REG)
			continue;
		wx_reg reg = move_out(g, local);
		/* A result may be in it already, where the label behind the call wants it. */
		if (!results || g->operands.stack[g->operands.height - 1].reg.r != reg.r)
			wx_release_reg(g, reg);
	}
	g->locals.count = b->first;
}

/* The body's instructions. True: the last one took the record behind the call, too. */
static bool emit_records(wx_generator *g, const body *b, const wx_leaf *leaf, const wx_record *behind)
{
	uint32_t offset = leaf->body;
	bool took_behind = false;
	for (uint32_t i = 0; i < b->record_count && !wx_generator_failed(g); i++) {
		const wx_record *r = &b->records[i];
		bool last = i + 1 == b->record_count;
		if (r->op == WX_PLAN_OFFSET) {
			offset = r->b;
			continue;
		}
		g->fusion.next = last ? behind : r + 1;
		g->fusion.took_next = false;
		g->as.wasm = WX_SITE_INLINED | g->inlining.inlined_count * WX_LEAF_SPAN |
			((offset - leaf->body) % WX_LEAF_SPAN);
		if (g->records.watched) {
			if (g->module->metered)
				wx_meter_before(g, r);
			wx_map_instruction(g, offset, b->first);
		}
		offset += r->length;
		uint32_t i_local = r->b - b->first;
		if (r->op == WX_OP_LOCAL_GET && r->b >= b->first && b->taken >> i_local & 1)
			take_argument(g, b, i_local);
		else
			wx_instruction(g, r);
		if (g->records.watched && g->module->metered)
			wx_meter_after(g);
		if (g->fusion.took_next && last) {
			took_behind = true;
		} else if (g->fusion.took_next) {
			offset += r[1].length;
			i++;
		}
	}
	return took_behind;
}

/* The body had places where it may trap. */
static void note_inlined(wx_generator *g, uint32_t call, uint32_t start)
{
	if (g->inlining.inlined_count == g->inlining.inlined_capacity) {
		wx_inlined *inlined = wx_array_grow(g->memory, g->inlining.inlined, &g->inlining.inlined_capacity,
			g->inlining.inlined_count + 1ull, sizeof *inlined);
		if (!inlined) {
			g->no_memory = true;
			return;
		}
		g->inlining.inlined = inlined;
	}
	g->inlining.inlined[g->inlining.inlined_count++] = (wx_inlined){ call, start };
}

bool wx_emit_inline(wx_generator *g, const wx_record *r, const wx_signature *s)
{
	const uint8_t *found = wx_find_leaf(g, r);
	if (!found)
		return false;
	wx_leaf leaf = wx_leaf_at(found);
	const wx_record *behind = g->fusion.next;
	uint32_t sites = g->as.site_count, call = g->as.wasm;
	body b = { .base = g->operands.height - s->params,
		.first = g->locals.count,
		.params = s->params,
		.count = s->params + leaf.locals,
		.i64 = leaf.flags & WX_FLAG_I64,
		.record_count = leaf.records };
	memcpy(b.records, found + sizeof leaf, leaf.records * sizeof *b.records);
	if (!begin_body(g, &b, &leaf, s))
		return true;
	uint32_t floor = g->operands.floor;
	g->operands.floor = g->operands.height;
	bind_arguments(g, &b);
	begin_locals(g, &b, &leaf);
	bool took_behind = emit_records(g, &b, &leaf, behind);
	g->operands.floor = floor;
	g->fusion.took_next = took_behind;
	uint32_t results = s->results - (took_behind && behind->op == WX_OP_LOCAL_SET);
	if (!wx_generator_failed(g))
		end_body(g, &b, s->values + s->params, results);
	g->as.wasm = call;
	if (g->as.site_count != sites)
		note_inlined(g, call, leaf.body);
	return true;
}
