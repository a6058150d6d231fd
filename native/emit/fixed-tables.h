/*
 * Fixed tables: tables that nobody can change after the instance has begun. What the module's records put into one is
 * then known, and indirect calls through it need fewer checks.
 *
 * A table is fixed if the module itself defines it, does not export it, fills it with functions of its own only, and no
 * instruction changes it. The last is known only after the whole module has been compiled once: from the summary, whose
 * word the generator checks at each instruction that changes a table. Without a summary no table is fixed.
 *
 * The records come in the module's order: wx_fixed_tables_add for each table, imported ones first; then
 * wx_fixed_tables_forget for each exported one; then for each element segment, in order, its begin, its offset if it
 * has one, and its items.
 */
#ifndef WX_FIXED_TABLES_H
#define WX_FIXED_TABLES_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/alloc.h"
#include "summary.h"

typedef struct {
	bool fixed; /* it holds nothing but functions of this instance, and nulls, as long as the instance lives */
	uint32_t size; /* elements */
	uint32_t filled; /* of these, from the first on, have a function */
	uint32_t type; /* type index of all functions in it; WX_TYPES_DIFFER, WX_NO_TYPE */
} wx_fixed_table;
#define WX_NO_TYPE UINT32_MAX
#define WX_TYPES_DIFFER (UINT32_MAX - 1)

typedef struct {
	wx_fixed_table *list; /* of the first WX_KNOWN_TABLES; NULL: none is fixed */
	uint32_t changed; /* from the summary: a bit for each table that an instruction may change */
	uint32_t count; /* tables so far */
	bool imports; /* some are imported */
	/* the element segment at hand */
	struct {
		bool active;
		bool placed; /* its offset is a constant: `at` is right */
		uint32_t table;
		uint32_t at; /* element of the next item */
	} segment;
} wx_fixed_tables;

/* False: out of memory. */
bool wx_fixed_tables_init(wx_fixed_tables *t, struct wx_alloc *memory, const wx_knowledge *known);
void wx_fixed_tables_free(wx_fixed_tables *t, struct wx_alloc *memory);

void wx_fixed_tables_add(wx_fixed_tables *t, bool imported, uint8_t value_type, uint32_t size);
/* It may hold what is not of this instance, or get it later. */
void wx_fixed_tables_forget(wx_fixed_tables *t, uint32_t table);
void wx_fixed_tables_segment(wx_fixed_tables *t, bool active);
/* Where the segment goes: into that table, at an offset of so many constant-expression records. */
void wx_fixed_tables_place(wx_fixed_tables *t, uint32_t table, uint32_t records);
/* A record of that offset. */
void wx_fixed_tables_offset(wx_fixed_tables *t, uint8_t op, uint32_t value);
typedef enum { WX_ITEM_NULL, WX_ITEM_OWN, WX_ITEM_OTHER } wx_table_item;
/* The segment's next item: null, a function of the module's own (of that type), or anything else. */
void wx_fixed_tables_item(wx_fixed_tables *t, wx_table_item item, uint32_t type);

/* NULL: what is in the table may change. */
const wx_fixed_table *wx_find_fixed(const wx_fixed_tables *t, uint32_t table);

#endif
