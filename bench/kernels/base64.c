/* Base64 of 300 bytes, there and back. */

#include "kernel.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static uint8_t input[300], output[300];
static char encoded[404];

static uint32_t encode(char *to, const uint8_t *from, uint32_t count)
{
	char *begin = to;
	for (; count >= 3; count -= 3, from += 3) {
		uint32_t three = (uint32_t)from[0] << 16 | (uint32_t)from[1] << 8 | from[2];
		*to++ = digits[three >> 18];
		*to++ = digits[three >> 12 & 63];
		*to++ = digits[three >> 6 & 63];
		*to++ = digits[three & 63];
	}
	if (count) {
		uint32_t rest = (uint32_t)from[0] << 16 | (count > 1 ? (uint32_t)from[1] << 8 : 0);
		*to++ = digits[rest >> 18];
		*to++ = digits[rest >> 12 & 63];
		*to++ = count > 1 ? digits[rest >> 6 & 63] : '=';
		*to++ = '=';
	}
	return (uint32_t)(to - begin);
}

static int32_t value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static uint32_t decode(uint8_t *to, const char *from, uint32_t count)
{
	uint8_t *begin = to;
	uint32_t bits = 0, have = 0;
	for (uint32_t i = 0; i < count; i++) {
		int32_t value = value_of(from[i]);
		if (value < 0)
			break;
		bits = bits << 6 | (uint32_t)value;
		have += 6;
		if (have >= 8) {
			have -= 8;
			*to++ = (uint8_t)(bits >> have);
		}
	}
	return (uint32_t)(to - begin);
}

static uint32_t round_of(uint32_t round)
{
	uint32_t state = round, checksum = FOLD_START, count = sizeof input - round % 3;
	for (uint32_t i = 0; i < sizeof input; i++)
		input[i] = (uint8_t)(next_random(&state) >> 24);
	uint32_t length = encode(encoded, input, count);
	checksum = fold(fold(checksum, length), decode(output, encoded, length));
	for (uint32_t i = 0; i < count; i += 8)
		checksum = fold(checksum, output[i]);
	return checksum;
}
