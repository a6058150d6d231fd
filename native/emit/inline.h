/*
 * Calls of small straight-line functions: their bodies are emitted in the calls' place.
 *
 * A function without blocks and calls, of few records, is remembered by its records once it has been compiled, as long
 * as the pool has room; the oldest makes way. A later call of it emits them again, with the arguments for the
 * parameters: a constant, or a local of the caller's, stands for a parameter, an argument that is used once is taken
 * where it is used, all others become locals of the caller's for as long as the body lasts, in registers as far as
 * there are enough.
 */
#ifndef WX_INLINE_H
#define WX_INLINE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Limits of a body: records; parameters; declared locals; results; bytes of the module. */
#define WX_LEAF_RECORDS 16u
#define WX_LEAF_PARAMS 8u
#define WX_LEAF_LOCALS 3u
#define WX_LEAF_RESULTS 1u
#define WX_LEAF_SPAN 2048u
/* Bytes of all bodies that a compilation remembers; or that one learns for another (summary.h). */
#define WX_LEAF_POOL 768u

/*
 * In the `wasm` of a site: it is in an inlined body. Below: the number of its wx_inlined * WX_LEAF_SPAN + the distance
 * from the body's first instruction.
 */
#define WX_SITE_INLINED 0x80000000u
#define WX_MOST_INLINED 0xFFFFFu

/* A call whose place a body took that may trap: byte offsets in the module. */
typedef struct {
	uint32_t call;
	uint32_t body; /* the first instruction of the function called */
} wx_inlined;

/* Bodies, one behind the other. */
typedef struct {
	uint8_t *bytes;
	uint32_t used;
	uint32_t holds; /* a bit for each function in it, by the index modulo 32 */
} wx_leaves;

/* A body among them; its records follow. */
typedef struct {
	uint32_t function;
	uint32_t body; /* as above */
	uint16_t bytes; /* of its machine code, traps included, entry and exit not */
	uint8_t flags; /* of FUNCTION */
	uint8_t records;
	uint8_t locals; /* declared ones */
	uint8_t types[WX_LEAF_LOCALS]; /* of these: wx_type; bit 7: begins as zero */
} wx_leaf;

/* Bodies lie unaligned. */
static inline wx_leaf wx_leaf_at(const uint8_t *bytes)
{
	wx_leaf leaf;
	memcpy(&leaf, bytes, sizeof leaf);
	return leaf;
}

#endif
