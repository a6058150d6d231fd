/* Guards: what is abandoned when the engine's memory is exhausted, or when the machine is left. */

#include "xsAll.h"
#include "xs.h"
#include "machine.h"
#include "../../xs/engine.h"

struct wx_guard {
	jmp_buf buffer;
	struct wx_guard *outer;
	txJump *jump; /* the machine's innermost jump outside of the guard */
	int status;
};

static const char *exhausted(txMachine *the, int status)
{
	switch (status) {
	case XS_STACK_OVERFLOW_EXIT: return "stack overflow";
	case XS_NOT_ENOUGH_MEMORY_EXIT:
		return the->freeHeap ? "out of memory: JavaScript chunks" : "out of memory: JavaScript slots";
	case XS_NO_MORE_KEYS_EXIT: return "out of memory: JavaScript keys";
	case XS_TOO_MUCH_COMPUTATION_EXIT: return "too much computation";
	default: return "XS aborted";
	}
}

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

static XS_FUNCTION_NORETURN void jump_to(struct wx_machine *machine, struct wx_guard *guard, int status)
{
	txMachine *the = machine->xs;
	guard->status = status;
	machine->guard = guard;
	/* Here, since the records are in frames that are gone after the jump. */
	while (the && the->firstJump && the->firstJump != guard->jump) {
		txJump *jump = the->firstJump;
		the->firstJump = jump->nextJump;
		if (jump->flag)
			c_free(jump);
	}
	longjmp(guard->buffer, 1);
}

static struct wx_guard *outermost(struct wx_guard *guard)
{
	while (guard->outer)
		guard = guard->outer;
	return guard;
}

bool wx_is_uncaught(int status)
{
	return status == XS_UNHANDLED_EXCEPTION_EXIT || status == XS_UNHANDLED_REJECTION_EXIT;
}

void fxAbort(txMachine *the, int status)
{
	struct wx_machine *machine = wx_machine_of(the);
	struct wx_guard *guard = machine ? machine->guard : NULL;
	if (!guard)
		abort();
	if (wx_is_uncaught(status))
		wx_describe_exception(the);
	else
		snprintf(machine->message, sizeof(machine->message), "%s", exhausted(the, status));
	/* These end the job, whoever guards; and after a half-done collection the heap is of no use to anybody. */
	if (wx_is_uncaught(status) || (the->collectFlag & XS_ORGANIC_FLAG) || machine->collecting)
		guard = outermost(guard);
	jump_to(machine, guard, status);
}

void wx_abandon(struct wx_machine *machine, int status, const char *message)
{
	snprintf(machine->message, sizeof(machine->message), "%s", message);
	jump_to(machine, outermost(machine->guard), status);
}

void wx_leave(struct wx_device *device, enum wx_leave leave)
{
	device->leave = leave;
	jump_to(&device->machine, outermost(device->machine.guard), 0);
}

bool wx_guarded(
	struct wx_machine *machine, void (*callback)(struct wx_machine *machine, void *data), void *data, int *status)
{
	struct wx_guard guard;
	struct wx_guard *before = machine->guard;
	struct wx_machine *entered = wx_engine_use(machine);
	volatile bool done = false;
	guard.outer = NULL;
	guard.jump = machine->xs ? ((txMachine *)machine->xs)->firstJump : NULL;
	guard.status = 0;
	machine->guard = &guard;
	if (setjmp(guard.buffer) == 0) {
		(*callback)(machine, data);
		done = true;
	}
	machine->guard = before;
	wx_engine_use(entered);
	*status = guard.status;
	return done;
}

/* ---- calls of native/xs/port.h ---- */

const char *wx_port_exhausted(xsMachine *the)
{
	return wx_machine_of(the)->message;
}

int wx_port_guard(xsMachine *the, void (*callback)(xsMachine *the, void *data), void *data)
{
	struct wx_machine *machine = wx_machine_of(the);
	struct wx_guard guard;
	txSlot *stack = the->stack, *scope = the->scope, *frame = the->frame;
	txByte *code = the->code;
	volatile int thrown = 0;
	guard.outer = machine->guard;
	guard.jump = the->firstJump;
	guard.status = 0;
	machine->guard = &guard;
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
	machine->guard = guard.outer;
	if (thrown)
		fxJump(the);
	return guard.status;
}

void wx_port_collect(xsMachine *the)
{
	struct wx_machine *machine = wx_machine_of(the);
	bool collecting = machine->collecting;
	/* A collection that is cut short ends the machine: fxAbort. */
	machine->collecting = true;
	fxCollectGarbage(the);
	machine->collecting = collecting;
}

bool wx_collect_slots(void *data)
{
	txMachine *the = data;
	struct wx_machine *machine = wx_machine_of(the);
	/* Not from a marker or a destructor, and not without room for marking: what cuts it short ends the machine. */
	if (machine->collecting || (the->collectFlag & (XS_COLLECTING_FLAG | XS_ORGANIC_FLAG)) != XS_COLLECTING_FLAG)
		return false;
	if (!wx_stack_room(the, 0))
		return false;
	machine->collecting = true;
	fxCollect(the, XS_ORGANIC_FLAG);
	machine->collecting = false;
	return true;
}

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
