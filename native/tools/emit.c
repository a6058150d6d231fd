/*
 * The emitter as a program of the build machine, for whatever ISA it is compiled with:
 *
 *     emit OUT [--audit] [--metered] [--direct] [--optimize] < PLAN
 *
 * Writes the image of a complete plan (docs/PLAN.md), the same that a board of that ISA makes. The options are those of
 * wx_compile_options;
 * --optimize compiles twice, as the boards do.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/alloc.h"
#include "../emit/compiler.h"
#include "../flash/flash.h"

#define MOST_FLASH (64u << 20)
/* Bytes of what a first compilation learns: the boards' default. */
#define KNOWLEDGE 16384u

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

/* NULL, after a line that says why, when the plan is refused. */
static struct wx_region *emit(struct wx_alloc *alloc, struct wx_flash *flash, const uint8_t *plan, uint32_t size,
	const wx_compile_options *options)
{
	wx_compile_figures figures;
	wx_writer writer;
	wx_compiler *compiler;
	struct wx_region *region;
	if (!wx_writer_open(&writer, flash, 0) || !(compiler = wx_compiler_new(alloc, &writer, options))) {
		refuse("out of memory");
		return NULL;
	}
	if (wx_compiler_plan(compiler, plan, size) != WX_COMPILE_OK ||
		wx_compiler_finish(compiler, &figures) != WX_COMPILE_OK) {
		int32_t function;
		const char *why = wx_compiler_error(compiler, &function);
		fprintf(stderr, "emit: %s (function #%d)\n", why, (int)function);
		return NULL;
	}
	wx_compiler_delete(compiler);
	region = wx_writer_finish(&writer);
	if (!region)
		refuse("the image could not be finished");
	return region;
}

/* Both compilations of --optimize. */
static struct wx_region *emit_twice(
	struct wx_alloc *alloc, struct wx_flash *flash, const uint8_t *plan, uint32_t size, wx_compile_options options)
{
	wx_knowledge *knowledge = wx_knowledge_new(alloc, KNOWLEDGE);
	struct wx_region *region;
	if (!knowledge) {
		refuse("out of memory");
		return NULL;
	}
	options.learn = knowledge;
	region = emit(alloc, flash, plan, size, &options);
	if (!region)
		return NULL;
	wx_region_release(region);
	options.learn = NULL;
	options.known = knowledge;
	region = emit(alloc, flash, plan, size, &options);
	wx_knowledge_delete(knowledge);
	return region;
}

static bool take_option(const char *option, wx_compile_options *options, bool *optimize)
{
	static const char *const names[] = { "--audit", "--metered", "--direct", "--optimize" };
	bool *const places[] = { &options->audit, &options->metered, &options->direct, optimize };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(option, names[i]))
			return *places[i] = true;
	return false;
}

int main(int argc, char **argv)
{
	wx_compile_options options = { 0 };
	bool optimize = false;
	struct wx_alloc alloc;
	struct wx_flash flash;
	struct wx_region *region;
	uint32_t size;
	uint8_t *plan;
	int status;
	bool understood = argc >= 2;
	for (int i = 2; i < argc; i++)
		understood = understood && take_option(argv[i], &options, &optimize);
	if (!understood) {
		fprintf(stderr, "emit OUT [--audit] [--metered] [--direct] [--optimize] < PLAN\n");
		return 3;
	}
	plan = read_all(stdin, &size);
	wx_alloc_init(&alloc, 0);
	if (!plan || !wx_flash_init(&flash, &alloc, MOST_FLASH, 0))
		return refuse("out of memory");
	region = (optimize ? emit_twice(&alloc, &flash, plan, size, options) : emit(&alloc, &flash, plan, size, &options));
	status = region ? write_image(argv[1], region) : 1;
	if (region)
		wx_region_release(region);
	wx_flash_release(&flash);
	free(plan);
	return status;
}
