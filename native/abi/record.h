/* A record of the plan (docs/PLAN.md), 8 bytes: as the compiler takes it, and as it lies in the image. */
#ifndef WX_RECORD_H
#define WX_RECORD_H

#include <stdint.h>

typedef struct wx_record {
	uint8_t op;
	uint8_t length;
	uint16_t a;
	uint32_t b;
} wx_record;

_Static_assert(sizeof(wx_record) == 8, "record");

/* Payloads end at a multiple of 8 bytes. */
static inline uint64_t wx_padded(uint64_t size)
{
	return (size + 7) & ~(uint64_t)7;
}

#endif
