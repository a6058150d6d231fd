/* Heapsort of 256 integers. */

#include "kernel.h"

#define N 256

static uint32_t values[N];

static void sift(uint32_t i, uint32_t count)
{
	uint32_t value = values[i], child;
	while ((child = 2 * i + 1) < count) {
		if (child + 1 < count && values[child + 1] > values[child])
			child++;
		if (values[child] <= value)
			break;
		values[i] = values[child];
		i = child;
	}
	values[i] = value;
}

static uint32_t round_of(uint32_t round)
{
	uint32_t state = round, checksum = FOLD_START;
	for (uint32_t i = 0; i < N; i++)
		values[i] = next_random(&state) >> 4;
	for (uint32_t i = N / 2; i-- > 0;)
		sift(i, N);
	for (uint32_t count = N - 1; count > 0; count--) {
		uint32_t value = values[0];
		values[0] = values[count];
		values[count] = value;
		sift(0, count);
	}
	for (uint32_t i = 0; i < N; i += 16)
		checksum = fold(checksum, values[i]);
	return checksum;
}
