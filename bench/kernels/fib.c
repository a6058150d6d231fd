/* Fibonacci numbers by two calls of itself: the cost of a call. */

#include "kernel.h"

static NOINLINE uint32_t fibonacci(uint32_t n)
{
	return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static uint32_t round_of(uint32_t round)
{
	return fibonacci(15 + (round & 1));
}
