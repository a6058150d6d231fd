/* What a script tells whoever started the process, and what it is told. */

#include "xsmc.h"
#include "machine.h"
#include "linux-natives.h"
#include "../../base/text.h"

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

/* A terminal obeys no escape sequence of it: what is not printable is shown as src/iot-api/printable.ts shows it. */
void wx_print(FILE *stream, const char *text)
{
	size_t size = strlen(text);
	uint32_t point, length;
	for (size_t at = 0; at < size; at += length ? length : 1) {
		/* The engine's zero. */
		bool zero = size - at > 1 && !memcmp(text + at, "\xC0\x80", 2);
		length = zero ? 2 : wx_text_character(text + at, size - at, &point);
		if (zero)
			point = 0;
		if (!length)
			fputs("\xEF\xBF\xBD", stream);
		else if (wx_text_printable(point) || point == '\n' || point == '\t')
			fwrite(text + at, 1, length, stream);
		else
			fprintf(stream, point < 0x100 ? "\\x%02x" : "\\u%04x", (unsigned)point);
	}
	fputc('\n', stream);
	fflush(stream);
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
