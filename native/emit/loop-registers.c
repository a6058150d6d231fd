/*
 * Locals in registers, by region. A region is the function's body or a loop; each has its own choice of which locals
 * are in which callee-saved registers, so that a loop's own locals get them while it runs. What changes between two
 * regions is moved where control passes from one to the other: at a loop's entry, at its end, and on branches out of
 * it. A local that is in a register in both stays where it is.
 */
#include "generator.h"
#include "../base/array.h"

/* Taking a register from a local for another pays when that is used so much more often in the loop. */
#define GAIN 2u

/*
 * Registers that temporaries need at least: a comparison's operands, what select chooses from, and more halves for i64
 * in pairs.
 */
enum { GENERAL_TEMPORARIES = 3, PAIR_TEMPORARIES = 5, FLOATING_TEMPORARIES = 4 };

uint32_t wx_temporaries(wx_type t, bool i64)
{
	/* The plan does not say where f64 is handled. */
	bool pairs = ISA_WORD == 4 && (i64 || wx_is_pair(WX_F64));
	return wx_in_fp(t) ? FLOATING_TEMPORARIES : pairs ? PAIR_TEMPORARIES : GENERAL_TEMPORARIES;
}

bool wx_has_registers(const wx_generator *g, wx_type t, bool i64, uint32_t wanted)
{
	return (uint32_t)__builtin_popcount(g->registers.allocatable & wx_class_of(t) & ~g->registers.resident) >=
		wanted + wx_temporaries(t, i64);
}

/* Where a single result of a block is taken to: no place for a local, if there is such a block. */
static uint32_t result_registers(const wx_generator *g)
{
	wx_reg integer = wx_abi_result(g->function.flags & WX_FLAG_I64 ? WX_I64 : WX_I32);
	if (!(g->function.flags & WX_FLAG_RESULT))
		return 0;
	return wx_mask_of(integer) | wx_mask_of(wx_abi_result(WX_F64));
}

static wx_type type_of(const wx_generator *g, uint32_t local)
{
	return wx_machine_type((wx_type)g->locals.list[local].type);
}

/* The register, or pair, of a local in a region. */
static wx_reg place_in(const wx_locals_region *region, uint32_t local)
{
	wx_reg reg = { WX_NO_REG, WX_NO_REG };
	for (uint32_t mask = region->owned; mask; mask &= mask - 1) {
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

/* The local is in that register alone, in both. */
static bool stays(const wx_locals_region *a, const wx_locals_region *b, uint32_t r, wx_type t)
{
	return a->owner[r] == b->owner[r] && !((a->high | b->high) >> r & 1) && !wx_is_pair(t);
}

uint32_t wx_region_drop(wx_locals_region *region, wx_reg reg)
{
	uint32_t mask = wx_mask_of(reg);
	region->owner[reg.r] = 0;
	if (reg.h != WX_NO_REG)
		region->owner[reg.h] = 0;
	region->owned &= ~mask;
	region->high &= ~mask;
	region->clean &= ~mask;
	return mask;
}

/* Make the locals' places those of a region. */
static void apply(wx_generator *g, const wx_locals_region *before, const wx_locals_region *after)
{
	for (uint32_t left = before ? before->owned : 0; left; left &= left - 1)
		g->locals.list[before->owner[__builtin_ctz(left)] - 1].reg = (wx_reg){ WX_NO_REG, WX_NO_REG };
	g->registers.constants = 0;
	for (uint32_t left = after->owned; left; left &= left - 1) {
		uint32_t i = (uint32_t)__builtin_ctz(left);
		wx_local *l = &g->locals.list[after->owner[i] - 1];
		wx_reg *reg = &l->reg;
		if (l->constant)
			g->registers.constants |= 1u << i;
		if (after->high >> i & 1)
			reg->h = (uint8_t)i;
		else
			reg->r = (uint8_t)i;
	}
	uint32_t mask = after->owned;
	wx_forget_copies(g);
	g->as.free = (g->as.free | g->registers.resident) & ~mask;
	g->registers.resident = mask;
	g->as.saved |= mask & (ISA_CALLEE_SAVED | ISA_LINK);
}

/* Uses of a local in the region being chosen for. */
static uint32_t weight_of(const wx_generator *g, uint32_t local)
{
	for (uint32_t i = 0; i < g->loop.most_used_count; i++)
		if (g->loop.most_used[i] == local)
			return g->loop.weights[i];
	return 0;
}

/*
 * The register of that class whose local is used least, or WX_NO_REG; its pair's other half goes with it. `weights`: by
 * register.
 */
static uint32_t least_used(const wx_locals_region *region, uint32_t class, const uint32_t *weights)
{
	uint32_t least = UINT32_MAX, found = WX_NO_REG;
	for (uint32_t left = class & region->owned; left; left &= left - 1) {
		uint32_t i = (uint32_t)__builtin_ctz(left);
		if (weights[i] < least) {
			least = weights[i];
			found = i;
		}
	}
	return found;
}

/* The register that a parameter arrives in, if it does in a single one. */
static uint8_t arrival(const wx_generator *g, uint32_t local)
{
	wx_abi abi = { 0, 0, 0 };
	if (local >= g->function.signature.params)
		return WX_NO_REG;
	for (uint32_t i = 0; i < local; i++)
		wx_abi_next(&abi, type_of(g, i));
	wx_abi_place place = wx_abi_next(&abi, type_of(g, local));
	return place.in_register && place.reg.h == WX_NO_REG ? place.reg.r : WX_NO_REG;
}

/*
 * One register out of `left`: the one where the parameter is already, else a callee-saved one if that costs no push of
 * its own, else one that needs no saving. Temporaries prefer what needs no saving, too.
 */
static uint8_t pick(const wx_generator *g, uint32_t left, uint8_t home)
{
	if (home != WX_NO_REG && (left >> home & 1))
		return home;
	uint32_t callee = left & ISA_CALLEE_SAVED;
	if (callee &&
		((g->function.flags & WX_FLAG_CALLS) || (g->as.saved & ISA_CALLEE_SAVED) || !(left & ISA_CALLER_SAVED)))
		return (uint8_t)__builtin_ctz(callee);
	uint32_t caller = left & ISA_CALLER_SAVED & wx_free_of_cost(g);
	if (!caller)
		caller = left & ISA_CALLER_SAVED;
	return caller ? (uint8_t)(31 - __builtin_clz(caller)) : (uint8_t)__builtin_ctz(left);
}

/* Registers for one more local, or 0: so many as it needs, and for temporaries, are not there. */
static uint32_t room_for(const wx_generator *g, const wx_locals_region *region, uint32_t allowed, uint32_t class,
	uint32_t needed, uint32_t temporaries)
{
	uint32_t left = allowed & class & ~region->owned;
	return (uint32_t)__builtin_popcount(left) >= needed &&
			(uint32_t)__builtin_popcount(g->registers.allocatable & class & ~region->owned) >= needed + temporaries
		? left
		: 0;
}

/* Choose by the uses at hand, heaviest first; what is in a register already and not outdone stays. */
static void choose(wx_generator *g, wx_locals_region *region, bool loop, bool calls, bool i64)
{
	uint32_t allowed = calls ? ISA_CALLEE_SAVED : g->registers.allocatable & ~result_registers(g),
			 weights[WX_REGISTERS];
	bool weighed = false;
	for (uint32_t i = 0; i < g->loop.most_used_count; i++) {
		uint32_t local = g->loop.most_used[i];
		wx_type t = type_of(g, local);
		uint32_t class = wx_class_of(t);
		uint32_t temporaries = wx_temporaries(t, i64);
		uint32_t needed = wx_is_pair(t) ? 2 : 1;
		uint8_t home = loop || calls ? WX_NO_REG : arrival(g, local);
		if ((g->loop.weights[i] < GAIN && home == WX_NO_REG) || place_in(region, local).r != WX_NO_REG)
			continue;
		/* Only loops repay what sets it. */
		if (g->locals.list[local].constant && (!loop || !wx_asm_worth_hoisting(g->locals.list[local].bits)))
			continue;
		uint32_t left = room_for(g, region, allowed, class, needed, temporaries);
		if (!left && loop) {
			if (!weighed)
				for (uint32_t owned = region->owned; owned; owned &= owned - 1) {
					uint32_t r = (uint32_t)__builtin_ctz(owned);
					weights[r] = weight_of(g, region->owner[r] - 1);
				}
			weighed = true;
			uint32_t victim = least_used(region, allowed & class, weights);
			if (victim == WX_NO_REG || weights[victim] + GAIN > g->loop.weights[i])
				continue;
			wx_locals_region trial = *region;
			while (!left && victim != WX_NO_REG && weights[victim] + GAIN <= g->loop.weights[i]) {
				wx_region_drop(&trial, place_in(&trial, trial.owner[victim] - 1));
				left = room_for(g, &trial, allowed, class, needed, temporaries);
				victim = least_used(&trial, allowed & class, weights);
			}
			if (left)
				*region = trial;
		}
		if (!left)
			continue;
		bool clean = loop && (!(g->loop.assigned >> i & 1) || g->locals.list[local].constant);
		for (uint32_t half = 0; half < needed; half++) {
			uint32_t r = pick(g, left, home);
			left &= ~(1u << r);
			region->owner[r] = local + 1;
			region->owned |= 1u << r;
			weights[r] = g->loop.weights[i];
			region->high |= half << r;
			if (clean)
				region->clean |= 1u << r;
			g->as.saved |= 1u << r & (ISA_CALLEE_SAVED | ISA_LINK);
		}
	}
}

/* The function's own region, before its first instruction. */
void wx_region_begin(wx_generator *g)
{
	if (!g->loop.region_capacity) {
		g->loop.regions = wx_alloc(g->memory, 2 * sizeof *g->loop.regions);
		if (!g->loop.regions) {
			g->no_memory = true;
			return;
		}
		g->loop.region_capacity = 2;
	}
	g->loop.region = 0;
	g->loop.regions[0] = (wx_locals_region){ .high = 0 };
	choose(g, &g->loop.regions[0], false, (g->function.flags & WX_FLAG_CALLS) != 0,
		(g->function.flags & WX_FLAG_I64) != 0);
	apply(g, NULL, &g->loop.regions[0]);
}

bool wx_region_differs(const wx_generator *g, uint32_t to)
{
	if (to == g->loop.region)
		return false;
	const wx_locals_region *a = &g->loop.regions[g->loop.region], *b = &g->loop.regions[to];
	if (a->owned != b->owned)
		return true;
	for (uint32_t left = a->owned; left; left &= left - 1)
		if (a->owner[__builtin_ctz(left)] != b->owner[__builtin_ctz(left)])
			return true;
	return false;
}

/*
 * Code that takes the locals from where one region has them to where another has them. Changes nothing of the
 * generator's own.
 */
static void emit_moves(wx_generator *g, const wx_locals_region *from, const wx_locals_region *to)
{
	uint8_t targets[WX_REGISTERS], sources[WX_REGISTERS];
	wx_type types[WX_REGISTERS];
	uint32_t moves = 0;
	for (uint32_t left = from->owned & ~from->high; left; left &= left - 1) {
		uint32_t i = (uint32_t)__builtin_ctz(left);
		uint32_t local = from->owner[i] - 1;
		wx_type t = type_of(g, local);
		if (stays(from, to, i, t))
			continue;
		wx_reg here = place_in(from, local), there = place_in(to, local);
		if (there.r == WX_NO_REG) {
			if (!(from->clean >> i & 1)) {
				wx_asm_store(&g->as, t, here, ISA_SP, g->locals.list[local].slot);
				wx_note_frame(g, g->locals.list[local].slot + wx_slot_size(t));
			}
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
	for (uint32_t left = to->owned & ~to->high; left; left &= left - 1) {
		uint32_t i = (uint32_t)__builtin_ctz(left), local = to->owner[i] - 1;
		if (stays(from, to, i, type_of(g, local)) || place_in(from, local).r != WX_NO_REG)
			continue;
		if (g->locals.list[local].constant)
			wx_asm_const(&g->as, WX_I32, place_in(to, local), g->locals.list[local].bits);
		else
			wx_asm_load(&g->as, type_of(g, local), place_in(to, local), ISA_SP, g->locals.list[local].slot);
	}
}

/* Store, or load back, locals that are in registers which helpers change. */
static void around_helper(wx_generator *g, bool save)
{
	const wx_locals_region *region = &g->loop.regions[g->loop.region];
	for (uint32_t mask = g->registers.resident & ISA_CALLER_SAVED; mask; mask &= mask - 1) {
		uint32_t r = (uint32_t)__builtin_ctz(mask);
		const wx_local *l = &g->locals.list[region->owner[r] - 1];
		wx_type t = wx_machine_type((wx_type)l->type);
		/* Each half of a pair by itself. */
		uint32_t slot = l->slot + (region->high >> r & 1 ? 4 : 0);
		wx_reg reg = { (uint8_t)r, WX_NO_REG };
		if (l->reg.h != WX_NO_REG)
			t = WX_I32;
		if (l->constant) {
			if (!save)
				wx_asm_const(&g->as, WX_I32, reg, l->bits);
		} else if (save) {
			wx_asm_store(&g->as, t, reg, ISA_SP, slot);
			wx_note_frame(g, slot + wx_slot_size(t));
		} else {
			wx_asm_load(&g->as, t, reg, ISA_SP, slot);
		}
	}
}

void wx_region_save(wx_generator *g)
{
	around_helper(g, true);
}

void wx_region_restore(wx_generator *g)
{
	around_helper(g, false);
}

void wx_region_move(wx_generator *g, uint32_t to)
{
	if (to != g->loop.region)
		emit_moves(g, &g->loop.regions[g->loop.region], &g->loop.regions[to]);
}

/* The loop at hand begins: choose for it, move, and make it the current region. `i64`: it handles such values. */
void wx_region_enter(wx_generator *g, bool calls, bool i64)
{
	for (uint32_t i = 0; i < g->loop.most_used_count; i++)
		if (g->loop.most_used[i] >= g->locals.count) {
			wx_fail(g, "local index");
			return;
		}
	wx_locals_region inner = g->loop.regions[g->loop.region];
	choose(g, &inner, true, calls, i64);
	if (g->loop.region + 1 == g->loop.region_capacity) {
		wx_locals_region *regions = wx_array_grow(
			g->memory, g->loop.regions, &g->loop.region_capacity, g->loop.region + 2ull, sizeof *regions);
		if (!regions) {
			g->no_memory = true;
			return;
		}
		g->loop.regions = regions;
	}
	const wx_locals_region *outer = &g->loop.regions[g->loop.region];
	emit_moves(g, outer, &inner);
	apply(g, outer, &inner);
	g->loop.regions[++g->loop.region] = inner;
}

/* Behind the end of a loop. */
void wx_region_leave(wx_generator *g, uint32_t outer, bool live)
{
	if (outer == g->loop.region)
		return;
	if (live)
		wx_region_move(g, outer);
	apply(g, &g->loop.regions[g->loop.region], &g->loop.regions[outer]);
	g->loop.region = outer;
}
