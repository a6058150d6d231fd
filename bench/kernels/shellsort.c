/* Shell sort of 256 records by a key of 16 bits. */

#include "kernel.h"

#define N 256

struct record {
	uint16_t key;
	uint16_t value;
};

static struct record records[N];

static void sort(void)
{
	static const uint16_t gaps[] = { 132, 57, 23, 10, 4, 1 };
	for (uint32_t g = 0; g < COUNT(gaps); g++) {
		uint32_t gap = gaps[g];
		for (uint32_t i = gap; i < N; i++) {
			struct record record = records[i];
			uint32_t j = i;
			for (; j >= gap && records[j - gap].key > record.key; j -= gap)
				records[j] = records[j - gap];
			records[j] = record;
		}
	}
}

static uint32_t round_of(uint32_t round)
{
	uint32_t state = round, checksum = FOLD_START;
	for (uint32_t i = 0; i < N; i++) {
		records[i].key = (uint16_t)(next_random(&state) >> 16);
		records[i].value = (uint16_t)i;
	}
	sort();
	for (uint32_t i = 0; i < N; i += 16)
		checksum = fold(checksum, records[i].value);
	return checksum;
}
