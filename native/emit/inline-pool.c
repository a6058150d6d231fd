/*
 * The pool of bodies that may take the place of calls of their functions. Below metering.c, which asks what becomes of
 * a call, and inline.c, which emits them.
 */
#include "generator.h"

#include <string.h>

/* May the body of a function that is inlined have it? */
static bool is_straight(uint8_t op)
{
	switch (op) {
	case WX_OP_DROP:
	case WX_OP_SELECT:
	case WX_OP_SELECT_T:
	case WX_OP_NOP:
	case WX_OP_MEMORY_SIZE:
	case WX_OP_MEMORY_GROW:
	case WX_OP_LOCAL_GET:
	case WX_OP_LOCAL_SET:
	case WX_OP_LOCAL_TEE:
	case WX_OP_GLOBAL_GET:
	case WX_OP_GLOBAL_SET:
	case WX_OP_I32_CONST:
	case WX_OP_I64_CONST:
	case WX_OP_F32_CONST:
	case WX_OP_F64_CONST:
	case WX_PLAN_EXT:
	case WX_PLAN_OFFSET:
	case WX_OP_REF_NULL:
	case WX_OP_REF_IS_NULL: return true;
	default: {
		const wx_op_row *row = &wx_op_info[op];
		return (row->flags & WX_OPF_ACCESS) ||
			(row->name && row->npop && !(row->flags & (WX_OPF_SPECIAL | WX_OPF_PLAN)) &&
				(row->flags & WX_OPF_COMPARES || asm_has(op)));
	}
	}
}

void wx_leaf_begin(wx_generator *g)
{
	g->inlining.seen_count = 0;
	g->inlining.seeing = !(g->function.flags & (WX_FLAG_CALLS | WX_FLAG_LEAVES | WX_FLAG_LOOPS | WX_FLAG_RESULT)) &&
		g->function.signature.params <= WX_LEAF_PARAMS && g->function.signature.results <= WX_LEAF_RESULTS;
}

void wx_leaf_records(wx_generator *g, const wx_record *records, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		const wx_record *r = &records[i];
		if (r->op == WX_PLAN_INFO || r->op == WX_PLAN_ZERO || r->op == WX_PLAN_LOCALS || r->op == WX_PLAN_LOCAL_USE)
			continue;
		if (r->op == WX_OP_END || r->op == WX_OP_RETURN)
			return;
		if (g->inlining.seen_count == WX_LEAF_RECORDS || !is_straight(r->op)) {
			g->inlining.seeing = false;
			return;
		}
		g->inlining.seen[g->inlining.seen_count++] = *r;
	}
}

static uint32_t size_of(const wx_leaf *leaf)
{
	return (uint32_t)sizeof *leaf + leaf->records * (uint32_t)sizeof(wx_record);
}

static uint32_t bit_of(uint32_t function)
{
	return 1u << (function & 31);
}

static const uint8_t *find_in(const wx_leaves *leaves, uint32_t function)
{
	if (!leaves || !(leaves->holds & bit_of(function)))
		return NULL;
	for (uint32_t at = 0; at < leaves->used;) {
		wx_leaf leaf = wx_leaf_at(leaves->bytes + at);
		if (leaf.function == function)
			return leaves->bytes + at;
		at += size_of(&leaf);
	}
	return NULL;
}

/* Makes room for so many bytes: the oldest go. */
static void make_room(wx_leaves *leaves, uint32_t bytes)
{
	uint32_t first = 0;
	while (leaves->used - first + bytes > WX_LEAF_POOL) {
		wx_leaf leaf = wx_leaf_at(leaves->bytes + first);
		first += size_of(&leaf);
	}
	if (!first)
		return;
	leaves->used -= first;
	memmove(leaves->bytes, leaves->bytes + first, leaves->used);
	leaves->holds = 0;
	for (uint32_t at = 0; at < leaves->used;) {
		wx_leaf leaf = wx_leaf_at(leaves->bytes + at);
		leaves->holds |= bit_of(leaf.function);
		at += size_of(&leaf);
	}
}

/* There is room. */
static void add(wx_leaves *leaves, const wx_leaf *leaf, const wx_record *records)
{
	memcpy(leaves->bytes + leaves->used, leaf, sizeof *leaf);
	memcpy(leaves->bytes + leaves->used + sizeof *leaf, records, leaf->records * sizeof *records);
	leaves->used += size_of(leaf);
	leaves->holds |= bit_of(leaf->function);
}

/* What a stub of a trap takes, about. */
#define STUB_BYTES 6u

/* The function at hand, if it can be a body. */
static bool describe(const wx_generator *g, wx_leaf *leaf)
{
	uint32_t bytes = g->as.size - WX_ASM_HEAD + STUB_BYTES * g->as.site_count,
			 declared = g->locals.count - g->function.signature.params;
	if (!g->inlining.seeing || bytes > ISA_INLINED || declared > WX_LEAF_LOCALS ||
		g->records.offset - g->function.offset >= WX_LEAF_SPAN)
		return false;
	*leaf = (wx_leaf){ .function = g->function.index,
		.body = g->function.offset,
		.bytes = (uint16_t)bytes,
		.flags = g->function.flags,
		.records = (uint8_t)g->inlining.seen_count,
		.locals = (uint8_t)declared };
	for (uint32_t i = 0; i < declared; i++) {
		const wx_local *l = &g->locals.list[g->function.signature.params + i];
		if (l->type == WX_REF || l->constant)
			return false;
		leaf->types[i] = (uint8_t)(l->type | (l->zero ? 0x80 : 0));
	}
	return true;
}

void wx_leaf_end(wx_generator *g)
{
	wx_leaf leaf;
	bool can = describe(g, &leaf);
	const uint8_t *known = find_in(g->module->known_leaves, g->function.index);
	if (known &&
		!(can && !memcmp(known, &leaf, sizeof leaf) &&
			!memcmp(known + sizeof leaf, g->inlining.seen, leaf.records * sizeof *g->inlining.seen))) {
		wx_fail(g, "a function is not that of the first compilation");
		return;
	}
	if (!can)
		return;
	if (!g->inlining.leaves.bytes && !(g->inlining.leaves.bytes = wx_alloc(g->memory, WX_LEAF_POOL)))
		return;
	make_room(&g->inlining.leaves, size_of(&leaf));
	add(&g->inlining.leaves, &leaf, g->inlining.seen);
	wx_leaves *learned = g->module->learn ? wx_knowledge_leaves(g->module->learn, size_of(&leaf)) : NULL;
	if (learned)
		add(learned, &leaf, g->inlining.seen);
}

/*
 * What a call takes, about: itself, and a move for each argument and the result. In a loop the time counts that it
 * takes.
 */
static uint32_t worth(const wx_generator *g, const wx_signature *s)
{
	uint32_t call = ISA_WORD == 8 ? 8 + 3 * (s->params + s->results) : 6 + 2 * (s->params + s->results);
	return g->loop.region ? ISA_INLINED : call;
}

const uint8_t *wx_find_leaf(const wx_generator *g, const wx_record *r)
{
	const wx_module_info *m = g->module;
	const uint8_t *found = find_in(&g->inlining.leaves, r->b);
	if (!found)
		found = find_in(m->known_leaves, r->b);
	if (!found || r->a >= m->type_count || r->b < m->imported_functions)
		return NULL;
	wx_leaf leaf = wx_leaf_at(found);
	bool fits = wx_has_registers(g, WX_I32, leaf.flags & WX_FLAG_I64, 0);
	bool placed = g->records.offset < WX_SITE_INLINED && g->inlining.inlined_count <= WX_MOST_INLINED;
	const wx_signature *s = &m->types[r->a];
	bool few = s->params <= WX_LEAF_PARAMS && s->results <= WX_LEAF_RESULTS;
	return fits && placed && few && leaf.bytes <= worth(g, s) ? found : NULL;
}
