#include "alloc.h"

#include <stdlib.h>
#include <string.h>

/* Catches a free of something that is not ours, and a second free, which on a board would corrupt the heap silently. */
#define WX_ALLOC_MAGIC ((size_t)0x57584d42u)

void wx_alloc_init(struct wx_alloc *ctx, size_t limit)
{
	memset(ctx, 0, sizeof(*ctx));
	ctx->limit = limit;
}

static size_t rounded(size_t size)
{
	return (size + (WX_ALLOC_ALIGN - 1)) & ~(size_t)(WX_ALLOC_ALIGN - 1);
}

static int refused(struct wx_alloc *ctx, size_t size)
{
	ctx->requests++;
	if (ctx->fail_after && ctx->requests >= ctx->fail_after)
		return 1;
	if (size > SIZE_MAX / 2)
		return 1;
	if (ctx->limit) {
		size_t need = rounded(size) + WX_ALLOC_HEADER;
		if (need > ctx->limit || ctx->current > ctx->limit - need)
			return 1;
	}
	return 0;
}

static void link_block(struct wx_alloc *ctx, struct wx_alloc_block *block, size_t size)
{
	block->size = size;
	block->magic = WX_ALLOC_MAGIC;
	block->previous = NULL;
	block->next = ctx->first;
	if (ctx->first)
		ctx->first->previous = block;
	ctx->first = block;
	ctx->blocks++;
	ctx->current += rounded(size) + WX_ALLOC_HEADER;
	if (ctx->peak < ctx->current)
		ctx->peak = ctx->current;
}

static void unlink_block(struct wx_alloc *ctx, struct wx_alloc_block *block)
{
	if (block->magic != WX_ALLOC_MAGIC)
		abort();
	block->magic = 0;
	if (block->previous)
		block->previous->next = block->next;
	else
		ctx->first = block->next;
	if (block->next)
		block->next->previous = block->previous;
	ctx->blocks--;
	ctx->current -= rounded(block->size) + WX_ALLOC_HEADER;
}

/* ---- garbage ---- */

bool wx_alloc_collect(struct wx_alloc *ctx)
{
	bool done;
	if (!ctx->collector.collect || ctx->busy)
		return false;
	ctx->busy = true;
	done = ctx->collector.collect(ctx->collector.data);
	ctx->busy = false;
	return done;
}

bool wx_attempt(struct wx_alloc *ctx, bool (*attempt)(void *request), void *request)
{
	return attempt(request) || (wx_alloc_collect(ctx) && attempt(request));
}

/* ---- requests ---- */

struct request {
	struct wx_alloc *ctx;
	struct wx_alloc_block *block; /* to be made larger or smaller; NULL: a new one is wanted */
	size_t size;
};

static bool try_new(void *data)
{
	struct request *request = data;
	if (refused(request->ctx, request->size))
		return false;
	request->block = malloc(sizeof(*request->block) + request->size);
	if (!request->block)
		return false;
	link_block(request->ctx, request->block, request->size);
	return true;
}

static bool try_other_size(void *data)
{
	struct request *request = data;
	struct wx_alloc_block *block = request->block, *moved = NULL;
	size_t old = block->size;
	unlink_block(request->ctx, block);
	if (!refused(request->ctx, request->size))
		moved = realloc(block, sizeof(*block) + request->size);
	link_block(request->ctx, moved ? moved : block, moved ? request->size : old);
	if (moved)
		request->block = moved;
	return moved != NULL;
}

/* What no garbage can make possible is not worth a collection. */
static bool attempt(struct request *request, bool (*once)(void *request))
{
	bool possible = request->size <= SIZE_MAX / 2 && (!request->ctx->limit || request->size <= request->ctx->limit);
	bool met = possible ? wx_attempt(request->ctx, once, request) : once(request);
	if (!met)
		request->ctx->failed++;
	return met;
}

void *wx_alloc(struct wx_alloc *ctx, size_t size)
{
	struct request request = { ctx, NULL, size };
	return attempt(&request, try_new) ? request.block + 1 : NULL;
}

void *wx_calloc(struct wx_alloc *ctx, size_t count, size_t size)
{
	void *data;
	if (size && count > SIZE_MAX / size) {
		ctx->failed++;
		return NULL;
	}
	data = wx_alloc(ctx, count * size);
	if (data)
		memset(data, 0, count * size);
	return data;
}

void *wx_realloc(struct wx_alloc *ctx, void *data, size_t size)
{
	struct request request = { ctx, NULL, size };
	if (!data)
		return wx_alloc(ctx, size);
	request.block = (struct wx_alloc_block *)data - 1;
	return attempt(&request, try_other_size) ? request.block + 1 : NULL;
}

void wx_free(struct wx_alloc *ctx, void *data)
{
	struct wx_alloc_block *block;
	if (!data)
		return;
	block = (struct wx_alloc_block *)data - 1;
	unlink_block(ctx, block);
	free(block);
}

size_t wx_alloc_size(const void *data)
{
	return data ? ((const struct wx_alloc_block *)data - 1)->size : 0;
}

void wx_alloc_reset_peak(struct wx_alloc *ctx)
{
	ctx->peak = ctx->current;
}

void wx_alloc_release(struct wx_alloc *ctx)
{
	while (ctx->first)
		wx_free(ctx, ctx->first + 1);
}
