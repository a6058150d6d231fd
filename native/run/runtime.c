/* The runtime's own state: configuration, function types, stacks, externref handles. */

#include "internal.h"

#include "../base/array.h"

#include <string.h>

void wx_config_default(struct wx_config *config)
{
	memset(config, 0, sizeof(*config));
	config->stack = 256 * 1024;
	config->promise_stack = 64 * 1024;
	config->promise_stacks = 64;
	config->helper_stack = WX_HELPER_STACK;
	config->nesting = 64;
	config->memory = ISA_WORD == 8 ? 0x40000000 : 0x10000000;
	config->table = 10000000;
	config->externrefs = WX_EXTERN_MAX;
	config->flash = 64 * 1024 * 1024;
	config->flash_page = 4096;
}

static bool open_flash(struct wx_runtime *runtime)
{
	const struct wx_config *config = &runtime->config;
	if (runtime->hooks.open_flash)
		return runtime->hooks.open_flash(runtime->data, &runtime->flash);
	return !config->flash || wx_flash_init(&runtime->flash, runtime->alloc, config->flash, config->flash_page);
}

static bool collect_garbage(void *data);

struct wx_runtime *wx_runtime_new(
	struct wx_alloc *alloc, const struct wx_config *config, const struct wx_hooks *hooks, void *data)
{
	struct wx_runtime *runtime = wx_calloc(alloc, 1, sizeof(*runtime));
	if (!runtime)
		return NULL;
	runtime->alloc = alloc;
	if (config)
		runtime->config = *config;
	else
		wx_config_default(&runtime->config);
	if (runtime->config.helper_stack < WX_HELPER_STACK / 2)
		runtime->config.helper_stack = WX_HELPER_STACK / 2;
	if (runtime->config.externrefs > WX_EXTERN_MAX)
		runtime->config.externrefs = WX_EXTERN_MAX;
	if (hooks)
		runtime->hooks = *hooks;
	runtime->data = data;
	wx_meter_init(runtime);
	runtime->empty.references = 1;
	runtime->empty.runtime = runtime;
	runtime->empty.page_log2 = 16;
	runtime->empty.has_maximum = true;
	if (!wx_runtime_area(runtime, 8) || !open_flash(runtime)) {
		wx_free(alloc, runtime->args);
		wx_free(alloc, runtime);
		return NULL;
	}
	runtime->flash.image = (uint32_t)(((uint64_t)runtime->flash.page * runtime->flash.pages) / 8);
	runtime->outer = alloc->collector;
	alloc->collector = (struct wx_collector){ collect_garbage, runtime };
	return runtime;
}

static void stack_free(struct wx_runtime *runtime, struct wx_stack *stack);

void wx_runtime_release(struct wx_runtime *runtime)
{
	struct wx_alloc *alloc = runtime->alloc;
	uint32_t i;
	alloc->collector = runtime->outer;
	wx_watchdog_stop(runtime);
	wx_calls_end(runtime);
	while (runtime->instances)
		wx_instance_release(runtime->instances);
	while (runtime->modules) {
		runtime->modules->references = 1;
		wx_module_release(runtime->modules);
	}
	while (runtime->free_stacks) {
		struct wx_stack *stack = runtime->free_stacks;
		runtime->free_stacks = stack->next;
		stack_free(runtime, stack);
	}
	if (runtime->main_stack)
		stack_free(runtime, runtime->main_stack);
	while (runtime->old_areas) {
		struct wx_old_area *area = runtime->old_areas;
		runtime->old_areas = area->next;
		wx_free(alloc, area);
	}
	for (i = 0; i < runtime->type_capacity; i++)
		wx_free(alloc, runtime->types[i].type);
	wx_free(alloc, runtime->types);
	wx_free(alloc, runtime->externs);
	wx_free(alloc, runtime->args);
	wx_flash_release(&runtime->flash);
	wx_free(alloc, runtime);
}

struct wx_flash *wx_runtime_flash(struct wx_runtime *runtime)
{
	return &runtime->flash;
}

struct wx_alloc *wx_runtime_alloc(struct wx_runtime *runtime)
{
	return runtime->alloc;
}

void *wx_runtime_data(struct wx_runtime *runtime)
{
	return runtime->data;
}

/*
 * Code that is running may hold the old area's address only until its next call, but arguments may be on the way: the
 * old one stays until no call runs.
 */
bool wx_runtime_area(struct wx_runtime *runtime, uint32_t slots)
{
	struct wx_instance *instance;
	uint64_t *area;
	if (slots <= runtime->args_size)
		return true;
	area = wx_calloc(runtime->alloc, slots, sizeof(*area));
	if (!area)
		return false;
	if (runtime->args) {
		memcpy(area, runtime->args, runtime->args_size * sizeof(*area));
		if (runtime->current) {
			struct wx_old_area *old = (struct wx_old_area *)(void *)runtime->args;
			old->next = runtime->old_areas;
			runtime->old_areas = old;
		} else
			wx_free(runtime->alloc, runtime->args);
	}
	runtime->args = area;
	runtime->args_size = slots;
	for (instance = runtime->instances; instance; instance = instance->next)
		instance->context[WX_CTX_ARGS] = (uintptr_t)area;
	return true;
}

/* ---- stacks ---- */

#define STACK_FILL 0xA5
#define STACK_FILL_WORD (UINTPTR_MAX / 0xFF * STACK_FILL)

static uint32_t stack_used(const struct wx_stack *stack)
{
	const uint8_t *at = stack->base;
	while (at < stack->top && *at == STACK_FILL)
		at++;
	return (uint32_t)(stack->top - at);
}

static void stack_free(struct wx_runtime *runtime, struct wx_stack *stack)
{
	uint32_t used = stack_used(stack);
	if (runtime->stack_peak < used)
		runtime->stack_peak = used;
	if (runtime->active_stack == stack)
		runtime->active_stack = NULL;
	runtime->stack_count--;
	wx_free(runtime->alloc, stack);
}

/* Is there one for a promising call, or may there be one more? */
static bool may_take_stack(void *data)
{
	struct wx_runtime *runtime = data;
	uint32_t most = runtime->config.promise_stacks + (runtime->main_stack ? 1 : 0);
	return runtime->free_stacks || runtime->stack_count < most;
}

/* One block: the stack's record, then the stack. */
struct wx_stack *wx_stack_take(struct wx_runtime *runtime, bool main)
{
	struct wx_stack *stack;
	uint32_t size = main ? runtime->config.stack : runtime->config.promise_stack;
	uint32_t reserve = WX_STACK_MARGIN + runtime->config.helper_stack;
	if (main && runtime->main_stack)
		return runtime->main_stack;
	if (!main && !wx_attempt(runtime->alloc, may_take_stack, runtime))
		return NULL;
	if (!main && runtime->free_stacks) {
		stack = runtime->free_stacks;
		runtime->free_stacks = stack->next;
		return stack;
	}
	size &= ~15u;
	stack = wx_alloc(runtime->alloc, sizeof(*stack) + 16 + reserve + size);
	if (!stack)
		return NULL;
	stack->next = NULL;
	stack->instance = NULL;
	stack->lent = false;
	stack->base = (uint8_t *)(stack + 1);
	stack->limit = stack->base + reserve;
	stack->top = (uint8_t *)(((uintptr_t)stack->limit + size + 15) & ~(uintptr_t)15);
	memset(stack->base, STACK_FILL, (size_t)(stack->top - stack->base));
	runtime->stack_count++;
	if (main)
		runtime->main_stack = stack;
	return stack;
}

void wx_stack_give(struct wx_runtime *runtime, struct wx_stack *stack)
{
	if (stack == runtime->main_stack)
		return;
	if (runtime->free_stacks) {
		stack_free(runtime, stack);
		return;
	}
	stack->next = NULL;
	runtime->free_stacks = stack;
}

/* So many bytes without a trace are taken for the end of what was in use. */
#define STACK_CLEAN 512u

/*
 * Stacks are scanned conservatively, and most of a frame may not have been written yet: what calls of another instance
 * left there would keep that alive. So it is wiped off when another one's turn comes. For calls of one instance nothing
 * is done.
 */
__attribute__((no_sanitize("address"))) void wx_stack_turn(struct wx_activation *a)
{
	struct wx_stack *stack = a->stack;
	const struct wx_instance *instance = a->function->instance;
	uintptr_t *at = (uintptr_t *)a->entry.wasm_sp, *bottom = (uintptr_t *)(void *)stack->base;
	uint32_t clean = 0, used;
	if (stack->lent || stack->instance == instance)
		return;
	stack->instance = instance;
	while (at > bottom && clean < STACK_CLEAN) {
		clean = *--at == STACK_FILL_WORD ? clean + (uint32_t)sizeof(*at) : 0;
		*at = STACK_FILL_WORD;
	}
	used = (uint32_t)(stack->top - (uint8_t *)at) - clean;
	if (a->runtime->stack_peak < used)
		a->runtime->stack_peak = used;
}

void wx_runtime_set_stack(struct wx_runtime *runtime, struct wx_stack *stack)
{
	struct wx_instance *instance;
	if (runtime->active_stack == stack)
		return;
	runtime->active_stack = stack;
	for (instance = runtime->instances; instance; instance = instance->next)
		instance->context[WX_CTX_STACK_LIMIT] = (uintptr_t)stack->limit;
}

/* ---- garbage ---- */

/* On the C stack. */
static bool collect(struct wx_runtime *runtime)
{
	struct wx_stack *stack;
	bool done = runtime->outer.collect && runtime->outer.collect(runtime->outer.data);
	/* What is kept for the next call is memory, too. */
	while ((stack = runtime->free_stacks)) {
		runtime->free_stacks = stack->next;
		stack_free(runtime, stack);
		done = true;
	}
	return done;
}

int wx_collect_enter(struct wx_entry *entry)
{
	struct wx_activation *a = (struct wx_activation *)entry;
	bool done;
	a->state = WX_ACTIVATION_IN_HOST;
	done = collect(a->runtime);
	a->state = WX_ACTIVATION_RUNNING;
	return done;
}

/* What the allocator asks, on whatever stack its caller is. */
static bool collect_garbage(void *data)
{
	struct wx_runtime *runtime = data;
	struct wx_activation *a = runtime->current;
	if (!a || a->state != WX_ACTIVATION_RUNNING)
		return collect(runtime);
	/* A helper, on the wasm stack. Garbage comes of what JavaScript does: once is enough until that has run again. */
	if (runtime->collected || runtime->interrupt)
		return false;
	runtime->collected = true;
	return wx_collect_entry(&a->entry) != 0;
}

void wx_runtime_measure(struct wx_runtime *runtime, struct wx_runtime_figures *figures)
{
	struct wx_stack *stack;
	struct wx_activation *activation;
	memset(figures, 0, sizeof(*figures));
	figures->instances = runtime->instance_count;
	figures->types = runtime->type_count;
	figures->stacks = runtime->stack_count;
	figures->stack_peak = runtime->stack_peak;
	if ((stack = runtime->main_stack)) {
		figures->stack_bytes = (uint32_t)(stack->top - stack->base);
		if (figures->stack_peak < stack_used(stack))
			figures->stack_peak = stack_used(stack);
	}
	for (stack = runtime->free_stacks; stack; stack = stack->next) {
		figures->stack_bytes += (uint32_t)(stack->top - stack->base);
		if (figures->stack_peak < stack_used(stack))
			figures->stack_peak = stack_used(stack);
	}
	for (activation = runtime->promising; activation; activation = activation->next) {
		figures->stack_bytes += (uint32_t)(activation->stack->top - activation->stack->base);
		if (figures->stack_peak < stack_used(activation->stack))
			figures->stack_peak = stack_used(activation->stack);
	}
	figures->externrefs = runtime->extern_used;
	figures->externref_capacity = runtime->extern_capacity;
	figures->nesting = runtime->depth;
	figures->suspended = runtime->suspended_count;
	figures->linear_bytes = runtime->linear_bytes;
	figures->linear_peak = runtime->linear_peak;
}

/* ---- function types ---- */

static uint32_t hash_type(uint32_t parameters, uint32_t results, const uint8_t *types)
{
	uint32_t i, hash = 2166136261u ^ parameters;
	for (i = 0; i < parameters + results; i++)
		hash = (hash ^ types[i]) * 16777619u;
	return hash;
}

/* Where the search for that hash begins. */
static uint32_t *bucket(const struct wx_runtime *runtime, uint32_t hash)
{
	return &runtime->types[hash % runtime->type_capacity].first;
}

static bool grow_types(struct wx_runtime *runtime)
{
	uint32_t old = runtime->type_capacity, i;
	struct wx_functype_entry *larger = wx_array_grow(
		runtime->alloc, runtime->types, &runtime->type_capacity, old + 1ull, sizeof(*larger));
	if (!larger)
		return false;
	runtime->types = larger;
	memset(larger + old, 0, (runtime->type_capacity - old) * sizeof(*larger));
	for (i = 0; i < runtime->type_capacity; i++)
		larger[i].first = 0;
	runtime->free_type = 0;
	for (i = runtime->type_capacity; i-- > 0;) {
		uint32_t *link = larger[i].type ? bucket(runtime, larger[i].hash) : &runtime->free_type;
		larger[i].next = *link;
		*link = i + 1;
	}
	return true;
}

static struct wx_functype *make_type(
	struct wx_runtime *runtime, uint32_t parameters, uint32_t results, const uint8_t *types)
{
	uint32_t size = parameters + results;
	struct wx_functype *type = wx_alloc(runtime->alloc, sizeof(*type) + size);
	if (!type)
		return NULL;
	type->parameters = (uint16_t)parameters;
	type->results = (uint16_t)results;
	if (size)
		memcpy(type->types, types, size);
	return type;
}

uint32_t wx_functype_new(struct wx_runtime *runtime, uint32_t parameters, uint32_t results, const uint8_t *types)
{
	uint32_t hash = hash_type(parameters, results, types), size = parameters + results, number, *link;
	struct wx_functype_entry *entry;
	struct wx_functype *type;
	if (parameters > 0xFFFF || results > 0xFFFF)
		return 0;
	for (number = runtime->type_capacity ? *bucket(runtime, hash) : 0; number; number = entry->next) {
		entry = runtime->types + number - 1;
		if (entry->hash == hash && entry->type->parameters == parameters && entry->type->results == results &&
			(!size || memcmp(entry->type->types, types, size) == 0)) {
			entry->references++;
			return number;
		}
	}
	/* Taking memory may give types back, so an entry is chosen after that. */
	if (!wx_runtime_area(runtime, parameters > results ? parameters : results))
		return 0;
	type = make_type(runtime, parameters, results, types);
	if (!type)
		return 0;
	if (!runtime->free_type && !grow_types(runtime)) {
		wx_free(runtime->alloc, type);
		return 0;
	}
	number = runtime->free_type;
	entry = runtime->types + number - 1;
	runtime->free_type = entry->next;
	entry->type = type;
	entry->hash = hash;
	entry->references = 1;
	link = bucket(runtime, hash);
	entry->next = *link;
	*link = number;
	runtime->type_count++;
	return number;
}

void wx_functype_retain(struct wx_runtime *runtime, uint32_t type)
{
	runtime->types[type - 1].references++;
}

void wx_functype_release(struct wx_runtime *runtime, uint32_t type)
{
	struct wx_functype_entry *entry;
	if (!type)
		return;
	entry = runtime->types + type - 1;
	if (--entry->references == 0) {
		uint32_t *link = bucket(runtime, entry->hash);
		while (*link != type)
			link = &runtime->types[*link - 1].next;
		*link = entry->next;
		entry->next = runtime->free_type;
		runtime->free_type = type;
		wx_free(runtime->alloc, entry->type);
		entry->type = NULL;
		runtime->type_count--;
	}
}

const struct wx_functype *wx_functype_get(struct wx_runtime *runtime, uint32_t type)
{
	if (!type || type > runtime->type_capacity)
		return NULL;
	return runtime->types[type - 1].type;
}

/* ---- externref handles ---- */

uint32_t wx_externref_index(uintptr_t handle)
{
	return (uint32_t)(handle & WX_EXTERN_MAX);
}

uintptr_t wx_externref_handle(uint32_t index)
{
	return WX_EXTERN_TAG | index;
}

bool wx_externref_known(const struct wx_runtime *runtime, uintptr_t word)
{
	uintptr_t index = word ^ WX_EXTERN_TAG;
	return index < runtime->extern_capacity && (runtime->externs[index] & WX_EXTERN_USED);
}

void wx_externref_mark(struct wx_runtime *runtime, struct wx_visitor *visitor, uintptr_t word)
{
	uint32_t index;
	if (!wx_externref_known(runtime, word))
		return;
	index = wx_externref_index(word);
	runtime->externs[index] |= WX_EXTERN_MARK;
	if (visitor->externref)
		visitor->externref(visitor, index);
}

void wx_externref_begin(struct wx_runtime *runtime)
{
	uint32_t i;
	for (i = 0; i < runtime->extern_capacity; i++)
		if (runtime->externs[i] & WX_EXTERN_USED)
			runtime->externs[i] &= ~WX_EXTERN_MARK;
	runtime->extern_pending = true;
}

uint32_t wx_externref_collect(struct wx_runtime *runtime)
{
	uint32_t i, freed = 0;
	if (!runtime->extern_pending)
		return 0;
	runtime->extern_pending = false;
	for (i = runtime->extern_capacity; i-- > 0;) {
		if ((runtime->externs[i] & (WX_EXTERN_USED | WX_EXTERN_MARK)) != WX_EXTERN_USED)
			continue;
		runtime->externs[i] = runtime->extern_free;
		runtime->extern_free = i + 1;
		runtime->extern_used--;
		freed++;
		if (runtime->hooks.externref_freed)
			runtime->hooks.externref_freed(runtime->data, i);
	}
	return freed;
}

/* Frees the handles that nothing here holds. What garbage of JavaScript holds stays until that is collected. */
static void free_unheld(struct wx_runtime *runtime)
{
	struct wx_visitor visitor = { 0 };
	struct wx_activation *activation;
	struct wx_instance *instance;
	struct wx_table *table;
	struct wx_global *global;
	wx_externref_begin(runtime);
	wx_runtime_mark(runtime, &visitor);
	for (activation = runtime->promising; activation; activation = activation->next)
		wx_activation_mark(activation, &visitor);
	for (instance = runtime->instances; instance; instance = instance->next)
		wx_instance_mark(instance, &visitor);
	for (table = runtime->extern_tables; table; table = table->next)
		wx_table_mark(table, &visitor);
	for (global = runtime->extern_globals; global; global = global->next)
		wx_global_mark(global, &visitor);
	wx_externref_collect(runtime);
}

/* Enough are free, so many that the next search is far. */
static bool enough(const struct wx_runtime *runtime, uint32_t count)
{
	return runtime->extern_capacity - runtime->extern_used >= count &&
		runtime->extern_used <= runtime->extern_capacity / 2;
}

/* Room for more handles than there are. */
static void grow_handles(struct wx_runtime *runtime, uint32_t count)
{
	uint32_t capacity = runtime->extern_capacity ? runtime->extern_capacity * 2 : 32, i, *larger;
	if (capacity < runtime->extern_used + count)
		capacity = runtime->extern_used + count;
	if (capacity > runtime->config.externrefs)
		capacity = runtime->config.externrefs;
	if (capacity <= runtime->extern_capacity)
		return;
	if (runtime->hooks.externrefs && !runtime->hooks.externrefs(runtime->data, capacity))
		return;
	larger = wx_realloc(runtime->alloc, runtime->externs, capacity * sizeof(*larger));
	if (!larger)
		return;
	runtime->externs = larger;
	for (i = capacity; i-- > runtime->extern_capacity;) {
		larger[i] = runtime->extern_free;
		runtime->extern_free = i + 1;
	}
	runtime->extern_capacity = capacity;
}

static bool has_handles(struct wx_runtime *runtime, uint32_t count)
{
	wx_externref_collect(runtime);
	return runtime->extern_capacity - runtime->extern_used >= count;
}

/*
 * There are as many handles as are in use at a time, not as many as garbage holds: garbage is collected before there
 * are more. That is once for each doubling; at the limit, when nothing is free.
 */
bool wx_externref_reserve(struct wx_runtime *runtime, uint32_t count)
{
	if (has_handles(runtime, count))
		return true;
	if (runtime->extern_capacity) {
		bool most = runtime->extern_capacity == runtime->config.externrefs;
		free_unheld(runtime);
		if (enough(runtime, count) || (most && has_handles(runtime, count)))
			return true;
		if (wx_alloc_collect(runtime->alloc)) {
			wx_externref_collect(runtime);
			if (enough(runtime, count))
				return true;
		}
	}
	grow_handles(runtime, count);
	return has_handles(runtime, count);
}

uintptr_t wx_externref_new(struct wx_runtime *runtime)
{
	uint32_t index = runtime->extern_free;
	if (!index)
		return 0;
	index--;
	runtime->extern_free = runtime->externs[index];
	runtime->externs[index] = WX_EXTERN_USED | WX_EXTERN_MARK;
	runtime->extern_used++;
	return wx_externref_handle(index);
}

/* ---- texts ---- */

static const struct {
	const char *name, *message;
} traps[WX_TRAP_COUNT] = {
#define TRAP(kind, name, message) [kind] = { name, message },
	WX_TRAP_ROWS(TRAP)
#undef TRAP
};

const char *wx_trap_message(int kind)
{
	return kind >= 0 && kind < WX_TRAP_COUNT ? traps[kind].message : "unknown trap";
}

const char *wx_trap_name(int kind)
{
	return kind >= 0 && kind < WX_TRAP_COUNT ? traps[kind].name : "unknown";
}

bool wx_error_set(struct wx_error *error, enum wx_error_kind kind, const char *message)
{
	if (error) {
		struct wx_text text = { error->message, sizeof(error->message), 0 };
		error->kind = kind;
		wx_text_string(&text, message);
	}
	return false;
}
