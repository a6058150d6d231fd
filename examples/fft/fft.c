/* Fast Fourier transform: 64 points, radix 2, in place, 16-bit fixed point, halved at each stage so that nothing overflows. */

#include "../example.h"
#include "sine.h"

#define POINTS 64
#define STAGES 6
#define QUARTER (POINTS / 4)

static int16_t real[POINTS], imaginary[POINTS];

/* Two tones and noise. */
static void sample(uint32_t round)
{
	uint32_t state = round + 64;
	for (uint32_t i = 0; i < POINTS; i++) {
		state = state * 1664525u + 1013904223u;
		real[i] = (int16_t)((sine[i * 5 % POINTS] >> 1) + (sine[(i * 12 + round) % POINTS] >> 2) + (int32_t)(state >> 24) - 128);
		imaginary[i] = 0;
	}
}

static int32_t multiply(int32_t a, int32_t b)
{
	return (a * b + 16384) >> 15;
}

static void swap(int16_t *values, uint32_t i, uint32_t j)
{
	int16_t value = values[i];
	values[i] = values[j];
	values[j] = value;
}

static void transform(void)
{
	for (uint32_t i = 0; i < POINTS; i++) {
		uint32_t reversed = 0;
		for (uint32_t bit = 0; bit < STAGES; bit++)
			reversed = reversed << 1 | (i >> bit & 1);
		if (reversed > i) {
			swap(real, i, reversed);
			swap(imaginary, i, reversed);
		}
	}
	for (uint32_t half = 1, stride = POINTS / 2; half < POINTS; half <<= 1, stride >>= 1) {
		for (uint32_t k = 0; k < half; k++) {
			int32_t cosine = sine[(k * stride + QUARTER) % POINTS], minus_sine = -sine[k * stride];
			for (uint32_t i = k; i < POINTS; i += half * 2) {
				uint32_t j = i + half;
				int32_t r = multiply(cosine, real[j]) - multiply(minus_sine, imaginary[j]);
				int32_t m = multiply(cosine, imaginary[j]) + multiply(minus_sine, real[j]);
				int32_t p = real[i], q = imaginary[i];
				real[j] = (int16_t)((p - r) >> 1);
				imaginary[j] = (int16_t)((q - m) >> 1);
				real[i] = (int16_t)((p + r) >> 1);
				imaginary[i] = (int16_t)((q + m) >> 1);
			}
		}
	}
}

static uint32_t round_of(uint32_t round)
{
	uint32_t checksum = FOLD_START;
	sample(round);
	transform();
	for (uint32_t i = 0; i < POINTS; i++)
		checksum = fold(fold(checksum, (uint32_t)real[i]), (uint32_t)imaginary[i]);
	return checksum;
}
