#ifndef WX_PORT_H
#define WX_PORT_H

/*
 * What the bindings ask of the firmware that they are built into: docs/PORTING.md says of each call what it must do,
 * when it is called, on which stack, and what it may not do. Nothing else of a firmware is used here. Include after
 * "xsmc.h".
 */

#include "../base/alloc.h"
#include "../io/io.h"
#include "shared.h" /* generated from src/shared/rows: phases */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wx_claim;
struct wx_flash;
struct wx_guard;
struct wx_runtime;

/* What every machine has. The port makes one with the machine, all zero but for what it sets, and finds it again. */
struct wx_port {
	struct wx_alloc alloc; /* all memory that this project's C takes for the machine */
	struct wx_io *io; /* pins and clock; they outlive the machine */
	struct wx_meter *meter; /* compiled code counts here what it does; NULL: it does not */
	struct wx_claim *listening; /* pins and serial ports whose listeners only they themselves keep: io-bindings.c */
	struct wx_guard *guard; /* guards.c: the innermost; NULL: none */
	const char *exhausted; /* what the last exhaustion was about */
	bool collecting; /* garbage; what is exhausted meanwhile ends the machine */
	bool watches_pins; /* on_pins is set, and one of the engine's roots */
	/* Aligned, since xs.h and the engine's own headers differ in the alignment of a slot on 32-bit machines. */
	_Alignas(8) xsSlot on_pins;
};

struct wx_port *wx_port_of(xsMachine *the);

/* ---- the engine's keys ---- */

/*
 * Names of properties and symbols that the engine has keys for, and how many more it has room for. Keys of names that
 * nothing uses are taken out by the engine, at the latest when they are collected here; an engine that does not do it
 * leaves them.
 */
uint32_t wx_port_keys_used(xsMachine *the);
uint32_t wx_port_keys_room(xsMachine *the);
void wx_port_collect_keys(xsMachine *the);

/* ---- the board ---- */

/*
 * Before the names of the API's modules where one imports another while the program runs: "", or "wait-xs/" where
 * they are part of a larger program.
 */
extern const char wx_port_module_prefix[];

/* A limit of the board by its name; `otherwise` when it has none. */
uint32_t wx_port_limit(xsMachine *the, const char *name, uint32_t otherwise);
/* Opens the board's code flash: wx_flash_init_at with the hooks of its controller. False: there is none. */
bool wx_port_open_flash(xsMachine *the, struct wx_flash *flash);
/* Bytes to standard output (1) or standard error (2). */
void wx_port_write(xsMachine *the, int stream, const void *bytes, size_t size);

/*
 * The front end as native code (tools/front-end-image.mjs), aligned to 64. Weak: where it is absent, or empty, the
 * front end in JavaScript compiles.
 */
extern const uint8_t wx_front_end_image[] __attribute__((weak)), wx_front_end_image_end[] __attribute__((weak));

/* ---- time ---- */

/* Microseconds since power-on, time asleep included. */
uint64_t wx_port_now(xsMachine *the);
/* Microseconds of real time, from some moment on, for the length of something. */
uint64_t wx_port_real_time(void);
/* Calls of that run time that last longer are ended, until it is asked anew; 0: none are. False: no timer for it. */
bool wx_port_watch(xsMachine *the, struct wx_runtime *runtime, uint32_t milliseconds);

/* From here on, instructions are counted for this phase, where the board counts them. */
void wx_port_mark(enum wx_phase phase);

/* ---- the end of the machine ---- */

/* What ends deep sleep. */
struct wx_wake {
	uint64_t time; /* nanoseconds on the clock of `io`; WX_IO_NEVER: none */
	int32_t pin; /* -1: none */
	int32_t level;
};

/* The machine and its memory are given up; the program starts anew, at once or when it is woken. */
void wx_port_restart(xsMachine *the) __attribute__((noreturn));
void wx_port_sleep(xsMachine *the, const struct wx_wake *wake) __attribute__((noreturn));

#endif
