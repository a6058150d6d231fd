#ifndef WX_HOST_H
#define WX_HOST_H

/*
 * The XS host of a board that is a process, as native bindings see it. Include after "xsmc.h".
 *
 * Exhaustion of JavaScript memory. XS reports it by fxAbort, which may not return and cannot throw. fxAbort here jumps
 * to the innermost guard:
 *  - wx_host_guard runs a C callback under a guard of its own. On exhaustion everything that the callback had begun is
 *    abandoned, the machine's stack and frame are put back, and the status is returned: the caller collects garbage and
 *    throws a clear error. The job goes on. C memory that the callback took must hang on something the caller knows.
 *  - Without one, the job ends: one clear line, the machine is deleted (destructors run), native memory is released,
 * and the host ends with status 4. A device's main loop creates the machine anew at this point. Keys are another
 * matter: keys.c throws a RangeError where there are none left, once the machine is made. A collection that overflows
 * the C stack leaves marks behind and is never recovered by an inner guard.
 */

#include "../../base/alloc.h"
#include "board.h"
#include "code.h"
#include "../../io/io.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct wx_host;
struct wx_guard;
struct wx_timer;
struct wx_runtime;

struct wx_script {
	struct wx_script *next;
	const char *name;
	uint8_t *data;
	const uint8_t *code;
	uint32_t size;
};

struct wx_file {
	struct wx_file *next;
	const char *name;
	const char *path;
};

/* In place of the board's. */
struct wx_limit {
	struct wx_limit *next;
	const char *name;
	uint32_t value;
};

struct wx_options {
	uint32_t slots; /* bytes */
	uint32_t chunks; /* bytes */
	uint32_t stack; /* bytes of the XS stack */
	uint32_t cstack; /* bytes of C stack that may be used */
	uint32_t keys;
	uint32_t native; /* bytes of wx_alloc; 0: no limit */
	int virtual_time;
	const char *script;
	const char *main;
	const char *request;
	const char *directory;
	const char *scenario; /* a file of JSON; NULL: no world */
	const char *trace; /* a file for what happened at pins and in the world; NULL: none */
	uint32_t seed;
	struct wx_file *files;
	struct wx_limit *limits;
};

/* Why a device's machine goes, before its program has ended. */
enum wx_leave {
	WX_STAY,
	WX_LEAVE_END, /* the scenario is over */
	WX_LEAVE_RESET, /* the chip starts anew: host->io->wake says why */
	WX_LEAVE_SLEEP /* deep sleep, or no supply, until wake_time or wake_pin */
};

struct wx_host {
	xsMachine *machine;
	struct wx_options options;
	struct wx_alloc native; /* everything of the runtime's C: hand it to wx_alloc */
	struct wx_alloc engine; /* the engine's own tables and temporary blocks */
	struct wx_guard *guard;
	struct wx_script *scripts;
	struct wx_timer *timers;
	FILE *reply;
	struct wx_io *io; /* pins and clock; they outlive a reset */
	/* of a scenario: a machine of its own, so that peripherals take none of the board's memory and outlive resets */
	struct wx_host *world;
	struct wx_host *device; /* of the world: whose it is */
	FILE *trace;
	uint32_t trace_lines;
	xsSlot hook; /* of the device: dispatches callbacks of pins; of the world: answers questions */
	int hooked;
	enum wx_leave leave;
	uint64_t wake_time; /* nanoseconds: when deep sleep ends */
	int32_t wake_pin, wake_level; /* wake_pin -1: none */
	enum wx_io_state sleep_state;
	struct wx_runtime *watched; /* whose calls the watchdog ends, in virtual time; NULL: none's */
	uint32_t watch; /* milliseconds that a call may run without waiting */
	uint64_t started;
	uint32_t slot_bytes, chunk_bytes, stack_bytes; /* as allocated */
	uint32_t first_key; /* from it on names are collected; 0 while the machine is made */
	/* how many numbers of keys are free again, and where the first of them is at the earliest */
	uint32_t free_keys, free_key;
	char *cstack_top;
	uint32_t next_timer;
	int promise_jobs;
	int status; /* of the process */
	int exiting;
	int collecting;
	int script_done;
	char message[256];
};

/* Statuses of the process, as documented for the command line. */
enum { WX_DONE = 0, WX_FAILED = 1, WX_REFUSED = 2, WX_USAGE = 3, WX_BOARD = 4 };

enum wx_phase {
	WX_PHASE_NONE = 0,
	WX_PHASE_COMPILE = 1,
	WX_PHASE_RUN = 2,
	WX_PHASE_EMIT = 3, /* compiling, in C */
	WX_PHASES = 8,
	WX_PHASE_BACK = WX_PHASES /* to the one before */
};

struct wx_host *wx_host_of(xsMachine *the);
/* The allocation context for all C that has a machine at hand. */
struct wx_alloc *wx_host_alloc(xsMachine *the);

/* The data of `this`: throws when it is an object of another class, or has no data: never opened, or closed. */
void *wx_host_this(xsMachine *the, void (*destructor)(void *data));

/* 0, or the engine's status when memory or stack were exhausted in `callback`. JavaScript exceptions pass through. */
int wx_host_guard(xsMachine *the, void (*callback)(xsMachine *the, void *data), void *data);
/* One line for a status that wx_host_guard returned, e.g. "out of memory: JavaScript slots". */
const char *wx_host_exhausted(xsMachine *the);

/* A limit of the board by its name in board.json; `otherwise` when it has none. */
uint32_t wx_host_limit(xsMachine *the, const char *name, uint32_t otherwise);

/* From here on, instructions are counted for this phase: on emulated boards under `--count`, nothing elsewhere. */
void wx_count_mark(enum wx_phase phase);

/* Microseconds since power-on, on the clock of native/io. */
uint64_t wx_host_now(struct wx_host *host);
/* Of real time, from some moment on. */
uint64_t wx_host_microseconds(void);

/* Peaks begin anew with what is in use now. */
void wx_host_reset_peaks(xsMachine *the);

struct wx_memory {
	uint32_t slots, slots_peak, slots_live;
	uint32_t chunks, chunks_peak, chunks_live;
	uint32_t stack, stack_peak;
	uint32_t cstack_peak;
	uint32_t engine, engine_peak;
	uint32_t native, native_peak;
	uint32_t script;
	uint32_t keys, keys_used;
};

/* Bytes, but for keys. `live` is what the last collection, or boot, left plus what was allocated since. */
void wx_host_memory(struct wx_host *host, struct wx_memory *memory);

/* keys.c: keys that the engine has for names of properties and symbols, and how many more it has room for. */
uint32_t wx_keys_used(xsMachine *the);
uint32_t wx_keys_room(xsMachine *the);
/* Takes out names that nothing uses. */
void wx_keys_collect(xsMachine *the);

/* platform.c */
int wx_host_run(struct wx_host *host);
void wx_host_set_reply(struct wx_host *host, FILE *reply);
/* Reads into `name` (at most `size`), 0 when there is no such file. */
const char *wx_host_file_path(struct wx_host *host, const char *name, char *buffer, size_t size);
/* Ends the device's machine at once; on the C stack only. Does not return. */
void wx_host_leave(struct wx_host *host, enum wx_leave leave) __attribute__((noreturn));
/* For world.c: a machine with the image's names and native(); runs a module of the image to its end. Under a guard. */
void wx_host_create(struct wx_host *host);
void wx_host_import(struct wx_host *host, const char *module);
/* Whose memory and stack limit the engine's calls mean from now on; gives who it was. */
struct wx_host *wx_engine_use(struct wx_host *host);
/* Runs `callback` under an outermost guard of that host; false: it failed, host->message says how. */
bool wx_host_guarded(struct wx_host *host, void (*callback)(struct wx_host *host, void *data), void *data);

/* world.c */
bool wx_world_start(struct wx_host *device);
void wx_world_stop(struct wx_host *device);
/* Time passes without a machine, until wake_time or the wake pin. */
void wx_world_sleep(struct wx_host *device);
/* In a scenario: calls that run so long, in virtual time, without waiting are ended; 0: none. */
void wx_world_watch(struct wx_host *device, struct wx_runtime *runtime, uint32_t milliseconds);
/* The device waits, or goes on: it is watched only while it runs. */
void wx_world_waits(struct wx_host *device, bool waits);
/* Writes what the edge log holds into the trace. */
void wx_world_take_edges(void *device);

/* io.c: callbacks of pins and serial ports, if there are any to call; false: none. */
bool wx_io_dispatch(struct wx_host *host, xsMachine *the);

/* timers.c */
int wx_timers_run(struct wx_host *host, xsMachine *the);
void wx_timers_release(struct wx_host *host);

#endif
