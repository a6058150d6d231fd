/* The Ackermann function: deep recursion. */

#include "kernel.h"

static NOINLINE uint32_t ackermann(uint32_t m, uint32_t n)
{
	if (m == 0)
		return n + 1;
	if (n == 0)
		return ackermann(m - 1, 1);
	return ackermann(m - 1, ackermann(m, n - 1));
}

static uint32_t round_of(uint32_t round)
{
	return ackermann(2, 12 + (round & 3)) + ackermann(3, 2);
}
