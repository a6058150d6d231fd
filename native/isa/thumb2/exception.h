/* The frame of an exception of Cortex-M, for wx_interrupt_frame (native/run/runtime.h). */
#ifndef WX_THUMB2_EXCEPTION_H
#define WX_THUMB2_EXCEPTION_H

#include <stdbool.h>
#include <stdint.h>

struct wx_exception {
	uint32_t *frame; /* where the exception stacked r0-r3, r12, lr, pc, xPSR */
	bool extended; /* with floating-point registers: EXC_RETURN bit 4 clear */
};

#endif
