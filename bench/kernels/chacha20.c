/* ChaCha20: 256 bytes of key stream over a message. */

#include "kernel.h"

static uint32_t input[16];
static uint8_t message[256];

static inline uint32_t rotate(uint32_t value, uint32_t by)
{
	return value << by | value >> (32 - by);
}

#define QUARTER(a, b, c, d) \
	(x[a] += x[b], x[d] = rotate(x[d] ^ x[a], 16), x[c] += x[d], x[b] = rotate(x[b] ^ x[c], 12), x[a] += x[b], x[d] = rotate(x[d] ^ x[a], 8), x[c] += x[d], \
		x[b] = rotate(x[b] ^ x[c], 7))

static void block(uint8_t *bytes)
{
	uint32_t x[16];
	for (uint32_t i = 0; i < 16; i++)
		x[i] = input[i];
	for (uint32_t i = 0; i < 10; i++) {
		QUARTER(0, 4, 8, 12);
		QUARTER(1, 5, 9, 13);
		QUARTER(2, 6, 10, 14);
		QUARTER(3, 7, 11, 15);
		QUARTER(0, 5, 10, 15);
		QUARTER(1, 6, 11, 12);
		QUARTER(2, 7, 8, 13);
		QUARTER(3, 4, 9, 14);
	}
	for (uint32_t i = 0; i < 16; i++) {
		uint32_t word = x[i] + input[i];
		for (uint32_t j = 0; j < 4; j++)
			bytes[4 * i + j] ^= (uint8_t)(word >> (8 * j));
	}
	input[12]++;
}

static uint32_t round_of(uint32_t round)
{
	uint32_t checksum = FOLD_START;
	for (uint32_t i = 0; i < 16; i++)
		input[i] = 0x61707865u + i * 0x01010101u + round;
	for (uint32_t at = 0; at < sizeof message; at += 64)
		block(message + at);
	for (uint32_t i = 0; i < sizeof message; i += 16)
		checksum = fold(checksum, message[i]);
	return checksum;
}
