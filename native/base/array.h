/* Arrays that grow. */
#ifndef WX_ARRAY_H
#define WX_ARRAY_H

#include <stddef.h>
#include <stdint.h>

#include "alloc.h"

/*
 * Makes room for at least `wanted` elements of `size` bytes, more than *capacity. Returns the array, which may have
 * moved; NULL when memory is out: then array and *capacity stay as they are. The array may be NULL with a capacity of
 * 0.
 *
 * It grows by an eighth, at least by 128 bytes: few moves in all, and little of a board's RAM taken without need.
 */
void *wx_array_grow(struct wx_alloc *memory, void *array, uint32_t *capacity, uint64_t wanted, size_t size);

#endif
