/*
 * Figures for the command line's reports: sizes of functions, memory of the run time, wear of the flash. And the end of
 * calls that take too long.
 */

#include "xsmc.h"
#include "port.h"
#include "natives.h"
#include "api.h"
#include "../abi/image.h"

#include <string.h>

/*
 * (module) => ArrayBuffer: for each defined function uint32_t bytes of machine code, uint32_t bytes with its tables and
 * padding
 */
void xs_module_functions(xsMachine *the)
{
	struct wx_api_module *data = wx_api_data(the, 0, &wx_module_brand, "WebAssembly.Module");
	const uint8_t *image = wx_module_region(data->module)->base;
	struct wx_image_header header;
	uint32_t i, *sizes;
	memcpy(&header, image, sizeof(header));
	xsmcSetArrayBuffer(xsResult, NULL, (xsIntegerValue)(header.functions * 2 * sizeof(*sizes)));
	sizes = xsmcToArrayBuffer(xsResult);
	for (i = 0; i < header.functions; i++) {
		struct wx_function_header function;
		uint32_t start, end = header.code_end + sizeof(function);
		memcpy(&start, image + header.code_table + i * 4, sizeof(start));
		if (i + 1 < header.functions)
			memcpy(&end, image + header.code_table + (i + 1) * 4, sizeof(end));
		memcpy(&function, image + start - sizeof(function), sizeof(function));
		sizes[2 * i] = function.code & 0xffffff;
		sizes[2 * i + 1] = end - start;
	}
}

/*
 * (module, index) => ArrayBuffer: the machine code of that defined function, after a uint32_t, its offset in the image.
 */
void xs_module_code(xsMachine *the)
{
	struct wx_api_module *data = wx_api_data(the, 0, &wx_module_brand, "WebAssembly.Module");
	const uint8_t *image = wx_module_region(data->module)->base;
	xsIntegerValue index = xsmcToInteger(xsArg(1));
	struct wx_image_header header;
	struct wx_function_header function;
	uint32_t start, size;
	uint8_t *bytes;
	memcpy(&header, image, sizeof(header));
	if (index < 0 || (uint32_t)index >= header.functions)
		xsRangeError("no such function");
	memcpy(&start, image + header.code_table + (uint32_t)index * 4, sizeof(start));
	memcpy(&function, image + start - sizeof(function), sizeof(function));
	size = function.code & 0xffffff;
	xsmcSetArrayBuffer(xsResult, NULL, (xsIntegerValue)(size + sizeof(start)));
	bytes = xsmcToArrayBuffer(xsResult);
	memcpy(bytes, &start, sizeof(start));
	memcpy(bytes + sizeof(start), image + start, size);
}

/* (store): what the run time holds, in bytes, and what was written to its flash */
void xs_store_figures(xsMachine *the)
{
	struct wx_store *store = WX_API_ARGUMENT_STORE(0);
	const struct wx_flash *flash = wx_runtime_flash(store->runtime);
	struct wx_runtime_figures figures;
	wx_runtime_measure(store->runtime, &figures);
	xsmcVars(1);
	xsmcSetNewObject(xsResult);
#define FIELD(NAME, VALUE) \
	xsmcSetNumber(xsVar(0), (xsNumberValue)(VALUE)); \
	xsmcSet(xsResult, xsID(NAME), xsVar(0))
	FIELD("linear", figures.linear_bytes);
	FIELD("stack", figures.stack_bytes);
	FIELD("stackPeak", figures.stack_peak);
	FIELD("bytesWritten", flash->bytes_written);
	FIELD("pagesErased", flash->pages_erased);
#undef FIELD
}

/* (store, milliseconds): end the calls that still run then; 0: do not */
void xs_store_watchdog(xsMachine *the)
{
	struct wx_store *store = WX_API_ARGUMENT_STORE(0);
	uint32_t milliseconds = wx_to_index(the, &xsArg(1), "milliseconds");
	if (!wx_port_watch(the, store->runtime, milliseconds))
		xsUnknownError("no timer for the watchdog");
}

/* (store) => may the call that asks, of a host function, give a promise? */
void xs_store_suspendable(xsMachine *the)
{
	xsmcSetBoolean(xsResult, wx_runtime_suspendable(WX_API_ARGUMENT_STORE(0)->runtime) != NULL);
}

/* (store) => is the call that runs to end? */
void xs_store_interrupted(xsMachine *the)
{
	xsmcSetBoolean(xsResult, wx_interrupted(WX_API_ARGUMENT_STORE(0)->runtime));
}

/* (module) => hash of its whole image (FNV-1a), for tests that compare images */
void xs_module_hash(xsMachine *the)
{
	struct wx_api_module *data = wx_api_data(the, 0, &wx_module_brand, "WebAssembly.Module");
	const uint8_t *image = wx_module_region(data->module)->base;
	struct wx_image_header header;
	uint32_t i, hash = 2166136261u;
	memcpy(&header, image, sizeof(header));
	for (i = 0; i < header.size; i++)
		hash = (hash ^ image[i]) * 16777619u;
	xsmcSetInteger(xsResult, (xsIntegerValue)hash);
}
