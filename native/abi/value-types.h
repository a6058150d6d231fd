/* Value types by the bytes of the binary format. */
#ifndef WX_VALUE_TYPES_H
#define WX_VALUE_TYPES_H

#include <stdbool.h>
#include <stdint.h>

enum {
	WX_I32_TYPE = 0x7F,
	WX_I64_TYPE = 0x7E,
	WX_F32_TYPE = 0x7D,
	WX_F64_TYPE = 0x7C,
	WX_FUNCREF_TYPE = 0x70,
	WX_EXTERNREF_TYPE = 0x6F,
	WX_EMPTY_TYPE = 0x40 /* of a block: no result */
};

static inline bool wx_is_reference_type(uint32_t type)
{
	return type == WX_FUNCREF_TYPE || type == WX_EXTERNREF_TYPE;
}

static inline bool wx_is_value_type(uint32_t type)
{
	return (type >= WX_F64_TYPE && type <= WX_I32_TYPE) || wx_is_reference_type(type);
}

#endif
