/*
 * Compilation: the front end's plan goes to the emitter. Where the board has a native front end, it is run from here;
 * else JavaScript runs it.
 */

#include "xsmc.h"
#include "port.h"
#include "natives.h"
#include "api.h"

#include <stdio.h>
#include <string.h>

/* Exports of the front end (src/aot/front-end.ts). */
enum {
	SET_LIMIT,
	CONFIGURE,
	INPUT_ADDRESS,
	INPUT_CAPACITY,
	FEED,
	FINISH,
	STEP,
	PLAN_ADDRESS,
	PLAN_LENGTH,
	ERROR_CODE,
	ERROR_OFFSET,
	ERROR_FUNCTION,
	ERROR_DETAIL_0,
	ERROR_DETAIL_1,
	EXPORTS
};
static const char *const export_names[EXPORTS] = { "setLimit", "configure", "inputAddress", "inputCapacity", "feed",
	"finish", "step", "planAddress", "planLength", "errorCode", "errorOffset", "errorFunction", "errorDetail0",
	"errorDetail1" };

/* In place of a trap kind: it asked for bytes without room for them, or for more after the last. */
#define OUT_OF_STEP (-1)

/* Bytes of stack for the front end's frames: it has no recursion. */
#define FRAMES (256 * sizeof(uintptr_t))

/* Bytes of what one compilation learns for another (native/emit/summary.h), unless the board says otherwise. */
#define KNOWLEDGE 16384u

/* Limits of a board, by the front end's numbers. */
static const char *const limit_names[] = {
#define LIMIT(name) name,
	WX_FRONT_END_LIMITS(LIMIT)
#undef LIMIT
};

static const char no_flash[] = "code flash full";

struct compilation {
	struct wx_store *store;
	wx_compiler *compiler; /* NULL: only to be validated */
	wx_writer writer;
	bool writing;
	wx_knowledge *learned; /* kept beyond the end, for the compilation that takes it */
	wx_knowledge *known; /* what another one has learned */
	bool second; /* of a module that has an image */
	bool streams; /* it counts among the store's */
	bool finished;
	struct wx_instance *front_end;
	struct wx_funcref *functions[EXPORTS];
	int trap;
	uint32_t plan; /* address of the plan buffer in the front end's memory */
	uint32_t taken; /* bytes of the chunk at hand that the front end has */
	bool planning; /* it has more to do with them */
	uint32_t batches; /* of the plan, until the next pause */
	uint32_t longest; /* microseconds of the longest call */
};

/* Nothing but this refers to the front end's instance, so its memory is given back at once. */
static void compiler_close(struct compilation *compilation)
{
	if (compilation->front_end)
		wx_instance_release(compilation->front_end);
	compilation->front_end = NULL;
	if (compilation->compiler)
		wx_compiler_delete(compilation->compiler);
	compilation->compiler = NULL;
	if (compilation->writing)
		wx_writer_abandon(&compilation->writer);
	compilation->writing = false;
	if (compilation->streams)
		compilation->store->streams--;
	compilation->streams = false;
	if (!compilation->finished) {
		wx_knowledge_delete(compilation->learned);
		compilation->learned = NULL;
	}
	wx_knowledge_delete(compilation->known);
	compilation->known = NULL;
}

static void compiler_destructor(void *data)
{
	struct compilation *compilation = data;
	struct wx_store *store;
	if (!compilation)
		return;
	store = compilation->store;
	compiler_close(compilation);
	wx_knowledge_delete(compilation->learned);
	wx_free(store->alloc, compilation);
	wx_store_release(store);
}

const xsHostHooks wx_compiler_brand = { .destructor = compiler_destructor };

static struct compilation *compilation_of(xsMachine *the)
{
	return wx_api_data(the, 0, &wx_compiler_brand, "compilation");
}

static void __attribute__((noreturn)) fail_memory(xsMachine *the, struct compilation *compilation)
{
	compiler_close(compilation);
	wx_throw_memory(the);
}

/*
 * (object, store, audit, only validate, direct, function to map or undefined, is it to learn?, the compilation that has
 * learned or undefined, does it stream?)
 */
void xs_compiler_new(xsMachine *the)
{
	struct wx_store *store = WX_API_ARGUMENT_STORE(1);
	struct compilation *compilation;
	wx_compile_options options = { 0 };
	bool validate = xsmcToBoolean(xsArg(3));
	options.audit = xsmcToBoolean(xsArg(2));
	if (xsmcArgc > 5 && xsmcTypeOf(xsArg(5)) != xsUndefinedType) {
		options.map = true;
		options.map_function = (uint32_t)xsmcToInteger(xsArg(5));
	}
	options.metered = wx_port_of(the)->meter != NULL;
	options.direct = xsmcArgc > 4 && xsmcToBoolean(xsArg(4));
	wx_object_attach(the, &xsArg(0), &wx_compiler_brand);
	compilation = wx_calloc(store->alloc, 1, sizeof(*compilation));
	if (!compilation)
		wx_throw_memory(the);
	compilation->store = store;
	wx_store_retain(store);
	wx_object_set_data(&xsArg(0), compilation);
	if (xsmcArgc > 8 && xsmcToBoolean(xsArg(8))) {
		compilation->streams = true;
		store->streams++;
	}
	if (validate)
		return;
	if (!wx_writer_open(&compilation->writer, wx_runtime_flash(store->runtime), 0)) {
		if (!compilation->writer.failed)
			fail_memory(the, compilation);
		compiler_close(compilation);
		xsRangeError("%s", no_flash);
	}
	compilation->writing = true;
	if (xsmcArgc > 7 && xsmcTypeOf(xsArg(7)) != xsUndefinedType) {
		struct compilation *first = wx_api_data(the, 7, &wx_compiler_brand, "compilation");
		compilation->second = true;
		options.known = compilation->known = first->learned;
		first->learned = NULL;
	}
	if (xsmcArgc > 6 && xsmcToBoolean(xsArg(6)))
		/* Without memory for it nothing is learned. */
		options.learn = compilation->learned = wx_knowledge_new(
			store->alloc, wx_port_limit(the, "knowledge", KNOWLEDGE));
	compilation->compiler = wx_compiler_new(store->alloc, &compilation->writer, &options);
	if (!compilation->compiler)
		fail_memory(the, compilation);
}

/* (store) => is a module being compiled while it comes? One whose compilation is garbage is not. */
void xs_compiler_streams(xsMachine *the)
{
	struct wx_store *store = WX_API_ARGUMENT_STORE(0);
	if (store->streams)
		wx_alloc_collect(store->alloc);
	xsmcSetBoolean(xsResult, store->streams != 0);
}

/* (compilation) => ArrayBuffer: what native/emit/code-map.h recorded. Before it finishes. */
void xs_compiler_map(xsMachine *the)
{
	struct compilation *compilation = compilation_of(the);
	uint32_t words = 0;
	const uint32_t *map;
	if (!compilation->compiler)
		xsTypeError("compilation has ended");
	map = wx_compiler_map(compilation->compiler, &words);
	if (!map && words)
		wx_throw_memory(the);
	xsmcSetArrayBuffer(xsResult, (void *)map, (xsIntegerValue)(words * sizeof(*map)));
}

static wx_compile_status emit(struct compilation *compilation, const uint8_t *records, uint32_t size)
{
	wx_compile_status status;
	wx_port_mark(WX_PHASE_EMIT);
	status = wx_compiler_plan(compilation->compiler, records, size);
	wx_port_mark(WX_PHASE_BACK);
	return status;
}

/* ---- the native front end ---- */

/* 0, or a trap kind. */
static int call(struct compilation *compilation, int which, uint32_t a, uint32_t b, uint32_t *result)
{
	uint64_t values[2] = { a, b };
	struct wx_runtime *runtime = compilation->store->runtime;
	uint8_t stack[WX_LENT_STACK(FRAMES)] __attribute__((aligned(16)));
	compilation->trap = wx_call_within(runtime, compilation->functions[which], values, NULL, stack, sizeof(stack));
	*result = (uint32_t)values[0];
	return compilation->trap;
}

static struct wx_module *front_end_module(struct wx_store *store)
{
	struct wx_error error;
	if (!store->front_end)
		store->front_end = wx_module_built_in(
			store->runtime, wx_front_end_image, (uint32_t)(wx_front_end_image_end - wx_front_end_image), &error);
	return store->front_end;
}

static int export_number(const struct wx_external *external)
{
	int i;
	for (i = 0; i < EXPORTS; i++)
		if (strlen(export_names[i]) == external->name.size &&
			!memcmp(export_names[i], external->name.text, external->name.size))
			return i;
	return -1;
}

static bool open_front_end(struct compilation *compilation)
{
	struct wx_module *module = front_end_module(compilation->store);
	struct wx_cursor cursor = { 0 };
	struct wx_external external;
	struct wx_error error;
	int i;
	if (!module)
		return false;
	compilation->front_end = wx_instance_new(module, NULL, 0, &error);
	if (!compilation->front_end || wx_instance_start(compilation->front_end, NULL) ||
		!wx_instance_memory(compilation->front_end, 0))
		return false;
	while (wx_module_next_export(module, &cursor, &external)) {
		i = export_number(&external);
		if (i >= 0)
			wx_module_describe(module, &external);
		if (i >= 0 && external.kind == WX_EXTERN_FUNCTION && external.parameters <= 2 && external.results <= 1)
			compilation->functions[i] = wx_instance_function(compilation->front_end, external.index);
	}
	for (i = 0; i < EXPORTS; i++)
		if (!compilation->functions[i])
			return false;
	return true;
}

static bool has_front_end(xsMachine *the)
{
	return &wx_front_end_image[0] != &wx_front_end_image_end[0] && !wx_port_limit(the, "interpretFrontEnd", 0);
}

/* () => has this board a native front end? */
void xs_compiler_native(xsMachine *the)
{
	xsmcSetBoolean(xsResult, has_front_end(the));
}

/* (compilation, flags) => false: this board has none */
void xs_compiler_front_end(xsMachine *the)
{
	struct compilation *compilation = compilation_of(the);
	uint32_t flags = (uint32_t)xsmcToInteger(xsArg(1)), i, limit, result;
	if (!has_front_end(the)) {
		xsmcSetFalse(xsResult);
		return;
	}
	if (compilation->front_end)
		xsTypeError("compilation has begun");
	if (!open_front_end(compilation))
		fail_memory(the, compilation);
	for (i = 0; i < sizeof(limit_names) / sizeof(limit_names[0]); i++) {
		limit = wx_port_limit(the, limit_names[i], UINT32_MAX);
		if (limit != UINT32_MAX && call(compilation, SET_LIMIT, i, limit, &result))
			fail_memory(the, compilation);
	}
	if (call(compilation, CONFIGURE, flags, 0, &result) || call(compilation, PLAN_ADDRESS, 0, 0, &compilation->plan))
		fail_memory(the, compilation);
	xsmcSetTrue(xsResult);
}

/* Bytes of the front end's memory; NULL, and it is as if it had trapped, when they are not all there. */
static uint8_t *bytes_of(struct compilation *compilation, uint32_t address, uint32_t size)
{
	uint8_t *bytes = wx_instance_bytes(compilation->front_end, address, size);
	if (!bytes)
		compilation->trap = WX_TRAP_MEMORY;
	return bytes;
}

/*
 * Until the front end wants more bytes, or is done, or it is time for a pause: after every `slice` batches of the plan.
 */
static enum wx_compile_outcome work(struct compilation *compilation, uint32_t slice, uint32_t *status)
{
	for (;;) {
		uint32_t size;
		uint8_t *records;
		if (++compilation->batches > slice) {
			compilation->batches = 0;
			return WX_OUTCOME_MORE;
		}
		if (call(compilation, STEP, 0, 0, status))
			return WX_OUTCOME_TRAPPED;
		if (*status == WX_FRONT_END_ERROR)
			return WX_OUTCOME_REFUSED;
		if (*status != WX_FRONT_END_PLAN) {
			compilation->batches--;
			return WX_OUTCOME_GOING_ON;
		}
		if (!compilation->compiler)
			continue;
		if (call(compilation, PLAN_LENGTH, 0, 0, &size))
			return WX_OUTCOME_TRAPPED;
		records = bytes_of(compilation, compilation->plan, size);
		if (!records)
			return WX_OUTCOME_TRAPPED;
		if (emit(compilation, records, size) != WX_COMPILE_OK)
			return WX_OUTCOME_NOT_EMITTED;
	}
}

/* Hands the next part of the chunk to the front end. */
static bool feed(struct compilation *compilation, const uint8_t *chunk, uint32_t size)
{
	uint32_t address, count, nothing;
	uint8_t *window;
	if (call(compilation, INPUT_ADDRESS, 0, 0, &address) || call(compilation, INPUT_CAPACITY, 0, 0, &count))
		return false;
	if (count > size)
		count = size;
	window = bytes_of(compilation, address, count);
	if (!window)
		return false;
	memmove(window, chunk, count);
	if (call(compilation, FEED, count, 0, &nothing))
		return false;
	compilation->taken += count;
	/* step() has made room. */
	if (!count) {
		compilation->trap = OUT_OF_STEP;
		return false;
	}
	return true;
}

static enum wx_compile_outcome push(
	struct compilation *compilation, const uint8_t *chunk, uint32_t size, uint32_t slice)
{
	while (compilation->planning || compilation->taken < size) {
		uint32_t status;
		enum wx_compile_outcome outcome;
		if (!compilation->planning && !feed(compilation, chunk + compilation->taken, size - compilation->taken))
			return WX_OUTCOME_TRAPPED;
		outcome = work(compilation, slice, &status);
		compilation->planning = outcome == WX_OUTCOME_MORE;
		if (outcome != WX_OUTCOME_GOING_ON)
			return outcome;
	}
	compilation->taken = 0;
	return WX_OUTCOME_GOING_ON;
}

static uint64_t begin_stretch(void)
{
	return wx_port_real_time();
}

static void end_stretch(struct compilation *compilation, uint64_t begun)
{
	uint64_t stretch = wx_port_real_time() - begun;
	if (stretch > compilation->longest)
		compilation->longest = stretch < UINT32_MAX ? (uint32_t)stretch : UINT32_MAX;
}

/* 0: without a pause */
static uint32_t slice_of(xsMachine *the, xsSlot *slot)
{
	xsIntegerValue slice = xsmcToInteger(*slot);
	return slice > 0 ? (uint32_t)slice : UINT32_MAX;
}

/* (compilation, chunk, slice) => enum wx_compile_outcome. Nothing of XS is allocated meanwhile. */
void xs_compiler_push(xsMachine *the)
{
	struct compilation *compilation = compilation_of(the);
	uint32_t slice = slice_of(the, &xsArg(2));
	uint64_t begun = begin_stretch();
	void *chunk;
	xsUnsignedValue size;
	if (!compilation->front_end)
		xsTypeError("compilation has ended");
	wx_buffer_bytes(the, &xsArg(1), &chunk, &size);
	if (compilation->taken > size)
		xsTypeError("not the same chunk");
	xsmcSetInteger(xsResult, push(compilation, chunk, size, slice));
	end_stretch(compilation, begun);
}

/* (compilation, slice) => enum wx_compile_outcome: there are no more bytes */
void xs_compiler_end(xsMachine *the)
{
	struct compilation *compilation = compilation_of(the);
	uint32_t status, slice = slice_of(the, &xsArg(1));
	uint64_t begun = begin_stretch();
	enum wx_compile_outcome outcome = WX_OUTCOME_TRAPPED;
	if (!compilation->front_end)
		xsTypeError("compilation has ended");
	if (!call(compilation, FINISH, 0, 0, &status)) {
		outcome = work(compilation, slice, &status);
		if (outcome == WX_OUTCOME_GOING_ON && status != WX_FRONT_END_DONE) {
			compilation->trap = OUT_OF_STEP;
			outcome = WX_OUTCOME_TRAPPED;
		}
	}
	xsmcSetInteger(xsResult, outcome);
	end_stretch(compilation, begun);
}

/* (compilation, which) => why it was refused: 0 code, 1 offset, 2 function, 3 and 4 details */
void xs_compiler_refusal(xsMachine *the)
{
	struct compilation *compilation = compilation_of(the);
	uint32_t which = (uint32_t)xsmcToInteger(xsArg(1)), result = 0;
	if (!compilation->front_end || which > ERROR_DETAIL_1 - ERROR_CODE)
		xsTypeError("compilation has ended");
	if (call(compilation, ERROR_CODE + (int)which, 0, 0, &result))
		xsUnknownError("front end failed: %s", wx_trap_message(compilation->trap));
	xsmcSetInteger(xsResult, (xsIntegerValue)result);
}

/* (compilation) => what the front end trapped with */
void xs_compiler_trap(xsMachine *the)
{
	struct compilation *compilation = compilation_of(the);
	/* It ends itself when its memory cannot grow (src/aot/base/memory.ts). */
	if (compilation->trap == WX_TRAP_UNREACHABLE)
		xsmcSetString(xsResult, "out of memory: front end");
	else {
		char text[80];
		snprintf(text, sizeof(text), "front end failed: %s",
			compilation->trap == OUT_OF_STEP ? "out of step" : wx_trap_message(compilation->trap));
		xsmcSetString(xsResult, text);
	}
}

/* ---- the front end in JavaScript ---- */

/* (compilation, memory, address, length) => a wx_compile_status */
void xs_compiler_plan(xsMachine *the)
{
	struct compilation *compilation = compilation_of(the);
	xsIntegerValue address = xsmcToInteger(xsArg(2)), length = xsmcToInteger(xsArg(3));
	void *memory;
	xsUnsignedValue size;
	if (!compilation->compiler)
		xsTypeError("compilation has ended");
	wx_buffer_bytes(the, &xsArg(1), &memory, &size);
	if (address < 0 || length < 0 || (xsUnsignedValue)address > size ||
		(xsUnsignedValue)length > size - (xsUnsignedValue)address)
		xsRangeError("plan is not in memory");
	xsmcSetInteger(xsResult, emit(compilation, (uint8_t *)memory + address, (uint32_t)length));
}

/* (memory, address, chunk, offset, count): copy bytes of a chunk into the front end's memory */
void xs_compiler_copy(xsMachine *the)
{
	xsIntegerValue address = xsmcToInteger(xsArg(1)), offset = xsmcToInteger(xsArg(3)), count = xsmcToInteger(xsArg(4));
	void *to, *from;
	xsUnsignedValue to_size, from_size;
	wx_buffer_bytes(the, &xsArg(2), &from, &from_size);
	wx_buffer_bytes(the, &xsArg(0), &to, &to_size);
	if (address < 0 || offset < 0 || count < 0 || (xsUnsignedValue)address > to_size ||
		(xsUnsignedValue)count > to_size - (xsUnsignedValue)address || (xsUnsignedValue)offset > from_size ||
		(xsUnsignedValue)count > from_size - (xsUnsignedValue)offset)
		xsRangeError("chunk is not in memory");
	memmove((uint8_t *)to + address, (uint8_t *)from + offset, (size_t)count);
}

/* (name) => the module of that name in the image, loaded now */
void xs_compiler_import(xsMachine *the)
{
	char name[64];
	size_t prefix = strlen(wx_port_module_prefix);
	/* The engine keeps the pointer while the module loads. */
	memcpy(name, wx_port_module_prefix, prefix);
	xsmcToStringBuffer(xsArg(0), name + prefix, (xsUnsignedValue)(sizeof(name) - prefix));
	xsResult = xsAwaitImport(name, XS_IMPORT_NAMESPACE);
}

/* ---- the end ---- */

/*
 * (compilation, module) => 0: the module has its image; else a wx_compile_status. Of a second compilation: in place of
 * the image that it had
 */
void xs_compiler_finish(xsMachine *the)
{
	struct compilation *compilation = compilation_of(the);
	struct wx_store *store = compilation->store;
	struct wx_api_module *module;
	struct wx_module *made;
	struct wx_region *region;
	struct wx_error error;
	wx_compile_figures figures;
	wx_compile_status status;
	if (!compilation->compiler)
		xsTypeError("compilation has ended");
	status = wx_compiler_finish(compilation->compiler, &figures);
	if (status != WX_COMPILE_OK) {
		xsmcSetInteger(xsResult, status);
		return;
	}
	wx_compiler_delete(compilation->compiler);
	compilation->compiler = NULL;
	if (compilation->second)
		module = wx_api_data(the, 1, &wx_module_brand, "WebAssembly.Module");
	else {
		wx_object_attach(the, &xsArg(1), &wx_module_brand);
		module = wx_calloc(store->alloc, 1, sizeof(*module));
		if (!module)
			wx_throw_memory(the);
		module->store = store;
		wx_store_retain(store);
		wx_object_set_data(&xsArg(1), module);
	}
	compilation->writing = false;
	region = wx_writer_finish(&compilation->writer);
	if (!region) {
		xsmcSetInteger(xsResult, WX_COMPILE_NO_FLASH);
		return;
	}
	made = wx_module_new(store->runtime, region, &error);
	if (!made) {
		wx_region_release(region);
		wx_throw_reason(store, "WebAssembly.Module()", &error);
	}
	/* The first image is not needed any more; instances that were made of it keep it. */
	if (module->module)
		wx_module_release(module->module);
	module->module = made;
	module->figures = figures;
	module->optimized = compilation->second;
	compilation->finished = true;
	if (module->longest < compilation->longest)
		module->longest = compilation->longest;
	xsmcSetInteger(xsResult, WX_COMPILE_OK);
}

/* (compilation) => the emitter's reason, in English */
void xs_compiler_error(xsMachine *the)
{
	struct compilation *compilation = compilation_of(the);
	int32_t function;
	if (compilation->compiler)
		xsmcSetString(xsResult, (xsStringValue)wx_compiler_error(compilation->compiler, &function));
	else
		xsmcSetString(xsResult, (xsStringValue)no_flash);
}

/* (compilation) => the index of the function that the reason is about, -1 none */
void xs_compiler_error_function(xsMachine *the)
{
	struct compilation *compilation = compilation_of(the);
	int32_t function = -1;
	if (compilation->compiler)
		wx_compiler_error(compilation->compiler, &function);
	xsmcSetInteger(xsResult, function);
}

/* (compilation): give everything back */
void xs_compiler_close(xsMachine *the)
{
	compiler_close(compilation_of(the));
}
