/*
 * x86-64: registers and conventions of compiled code.
 *
 *   rdi, rsi, r8-r11   arguments and (rdi) results of integer type; temporaries
 *   rdx                temporaries; division changes it
 *   rbx, rbp, r12      saved by the callee: locals in registers
 *   r14                context of the instance (native/abi/context.h)
 *   r15                base of linear memory
 *   r13                size of linear memory in bytes, less the function's slack (assembler.h)
 *   rax, rcx           scratch of the assembler
 *   xmm0-xmm7          floating-point arguments and results; temporaries
 *   xmm8-xmm11         saved by the callee (helpers of the run time keep them too)
 *   xmm12-xmm13        temporaries
 *   xmm14              scratch of the generator; xmm15 scratch of the assembler
 *
 *   higher addresses
 *   | caller's frame          |  16-byte aligned at the call
 *   | return address          |
 *   | rbx, rbp, r12 as used   |
 *   | xmm8-xmm11 as used      |
 *   | locals, spill slots     |  <- rsp inside the function, a multiple of 16
 */
#ifndef WX_ISA_H
#define WX_ISA_H

#define ISA_NAME "x64"
#define ISA_NUMBER WX_ISA_X64
#define ISA_WORD 8
#define ISA_CODE_BIT ((uintptr_t)0) /* set in addresses of code that are jumped to */
#define ISA_DIRECT_CALLS 1 /* C functions may be called on the stack of compiled code: direct-call.h */
#define ISA_CALL_PUSHES 1 /* a call leaves the return address on the stack, not in a register */
#define ISA_GENERAL 0xFFFFu /* general registers, by their own numbers */
#define ISA_FLOAT 0xFFFF0000u /* floating-point registers: WX_FP(0) .. */
#define ISA_SP 4
#define ISA_CTX 14
#define ISA_MEMORY 15
#define ISA_MEMORY_LIMIT 13
#define ISA_STATUS 0 /* rax: status of helpers, trap kind at the vectors */
#define ISA_TAIL 0 /* rax: target of a tail call through a register */
#define ISA_CALLER_SAVED 0x30FF0FC4u /* allocatable: rdx rsi rdi r8-r11, xmm0-7, xmm12-13 */
#define ISA_CALLEE_SAVED 0x0F001028u /* allocatable: rbx rbp r12, xmm8-xmm11 */
#define ISA_DIVISION 0x4u /* allocatable, and changed by division: rdx */
#define ISA_LINK 0u /* allocatable, and holds the return address at the entry */
#define ISA_GP_ARGS \
	{ \
		7, 6, 8, 9, 10, 11 \
	}
#define ISA_GP_ARG_COUNT 6
#define ISA_FP_ARG_COUNT 8 /* WX_FP(0) .. */
#define ISA_CALL_SCRATCH 0 /* rax: free for the generator between placing arguments and wx_asm_call_register */
#define ISA_FP_SCRATCH 30 /* WX_FP(14) */
#define ISA_CODE_ALIGN 16
#define ISA_VECTOR_SIZE 16
#define ISA_TABLE_HEAD 0 /* bytes of a jump table before its entries, as wx_asm_table gives it */
#define ISA_JUMP_SIZE 8
#define ISA_CALL_BYTES 8u /* what a call takes, about, and a move for each argument and the result */
#define ISA_MOVE_BYTES 3u
#define ISA_INLINED 48u /* bytes of a function's code that a call in a loop is worth */
#define ISA_FRAME_ALIGN 16

#endif
