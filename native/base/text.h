/* Messages without printf: appended to a buffer of fixed size, cut where it ends, always terminated. */
#ifndef WX_TEXT_H
#define WX_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Begin with `used` 0. */
struct wx_text {
	char *text;
	size_t size;
	size_t used;
};

void wx_text_string(struct wx_text *text, const char *string);
/* Control characters become question marks: names come from modules. */
void wx_text_bytes(struct wx_text *text, const char *bytes, size_t size);
void wx_text_number(struct wx_text *text, uint64_t value);

#endif
