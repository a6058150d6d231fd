/* What a native finds from its machine. */

#include "xsmc.h"
#include "machine.h"

struct wx_port *wx_port_of(xsMachine *the)
{
	return xsGetContext(the);
}

struct wx_device *wx_device_of(xsMachine *the)
{
	struct wx_machine *machine = wx_machine_of(the);
	if (machine->world)
		xsUnknownError("not on a device");
	return machine->device;
}

struct wx_world *wx_world_of(xsMachine *the)
{
	struct wx_world *world = wx_machine_of(the)->world;
	if (!world)
		xsUnknownError("not in a world");
	return world;
}

void *wx_this_data(xsMachine *the, void (*destructor)(void *data))
{
	void *data = xsmcGetHostDataValidate(xsThis, destructor);
	if (!data)
		xsUnknownError("closed");
	return data;
}
