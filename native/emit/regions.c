/*
 * Locals in registers, by region. A region is the function's body or a loop; each has its own choice of which locals are in which callee-saved registers, so that a loop's own
 * locals get them while it runs. What changes between two regions is moved where control passes from one to the other: at a loop's entry, at its end, and on branches out
 * of it. A local that is in a register in both stays where it is.
 */
#include "generator.h"

/* Taking a register from a local for another pays when that is used so much more often in the loop. */
#define GAIN 2u

static uint32_t class_of(wx_type t)
{
	return ISA_CALLEE_SAVED & (t == WX_F32 || t == WX_F64 ? 0xFFFF0000u : 0xFFFFu);
}

static wx_type type_of(const wx_generator *g, uint32_t local)
{
	return wx_machine_type((wx_type)g->locals[local].type);
}

/* The register, or pair, of a local in a region. */
static wx_reg place_in(const wx_locals_region *region, uint32_t local)
{
	wx_reg reg = { WX_NO_REG, WX_NO_REG };
	for (uint32_t mask = ISA_CALLEE_SAVED; mask; mask &= mask - 1) {
		uint8_t r = (uint8_t)__builtin_ctz(mask);
		if (region->owner[r] != local + 1)
			continue;
		if (region->high >> r & 1)
			reg.h = r;
		else
			reg.r = r;
	}
	return reg;
}

static void drop(wx_locals_region *region, wx_reg reg)
{
	uint32_t mask = 1u << reg.r;
	region->owner[reg.r] = 0;
	if (reg.h != WX_NO_REG) {
		region->owner[reg.h] = 0;
		mask |= 1u << reg.h;
	}
	region->high &= ~mask;
	region->clean &= ~mask;
}

static uint32_t owned(const wx_locals_region *region)
{
	uint32_t mask = 0;
	for (uint32_t i = 0; i < 32; i++)
		if (region->owner[i])
			mask |= 1u << i;
	return mask;
}

/* Make the locals' places those of a region. */
static void apply(wx_generator *g, const wx_locals_region *before, const wx_locals_region *after)
{
	for (uint32_t i = 0; before && i < 32; i++)
		if (before->owner[i])
			g->locals[before->owner[i] - 1].reg = (wx_reg){ WX_NO_REG, WX_NO_REG };
	for (uint32_t i = 0; i < 32; i++) {
		if (!after->owner[i])
			continue;
		wx_reg *reg = &g->locals[after->owner[i] - 1].reg;
		if (after->high >> i & 1)
			reg->h = (uint8_t)i;
		else
			reg->r = (uint8_t)i;
	}
	uint32_t mask = owned(after);
	g->free = (g->free | g->resident) & ~mask;
	g->resident = mask;
	g->saved |= mask;
}

/* Uses of a local in the region being chosen for. */
static uint32_t weight_of(const wx_generator *g, uint32_t local)
{
	for (uint32_t i = 0; i < g->most_used_count; i++)
		if (g->most_used[i] == local)
			return g->weights[i];
	return 0;
}

/* The register of that class whose local is used least; its pair's other half goes with it. */
static bool least_used(const wx_generator *g, const wx_locals_region *region, uint32_t class, uint32_t *local, uint32_t *weight)
{
	bool found = false;
	*weight = UINT32_MAX;
	for (uint32_t i = 0; i < 32; i++) {
		if (!(class >> i & 1) || !region->owner[i])
			continue;
		uint32_t w = weight_of(g, region->owner[i] - 1);
		if (w < *weight) {
			*local = region->owner[i] - 1;
			*weight = w;
			found = true;
		}
	}
	return found;
}

/* Choose by the uses at hand, heaviest first; what is in a register already and not outdone stays. Some registers stay for temporaries where there are few. */
static void choose(wx_generator *g, wx_locals_region *region, bool loop)
{
	uint32_t spare = ISA_WORD == 4 && (g->flags & WX_FLAG_I64) ? 1 : 0;
	for (uint32_t i = 0; i < g->most_used_count; i++) {
		uint32_t local = g->most_used[i];
		wx_type t = type_of(g, local);
		bool pair = t == WX_I64 && ISA_WORD == 4;
		uint32_t class = class_of(t), needed = (pair ? 2u : 1u) + (t == WX_F32 || t == WX_F64 ? 0 : spare);
		if (g->weights[i] < GAIN || place_in(region, local).r != WX_NO_REG)
			continue;
		wx_locals_region trial = *region;
		uint32_t left;
		while ((uint32_t)__builtin_popcount(left = class & ~owned(&trial)) < needed) {
			uint32_t victim, weight;
			if (!loop || !least_used(g, &trial, class, &victim, &weight) || weight + GAIN > g->weights[i])
				break;
			drop(&trial, place_in(&trial, victim));
		}
		if ((uint32_t)__builtin_popcount(left) < needed)
			continue;
		*region = trial;
		bool clean = loop && !(g->assigned >> i & 1);
		for (uint32_t half = 0; half < (pair ? 2u : 1u); half++) {
			uint32_t r = (uint32_t)__builtin_ctz(left);
			left &= left - 1;
			region->owner[r] = local + 1;
			region->high |= half << r;
			if (clean)
				region->clean |= 1u << r;
		}
	}
}

/* The function's own region, before its first instruction. */
void wx_region_begin(wx_generator *g)
{
	if (!g->region_capacity) {
		g->regions = wx_alloc(g->memory, 4 * sizeof *g->regions);
		if (!g->regions) {
			g->no_memory = true;
			return;
		}
		g->region_capacity = 4;
	}
	g->region = 0;
	g->regions[0] = (wx_locals_region){ .high = 0 };
	choose(g, &g->regions[0], false);
	apply(g, NULL, &g->regions[0]);
}

bool wx_region_differs(const wx_generator *g, uint32_t to)
{
	if (to == g->region)
		return false;
	const wx_locals_region *a = &g->regions[g->region], *b = &g->regions[to];
	for (uint32_t i = 0; i < 32; i++)
		if (a->owner[i] != b->owner[i])
			return true;
	return false;
}

/* Code that takes the locals from where one region has them to where another has them. Changes nothing of the generator's own. */
static void emit_moves(wx_generator *g, const wx_locals_region *from, const wx_locals_region *to)
{
	uint8_t targets[32], sources[32];
	wx_type types[32];
	uint32_t moves = 0;
	for (uint32_t i = 0; i < 32; i++) {
		if (!from->owner[i] || (from->high >> i & 1))
			continue;
		uint32_t local = from->owner[i] - 1;
		wx_reg here = place_in(from, local), there = place_in(to, local);
		wx_type t = type_of(g, local);
		if (there.r == WX_NO_REG) {
			if (!(from->clean >> i & 1))
				asm_store(&g->as, t, here, ISA_SP, g->locals[local].slot);
			continue;
		}
		bool pair = here.h != WX_NO_REG;
		targets[moves] = there.r;
		sources[moves] = here.r;
		types[moves++] = pair ? WX_I32 : t;
		if (pair) {
			targets[moves] = there.h;
			sources[moves] = here.h;
			types[moves++] = WX_I32;
		}
	}
	wx_parallel_move(g, targets, sources, types, moves);
	for (uint32_t i = 0; i < 32; i++) {
		if (!to->owner[i] || (to->high >> i & 1))
			continue;
		uint32_t local = to->owner[i] - 1;
		if (place_in(from, local).r == WX_NO_REG)
			asm_load(&g->as, type_of(g, local), place_in(to, local), ISA_SP, g->locals[local].slot);
	}
}

void wx_region_move(wx_generator *g, uint32_t to)
{
	if (to != g->region)
		emit_moves(g, &g->regions[g->region], &g->regions[to]);
}

/* The loop at hand begins: choose for it, move, and make it the current region. */
void wx_region_enter(wx_generator *g)
{
	for (uint32_t i = 0; i < g->most_used_count; i++)
		if (g->most_used[i] >= g->local_count) {
			wx_fail(g, "local index");
			return;
		}
	wx_locals_region inner = g->regions[g->region];
	choose(g, &inner, true);
	if (g->region + 1 == g->region_capacity) {
		uint32_t wanted = g->region_capacity * 2;
		wx_locals_region *regions = wx_realloc(g->memory, g->regions, (size_t)wanted * sizeof *regions);
		if (!regions) {
			g->no_memory = true;
			return;
		}
		g->regions = regions;
		g->region_capacity = wanted;
	}
	const wx_locals_region *outer = &g->regions[g->region];
	emit_moves(g, outer, &inner);
	apply(g, outer, &inner);
	g->regions[++g->region] = inner;
}

/* Behind the end of a loop. */
void wx_region_leave(wx_generator *g, uint32_t outer, bool live)
{
	if (outer == g->region)
		return;
	if (live)
		wx_region_move(g, outer);
	apply(g, &g->regions[g->region], &g->regions[outer]);
	g->region = outer;
}
