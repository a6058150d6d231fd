/* Shared by the files of native/run, not by others. */
#ifndef WX_INTERNAL_H
#define WX_INTERNAL_H

#include "runtime.h"
#include "../abi/image.h"
#include "../isa/entry.h"
#include "../isa/processor.h"
#include "../isa/registers.h"
#include "../abi/layout.h"
#include "opcodes.h" /* generated from src/aot/base/opcodes.ts */
#include "../abi/record.h"
#include "../base/text.h"

/* ---- stacks and calls ---- */

struct wx_stack {
	struct wx_stack *next;
	uint8_t *base;
	uint8_t *limit; /* sp of compiled code stays above, but for the margin */
	uint8_t *top;
	const struct wx_instance *instance; /* whose calls alone have left traces below what is in use; may be gone */
	bool lent; /* by C, for code that has no references */
};

/* What may happen in each state, and who owns what then: docs/ARCHITECTURE.md, "The states of a call". */
enum wx_activation_state {
	WX_ACTIVATION_RUNNING, /* compiled code or a helper runs, on its wasm stack */
	WX_ACTIVATION_IN_HOST, /* a host function runs, on the C stack */
	WX_ACTIVATION_SUSPENDED /* nothing of it runs; the host owns it */
};

/* A call from C into wasm. */
struct wx_activation {
	struct wx_entry entry; /* first: entry.S */
	struct wx_activation *previous; /* running: the call that this one is nested in */
	struct wx_activation *next, **link; /* promising: in the run time's list, from its begin to its end */
	struct wx_runtime *runtime;
	struct wx_stack *stack;
	uintptr_t start; /* sp at its start: its part of the stack ends here */
	const struct wx_funcref *function;
	uint32_t type; /* of the function called; a reference is held while suspended */
	uint32_t host_type; /* of the host function that suspended it */
	uint8_t state; /* enum wx_activation_state */
	bool promising; /* on a stack of its own, in memory of its own: it may be suspended */
	bool interrupted; /* suspended under an interrupt: it ends when it is resumed */
	bool asynchronous; /* ended by an interrupt between any two instructions */
	struct wx_host_function *host_function; /* of the host call that runs, with its values: roots */
	uint64_t *host_values;
	uint32_t host_values_count;
};

/* Code addresses of the run time as compiled code jumps to them. */
static inline uintptr_t wx_code_address(void (*function)(void))
{
	return (uintptr_t)function;
}

/* Sanitized C needs more than a stack of compiled code. */
#ifdef __SANITIZE_ADDRESS__
#define WX_DIRECT_CALLS 0
#else
#define WX_DIRECT_CALLS ISA_DIRECT_CALLS
#endif

static inline uintptr_t wx_direct_code(wx_direct_function function)
{
	return wx_code_address(WX_DIRECT_CALLS ? function : wx_host_entry);
}

/* ---- runtime ---- */

/* Of a hash table; numbers of entries are one more than their indices, 0 is none. */
struct wx_functype_entry {
	uint32_t references;
	uint32_t hash;
	uint32_t first; /* of those whose hash leads here */
	uint32_t next; /* of the same hash; of those that are free */
	struct wx_functype *type;
};

/* A former argument area, kept while calls may still look at it. */
struct wx_old_area {
	struct wx_old_area *next;
};

struct wx_runtime {
	struct wx_activation *current; /* first: entry.S. The innermost running call */
	struct wx_alloc *alloc;
	struct wx_config config;
	struct wx_hooks hooks;
	void *data;
	struct wx_flash flash;
	const uint8_t *built_in; /* image of the module that is a part of the program */
	uint32_t built_in_size;
	uint64_t *args; /* the argument area of all instances */
	uint32_t args_size; /* slots */
	struct wx_old_area *old_areas;
	struct wx_linear empty; /* memory of instances that have none */
	struct wx_module *modules;
	struct wx_instance *instances;
	struct wx_table *extern_tables;
	struct wx_global *extern_globals; /* those of no instance */
	uint32_t instance_count;
	struct wx_stack *main_stack;
	struct wx_stack *active_stack; /* whose limit is in the contexts */
	struct wx_stack *free_stacks;
	uint32_t stack_count;
	uint32_t stack_peak;
	struct wx_activation *promising; /* all promising calls, running and suspended */
	uint32_t suspended_count;
	uint32_t depth;
	struct wx_functype_entry *types;
	uint32_t type_capacity;
	uint32_t free_type; /* number of an entry */
	uint32_t type_count;
	uint32_t *externs; /* per handle: WX_EXTERN_USED and mark, or the next free one */
	uint32_t extern_capacity;
	uint32_t extern_free; /* 0: none, else index + 1 */
	uint32_t extern_used;
	bool extern_pending; /* a collection has marked; the unmarked are to be freed */
	uint64_t linear_bytes;
	uint64_t linear_peak;
	struct wx_collector outer; /* the allocator's, whose place this run time has taken */
	bool collected; /* garbage has been collected since anything but wasm ran */
	const uint64_t *held; /* values that nothing else keeps while memory is taken for them */
	uint32_t held_count;
	volatile int interrupt;
	void *watchdog;
	struct wx_meter *meter;
	struct wx_meter own_meter;
};

#define WX_EXTERN_USED 0x80000000u
#define WX_EXTERN_MARK 0x40000000u
#if ISA_WORD == 8
#define WX_EXTERN_TAG ((uintptr_t)0x5EF0000000000000u)
#else
#define WX_EXTERN_TAG ((uintptr_t)0xA5000000u)
#endif
#define WX_EXTERN_MAX 0xFFFFFFu

void wx_externref_mark(struct wx_runtime *runtime, struct wx_visitor *visitor, uintptr_t word);
void wx_mark_value(struct wx_runtime *runtime, struct wx_visitor *visitor, uint8_t type, uint64_t value);
/* The argument area must take that many slots. */
bool wx_runtime_area(struct wx_runtime *runtime, uint32_t slots);
void wx_runtime_set_stack(struct wx_runtime *runtime, struct wx_stack *stack);

/*
 * The run time goes: all calls are over. Those that run have been abandoned, by a longjmp across their C frames.
 * Records in such frames are not looked at; those of promising calls are in memory of their own.
 */
void wx_calls_end(struct wx_runtime *runtime);

/* Those values are roots until the next call of it; of their words any may be a reference. 0: none. */
static inline void wx_hold(struct wx_runtime *runtime, const uint64_t *values, uint32_t count)
{
	runtime->held = values;
	runtime->held_count = count;
}

/* The activation's instance is the one that runs on its stack from here on. */
void wx_stack_turn(struct wx_activation *activation);
struct wx_stack *wx_stack_take(struct wx_runtime *runtime, bool main);
void wx_stack_give(struct wx_runtime *runtime, struct wx_stack *stack);

extern const void *const wx_helpers[256];

void wx_watchdog_calls_ended(struct wx_runtime *runtime);
void wx_meter_init(struct wx_runtime *runtime);

/* Is that address in compiled code? Safe in an interrupt. */
static inline bool wx_code_holds(const struct wx_runtime *runtime, uintptr_t address)
{
	return wx_flash_holds(&runtime->flash, address) || address - (uintptr_t)runtime->built_in < runtime->built_in_size;
}

/* ---- modules ---- */

struct wx_module {
	struct wx_module *next;
	struct wx_runtime *runtime;
	struct wx_region *region;
	const uint8_t *image;
	struct wx_image_header header;
	uint32_t references;
	uint32_t imports;
	uint32_t exports;
	uint32_t types; /* offset of the first TYPE record */
	uint32_t backed; /* offset of the BACKED record, 0 none */
	uint32_t segment_index[2], segment_offset[2]; /* element, data segment found last */
};

/*
 * check-image.c: the image in module->image is whole, with its counts and the offsets that walks begin at. False, and
 * the reason.
 */
bool wx_check_image(struct wx_module *module, struct wx_error *error);
/* The image is not to be used; false. */
bool wx_bad_image(struct wx_error *error, const char *what);

/* In place of a record's number: erased flash between the records and the code table. */
#define WX_RECORD_ERASED 0xFF
wx_record wx_record_at(const struct wx_module *module, uint32_t offset);
/* The record after this one, payload skipped; constants take two. */
uint32_t wx_record_next(const struct wx_module *module, uint32_t offset);
/* Where walks over all records begin and end: at END_MODULE. */
uint32_t wx_record_first(const struct wx_module *module);
bool wx_record_ends(const struct wx_module *module, uint32_t offset);
/* Type of a function type index: payload in the image. False: no such type. */
bool wx_module_type(
	const struct wx_module *module, uint32_t index, uint32_t *parameters, uint32_t *results, const uint8_t **types);
/* Type index of a defined function (0 is the first one that is not imported). */
uint32_t wx_module_function_type(const struct wx_module *module, uint32_t defined);
/* Start of a defined function's code. */
uint32_t wx_module_code(const struct wx_module *module, uint32_t defined);
/* Of the function that starts there. */
struct wx_function_header wx_function_header_at(const struct wx_module *module, uint32_t start);
/* Bytes from a function's far entry to its near one. */
uint32_t wx_module_near_entry(const struct wx_module *module, uint32_t defined);
/* The defined function whose code holds this image offset; false: none. */
bool wx_module_function_at(const struct wx_module *module, uint32_t offset, uint32_t *defined);
/* Offset of an element (0) or data (1) segment's record. */
uint32_t wx_module_segment(struct wx_module *module, int kind, uint32_t index);

/* ---- instances ---- */

#define WX_SLAB 8
struct wx_slab {
	struct wx_slab *next;
	uint32_t count;
	struct wx_funcref functions[WX_SLAB];
};

struct wx_instance {
	struct wx_instance *next;
	struct wx_instance **link;
	struct wx_runtime *runtime;
	struct wx_module *module;
	void *host;
	uint32_t size; /* of this block, context included */
	uintptr_t *context;
	wx_layout layout;
	struct wx_linear *memory; /* NULL: none */
	struct wx_funcref **imported; /* functions: of other instances, or own ones for host functions once asked for */
	struct wx_host_function *host_functions;
	uint32_t host_function_count;
	struct wx_global **imported_globals;
	uint32_t imported_global_count;
	struct wx_global *globals; /* objects for own globals */
	struct wx_global **own_globals; /* the same by index, then the globals' types; NULL: none was asked for */
	struct wx_slab *slabs;
	struct wx_funcref **function_map; /* open addressing, by function index */
	uint32_t function_map_size; /* a power of two */
	uint32_t function_count;
	uint8_t *dropped; /* a bit for each element segment, then for each data segment */
};

/* Its cells in the context (native/abi/context.h). */
static inline uint64_t *wx_instance_cell(const struct wx_instance *instance, uint32_t global)
{
	return (uint64_t *)(void *)((uint8_t *)instance->context + instance->layout.globals) + global;
}

/* Code and context of an imported function. */
static inline uintptr_t *wx_instance_pair(const struct wx_instance *instance, uint32_t function)
{
	return (uintptr_t *)(void *)((uint8_t *)instance->context + instance->layout.functions) + 2 * function;
}

static inline struct wx_table **wx_instance_table_cell(const struct wx_instance *instance, uint32_t table)
{
	return (struct wx_table **)(void *)((uint8_t *)instance->context + instance->layout.tables) + table;
}

/* Canonical number of a type. */
static inline uint32_t *wx_instance_type(const struct wx_instance *instance, uint32_t type)
{
	return (uint32_t *)(void *)((uint8_t *)instance->context + instance->layout.types) + type;
}

static inline struct wx_instance *wx_context_instance(const void *context)
{
	return (struct wx_instance *)((const uintptr_t *)context)[WX_CTX_INSTANCE];
}

/*
 * link.c: what the module imports becomes what it was given, if that fits: functions, the imported tables, memory and
 * globals of a new instance. False, and the reason; what has been taken goes with the instance.
 */
bool wx_link_imports(struct wx_instance *instance, const struct wx_import_value *values, struct wx_error *error);

/* segments.c */
bool wx_instance_dropped(const struct wx_instance *instance, int kind, uint32_t index);
void wx_instance_drop(struct wx_instance *instance, int kind, uint32_t index);
/* table.init and memory.init; 0 or a trap kind */
int wx_instance_table_init(
	struct wx_instance *instance, uint32_t table, uint32_t segment, uint32_t to, uint32_t from, uint32_t count);
int wx_instance_memory_init(struct wx_instance *instance, uint32_t segment, uint32_t to, uint32_t from, uint32_t count);
/*
 * constant-expression.c: value of a constant expression of `records` records at *offset, which moves behind it. False:
 * not well-formed, or out of memory.
 */
bool wx_instance_constant(struct wx_instance *instance, uint32_t *offset, uint32_t records, uint64_t *value);

/* Only so many bytes of it are there until it grows: accesses beyond them trap. */
struct wx_linear *wx_memory_trimmed(struct wx_runtime *runtime, uint32_t minimum, bool has_maximum, uint32_t maximum,
	uint8_t page_log2, uint64_t backed, struct wx_error *error);

/* Globals of no instance which may hold an externref are listed by the run time. */
void wx_global_list(struct wx_global *global);
void wx_global_unlist(struct wx_global *global);

/* trace.c */
void wx_trace_walk(struct wx_runtime *runtime, struct wx_activation *activation, int kind, struct wx_trace *trace);
/* watchdog.c: note where the call was interrupted; false: not in emitted code. */
bool wx_redirect(struct wx_runtime *runtime, const struct wx_processor_state *state);

/* False. */
bool wx_error_set(struct wx_error *error, enum wx_error_kind kind, const char *message);

#endif
