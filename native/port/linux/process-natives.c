/* What a script tells whoever started the process, and what it is told. */

#include "xsmc.h"
#include "machine.h"
#include "linux-natives.h"

#include <string.h>

/* "name isa" */
void xs_host_board(xsMachine *the)
{
	char buffer[64];
	snprintf(buffer, sizeof(buffer), "%s %s", wx_board.name, wx_board.isa);
	xsmcSetString(xsResult, buffer);
}

static FILE *stream_of(int number)
{
	return number == 2 ? stderr : stdout;
}

void wx_port_write(xsMachine *the, int stream, const void *bytes, size_t size)
{
	(void)the;
	fwrite(bytes, 1, size, stream_of(stream));
	fflush(stream_of(stream));
}

static void write_line(FILE *stream, const char *line)
{
	fputs(line, stream);
	fputc('\n', stream);
	fflush(stream);
}

/* (1 or 2, line) */
void xs_host_print(xsMachine *the)
{
	struct wx_device *device = wx_device_of(the);
	struct wx_io *io = device->machine.port.io;
	int number = xsmcToInteger(xsArg(0));
	if (device->world) {
		/* In a scenario the log is the world's, which shows it with its time. */
		wx_io_spend(io, WX_IO_CALL_LOG);
		wx_io_ask(io, WX_IO_ASK_LOG, number, 0, 0, 0, xsmcToString(xsArg(1)), NULL);
		return;
	}
	wx_print(stream_of(number), xsmcToString(xsArg(1)));
}

void xs_host_request(xsMachine *the)
{
	const char *request = wx_device_of(the)->options.request;
	if (request)
		xsmcSetString(xsResult, (xsStringValue)request);
}

void xs_host_reply(xsMachine *the)
{
	FILE *reply = wx_device_of(the)->reply;
	xsStringValue line = xsmcToString(xsArg(0));
	if (reply)
		write_line(reply, line);
}

/* (status, why): takes effect when the job has ended; a scenario is told why */
void xs_host_exit(xsMachine *the)
{
	struct wx_machine *machine = &wx_device_of(the)->machine;
	if (xsmcArgc > 1)
		snprintf(machine->message, sizeof(machine->message), "%s", xsmcToString(xsArg(1)));
	machine->status = xsmcToInteger(xsArg(0)) & 0xff;
	machine->exiting = true;
}
