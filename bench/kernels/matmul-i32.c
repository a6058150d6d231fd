/* Product of two matrices of 16 by 16 integers. */

#include "kernel.h"

#define N 16

static int32_t a[N][N], b[N][N], c[N][N];

static void multiply(void)
{
	for (uint32_t i = 0; i < N; i++) {
		for (uint32_t j = 0; j < N; j++) {
			int32_t sum = 0;
			for (uint32_t k = 0; k < N; k++)
				sum += a[i][k] * b[k][j];
			c[i][j] = sum;
		}
	}
}

static uint32_t round_of(uint32_t round)
{
	uint32_t checksum = FOLD_START;
	for (uint32_t i = 0; i < N; i++) {
		for (uint32_t j = 0; j < N; j++) {
			a[i][j] = (int32_t)(i * 3 + j + round % 64);
			b[i][j] = (int32_t)(i - j);
		}
	}
	multiply();
	for (uint32_t i = 0; i < N; i++)
		checksum = fold(checksum, (uint32_t)c[i][i]);
	return checksum;
}
