/* A matcher of patterns with . * + ? ^ $ by recursion, over the lines of a log. */

#include "kernel.h"

static const char *const lines[] = {
	"12:04:17 sensor 4: temperature 21.5 C", "12:04:18 radio: packet lost, retry 3", "12:04:19 sensor 4: humidity 43 %", "12:05:00 watchdog: reset",
	"12:05:02 boot: image 2 of 2, verified", "12:05:03 radio: joined in 812 ms",
};

static const char *const patterns[] = { "^12:0.:0", "sensor .: te*mp", "retry 1*2*3+$", "ra?dio.*in", "x*yz", "verified$" };

static int32_t here(const char *pattern, const char *text);

static int32_t repeated(char c, const char *pattern, const char *text, uint32_t least)
{
	uint32_t count = 0;
	for (;;) {
		if (count >= least && here(pattern, text))
			return 1;
		if (!*text || (*text != c && c != '.'))
			return 0;
		text++;
		count++;
	}
}

static int32_t here(const char *pattern, const char *text)
{
	for (;; pattern++, text++) {
		if (!*pattern)
			return 1;
		if (pattern[1] == '*')
			return repeated(*pattern, pattern + 2, text, 0);
		if (pattern[1] == '+')
			return repeated(*pattern, pattern + 2, text, 1);
		if (pattern[1] == '?') {
			if (here(pattern + 2, text))
				return 1;
			return *text && (*text == *pattern || *pattern == '.') && here(pattern + 2, text + 1);
		}
		if (*pattern == '$' && !pattern[1])
			return !*text;
		if (!*text || (*pattern != '.' && *pattern != *text))
			return 0;
	}
}

static int32_t match(const char *pattern, const char *text)
{
	if (*pattern == '^')
		return here(pattern + 1, text);
	for (;; text++) {
		if (here(pattern, text))
			return 1;
		if (!*text)
			return 0;
	}
}

static uint32_t round_of(uint32_t round)
{
	uint32_t found = round;
	for (uint32_t i = 0; i < COUNT(lines); i++)
		for (uint32_t j = 0; j < COUNT(patterns); j++)
			found = found * 2 + (uint32_t)match(patterns[j], lines[i]);
	return found;
}
