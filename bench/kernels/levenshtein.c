/* Edit distances between words, with one row of the table in memory. */

#include "kernel.h"

static const char *const words[] = { "temperature", "temperament", "moisture", "mixture", "microcontroller", "controller" };

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t distance(const char *a, const char *b)
{
	uint8_t row[32];
	uint32_t length = 0, i, j;
	for (; b[length]; length++)
		row[length] = (uint8_t)length;
	row[length] = (uint8_t)length;
	for (i = 0; a[i]; i++) {
		uint32_t diagonal = row[0];
		row[0] = (uint8_t)(i + 1);
		for (j = 0; j < length; j++) {
			uint32_t above = row[j + 1], cost = diagonal + (a[i] != b[j]);
			row[j + 1] = (uint8_t)smaller(cost, smaller(above, row[j]) + 1);
			diagonal = above;
		}
	}
	return row[length];
}

static uint32_t round_of(uint32_t round)
{
	uint32_t checksum = fold(FOLD_START, round);
	for (uint32_t i = 0; i < COUNT(words); i++)
		for (uint32_t j = i + 1; j < COUNT(words); j++)
			checksum = fold(checksum, distance(words[i], words[j]));
	return checksum;
}
