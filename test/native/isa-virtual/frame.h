/* What wx_host_entry (entry.c) leaves on the stack of compiled code. */
#ifndef WX_FRAME_H
#define WX_FRAME_H

#include <stdint.h>

#include "isa.h"

struct wx_host_frame {
	uintptr_t gp[ISA_GP_ARG_COUNT];
	uint64_t fp[ISA_FP_ARG_COUNT];
	uintptr_t saved[9]; /* ISA_CALLEE_SAVED in ascending order */
	uintptr_t link;
};

#endif
