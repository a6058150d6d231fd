#include "array.h"

#define LEAST_BYTES 128u

void *wx_array_grow(struct wx_alloc *memory, void *array, uint32_t *capacity, uint64_t wanted, size_t size)
{
	uint64_t least = LEAST_BYTES / size ? LEAST_BYTES / size : 1;
	uint64_t step = *capacity / 8 > least ? *capacity / 8 : least;
	uint64_t room = *capacity + step > wanted ? *capacity + step : wanted;
	if (room > UINT32_MAX || room > SIZE_MAX / size)
		return NULL;
	void *grown = wx_realloc(memory, array, (size_t)room * size);
	if (grown)
		*capacity = (uint32_t)room;
	return grown;
}
