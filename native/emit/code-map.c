#include "code-map.h"

#include "../base/array.h"

#define MOST_WORDS (1u << 28)

static bool put(wx_map *map, uint32_t word)
{
	if (map->count == map->capacity) {
		uint32_t *words = map->count == MOST_WORDS
			? NULL
			: wx_array_grow(map->memory, map->words, &map->capacity, map->count + 1ull, sizeof *words);
		if (!words) {
			map->failed = true;
			return false;
		}
		map->words = words;
	}
	map->words[map->count++] = word;
	return true;
}

void wx_map_free(wx_map *map)
{
	if (map->words)
		wx_free(map->memory, map->words);
	*map = (wx_map){ .memory = map->memory };
}

void wx_map_function(wx_generator *g)
{
	wx_map *map = g->module->map;
	if (!map)
		return;
	map->on = map->wanted == WX_MAP_ALL || map->wanted == g->function.index;
	map->locals = 0;
	if (map->on && put(map, WX_MAP_MARK))
		put(map, g->function.index);
}

/* The list of locals in registers, unless it is the one that was written last. */
static void put_locals(wx_generator *g, wx_map *map, uint32_t locals)
{
	uint32_t at = map->count, count = 0;
	if (!put(map, 0))
		return;
	for (uint32_t i = 0; i < locals; i++) {
		const wx_local *l = &g->locals.list[i];
		if (l->reg.r == WX_NO_REG)
			continue;
		if (!put(map, i) || !put(map, l->reg.r | (uint32_t)(l->reg.h == WX_NO_REG ? 255 : l->reg.h) << 8))
			return;
		count++;
	}
	map->words[at] = count;
	bool same = map->locals && map->words[map->locals] == count;
	for (uint32_t i = 1; same && i <= 2 * count; i++)
		same = map->words[map->locals + i] == map->words[at + i];
	if (same) {
		map->words[at] = WX_MAP_MARK;
		map->count = at + 1;
	} else {
		map->locals = at;
	}
}

void wx_map_instruction(wx_generator *g, uint32_t offset, uint32_t locals)
{
	wx_map *map = g->module->map;
	if (!map || !map->on || map->failed)
		return;
	uint32_t entry = map->count;
	if (!put(map, offset) || !put(map, 0))
		return;
	put_locals(g, map, locals);
	wx_asm_site(&g->as, WX_SITE_MARK, g->as.size, entry);
}

void wx_map_place(wx_map *map, const wx_asm *as, uint32_t image)
{
	for (uint32_t i = 0; map && i < as->site_count; i++)
		if (as->sites[i].kind == WX_SITE_MARK)
			map->words[as->sites[i].data + 1] = image + as->sites[i].at;
}
