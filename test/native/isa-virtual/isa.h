/*
 * A machine that exists nowhere: registers and conventions as some real one might have them, and no two of them as x64
 * and thumb2 have. Its code is run by entry.c.
 *
 *   r1        link: holds the return address at the entry; else temporaries and locals
 *   r2        sp
 *   r5        scratch of calls; target of tail calls
 *   r6        return address of a frameless function at a trap vector
 *   r7        temporaries
 *   r8, r9    saved by the callee
 *   r10-r17   arguments and results; temporaries
 *   r18-r24   saved by the callee
 *   r25       context, r26 base of linear memory, r27 its size less the function's slack
 *   r28-r31   temporaries
 *   r0, r3, r4 are nobody's
 *
 * There are no floating-point registers. A word is a pointer of the machine that this is compiled for.
 */
#ifndef WX_ISA_H
#define WX_ISA_H

#define ISA_NAME "virtual"
#define ISA_NUMBER 0xFF
#define ISA_WORD __SIZEOF_POINTER__
#define ISA_CODE_BIT ((uintptr_t)0)
#define ISA_CALL_PUSHES 0
#define ISA_DIRECT_CALLS 0
#define ISA_GENERAL 0xFFFFFFE6u
#define ISA_FLOAT 0u
#define ISA_SP 2
#define ISA_CTX 25
#define ISA_MEMORY 26
#define ISA_MEMORY_LIMIT 27
#define ISA_STATUS 10
#define ISA_TAIL 5
#define ISA_LEAF_LINK 6
#define ISA_CALLER_SAVED 0xF003FC82u
#define ISA_CALLEE_SAVED 0x01FC0300u
#define ISA_DIVISION 0u
#define ISA_LINK 0x2u
#define ISA_GP_ARGS \
	{ \
		10, 11, 12, 13, 14, 15, 16, 17 \
	}
#define ISA_GP_ARG_COUNT 8
#define ISA_FP_ARG_COUNT 0
#define ISA_CALL_SCRATCH 5
#define ISA_FP_SCRATCH 0xFF
#define ISA_CODE_ALIGN 4
#define ISA_VECTOR_SIZE 32
#define ISA_TABLE_HEAD 32
#define ISA_JUMP_SIZE 32
#define ISA_CALL_BYTES 64u
#define ISA_MOVE_BYTES 32u
#define ISA_INLINED 512u
#define ISA_FRAME_ALIGN 8

#endif
