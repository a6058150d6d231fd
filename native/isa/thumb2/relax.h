/*
 * Shortening a finished function.
 *
 * While a function is emitted, everything whose size depends on distances takes its longest form, in a notation of our
 * own that no instruction uses:
 *
 * - branch: 0xFF in the upper byte of the first halfword; then condition (4 bits; 15: left out), short (1), target
 *   offset / 2 (19); until linked the target is the chain
 * - filler: a halfword to be left out
 * - table: a jump table: mark with index register and form, number of entries, trampolines, 0; then a word for each
 *   entry: its target
 * - zero: mark in place of `cmp rn, #0` whose branch becomes cbz or cbnz
 *
 * wx_relax decides which branches become short, which compares merge with them, and which tables get entries of 1 or 2
 * bytes, writes the final instructions, and says where everything will be; wx_relax_compact then moves the code
 * together.
 */
#ifndef WX_THUMB2_RELAX_H
#define WX_THUMB2_RELAX_H

#include "encode.h"

/* UDF T1, which is emitted nowhere else */
#define FILLER 0xDEADu
#define TABLE_MARK 0xDE00u /* | form << 4 | index register */
#define ZERO_MARK 0xDE40u /* | not << 3 | rn */

#define MAX_CODE 0x100000u /* what a conditional branch reaches */
/* An element that is no plain instruction; of a run of fillers, the first. */
typedef struct {
	uint32_t at; /* and number of fillers << 21 */
	uint32_t left_out; /* bytes before that will be left out */
} relax_entry;

typedef struct {
	wx_asm *as;
	uint8_t *code;
	uint32_t start, end;
	uint32_t labels; /* offset of a bit for each halfword, behind the code */
	uint32_t place; /* of the entries, behind the labels */
	relax_entry *entries; /* by place */
	uint32_t count, room;
	uint32_t left_out; /* in all */
} relaxed;

/* The word of a branch, as wx_asm_u32 writes it */
static inline uint32_t open_branch(cc_code cc, uint32_t target)
{
	return 0xFF00u | (uint32_t)cc << 4 | (target >> 17 & 7) | (target >> 1 & 0xFFFF) << 16;
}

static inline bool is_open_branch(uint32_t word)
{
	return (word & 0xFF00) == 0xFF00;
}

static inline uint32_t open_target(uint32_t word)
{
	return (word & 7) << 17 | word >> 16 << 1;
}

static inline cc_code open_condition(uint32_t word)
{
	return (cc_code)(word >> 4 & 15);
}

#define OPEN_SHORT 8u

/*
 * The code from `start` on; fails where there is no room for its notes behind the code. `last`, of `last_bytes`: the
 * epilogue, which replaces jumps to it that would not be shorter.
 */
void wx_relax(relaxed *r, wx_asm *as, uint32_t start, uint32_t last, uint32_t last_bytes);
/* Instructions of an unfinished function from that offset on. */
uint32_t wx_relax_count(const wx_asm *as, uint32_t from);
/* Where the instruction at that offset will be. */
uint32_t wx_relaxed_offset(const relaxed *r, uint32_t at);
void wx_relax_compact(const relaxed *r, wx_asm *as);

#endif
