/* A picture of 16 by 8 points of the Mandelbrot set in double precision. */

#include "kernel.h"

static uint32_t escape(double cx, double cy)
{
	double x = 0, y = 0;
	uint32_t n;
	for (n = 0; n < 40; n++) {
		double xx = x * x, yy = y * y;
		if (xx + yy > 4)
			break;
		y = 2 * x * y + cy;
		x = xx - yy + cx;
	}
	return n;
}

static uint32_t round_of(uint32_t round)
{
	uint32_t checksum = FOLD_START;
	double shift = (double)(round % 16) * (1.0 / 128);
	for (uint32_t row = 0; row < 8; row++)
		for (uint32_t column = 0; column < 16; column++)
			checksum = fold(checksum, escape((double)column * (3.0 / 16) - 2.2 + shift, (double)row * (2.0 / 8) - 1));
	return checksum;
}
