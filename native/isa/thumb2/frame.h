/* What wx_host_entry (entry.S) leaves on the stack of compiled code. Read by the C compiler and by the assembler. */
#ifndef WX_FRAME_H
#define WX_FRAME_H

#include "isa.h"

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

/* Pushed from the end to the front, so that entry.S needs no offsets. */
struct wx_host_frame {
	uintptr_t gp[ISA_GP_ARG_COUNT];
	uint64_t fp[ISA_FP_ARG_COUNT];
	uint64_t saved_fp[7]; /* d8-d14 */
	uintptr_t saved[5]; /* r4-r8 */
	uintptr_t link;
};

_Static_assert(offsetof(struct wx_host_frame, saved_fp) == 4 * ISA_GP_ARG_COUNT + 8 * ISA_FP_ARG_COUNT &&
		offsetof(struct wx_host_frame, saved) == offsetof(struct wx_host_frame, saved_fp) + 8 * 7 &&
		sizeof(struct wx_host_frame) == offsetof(struct wx_host_frame, saved) + 4 * 6,
	"entry.S");
_Static_assert(ISA_CALLEE_SAVED == 0x7F0001F0u, "entry.S saves these");

#endif

#endif
