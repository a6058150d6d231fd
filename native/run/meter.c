/* What metered code calls when nothing is left. */

#include "internal.h"

/* Of a run time whose owner has no use for it. */
static void refill_for_ever(void *data)
{
	struct wx_meter *meter = data;
	meter->left = meter->granted = INT32_MAX;
}

void wx_runtime_set_meter(struct wx_runtime *runtime, struct wx_meter *meter)
{
	meter->entry = wx_meter_entry;
	runtime->meter = meter;
}

void wx_meter_init(struct wx_runtime *runtime)
{
	runtime->own_meter = (struct wx_meter){
		.left = INT32_MAX, .granted = INT32_MAX, .refill = refill_for_ever, .data = &runtime->own_meter
	};
	wx_runtime_set_meter(runtime, &runtime->own_meter);
}

/* From entry.S, on the C stack: 0, or the trap that ends the call. */
int wx_meter_enter(struct wx_runtime *runtime)
{
	bool busy = runtime->alloc->busy;
	/* What the call keeps in registers is where no collection finds it. */
	runtime->alloc->busy = true;
	runtime->meter->refill(runtime->meter->data);
	runtime->alloc->busy = busy;
	return runtime->interrupt ? WX_TRAP_INTERRUPTED : 0;
}
