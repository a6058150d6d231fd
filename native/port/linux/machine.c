/* A machine, made and deleted. */

#include "xsAll.h"
#include "xs.h"
#include "machine.h"
#include "../../xs/guards.h"

const char wx_port_module_prefix[] = "";

/* Of an engine that can collect garbage at every allocation (mxStress): whether it does. */
extern int gxStress __attribute__((weak));

void wx_machine_collect_always(struct wx_machine *machine)
{
	if (&gxStress)
		gxStress = wx_port_limit(machine->xs, "collectAlways", 0) != 0;
}

void wx_machine_create(struct wx_machine *machine)
{
	const struct wx_budget *budget = &machine->budget;
	txCreation creation;
	txMachine *the;
	c_memset(&creation, 0, sizeof(creation));
	creation.initialChunkSize = (txSize)budget->chunks;
	creation.initialHeapCount = (txSize)(budget->slots / sizeof(txSlot));
	creation.stackCount = (txSize)(budget->stack / sizeof(txSlot));
	creation.initialKeyCount = (txSize)budget->keys;
	creation.nameModulo = 127;
	creation.symbolModulo = 127;
	creation.parserBufferSize = 1024;
	creation.parserTableModulo = 127;
	machine->first_key = machine->free_keys = machine->free_key = 0;
	the = fxCreateMachine(&creation, "wait-xs", machine, XS_NO_ID);
	machine->xs = the;
	if (!the)
		wx_abandon(machine, XS_NOT_ENOUGH_MEMORY_EXIT, "no memory for a machine");
	machine->port.alloc.collector = (struct wx_collector){ .collect = wx_collect_slots, .data = the };
	wx_make_keys(the);
	wx_bind_natives(the);
	machine->first_key = the->keyIndex;
}

bool wx_machine_run_jobs(struct wx_machine *machine)
{
	txMachine *the = machine->xs;
	if (!machine->promise_jobs)
		return false;
	machine->promise_jobs = false;
	fxBeginHost(the);
	fxRunPromiseJobs(the);
	fxEndHost(the);
	return true;
}

void wx_machine_check_rejections(struct wx_machine *machine)
{
	txMachine *the = machine->xs;
	fxBeginHost(the);
	fxCheckUnhandledRejections(the, 1);
	fxEndHost(the);
}

void wx_machine_delete(struct wx_machine *machine)
{
	struct wx_machine *entered = wx_engine_use(machine);
	machine->port.alloc.busy = true;
	if (machine->xs) {
		fxDeleteMachine(machine->xs);
		machine->xs = NULL;
	}
	machine->port.watches_pins = false;
	machine->promise_jobs = false;
	machine->imported = false;
	machine->slot_bytes = machine->chunk_bytes = machine->stack_bytes = 0;
	wx_alloc_release(&machine->port.alloc);
	wx_alloc_release(&machine->engine);
	wx_release_scripts(machine);
	wx_engine_use(entered);
}
