/* Compresses 512 bytes to runs of literals and matches, in the manner of LZ4, and decompresses them. */

#include "kernel.h"

#define BYTES 512

static uint8_t input[BYTES], packed[BYTES * 2], output[BYTES + 16];
static uint16_t last_seen[256];

static uint32_t hash_of(const uint8_t *bytes)
{
	uint32_t three = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16;
	return three * 2654435761u >> 24;
}

static uint8_t *flush(uint8_t *to, const uint8_t *from, uint32_t count)
{
	while (count) {
		uint32_t n = count < 128 ? count : 128;
		*to++ = (uint8_t)(n - 1);
		count -= n;
		while (n--)
			*to++ = *from++;
	}
	return to;
}

static uint32_t compress(void)
{
	uint8_t *to = packed;
	uint32_t at = 0, literal = 0;
	for (uint32_t i = 0; i < COUNT(last_seen); i++)
		last_seen[i] = 0xFFFF;
	while (at + 3 < BYTES) {
		uint32_t hash = hash_of(input + at), candidate = last_seen[hash], length = 0;
		last_seen[hash] = (uint16_t)at;
		if (candidate != 0xFFFF)
			while (length < 127 && at + length < BYTES && input[candidate + length] == input[at + length])
				length++;
		if (length < 4) {
			at++;
			continue;
		}
		uint32_t distance = at - candidate;
		to = flush(to, input + literal, at - literal);
		*to++ = (uint8_t)(0x80 | length);
		*to++ = (uint8_t)distance;
		*to++ = (uint8_t)(distance >> 8);
		at += length;
		literal = at;
	}
	to = flush(to, input + literal, BYTES - literal);
	return (uint32_t)(to - packed);
}

static uint32_t decompress(uint32_t count)
{
	const uint8_t *from = packed, *end = packed + count;
	uint8_t *to = output;
	while (from < end) {
		uint32_t control = *from++;
		if (control & 0x80) {
			uint32_t length = control & 127, distance = from[0] | (uint32_t)from[1] << 8;
			const uint8_t *match = to - distance;
			from += 2;
			while (length--)
				*to++ = *match++;
		} else {
			for (uint32_t n = control + 1; n; n--)
				*to++ = *from++;
		}
	}
	return (uint32_t)(to - output);
}

static uint32_t round_of(uint32_t round)
{
	uint32_t state = round, checksum = FOLD_START;
	for (uint32_t i = 0; i < BYTES; i++) {
		uint32_t random = next_random(&state);
		input[i] = i > 40 && random >> 28 ? input[i - 17 - (random >> 30)] : (uint8_t)(random >> 20);
	}
	uint32_t packed_bytes = compress();
	checksum = fold(fold(checksum, packed_bytes), decompress(packed_bytes));
	for (uint32_t i = 0; i < BYTES; i += 32)
		checksum = fold(checksum, output[i]);
	return checksum;
}
