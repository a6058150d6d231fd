/*
 * A program of x-cli-lin, the SDK's desk without display: PROGRAM script=FILE [NAME=FILE ...]. It runs the script and
 * ends with it; the files can be read by their names. What the tests' guests ask of a board is here too.
 */

#include "xsmc.h"
#include "mc.xs.h"
#include "../../native/port/moddable/moddable.h"
#include "../../native/xs/guards.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Statuses of the process, as the command line's: docs/CLI.md. */
enum { DONE = 0, FAILED = 1, USAGE = 3, BOARD = 4 };

struct program {
	int argc;
	char **argv;
	bool ended;
	int status;
};

/* The program has one machine, and its natives find nothing of it but the machine's context, which is the port's. */
static struct program program;

void fxAbort(xsMachine *the, int status)
{
	if (xsGetContext(the))
		wx_guards_abort(the, status);
	fprintf(stderr, "%s\n", fxAbortString(status));
	exit(status == 0 ? DONE : BOARD);
}

/* (status) */
void xs_program_end(xsMachine *the)
{
	program.ended = true;
	program.status = xsmcToInteger(xsArg(0));
}

/* (stream, text): a line */
void xs_host_print(xsMachine *the)
{
	FILE *stream = xsmcToInteger(xsArg(0)) == 2 ? stderr : stdout;
	fprintf(stream, "%s\n", xsmcToString(xsArg(1)));
	fflush(stream);
}

/* (name) => ArrayBuffer; undefined when there is none of that name */
void xs_program_file(xsMachine *the)
{
	char name[256];
	size_t size;
	int i;
	xsmcToStringBuffer(xsArg(0), name, sizeof(name));
	size = strlen(name);
	for (i = 1; i < program.argc; i++)
		if (!strncmp(program.argv[i], name, size) && program.argv[i][size] == '=') {
			FILE *file = fopen(program.argv[i] + size + 1, "rb");
			long length;
			if (!file)
				xsUnknownError("file not found: %s", program.argv[i]);
			fseek(file, 0, SEEK_END);
			length = ftell(file);
			rewind(file);
			xsmcSetArrayBuffer(xsResult, NULL, (xsIntegerValue)length);
			if (fread(xsmcToArrayBuffer(xsResult), 1, (size_t)length, file) != (size_t)length)
				xsUnknownError("file not read: %s", program.argv[i]);
			fclose(file);
			return;
		}
}

int main(int argc, char **argv)
{
	xsMachine *the;
	void *context;
	program.argc = argc;
	program.argv = argv;
	if (argc < 2) {
		fprintf(stderr, "program script=FILE [NAME=FILE ...]\n");
		return USAGE;
	}
	the = fxPrepareMachine(NULL, xsPreparation(), "wait-xs", NULL, NULL);
	if (!the) {
		fprintf(stderr, "no machine\n");
		return BOARD;
	}
	xsBeginHost(the);
	xsmcVars(1);
	xsTry
	{
		xsVar(0) = xsAwaitImport("program", XS_IMPORT_NAMESPACE);
	}
	xsCatch
	{
		fprintf(stderr, "%s\n", xsmcToString(xsException));
		program.ended = true;
		program.status = FAILED;
	}
	xsEndHost(the);
	while (!program.ended)
		g_main_context_iteration(NULL, TRUE);
	context = xsGetContext(the);
	xsDeleteMachine(the);
	wx_moddable_release(context);
	return program.status;
}
