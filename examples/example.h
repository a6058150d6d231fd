/* What every example in C shares: exports, and a checksum over what a run computed. */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <stdint.h>

#ifdef __wasm__
#define EXPORT(name) __attribute__((export_name(#name))) extern
#else
#define EXPORT(name) extern
#endif

static inline uint32_t fold(uint32_t checksum, uint32_t value)
{
	return (checksum ^ value) * 16777619u;
}

#define FOLD_START 2166136261u

/* One run, as large as the paper's, on the data of a round; a module without arguments runs round 0. */
static uint32_t round_of(uint32_t round);

EXPORT(run) uint32_t run(void)
{
	return round_of(0);
}

/* As many runs as wanted, each on data a little different. */
EXPORT(repeat) uint32_t repeat(uint32_t rounds)
{
	uint32_t checksum = FOLD_START;
	for (uint32_t round = 0; round < rounds; round++)
		checksum = fold(checksum, round_of(round));
	return checksum;
}

#endif
