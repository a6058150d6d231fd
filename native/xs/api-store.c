/* The store: the run time of a machine, its roots, and the API's errors. */

#include "xsmc.h"
#include "port.h"
#include "natives.h"
#include "api.h"

#include <stdio.h>
#include <string.h>

/* ---- marking ---- */

static void visit_instance(struct wx_visitor *visitor, struct wx_instance *instance)
{
	struct wx_marking *marking = visitor->data;
	struct wx_api_instance *data = wx_instance_host(instance);
	if (data)
		wx_object_mark(marking->the, data->object, marking->mark);
}

static void visit_function(struct wx_visitor *visitor, struct wx_funcref *function)
{
	/* Its own object hangs on the instance. */
	visit_instance(visitor, function->instance);
}

static void visit_host_function(struct wx_visitor *visitor, struct wx_host_function *function)
{
	struct wx_marking *marking = visitor->data;
	wx_object_mark(marking->the, function->host, marking->mark);
}

static void visit_externref(struct wx_visitor *visitor, uint32_t index)
{
	struct wx_marking *marking = visitor->data;
	if (index < marking->store->externref_capacity)
		(*marking->mark)(marking->the, marking->store->externrefs + index);
}

static void visit_memory(struct wx_visitor *visitor, struct wx_linear *memory)
{
	struct wx_marking *marking = visitor->data;
	wx_object_mark(marking->the, memory->host, marking->mark);
}

static void visit_table(struct wx_visitor *visitor, struct wx_table *table)
{
	struct wx_marking *marking = visitor->data;
	wx_object_mark(marking->the, table->host, marking->mark);
}

static void visit_global(struct wx_visitor *visitor, struct wx_global *global)
{
	struct wx_marking *marking = visitor->data;
	wx_object_mark(marking->the, global->host, marking->mark);
}

static void set_marking(struct wx_marking *marking, struct wx_store *store, xsMachine *the, xsMarkRoot mark)
{
	marking->visitor.data = marking;
	marking->visitor.instance = visit_instance;
	marking->visitor.function = visit_function;
	marking->visitor.host_function = visit_host_function;
	marking->visitor.externref = visit_externref;
	marking->visitor.memory = visit_memory;
	marking->visitor.table = visit_table;
	marking->visitor.global = visit_global;
	marking->the = the;
	marking->mark = mark;
	marking->store = store;
}

void wx_marking_begin(struct wx_marking *marking, struct wx_store *store, xsMachine *the, xsMarkRoot mark)
{
	set_marking(marking, store, the, mark);
	wx_object_mark(the, store->object, mark);
}

static void store_marker(xsMachine *the, void *data, xsMarkRoot mark)
{
	struct wx_store *store = data;
	struct wx_marking marking;
	if (!store)
		return;
	set_marking(&marking, store, the, mark);
	/* What the last collection found dead must be gone before a stale word on a wasm stack can be taken for it. */
	wx_externref_collect(store->runtime);
	wx_externref_begin(store->runtime);
	wx_object_mark(the, store->make_error, mark);
	wx_object_mark(the, store->make_trap, mark);
	wx_object_mark(the, store->suspension, mark);
	wx_runtime_mark(store->runtime, &marking.visitor);
}

/* ---- hooks of the run time ---- */

static bool grow_externrefs(void *data, uint32_t capacity)
{
	struct wx_store *store = data;
	xsMachine *the = store->the;
	xsSlot *slots;
	if (capacity <= store->externref_capacity)
		return true;
	slots = wx_realloc(store->alloc, store->externrefs, capacity * sizeof(xsSlot));
	if (!slots)
		return false;
	memset(slots + store->externref_capacity, 0, (capacity - store->externref_capacity) * sizeof(xsSlot));
	store->externrefs = slots;
	for (; store->externref_capacity < capacity; store->externref_capacity++)
		xsmcSetUndefined(slots[store->externref_capacity]);
	return true;
}

static void externref_freed(void *data, uint32_t index)
{
	struct wx_store *store = data;
	xsMachine *the = store->the;
	if (index < store->externref_capacity)
		xsmcSetUndefined(store->externrefs[index]);
}

/* May run on a wasm stack. */
static void memory_changed(void *data, struct wx_linear *memory)
{
	xsSlot buffer;
	(void)data;
	if (!memory->host)
		return;
	wx_object_get_link(memory->host, &buffer);
	if (wx_object_of(&buffer)) {
		wx_buffer_detach(wx_object_of(&buffer));
		wx_object_get(&buffer, NULL);
		wx_object_set_link(memory->host, &buffer);
	}
}

static bool open_flash(void *data, struct wx_flash *flash)
{
	struct wx_store *store = data;
	return wx_port_open_flash(store->the, flash);
}

static const struct wx_hooks hooks = { .externrefs = grow_externrefs,
	.externref_freed = externref_freed,
	.memory_changed = memory_changed,
	.open_flash = open_flash };

/* ---- lifetime ---- */

struct wx_store *wx_store_of(struct wx_runtime *runtime)
{
	return wx_runtime_data(runtime);
}

void wx_store_retain(struct wx_store *store)
{
	store->references++;
}

void wx_store_release(struct wx_store *store)
{
	if (--store->references)
		return;
	if (store->front_end)
		wx_module_release(store->front_end);
	if (store->runtime)
		wx_runtime_release(store->runtime);
	wx_free(store->alloc, store->externrefs);
	wx_free(store->alloc, store);
}

static void store_destructor(void *data)
{
	if (data)
		wx_store_release(data);
}

const xsHostHooks wx_store_brand = { .destructor = store_destructor, .marker = store_marker };

/* (object, makeError, makeTrap) */
void xs_store_new(xsMachine *the)
{
	struct wx_config config;
	struct wx_alloc *alloc = &wx_port_of(the)->alloc;
	struct wx_store *store;
	if (!xsmcIsCallable(xsArg(1)) || !xsmcIsCallable(xsArg(2)))
		xsTypeError("no function");
	wx_config_default(&config);
	config.stack = wx_port_limit(the, "wasmStack", config.stack);
	config.promise_stack = wx_port_limit(the, "promiseStack", config.promise_stack);
	config.promise_stacks = wx_port_limit(the, "promiseStacks", config.promise_stacks);
	config.helper_stack = wx_port_limit(the, "helperStack", config.helper_stack);
	config.nesting = wx_port_limit(the, "nestedCalls", config.nesting);
	config.memory = (uint64_t)wx_port_limit(the, "memoryPages", (uint32_t)(config.memory >> 16)) << 16;
	config.table = wx_port_limit(the, "tableElements", config.table);
	config.instances = wx_port_limit(the, "instances", config.instances);
	config.externrefs = wx_port_limit(the, "externrefs", config.externrefs);
	wx_object_attach(the, &xsArg(0), &wx_store_brand);
	store = wx_calloc(alloc, 1, sizeof(*store));
	if (!store)
		wx_throw_memory(the);
	store->the = the;
	store->alloc = alloc;
	store->references = 1;
	store->object = wx_object_of(&xsArg(0));
	store->keys = wx_port_keys_used(the) + wx_port_limit(the, "exportKeys", wx_port_keys_room(the) / 4 * 3);
	store->make_error = wx_object_of(&xsArg(1));
	store->make_trap = wx_object_of(&xsArg(2));
	store->runtime = wx_runtime_new(alloc, &config, &hooks, store);
	if (!store->runtime) {
		wx_free(alloc, store);
		wx_throw_memory(the);
	}
	if (wx_port_of(the)->meter)
		wx_runtime_set_meter(store->runtime, wx_port_of(the)->meter);
	wx_object_set_data(&xsArg(0), store);
}

/* ---- arguments and errors ---- */

void *wx_api_data(xsMachine *the, xsIntegerValue argument, const xsHostHooks *brand, const char *what)
{
	void *data = argument < xsmcArgc ? wx_object_data(&xsArg(argument), brand) : NULL;
	if (!data)
		xsTypeError("WebAssembly: value is no %s", what);
	return data;
}

/* What throws leaves its temporaries on the XS stack: the catcher takes them away. */
static xsSlot *push(xsMachine *the)
{
	xsOverflow(-1);
	the->stack--;
	memset(the->stack, 0, sizeof(*the->stack));
	xsmcSetUndefined(*the->stack);
	return the->stack;
}

void wx_store_set_exception(struct wx_store *store, const xsSlot *exception)
{
	wx_object_set_link(store->object, exception);
}

void wx_throw_error(struct wx_store *store, enum wx_api_error kind, const char *message)
{
	xsMachine *the = store->the;
	xsSlot *number = push(the), *text = push(the), *result = push(the), *make = push(the);
	xsmcSetInteger(*number, (xsIntegerValue)kind);
	xsmcSetString(*text, (xsStringValue)message);
	wx_object_get(make, store->make_error);
	*result = xsCallFunction2(*make, xsUndefined, *number, *text);
	xsThrow(*result);
	__builtin_unreachable();
}

void wx_throw_memory(xsMachine *the)
{
	xsRangeError("out of memory: native");
	__builtin_unreachable();
}

void wx_throw_reason(struct wx_store *store, const char *context, const struct wx_error *error)
{
	xsMachine *the = store->the;
	char message[sizeof(error->message) + 64];
	snprintf(message, sizeof(message), "%s: %s", context, error->message);
	switch (error->kind) {
	case WX_ERROR_LINK: wx_throw_error(store, WX_API_LINK_ERROR, message);
	case WX_ERROR_IMAGE: wx_throw_error(store, WX_API_COMPILE_ERROR, message);
	default: xsRangeError("%s", message); __builtin_unreachable();
	}
}

/* Engine style: at name (wasm-function[i]:0xoffset) */
static void describe_place(const struct wx_place *place, char *line, size_t size)
{
	char name[64];
	if (wx_module_function_name(wx_instance_module(place->instance), place->function, name, sizeof(name)))
		snprintf(
			line, size, "at %s (wasm-function[%u]:0x%x)", name, (unsigned)place->function, (unsigned)place->offset);
	else
		snprintf(line, size, "at wasm-function[%u]:0x%x", (unsigned)place->function, (unsigned)place->offset);
}

void wx_throw_trap(struct wx_store *store, int trap)
{
	xsMachine *the = store->the;
	const struct wx_trace *trace = &store->trace;
	uint32_t count = trace->kind == trap ? trace->count : 0;
	const char *exhausted = store->exhausted;
	xsSlot none, *lines, *item, *kind, *message, *function, *name, *offset, *make;
	uint32_t i;
	char line[128];
	xsmcSetUndefined(none);
	if (trap == WX_TRAP_HOST && !exhausted)
		wx_object_get_link(store->object, &xsException);
	/* An interrupt may have come after a host function threw: what was on its way out is not another call's. */
	wx_object_set_link(store->object, &none);
	store->exhausted = NULL;
	if (trap == WX_TRAP_HOST) {
		if (exhausted)
			xsRangeError("%s", exhausted);
		xsThrow(xsException);
	}
	if (trap == WX_TRAP_SUSPEND)
		wx_throw_error(store, WX_API_SUSPEND_ERROR, "trying to suspend JS frames");
	/* Nothing below runs wasm, so the trace stays as it is. Its instances must, too. */
	if (!wx_stack_room(the, 2 * count + 32))
		count = 0;
	for (i = 0; i < count; i++) {
		struct wx_api_instance *instance = wx_instance_host(trace->places[i].instance);
		wx_object_get(push(the), instance ? instance->object : NULL);
	}
	lines = push(the);
	item = push(the);
	xsmcSetNewArray(*lines, 0);
	for (i = 0; i < count; i++) {
		describe_place(trace->places + i, line, sizeof(line));
		xsmcSetString(*item, line);
		xsmcSetIndex(*lines, i, *item);
	}
	kind = push(the);
	message = push(the);
	function = push(the);
	name = push(the);
	offset = push(the);
	make = push(the);
	xsmcSetString(*kind, (xsStringValue)wx_trap_name(trap));
	xsmcSetString(*message, (xsStringValue)wx_trap_message(trap));
	xsmcSetInteger(*function, -1);
	xsmcSetString(*name, "");
	xsmcSetInteger(*offset, 0);
	if (count) {
		if (wx_module_function_name(
				wx_instance_module(trace->places[0].instance), trace->places[0].function, line, sizeof(line)))
			xsmcSetString(*name, line);
		xsmcSetInteger(*function, (xsIntegerValue)trace->places[0].function);
		xsmcSetInteger(*offset, (xsIntegerValue)trace->places[0].offset);
	}
	wx_object_get(make, store->make_trap);
	*item = xsCallFunction6(*make, xsUndefined, *kind, *message, *function, *name, *offset, *lines);
	xsThrow(*item);
	__builtin_unreachable();
}
