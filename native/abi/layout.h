/* Where the cells of an instance lie in its context (native/abi/context.h), for a target of that word size. */
#ifndef WX_LAYOUT_H
#define WX_LAYOUT_H

#include <stdint.h>

#include "context.h"

typedef struct {
	uint32_t globals; /* byte offsets of the first of each */
	uint32_t functions;
	uint32_t tables;
	uint32_t types;
	uint32_t size; /* of the whole context, in bytes */
} wx_layout;

static inline wx_layout wx_layout_of(
	uint32_t word, uint32_t globals, uint32_t imported_functions, uint32_t tables, uint32_t types)
{
	wx_layout l;
	l.globals = WX_CTX_FIELDS * word;
	l.functions = l.globals + 8 * globals;
	l.tables = l.functions + 2 * word * imported_functions;
	l.types = l.tables + word * tables;
	l.size = (l.types + 4 * types + 7) & ~7u;
	return l;
}

#endif
