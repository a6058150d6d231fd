/* What every kernel shares. A kernel defines round_of: one unit of work, on data that depends on the round, with a checksum of what it computed. */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdint.h>

#ifdef __wasm__
#define EXPORT(name) __attribute__((export_name(#name))) extern
#else
#define EXPORT(name) extern
#endif

#define NOINLINE __attribute__((noinline))
#define COUNT(array) (sizeof(array) / sizeof *(array))

#define FOLD_START 2166136261u

static inline uint32_t fold(uint32_t checksum, uint32_t value)
{
	return (checksum ^ value) * 16777619u;
}

static inline uint32_t fold64(uint32_t checksum, uint64_t value)
{
	return fold(fold(checksum, (uint32_t)value), (uint32_t)(value >> 32));
}

static inline uint32_t float_bits(float value)
{
	union { float value; uint32_t bits; } u = { value };
	return u.bits;
}

static inline uint64_t double_bits(double value)
{
	union { double value; uint64_t bits; } u = { value };
	return u.bits;
}

/* The next of a sequence of numbers that look random. */
static inline uint32_t next_random(uint32_t *state)
{
	return *state = *state * 1664525u + 1013904223u;
}

static uint32_t round_of(uint32_t round);

EXPORT(repeat) uint32_t repeat(uint32_t rounds)
{
	uint32_t checksum = FOLD_START;
	for (uint32_t round = 0; round < rounds; round++)
		checksum = fold(checksum, round_of(round));
	return checksum;
}

#endif
