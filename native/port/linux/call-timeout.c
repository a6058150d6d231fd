/*
 * The end of calls that take too long. In a scenario calls end in virtual time, when they have run so long without
 * waiting: the device's watchdog is an alarm of native/io. Elsewhere they end in real time, by native/run.
 */

#include "xsmc.h"
#include "machine.h"
#include "../../run/runtime.h"

void wx_call_timeout_bite(void *data)
{
	struct wx_device *device = data;
	if (device->watched)
		wx_interrupt(device->watched);
}

void wx_call_timeout_waits(struct wx_device *device, bool waits)
{
	struct wx_io *io = device->machine.port.io;
	if (!device->watched)
		return;
	io->watchdog = waits ? WX_IO_NEVER : wx_io_time(io) + (uint64_t)device->watch * 1000000;
	wx_io_update(io);
}

static void watch_virtually(struct wx_device *device, struct wx_runtime *runtime, uint32_t milliseconds)
{
	if (!milliseconds && device->watched)
		wx_call_timeout_waits(device, true);
	device->watched = milliseconds ? runtime : NULL;
	device->watch = milliseconds;
	wx_call_timeout_waits(device, false);
}

void wx_call_timeout_reset(struct wx_device *device)
{
	device->watched = NULL;
	device->watch_goes_on = device->watch_end != 0;
}

/* A program that sleeps deeply begins anew, again and again: all of that is one call to whoever gave it a time. */
static bool watch_really(struct wx_device *device, struct wx_runtime *runtime, uint32_t milliseconds)
{
	uint64_t now = wx_port_real_time(), left = (uint64_t)milliseconds * 1000;
	if (device->watch_goes_on && device->watch_end < now + left)
		left = device->watch_end > now ? device->watch_end - now : 0;
	device->watch_goes_on = false;
	device->watch_end = now + left;
	return wx_watchdog_start(runtime, (uint32_t)(left / 1000));
}

bool wx_port_watch(xsMachine *the, struct wx_runtime *runtime, uint32_t milliseconds)
{
	struct wx_device *device = wx_device_of(the);
	if (device->world)
		watch_virtually(device, runtime, milliseconds);
	else if (milliseconds)
		return watch_really(device, runtime, milliseconds);
	else {
		device->watch_goes_on = false;
		device->watch_end = 0;
		wx_watchdog_stop(runtime);
	}
	return true;
}
