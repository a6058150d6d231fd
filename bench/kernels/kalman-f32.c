/* A Kalman filter of two states in single precision over 64 measurements. */

#include "kernel.h"

static float position, speed, p00, p01, p10, p11;

static void step(float measured, float dt)
{
	const float q = 0.003f, r = 0.3f;
	position += dt * speed;
	p00 += dt * (dt * p11 - p01 - p10 + q);
	p01 -= dt * p11;
	p10 -= dt * p11;
	p11 += q * dt;
	float s = p00 + r, k0 = p00 / s, k1 = p10 / s, y = measured - position, t00 = p00, t01 = p01;
	position += k0 * y;
	speed += k1 * y;
	p00 -= k0 * t00;
	p01 -= k0 * t01;
	p10 -= k1 * t00;
	p11 -= k1 * t01;
}

static uint32_t round_of(uint32_t round)
{
	uint32_t state = round;
	position = speed = p01 = p10 = 0;
	p00 = p11 = 1;
	for (uint32_t i = 0; i < 64; i++)
		step((float)(int32_t)i * 0.5f + (float)(int32_t)(next_random(&state) >> 24) * (1.0f / 256), 0.1f);
	return fold(fold(FOLD_START, float_bits(position)), float_bits(speed));
}
