/* Time: of the board, virtual or real, and of the process. */

#include "xsmc.h"
#include "machine.h"

#include <time.h>

/* Virtual time begins at 2024-01-01. */
#define VIRTUAL_DATE ((uint64_t)1704067200 * 1000000)

static uint64_t microseconds(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* A hook of native/io. */
static uint64_t real_time(void *data)
{
	struct wx_device *device = data;
	return (microseconds(CLOCK_REALTIME) - device->started) * 1000;
}

void wx_clock_start(struct wx_device *device)
{
	struct wx_io *io = device->machine.port.io;
	device->started = microseconds(CLOCK_REALTIME);
	if (!device->options.virtual_time && !device->options.scenario)
		io->clock = real_time;
	wx_io_update(io);
}

uint64_t wx_clock_now(const struct wx_machine *machine)
{
	return wx_io_time(machine->port.io) / 1000;
}

uint64_t wx_clock_date(const struct wx_machine *machine)
{
	return wx_clock_now(machine) + (machine->port.io->clock ? machine->device->started : VIRTUAL_DATE);
}

uint64_t wx_port_now(xsMachine *the)
{
	return wx_clock_now(wx_machine_of(the));
}

uint64_t wx_port_real_time(void)
{
	return microseconds(CLOCK_MONOTONIC);
}
