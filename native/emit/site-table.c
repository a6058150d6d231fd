#include "site-table.h"

/* What is being written: bytes wait in the buffer, differences are to the pair before. */
typedef struct {
	wx_writer *writer;
	uint8_t bytes[64];
	uint32_t used;
	uint32_t at;
	uint32_t wasm;
} table;

#define MOST_LEB 5u /* bytes of a 32-bit number */

static void flush(table *t)
{
	wx_writer_append(t->writer, t->bytes, t->used);
	t->used = 0;
}

static void put_leb(table *t, uint32_t v)
{
	if (t->used + MOST_LEB > sizeof t->bytes)
		flush(t);
	do {
		uint8_t byte = v & 0x7F;
		v >>= 7;
		t->bytes[t->used++] = (uint8_t)(byte | (v ? 0x80 : 0));
	} while (v);
}

/* Signed LEB128 of a 32-bit number. */
static void put_sleb(table *t, int32_t v)
{
	if (t->used + MOST_LEB > sizeof t->bytes)
		flush(t);
	for (;;) {
		uint8_t byte = (uint8_t)((uint32_t)v & 0x7F);
		v = v < 0 ? ~(int32_t)(~(uint32_t)v >> 7) : (int32_t)((uint32_t)v >> 7);
		bool done = (v == 0 && !(byte & 0x40)) || (v == -1 && (byte & 0x40));
		t->bytes[t->used++] = (uint8_t)(byte | (done ? 0 : 0x80));
		if (done)
			return;
	}
}

static void put_site(table *t, uint32_t at, uint32_t wasm)
{
	put_leb(t, at - t->at);
	put_sleb(t, (int32_t)(wasm - t->wasm));
	t->at = at;
	t->wasm = wasm;
}

static bool has_return_address(const wx_site *s)
{
	return s->kind <= WX_SITE_CALL_OTHER;
}

static void sift(wx_site *sites, uint32_t i, uint32_t count)
{
	for (uint32_t child; (child = 2 * i + 1) < count; i = child) {
		if (child + 1 < count && sites[child + 1].at > sites[child].at)
			child++;
		if (sites[i].at >= sites[child].at)
			return;
		wx_site s = sites[i];
		sites[i] = sites[child];
		sites[child] = s;
	}
}

static bool is_sorted(const wx_site *sites, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++)
		if (sites[i - 1].at > sites[i].at)
			return false;
	return true;
}

/* By place in the code: stubs lie after the calls, in an order of the assembler's own. */
static void sort_sites(wx_site *sites, uint32_t count)
{
	if (is_sorted(sites, count))
		return;
	for (uint32_t i = count / 2; i-- > 0;)
		sift(sites, i, count);
	while (count > 1) {
		wx_site s = sites[--count];
		sites[count] = sites[0];
		sites[0] = s;
		sift(sites, 0, count);
	}
}

/* Whose body the site is in, if a call's place was taken by it; else NULL. */
static const wx_inlined *inlined_at(const wx_generator *g, const wx_site *s)
{
	uint32_t number = (s->wasm & ~WX_SITE_INLINED) / WX_LEAF_SPAN;
	return s->wasm & WX_SITE_INLINED && number < g->inlining.inlined_count ? &g->inlining.inlined[number] : NULL;
}

bool wx_write_site_table(wx_writer *writer, wx_generator *g)
{
	wx_site *sites = g->as.sites;
	table t = { .writer = writer, .wasm = g->function.offset };
	uint32_t count = 0, pairs = 0;
	for (uint32_t i = 0; i < g->as.site_count; i++) {
		if (!has_return_address(&sites[i]))
			continue;
		pairs += inlined_at(g, &sites[i]) ? 2 : 1;
		sites[count++] = sites[i];
	}
	sort_sites(sites, count);
	put_leb(&t, pairs);
	put_leb(&t, t.wasm);
	for (uint32_t i = 0; i < count; i++) {
		const wx_site *s = &sites[i];
		const wx_inlined *inlined = inlined_at(g, s);
		if (!inlined) {
			put_site(&t, s->at, s->wasm);
			continue;
		}
		put_site(&t, s->at, inlined->body + s->wasm % WX_LEAF_SPAN);
		put_site(&t, s->at, inlined->call);
	}
	flush(&t);
	return !writer->failed;
}
