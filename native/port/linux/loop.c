/* The event loop of the device: jobs first, then callbacks of pins, then what is due next. */

#include "xsmc.h"
#include "machine.h"
#include "../../xs/io-bindings.h"

bool wx_turn(struct wx_device *device)
{
	struct wx_machine *machine = &device->machine;
	return !machine->exiting && (wx_machine_run_jobs(machine) || wx_io_dispatch(machine->xs) || wx_timers_run(device));
}
