/* The board that Linux is: time, output, the end of calls, and a program that starts anew. */

#define _GNU_SOURCE

#include "xsmc.h"
#include "../moddable.h"
#include "../../../run/runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static uint64_t nanoseconds(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* A hook of native/io. */
static uint64_t real_time(void *data)
{
	const struct wx_moddable *state = data;
	return nanoseconds(CLOCK_BOOTTIME) - state->started;
}

void wx_moddable_start_clock(struct wx_moddable *state)
{
	state->started = nanoseconds(CLOCK_BOOTTIME);
	state->io.data = state;
	state->io.clock = real_time;
	wx_io_update(&state->io);
}

uint64_t wx_port_now(xsMachine *the)
{
	return wx_io_time(wx_port_of(the)->io) / 1000;
}

uint64_t wx_port_real_time(void)
{
	return nanoseconds(CLOCK_MONOTONIC) / 1000;
}

void wx_port_write(xsMachine *the, int stream, const void *bytes, size_t size)
{
	FILE *file = stream == 2 ? stderr : stdout;
	(void)the;
	fwrite(bytes, 1, size, file);
	fflush(file);
}

bool wx_port_watch(xsMachine *the, struct wx_runtime *runtime, uint32_t milliseconds)
{
	(void)the;
	if (milliseconds)
		return wx_watchdog_start(runtime, milliseconds);
	wx_watchdog_stop(runtime);
	return true;
}

/* ---- the end of the machine ---- */

#define ARGUMENTS 64

/* The process gives all memory up, and begins again with the arguments that it was started with. */
void wx_port_restart(xsMachine *the)
{
	static char text[65536];
	char *arguments[ARGUMENTS + 1] = { NULL };
	FILE *file = fopen("/proc/self/cmdline", "rb");
	size_t size = file ? fread(text, 1, sizeof(text) - 1, file) : 0, at = 0;
	int count = 0;
	(void)the;
	while (at < size && count < ARGUMENTS) {
		arguments[count++] = text + at;
		while (text[at])
			at++;
		at++;
	}
	fflush(NULL);
	execv("/proc/self/exe", arguments);
	perror("restart");
	_exit(1);
}

/* Pins have no levels here, so a pin never wakes the program. */
void wx_port_sleep(xsMachine *the, const struct wx_wake *wake)
{
	uint64_t now = wx_io_time(wx_port_of(the)->io);
	fflush(NULL);
	if (wake->time == WX_IO_NEVER)
		_exit(0);
	while (now < wake->time) {
		struct timespec rest = { .tv_sec = (time_t)((wake->time - now) / 1000000000),
			.tv_nsec = (long)((wake->time - now) % 1000000000) };
		nanosleep(&rest, NULL);
		now = wx_io_time(wx_port_of(the)->io);
	}
	wx_port_restart(the);
}
