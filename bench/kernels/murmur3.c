/* MurmurHash3, 32 bits, of 40 keys of different length. */

#include "kernel.h"

static uint8_t keys[64];

static inline uint32_t rotate(uint32_t value, uint32_t by)
{
	return value << by | value >> (32 - by);
}

static uint32_t murmur3(const uint8_t *bytes, uint32_t count, uint32_t seed)
{
	uint32_t hash = seed, k, i;
	for (i = 0; i + 4 <= count; i += 4) {
		k = bytes[i] | (uint32_t)bytes[i + 1] << 8 | (uint32_t)bytes[i + 2] << 16 | (uint32_t)bytes[i + 3] << 24;
		k = rotate(k * 0xcc9e2d51u, 15) * 0x1b873593u;
		hash = rotate(hash ^ k, 13) * 5 + 0xe6546b64u;
	}
	k = 0;
	switch (count & 3) {
	case 3:
		k ^= (uint32_t)bytes[i + 2] << 16;
		/* fallthrough */
	case 2:
		k ^= (uint32_t)bytes[i + 1] << 8;
		/* fallthrough */
	case 1:
		k ^= bytes[i];
		hash ^= rotate(k * 0xcc9e2d51u, 15) * 0x1b873593u;
	}
	hash ^= count;
	hash = (hash ^ hash >> 16) * 0x85ebca6bu;
	hash = (hash ^ hash >> 13) * 0xc2b2ae35u;
	return hash ^ hash >> 16;
}

static uint32_t round_of(uint32_t round)
{
	uint32_t hash = round;
	for (uint32_t i = 0; i < sizeof keys; i++)
		keys[i] = (uint8_t)(i * 5 + round);
	for (uint32_t count = 1; count <= 40; count++)
		hash = murmur3(keys, count, hash);
	return hash;
}
