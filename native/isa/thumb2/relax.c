#include "relax.h"

#include <string.h>

static uint32_t get16(const uint8_t *code, uint32_t at)
{
	uint16_t half; /* Arm and the build machine are little-endian */
	memcpy(&half, code + at, sizeof half);
	return half;
}

#define AT_BITS 21
#define AT_MASK ((1u << AT_BITS) - 1)
#define MOST_FILLERS ((1u << (32 - AT_BITS)) - 1)

static uint32_t get32(const uint8_t *code, uint32_t at)
{
	uint32_t word;
	memcpy(&word, code + at, sizeof word);
	return word;
}

static void put16(uint8_t *code, uint32_t at, uint32_t v)
{
	code[at] = (uint8_t)v;
	code[at + 1] = (uint8_t)(v >> 8);
}

static void put32(uint8_t *code, uint32_t at, uint32_t v)
{
	put16(code, at, v);
	put16(code, at + 2, v >> 16);
}

/* ---- elements: instructions, branches, fillers, tables ---- */

enum { FORM_BRANCHES, FORM_HALFWORDS, FORM_BYTES };
#define TABLE_HEAD 8u
#define MAX_TRAMPOLINES 4u

static bool is_table(uint32_t half)
{
	return (half & 0xFFC0) == TABLE_MARK && (half & 0x30) != 0x30;
}

static bool is_zero(uint32_t half)
{
	return (half & 0xFFF0) == ZERO_MARK;
}

static uint32_t table_bytes(unsigned form, unsigned index, uint32_t count, uint32_t trampolines)
{
	switch (form) {
	case FORM_HALFWORDS: return 4 + 2 * count + 4 * trampolines;
	case FORM_BYTES: return 4 + ((count + 1) & ~1u) + 4 * trampolines;
	default: return (low(index) ? 6 : 8) + 4 * count;
	}
}

/* Bytes of the element there; *kept: bytes that will be left. */
static uint32_t element(const relaxed *r, uint32_t at, uint32_t *kept)
{
	uint32_t half = get16(r->code, at), bytes = 2;
	*kept = 2;
	if (half == FILLER || is_zero(half)) {
		*kept = 0;
	} else if (is_table(half) && r->end - at >= TABLE_HEAD && r->end - at >= TABLE_HEAD + 4 * get16(r->code, at + 2)) {
		uint32_t count = get16(r->code, at + 2);
		bytes = TABLE_HEAD + 4 * count;
		*kept = table_bytes(half >> 4 & 3, half & 15, count, get16(r->code, at + 4));
		if (*kept > bytes)
			*kept = bytes;
	} else if (half >= 0xE800 && r->end - at >= 4) {
		bytes = *kept = 4;
		if (is_open_branch(half))
			*kept = open_condition(half) == CC_NEVER ? 0 : half & OPEN_SHORT ? 2 : 4;
	}
	return bytes;
}

uint32_t wx_relax_count(const wx_asm *as, uint32_t from)
{
	relaxed r = { .code = as->code, .start = from, .end = as->size };
	uint32_t count = 0, kept;
	while (from < r.end) {
		uint32_t half = get16(r.code, from);
		from += element(&r, from, &kept);
		/* A table is two instructions, whatever its entries. */
		count += is_table(half) ? 2 : kept != 0;
	}
	return count;
}

/* Bytes of a plain instruction; 0: it is another element. */
static uint32_t plain(uint32_t half)
{
	if (half < 0xE800)
		return (half & 0xFF00) == (TABLE_MARK & 0xFF00) ? 0 : 2;
	return (half & 0xFF00) == 0xFF00 ? 0 : 4;
}

static uint32_t place_of(const relax_entry *e)
{
	return e->at & AT_MASK;
}

/* Bytes of an entry; *kept: bytes that will be left. */
static uint32_t entry_bytes(const relaxed *r, const relax_entry *e, uint32_t *kept)
{
	uint32_t fillers = e->at >> AT_BITS;
	if (!fillers)
		return element(r, place_of(e), kept);
	*kept = 0;
	return 2 * fillers;
}

/* Room for more entries, at least one. */
static bool more_room(relaxed *r)
{
	uint32_t used = r->place - r->as->size + r->count * (uint32_t)sizeof *r->entries;
	uint32_t more = r->as->memory ? r->count / 8 + 8 : 1;
	if (!wx_asm_reserve(r->as, used + more * (uint32_t)sizeof *r->entries))
		return false;
	r->code = r->as->code;
	r->entries = (relax_entry *)(void *)(r->code + r->place);
	r->room = (r->as->capacity - r->place) / sizeof *r->entries;
	return true;
}

/* Notes an element. False when there is no room for it. */
static bool add(relaxed *r, uint32_t at, uint32_t fillers)
{
	relax_entry *last = r->count ? &r->entries[r->count - 1] : NULL;
	if (fillers && last && last->at >> AT_BITS && place_of(last) + 2 * (last->at >> AT_BITS) == at &&
		(last->at >> AT_BITS) + fillers <= MOST_FILLERS) {
		last->at += fillers << AT_BITS;
		return true;
	}
	if (r->count == r->room && !more_room(r))
		return false;
	r->entries[r->count++] = (relax_entry){ at | fillers << AT_BITS, 0 };
	return true;
}

static void map(relaxed *r)
{
	uint32_t left_out = 0, kept;
	for (uint32_t i = 0; i < r->count; i++) {
		relax_entry *e = &r->entries[i];
		uint32_t half = get16(r->code, place_of(e));
		e->left_out = left_out;
		if (is_open_branch(half))
			left_out += open_condition(half) == CC_NEVER ? 4 : half & OPEN_SHORT ? 2 : 0;
		else
			left_out += entry_bytes(r, e, &kept) - kept;
	}
	r->left_out = left_out;
}

uint32_t wx_relaxed_offset(const relaxed *r, uint32_t at)
{
	if (at < r->start || at > r->end)
		return at < r->start ? r->start : r->end;
	/* the first entry that is not before */
	const relax_entry *entries = r->entries;
	uint32_t low = 0, high = r->count;
	while (low < high) {
		uint32_t middle = (low + high) / 2;
		if (place_of(&entries[middle]) < at)
			low = middle + 1;
		else
			high = middle;
	}
	uint32_t left_out = low < r->count ? r->entries[low].left_out : r->left_out;
	if (low && r->entries[low - 1].at >> AT_BITS) {
		const relax_entry *e = &r->entries[low - 1];
		uint32_t end = place_of(e) + 2 * (e->at >> AT_BITS);
		if (end > at)
			left_out -= end - at;
	}
	return at - left_out;
}

/* ---- what one instruction leaves for the next ---- */

/* A bit for each halfword: branches come here. */
static void mark(const relaxed *r, uint32_t at)
{
	uint32_t i = (at - r->start) / 2;
	if (at >= r->start && at < r->end)
		r->code[r->labels + i / 8] |= (uint8_t)(1u << (i & 7));
}

static bool marked(const relaxed *r, uint32_t at)
{
	uint32_t i = (at - r->start) / 2;
	return r->code[r->labels + i / 8] >> (i & 7) & 1;
}

/* Is there a label behind `from`, up to `at`? */
static bool marked_between(const relaxed *r, uint32_t from, uint32_t at)
{
	for (uint32_t i = (from - r->start) / 2 + 1, end = (at - r->start) / 2; i <= end; i++) {
		uint8_t bits = r->code[r->labels + i / 8];
		if (!bits)
			i |= 7;
		else if (bits >> (i & 7) & 1)
			return true;
	}
	return false;
}

static void mark_all(const relaxed *r)
{
	uint32_t bytes, kept;
	memset(r->code + r->labels, 0, (r->end - r->start) / 16 + 1);
	for (uint32_t at = r->start; at < r->end; at += bytes) {
		uint32_t half = get16(r->code, at);
		bytes = plain(half);
		if (bytes)
			continue;
		if (is_open_branch(half) && r->end - at >= 4) {
			mark(r, open_target(get32(r->code, at)));
			bytes = 4;
			continue;
		}
		bytes = element(r, at, &kept);
		if (bytes >= TABLE_HEAD)
			for (uint32_t i = 0; i < get16(r->code, at + 2); i++)
				mark(r, get32(r->code, at + TABLE_HEAD + 4 * i));
	}
}

/* May this instruction change r12 or r11? Of those that the assembler emits. */
static bool changes_scratch(uint32_t half, uint32_t second, uint32_t bytes)
{
	unsigned d = second >> 8 & 15, t = second >> 12;
	if (bytes == 2)
		/* ADD T2, MOV T1; calls */
		return (half & 0xFF87) == 0x4484 || (half & 0xFF87) == 0x4684 || (half & 0xFF00) == 0x4700;
	if (is_open_branch(half))
		return false;
	if (half < 0xE800 || bytes > 4)
		return true;
	switch (half >> 8) {
	case 0xF8:
	case 0xF9: return t == R12 || t == 11;
	case 0xEC:
	case 0xED: return (half & 15) == R12 || t == R12;
	case 0xEE: return second & 0x10 && t == R12;
	case 0xE8:
	case 0xE9:
	case 0xFB: return d == R12 || t == R12 || d == 11 || t == 11;
	case 0xEA:
	case 0xEB:
	case 0xFA: return d == R12 || d == 11;
	default: return half >= 0xF800 || second & 0x8000 || d == R12 || d == 11;
	}
}

/* r12 = memory size - constant, of wx_asm_check */
static bool is_limit(uint32_t half, uint32_t second)
{
	return (half & 0xF80F) == 0xF00B && !(second & 0x8000) && (second >> 8 & 15) == R12;
}

#define NO_RESULT 16u

/* The register by whose value Z and N are set after the instruction, or would be with its S bit, or NO_RESULT. */
static unsigned flags_register(uint32_t half, uint32_t second, uint32_t bytes)
{
	if (bytes == 2) {
		if (half < 0x2000 || ((half & 0xFC00) == 0x4000 && (half & 0x03C0) != 0x0200 && (half & 0x0380) != 0x0280))
			return half & 7; /* shifts, additions; data processing but for tst, cmp, cmn */
		return (half & 0xF000) == 0x3000 || (half & 0xF800) == 0x2000 ? half >> 8 & 7 : NO_RESULT;
	}
	unsigned d = second >> 8 & 15;
	bool immediate = (half & 0xFA00) == 0xF000 && !(second & 0x8000), shifted = (half & 0xFE00) == 0xEA00,
		 by_register = (half & 0xFF80) == 0xFA00 && (second & 0xF0F0) == 0xF000;
	return bytes == 4 && (immediate || shifted || by_register) && d < SP && ((half & 15) != SP || by_register)
		? d
		: NO_RESULT;
}

static bool is_zero_compare(uint32_t half, uint32_t second, uint32_t bytes, unsigned r)
{
	return bytes == 2 ? low(r) && half == (0x2800 | r << 8) : half == (0xF1B0 | r) && second == 0x0F00;
}

/* Comparing with 0 what was just computed needs no instruction of its own. */
static bool drop_compare(relaxed *r, uint32_t before, uint32_t at, uint32_t bytes)
{
	uint32_t user = at + bytes;
	if (r->end - user < 4)
		return false;
	uint32_t word = get32(r->code, user);
	/* IT EQ, IT NE */
	bool is_branch = is_open_branch(word),
		 is_block = (word & 0xFFC0) == 0xBF00 && word & 15 && (word >> 4 & 15) <= CC_NE;
	cc_code cc = open_condition(word), other = cc == CC_LT ? CC_MI : cc == CC_GE ? CC_PL : cc;
	if ((!is_branch && !is_block) || (is_branch && other == cc && cc > CC_NE) || !add(r, at, bytes / 2))
		return false;
	if (is_branch)
		put32(r->code, user, (word & ~0xF0u) | (uint32_t)other << 4);
	if (get16(r->code, before) >= 0xE800)
		put16(r->code, before, get16(r->code, before) | 0x10);
	for (uint32_t i = 0; i < bytes; i += 2)
		put16(r->code, at + i, FILLER);
	return true;
}

/* A store, or a move of another register: neither flags nor r change. */
static bool leaves_flags(uint32_t half, uint32_t bytes, unsigned r)
{
	if (bytes == 4)
		return (half & 0xFF10) == 0xF800 && (half & 0xE0) <= 0xC0;
	if ((half & 0xFF00) == 0x4600)
		return ((half >> 4 & 8) | (half & 7)) != r;
	unsigned op = half >> 11;
	return op == 12 || op == 14 || op == 16 || op == 18 || ((half & 0xF000) == 0x5000 && (half & 0xFFF) < 0x600);
}

/*
 * The register by whose value the instruction at `before` sets Z and N, if they are the same still at `at`; else
 * NO_RESULT.
 */
static unsigned flags_between(const relaxed *r, uint32_t before, uint32_t at)
{
	if (!before || marked_between(r, before, at))
		return NO_RESULT;
	uint32_t half = get16(r->code, before);
	return half < 0xE800 ? flags_register(half, 0, 2) : flags_register(half, get16(r->code, before + 2), 4);
}

static int32_t reach_of(cc_code cc)
{
	return cc == CC_AL ? 2048 : 256;
}

/* Is a branch within reach of a short one, whatever is left out? */
static bool within_reach(uint32_t word, uint32_t at)
{
	int32_t distance = (int32_t)(open_target(word) - at), reach = reach_of(open_condition(word));
	return open_condition(word) != CC_NEVER && distance - 6 < reach && distance - 4 >= -reach;
}

/*
 * First halfwords of the short instructions that tidy looks at, by their upper 5 bits: compares, high registers,
 * stores, IT; and elements.
 */
#define SHORT_OF_INTEREST \
	(1u << 5 | 1u << 8 | 1u << 10 | 1u << 12 | 1u << 14 | 1u << 16 | 1u << 18 | 1u << 23 | 1u << 27)

static bool is_zero_compare_short(uint32_t half)
{
	return (half & 0xF8FF) == 0x2800; /* CMP T1 */
}

/* Leaves out what is not needed, and notes what is no plain instruction. False when there is no memory. */
static bool tidy(relaxed *r)
{
	/*
	 * `before`: the last instruction behind which the flags may be those of its result, or 0; `limit`: the one that r12
	 * is the result of
	 */
	uint32_t bytes, kept, before = 0, block = 0, limit = 0, limit_at = 0;
	mark_all(r);
	for (uint32_t at = r->start; at < r->end; at += bytes) {
		uint32_t half = get16(r->code, at), second = 0;
		bytes = half < 0xE800 ? 2 : 4;
		if (bytes == 2 && !(SHORT_OF_INTEREST >> (half >> 11) & 1)) {
			before = at;
			if (block) {
				before = 0;
				block--;
			}
			continue;
		}
		if (!plain(half)) {
			bytes = element(r, at, &kept);
			/* A comparison with 0 may merge with its branch. */
			if (is_open_branch(half) && before && before + 2 == at && is_zero_compare_short(get16(r->code, before)) &&
				!marked(r, at) && !add(r, before, 0))
				return false;
			if (!add(r, at, half == FILLER))
				return false;
			if (half == FILLER)
				continue;
			if (!is_open_branch(half))
				limit = 0;
			else if (within_reach(get32(r->code, at), at))
				put16(r->code, at, half | OPEN_SHORT);
			before = 0;
			block -= block != 0;
			continue;
		}
		if (bytes == 4) {
			second = get16(r->code, at + 2);
			if (is_limit(half, second)) {
				uint32_t word = half << 16 | second;
				if (limit == word && !marked_between(r, limit_at, at) && add(r, at, 2)) {
					put32(r->code, at, FILLER | FILLER << 16);
					limit_at = at;
					continue;
				}
				limit = word;
				limit_at = at;
			} else if (limit && changes_scratch(half, second, 4)) {
				limit = 0;
			}
		} else if (limit && changes_scratch(half, 0, 2)) {
			limit = 0;
		}
		if ((half & 0xFF00) == 0xBF00 && half & 15) {
			block = 4 - count_trailing(half & 15);
			before = 0;
			continue;
		}
		if (block) {
			block--;
			before = 0;
			continue;
		}
		bool compares = bytes == 2 ? is_zero_compare_short(half) : (half & 0xFFF0) == 0xF1B0 && second == 0x0F00;
		if (compares || leaves_flags(half, bytes, NO_RESULT)) {
			unsigned result = flags_between(r, before, at);
			if (result != NO_RESULT && leaves_flags(half, bytes, result))
				continue;
			if (result != NO_RESULT && is_zero_compare(half, second, bytes, result) &&
				drop_compare(r, before, at, bytes)) {
				before = 0;
				continue;
			}
		}
		before = at;
	}
	return true;
}

/* ---- decisions ---- */

static uint32_t entry_offset(const relaxed *r, uint32_t i)
{
	return place_of(&r->entries[i]) - r->entries[i].left_out;
}

/* Is the entry a comparison with 0 whose branch comes next? */
static bool is_compare(const relaxed *r, uint32_t i)
{
	const relax_entry *e = &r->entries[i];
	return !(e->at >> AT_BITS) && (get16(r->code, e->at) & 0xF8FF) == 0x2800;
}

/* Positions are those before this round; its decisions only bring things nearer. */
static bool shorten_branch(relaxed *r, uint32_t i)
{
	uint32_t at = place_of(&r->entries[i]), word = get32(r->code, at), target = open_target(word);
	cc_code cc = open_condition(word);
	if (cc == CC_NEVER)
		return false;
	bool is_short = word & OPEN_SHORT, merges = i && target > at && cc <= CC_NE && is_compare(r, i - 1);
	/* Perhaps nothing is left between it and its target. */
	bool adjoins = target == at + 4 || (target > at && i + 1 < r->count && place_of(&r->entries[i + 1]) == at + 4);
	if (is_short && !merges && !adjoins)
		return false;
	/* Where nothing left out is needed to be within reach, distances are not looked up. */
	int32_t reach = reach_of(cc), distance = (int32_t)(target - at);
	if (adjoins || distance - 6 >= (merges ? 127 : reach) || distance - 4 < -reach)
		distance = (int32_t)(wx_relaxed_offset(r, target) - entry_offset(r, i));
	else if (is_short)
		distance -= 2;
	if (distance == (is_short ? 2 : 4)) {
		put32(r->code, at, word | (uint32_t)CC_NEVER << 4);
		return true;
	}
	if (merges && distance - (is_short ? 4 : 6) <= 126) {
		uint32_t compare = place_of(&r->entries[i - 1]);
		put16(r->code, compare, ZERO_MARK | (cc == CC_NE) << 3 | (get16(r->code, compare) >> 8 & 7));
		put32(r->code, at, word | OPEN_SHORT);
		return true;
	}
	if (is_short)
		return false;
	if (target > at ? distance - 6 < reach : distance - 4 >= -reach) {
		put32(r->code, at, word | OPEN_SHORT);
		return true;
	}
	return false;
}

static uint32_t trampolines(const relaxed *r, uint32_t at, uint32_t count, uint32_t *targets)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t target = get32(r->code, at + TABLE_HEAD + 4 * i), j = 0;
		if (target > at)
			continue;
		while (j < n && targets[j] != target)
			j++;
		if (j < n)
			continue;
		if (n == MAX_TRAMPOLINES)
			return n + 1;
		targets[n++] = target;
	}
	return n;
}

static bool shorten_table(relaxed *r, uint32_t at)
{
	uint32_t half = get16(r->code, at), count = get16(r->code, at + 2), targets[MAX_TRAMPOLINES], form = half >> 4 & 3;
	uint32_t back = trampolines(r, at, count, targets), here = wx_relaxed_offset(r, at) + 4, farthest = 0;
	if (form == FORM_BYTES || back > MAX_TRAMPOLINES)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t target = get32(r->code, at + TABLE_HEAD + 4 * i), distance;
		if (target > at && (distance = wx_relaxed_offset(r, target) - here) > farthest)
			farthest = distance;
	}
	unsigned index = half & 15;
	for (unsigned better = FORM_BYTES; better > form; better--) {
		uint32_t entries = table_bytes(better, index, count, 0) - 4, bytes = entries + 4 * back,
				 reach = better == FORM_BYTES ? 510 : 131070;
		if (farthest > reach || bytes > reach || bytes > 4 * count ||
			bytes + 4 >= table_bytes(form, index, count, get16(r->code, at + 4)))
			continue;
		put16(r->code, at, TABLE_MARK | better << 4 | index);
		put16(r->code, at + 4, back);
		return true;
	}
	return false;
}

#define MOST_ROUNDS 8

static bool decide(relaxed *r)
{
	bool changed = false;
	map(r);
	for (uint32_t i = 0; i < r->count; i++) {
		uint32_t at = r->entries[i].at, half;
		if (at >> AT_BITS)
			continue;
		half = get16(r->code, at);
		if (is_open_branch(half))
			changed |= shorten_branch(r, i);
		else if (is_table(half))
			changed |= shorten_table(r, at);
	}
	return changed;
}

/* ---- final instructions ---- */

static int32_t distance_from(const relaxed *r, uint32_t here, uint32_t target)
{
	return (int32_t)(wx_relaxed_offset(r, target) - (here + 4));
}

static void put_wide(relaxed *r, uint32_t at, uint32_t v)
{
	put32(r->code, at, v >> 16 | v << 16);
}

/* `zero`: mark of a compare that merges with it, or 0 */
static void finish_branch(relaxed *r, uint32_t i, uint32_t zero, uint32_t last, uint32_t last_bytes)
{
	uint32_t at = place_of(&r->entries[i]), word = get32(r->code, at), target = open_target(word);
	cc_code cc = open_condition(word);
	int32_t distance = (int32_t)(wx_relaxed_offset(r, target) - (entry_offset(r, i) + 4));
	if (cc == CC_NEVER) {
		put32(r->code, at, FILLER | FILLER << 16);
		return;
	}
	if (word & OPEN_SHORT) {
		uint32_t v = branch_narrow(cc, distance);
		if (zero) /* CBZ T1; NOP where nothing lies between */
			v = distance < 0 ? 0xBF00
							 : 0xB100 | (zero & 8) << 8 | ((uint32_t)distance & 0x40) << 3 |
					((uint32_t)distance & 0x3E) << 2 | (zero & 7);
		put16(r->code, at, v);
		put16(r->code, at + 2, FILLER);
		return;
	}
	if (cc == CC_AL && target == last && last_bytes == 4) {
		put32(r->code, at, get32(r->code, last));
		return;
	}
	put_wide(r, at, branch_wide(cc, distance));
}

static void finish_table(relaxed *r, uint32_t at)
{
	uint32_t half = get16(r->code, at), count = get16(r->code, at + 2), targets[MAX_TRAMPOLINES] = { 0 },
			 form = half >> 4 & 3;
	uint32_t here = wx_relaxed_offset(r, at), entries = at + TABLE_HEAD;
	if (form == FORM_BRANCHES) {
		here += low(half & 15) ? 6 : 8;
		for (uint32_t i = 0; i < count; i++)
			put_wide(r, entries + 4 * i,
				branch_wide(CC_AL, distance_from(r, here + 4 * i, get32(r->code, entries + 4 * i))));
		return;
	}
	uint32_t back = trampolines(r, at, count, targets), behind = table_bytes(form, 0, count, 0) - 4;
	if (back > MAX_TRAMPOLINES || behind + 4 * back > 4 * count)
		return;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t target = get32(r->code, entries + 4 * i), v = (uint32_t)distance_from(r, here, target) / 2;
		if (target <= at) {
			uint32_t j = 0;
			while (j + 1 < back && targets[j] != target)
				j++;
			v = behind / 2 + 2 * j;
		}
		if (form == FORM_BYTES)
			r->code[entries + i] = (uint8_t)v;
		else
			put16(r->code, entries + 2 * i, v);
	}
	if (form == FORM_BYTES && count & 1)
		r->code[entries + count] = 0;
	for (uint32_t j = 0; j < back; j++)
		put_wide(
			r, entries + behind + 4 * j, branch_wide(CC_AL, distance_from(r, here + 4 + behind + 4 * j, targets[j])));
}

void wx_relax(relaxed *r, wx_asm *as, uint32_t start, uint32_t last, uint32_t last_bytes)
{
	uint32_t zero = 0;
	*r = (relaxed){ .as = as, .code = as->code, .start = start, .end = as->size, .labels = as->size };
	r->place = r->labels + (as->size - start) / 16 + 1;
	r->place += -(uint32_t)(uintptr_t)(as->code + r->place) & 3;
	if (!more_room(r) || !tidy(r)) {
		as->failed = true;
		return;
	}
	unsigned rounds = 0;
	while (decide(r))
		if (++rounds == MOST_ROUNDS) {
			map(r);
			break;
		}
	for (uint32_t i = 0; i < r->count; i++) {
		uint32_t at = r->entries[i].at, half;
		if (at >> AT_BITS)
			continue;
		half = get16(r->code, at);
		if (is_table(half))
			finish_table(r, at);
		else if (is_open_branch(half))
			finish_branch(r, i, zero, last, last_bytes);
		zero = is_zero(half) ? half : 0;
	}
}

static uint32_t compact_table(const relaxed *r, uint32_t at, uint32_t to, uint32_t kept)
{
	uint32_t half = get16(r->code, at), index = half & 15, form = half >> 4 & 3, end = to + kept;
	if (form == FORM_BRANCHES) {
		if (low(index)) {
			put16(r->code, to, 2u << 6 | index << 3 | index); /* lsls index, #2 */
			to += 2;
		} else {
			put16(r->code, to, 0xEA4F); /* lsl.w index, index, #2 */
			put16(r->code, to + 2, 0x0080 | index << 8 | index);
			to += 4;
		}
		put16(r->code, to, 0x4487 | index << 3); /* add pc, index: to the entry, 4 bytes on */
		put16(r->code, to + 2, 0xBF00);
	} else {
		put16(r->code, to, 0xE8DF); /* TBB, TBH T1 */
		put16(r->code, to + 2, 0xF000 | (form == FORM_HALFWORDS) << 4 | index);
	}
	to += 4;
	memmove(r->code + to, r->code + at + TABLE_HEAD, end - to);
	return end;
}

void wx_relax_compact(const relaxed *r, wx_asm *as)
{
	uint32_t to = r->start, from = r->start;
	for (uint32_t i = 0; i < r->count; i++) {
		const relax_entry *e = &r->entries[i];
		uint32_t at = place_of(e), fillers = e->at >> AT_BITS, half = get16(r->code, at), bytes = 4;
		uint32_t left_out = (i + 1 < r->count ? r->entries[i + 1].left_out : r->left_out) - e->left_out;
		memmove(r->code + to, r->code + from, at - from);
		to += at - from;
		if (fillers) {
			from = at + 2 * fillers;
			continue;
		}
		if (is_table(half)) {
			bytes = TABLE_HEAD + 4 * get16(r->code, at + 2);
			to = compact_table(r, at, to, bytes - left_out);
		} else {
			if (is_zero(half) || (half & 0xF8FF) == 0x2800)
				bytes = 2;
			memmove(r->code + to, r->code + at, bytes - left_out);
			to += bytes - left_out;
		}
		from = at + bytes;
	}
	memmove(r->code + to, r->code + from, r->end - from);
	as->size = to + r->end - from;
}
