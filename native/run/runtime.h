/*
 * The run time: modules, instances, memories, tables, globals, calls, suspension, traps, watchdog. C on one thread;
 * knows nothing of XS.
 *
 * Values. A value is a uint64_t: i32 and f32 in the low 32 bits (f32 by its bits, high bits zero on the way out), i64,
 * f64 by its bits, references a machine word: funcref a struct wx_funcref *, externref a handle of wx_externref_new,
 * null 0. Value types are the binary format's bytes (WX_I32_TYPE ...).
 *
 * Lifetime. struct wx_module, wx_linear, wx_table, wx_global count their references: _new gives one, _retain adds one,
 * _release takes one away. An instance lives until wx_instance_release, which the garbage collector calls once nothing
 * reaches it any more. What reaches it: a JavaScript object that stands for it, or for a table, global, or function of
 * it; another instance that imports from it or whose tables or globals hold its functions; frames of running or
 * suspended calls. The collector learns all this by wx_runtime_mark (the roots: running calls), wx_instance_mark,
 * wx_table_mark, wx_global_mark, wx_activation_mark. Functions (struct wx_funcref) belong to their instance; memories,
 * tables and globals are kept by the counts. Nothing is dangling as long as an instance that a visitor was told of is
 * kept.
 */
#ifndef WX_RUNTIME_H
#define WX_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/alloc.h"
#include "../abi/context.h"
#include "../abi/meter.h"
#include "../abi/value-types.h"
#include "../flash/flash.h"

struct wx_runtime;
struct wx_module;
struct wx_instance;
struct wx_activation;
struct wx_linear;

/* What a call ends with: 0 done, a trap kind (enum wx_trap), or: */
#define WX_SUSPENDED 0x100

/* ---- runtime ---- */

/* Bytes of stack for helpers, where the configuration does not say otherwise. */
#if defined(__SANITIZE_ADDRESS__)
#define WX_HELPER_STACK 32768u
#else
#define WX_HELPER_STACK 2048u
#endif

struct wx_config {
	uint32_t stack; /* bytes of the main wasm stack, taken at the first call */
	uint32_t promise_stack; /* bytes of each stack of a promising call */
	uint32_t promise_stacks; /* how many of them at most; one is kept for the next call */
	uint32_t helper_stack; /* bytes below the frames' margin, for helpers */
	uint32_t nesting; /* nested calls (JavaScript -> wasm -> JavaScript -> ...) at most */
	uint64_t memory; /* bytes of one linear memory at most */
	uint32_t table; /* elements of one table at most */
	uint32_t instances; /* at most; 0: no limit */
	uint32_t externrefs; /* handles at most, up to 2^24 - 1 */
	uint32_t flash; /* bytes of code flash (desk boards: address space) */
	uint32_t flash_page;
};
/* Values of a desk board, to be changed before wx_runtime_new. */
void wx_config_default(struct wx_config *config);

/* What the run time asks of the JavaScript side. Any may be NULL. */
struct wx_hooks {
	/* Room for that many externref slots is needed; false: out of memory. */
	bool (*externrefs)(void *data, uint32_t capacity);
	/* These handles were freed: forget the slot. */
	void (*externref_freed)(void *data, uint32_t index);
	/*
	 * The memory's base or size changed (growth from wasm or from JavaScript): detach its buffer. Called on the wasm
	 * stack when from wasm: must not enter XS; set a flag.
	 */
	void (*memory_changed)(void *data, struct wx_linear *memory);
	/* Open the code flash, in place of `flash` bytes of address space: wx_flash_init_at. False: there is none. */
	bool (*open_flash)(void *data, struct wx_flash *flash);
};

/*
 * The allocator's collector is to call wx_externref_begin, the marks and the releases. As long as the run time lives it
 * is called on the C stack, whoever asks for it.
 */
struct wx_runtime *wx_runtime_new(
	struct wx_alloc *alloc, const struct wx_config *config, const struct wx_hooks *hooks, void *data);
/*
 * Ends everything that is left: instances, suspended calls, stacks, code. Calls that run may be abandoned before: by
 * a longjmp from a host callback, or from a meter's owner, to a frame outside of all of them. Only releases may
 * follow then, this one last. What host calls of theirs had allocated goes with the allocation context.
 */
void wx_runtime_release(struct wx_runtime *runtime);
struct wx_flash *wx_runtime_flash(struct wx_runtime *runtime);
struct wx_alloc *wx_runtime_alloc(struct wx_runtime *runtime);
void *wx_runtime_data(struct wx_runtime *runtime);

struct wx_runtime_figures {
	uint32_t instances;
	uint32_t types; /* canonical function types held */
	uint32_t stacks; /* wasm stacks held */
	uint32_t stack_bytes;
	uint32_t stack_peak; /* deepest use of one stack so far, in bytes */
	uint32_t externrefs; /* handles in use */
	uint32_t externref_capacity;
	uint32_t nesting; /* calls running */
	uint32_t suspended;
	uint64_t linear_bytes;
	uint64_t linear_peak;
};
void wx_runtime_measure(struct wx_runtime *runtime, struct wx_runtime_figures *figures);

/*
 * Where metered code counts what it does, in place of a meter that nobody looks at; of instances made from now on. Its
 * `entry` is set here, all else is the owner's.
 */
void wx_runtime_set_meter(struct wx_runtime *runtime, struct wx_meter *meter);

/* ---- errors ---- */

enum wx_error_kind {
	WX_ERROR_NONE,
	WX_ERROR_IMAGE, /* the image is damaged or made for another machine: CompileError */
	WX_ERROR_LINK, /* LinkError */
	WX_ERROR_TRAP, /* RuntimeError; see the trap */
	WX_ERROR_MEMORY, /* out of memory: RangeError */
	WX_ERROR_LIMIT /* a limit of the board: RangeError */
};

struct wx_error {
	enum wx_error_kind kind;
	char message[320]; /* one line, e.g.: import "env" "f": expected function (i32) -> (i32), got function () -> () */
};

/* Text of a trap as the specification's tests have it, e.g. "integer divide by zero". */
const char *wx_trap_message(int kind);
/* Identifier of a trap for reports, e.g. "divide-by-zero". */
const char *wx_trap_name(int kind);

/* ---- function types: canonical numbers, equal where the types are ---- */

struct wx_functype {
	uint16_t parameters;
	uint16_t results;
	uint8_t types[]; /* parameters, then results */
};

/* A canonical number (never 0), with one reference. 0: out of memory. `types` parameters, then results. */
uint32_t wx_functype_new(struct wx_runtime *runtime, uint32_t parameters, uint32_t results, const uint8_t *types);
void wx_functype_retain(struct wx_runtime *runtime, uint32_t type);
void wx_functype_release(struct wx_runtime *runtime, uint32_t type);
/* Valid while a reference is held. */
const struct wx_functype *wx_functype_get(struct wx_runtime *runtime, uint32_t type);

/* ---- modules ---- */

enum wx_extern { WX_EXTERN_FUNCTION, WX_EXTERN_TABLE, WX_EXTERN_MEMORY, WX_EXTERN_GLOBAL };

/* Names lie in the image: not terminated, UTF-8, valid as long as the module. */
struct wx_name {
	const char *text;
	uint32_t size;
};

/* Description of an import or export. */
struct wx_external {
	struct wx_name module; /* imports only */
	struct wx_name name;
	uint8_t kind; /* enum wx_extern */
	uint32_t index; /* in the index space of its kind */
	uint32_t description; /* offset of the record that describes an import; 0: an export's is looked for */
	uint32_t type_index; /* imported functions */
	/* functions, once described: types as wx_functype, in the image */
	uint32_t parameters, results;
	const uint8_t *types;
	/* tables, memories */
	bool has_maximum;
	uint32_t minimum, maximum;
	uint8_t page_log2; /* memories */
	/* tables, globals */
	uint8_t type;
	bool mutable_;
};

/*
 * Take over a published image. NULL and the reason when its structure is wrong (the region is then still the caller's).
 */
struct wx_module *wx_module_new(struct wx_runtime *runtime, struct wx_region *region, struct wx_error *error);
/*
 * A module whose image is a part of the program, in executable memory: it is never written or given back. One for a run
 * time.
 */
struct wx_module *wx_module_built_in(
	struct wx_runtime *runtime, const void *image, uint32_t size, struct wx_error *error);
void wx_module_retain(struct wx_module *module);
/* The last reference gives the code back: instances hold one. */
void wx_module_release(struct wx_module *module);
struct wx_region *wx_module_region(const struct wx_module *module);
uint32_t wx_module_import_count(const struct wx_module *module);
uint32_t wx_module_export_count(const struct wx_module *module);
/* A walk over the imports or exports. Begin with a zeroed cursor; false at the end. */
struct wx_cursor {
	uint32_t offset, index, counts[4];
};
bool wx_module_next_import(const struct wx_module *module, struct wx_cursor *cursor, struct wx_external *external);
bool wx_module_next_export(const struct wx_module *module, struct wx_cursor *cursor, struct wx_external *external);
/*
 * Walks give of a function and of an export no more than kind, index and name: this fills in the rest, in a walk over
 * the records.
 */
void wx_module_describe(const struct wx_module *module, struct wx_external *external);
/* Described. */
bool wx_module_find_export(
	const struct wx_module *module, const char *name, uint32_t size, struct wx_external *external);
/* Custom sections of that name, in order; content lies in pieces: copy it with wx_module_custom_read. */
struct wx_custom {
	uint32_t offset, size;
	uint32_t piece, passed; /* the piece read last, and the bytes before it: reading goes on from there */
};
bool wx_module_next_custom(const struct wx_module *module, struct wx_cursor *cursor, const char *name, uint32_t size,
	struct wx_custom *custom);
bool wx_module_custom_read(
	const struct wx_module *module, struct wx_custom *custom, uint32_t from, void *data, uint32_t size);
/*
 * From the name section, else an export's name, else "". As wx_text_bytes shows it, at most 127 bytes; returns its
 * length. A name map whose indices do not increase is none: so no more names are read than the module has functions.
 */
uint32_t wx_module_function_name(const struct wx_module *module, uint32_t function, char *text, uint32_t size);

/* ---- functions ---- */

/* A function reference; the first four words are read by compiled code. Belongs to `instance`. */
struct wx_funcref {
	uintptr_t code; /* far entry (thumb2: bit 0 set) */
	void *context; /* to run it with: an instance's context, or a struct wx_host_function */
	uintptr_t type; /* canonical */
	uintptr_t near_entry; /* for callers of the same instance */
	struct wx_instance *instance;
	uint32_t index; /* in that instance; an import that is a host function when code is the host entry */
	void *host; /* the JavaScript side's: e.g. the function object that stands for it */
};

struct wx_host_call {
	struct wx_runtime *runtime;
	struct wx_instance *instance; /* the importer: its memory is what guest pointers mean */
	struct wx_host_function *function;
	const struct wx_functype *type;
	uint64_t *values; /* parameters; the callback puts the results in their place */
	/* The promising call that WX_SUSPENDED would suspend: the run time's until then. NULL: none, WX_TRAP_SUSPEND. */
	struct wx_activation *activation;
};
/*
 * Runs on the C stack and may enter XS, call wasm again, collect garbage. Must catch what JavaScript throws. Returns 0,
 * WX_TRAP_HOST (it keeps the exception), another trap kind, or WX_SUSPENDED: the call is to be continued by
 * wx_activation_resume. If there is an activation, that hands it over to the host, whatever else happens meanwhile: an
 * interrupt does not take it away again.
 */
typedef int (*wx_host_callback)(struct wx_host_call *call);

/*
 * A C function that compiled code calls on its own stack, by its own convention: at most two i32 parameters; it finds
 * its struct wx_host_function in the context's register. When it cannot do it there it jumps to the host entry, and the
 * callback is called as of any host function. Cast to this.
 */
typedef void (*wx_direct_function)(void);

/* One for each imported function that is not wasm; belongs to the importing instance. */
struct wx_host_function {
	struct wx_runtime *runtime; /* read by the host entry */
	void *direct_data; /* for `direct` */
	wx_direct_function direct; /* NULL: none */
	wx_host_callback callback;
	void *host; /* the JavaScript side's: the function to call. Visited by wx_instance_mark */
	struct wx_instance *instance;
	uint32_t type; /* canonical */
	uint32_t index; /* among the imported functions */
};

/* Is it a host function (then context is a struct wx_host_function *)? */
bool wx_funcref_is_host(const struct wx_funcref *function);

/* ---- memories, tables, globals ---- */

struct wx_linear {
	uint8_t *base; /* these three are read by compiled code, in this order */
	uintptr_t limit; /* size - WX_MEMORY_SLACK, or 0 */
	uintptr_t size; /* bytes */
	uint32_t references;
	uint32_t pages;
	uint32_t maximum; /* pages; UINT32_MAX when none was given */
	uint32_t generation; /* changes whenever base or size do */
	uint8_t page_log2;
	bool has_maximum;
	struct wx_runtime *runtime;
	void *host; /* the JavaScript side's */
};

struct wx_table {
	uintptr_t *elements; /* these two are read by compiled code */
	uintptr_t size;
	uint32_t references;
	uint32_t maximum; /* UINT32_MAX when none was given */
	bool has_maximum;
	uint8_t type;
	struct wx_runtime *runtime;
	void *host;
	struct wx_table *next; /* of the run time's, externref only */
};

struct wx_global {
	uint64_t *cell; /* its own value, or a cell of `instance` */
	struct wx_instance *instance; /* NULL: made by JavaScript */
	uint64_t value;
	uint32_t references;
	uint8_t type;
	bool mutable_;
	struct wx_runtime *runtime;
	void *host;
	struct wx_global *next; /* of the instance; without one of the run time's, externref only */
};

/* NULL and the reason: a limit, or out of memory. */
struct wx_linear *wx_memory_new(struct wx_runtime *runtime, uint32_t minimum, bool has_maximum, uint32_t maximum,
	uint8_t page_log2, struct wx_error *error);
void wx_memory_retain(struct wx_linear *memory);
void wx_memory_release(struct wx_linear *memory);
/* The old size in pages, or UINT32_MAX: cannot. */
uint32_t wx_memory_grow(struct wx_linear *memory, uint32_t pages);

struct wx_table *wx_table_new(struct wx_runtime *runtime, uint8_t type, uint32_t minimum, bool has_maximum,
	uint32_t maximum, uintptr_t value, struct wx_error *error);
void wx_table_retain(struct wx_table *table);
void wx_table_release(struct wx_table *table);
uint32_t wx_table_grow(struct wx_table *table, uint32_t elements, uintptr_t value);
/* false: beyond its size */
bool wx_table_get(const struct wx_table *table, uint32_t index, uintptr_t *value);
bool wx_table_set(struct wx_table *table, uint32_t index, uintptr_t value);

struct wx_global *wx_global_new(struct wx_runtime *runtime, uint8_t type, bool mutable_, uint64_t value);
void wx_global_retain(struct wx_global *global);
void wx_global_release(struct wx_global *global);
uint64_t wx_global_get(const struct wx_global *global);
void wx_global_set(struct wx_global *global, uint64_t value);

/* ---- instances ---- */

/* What an import is bound to, by the kind of the value that was found, in the order of the module's imports. */
struct wx_import_value {
	uint8_t kind; /* enum wx_extern */
	struct wx_funcref *function; /* a function of an instance; NULL: the next two */
	wx_host_callback callback;
	void *host;
	const uint8_t *types; /* the host function's, parameters, then results; NULL: it takes any import */
	uint16_t parameters, results; /* of `types` */
	wx_direct_function direct; /* may be NULL; needs `types` */
	void *direct_data; /* kept by `host` */
	bool registers; /* what it leads to has the chip's registers, as code wants it that does without the call */
	struct wx_table *table;
	struct wx_linear *memory;
	struct wx_global *global;
};

/*
 * Link, allocate memories, tables and globals, evaluate the globals. NULL and the reason otherwise.
 * Then set the instance's host pointer, so that the collector knows it, and call wx_instance_start.
 */
struct wx_instance *wx_instance_new(
	struct wx_module *module, const struct wx_import_value *imports, uint32_t count, struct wx_error *error);

struct wx_trace;
/* Element segments, data segments, start function. 0, a trap kind (what was written stays written). Never suspends. */
int wx_instance_start(struct wx_instance *instance, struct wx_trace *trace);
/* Called by the collector (or by C that knows that nothing refers to it). */
void wx_instance_release(struct wx_instance *instance);

struct wx_module *wx_instance_module(const struct wx_instance *instance);
void *wx_instance_host(const struct wx_instance *instance);
void wx_instance_set_host(struct wx_instance *instance, void *host);
/*
 * NULL: out of memory. The same pointer for the same function as long as the instance lives; an import gives its
 * exporter's.
 */
struct wx_funcref *wx_instance_function(struct wx_instance *instance, uint32_t index);
/* Without a new reference; the instance keeps them. NULL: no such index, or (global) out of memory. */
struct wx_linear *wx_instance_memory(struct wx_instance *instance, uint32_t index);
struct wx_table *wx_instance_table(struct wx_instance *instance, uint32_t index);
struct wx_global *wx_instance_global(struct wx_instance *instance, uint32_t index);
/*
 * A guest pointer: the bytes, or NULL when they are not all inside memory 0. size 0 is checked too (gives a pointer to
 * no bytes).
 */
uint8_t *wx_instance_bytes(struct wx_instance *instance, uint32_t address, uint32_t size);

/* ---- calls ---- */

#define WX_TRACE_MAX 64

struct wx_place {
	struct wx_instance *instance;
	uint32_t function; /* index in its module */
	uint32_t offset; /* byte offset in its module */
};

/* Where a call trapped: places[0] is the trap itself. */
struct wx_trace {
	int kind;
	uint32_t count;
	uint32_t omitted; /* frames beyond WX_TRACE_MAX */
	struct wx_place places[WX_TRACE_MAX];
};

/*
 * Call a function. values: parameters in, results out; room for the greater number of both. 0, or a trap kind and the
 * trace (which may be NULL). From a host callback the call is nested: it runs further down on the same stack, and
 * nothing above it can be suspended meanwhile.
 */
int wx_call(struct wx_runtime *runtime, const struct wx_funcref *function, uint64_t *values, struct wx_trace *trace);

/*
 * wx_call of a function that calls no host function and whose module has small frames and no references, on memory that
 * the caller lends as a stack: `size` bytes, WX_LENT_STACK of the bytes of its frames.
 */
int wx_call_within(struct wx_runtime *runtime, const struct wx_funcref *function, uint64_t *values,
	struct wx_trace *trace, void *memory, uint32_t size);
#define WX_LENT_STACK(FRAMES) (WX_LENT_MARGIN + WX_HELPER_STACK + (FRAMES))
/*
 * Below the limit of a lent stack: a frame that is entered at the limit, what its callees take without a check (the
 * front end's are known: test/api/front-end.test.ts), and an interrupt.
 */
#define WX_LENT_MARGIN 896u

/*
 * A promising call, on a stack of its own. 0 or a trap kind: ended, *activation is NULL. WX_SUSPENDED: a host
 * callback suspended it. *activation is the caller's then, until it gives it back by wx_activation_resume or
 * wx_activation_release, or releases the run time. Its record, its stack and its references to types are freed when
 * the call ends, not before.
 */
int wx_call_promising(struct wx_runtime *runtime, const struct wx_funcref *function, uint64_t *values,
	struct wx_trace *trace, struct wx_activation **activation);
/*
 * Continue: `trap` 0: the suspended host function returns `values`; else it ends in that trap (WX_TRAP_HOST: the
 * exception is the caller's to keep). Result as of wx_call_promising, results of the whole call in `values`: see
 * wx_activation_type for the room needed. WX_SUSPENDED: it is the caller's again; else it is gone. While calls are
 * being interrupted, or if it was suspended while they were, it ends with WX_TRAP_INTERRUPTED; where no more calls may
 * be nested, with WX_TRAP_STACK. Of one that is not suspended: WX_TRAP_SUSPEND, and nothing happens.
 */
int wx_activation_resume(struct wx_activation *activation, int trap, uint64_t *values, struct wx_trace *trace);
/* Give up a suspended call. Looks at nothing of its instances: a collector may have released them before. */
void wx_activation_release(struct wx_activation *activation);
/* Was it suspended while calls were being interrupted? Nothing is gained by waiting then. */
bool wx_activation_interrupted(const struct wx_activation *activation);
/* Canonical types of the function called, and of the host function that suspended. */
uint32_t wx_activation_type(const struct wx_activation *activation);
uint32_t wx_activation_host_type(const struct wx_activation *activation);
/* The innermost running call is promising: it could be suspended from here. */
struct wx_activation *wx_runtime_suspendable(struct wx_runtime *runtime);

/* ---- references and the collector ---- */

/* Any callback may be NULL. May be told of the same thing more than once. */
struct wx_visitor {
	void *data;
	void (*instance)(struct wx_visitor *visitor, struct wx_instance *instance);
	/*
	 * A function in a table, a global, on a stack. Its instance must be kept (instance() is not called besides);
	 * function->host may be kept too.
	 */
	void (*function)(struct wx_visitor *visitor, struct wx_funcref *function);
	void (*host_function)(struct wx_visitor *visitor, struct wx_host_function *function);
	/* An externref handle: keep that slot. The handle itself is marked already. */
	void (*externref)(struct wx_visitor *visitor, uint32_t index);
	/*
	 * Objects with a count that the instance holds: keep their JavaScript object, should there be one. Not walked into
	 * beyond what is told anyway.
	 */
	void (*memory)(struct wx_visitor *visitor, struct wx_linear *memory);
	void (*table)(struct wx_visitor *visitor, struct wx_table *table);
	void (*global)(struct wx_visitor *visitor, struct wx_global *global);
};

/*
 * Roots: running calls (stacks are scanned conservatively). Suspended ones are reached by wx_activation_mark from
 * whoever will resume them.
 */
void wx_runtime_mark(struct wx_runtime *runtime, struct wx_visitor *visitor);
void wx_activation_mark(struct wx_activation *activation, struct wx_visitor *visitor);
/* What an instance reaches directly: importers' sources, host functions, its tables' and globals' contents. */
void wx_instance_mark(struct wx_instance *instance, struct wx_visitor *visitor);
void wx_table_mark(struct wx_table *table, struct wx_visitor *visitor);
void wx_global_mark(struct wx_global *global, struct wx_visitor *visitor);

/*
 * externref. The JavaScript side keeps an array of slots; a handle names one. To convert: wx_externref_reserve(n) first
 * (it may collect garbage), then up to n times wx_externref_new and store the value; no garbage collection may lie
 * between _new and the handle's being stored where marking finds it (a call entered, a cell, a host call's results). To
 * collect: wx_externref_begin when marking begins; the handles not marked since are freed at the next _reserve, or by
 * wx_externref_collect once marking is over. When handles run out, _reserve first frees those that nothing of the run
 * time holds: no call, instance, table or global. JavaScript's garbage is collected only when that is not enough.
 */
bool wx_externref_reserve(struct wx_runtime *runtime, uint32_t count);
/* 0: none left */
uintptr_t wx_externref_new(struct wx_runtime *runtime);
uint32_t wx_externref_index(uintptr_t handle);
uintptr_t wx_externref_handle(uint32_t index);
/* Is that word a handle in use? */
bool wx_externref_known(const struct wx_runtime *runtime, uintptr_t word);
void wx_externref_begin(struct wx_runtime *runtime);
uint32_t wx_externref_collect(struct wx_runtime *runtime);

/* ---- ending runaway calls ---- */

/*
 * End all running calls with WX_TRAP_INTERRUPTED, from anywhere: a signal handler, a timer's interrupt, a host
 * callback. Takes effect when the wasm code that runs is next caught in emitted code, or when a host callback returns;
 * stays in force until the outermost call has ended or is suspended. A call that is suspended meanwhile ends so when it
 * is resumed; others that are suspended go on. Nothing running: nothing happens.
 */
void wx_interrupt(struct wx_runtime *runtime);
bool wx_interrupted(const struct wx_runtime *runtime);
/*
 * From `milliseconds` from now on (real time) end every call, those begun or resumed later too, until stopped. A second
 * start moves the time. One runtime at a time; false: no timer, no memory.
 * Desk boards only, by SIGALRM; a board's own timer uses wx_interrupt_frame or wx_interrupt_redirect.
 */
bool wx_watchdog_start(struct wx_runtime *runtime, uint32_t milliseconds);
void wx_watchdog_stop(struct wx_runtime *runtime);
/*
 * For a board's interrupt handler: the interrupted machine state. True: the handler must continue at *pc with *argument
 * in the first argument register (C convention) on the same stack, on Arm in Thumb state and outside any IT block.
 * False: not in emitted code; the request is kept, try again shortly.
 */
bool wx_interrupt_redirect(struct wx_runtime *runtime, uintptr_t *pc, uintptr_t sp, uintptr_t lr, uintptr_t *argument);
/*
 * The same with all that the machine has kept of the interrupted code, which is changed so that the handler goes on
 * there: on Linux a signal's ucontext_t, else what native/isa/<isa>/processor.c says.
 */
bool wx_interrupt_frame(struct wx_runtime *runtime, void *frame);

#endif
