/* What wx_host_entry (entry.S) leaves on the stack of compiled code. Read by the C compiler and by the assembler. */
#ifndef WX_FRAME_H
#define WX_FRAME_H

#include "isa.h"

#define FRAME_FP (8 * ISA_GP_ARG_COUNT)
#define FRAME_SAVED (FRAME_FP + 8 * ISA_FP_ARG_COUNT)
#define FRAME_SAVED_FP (FRAME_SAVED + 8 * 3)
#define FRAME_SIZE (FRAME_SAVED_FP + 8 * 4) /* up to the return address, which the call has pushed */

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

struct wx_host_frame {
	uintptr_t gp[ISA_GP_ARG_COUNT];
	uint64_t fp[ISA_FP_ARG_COUNT];
	uintptr_t saved[3]; /* rbx, rbp, r12 */
	uint64_t saved_fp[4]; /* xmm8-xmm11 */
	uintptr_t link;
};

_Static_assert(offsetof(struct wx_host_frame, saved) == FRAME_SAVED &&
		offsetof(struct wx_host_frame, saved_fp) == FRAME_SAVED_FP &&
		offsetof(struct wx_host_frame, link) == FRAME_SIZE,
	"entry.S");
_Static_assert(ISA_CALLEE_SAVED == 0x0F001028u, "entry.S saves these");

#endif

#endif
