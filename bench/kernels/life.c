/* The game of life: a generation on a field of 24 by 24 cells that wraps around. */

#include "kernel.h"

#define SIZE 24

static uint8_t fields[2][SIZE][SIZE];

static void generation(uint32_t from)
{
	for (uint32_t y = 0; y < SIZE; y++) {
		uint32_t up = (y + SIZE - 1) % SIZE, down = (y + 1) % SIZE;
		for (uint32_t x = 0; x < SIZE; x++) {
			uint32_t west = x ? x - 1 : SIZE - 1, east = x < SIZE - 1 ? x + 1 : 0;
			uint32_t neighbours = fields[from][up][west] + fields[from][up][x] + fields[from][up][east] + fields[from][y][west] + fields[from][y][east] +
				fields[from][down][west] + fields[from][down][x] + fields[from][down][east];
			fields[!from][y][x] = neighbours == 3 || (neighbours == 2 && fields[from][y][x]);
		}
	}
}

static uint32_t round_of(uint32_t round)
{
	uint32_t state = round, alive = 0;
	if (round % 8 == 0)
		for (uint32_t y = 0; y < SIZE; y++)
			for (uint32_t x = 0; x < SIZE; x++)
				fields[0][y][x] = next_random(&state) >> 30 == 0;
	generation(round & 1);
	for (uint32_t y = 0; y < SIZE; y++)
		for (uint32_t x = 0; x < SIZE; x++)
			alive += fields[!(round & 1)][y][x];
	return alive;
}
