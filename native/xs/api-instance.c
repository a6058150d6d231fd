/* Instance: reads the imports, links, starts, makes the exports object. */

#include "xsmc.h"
#include "port.h"
#include "natives.h"
#include "api.h"

#include "../base/text.h"

#include <stdio.h>
#include <string.h>

static const char *const context = "WebAssembly.Instance()";

/* So many names come and go before they are worth a collection. */
#define KEYS_BETWEEN_COLLECTIONS 64

/* ---- values being linked ---- */

static void release_link(struct wx_api_instance *instance)
{
	struct wx_api_link *link = instance->link;
	uint32_t i;
	if (!link)
		return;
	instance->link = NULL;
	for (i = 0; i < link->count; i++)
		/* Globals made of plain values are the link's own. */
		if (link->values[i].global && link->values[i].host == link)
			wx_global_release(link->values[i].global);
	wx_free(instance->store->alloc, link);
}

static void instance_marker(xsMachine *the, void *data, xsMarkRoot mark)
{
	struct wx_api_instance *instance = data;
	struct wx_marking marking;
	uint32_t i;
	if (!instance)
		return;
	wx_marking_begin(&marking, instance->store, the, mark);
	wx_object_mark(the, instance->functions, mark);
	if (instance->instance)
		wx_instance_mark(instance->instance, &marking.visitor);
	if (instance->link)
		for (i = 0; i < instance->link->count; i++)
			if (instance->link->values[i].global)
				wx_global_mark(instance->link->values[i].global, &marking.visitor);
}

static void instance_destructor(void *data)
{
	struct wx_api_instance *instance = data;
	struct wx_store *store;
	if (!instance)
		return;
	store = instance->store;
	release_link(instance);
	if (instance->instance)
		wx_instance_release(instance->instance);
	wx_free(store->alloc, instance);
	wx_store_release(store);
}

const xsHostHooks wx_instance_brand = { .destructor = instance_destructor, .marker = instance_marker };

/* ---- imports ---- */

/* Of a name that is shown, at most. */
#define NAME_SHOWN 64

static void text_name(struct wx_text *text, struct wx_name name)
{
	wx_text_bytes(text, name.text, name.size < NAME_SHOWN ? name.size : NAME_SHOWN);
}

static void text_import(struct wx_text *text, const struct wx_external *external)
{
	wx_text_string(text, context);
	wx_text_string(text, ": import \"");
	text_name(text, external->module);
	wx_text_string(text, "\"");
}

static void __attribute__((noreturn))
fail(struct wx_store *store, const struct wx_external *external, const char *reason)
{
	char message[512];
	struct wx_text text = { message, sizeof(message), 0 };
	text_import(&text, external);
	wx_text_string(&text, " \"");
	text_name(&text, external->name);
	wx_text_string(&text, "\": ");
	wx_text_string(&text, reason);
	wx_throw_error(store, WX_API_LINK_ERROR, message);
}

/* A plain value given for a global: has it the right type? */
static bool is_global_value(const xsSlot *slot, uint8_t type)
{
	xsType kind = fxTypeOf(NULL, (xsSlot *)slot);
	switch (type) {
	case WX_I64_TYPE: return kind == xsBigIntType || kind == xsBigIntXType;
	case WX_I32_TYPE:
	case WX_F32_TYPE:
	case WX_F64_TYPE: return kind == xsIntegerType || kind == xsNumberType;
	case WX_FUNCREF_TYPE: return kind == xsNullType || wx_function_is(slot, &wx_function_brand);
	default: return true;
	}
}

static void bind_import(
	struct wx_store *store, xsSlot *slot, const struct wx_external *external, struct wx_import_value *value)
{
	xsMachine *the = store->the;
	value->kind = external->kind;
	switch (external->kind) {
	case WX_EXTERN_FUNCTION:
		value->function = wx_function_data(slot, &wx_function_brand);
		if (value->function)
			break;
		if (wx_object_is(slot, &wx_direct_brand)) {
			wx_direct_bind(slot, value);
			break;
		}
		if (!fxIsCallable(the, slot) && !wx_object_is(slot, &wx_suspending_brand))
			fail(store, external, "function import requires a callable");
		value->callback = wx_host_call;
		value->host = wx_object_of(slot);
		wx_iot_bind(slot, value);
		break;
	case WX_EXTERN_TABLE:
		value->table = wx_object_data(slot, &wx_table_brand);
		if (!value->table)
			fail(store, external, "table import requires a WebAssembly.Table");
		break;
	case WX_EXTERN_MEMORY:
		value->memory = wx_object_data(slot, &wx_memory_brand);
		if (!value->memory)
			fail(store, external, "memory import must be a WebAssembly.Memory object");
		break;
	default:
		value->global = wx_object_data(slot, &wx_global_brand);
		if (value->global)
			break;
		if (!is_global_value(slot, external->type))
			fail(store, external,
				external->type == WX_I64_TYPE           ? "global import must be a BigInt or WebAssembly.Global"
					: external->type == WX_FUNCREF_TYPE ? "imported funcref global must be null or an exported function"
														: "global import must be a number or WebAssembly.Global");
		break;
	}
}

/* Plain values become globals. Nothing runs here but collections, and none once handles are reserved. */
static void make_globals(struct wx_api_instance *self, struct wx_module *module, xsSlot *values)
{
	struct wx_store *store = self->store;
	xsMachine *the = store->the;
	struct wx_cursor cursor = { 0 };
	struct wx_external external;
	struct wx_import_value *value = self->link->values;
	uint32_t count = 0, index;
	for (index = 0; wx_module_next_import(module, &cursor, &external); index++, value++) {
		if (external.kind != WX_EXTERN_GLOBAL || value->global || external.type != WX_EXTERNREF_TYPE)
			continue;
		xsmcGetIndex(xsVar(2), *values, index);
		wx_value_coerce(the, &xsVar(2), external.type);
		xsmcSetIndex(*values, index, xsVar(2));
		count++;
	}
	wx_reserve_externrefs(store, count);
	memset(&cursor, 0, sizeof(cursor));
	value = self->link->values;
	for (index = 0; wx_module_next_import(module, &cursor, &external); index++, value++) {
		if (external.kind != WX_EXTERN_GLOBAL || value->global)
			continue;
		xsmcGetIndex(xsVar(2), *values, index);
		wx_value_coerce(the, &xsVar(2), external.type);
		value->global = wx_global_new(
			store->runtime, external.type, false, wx_value_bits(store, &xsVar(2), external.type));
		if (!value->global)
			wx_throw_memory(the);
		value->host = self->link;
	}
}

static void read_imports(struct wx_api_instance *self, struct wx_module *module)
{
	struct wx_store *store = self->store;
	xsMachine *the = store->the;
	uint32_t count = wx_module_import_count(module), index;
	struct wx_cursor cursor = { 0 };
	struct wx_external external;
	struct wx_api_link *link;
	if (count && xsmcTypeOf(xsArg(2)) != xsReferenceType)
		xsTypeError("%s: imports argument must be present and must be an object", context);
	link = wx_calloc(store->alloc, 1, sizeof(*link) + count * sizeof(struct wx_import_value));
	if (!link)
		wx_throw_memory(the);
	link->count = count;
	self->link = link;
	/* Getters may make what nothing else holds. */
	xsmcSetNewArray(xsVar(0), 0);
	for (index = 0; wx_module_next_import(module, &cursor, &external); index++) {
		wx_get_name(the, &xsVar(1), &xsArg(2), external.module.text, external.module.size);
		if (xsmcTypeOf(xsVar(1)) != xsReferenceType) {
			char message[256];
			struct wx_text text = { message, sizeof(message), 0 };
			text_import(&text, &external);
			xsTypeError("%s: module is not an object or function", message);
		}
		wx_get_name(the, &xsVar(2), &xsVar(1), external.name.text, external.name.size);
		xsmcSetIndex(xsVar(0), index, xsVar(2));
		bind_import(store, &xsVar(2), &external, link->values + index);
	}
	make_globals(self, module, &xsVar(0));
}

/* (instance, module, imports) */
void xs_instance_new(xsMachine *the)
{
	struct wx_api_module *module = wx_api_data(the, 1, &wx_module_brand, "WebAssembly.Module");
	struct wx_store *store = module->store;
	struct wx_api_instance *self;
	struct wx_error error;
	int trap;
	if (!module->module || xsmcArgc < 3)
		xsTypeError("WebAssembly: module was not compiled");
	xsmcVars(3);
	wx_object_attach(the, &xsArg(0), &wx_instance_brand);
	self = wx_calloc(store->alloc, 1, sizeof(*self));
	if (!self)
		wx_throw_memory(the);
	self->store = store;
	self->object = wx_object_of(&xsArg(0));
	wx_store_retain(store);
	wx_object_set_data(&xsArg(0), self);
	read_imports(self, module->module);
	memset(&error, 0, sizeof(error));
	self->instance = wx_instance_new(module->module, self->link->values, self->link->count, &error);
	if (!self->instance)
		wx_throw_reason(store, context, &error);
	wx_instance_set_host(self->instance, self);
	release_link(self);
	trap = wx_instance_start(self->instance, &store->trace);
	if (trap)
		wx_throw_trap(store, trap);
}

/* ---- exports ---- */

static struct wx_api_instance *linked_instance(xsMachine *the, xsIntegerValue argument)
{
	struct wx_api_instance *self = wx_api_data(the, argument, &wx_instance_brand, "WebAssembly.Instance");
	if (!self->instance)
		xsTypeError("WebAssembly: instance was not linked");
	return self;
}

static void get_export(struct wx_api_instance *self, const struct wx_external *external, xsSlot *prototypes,
	xsSlot *result, xsSlot *scratch)
{
	struct wx_store *store = self->store;
	xsMachine *the = store->the;
	struct wx_funcref *function;
	void *counted;
	switch (external->kind) {
	case WX_EXTERN_FUNCTION:
		function = wx_instance_function(self->instance, external->index);
		if (!function)
			wx_throw_memory(the);
		wx_function_get(store, result, function);
		return;
	case WX_EXTERN_TABLE: counted = wx_instance_table(self->instance, external->index); break;
	case WX_EXTERN_MEMORY: counted = wx_instance_memory(self->instance, external->index); break;
	default: counted = wx_instance_global(self->instance, external->index); break;
	}
	if (!counted)
		wx_throw_memory(the);
	xsmcGetIndex(*scratch, *prototypes, (xsIndex)external->kind);
	wx_api_get(store, result, external->kind, counted, scratch);
}

static uint32_t count_new_keys(xsMachine *the, const struct wx_module *module)
{
	struct wx_cursor cursor = { 0 };
	struct wx_external external;
	uint32_t count = 0;
	while (wx_module_next_export(module, &cursor, &external))
		if (wx_needs_key(the, external.name.text, external.name.size))
			count++;
	return count;
}

/* Names of modules may take a share of the engine's keys: store->keys. */
static bool has_keys_for(const struct wx_store *store, const struct wx_module *module)
{
	xsMachine *the = store->the;
	uint32_t used = wx_port_keys_used(the), count;
	if (used + wx_module_export_count(module) <= store->keys)
		return true;
	count = count_new_keys(the, module);
	return !count || used + count <= store->keys;
}

/* What a collection has left is not collected again. */
static bool make_keys_for(struct wx_store *store, const struct wx_module *module)
{
	xsMachine *the = store->the;
	if (has_keys_for(store, module))
		return true;
	if (wx_port_keys_used(the) <= store->keys_left)
		return false;
	wx_port_collect_keys(the);
	store->keys_left = wx_port_keys_used(the) + KEYS_BETWEEN_COLLECTIONS;
	return has_keys_for(store, module);
}

/*
 * (instance, [, Table.prototype, Memory.prototype, Global.prototype]) => the exports, not frozen yet; undefined: by
 * xs_exports_new
 */
void xs_instance_exports(xsMachine *the)
{
	struct wx_api_instance *self = linked_instance(the, 0);
	struct wx_module *module = wx_instance_module(self->instance);
	struct wx_cursor cursor = { 0 };
	struct wx_external external;
	if (!make_keys_for(self->store, module))
		return;
	xsmcVars(3);
	wx_new_null_object(the, &xsResult);
	while (wx_module_next_export(module, &cursor, &external)) {
		get_export(self, &external, &xsArg(1), &xsVar(0), &xsVar(2));
		wx_define_name(the, &xsResult, external.name.text, external.name.size, &xsVar(0));
	}
	wx_object_set_link(self->object, &xsResult);
}

/* (instance, exports) */
void xs_instance_set_exports(xsMachine *the)
{
	wx_object_set_link(linked_instance(the, 0)->object, &xsArg(1));
}

/* (instance) => its exports object */
void xs_instance_get_exports(xsMachine *the)
{
	wx_api_data(the, 0, &wx_instance_brand, "WebAssembly.Instance");
	wx_object_get_link(wx_object_of(&xsArg(0)), &xsResult);
}

static bool find_export(struct wx_api_instance *self, const xsSlot *name, struct wx_external *external)
{
	struct wx_module *module = wx_instance_module(self->instance);
	struct wx_cursor cursor = { 0 };
	while (wx_module_next_export(module, &cursor, external))
		if (wx_is_name(name, external->name.text, external->name.size))
			return true;
	return false;
}

/* (instance, prototypes, name) => that export, without a key for its name; undefined: there is none */
void xs_instance_export(xsMachine *the)
{
	struct wx_api_instance *self = linked_instance(the, 0);
	struct wx_external external;
	xsmcVars(1);
	if (find_export(self, &xsArg(2), &external))
		get_export(self, &external, &xsArg(1), &xsResult, &xsVar(0));
}

/* ---- exports whose names get keys only when they are asked for ---- */

static void exports_destructor(void *data)
{
	(void)data; /* The instance is its link. */
}

static const xsHostHooks exports_brand = { .destructor = exports_destructor };

/* The argument is such an object; its instance goes into `instance`. */
static struct wx_api_instance *instance_of_exports(xsMachine *the, xsIntegerValue argument, xsSlot *instance)
{
	if (!wx_object_is(&xsArg(argument), &exports_brand))
		xsTypeError("WebAssembly: value is no exports object");
	wx_object_get_link(wx_object_of(&xsArg(argument)), instance);
	return wx_object_data(instance, &wx_instance_brand);
}

/* (instance) => a null-prototype object, which takes in exports one by one */
void xs_exports_new(xsMachine *the)
{
	linked_instance(the, 0);
	xsmcVars(1);
	xsmcSetNull(xsVar(0));
	wx_object_new(the, &xsResult, &xsVar(0), &exports_brand);
	wx_object_set_link(wx_object_of(&xsResult), &xsArg(0));
}

/*
 * (object, prototypes, name): its property of that name, which is made when the module has such an export; undefined:
 * there is none
 */
void xs_exports_get(xsMachine *the)
{
	struct wx_api_instance *self;
	struct wx_external external;
	xsmcVars(2);
	self = instance_of_exports(the, 0, &xsVar(0));
	xsmcGetAt(xsResult, xsArg(0), xsArg(2));
	if (xsmcTypeOf(xsResult) != xsUndefinedType || !find_export(self, &xsArg(2), &external))
		return;
	get_export(self, &external, &xsArg(1), &xsResult, &xsVar(1));
	wx_define_name(the, &xsArg(0), external.name.text, external.name.size, &xsResult);
}

/* (object, prototypes) => the names of all exports but for array indices. All are its properties from now on. */
void xs_exports_fill(xsMachine *the)
{
	struct wx_api_instance *self;
	struct wx_module *module;
	struct wx_cursor cursor = { 0 };
	struct wx_external external;
	xsIndex index = 0;
	uint32_t count;
	xsmcVars(3);
	self = instance_of_exports(the, 0, &xsVar(0));
	module = wx_instance_module(self->instance);
	if (count_new_keys(the, module) > wx_port_keys_room(the))
		wx_port_collect_keys(the);
	count = count_new_keys(the, module);
	if (count > wx_port_keys_room(the))
		xsRangeError("out of memory: JavaScript keys: %d for the names of all exports, %d are left", (int)count,
			(int)wx_port_keys_room(the));
	xsmcSetNewArray(xsResult, 0);
	while (wx_module_next_export(module, &cursor, &external)) {
		if (!wx_is_index(external.name.text, external.name.size)) {
			wx_set_name(the, &xsVar(1), external.name.text, external.name.size);
			xsmcSetIndex(xsResult, index++, xsVar(1));
		}
		wx_get_name(the, &xsVar(1), &xsArg(0), external.name.text, external.name.size);
		if (xsmcTypeOf(xsVar(1)) != xsUndefinedType)
			continue;
		get_export(self, &external, &xsArg(1), &xsVar(1), &xsVar(2));
		wx_define_name(the, &xsArg(0), external.name.text, external.name.size, &xsVar(1));
	}
}
