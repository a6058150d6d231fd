/* From power-on to the end: the device's machine, made, run and deleted at each reset. */

#include "xsmc.h"
#include "machine.h"

/* What the world is told when the program has ended; it may go on, with nobody to answer. */
static void tell_end(struct wx_machine *machine, void *data)
{
	struct wx_io *io = machine->port.io;
	(void)data;
	if (!machine->device->world)
		return;
	wx_io_ask(io, WX_IO_ASK_SCRIPT_END, machine->status, 0, 0, 0, machine->message, NULL);
	wx_io_set_state(io, WX_IO_SLEEP);
	while (wx_io_due(io) != WX_IO_NEVER)
		wx_io_advance_to(io, wx_io_due(io));
}

/* The module of the image, or the script, that the options name. */
static void begin_program(struct wx_machine *machine)
{
	const struct wx_options *options = &machine->device->options;
	if (options->script) {
		if (wx_load_script(machine, options->script, "script"))
			wx_import(machine, "script");
		else {
			fprintf(stderr, "%s: not the byte code of a script\n", options->script);
			machine->status = WX_BOARD;
			machine->exiting = true;
		}
	} else if (options->main)
		wx_import(machine, options->main);
	else
		machine->imported = true;
}

static void run(struct wx_machine *machine, void *data)
{
	struct wx_device *device = machine->device;
	struct wx_io *io = machine->port.io;
	(void)data;
	wx_machine_create(machine);
	if (io->restarts)
		wx_io_ask(io, WX_IO_ASK_RESET, io->wake, 0, 0, 0, NULL, NULL);
	wx_import(machine, "main");
	while (!machine->imported && wx_turn(device))
		;
	if (machine->status || !machine->imported) {
		machine->status = WX_BOARD;
		return;
	}
	machine->imported = false;
	wx_io_spend(io, WX_IO_CALL_BOOT);
	wx_machine_collect_always(machine);
	begin_program(machine);
	while (wx_turn(device))
		;
	if (!machine->exiting && !machine->imported) {
		fprintf(stderr, "the script waits for something that will not come\n");
		machine->status = WX_FAILED;
	}
	if (!machine->exiting)
		wx_machine_check_rejections(machine);
	tell_end(machine, NULL);
}

/* One life of the machine, from power-on or reset to its end. */
static void live(struct wx_device *device)
{
	struct wx_machine *machine = &device->machine;
	int status;
	device->leave = WX_STAY;
	machine->exiting = false;
	machine->status = WX_DONE;
	wx_alloc_init(&machine->port.alloc, machine->budget.native);
	wx_alloc_init(&machine->engine, 0);
	if (!wx_guarded(machine, run, NULL, &status) && device->leave == WX_STAY) {
		machine->status = wx_is_uncaught(status) ? WX_FAILED : WX_BOARD;
		wx_tell(machine);
		/* The scenario goes on; it may leave here in its turn. */
		wx_guarded(machine, tell_end, NULL, &status);
	}
	wx_port_mark(WX_PHASE_NONE);
}

static void sleep_in_world(struct wx_machine *machine, void *data)
{
	(void)data;
	wx_world_sleep(machine->device);
}

/* Off, until it is to wake: only the world goes on. False: it left before; device->leave says why. */
static bool sleep_deeply(struct wx_device *device)
{
	int status;
	device->leave = WX_STAY;
	return wx_guarded(&device->machine, sleep_in_world, NULL, &status) || device->leave == WX_LEAVE_RESET;
}

/* The machine goes; pins, clock and world stay. */
static void reset(struct wx_device *device)
{
	wx_timers_release(device);
	wx_call_timeout_reset(device);
	wx_machine_delete(&device->machine);
}

static void paint_cstack(struct wx_machine *machine)
{
	volatile uint8_t *p = (uint8_t *)machine->cstack_top - machine->budget.cstack;
	volatile uint8_t *end = (uint8_t *)__builtin_frame_address(0) - 1024;
	while (p < end)
		*p++ = 0xA5;
}

int wx_live(struct wx_device *device)
{
	struct wx_io *io = device->machine.port.io;
	enum wx_leave leave;
	char top;
	device->machine.cstack_top = &top;
	paint_cstack(&device->machine);
	if (device->options.scenario && !wx_world_start(device))
		return WX_BOARD;
	for (;;) {
		live(device);
		leave = device->leave;
		if (leave != WX_LEAVE_RESET && leave != WX_LEAVE_SLEEP)
			break;
		fflush(stdout);
		reset(device);
		wx_io_reset(io, (enum wx_io_wake)io->wake);
		/* A supply that fails while it sleeps is another such sleep. */
		while (leave == WX_LEAVE_SLEEP && !sleep_deeply(device))
			leave = device->leave;
		if (leave == WX_LEAVE_END)
			break;
	}
	wx_write_reply(device);
	fflush(stdout);
	reset(device);
	if (device->world)
		wx_world_stop(device);
	return device->machine.status;
}
