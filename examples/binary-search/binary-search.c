/* Binary search: 100 sorted 16-bit numbers, and keys that lie between them, so that every search goes to the end. */

#include "../example.h"

#define LENGTH 100

static int16_t numbers[LENGTH];

static void fill(uint32_t round)
{
	uint32_t state = round + 1;
	int16_t number = -16000;
	for (int i = 0; i < LENGTH; i++) {
		state = state * 1664525u + 1013904223u;
		number += (int16_t)(2 + 2 * (state >> 24 & 127));
		numbers[i] = number;
	}
}

/* Where the key is, or the complement of where it belongs. */
static int32_t search(int16_t key)
{
	int32_t low = 0, high = LENGTH - 1;
	while (low <= high) {
		int32_t middle = (low + high) >> 1;
		int16_t number = numbers[middle];
		if (number < key)
			low = middle + 1;
		else if (number > key)
			high = middle - 1;
		else
			return middle;
	}
	return ~low;
}

static uint32_t round_of(uint32_t round)
{
	uint32_t checksum = FOLD_START;
	fill(round);
	for (int i = 0; i < LENGTH; i++)
		checksum = fold(checksum, (uint32_t)search(numbers[i] + 1));
	return fold(checksum, (uint32_t)search(numbers[round % LENGTH]));
}
