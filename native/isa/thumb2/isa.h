/*
 * ARMv7 Thumb-2 with VFP: registers and conventions of compiled code.
 *
 *   r0-r3    arguments and results of word type; temporaries
 *   r4-r8    saved by the callee: locals in registers
 *   r9       context of the instance (native/abi/context.h)
 *   r10      base of linear memory
 *   r11      size of linear memory in bytes, less the function's slack (assembler.h)
 *   lr       temporaries and locals, once the frame holds the return address; changed by calls
 *   r12      scratch of the assembler
 *   d0-d7    floating-point arguments and results; temporaries (an f32 in the even half s(2n))
 *   d8-d14   saved by the callee
 *   d15      scratch
 *
 *   higher addresses
 *   | caller's frame          |
 *   | return address, r4-r8.. |  pushed together
 *   | d8-d14 as used          |
 *   | locals, spill slots     |  <- sp inside the function, a multiple of 8 at calls
 *
 * FPSCR.DN is set while compiled code runs, so arithmetic gives canonical NaNs.
 */
#ifndef WX_ISA_H
#define WX_ISA_H

#define ISA_NAME "thumb2"
#define ISA_NUMBER WX_ISA_THUMB2
#define ISA_WORD 4
#define ISA_CODE_BIT ((uintptr_t)1) /* set in addresses of code that are jumped to: Thumb state */
#define ISA_DIRECT_CALLS 1 /* C functions may be called on the stack of compiled code: direct-call.h */
#define ISA_CALL_PUSHES 0 /* a call leaves the return address in a register, not on the stack */
#define ISA_GENERAL 0xFFFFu /* general registers, by their own numbers */
#define ISA_FLOAT 0xFFFF0000u /* floating-point registers: WX_FP(0) .. */
#define ISA_SP 13
#define ISA_CTX 9
#define ISA_MEMORY 10
#define ISA_MEMORY_LIMIT 11
#define ISA_STATUS 0 /* status of helpers, trap kind at the vectors */
#define ISA_TAIL 12 /* target of a tail call through a register */
#define ISA_LEAF_LINK 12 /* a frameless function's return address at a trap vector */
#define ISA_CALLER_SAVED 0x00FF400Fu /* allocatable: r0-r3, lr, d0-d7 */
#define ISA_CALLEE_SAVED 0x7F0001F0u /* allocatable: r4-r8, d8-d14 */
#define ISA_DIVISION 0u /* allocatable, and changed by division */
#define ISA_LINK 0x4000u /* allocatable, and holds the return address at the entry: lr */
#define ISA_GP_ARGS \
	{ \
		0, 1, 2, 3 \
	}
#define ISA_GP_ARG_COUNT 4
#define ISA_FP_ARG_COUNT 8 /* WX_FP(0) .. */
#define ISA_CALL_SCRATCH 12 /* free for the generator between placing arguments and wx_asm_call_register */
#define ISA_FP_SCRATCH 31 /* WX_FP(15): free for the generator's constants and parallel moves */
#define ISA_CODE_ALIGN 4
#define ISA_VECTOR_SIZE 8
#define ISA_TABLE_HEAD 8 /* bytes of a jump table before its entries, as wx_asm_table gives it */
#define ISA_JUMP_SIZE 4
#define ISA_CALL_BYTES 6u /* what a call takes, about, and a move for each argument and the result */
#define ISA_MOVE_BYTES 2u
#define ISA_INLINED 32u /* bytes of a function's code that a call in a loop is worth */
#define ISA_FRAME_ALIGN 8

#endif
