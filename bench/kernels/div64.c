/* 64-bit integers: modular powers, greatest common divisors, decimal digits. */

#include "kernel.h"

static uint64_t power(uint64_t base, uint32_t exponent, uint64_t modulus)
{
	uint64_t result = 1;
	base %= modulus;
	for (; exponent; exponent >>= 1) {
		if (exponent & 1)
			result = result * base % modulus;
		base = base * base % modulus;
	}
	return result;
}

static uint64_t divisor(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

static uint32_t digits(int64_t value)
{
	uint32_t sum = 0;
	for (; value; value /= 10)
		sum += (uint32_t)(value % 10);
	return sum;
}

static uint32_t round_of(uint32_t round)
{
	uint64_t x = power(round + 3, 65537, 4294967291u);
	uint64_t y = divisor(x * 360360, (uint64_t)(round + 7) * 720720000000u);
	return fold64(fold(FOLD_START, digits((int64_t)(x * x) >> 3)), x + y);
}
