/* Exhaustion of the engine's memory, and garbage. */

#include "xsAll.h"
#include "xs.h"
#include "port.h"
#include "guards.h"
#include "engine.h"

#include <setjmp.h>

struct wx_guard {
	jmp_buf buffer;
	struct wx_guard *outer;
	txJump *jump; /* the machine's innermost jump outside of the guard */
	int status;
};

const char *wx_exhaustion_text(xsMachine *the, int status)
{
	switch (status) {
#if XS_MAJOR_VERSION < 17
	case XS_STACK_OVERFLOW_EXIT: return "stack overflow";
#else
	case XS_JAVASCRIPT_STACK_OVERFLOW_EXIT:
	case XS_NATIVE_STACK_OVERFLOW_EXIT: return "stack overflow";
#endif
	case XS_NOT_ENOUGH_MEMORY_EXIT:
		return the->freeHeap ? "out of memory: JavaScript chunks" : "out of memory: JavaScript slots";
	case XS_NO_MORE_KEYS_EXIT: return "out of memory: JavaScript keys";
	case XS_TOO_MUCH_COMPUTATION_EXIT: return "too much computation";
	default: return C_NULL;
	}
}

void wx_guards_abort(xsMachine *the, int status)
{
	struct wx_port *port = wx_port_of(the);
	struct wx_guard *guard = port->guard;
	const char *message = wx_exhaustion_text(the, status);
	if (!guard || !message || (the->collectFlag & XS_ORGANIC_FLAG) || port->collecting)
		return;
	port->exhausted = message;
	guard->status = status;
	/* Here, since the records are in frames that are gone after the jump. */
	while (the->firstJump && the->firstJump != guard->jump) {
		txJump *jump = the->firstJump;
		the->firstJump = jump->nextJump;
		if (jump->flag)
			c_free(jump);
	}
	longjmp(guard->buffer, 1);
}

int wx_guard(xsMachine *the, void (*callback)(xsMachine *the, void *data), void *data)
{
	struct wx_port *port = wx_port_of(the);
	struct wx_guard guard;
	txSlot *stack = the->stack, *scope = the->scope, *frame = the->frame;
	txByte *code = the->code;
	volatile int thrown = 0;
	guard.outer = port->guard;
	guard.jump = the->firstJump;
	guard.status = 0;
	port->guard = &guard;
	if (setjmp(guard.buffer) == 0) {
		mxTry(the)
		{
			callback(the, data);
		}
		mxCatch(the)
		{
			thrown = 1;
		}
	} else {
		the->stack = stack;
		the->scope = scope;
		the->frame = frame;
		the->code = code;
	}
	port->guard = guard.outer;
	if (thrown)
		fxJump(the);
	return guard.status;
}

const char *wx_guard_message(xsMachine *the)
{
	return wx_port_of(the)->exhausted;
}

/* ---- garbage ---- */

void wx_collect_garbage(xsMachine *the)
{
	struct wx_port *port = wx_port_of(the);
	bool collecting = port->collecting;
	port->collecting = true;
	fxCollectGarbage(the);
	port->collecting = collecting;
}

bool wx_collect_slots(void *machine)
{
	xsMachine *the = machine;
	struct wx_port *port = wx_port_of(the);
	/* Not from a marker or a destructor, and not without room for marking: what cuts it short ends the machine. */
	if (port->collecting || (the->collectFlag & (XS_COLLECTING_FLAG | XS_ORGANIC_FLAG)) != XS_COLLECTING_FLAG)
		return false;
	if (!wx_stack_room(the, 0))
		return false;
	port->collecting = true;
	fxCollect(the, XS_ORGANIC_FLAG);
	port->collecting = false;
	return true;
}
