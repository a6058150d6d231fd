#ifndef WX_CODE_H
#define WX_CODE_H

/*
 * XS byte code made at build time by native/tools/xs-compile.
 *
 * An image is linked into a board's program and runs in place: its keys are resolved. Keys which a fresh machine does
 * not have are numbered from `first_key` in the order of `names`; the host makes them, in this order, right after it
 * creates the machine, and refuses to boot when the numbers do not match.
 *
 * A script is a file, read into memory and relocated there:
 *   u32 magic, u16 version, u16 number of names + 1, u32 bytes of names, u32 bytes of code,
 *   names as C strings, code. Little endian.
 */

#include <stdint.h>

#define WX_CODE_MAGIC 0x43425857u
#define WX_CODE_VERSION 1
#define WX_CODE_HEADER 16

struct wx_code_module {
	const char *name;
	const uint8_t *code;
	uint32_t size;
};

struct wx_code_image {
	uint16_t first_key;
	uint16_t name_count;
	uint16_t module_count;
	uint32_t engine; /* major, minor, patch of the engine which made it */
	const char *const *names;
	const struct wx_code_module *modules;
};

extern const struct wx_code_image wx_image;

#endif
