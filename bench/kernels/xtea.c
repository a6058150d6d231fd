/* XTEA in CBC mode over 16 blocks. */

#include "kernel.h"

static const uint32_t key[4] = { 0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c };
static uint32_t data[32];

static void encrypt(uint32_t *v)
{
	uint32_t a = v[0], b = v[1], sum = 0;
	for (uint32_t i = 0; i < 32; i++) {
		a += ((b << 4 ^ b >> 5) + b) ^ (sum + key[sum & 3]);
		sum += 0x9E3779B9u;
		b += ((a << 4 ^ a >> 5) + a) ^ (sum + key[sum >> 11 & 3]);
	}
	v[0] = a;
	v[1] = b;
}

static uint32_t round_of(uint32_t round)
{
	uint32_t previous[2] = { round, ~round };
	for (uint32_t i = 0; i < COUNT(data); i++)
		data[i] = i * 0x01234567u;
	for (uint32_t i = 0; i < COUNT(data); i += 2) {
		data[i] ^= previous[0];
		data[i + 1] ^= previous[1];
		encrypt(data + i);
		previous[0] = data[i];
		previous[1] = data[i + 1];
	}
	return previous[0] ^ previous[1];
}
