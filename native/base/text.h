/* Messages without printf: appended to a buffer of fixed size, cut where it ends, always terminated. */
#ifndef WX_TEXT_H
#define WX_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Begin with `used` 0. */
struct wx_text {
	char *text;
	size_t size;
	size_t used;
};

void wx_text_string(struct wx_text *text, const char *string);
/*
 * Names come from modules: what is no UTF-8, and what is not printable, becomes U+FFFD; no character is cut in two.
 */
void wx_text_bytes(struct wx_text *text, const char *bytes, size_t size);
void wx_text_number(struct wx_text *text, uint64_t value);

/* Bytes of the UTF-8 character that `bytes`, one at least, begin with, and its number; 0: ill-formed. */
uint32_t wx_text_character(const void *bytes, size_t size, uint32_t *point);
/* No control character, end of a line, or mark that changes the direction of writing: src/iot-api/printable.ts. */
bool wx_text_printable(uint32_t point);

#endif
