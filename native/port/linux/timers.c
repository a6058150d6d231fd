/* setTimeout, setInterval and clearTimeout. Idle time is skipped, not waited for. */

#include "xsmc.h"
#include "machine.h"
#include "linux-natives.h"

struct wx_timer {
	struct wx_timer *next; /* by time, then by order of creation */
	uint64_t due;
	uint64_t interval;
	uint32_t id;
	int repeats;
	int running;
	int cleared;
	xsSlot callback;
};

static void insert(struct wx_device *device, struct wx_timer *timer)
{
	struct wx_timer **address = &device->timers;
	while (*address && (*address)->due <= timer->due)
		address = &(*address)->next;
	timer->next = *address;
	*address = timer;
}

void xs_timer_set(xsMachine *the)
{
	struct wx_device *device = wx_device_of(the);
	struct wx_timer *timer;
	xsNumberValue delay = xsmcToNumber(xsArg(1));
	xsBooleanValue repeats = xsmcToBoolean(xsArg(2));
	if (!xsmcIsCallable(xsArg(0)))
		xsTypeError("callback is no function");
	if (!(delay >= 0))
		delay = 0;
	if (delay > 2147483647)
		delay = 2147483647;
	timer = wx_calloc(&device->machine.port.alloc, 1, sizeof(*timer));
	if (!timer)
		xsUnknownError("out of memory: native");
	timer->interval = (uint64_t)(delay * 1000);
	/* An interval of nothing would never let time pass. */
	if (repeats && timer->interval < 1000)
		timer->interval = 1000;
	timer->due = wx_port_now(the) + timer->interval;
	timer->repeats = repeats != 0;
	timer->id = ++device->next_timer;
	timer->callback = xsArg(0);
	xsRemember(timer->callback);
	insert(device, timer);
	xsmcSetInteger(xsResult, (xsIntegerValue)timer->id);
}

static void drop(struct wx_device *device, struct wx_timer *timer)
{
	xsMachine *the = device->machine.xs;
	xsForget(timer->callback);
	wx_free(&device->machine.port.alloc, timer);
}

void xs_timer_clear(xsMachine *the)
{
	struct wx_device *device = wx_device_of(the);
	struct wx_timer **address = &device->timers, *timer;
	uint32_t id;
	if (xsmcArgc < 1 || xsmcTypeOf(xsArg(0)) == xsUndefinedType || xsmcTypeOf(xsArg(0)) == xsNullType)
		return;
	id = (uint32_t)xsmcToInteger(xsArg(0));
	while ((timer = *address)) {
		if (timer->id == id) {
			if (timer->running)
				timer->cleared = 1;
			else {
				*address = timer->next;
				drop(device, timer);
			}
			return;
		}
		address = &timer->next;
	}
}

/* Apart, since its setjmp would make the compiler doubt every variable of the caller. */
static __attribute__((noinline)) void call(xsMachine *machine, struct wx_timer *timer)
{
	xsBeginHost(machine);
	xsmcVars(1);
	xsVar(0) = xsAccess(timer->callback);
	xsCallFunction0(xsVar(0), xsUndefined);
	xsEndHost(machine);
}

/* Light sleep until the first timer, or something that wakes the chip. True: a timer is due. */
static bool idle(struct wx_device *device)
{
	struct wx_io *io = device->machine.port.io;
	for (;;) {
		uint64_t due = device->timers ? device->timers->due * 1000 : WX_IO_NEVER, event = wx_io_due(io);
		if (due <= wx_io_time(io))
			return true;
		if (io->any_pending || (due == WX_IO_NEVER && event == WX_IO_NEVER))
			return false;
		if (io->state != WX_IO_SLEEP)
			wx_call_timeout_waits(device, true);
		wx_io_set_state(io, WX_IO_SLEEP);
		wx_io_advance_to(io, due < event ? due : event);
	}
}

bool wx_timers_run(struct wx_device *device)
{
	struct wx_io *io = device->machine.port.io;
	struct wx_timer *timer;
	bool due = idle(device);
	if (!due && !io->any_pending)
		return false;
	if (io->state == WX_IO_SLEEP) {
		wx_io_set_state(io, WX_IO_ACTIVE);
		wx_io_spend(io, WX_IO_CALL_WAKE);
		wx_call_timeout_waits(device, false);
	}
	if (!due)
		return true;
	timer = device->timers;
	wx_io_spend(io, WX_IO_CALL_TURN);
	timer->running = 1;
	call(device->machine.xs, timer);
	/* The callback may have put others before it in the list. */
	{
		struct wx_timer **address = &device->timers;
		while (*address != timer)
			address = &(*address)->next;
		*address = timer->next;
	}
	timer->running = 0;
	if (timer->repeats && !timer->cleared) {
		timer->due += timer->interval;
		insert(device, timer);
	} else
		drop(device, timer);
	return true;
}

void wx_timers_release(struct wx_device *device)
{
	while (device->timers) {
		struct wx_timer *timer = device->timers;
		device->timers = timer->next;
		drop(device, timer);
	}
}
