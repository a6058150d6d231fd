/* All solutions of the six queens' problem, and of seven queens every other round, by recursion over bit sets. */

#include "kernel.h"

static uint32_t solutions;

static void place(uint32_t all, uint32_t columns, uint32_t left, uint32_t right)
{
	if (columns == all) {
		solutions++;
		return;
	}
	uint32_t free = all & ~(columns | left | right);
	while (free) {
		uint32_t bit = free & (0 - free);
		free ^= bit;
		place(all, columns | bit, (left | bit) << 1, (right | bit) >> 1);
	}
}

static uint32_t round_of(uint32_t round)
{
	solutions = 0;
	place((1u << (6 + (round & 1))) - 1, 0, 0, 0);
	return solutions;
}
