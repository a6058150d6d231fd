#include "text.h"

#include <string.h>

void wx_text_bytes(struct wx_text *text, const char *bytes, size_t size)
{
	for (size_t i = 0; i < size && text->used + 1 < text->size; i++) {
		unsigned char c = (unsigned char)bytes[i];
		text->text[text->used++] = c < 0x20 || c == 0x7F ? '?' : (char)c;
	}
	if (text->size)
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
