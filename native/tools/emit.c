/*
 * The emitter as a program of the build machine, for whatever ISA it is compiled with: emit OUT < PLAN
 *
 * Writes the image of a complete plan (docs/PLAN.md), the same that a board of that ISA makes.
 */

#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "compiler.h"
#include "flash.h"

#define MOST_FLASH (64u << 20)

/* All of standard input; whoever starts this program frees it by its end. */
static uint8_t *read_all(FILE *file, uint32_t *size)
{
	size_t room = 1 << 20, used = 0, count;
	uint8_t *bytes = malloc(room);
	while (bytes && (count = fread(bytes + used, 1, room - used, file)) > 0) {
		used += count;
		if (used == room) {
			uint8_t *more = room < MOST_FLASH ? realloc(bytes, room *= 2) : NULL;
			if (!more)
				free(bytes);
			bytes = more;
		}
	}
	*size = (uint32_t)used;
	return bytes;
}

static int refuse(const char *why)
{
	fprintf(stderr, "emit: %s\n", why);
	return 1;
}

static int write_image(const char *path, const struct wx_region *region)
{
	FILE *file = fopen(path, "wb");
	bool written;
	if (!file)
		return refuse("cannot open the output");
	written = fwrite(region->base, 1, region->size, file) == region->size;
	return fclose(file) || !written ? refuse("cannot write the output") : 0;
}

static int emit(struct wx_alloc *alloc, struct wx_flash *flash, const uint8_t *plan, uint32_t size, const char *path)
{
	wx_compile_options options = { 0 };
	wx_compile_figures figures;
	wx_writer writer;
	wx_compiler *compiler;
	struct wx_region *region;
	int status;
	if (!wx_writer_open(&writer, flash, 0) || !(compiler = wx_compiler_new(alloc, &writer, &options)))
		return refuse("out of memory");
	if (wx_compiler_plan(compiler, plan, size) != WX_COMPILE_OK || wx_compiler_finish(compiler, &figures) != WX_COMPILE_OK) {
		int32_t function;
		const char *why = wx_compiler_error(compiler, &function);
		fprintf(stderr, "emit: %s (function #%d)\n", why, (int)function);
		return 1;
	}
	wx_compiler_delete(compiler);
	region = wx_writer_finish(&writer);
	if (!region)
		return refuse("the image could not be finished");
	status = write_image(path, region);
	wx_region_release(region);
	return status;
}

int main(int argc, char **argv)
{
	struct wx_alloc alloc;
	struct wx_flash flash;
	uint32_t size;
	uint8_t *plan;
	int status;
	if (argc != 2) {
		fprintf(stderr, "emit OUT < PLAN\n");
		return 3;
	}
	plan = read_all(stdin, &size);
	wx_alloc_init(&alloc, 0);
	if (!plan || !wx_flash_init(&flash, &alloc, MOST_FLASH, 0))
		return refuse("out of memory");
	status = emit(&alloc, &flash, plan, size, argv[1]);
	wx_flash_release(&flash);
	free(plan);
	return status;
}
