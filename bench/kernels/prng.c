/* Mersenne Twister, xorshift and PCG: 624, 256 and 256 random numbers. */

#include "kernel.h"

#define N 624

static uint32_t twister[N];
static uint64_t pcg;

static uint32_t step_pcg(void)
{
	uint64_t old = pcg;
	pcg = old * 6364136223846793005u + 1442695040888963407u;
	uint32_t shifted = (uint32_t)((old >> 18 ^ old) >> 27), by = (uint32_t)(old >> 59);
	return shifted >> by | shifted << (-by & 31);
}

static void twist(void)
{
	for (uint32_t i = 0; i < N; i++) {
		uint32_t value = (twister[i] & 0x80000000u) | (twister[(i + 1) % N] & 0x7FFFFFFFu);
		twister[i] = twister[(i + 397) % N] ^ value >> 1 ^ (value & 1 ? 0x9908B0DFu : 0);
	}
}

static uint32_t temper(uint32_t value)
{
	value ^= value >> 11;
	value ^= value << 7 & 0x9D2C5680u;
	value ^= value << 15 & 0xEFC60000u;
	return value ^ value >> 18;
}

static uint32_t round_of(uint32_t round)
{
	uint32_t sum = 0, x = round + 1, y = 362436069, z = 521288629, w = 88675123;
	if (!twister[0]) {
		twister[0] = 5489;
		for (uint32_t i = 1; i < N; i++)
			twister[i] = 1812433253u * (twister[i - 1] ^ twister[i - 1] >> 30) + i;
	}
	twist();
	for (uint32_t i = 0; i < N; i++)
		sum += temper(twister[i]);
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t t = x ^ x << 11;
		x = y;
		y = z;
		z = w;
		w = w ^ w >> 19 ^ t ^ t >> 8;
	}
	pcg += round;
	for (uint32_t i = 0; i < 256; i++)
		sum ^= step_pcg();
	return sum + w;
}
