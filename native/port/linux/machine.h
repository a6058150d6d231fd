#ifndef WX_MACHINE_H
#define WX_MACHINE_H

/*
 * The boards that are Linux processes. A process has a device, whose machine runs scripts, and in a scenario a world,
 * whose machine runs the peripherals around it. Include after "xsmc.h".
 *
 * Order. Each file of this folder calls only those that stand before it:
 *   context limits clock engine-hooks terminal outer-guards keys scripts bind-natives machine call-timeout world
 *   timers loop files process-natives process-metrics life main
 * What is called the other way goes by pointer: hooks of native/io, the table of natives, callbacks of guards.
 *
 * Exhaustion of JavaScript memory. fxAbort jumps to the innermost guard of native/xs/guards.h. Without one, the job
 * ends: one clear line, the machine is deleted (destructors run), native memory is released, and the process ends with
 * status 4. A device's main loop creates the machine anew at this point. Keys are another matter: keys.c throws a
 * RangeError where there are none left, once the machine is made.
 */

#include "../../xs/port.h"
#include "board.h"
#include "code.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct wx_outer_guard;
struct wx_script;
struct wx_timer;
struct wx_device;
struct wx_world;

/* ---- what every machine has ---- */

struct wx_budget {
	uint32_t slots; /* bytes */
	uint32_t chunks; /* bytes */
	uint32_t stack; /* bytes of the XS stack */
	uint32_t cstack; /* bytes of C stack that may be used */
	uint32_t keys;
	uint32_t native; /* bytes of wx_alloc; 0: no limit */
};

struct wx_machine {
	struct wx_port port; /* first: it is the context of the engine's machine */
	xsMachine *xs; /* NULL: there is none now */
	struct wx_device *device; /* whose it is */
	struct wx_world *world; /* whose it is; NULL: the device's own */
	struct wx_budget budget;
	struct wx_alloc engine; /* the engine's own tables and temporary blocks */
	struct wx_outer_guard *guard;
	struct wx_script *scripts;
	uint32_t slot_bytes, chunk_bytes, stack_bytes; /* as allocated */
	uint32_t first_key; /* from it on names are collected; 0 while the machine is made */
	/* how many numbers of keys are free again, and where the first of them is at the earliest */
	uint32_t free_keys, free_key;
	char *cstack_top;
	bool promise_jobs; /* there are some to run */
	bool imported; /* the module that was last imported has run to its end */
	bool exiting;
	int status; /* of the process */
	char message[256]; /* why it ended */
};

static inline struct wx_machine *wx_machine_of(xsMachine *the)
{
	return (struct wx_machine *)wx_port_of(the);
}

/* ---- what the device has ---- */

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
	bool virtual_time;
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
	WX_LEAVE_RESET, /* the chip starts anew: io->wake says why */
	WX_LEAVE_SLEEP /* deep sleep, or no supply, until `wake` */
};

struct wx_device {
	struct wx_machine machine;
	struct wx_options options;
	struct wx_world *world; /* of a scenario; NULL: none */
	struct wx_timer *timers;
	uint32_t next_timer;
	FILE *reply;
	enum wx_leave leave;
	struct wx_wake wake;
	enum wx_io_state sleep_state;
	struct wx_runtime *watched; /* whose calls end in virtual time; NULL: none's */
	uint32_t watch; /* milliseconds that a call may run without waiting */
	uint64_t watch_end; /* microseconds of real time: when the calls that are watched end; 0: they do not */
	bool watch_goes_on; /* that time began before the last reset */
	uint64_t started; /* microseconds of the date */
};

/* ---- what the world has ---- */

/* A machine of its own, so that peripherals take none of the board's memory and outlive resets. */
struct wx_world {
	struct wx_machine machine;
	enum wx_leave decided; /* about the chip, while it answers */
	FILE *trace;
	uint32_t trace_lines;
	bool answers; /* `answer` is set, and one of the engine's roots */
	_Alignas(8) xsSlot answer; /* as wx_port.on_pins */
};

/* ---- context.c ---- */

/* The device whose machine it is, the world whose machine it is; they throw in the other's. */
struct wx_device *wx_device_of(xsMachine *the);
struct wx_world *wx_world_of(xsMachine *the);
/* The data of `this`: throws when it is an object of another class, or has no data: never opened, or closed. */
void *wx_this_data(xsMachine *the, void (*destructor)(void *data));

/* ---- clock.c ---- */

/* The board's clock runs by itself from now on, unless time is virtual. */
void wx_clock_start(struct wx_device *device);
/* Microseconds since power-on, on the clock of native/io. */
uint64_t wx_clock_now(const struct wx_machine *machine);
/* Microseconds of the date that JavaScript sees. */
uint64_t wx_clock_date(const struct wx_machine *machine);

/* ---- engine-hooks.c ---- */

/* Whose memory and stack limit the engine's calls mean from now on; NULL: nobody's. Returns whose they were. */
struct wx_machine *wx_engine_use(struct wx_machine *machine);

/* ---- terminal.c ---- */

/* A line, or several, for people. */
void wx_print(FILE *stream, const char *text);

/* ---- outer-guards.c ---- */

/*
 * Runs `callback` under an outermost guard of that machine. False: it was abandoned; *status is the engine's, and
 * machine->message says why; 0: the machine was left.
 */
bool wx_guarded(
	struct wx_machine *machine, void (*callback)(struct wx_machine *machine, void *data), void *data, int *status);
/* Is that status one of an exception that nobody caught? */
bool wx_is_uncaught(int status);
/* Abandons what the outermost guard runs. */
void wx_abandon(struct wx_machine *machine, int status, const char *message) __attribute__((noreturn));
/* Ends the device's machine at once; on the C stack only. */
void wx_leave(struct wx_device *device, enum wx_leave leave) __attribute__((noreturn));
/* The exception that is pending becomes the machine's message. */
void wx_describe_exception(xsMachine *the);
/* The message, on standard error; of a device in a scenario the world tells it. */
void wx_tell(const struct wx_machine *machine);

/* ---- scripts.c ---- */

/* The names of the image's byte code. Under a guard. */
void wx_make_keys(xsMachine *the);
/* The byte code of a script, as a module of that name. False: the file is none. */
bool wx_load_script(struct wx_machine *machine, const char *path, const char *name);
/* Begins to import a module; machine->imported says when it has ended. */
void wx_import(struct wx_machine *machine, const char *name);
uint32_t wx_script_bytes(const struct wx_machine *machine);
void wx_release_scripts(struct wx_machine *machine);

/* ---- bind-natives.c ---- */

/* Defines native() and Native(). */
void wx_bind_natives(xsMachine *the);

/* ---- machine.c ---- */

/* A machine with the image's names and native(). Under a guard. */
void wx_machine_create(struct wx_machine *machine);
/* Garbage is collected at every allocation from now on, if the engine was built so and the board's limits say so. */
void wx_machine_collect_always(struct wx_machine *machine);
/* Runs promise jobs; false: there are none. */
bool wx_machine_run_jobs(struct wx_machine *machine);
/* A promise was rejected and nobody has handled it: as an uncaught exception. */
void wx_machine_check_rejections(struct wx_machine *machine);
/* With all memory that it holds. Nothing where there is none. */
void wx_machine_delete(struct wx_machine *machine);

/* ---- call-timeout.c: the end of calls in virtual time; real time is native/run's ---- */

/* The device waits, or goes on: it is watched only while it runs. */
void wx_call_timeout_waits(struct wx_device *device, bool waits);
/* A hook of native/io: a watched call has run too long. */
void wx_call_timeout_bite(void *device);
/* The machine goes in a reset: a time in real time goes on in the next one. */
void wx_call_timeout_reset(struct wx_device *device);

/* ---- world.c ---- */

bool wx_world_start(struct wx_device *device);
void wx_world_stop(struct wx_device *device);
/* Time passes without a machine, until device->wake. */
void wx_world_sleep(struct wx_device *device);

/* ---- timers.c ---- */

/* Waits for what is due next. False: nothing will come. */
bool wx_timers_run(struct wx_device *device);
void wx_timers_release(struct wx_device *device);

/* ---- loop.c ---- */

/* One turn of the event loop. False: nothing is left to do, or it is exiting. */
bool wx_turn(struct wx_device *device);

/* ---- process-metrics.c ---- */

/* The last line of the reply: status and memory. */
void wx_write_reply(struct wx_device *device);

/* ---- life.c ---- */

/* From power-on to the end, through all resets: the status of the process. */
int wx_live(struct wx_device *device);

#endif
