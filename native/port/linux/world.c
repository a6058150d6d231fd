/*
 * The world of a scenario: peripherals, waveforms, steps and expectations, in an XS machine of its own. So it takes
 * nothing of the board's memory, and goes on when the chip resets or sleeps deeply. The world's program
 * (boards/simulated/world.ts) gets questions from native/io by one function, and acts on pins, clock and chip by the
 * natives below.
 */

#include "xsmc.h"
#include "machine.h"
#include "linux-natives.h"

#include <stdlib.h>
#include <string.h>

/* Of this machine; it is not part of any board. */
#define WORLD_SLOTS (8u << 20)
#define WORLD_CHUNKS (64u << 20)
#define WORLD_STACK (1u << 18)
#define WORLD_C_STACK (512u << 10)
#define WORLD_KEYS 8000
/* Lines of the trace at most: a scenario that toggles a pin for ever must not fill the disk. */
#define TRACE_LINES 2000000

struct question {
	enum wx_io_question question;
	const double *arguments;
	const char *s, *t;
	double result;
};

/* ---- device to world ---- */

static void ask(struct wx_machine *asked, void *data)
{
	struct wx_world *world = asked->world;
	struct question *q = data;
	xsMachine *machine = asked->xs;
	int i;
	if (!world->answers)
		return;
	xsBeginHost(machine);
	xsmcVars(9);
	xsVar(0) = xsAccess(world->answer);
	xsmcSetInteger(xsVar(1), q->question);
	for (i = 0; i < 4; i++)
		xsmcSetNumber(xsVar(2 + i), q->arguments[i]);
	if (q->s)
		xsmcSetString(xsVar(6), (xsStringValue)q->s);
	if (q->t)
		xsmcSetString(xsVar(7), (xsStringValue)q->t);
	xsVar(8) = xsCallFunction7(
		xsVar(0), xsUndefined, xsVar(1), xsVar(2), xsVar(3), xsVar(4), xsVar(5), xsVar(6), xsVar(7));
	q->result = xsmcToNumber(xsVar(8));
	xsEndHost(machine);
}

static double on_question(
	void *data, enum wx_io_question question, const double arguments[4], const char *s, const char *t)
{
	struct wx_device *device = data;
	struct wx_world *world = device->world;
	struct question q = { question, arguments, s, t, 0 };
	int status;
	if (!wx_guarded(&world->machine, ask, &q, &status)) {
		fprintf(stderr, "the simulated world failed: %s\n", world->machine.message);
		device->machine.status = WX_BOARD;
		world->decided = WX_LEAVE_END;
	}
	/* What the world decided about the chip happens here: on the C stack, with nothing of the world's in between. */
	if (world->decided != WX_STAY) {
		enum wx_leave decided = world->decided;
		world->decided = WX_STAY;
		device->machine.port.io->in_world = false;
		wx_leave(device, decided);
	}
	return q.result;
}

/* A hook of native/io: what the edge log holds goes into the trace. */
static void take_edges(void *data)
{
	struct wx_device *device = data;
	struct wx_world *world = device->world;
	struct wx_io *io = device->machine.port.io;
	uint32_t i;
	for (i = 0; i < io->edge_count; i++) {
		const struct wx_io_edge *edge = io->edges + i;
		if (!world->trace || world->trace_lines >= TRACE_LINES)
			continue;
		world->trace_lines++;
		fprintf(world->trace, "[%llu,\"%s\",%u,%d]\n", (unsigned long long)edge->time,
			edge->kind == WX_IO_PWM ? "pwm" : "pin", edge->pin, (int)edge->value);
	}
	io->edge_count = 0;
}

/* ---- beginning and end ---- */

static void begin(struct wx_machine *machine, void *data)
{
	(void)data;
	wx_machine_create(machine);
	wx_import(machine, "world");
	while (!machine->imported && wx_machine_run_jobs(machine))
		;
}

/* Where a board's limits have what calls cost. */
static const char *const cost_names[WX_IO_CALLS] = {
#define COST(name) name,
	WX_IO_COST_LIMITS(COST)
#undef COST
};

static struct wx_world *new_world(struct wx_device *device)
{
	struct wx_world *world = calloc(1, sizeof(*world));
	const char *trace = device->options.trace;
	if (!world)
		return NULL;
	if (trace && !(world->trace = fopen(trace, "w"))) {
		fprintf(stderr, "%s: cannot write\n", trace);
		free(world);
		return NULL;
	}
	world->machine.budget = (struct wx_budget){ .slots = WORLD_SLOTS,
		.chunks = WORLD_CHUNKS,
		.stack = WORLD_STACK,
		.cstack = device->machine.budget.cstack + WORLD_C_STACK,
		.keys = WORLD_KEYS };
	world->machine.cstack_top = device->machine.cstack_top;
	world->machine.port.io = device->machine.port.io;
	world->machine.device = device;
	world->machine.world = world;
	wx_alloc_init(&world->machine.port.alloc, 0);
	wx_alloc_init(&world->machine.engine, 0);
	return world;
}

bool wx_world_start(struct wx_device *device)
{
	struct wx_io *io = device->machine.port.io;
	struct wx_world *world = new_world(device);
	xsMachine *the;
	int i, status;
	if (!world)
		return false;
	device->world = world;
	io->in_world = true;
	if (!wx_guarded(&world->machine, begin, NULL, &status) || world->machine.status || !world->answers) {
		fprintf(stderr, "the simulated world does not start: %s\n", world->machine.message);
		wx_world_stop(device);
		return false;
	}
	io->in_world = false;
	the = world->machine.xs;
	for (i = 0; i < WX_IO_CALLS; i++)
		io->costs[i] = wx_port_limit(the, cost_names[i], 0);
	io->analog_bits = (uint8_t)wx_port_limit(the, "analogBits", 12);
	io->reference = (int32_t)wx_port_limit(the, "analogReference", 3300000);
	io->world = on_question;
	io->bite = wx_call_timeout_bite;
	io->take_edges = take_edges;
	device->machine.port.meter = &io->meter;
	wx_io_update(io);
	return true;
}

void wx_world_stop(struct wx_device *device)
{
	struct wx_world *world = device->world;
	struct wx_io *io = device->machine.port.io;
	take_edges(device);
	if (world->trace && fclose(world->trace))
		fprintf(stderr, "%s: cannot write\n", device->options.trace);
	io->world = NULL;
	wx_io_update(io);
	wx_machine_delete(&world->machine);
	device->world = NULL;
	free(world);
}

void wx_world_sleep(struct wx_device *device)
{
	const struct wx_wake *wake = &device->wake;
	struct wx_io *io = device->machine.port.io;
	wx_io_set_state(io, device->sleep_state);
	for (;;) {
		uint64_t due = io->alarm;
		if (wake->pin >= 0 && io->pins[wake->pin].level == (uint8_t)wake->level) {
			io->wake = WX_IO_WAKE_PIN;
			break;
		}
		if (wake->time <= wx_io_time(io)) {
			io->wake = device->sleep_state == WX_IO_OFF ? WX_IO_WAKE_POWER : WX_IO_WAKE_TIMER;
			break;
		}
		wx_io_advance_to(io, due < wake->time ? due : wake->time);
	}
	wx_io_set_state(io, WX_IO_ACTIVE);
}

/* ---- natives of the world ---- */

/* The pins and the clock of the device that it is the world of. */
static struct wx_io *io_of(xsMachine *the)
{
	return wx_world_of(the)->machine.port.io;
}

static uint64_t to_time(xsMachine *the, xsSlot *slot)
{
	xsNumberValue us = xsmcToNumber(*slot);
	if (!(us >= 0) || us > 9e15)
		return WX_IO_NEVER;
	return (uint64_t)(us * 1000 + 0.5);
}

/* (answer): the function that answers questions */
void xs_world_begin(xsMachine *the)
{
	struct wx_world *world = wx_world_of(the);
	if (!xsmcIsCallable(xsArg(0)))
		xsTypeError("no function");
	world->answer = xsArg(0);
	xsRemember(world->answer);
	world->answers = true;
}

/* () => the scenario's text */
void xs_world_scenario(xsMachine *the)
{
	FILE *file = fopen(wx_world_of(the)->machine.device->options.scenario, "rb");
	long size = -1;
	if (file && !fseek(file, 0, SEEK_END) && (size = ftell(file)) >= 0 && !fseek(file, 0, SEEK_SET)) {
		xsmcSetStringBuffer(xsResult, NULL, (xsIntegerValue)size + 1);
		if (fread(xsmcToString(xsResult), 1, (size_t)size, file) != (size_t)size)
			size = -1;
		xsmcToString(xsResult)[size < 0 ? 0 : size] = 0;
	}
	if (file)
		fclose(file);
	if (size < 0)
		xsUnknownError("cannot read the scenario");
}

/* () => microseconds since power-on, with the nanoseconds behind the point */
void xs_world_now(xsMachine *the)
{
	xsmcSetNumber(xsResult, (xsNumberValue)wx_io_time(io_of(the)) / 1000);
}

/* (microseconds): when the world wants to be asked ALARM; Infinity: no more */
void xs_world_alarm(xsMachine *the)
{
	struct wx_io *io = io_of(the);
	io->alarm = to_time(the, &xsArg(0));
	wx_io_update(io);
}

static uint32_t to_pin(xsMachine *the, xsSlot *slot)
{
	xsIntegerValue pin = xsmcToInteger(*slot);
	if (pin < 0 || pin >= WX_IO_PINS)
		xsRangeError("no pin %d", (int)pin);
	return (uint32_t)pin;
}

/* (pin, level or -1) */
void xs_world_drive(xsMachine *the)
{
	uint32_t pin = to_pin(the, &xsArg(0));
	wx_io_drive(io_of(the), pin, xsmcToInteger(xsArg(1)));
}

/* (pin): changes by the chip are asked as LEVEL from now on */
void xs_world_observe(xsMachine *the)
{
	uint32_t pin = to_pin(the, &xsArg(0));
	io_of(the)->pins[pin].observed = true;
}

/* (pin) => what is on the wire */
void xs_world_level(xsMachine *the)
{
	uint32_t pin = to_pin(the, &xsArg(0));
	xsmcSetInteger(xsResult, io_of(the)->pins[pin].level);
}

/* (pin) => owner * 16 + mode */
void xs_world_mode(xsMachine *the)
{
	uint32_t pin = to_pin(the, &xsArg(0));
	const struct wx_io_pin *p = io_of(the)->pins + pin;
	xsmcSetInteger(xsResult, p->owner * 16 + p->mode);
}

/* (port): it has bytes to read */
void xs_world_serial(xsMachine *the)
{
	wx_io_serial_ready(io_of(the), (uint32_t)xsmcToInteger(xsArg(0)));
}

/* (buffer): the exchange's first bytes from now on */
void xs_world_give(xsMachine *the)
{
	struct wx_io *io = io_of(the);
	void *data;
	xsUnsignedValue size;
	xsmcGetBufferReadable(xsArg(0), &data, &size);
	if (size > WX_IO_EXCHANGE)
		xsRangeError("more than %d bytes", WX_IO_EXCHANGE);
	memcpy(io->exchange, data, size);
}

/* (count) => an ArrayBuffer of the exchange's first bytes */
void xs_world_take(xsMachine *the)
{
	struct wx_io *io = io_of(the);
	xsIntegerValue count = xsmcToInteger(xsArg(0));
	if (count < 0 || count > WX_IO_EXCHANGE)
		xsRangeError("more than %d bytes", WX_IO_EXCHANGE);
	xsmcSetArrayBuffer(xsResult, io->exchange, count);
}

/* (state) => microseconds spent in it so far */
void xs_world_time_in(xsMachine *the)
{
	struct wx_io *io = io_of(the);
	xsIntegerValue state = xsmcToInteger(xsArg(0));
	uint64_t time;
	if (state < 0 || state >= WX_IO_STATES)
		xsRangeError("no state %d", (int)state);
	time = io->state_time[state];
	if (state == io->state)
		time += wx_io_time(io) - io->since;
	xsmcSetNumber(xsResult, (xsNumberValue)time / 1000);
}

/* () => 0 ... 2^32 - 1 */
void xs_world_random(xsMachine *the)
{
	xsmcSetNumber(xsResult, wx_io_random(io_of(the)));
}

/* (line): into the trace, after the edges so far */
void xs_world_trace(xsMachine *the)
{
	struct wx_world *world = wx_world_of(the);
	take_edges(world->machine.device);
	if (world->trace && world->trace_lines < TRACE_LINES) {
		world->trace_lines++;
		fprintf(world->trace, "%s\n", xsmcToString(xsArg(0)));
	}
}

/* (reason, microseconds without supply): the chip starts anew when the question has been answered; 0 us: at once */
void xs_world_reset(xsMachine *the)
{
	struct wx_world *world = wx_world_of(the);
	struct wx_device *device = world->machine.device;
	struct wx_io *io = io_of(the);
	uint64_t off = to_time(the, &xsArg(1));
	io->wake = (uint8_t)xsmcToInteger(xsArg(0));
	device->sleep_state = WX_IO_OFF;
	device->wake = (struct wx_wake){ .time = wx_io_time(io) + off, .pin = -1 };
	world->decided = off ? WX_LEAVE_SLEEP : WX_LEAVE_RESET;
}

/* (): the scenario is over when the question has been answered */
void xs_world_end(xsMachine *the)
{
	wx_world_of(the)->decided = WX_LEAVE_END;
}

/* (line): one line of JSON for whoever started the host */
void xs_world_reply(xsMachine *the)
{
	FILE *reply = wx_world_of(the)->machine.device->reply;
	if (reply) {
		fputs(xsmcToString(xsArg(0)), reply);
		fputc('\n', reply);
		fflush(reply);
	}
}
