/* Figures of the process: memory, and instructions by phase. */

#include "xsAll.h"
#include "xs.h"
#include "machine.h"
#include "linux-natives.h"

#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif

void wx_port_mark(enum wx_phase phase)
{
#ifdef __linux__
	/* No such descriptor, so nothing happens, but the counting plugin of the emulator sees it. */
	syscall(SYS_write, -77, (long)phase, 0);
#else
	(void)phase;
#endif
}

/* Bytes, but for keys. `live` is what the last collection, or boot, left plus what was allocated since. */
enum figure {
	SLOTS,
	SLOTS_PEAK,
	SLOTS_LIVE,
	CHUNKS,
	CHUNKS_PEAK,
	CHUNKS_LIVE,
	STACK,
	STACK_PEAK,
	C_STACK_PEAK,
	ENGINE,
	ENGINE_PEAK,
	NATIVE,
	NATIVE_PEAK,
	SCRIPT,
	KEYS,
	KEYS_USED,
	FIGURES
};
static const char *const names[FIGURES] = { "slots", "slotsPeak", "slotsLive", "chunks", "chunksPeak", "chunksLive",
	"stack", "stackPeak", "cStackPeak", "engine", "enginePeak", "native", "nativePeak", "script", "keys", "keysUsed" };

/*
 * How deep the XS stack ever was. Conversions of numbers use its far end for scratch, so the untouched part is searched
 * from the near end: there is some when eight slots in a row are as painted.
 */
static uint32_t painted_stack(txMachine *the)
{
	const uint8_t *top = (uint8_t *)the->stackTop, *bottom = (uint8_t *)the->stackBottom, *p = (uint8_t *)the->stack;
	size_t run = 0;
	while (p > bottom && run < 8 * sizeof(txSlot))
		run = *--p == 0xA5 ? run + 1 : 0;
	return (uint32_t)(top - (p + run));
}

static uint32_t painted_cstack(const struct wx_machine *machine)
{
	const uint8_t *top = (uint8_t *)machine->cstack_top, *p = top - machine->budget.cstack;
	while (p < top && *p == 0xA5)
		p++;
	return (uint32_t)(top - p);
}

static void measure(const struct wx_machine *machine, uint32_t figures[FIGURES])
{
	txMachine *the = machine->xs;
	memset(figures, 0, FIGURES * sizeof(*figures));
	figures[NATIVE] = (uint32_t)machine->port.alloc.current;
	figures[NATIVE_PEAK] = (uint32_t)machine->port.alloc.peak;
	figures[ENGINE] = (uint32_t)machine->engine.current;
	figures[ENGINE_PEAK] = (uint32_t)machine->engine.peak;
	figures[SCRIPT] = wx_script_bytes(machine);
	figures[C_STACK_PEAK] = painted_cstack(machine);
	if (!the)
		return;
	figures[SLOTS] = machine->slot_bytes;
	figures[SLOTS_PEAK] = the->peakHeapCount * sizeof(txSlot);
	figures[SLOTS_LIVE] = the->currentHeapCount * sizeof(txSlot);
	figures[CHUNKS] = machine->chunk_bytes;
	/* A chunk that was renewed counts twice for the engine until the next collection. */
	figures[CHUNKS_PEAK] = the->peakChunksSize < (txSize)machine->chunk_bytes ? (uint32_t)the->peakChunksSize
																			  : machine->chunk_bytes;
	figures[CHUNKS_LIVE] = the->currentChunksSize;
	figures[STACK] = machine->stack_bytes;
	figures[STACK_PEAK] = painted_stack(the);
	figures[KEYS] = the->keyCount;
	figures[KEYS_USED] = wx_port_keys_used(the);
}

/* Peaks begin anew with what is in use now; the stacks', which are read from painted memory, do not. */
void xs_host_peaks(txMachine *the)
{
	struct wx_machine *machine = wx_machine_of(the);
	the->peakHeapCount = the->currentHeapCount;
	the->peakChunksSize = the->currentChunksSize;
	wx_alloc_reset_peak(&machine->port.alloc);
	wx_alloc_reset_peak(&machine->engine);
}

void xs_host_memory(txMachine *the)
{
	uint32_t figures[FIGURES];
	int i;
	measure(wx_machine_of(the), figures);
	mxPush(mxObjectPrototype);
	fxNewObjectInstance(the);
	mxPullSlot(mxResult);
	for (i = 0; i < FIGURES; i++) {
		mxPushInteger((txInteger)figures[i]);
		mxPushSlot(mxResult);
		mxSetID(fxNewNameC(the, (txString)names[i]));
		mxPop();
	}
}

void wx_write_reply(struct wx_device *device)
{
	uint32_t figures[FIGURES];
	int i;
	if (!device->reply)
		return;
	measure(&device->machine, figures);
	fprintf(device->reply, "{\"status\":%d,\"memory\":{", device->machine.status);
	for (i = 0; i < FIGURES; i++)
		fprintf(device->reply, "%s\"%s\":%u", i ? "," : "", names[i], (unsigned)figures[i]);
	fprintf(device->reply, "}}\n");
	fflush(device->reply);
}
