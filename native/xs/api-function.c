/* Calls: JavaScript calls exported functions, WebAssembly calls host functions. */

#include "xsAll.h"
#include "xs.h"
#include "../port/linux/host.h"
#include "natives.h"
#include "api.h"

#include <stdio.h>

/* Values of a call that lie on the C stack; calls with more take them from wx_alloc. */
#define SMALL 16
/* Slots of the XS stack that a call may need beside its values. */
#define ROOM 128

/* ---- exported functions ---- */

static void function_marker(txMachine *the, void *data, txMarkRoot mark)
{
	struct wx_funcref *function = data;
	struct wx_api_instance *instance;
	struct wx_marking marking;
	if (!function)
		return;
	instance = wx_instance_host(function->instance);
	wx_marking_begin(&marking, instance->store, the, mark);
	wx_object_mark(the, instance->object, mark);
}

/* The reference belongs to the instance, which keeps this object: both go together, in any order. */
const xsHostHooks wx_function_brand = { NULL, function_marker, NULL };

static uint64_t *new_values(struct wx_store *store, uint32_t count, uint64_t *small)
{
	uint64_t *values = count > SMALL ? wx_alloc(store->alloc, count * sizeof(uint64_t)) : small;
	if (!values)
		wx_throw_memory(store->the);
	return values;
}

static void delete_values(struct wx_store *store, uint64_t *values, uint64_t *small)
{
	if (values != small)
		wx_free(store->alloc, values);
}

/*
 * The results, as JavaScript has them: undefined, a value, or an array. Takes `values` back. What they refer to is
 * reached by nothing but them: it is kept on the XS stack before anything is allocated.
 */
static void take_results(
	struct wx_store *store, const struct wx_functype *type, uint64_t *values, uint64_t *small, txSlot *result)
{
	txMachine *the = store->the;
	const uint8_t *types = type->types + type->parameters;
	uint32_t count = type->results, i;
	if (count == 0)
		result->kind = XS_UNDEFINED_KIND;
	else if (count == 1)
		wx_value_get(store, result, types[0], values[0]);
	else {
		txSlot *kept;
		for (i = 0; i < count; i++) {
			mxPushUndefined();
			wx_value_keep(store, the->stack, types[i], values[i]);
		}
		kept = the->stack + count - 1;
		for (i = 0; i < count; i++)
			if (types[i] != WX_EXTERNREF_TYPE)
				wx_value_get(store, kept - i, types[i], values[i]);
		_xsNewArray(the, result, (xsIntegerValue)count);
		for (i = 0; i < count; i++)
			_xsSetIndex(the, result, i, kept - i);
		the->stack += count;
	}
	delete_values(store, values, small);
}

/* Arguments, which lie each below the one before, into values. `small` has room for SMALL values. */
static uint64_t *take_arguments(struct wx_store *store, const struct wx_functype *type, txSlot *first, uint64_t *small)
{
	uint32_t count = type->parameters > type->results ? type->parameters : type->results;
	uint64_t *values;
	uint32_t i;
	for (i = 0; i < type->parameters; i++)
		wx_value_coerce(store->the, first - i, type->types[i]);
	wx_reserve_externrefs(store, wx_count_externrefs(type->types, type->parameters));
	values = new_values(store, count, small);
	for (i = 0; i < type->parameters; i++)
		values[i] = wx_value_bits(store, first - i, type->types[i]);
	return values;
}

static void check_room(struct wx_store *store, const struct wx_functype *type)
{
	if (!wx_stack_room(store->the, ROOM + 2u * (type->parameters + type->results))) {
		store->trace.kind = WX_TRAP_NONE;
		wx_throw_trap(store, WX_TRAP_STACK);
	}
}

static void call_exported(txMachine *the)
{
	struct wx_funcref *function = wx_function_data(mxFunction, &wx_function_brand);
	struct wx_api_instance *instance = wx_instance_host(function->instance);
	struct wx_store *store = instance->store;
	const struct wx_functype *type = wx_functype_get(store->runtime, (uint32_t)function->type);
	uint64_t small[SMALL], *values;
	txSlot *stack = the->stack, *first;
	uint32_t i;
	int trap;
	check_room(store, type);
	/* The arguments lie below each other; missing ones are added below all else. */
	if ((uint32_t)mxArgc >= type->parameters)
		first = mxArgv(0);
	else {
		for (i = 0; i < type->parameters; i++) {
			if (i < (uint32_t)mxArgc)
				mxPushSlot(mxArgv((txInteger)i));
			else
				mxPushUndefined();
		}
		first = stack - 1;
	}
	values = take_arguments(store, type, first, small);
	trap = wx_call(store->runtime, function, values, &store->trace);
	the->stack = stack;
	if (trap) {
		delete_values(store, values, small);
		wx_throw_trap(store, trap);
	}
	take_results(store, type, values, small, mxResult);
}

void wx_function_get(struct wx_store *store, xsSlot *result, struct wx_funcref *function)
{
	txMachine *the = store->the;
	struct wx_api_instance *instance = wx_instance_host(function->instance);
	const struct wx_functype *type;
	char name[12];
	if (function->host) {
		wx_object_get(result, function->host);
		return;
	}
	wx_object_get(result, instance->object);
	type = wx_functype_get(store->runtime, (uint32_t)function->type);
	snprintf(name, sizeof(name), "%u", (unsigned)function->index);
	mxPushUndefined();
	wx_function_new(the, the->stack, call_exported, type->parameters, name, &wx_function_brand);
	wx_function_set_data(the->stack, function);
	function->host = wx_object_of(the->stack);
	wx_function_set_next(function->host, instance->functions);
	instance->functions = function->host;
	mxPullSlot(result);
}

/* ---- host functions ---- */

struct host_call {
	struct wx_host_call *call;
	struct wx_store *store;
	int status;
};

/*
 * Puts the values of an iterable on the XS stack, each below the one before; at most `count` of them, but gives the
 * number of all.
 */
static uint32_t push_iterated(txMachine *the, txSlot *iterable, uint32_t count)
{
	txSlot *iterator, *next, *value, *first;
	uint32_t number = 0, i;
	first = the->stack;
	for (i = 0; i < count; i++)
		mxPushUndefined();
	mxTemporary(iterator);
	mxTemporary(next);
	mxTemporary(value);
	fxGetIterator(the, iterable, iterator, next, 0);
	while (fxIteratorNext(the, iterator, next, value)) {
		if (number < count) {
			txSlot *slot = first - 1 - number;
			slot->kind = value->kind;
			slot->value = value->value;
		}
		number++;
	}
	the->stack = first - count;
	return number;
}

/* The value at the top of the XS stack becomes the results. May throw. */
static void return_values(struct wx_store *store, const struct wx_functype *type, uint64_t *values)
{
	txMachine *the = store->the;
	const uint8_t *types = type->types + type->parameters;
	uint32_t count = type->results, i;
	txSlot *top = the->stack, *first = top;
	if (count == 0)
		return;
	if (count > 1) {
		if (push_iterated(the, top, count) != count)
			mxTypeError("WebAssembly: host function must return %ld values", (long)count);
		first = top - 1;
	}
	for (i = 0; i < count; i++)
		wx_value_coerce(the, first - i, types[i]);
	wx_reserve_externrefs(store, wx_count_externrefs(types, count));
	for (i = 0; i < count; i++)
		values[i] = wx_value_bits(store, first - i, types[i]);
	the->stack = top;
}

struct wx_api_suspension {
	struct wx_store *store;
	struct wx_activation *activation;
};

static void suspension_marker(txMachine *the, void *data, txMarkRoot mark)
{
	struct wx_api_suspension *suspension = data;
	struct wx_marking marking;
	if (!suspension)
		return;
	wx_marking_begin(&marking, suspension->store, the, mark);
	if (suspension->activation)
		wx_activation_mark(suspension->activation, &marking.visitor);
}

static void suspension_destructor(void *data)
{
	struct wx_api_suspension *suspension = data;
	struct wx_store *store;
	if (!suspension)
		return;
	store = suspension->store;
	if (suspension->activation)
		wx_activation_release(suspension->activation);
	wx_free(store->alloc, suspension);
	wx_store_release(store);
}

const xsHostHooks wx_suspension_brand = { suspension_destructor, suspension_marker, NULL };

/* The promise at the top of the XS stack is what the running promising call waits for. */
static void suspend(struct wx_store *store, struct wx_activation *activation)
{
	txMachine *the = store->the;
	txSlot *promise = the->stack;
	struct wx_api_suspension *suspension;
	mxPushUndefined();
	mxPushNull();
	wx_object_new(the, the->stack + 1, the->stack, &wx_suspension_brand);
	mxPop();
	suspension = wx_alloc(store->alloc, sizeof(*suspension));
	if (!suspension)
		wx_throw_memory(the);
	suspension->store = store;
	suspension->activation = activation;
	wx_store_retain(store);
	wx_object_set_data(the->stack, suspension);
	wx_object_set_link(wx_object_of(the->stack), promise);
	store->suspension.kind = the->stack->kind;
	store->suspension.value = the->stack->value;
	mxPop();
}

static int enter_javascript(txMachine *the, struct wx_host_call *call)
{
	struct wx_store *store = wx_store_of(call->runtime);
	const struct wx_functype *type = call->type;
	txSlot *stack = the->stack, *callee;
	uint32_t i;
	int status = 0;
	bool suspending;
	mxPushUndefined(); /* this */
	mxPushReference(call->function->host);
	callee = the->stack;
	suspending = wx_object_is(callee, &wx_suspending_brand);
	if (suspending)
		wx_object_get_link(call->function->host, callee);
	mxCall();
	for (i = 0; i < type->parameters; i++) {
		mxPushUndefined();
		wx_value_keep(store, the->stack, type->types[i], call->values[i]);
	}
	for (i = 0; i < type->parameters; i++)
		if (type->types[i] != WX_EXTERNREF_TYPE)
			wx_value_get(store, the->stack + type->parameters - 1 - i, type->types[i], call->values[i]);
	mxRunCount((txInteger)type->parameters);
	if (suspending && wx_is_promise(the->stack)) {
		if (call->activation) {
			suspend(store, call->activation);
			status = WX_SUSPENDED;
		} else
			status = WX_TRAP_SUSPEND;
	} else
		return_values(store, type, call->values);
	the->stack = stack;
	return status;
}

static void catch_javascript(txMachine *the, void *data)
{
	struct host_call *host = data;
	/* One that was asked for before, where no call was, is not this call's. */
	host->store->demanded = WX_TRAP_NONE;
	mxTry(the)
	{
		host->status = enter_javascript(the, host->call);
	}
	mxCatch(the)
	{
		host->store->exception.kind = mxException.kind;
		host->store->exception.value = mxException.value;
		host->status = host->store->demanded ? host->store->demanded : WX_TRAP_HOST;
		host->store->demanded = WX_TRAP_NONE;
	}
}

int wx_host_call(struct wx_host_call *call)
{
	struct host_call host = { call, wx_store_of(call->runtime), 0 };
	txMachine *the = host.store->the;
	if (!wx_stack_room(the, ROOM + 2u * (call->type->parameters + call->type->results)))
		return WX_TRAP_STACK;
	/* An exhausted heap must not jump over the frames of wasm either. */
	if (wx_host_guard(the, catch_javascript, &host)) {
		host.store->exhausted = wx_host_exhausted(the);
		return WX_TRAP_HOST;
	}
	return host.status;
}

/* ---- promise integration ---- */

static void suspending_destructor(void *data)
{
	(void)data;
}

const xsHostHooks wx_suspending_brand = { suspending_destructor, NULL, NULL };

/* (object, function) */
void xs_suspending_new(txMachine *the)
{
	if (mxArgc < 2 || !fxIsCallable(the, mxArgv(1)))
		mxTypeError("WebAssembly.Suspending: argument is no function");
	wx_object_attach(the, mxArgv(0), &wx_suspending_brand);
	wx_object_set_data(mxArgv(0), (void *)&wx_suspending_brand);
	wx_object_set_link(wx_object_of(mxArgv(0)), mxArgv(1));
}

/* (value) => is it an exported function? */
void xs_function_is(txMachine *the)
{
	mxResult->value.boolean = mxArgc > 0 && wx_function_is(mxArgv(0), &wx_function_brand);
	mxResult->kind = XS_BOOLEAN_KIND;
}

/* (value) => is it a Suspension? */
void xs_suspension_is(txMachine *the)
{
	mxResult->value.boolean = mxArgc > 0 && wx_object_is(mxArgv(0), &wx_suspension_brand);
	mxResult->kind = XS_BOOLEAN_KIND;
}

/* (suspension) => the promise it waits for */
void xs_suspension_promise(txMachine *the)
{
	txSlot none;
	wx_api_data(the, 0, &wx_suspension_brand, "Suspension");
	wx_object_get_link(wx_object_of(mxArgv(0)), mxResult);
	none.kind = XS_UNDEFINED_KIND;
	wx_object_set_link(wx_object_of(mxArgv(0)), &none);
}

/* What a promising call came to: its results, or its Suspension. */
static void settle(
	struct wx_store *store, const struct wx_functype *type, int status, uint64_t *values, uint64_t *small)
{
	txMachine *the = store->the;
	if (status == WX_SUSPENDED) {
		mxResult->kind = store->suspension.kind;
		mxResult->value = store->suspension.value;
		store->suspension.kind = XS_UNDEFINED_KIND;
		delete_values(store, values, small);
	} else if (status) {
		delete_values(store, values, small);
		wx_throw_trap(store, status);
	} else
		take_results(store, type, values, small, mxResult);
}

/* (function, ...arguments) => results, or a Suspension */
void xs_promising_call(txMachine *the)
{
	struct wx_funcref *function = mxArgc > 0 ? wx_function_data(mxArgv(0), &wx_function_brand) : NULL;
	struct wx_api_instance *instance;
	struct wx_store *store;
	const struct wx_functype *type;
	uint64_t small[SMALL], *values;
	struct wx_activation *activation = NULL;
	txSlot *stack = the->stack, *first;
	uint32_t i;
	int status;
	if (!function)
		mxTypeError("WebAssembly.promising: argument is no exported function");
	instance = wx_instance_host(function->instance);
	store = instance->store;
	type = wx_functype_get(store->runtime, (uint32_t)function->type);
	check_room(store, type);
	for (i = 0; i < type->parameters; i++) {
		if (i + 1 < (uint32_t)mxArgc)
			mxPushSlot(mxArgv((txInteger)i + 1));
		else
			mxPushUndefined();
	}
	first = stack - 1;
	values = take_arguments(store, type, first, small);
	status = wx_call_promising(store->runtime, function, values, &store->trace, &activation);
	the->stack = stack;
	settle(store, type, status, values, small);
}

/* (suspension, failed, value) => results, or another Suspension */
void xs_promising_resume(txMachine *the)
{
	struct wx_api_suspension *suspension = wx_api_data(the, 0, &wx_suspension_brand, "Suspension");
	struct wx_store *store = suspension->store;
	struct wx_runtime *runtime = store->runtime;
	struct wx_activation *activation = suspension->activation;
	const struct wx_functype *type, *host_type;
	uint32_t number, count;
	uint64_t small[SMALL], *values;
	txSlot *stack = the->stack;
	volatile int trap = 0;
	int status;
	if (!activation || mxArgc < 3)
		mxTypeError("WebAssembly: nothing to resume");
	number = wx_activation_type(activation);
	type = wx_functype_get(runtime, number);
	host_type = wx_functype_get(runtime, wx_activation_host_type(activation));
	count = host_type->results > type->results ? host_type->results : type->results;
	check_room(store, host_type);
	check_room(store, type);
	values = new_values(store, count, small);
	if (fxToBoolean(the, mxArgv(1))) {
		store->exception.kind = mxArgv(2)->kind;
		store->exception.value = mxArgv(2)->value;
		trap = WX_TRAP_HOST;
	} else {
		/* What the conversion throws, the suspended call throws. */
		mxTry(the)
		{
			mxPushSlot(mxArgv(2));
			return_values(store, host_type, values);
		}
		mxCatch(the)
		{
			store->exception.kind = mxException.kind;
			store->exception.value = mxException.value;
			trap = WX_TRAP_HOST;
		}
	}
	the->stack = stack;
	/* From here on it runs, or is gone, or suspended by another Suspension. */
	suspension->activation = NULL;
	wx_functype_retain(runtime, number);
	status = wx_activation_resume(activation, trap, values, &store->trace);
	if (status)
		wx_functype_release(runtime, number);
	settle(store, type, status, values, small);
	if (!status)
		wx_functype_release(runtime, number);
}
