/* Natives over the port's calls, for TypeScript that runs on any board. */

#include "xsmc.h"
#include "port.h"
#include "guards.h"
#include "natives.h"

/* (name) => a limit of the board; undefined when it has none of that name */
void xs_host_limit(xsMachine *the)
{
	uint32_t value = wx_port_limit(the, xsmcToString(xsArg(0)), UINT32_MAX);
	if (value != UINT32_MAX)
		xsmcSetInteger(xsResult, (xsIntegerValue)value);
}

void xs_host_collect(xsMachine *the)
{
	/* Slots and strings of names that go are garbage then. */
	wx_port_collect_keys(the);
	wx_collect_garbage(the);
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
	if (!xsmcIsCallable(xsArg(0)))
		xsTypeError("no function");
	if (wx_guard(the, call_guarded, NULL)) {
		xsmcSetUndefined(xsResult);
		wx_collect_garbage(the);
		xsRangeError("%s", wx_guard_message(the));
	}
}

/* Milliseconds of real time, for ratios within one run. */
void xs_host_clock(xsMachine *the)
{
	xsmcSetNumber(xsResult, (xsNumberValue)wx_port_real_time() / 1000);
}

/* (enum wx_phase) */
void xs_host_mark(xsMachine *the)
{
	wx_port_mark((enum wx_phase)(xsmcToInteger(xsArg(0)) & (WX_PHASE_BACK - 1)));
}
