#include "summary.h"

#include <string.h>

#include "../isa/assembler.h"

#define UNRESOLVED 0xFFFFu
#define HEAD 2u /* words of `waiting` before a function's callees */
#define MOST_CALLEES 255u
/* Times that all waiting functions are looked at: then those that still wait check for themselves. */
#define SWEEPS 64u

wx_knowledge *wx_knowledge_new(struct wx_alloc *memory, uint32_t limit)
{
	wx_knowledge *k = wx_calloc(memory, 1, sizeof *k);
	if (k) {
		k->memory = memory;
		k->limit = limit;
	}
	return k;
}

static void give_back(wx_knowledge *k, void *data)
{
	if (data)
		wx_free(k->memory, data);
}

void wx_knowledge_delete(wx_knowledge *k)
{
	if (!k)
		return;
	give_back(k, k->unchecked);
	give_back(k, k->waiting);
	give_back(k, k->leaves.bytes);
	wx_free(k->memory, k);
}

void wx_knowledge_begin(wx_knowledge *k, uint32_t functions)
{
	k->functions = functions;
	k->lost = true;
	if (functions > k->limit / sizeof *k->unchecked)
		return;
	k->unchecked = wx_calloc(k->memory, functions, sizeof *k->unchecked);
	k->lost = false;
	uint32_t left = k->limit - functions * (uint32_t)sizeof *k->unchecked;
	k->leaves_room = left / 4 < WX_LEAF_POOL ? left / 4 : WX_LEAF_POOL;
}

/* Room for so many words more. */
static bool reserve(wx_knowledge *k, uint32_t more)
{
	uint32_t most = (k->limit - k->functions * (uint32_t)sizeof *k->unchecked - k->leaves_room) /
		(uint32_t)sizeof *k->waiting;
	if (more <= k->capacity - k->used)
		return true;
	if (more > most - k->used)
		return false;
	uint32_t wanted = k->capacity + k->capacity / 2 + 32;
	if (wanted > most)
		wanted = most;
	uint32_t *waiting = wx_realloc(k->memory, k->waiting, (size_t)wanted * sizeof *waiting);
	if (!waiting)
		return false;
	k->waiting = waiting;
	k->capacity = wanted;
	return true;
}

void wx_knowledge_call(wx_knowledge *k, uint32_t callee)
{
	if (callee > k->learned)
		k->awaited[callee >> 5 & 7] |= 1u << (callee & 31);
	if (callee == k->learned)
		k->lost = true;
	if (k->lost || !k->unchecked)
		return;
	if (k->used == k->begun) {
		if (!reserve(k, HEAD)) {
			k->lost = true;
			return;
		}
		k->used += HEAD;
	}
	uint32_t first = k->begun + HEAD;
	for (uint32_t i = first; i < k->used; i++)
		if (k->waiting[i] == callee)
			return;
	if (k->used - first == MOST_CALLEES || !reserve(k, 1)) {
		k->lost = true;
		return;
	}
	k->waiting[k->used++] = callee;
}

wx_leaves *wx_knowledge_leaves(wx_knowledge *k, uint32_t bytes)
{
	if (!(k->awaited[k->learned >> 5 & 7] >> (k->learned & 31) & 1) || bytes > k->leaves_room - k->leaves.used)
		return NULL;
	if (!k->leaves.bytes && !(k->leaves.bytes = wx_alloc(k->memory, k->leaves_room)))
		return NULL;
	return &k->leaves;
}

/* What the callees take at most; UNRESOLVED if one waits. `known`: functions from there on have not come yet. */
static uint32_t most_of(const wx_knowledge *k, const uint32_t *callees, uint32_t count, uint32_t known)
{
	uint32_t most = 0;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t words = callees[i] < known ? k->unchecked[callees[i]] : UNRESOLVED;
		if (words > most)
			most = words;
	}
	return most;
}

/* Words that it takes before a check, if it has none of its own. */
static uint16_t unchecked_words(uint32_t frame_bytes, uint32_t callees)
{
	uint32_t bytes = frame_bytes + callees * ISA_WORD;
	return bytes > WX_STACK_UNCHECKED ? 0 : (uint16_t)(bytes / ISA_WORD);
}

void wx_knowledge_function(wx_knowledge *k, uint32_t frame_bytes, bool checks)
{
	uint32_t function = k->learned++;
	uint32_t count = k->used > k->begun ? k->used - k->begun - HEAD : 0;
	if (!k->unchecked || function >= k->functions)
		return;
	uint32_t most = count ? most_of(k, k->waiting + k->begun + HEAD, count, function) : 0;
	if (checks || k->lost || frame_bytes > WX_STACK_UNCHECKED) {
		k->unchecked[function] = 0;
		k->used = k->begun;
	} else if (most == UNRESOLVED) {
		k->unchecked[function] = UNRESOLVED;
		k->waiting[k->begun] = function;
		k->waiting[k->begun + 1] = frame_bytes << 16 | count;
	} else {
		k->unchecked[function] = unchecked_words(frame_bytes, most);
		k->used = k->begun;
	}
	k->begun = k->used;
	k->lost = false;
}

static bool waits_back(const wx_knowledge *k, const uint32_t *callees, uint32_t count, uint32_t function)
{
	for (uint32_t i = 0; i < count; i++)
		if (callees[i] < function && k->unchecked[callees[i]] == UNRESOLVED)
			return true;
	return false;
}

/*
 * Which of those that wait get a check: the first, or all that wait for one before them, of which each cycle has one.
 */
enum cut { CUT_NONE, CUT_FIRST, CUT_BACK };

/* Settles those that wait for none that waits. How many wait still. */
static uint32_t sweep(wx_knowledge *k, enum cut cut)
{
	uint32_t left = 0;
	for (uint32_t at = 0; at < k->used;) {
		uint32_t function = k->waiting[at], frame = k->waiting[at + 1] >> 16, count = k->waiting[at + 1] & 0xFFFF;
		if (k->unchecked[function] == UNRESOLVED) {
			const uint32_t *callees = k->waiting + at + HEAD;
			uint32_t most = most_of(k, callees, count, k->functions);
			if (most != UNRESOLVED)
				k->unchecked[function] = unchecked_words(frame, most);
			else if (cut == CUT_FIRST || (cut == CUT_BACK && waits_back(k, callees, count, function)))
				k->unchecked[function] = 0;
			else
				left++;
			if (cut == CUT_FIRST && most == UNRESOLVED)
				cut = CUT_NONE;
		}
		at += HEAD + count;
	}
	return left;
}

/*
 * Functions that wait for one another are in a cycle, or lead to one: one after the other gets a check until none
 * waits.
 */
static void settle(wx_knowledge *k)
{
	uint32_t before = UINT32_MAX;
	enum cut cut = CUT_NONE;
	for (uint32_t i = 0; i < SWEEPS; i++) {
		uint32_t left = sweep(k, cut);
		if (!left)
			return;
		cut = left != before || cut ? CUT_NONE : i < SWEEPS / 2 ? CUT_FIRST : CUT_BACK;
		before = left;
	}
	for (uint32_t i = 0; i < k->functions; i++)
		if (k->unchecked[i] == UNRESOLVED)
			k->unchecked[i] = 0;
}

void wx_knowledge_end(wx_knowledge *k, uint32_t changed_tables)
{
	if (k->unchecked)
		settle(k);
	give_back(k, k->waiting);
	k->waiting = NULL;
	k->used = k->capacity = k->begun = 0;
	k->changed = changed_tables;
}

uint32_t wx_knowledge_unchecked(const wx_knowledge *k, uint32_t function)
{
	return k->unchecked && function < k->functions ? (uint32_t)k->unchecked[function] * ISA_WORD : WX_STACK_UNKNOWN;
}
