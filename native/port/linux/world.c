/*
 * The world of a scenario: peripherals, waveforms, steps and expectations, in an XS machine of its own. So it takes
 * nothing of the board's memory, and goes on when the chip resets or sleeps deeply. The world's program
 * (boards/simulated/world.ts) gets questions from native/io by one function, and acts on pins, clock and chip by the
 * natives below.
 */

#include "xsmc.h"
#include "host.h"
#include "../../xs/natives.h"
#include "../../run/runtime.h"

#include <stdlib.h>
#include <string.h>

/* Of this machine; it is not part of any board. */
#define WORLD_SLOTS (8u << 20)
#define WORLD_CHUNKS (64u << 20)
#define WORLD_C_STACK (512u << 10)
/* Lines of the trace at most: a scenario that toggles a pin for ever must not fill the disk. */
#define TRACE_LINES 2000000

struct question {
	enum wx_io_question question;
	const double *arguments;
	const char *s, *t;
	double result;
};

/* ---- device to world ---- */

static void ask(struct wx_host *world, void *data)
{
	struct question *q = data;
	xsMachine *machine = world->machine;
	int i;
	if (!world->hooked)
		return;
	xsBeginHost(machine);
	xsmcVars(9);
	xsVar(0) = xsAccess(world->hook);
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
	struct wx_host *device = data;
	struct question q = { question, arguments, s, t, 0 };
	if (!wx_host_guarded(device->world, ask, &q)) {
		fprintf(stderr, "the simulated world failed: %s\n", device->world->message);
		device->status = WX_BOARD;
		device->world->leave = WX_LEAVE_END;
	}
	/* What the world decided about the chip happens here: on the C stack, with nothing of the world's in between. */
	if (device->world->leave != WX_STAY) {
		enum wx_leave leave = device->world->leave;
		device->world->leave = WX_STAY;
		device->io->in_world = false;
		wx_host_leave(device, leave);
	}
	return q.result;
}

static void on_bite(void *data)
{
	struct wx_host *device = data;
	if (device->watched)
		wx_interrupt(device->watched);
}

void wx_world_waits(struct wx_host *device, bool waits)
{
	if (!device->watched)
		return;
	device->io->watchdog = waits ? WX_IO_NEVER : wx_io_time(device->io) + (uint64_t)device->watch * 1000000;
	wx_io_update(device->io);
}

void wx_world_watch(struct wx_host *device, struct wx_runtime *runtime, uint32_t milliseconds)
{
	if (!milliseconds && device->watched)
		wx_world_waits(device, true);
	device->watched = milliseconds ? runtime : NULL;
	device->watch = milliseconds;
	wx_world_waits(device, false);
}

void wx_world_take_edges(void *data)
{
	struct wx_host *device = data;
	struct wx_io *io = device->io;
	uint32_t i;
	for (i = 0; i < io->edge_count; i++) {
		const struct wx_io_edge *edge = io->edges + i;
		if (!device->trace || device->trace_lines >= TRACE_LINES)
			continue;
		device->trace_lines++;
		fprintf(device->trace, "[%llu,\"%s\",%u,%d]\n", (unsigned long long)edge->time,
			edge->kind == WX_IO_PWM ? "pwm" : "pin", edge->pin, (int)edge->value);
	}
	io->edge_count = 0;
}

/* ---- beginning and end ---- */

static void begin(struct wx_host *world, void *data)
{
	(void)data;
	wx_host_create(world);
	wx_host_import(world, "world");
}

static const char *const cost_names[WX_IO_CALLS] = { "costOpen", "costDigitalRead", "costDigitalWrite",
	"costAnalogRead", "costPWMWrite", "costBus", "costTime", "costStorage", "costLog", "costTurn", "costWake",
	"costInstruction", "costBoot" };

bool wx_world_start(struct wx_host *device)
{
	struct wx_io *io = device->io;
	struct wx_host *world = calloc(1, sizeof(*world));
	int i;
	if (!world)
		return false;
	if (device->options.trace && !(device->trace = fopen(device->options.trace, "w"))) {
		fprintf(stderr, "%s: cannot write\n", device->options.trace);
		free(world);
		return false;
	}
	world->options = device->options;
	world->options.slots = WORLD_SLOTS;
	world->options.chunks = WORLD_CHUNKS;
	world->options.stack = 1u << 18;
	world->options.cstack = device->options.cstack + WORLD_C_STACK;
	world->options.keys = 8000;
	world->options.script = NULL;
	world->cstack_top = device->cstack_top;
	world->io = io;
	world->device = device;
	device->world = world;
	wx_alloc_init(&world->native, 0);
	wx_alloc_init(&world->engine, 0);
	io->in_world = true;
	if (!wx_host_guarded(world, begin, NULL) || world->status || !world->hooked) {
		fprintf(stderr, "the simulated world does not start: %s\n", world->message);
		wx_world_stop(device);
		return false;
	}
	io->in_world = false;
	for (i = 0; i < WX_IO_CALLS; i++)
		io->costs[i] = wx_host_limit(world->machine, cost_names[i], 0);
	io->analog_bits = (uint8_t)wx_host_limit(world->machine, "analogBits", 12);
	io->reference = (int32_t)wx_host_limit(world->machine, "analogReference", 3300000);
	io->world = on_question;
	io->bite = on_bite;
	io->take_edges = wx_world_take_edges;
	wx_io_update(io);
	return true;
}

static void delete_world(struct wx_host *world, void *data)
{
	(void)data;
	if (world->machine)
		xsDeleteMachine(world->machine);
}

void wx_world_stop(struct wx_host *device)
{
	struct wx_host *world = device->world;
	wx_world_take_edges(device);
	if (device->trace && fclose(device->trace))
		fprintf(stderr, "%s: cannot write\n", device->options.trace);
	device->trace = NULL;
	device->io->world = NULL;
	wx_io_update(device->io);
	wx_host_guarded(world, delete_world, NULL);
	wx_alloc_release(&world->native);
	wx_alloc_release(&world->engine);
	device->world = NULL;
	free(world);
}

void wx_world_sleep(struct wx_host *device)
{
	struct wx_io *io = device->io;
	wx_io_set_state(io, device->sleep_state);
	for (;;) {
		uint64_t due = io->alarm;
		if (device->wake_pin >= 0 && io->pins[device->wake_pin].level == (uint8_t)device->wake_level) {
			io->wake = WX_IO_WAKE_PIN;
			break;
		}
		if (device->wake_time <= wx_io_time(io)) {
			io->wake = device->sleep_state == WX_IO_OFF ? WX_IO_WAKE_POWER : WX_IO_WAKE_TIMER;
			break;
		}
		wx_io_advance_to(io, due < device->wake_time ? due : device->wake_time);
	}
	wx_io_set_state(io, WX_IO_ACTIVE);
}

/* ---- natives of the world ---- */

static struct wx_host *device_of(xsMachine *the)
{
	struct wx_host *device = wx_host_of(the)->device;
	if (!device)
		xsUnknownError("not in a world");
	return device;
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
	struct wx_host *world = wx_host_of(the);
	if (!world->device || !xsmcIsCallable(xsArg(0)))
		xsTypeError("not in a world");
	world->hook = xsArg(0);
	xsRemember(world->hook);
	world->hooked = 1;
}

/* () => the scenario's text */
void xs_world_scenario(xsMachine *the)
{
	struct wx_host *device = device_of(the);
	FILE *file = fopen(device->options.scenario, "rb");
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
	xsmcSetNumber(xsResult, (xsNumberValue)wx_io_time(device_of(the)->io) / 1000);
}

/* (microseconds): when the world wants to be asked ALARM; Infinity: no more */
void xs_world_alarm(xsMachine *the)
{
	struct wx_io *io = device_of(the)->io;
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
	wx_io_drive(device_of(the)->io, pin, xsmcToInteger(xsArg(1)));
}

/* (pin): changes by the chip are asked as LEVEL from now on */
void xs_world_observe(xsMachine *the)
{
	uint32_t pin = to_pin(the, &xsArg(0));
	device_of(the)->io->pins[pin].observed = true;
}

/* (pin) => what is on the wire */
void xs_world_level(xsMachine *the)
{
	uint32_t pin = to_pin(the, &xsArg(0));
	xsmcSetInteger(xsResult, device_of(the)->io->pins[pin].level);
}

/* (pin) => owner * 16 + mode */
void xs_world_mode(xsMachine *the)
{
	uint32_t pin = to_pin(the, &xsArg(0));
	const struct wx_io_pin *p = device_of(the)->io->pins + pin;
	xsmcSetInteger(xsResult, p->owner * 16 + p->mode);
}

/* (port): it has bytes to read */
void xs_world_serial(xsMachine *the)
{
	wx_io_serial_ready(device_of(the)->io, (uint32_t)xsmcToInteger(xsArg(0)));
}

/* (buffer): the exchange's first bytes from now on */
void xs_world_give(xsMachine *the)
{
	struct wx_io *io = device_of(the)->io;
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
	struct wx_io *io = device_of(the)->io;
	xsIntegerValue count = xsmcToInteger(xsArg(0));
	if (count < 0 || count > WX_IO_EXCHANGE)
		xsRangeError("more than %d bytes", WX_IO_EXCHANGE);
	xsmcSetArrayBuffer(xsResult, io->exchange, count);
}

/* (state) => microseconds spent in it so far */
void xs_world_time_in(xsMachine *the)
{
	struct wx_io *io = device_of(the)->io;
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
	xsmcSetNumber(xsResult, wx_io_random(device_of(the)->io));
}

/* (line): into the trace, after the edges so far */
void xs_world_trace(xsMachine *the)
{
	struct wx_host *device = device_of(the);
	wx_world_take_edges(device);
	if (device->trace && device->trace_lines < TRACE_LINES) {
		device->trace_lines++;
		fprintf(device->trace, "%s\n", xsmcToString(xsArg(0)));
	}
}

/* (reason, microseconds without supply): the chip starts anew when the question has been answered; 0 us: at once */
void xs_world_reset(xsMachine *the)
{
	struct wx_host *device = device_of(the);
	uint64_t off = to_time(the, &xsArg(1));
	device->io->wake = (uint8_t)xsmcToInteger(xsArg(0));
	device->sleep_state = WX_IO_OFF;
	device->wake_time = wx_io_time(device->io) + off;
	device->wake_pin = -1;
	wx_host_of(the)->leave = off ? WX_LEAVE_SLEEP : WX_LEAVE_RESET;
}

/* (): the scenario is over when the question has been answered */
void xs_world_end(xsMachine *the)
{
	device_of(the);
	wx_host_of(the)->leave = WX_LEAVE_END;
}

/* (line): one line of JSON for whoever started the host */
void xs_world_reply(xsMachine *the)
{
	struct wx_host *device = device_of(the);
	if (device->reply) {
		fputs(xsmcToString(xsArg(0)), device->reply);
		fputc('\n', device->reply);
		fflush(device->reply);
	}
}
