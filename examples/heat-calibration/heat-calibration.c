/*
 * Calibration of an 8 x 8 heat sensor: mean and standard deviation of every pixel over 101 frames of an empty room, in 1/16 of
 * the sensor's unit. The frames are constants: 12.6 KB of data that no store ever touches.
 */

#include "../example.h"
#include "frames.h"

#define PIXELS 64
#define FRAMES 101

static int32_t sums[PIXELS], squares[PIXELS];
static int16_t means[PIXELS], deviations[PIXELS];

static uint32_t square_root(uint32_t value)
{
	uint32_t root = 0;
	for (uint32_t bit = 1u << 30; bit; bit >>= 2) {
		if (value >= root + bit) {
			value -= root + bit;
			root = (root >> 1) + bit;
		}
		else
			root >>= 1;
	}
	return root;
}

static uint32_t round_of(uint32_t round)
{
	uint32_t checksum = FOLD_START;
	/* Sums of differences from the first frame stay small. */
	int32_t shift = (int32_t)(round & 15);
	for (uint32_t pixel = 0; pixel < PIXELS; pixel++) {
		sums[pixel] = 0;
		squares[pixel] = 0;
	}
	for (uint32_t frame = 0; frame < FRAMES; frame++) {
		for (uint32_t pixel = 0; pixel < PIXELS; pixel++) {
			int32_t value = frames[frame * PIXELS + pixel] - frames[pixel] + shift;
			sums[pixel] += value;
			squares[pixel] += value * value;
		}
	}
	for (uint32_t pixel = 0; pixel < PIXELS; pixel++) {
		int32_t sum = sums[pixel];
		means[pixel] = (int16_t)(frames[pixel] * 16 + sum * 16 / FRAMES);
		/* Variance times FRAMES squared, scaled so that its root is in 1/16. */
		deviations[pixel] = (int16_t)(square_root((uint32_t)(squares[pixel] * FRAMES - sum * sum) * 16) * 4 / FRAMES);
		checksum = fold(fold(checksum, (uint32_t)means[pixel]), (uint32_t)deviations[pixel]);
	}
	return checksum;
}
