/* Quicksort of 256 integers, with insertion sort for short runs. */

#include "kernel.h"

#define N 256

static int32_t values[N];

static void sort(int32_t *low, int32_t *high)
{
	while (high - low > 8) {
		int32_t pivot = low[(high - low) / 2], *i = low, *j = high;
		while (i <= j) {
			while (*i < pivot)
				i++;
			while (*j > pivot)
				j--;
			if (i <= j) {
				int32_t value = *i;
				*i++ = *j;
				*j-- = value;
			}
		}
		if (j - low < high - i) {
			sort(low, j);
			low = i;
		} else {
			sort(i, high);
			high = j;
		}
	}
	for (int32_t *i = low + 1; i <= high; i++) {
		int32_t value = *i, *j = i;
		for (; j > low && j[-1] > value; j--)
			*j = j[-1];
		*j = value;
	}
}

static uint32_t round_of(uint32_t round)
{
	uint32_t state = round, checksum = FOLD_START;
	for (uint32_t i = 0; i < N; i++)
		values[i] = (int32_t)next_random(&state) >> 8;
	sort(values, values + N - 1);
	for (uint32_t i = 0; i < N; i += 16)
		checksum = fold(checksum, (uint32_t)values[i]);
	return checksum;
}
