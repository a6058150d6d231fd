/* Writes numbers as text, in the manner of printf: decimal, hexadecimal, fixed point. */

#include "kernel.h"

static char line[256];

static char *put_unsigned(char *to, uint32_t value, uint32_t base, uint32_t width, char pad)
{
	char digits[32];
	uint32_t count = 0;
	do {
		digits[count++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	for (; width > count; width--)
		*to++ = pad;
	while (count)
		*to++ = digits[--count];
	return to;
}

static char *format(char *to, const char *text, const uint32_t *arguments)
{
	for (; *text; text++) {
		uint32_t width = 0;
		char pad = ' ';
		if (*text != '%') {
			*to++ = *text;
			continue;
		}
		text++;
		if (*text == '0')
			pad = *text++;
		while (*text >= '0' && *text <= '9')
			width = width * 10 + (uint32_t)(*text++ - '0');
		uint32_t value = *arguments++;
		switch (*text) {
		case 'd':
			if ((int32_t)value < 0) {
				*to++ = '-';
				value = 0 - value;
			}
			to = put_unsigned(to, value, 10, width, pad);
			break;
		case 'u':
			to = put_unsigned(to, value, 10, width, pad);
			break;
		case 'x':
			to = put_unsigned(to, value, 16, width, pad);
			break;
		case 'f':
			to = put_unsigned(to, value >> 8, 10, width, pad);
			*to++ = '.';
			to = put_unsigned(to, (value & 255) * 1000 >> 8, 10, 3, '0');
			break;
		case 'c':
			*to++ = (char)value;
			break;
		}
	}
	return to;
}

static uint32_t round_of(uint32_t round)
{
	uint32_t arguments[] = { round, 0 - round * 1234567u, 0xCAFE0000u + round, 5432 + round * 77, 'C', 3600 * round };
	char *end = format(line, "[%05u] sensor %d: state %08x, %3f %c after %u s\n", arguments);
	uint32_t checksum = fold(FOLD_START, (uint32_t)(end - line));
	for (char *at = line; at < end; at++)
		checksum = fold(checksum, (uint8_t)*at);
	return checksum;
}
