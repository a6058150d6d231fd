/* What XS asks of its platform: platform.h, but for modules (scripts.c) and the end (outer-guards.c). */

#include "xsAll.h"
#include "xs.h"
#include "machine.h"

/*
 * The one pointer that does not come by a parameter: the engine's allocation and clock calls carry no context. It is
 * whose machine runs, the device's or its world's, and nothing but these functions reads it.
 */
static struct wx_machine *running;

struct wx_machine *wx_engine_use(struct wx_machine *machine)
{
	struct wx_machine *before = running;
	running = machine;
	return before;
}

void *wx_engine_malloc(size_t size)
{
	return running ? wx_alloc(&running->engine, size) : NULL;
}

void *wx_engine_calloc(size_t count, size_t size)
{
	return running ? wx_calloc(&running->engine, count, size) : NULL;
}

void *wx_engine_realloc(void *data, size_t size)
{
	return running ? wx_realloc(&running->engine, data, size) : NULL;
}

void wx_engine_free(void *data)
{
	if (running)
		wx_free(&running->engine, data);
}

int wx_engine_gettimeofday(struct timeval *tv, void *zone)
{
	uint64_t now = 0;
	(void)zone;
	if (running) {
		/* Whoever waits by reading the time must see it pass. */
		wx_io_spend(running->port.io, WX_IO_CALL_TIME);
		now = wx_clock_date(running);
	}
	tv->tv_sec = (time_t)(now / 1000000);
	tv->tv_usec = (suseconds_t)(now % 1000000);
	return 0;
}

uint32_t modMilliseconds(void)
{
	struct timeval tv;
	wx_engine_gettimeofday(&tv, NULL);
	return (uint32_t)((uint64_t)tv.tv_sec * 1000 + (uint64_t)tv.tv_usec / 1000);
}

/* xsCommon.c's own is compiled under another name: a board's limit counts, not the process's. */
char *fxCStackLimit(void)
{
	if (!running || !running->budget.cstack)
		return NULL;
	return running->cstack_top - running->budget.cstack;
}

void *fxAllocateChunks(txMachine *the, txSize size)
{
	struct wx_machine *machine = the->context;
	void *data = malloc(size);
	if (data)
		machine->chunk_bytes += size;
	return data;
}

void fxFreeChunks(txMachine *the, void *data)
{
	(void)the;
	free(data);
}

txSlot *fxAllocateSlots(txMachine *the, txSize count)
{
	struct wx_machine *machine = the->context;
	txSlot *data = malloc((size_t)count * sizeof(txSlot));
	if (data) {
		if (the->stackBottom)
			machine->slot_bytes += count * sizeof(txSlot);
		else {
			/* Painted, so that its high-water mark can be read. */
			machine->stack_bytes = count * sizeof(txSlot);
			memset(data, 0xA5, machine->stack_bytes);
		}
	}
	return data;
}

void fxFreeSlots(txMachine *the, void *data)
{
	(void)the;
	free(data);
}

void fxCreateMachinePlatform(txMachine *the)
{
	(void)the;
}

void fxDeleteMachinePlatform(txMachine *the)
{
	(void)the;
}

void fxQueuePromiseJobs(txMachine *the)
{
	struct wx_machine *machine = the->context;
	machine->promise_jobs = true;
}

#ifndef mxParse
txScript *fxParseScript(txMachine *the, void *stream, txGetter getter, txUnsigned flags)
{
	(void)the, (void)stream, (void)getter, (void)flags;
	return NULL; /* The engine throws a SyntaxError. */
}
#endif
