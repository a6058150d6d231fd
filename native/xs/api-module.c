/* Module: compilation, imports, exports, custom sections, figures. */

#include "xsmc.h"
#include "host.h"
#include "natives.h"
#include "api.h"
#include "../run/image.h"

#include <string.h>

/* ---- compilation ---- */

struct compilation {
	struct wx_store *store;
	wx_compiler *compiler;
	wx_writer writer;
	bool writing;
};

static void compiler_close(struct compilation *compilation)
{
	if (compilation->compiler)
		wx_compiler_delete(compilation->compiler);
	compilation->compiler = NULL;
	if (compilation->writing)
		wx_writer_abandon(&compilation->writer);
	compilation->writing = false;
}

static void compiler_destructor(void *data)
{
	struct compilation *compilation = data;
	struct wx_store *store;
	if (!compilation)
		return;
	store = compilation->store;
	compiler_close(compilation);
	wx_free(store->alloc, compilation);
	wx_store_release(store);
}

const xsHostHooks wx_compiler_brand = { compiler_destructor, NULL, NULL };

static struct compilation *compilation_of(xsMachine *the)
{
	return wx_api_data(the, 0, &wx_compiler_brand, "compilation");
}

/* (object, store, audit) */
void xs_compiler_new(xsMachine *the)
{
	struct wx_store *store = WX_API_ARGUMENT_STORE(1);
	struct compilation *compilation;
	wx_compile_options options = { 0 };
	options.audit = xsmcArgc > 2 && xsmcToBoolean(xsArg(2));
	wx_object_attach(the, &xsArg(0), &wx_compiler_brand);
	compilation = wx_calloc(store->alloc, 1, sizeof(*compilation));
	if (!compilation)
		wx_throw_memory(the);
	compilation->store = store;
	wx_store_retain(store);
	wx_object_set_data(&xsArg(0), compilation);
	if (!wx_writer_open(&compilation->writer, wx_runtime_flash(store->runtime), 0))
		wx_throw_memory(the);
	compilation->writing = true;
	compilation->compiler = wx_compiler_new(store->alloc, &compilation->writer, &options);
	if (!compilation->compiler)
		wx_throw_memory(the);
}

/* (compilation, memory, address, length) => a wx_compile_status */
void xs_compiler_plan(xsMachine *the)
{
	struct compilation *compilation = compilation_of(the);
	xsIntegerValue address = xsmcToInteger(xsArg(2)), length = xsmcToInteger(xsArg(3));
	void *memory;
	xsUnsignedValue size;
	if (!compilation->compiler)
		xsTypeError("compilation has ended");
	xsmcGetBufferReadable(xsArg(1), &memory, &size);
	if (address < 0 || length < 0 || (xsUnsignedValue)address > size || (xsUnsignedValue)length > size - (xsUnsignedValue)address)
		xsRangeError("plan is not in memory");
	wx_count_mark(WX_PHASE_EMIT);
	wx_compile_status status = wx_compiler_plan(compilation->compiler, (uint8_t *)memory + address, (uint32_t)length);
	wx_count_mark(WX_PHASE_BACK);
	xsmcSetInteger(xsResult, status);
}

/* (compilation, module) => 0: the module has its image; else a wx_compile_status */
void xs_compiler_finish(xsMachine *the)
{
	struct compilation *compilation = compilation_of(the);
	struct wx_store *store = compilation->store;
	struct wx_api_module *module;
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
	wx_object_attach(the, &xsArg(1), &wx_module_brand);
	module = wx_calloc(store->alloc, 1, sizeof(*module));
	if (!module)
		wx_throw_memory(the);
	module->store = store;
	module->figures = figures;
	wx_store_retain(store);
	wx_object_set_data(&xsArg(1), module);
	compilation->writing = false;
	region = wx_writer_finish(&compilation->writer);
	if (!region) {
		xsmcSetInteger(xsResult, WX_COMPILE_NO_FLASH);
		return;
	}
	module->module = wx_module_new(store->runtime, region, &error);
	if (!module->module) {
		wx_region_release(region);
		wx_throw_reason(store, "WebAssembly.Module()", &error);
	}
	xsmcSetInteger(xsResult, WX_COMPILE_OK);
}

/* (compilation) => the reason, in English */
void xs_compiler_error(xsMachine *the)
{
	struct compilation *compilation = compilation_of(the);
	int32_t function;
	if (compilation->compiler)
		xsmcSetString(xsResult, (xsStringValue)wx_compiler_error(compilation->compiler, &function));
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

/* (memory, address, chunk, offset, count): copy bytes of a chunk into the front end's memory */
void xs_compiler_copy(xsMachine *the)
{
	xsIntegerValue address = xsmcToInteger(xsArg(1)), offset = xsmcToInteger(xsArg(3)), count = xsmcToInteger(xsArg(4));
	void *to, *from;
	xsUnsignedValue to_size, from_size;
	wx_buffer_bytes(the, &xsArg(2), &from, &from_size);
	wx_buffer_bytes(the, &xsArg(0), &to, &to_size);
	if (address < 0 || offset < 0 || count < 0 || (xsUnsignedValue)address > to_size || (xsUnsignedValue)count > to_size - (xsUnsignedValue)address ||
		(xsUnsignedValue)offset > from_size || (xsUnsignedValue)count > from_size - (xsUnsignedValue)offset)
		xsRangeError("chunk is not in memory");
	memmove((uint8_t *)to + address, (uint8_t *)from + offset, (size_t)count);
}

/* (name) => the module of that name in the image, loaded now */
void xs_compiler_import(xsMachine *the)
{
	char name[32];
	/* The engine keeps the pointer while the module loads. */
	xsmcToStringBuffer(xsArg(0), name, sizeof(name));
	xsResult = xsAwaitImport(name, XS_IMPORT_NAMESPACE);
}

/* ---- modules ---- */

static void module_destructor(void *data)
{
	struct wx_api_module *module = data;
	struct wx_store *store;
	if (!module)
		return;
	store = module->store;
	if (module->module)
		wx_module_release(module->module);
	wx_free(store->alloc, module);
	wx_store_release(store);
}

const xsHostHooks wx_module_brand = { module_destructor, NULL, NULL };

static struct wx_module *module_of(xsMachine *the)
{
	struct wx_api_module *module = wx_api_data(the, 0, &wx_module_brand, "WebAssembly.Module");
	if (!module->module)
		xsTypeError("WebAssembly: module was not compiled");
	return module->module;
}

static const char *const kinds[] = { "function", "table", "memory", "global" };

/* (value) => is it a Module? */
void xs_module_is(xsMachine *the)
{
	xsmcSetBoolean(xsResult, xsmcArgc > 0 && wx_object_is(&xsArg(0), &wx_module_brand));
}

static void set_descriptor(xsMachine *the, xsIntegerValue index, const struct wx_external *external, bool import)
{
	xsmcSetNewObject(xsVar(0));
	if (import) {
		wx_set_name(the, &xsVar(1), external->module.text, external->module.size);
		xsmcSet(xsVar(0), xsID("module"), xsVar(1));
	}
	wx_set_name(the, &xsVar(1), external->name.text, external->name.size);
	xsmcSet(xsVar(0), xsID("name"), xsVar(1));
	xsmcSetString(xsVar(1), (xsStringValue)kinds[external->kind & 3]);
	xsmcSet(xsVar(0), xsID("kind"), xsVar(1));
	xsmcSetIndex(xsResult, (xsIndex)index, xsVar(0));
}

/* (module) => [{name, kind}, ...] */
void xs_module_exports(xsMachine *the)
{
	struct wx_module *module = module_of(the);
	struct wx_cursor cursor = { 0 };
	struct wx_external external;
	xsIntegerValue index = 0;
	xsmcVars(2);
	xsmcSetNewArray(xsResult, 0);
	while (wx_module_next_export(module, &cursor, &external))
		set_descriptor(the, index++, &external, false);
}

/* (module) => [{module, name, kind}, ...] */
void xs_module_imports(xsMachine *the)
{
	struct wx_module *module = module_of(the);
	struct wx_cursor cursor = { 0 };
	struct wx_external external;
	xsIntegerValue index = 0;
	xsmcVars(2);
	xsmcSetNewArray(xsResult, 0);
	while (wx_module_next_import(module, &cursor, &external))
		set_descriptor(the, index++, &external, true);
}

/* (module, name) => [ArrayBuffer, ...] */
void xs_module_customSections(xsMachine *the)
{
	struct wx_module *module = module_of(the);
	struct wx_cursor cursor = { 0 };
	struct wx_custom custom;
	char name[256];
	uint32_t size;
	xsIntegerValue index = 0;
	xsmcVars(1);
	xsmcSetNewArray(xsResult, 0);
	size = wx_name_bytes(the, &xsArg(1), name, sizeof(name));
	if (size > sizeof(name))
		return;
	while (wx_module_next_custom(module, &cursor, name, size, &custom)) {
		xsmcSetArrayBuffer(xsVar(0), NULL, (xsIntegerValue)custom.size);
		wx_module_custom_read(module, &custom, 0, xsmcToArrayBuffer(xsVar(0)), custom.size);
		xsmcSetIndex(xsResult, (xsIndex)index++, xsVar(0));
	}
}

/* (module): its figures, see report.ts */
void xs_module_figures(xsMachine *the)
{
	struct wx_api_module *data = wx_api_data(the, 0, &wx_module_brand, "WebAssembly.Module");
	struct wx_module *module = module_of(the);
	const struct wx_region *region = wx_module_region(module);
	struct wx_image_header header;
	memcpy(&header, region->base, sizeof(header));
	xsmcVars(1);
	xsmcSetNewObject(xsResult);
#define FIELD(NAME, VALUE) \
	xsmcSetNumber(xsVar(0), (xsNumberValue)(VALUE)); \
	xsmcSet(xsResult, xsID(NAME), xsVar(0))
	FIELD("image", header.size);
	FIELD("code", data->figures.code_bytes);
	FIELD("tables", data->figures.table_bytes);
	FIELD("records", header.size - data->figures.code_bytes - data->figures.table_bytes);
	FIELD("flash", region->pages * region->flash->page);
	FIELD("largestFunction", data->figures.peak_function);
	FIELD("checks", data->figures.checks_total);
	FIELD("proved", data->figures.checks_proved);
#undef FIELD
}
