#ifndef WX_HOST_H
#define WX_HOST_H

/*
 * The XS host of a board that is a process, as native bindings see it. Include after "xsmc.h".
 *
 * Exhaustion of JavaScript memory. XS reports it by fxAbort, which may not return and cannot throw. fxAbort here jumps to
 * the innermost guard:
 *  - wx_host_guard runs a C callback under a guard of its own. On exhaustion everything that the callback had begun is
 *    abandoned, the machine's stack and frame are put back, and the status is returned: the caller collects garbage and
 *    throws a clear error. The job goes on. C memory that the callback took must hang on something the caller knows.
 *  - Without one, the job ends: one clear line, the machine is deleted (destructors run), native memory is released, and
 *    the host ends with status 4. A device's main loop creates the machine anew at this point.
 * A collection that overflows the C stack leaves marks behind and is never recovered by an inner guard.
 */

#include "alloc.h"
#include "board.h"
#include "code.h"
#include "../io/io.h"

#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>

struct wx_host;
struct wx_guard;
struct wx_timer;

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
	struct wx_file *files;
	struct wx_limit *limits;
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
	uint64_t skipped; /* microseconds of idle time that were not waited for */
	uint64_t started;
	uint32_t slot_bytes, chunk_bytes, stack_bytes; /* as allocated */
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
enum {
	WX_DONE = 0,
	WX_FAILED = 1,
	WX_REFUSED = 2,
	WX_USAGE = 3,
	WX_BOARD = 4
};

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

/* 0, or the engine's status when memory, stack or keys were exhausted in `callback`. JavaScript exceptions pass through. */
int wx_host_guard(xsMachine *the, void (*callback)(xsMachine *the, void *data), void *data);
/* One line for a status that wx_host_guard returned, e.g. "out of memory: JavaScript slots". */
const char *wx_host_exhausted(xsMachine *the);

/* A limit of the board by its name in board.json; `otherwise` when it has none. */
uint32_t wx_host_limit(xsMachine *the, const char *name, uint32_t otherwise);

/* From here on, instructions are counted for this phase: on emulated boards under `--count`, nothing elsewhere. */
void wx_count_mark(enum wx_phase phase);

/* Microseconds since boot, idle time that was skipped included. */
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

/* platform.c */
int wx_host_run(struct wx_host *host);
void wx_host_set_reply(struct wx_host *host, FILE *reply);
/* Reads into `name` (at most `size`), 0 when there is no such file. */
const char *wx_host_file_path(struct wx_host *host, const char *name, char *buffer, size_t size);
/* timers.c */
int wx_timers_run(struct wx_host *host, xsMachine *the);
void wx_timers_release(struct wx_host *host);

#endif
