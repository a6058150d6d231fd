/* IMA ADPCM: 256 samples to 4 bits each, and back. */

#include "kernel.h"

#define SAMPLES 256

static const int8_t index_steps[8] = { -1, -1, -1, -1, 2, 4, 6, 8 };
static const int16_t steps[89] = {
	7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107, 118, 130, 143, 157, 173, 190, 209, 230, 253,
	279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026,
	4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
};

struct state {
	int32_t predicted;
	int32_t index;
};

static int16_t input[SAMPLES], output[SAMPLES];
static uint8_t packed[SAMPLES / 2];

static int32_t clamp(int32_t value, int32_t low, int32_t high)
{
	return value < low ? low : value > high ? high : value;
}

static void update(struct state *s, uint32_t code)
{
	int32_t step = steps[s->index], change = step >> 3;
	if (code & 4)
		change += step;
	if (code & 2)
		change += step >> 1;
	if (code & 1)
		change += step >> 2;
	s->predicted = clamp(code & 8 ? s->predicted - change : s->predicted + change, -32768, 32767);
	s->index = clamp(s->index + index_steps[code & 7], 0, 88);
}

static uint32_t encode(struct state *s, int32_t sample)
{
	int32_t step = steps[s->index], difference = sample - s->predicted;
	uint32_t code = 0;
	if (difference < 0) {
		code = 8;
		difference = -difference;
	}
	for (uint32_t bit = 4; bit; bit >>= 1, step >>= 1) {
		if (difference >= step) {
			code |= bit;
			difference -= step;
		}
	}
	update(s, code);
	return code;
}

static uint32_t round_of(uint32_t round)
{
	struct state s = { 0, 0 };
	uint32_t checksum = FOLD_START, noise = round;
	int32_t level = 0;
	for (uint32_t i = 0; i < SAMPLES; i++) {
		level += (int32_t)(next_random(&noise) >> 20) - 2048;
		input[i] = (int16_t)clamp(level, -32768, 32767);
	}
	for (uint32_t i = 0; i < SAMPLES; i += 2) {
		uint32_t low = encode(&s, input[i]);
		packed[i / 2] = (uint8_t)(encode(&s, input[i + 1]) << 4 | low);
	}
	s = (struct state){ 0, 0 };
	for (uint32_t i = 0; i < SAMPLES; i++) {
		update(&s, packed[i / 2] >> (i & 1 ? 4 : 0) & 15);
		output[i] = (int16_t)s.predicted;
	}
	for (uint32_t i = 0; i < SAMPLES; i += 16)
		checksum = fold(checksum, (uint32_t)output[i]);
	return checksum;
}
