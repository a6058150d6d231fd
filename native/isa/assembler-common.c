/* Parts of the assembler that all ISAs share: the code buffer and the list of sites. */

#include "assembler.h"

#define MOST_CODE 0x7FFFFFFFu
#define MOST_SITE 0xFFFFFFu

bool wx_asm_reserve(wx_asm *as, uint32_t bytes)
{
	if (as->size <= as->capacity && as->capacity - as->size >= bytes)
		return true;
	uint64_t wanted = (uint64_t)as->size + bytes;
	uint8_t *code = as->memory && wanted <= MOST_CODE ? wx_realloc(as->memory, as->code, (size_t)wanted) : NULL;
	if (!code) {
		as->failed = true;
		as->no_memory = as->memory != NULL;
		return false;
	}
	as->code = code;
	as->capacity = (uint32_t)wanted;
	return true;
}

static bool site_room(wx_asm *as)
{
	if (as->site_count < as->site_capacity)
		return true;
	uint32_t wanted = as->site_capacity + (as->site_capacity >> 3) + 16;
	wx_site *sites = as->memory ? wx_realloc(as->memory, as->sites, (size_t)wanted * sizeof *sites) : NULL;
	if (!sites) {
		as->failed = true;
		as->no_memory = as->memory != NULL;
		return false;
	}
	as->sites = sites;
	as->site_capacity = wanted;
	return true;
}

/*
 * Bytes may be written while `failed` is unset only; a failed assembler ignores everything, so that chains and offsets
 * stay in the buffer.
 */
static uint8_t *place(wx_asm *as, uint32_t bytes)
{
	uint32_t size = as->size;
	if (as->failed || (size + bytes > as->capacity && !wx_asm_reserve(as, bytes + (size >> 4) + 128)))
		return NULL;
	as->size = size + bytes;
	return as->code + size;
}

void wx_asm_site(wx_asm *as, wx_site_kind kind, uint32_t at, uint32_t data)
{
	if (at > MOST_SITE)
		as->failed = true;
	if (as->failed || !site_room(as))
		return;
	wx_site *site = &as->sites[as->site_count++];
	site->at = at & MOST_SITE;
	site->data = data;
	site->wasm = as->wasm;
	site->kind = (uint8_t)kind;
}

void wx_asm_u8(wx_asm *as, uint8_t v)
{
	uint8_t *p = place(as, 1);
	if (p)
		p[0] = v;
}

void wx_asm_u16(wx_asm *as, uint16_t v)
{
	uint8_t *p = place(as, 2);
	if (!p)
		return;
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

void wx_asm_u32(wx_asm *as, uint32_t v)
{
	uint8_t *p = place(as, 4);
	if (!p)
		return;
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
	p[2] = (uint8_t)(v >> 16);
	p[3] = (uint8_t)(v >> 24);
}

/* Offsets outside the code read as 0, the end of a chain. */
uint32_t wx_asm_get32(const wx_asm *as, uint32_t at)
{
	if (as->size < 4 || at > as->size - 4)
		return 0;
	const uint8_t *p = as->code + at;
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

void wx_asm_put32(wx_asm *as, uint32_t at, uint32_t v)
{
	if (as->size < 4 || at > as->size - 4) {
		as->failed = true;
		return;
	}
	uint8_t *p = as->code + at;
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
	p[2] = (uint8_t)(v >> 16);
	p[3] = (uint8_t)(v >> 24);
}
