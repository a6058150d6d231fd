/* Five bodies attract each other: steps in double precision. */

#include "kernel.h"

#define BODIES 5

struct body {
	double x, y, z, vx, vy, vz, mass;
};

static struct body bodies[BODIES] = {
	{ 0, 0, 0, 0, 0, 0, 39.478417604357434 },
	{ 4.84143144246472, -1.16032004402742, -0.10362204447112, 0.60632639299583, 2.81198684491628, -0.02521836165988, 0.03769367487038 },
	{ 8.34336671824457, 4.12479856412430, -0.40352341711432, -1.01077434617879, 1.82566237123041, 0.00841576137658, 0.01128632613196 },
	{ 12.89436956213913, -15.11115140169863, -0.22330757889265, 1.08279100644153, 0.86871301816960, -0.01083263740136, 0.00172372405705 },
	{ 15.37969711485091, -25.91931460998796, 0.17925877295037, 0.97909073224389, 0.59469899864767, -0.03475595555078, 0.00203368686992 },
};

static void advance(double dt)
{
	for (uint32_t i = 0; i < BODIES; i++) {
		struct body *a = &bodies[i];
		for (uint32_t j = i + 1; j < BODIES; j++) {
			struct body *b = &bodies[j];
			double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
			double square = dx * dx + dy * dy + dz * dz;
			double factor = dt / (square * __builtin_sqrt(square));
			a->vx -= dx * b->mass * factor;
			a->vy -= dy * b->mass * factor;
			a->vz -= dz * b->mass * factor;
			b->vx += dx * a->mass * factor;
			b->vy += dy * a->mass * factor;
			b->vz += dz * a->mass * factor;
		}
	}
	for (uint32_t i = 0; i < BODIES; i++) {
		bodies[i].x += dt * bodies[i].vx;
		bodies[i].y += dt * bodies[i].vy;
		bodies[i].z += dt * bodies[i].vz;
	}
}

static uint32_t round_of(uint32_t round)
{
	uint32_t checksum = fold(FOLD_START, round);
	for (uint32_t i = 0; i < 8; i++)
		advance(0.01);
	for (uint32_t i = 0; i < BODIES; i++)
		checksum = fold64(checksum, double_bits(bodies[i].x));
	return checksum;
}
