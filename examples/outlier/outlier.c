/* Outliers by distance: of 20 readings, those that have too few others near them. */

#include "../example.h"
#include "values.h"

#define LENGTH 20
#define NEAR 60
#define NEIGHBOURS 8

static int16_t readings[LENGTH];
static uint16_t distances[LENGTH][LENGTH];

static uint32_t round_of(uint32_t round)
{
	uint32_t checksum = FOLD_START, outliers = 0;
	for (uint32_t i = 0; i < LENGTH; i++)
		readings[i] = (int16_t)(values[i] + (int32_t)((i * round) & 31));
	for (uint32_t i = 0; i < LENGTH; i++) {
		for (uint32_t j = i; j < LENGTH; j++) {
			int32_t difference = readings[i] - readings[j];
			uint16_t distance = (uint16_t)(difference < 0 ? -difference : difference);
			distances[i][j] = distance;
			distances[j][i] = distance;
		}
	}
	for (uint32_t i = 0; i < LENGTH; i++) {
		uint32_t neighbours = 0;
		for (uint32_t j = 0; j < LENGTH; j++) {
			if (j != i && distances[i][j] <= NEAR)
				neighbours++;
		}
		if (neighbours < NEIGHBOURS)
			outliers |= 1u << i;
		checksum = fold(checksum, neighbours);
	}
	return fold(checksum, outliers);
}
