/* Fast Fourier transform of 64 points in single precision, radix 2. */

#include "kernel.h"

#define POINTS 64

static float real[POINTS], imaginary[POINTS], cosine[POINTS / 2], sine[POINTS / 2];

/* By turning (1, 0) step by step. */
static void make_tables(void)
{
	const float c = 0.99518472667f, s = 0.09801714033f;	/* of 2 pi / 64 */
	float x = 1, y = 0;
	for (uint32_t i = 0; i < POINTS / 2; i++) {
		cosine[i] = x;
		sine[i] = y;
		float next = x * c - y * s;
		y = y * c + x * s;
		x = next;
	}
}

static void transform(void)
{
	for (uint32_t i = 1, j = 0; i < POINTS; i++) {
		uint32_t bit = POINTS / 2;
		for (; j & bit; bit >>= 1)
			j ^= bit;
		j ^= bit;
		if (i < j) {
			float t = real[i];
			real[i] = real[j];
			real[j] = t;
			t = imaginary[i];
			imaginary[i] = imaginary[j];
			imaginary[j] = t;
		}
	}
	for (uint32_t half = 1; half < POINTS; half <<= 1) {
		uint32_t step = POINTS / 2 / half;
		for (uint32_t start = 0; start < POINTS; start += 2 * half) {
			for (uint32_t k = 0; k < half; k++) {
				uint32_t i = start + k, j = i + half;
				float c = cosine[k * step], s = sine[k * step];
				float r = real[j] * c + imaginary[j] * s, m = imaginary[j] * c - real[j] * s;
				real[j] = real[i] - r;
				imaginary[j] = imaginary[i] - m;
				real[i] += r;
				imaginary[i] += m;
			}
		}
	}
}

static uint32_t round_of(uint32_t round)
{
	uint32_t checksum = FOLD_START;
	if (cosine[0] == 0)
		make_tables();
	for (uint32_t i = 0; i < POINTS; i++) {
		real[i] = (float)(int32_t)((i * 7 + round) % 32) - 16;
		imaginary[i] = 0;
	}
	transform();
	for (uint32_t i = 0; i < POINTS; i += 4)
		checksum = fold(fold(checksum, float_bits(real[i])), float_bits(imaginary[i]));
	return checksum;
}
