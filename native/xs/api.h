#ifndef WX_API_H
#define WX_API_H

/*
 * The WebAssembly JavaScript API's C side. Include after "xsmc.h".
 *
 * The store is the machine's run time and what the collector must know of it. Each object of the API has host data
 * (engine.h) with a brand of its own. The run time's `host` pointers are: of an instance its struct wx_api_instance; of
 * memories, tables, globals and functions the object that stands for them, NULL while there is none; of a host function
 * the function, or Suspending, to call. A suspended activation belongs to its Suspension (api-function.c).
 *
 * Collecting. Every marker marks the store first; so the store's marker runs first in each collection, and begins the
 * marking of externrefs. From there the engine's marking does the walk: an object marks what its C side reaches
 * directly, as objects. What has no object is walked into by who owns it. An instance keeps all functions that were
 * ever made for it, so a function keeps its identity. Destructors of one collection run in any order: each touches only
 * what it counts.
 */

#include "../run/runtime.h"
#include "../emit/compiler.h"
#include "engine.h"

struct wx_store {
	xsMachine *the;
	struct wx_alloc *alloc;
	struct wx_runtime *runtime;
	void *object;
	uint32_t references; /* objects that need the run time */
	void *make_error; /* (kind, message) => Error */
	void *make_trap; /* (kind, message, function, name, offset, backtrace) => RuntimeError */
	void *suspension; /* made by a host function, on its way out */
	int demanded; /* a trap that a host function asked for: what it threw is not the result */
	const char *exhausted; /* JavaScript memory that a host function used up, on the way out */
	xsSlot *externrefs; /* as wx_slot_hold makes them */
	uint32_t externref_capacity;
	struct wx_module *front_end; /* the native one, once used */
	uint32_t keys; /* of the engine: so many may be in use before names of exports get none unasked */
	uint32_t keys_left; /* by the last collection for such names, and some more */
	uint32_t streams; /* modules that are being compiled while they come: one, or none */
	struct wx_trace trace; /* of the last call that trapped, until its error is made */
};

struct wx_api_module {
	struct wx_store *store;
	struct wx_module *module;
	wx_compile_figures figures;
	uint32_t longest; /* microseconds of compiling without a pause */
	bool optimized; /* it was compiled with what a first compilation had learned */
};

/* Values while an instance is linked: its marker knows them. */
struct wx_api_link {
	uint32_t count;
	struct wx_import_value values[];
};

struct wx_api_instance {
	struct wx_store *store;
	struct wx_instance *instance;
	struct wx_api_link *link;
	void *object;
	void *functions; /* first of the list */
};

extern const xsHostHooks wx_store_brand, wx_compiler_brand, wx_module_brand, wx_instance_brand, wx_memory_brand,
	wx_table_brand, wx_global_brand, wx_function_brand, wx_direct_brand, wx_suspending_brand, wx_suspension_brand;

/* ---- api-store.c ---- */

/* The error's kind, as make_error knows it. */
enum wx_api_error { WX_API_COMPILE_ERROR, WX_API_LINK_ERROR, WX_API_SUSPEND_ERROR };

struct wx_store *wx_store_of(struct wx_runtime *runtime);
void wx_store_retain(struct wx_store *store);
void wx_store_release(struct wx_store *store);

/* What the visitor's callbacks get. */
struct wx_marking {
	struct wx_visitor visitor;
	xsMachine *the;
	xsMarkRoot mark;
	struct wx_store *store;
};
/* Every marker begins with this. */
void wx_marking_begin(struct wx_marking *marking, struct wx_store *store, xsMachine *the, xsMarkRoot mark);

/* The argument's host data; TypeError "... is no WebAssembly.<what>" when it is something else. */
void *wx_api_data(xsMachine *the, xsIntegerValue argument, const xsHostHooks *brand, const char *what);
#define WX_API_ARGUMENT_STORE(INDEX) ((struct wx_store *)wx_api_data(the, INDEX, &wx_store_brand, "Store"))

/* What a host function has thrown is on its way out: the store's object has it as its link. Allocates nothing. */
void wx_store_set_exception(struct wx_store *store, const xsSlot *exception);
void wx_throw_error(struct wx_store *store, enum wx_api_error kind, const char *message) __attribute__((noreturn));
/* The run time's reason, as the API's error. `context`: "WebAssembly.Instance()" */
void wx_throw_reason(struct wx_store *store, const char *context, const struct wx_error *error)
	__attribute__((noreturn));
/* What a call ended with: a trap of store->trace, the exception of a host function, ... */
void wx_throw_trap(struct wx_store *store, int trap) __attribute__((noreturn));
void wx_throw_memory(xsMachine *the) __attribute__((noreturn));

/* ---- api-values.c ---- */

/*
 * ToWebAssemblyValue, in two steps: first the value is made one of the type in its slot, which may run JavaScript and
 * throw; then its bits are read, which may not, so that nothing is collected in between. externref: reserve handles
 * before (wx_externref_reserve).
 */
void wx_value_coerce(xsMachine *the, xsSlot *slot, uint8_t type);
uint64_t wx_value_bits(struct wx_store *store, const xsSlot *slot, uint8_t type);
/* ToJSValue. May allocate; what a reference refers to is safe from the moment it is called. */
void wx_value_get(struct wx_store *store, xsSlot *result, uint8_t type, uint64_t bits);
/* As that, but allocates nothing: something that keeps a reference alive, undefined for other types. */
void wx_value_keep(struct wx_store *store, xsSlot *result, uint8_t type, uint64_t bits);
/* How many of these types are externref. */
uint32_t wx_count_externrefs(const uint8_t *types, uint32_t count);
void wx_reserve_externrefs(struct wx_store *store, uint32_t count);
/* [EnforceRange] unsigned long */
uint32_t wx_to_index(xsMachine *the, xsSlot *slot, const char *what);

/* ---- api-objects.c ---- */

/* The object that stands for a table, memory or global. */
void wx_api_get(struct wx_store *store, xsSlot *result, int kind, void *counted, xsSlot *prototype);

/* ---- api-function.c ---- */

/* The function object that stands for it. */
void wx_function_get(struct wx_store *store, xsSlot *result, struct wx_funcref *function);
int wx_host_call(struct wx_host_call *call);

/* ---- iot.c ---- */

/* Binds a function import to an object of wx_direct_brand. */
void wx_direct_bind(const xsSlot *slot, struct wx_import_value *value);
/* Of a function import that is bound to JavaScript: the type of the function, where it is one of the API of modules. */
void wx_iot_bind(const xsSlot *slot, struct wx_import_value *value);

#endif
