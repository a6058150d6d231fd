/* Figures of memory, as those of the desk boards: native/port/linux/process-metrics.c. */

#include "xsAll.h"
#include "xs.h"
#include "../../native/port/moddable/moddable.h"

static void set(txMachine *the, const char *name, size_t value)
{
	mxPushNumber((txNumber)value);
	mxPushSlot(mxResult);
	mxSetID(fxNewNameC(the, (txString)name));
	mxPop();
}

/* () => bytes in use, of each kind of memory */
void xs_host_memory(txMachine *the)
{
	const struct wx_alloc *alloc = &wx_port_of(the)->alloc;
	mxPush(mxObjectPrototype);
	fxNewObjectInstance(the);
	mxPullSlot(mxResult);
	set(the, "slots", (size_t)the->maximumHeapCount * sizeof(txSlot));
	set(the, "slotsLive", (size_t)the->currentHeapCount * sizeof(txSlot));
	set(the, "slotsPeak", (size_t)the->peakHeapCount * sizeof(txSlot));
	set(the, "chunks", (size_t)the->maximumChunksSize);
	set(the, "chunksLive", (size_t)the->currentChunksSize);
	set(the, "chunksPeak", (size_t)the->peakChunksSize);
	set(the, "native", alloc->current);
	set(the, "nativePeak", alloc->peak);
	set(the, "keysUsed", wx_port_keys_used(the));
}

void xs_host_peaks(txMachine *the)
{
	the->peakHeapCount = the->currentHeapCount;
	the->peakChunksSize = the->currentChunksSize;
	wx_alloc_reset_peak(&wx_port_of(the)->alloc);
}
