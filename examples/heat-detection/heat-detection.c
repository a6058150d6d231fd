/*
 * Detection with an 8 x 8 heat sensor, over 25 frames: pixels much warmer than calibration found them are grouped with their
 * neighbours, each group has a centre weighted by its heat, and the largest is followed from frame to frame.
 */

#include "../example.h"
#include "frames.h"

#define SIDE 8
#define PIXELS (SIDE * SIDE)
#define FRAMES 25
#define WARM 4	/* standard deviations */
#define SMALLEST 2	/* pixels of a group */

static uint16_t heat[PIXELS];
static uint8_t groups[PIXELS];
static uint8_t pending[PIXELS];

struct object {
	int32_t x, y;	/* 1/64 pixel */
	uint32_t size, weight;
};

/* How far each pixel is above its mean, in standard deviations; 0 where it is not warm. */
static void measure(const int16_t *frame, int32_t drift)
{
	for (uint32_t pixel = 0; pixel < PIXELS; pixel++) {
		int32_t above = (frame[pixel] + drift) * 16 - means[pixel];
		int32_t deviation = deviations[pixel] > 0 ? deviations[pixel] : 1;
		int32_t score = above * 16 / deviation;
		heat[pixel] = (uint16_t)(score >= WARM * 16 ? score : 0);
		groups[pixel] = 0;
	}
}

/* Gathers the group that a pixel belongs to. */
static struct object gather(uint32_t first, uint8_t group)
{
	struct object object = { 0, 0, 0, 0 };
	uint32_t depth = 0;
	groups[first] = group;
	pending[depth++] = (uint8_t)first;
	while (depth > 0) {
		uint32_t pixel = pending[--depth];
		int32_t x = (int32_t)(pixel % SIDE), y = (int32_t)(pixel / SIDE);
		object.x += x * heat[pixel];
		object.y += y * heat[pixel];
		object.weight += heat[pixel];
		object.size++;
		for (int32_t dy = -1; dy <= 1; dy++) {
			for (int32_t dx = -1; dx <= 1; dx++) {
				int32_t i = x + dx, j = y + dy;
				if (i >= 0 && i < SIDE && j >= 0 && j < SIDE) {
					uint32_t neighbour = (uint32_t)(j * SIDE + i);
					if (heat[neighbour] && !groups[neighbour]) {
						groups[neighbour] = group;
						pending[depth++] = (uint8_t)neighbour;
					}
				}
			}
		}
	}
	object.x = object.x * 64 / (int32_t)object.weight;
	object.y = object.y * 64 / (int32_t)object.weight;
	return object;
}

static uint32_t round_of(uint32_t round)
{
	uint32_t checksum = FOLD_START, crossings = 0, distance = 0;
	int32_t drift = (int32_t)(round & 3);
	struct object last = { 0, 0, 0, 0 };
	for (uint32_t frame = 0; frame < FRAMES; frame++) {
		struct object largest = { 0, 0, 0, 0 };
		uint8_t group = 0;
		measure(frames + frame * PIXELS, drift);
		for (uint32_t pixel = 0; pixel < PIXELS; pixel++) {
			if (heat[pixel] && !groups[pixel]) {
				struct object object = gather(pixel, ++group);
				if (object.size >= SMALLEST && object.weight > largest.weight)
					largest = object;
			}
		}
		if (largest.size && last.size) {
			int32_t dx = largest.x - last.x, dy = largest.y - last.y;
			distance += (uint32_t)(dx < 0 ? -dx : dx) + (uint32_t)(dy < 0 ? -dy : dy);
			if ((largest.x >= SIDE / 2 * 64) != (last.x >= SIDE / 2 * 64))
				crossings++;
		}
		checksum = fold(fold(fold(checksum, (uint32_t)largest.x), (uint32_t)largest.y), group);
		last = largest;
	}
	return fold(fold(checksum, distance), crossings);
}
