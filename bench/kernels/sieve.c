/* The primes below 1024 by the sieve of Eratosthenes. */

#include "kernel.h"

#define N 1024

static uint8_t composite[N];

static uint32_t round_of(uint32_t round)
{
	uint32_t primes = 0, sum = round;
	for (uint32_t i = 0; i < N; i++)
		composite[i] = 0;
	for (uint32_t i = 2; i < N; i++) {
		if (composite[i])
			continue;
		primes++;
		sum += i;
		for (uint32_t j = i * i; j < N; j += i)
			composite[j] = 1;
	}
	return fold(fold(FOLD_START, primes), sum);
}
