#ifndef WX_IO_H
#define WX_IO_H

/*
 * A board's pins and its clock, in C that knows nothing of XS: what the ECMA-419 classes of a simulated board and
 * direct pin access of compiled code share. One context, no globals.
 *
 * Time. Each call of the I/O functions advances the clock by what the call costs on the board (`costs`), metered code
 * by each instruction (`meter`), the main loop to the next event when nothing is to do; else it stands still. With
 * `clock` set (no scenario) real time is added. Unit: nanoseconds since power-on, in a uint64_t.
 *
 * The world. What is outside of the chip (peripherals, the scenario) is reached by `world`, one hook with a number for
 * each question. Without a world inputs float and buses have no devices. The world says by `alarm` when it next has
 * something to do; whoever advances the clock over it calls the world on the way (wx_io_advance). That may enter XS, so
 * it needs the C stack.
 *
 * Stacks. These functions may call the world, and so XS: they need the C stack. What compiled code does on its own
 * stack is in direct.c. Nothing here allocates.
 *
 * Results: >= 0 a value, negative an error of enum wx_io_error.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../abi/meter.h"
#include "shared.h" /* generated from src/shared/rows: errors, modes, owners, costs, states, questions */

#define WX_IO_PINS 64 /* pins 0 ... 63; analog inputs and PWM outputs are pins too */
#define WX_IO_PORTS 8 /* serial ports: WX_IO_PINS + 0 ... 7 where pins and ports are meant */
#define WX_IO_EDGES 256 /* entries of the edge log until somebody must take them out */
#define WX_IO_EXCHANGE 4096 /* bytes of one bus transfer at most */
#define WX_IO_NEVER UINT64_MAX

struct wx_io_pin {
	uint8_t owner;
	uint8_t mode;
	uint8_t output; /* level written */
	int8_t external; /* level from outside, -1: nothing drives it */
	/* direct.c reads these four as one word: above the level, what makes a write more than one */
	uint8_t level; /* what is on the wire */
	uint8_t watch; /* mask of edges */
	bool observed; /* the world wants to hear of each change by the chip */
	bool open_drain;
	uint8_t pending; /* edges seen since the callback last ran */
	uint32_t duty; /* of 65536 */
};

/* Of a pin or port. */
struct wx_io_use {
	bool open;
	bool dropped; /* nobody has it any more, but it was not closed: that is done when another wants it */
};

struct wx_io_edge {
	uint64_t time; /* nanoseconds */
	uint8_t pin;
	uint8_t kind; /* enum wx_io_owner: digital level, PWM duty in parts of 65535 */
	int32_t value;
};

struct wx_io {
	uint64_t time; /* nanoseconds, without the clock's and the meter's */
	uint64_t alarm; /* of the world; WX_IO_NEVER: none */
	uint64_t quiet; /* calls that end before need neither the world nor `bite`: wx_io_update */
	uint64_t watchdog; /* when `bite` is to be called; WX_IO_NEVER: none */
	struct wx_meter meter; /* what compiled code has done that `time` does not hold yet */
	uint64_t since; /* when the present state began */
	uint64_t state_time[WX_IO_STATES];
	uint32_t costs[WX_IO_CALLS]; /* nanoseconds */
	int32_t reference; /* microvolts at full scale of the ADC */
	uint8_t analog_bits;
	uint8_t state;
	uint8_t wake; /* enum wx_io_wake */
	uint32_t restarts; /* since power-on */
	uint8_t serial_pending; /* ports with bytes that their callback has not been told of */
	bool any_pending;
	uint64_t untold; /* pins that changed by their registers, of which the world has not been told */
	bool in_world; /* the world is being asked: time stands still for it */
	uint32_t edge_count;
	uint32_t random[4]; /* xoshiro128**, never all zero */
	struct wx_io_pin pins[WX_IO_PINS];
	struct wx_io_use uses[WX_IO_PINS + WX_IO_PORTS];
	struct wx_io_edge edges[WX_IO_EDGES];
	uint8_t exchange[WX_IO_EXCHANGE];
	/* hooks; any may be NULL */
	uint64_t (*clock)(void *data); /* nanoseconds of real time, monotonic */
	double (*world)(void *data, enum wx_io_question question, const double arguments[4], const char *s, const char *t);
	void (*take_edges)(void *data); /* the log is full: read `edges`, and set edge_count to 0 */
	void (*bite)(void *data); /* the watchdog's time has come */
	void *data;
};

/* Everything as at power-on, without hooks. */
void wx_io_init(struct wx_io *io, uint32_t seed);
/* As after a reset of the chip: pins are inputs, nothing is watched; time, world and log go on. */
void wx_io_reset(struct wx_io *io, enum wx_io_wake wake);

/* ---- time ---- */

/* Nanoseconds since power-on. Costs nothing. */
uint64_t wx_io_time(const struct wx_io *io);
/* Nanoseconds that metered code took and `time` does not hold yet. Less than 2^31: no more is granted at a time. */
static inline uint32_t wx_io_metered(const struct wx_io *io)
{
	return (uint32_t)(io->meter.granted - io->meter.left) * io->costs[WX_IO_CALL_INSTRUCTION];
}
/* What a program reads: microseconds. Costs WX_IO_CALL_TIME. */
uint64_t wx_io_now_us(struct wx_io *io);
/* Lets that many nanoseconds pass, with what is due in them. C stack only. */
void wx_io_advance(struct wx_io *io, uint64_t nanoseconds);
/* The same up to a time; nothing when it has passed. */
void wx_io_advance_to(struct wx_io *io, uint64_t time);
/* The next thing that is due in the world: alarm or watchdog. */
uint64_t wx_io_due(const struct wx_io *io);
/* To be called after a change of `alarm`, `watchdog`, `world` or `clock`. */
void wx_io_update(struct wx_io *io);
void wx_io_spend(struct wx_io *io, enum wx_io_call call);
void wx_io_set_state(struct wx_io *io, enum wx_io_state state);

/* ---- pins ---- */

/* 0, or EINVAL (no such pin, port or mode), EBUSY (somebody has it). `mode` of a digital pin, else 0. */
int32_t wx_io_open(struct wx_io *io, uint32_t source, enum wx_io_owner owner, uint32_t mode);
void wx_io_close(struct wx_io *io, uint32_t source);
/*
 * Whoever had it is gone. Until another opens the pin nothing changes at it, so that collections of garbage are not
 * seen at pins. May be called anywhere.
 */
void wx_io_drop(struct wx_io *io, uint32_t source);
/* 0 or 1. EINVAL: no digital pin is open there. Of an output: what is on the wire. */
int32_t wx_io_digital_read(struct wx_io *io, uint32_t pin);
/* 0. EINVAL: not an open output. Any `value` but 0 is 1. */
int32_t wx_io_digital_write(struct wx_io *io, uint32_t pin, uint32_t value);
/*
 * What a register does: no time passes, and whoever observes the pin hears of it when time next passes. Ignored where
 * the pin is no open output.
 */
void wx_io_digital_set(struct wx_io *io, uint32_t pin, bool level);
/* Edges of which wx_io_next_pending tells; 0: none. */
int32_t wx_io_digital_watch(struct wx_io *io, uint32_t pin, uint32_t edges);
/* 0 ... 2^analog_bits - 1 */
int32_t wx_io_analog_read(struct wx_io *io, uint32_t pin);
/* Duty 0 ... 65535 of 65536, 65536: always high. */
int32_t wx_io_pwm_write(struct wx_io *io, uint32_t pin, uint32_t duty, uint32_t hertz);
/*
 * A pin with edges that its callback has not been told of, or WX_IO_PINS + a serial port with bytes; and takes it. -1:
 * none.
 */
int32_t wx_io_next_pending(struct wx_io *io);

/* ---- for the world ---- */

/* The level that something outside drives a pin to; -1: it lets go. */
void wx_io_drive(struct wx_io *io, uint32_t pin, int32_t level);
/* A serial port, 0 ... 7, has bytes to read. */
void wx_io_serial_ready(struct wx_io *io, uint32_t port);
/* Asks the world; 0 without one. */
double wx_io_ask(struct wx_io *io, enum wx_io_question question, double a, double b, double c, double d, const char *s,
	const char *t);
/* Repeatable by the seed. */
uint32_t wx_io_random(struct wx_io *io);

#endif
