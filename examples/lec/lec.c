/*
 * Lossless entropy compression of sensor samples (LEC, Marcelloni and Vecchio): the difference of two samples is written as
 * a prefix code of its bit length and then its low bits. 256 samples.
 */

#include "../example.h"
#include "samples.h"

#define LENGTH 256
#define GROUPS 15

/* Prefix code of each bit length: how many bits, and which. */
static const uint8_t code_lengths[GROUPS] = { 2, 3, 3, 3, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
static const uint16_t codes[GROUPS] = { 0x0, 0x2, 0x3, 0x4, 0x5, 0x6, 0xE, 0x1E, 0x3E, 0x7E, 0xFE, 0x1FE, 0x3FE, 0x7FE, 0xFFE };

static uint8_t packed[LENGTH * 4];
static uint32_t bits;

static void put(uint32_t value, uint32_t length)
{
	while (length > 0) {
		uint32_t room = 8 - (bits & 7), take = length < room ? length : room;
		uint32_t part = value >> (length - take) & ((1u << take) - 1);
		if (room == 8)
			packed[bits >> 3] = 0;
		packed[bits >> 3] |= (uint8_t)(part << (room - take));
		bits += take;
		length -= take;
	}
}

static void encode(int32_t difference)
{
	uint32_t magnitude = (uint32_t)(difference < 0 ? -difference : difference), group = 0;
	while (magnitude >> group)
		group++;
	put(codes[group], code_lengths[group]);
	if (group)
		put((uint32_t)(difference < 0 ? difference - 1 : difference) & ((1u << group) - 1), group);
}

static uint32_t round_of(uint32_t round)
{
	uint32_t checksum = FOLD_START;
	int32_t last = 0;
	bits = 0;
	for (uint32_t i = 0; i < LENGTH; i++) {
		int32_t sample = samples[(i + round) % LENGTH];
		encode(sample - last);
		last = sample;
	}
	for (uint32_t i = 0; i < (bits + 7) >> 3; i++)
		checksum = fold(checksum, packed[i]);
	return fold(checksum, bits);
}
