/* Calls: into wasm, out to the host, nested, promising; what the collector must know of them. */

#include "internal.h"

#include <string.h>

/* ---- values in registers and the argument area ---- */

/* By which a value is passed. References, whose words are no numbers, stay what they are. */
static wx_type register_type(uint8_t type)
{
	return type >= WX_F64_TYPE ? wx_machine_type((wx_type)(WX_I32_TYPE - type)) : WX_REF;
}

static void put_general(uintptr_t *gp, wx_type t, uint64_t value)
{
	/* In a register of 64 bits an i32 is zero-extended. */
	gp[0] = t == WX_I32 ? (uintptr_t)(uint32_t)value : (uintptr_t)value;
#if ISA_WORD == 4
	if (t == WX_I64)
		gp[1] = (uintptr_t)(value >> 32);
#endif
}

static uint64_t get_general(const uintptr_t *gp, wx_type t)
{
#if ISA_WORD == 4
	if (t == WX_I64)
		return gp[0] | (uint64_t)gp[1] << 32;
#endif
	return t == WX_I32 ? (uint32_t)gp[0] : (uint64_t)gp[0];
}

static uint64_t clean(wx_type t, uint64_t value)
{
	if (t == WX_I32 || t == WX_F32)
		return (uint32_t)value;
	return t == WX_REF ? (uint64_t)(uintptr_t)value : value;
}

/* Parameters to where the callee expects them, or, out of the same places, from where the caller put them. */
static void pass_parameters(
	const struct wx_functype *type, uintptr_t *gp, uint64_t *fp, uint64_t *area, uint64_t *values, bool out)
{
	wx_abi abi = { 0, 0, 0 };
	uint32_t i;
	for (i = 0; i < type->parameters; i++) {
		wx_type t = register_type(type->types[i]);
		unsigned general = abi.general, floating = abi.floating;
		wx_abi_place place = wx_abi_next(&abi, t);
		uint64_t *memory = area + place.slot;
		if (place.in_register && !WX_IS_FP(place.reg.r)) {
			if (out)
				values[i] = get_general(gp + general, t);
			else
				put_general(gp + general, t, values[i]);
			continue;
		}
		if (place.in_register)
			memory = fp + floating;
		if (out)
			values[i] = clean(t, *memory);
		else
			*memory = clean(t, values[i]);
	}
}

static void pass_results(
	const struct wx_functype *type, uintptr_t *gp, uint64_t *fp, uint64_t *area, uint64_t *values, bool out)
{
	uint32_t i;
	for (i = 0; i < type->results; i++) {
		wx_type t = register_type(type->types[type->parameters + i]);
		uint64_t *memory = area + i;
		if (i == 0 && !wx_in_fp(t)) {
			if (out)
				values[0] = get_general(gp, t);
			else
				put_general(gp, t, values[0]);
			continue;
		}
		if (i == 0)
			memory = fp;
		if (out)
			values[i] = clean(t, *memory);
		else
			*memory = clean(t, values[i]);
	}
}

/* ---- entering ---- */

static int no_trace(struct wx_trace *trace, int kind)
{
	if (trace) {
		trace->kind = kind;
		trace->count = trace->omitted = 0;
	}
	return kind;
}

/* Run until the call ends or is suspended. */
static int run(struct wx_activation *a, int (*enter)(struct wx_entry *), struct wx_trace *trace)
{
	struct wx_runtime *runtime = a->runtime;
	int status;
	a->previous = runtime->current;
	a->entry.trap_pc = 0;
	a->asynchronous = false;
	a->state = WX_ACTIVATION_RUNNING;
	runtime->collected = false;
	runtime->current = a;
	runtime->depth++;
	wx_stack_turn(a);
	wx_runtime_set_stack(runtime, a->stack);
	if (runtime->interrupt)
		status = no_trace(trace, WX_TRAP_INTERRUPTED);
	else {
		status = enter(&a->entry);
		if (status == WX_SUSPENDED)
			a->interrupted = runtime->interrupt;
		else if (status)
			wx_trace_walk(runtime, a, status, trace);
	}
	runtime->depth--;
	runtime->current = a->previous;
	a->previous = NULL;
	if (runtime->current) {
		wx_stack_turn(runtime->current);
		wx_runtime_set_stack(runtime, runtime->current->stack);
	} else {
		wx_watchdog_calls_ended(runtime);
		while (runtime->old_areas) {
			struct wx_old_area *area = runtime->old_areas;
			runtime->old_areas = area->next;
			wx_free(runtime->alloc, area);
		}
	}
	return status;
}

/* May one more call run? */
static bool may_run(const struct wx_runtime *runtime)
{
	const struct wx_activation *a = runtime->current;
	return runtime->depth < runtime->config.nesting && (!a || a->state == WX_ACTIVATION_IN_HOST);
}

/* May a call begin, and may the function be entered? */
static bool may_enter(struct wx_runtime *runtime, const struct wx_funcref *function)
{
	struct wx_region *region = function->instance->module->region;
	if (!may_run(runtime) || !region->published)
		return false;
	if (!region->entered) {
		region->entered = true;
		if (runtime->flash.hooks && runtime->flash.hooks->enter)
			runtime->flash.hooks->enter(runtime->flash.hook_data, region->base);
	}
	return true;
}

static void set_up(struct wx_activation *a, struct wx_runtime *runtime, const struct wx_funcref *function,
	struct wx_stack *stack, uintptr_t sp, uint64_t *values)
{
	const struct wx_functype *type = wx_functype_get(runtime, (uint32_t)function->type);
	memset(a, 0, sizeof(*a));
	a->runtime = runtime;
	a->stack = stack;
	a->function = function;
	a->type = (uint32_t)function->type;
	a->entry.code = function->code;
	a->entry.context = (uintptr_t)function->context;
	a->start = a->entry.wasm_sp = sp & ~(uintptr_t)15;
	pass_parameters(type, a->entry.gp, a->entry.fp, runtime->args, values, false);
}

int wx_call(struct wx_runtime *runtime, const struct wx_funcref *function, uint64_t *values, struct wx_trace *trace)
{
	struct wx_activation *current = runtime->current, a;
	const struct wx_functype *type = wx_functype_get(runtime, (uint32_t)function->type);
	struct wx_stack *stack;
	uintptr_t sp;
	int status;
	wx_hold(runtime, values, type->parameters);
	stack = current ? current->stack : wx_stack_take(runtime, true);
	wx_hold(runtime, NULL, 0);
	if (!stack || !may_enter(runtime, function))
		return no_trace(trace, WX_TRAP_STACK);
	sp = current ? current->entry.wasm_sp : (uintptr_t)stack->top;
	if (sp - 64 < (uintptr_t)stack->limit)
		return no_trace(trace, WX_TRAP_STACK);
	set_up(&a, runtime, function, stack, sp, values);
	status = run(&a, wx_enter, trace);
	if (!status)
		pass_results(type, a.entry.gp, a.entry.fp, runtime->args, values, true);
	return status;
}

int wx_call_within(struct wx_runtime *runtime, const struct wx_funcref *function, uint64_t *values,
	struct wx_trace *trace, void *memory, uint32_t size)
{
	struct wx_stack stack = { .base = memory, .limit = (uint8_t *)memory + WX_LENT_STACK(0), .lent = true };
	struct wx_activation a;
	int status;
	stack.top = (uint8_t *)(((uintptr_t)memory + size) & ~(uintptr_t)15);
	if (stack.top < stack.limit + 64 || !may_enter(runtime, function))
		return no_trace(trace, WX_TRAP_STACK);
	set_up(&a, runtime, function, &stack, (uintptr_t)stack.top, values);
	status = run(&a, wx_enter, trace);
	if (runtime->active_stack == &stack)
		runtime->active_stack = NULL;
	if (!status)
		pass_results(wx_functype_get(runtime, a.type), a.entry.gp, a.entry.fp, runtime->args, values, true);
	return status;
}

/* A promising call is over: its record, its stack and its type go. */
static void end(struct wx_activation *a)
{
	struct wx_runtime *runtime = a->runtime;
	*a->link = a->next;
	if (a->next)
		a->next->link = a->link;
	wx_functype_release(runtime, a->type);
	wx_stack_give(runtime, a->stack);
	wx_free(runtime->alloc, a);
}

/* A promising call came back from wasm: it is suspended, and the host's, or it ends here. */
static int leave(struct wx_activation *a, int status, uint64_t *values)
{
	struct wx_runtime *runtime = a->runtime;
	if (status == WX_SUSPENDED) {
		a->state = WX_ACTIVATION_SUSPENDED;
		runtime->suspended_count++;
		return status;
	}
	if (!status)
		pass_results(wx_functype_get(runtime, a->type), a->entry.gp, a->entry.fp, runtime->args, values, true);
	end(a);
	return status;
}

int wx_call_promising(struct wx_runtime *runtime, const struct wx_funcref *function, uint64_t *values,
	struct wx_trace *trace, struct wx_activation **activation)
{
	struct wx_activation *a;
	struct wx_stack *stack;
	int status;
	*activation = NULL;
	if (!may_enter(runtime, function))
		return no_trace(trace, WX_TRAP_STACK);
	wx_hold(runtime, values, wx_functype_get(runtime, (uint32_t)function->type)->parameters);
	a = wx_alloc(runtime->alloc, sizeof(*a));
	stack = a ? wx_stack_take(runtime, false) : NULL;
	wx_hold(runtime, NULL, 0);
	if (!stack) {
		wx_free(runtime->alloc, a);
		return no_trace(trace, WX_TRAP_STACK);
	}
	set_up(a, runtime, function, stack, (uintptr_t)stack->top, values);
	a->promising = true;
	a->next = runtime->promising;
	a->link = &runtime->promising;
	if (a->next)
		a->next->link = &a->next;
	runtime->promising = a;
	wx_functype_retain(runtime, a->type);
	status = leave(a, run(a, wx_enter, trace), values);
	if (status == WX_SUSPENDED)
		*activation = a;
	return status;
}

/* The host gives it back. */
static void take_back(struct wx_activation *a)
{
	a->runtime->suspended_count--;
	a->state = WX_ACTIVATION_RUNNING;
	wx_functype_release(a->runtime, a->host_type);
	a->host_type = 0;
}

int wx_activation_resume(struct wx_activation *a, int trap, uint64_t *values, struct wx_trace *trace)
{
	struct wx_runtime *runtime = a->runtime;
	struct wx_host_frame *frame = (struct wx_host_frame *)a->entry.wasm_sp;
	if (a->state != WX_ACTIVATION_SUSPENDED)
		return no_trace(trace, WX_TRAP_SUSPEND);
	if (a->interrupted || runtime->interrupt)
		trap = WX_TRAP_INTERRUPTED;
	else if (!trap && !may_run(runtime))
		trap = WX_TRAP_STACK;
	if (!trap)
		pass_results(wx_functype_get(runtime, a->host_type), frame->gp, frame->fp, runtime->args, values, false);
	take_back(a);
	if (!trap)
		return leave(a, run(a, wx_reenter, trace), values);
	a->previous = runtime->current;
	a->entry.trap_pc = 0;
	wx_trace_walk(runtime, a, trap, trace);
	end(a);
	return trap;
}

void wx_activation_release(struct wx_activation *a)
{
	if (a->state != WX_ACTIVATION_SUSPENDED)
		return;
	take_back(a);
	end(a);
}

bool wx_activation_interrupted(const struct wx_activation *a)
{
	return a->interrupted;
}

void wx_calls_end(struct wx_runtime *runtime)
{
	while (runtime->promising) {
		struct wx_activation *a = runtime->promising;
		if (a->state == WX_ACTIVATION_SUSPENDED)
			take_back(a);
		end(a);
	}
}

uint32_t wx_activation_type(const struct wx_activation *a)
{
	return a->type;
}

uint32_t wx_activation_host_type(const struct wx_activation *a)
{
	return a->host_type;
}

struct wx_activation *wx_runtime_suspendable(struct wx_runtime *runtime)
{
	struct wx_activation *a = runtime->current;
	return a && a->promising && a->state == WX_ACTIVATION_IN_HOST ? a : NULL;
}

/* ---- host calls ---- */

#define SMALL_VALUES 8

static void leave_host(struct wx_activation *a)
{
	a->state = WX_ACTIVATION_RUNNING;
	a->host_function = NULL;
	a->host_values = NULL;
	a->host_values_count = 0;
}

/* From the host entry, on the C stack. */
int wx_host_enter(struct wx_runtime *runtime, struct wx_host_function *function, struct wx_host_frame *frame)
{
	struct wx_activation *a = runtime->current;
	const struct wx_functype *type = wx_functype_get(runtime, function->type);
	uint32_t count = type->parameters > type->results ? type->parameters : type->results;
	uint64_t small[SMALL_VALUES] = { 0 }, *values = small;
	uint32_t type_number = function->type;
	struct wx_host_call call;
	int status;
	runtime->collected = false;
	a->state = WX_ACTIVATION_IN_HOST;
	a->host_function = function;
	if (count > SMALL_VALUES) {
		/* Meanwhile the parameters are where the caller put them: on its stack and here. */
		a->host_values = runtime->args;
		a->host_values_count = type->parameters;
		values = wx_calloc(runtime->alloc, count, sizeof(*values));
		if (!values) {
			leave_host(a);
			return WX_TRAP_STACK;
		}
	}
	/* held: the callback may lead to the collection of the function's instance */
	wx_functype_retain(runtime, type_number);
	pass_parameters(type, frame->gp, frame->fp, runtime->args, values, true);
	call.runtime = runtime;
	call.instance = function->instance;
	call.function = function;
	call.type = type;
	call.values = values;
	call.activation = a->promising ? a : NULL;
	a->host_values = values;
	a->host_values_count = count;
	status = runtime->interrupt ? WX_TRAP_INTERRUPTED : function->callback(&call);
	leave_host(a);
	/* The host owns what it has suspended, whatever came meanwhile. */
	if (status != WX_SUSPENDED || !a->promising) {
		if (runtime->interrupt)
			status = WX_TRAP_INTERRUPTED;
		else if (status == WX_SUSPENDED)
			status = WX_TRAP_SUSPEND;
		else if (status < 0 || status >= WX_TRAP_COUNT)
			status = WX_TRAP_HOST;
	}
	if (status == WX_TRAP_NONE)
		pass_results(type, frame->gp, frame->fp, runtime->args, values, false);
	if (values != small)
		wx_free(runtime->alloc, values);
	if (status == WX_SUSPENDED)
		a->host_type = type_number;
	else
		wx_functype_release(runtime, type_number);
	return status;
}

/* ---- the collector ---- */

/* What a word on a stack may be: a context or something else inside an instance, a function reference, an externref. */
static void mark_word(struct wx_runtime *runtime, struct wx_visitor *visitor, uintptr_t word)
{
	struct wx_instance *instance;
	struct wx_slab *slab;
	if (wx_externref_known(runtime, word)) {
		wx_externref_mark(runtime, visitor, word);
		return;
	}
	for (instance = runtime->instances; instance; instance = instance->next) {
		if (word - (uintptr_t)instance < instance->size) {
			if (visitor->instance)
				visitor->instance(visitor, instance);
			return;
		}
		for (slab = instance->slabs; slab; slab = slab->next) {
			uintptr_t distance = word - (uintptr_t)slab->functions;
			if (distance >= sizeof(slab->functions))
				continue;
			if (distance % sizeof(struct wx_funcref) == 0 && distance / sizeof(struct wx_funcref) < slab->count)
				wx_mark_value(runtime, visitor, WX_FUNCREF_TYPE, word);
			return;
		}
	}
}

struct range {
	uintptr_t low, high;
};

/* Where the heap's things of interest lie, so that most words need no search. */
static struct range interesting(struct wx_runtime *runtime)
{
	struct range range = { UINTPTR_MAX, 0 };
	struct wx_instance *instance;
	struct wx_slab *slab;
	for (instance = runtime->instances; instance; instance = instance->next) {
		if ((uintptr_t)instance < range.low)
			range.low = (uintptr_t)instance;
		if ((uintptr_t)instance + instance->size > range.high)
			range.high = (uintptr_t)instance + instance->size;
		for (slab = instance->slabs; slab; slab = slab->next) {
			if ((uintptr_t)slab < range.low)
				range.low = (uintptr_t)slab;
			if ((uintptr_t)(slab + 1) > range.high)
				range.high = (uintptr_t)(slab + 1);
		}
	}
	return range;
}

typedef uintptr_t __attribute__((may_alias)) any_word;

/* Where a helper has asked for garbage there are frames of C among them, with what sanitizers put between variables. */
__attribute__((no_sanitize("address"))) static void scan(
	struct wx_runtime *runtime, struct wx_visitor *visitor, const struct range *range, uintptr_t from, uintptr_t to)
{
	uintptr_t at, word, last = 0;
	for (at = from; at + sizeof(word) <= to; at += sizeof(word)) {
		word = *(const any_word *)at;
		if (word == last || !((word >= range->low && word < range->high) || wx_externref_known(runtime, word)))
			continue;
		mark_word(runtime, visitor, word);
		last = word;
	}
}

static void mark_activation(struct wx_activation *a, struct wx_visitor *visitor, const struct range *range)
{
	struct wx_runtime *runtime = a->runtime;
	wx_mark_value(runtime, visitor, WX_FUNCREF_TYPE, (uintptr_t)a->function);
	if (a->state != WX_ACTIVATION_RUNNING && !a->stack->lent)
		scan(runtime, visitor, range, a->entry.wasm_sp, a->start);
	if (a->host_function && visitor->instance)
		visitor->instance(visitor, a->host_function->instance);
	if (a->host_values)
		scan(runtime, visitor, range, (uintptr_t)a->host_values, (uintptr_t)(a->host_values + a->host_values_count));
}

void wx_runtime_mark(struct wx_runtime *runtime, struct wx_visitor *visitor)
{
	struct range range = interesting(runtime);
	struct wx_activation *a;
	if (runtime->held_count)
		scan(runtime, visitor, &range, (uintptr_t)runtime->held, (uintptr_t)(runtime->held + runtime->held_count));
	for (a = runtime->current; a; a = a->previous)
		mark_activation(a, visitor, &range);
}

void wx_activation_mark(struct wx_activation *a, struct wx_visitor *visitor)
{
	struct range range = interesting(a->runtime);
	mark_activation(a, visitor, &range);
}
