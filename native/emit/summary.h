/*
 * Knowledge: what one compilation of a module leaves for another one, which only the whole module can tell. A
 * compilation learns it (wx_compile_options.learn), a second one of the same bytes uses it (wx_compile_options.known):
 * `--optimize`.
 *
 * Nothing here is trusted. The second compilation makes sure of all that it builds on (docs/SANDBOX.md, "The second
 * compilation"): knowledge that is wrong costs speed, or the second image.
 *
 * 2 bytes for each function, and WX_LEAF_POOL for bodies of small ones (inline.h); while it is learned besides 8 for
 * each function that waits for others, and 4 for each direct call of its.
 */
#ifndef WX_KNOWLEDGE_H
#define WX_KNOWLEDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/alloc.h"
#include "inline.h"

/* Tables beyond these are taken for changed. */
#define WX_KNOWN_TABLES 32u

typedef struct {
	struct wx_alloc *memory;
	uint32_t limit; /* bytes that it may take */
	uint32_t functions; /* defined ones */
	uint32_t learned; /* of them, so far */
	/*
	 * for each, words of stack that it takes, with its callees, before a check for room; 0: it begins with one. NULL:
	 * not known
	 */
	uint16_t *unchecked;
	/* functions whose callees are not all known: index, bytes of frame << 16 | number of callees, callees */
	uint32_t *waiting;
	uint32_t used;
	uint32_t capacity;
	uint32_t begun; /* where the function at hand begins in `waiting` */
	bool lost; /* it has more callees than there is room for */
	wx_leaves leaves; /* functions that are called before they come */
	uint32_t leaves_room; /* bytes for them */
	uint32_t awaited[8]; /* functions that were called and had not come, bits by their index modulo 256 */
	uint32_t changed; /* a bit for each table that an instruction may change */
} wx_knowledge;

/* limit: bytes. NULL when memory is out. */
wx_knowledge *wx_knowledge_new(struct wx_alloc *memory, uint32_t limit);
void wx_knowledge_delete(wx_knowledge *k);

/*
 * Learning, in this order: once; then for each function in turn, for each direct call of its, and when it is complete;
 * at the end. Indices are of defined functions.
 */
void wx_knowledge_begin(wx_knowledge *k, uint32_t functions);
void wx_knowledge_call(wx_knowledge *k, uint32_t callee);
/*
 * Room for so many bytes more of the bodies, where the function at hand was called before: they are to be added. NULL:
 * it was not, or there is none.
 */
wx_leaves *wx_knowledge_leaves(wx_knowledge *k, uint32_t bytes);
/* checks: it begins with a check whatever its callees are. */
void wx_knowledge_function(wx_knowledge *k, uint32_t frame_bytes, bool checks);
void wx_knowledge_end(wx_knowledge *k, uint32_t changed_tables);

/* Bytes of stack that the function takes before a check for room; WX_STACK_UNKNOWN (assembler.h). */
uint32_t wx_knowledge_unchecked(const wx_knowledge *k, uint32_t function);

#endif
