/*
 * Leaves: small functions that the compiler of the module did not put in line, as in code that is built without optimization or from several files: fields of particles, saturating arithmetic,
 * rotations; of characters behind their caller, where only a second compilation knows them.
 */

#include <stdint.h>

#define LEAF __attribute__((noinline))

struct particle {
	int32_t x, y;
	int32_t speed_x, speed_y;
	uint32_t hits;
};

static struct particle particles[16];

LEAF int32_t x_of(const struct particle *p)
{
	return p->x;
}

LEAF int32_t y_of(const struct particle *p)
{
	return p->y;
}

LEAF void set_x(struct particle *p, int32_t x)
{
	p->x = x;
}

LEAF void set_y(struct particle *p, int32_t y)
{
	p->y = y;
}

LEAF void count_hit(struct particle *p)
{
	p->hits++;
}

LEAF int32_t greatest(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

LEAF int32_t least(int32_t a, int32_t b)
{
	return a < b ? a : b;
}

LEAF int32_t fixed_product(int32_t a, int32_t b)
{
	return (int32_t)((int64_t)a * b >> 16);
}

LEAF uint32_t rotate(uint32_t value, uint32_t count)
{
	return value << (count & 31) | value >> (-count & 31);
}

LEAF uint32_t mix(uint32_t a, uint32_t b)
{
	return rotate(a ^ b, 13) * 5u + 0xE6546B64u;
}

#include "kernel.h"

static LEAF int is_digit(int c)
{
	return (uint32_t)c - '0' < 10;
}

static LEAF int to_lower(int c)
{
	return (uint32_t)c - 'A' < 26 ? c | 32 : c;
}

static LEAF float blend(float a, float b, float t)
{
	return a + (b - a) * t;
}

static const char text[] = "The 12 quick BROWN foxes jumped 345 times over 6 LAZY dogs in 789 days";

static uint32_t round_of(uint32_t round)
{
	uint32_t state = round, checksum = FOLD_START;
	float level = 0;
	for (uint32_t i = 0; i < COUNT(particles); i++) {
		struct particle *p = &particles[i];
		set_x(p, (int32_t)(next_random(&state) >> 12));
		set_y(p, (int32_t)(next_random(&state) >> 12));
		p->speed_x = (int32_t)next_random(&state) >> 16;
		p->speed_y = (int32_t)next_random(&state) >> 16;
		p->hits = 0;
	}
	for (uint32_t step = 0; step < 8; step++)
		for (uint32_t i = 0; i < COUNT(particles); i++) {
			struct particle *p = &particles[i];
			int32_t x = x_of(p) + fixed_product(p->speed_x, 0x18000), y = y_of(p) + fixed_product(p->speed_y, 0x18000);
			set_x(p, least(greatest(x, 0), 0xFFFFF));
			set_y(p, least(greatest(y, 0), 0xFFFFF));
			if (x != x_of(p) || y != y_of(p))
				count_hit(p);
			checksum = mix(checksum, (uint32_t)(x_of(p) ^ y_of(p)));
			level = blend(level, (float)(x & 255), 0.25f);
		}
	uint32_t digits = 0;
	for (uint32_t i = 0; text[i]; i++) {
		digits += (uint32_t)is_digit(text[i]);
		checksum = mix(checksum, (uint32_t)to_lower(text[i]));
	}
	for (uint32_t i = 0; i < COUNT(particles); i++)
		checksum = fold(checksum, particles[i].hits);
	return fold(fold(checksum, digits), float_bits(level));
}
