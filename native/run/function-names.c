/* Names of functions: from the name section, else of an export or import. */

#include "internal.h"

#include "../base/text.h"

#include <string.h>

#define FUNCTION_NAMES 1 /* subsection of the name section; their numbers increase */

struct reader {
	const struct wx_module *module;
	struct wx_custom custom;
	uint32_t at;
	bool failed;
};

static uint32_t read_number(struct reader *r)
{
	uint32_t value = 0, shift = 0;
	uint8_t byte = 0;
	do {
		if (shift > 28 || !wx_module_custom_read(r->module, &r->custom, r->at, &byte, 1)) {
			r->failed = true;
			return 0;
		}
		r->at++;
		value |= (uint32_t)(byte & 0x7F) << shift;
		shift += 7;
	} while (byte & 0x80);
	return value;
}

/* Of names that are shown, at most. */
#define NAME_BYTES 128

/* Bytes of a module as text: terminated, cut to `size`. Returns its length. */
static uint32_t show(const char *name, uint32_t length, char *text, uint32_t size)
{
	struct wx_text shown = { text, size, 0 };
	wx_text_bytes(&shown, name, length);
	return (uint32_t)shown.used;
}

/* The name of n bytes that comes. Each of its bytes takes one of `text` or more, so no more is needed of it. */
static uint32_t read_name(struct reader *r, uint32_t n, char *text, uint32_t size)
{
	char name[NAME_BYTES];
	if (n > sizeof(name))
		n = sizeof(name);
	return wx_module_custom_read(r->module, &r->custom, r->at, name, n) ? show(name, n, text, size) : 0;
}

/* From a subsection of function names. */
static uint32_t find_name(struct reader *r, uint32_t function, char *text, uint32_t size)
{
	uint32_t next = 0;
	for (uint32_t count = read_number(r); count && !r->failed; count--) {
		uint32_t index = read_number(r), n = read_number(r);
		if (r->failed || n > r->custom.size - r->at || index < next || index > function)
			return 0;
		if (index == function)
			return read_name(r, n, text, size);
		next = index + 1;
		r->at += n;
	}
	return 0;
}

static uint32_t name_from_section(const struct wx_module *module, uint32_t function, char *text, uint32_t size)
{
	struct wx_cursor cursor = { 0 };
	struct reader r = { .module = module };
	uint32_t least = 0;
	if (!wx_module_next_custom(module, &cursor, "name", 4, &r.custom))
		return 0;
	while (!r.failed && r.at < r.custom.size) {
		uint8_t id = 0;
		if (!wx_module_custom_read(module, &r.custom, r.at, &id, 1))
			break;
		r.at++;
		uint32_t length = read_number(&r);
		if (r.failed || length > r.custom.size - r.at)
			break;
		if (id == FUNCTION_NAMES)
			return find_name(&r, function, text, size);
		if (id < least)
			break;
		least = id + 1;
		r.at += length;
	}
	return 0;
}

uint32_t wx_module_function_name(const struct wx_module *module, uint32_t function, char *text, uint32_t size)
{
	struct wx_cursor cursor;
	uint32_t length, at;
	if (!size)
		return 0;
	if (size > NAME_BYTES)
		size = NAME_BYTES;
	text[0] = 0;
	length = name_from_section(module, function, text, size);
	if (length)
		return length;
	memset(&cursor, 0, sizeof(cursor));
	for (at = wx_record_first(module); !wx_record_ends(module, at); at = wx_record_next(module, at)) {
		wx_record r = wx_record_at(module, at);
		if (r.op == WX_PLAN_EXPORT && r.a == WX_EXTERN_FUNCTION && r.b == function) {
			const char *name = (const char *)module->image + at + 16;
			return show(name, wx_record_at(module, at + 8).b, text, size);
		}
	}
	/* an import's name */
	if (function < module->header.imported_functions) {
		struct wx_external external;
		while (wx_module_next_import(module, &cursor, &external)) {
			if (external.kind != WX_EXTERN_FUNCTION || external.index != function)
				continue;
			return show(external.name.text, external.name.size, text, size);
		}
	}
	return 0;
}
