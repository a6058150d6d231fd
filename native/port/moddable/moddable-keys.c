/* The engine's keys, which XS 17 takes out by itself where it was built so (mxKeysGarbageCollection). */

#include "xsAll.h"
#include "xs.h"
#include "moddable.h"
#include "../../xs/engine.h"

uint32_t wx_port_keys_used(xsMachine *the)
{
	return (uint32_t)the->keyIndex;
}

/* The engine takes a larger table when this one is full, if the manifest's `creation` says by how many. */
uint32_t wx_port_keys_room(xsMachine *the)
{
	return (uint32_t)(the->keyCount - the->keyIndex);
}

void wx_port_collect_keys(xsMachine *the)
{
#if mxKeysGarbageCollection
	struct wx_port *port = wx_port_of(the);
	bool collecting = port->collecting;
	if (!wx_stack_room(the, 0))
		return;
	port->collecting = true;
	fxCollect(the, XS_COLLECT_KEYS_FLAG | XS_ORGANIC_FLAG);
	port->collecting = collecting;
#else
	(void)the;
#endif
}
