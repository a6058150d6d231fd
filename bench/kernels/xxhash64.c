/* xxHash, 64 bits, of 256 bytes: multiplications of 64 bits. */

#include "kernel.h"

#define PRIME1 0x9E3779B185EBCA87u
#define PRIME2 0xC2B2AE3D27D4EB4Fu
#define PRIME3 0x165667B19E3779F9u
#define PRIME4 0x85EBCA77C2B2AE63u
#define PRIME5 0x27D4EB2F165667C5u

static uint64_t data[32];

static inline uint64_t rotate(uint64_t value, uint32_t by)
{
	return value << by | value >> (64 - by);
}

static inline uint64_t step(uint64_t sum, uint64_t input)
{
	return rotate(sum + input * PRIME2, 31) * PRIME1;
}

static uint64_t xxhash(const uint64_t *words, uint32_t count, uint64_t seed)
{
	uint64_t a = seed + PRIME1 + PRIME2, b = seed + PRIME2, c = seed, d = seed - PRIME1, hash;
	uint32_t i;
	for (i = 0; i + 4 <= count; i += 4) {
		a = step(a, words[i]);
		b = step(b, words[i + 1]);
		c = step(c, words[i + 2]);
		d = step(d, words[i + 3]);
	}
	hash = rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18);
	hash = (hash ^ step(0, a)) * PRIME1 + PRIME4;
	hash = (hash ^ step(0, b)) * PRIME1 + PRIME4;
	hash = (hash ^ step(0, c)) * PRIME1 + PRIME4;
	hash = (hash ^ step(0, d)) * PRIME1 + PRIME4;
	hash += (uint64_t)count * 8;
	for (; i < count; i++)
		hash = rotate(hash ^ step(0, words[i]), 27) * PRIME1 + PRIME4;
	hash = (hash ^ hash >> 33) * PRIME2;
	hash = (hash ^ hash >> 29) * PRIME3;
	return hash ^ hash >> 32 ^ PRIME5;
}

static uint32_t round_of(uint32_t round)
{
	data[round % COUNT(data)] += round * PRIME5;
	return fold64(FOLD_START, xxhash(data, 30, round));
}
