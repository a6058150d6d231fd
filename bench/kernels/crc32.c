/* CRC-32 of 1 KB, by a table of 256 words that is computed at first. */

#include "kernel.h"

#define BYTES 1024

static uint32_t table[256];
static uint8_t message[BYTES];

static void make_table(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t value = i;
		for (uint32_t bit = 0; bit < 8; bit++)
			value = value & 1 ? value >> 1 ^ 0xEDB88320u : value >> 1;
		table[i] = value;
	}
}

static uint32_t crc32(const uint8_t *bytes, uint32_t count)
{
	uint32_t crc = 0xFFFFFFFFu;
	while (count--)
		crc = crc >> 8 ^ table[(crc ^ *bytes++) & 255];
	return ~crc;
}

static uint32_t round_of(uint32_t round)
{
	if (!table[1])
		make_table();
	message[round % BYTES] = (uint8_t)(round + 1);
	return crc32(message, BYTES);
}
