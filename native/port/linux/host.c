/*
 * The program of a board that is a process: options, natives of the host itself, clock. How it runs, what happens when
 * JavaScript memory is exhausted: host.h and platform.c.
 *
 * Protocol. Options: see usage() below. Output of the script goes to stdout, one clear line for whoever reads when
 * something went wrong to stderr. On the descriptor of --reply, lines of JSON: one for each xs_host_reply(string) of
 * the script, and a last one by the host itself, {"status":N,"memory":{...}}, memory in bytes. Exit status: 0 done, 1
 * uncaught exception, 2 as the script says by xs_host_exit, 3 usage, 4 the board failed (out of JavaScript memory ...).
 */

#include "xsmc.h"
#include "host.h"
#include "../../xs/natives.h"
#include "../../io/gpio-registers.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/syscall.h>
#endif

static uint64_t microseconds(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t wx_host_now(struct wx_host *host)
{
	return wx_io_time(host->io) / 1000;
}

/* The board's clock runs by itself only outside of scenarios and --virtual-time. */
static uint64_t real_time(void *data)
{
	struct wx_host *host = data;
	return (microseconds(CLOCK_REALTIME) - host->started) * 1000;
}

void wx_count_mark(enum wx_phase phase)
{
#ifdef __linux__
	/* No such descriptor, so nothing happens, but the counting plugin of the emulator sees it. */
	syscall(SYS_write, -77, (long)phase, 0);
#else
	(void)phase;
#endif
}

void *wx_host_this(xsMachine *the, void (*destructor)(void *data))
{
	void *data = xsmcGetHostDataValidate(xsThis, destructor);
	if (!data)
		xsUnknownError("closed");
	return data;
}

uint32_t wx_host_limit(xsMachine *the, const char *name, uint32_t otherwise)
{
	const struct wx_limit *limit;
	int i;
	for (limit = wx_host_of(the)->options.limits; limit; limit = limit->next)
		if (!strcmp(limit->name, name))
			return limit->value;
	for (i = 0; i < wx_board.limit_count; i++)
		if (!strcmp(wx_board.limits[i].name, name))
			return wx_board.limits[i].value;
	return otherwise;
}

/* undefined when the board has no such limit */
void xs_host_limit(xsMachine *the)
{
	uint32_t value = wx_host_limit(the, xsmcToString(xsArg(0)), UINT32_MAX);
	if (value != UINT32_MAX)
		xsmcSetInteger(xsResult, (xsIntegerValue)value);
}

/* "name isa" */
void xs_host_board(xsMachine *the)
{
	char buffer[64];
	snprintf(buffer, sizeof(buffer), "%s %s", wx_board.name, wx_board.isa);
	xsmcSetString(xsResult, buffer);
}

void xs_host_print(xsMachine *the)
{
	struct wx_host *host = wx_host_of(the);
	int number = xsmcToInteger(xsArg(0));
	FILE *stream = number == 2 ? stderr : stdout;
	if (host->world) {
		/* In a scenario the log is the world's, which shows it with its time. */
		wx_io_spend(host->io, WX_IO_CALL_LOG);
		wx_io_ask(host->io, WX_IO_ASK_LOG, number, 0, 0, 0, xsmcToString(xsArg(1)), NULL);
		return;
	}
	fputs(xsmcToString(xsArg(1)), stream);
	fputc('\n', stream);
	fflush(stream);
}

void xs_host_request(xsMachine *the)
{
	struct wx_host *host = wx_host_of(the);
	if (host->options.request)
		xsmcSetString(xsResult, (xsStringValue)host->options.request);
}

void xs_host_reply(xsMachine *the)
{
	struct wx_host *host = wx_host_of(the);
	xsStringValue string = xsmcToString(xsArg(0));
	if (host->reply) {
		fputs(string, host->reply);
		fputc('\n', host->reply);
		fflush(host->reply);
	}
}

/* (status, why): takes effect when the job has ended; a scenario is told why */
void xs_host_exit(xsMachine *the)
{
	struct wx_host *host = wx_host_of(the);
	if (xsmcArgc > 1)
		snprintf(host->message, sizeof(host->message), "%s", xsmcToString(xsArg(1)));
	host->status = xsmcToInteger(xsArg(0)) & 0xff;
	host->exiting = 1;
}

void xs_host_collect(xsMachine *the)
{
	struct wx_host *host = wx_host_of(the);
	/* Slots and strings of names that go are garbage then. */
	wx_keys_collect(the);
	host->collecting = 1;
	xsCollectGarbage();
	host->collecting = 0;
}

/* Peaks begin anew with what is in use now; the stacks', which are read from painted memory, do not. */
void xs_host_peaks(xsMachine *the)
{
	wx_host_reset_peaks(the);
}

void xs_host_memory(xsMachine *the)
{
	struct wx_memory memory;
	wx_host_memory(wx_host_of(the), &memory);
	xsmcVars(1);
	xsmcSetNewObject(xsResult);
#define FIELD(NAME, VALUE) \
	xsmcSetInteger(xsVar(0), (xsIntegerValue)memory.VALUE); \
	xsmcSet(xsResult, xsID(#NAME), xsVar(0))
	FIELD(slots, slots);
	FIELD(slotsPeak, slots_peak);
	FIELD(slotsLive, slots_live);
	FIELD(chunks, chunks);
	FIELD(chunksPeak, chunks_peak);
	FIELD(chunksLive, chunks_live);
	FIELD(stack, stack);
	FIELD(stackPeak, stack_peak);
	FIELD(cStackPeak, cstack_peak);
	FIELD(engine, engine);
	FIELD(enginePeak, engine_peak);
	FIELD(native, native);
	FIELD(nativePeak, native_peak);
	FIELD(script, script);
	FIELD(keys, keys);
	FIELD(keysUsed, keys_used);
#undef FIELD
}

void xs_host_mark(xsMachine *the)
{
	wx_count_mark((enum wx_phase)(xsmcToInteger(xsArg(0)) & (WX_PHASES - 1)));
}

static void call_guarded(xsMachine *the, void *data)
{
	(void)data;
	xsResult = xsCallFunction0(xsArg(0), xsUndefined);
}

/*
 * Calls the function; when it exhausts JavaScript memory, abandons it and throws a RangeError that says what was short.
 */
void xs_host_guard(xsMachine *the)
{
	struct wx_host *host = wx_host_of(the);
	if (!xsmcIsCallable(xsArg(0)))
		xsTypeError("no function");
	if (wx_host_guard(the, call_guarded, NULL)) {
		xsmcSetUndefined(xsResult);
		host->collecting = 1;
		xsCollectGarbage();
		host->collecting = 0;
		xsRangeError("%s", wx_host_exhausted(the));
	}
}

uint64_t wx_host_microseconds(void)
{
	return microseconds(CLOCK_MONOTONIC);
}

/* Milliseconds of real time, for ratios within one run. */
void xs_host_clock(xsMachine *the)
{
	xsmcSetNumber(xsResult, (xsNumberValue)microseconds(CLOCK_MONOTONIC) / 1000);
}

static int usage(const char *problem)
{
	fprintf(stderr,
		"%s\n"
		"options: --slots BYTES --chunks BYTES --stack BYTES --cstack BYTES --keys N --native BYTES --virtual-time\n"
		"         --limit NAME=VALUE --scenario FILE --trace FILE --seed N\n"
		"         --script FILE | --main MODULE, --request JSON, --reply DESCRIPTOR, --file NAME=PATH, --files "
		"FOLDER\n",
		problem);
	return WX_USAGE;
}

static int number(const char *text, uint32_t *value)
{
	char *end;
	unsigned long result = strtoul(text, &end, 10);
	if (end == text || *end || result > 0x7fffffff)
		return 0;
	*value = (uint32_t)result;
	return 1;
}

static int add_file(struct wx_options *options, char *argument)
{
	char *equal = strchr(argument, '=');
	struct wx_file **address = &options->files;
	struct wx_file *file;
	if (!equal || equal == argument)
		return 0;
	file = calloc(1, sizeof(*file));
	if (!file)
		return 0;
	*equal = 0;
	file->name = argument;
	file->path = equal + 1;
	while (*address)
		address = &(*address)->next;
	*address = file;
	return 1;
}

static int add_limit(struct wx_options *options, char *argument)
{
	char *equal = strchr(argument, '=');
	struct wx_limit *limit;
	uint32_t value;
	if (!equal || !number(equal + 1, &value))
		return 0;
	limit = calloc(1, sizeof(*limit));
	if (!limit)
		return 0;
	*equal = 0;
	limit->name = argument;
	limit->value = value;
	limit->next = options->limits;
	options->limits = limit;
	return 1;
}

static int parse(struct wx_host *host, int argc, char **argv)
{
	struct wx_options *o = &host->options;
	const struct {
		const char *name;
		uint32_t *value;
	} numbers[] = {
		{ "--slots", &o->slots },
		{ "--chunks", &o->chunks },
		{ "--stack", &o->stack },
		{ "--cstack", &o->cstack },
		{ "--keys", &o->keys },
		{ "--native", &o->native },
		{ "--seed", &o->seed },
	};
	const struct {
		const char *name;
		const char **value;
	} strings[] = {
		{ "--script", &o->script },
		{ "--main", &o->main },
		{ "--request", &o->request },
		{ "--files", &o->directory },
		{ "--scenario", &o->scenario },
		{ "--trace", &o->trace },
	};
	int i;
	size_t j;
	for (i = 1; i < argc; i++) {
		int known = 0;
		if (!strcmp(argv[i], "--virtual-time")) {
			o->virtual_time = 1;
			continue;
		}
		if (i + 1 == argc)
			return usage("an option without its value");
		for (j = 0; j < sizeof(numbers) / sizeof(numbers[0]); j++)
			if (!strcmp(argv[i], numbers[j].name)) {
				if (!number(argv[i + 1], numbers[j].value))
					return usage("not a number");
				known = 1;
			}
		for (j = 0; j < sizeof(strings) / sizeof(strings[0]); j++)
			if (!strcmp(argv[i], strings[j].name)) {
				*strings[j].value = argv[i + 1];
				known = 1;
			}
		if (!strcmp(argv[i], "--file")) {
			if (!add_file(o, argv[i + 1]))
				return usage("--file needs NAME=PATH");
			known = 1;
		}
		if (!strcmp(argv[i], "--limit")) {
			if (!add_limit(o, argv[i + 1]))
				return usage("--limit needs NAME=VALUE");
			known = 1;
		}
		if (!strcmp(argv[i], "--reply")) {
			uint32_t descriptor;
			if (!number(argv[i + 1], &descriptor) || !(host->reply = fdopen((int)descriptor, "w")))
				return usage("--reply needs an open descriptor");
			known = 1;
		}
		if (!known)
			return usage("unknown option");
		i++;
	}
	if (o->keys > 32000)
		return usage("too many keys");
	return 0;
}

int main(int argc, char **argv)
{
	struct wx_host host;
	int status;
	/* A runaway module must not outlive whoever started it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	wx_registers_reserve();
	memset(&host, 0, sizeof(host));
	host.options.slots = wx_board.slots;
	host.options.chunks = wx_board.chunks;
	host.options.stack = wx_board.stack;
	host.options.cstack = wx_board.cstack;
	host.options.keys = wx_board.keys;
	host.options.native = wx_board.native;
	host.started = microseconds(CLOCK_REALTIME);
	status = parse(&host, argc, argv);
	host.io = calloc(1, sizeof(*host.io));
	if (!status && !host.io)
		status = WX_BOARD;
	if (!status) {
		wx_io_init(host.io, host.options.seed);
		host.io->data = &host;
		if (!host.options.virtual_time && !host.options.scenario)
			host.io->clock = real_time;
		wx_io_update(host.io);
		status = wx_host_run(&host);
	}
	free(host.io);
	while (host.options.files) {
		struct wx_file *file = host.options.files;
		host.options.files = file->next;
		free(file);
	}
	while (host.options.limits) {
		struct wx_limit *limit = host.options.limits;
		host.options.limits = limit->next;
		free(limit);
	}
	if (host.reply)
		fclose(host.reply);
	return status;
}
