/* What the device API of modules (src/iot-api, src/host/board/iot.ts) needs of C. */

#include "xsmc.h"
#include "port.h"
#include "guards.h"
#include "natives.h"
#include "api.h"

#include "../base/text.h"
#include "../io/direct.h"
#include "../io/functions.h"
#include "../io/gpio-registers.h"

#include <string.h>

/* ---- UTF-8 ---- */

/* (bytes of a module's memory, which no collection moves) => string; undefined when they are no UTF-8 */
void xs_iot_decode(xsMachine *the)
{
	void *data;
	xsUnsignedValue size;
	uint32_t at = 0, length, point;
	wx_buffer_bytes(the, &xsArg(0), &data, &size);
	while (at < size) {
		length = wx_text_character((const uint8_t *)data + at, size - at, &point);
		if (!length)
			return;
		at += length;
	}
	wx_set_name(the, &xsResult, data, size);
}

/* () => microseconds since boot, idle time that was skipped included */
void xs_iot_now(xsMachine *the)
{
	xsmcSetNumber(xsResult, (xsNumberValue)wx_port_now(the));
}

/* ---- streams ---- */

/* (1 or 2, bytes): to standard output or error as they are */
void xs_iot_write(xsMachine *the)
{
	int stream = xsmcToInteger(xsArg(0)) == 2 ? 2 : 1;
	void *data;
	xsUnsignedValue size;
	wx_buffer_bytes(the, &xsArg(1), &data, &size);
	wx_port_write(the, stream, data, size);
}

/* ---- traps ---- */

/* (store): the host call that runs ends in a trap, memory access out of bounds */
void xs_iot_trap(xsMachine *the)
{
	WX_API_ARGUMENT_STORE(0)->demanded = WX_TRAP_MEMORY;
	xsUnknownError("out of bounds memory access");
}

/* ---- types of the functions ---- */

static void function_destructor(void *data)
{
	(void)data;
}

/* Of a function of the API: its row in the table. */
static const xsHostHooks function_brand = { .destructor = function_destructor };

static void set_type(struct wx_import_value *value, const struct wx_api_function *function)
{
	value->types = function->types;
	value->parameters = function->parameters;
	value->results = function->results;
}

/*
 * (imports of modules): each function of the API there has its type from now on, wherever it is imported from. Those in
 * C have theirs: direct pins.
 */
void xs_iot_types(xsMachine *the)
{
	const struct wx_api_function *function;
	xsmcVars(2);
	for (function = wx_api_functions; function->name; function++) {
		xsmcGet(xsVar(0), xsArg(0), xsID(function->module));
		xsmcGet(xsVar(1), xsVar(0), xsID(function->name));
		if (wx_object_is(&xsVar(1), &wx_suspending_brand))
			wx_object_get_link(wx_object_of(&xsVar(1)), &xsVar(1));
		if (!xsmcIsCallable(xsVar(1)) || wx_function_is(&xsVar(1), &function_brand))
			continue;
		wx_function_attach(the, &xsVar(1), &function_brand);
		wx_function_set_data(&xsVar(1), (void *)function);
	}
}

void wx_iot_bind(const xsSlot *slot, struct wx_import_value *value)
{
	const struct wx_api_function *function;
	xsSlot callee = *slot;
	if (wx_object_is(slot, &wx_suspending_brand))
		wx_object_get_link(wx_object_of(slot), &callee);
	function = wx_function_data(&callee, &function_brand);
	if (function)
		set_type(value, function);
}

/* ---- direct access to pins: native/io/direct.h ---- */

/* What an import object has as its data. */
struct direct_import {
	struct wx_direct *direct;
	const struct wx_direct_import *import;
	const struct wx_api_function *function;
};

struct direct_table {
	struct wx_alloc *alloc;
	struct wx_direct direct;
	struct direct_import imports[WX_DIRECT_IMPORTS];
};

static void direct_destructor(void *data)
{
	if (data)
		wx_free(((struct direct_table *)data)->alloc, data);
}

const xsHostHooks wx_direct_table_brand = { .destructor = direct_destructor };

static void import_destructor(void *data)
{
	(void)data;
}

const xsHostHooks wx_direct_brand = { .destructor = import_destructor };

static struct direct_table *table_of(xsMachine *the)
{
	return wx_api_data(the, 0, &wx_direct_table_brand, "table of direct pins");
}

static uint32_t argument(xsMachine *the, int index, uint32_t limit)
{
	xsIntegerValue value = xsmcToInteger(xsArg(index));
	if (value < 0 || (uint32_t)value >= limit)
		xsRangeError("direct pins: argument %d is out of range", index);
	return (uint32_t)value;
}

/* (object, registers): a module's table; it must live as long as what imports from it */
void xs_direct_new(xsMachine *the)
{
	struct direct_table *table;
	wx_object_attach(the, &xsArg(0), &wx_direct_table_brand);
	table = wx_calloc(&wx_port_of(the)->alloc, 1, sizeof(*table));
	if (!table)
		wx_throw_memory(the);
	table->alloc = &wx_port_of(the)->alloc;
	wx_direct_init(&table->direct, wx_port_of(the)->io, xsmcToBoolean(xsArg(1)));
	wx_object_set_data(&xsArg(0), table);
}

/* (object, table, name): the object becomes an import; false: there is none of that name */
void xs_direct_import(xsMachine *the)
{
	struct direct_table *table = wx_api_data(the, 1, &wx_direct_table_brand, "table of direct pins");
	xsStringValue name = xsmcToString(xsArg(2));
	const struct wx_api_function *function = wx_api_functions;
	uint32_t i;
	xsmcSetBoolean(xsResult, 0);
	/* iot1 comes first in the table. */
	while (function->name && strcmp(function->name, name))
		function++;
	for (i = 0; i < WX_DIRECT_IMPORTS; i++)
		if (!strcmp(wx_direct_imports[i].name, name)) {
			wx_object_attach(the, &xsArg(0), &wx_direct_brand);
			wx_object_set_data(&xsArg(0), table->imports + i);
			table->imports[i].direct = &table->direct;
			table->imports[i].import = wx_direct_imports + i;
			table->imports[i].function = function;
			wx_object_set_link(wx_object_of(&xsArg(0)), &xsArg(1));
			xsmcSetBoolean(xsResult, 1);
			return;
		}
}

/* (table, slot, handle, kind, pin, bits, hertz) */
void xs_direct_open(xsMachine *the)
{
	struct direct_table *table = table_of(the);
	uint32_t slot = argument(the, 1, WX_DIRECT_SLOTS), kind = argument(the, 3, WX_DIRECT_PWM + 1),
			 pin = argument(the, 4, WX_IO_PINS);
	uint32_t bits = argument(the, 5, 17), hertz = argument(the, 6, INT32_MAX);
	wx_direct_open(
		&table->direct, slot, (uint32_t)xsmcToInteger(xsArg(2)), (enum wx_direct_kind)kind, pin, bits, hertz);
}

/* (table, slot, handle, set register, input register, bit) */
void xs_direct_registers(xsMachine *the)
{
	struct direct_table *table = table_of(the);
	uint32_t slot = argument(the, 1, WX_DIRECT_SLOTS), bit = argument(the, 5, 32);
	wx_direct_registers(&table->direct, slot, (uint32_t)xsmcToInteger(xsArg(2)), (uint32_t)xsmcToNumber(xsArg(3)),
		(uint32_t)xsmcToNumber(xsArg(4)), bit);
}

/*
 * (words: first, count, set, clear, input of each port; memory): from now on the chip has these registers. False: their
 * addresses are taken
 */
void xs_registers_open(xsMachine *the)
{
	struct wx_register_port ports[WX_REGISTER_PORTS];
	void *data;
	xsUnsignedValue size;
	uint32_t count, i, words[5];
	wx_buffer_bytes(the, &xsArg(0), &data, &size);
	count = size / sizeof(words);
	if (count > WX_REGISTER_PORTS)
		xsRangeError("too many ports");
	for (i = 0; i < count; i++) {
		memcpy(words, (const uint8_t *)data + i * sizeof(words), sizeof(words));
		if (words[0] > WX_IO_PINS || words[1] > 32 || words[0] + words[1] > WX_IO_PINS)
			xsRangeError("pins of a port");
		ports[i] = (struct wx_register_port){ words[0], words[1], words[2], words[3], words[4] };
	}
	xsmcSetBoolean(xsResult, wx_registers_open(wx_port_of(the)->io, ports, count, xsmcToBoolean(xsArg(1))));
}

void xs_registers_close(xsMachine *the)
{
	wx_registers_close(wx_port_of(the)->io);
}

/* () => accesses so far */
void xs_registers_accesses(xsMachine *the)
{
	xsmcSetInteger(xsResult, (xsIntegerValue)wx_registers_accesses());
}

/* (table, slot) */
void xs_direct_close(xsMachine *the)
{
	struct direct_table *table = table_of(the);
	wx_direct_close(&table->direct, argument(the, 1, WX_DIRECT_SLOTS));
}

/* native/emit/inline-pins.c */
_Static_assert(offsetof(struct wx_direct, slots) == 0 && offsetof(struct wx_direct_slot, output) == 0 &&
		offsetof(struct wx_direct_slot, digital) == 4 && offsetof(struct wx_direct_slot, set) == 8 &&
		offsetof(struct wx_direct_slot, mask) == 12 && offsetof(struct wx_direct_slot, input) == 16 &&
		offsetof(struct wx_direct_slot, bit) == 20,
	"layout");

struct slow_call {
	struct wx_host_call *call;
	struct wx_store *store;
	int status;
};

static void perform(struct wx_host_call *call)
{
	const struct wx_direct_import *import = wx_direct_imports;
	uint32_t a, b;
	while (import->alone != call->function->direct && import->timed != call->function->direct)
		import++;
	a = call->type->parameters > 0 ? (uint32_t)call->values[0] : 0;
	b = call->type->parameters > 1 ? (uint32_t)call->values[1] : 0;
	call->values[0] = import->slow(call->function->direct_data, a, b);
}

static void call_slowly(xsMachine *the, void *data)
{
	struct slow_call *slow = data;
	xsTry
	{
		perform(slow->call);
	}
	xsCatch
	{
		wx_store_set_exception(slow->store, &xsException);
		slow->status = WX_TRAP_HOST;
	}
}

/* The world may enter XS. */
static int direct_call(struct wx_host_call *call)
{
	struct slow_call slow = { call, wx_store_of(call->runtime), 0 };
	xsMachine *the = slow.store->the;
	if (!wx_stack_room(the, 256))
		return WX_TRAP_STACK;
	if (wx_guard(the, call_slowly, &slow)) {
		slow.store->exhausted = wx_guard_message(the);
		return WX_TRAP_HOST;
	}
	return slow.status;
}

void wx_direct_bind(const xsSlot *slot, struct wx_import_value *value)
{
	struct direct_import *bound = wx_object_data(slot, &wx_direct_brand);
	const struct wx_direct_import *import = bound->import;
	set_type(value, bound->function);
	value->callback = direct_call;
	value->host = wx_object_of(slot);
	value->direct = bound->direct->io->world ? import->timed : import->alone;
	value->direct_data = bound->direct;
	value->registers = bound->direct->registers;
}
