/* The outermost guards: what is abandoned when the machine is left, or its memory exhausted where nobody recovers. */

#include "xsAll.h"
#include "xs.h"
#include "machine.h"
#include "../../xs/guards.h"

struct wx_outer_guard {
	jmp_buf buffer;
	txJump *jump; /* the machine's innermost jump outside of the guard */
	int status;
};

void wx_describe_exception(txMachine *the)
{
	struct wx_machine *machine = wx_machine_of(the);
	machine->message[0] = 0;
	mxTry(the)
	{
		mxPush(mxException);
		fxToStringBuffer(the, the->stack, machine->message, sizeof(machine->message));
		mxPop();
	}
	mxCatch(the)
	{
	}
	if (!machine->message[0])
		strcpy(machine->message, "exception");
}

void wx_tell(const struct wx_machine *machine)
{
	if (machine->world || !machine->device->world)
		wx_print(stderr, machine->message);
}

static XS_FUNCTION_NORETURN void jump_out(struct wx_machine *machine, int status)
{
	struct wx_outer_guard *guard = machine->guard;
	txMachine *the = machine->xs;
	guard->status = status;
	/* Here, since the records are in frames that are gone after the jump. */
	while (the && the->firstJump && the->firstJump != guard->jump) {
		txJump *jump = the->firstJump;
		the->firstJump = jump->nextJump;
		if (jump->flag)
			c_free(jump);
	}
	longjmp(guard->buffer, 1);
}

bool wx_is_uncaught(int status)
{
	return status == XS_UNHANDLED_EXCEPTION_EXIT || status == XS_UNHANDLED_REJECTION_EXIT;
}

void fxAbort(txMachine *the, int status)
{
	struct wx_machine *machine = wx_machine_of(the);
	const char *text;
	if (!machine || !machine->guard)
		abort();
	if (wx_is_uncaught(status))
		wx_describe_exception(the);
	else {
		wx_guards_abort(the, status);
		text = wx_exhaustion_text(the, status);
		snprintf(machine->message, sizeof(machine->message), "%s", text ? text : "XS aborted");
	}
	jump_out(machine, status);
}

void wx_abandon(struct wx_machine *machine, int status, const char *message)
{
	snprintf(machine->message, sizeof(machine->message), "%s", message);
	jump_out(machine, status);
}

void wx_leave(struct wx_device *device, enum wx_leave leave)
{
	device->leave = leave;
	jump_out(&device->machine, 0);
}

bool wx_guarded(
	struct wx_machine *machine, void (*callback)(struct wx_machine *machine, void *data), void *data, int *status)
{
	struct wx_outer_guard guard;
	struct wx_outer_guard *before = machine->guard;
	struct wx_guard *inner = machine->port.guard;
	struct wx_machine *entered = wx_engine_use(machine);
	volatile bool done = false;
	guard.jump = machine->xs ? ((txMachine *)machine->xs)->firstJump : NULL;
	guard.status = 0;
	machine->guard = &guard;
	machine->port.guard = NULL;
	machine->port.collecting = false;
	if (setjmp(guard.buffer) == 0) {
		(*callback)(machine, data);
		done = true;
	}
	machine->guard = before;
	machine->port.guard = inner;
	wx_engine_use(entered);
	*status = guard.status;
	return done;
}

/* ---- calls of native/xs/port.h ---- */

void wx_port_restart(xsMachine *the)
{
	wx_leave(wx_device_of(the), WX_LEAVE_RESET);
}

void wx_port_sleep(xsMachine *the, const struct wx_wake *wake)
{
	struct wx_device *device = wx_device_of(the);
	device->wake = *wake;
	device->sleep_state = WX_IO_DEEP;
	wx_leave(device, WX_LEAVE_SLEEP);
}
