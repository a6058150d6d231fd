#ifndef WX_ALLOC_H
#define WX_ALLOC_H

/*
 * All memory that this project's C takes on a board goes through one context, so that the figures reported are exact, a
 * board's limit is enforced, and everything can be given back after a job was abandoned half way.
 *
 * Sizes counted are what the caller asked for, rounded up to the alignment; the header of a block (WX_ALLOC_HEADER
 * bytes) is counted too, because a board's allocator needs about as much.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wx_alloc_block;

/*
 * Garbage. What JavaScript has dropped but not collected yet may hold most of a resource: memory, and what comes free
 * with memory, such as code flash, stacks, instances, pins. So no request is refused before garbage has been collected:
 * a request that may fail for want of a resource is an attempt (wx_attempt), and those of this file are.
 *
 * Whoever takes memory may therefore run destructors of JavaScript's garbage. What the caller relies on must be
 * reachable (wx_runtime_mark and its kin) or counted. JavaScript's strings and buffers are neither moved nor freed.
 */
struct wx_collector {
	/* Frees what garbage holds. False: it cannot now, since it is running, or there is no stack for it. */
	bool (*collect)(void *data);
	void *data;
};

struct wx_alloc {
	struct wx_alloc_block *first;
	size_t current; /* bytes held now, headers included */
	size_t peak; /* highest `current` since wx_alloc_init or wx_alloc_reset_peak */
	size_t limit; /* 0: none */
	uint32_t blocks; /* blocks held now */
	uint32_t failed; /* requests refused so far */
	uint32_t fail_after; /* tests: refuse every request from the n-th on; 0: never */
	uint32_t requests;
	struct wx_collector collector; /* collect NULL: nothing here is garbage */
	bool busy; /* the collector runs, or must not run: attempts fail at once */
};

#define WX_ALLOC_ALIGN 8u
#define WX_ALLOC_HEADER sizeof(struct wx_alloc_block)

void wx_alloc_init(struct wx_alloc *ctx, size_t limit);
/*
 * Contents are not initialised. NULL when the limit or the machine's memory is exhausted, by more than garbage. Size 0
 * gives a block.
 */
void *wx_alloc(struct wx_alloc *ctx, size_t size);
void *wx_calloc(struct wx_alloc *ctx, size_t count, size_t size);
/* As realloc: on NULL the old block stays. */
void *wx_realloc(struct wx_alloc *ctx, void *data, size_t size);
void wx_free(struct wx_alloc *ctx, void *data);
size_t wx_alloc_size(const void *data);
void wx_alloc_reset_peak(struct wx_alloc *ctx);
/* Frees every block still held. */
void wx_alloc_release(struct wx_alloc *ctx);

/* Attempts; if that fails, collects garbage and attempts once more. */
bool wx_attempt(struct wx_alloc *ctx, bool (*attempt)(void *request), void *request);
/* Collects garbage, for a request that was refused. False: that is not possible now. */
bool wx_alloc_collect(struct wx_alloc *ctx);

struct wx_alloc_block {
	struct wx_alloc_block *next;
	struct wx_alloc_block *previous;
	size_t size;
	size_t magic;
};

#endif
