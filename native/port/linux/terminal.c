/* Text for people. */

#include "xsmc.h"
#include "machine.h"
#include "../../base/text.h"

#include <string.h>

/* A terminal obeys no escape sequence of it: what is not printable is shown as src/iot-api/printable.ts shows it. */
void wx_print(FILE *stream, const char *text)
{
	size_t size = strlen(text);
	uint32_t point, length;
	for (size_t at = 0; at < size; at += length ? length : 1) {
		/* The engine's zero. */
		bool zero = size - at > 1 && !memcmp(text + at, "\xC0\x80", 2);
		length = zero ? 2 : wx_text_character(text + at, size - at, &point);
		if (zero)
			point = 0;
		if (!length)
			fputs("\xEF\xBF\xBD", stream);
		else if (wx_text_printable(point) || point == '\n' || point == '\t')
			fwrite(text + at, 1, length, stream);
		else
			fprintf(stream, point < 0x100 ? "\\x%02x" : "\\u%04x", (unsigned)point);
	}
	fputc('\n', stream);
	fflush(stream);
}
