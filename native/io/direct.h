#ifndef WX_DIRECT_H
#define WX_DIRECT_H

/*
 * Direct access to pins: calls of the device API that compiled code makes on its own stack, in C or in line, after a
 * module has opened the pin (src/iot-api opens it, and puts it here). One table for each module's device API; handles
 * as in src/iot-api/handles.ts: generation * 1024 + slot * 32.
 *
 * A call that needs the world (io.h), or a clock that runs, takes the way of an ordinary host call instead; the result
 * is the same.
 */

#include "io.h"
#include "../run/runtime.h"

#define WX_DIRECT_SLOTS 32
#define WX_DIRECT_SHIFT 5 /* of the slot's number in a handle; the generation begins above it */

enum wx_direct_kind { WX_DIRECT_NONE, WX_DIRECT_INPUT, WX_DIRECT_OUTPUT, WX_DIRECT_ADC, WX_DIRECT_PWM };

/* Code of the API: no handle that is open for this. */
#define WX_DIRECT_EBADF (-14)

/*
 * The first six fields are known to native/emit/inline-pins.c by their offsets. A handle that cannot be of this slot
 * stands where none is open.
 */
struct wx_direct_slot {
	uint32_t output; /* the handle, if it is one of an output */
	uint32_t digital; /* the handle, if it is one of an input or output */
	uint32_t set; /* address of the register that sets pins; the next word clears them */
	uint32_t mask; /* of the pin in its registers; PWM: hertz */
	uint32_t input; /* address of the register with the levels */
	uint32_t bit; /* the pin's number in them; ADC, PWM: the handle */
	uint32_t pin; /* of the struct wx_io_pin in struct wx_io */
	uint8_t number; /* of the pin; this and the next go into the log of edges */
	uint8_t owner;
	uint8_t kind;
	uint8_t bits; /* resolution */
};

_Static_assert(sizeof(struct wx_direct_slot) == 1 << WX_DIRECT_SHIFT, "a handle holds its slot's offset");

struct wx_direct {
	struct wx_direct_slot slots[WX_DIRECT_SLOTS];
	struct wx_io *io;
	bool registers; /* pins without registers cannot be opened */
};

/* registers: compiled code accesses the chip's registers itself. */
void wx_direct_init(struct wx_direct *direct, struct wx_io *io, bool registers);
/* set, input: addresses of the pin's registers, 0 where there are none. */
void wx_direct_open(struct wx_direct *direct, uint32_t slot, uint32_t handle, enum wx_direct_kind kind, uint32_t pin,
	uint32_t bits, uint32_t hertz);
void wx_direct_registers(
	struct wx_direct *direct, uint32_t slot, uint32_t handle, uint32_t set, uint32_t input, uint32_t bit);
void wx_direct_close(struct wx_direct *direct, uint32_t slot);

struct wx_direct_import {
	const char *name;
	wx_direct_function alone; /* on the wasm stack, without a world */
	wx_direct_function timed; /* on the wasm stack, with one */
	/* on the C stack; a, b: its parameters, all i32 */
	uint64_t (*slow)(struct wx_direct *direct, uint32_t a, uint32_t b);
};

#define WX_DIRECT_IMPORTS 5
extern const struct wx_direct_import wx_direct_imports[WX_DIRECT_IMPORTS];

#endif
