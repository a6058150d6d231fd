/* Copies, fills, reverses and compares bytes and words in plain loops. */

#include "kernel.h"

#define BYTES 512

static uint8_t from[BYTES + 8], to[BYTES + 8];
static uint32_t words[BYTES / 4];

static void copy_bytes(uint8_t *d, const uint8_t *s, uint32_t count)
{
	while (count--)
		*d++ = *s++;
}

static void copy_words(uint32_t *d, const uint32_t *s, uint32_t count)
{
	for (; count >= 4; count -= 4, d += 4, s += 4) {
		d[0] = s[0];
		d[1] = s[1];
		d[2] = s[2];
		d[3] = s[3];
	}
	while (count--)
		*d++ = *s++;
}

static void fill_bytes(uint8_t *d, uint8_t value, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		d[i] = value;
}

static void reverse(uint8_t *bytes, uint32_t count)
{
	uint8_t *end = bytes + count;
	while (bytes < --end) {
		uint8_t value = *bytes;
		*bytes++ = *end;
		*end = value;
	}
}

static uint32_t common(const uint8_t *a, const uint8_t *b, uint32_t count)
{
	uint32_t i = 0;
	while (i < count && a[i] == b[i])
		i++;
	return i;
}

static uint32_t round_of(uint32_t round)
{
	uint32_t shift = round & 7;
	from[round % BYTES] = (uint8_t)round;
	copy_bytes(to + shift, from, BYTES);
	uint32_t checksum = fold(FOLD_START, common(to + shift, from, BYTES));
	reverse(to, BYTES);
	checksum = fold(checksum, to[round % BYTES]);
	fill_bytes(to, (uint8_t)round, BYTES / 2);
	for (uint32_t i = 0; i < COUNT(words); i++)
		words[i] = i ^ round;
	copy_words(words, words + 3, COUNT(words) - 3);
	return fold(checksum, words[round % COUNT(words)] + to[BYTES / 2 - 1]);
}
