/*
 * Images of plans for the virtual machine: images-test PLAN ... compiles each in every way, and looks at all that an
 * image is made of. native.test.ts builds and runs it: `node tools/test.mjs native`.
 *
 * Prints "ok PLAN FUNCTIONS" for each plan and "FAIL ..." for what is wrong; exit status 1 when anything was.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emit/compiler.h"
#include "encode.h"
#include "run/internal.h"

#define KNOWLEDGE 16384u

static int failures;
static const char *plan_name;

static bool check(bool ok, const char *what, uint32_t number)
{
	if (!ok && failures++ < 50)
		printf("FAIL %s: %s, %u\n", plan_name, what, number);
	return ok;
}

static uint8_t *read_file(const char *path, uint32_t *size)
{
	FILE *file = fopen(path, "rb");
	long length = file && !fseek(file, 0, SEEK_END) ? ftell(file) : -1;
	uint8_t *bytes = length >= 0 ? malloc((size_t)length + 1) : NULL;
	if (bytes) {
		rewind(file);
		*size = (uint32_t)fread(bytes, 1, (size_t)length, file);
	}
	if (file)
		fclose(file);
	return bytes;
}

/* ---- what an image is made of ---- */

/* The function being looked at. */
typedef struct {
	const struct wx_module *module;
	const uint8_t *code;
	uint32_t start; /* image offset */
	uint32_t size;
	uint32_t number;
	uint8_t *begins; /* for each word of the code: an instruction begins there */
} function;

static instruction instruction_at(const uint8_t *at)
{
	instruction i;
	memcpy(&i, at, sizeof i);
	return i;
}

static uint32_t leb(const uint8_t **at)
{
	uint32_t value = 0, shift = 0;
	uint8_t byte;
	do {
		byte = *(*at)++;
		value |= shift < 32 ? (uint32_t)(byte & 0x7F) << shift : 0;
		shift += 7;
	} while (byte & 0x80);
	return value;
}

static void find_instructions(const function *f)
{
	for (uint32_t at = 0; at < f->size;) {
		instruction i = instruction_at(f->code + at);
		if (!check(i.code >= MOVE && i.code <= VECTOR && at + sizeof i <= f->size, "instruction", f->number))
			return;
		f->begins[at / 4] = 1;
		at += (uint32_t)sizeof i + (i.code == TABLE ? 4 * i.low : 0);
	}
}

static bool is_instruction(const function *f, uint32_t at)
{
	return at < f->size && at % 4 == 0 && f->begins[at / 4];
}

/* The near entry, or the jump slot, of any function. */
static bool is_callable(const struct wx_module *module, uint32_t offset)
{
	const struct wx_image_header *h = &module->header;
	if (offset - h->jump_slots < ISA_JUMP_SIZE * h->functions)
		return (offset - h->jump_slots) % ISA_JUMP_SIZE == 0;
	for (uint32_t k = 0; k < h->functions; k++)
		if (offset == wx_module_code(module, k) + wx_module_near_entry(module, k))
			return true;
	return false;
}

static void check_targets(const function *f)
{
	for (uint32_t at = 0; at < f->size; at += 4) {
		if (!f->begins[at / 4])
			continue;
		instruction i = instruction_at(f->code + at);
		uint32_t target = at + (uint32_t)i.target, vector = f->start + target - WX_IMAGE_VECTORS;
		switch (i.code) {
		case ENTER:
			if (!(i.flags & FLAG_CHECK))
				break; /* fall through */
		case JUMP:
		case BRANCH: check(is_instruction(f, target), "target of a branch", f->number); break;
		case CALL:
		case TAIL: check(is_callable(f->module, f->start + target), "target of a call", f->number); break;
		case TRAP:
		case CHECK:
			check(vector % ISA_VECTOR_SIZE == 0 && vector / ISA_VECTOR_SIZE < WX_TRAP_COUNT, "trap vector", f->number);
			break;
		case TABLE:
			for (uint32_t k = 0; k < i.low; k++) {
				uint32_t distance;
				memcpy(&distance, f->code + at + ISA_TABLE_HEAD + 4 * k, 4);
				check(is_instruction(f, at + distance), "entry of a jump table", f->number);
			}
			break;
		default: break;
		}
	}
}

static bool may_leave(uint8_t code)
{
	return code == TRAP || code == CHECK || code == CALL || code == CALL_REGISTER || code == CALL_HELPER ||
		code == METER;
}

/* A pair of the site table stands behind an instruction that may trap or call; every such one has a pair. */
static void check_sites(const function *f)
{
	const uint8_t *at = f->code + f->size;
	uint32_t count = leb(&at), place = 0, sites = 0;
	leb(&at);
	for (uint32_t k = 0; k < count; k++) {
		uint32_t further = leb(&at);
		leb(&at);
		place += further;
		if (!further && k)
			continue;
		uint32_t before = place - (uint32_t)sizeof(instruction);
		sites++;
		check(is_instruction(f, before) && may_leave(f->code[before]), "site", f->number);
	}
	for (uint32_t k = 0; k < f->size; k += 4)
		sites -= f->begins[k / 4] && may_leave(f->code[k]);
	check(!sites, "number of sites", f->number);
}

static void check_function(const struct wx_module *module, uint32_t k)
{
	const struct wx_image_header *h = &module->header;
	struct wx_function_header header;
	function f = { .module = module, .start = wx_module_code(module, k), .number = k };
	f.code = module->image + f.start;
	memcpy(&header, f.code - sizeof header, sizeof header);
	f.size = header.code & 0xFFFFFF;
	f.begins = calloc(f.size / 4 + 1, 1);
	if (!check(f.size % 4 == 0 && f.begins, "size", k))
		return;
	find_instructions(&f);
	check_targets(&f);
	check_sites(&f);
	uint32_t near_entry = header.code >> 24, slot = h->jump_slots + ISA_JUMP_SIZE * k;
	instruction jump = instruction_at(module->image + slot);
	check(is_instruction(&f, near_entry) && f.code[near_entry] == ENTER, "near entry", k);
	check(!near_entry || f.code[0] == RELOAD_MEMORY, "far entry", k);
	check(jump.code == JUMP && slot + (uint32_t)jump.target == f.start + near_entry, "jump slot", k);
	free(f.begins);
}

static void check_vectors(const struct wx_module *module)
{
	for (uint32_t kind = 0; kind < WX_TRAP_COUNT; kind++) {
		instruction i = instruction_at(module->image + WX_IMAGE_VECTORS + ISA_VECTOR_SIZE * kind);
		check(i.code == VECTOR && i.amount == kind, "vector", kind);
	}
}

/* ---- making images ---- */

static struct wx_region *compile(
	struct wx_runtime *runtime, const uint8_t *plan, uint32_t size, const wx_compile_options *options)
{
	wx_compile_figures figures;
	wx_writer writer;
	struct wx_alloc memory;
	wx_alloc_init(&memory, 0);
	if (!wx_writer_open(&writer, wx_runtime_flash(runtime), 0))
		return NULL;
	wx_compiler *compiler = wx_compiler_new(&memory, &writer, options);
	struct wx_region *region = NULL;
	if (wx_compiler_plan(compiler, plan, size) == WX_COMPILE_OK &&
		wx_compiler_finish(compiler, &figures) == WX_COMPILE_OK) {
		region = wx_writer_finish(&writer);
	} else {
		int32_t of;
		const char *why = wx_compiler_error(compiler, &of);
		check(false, why, (uint32_t)of);
	}
	wx_compiler_delete(compiler);
	return region;
}

/* Returns the number of functions. */
static uint32_t check_image(struct wx_runtime *runtime, struct wx_region *region)
{
	struct wx_error error = { 0 };
	struct wx_module *module = region ? wx_module_new(runtime, region, &error) : NULL;
	if (!check(module != NULL, region ? error.message : "no image", 0))
		return 0;
	uint32_t functions = module->header.functions;
	check_vectors(module);
	for (uint32_t k = 0; k < functions; k++)
		check_function(module, k);
	wx_module_release(module);
	return functions;
}

static uint32_t check_plan(struct wx_runtime *runtime, const uint8_t *plan, uint32_t size)
{
	struct wx_alloc memory;
	wx_alloc_init(&memory, 0);
	wx_knowledge *knowledge = wx_knowledge_new(&memory, KNOWLEDGE);
	const wx_compile_options ways[] = { { 0 }, { .audit = true }, { .metered = true, .direct = true },
		{ .learn = knowledge }, { .known = knowledge } };
	uint32_t functions = 0;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		functions = check_image(runtime, compile(runtime, plan, size, &ways[i]));
	wx_knowledge_delete(knowledge);
	return functions;
}

int main(int argc, char **argv)
{
	struct wx_alloc memory;
	struct wx_config config;
	wx_alloc_init(&memory, 0);
	wx_config_default(&config);
	struct wx_runtime *runtime = wx_runtime_new(&memory, &config, NULL, NULL);
	for (int i = 1; i < argc && check(runtime != NULL, "run time", 0); i++) {
		int before = failures;
		uint32_t size = 0;
		plan_name = argv[i];
		uint8_t *plan = read_file(argv[i], &size);
		uint32_t functions = check(plan != NULL, "no file", 0) ? check_plan(runtime, plan, size) : 0;
		free(plan);
		printf("%s %s %u\n", failures == before ? "ok" : "FAIL", argv[i], functions);
	}
	if (runtime)
		wx_runtime_release(runtime);
	return failures != 0;
}
