/*
 * Between C and compiled code: what native/isa/<isa>/entry.S and the run time know of each other. Read by the C
 * compiler and by the assembler.
 */
#ifndef WX_ENTRY_H
#define WX_ENTRY_H

/* of the selected ISA, by include path */
#include "frame.h" /* struct wx_host_frame, what wx_host_entry leaves on the stack */
#include "isa.h"

/* Fields of struct wx_entry */
#define ENTRY_C_SP 0
#define ENTRY_WASM_SP ISA_WORD
#define ENTRY_CODE (2 * ISA_WORD)
#define ENTRY_CONTEXT (3 * ISA_WORD)
#define ENTRY_GP (4 * ISA_WORD)
#define ENTRY_FP (ENTRY_GP + ISA_WORD * ISA_GP_ARG_COUNT)
#define ENTRY_TRAP_PC (ENTRY_FP + 8 * ISA_FP_ARG_COUNT)
#define ENTRY_TRAP_SP (ENTRY_TRAP_PC + ISA_WORD)
#define ENTRY_TRAP_LINK (ENTRY_TRAP_PC + 2 * ISA_WORD)
#define ENTRY_TRAP_CONTEXT (ENTRY_TRAP_PC + 3 * ISA_WORD)
/* Of the context: the run time, whose first word is the struct wx_entry of the innermost call */
#define ENTRY_RUNTIME (6 * ISA_WORD)
#define ENTRY_INTERRUPTED 12

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

#include "../abi/context.h"

/* A call from C into wasm. */
struct wx_entry {
	uintptr_t c_sp; /* where the C stack goes on: host calls, end of the call */
	uintptr_t wasm_sp; /* where to begin; during a host call its struct wx_host_frame */
	uintptr_t code;
	uintptr_t context;
	uintptr_t gp[ISA_GP_ARG_COUNT]; /* argument registers, then those of the result */
	uint64_t fp[ISA_FP_ARG_COUNT];
	uintptr_t trap_pc;
	uintptr_t trap_sp;
	uintptr_t trap_link; /* of a function without a frame; meaningless where calls push the return address */
	uintptr_t trap_context;
};

_Static_assert(offsetof(struct wx_entry, gp) == ENTRY_GP && offsetof(struct wx_entry, fp) == ENTRY_FP &&
		offsetof(struct wx_entry, trap_pc) == ENTRY_TRAP_PC &&
		offsetof(struct wx_entry, trap_context) == ENTRY_TRAP_CONTEXT,
	"entry.S");
_Static_assert(ENTRY_RUNTIME == WX_CTX_RUNTIME * ISA_WORD && ENTRY_INTERRUPTED == WX_TRAP_INTERRUPTED, "entry.S");

/* entry.S. They return 0, a trap kind, or the suspension that wx_host_enter has returned. */
int wx_enter(struct wx_entry *entry);
/* A suspended host call returns: its struct wx_host_frame has the results. */
int wx_reenter(struct wx_entry *entry);
extern const char wx_enter_return[]; /* where the outermost wasm function returns to */
/* Far entry of every host function; its context is a struct wx_host_function. */
void wx_host_entry(void);
/* Jumped to from a trap vector: the kind in ISA_STATUS. */
void wx_trap_exit(void);
/* Where an interrupted call is sent: the struct wx_entry is the first argument of C. */
void wx_interrupt_exit(void);
/* Called from metered code. */
void wx_meter_entry(void);
/*
 * From C on the wasm stack: wx_collect_enter on the C stack, and what it returns. What callee-saved registers hold is
 * on the wasm stack meanwhile, from wasm_sp on.
 */
int wx_collect_entry(struct wx_entry *entry);

/* The run time's, called by entry.S on the C stack. */
struct wx_runtime;
struct wx_host_function;
int wx_host_enter(struct wx_runtime *runtime, struct wx_host_function *function, struct wx_host_frame *frame);
int wx_meter_enter(struct wx_runtime *runtime);
int wx_collect_enter(struct wx_entry *entry);

#endif

#endif
