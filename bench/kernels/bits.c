/* Bits: counts, leading and trailing zeros, reversal, Gray and Hamming codes of 64 words. */

#include "kernel.h"

static uint32_t reverse(uint32_t value)
{
	value = (value >> 1 & 0x55555555u) | (value & 0x55555555u) << 1;
	value = (value >> 2 & 0x33333333u) | (value & 0x33333333u) << 2;
	value = (value >> 4 & 0x0F0F0F0Fu) | (value & 0x0F0F0F0Fu) << 4;
	value = (value >> 8 & 0x00FF00FFu) | (value & 0x00FF00FFu) << 8;
	return value >> 16 | value << 16;
}

static uint32_t ones(uint32_t value)
{
	uint32_t count = 0;
	for (; value; value &= value - 1)
		count++;
	return count;
}

static uint32_t hamming(uint32_t nibble)
{
	uint32_t a = nibble & 1, b = nibble >> 1 & 1, c = nibble >> 2 & 1, d = nibble >> 3 & 1;
	return nibble << 3 | (b ^ c ^ d) << 2 | (a ^ c ^ d) << 1 | (a ^ b ^ d);
}

static uint32_t round_of(uint32_t round)
{
	uint32_t state = round, checksum = FOLD_START;
	for (uint32_t i = 0; i < 64; i++) {
		uint32_t value = next_random(&state) | 1;
		checksum = fold(checksum, reverse(value) ^ (value ^ value >> 1));
		checksum = fold(checksum, ones(value) + (uint32_t)__builtin_clz(value) + (uint32_t)__builtin_ctz(reverse(value)));
		checksum = fold(checksum, hamming(value & 15) | hamming(value >> 4 & 15) << 8);
	}
	return checksum;
}
