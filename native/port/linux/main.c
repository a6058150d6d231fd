/*
 * The program of a board that is a process: its options, and what they begin.
 *
 * Protocol. Options: see usage() below. Output of the script goes to stdout, one clear line for whoever reads when
 * something went wrong to stderr. On the descriptor of --reply, lines of JSON: one for each xs_host_reply(string) of
 * the script, and a last one by the program itself, {"status":N,"memory":{...}}, memory in bytes. Exit status: 0 done,
 * 1 uncaught exception, 2 as the script says by xs_host_exit, 3 usage, 4 the board failed (out of JavaScript memory
 * ...).
 */

#include "xsmc.h"
#include "machine.h"
#include "../../io/gpio-registers.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

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

static int parse(struct wx_device *device, int argc, char **argv)
{
	struct wx_budget *budget = &device->machine.budget;
	struct wx_options *o = &device->options;
	const struct {
		const char *name;
		uint32_t *value;
	} numbers[] = {
		{ "--slots", &budget->slots },
		{ "--chunks", &budget->chunks },
		{ "--stack", &budget->stack },
		{ "--cstack", &budget->cstack },
		{ "--keys", &budget->keys },
		{ "--native", &budget->native },
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
			o->virtual_time = true;
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
			if (!number(argv[i + 1], &descriptor) || !(device->reply = fdopen((int)descriptor, "w")))
				return usage("--reply needs an open descriptor");
			known = 1;
		}
		if (!known)
			return usage("unknown option");
		i++;
	}
	if (budget->keys > 32000)
		return usage("too many keys");
	return 0;
}

static void release_options(struct wx_options *options)
{
	while (options->files) {
		struct wx_file *file = options->files;
		options->files = file->next;
		free(file);
	}
	while (options->limits) {
		struct wx_limit *limit = options->limits;
		options->limits = limit->next;
		free(limit);
	}
}

int main(int argc, char **argv)
{
	struct wx_device device;
	struct wx_io *io = calloc(1, sizeof(*io));
	int status;
	/* A runaway module must not outlive whoever started it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	wx_registers_reserve();
	memset(&device, 0, sizeof(device));
	device.machine.device = &device;
	device.machine.port.io = io;
	device.machine.budget = (struct wx_budget){ wx_board.slots, wx_board.chunks, wx_board.stack, wx_board.cstack,
		wx_board.keys, wx_board.native };
	status = parse(&device, argc, argv);
	if (!status && !io)
		status = WX_BOARD;
	if (!status) {
		wx_io_init(io, device.options.seed);
		io->data = &device;
		wx_clock_start(&device);
		status = wx_live(&device);
	}
	free(io);
	release_options(&device.options);
	if (device.reply)
		fclose(device.reply);
	return status;
}
