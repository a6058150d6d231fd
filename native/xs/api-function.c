/* Calls: JavaScript calls exported functions, WebAssembly calls host functions. */

#include "xsAll.h"
#include "xs.h"
#include "port.h"
#include "guards.h"
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
const xsHostHooks wx_function_brand = { .marker = function_marker };

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
 * The results, as JavaScript has them: undefined, a value, or an array. What they refer to is reached by nothing but
 * them: it is kept on the XS stack before anything is allocated. So are they themselves: `values` is given back
 * before, since whoever runs out of JavaScript memory does not return.
 */
static void take_results(
	struct wx_store *store, const struct wx_functype *type, uint64_t *values, uint64_t *small, txSlot *result)
{
	txMachine *the = store->the;
	const uint8_t *types = type->types + type->parameters;
	uint32_t count = type->results, i;
	txSlot *stack = the->stack, *kept = stack - 1, *bits = kept - count;
	uint64_t value;
	if (count < 2) {
		value = count ? values[0] : 0;
		delete_values(store, values, small);
		if (count)
			wx_value_get(store, result, types[0], value);
		else
			result->kind = XS_UNDEFINED_KIND;
		return;
	}
	for (i = 0; i < count; i++) {
		mxPushUndefined();
		wx_value_keep(store, the->stack, types[i], values[i]);
	}
	/* Bits that the collector takes for a number. */
	for (i = 0; i < count; i++) {
		mxPushNumber(0);
		c_memcpy(&the->stack->value.number, values + i, sizeof(*values));
	}
	delete_values(store, values, small);
	for (i = 0; i < count; i++) {
		c_memcpy(&value, &(bits - i)->value.number, sizeof(value));
		if (types[i] != WX_EXTERNREF_TYPE)
			wx_value_get(store, kept - i, types[i], value);
	}
	_xsNewArray(the, result, (xsIntegerValue)count);
	for (i = 0; i < count; i++)
		_xsSetIndex(the, result, i, kept - i);
	the->stack = stack;
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

/*
 * A suspended call, as JavaScript has it. It is made while the call still runs, in the host function that suspends
 * it, and owns the activation from when the call has come back until it is resumed. If it is collected before, the
 * call is given up. Its link is the promise, until that has been taken.
 */
struct wx_api_suspension {
	struct wx_store *store;
	struct wx_activation *activation; /* NULL: not yet, or no longer */
	uint32_t type; /* a reference, until the results of a call that was resumed have been taken; 0: none */
	bool resuming; /* what the promise came to is being converted, which may run anything */
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

static void release_type(struct wx_api_suspension *suspension)
{
	wx_functype_release(suspension->store->runtime, suspension->type);
	suspension->type = 0;
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
	release_type(suspension);
	wx_free(store->alloc, suspension);
	wx_store_release(store);
}

const xsHostHooks wx_suspension_brand = { .destructor = suspension_destructor, .marker = suspension_marker };

/* The promise at the top of the XS stack is what the running promising call is to wait for. */
static void suspend(struct wx_store *store)
{
	txMachine *the = store->the;
	txSlot *promise = the->stack;
	struct wx_api_suspension *suspension;
	mxPushUndefined();
	mxPushNull();
	wx_object_new(the, the->stack + 1, the->stack, &wx_suspension_brand);
	mxPop();
	suspension = wx_calloc(store->alloc, 1, sizeof(*suspension));
	if (!suspension)
		wx_throw_memory(the);
	suspension->store = store;
	wx_store_retain(store);
	wx_object_set_data(the->stack, suspension);
	wx_object_set_link(wx_object_of(the->stack), promise);
	store->suspension = wx_object_of(the->stack);
	mxPop();
}

static int enter_javascript(txMachine *the, void *data)
{
	struct wx_host_call *call = data;
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
			suspend(store);
			status = WX_SUSPENDED;
		} else
			status = WX_TRAP_SUSPEND;
	} else
		return_values(store, type, call->values);
	the->stack = stack;
	return status;
}

/* JavaScript on behalf of compiled code: what it throws, or uses up, is a trap of the call. */
struct guarded {
	struct wx_store *store;
	int (*callee)(txMachine *the, void *data);
	void *data;
	int status;
};

static void catch_javascript(txMachine *the, void *data)
{
	struct guarded *guarded = data;
	struct wx_store *store = guarded->store;
	/* One that was asked for before, where no call was, is not this call's. */
	store->demanded = WX_TRAP_NONE;
	mxTry(the)
	{
		guarded->status = guarded->callee(the, guarded->data);
	}
	mxCatch(the)
	{
		wx_store_set_exception(store, &mxException);
		guarded->status = store->demanded ? store->demanded : WX_TRAP_HOST;
	}
	store->demanded = WX_TRAP_NONE;
}

/* An exhausted heap must not jump over the frames of wasm either. */
static int run_guarded(struct wx_store *store, int (*callee)(txMachine *the, void *data), void *data)
{
	struct guarded guarded = { store, callee, data, WX_TRAP_NONE };
	if (wx_guard(store->the, catch_javascript, &guarded)) {
		store->exhausted = wx_guard_message(store->the);
		return WX_TRAP_HOST;
	}
	return guarded.status;
}

int wx_host_call(struct wx_host_call *call)
{
	struct wx_store *store = wx_store_of(call->runtime);
	if (!wx_stack_room(store->the, ROOM + 2u * (call->type->parameters + call->type->results)))
		return WX_TRAP_STACK;
	return run_guarded(store, enter_javascript, call);
}

/* ---- promise integration ---- */

static void suspending_destructor(void *data)
{
	(void)data;
}

const xsHostHooks wx_suspending_brand = { .destructor = suspending_destructor };

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

/* (suspension) => did an interrupt come before it was suspended? It ends when it is resumed then. */
void xs_suspension_interrupted(txMachine *the)
{
	struct wx_api_suspension *suspension = wx_api_data(the, 0, &wx_suspension_brand, "Suspension");
	mxResult->value.boolean = suspension->activation && wx_activation_interrupted(suspension->activation);
	mxResult->kind = XS_BOOLEAN_KIND;
}

/* What a promising call came to: its results, or its Suspension, which owns the activation from here on. */
static void settle(struct wx_store *store, const struct wx_functype *type, int status, struct wx_activation *activation,
	uint64_t *values, uint64_t *small)
{
	txMachine *the = store->the;
	if (status == WX_SUSPENDED) {
		struct wx_api_suspension *suspension;
		wx_object_get(mxResult, store->suspension);
		store->suspension = NULL;
		suspension = wx_object_data(mxResult, &wx_suspension_brand);
		suspension->activation = activation;
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
	settle(store, type, status, activation, values, small);
}

struct resumption {
	struct wx_store *store;
	const struct wx_functype *type;
	uint64_t *values;
	txSlot *value;
};

/* What the conversion throws, the suspended call throws. */
static int convert_outcome(txMachine *the, void *data)
{
	const struct resumption *resumption = data;
	mxPushSlot(resumption->value);
	return_values(resumption->store, resumption->type, resumption->values);
	return WX_TRAP_NONE;
}

/* (suspension, failed, value) => results, or another Suspension */
void xs_promising_resume(txMachine *the)
{
	struct wx_api_suspension *suspension = wx_api_data(the, 0, &wx_suspension_brand, "Suspension");
	struct wx_store *store = suspension->store;
	struct wx_runtime *runtime = store->runtime;
	struct wx_activation *activation = suspension->activation;
	const struct wx_functype *type, *host_type;
	uint64_t small[SMALL], *values;
	txSlot *stack = the->stack;
	int status;
	if (!activation || suspension->resuming || mxArgc < 3)
		mxTypeError("WebAssembly: nothing to resume");
	type = wx_functype_get(runtime, wx_activation_type(activation));
	host_type = wx_functype_get(runtime, wx_activation_host_type(activation));
	check_room(store, host_type);
	check_room(store, type);
	values = new_values(store, host_type->results > type->results ? host_type->results : type->results, small);
	if (fxToBoolean(the, mxArgv(1))) {
		wx_store_set_exception(store, mxArgv(2));
		status = WX_TRAP_HOST;
	} else {
		struct resumption resumption = { store, host_type, values, mxArgv(2) };
		suspension->resuming = true;
		status = run_guarded(store, convert_outcome, &resumption);
		suspension->resuming = false;
	}
	the->stack = stack;
	/* From here on it runs, or is gone, or another Suspension owns it. */
	suspension->activation = NULL;
	suspension->type = wx_activation_type(activation);
	wx_functype_retain(runtime, suspension->type);
	status = wx_activation_resume(activation, status, values, &store->trace);
	if (status)
		release_type(suspension);
	settle(store, type, status, activation, values, small);
	release_type(suspension);
}
