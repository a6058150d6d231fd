#include "text.h"

#include <string.h>

/* What is in place of what cannot be shown: U+FFFD. */
static const char replacement[] = "\xEF\xBF\xBD";

/* Bounds of the second byte: no overlong forms, surrogates or numbers above U+10FFFF. */
static void second_byte(uint8_t first, uint8_t *low, uint8_t *high)
{
	*low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
	*high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
}

uint32_t wx_text_character(const void *bytes, size_t size, uint32_t *point)
{
	const uint8_t *data = bytes;
	uint8_t first = data[0], low, high;
	uint32_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
	*point = first;
	if (first < 0x80)
		return 1;
	if (first < 0xC2 || first > 0xF4 || length > size)
		return 0;
	second_byte(first, &low, &high);
	if (data[1] < low || data[1] > high)
		return 0;
	*point = first & (0xFFu >> (length + 1));
	for (uint32_t i = 1; i < length; i++) {
		if ((data[i] & 0xC0) != 0x80)
			return 0;
		*point = *point << 6 | (data[i] & 0x3F);
	}
	return length;
}

bool wx_text_printable(uint32_t point)
{
	return point >= 0x20 && (point < 0x7F || point > 0x9F) && point != 0x61C && point != 0x200E && point != 0x200F &&
		(point < 0x2028 || point > 0x202E) && (point < 0x2066 || point > 0x2069);
}

static bool append(struct wx_text *text, const char *bytes, size_t size)
{
	if (text->size - text->used <= size)
		return false;
	memcpy(text->text + text->used, bytes, size);
	text->used += size;
	return true;
}

void wx_text_bytes(struct wx_text *text, const char *bytes, size_t size)
{
	uint32_t point, length;
	if (!text->size)
		return;
	for (size_t i = 0; i < size; i += length ? length : 1) {
		length = wx_text_character(bytes + i, size - i, &point);
		bool shown = length && wx_text_printable(point);
		if (!append(text, shown ? bytes + i : replacement, shown ? length : sizeof(replacement) - 1))
			break;
	}
	text->text[text->used] = 0;
}

void wx_text_string(struct wx_text *text, const char *string)
{
	wx_text_bytes(text, string, strlen(string));
}

void wx_text_number(struct wx_text *text, uint64_t value)
{
	char digits[20];
	size_t n = sizeof(digits);
	do
		digits[--n] = (char)('0' + value % 10);
	while ((value /= 10));
	wx_text_bytes(text, digits + n, sizeof(digits) - n);
}
