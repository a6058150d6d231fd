/* Module: imports, exports, custom sections, figures. */

#include "xsmc.h"
#include "natives.h"
#include "api.h"
#include "../abi/image.h"

#include <string.h>

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

const xsHostHooks wx_module_brand = { .destructor = module_destructor };

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

/* (bytes) => a number that tells whether they are still the same: FNV-1a, cut to what a number holds */
void xs_module_checksum(xsMachine *the)
{
	uint64_t sum = 0xCBF29CE484222325u;
	const uint8_t *bytes;
	void *data;
	xsUnsignedValue size, i;
	wx_buffer_bytes(the, &xsArg(0), &data, &size);
	bytes = data;
	for (i = 0; i < size; i++)
		sum = (sum ^ bytes[i]) * 0x100000001B3u;
	xsmcSetNumber(xsResult, (xsNumberValue)((sum ^ size) >> 11));
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
	FIELD("longest", data->longest);
	FIELD("optimized", data->optimized);
	FIELD("proved", data->figures.checks_proved);
#undef FIELD
}
