/* SipHash-2-4 of 128 bytes: 64-bit additions and rotations. */

#include "kernel.h"

static uint8_t message[128];

static inline uint64_t rotate(uint64_t value, uint32_t by)
{
	return value << by | value >> (64 - by);
}

static inline uint64_t read64(const uint8_t *bytes)
{
	uint64_t value = 0;
	for (uint32_t i = 0; i < 8; i++)
		value |= (uint64_t)bytes[i] << (8 * i);
	return value;
}

#define SIP_ROUND \
	(v0 += v1, v1 = rotate(v1, 13), v1 ^= v0, v0 = rotate(v0, 32), v2 += v3, v3 = rotate(v3, 16), v3 ^= v2, v0 += v3, v3 = rotate(v3, 21), v3 ^= v0, \
		v2 += v1, v1 = rotate(v1, 17), v1 ^= v2, v2 = rotate(v2, 32))

static uint64_t siphash(const uint8_t *bytes, uint32_t count, uint64_t k0, uint64_t k1)
{
	uint64_t v0 = 0x736f6d6570736575u ^ k0, v1 = 0x646f72616e646f6du ^ k1, v2 = 0x6c7967656e657261u ^ k0, v3 = 0x7465646279746573u ^ k1;
	uint32_t i;
	uint64_t last = (uint64_t)count << 56;
	for (i = 0; i + 8 <= count; i += 8) {
		uint64_t m = read64(bytes + i);
		v3 ^= m;
		SIP_ROUND;
		SIP_ROUND;
		v0 ^= m;
	}
	for (; i < count; i++)
		last |= (uint64_t)bytes[i] << (8 * (i & 7));
	v3 ^= last;
	SIP_ROUND;
	SIP_ROUND;
	v0 ^= last;
	v2 ^= 0xff;
	for (i = 0; i < 4; i++)
		SIP_ROUND;
	return v0 ^ v1 ^ v2 ^ v3;
}

static uint32_t round_of(uint32_t round)
{
	message[round % sizeof message] = (uint8_t)(round * 7);
	return fold64(FOLD_START, siphash(message, sizeof message - 3, 0x0706050403020100u, 0x0f0e0d0c0b0a0908u + round));
}
