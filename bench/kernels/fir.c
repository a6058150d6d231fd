/* A filter of 16 taps over 128 samples of 16 bits, with rounding and saturation. */

#include "kernel.h"

#define TAPS 16
#define SAMPLES 128

static const int16_t taps[TAPS] = { -120, 80, 340, -610, -450, 1900, 6200, 9040, 9040, 6200, 1900, -450, -610, 340, 80, -120 };
static int16_t input[SAMPLES + TAPS], output[SAMPLES];

static void filter(void)
{
	for (uint32_t i = 0; i < SAMPLES; i++) {
		int32_t sum = 1 << 14;
		for (uint32_t k = 0; k < TAPS; k++)
			sum += taps[k] * input[i + k];
		sum >>= 15;
		output[i] = (int16_t)(sum > 32767 ? 32767 : sum < -32768 ? -32768 : sum);
	}
}

static uint32_t round_of(uint32_t round)
{
	uint32_t state = round, checksum = FOLD_START;
	for (uint32_t i = 0; i < COUNT(input); i++)
		input[i] = (int16_t)(next_random(&state) >> 16);
	filter();
	for (uint32_t i = 0; i < SAMPLES; i += 8)
		checksum = fold(checksum, (uint32_t)output[i]);
	return checksum;
}
