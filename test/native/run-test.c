// Tests of native/run and native/flash with the code generator of the machine they are built for; plans are made by
// hand. test/native/native.test.ts builds and runs it, for x64 under sanitizers: `node tools/test.mjs native`. An
// argument chooses the tests whose names begin with it.

#define _GNU_SOURCE
#include "run/internal.h"
#include "emit/compiler.h"

#include <fenv.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>

static int failures, checks;
static const char *test_name;

#define CHECK(condition) check((condition), #condition, __LINE__)
#define EQUAL(a, b) equal((uint64_t)(a), (uint64_t)(b), #a, __LINE__)

static bool check(bool ok, const char *text, int line)
{
	checks++;
	if (!ok) {
		failures++;
		printf("FAIL %s, line %d: %s\n", test_name, line, text);
	}
	return ok;
}

static bool equal(uint64_t a, uint64_t b, const char *text, int line)
{
	checks++;
	if (a != b) {
		failures++;
		printf("FAIL %s, line %d: %s is %llu (0x%llx), expected %llu (0x%llx)\n", test_name, line, text,
			(unsigned long long)a, (unsigned long long)a, (unsigned long long)b, (unsigned long long)b);
	}
	return a == b;
}

static uint64_t random64(void)
{
	static uint64_t state = 88172645463325252u;
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* ---- metered code: its owner grants little at a time, so that it is called at most places ---- */

static bool metered;
static uint32_t most_granted = 8, refills_left = UINT32_MAX;
static uint64_t metered_cost;
static struct wx_meter test_meter;
static jmp_buf *abandon; /* leave the call to there */

static void refill(void *data)
{
	struct wx_runtime **of = data;
	volatile double burnt[8];
	unsigned i;
	/* Registers are those of C here. */
	for (i = 0; i < 8; i++)
		burnt[i] = 1.0 / (i + 3);
	(void)burnt;
	metered_cost += (uint32_t)(test_meter.granted - test_meter.left);
	test_meter.left = test_meter.granted = (int32_t)(random64() % (most_granted + 1));
	if (refills_left != UINT32_MAX && !refills_left--)
		wx_interrupt(*of);
	if (abandon)
		longjmp(*abandon, 1);
}

/* ---- plans ---- */

static uint8_t plan[1 << 18];
static uint32_t plan_size;
static uint32_t body_offset;

static void record(uint8_t op, uint8_t length, uint32_t a, uint32_t b)
{
	struct wx_record r = { op, length, (uint16_t)a, b };
	memcpy(plan + plan_size, &r, 8);
	plan_size += 8;
}

static void bytes(const void *data, uint32_t size)
{
	memset(plan + plan_size, 0, (size + 7) & ~7u);
	memcpy(plan + plan_size, data, size);
	plan_size += (size + 7) & ~7u;
}

static uint8_t letter(char c)
{
	switch (c) {
	case 'i': return WX_I32_TYPE;
	case 'I': return WX_I64_TYPE;
	case 'f': return WX_F32_TYPE;
	case 'F': return WX_F64_TYPE;
	case 'r': return WX_FUNCREF_TYPE;
	default: return WX_EXTERNREF_TYPE;
	}
}

static void begin(void)
{
	plan_size = 0;
	body_offset = 100;
	record(WX_PLAN_MODULE, 0, 1, 0);
}

/* "iI>f" */
static void type(const char *text)
{
	uint8_t types[64];
	uint32_t n = 0, parameters = 0;
	for (; *text; text++) {
		if (*text == '>')
			parameters = n;
		else
			types[n++] = letter(*text);
	}
	record(WX_PLAN_TYPE, 0, parameters, n - parameters);
	bytes(types, n);
}

static void import_head(uint32_t kind, const char *module, const char *name)
{
	record(WX_PLAN_IMPORT, 0, kind, (uint32_t)(strlen(module) | strlen(name) << 16));
}

static void import_names(const char *module, const char *name)
{
	char both[200];
	snprintf(both, sizeof(both), "%s%s", module, name);
	bytes(both, (uint32_t)strlen(both));
}

static void import_function(const char *name, uint32_t t)
{
	import_head(0, "m", name);
	record(WX_PLAN_FUNCTION_TYPE, 0, 0, t);
	import_names("m", name);
}

static void table_record(char t, uint32_t minimum, bool has, uint32_t maximum)
{
	record(WX_PLAN_TABLE, 0, letter(t), minimum);
	record(WX_PLAN_EXT, 0, has, maximum);
}

static void memory_record(uint32_t minimum, bool has, uint32_t maximum, uint32_t log2)
{
	record(WX_PLAN_MEMORY, 0, has | log2 << 8, minimum);
	record(WX_PLAN_EXT, 0, 0, maximum);
	record(WX_PLAN_EXT, 0, 0, minimum << log2);
}

static void global_record(char t, bool mutable_, uint8_t op, uint32_t value)
{
	record(WX_PLAN_GLOBAL_TYPE, 0, letter(t) | (uint32_t)mutable_ << 8, op == WX_OP_I64_CONST ? 2 : 1);
	record(op, 2, op == WX_OP_REF_NULL ? letter(t) : 0, value);
	if (op == WX_OP_I64_CONST)
		record(WX_PLAN_EXT, 0, 0, 0);
}

static void function(uint32_t t)
{
	record(WX_PLAN_FUNCTION_TYPE, 0, 1, t);
}

static void export(uint32_t kind, const char *name, uint32_t index)
{
	record(WX_PLAN_EXPORT, 0, kind, index);
	record(WX_PLAN_EXT, 0, 0, (uint32_t)strlen(name));
	bytes(name, (uint32_t)strlen(name));
}

/* Active when offset >= 0, else passive; items are function indices. */
static void element(int64_t offset, uint32_t table, uint32_t count, const uint32_t *functions)
{
	record(WX_PLAN_ELEMENT, 0, (offset < 0) | (uint32_t)WX_FUNCREF_TYPE << 8, count);
	record(WX_PLAN_EXT, 0, offset >= 0, table);
	if (offset >= 0)
		record(WX_OP_I32_CONST, 2, 0, (uint32_t)offset);
	while (count--)
		record(WX_OP_REF_FUNC, 2, 0, *functions++);
}

static void data(int64_t offset, const char *text)
{
	uint32_t size = (uint32_t)strlen(text), half = size / 2;
	record(WX_PLAN_DATA, 0, offset < 0, size);
	record(WX_PLAN_EXT, 0, offset >= 0, 0);
	if (offset >= 0)
		record(WX_OP_I32_CONST, 2, 0, (uint32_t)offset);
	if (half) {
		record(WX_PLAN_BYTES, 0, 0, half);
		bytes(text, half);
	}
	if (size - half) {
		record(WX_PLAN_BYTES, 0, 0, size - half);
		bytes(text + half, size - half);
	}
}

struct op {
	uint8_t op;
	uint16_t a;
	uint32_t b;
};

static void body(uint32_t t, uint32_t index, uint8_t flags, const struct op *ops, uint32_t count)
{
	uint32_t i;
	bool locals = true;
	record(WX_PLAN_FUNCTION, flags, t, index);
	record(WX_PLAN_INFO, 0, 24, body_offset);
	for (i = 0; i < count; i++) {
		bool header = ops[i].op == WX_PLAN_LOCALS || (locals && ops[i].op == WX_PLAN_LOCAL_USE) ||
			ops[i].op == WX_PLAN_ZERO || ops[i].op == WX_PLAN_EXT;
		locals = locals && header;
		record(ops[i].op, !header, ops[i].a, ops[i].b);
		body_offset += !header;
	}
	body_offset += 10;
}

#define CALLS 1
#define LEAVES 3
#define HAS_I64 4
#define BODY(t, index, flags, ...) \
	do { \
		static const struct op ops_[] = { __VA_ARGS__ }; \
		body(t, index, flags, ops_, sizeof(ops_) / sizeof(*ops_)); \
	} while (0)
#define CODE(n) record(WX_PLAN_CODE, 0, 0, n)
#define GET(n) \
	{ \
		WX_OP_LOCAL_GET, 0, n \
	}
#define SET(n) \
	{ \
		WX_OP_LOCAL_SET, 0, n \
	}
#define I32(n) \
	{ \
		WX_OP_I32_CONST, 0, (uint32_t)(n) \
	}
#define CALL(t, f) \
	{ \
		WX_OP_CALL, t, f \
	}
#define OP(name) \
	{ \
		WX_OP_##name, 0, 0 \
	}
#define OP2(name, a, b) \
	{ \
		WX_OP_##name, a, b \
	}
#define END OP(END)

static void custom(const char *name, const void *content, uint32_t size)
{
	record(WX_PLAN_CUSTOM, 0, (uint32_t)strlen(name), size);
	bytes(name, (uint32_t)strlen(name));
	record(WX_PLAN_BYTES, 0, 0, size);
	bytes(content, size);
}

static void finish(void)
{
	record(WX_PLAN_END_MODULE, 0, 0, body_offset);
}

/* ---- a world ---- */

static struct wx_alloc memory;
static struct wx_runtime *runtime;
static struct wx_trace trace;
static struct wx_error error;

static void open_world(bool (*collector)(void *data))
{
	struct wx_config config;
	wx_config_default(&config);
	config.stack = 64 * 1024;
	config.promise_stack = 16 * 1024;
	config.nesting = 20;
	wx_alloc_init(&memory, 0);
	memory.collector.collect = collector;
	runtime = wx_runtime_new(&memory, &config, NULL, NULL);
	CHECK(runtime != NULL);
	if (metered) {
		test_meter = (struct wx_meter){ .refill = refill, .data = &runtime };
		wx_runtime_set_meter(runtime, &test_meter);
	}
}

/* Everything must have been given back by then but what the runtime itself holds. */
static void close_world(void)
{
	EQUAL(runtime->depth, 0);
	CHECK(runtime->current == NULL);
	wx_runtime_release(runtime);
	EQUAL(memory.current, 0);
	runtime = NULL;
}

static struct wx_module *compile(void)
{
	wx_compile_options options = { .metered = metered };
	wx_compile_figures figures;
	struct wx_region *region;
	struct wx_module *module;
	wx_compiler *compiler;
	wx_writer writer;
	int32_t function;
	if (!CHECK(wx_writer_open(&writer, wx_runtime_flash(runtime), 0)))
		exit(1);
	compiler = wx_compiler_new(&memory, &writer, &options);
	wx_compiler_plan(compiler, plan, plan_size);
	if (wx_compiler_finish(compiler, &figures) != WX_COMPILE_OK) {
		printf("FAIL %s: compiler: %s", test_name, wx_compiler_error(compiler, &function));
		printf(", function %d\n", (int)function);
		exit(1);
	}
	wx_compiler_delete(compiler);
	region = wx_writer_finish(&writer);
	if (!CHECK(region != NULL))
		exit(1);
	module = wx_module_new(runtime, region, &error);
	if (!module) {
		printf("FAIL %s: module: %s\n", test_name, error.message);
		exit(1);
	}
	return module;
}

/* The instance alone holds the module. */
static struct wx_instance *instantiate_with(const struct wx_import_value *imports, uint32_t count)
{
	struct wx_module *module;
	struct wx_instance *instance;
	finish();
	module = compile();
	instance = wx_instance_new(module, imports, count, &error);
	wx_module_release(module);
	if (!instance)
		printf("(%s)\n", error.message);
	return instance;
}

static struct wx_instance *instantiate(const struct wx_import_value *imports, uint32_t count)
{
	struct wx_instance *instance = instantiate_with(imports, count);
	if (!CHECK(instance != NULL))
		exit(1);
	EQUAL(wx_instance_start(instance, &trace), 0);
	return instance;
}

static struct wx_funcref *exported(struct wx_instance *instance, const char *name)
{
	struct wx_external external;
	struct wx_funcref *f;
	if (!CHECK(wx_module_find_export(wx_instance_module(instance), name, (uint32_t)strlen(name), &external))) {
		printf("no export %s\n", name);
		exit(1);
	}
	f = wx_instance_function(instance, external.index);
	CHECK(f != NULL);
	return f;
}

static int call(struct wx_instance *instance, const char *name, uint64_t *values)
{
	return wx_call(runtime, exported(instance, name), values, &trace);
}

/* One i32 in, one out; traps come out as -kind. */
static int64_t call1(struct wx_instance *instance, const char *name, uint32_t argument)
{
	uint64_t values[4] = { argument };
	int trap = call(instance, name, values);
	return trap ? -trap : (int64_t)(uint32_t)values[0];
}

static uint64_t of32(float f)
{
	uint32_t u;
	memcpy(&u, &f, 4);
	return u;
}

static uint64_t of64(double f)
{
	uint64_t u;
	memcpy(&u, &f, 8);
	return u;
}

static struct wx_import_value host_import(wx_host_callback callback, void *host)
{
	struct wx_import_value v;
	memset(&v, 0, sizeof(v));
	v.kind = WX_EXTERN_FUNCTION;
	v.callback = callback;
	v.host = host;
	return v;
}

static struct wx_import_value function_import(struct wx_funcref *f)
{
	struct wx_import_value v;
	memset(&v, 0, sizeof(v));
	v.kind = WX_EXTERN_FUNCTION;
	v.function = f;
	return v;
}

/* ---- flash ---- */

struct recorder {
	char events[4096];
	unsigned used;
	bool clean_pending, barrier_pending;
};

static bool rec_protect(void *d, uint8_t *start, size_t size, int mode)
{
	struct recorder *r = d;
	if (r->used < sizeof(r->events) - 1)
		r->events[r->used++] = "rwx-"[mode];
	if (mode == WX_FLASH_EXECUTE)
		r->clean_pending = r->barrier_pending = true;
	return wx_flash_machine_hooks.protect(NULL, start, size, mode);
}

static void rec_clean(void *d, uint8_t *start, size_t size)
{
	struct recorder *r = d;
	r->events[r->used++] = 'C';
	r->clean_pending = false;
	r->barrier_pending = true;
	wx_flash_machine_hooks.clean(NULL, start, size);
}

static void rec_barrier(void *d)
{
	struct recorder *r = d;
	r->events[r->used++] = 'B';
	r->barrier_pending = false;
	wx_flash_machine_hooks.barrier(NULL);
}

static void rec_enter(void *d, const uint8_t *start)
{
	struct recorder *r = d;
	(void)start;
	r->events[r->used++] = 'E';
	CHECK(!r->clean_pending && !r->barrier_pending);
}

static const struct wx_flash_hooks recording = { rec_protect, NULL, NULL, rec_clean, rec_barrier, rec_enter };

/* No page of ours may be writable and executable. */
static void check_no_wx(void)
{
	char line[512];
	FILE *maps = fopen("/proc/self/maps", "r");
	if (!maps)
		return;
	while (fgets(line, sizeof(line), maps)) {
		char *space = strchr(line, ' ');
		if (space && space[2] == 'w' && space[3] == 'x') {
			unsigned long low = strtoul(line, NULL, 16);
			CHECK(!wx_flash_holds(wx_runtime_flash(runtime), low));
		}
	}
	fclose(maps);
}

static void test_flash(uint32_t page)
{
	struct wx_flash flash;
	wx_writer w, second;
	uint8_t data[10000], back[10000];
	struct wx_region *region;
	uint32_t i, hole, early;
	wx_alloc_init(&memory, 0);
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	CHECK(wx_flash_init(&flash, &memory, 1 << 20, page));
	CHECK(wx_writer_open(&w, &flash, 100000));
	CHECK(wx_writer_open(&second, &flash, 100000));
	CHECK(w.region->base != second.region->base);
	early = wx_writer_hole(&w, 16);
	EQUAL(early, 0);
	CHECK(wx_writer_append(&w, data, 101));
	CHECK(wx_writer_align(&w, 4));
	hole = wx_writer_hole(&w, 8);
	EQUAL(hole, 120);
	CHECK(wx_writer_append(&w, data, 10000));
	CHECK(wx_writer_read(&w, 16, back, 101) && memcmp(back, data, 101) == 0);
	CHECK(wx_writer_read(&w, 128, back, 10000) && memcmp(back, data, 10000) == 0);
	CHECK(!wx_writer_read(&w, 128, back, 10001));
	/* holes: once, whole words */
	CHECK(!wx_writer_write(&w, hole + 1, "abc", 3));
	CHECK(wx_writer_write(&w, hole, "abcd", 4));
	CHECK(!wx_writer_write(&w, hole, "abcd", 4));
	CHECK(!wx_writer_write(&w, hole, "abcdefgh", 8));
	CHECK(wx_writer_write(&w, hole + 4, "efgh", 4));
	CHECK(!wx_writer_write(&w, 16, "zzzz", 4));
	EQUAL(flash.refused, 4);
	CHECK(wx_writer_read(&w, hole, back, 8) && memcmp(back, "abcdefgh", 8) == 0);
	/* the buffer may be rewritten, also over its boundary where the flash part is erased */
	CHECK(wx_writer_write(&w, w.position - 4, "wxyz", 4));
	CHECK(wx_writer_write(&w, w.position - 4, "wxyz", 4));
	CHECK(memory.peak < 2 * WX_FLASH_ROW + 4 * 64);
	CHECK(wx_writer_write(&w, early, "0123456789abcdef", 16));
	i = w.position;
	region = wx_writer_finish(&w);
	CHECK(region && region->published);
	EQUAL(region->size, i);
	EQUAL(region->pages, ((i + page - 1) / page + flash.unit - 1) / flash.unit * flash.unit);
	CHECK(memcmp(region->base, "0123456789abcdef", 16) == 0 && memcmp(region->base + i - 4, "wxyz", 4) == 0 &&
		memcmp(region->base + 120, "abcdefgh", 8) == 0);
	EQUAL(flash.pages_erased, (i + page - 1) / page);
	CHECK(flash.bytes_written >= 10000 && flash.bytes_written <= i + 3);
	CHECK(!wx_writer_append(&second, data, 0x7FFFFFFF));
	CHECK(second.failed && !wx_writer_finish(&second));
	wx_region_release(region);
	EQUAL(flash.held, 0);
	/* room: too much, then exactly all */
	CHECK(!wx_writer_open(&w, &flash, 2 << 20));
	CHECK(wx_writer_open(&w, &flash, 1 << 20));
	CHECK(!wx_writer_open(&second, &flash, 1));
	wx_writer_abandon(&w);
	wx_flash_release(&flash);
	EQUAL(memory.current, 0);
}

static void test_flash_large_pages(void)
{
	test_flash(4096);
}
static void test_flash_small_pages(void)
{
	test_flash(64);
}

/* ---- flash that garbage has ---- */

static struct wx_region *dead[16];
static unsigned dead_count, asked;

static bool release_dead(void *unused)
{
	(void)unused;
	asked++;
	while (dead_count)
		wx_region_release(dead[--dead_count]);
	return true;
}

/* Bytes that depend on where in the image they are, and on the image. */
static uint8_t image_byte(uint32_t seed, uint32_t at)
{
	return (uint8_t)(seed * 31 + at * 7 + at / 251);
}

static bool write_image(wx_writer *w, uint32_t seed, uint32_t size)
{
	uint8_t part[100];
	while (w->position < size) {
		uint32_t i, n = size - w->position < sizeof(part) ? size - w->position : (uint32_t)sizeof(part);
		for (i = 0; i < n; i++)
			part[i] = image_byte(seed, w->position + i);
		if (!wx_writer_append(w, part, n))
			return false;
	}
	return true;
}

static bool same_image(const struct wx_region *region, uint32_t seed)
{
	uint32_t i;
	for (i = 0; region && i < region->size; i++)
		if (region->base[i] != image_byte(seed, i))
			return false;
	return region != NULL;
}

static struct wx_region *new_image(struct wx_flash *flash, uint32_t seed, uint32_t size)
{
	wx_writer w;
	struct wx_region *region;
	if (!wx_writer_open(&w, flash, 0))
		return NULL;
	region = write_image(&w, seed, size) ? wx_writer_finish(&w) : NULL;
	if (!region)
		wx_writer_abandon(&w);
	return region;
}

static void test_flash_garbage(uint32_t page)
{
	struct wx_flash flash;
	wx_writer w, other;
	struct wx_region *images[16], *region;
	uint32_t unit, i, round, hole;
	wx_alloc_init(&memory, 0);
	memory.collector.collect = release_dead;
	CHECK(wx_flash_init(&flash, &memory, 16 * 4096, page));
	unit = page * flash.unit;
	flash.image = unit;
	asked = 0;
	/* an image takes the pages after its first ones, without a collection as long as they are there; and gives back */
	region = new_image(&flash, 1, 5 * unit + 10);
	CHECK(same_image(region, 1));
	EQUAL(region->pages, 6 * flash.unit);
	EQUAL(flash.held, 6 * flash.unit);
	EQUAL(asked, 0);
	wx_region_release(region);
	EQUAL(flash.held, 0);
	/* with another image in its way it moves, in the middle of a page too; holes can be written all the same */
	for (i = 0; i < 3; i++) {
		CHECK(wx_writer_open(&w, &flash, 0));
		CHECK(wx_writer_open(&other, &flash, 0));
		hole = wx_writer_hole(&w, 8);
		CHECK(write_image(&w, 2, unit - i * 300 - 4) && w.region->base == flash.base);
		CHECK(write_image(&w, 2, 4 * unit + 50) && w.region->base != flash.base);
		CHECK(write_image(&other, 3, 100));
		CHECK(wx_writer_write(&w, hole, "abcdefgh", 8) && !wx_writer_write(&w, hole, "abcdefgh", 8));
		images[0] = wx_writer_finish(&w);
		images[1] = wx_writer_finish(&other);
		CHECK(images[0] && memcmp(images[0]->base, "abcdefgh", 8) == 0);
		for (hole = 8; images[0] && hole < images[0]->size; hole++)
			CHECK(images[0]->base[hole] == image_byte(2, hole));
		CHECK(same_image(images[1], 3));
		EQUAL(images[0]->pages, 5 * flash.unit);
		wx_region_release(images[0]);
		wx_region_release(images[1]);
		EQUAL(flash.held, 0);
	}
	flash.refused = 0;
	/* room for one and a half, for ever */
	images[0] = new_image(&flash, 4, 6 * unit);
	for (round = 0; round < 200; round++) {
		dead[dead_count++] = region = new_image(&flash, round, 6 * unit - round);
		if (!CHECK(same_image(region, round)))
			break;
	}
	CHECK(same_image(images[0], 4));
	CHECK(asked > 100 && asked <= 400);
	release_dead(NULL);
	wx_region_release(images[0]);
	EQUAL(flash.held, 0);
	/* neighbours that are given back are one gap; where nothing more can come, it is refused after one collection */
	for (round = 0; round < 16; round++) {
		for (i = 0; i < 16; i++)
			CHECK((images[i] = new_image(&flash, i, unit)) != NULL);
		asked = 0;
		CHECK(!new_image(&flash, 20, unit));
		EQUAL(asked, 1);
		for (i = 0; i < 16; i++)
			if (i >= round && i < round + 3)
				dead[dead_count++] = images[i];
		region = new_image(&flash, 21, (round < 14 ? 3 : 16 - round) * unit);
		CHECK(same_image(region, 21));
		for (i = 0; i < 16; i++)
			if (i < round || i >= round + 3) {
				CHECK(same_image(images[i], i));
				wx_region_release(images[i]);
			}
		if (region)
			wx_region_release(region);
		EQUAL(flash.held, 0);
	}
	/* what is given a limit keeps to it */
	CHECK(wx_writer_open(&w, &flash, unit));
	CHECK(write_image(&w, 1, unit) && !wx_writer_append(&w, "x", 1) && w.failed);
	wx_writer_abandon(&w);
	EQUAL(flash.refused, 0);
	wx_flash_release(&flash);
	EQUAL(memory.current, 0);
}

static void test_flash_garbage_large_pages(void)
{
	test_flash_garbage(4096);
}
static void test_flash_garbage_small_pages(void)
{
	test_flash_garbage(64);
}

static void test_publication(void)
{
	struct recorder r;
	struct wx_instance *instance;
	char *x, *c, *b, *e;
	memset(&r, 0, sizeof(r));
	open_world(NULL);
	wx_flash_set_hooks(wx_runtime_flash(runtime), &recording, &r);
	begin();
	type("i>i");
	function(0);
	export(0, "f", 0);
	CODE(1);
	BODY(0, 0, 0, GET(0), I32(3), OP(I32_ADD), END);
	instance = instantiate(NULL, 0);
	check_no_wx();
	CHECK(strchr(r.events, 'E') == NULL);
	EQUAL(call1(instance, "f", 4), 7);
	EQUAL(call1(instance, "f", 4), 7);
	x = strchr(r.events, 'x');
	c = strchr(r.events, 'C');
	b = strchr(r.events, 'B');
	e = strchr(r.events, 'E');
	CHECK(x && c && b && e && x < c && c < b && b < e && strchr(e + 1, 'E') == NULL && strchr(e, 'w') == NULL);
	wx_instance_release(instance);
	EQUAL(wx_runtime_flash(runtime)->held, 0);
	close_world();
}

/* ---- calls ---- */

/* 20 parameters of all types, through wasm into the host and back, rotated: registers and area on both sides. */
static const char wide[] = "iIfFiIfFiIfFiIfFiIfFeffffff";
static uint64_t wide_values[27];

static int rotate(struct wx_host_call *c)
{
	uint64_t copy[27];
	uint32_t n = c->type->parameters, i;
	EQUAL(n, 27);
	for (i = 0; i < n; i++)
		EQUAL(c->values[i], wide_values[i]);
	memcpy(copy, c->values, sizeof(copy));
	for (i = 0; i < n; i++)
		c->values[i] = copy[i];
	(*(int *)c->function->host)++;
	return 0;
}

static void test_values(void)
{
	char signature[80];
	struct wx_instance *instance;
	struct wx_import_value import;
	uint64_t values[27];
	struct op ops[40];
	int called = 0;
	uint32_t i;
	open_world(NULL);
	CHECK(wx_externref_reserve(runtime, 1));
	for (i = 0; i < 27; i++) {
		uint64_t seed = 0x0123456789ABCDEFu * (i + 3);
		switch (wide[i]) {
		case 'i': wide_values[i] = (uint32_t)seed | 0x80000000u; break;
		case 'f': wide_values[i] = of32((float)i + 0.5f); break;
		case 'F': wide_values[i] = of64(-(double)i - 0.25); break;
		case 'e': wide_values[i] = wx_externref_new(runtime); break;
		default: wide_values[i] = seed;
		}
	}
	begin();
	snprintf(signature, sizeof(signature), "%s>%s", wide, wide);
	type(signature);
	import_function("rotate", 0);
	function(0);
	export(0, "through", 1);
	export(0, "host", 0);
	CODE(1);
	for (i = 0; i < 27; i++)
		ops[i] = (struct op)GET(i);
	ops[27] = (struct op)CALL(0, 0);
	ops[28] = (struct op)END;
	body(0, 1, LEAVES | HAS_I64, ops, 29);
	import = host_import(rotate, &called);
	instance = instantiate(&import, 1);
	memcpy(values, wide_values, sizeof(values));
	EQUAL(call(instance, "through", values), 0);
	for (i = 0; i < 27; i++)
		EQUAL(values[i], wide_values[i]);
	/* a host function as an exported one, called from outside */
	memset(values, 0, sizeof(values));
	memcpy(values, wide_values, sizeof(values));
	EQUAL(call(instance, "host", values), 0);
	for (i = 0; i < 27; i++)
		EQUAL(values[i], wide_values[i]);
	CHECK(wx_funcref_is_host(exported(instance, "host")) && exported(instance, "host") == exported(instance, "host"));
	EQUAL(called, 2);
	close_world();
}

static int seven(struct wx_host_call *c)
{
	EQUAL(fegetround(), FE_UPWARD);
	(*(int *)c->function->host)++;
	/* ruin what the C compiler's conventions allow */
	volatile double x = 1;
	for (int i = 0; i < 20; i++)
		x = x * 1.5 + i;
	c->values[0] = 7 + (x < 0);
	return 0;
}

/* Callee-saved registers over host calls, modes of the floating-point unit inside and outside. */
static void test_registers(void)
{
	struct wx_instance *instance;
	struct wx_import_value import;
	uint64_t values[8];
	int called = 0;
	open_world(NULL);
	begin();
	type(">i");
	type("iIfFi>iIfFi");
	type("ff>f");
	import_function("seven", 0);
	function(1);
	function(2);
	export(0, "keep", 1);
	export(0, "add", 2);
	CODE(2);
	/* locals stay where they are while the host is called */
	BODY(1, 1, LEAVES | HAS_I64, { WX_PLAN_LOCAL_USE, 60, 0 }, { WX_PLAN_LOCAL_USE, 50, 1 },
		{ WX_PLAN_LOCAL_USE, 40, 2 }, { WX_PLAN_LOCAL_USE, 30, 3 }, { WX_PLAN_LOCAL_USE, 20, 4 }, CALL(0, 0), GET(0),
		OP(I32_ADD), SET(0), CALL(0, 0), OP(DROP), GET(0), GET(1), GET(2), GET(3), GET(4), CALL(0, 0), OP(I32_ADD),
		END);
	BODY(2, 2, 0, GET(0), GET(1), OP(F32_ADD), END);
	import = host_import(seven, &called);
	instance = instantiate(&import, 1);
	fesetround(FE_UPWARD);
	values[0] = 35;
	values[1] = 0xFEDCBA9876543210u;
	values[2] = of32(1.25f);
	values[3] = of64(2.5e100);
	values[4] = 0xFFFFFFFF;
	EQUAL(call(instance, "keep", values), 0);
	EQUAL(values[0], 42);
	EQUAL(values[1], 0xFEDCBA9876543210u);
	EQUAL(values[2], of32(1.25f));
	EQUAL(values[3], of64(2.5e100));
	EQUAL(values[4], 6);
	values[0] = of32(1.0f);
	values[1] = 0x30000000;
	EQUAL(call(instance, "add", values), 0);
	EQUAL(values[0], 0x3F800000);
	EQUAL(fegetround(), FE_UPWARD);
	fesetround(FE_TONEAREST);
	values[0] = 0x7FA00001;
	values[1] = of32(1);
	EQUAL(call(instance, "add", values), 0);
	EQUAL(values[0] & 0x7FFFFFFF, 0x7FC00000);
	EQUAL(called, 3);
	close_world();
}

/*
 * A function that calls nothing and has locals in all registers there are: over a helper and sequences that need
 * further scratch, back to its caller, and in a trap.
 */
static void test_all_registers(void)
{
	struct wx_instance *instance;
	open_world(NULL);
	begin();
	type("i>i");
	function(0);
	function(0);
	memory_record(1, false, 0, 16);
	export(0, "run", 1);
	CODE(2);
	BODY(0, 0, 0, { WX_PLAN_LOCALS, 0x7F, 7 }, { WX_PLAN_LOCAL_USE, 60, 0 }, { WX_PLAN_LOCAL_USE, 59, 1 },
		{ WX_PLAN_LOCAL_USE, 58, 2 }, { WX_PLAN_LOCAL_USE, 57, 3 }, { WX_PLAN_LOCAL_USE, 56, 4 },
		{ WX_PLAN_LOCAL_USE, 55, 5 }, { WX_PLAN_LOCAL_USE, 54, 6 }, { WX_PLAN_LOCAL_USE, 53, 7 }, GET(0), I32(1),
		OP(I32_ADD), SET(1), GET(0), I32(2), OP(I32_ADD), SET(2), GET(0), I32(3), OP(I32_ADD), SET(3), GET(0), I32(4),
		OP(I32_ADD), SET(4), GET(0), I32(5), OP(I32_ADD), SET(5), GET(0), I32(6), OP(I32_ADD), SET(6), GET(0), I32(7),
		OP(I32_ADD), SET(7), I32(0), I32(0), I32(0), OP(MEMORY_FILL), GET(0), I32(1000), OP(I32_REM_U), SET(0), GET(0),
		GET(1), OP(I32_ADD), GET(2), OP(I32_ADD), GET(3), OP(I32_ADD), GET(4), OP(I32_ADD), GET(5), OP(I32_ADD), GET(6),
		OP(I32_ADD), GET(7), OP(I32_ADD), GET(7), OP2(I32_LOAD, 0, 0), OP(I32_ADD), END);
	BODY(0, 1, CALLS, GET(0), CALL(0, 0), I32(1000000), OP(I32_ADD), END);
	instance = instantiate(NULL, 0);
	EQUAL(call1(instance, "run", 0), 1000028);
	EQUAL(call1(instance, "run", 5000), 1000028 + 7 * 5000);
	EQUAL(call1(instance, "run", 65530), -WX_TRAP_MEMORY);
	EQUAL(trace.count, 2);
	EQUAL(trace.places[0].function, 0);
	EQUAL(trace.places[1].function, 1);
	close_world();
}

/*
 * Constants that have locals of their own: in loops, over helpers and calls, in loops that need the registers for
 * others, as any operand.
 */
#define C0 0x01000193u
#define C1 0x9E3779B9u

static uint32_t mixed(uint32_t n, bool called)
{
	uint32_t x = 0, i;
	while (n) {
		x = (x ^ C0) * C1 + C0 - C1;
		x = (x | C0) & ~((x & C0) >> 3);
		x += C1;
		if (x < C0)
			x += C0 / 7 + x % C0;
		if (called)
			x += 3;
		for (i = n; i; i--)
			x = (x + (i ^ C1)) * (i & 1 ? C1 : C0);
		n--;
	}
	return x;
}

static void test_constants(void)
{
	struct wx_instance *instance;
	uint32_t n;
	open_world(NULL);
	begin();
	type("i>i");
	function(0);
	function(0);
	function(0);
	memory_record(1, false, 0, 16);
	export(0, "fills", 0);
	export(0, "calls", 1);
	CODE(3);
#define CONSTANT(v) \
	{ \
		WX_PLAN_LOCALS, 0x100 | 0x7F, (v) \
	}
#define USE(w, l) \
	{ \
		WX_PLAN_LOCAL_USE, w, l \
	}
#define MIX \
	GET(1), I32(C0), OP(I32_XOR), I32(C1), OP(I32_MUL), I32(C0), OP(I32_ADD), I32(C1), OP(I32_SUB), SET(1), GET(1), \
		I32(C0), OP(I32_OR), I32(-1), GET(1), I32(C0), OP(I32_AND), I32(3), OP(I32_SHR_U), OP(I32_XOR), OP(I32_AND), \
		SET(1), I32(16), I32(C1), OP2(I32_STORE, 0, 0), I32(16), OP2(I32_LOAD, 0, 0), GET(1), OP(I32_ADD), SET(1), \
		OP2(BLOCK, 0x40, 1), I32(C0), OP2(BR_TABLE, 0, 4), { WX_PLAN_EXT, 0, 0 }, { WX_PLAN_EXT, 0, 0 }, \
		{ WX_PLAN_EXT, 0, 0 }, { WX_PLAN_EXT, 0, 0 }, { WX_PLAN_EXT, 0, 0 }, END, GET(1), I32(C0), OP(I32_LT_U), \
		OP2(IF, 0x40, 0), GET(1), I32(C0), I32(7), OP(I32_DIV_U), OP(I32_ADD), GET(1), I32(C0), OP(I32_REM_U), \
		OP(I32_ADD), SET(1), END
/* Its own locals have most registers of a loop without calls; it goes on in the loop around with the second branch. */
#define INNER(uses, ...) \
	GET(0), SET(2), OP2(LOOP, 0x40, (uses) << 24 | 1), __VA_ARGS__, GET(1), GET(2), I32(C1), OP(I32_XOR), OP(I32_ADD), \
		I32(C1), I32(C0), GET(2), I32(1), OP(I32_AND), OP2(SELECT, 0x7F, 0), OP(I32_MUL), SET(1), GET(2), I32(1), \
		OP(I32_SUB), SET(2), GET(2), OP2(BR_IF, 0, 0), END
	BODY(0, 0, 8, { WX_PLAN_LOCALS, 0x7F, 7 }, CONSTANT(C0), CONSTANT(C1), { WX_PLAN_ZERO, 7, 1 },
		OP2(LOOP, 0x40, 4 << 24 | 0x20001), USE(60, 8), USE(60, 9), USE(50, 1), USE(40, 0), I32(64), I32(0), I32(4),
		OP(MEMORY_FILL), MIX,
		INNER(8, USE(60, 1), USE(60, 2), USE(50, 3), USE(50, 4), USE(50, 5), USE(50, 6), USE(50, 7), USE(40, 9)),
		GET(0), I32(1), OP(I32_SUB), SET(0), GET(0), OP2(BR_IF, 0, 0), END, GET(1), END);
	BODY(0, 1, CALLS | 8, { WX_PLAN_LOCALS, 0x7F, 2 }, CONSTANT(C1), CONSTANT(C0), { WX_PLAN_ZERO, 2, 1 },
		{ WX_PLAN_LOCAL_USE, 900, 3 }, { WX_PLAN_LOCAL_USE, 800, 1 }, OP2(LOOP, 0x40, 4 << 24 | 0x30001), USE(60, 4),
		USE(60, 3), USE(50, 1), USE(40, 0), MIX, GET(1), CALL(0, 2), SET(1), INNER(2, USE(60, 2), USE(60, 3)), GET(0),
		I32(1), OP(I32_SUB), SET(0), GET(0), OP2(BR_IF, 0, 0), END, GET(1), END);
	BODY(0, 2, 0, GET(0), I32(3), OP(I32_ADD), END);
	instance = instantiate(NULL, 0);
	for (n = 1; n < 60; n++) {
		EQUAL(call1(instance, "fills", n), mixed(n, false));
		EQUAL(call1(instance, "calls", n), mixed(n, true));
	}
	close_world();
}

/* ---- traps and where they are ---- */

static struct wx_instance *inner_instance;

static int call_inner(struct wx_host_call *c)
{
	uint64_t values[1] = { c->values[0] };
	int trap = wx_call(runtime, exported(inner_instance, "run"), values, &trace);
	c->values[0] = values[0];
	return trap;
}

static const uint8_t name_section[] = { 0, 3, 2, 'm', 'n', 1, 15, 3, 1, 3, 'l', 'o', 'w', 2, 3, 'm', 'i', 'd', 3, 2,
	0xC3, 0xA9 };

/* high -> mid -> low; low divides, loads, or does what is asked. */
static struct wx_instance *trapping(const struct wx_import_value *import)
{
	begin();
	type("i>i");
	import_function("host", 0);
	function(0);
	function(0);
	function(0);
	function(0);
	memory_record(1, false, 0, 16);
	export(0, "run", 3);
	export(0, "leaf", 4);
	CODE(4);
	BODY(0, 1, LEAVES, OP2(BLOCK, 0x40, 2), OP2(BLOCK, 0x40, 1), OP2(BLOCK, 0x40, 1), OP2(BLOCK, 0x40, 1), GET(0),
		OP2(BR_TABLE, 0, 4), { WX_PLAN_EXT, 0, 0 }, { WX_PLAN_EXT, 0, 1 }, { WX_PLAN_EXT, 0, 2 }, { WX_PLAN_EXT, 0, 3 },
		{ WX_PLAN_EXT, 0, 3 }, END, OP(UNREACHABLE), END, I32(1), I32(0), OP(I32_DIV_S), OP(RETURN), END, I32(65533),
		OP2(I32_LOAD, 0, 0), OP(RETURN), END, GET(0), CALL(0, 0), END);
	BODY(0, 2, CALLS, GET(0), CALL(0, 1), I32(1), OP(I32_ADD), END);
	BODY(0, 3, CALLS, I32(1), GET(0), CALL(0, 2), OP(I32_ADD), END);
	BODY(0, 4, 0, GET(0), OP2(I32_LOAD, 0, 65533), END);
	custom("name", name_section, sizeof(name_section));
	return instantiate(import, 1);
}

static void check_place(uint32_t i, struct wx_instance *instance, uint32_t f, uint32_t offset)
{
	CHECK(trace.places[i].instance == instance);
	EQUAL(trace.places[i].function, f);
	EQUAL(trace.places[i].offset, offset);
}

static int throws(struct wx_host_call *c)
{
	(void)c;
	return WX_TRAP_HOST;
}

static void test_traps(void)
{
	struct wx_instance *instance, *outer;
	struct wx_import_value import = host_import(throws, NULL);
	char name[16];
	open_world(NULL);
	instance = trapping(&import);
	EQUAL(call1(instance, "run", 0), -WX_TRAP_UNREACHABLE);
	EQUAL(trace.count, 3);
	check_place(0, instance, 1, 107);
	check_place(1, instance, 2, 132);
	check_place(2, instance, 3, 148);
	EQUAL(call1(instance, "run", 1), -WX_TRAP_DIVIDE_BY_ZERO);
	EQUAL(trace.count, 3);
	check_place(0, instance, 1, 111);
	EQUAL(call1(instance, "run", 2), -WX_TRAP_MEMORY);
	check_place(0, instance, 1, 115);
	EQUAL(call1(instance, "run", 3), -WX_TRAP_HOST);
	EQUAL(trace.count, 3);
	check_place(0, instance, 1, 119);
	check_place(2, instance, 3, 148);
	EQUAL(call1(instance, "leaf", 0), -WX_TRAP_MEMORY);
	EQUAL(trace.count, 1);
	check_place(0, instance, 4, 162);
	EQUAL(call1(instance, "leaf", 0xFFFFFFFF), -WX_TRAP_MEMORY);
	EQUAL(wx_module_function_name(wx_instance_module(instance), 1, name, sizeof(name)), 3);
	CHECK(strcmp(name, "low") == 0);
	EQUAL(wx_module_function_name(wx_instance_module(instance), 2, name, 3), 2);
	CHECK(strcmp(name, "mi") == 0);
	wx_module_function_name(wx_instance_module(instance), 3, name, 2);
	CHECK(strcmp(name, "") == 0 || strcmp(name, "run") == 0 || strcmp(name, "r") == 0);
	wx_module_function_name(wx_instance_module(instance), 4, name, sizeof(name));
	CHECK(strcmp(name, "leaf") == 0);
	/* across the host, two instances of the same module's kind */
	inner_instance = instance;
	import = host_import(call_inner, NULL);
	outer = trapping(&import);
	EQUAL(call1(outer, "run", 3), -WX_TRAP_HOST);
	EQUAL(trace.count, 3);
	check_place(0, outer, 1, 119);
	close_world();
}

static struct wx_trace inner_trace;

static int trace_inside(struct wx_host_call *c)
{
	uint64_t values[1] = { 0 };
	(void)c;
	EQUAL(wx_call(runtime, exported(inner_instance, "run"), values, &inner_trace), WX_TRAP_UNREACHABLE);
	c->values[0] = 5;
	return 0;
}

static void test_trace_across(void)
{
	struct wx_instance *instance, *outer;
	struct wx_import_value import = host_import(throws, NULL);
	open_world(NULL);
	inner_instance = instance = trapping(&import);
	import = host_import(trace_inside, NULL);
	outer = trapping(&import);
	EQUAL(call1(outer, "run", 3), 7);
	EQUAL(inner_trace.count, 6);
	trace = inner_trace;
	check_place(0, instance, 1, 107);
	check_place(2, instance, 3, 148);
	check_place(3, outer, 1, 119);
	check_place(5, outer, 3, 148);
	/* wasm to wasm, no host between */
	import = function_import(exported(instance, "run"));
	outer = trapping(&import);
	EQUAL(call1(outer, "run", 3), -WX_TRAP_HOST);
	EQUAL(trace.count, 6);
	check_place(0, instance, 1, 119);
	check_place(3, outer, 1, 119);
	/* two instances of one module, told apart by the contexts in their frames */
	{
		struct wx_instance *twin = wx_instance_new(wx_instance_module(outer), &import, 1, &error);
		CHECK(twin && wx_instance_start(twin, &trace) == 0);
		EQUAL(call1(twin, "run", 3), -WX_TRAP_HOST);
		check_place(3, twin, 1, 119);
		EQUAL(call1(outer, "run", 0), -WX_TRAP_UNREACHABLE);
		check_place(0, outer, 1, 107);
		EQUAL(call1(twin, "run", 0), -WX_TRAP_UNREACHABLE);
		check_place(0, twin, 1, 107);
	}
	close_world();
}

/* ---- stacks ---- */

static struct wx_instance *nesting_instance;
static int deepest;

static int nest(struct wx_host_call *c)
{
	uint64_t values[1] = { c->values[0] + 1 };
	int trap;
	deepest++;
	trap = wx_call(runtime, exported(nesting_instance, "nest"), values, &trace);
	c->values[0] = values[0];
	return trap;
}

static void test_exhaustion(void)
{
	struct wx_runtime_figures figures;
	struct wx_import_value import = host_import(nest, NULL);
	uint64_t values[1] = { 0 };
	deepest = 0;
	open_world(NULL);
	begin();
	type("i>i");
	import_function("nest", 0);
	function(0);
	function(0);
	function(0);
	export(0, "deep", 1);
	export(0, "nest", 2);
	export(0, "large", 3);
	CODE(3);
	BODY(0, 1, CALLS, GET(0), I32(1), OP(I32_ADD), CALL(0, 1), I32(1), OP(I32_ADD), END);
	BODY(0, 2, LEAVES, GET(0), CALL(0, 0), END);
	BODY(0, 3, CALLS, { WX_PLAN_LOCALS, WX_I64_TYPE, 2000 }, GET(0), CALL(0, 3), END);
	nesting_instance = instantiate(&import, 1);
	EQUAL(call1(nesting_instance, "deep", 0), -WX_TRAP_STACK);
	EQUAL(trace.count, WX_TRACE_MAX);
	CHECK(trace.omitted > 100);
	EQUAL(trace.places[0].function, 1);
	EQUAL(trace.places[40].function, 1);
	EQUAL(call1(nesting_instance, "large", 0), -WX_TRAP_STACK);
	CHECK(trace.count >= 2 && trace.count < 6);
	EQUAL(call1(nesting_instance, "nest", 0), -WX_TRAP_STACK);
	EQUAL(deepest, runtime->config.nesting);
	wx_runtime_measure(runtime, &figures);
	CHECK(figures.stack_peak <= figures.stack_bytes && figures.stack_peak > 60 * 1024);
	/* a promising call has its own, smaller one */
	{
		struct wx_activation *a;
		EQUAL(wx_call_promising(runtime, exported(nesting_instance, "deep"), values, &trace, &a), WX_TRAP_STACK);
		CHECK(a == NULL && trace.omitted > 20);
	}
	EQUAL(call1(nesting_instance, "deep", 0), -WX_TRAP_STACK);
	close_world();
}

/* ---- suspension ---- */

static struct wx_activation *suspended[100];
static int suspensions;

static int suspend(struct wx_host_call *c)
{
	EQUAL(c->values[0], 11);
	EQUAL(c->values[1], of64(0.5));
	if (!c->activation)
		return WX_SUSPENDED;
	CHECK(c->activation == wx_runtime_suspendable(runtime));
	suspended[suspensions++] = c->activation;
	return WX_SUSPENDED;
}

static struct wx_instance *plain_instance;

static int call_plain(struct wx_host_call *c)
{
	uint64_t values[4] = { c->values[0] };
	int trap = wx_call(runtime, exported(plain_instance, "sleep"), values, &trace);
	c->values[0] = values[0];
	return trap;
}

static struct wx_instance *sleeper(void)
{
	struct wx_import_value imports[2] = { host_import(suspend, NULL), host_import(call_plain, NULL) };
	begin();
	type("iF>IiF");
	type("i>i");
	import_function("suspend", 0);
	import_function("plain", 1);
	function(1);
	function(1);
	function(1);
	export(0, "sleep", 2);
	export(0, "deep", 3);
	export(0, "nested", 4);
	CODE(3);
	/* a resident local, a result of each kind: local + i64 low + i32 + trunc f64 */
	BODY(1, 2, LEAVES | HAS_I64, { WX_PLAN_LOCALS, WX_F64_TYPE, 1 }, { WX_PLAN_LOCAL_USE, 50, 0 },
		{ WX_PLAN_LOCAL_USE, 40, 1 }, I32(11), { WX_OP_F64_CONST, 0, 0 }, { WX_PLAN_EXT, 0, 0x3FE00000 }, CALL(0, 0),
		SET(1), GET(0), OP(I32_ADD), SET(0), OP(I32_WRAP_I64), GET(0), OP(I32_ADD), GET(1), OP(I32_TRUNC_F64_S),
		OP(I32_ADD), END);
	BODY(1, 3, CALLS, GET(0), OP(I32_EQZ), OP2(IF, 0x40, 0), I32(1000), CALL(1, 2), OP(RETURN), END, GET(0), I32(1),
		OP(I32_SUB), CALL(1, 3), GET(0), OP(I32_ADD), END);
	BODY(1, 4, LEAVES, GET(0), CALL(1, 1), END);
	return instantiate(imports, 2);
}

static int promise(struct wx_instance *instance, const char *name, uint32_t argument, struct wx_activation **a)
{
	uint64_t values[4] = { argument };
	return wx_call_promising(runtime, exported(instance, name), values, &trace, a);
}

static int resume(struct wx_activation *a, uint64_t one, uint32_t two, double three, uint64_t *result)
{
	uint64_t values[4] = { one, two, of64(three), 0 };
	int status = wx_activation_resume(a, 0, values, &trace);
	*result = values[0];
	return status;
}

static void test_suspension(void)
{
	struct wx_instance *instance;
	struct wx_activation *a, *b, *c;
	struct wx_runtime_figures figures;
	uint64_t result, values[4] = { 0 };
	size_t before;
	int i, n;
	open_world(NULL);
	plain_instance = instance = sleeper();
	suspensions = 0;
	/* no promising call around */
	EQUAL(call1(instance, "sleep", 1), -WX_TRAP_SUSPEND);
	EQUAL(trace.count, 1);
	EQUAL(promise(instance, "nested", 1, &a), WX_TRAP_SUSPEND);
	/* three at once, resumed in another order */
	EQUAL(promise(instance, "sleep", 100, &a), WX_SUSPENDED);
	EQUAL(promise(instance, "deep", 5, &b), WX_SUSPENDED);
	EQUAL(promise(instance, "sleep", 300, &c), WX_SUSPENDED);
	CHECK(a == suspended[0] && b == suspended[1] && c == suspended[2]);
	wx_runtime_measure(runtime, &figures);
	EQUAL(figures.suspended, 3);
	EQUAL(figures.nesting, 0);
	EQUAL(wx_functype_get(runtime, wx_activation_host_type(a))->results, 3);
	EQUAL(wx_functype_get(runtime, wx_activation_type(a))->results, 1);
	EQUAL(call1(instance, "sleep", 1), -WX_TRAP_SUSPEND);
	EQUAL(resume(b, 0xF00000001u, 2, 3.0, &result), 0);
	EQUAL(result, 1000 + 1 + 2 + 3 + 5 + 4 + 3 + 2 + 1);
	EQUAL(resume(a, 1, 2, 3.5, &result), 0);
	EQUAL(result, 106);
	EQUAL(wx_activation_resume(c, WX_TRAP_HOST, values, &trace), WX_TRAP_HOST);
	EQUAL(trace.count, 1);
	EQUAL(trace.places[0].function, 2);
	/* a trap after resumption, with its place */
	EQUAL(promise(instance, "deep", 2, &b), WX_SUSPENDED);
	EQUAL(resume(b, 0, 0, 1e30, &result), WX_TRAP_OVERFLOW);
	EQUAL(trace.count, 4);
	EQUAL(trace.places[3].function, 3);
	/* as many as there are stacks; all given up */
	before = 0;
	for (n = 0;; n++) {
		struct wx_activation *more;
		int status = promise(instance, "sleep", 1, &more);
		if (status != WX_SUSPENDED) {
			EQUAL(status, WX_TRAP_STACK);
			break;
		}
		suspended[n] = more;
	}
	EQUAL(n, runtime->config.promise_stacks);
	for (i = 0; i < n; i++)
		wx_activation_release(suspended[i]);
	suspensions = 0;
	for (i = 0; i < 1000; i++) {
		EQUAL(promise(instance, "sleep", (uint32_t)i, &a), WX_SUSPENDED);
		suspensions = 0;
		if (i == 10)
			before = memory.current;
		EQUAL(resume(a, 1, 1, 1, &result), 0);
		EQUAL(result, i + 3);
		if (i > 10)
			EQUAL(memory.current < before, 1);
	}
	/* one that is never resumed ends with the runtime */
	EQUAL(promise(instance, "sleep", 1, &a), WX_SUSPENDED);
	close_world();
}

/* ---- interrupts ---- */

static int again(struct wx_host_call *c)
{
	c->values[0]++;
	return 0;
}

static struct wx_instance *endless(void)
{
	struct wx_import_value import = host_import(again, NULL);
	begin();
	type("i>i");
	type(">");
	import_function("again", 0);
	function(0);
	function(0);
	function(0);
	function(0);
	function(0);
	function(0);
	function(0);
	function(1);
	memory_record(1, false, 0, 16);
	export(0, "tight", 1);
	export(0, "calls", 2);
	export(0, "leaves", 3);
	export(0, "fills", 4);
	export(0, "hosts", 5);
	export(0, "add", 6);
	export(0, "recurse", 7);
	CODE(8);
	BODY(0, 1, 0, OP2(LOOP, 0x40, 1), OP2(BR, 0, 0), END, OP(UNREACHABLE), END);
	BODY(0, 2, CALLS, OP2(LOOP, 0x40, 0x10001), GET(0), CALL(0, 7), SET(0), OP2(BR, 0, 0), END, OP(UNREACHABLE), END);
	BODY(0, 3, CALLS, OP2(LOOP, 0x40, 0x10001), GET(0), CALL(0, 6), SET(0), OP2(BR, 0, 0), END, OP(UNREACHABLE), END);
	BODY(0, 4, CALLS, OP2(LOOP, 0x40, 0x10001), I32(0), I32(1), I32(60000), OP(MEMORY_FILL), OP2(BR, 0, 0), END,
		OP(UNREACHABLE), END);
	BODY(0, 5, LEAVES, OP2(LOOP, 0x40, 0x10001), GET(0), CALL(0, 0), SET(0), OP2(BR, 0, 0), END, OP(UNREACHABLE), END);
	BODY(0, 6, 0, GET(0), I32(1), OP(I32_ADD), END);
	/* calls itself as often as its argument says */
	BODY(0, 7, CALLS, { WX_PLAN_LOCALS, WX_I32_TYPE, 3 }, { WX_PLAN_LOCAL_USE, 9, 0 }, { WX_PLAN_LOCAL_USE, 8, 1 },
		{ WX_PLAN_LOCAL_USE, 7, 2 }, { WX_PLAN_ZERO, 3, 1 }, GET(0), I32(7), OP(I32_AND), OP(I32_EQZ), OP2(IF, 0x40, 0),
		I32(7), OP(RETURN), END, GET(0), I32(1), OP(I32_SUB), CALL(0, 7), SET(1), GET(1), GET(2), OP(I32_ADD), END);
	BODY(1, 8, 0, END);
	return instantiate(&import, 1);
}

static void test_watchdog(void)
{
	static const char *const names[] = { "tight", "calls", "leaves", "fills", "hosts" };
	struct wx_instance *instance;
	unsigned i, j, traced = 0, total = 0;
	open_world(NULL);
	instance = endless();
	for (i = 0; i < 5; i++) {
		for (j = 0; j < 30; j++) {
			CHECK(wx_watchdog_start(runtime, 1 + j % 3));
			EQUAL(call1(instance, names[i], 7), -WX_TRAP_INTERRUPTED);
			wx_watchdog_stop(runtime);
			CHECK(!wx_interrupted(runtime));
			total++;
			if (trace.count && trace.places[trace.count - 1].function == i + 1)
				traced++;
			EQUAL(call1(instance, "add", 41), 42);
		}
	}
	if (traced != total)
		printf("(backtrace complete in %u of %u)\n", traced, total);
	CHECK(traced >= total * 9 / 10);
	/* the time is over before the call begins */
	CHECK(wx_watchdog_start(runtime, 0));
	EQUAL(call1(instance, "tight", 7), -WX_TRAP_INTERRUPTED);
	EQUAL(call1(instance, "tight", 7), -WX_TRAP_INTERRUPTED);
	/* moved; not in time: nothing happens */
	CHECK(wx_watchdog_start(runtime, 100000));
	EQUAL(call1(instance, "add", 41), 42);
	wx_watchdog_stop(runtime);
	EQUAL(call1(instance, "add", 41), 42);
	close_world();
}

/*
 * A call in metered code is ended where its owner wants, in a loop or a recursion; what it did does not depend on how
 * often the owner looked.
 */
static void test_meter_ends(void)
{
	static const char *const names[] = { "tight", "calls", "leaves", "hosts" };
	static const unsigned functions[] = { 1, 2, 3, 5 };
	struct wx_instance *instance;
	uint64_t costs[3];
	unsigned i, j;
	bool before = metered;
	metered = true;
	open_world(NULL);
	instance = endless();
	for (i = 0; i < 4; i++)
		for (j = 0; j < 30; j++) {
			refills_left = j;
			EQUAL(call1(instance, names[i], 7), -WX_TRAP_INTERRUPTED);
			CHECK(trace.count && trace.places[trace.count - 1].function == functions[i]);
			refills_left = UINT32_MAX;
			EQUAL(call1(instance, "add", 41), 42);
		}
	for (i = 0; i < 3; i++) {
		most_granted = (uint32_t[]){ 0, 8, 100000 }[i];
		test_meter.left = test_meter.granted = 0;
		metered_cost = 0;
		for (j = 0; j < 20; j++)
			EQUAL(call1(instance, "add", 41), 42);
		refill(&runtime);
		costs[i] = metered_cost;
	}
	CHECK(costs[0] >= 20 && costs[0] < 400);
	EQUAL(costs[1], costs[0]);
	EQUAL(costs[2], costs[0]);
	most_granted = 8;
	close_world();
	metered = before;
}

static int interrupt_here(struct wx_host_call *c)
{
	uint64_t values[1] = { 0 };
	wx_interrupt(c->runtime);
	/* and calls from here end at once */
	EQUAL(wx_call(runtime, exported(inner_instance, "add"), values, &trace), WX_TRAP_INTERRUPTED);
	return 0;
}

static void test_interrupt_in_host(void)
{
	struct wx_import_value import = host_import(interrupt_here, NULL);
	struct wx_instance *outer;
	open_world(NULL);
	inner_instance = endless();
	outer = trapping(&import);
	EQUAL(call1(outer, "run", 3), -WX_TRAP_INTERRUPTED);
	EQUAL(trace.count, 3);
	CHECK(!wx_interrupted(runtime));
	wx_interrupt(runtime);
	CHECK(!wx_interrupted(runtime));
	EQUAL(call1(inner_instance, "add", 1), 2);
	close_world();
}

/* test_interrupt_everywhere: a call that is interrupted at each of its instructions */
#include ISA_STEP

/* ---- memories and tables ---- */

#define THREE(index, name) BODY(2, index, CALLS, GET(0), GET(1), GET(2), { WX_OP_##name, 0, 0 }, END)

static int64_t call3(struct wx_instance *instance, const char *name, uint32_t a, uint32_t b, uint32_t c)
{
	uint64_t values[4] = { a, b, c };
	int trap = call(instance, name, values);
	return trap ? -trap : (int64_t)(uint32_t)values[0];
}

static void test_bulk(void)
{
	struct wx_instance *instance;
	struct wx_linear *m;
	uint32_t i, items[4] = { 0, 1, 2, 0 };
	open_world(NULL);
	begin();
	type("i>i");
	type(">i");
	type("iii>");
	type("i>");
	for (i = 0; i < 3; i++)
		function(2); /* fill, copy, init */
	function(0); /* grow */
	function(1); /* size */
	function(3); /* drop */
	for (i = 0; i < 3; i++)
		function(2); /* table copy, init, (fill) */
	function(0); /* table.grow */
	function(1); /* table.size */
	function(3); /* elem.drop */
	function(0); /* is null */
	function(2); /* table.set i null */
	function(0); /* call_indirect */
	table_record('r', 10, true, 20);
	memory_record(1, true, 3, 16);
	export(0, "fill", 0);
	export(0, "copy", 1);
	export(0, "init", 2);
	export(0, "grow", 3);
	export(0, "size", 4);
	export(0, "drop", 5);
	export(0, "tcopy", 6);
	export(0, "tinit", 7);
	export(0, "tfill", 8);
	export(0, "tgrow", 9);
	export(0, "tsize", 10);
	export(0, "edrop", 11);
	export(0, "isnull", 12);
	export(0, "tset", 13);
	export(0, "indirect", 14);
	items[0] = 3;
	items[1] = 4;
	items[2] = 9;
	element(-1, 0, 3, items);
	element(2, 0, 2, items);
	record(WX_PLAN_DATA_COUNT, 0, 0, 2);
	CODE(15);
	THREE(0, MEMORY_FILL);
	THREE(1, MEMORY_COPY);
	THREE(2, MEMORY_INIT);
	BODY(0, 3, CALLS, GET(0), OP(MEMORY_GROW), END);
	BODY(1, 4, CALLS, OP(MEMORY_SIZE), END);
	BODY(3, 5, CALLS, OP2(DATA_DROP, 0, 0), END);
	THREE(6, TABLE_COPY);
	THREE(7, TABLE_INIT);
	BODY(2, 8, CALLS, GET(0), OP2(REF_FUNC, 0, 3), GET(2), OP2(TABLE_FILL, 0, 0), END);
	BODY(0, 9, CALLS, OP2(REF_NULL, WX_FUNCREF_TYPE, 0), GET(0), OP2(TABLE_GROW, 0, 0), END);
	BODY(1, 10, CALLS, OP2(TABLE_SIZE, 0, 0), END);
	BODY(3, 11, CALLS, OP2(ELEM_DROP, 0, 0), END);
	BODY(0, 12, CALLS, GET(0), OP2(TABLE_GET, 0, 0), OP(REF_IS_NULL), END);
	BODY(2, 13, CALLS, GET(0), OP2(REF_NULL, WX_FUNCREF_TYPE, 0), OP2(TABLE_SET, 0, 0), END);
	BODY(0, 14, LEAVES, I32(0), GET(0), OP2(CALL_INDIRECT, 0, 0), END);
	data(-1, "hello, world");
	data(65530, "end");
	instance = instantiate(NULL, 0);
	m = wx_instance_memory(instance, 0);
	CHECK(memcmp(m->base + 65530, "end", 3) == 0);
	/* memory.fill */
	EQUAL(call3(instance, "fill", 0, 0xAB, 65536), 0);
	EQUAL(m->base[65535], 0xAB);
	EQUAL(call3(instance, "fill", 1, 0, 65536), -WX_TRAP_MEMORY);
	EQUAL(call3(instance, "fill", 65536, 0, 0), 65536);
	EQUAL(call3(instance, "fill", 65537, 0, 0), -WX_TRAP_MEMORY);
	EQUAL(call3(instance, "fill", 0xFFFFFFFF, 0, 1), -WX_TRAP_MEMORY);
	EQUAL(call3(instance, "fill", 0xFFFFFFFF, 0, 0xFFFFFFFF), -WX_TRAP_MEMORY);
	EQUAL(call3(instance, "fill", 0, 0, 0x80000000), -WX_TRAP_MEMORY);
	EQUAL(call3(instance, "fill", 0x80000000, 0, 0x80000000), -WX_TRAP_MEMORY);
	EQUAL(m->base[65535], 0xAB);
	EQUAL(m->base[0], 0xAB);
	/* memory.init, data.drop */
	EQUAL(call3(instance, "init", 10, 1, 11), 10);
	CHECK(memcmp(m->base + 10, "ello, world", 11) == 0 && m->base[21] == 0xAB);
	EQUAL(call3(instance, "init", 10, 2, 11), -WX_TRAP_MEMORY);
	EQUAL(call3(instance, "init", 65536, 12, 0), 65536);
	EQUAL(call3(instance, "init", 65536, 13, 0), -WX_TRAP_MEMORY);
	EQUAL(call3(instance, "init", 65537, 0, 0), -WX_TRAP_MEMORY);
	EQUAL(call3(instance, "init", 0xFFFFFFFC, 0xFFFFFFFF, 5), -WX_TRAP_MEMORY);
	/* memory.copy, overlapping */
	EQUAL(call3(instance, "copy", 11, 10, 11), 11);
	CHECK(memcmp(m->base + 10, "eello, world", 12) == 0);
	EQUAL(call3(instance, "copy", 65536, 65536, 0), 65536);
	EQUAL(call3(instance, "copy", 65537, 0, 0), -WX_TRAP_MEMORY);
	EQUAL(call3(instance, "copy", 0, 0xFFFFFFFF, 2), -WX_TRAP_MEMORY);
	EQUAL(call3(instance, "copy", 0, 1, 0xFFFFFFFF), -WX_TRAP_MEMORY);
	EQUAL(call1(instance, "drop", 0), 0);
	EQUAL(call3(instance, "init", 0, 0, 1), -WX_TRAP_MEMORY);
	EQUAL(call3(instance, "init", 0, 0, 0), 0);
	/* grow */
	EQUAL(call1(instance, "grow", 0), 1);
	EQUAL(call1(instance, "grow", 2), 1);
	EQUAL(call1(instance, "size", 0), 3);
	EQUAL(m->size, 3 * 65536);
	EQUAL(m->base[65536], 0);
	EQUAL(call1(instance, "grow", 1), 0xFFFFFFFF);
	EQUAL(call1(instance, "grow", 0xFFFFFFFF), 0xFFFFFFFF);
	EQUAL(call1(instance, "grow", 65536), 0xFFFFFFFF);
	EQUAL(call3(instance, "fill", 3 * 65536 - 1, 9, 1), 3 * 65536 - 1);
	EQUAL(m->generation, 2);
	/* tables */
	EQUAL(call1(instance, "tsize", 0), 10);
	EQUAL(call1(instance, "isnull", 1), 1);
	EQUAL(call1(instance, "isnull", 2), 0);
	EQUAL(call1(instance, "isnull", 10), -WX_TRAP_TABLE);
	EQUAL(call1(instance, "isnull", 0xFFFFFFFF), -WX_TRAP_TABLE);
	EQUAL(call3(instance, "tinit", 8, 0, 3), -WX_TRAP_TABLE);
	EQUAL(call1(instance, "isnull", 8), 1);
	EQUAL(call3(instance, "tinit", 7, 0, 3), 7);
	EQUAL(call3(instance, "tinit", 10, 3, 0), 10);
	EQUAL(call3(instance, "tinit", 11, 0, 0), -WX_TRAP_TABLE);
	EQUAL(call3(instance, "tinit", 0, 4, 0), -WX_TRAP_TABLE);
	EQUAL(call3(instance, "tinit", 0xFFFFFFFF, 0, 2), -WX_TRAP_TABLE);
	EQUAL(call1(instance, "edrop", 0), 0);
	EQUAL(call3(instance, "tinit", 0, 0, 1), -WX_TRAP_TABLE);
	EQUAL(call3(instance, "tinit", 0, 0, 0), 0);
	EQUAL(call3(instance, "tcopy", 0, 7, 3), 0);
	EQUAL(call1(instance, "isnull", 0), 0);
	EQUAL(call3(instance, "tcopy", 0, 8, 3), -WX_TRAP_TABLE);
	EQUAL(call3(instance, "tcopy", 8, 0, 3), -WX_TRAP_TABLE);
	EQUAL(call3(instance, "tcopy", 1, 0, 0xFFFFFFFF), -WX_TRAP_TABLE);
	EQUAL(call1(instance, "tgrow", 5), 10);
	EQUAL(call1(instance, "tgrow", 6), 0xFFFFFFFF);
	EQUAL(call1(instance, "tgrow", 0xFFFFFFFF), 0xFFFFFFFF);
	EQUAL(call1(instance, "tgrow", 5), 15);
	EQUAL(call1(instance, "isnull", 19), 1);
	EQUAL(call3(instance, "tfill", 18, 0, 2), 18);
	EQUAL(call1(instance, "isnull", 19), 0);
	EQUAL(call3(instance, "tfill", 18, 0, 3), -WX_TRAP_TABLE);
	EQUAL(call3(instance, "tfill", 20, 0, 0), 20);
	EQUAL(call3(instance, "tfill", 21, 0, 0), -WX_TRAP_TABLE);
	EQUAL(call3(instance, "tset", 19, 0, 0), 19);
	EQUAL(call1(instance, "isnull", 19), 1);
	EQUAL(call3(instance, "tset", 20, 0, 0), -WX_TRAP_TABLE);
	/* element 18 is grow: 0 more */
	EQUAL(call1(instance, "indirect", 18), 3);
	EQUAL(call1(instance, "indirect", 19), -WX_TRAP_UNINITIALIZED_ELEMENT);
	EQUAL(call1(instance, "indirect", 20), -WX_TRAP_UNDEFINED_ELEMENT);
	EQUAL(call1(instance, "indirect", 0xFFFFFFFF), -WX_TRAP_UNDEFINED_ELEMENT);
	EQUAL(call1(instance, "indirect", 1), -WX_TRAP_INDIRECT_TYPE);
	close_world();
}

/* Active segments apply in order; those before one that traps stay. */
static void test_segments(void)
{
	struct wx_instance *instance;
	struct wx_table *table;
	uint32_t items[2] = { 0, 0 };
	struct wx_import_value imports[2];
	open_world(NULL);
	memset(imports, 0, sizeof(imports));
	imports[0].kind = WX_EXTERN_TABLE;
	imports[0].table = table = wx_table_new(runtime, WX_FUNCREF_TYPE, 4, false, 0, 0, &error);
	imports[1].kind = WX_EXTERN_MEMORY;
	imports[1].memory = wx_memory_new(runtime, 1, false, 0, 16, &error);
	begin();
	type(">");
	import_head(1, "m", "t");
	table_record('r', 2, false, 0);
	import_names("m", "t");
	import_head(2, "m", "m");
	memory_record(1, false, 0, 16);
	import_names("m", "m");
	function(0);
	element(0, 0, 2, items);
	element(3, 0, 2, items);
	element(2, 0, 1, items);
	CODE(1);
	BODY(0, 0, 0, END);
	data(0, "never");
	instance = instantiate_with(imports, 2);
	CHECK(instance != NULL);
	EQUAL(wx_instance_start(instance, &trace), WX_TRAP_TABLE);
	EQUAL(trace.count, 0);
	CHECK(table->elements[0] && table->elements[1] && !table->elements[2] && !table->elements[3]);
	EQUAL(imports[1].memory->base[0], 0);
	wx_instance_release(instance);
	begin();
	import_head(1, "m", "t");
	table_record('r', 2, false, 0);
	import_names("m", "t");
	import_head(2, "m", "m");
	memory_record(1, false, 0, 16);
	import_names("m", "m");
	data(65534, "ab");
	data(65535, "cd");
	data(0, "never");
	instance = instantiate_with(imports, 2);
	EQUAL(wx_instance_start(instance, &trace), WX_TRAP_MEMORY);
	CHECK(memcmp(imports[1].memory->base + 65534, "ab", 2) == 0 && imports[1].memory->base[0] == 0);
	wx_instance_release(instance);
	wx_table_release(imports[0].table);
	wx_memory_release(imports[1].memory);
	close_world();
}

/* ---- linking ---- */

static struct wx_module *importer(void)
{
	struct wx_module *module;
	begin();
	type("i>i");
	type("iI>");
	import_function("f", 0);
	import_head(1, "m", "t");
	table_record('r', 2, true, 10);
	import_names("m", "t");
	import_head(2, "m", "mem");
	memory_record(1, true, 4, 16);
	import_names("m", "mem");
	import_head(3, "m", "g");
	record(WX_PLAN_GLOBAL_TYPE, 0, WX_I32_TYPE | 0x100, 0);
	import_names("m", "g");
	import_head(3, "m", "c");
	record(WX_PLAN_GLOBAL_TYPE, 0, WX_I64_TYPE, 0);
	import_names("m", "c");
	function(0);
	global_record('i', true, WX_OP_I32_CONST, 9);
	record(WX_PLAN_GLOBAL_TYPE, 0, WX_I64_TYPE, 4);
	record(WX_OP_GLOBAL_GET, 2, 0, 1);
	record(WX_OP_I64_CONST, 2, 0, 2);
	record(WX_PLAN_EXT, 0, 0, 1);
	record(WX_OP_I64_MUL, 1, 0, 0);
	export(0, "f", 0);
	export(0, "bump", 1);
	export(3, "g", 0);
	export(3, "h", 2);
	export(3, "p", 3);
	export(2, "mem", 0);
	export(1, "t", 0);
	CODE(1);
	BODY(0, 1, LEAVES, OP2(GLOBAL_GET, 0, 0), GET(0), OP(I32_ADD), OP2(GLOBAL_SET, 0, 0), OP2(GLOBAL_GET, 0, 0),
		CALL(0, 0), END);
	finish();
	module = compile();
	return module;
}

static int twice(struct wx_host_call *c)
{
	c->values[0] = (uint32_t)(c->values[0] * 2);
	return 0;
}

static void refuse(struct wx_module *module, const struct wx_import_value *imports, const char *message, int line)
{
	struct wx_instance *instance = wx_instance_new(module, imports, 5, &error);
	checks++;
	if (instance || error.kind != WX_ERROR_LINK || strcmp(error.message, message) != 0) {
		failures++;
		printf("FAIL %s, line %d: got \"%s\"\n", test_name, line, instance ? "an instance" : error.message);
	}
}
#define REFUSE(message) refuse(module, v, message, __LINE__)

static void test_linking(void)
{
	struct wx_import_value good[5], v[5];
	struct wx_module *module;
	struct wx_instance *a, *b;
	struct wx_global *g;
	struct wx_cursor cursor;
	struct wx_external external;
	size_t base;
	uint32_t types;
	open_world(NULL);
	base = memory.current;
	types = runtime->type_count;
	memset(good, 0, sizeof(good));
	good[0] = host_import(twice, NULL);
	good[1].kind = WX_EXTERN_TABLE;
	good[1].table = wx_table_new(runtime, WX_FUNCREF_TYPE, 2, true, 10, 0, &error);
	good[2].kind = WX_EXTERN_MEMORY;
	good[2].memory = wx_memory_new(runtime, 1, true, 2, 16, &error);
	good[3].kind = WX_EXTERN_GLOBAL;
	good[3].global = wx_global_new(runtime, WX_I32_TYPE, true, 5);
	good[4].kind = WX_EXTERN_GLOBAL;
	good[4].global = wx_global_new(runtime, WX_I64_TYPE, false, 0x300000000u);
	module = importer();
	EQUAL(wx_module_import_count(module), 5);
	EQUAL(wx_module_export_count(module), 7);
	memset(&cursor, 0, sizeof(cursor));
	CHECK(wx_module_next_import(module, &cursor, &external) && external.kind == WX_EXTERN_FUNCTION);
	wx_module_describe(module, &external);
	CHECK(external.parameters == 1 && external.results == 1);
	CHECK(wx_module_next_import(module, &cursor, &external) && external.kind == WX_EXTERN_TABLE &&
		external.minimum == 2 && external.has_maximum && external.maximum == 10);
	CHECK(wx_module_next_import(module, &cursor, &external) && external.kind == WX_EXTERN_MEMORY &&
		external.minimum == 1 && external.maximum == 4 && external.page_log2 == 16);
	CHECK(wx_module_next_import(module, &cursor, &external) && external.kind == WX_EXTERN_GLOBAL && external.mutable_ &&
		external.index == 0);
	CHECK(wx_module_next_import(module, &cursor, &external) && external.name.size == 1 &&
		external.name.text[0] == 'c' && external.index == 1);
	CHECK(!wx_module_next_import(module, &cursor, &external));
	memcpy(v, good, sizeof(v));
	a = wx_instance_new(module, v, 5, &error);
	CHECK(a && wx_instance_start(a, &trace) == 0);
	EQUAL(call1(a, "bump", 4), 18);
	EQUAL(wx_global_get(good[3].global), 9);
	wx_global_set(good[3].global, 100);
	EQUAL(call1(a, "bump", 1), 202);
	g = wx_instance_global(a, 2);
	CHECK(g == wx_instance_global(a, 2) && g->mutable_ && wx_global_get(g) == 9);
	EQUAL(wx_global_get(wx_instance_global(a, 3)), 0x300000000u * 0x100000002u);
	CHECK(wx_instance_global(a, 0) == good[3].global);
	CHECK(wx_instance_bytes(a, 65536, 0) && !wx_instance_bytes(a, 65536, 1) && !wx_instance_bytes(a, 0xFFFFFFFF, 2) &&
		wx_instance_bytes(a, 65535, 1));
	/* mutable global of a in b, host function of a through a, the memory and table of a */
	v[0] = function_import(exported(a, "f"));
	v[1].table = wx_instance_table(a, 0);
	v[2].memory = wx_instance_memory(a, 0);
	v[3].global = g;
	b = wx_instance_new(module, v, 5, &error);
	CHECK(b && wx_instance_start(b, &trace) == 0);
	EQUAL(call1(b, "bump", 11), 40);
	EQUAL(wx_global_get(g), 20);
	CHECK(exported(b, "f") == exported(a, "f"));
	CHECK(wx_instance_global(b, 0) == g);
	/* refusals */
	memcpy(v, good, sizeof(v));
	v[0] = function_import(exported(a, "bump"));
	CHECK(wx_instance_new(module, v, 5, &error) != NULL);
	v[0] = good[1];
	REFUSE("import \"m\" \"f\": expected function (i32) -> (i32), got a table");
	memcpy(v, good, sizeof(v));
	memset(&v[0], 0, sizeof(v[0]));
	REFUSE("import \"m\" \"f\": expected function (i32) -> (i32), got nothing");
	memcpy(v, good, sizeof(v));
	v[1].table = wx_table_new(runtime, WX_FUNCREF_TYPE, 2, false, 0, 0, &error);
	REFUSE("import \"m\" \"t\": expected funcref table of 2 to 10, got funcref table of 2");
	wx_table_release(v[1].table);
	v[1].table = wx_table_new(runtime, WX_EXTERNREF_TYPE, 2, true, 10, 0, &error);
	REFUSE("import \"m\" \"t\": expected funcref table of 2 to 10, got externref table of 2 to 10");
	wx_table_release(v[1].table);
	memcpy(v, good, sizeof(v));
	v[2].memory = wx_memory_new(runtime, 1, true, 5, 16, &error);
	REFUSE("import \"m\" \"mem\": expected memory of 1 to 4 pages, got memory of 1 to 5 pages");
	wx_memory_release(v[2].memory);
	v[2].memory = wx_memory_new(runtime, 65536, true, 65536, 0, &error);
	REFUSE("import \"m\" \"mem\": expected memory of 1 to 4 pages, got memory of 65536 to 65536 pages of 1 bytes");
	wx_memory_release(v[2].memory);
	memcpy(v, good, sizeof(v));
	v[3].global = good[4].global;
	REFUSE("import \"m\" \"g\": expected mutable global i32, got global i64");
	/* proofs of the importer rest on its minimum */
	v[2].memory = wx_memory_trimmed(runtime, 1, true, 2, 16, 1024, &error);
	v[3] = good[3];
	REFUSE("import \"m\" \"mem\": expected memory of 1 to 4 pages, got memory of 1 to 2 pages, trimmed to 1024 bytes");
	wx_memory_release(v[2].memory);
	/* growth makes it fit, or not */
	memcpy(v, good, sizeof(v));
	v[2].memory = wx_memory_new(runtime, 0, true, 2, 16, &error);
	REFUSE("import \"m\" \"mem\": expected memory of 1 to 4 pages, got memory of 0 to 2 pages");
	EQUAL(wx_memory_grow(v[2].memory, 1), 0);
	CHECK(wx_instance_new(module, v, 5, &error) != NULL);
	wx_memory_release(v[2].memory);
	/* whatever a board allows, the last 65536 bytes of 2^32 are no memory */
	{
		uint64_t allowed = runtime->config.memory;
		runtime->config.memory = UINT64_MAX;
		CHECK(!wx_memory_new(runtime, 65536, false, 0, 16, &error) && error.kind == WX_ERROR_LIMIT);
		CHECK(!wx_memory_new(runtime, WX_MEMORY_MOST + 1, false, 0, 0, &error) && error.kind == WX_ERROR_LIMIT);
		struct wx_linear *linear = wx_memory_new(runtime, 1, false, 0, 16, &error);
		EQUAL(wx_memory_grow(linear, 65535), UINT32_MAX);
		EQUAL(linear->pages, 1);
		wx_memory_release(linear);
		runtime->config.memory = allowed;
	}
	/* out of memory at any point gives a clean refusal */
	{
		uint32_t i;
		struct wx_instance *c = NULL;
		for (i = 1; !c && i < 50; i++) {
			size_t before = memory.current;
			memory.requests = 0;
			memory.fail_after = i;
			c = wx_instance_new(module, good, 5, &error);
			memory.fail_after = 0;
			if (!c) {
				EQUAL(error.kind, WX_ERROR_MEMORY);
				EQUAL(memory.current, before);
			}
		}
		CHECK(c != NULL);
	}
	while (runtime->instances)
		wx_instance_release(runtime->instances);
	wx_module_release(module);
	wx_table_release(good[1].table);
	wx_memory_release(good[2].memory);
	wx_global_release(good[3].global);
	wx_global_release(good[4].global);
	EQUAL(runtime->type_count, types);
	EQUAL(wx_runtime_flash(runtime)->held, 0);
	/* the table of types and the main stack stay */
	memory.current -= wx_alloc_size(runtime->types) + WX_ALLOC_HEADER + 8 * ((wx_alloc_size(runtime->types) & 7) != 0);
	CHECK(memory.current <= base + 64 * 1024 + 8192 + runtime->config.helper_stack);
	memory.current += wx_alloc_size(runtime->types) + WX_ALLOC_HEADER + 8 * ((wx_alloc_size(runtime->types) & 7) != 0);
	close_world();
}

/* ---- the collector ---- */

/* A small marking collector of instances, as the JavaScript side's is: marks are kept in the host pointer. */
#define MARKED ((void *)1)
static struct wx_instance *gray[64];
static unsigned gray_count;
static unsigned marked_externs;

static void visit_instance(struct wx_visitor *visitor, struct wx_instance *instance)
{
	(void)visitor;
	if (wx_instance_host(instance) == MARKED)
		return;
	wx_instance_set_host(instance, MARKED);
	gray[gray_count++] = instance;
}

static void visit_function(struct wx_visitor *visitor, struct wx_funcref *f)
{
	visit_instance(visitor, f->instance);
}

static void visit_extern(struct wx_visitor *visitor, uint32_t index)
{
	(void)visitor;
	(void)index;
	marked_externs++;
}

static struct wx_instance *root_instances[4];
static struct wx_activation *root_activation;
static struct wx_table *root_table;
static unsigned collections;

static bool collect(void *unused)
{
	struct wx_visitor visitor;
	struct wx_instance *instance, *next;
	unsigned i;
	(void)unused;
	memset(&visitor, 0, sizeof(visitor));
	visitor.instance = visit_instance;
	visitor.function = visit_function;
	visitor.externref = visit_extern;
	collections++;
	gray_count = marked_externs = 0;
	for (instance = runtime->instances; instance; instance = instance->next)
		wx_instance_set_host(instance, NULL);
	wx_externref_begin(runtime);
	for (i = 0; i < 4; i++)
		if (root_instances[i])
			visit_instance(&visitor, root_instances[i]);
	if (root_activation)
		wx_activation_mark(root_activation, &visitor);
	if (root_table)
		wx_table_mark(root_table, &visitor);
	wx_runtime_mark(runtime, &visitor);
	while (gray_count)
		wx_instance_mark(gray[--gray_count], &visitor);
	for (instance = runtime->instances; instance; instance = next) {
		next = instance->next;
		if (wx_instance_host(instance) != MARKED)
			wx_instance_release(instance);
	}
	return true;
}

static int pass_extern(struct wx_host_call *c)
{
	uint64_t kept = c->values[0];
	CHECK(wx_externref_known(runtime, (uintptr_t)kept));
	if (c->function->host)
		collect(NULL);
	CHECK(wx_externref_known(runtime, (uintptr_t)kept));
	CHECK(wx_externref_reserve(runtime, 1));
	c->values[0] = wx_externref_new(runtime);
	return 0;
}

static void test_externrefs(void)
{
	struct wx_import_value import = host_import(pass_extern, NULL);
	struct wx_instance *instance;
	struct wx_funcref *f, *two;
	struct wx_runtime_figures figures;
	uint32_t i;
	uint64_t values[4];
	collections = 0;
	open_world(collect);
	begin();
	type("e>e");
	type("ee>ee");
	import_function("host", 0);
	function(0);
	function(1);
	table_record('e', 4, false, 0);
	global_record('e', true, WX_OP_REF_NULL, 0);
	export(0, "pass", 1);
	export(0, "two", 2);
	CODE(2);
	BODY(0, 1, LEAVES, GET(0), OP2(GLOBAL_SET, 0, 0), GET(0), CALL(0, 0), END);
	BODY(1, 2, LEAVES, GET(0), CALL(0, 0), OP(DROP), GET(1), CALL(0, 0), OP(DROP), GET(0), GET(1), END);
	instance = instantiate(&import, 1);
	root_instances[0] = instance;
	f = exported(instance, "pass");
	for (i = 0; i < 1000000; i++) {
		wx_externref_reserve(runtime, 1);
		values[0] = wx_externref_new(runtime);
		if (!values[0] || wx_call(runtime, f, values, &trace)) {
			CHECK(false);
			break;
		}
	}
	wx_runtime_measure(runtime, &figures);
	/* what no call and no cell holds comes free without a collection of JavaScript's garbage */
	CHECK(figures.externref_capacity <= 64);
	EQUAL(collections, 0);
	collect(NULL);
	CHECK(marked_externs >= 1 && marked_externs <= 3);
	/* what nobody else knows: a table and a global of no instance */
	{
		struct wx_table *table;
		struct wx_global *global;
		uintptr_t in_table, in_global, handle;
		wx_externref_reserve(runtime, 1);
		in_table = wx_externref_new(runtime);
		table = wx_table_new(runtime, WX_EXTERNREF_TYPE, 2, false, 0, in_table, NULL);
		wx_externref_reserve(runtime, 1);
		in_global = wx_externref_new(runtime);
		global = wx_global_new(runtime, WX_EXTERNREF_TYPE, true, in_global);
		for (i = 0; i < 1000; i++) {
			wx_externref_reserve(runtime, 1);
			handle = wx_externref_new(runtime);
			CHECK(handle && handle != in_table && handle != in_global);
		}
		CHECK(wx_externref_known(runtime, in_table) && wx_externref_known(runtime, in_global));
		EQUAL(collections, 1);
		wx_table_release(table);
		wx_global_release(global);
		for (i = 0; i < 64; i++) {
			wx_externref_reserve(runtime, 1);
			wx_externref_new(runtime);
		}
		collect(NULL);
		wx_externref_collect(runtime);
		CHECK(!wx_externref_known(runtime, in_table) && !wx_externref_known(runtime, in_global));
	}
	/* live values in registers and frames of wasm, while the host collects */
	instance->host_functions[0].host = MARKED;
	two = exported(instance, "two");
	wx_externref_reserve(runtime, 2);
	values[0] = wx_externref_new(runtime);
	values[1] = wx_externref_new(runtime);
	{
		uint64_t a = values[0], b = values[1];
		EQUAL(wx_call(runtime, two, values, &trace), 0);
		EQUAL(values[0], a);
		EQUAL(values[1], b);
		CHECK(wx_externref_known(runtime, (uintptr_t)a) && wx_externref_known(runtime, (uintptr_t)b));
		collect(NULL);
		wx_externref_collect(runtime);
		CHECK(!wx_externref_known(runtime, (uintptr_t)a) && !wx_externref_known(runtime, (uintptr_t)b));
	}
	CHECK(!wx_externref_known(runtime, 0));
	/* a table holds */
	wx_externref_reserve(runtime, 1);
	values[0] = wx_externref_new(runtime);
	wx_table_set(wx_instance_table(instance, 0), 3, (uintptr_t)values[0]);
	collect(NULL);
	wx_externref_collect(runtime);
	CHECK(wx_externref_known(runtime, (uintptr_t)values[0]));
	wx_table_set(wx_instance_table(instance, 0), 3, 0);
	collect(NULL);
	wx_externref_collect(runtime);
	CHECK(!wx_externref_known(runtime, (uintptr_t)values[0]));
	root_instances[0] = NULL;
	collect(NULL);
	EQUAL(runtime->instance_count, 0);
	EQUAL(wx_runtime_flash(runtime)->held, 0);
	close_world();
}

/* ---- what garbage has, for who asks ---- */

/* An instance that nothing refers to, and no memory but what it has. */
static void leave_garbage(void)
{
	memory.limit = 0;
	begin();
	type(">");
	memory_record(4, false, 0, 16);
	CODE(0);
	instantiate(NULL, 0);
	memory.limit = memory.current;
	collections = 0;
}

/* It is gone; and once was enough. */
static void garbage_is_gone(void)
{
	EQUAL(collections, 1);
	EQUAL(runtime->instance_count, 1);
	wx_externref_collect(runtime);
	memory.limit = 0;
}

static uint64_t new_extern(void)
{
	CHECK(wx_externref_reserve(runtime, 1));
	return wx_externref_new(runtime);
}

static int wait_for_ever(struct wx_host_call *c)
{
	suspended[0] = c->activation;
	return WX_SUSPENDED;
}

/* What it returns, nothing else has; and garbage has all the memory. */
static int fresh_extern(struct wx_host_call *c)
{
	c->values[0] = new_extern();
	leave_garbage();
	return 0;
}

/* Its parameters take memory. */
static int take_last(struct wx_host_call *c)
{
	garbage_is_gone();
	CHECK(wx_externref_known(runtime, (uintptr_t)c->values[11]));
	c->values[0] = c->values[11];
	return 0;
}

/* The last of many parameters of a host call, while memory is taken for them. */
static void test_many_parameters(void)
{
	struct wx_import_value imports[2] = { host_import(fresh_extern, NULL), host_import(take_last, NULL) };
	struct wx_instance *instance;
	open_world(collect);
	begin();
	type(">e");
	type("eeeeeeeeeeee>e");
	import_function("fresh", 0);
	import_function("take", 1);
	function(0);
	export(0, "run", 2);
	CODE(1);
#define NO_EXTERN OP2(REF_NULL, WX_EXTERNREF_TYPE, 0)
	BODY(0, 2, LEAVES, NO_EXTERN, NO_EXTERN, NO_EXTERN, NO_EXTERN, NO_EXTERN, NO_EXTERN, NO_EXTERN, NO_EXTERN,
		NO_EXTERN, NO_EXTERN, NO_EXTERN, CALL(0, 0), CALL(1, 1), END);
	root_instances[0] = instance = instantiate(imports, 2);
	exported(instance, "run");
	CHECK(call1(instance, "run", 0) >= 0);
	CHECK(call1(instance, "run", 0) >= 0);
	root_instances[0] = NULL;
	collect(NULL);
	close_world();
}

static void test_garbage(void)
{
	struct wx_import_value import = host_import(wait_for_ever, NULL);
	struct wx_instance *instance;
	struct wx_activation *a;
	struct wx_table *table;
	struct wx_global *global;
	uint64_t values[2], e;
	static const char *const names[] = { "same", "hold", "grow", "tgrow", "insist", "refer" };
	uint32_t items[1] = { 6 }, i;
	open_world(collect);
	begin();
	type("e>e");
	type("i>i");
	type("ei>e");
	import_function("host", 0);
	function(0); /* 1: as it comes */
	function(0); /* 2: held during a host call */
	function(2); /* 3: memory.grow, with a reference in a register */
	function(2); /* 4: table.grow, and the same afterwards */
	function(1); /* 5: as often as the argument says, a page too many */
	function(1); /* 6: no reference of it is there yet */
	function(1); /* 7: puts one into the table */
	table_record('e', 1, false, 0);
	table_record('r', 1, false, 0);
	memory_record(1, false, 0, 16);
	export(0, "same", 1);
	export(0, "hold", 2);
	export(0, "grow", 3);
	export(0, "tgrow", 4);
	export(0, "insist", 5);
	export(0, "refer", 7);
	element(-1, 1, 1, items);
	CODE(7);
	BODY(0, 1, LEAVES, GET(0), END);
	BODY(0, 2, LEAVES, { WX_PLAN_LOCAL_USE, 99, 0 }, GET(0), CALL(0, 0), OP(DROP), GET(0), END);
	BODY(2, 3, CALLS, { WX_PLAN_LOCAL_USE, 99, 0 }, GET(1), OP(MEMORY_GROW), OP(DROP), GET(0), END);
	BODY(2, 4, CALLS, { WX_PLAN_LOCAL_USE, 99, 0 }, GET(0), GET(1), OP2(TABLE_GROW, 0, 0), OP(DROP), GET(0), END);
	BODY(1, 5, CALLS, OP2(LOOP, 0x40, 0x10001), I32(1), OP(MEMORY_GROW), OP(DROP), GET(0), I32(1), OP(I32_SUB),
		{ WX_OP_LOCAL_TEE, 0, 0 }, OP2(BR_IF, 0, 0), END, GET(0), END);
	BODY(1, 6, LEAVES, GET(0), END);
	BODY(1, 7, CALLS, I32(0), OP2(REF_FUNC, 0, 6), OP2(TABLE_SET, 0, 1), GET(0), END);
	root_instances[0] = instance = instantiate(&import, 1);
	/* references of all that is called, as many as there is room for */
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		exported(instance, names[i]);
	EQUAL(instance->function_count, 6);
	/* on the C stack: the arguments of the first call, which takes the stack; then a stack for a promising call */
	e = values[0] = new_extern();
	leave_garbage();
	EQUAL(call(instance, "same", values), 0);
	EQUAL(values[0], e);
	garbage_is_gone();
	CHECK(wx_externref_known(runtime, (uintptr_t)e));
	e = values[0] = new_extern();
	leave_garbage();
	EQUAL(wx_call_promising(runtime, exported(instance, "hold"), values, &trace, &a), WX_SUSPENDED);
	root_activation = a;
	garbage_is_gone();
	CHECK(wx_externref_known(runtime, (uintptr_t)e));
	wx_activation_release(a);
	root_activation = NULL;
	/* what is put into a new table or global, and where a table grows */
	e = new_extern();
	leave_garbage();
	table = root_table = wx_table_new(runtime, WX_EXTERNREF_TYPE, 100, false, 0, (uintptr_t)e, &error);
	garbage_is_gone();
	CHECK(table && wx_externref_known(runtime, (uintptr_t)e));
	e = new_extern();
	leave_garbage();
	EQUAL(wx_table_grow(table, 5000, (uintptr_t)e), 100);
	garbage_is_gone();
	CHECK(wx_externref_known(runtime, (uintptr_t)e));
	wx_table_release(table);
	root_table = NULL;
	e = new_extern();
	leave_garbage();
	global = wx_global_new(runtime, WX_EXTERNREF_TYPE, false, e);
	garbage_is_gone();
	CHECK(global && wx_externref_known(runtime, (uintptr_t)e));
	wx_global_release(global);
	/* on the wasm stack */
	e = values[0] = new_extern();
	values[1] = 2;
	leave_garbage();
	EQUAL(call(instance, "grow", values), 0);
	garbage_is_gone();
	EQUAL(values[0], e);
	CHECK(wx_externref_known(runtime, (uintptr_t)e));
	EQUAL(wx_instance_memory(instance, 0)->pages, 3);
	e = values[0] = new_extern();
	values[1] = 3000;
	leave_garbage();
	EQUAL(call(instance, "tgrow", values), 0);
	garbage_is_gone();
	EQUAL(values[0], e);
	CHECK(wx_externref_known(runtime, (uintptr_t)e));
	table = wx_instance_table(instance, 0);
	EQUAL(table->size, 3001);
	CHECK(table->elements[1] == e && table->elements[3000] == e);
	leave_garbage();
	EQUAL(call1(instance, "refer", 5), 5);
	garbage_is_gone();
	CHECK(((struct wx_funcref *)wx_instance_table(instance, 1)->elements[0])->index == 6);
	/* in vain: once for as long as only wasm runs */
	memory.limit = memory.current;
	collections = 0;
	EQUAL(call1(instance, "insist", 1000), 0);
	EQUAL(collections, 1);
	EQUAL(call1(instance, "insist", 1000), 0);
	EQUAL(collections, 2);
	EQUAL(wx_instance_memory(instance, 0)->pages, 3);
	/* what there is room for, or can never be, asks for nothing */
	memory.limit = memory.current + 10000;
	collections = 0;
	for (i = 0; i < 10; i++)
		wx_free(&memory, wx_alloc(&memory, 9000));
	CHECK(!wx_alloc(&memory, memory.limit + 1) && !wx_alloc(&memory, SIZE_MAX / 2 + 1));
	CHECK(!wx_calloc(&memory, SIZE_MAX / 2, 4));
	EQUAL(collections, 0);
	CHECK(!wx_alloc(&memory, 11000));
	EQUAL(collections, 1);
	/* a limit of instances is asked for, too */
	memory.limit = 0;
	leave_garbage();
	memory.limit = 0;
	runtime->config.instances = 2;
	{
		struct wx_instance *second = wx_instance_new(wx_instance_module(instance), &import, 1, &error);
		CHECK(second != NULL);
		EQUAL(collections, 1);
		root_instances[1] = second;
		CHECK(!wx_instance_new(wx_instance_module(instance), &import, 1, &error));
		EQUAL(error.kind, WX_ERROR_LIMIT);
		EQUAL(collections, 2);
	}
	root_instances[0] = root_instances[1] = NULL;
	collect(NULL);
	EQUAL(runtime->instance_count, 0);
	EQUAL(wx_runtime_flash(runtime)->held, 0);
	close_world();
}

/* A collector that wants memory itself gets none, and is not called by itself. */
static bool want_memory(void *data)
{
	unsigned *calls = data;
	++*calls;
	CHECK(!wx_alloc(&memory, 1000));
	return true;
}

static void test_collector(void)
{
	unsigned calls = 0;
	void *block;
	wx_alloc_init(&memory, 500);
	memory.collector = (struct wx_collector){ want_memory, &calls };
	block = wx_alloc(&memory, 300);
	CHECK(block != NULL);
	EQUAL(calls, 0);
	CHECK(!wx_realloc(&memory, block, 490));
	EQUAL(calls, 1);
	EQUAL(wx_alloc_size(block), 300);
	block = wx_realloc(&memory, block, 350);
	CHECK(block && !wx_alloc(&memory, 300));
	EQUAL(calls, 2);
	wx_free(&memory, block);
	EQUAL(memory.current, 0);
}

static struct wx_table *shared_table;

/* While B runs, called through the table from A, its last reference goes. */
static int forget_and_collect(struct wx_host_call *c)
{
	wx_table_set(shared_table, 0, 0);
	root_table = NULL;
	collect(NULL);
	c->values[0] = 77;
	return 0;
}

static void test_lifetime(void)
{
	struct wx_import_value imports[2];
	struct wx_instance *a, *b;
	uint32_t items[1] = { 1 };
	int round;
	open_world(NULL);
	for (round = 0; round < 3; round++) {
		memset(imports, 0, sizeof(imports));
		shared_table = wx_table_new(runtime, WX_FUNCREF_TYPE, 1, false, 0, 0, &error);
		root_table = shared_table;
		imports[0] = host_import(forget_and_collect, NULL);
		imports[1].kind = WX_EXTERN_TABLE;
		imports[1].table = shared_table;
		/* b puts its function into the table */
		begin();
		type("i>i");
		import_function("host", 0);
		import_head(1, "m", "t");
		table_record('r', 1, false, 0);
		import_names("m", "t");
		function(0);
		export(0, "run", 1);
		element(0, 0, 1, items);
		CODE(1);
		BODY(0, 1, LEAVES, GET(0), CALL(0, 0), GET(0), OP(I32_ADD), END);
		b = instantiate(imports, 2);
		/* a calls through it */
		begin();
		type("i>i");
		import_head(1, "m", "t");
		table_record('r', 1, false, 0);
		import_names("m", "t");
		function(0);
		export(0, "run", 0);
		CODE(1);
		BODY(0, 0, LEAVES, GET(0), I32(0), OP2(CALL_INDIRECT, 0, 0), I32(1), OP(I32_ADD), END);
		a = instantiate(imports + 1, 1);
		root_instances[0] = a;
		collect(NULL);
		EQUAL(runtime->instance_count, 2);
		if (round == 0) {
			EQUAL(call1(a, "run", 5), 83);
			EQUAL(runtime->instance_count, 2);
			collect(NULL);
			EQUAL(runtime->instance_count, 1);
			EQUAL(call1(a, "run", 5), -WX_TRAP_UNINITIALIZED_ELEMENT);
		} else if (round == 1) {
			/* nothing but the table */
			root_instances[0] = NULL;
			collect(NULL);
			EQUAL(runtime->instance_count, 1);
			EQUAL(call1(b, "run", 3), 80);
		} else {
			/* the instances hold each other by way of the table, which no one else holds */
			wx_table_set(shared_table, 0, (uintptr_t)wx_instance_function(a, 0));
			root_table = NULL;
		}
		root_instances[0] = NULL;
		root_table = NULL;
		collect(NULL);
		EQUAL(runtime->instance_count, 0);
		EQUAL(wx_runtime_flash(runtime)->held, 0);
		wx_table_release(shared_table);
	}
	close_world();
}

/* References in a suspended call are found while only the activation is held. */
static int suspend_extern(struct wx_host_call *c)
{
	suspended[0] = c->activation;
	return WX_SUSPENDED;
}

static void test_suspended_roots(void)
{
	struct wx_import_value import = host_import(suspend_extern, NULL);
	struct wx_instance *instance;
	struct wx_activation *a;
	uint64_t values[4], kept;
	open_world(NULL);
	begin();
	type("e>e");
	import_function("host", 0);
	function(0);
	export(0, "hold", 1);
	CODE(1);
	BODY(0, 1, LEAVES, { WX_PLAN_LOCAL_USE, 99, 0 }, GET(0), CALL(0, 0), OP(DROP), GET(0), END);
	instance = instantiate(&import, 1);
	wx_externref_reserve(runtime, 1);
	kept = values[0] = wx_externref_new(runtime);
	EQUAL(wx_call_promising(runtime, exported(instance, "hold"), values, &trace, &a), WX_SUSPENDED);
	root_activation = a;
	collect(NULL);
	wx_externref_collect(runtime);
	EQUAL(runtime->instance_count, 1);
	CHECK(wx_externref_known(runtime, (uintptr_t)kept));
	values[0] = 0;
	root_activation = NULL;
	EQUAL(wx_activation_resume(a, 0, values, &trace), 0);
	EQUAL(values[0], kept);
	collect(NULL);
	EQUAL(runtime->instance_count, 0);
	close_world();
}

/* ---- states ---- */

#include "activations.h"

/* ---- everything at once ---- */

/*
 * Calls, promising calls, resumptions, traps and collections nested in each other at random; results are known: work(x)
 * = 8x + 3, deep(x) = 9x + 11.
 */
static struct stress {
	struct wx_activation *a;
	uint32_t x, expected;
} waiting[16];
static unsigned waiting_count, stress_suspended, stress_resumed, stress_nested, stress_traps;
static struct wx_instance *stress_instance;
static uint32_t stress_x;

static void stress_step(void);

static int stress_host(struct wx_host_call *c)
{
	uint32_t x = (uint32_t)c->values[0], n = (uint32_t)(random64() >> 40) % 3;
	EQUAL(c->values[0], x);
	while (n-- && runtime->depth < 12)
		stress_step();
	if (random64() % 50 == 0)
		collect(NULL);
	if (random64() % 16 == 0)
		return WX_TRAP_HOST;
	if (c->activation && waiting_count < 16 && random64() % 2) {
		stress_x = x;
		return WX_SUSPENDED;
	}
	c->values[0] = x * 7 + 3;
	return 0;
}

/* A promising call, begun or resumed, came back. */
static void stress_back(int status, struct wx_activation *a, uint32_t expected, uint64_t result)
{
	if (status == WX_SUSPENDED) {
		stress_suspended++;
		CHECK(a != NULL);
		if (waiting_count == 16)
			wx_activation_release(a);
		else
			waiting[waiting_count++] = (struct stress){ a, stress_x, expected };
	} else if (status)
		stress_traps++;
	else
		EQUAL(result, expected);
}

static void stress_step(void)
{
	bool deep = random64() % 2;
	uint32_t x = (uint32_t)random64(), expected = deep ? 9 * x + 11 : 8 * x + 3;
	const struct wx_funcref *f = exported(stress_instance, deep ? "deep" : "work");
	uint64_t values[2] = { x, 0 };
	struct wx_activation *a = NULL;
	struct stress one;
	int status;
	switch (random64() % 4) {
	case 0:
		status = wx_call(runtime, f, values, &trace);
		if (status)
			stress_traps++;
		else {
			EQUAL(values[0], expected);
			stress_nested++;
		}
		break;
	case 1:
		status = wx_call_promising(runtime, f, values, &trace, &a);
		stress_back(status, a, expected, values[0]);
		break;
	default:
		if (!waiting_count)
			return;
		one = waiting[random64() % waiting_count];
		for (unsigned i = 0; i < waiting_count; i++)
			if (waiting[i].a == one.a) {
				waiting[i] = waiting[--waiting_count];
				break;
			}
		if (random64() % 32 == 0) {
			wx_activation_release(one.a);
			return;
		}
		values[0] = (uint32_t)(one.x * 7 + 3);
		status = wx_activation_resume(one.a, random64() % 32 == 0 ? WX_TRAP_HOST : 0, values, &trace);
		stress_resumed++;
		stress_back(status, one.a, one.expected, values[0]);
	}
}

static void test_stress(void)
{
	struct wx_import_value import = host_import(stress_host, NULL);
	unsigned i;
	open_world(NULL);
	begin();
	type("i>i");
	import_function("host", 0);
	function(0);
	function(0);
	export(0, "work", 1);
	export(0, "deep", 2);
	CODE(2);
	BODY(0, 1, LEAVES, { WX_PLAN_LOCAL_USE, 99, 0 }, GET(0), CALL(0, 0), GET(0), OP(I32_ADD), END);
	BODY(0, 2, CALLS, GET(0), I32(1), OP(I32_ADD), CALL(0, 1), GET(0), OP(I32_ADD), END);
	stress_instance = instantiate(&import, 1);
	root_instances[0] = stress_instance;
	for (i = 0; i < 20000; i++)
		stress_step();
	CHECK(stress_suspended > 1000 && stress_resumed > 1000 && stress_nested > 1000 && stress_traps > 1000);
	while (waiting_count)
		wx_activation_release(waiting[--waiting_count].a);
	root_instances[0] = NULL;
	collect(NULL);
	EQUAL(runtime->instance_count, 0);
	EQUAL(runtime->suspended_count, 0);
	close_world();
}

/* ---- helpers ---- */

struct wx_context;

static uint64_t helper(uint8_t op, uint64_t a, uint64_t b, int expected)
{
	uint64_t args[4] = { a, b, 0, 0 };
	uint32_t (*h)(struct wx_context *, uint64_t *);
	memcpy(&h, &wx_helpers[op], sizeof(h));
	if (!CHECK(h != NULL))
		return 0;
	EQUAL(h(NULL, args), expected);
	return args[0];
}

#define H(op, a, b) helper(WX_OP_##op, a, b, 0)
#define TRAPS(op, a, b, kind) helper(WX_OP_##op, a, b, WX_TRAP_##kind)

static void check_rounding(uint64_t bits)
{
	double d;
	float f;
	uint32_t low = (uint32_t)bits;
	memcpy(&d, &bits, 8);
	memcpy(&f, &low, 4);
	if (d == d) {
		EQUAL(H(F64_CEIL, bits, 0), of64(ceil(d)));
		EQUAL(H(F64_FLOOR, bits, 0), of64(floor(d)));
		EQUAL(H(F64_TRUNC, bits, 0), of64(trunc(d)));
		EQUAL(H(F64_NEAREST, bits, 0), of64(nearbyint(d)));
	} else
		EQUAL(H(F64_CEIL, bits, 0), 0x7FF8000000000000u);
	if (f == f) {
		EQUAL(H(F32_CEIL, low, 0), of32(ceilf(f)));
		EQUAL(H(F32_FLOOR, low, 0), of32(floorf(f)));
		EQUAL(H(F32_TRUNC, low, 0), of32(truncf(f)));
		EQUAL(H(F32_NEAREST, low, 0), of32(nearbyintf(f)));
	} else
		EQUAL(H(F32_NEAREST, low, 0), 0x7FC00000u);
}

static void test_helpers(void)
{
	static const double halves[] = { 0.0, 0.5, 0.49999999999999994, 1.0, 1.5, 2.5, 3.5, 0.1, 4503599627370495.5,
		4503599627370496.0, 9007199254740993.0, 8388607.5, 1e300, 5e-324 };
	uint32_t i;
	open_world(NULL);
	for (i = 0; i < sizeof(halves) / sizeof(*halves); i++) {
		check_rounding(of64(halves[i]));
		check_rounding(of64(-halves[i]));
		check_rounding(of32((float)halves[i]));
		check_rounding(of32(-(float)halves[i]));
	}
	for (i = 0; i < 200000; i++) {
		uint64_t bits = random64();
		check_rounding(bits);
		/* exponents where rounding happens */
		check_rounding((bits & 0x800FFFFFFFFFFFFFu) | (uint64_t)(1018 + bits % 60) << 52);
		check_rounding((bits & 0x807FFFFFu) | (uint32_t)(120 + bits % 32) << 23);
	}
	EQUAL(H(F32_MIN, of32(0.0f), of32(-0.0f)), 0x80000000u);
	EQUAL(H(F32_MAX, of32(0.0f), of32(-0.0f)), 0);
	EQUAL(H(F32_MIN, of32(1), 0x7F800001), 0x7FC00000u);
	EQUAL(H(F64_MAX, 0xFFF0000000000001u, of64(1)), 0x7FF8000000000000u);
	EQUAL(H(F64_MIN, of64(-3), of64(2)), of64(-3));
	EQUAL(H(F64_MIN, of64(-0.0), of64(0.0)), 0x8000000000000000u);
	EQUAL(H(F64_COPYSIGN, 0x7FF0000000000001u, of64(-1)), 0xFFF0000000000001u);
	EQUAL(H(F32_NEG, 0x7FA00001, 0), 0xFFA00001u);
	EQUAL(H(F32_SQRT, of32(-1), 0), 0x7FC00000u);
	EQUAL(H(F32_DIV, of32(1), of32(0)), 0x7F800000u);
	EQUAL(H(F64_DIV, 0, 0), 0x7FF8000000000000u);
	EQUAL(H(F32_DEMOTE_F64, 0x7FF4000000000000u, 0), 0x7FC00000u);
	EQUAL(H(F64_PROMOTE_F32, 0xFFA00001u, 0), 0x7FF8000000000000u);
	/* integers */
	TRAPS(I64_DIV_S, 1, 0, DIVIDE_BY_ZERO);
	TRAPS(I64_DIV_S, (uint64_t)1 << 63, (uint64_t)-1, OVERFLOW);
	TRAPS(I32_DIV_S, 0xFF80000000u, 0xFFFFFFFFFFu, OVERFLOW);
	EQUAL(H(I64_REM_S, (uint64_t)1 << 63, (uint64_t)-1), 0);
	EQUAL(H(I64_DIV_S, (uint64_t)-7, 2), (uint64_t)-3);
	EQUAL(H(I64_REM_S, (uint64_t)-7, 2), (uint64_t)-1);
	EQUAL(H(I64_DIV_U, (uint64_t)-7, 2), ((uint64_t)-7) / 2);
	EQUAL(H(I32_DIV_S, 0xABCD00000000u | (uint32_t)-7, 2), (uint32_t)-3);
	EQUAL(H(I32_REM_S, 0x80000000u, 0xFFFFFFFFu), 0);
	EQUAL(H(I32_SHR_S, 0x80000000u, 33), 0xC0000000u);
	EQUAL(H(I32_ROTL, 0x80000001u, 32), 0x80000001u);
	EQUAL(H(I64_ROTR, 1, 1), 0x8000000000000000u);
	EQUAL(H(I64_SHR_S, 0x8000000000000000u, 127), (uint64_t)-1);
	EQUAL(H(I64_POPCNT, 0xF0F0F0F0F0F0F0FFu, 0), 36);
	EQUAL(H(I64_CLZ, 0, 0), 64);
	EQUAL(H(I32_CTZ, 0xFF00000000u, 0), 32);
	EQUAL(H(I64_LT_S, (uint64_t)-1, 0), 1);
	EQUAL(H(I64_LT_U, (uint64_t)-1, 0), 0);
	EQUAL(H(I32_EQZ, 0xFF00000000u, 0), 1);
	EQUAL(H(I64_EXTEND_I32_S, 0x80000000u, 0), 0xFFFFFFFF80000000u);
	EQUAL(H(I32_EXTEND8_S, 0x80, 0), 0xFFFFFF80u);
	/* conversions at their limits */
	EQUAL(H(I32_TRUNC_F64_S, of64(2147483647.9), 0), 0x7FFFFFFF);
	TRAPS(I32_TRUNC_F64_S, of64(2147483648.0), 0, OVERFLOW);
	EQUAL(H(I32_TRUNC_F64_S, of64(-2147483648.9), 0), 0x80000000u);
	TRAPS(I32_TRUNC_F64_S, of64(-2147483649.0), 0, OVERFLOW);
	TRAPS(I32_TRUNC_F32_U, of32(-1.0f), 0, OVERFLOW);
	EQUAL(H(I32_TRUNC_F32_U, of32(-0.9f), 0), 0);
	TRAPS(I32_TRUNC_F32_S, 0x7FC00000, 0, CONVERSION);
	EQUAL(H(I64_TRUNC_F32_S, 0xDF000000u, 0), 0x8000000000000000u);
	TRAPS(I64_TRUNC_F32_S, 0xDF000001u, 0, OVERFLOW);
	TRAPS(I64_TRUNC_F32_S, 0x5F000000, 0, OVERFLOW);
	TRAPS(I64_TRUNC_F64_U, of64(18446744073709551616.0), 0, OVERFLOW);
	EQUAL(H(I64_TRUNC_F64_U, of64(18446744073709549568.0), 0), 18446744073709549568u);
	EQUAL(H(I64_TRUNC_F64_U, of64(9223372036854775808.0), 0), 9223372036854775808u);
	EQUAL(H(I32_TRUNC_SAT_F32_S, 0x7FC00000, 0), 0);
	EQUAL(H(I32_TRUNC_SAT_F32_S, of32(-INFINITY), 0), 0x80000000u);
	EQUAL(H(I64_TRUNC_SAT_F64_S, of64(INFINITY), 0), 0x7FFFFFFFFFFFFFFFu);
	EQUAL(H(I64_TRUNC_SAT_F64_U, of64(-5), 0), 0);
	EQUAL(H(I32_TRUNC_SAT_F64_U, of64(4294967296.0), 0), 0xFFFFFFFFu);
	EQUAL(H(F32_CONVERT_I64_U, 0xFFFFFF7FFFFFFFFFu, 0), 0x5F7FFFFFu);
	EQUAL(H(F32_CONVERT_I64_U, 0xFFFFFF8000000000u, 0), 0x5F800000u);
	EQUAL(H(F32_CONVERT_I64_S, 0x8000004000000001u, 0), 0xDEFFFFFFu);
	EQUAL(H(F64_CONVERT_I64_U, 0xFFFFFFFFFFFFFBFFu, 0), 0x43EFFFFFFFFFFFFFu);
	EQUAL(H(F32_CONVERT_I32_S, 0xFF00000001u, 0), of32(1));
	close_world();
}

/* ---- damaged images ---- */

static void test_damage(void)
{
	static uint8_t image[1 << 16];
	struct wx_instance *instance;
	struct wx_import_value import = host_import(throws, NULL);
	const struct wx_image_header *h;
	uint32_t size, i, refused = 0, tried = 0;
	open_world(NULL);
	instance = trapping(&import);
	h = &wx_instance_module(instance)->header;
	size = wx_module_region(wx_instance_module(instance))->size;
	memcpy(image, wx_module_region(wx_instance_module(instance))->base, size);
	for (i = 0; i < size; i++) {
		unsigned k;
		/* machine code is believed */
		if ((i >= WX_IMAGE_VECTORS && i < h->records) || (i >= h->jump_slots && i < h->after))
			continue;
		for (k = 0; k < 3; k++) {
			struct wx_region *region;
			struct wx_module *module;
			wx_writer w;
			uint8_t was = image[i];
			image[i] ^= k == 0 ? 0x01 : k == 1 ? 0x80 : 0xFF;
			CHECK(wx_writer_open(&w, wx_runtime_flash(runtime), size));
			wx_writer_append(&w, image, size);
			image[i] = was;
			region = wx_writer_finish(&w);
			tried++;
			module = wx_module_new(runtime, region, &error);
			if (!module) {
				refused++;
				EQUAL(error.kind, WX_ERROR_IMAGE);
				wx_region_release(region);
				continue;
			}
			/* accepted: then nothing of it may lead astray */
			{
				struct wx_external external;
				struct wx_cursor cursor;
				struct wx_instance *other;
				char name[32];
				memset(&cursor, 0, sizeof(cursor));
				while (wx_module_next_export(module, &cursor, &external))
					wx_module_describe(module, &external);
				for (uint32_t f = 0; f < 6; f++)
					wx_module_function_name(module, f, name, sizeof(name));
				other = wx_instance_new(module, &import, 1, &error);
				if (other && !h->start)
					wx_instance_start(other, &trace);
				if (other)
					wx_instance_release(other);
				wx_module_release(module);
			}
		}
	}
	CHECK(refused > tried / 3);
	close_world();
}

/* ---- */

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "flash, large pages", test_flash_large_pages },
	{ "flash, small pages", test_flash_small_pages },
	{ "flash that garbage has, large pages", test_flash_garbage_large_pages },
	{ "flash that garbage has, small pages", test_flash_garbage_small_pages },
	{ "publication", test_publication },
	{ "values", test_values },
	{ "registers", test_registers },
	{ "all registers", test_all_registers },
	{ "constants", test_constants },
	{ "traps", test_traps },
	{ "trace across instances", test_trace_across },
	{ "exhaustion", test_exhaustion },
	{ "suspension", test_suspension },
	{ "watchdog", test_watchdog },
	{ "meter", test_meter_ends },
	{ "interrupt in host", test_interrupt_in_host },
	{ "interrupt everywhere", test_interrupt_everywhere },
	{ "bulk", test_bulk },
	{ "segments", test_segments },
	{ "linking", test_linking },
	{ "externrefs", test_externrefs },
	{ "garbage", test_garbage },
	{ "garbage and many parameters", test_many_parameters },
	{ "collector", test_collector },
	{ "lifetime", test_lifetime },
	{ "suspended roots", test_suspended_roots },
	{ "states of an activation", test_states },
	{ "suspended meanwhile", test_meanwhile },
	{ "stress", test_stress },
	{ "helpers", test_helpers },
	{ "damaged images", test_damage },
};

int main(int argc, char **argv)
{
	const unsigned count = sizeof(tests) / sizeof(*tests);
	unsigned i;
	/* All of it once more as metered code. */
	for (i = 0; i < 2 * count; i++) {
		int before = failures;
		test_name = tests[i % count].name;
		metered = i >= count;
		if (argc > 1 && strncmp(test_name, argv[1], strlen(argv[1])) != 0)
			continue;
		tests[i % count].run();
		printf("%s %s%s\n", failures == before ? "ok" : "FAIL", test_name, metered ? ", metered" : "");
		fflush(stdout);
	}
	printf("%d checks, %d failures\n", checks, failures);
	return failures != 0;
}
