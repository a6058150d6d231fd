/*
 * What is kept in RAM of a module's records while its functions are compiled: types, imports, globals, tables, and
 * which functions are referred to. All else lies in the image alone.
 */
#ifndef WX_MODULE_TABLES_H
#define WX_MODULE_TABLES_H

#include "../base/alloc.h"
#include "generator.h"
#include "outcome.h"

typedef struct {
	struct wx_alloc *memory;
	wx_outcome *outcome;
	wx_module_info *module; /* whose tables are filled */
	uint8_t *type_values; /* value types of all signatures */
	uint32_t type_values_used;
	uint32_t *import_types; /* type indices of imported functions */
	uint8_t *referenced; /* a bit for each function: may be called from outside the instance or by reference */
	struct {
		uint32_t type_values;
		uint32_t types;
		uint32_t imports;
		uint32_t globals;
		uint32_t tables;
	} room; /* elements that there is memory for */
} wx_module_tables;

void wx_module_tables_free(wx_module_tables *t);

/* All of these may fail: see the outcome. */
/* A type, whose parameters and results come one by one. */
void wx_add_type(wx_module_tables *t, uint32_t params, uint32_t results);
void wx_add_type_value(wx_module_tables *t, uint8_t value_type);
void wx_add_imported_function(wx_module_tables *t, uint32_t type);
/* type: as in the record */
void wx_add_global(wx_module_tables *t, uint16_t type, bool imported);
void wx_add_table(wx_module_tables *t, uint16_t type, uint32_t size, bool imported);
void wx_add_memory(wx_module_tables *t, uint32_t page_shift);
/* A function of `functions` is exported, in an element segment, in a global, or the start function. */
void wx_refer(wx_module_tables *t, uint32_t function, uint32_t functions);
bool wx_is_referenced(const wx_module_tables *t, uint32_t function);
/* All types are known: from now on their signatures can be used. */
void wx_complete_types(wx_module_tables *t);

#endif
